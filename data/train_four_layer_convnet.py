"""Train the four-layer network whose weights are in this folder, on the real CIFAR-10.

Run from the workbook's folder, with the real data at hand:  python data/train_four_layer_convnet.py
Prints the numbers for the card in data/README.md; writes four_layer_convnet.weights.h5.
"""

import hashlib
import pathlib

import keras

from helpers import convnets, datasets, progress, storage
from helpers.augmentation import AugmentedImages

SEED = 0
EPOCHS = 8
BATCH_SIZE = 128
PEAK_LEARNING_RATE = 4e-3
TARGET = pathlib.Path(__file__).parent / "four_layer_convnet.weights.h5"


def main():
    """Train, measure on the test set, save."""
    keras.utils.set_random_seed(SEED)
    cifar10 = datasets.load_cifar10(data="real")
    model = convnets.four_layer_convnet()
    batches = AugmentedImages(
        cifar10.x_train, cifar10.y_train, batch_size=BATCH_SIZE, max_shift=2, seed=SEED
    )
    steps = len(batches)
    learning_rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        decay_steps=steps * (EPOCHS - 1),
        warmup_target=PEAK_LEARNING_RATE,
        warmup_steps=steps,
    )
    model.compile(
        keras.optimizers.AdamW(learning_rate, weight_decay=0.02),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(
        batches,
        epochs=EPOCHS,
        validation_data=(cifar10.x_validation, cifar10.y_validation),
        callbacks=[progress.LiveCurves("Four-layer network")],
        verbose=0,
    )
    _, accuracy = model.evaluate(cifar10.x_test, cifar10.y_test, verbose=0)
    trained = convnets.four_layer_convnet()  # without an optimizer, whose state is not wanted
    trained.set_weights(model.get_weights())
    with storage.replacing(TARGET) as draft:
        trained.save_weights(draft)
    digest = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    print(f"{cifar10.describe()}; {EPOCHS} epochs, seed {SEED}")
    print(f"test accuracy {accuracy:.4f}, SHA-256 {digest}, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

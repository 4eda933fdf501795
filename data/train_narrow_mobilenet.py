"""Train the narrow MobileNet whose weights are in this folder, on the real CIFAR-10.

Run from the workbook's folder, with the real data at hand:  python data/train_narrow_mobilenet.py
Prints the numbers for the card in data/README.md; writes narrow_mobilenet.weights.h5, without the
classifier. To try the script: --epochs 1 --pictures 1000 --target trial.weights.h5
"""

import argparse
import hashlib
import pathlib

import keras

from helpers import datasets, mobilenet, progress, storage
from helpers.augmentation import AugmentedImages

SEED = 0
BATCH_SIZE = 128
PEAK_LEARNING_RATE = 4e-3
TARGET = pathlib.Path(__file__).parent / "narrow_mobilenet.weights.h5"


def main():
    """Train, measure on the test set, save the backbone."""
    options = _options()
    keras.utils.set_random_seed(SEED)
    cifar10 = datasets.load_cifar10(data="real").subset(num_train=options.pictures)
    backbone = mobilenet.narrow_mobilenet(input_size=64)
    model = mobilenet.classifier(backbone, num_classes=len(cifar10.class_names), dropout=0.1)
    batches = AugmentedImages(
        cifar10.x_train, cifar10.y_train, batch_size=BATCH_SIZE, max_shift=4, seed=SEED
    )
    steps = len(batches)
    learning_rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        decay_steps=max(1, steps * (options.epochs - 1)),
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
        epochs=options.epochs,
        validation_data=(cifar10.x_validation, cifar10.y_validation),
        callbacks=[progress.LiveCurves("Narrow MobileNet")],
        verbose=0,
    )
    _, accuracy = model.evaluate(cifar10.x_test, cifar10.y_test, verbose=0)
    with storage.replacing(options.target) as draft:
        backbone.save_weights(draft)
    digest = hashlib.sha256(options.target.read_bytes()).hexdigest()
    print(f"{cifar10.describe()}; {options.epochs} epochs, seed {SEED}")
    size = options.target.stat().st_size
    print(f"test accuracy {accuracy:.4f}, SHA-256 {digest}, {size:,} bytes")


def _options():
    parser = argparse.ArgumentParser(description="Train the narrow MobileNet.")
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--pictures", type=int, help="training pictures; all of them by default")
    parser.add_argument("--target", type=pathlib.Path, default=TARGET)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Train the small VGG whose weights are in this folder, on the real CIFAR-10.

Run from the workbook's folder, with the real data at hand:  python data/train_small_vgg.py
Prints the numbers for the card in data/README.md; writes small_vgg.weights.h5, without the
classifier. To try the script: --epochs 1 --pictures 1000 --target trial.weights.h5
"""

import argparse
import hashlib
import pathlib

import keras
from keras import layers

from helpers import datasets, images, progress, storage
from helpers.augmentation import AugmentedImages
from helpers.style import extractors, vgg

SEED = 0
BATCH_SIZE = 128
PEAK_LEARNING_RATE = 1e-3
PICTURES_FOR_MEANS = 5_000
TARGET = pathlib.Path(__file__).parent / extractors.SMALL_VGG_FILE


def main():
    """Train, measure on the test set, bring activations to a mean of 1, save the convolutions."""
    options = _options()
    keras.utils.set_random_seed(SEED)
    cifar10 = datasets.load_cifar10(data="real").subset(num_train=options.pictures)
    network = vgg.small_vgg()
    model = _classifier(network, len(cifar10.class_names))
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
        keras.optimizers.AdamW(learning_rate, weight_decay=0.02, clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(
        batches,
        epochs=options.epochs,
        validation_data=(cifar10.x_validation, cifar10.y_validation),
        callbacks=[progress.LiveCurves("Small VGG")],
        verbose=0,
    )
    _, accuracy = model.evaluate(cifar10.x_test, cifar10.y_test, verbose=0)
    vgg.scale_to_unit_means(network, images.scale_pixels(cifar10.x_train[:PICTURES_FOR_MEANS]))
    with storage.replacing(options.target) as draft:
        network.save_weights(draft)
    digest = hashlib.sha256(options.target.read_bytes()).hexdigest()
    print(f"{cifar10.describe()}; {options.epochs} epochs, seed {SEED}")
    size = options.target.stat().st_size
    print(f"test accuracy {accuracy:.4f}, SHA-256 {digest}, {size:,} bytes")


def _classifier(network, num_classes):
    """Put uint8 pictures before the convolutions, and a linear classifier after them."""
    pictures = keras.Input((32, 32, 3), dtype="uint8", name="pictures")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(pictures)
    x = layers.GlobalAveragePooling2D(name="average")(network(x))
    x = layers.Dropout(0.2, name="dropout")(x)
    scores = layers.Dense(num_classes, name="scores")(x)
    return keras.Model(pictures, scores, name="small_vgg_classifier")


def _options():
    parser = argparse.ArgumentParser(description="Train the small VGG.")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--pictures", type=int, help="training pictures; all of them by default")
    parser.add_argument("--target", type=pathlib.Path, default=TARGET)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Training the SimpleConvNet: the workbook's better recipe against the source article's script."""

import json
import sys

import keras

from helpers import convnets, datasets
from helpers.augmentation import AugmentedImages
from tests.benchmarks import measure
from tests.benchmarks.report import Row
from tests.benchmarks.timing import EpochClock

ARTICLE_EPOCHS = 20
OUR_EPOCHS = 10  # of a schedule of 30, as in notebook 01
SCHEDULE_EPOCHS = 30
BATCH_SIZE = 256
PEAK_LEARNING_RATE = 3e-3
WEIGHT_DECAY = 0.01
TARGET_ACCURACY = 0.65  # the article's result, on the test set


def rows(data):
    """Measure both sides and compare them; `data` is the workbook's data setting."""
    ours = measure.run_module("tests.benchmarks.simple_convnet", data)
    theirs = measure.run_module("tests.benchmarks.article_simple_convnet", data, ARTICLE_EPOCHS)
    memory = ours["peak_memory"] / theirs["peak_memory"]
    speed = ours["images_per_second"] / theirs["images_per_second"]
    return [
        Row(
            "peak memory of training",
            f"{ours['peak_memory'] / 1e9:.2f} GB",
            f"{theirs['peak_memory'] / 1e9:.2f} GB",
            memory,
            "at most 0.40 on CIFAR-10",
            memory <= 0.4,
        ),
        Row(
            "images per second, fastest epoch",
            f"{ours['images_per_second']:,.0f}",
            f"{theirs['images_per_second']:,.0f}",
            speed,
            "at least 1.00",
            speed >= 1,
        ),
        _epochs_row(_epochs_to_target(ours), _epochs_to_target(theirs)),
    ]


def _epochs_row(ours, theirs):
    ratio = ours / (theirs or ARTICLE_EPOCHS) if ours else None
    return Row(
        f"epochs to {TARGET_ACCURACY:.0%} on the test set",
        str(ours or f"not in {OUR_EPOCHS}"),
        str(theirs or f"not in {ARTICLE_EPOCHS}"),
        ratio,
        "at most 0.25",
        ratio is not None and ratio <= 0.25,
    )


def _epochs_to_target(report):
    accuracies = enumerate(report["accuracy"], 1)
    return next((epoch for epoch, value in accuracies if value >= TARGET_ACCURACY), None)


def main(data):
    """Train for a few epochs as notebook 01 does, then print one line of JSON."""
    keras.utils.set_random_seed(0)
    cifar10 = datasets.load_cifar10(data, num_validation=0, progress=False)
    model = convnets.simple_convnet()
    batches = AugmentedImages(
        cifar10.x_train, cifar10.y_train, batch_size=BATCH_SIZE, max_shift=2, seed=0
    )
    learning_rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        warmup_target=PEAK_LEARNING_RATE,
        warmup_steps=len(batches),
        decay_steps=len(batches) * (SCHEDULE_EPOCHS - 1),
    )
    averaging = {"use_ema": True, "ema_momentum": 1 - 1 / (len(batches) // 2)}
    model.compile(
        keras.optimizers.AdamW(learning_rate, weight_decay=WEIGHT_DECAY, **averaging),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=16,
    )
    clock = EpochClock(len(cifar10.x_train))
    history = model.fit(
        batches,
        epochs=OUR_EPOCHS,
        validation_data=(cifar10.x_test, cifar10.y_test),
        callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True), clock],
        verbose=0,
    ).history
    print(json.dumps(clock.report() | {"accuracy": history["val_accuracy"]}))


if __name__ == "__main__":
    main(sys.argv[1])

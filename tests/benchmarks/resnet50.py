"""ResNet-50 as the workbook writes it out, against that of keras.applications."""

import json
import sys
import time

import keras
import numpy as np

from helpers import resnet
from tests.benchmarks import measure
from tests.benchmarks.report import Row

INPUT_SHAPE, NUM_CLASSES = (64, 64, 3), 6  # the hand signs of notebook 05
BATCH_SIZE = 32
ROUNDS = 2  # both sides take turns, so that other load hits both
REPEATS = 8  # of which the fastest counts
LEAST_RATIO = 0.95


def rows(data):
    """Measure both sides on random pictures; `data` is not needed."""
    reports = {"ours": [], "theirs": []}
    for _ in range(ROUNDS):
        for side, done in reports.items():
            done.append(measure.run_module("tests.benchmarks.resnet50", side))
    return [
        _row("forward", "forward", reports),
        _row("training", "training step", reports),
    ]


def _row(key, what, reports):
    ours, theirs = (max(report[key] for report in done) for done in reports.values())
    return Row(
        f"ResNet-50, {what}, pictures per second",
        f"{ours:.1f}",
        f"{theirs:.1f}",
        ours / theirs,
        f"at least {LEAST_RATIO:.2f}",
        ours / theirs >= LEAST_RATIO,
    )


def main(side):
    """Measure one side, then print one line of JSON."""
    keras.utils.set_random_seed(0)
    if side == "ours":
        model = resnet.resnet50(INPUT_SHAPE, NUM_CLASSES)
    else:
        model = keras.applications.ResNet50(
            weights=None, input_shape=INPUT_SHAPE, classes=NUM_CLASSES
        )
    model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    pictures = rng.normal(scale=50, size=(BATCH_SIZE, *INPUT_SHAPE)).astype("float32")
    labels = rng.integers(0, NUM_CLASSES, BATCH_SIZE)
    report = {
        "forward": BATCH_SIZE / _fastest(lambda: model.predict_on_batch(pictures)),
        "training": BATCH_SIZE / _fastest(lambda: model.train_on_batch(pictures, labels)),
    }
    print(json.dumps(report))


def _fastest(step):
    """Return the seconds of the fastest of some calls, the first ones not counted."""
    step()
    step()
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


if __name__ == "__main__":
    main(sys.argv[1])

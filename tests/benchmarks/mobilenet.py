"""Transfer learning with MobileNet: two better ways against the source article's."""

import json
import sys
import time

import keras
import numpy as np
from keras import layers

from helpers import datasets, mobilenet
from tests.benchmarks import measure
from tests.benchmarks.report import Row

TRAINING_PICTURES, TEST_PICTURES = 5_000, 2_000
ARTICLE_SIZE, ARTICLE_EPOCHS = 32, 3
SIZE = 64  # pixels, of the pictures that our ways enlarge to


def rows(data):
    """Measure all ways on the same pictures and from the same weights, each in its own process."""
    theirs = measure.run_module("tests.benchmarks.mobilenet", "article", data)
    return [
        _row(what, measure.run_module("tests.benchmarks.mobilenet", way, data), theirs)
        for way, what in {
            "fine-tuning": "fine-tuning all layers, once over half of the pictures, seconds",
            "caching": "a new head on features computed once, seconds",
        }.items()
    ]


def _row(what, ours, theirs):
    ratio = ours["seconds"] / theirs["seconds"]
    return Row(
        what,
        f"{ours['seconds']:.1f}, accuracy {ours['accuracy']:.3f}",
        f"{theirs['seconds']:.1f}, accuracy {theirs['accuracy']:.3f}",
        ratio,
        "at most 1.00, and at least the accuracy",
        ratio <= 1 and ours["accuracy"] >= theirs["accuracy"],
    )


def as_the_article(backbone, x, y):
    """Train all layers for three epochs, on pictures in 0 to 1 as they are."""
    model = mobilenet.classifier(backbone, 10, value_range=(0, 1))
    _compile(model, 1e-3)
    model.fit(x, y, batch_size=100, epochs=ARTICLE_EPOCHS, verbose=0)
    return model


def fine_tuning(backbone, x, y):
    """Train all layers once over half of the pictures, enlarged and in -1 to 1."""
    x, y = x[: len(x) // 2], y[: len(y) // 2]
    model = mobilenet.classifier(backbone, 10)
    steps = -(-len(x) // 64)
    _compile(model, keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=steps))
    model.fit(x, y, batch_size=64, epochs=1, verbose=0)
    return model


def caching(backbone, x, y):
    """Compute the features once, and train nothing but a head on them."""
    features = mobilenet.features(backbone, x)
    head = keras.Sequential([keras.Input(features.shape[1:]), layers.Dense(10)])
    _compile(head, 3e-3)
    head.fit(features, y, batch_size=64, epochs=20, verbose=0)
    model = mobilenet.classifier(backbone, 10)
    model.get_layer("scores").set_weights(head.get_weights())
    return model


WAYS = {
    "article": (as_the_article, ARTICLE_SIZE),
    "fine-tuning": (fine_tuning, SIZE),
    "caching": (caching, SIZE),
}


def main(way, data):
    """Train in one way, then print one line of JSON."""
    keras.utils.set_random_seed(0)
    cifar10 = datasets.load_cifar10(data, progress=False).subset(num_train=TRAINING_PICTURES)
    train, size = WAYS[way]
    backbone = mobilenet.load_backbone("auto", input_size=size, download=False).model
    started = time.monotonic()
    model = train(backbone, cifar10.x_train, cifar10.y_train)
    seconds = time.monotonic() - started
    scores = model.predict(cifar10.x_test[:TEST_PICTURES], verbose=0)
    accuracy = float(np.mean(scores.argmax(axis=1) == cifar10.y_test[:TEST_PICTURES]))
    print(json.dumps({"seconds": seconds, "accuracy": accuracy}))


def _compile(model, learning_rate):
    model.compile(
        keras.optimizers.Adam(learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

"""One side of a comparison: the SimpleConvNet trained as the source article's script does it.

Pictures become float64 between 0 and 1 and labels one-hot, all at once, before training. By itself:
``python -m tests.benchmarks.article_simple_convnet real 20 1``, for data, epochs and seed.
"""

import json
import sys

import keras
from keras import layers

from helpers import datasets
from tests.benchmarks.timing import EpochClock


def main(data, epochs, seed=0):
    """Train, then print one line of JSON."""
    keras.utils.set_random_seed(seed)
    cifar10 = datasets.load_cifar10(data, num_validation=0, progress=False)
    x_train, y_train = cifar10.x_train / 255, keras.utils.to_categorical(cifar10.y_train, 10)
    x_test, y_test = cifar10.x_test / 255, keras.utils.to_categorical(cifar10.y_test, 10)
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(30, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(100, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-3), "categorical_crossentropy", metrics=["accuracy"])
    clock = EpochClock(len(x_train))
    history = model.fit(
        x_train,
        y_train,
        batch_size=100,
        epochs=epochs,
        validation_data=(x_test, y_test),
        callbacks=[clock],
        verbose=0,
    ).history
    print(json.dumps(clock.report() | {"accuracy": history["val_accuracy"]}))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

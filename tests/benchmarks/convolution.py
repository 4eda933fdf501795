"""Convolution in NumPy: the fast version, the four loops, and Keras on the CPU."""

import json
import sys
import time

import numpy as np

from helpers import convolution
from tests.benchmarks import measure
from tests.benchmarks.report import Row

WHAT = "32 pictures of 32 × 32 × 3, 30 filters of 5 × 5"
IMAGES, KERNELS, MAPS = (32, 32, 32, 3), (5, 5, 3, 30), (32, 28, 28, 30)
DIRECTIONS = ("forward", "backward")
MOST = {"loops": 0.01, "keras": 4}  # our time as a share of theirs
ROUNDS = 2  # our side and Keras take turns, so that other load hits both
REPEATS = 40  # of which the fastest counts


def rows(data):
    """Measure all sides on the same random numbers; `data` is not needed."""
    reports = {"ours": [], "keras": [], "loops": [_run("loops")]}  # the loops take seconds
    for _ in range(ROUNDS):
        for side in ("ours", "keras"):
            reports[side].append(_run(side))
    made = []
    for direction in DIRECTIONS:
        sums = [report[f"{direction} sum"] for done in reports.values() for report in done]
        if not np.allclose(sums, sums[0], rtol=1e-4):
            raise RuntimeError(f"the sides do not compute the same: {sums}")
        best = {side: min(report[direction] for report in done) for side, done in reports.items()}
        for other, name in (("loops", "four loops"), ("keras", "Keras, compiled, on the CPU")):
            ratio = best["ours"] / best[other]
            made.append(
                Row(
                    f"{WHAT}: {direction}, against {name}, ms",
                    f"{best['ours']:.2f}",
                    f"{best[other]:,.2f}",
                    ratio,
                    f"at most {MOST[other]:g}",
                    ratio <= MOST[other],
                )
            )
    return made


def our_side():
    """Time the version that one uses."""
    return _times(convolution.conv_forward, convolution.conv_backward)


def loops_side():
    """Time the version that one reads."""
    return _times(convolution.conv_forward_loops, convolution.conv_backward_loops, repeats=1)


def keras_side():
    """Time Keras' layer and its gradients, each as one graph."""
    import tensorflow as tf
    from keras import layers

    tf.config.set_visible_devices([], "GPU")
    images, kernels, biases, _ = _numbers()
    layer = layers.Conv2D(KERNELS[3], KERNELS[:2])
    layer.build(IMAGES)
    layer.set_weights([kernels, biases])
    forward_graph = tf.function(layer)

    @tf.function
    def backward_graph(maps_gradient, images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            maps = layer(images)
        wanted = [images, layer.kernel.value, layer.bias.value]
        return tape.gradient(maps, wanted, maps_gradient)

    def forward(*_):
        return forward_graph(images).numpy()

    def backward(maps_gradient, *_):
        return [gradient.numpy() for gradient in backward_graph(maps_gradient, images)]

    images = tf.constant(images)
    return _times(forward, backward)


def _run(side):
    return measure.run_module("tests.benchmarks.convolution", side)


def _numbers():
    rng = np.random.default_rng(0)
    shapes = (IMAGES, KERNELS, KERNELS[3:], MAPS)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


def _times(forward, backward, repeats=REPEATS):
    """Return the milliseconds of the fastest call of each, and what the results add up to."""
    images, kernels, biases, maps_gradient = _numbers()
    calls = {
        "forward": lambda: [forward(images, kernels, biases)],
        "backward": lambda: backward(maps_gradient, images, kernels),
    }
    report = {}
    for direction, call in calls.items():
        seconds = []
        for _ in range(repeats):
            started = time.perf_counter()
            made = call()
            seconds.append(time.perf_counter() - started)
        report[direction] = 1000 * min(seconds)
        report[f"{direction} sum"] = float(sum(np.abs(part).sum(dtype=float) for part in made))
    return report


SIDES = {"ours": our_side, "keras": keras_side, "loops": loops_side}

if __name__ == "__main__":
    print(json.dumps(SIDES[sys.argv[1]]()))

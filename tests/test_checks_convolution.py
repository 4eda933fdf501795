"""Answers as learners write them; the mistakes that the exercises list are tried in test_checks."""

import numpy as np
import pytest

from helpers import checks
from helpers.checks import judging


def zero_pad(images, padding):
    batch, height, width, channels = images.shape
    padded = np.zeros((batch, height + 2 * padding, width + 2 * padding, channels))
    padded[:, padding : padding + height, padding : padding + width] = images
    return padded


def conv_forward(images, kernels, biases, stride=1, padding=0):
    padded = zero_pad(images, padding)
    size_y, size_x, _, num_out = kernels.shape
    rows = (padded.shape[1] - size_y) // stride + 1
    columns = (padded.shape[2] - size_x) // stride + 1
    maps = np.zeros((len(images), rows, columns, num_out))
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            window = padded[:, top : top + size_y, left : left + size_x]
            maps[:, row, column] = np.tensordot(window, kernels, 3) + biases
    return maps


def pool_forward(images, size, stride, mode="max"):
    rows = range(0, images.shape[1] - size + 1, stride)
    columns = range(0, images.shape[2] - size + 1, stride)
    choose = {"max": np.max, "average": np.mean}[mode]
    windows = [[images[:, y : y + size, x : x + size] for x in columns] for y in rows]
    return np.array([[choose(w, axis=(1, 2)) for w in row] for row in windows]).transpose(
        2, 0, 1, 3
    )


def pool_backward(maps_gradient, images, size, stride, mode="max"):
    result = np.zeros(images.shape)
    for place in np.ndindex(maps_gradient.shape):
        picture, row, column, channel = place
        window = result[picture, :, :, channel][row * stride :, column * stride :][:size, :size]
        seen = images[picture, :, :, channel][row * stride :, column * stride :][:size, :size]
        if mode == "max":
            window[np.unravel_index(seen.argmax(), seen.shape)] += maps_gradient[place]
        else:
            window += maps_gradient[place] / seen.size
    return result


@pytest.mark.parametrize("answer", [zero_pad, conv_forward, pool_forward, pool_backward])
def test_answers_in_loops_pass(answer):
    verdict = judging.judge(getattr(checks, answer.__name__), answer)
    assert verdict.status == "passed", verdict.text


def test_float32_is_exact_enough():
    def in_single_precision(images, kernels, biases, stride=1, padding=0):
        arrays = (array.astype("float32") for array in (images, kernels, biases))
        return conv_forward(*arrays, stride, padding).astype("float32")

    assert judging.judge(checks.conv_forward, in_single_precision).status == "passed"


def test_the_first_case_is_small_enough_for_paper():
    images, kernels, biases, stride, padding = checks.conv_forward.cases()[0].args
    # 1·1 + 2·2 + 3·5 + 5·6 + 10 = 60: the window (1 2; 5 6) under the kernel (1 2; 3 5)
    maps = checks.conv_forward.helper(images, kernels, biases, stride, padding)
    assert maps[0, 0, 0, 0] == 60


def test_a_forgotten_bias_is_shown_with_numbers():
    def forgot(images, kernels, biases, stride=1, padding=0):
        return conv_forward(images, kernels, [0] * len(biases), stride, padding)

    verdict = judging.judge(checks.conv_forward, forgot)
    assert (
        "6 of 6 numbers wrong, the first at [0, 0, 0, 0]: expected 60.0, got 50.0" in verdict.text
    )
    assert verdict.hint == "Add the bias to the sum, one for each kernel."


def test_padding_counted_from_the_end_fails_without_padding_only():
    def sliced(images, padding):
        padded = np.pad(images * 0, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
        padded[:, padding:-padding, padding:-padding] = images
        return padded

    verdict = judging.judge(checks.zero_pad, sliced)
    assert "4 of 5 cases pass" in verdict.text
    assert "This one does not: no zeros at all." in verdict.text
    assert verdict.hint.startswith("With no padding, padding:-padding is 0:0")


def test_a_maximum_that_begins_with_zero_is_found_out():
    def from_zero(images, size, stride, mode="max"):
        maps = pool_forward(images, size, stride, mode)
        return np.where(maps > 0, maps, 0) if mode == "max" else maps

    verdict = judging.judge(checks.pool_forward, from_zero)
    assert "This one does not: pixels below zero." in verdict.text
    assert "do not begin the search for the largest with 0" in verdict.hint

"""Answers to the exercises of notebook 02."""

import functools
import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from answers import forms


def stretched_in_loops(pictures):
    result = np.empty(pictures.shape)
    for number, picture in enumerate(pictures):
        low, high = picture.min(), picture.max()
        for place in np.ndindex(picture.shape):
            result[number][place] = 0.5 if low == high else (picture[place] - low) / (high - low)
    return result


def stretched_rows(pictures):
    rows = pictures.reshape(len(pictures), -1)
    ranges = np.ptp(rows, axis=1)[:, None]
    moved = rows - rows.min(axis=1)[:, None]
    return np.divide(moved, ranges, out=np.full(rows.shape, 0.5), where=ranges > 0).reshape(
        pictures.shape
    )


def stretched_by_interpolation(x):
    return np.stack(
        [np.interp(p, [p.min(), p.max()], [0, 1]) if p.std() else np.full_like(p, 0.5) for p in x]
    )


def stretched_and_repaired(pictures):
    axes = (1, 2, 3)
    low, high = np.amin(pictures, axes, keepdims=True), np.amax(pictures, axes, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.nan_to_num((pictures - low) / (high - low), nan=0.5)


def stretched_tensors(pictures):
    low = ops.min(pictures, axis=(1, 2, 3), keepdims=True)
    span = ops.max(pictures, axis=(1, 2, 3), keepdims=True) - low
    return ops.where(span > 0, (pictures - low) / ops.where(span > 0, span, 1), 0.5)


def stretched_symmetrically(pictures):
    low, high = (f(pictures, axis=(1, 2, 3), keepdims=True) for f in (np.min, np.max))
    half = (high - low) / 2
    return 0.5 + (pictures - (low + high) / 2) / np.where(half == 0, 1, half) / 2


def alike_in_loops(a, b):
    table = np.zeros((len(a), len(b)))
    for row, one in enumerate(a):
        for column, other in enumerate(b):
            x, y = one - one.mean(), other - other.mean()
            products = sum((x * y).ravel())
            table[row, column] = abs(products) / math.sqrt((x**2).sum() * (y**2).sum())
    return table


def alike_by_correlation(kernels, references):
    rows = np.concatenate([kernels, references]).reshape(len(kernels) + len(references), -1)
    return np.abs(np.corrcoef(rows)[: len(kernels), len(kernels) :])


def alike_by_einsum(kernels, references):
    def unit(patterns):
        centred = patterns - np.einsum("nhw->n", patterns)[:, None, None] / patterns[0].size
        return centred / np.sqrt(np.einsum("nhw,nhw->n", centred, centred))[:, None, None]

    return np.abs(np.einsum("ahw,bhw->ab", unit(kernels), unit(references)))


def alike_by_standard_scores(kernels, references):
    def scores(patterns):
        spread = patterns.std(axis=(1, 2), keepdims=True)
        return (patterns - patterns.mean(axis=(1, 2), keepdims=True)) / spread

    products = scores(kernels)[:, None] * scores(references)
    return np.abs(products.mean(axis=(2, 3))).astype("float32")


def alike_by_keras(kernels, references):
    def rows(patterns):
        patterns = ops.reshape(patterns, (len(patterns), -1))
        return keras.utils.normalize(patterns - ops.mean(patterns, axis=1, keepdims=True), axis=1)

    return ops.abs(ops.matmul(rows(kernels), ops.transpose(rows(references))))


def alike_by_tensordot(kernels, references):
    def unit(pattern):
        return (pattern - np.mean(pattern)) / np.linalg.norm(pattern - np.mean(pattern))

    units = [np.array([unit(pattern) for pattern in x]) for x in (kernels, references)]
    return np.sqrt(np.tensordot(*units, axes=((1, 2), (1, 2))) ** 2)


def field_from_the_top(kernel_sizes, strides):
    size = 1
    for kernel_size, stride in zip(reversed(kernel_sizes), reversed(strides), strict=True):
        size = (size - 1) * stride + kernel_size
    return size


def field_of_products(kernel_sizes, strides):
    steps = np.cumprod([1, *strides[:-1]])
    return 1 + np.dot(np.array(kernel_sizes) - 1, steps)


def field_by_recursion(sizes, strides):
    if not sizes:
        return 1
    return (field_by_recursion(sizes[1:], strides[1:]) - 1) * strides[0] + sizes[0]


def field_by_reduction(kernel_sizes, strides):
    def add(state, layer):
        (size, step), (kernel_size, stride) = state, layer
        return size + (kernel_size - 1) * step, step * stride

    return functools.reduce(add, zip(kernel_sizes, strides, strict=True), (1, 1))[0]


def field_by_pixels(kernel_sizes, strides):
    """Follow what the topmost unit sees down to the picture, pixel by pixel."""
    seen = {0}
    for size, stride in list(zip(kernel_sizes, strides, strict=True))[::-1]:
        seen = {place * stride + offset for place in seen for offset in range(size)}
    return max(seen) - min(seen) + 1


def field_in_an_array(kernel_sizes, strides):
    return np.array(field_from_the_top(kernel_sizes, strides))


def field_as_tensor(kernel_sizes, strides):
    return ops.convert_to_tensor(field_by_recursion(kernel_sizes, strides))


def step_in_loops(x, slope, size):
    result = np.empty(x.shape)
    for number in range(len(x)):
        spread = math.sqrt(((slope[number] - slope[number].mean()) ** 2).mean())
        for place in np.ndindex(x[number].shape):
            value = x[number][place] + size * slope[number][place] / (spread + 1e-8)
            result[number][place] = min(max(value, 0.0), 255.0)
    return result


def step_of_rows(pictures, gradient, step_size):
    rows = gradient.reshape(len(gradient), -1)
    units = (rows.T / (rows.std(axis=1) + 1e-8)).T
    return (pictures + step_size * units.reshape(pictures.shape)).clip(0, 255)


def step_of_keras(pictures, gradient, step_size):
    spread = ops.std(gradient, axis=(1, 2, 3), keepdims=True)
    return ops.clip(pictures + step_size * gradient / (spread + 1e-8), 0, 255)


def step_of_tensorflow(pictures, gradient, step_size):
    pictures, gradient = tf.cast(pictures, tf.float32), tf.cast(gradient, tf.float32)
    spread = tf.math.reduce_std(gradient, axis=[1, 2, 3], keepdims=True)
    return tf.clip_by_value(pictures + step_size * gradient / (spread + 1e-8), 0.0, 255.0)


def step_by_moments(pictures, gradient, step_size):
    axes = (1, 2, 3)
    mean = gradient.mean(axes, keepdims=True)
    spread = np.sqrt(np.maximum((gradient**2).mean(axes, keepdims=True) - mean**2, 0)) + 1e-8
    return np.minimum(np.maximum(pictures + step_size * (gradient / spread), 0), 255)


def step_in_single_precision(pictures, gradient, step_size):
    return step_in_loops(pictures, gradient, step_size).astype("float32")


def step_where(pictures, gradient, step_size):
    moved = np.stack(
        [p + g * (step_size / (np.std(g) + 1e-8)) for p, g in zip(pictures, gradient, strict=True)]
    )
    return np.where(moved > 255, 255, np.where(moved < 0, 0, moved))


RIGHT = {
    "stretch": [
        stretched_in_loops,
        stretched_rows,
        stretched_by_interpolation,
        stretched_and_repaired,
        stretched_tensors,
        stretched_symmetrically,
        lambda x: stretched_rows(x).astype("float32"),
    ],
    "similarity": [
        alike_in_loops,
        alike_by_correlation,
        alike_by_einsum,
        alike_by_standard_scores,
        alike_by_keras,
        alike_by_tensordot,
    ],
    "receptive_field": [
        field_from_the_top,
        field_of_products,
        field_by_recursion,
        field_by_reduction,
        field_by_pixels,
        field_in_an_array,
        field_as_tensor,
    ],
    "ascent_step": [
        step_in_loops,
        step_of_rows,
        step_of_keras,
        step_of_tensorflow,
        step_by_moments,
        step_in_single_precision,
        step_where,
    ],
}


def between(pictures, axes):
    low, high = pictures.min(axes, keepdims=True), pictures.max(axes, keepdims=True)
    return np.where(high > low, (pictures - low) / np.where(high > low, high - low, 1), 0.5)


def stretched_in_place(pictures):
    for picture in pictures:
        picture -= picture.min()
        if picture.max() == 0:
            picture += 0.5
        else:
            picture /= picture.max()
    return pictures


def flat_is_white(pictures):
    return np.where(pictures.std((1, 2, 3), keepdims=True) > 0, stretched_in_loops(pictures), 1)


def unit(patterns):
    rows = patterns.reshape(len(patterns), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def plain_products(kernels, references):
    return np.abs(np.einsum("ahw,bhw->ab", kernels, references))


def distances(kernels, references):
    return np.linalg.norm(unit(kernels)[:, None] - unit(references), axis=2)


def field(kernel_sizes, strides, begin=1, own_first=False, less=1):
    size, step = begin, 1
    for kernel_size, stride in zip(kernel_sizes, strides, strict=True):
        step *= stride if own_first else 1
        size += (kernel_size - less) * step
        step *= 1 if own_first else stride
    return size


def stepped(x, gradient, size, *, axes=(1, 2, 3), low=0, high=255, small=1e-8):
    with np.errstate(all="ignore"):
        spread = gradient.std(axis=axes, keepdims=True) + small
        return np.clip(x + size * gradient / spread, low, high)


def written_into(pictures, gradient, step_size):
    pictures += step_size * gradient / (gradient.std(axis=(1, 2, 3), keepdims=True) + 1e-8)
    return np.clip(pictures, 0, 255)


WRONG = {
    "stretch": [
        (lambda x: between(x, None), "all_on_one_scale"),
        (lambda x: between(x, (1, 2)), "each_colour_by_itself"),
        (lambda x: between(x, 0), "along_the_batch"),
        (lambda x: between(x, (0, 1, 2)), None),
        (lambda x: 1 - stretched_rows(x), "inverted"),
        (lambda x: (x - x.min()) / (x.max() - x.min()), "all_on_one_scale"),
        (
            lambda x: (x - x.min((1, 2, 3), keepdims=True)) / np.ptp(x, (1, 2, 3), keepdims=True),
            "division_by_nothing",
        ),
        (
            lambda x: np.nan_to_num(stretched_rows(x) * (x.std((1, 2, 3), keepdims=True) > 0)),
            "flat_is_black",
        ),
        (flat_is_white, "flat_is_white"),
        (lambda x: stretched_rows(x) * 255, "grey_levels"),
        (lambda x: (stretched_rows(x) * 255).astype("uint8"), None),
        (lambda x: 2 * stretched_rows(x) - 1, None),
        (lambda x: x / np.abs(x).max((1, 2, 3), keepdims=True), None),
        (stretched_in_place, None),
        (lambda x: np.clip(x, 0, 1), "clipped"),
    ],
    "similarity": [
        (lambda a, b: unit(a) @ unit(b).T, "sign_left_in"),
        (lambda a, b: np.abs(unit(b) @ unit(a).T), "table_on_its_side"),
        (plain_products, None),
        (lambda a, b: plain_products(a / np.linalg.norm(a), b / np.linalg.norm(b)), None),
        (distances, None),
        (lambda a, b: (unit(a) @ unit(b).T) ** 2, "squared"),
        (lambda a, b: np.abs(unit(a) @ unit(b).T).max(axis=1), "best_only"),
        (lambda a, b: 1 - np.abs(unit(a) @ unit(b).T), None),
        (lambda a, b: np.abs((unit(a)[:, None] * unit(b)).mean(axis=2)), "averaged_products"),
        (lambda a, b: np.maximum(unit(a) @ unit(b).T, 0), None),
        (lambda a, b: np.abs(alike_by_correlation(a, b) @ np.eye(len(b)) * 0.5), None),
    ],
    "receptive_field": [
        (lambda k, s: sum(k), None),
        (lambda k, s: field(k, s, less=0), "sizes_added"),
        (lambda k, s: field(k, s, begin=0), "begun_at_nothing"),
        (lambda k, s: field(k, s, own_first=True), "own_stride_counted"),
        (lambda k, s: 1 + sum(size - 1 for size in k), "strides_ignored"),
        (lambda k, s: field(k[::-1], s[::-1]), "from_the_top"),
        (lambda k, s: field(k, s) ** 2, "in_two_directions"),
        (lambda k, s: int(np.prod(k)), "multiplied"),
        (lambda k, s: k[0], None),
        (lambda k, s: field(k, s) / 1, None),
        (lambda k, s: max(k) * max(s), None),
        (lambda k, s: field([*k, 1], s), None),  # raises
    ],
    "ascent_step": [
        (lambda x, g, s: stepped(x, -g, s), "downhill"),
        (lambda x, g, s: np.clip(x + s * g, 0, 255), "not_normalised"),
        (lambda x, g, s: stepped(x, g, s, axes=None), "one_spread_for_all"),
        (lambda x, g, s: stepped(x, g, s, axes=(1, 2)), "each_colour_apart"),
        (lambda x, g, s: stepped(x, g, s, small=0), "divided_by_zero"),
        (lambda x, g, s: stepped(x, g, s, low=-np.inf, high=np.inf), "out_of_range"),
        (lambda x, g, s: stepped(x, g, s, high=1), "clipped_to_one"),
        (lambda x, g, s: stepped(x, g, 1), "step_size_forgotten"),
        (lambda x, g, s: stepped(x, g, s).astype("uint8"), "whole_grey_levels"),
        (lambda x, g, s: stepped(x, g, s).round(), None),
        (lambda x, g, s: stepped(0, g, s, low=-np.inf), "change_only"),
        (lambda x, g, s: np.clip(x + s * g / (np.linalg.norm(g) + 1e-8), 0, 255), None),
        (lambda x, g, s: np.clip(x + s * g / (np.abs(g).mean() + 1e-8), 0, 255), None),
        (lambda x, g, s: stepped(x, g, s, axes=0), None),
        (written_into, None),
    ],
}

test_right_answers_pass = forms.right_answers(RIGHT)
test_wrong_answers_get_no_false_hint = forms.wrong_answers(WRONG)

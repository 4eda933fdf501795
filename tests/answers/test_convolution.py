"""Answers to the exercises of notebook 09."""

import functools
import math

import numpy as np
import tensorflow as tf
from keras import layers, ops

from answers import forms
from helpers import checks


def padded_by_concatenation(images, padding):
    number, height, _, channels = images.shape
    beside = np.zeros((number, height, padding, channels))
    wide = np.concatenate([beside, images, beside], axis=2)
    above = np.zeros((number, padding, *wide.shape[2:]))
    return np.concatenate([above, wide, above], axis=1)


def padded_in_loops(pictures, p):
    number, height, width, channels = pictures.shape
    result = np.zeros((number, height + 2 * p, width + 2 * p, channels), "float32")
    for row in range(height):
        for column in range(width):
            result[:, row + p, column + p] = pictures[:, row, column]
    return result


def padded_by_keras(images, padding):
    return layers.ZeroPadding2D(padding)(ops.cast(images, "float32"))


def padded_by_ops(images, padding):
    return ops.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))


def padded_by_matrices(images, padding):
    def shift(length):
        return np.eye(length + 2 * padding, length, -padding)

    height, width = images.shape[1:3]
    return np.einsum("yh,nhwc,xw->nyxc", shift(height), images, shift(width))


def padded_step_by_step(images, padding):
    if padding == 0:
        return images.copy()
    return padded_step_by_step(padded_by_concatenation(images, 1), padding - 1)


def size_by_range(n, f, padding, stride):
    return len(range(0, n + 2 * padding - f + 1, stride))


def size_by_steps(n, f, padding, stride):
    places, end = 0, f
    while end <= n + 2 * padding:
        places, end = places + 1, end + stride
    return places


def size_rounded_down(pixels, kernel, p=0, s=1):
    return math.floor((pixels + 2 * p - kernel) / s + 1)


def size_of_windows(n, f, padding, stride):
    row = np.zeros(n + 2 * padding)
    return np.lib.stride_tricks.sliding_window_view(row, f)[::stride].shape[0]


def size_of_keras(n, f, padding, stride):
    layer = layers.Conv1D(1, f, strides=stride)
    return layer.compute_output_shape((None, n + 2 * padding, 1))[1]


def windows(padded, size_y, size_x, stride):
    """All windows, (batch, rows, columns, channels, size_y, size_x)."""
    views = np.lib.stride_tricks.sliding_window_view(padded, (size_y, size_x), axis=(1, 2))
    return views[:, ::stride, ::stride]


def convolved_windows(images, kernels, biases, stride, padding):
    seen = windows(padded_by_concatenation(images, padding), *kernels.shape[:2], stride)
    return np.einsum("nrcdyx,yxdo->nrco", seen, kernels) + biases


def convolved_with_stand_ins(images, kernels, biases, stride, padding):
    zero_pad, output_size = checks.zero_pad.helper, checks.output_size.helper
    padded = zero_pad(images, padding)
    size_y, size_x, _, filters = kernels.shape
    rows = output_size(images.shape[1], size_y, padding, stride)
    columns = output_size(images.shape[2], size_x, padding, stride)
    result = np.zeros((len(images), rows, columns, filters))
    for number, row, column, filt in np.ndindex(result.shape):
        top, left = row * stride, column * stride
        window = padded[number, top : top + size_y, left : left + size_x]
        result[number, row, column, filt] = (window * kernels[..., filt]).sum() + biases[filt]
    return result


def convolved_with_tensors(images, kernels, biases, stride, padding):
    """Earlier answers that return tensors are stand-ins, too."""
    padded = np.asarray(padded_by_ops(images, padding))
    return convolved_windows(padded, kernels, biases, stride, 0)


def convolved_by_tensorflow(x, w, b, s, p):
    return tf.nn.conv2d(padded_by_ops(x, p), w, s, "VALID") + b


def convolved_by_keras(images, kernels, biases, stride, padding):
    layer = layers.Conv2D(kernels.shape[3], kernels.shape[:2], strides=stride)
    layer.build((None, None, None, images.shape[3]))
    layer.set_weights([kernels, biases])
    return layer(padded_by_keras(images, padding))


def convolved_by_shifts(images, kernels, biases, stride, padding):
    """Add up the whole picture, moved by each place of the kernel."""
    padded = padded_by_concatenation(images, padding)
    rows = size_by_range(images.shape[1], kernels.shape[0], padding, stride)
    columns = size_by_range(images.shape[2], kernels.shape[1], padding, stride)
    result = np.zeros((len(images), rows, columns, kernels.shape[3])) + biases
    for y, x in np.ndindex(kernels.shape[:2]):
        moved = padded[:, y:, x:][:, ::stride, ::stride][:, :rows, :columns]
        result += moved @ kernels[y, x]
    return result


def convolved_rows(images, kernels, biases, stride, padding):
    seen = windows(padded_by_concatenation(images, padding), *kernels.shape[:2], stride)
    rows = np.moveaxis(seen, 3, 5).reshape(-1, kernels[..., 0].size)
    maps = rows @ kernels.reshape(-1, len(biases)) + biases
    return maps.reshape(*seen.shape[:3], -1).astype("float32")


def pooled_windows(images, size, stride, mode):
    seen = windows(images, size, size, stride)
    return seen.max(axis=(4, 5)) if mode == "max" else seen.mean(axis=(4, 5))


def pooled_by_keras(images, size, stride, mode):
    layer = layers.MaxPooling2D if mode == "max" else layers.AveragePooling2D
    return layer(size, strides=stride)(images)


def pooled_in_loops(x, f, s, kind):
    rows, columns = (size_by_range(length, f, 0, s) for length in x.shape[1:3])
    result = np.zeros((len(x), rows, columns, x.shape[3]), "float32")
    for place in np.ndindex(result.shape):
        number, row, column, channel = place
        window = x[number, row * s : row * s + f, column * s : column * s + f, channel]
        result[place] = {"max": max, "average": sum}[kind](window.ravel())
    return result / (f * f if kind == "average" else 1)


def pooled_by_shifts(images, size, stride, mode):
    rows, columns = (size_by_range(length, size, 0, stride) for length in images.shape[1:3])
    moved = [
        images[:, y:, x:][:, ::stride, ::stride][:, :rows, :columns]
        for y, x in np.ndindex(size, size)
    ]
    return functools.reduce(np.maximum, moved) if mode == "max" else sum(moved) / size**2


def pooled_by_tensorflow(images, size, stride, mode):
    kind = {"max": "MAX", "average": "AVG"}[mode]
    return tf.nn.pool(images, [size, size], kind, [stride, stride])


def pooled_one_way_then_the_other(images, size, stride, mode):
    choose = {"max": np.max, "average": np.mean}[mode]

    def along(axis, x):
        seen = np.lib.stride_tricks.sliding_window_view(x, size, axis=axis)
        return choose(seen, axis=-1).take(range(0, seen.shape[axis], stride), axis=axis)

    return along(2, along(1, images))


def pooled_by_a_convolution(images, size, stride, mode):
    if mode == "max":
        return ops.max_pool(images, size, stride)
    share = np.eye(images.shape[3])[None, None] * np.full((size, size, 1, 1), 1 / size**2)
    return convolved_windows(images, share, np.zeros(images.shape[3]), stride, 0)


def back_in_loops(grad, x, f, s, kind):
    result = np.zeros(x.shape)
    for place in np.ndindex(grad.shape):
        number, row, column, channel = place
        rows = slice(row * s, row * s + f)
        columns = slice(column * s, column * s + f)
        window = x[number, rows, columns, channel]
        if kind == "max":
            best = np.unravel_index(window.argmax(), (f, f))
            result[number, rows, columns, channel][best] += grad[place]
        else:
            result[number, rows, columns, channel] += grad[place] / (f * f)
    return result


def back_by_masks(maps_gradient, images, size, stride, mode):
    result = np.zeros_like(images)
    for row, column in np.ndindex(maps_gradient.shape[1:3]):
        seen = np.s_[
            :, row * stride : row * stride + size, column * stride : column * stride + size
        ]
        window = images[seen]
        if mode == "max":
            share = window == window.max(axis=(1, 2), keepdims=True)
        else:
            share = np.full(window.shape, size**-2.0)
        result[seen] += share * maps_gradient[:, row, column][:, None, None]
    return result


def back_by_tape(maps_gradient, images, size, stride, mode):
    x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        maps = pooled_by_shifts_of_tensors(x, size, stride, mode)
    return tape.gradient(maps, x, output_gradients=tf.constant(maps_gradient))


def pooled_by_shifts_of_tensors(x, size, stride, mode):
    if mode == "max":
        return tf.nn.max_pool2d(x, size, stride, "VALID")
    return tf.nn.avg_pool2d(x, size, stride, "VALID")


def back_by_shifts(maps_gradient, images, size, stride, mode):
    rows, columns = maps_gradient.shape[1:3]
    best = pooled_windows(images, size, stride, "max")
    result = np.zeros(images.shape)
    for y, x in np.ndindex(size, size):
        part = np.s_[:, y : y + stride * rows : stride, x : x + stride * columns : stride]
        result[part] += maps_gradient * (images[part] == best if mode == "max" else 1 / size**2)
    return result


def back_added_at(maps_gradient, images, size, stride, mode):
    result, seen = np.zeros(images.shape), windows(images, size, size, stride)
    n, r, c, d = np.indices(maps_gradient.shape)
    if mode == "max":
        y, x = np.unravel_index(seen.reshape(*seen.shape[:4], -1).argmax(axis=-1), (size, size))
        np.add.at(result, (n, r * stride + y, c * stride + x, d), maps_gradient)
        return result
    for y, x in np.ndindex(size, size):
        np.add.at(result, (n, r * stride + y, c * stride + x, d), maps_gradient / size**2)
    return result


RIGHT = {
    "zero_pad": [
        padded_by_concatenation,
        padded_in_loops,
        padded_by_keras,
        padded_by_ops,
        padded_by_matrices,
        padded_step_by_step,
        lambda x, p: tf.pad(x, [[0, 0], [p, p], [p, p], [0, 0]]),
    ],
    "output_size": [
        size_by_range,
        size_by_steps,
        size_rounded_down,
        size_of_windows,
        size_of_keras,
        lambda *numbers: np.array(size_by_range(*numbers)),
        lambda n, f, p, s: ops.convert_to_tensor(1 + (n - f + 2 * p) // s),
        lambda n, f, p, s: int(np.ceil((n + 2 * p - f + 1) / s)),
    ],
    "conv_forward": [
        convolved_windows,
        convolved_with_stand_ins,
        convolved_with_tensors,
        convolved_by_tensorflow,
        convolved_by_keras,
        convolved_by_shifts,
        convolved_rows,
    ],
    "pool_forward": [
        pooled_windows,
        pooled_by_keras,
        pooled_in_loops,
        pooled_by_shifts,
        pooled_by_tensorflow,
        pooled_one_way_then_the_other,
        pooled_by_a_convolution,
    ],
    "pool_backward": [
        back_in_loops,
        back_by_masks,
        back_by_tape,
        back_by_shifts,
        back_added_at,
        lambda *args: back_by_masks(*args).astype("float32"),
        lambda g, x, f, s, how: ops.convert_to_tensor(back_in_loops(g, x, f, s, how)),
    ],
}


def padded_with(images, padding, **options):
    sides = (0, 0), (padding, padding), (padding, padding), (0, 0)
    return np.pad(images, sides, **options)


def sliced_from_the_end(images, padding):
    padded = padded_with(0 * images, padding)
    padded[:, padding:-padding, padding:-padding] = images
    return padded


def always_one(images, padding):
    return padded_with(images, 1)


def convolved(images, kernels, biases, stride, padding):
    return convolved_by_shifts(images, kernels, biases, stride, padding)


def window_begins_at_row(images, kernels, biases, stride, padding):
    maps = convolved(images, kernels, biases, 1, padding)
    rows = size_by_range(images.shape[1], kernels.shape[0], padding, stride)
    columns = size_by_range(images.shape[2], kernels.shape[1], padding, stride)
    return maps[:, :rows, :columns]


def one_number_for_all_pixels(images, size, stride, mode):
    seen = windows(images, size, size, stride)
    together = seen.max((3, 4, 5)) if mode == "max" else seen.mean((3, 4, 5))
    return together[..., None] + np.zeros(images.shape[3])


def largest_from_zero(images, size, stride, mode):
    maps = pooled_windows(images, size, stride, mode)
    return np.maximum(maps, 0) if mode == "max" else maps


def swapped_names(images, size, stride, mode):
    return pooled_windows(images, size, stride, "average" if mode == "max" else "max")


def overwritten(gradient, images, size, stride, mode):
    result = np.zeros_like(images)
    for row, column in np.ndindex(gradient.shape[1:3]):
        seen = np.s_[
            :, row * stride : row * stride + size, column * stride : column * stride + size
        ]
        one = gradient[:, row : row + 1, column : column + 1]
        result[seen] = back_by_masks(one, images[seen], size, stride, mode)
    return result


def first_picture_only(gradient, images, size, stride, mode):
    back = back_by_masks(gradient, images, size, stride, mode)
    back[1:] = 0
    return back


def written_into(gradient, images, size, stride, mode):
    back = back_by_masks(gradient, images, size, stride, mode)
    images[...] = back
    return back


WRONG = {
    "zero_pad": [
        (sliced_from_the_end, "counted_from_the_end"),
        (lambda x, p: np.pad(x, p), "every_axis"),
        (lambda x, p: padded_with(x, p, mode="edge"), "edge_repeated"),
        (lambda x, p: padded_with(x, p, constant_values=1), None),
        (lambda x, p: padded_with(x, 2 * p), None),
        (lambda x, p: np.pad(x, ((0, 0), (p, 0), (p, 0), (0, 0))), "only_above_and_left"),
        (lambda x, p: np.pad(x, ((0, 0), (0, p), (0, p), (0, 0))), None),
        (lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), "channels_thought_first"),
        (lambda x, p: np.pad(x, ((0, 0), (p, p), (0, 0), (0, 0))), "only_rows"),
        (lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p), (0, 0))), None),
        (lambda x, p: padded_with(x, p)[0], None),
        (always_one, None),
        (lambda x, p: x, None),
        (lambda x, p: padded_with(x, p).tolist(), None),
        (lambda x, p: padded_with(x.swapaxes(1, 2), p), None),
    ],
    "output_size": [
        (lambda n, f, p, s: (n + 2 * p - f) // s, "first_place_forgotten"),
        (lambda n, f, p, s: (n + p - f) // s + 1, "padding_once"),
        (lambda n, f, p, s: (n + 2 * p - f) / s + 1, "not_rounded"),
        (lambda n, f, p, s: n + 2 * p - f // s + 1, "brackets_forgotten"),
        (lambda n, f, p, s: math.ceil((n + 2 * p - f) / s) + 1, "rounded_up"),
        (lambda n, f, p, s: (n + 2 * p - f + 1) // s, "one_added_too_early"),
        (lambda n, f, p, s: (n - f) // s + 1, "padding_forgotten"),
        (lambda n, f, p, s: n + 2 * p - f + 1, "stride_forgotten"),
        (lambda n, f, p, s: round((n + 2 * p - f) / s) + 1, None),
        (lambda n, f, p, s: (n + 2 * p - f) // (s + 1), None),
        (lambda n, f, p, s: (n + 2 * p - f) // s + 2, None),
        (lambda n, f, p, s: (n + 2 * p) // s, None),
        (lambda n, f, p, s: np.floor((n + 2 * p - f) / s) + 1, None),
        (lambda n, f, p, s: print((n + 2 * p - f) // s + 1), None),
        (lambda n, f, p, s: (n + 2 ^ p - f) // s + 1, None),
    ],
    "conv_forward": [
        (lambda x, w, b, s, p: convolved(x, w, 0 * b, s, p), "bias_forgotten"),
        (lambda x, w, b, s, p: convolved(x, w, b, s, 0), "padding_left_out"),
        (lambda x, w, b, s, p: convolved(x, w, b, 1, p), "stride_forgotten_everywhere"),
        (window_begins_at_row, "stride_forgotten_in_the_window"),
        (lambda x, w, b, s, p: convolved(x, w[::-1, ::-1], b, s, p), "turned_over"),
        (lambda x, w, b, s, p: convolved(x, w.swapaxes(0, 1), b, s, p), "kernel_on_its_side"),
        (lambda x, w, b, s, p: convolved(x[..., :1], w[:, :, :1], b, s, p), "first_channel_only"),
        (lambda x, w, b, s, p: convolved(x, w, b[:1], s, p), "one_bias_for_all"),
        (lambda x, w, b, s, p: convolved(x, w, b * w[..., 0].size, s, p), "bias_in_the_sum"),
        (lambda x, w, b, s, p: convolved(x, w, b, s, p)[:1], None),
        (lambda x, w, b, s, p: np.maximum(convolved(x, w, b, s, p), 0), None),
        (lambda x, w, b, s, p: convolved(x, w, b, s, min(p, 1)), None),
        (lambda x, w, b, s, p: convolved(x, w, -b, s, p), None),
        (lambda x, w, b, s, p: convolved(x, w, b, s, p)[:, :-1], None),
        (lambda x, w, b, s, p: convolved(x, w, b, s, p).sum(axis=3), None),
        (lambda x, w, b, s, p: np.moveaxis(convolved(x, w, b, s, p), 3, 1), None),
    ],
    "pool_forward": [
        (lambda x, f, s, how: pooled_windows(x, f, s, "max"), "always_the_maximum"),
        (lambda x, f, s, how: pooled_windows(x, f, s, "average"), "always_the_average"),
        (swapped_names, None),
        (largest_from_zero, "begins_at_zero"),
        (lambda x, f, s, how: pooled_windows(x, f, f, how), "stride_taken_for_size"),
        (lambda x, f, s, how: pooled_windows(x, 2, s, how), "size_always_two"),
        (one_number_for_all_pixels, "over_the_channels"),
        (lambda x, f, s, how: np.asarray(ops.max_pool(x, f, s, "same")), None),
        (
            lambda x, f, s, how: pooled_windows(x, f, s, how) * (f * f if how == "average" else 1),
            "summed",
        ),
        (lambda x, f, s, how: pooled_windows(x, f, s, "max" if how == "max" else "mean")[0], None),
        (lambda x, f, s, how: pooled_windows(x.swapaxes(1, 2), f, s, how), None),
        (lambda x, f, s, how: pooled_windows(np.abs(x), f, s, how), None),
        (lambda x, f, s, how: np.median(windows(x, f, f, s), axis=(4, 5)), None),
        (lambda x, f, s, how: pooled_windows(x, f, 2, how), None),
        (lambda x, f, s, how: -pooled_windows(-x, f, s, how), None),
    ],
    "pool_backward": [
        (overwritten, "overwritten"),
        (lambda g, x, f, s, how: back_by_masks(g, x, f, s, "max"), "always_to_the_largest"),
        (lambda g, x, f, s, how: back_by_masks(g, x, f, s, "average"), "always_shared"),
        (
            lambda g, x, f, s, how: (1 if how == "max" else f * f) * back_by_masks(g, x, f, s, how),
            "shares_not_divided",
        ),
        (
            lambda g, x, f, s, how: (x if how == "max" else 1) * back_by_masks(g, x, f, s, how),
            "times_the_pixel",
        ),
        (lambda g, x, f, s, how: back_by_masks(g, x, f, 1, how), "stride_forgotten_going_back"),
        (lambda g, x, f, s, how: back_by_masks(g, -x, f, s, how), None),
        (lambda g, x, f, s, how: back_by_masks(np.abs(g), x, f, s, how), None),
        (lambda g, x, f, s, how: back_by_masks(g / f, x, f, s, how), None),
        (lambda g, x, f, s, how: back_by_masks(g, x, f, f, how), None),
        (lambda g, x, f, s, how: g, None),
        (first_picture_only, None),
        (written_into, None),
        (lambda g, x, f, s, how: back_by_masks(np.ones_like(g), x, f, s, how), None),
    ],
}

test_right_answers_pass = forms.right_answers(RIGHT)
test_wrong_answers_get_no_false_hint = forms.wrong_answers(WRONG)

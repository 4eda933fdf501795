"""Answers to the exercises of notebook 04."""

import functools
import math

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from answers import forms


def average_in_loops(maps):
    number, height, width, channels = maps.shape
    sums = np.zeros((number, channels))
    for row in range(height):
        for column in range(width):
            sums += maps[:, row, column]
    return sums / (height * width)


def average_of_keras(maps):
    return layers.GlobalAveragePooling2D()(ops.cast(maps, "float32"))


def average_picture_by_picture(maps):
    return np.array([[channel.mean() for channel in np.moveaxis(p, -1, 0)] for p in maps])


def parameters_of_weights(height, width, channels, units, averaged):
    shapes = ((channels if averaged else height * width * channels), units), (units,)
    return sum(map(math.prod, shapes))


def parameters_of_places(h, w, c, n, gap):
    places = 1 if gap else h * w
    return n * (places * c + 1)


def parameters_of_powers(height, width, channels, units, averaged):
    return (height * width) ** (1 - averaged) * channels * units + units


def parameters_in_an_array(height, width, channels, units, averaged):
    lengths = np.array([channels] if averaged else [height, width, channels])
    return np.array(np.prod(lengths) * units + units)


def shifted_in_loops(pictures, by):
    result = np.zeros(pictures.shape)
    for column in range(pictures.shape[2]):
        source = column - by
        result[:, :, column] = pictures[:, :, source if source >= 0 else -source - 1]
    return result


def shifted_by_padding(images, pixels):
    padded = np.pad(images, ((0, 0), (0, 0), (pixels, 0), (0, 0)), mode="symmetric")
    return padded[:, :, : images.shape[2]]


def shifted_by_indices(images, pixels):
    columns = np.arange(images.shape[2]) - pixels
    return images[:, :, np.where(columns < 0, -1 - columns, columns)]


def shifted_by_tensorflow(images, pixels):
    padded = tf.pad(images, [[0, 0], [0, 0], [pixels, 0], [0, 0]], mode="SYMMETRIC")
    return padded[:, :, : images.shape[2]]


def shifted_in_two_parts(images, pixels):
    width = images.shape[2]
    mirrored = np.flip(images[:, :, :pixels], axis=2)
    return ops.concatenate([mirrored, images[:, :, : width - pixels]], axis=2)


def shifted_in_a_mirror(images, pixels):
    both = np.concatenate([images[:, :, ::-1], images], axis=2)
    width = images.shape[2]
    return both[:, :, width - pixels : 2 * width - pixels].astype("float32")


def maps_in_loops(maps, weights):
    result = np.zeros((*maps.shape[:3], weights.shape[1]))
    for label in range(weights.shape[1]):
        for channel in range(maps.shape[3]):
            result[..., label] += weights[channel, label] * maps[..., channel]
    return result


def maps_of_rows(feature_maps, kernel):
    rows = feature_maps.reshape(-1, feature_maps.shape[-1])
    return np.dot(rows, kernel).reshape(*feature_maps.shape[:-1], -1)


def maps_of_a_convolution(feature_maps, kernel):
    return ops.conv(feature_maps.astype("float32"), kernel.astype("float32")[None, None])


def maps_of_a_dense_layer(feature_maps, kernel):
    layer = layers.Dense(kernel.shape[1], use_bias=False)
    layer.build((None, kernel.shape[0]))
    layer.set_weights([kernel])
    return layer(feature_maps)


RIGHT = {
    "global_average": [
        average_in_loops,
        average_of_keras,
        average_picture_by_picture,
        functools.partial(np.mean, axis=(1, 2)),
        lambda x: np.einsum("nhwc->nc", x) / (x.shape[1] * x.shape[2]),
        lambda x: x.mean(1).mean(1),
        lambda x: tf.reduce_mean(x, axis=[1, 2]),
        lambda x: x.reshape(len(x), -1, x.shape[3]).mean(axis=1).astype("float32"),
    ],
    "dense_parameters": [
        parameters_of_weights,
        parameters_of_places,
        parameters_of_powers,
        parameters_in_an_array,
        lambda h, w, c, n, mean: n + n * c * (1 if mean else h * w),
        lambda h, w, c, n, mean: ops.convert_to_tensor(parameters_of_places(h, w, c, n, mean)),
        lambda *numbers: np.int64(parameters_of_powers(*numbers)),
    ],
    "shift_right": [
        shifted_in_loops,
        shifted_by_padding,
        shifted_by_indices,
        shifted_by_tensorflow,
        shifted_in_two_parts,
        shifted_in_a_mirror,
    ],
    "class_activation_maps": [
        maps_in_loops,
        maps_of_rows,
        maps_of_a_convolution,
        maps_of_a_dense_layer,
        np.matmul,
        lambda x, w: np.tensordot(x, w, 1),
        lambda x, w: tf.einsum("nhwc,ck->nhwk", x, w),
        lambda x, w: (x[..., None] * w).sum(axis=3).astype("float32"),
    ],
}


def flattened(h, w, c, n):
    return h * w * c * n + n


def shifted_in_place(images, pixels):
    if pixels:
        images[:, :, pixels:] = images[:, :, :-pixels].copy()
    return images


def padded(images, pixels, **options):
    border = ((0, 0), (0, 0), (pixels, 0), (0, 0))
    return np.pad(images, border, **options)[:, :, : images.shape[2]]


WRONG = {
    "global_average": [
        (lambda x: x.mean(axis=(0, 1)), "over_the_batch"),
        (lambda x: x.mean(axis=(2, 3)), "channels_thought_first"),
        (lambda x: x.mean(axis=3), "over_the_channels"),
        (lambda x: x.mean(), "over_everything"),
        (lambda x: x.sum(axis=(1, 2)), "summed"),
        (lambda x: x.max(axis=(1, 2)), "largest"),
        (lambda x: x.mean(axis=(1, 2), keepdims=True), "axes_kept"),
        (lambda x: x.mean(axis=1), "over_the_rows_only"),
        (lambda x: x.mean(axis=2), None),
        (lambda x: x.sum(axis=(1, 2)) // (x.shape[1] * x.shape[2]), None),
        (lambda x: x.sum(axis=(1, 2)) / x.shape[1] ** 2, None),
        (lambda x: np.median(x, axis=(1, 2)), None),
        (lambda x: x.mean(axis=(1, 2)).T, None),
        (lambda x: x.mean(axis=(1, 2)).tolist(), None),
    ],
    "dense_parameters": [
        (lambda h, w, c, n, mean: c * n if mean else h * w * c * n, "biases_forgotten"),
        (lambda h, w, c, n, mean: flattened(h, w, c, n), "always_flattened"),
        (lambda h, w, c, n, mean: c * n + n, "never_flattened"),
        (lambda h, w, c, n, mean: flattened(h, w, c, n) if mean else c * n + n, "other_way_round"),
        (
            lambda h, w, c, n, mean: n + n if mean else flattened(h, w, c, n),
            "averaged_to_one_number",
        ),
        (lambda h, w, c, n, mean: (c if mean else h * w * c) * n + 1, "one_bias"),
        (lambda h, w, c, n, mean: (c if mean else (h + w) * c) * n + n, "lengths_added"),
        (lambda h, w, c, n, mean: (c if mean else h * h * c) * n + n, "map_taken_for_square"),
        (lambda h, w, c, n, mean: (c if mean else h * w) * n + n, None),
        (lambda h, w, c, n, mean: flattened(h, w, c, n) / (h * w if mean else 1), None),
        (
            lambda h, w, c, n, mean: (
                flattened(h, w, c, n) // (h * w) if mean else flattened(h, w, c, n)
            ),
            None,
        ),
        (lambda h, w, c, n, mean: "averaged" if mean else flattened(h, w, c, n), None),
        (
            lambda h, w, c, n, mean: (c if mean == "averaged" else h * w * c) * n + n,
            "always_flattened",
        ),
    ],
    "shift_right": [
        (lambda x, by: np.roll(x, by, axis=2), "round_the_back"),
        (lambda x, by: padded(x, by), "black_border"),
        (lambda x, by: padded(x, by, mode="edge"), "last_column_repeated"),
        (lambda x, by: padded(x, by, mode="reflect"), "edge_left_out"),
        (lambda x, by: np.roll(x, by, axis=1), None),
        (lambda x, by: shifted_by_padding(x[:, :, ::-1], by)[:, :, ::-1], "to_the_left"),
        (lambda x, by: shifted_by_padding(x.swapaxes(1, 2), by).swapaxes(1, 2), None),
        (
            lambda x, by: np.pad(x, ((0, 0), (0, 0), (by, 0), (0, 0)), mode="symmetric"),
            "grown",
        ),
        (lambda x, by: np.roll(x, -by, axis=2), None),
        (lambda x, by: x, None),
        (
            lambda x, by: np.concatenate([x[:, :, :by], x[:, :, : x.shape[2] - by]], axis=2),
            "border_not_turned",
        ),
        (
            lambda x, by: np.concatenate([x[:, :, :by][:, :, ::-1], x[:, :, :-by]], axis=2),
            "counted_from_the_end",
        ),
        (lambda x, by: shifted_by_padding(x, 1), "one_pixel_always"),
        (shifted_in_place, "border_not_turned"),
    ],
    "class_activation_maps": [
        (lambda x, w: x.mean(axis=(1, 2)) @ w, "averaged_first"),
        (lambda x, w: np.maximum(x @ w, 0), "cut_off_at_zero"),
        (lambda x, w: x @ w.T, "kernel_on_its_side"),
        (lambda x, w: (x @ w)[..., 0], "one_class_only"),
        (lambda x, w: x[..., None] * w, "not_added_up"),
        (lambda x, w: np.moveaxis(x @ w, -1, 1), "classes_first"),
        (lambda x, w: (x[..., None] * w).mean(axis=3), "divided_by_the_channels"),
        (lambda x, w: x @ np.abs(w), "sizes_of_the_weights"),
        (lambda x, w: keras.activations.softmax(ops.convert_to_tensor(x @ w)), None),
        (lambda x, w: (x @ w) / np.abs(x @ w).max(), None),
        (lambda x, w: x @ w + 1, None),
        (lambda x, w: (x @ w).sum(axis=(1, 2)), None),
        (lambda x, w: np.einsum("nhwc,ck->nwhk", x, w), None),
        (lambda x, w: x * w, None),
    ],
}

test_right_answers_pass = forms.right_answers(RIGHT)
test_wrong_answers_get_no_false_hint = forms.wrong_answers(WRONG)

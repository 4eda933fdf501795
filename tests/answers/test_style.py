"""Answers to the exercises of notebook 08."""

import functools
import itertools

import numpy as np
import tensorflow as tf
from keras import ops

from answers import forms
from helpers import checks


def content_in_loops(a, b):
    total = 0.0
    for place in np.ndindex(a.shape):
        total += (float(a[place]) - float(b[place])) ** 2
    height, width, channels = a.shape
    return total / (4 * height * width * channels)


def content_by_norm(content, generated):
    return np.linalg.norm(content - generated) ** 2 / (4 * content.size)


def content_by_dot(content, generated):
    difference = np.ravel(content - generated)
    return np.array(np.dot(difference, difference) / difference.size / 4)


def content_by_products(content, generated):
    a, b = content.astype(float), generated.astype(float)
    return ((a * a).mean() - 2 * (a * b).mean() + (b * b).mean()) / 4


def content_by_halves(content, generated):
    return np.square((content - generated) / 2).mean(axis=(0, 1)).mean()


def gram_in_loops(maps):
    height, width, channels = maps.shape
    result = np.zeros((channels, channels))
    for row, column in itertools.product(range(height), range(width)):
        result += np.outer(maps[row, column], maps[row, column])
    return result


def gram_of_pairs(features):
    channels = range(features.shape[2])
    return np.array(
        [[(features[..., i] * features[..., j]).sum() for j in channels] for i in channels]
    )


def gram_of_rows(features):
    rows = np.transpose(features, (2, 0, 1)).reshape(features.shape[2], -1)
    return rows @ rows.T


def gram_by_keras(features):
    rows = ops.reshape(features, (-1, features.shape[-1]))
    return ops.matmul(ops.transpose(rows), rows)


def gram_by_covariance(features):
    rows = features.reshape(-1, features.shape[2]).astype(float)
    means = rows.mean(axis=0)
    covariances = (rows - means).T @ (rows - means)
    return covariances + len(rows) * np.outer(means, means)


def style_with_stand_in(style, generated):
    """What `checks.gram_matrix` gives back while its stub is untouched."""
    gram_matrix = checks.gram_matrix.helper
    height, width, channels = style.shape
    difference = np.asarray(gram_matrix(style)) - np.asarray(gram_matrix(generated))
    return np.sum(difference**2) / (4 * channels**2 * (height * width) ** 2)


def style_in_loops(a, b):
    grams = gram_in_loops(a), gram_in_loops(b)
    total = sum((x - y) ** 2 for x, y in zip(*map(np.ravel, grams), strict=True))
    return total / (4 * a.size**2)


def style_of_means(style, generated):
    grams = [gram_of_rows(maps) / maps[..., 0].size for maps in (style, generated)]
    return np.array(np.mean((grams[0] - grams[1]) ** 2) / 4)


def style_by_norm(style, generated):
    difference = gram_of_pairs(style) - gram_of_pairs(generated)
    return (np.linalg.norm(difference) / (2 * style.size)) ** 2


def style_by_keras(style, generated):
    difference = gram_by_keras(style) - gram_by_keras(generated)
    return ops.sum(ops.square(difference)) / (4 * style.size**2)


def style_by_tensorflow(style, generated):
    grams = [tf.einsum("hwi,hwj->ij", maps, maps) for maps in (style, generated)]
    return tf.reduce_sum(tf.math.squared_difference(*grams)) / (4 * style.size**2)


def style_of_positions(style, generated):
    """Of positions with positions, and without any Gram matrix of channels."""
    a, b = (x.reshape(-1, x.shape[2]).astype(float) for x in (style, generated))
    products = (a @ a.T) ** 2, (a @ b.T) ** 2, (b @ b.T) ** 2
    return (products[0].sum() - 2 * products[1].sum() + products[2].sum()) / (4 * a.size**2)


def variation_in_loops(x):
    height, width, channels = x.shape
    total = 0.0
    for row, column, channel in np.ndindex(x.shape):
        if row + 1 < height:
            total += (x[row + 1, column, channel] - x[row, column, channel]) ** 2
        if column + 1 < width:
            total += (x[row, column + 1, channel] - x[row, column, channel]) ** 2
    return total / (height * width * channels)


def variation_of_differences(picture):
    parts = [np.diff(picture, axis=axis).ravel() for axis in (0, 1)]
    joined = np.concatenate(parts)
    return np.float32(joined @ joined / picture.size)


def variation_of_edges(picture):
    """With the edge repeated, the last pixel's neighbour is the pixel itself."""
    down = np.vstack([picture[1:], picture[-1:]]) - picture
    across = np.hstack([picture[:, 1:], picture[:, -1:]]) - picture
    return np.array((down**2 + across**2).mean())


def variation_by_keras(picture):
    down, across = ops.diff(picture, axis=0), ops.diff(picture, axis=1)
    return (ops.sum(ops.square(down)) + ops.sum(ops.square(across))) / picture.size


def variation_by_tensorflow(picture):
    down = tf.nn.l2_loss(picture[1:] - picture[:-1])
    across = tf.nn.l2_loss(picture[:, 1:] - picture[:, :-1])
    return 2 * (down + across) / picture.size


def variation_by_shifts(picture):
    height, width, _ = picture.shape
    total = 0
    for axis, length in enumerate((height, width)):
        later, earlier = (picture.take(range(a, length - 1 + a), axis=axis) for a in (1, 0))
        total = total + np.einsum("hwc,hwc", later - earlier, later - earlier)
    return total / picture.size


RIGHT = {
    "content_cost": [
        content_in_loops,
        content_by_norm,
        content_by_dot,
        content_by_products,
        content_by_halves,
        lambda a, b: ops.mean(ops.square(a - b)) / 4,
        lambda a, b: tf.nn.l2_loss(a - b) / (2 * a.size),
        lambda photo, picture: np.float32(content_in_loops(photo, picture)),
    ],
    "gram_matrix": [
        gram_in_loops,
        gram_of_pairs,
        gram_of_rows,
        gram_by_keras,
        gram_by_covariance,
        lambda x: np.tensordot(x, x, axes=((0, 1), (0, 1))),
        lambda x: tf.einsum("hwi,hwj->ij", x, x),
        lambda x: gram_of_rows(x).astype("float64"),
    ],
    "layer_style_cost": [
        style_with_stand_in,
        style_in_loops,
        style_of_means,
        style_by_norm,
        style_by_keras,
        style_by_tensorflow,
        style_of_positions,
    ],
    "total_variation": [
        variation_in_loops,
        variation_of_differences,
        variation_of_edges,
        variation_by_keras,
        variation_by_tensorflow,
        variation_by_shifts,
    ],
}


def squares(a, b):
    return np.sum((a - b) ** 2)


def between_grams(style, generated):
    return gram_of_rows(style) - gram_of_rows(generated)


def positions(x):
    return x.shape[0] * x.shape[1]


def written_into(content, generated):
    content -= generated
    return np.mean(content**2) / 4


def down(x):
    return x[1:] - x[:-1]


def across(x):
    return x[:, 1:] - x[:, :-1]


def over_channels(x):
    return (np.sum(down(x) ** 2) + np.sum(across(x) ** 2) + np.sum(np.diff(x) ** 2)) / x.size


def rolled(x):
    return sum(np.sum((x - np.roll(x, 1, axis)) ** 2) for axis in (0, 1)) / x.size


WRONG = {
    "content_cost": [
        (lambda a, b: np.mean((a - b) ** 2), "four_forgotten"),
        (lambda a, b: np.mean((a - b) ** 2) / 2, "two_for_four"),
        (lambda a, b: squares(a, b) / 2, "halved_sum"),
        (squares, "sum_not_divided"),
        (lambda a, b: np.mean(np.abs(a - b)) / 4, "absolute_values"),
        (lambda a, b: np.mean(a - b) / 4, "neither_squared_nor_absolute"),
        (lambda a, b: np.linalg.norm(a - b) / (4 * a.size), "root_of_the_sum"),
        (lambda a, b: squares(a, b) / (4 * positions(a)), "channels_not_counted"),
        (lambda a, b: (a - b) ** 2 / (4 * a.size), "still_a_map"),
        (lambda a, b: np.mean((a - b) ** 2, axis=2) / 4, None),
        (
            lambda a, b: squares(a, b) / 4 * a.shape[0] * a.shape[1] * a.shape[2],
            "brackets_forgotten",
        ),
        (lambda a, b: squares(a, b) // (4 * a.size), None),
        (lambda a, b: -np.mean((a - b) ** 2) / 4, None),
        (lambda a, b: np.mean((a + b) ** 2) / 4, None),
        (written_into, None),
    ],
    "gram_matrix": [
        (
            lambda x: x.reshape(-1, x.shape[2]) @ x.reshape(-1, x.shape[2]).T,
            "positions_with_positions",
        ),
        (lambda x: x.reshape(x.shape[2], -1) @ x.reshape(x.shape[2], -1).T, "channels_mixed_up"),
        (lambda x: gram_of_rows(x) / positions(x), "divided_by_the_positions"),
        (lambda x: gram_of_rows(x) / x.size, "divided_by_the_size"),
        (lambda x: gram_of_rows(x) / x.shape[2], "divided_by_the_channels"),
        (lambda x: np.sum(x**2, axis=(0, 1)), "each_channel_with_itself"),
        (lambda x: np.diag(np.sum(x**2, axis=(0, 1))), None),
        (lambda x: gram_of_rows(np.maximum(x, 0)), None),
        (lambda x: np.abs(gram_of_rows(x)), None),
        (lambda x: np.triu(gram_of_rows(x)), None),
        (lambda x: np.sqrt(np.abs(gram_of_rows(x))), None),
        (lambda x: gram_of_rows(x) / 2, None),
        (lambda x: np.sum(gram_of_rows(x)), None),
        (lambda x: gram_of_rows(x)[None], None),
        (lambda x: gram_of_rows(x - x.mean(axis=(0, 1))), "means_subtracted"),
        (lambda x: x.T @ x, None),
    ],
    "layer_style_cost": [
        (lambda a, b: np.sum(between_grams(a, b) ** 2) / a.size**2, "four_left_out"),
        (lambda a, b: np.sum(between_grams(a, b) ** 2) / (2 * a.size**2), "two_instead_of_four"),
        (lambda a, b: np.sum(between_grams(a, b) ** 2), "nothing_divided"),
        (
            lambda a, b: np.sum(between_grams(a, b) ** 2) / (4 * a.shape[2] ** 2),
            "positions_left_out",
        ),
        (
            lambda a, b: np.sum(between_grams(a, b) ** 2) / (4 * positions(a) ** 2),
            "channels_left_out",
        ),
        (lambda a, b: np.sum(between_grams(a, b) ** 2) / (4 * a.size), "divided_as_the_content"),
        (
            lambda a, b: np.sum(between_grams(a, b) ** 2) / (4 * positions(a) * a.shape[2] ** 2),
            "positions_not_squared",
        ),
        (
            lambda a, b: np.sum(between_grams(a, b) ** 2) / (4 * positions(a) ** 2 * a.shape[2]),
            "channels_not_squared",
        ),
        (
            lambda a, b: np.sum(np.abs(between_grams(a, b))) / (4 * a.size**2),
            "absolute_instead_of_squared",
        ),
        (lambda a, b: np.sum(between_grams(a, b)) / (4 * a.size**2), "not_squared"),
        (lambda a, b: np.sum(gram_of_rows(a - b) ** 2) / (4 * a.size**2), "gram_of_the_difference"),
        (content_in_loops, "content_cost_instead"),
        (lambda a, b: between_grams(a, b) ** 2 / (4 * a.size**2), "still_a_matrix"),
        (lambda a, b: np.linalg.norm(between_grams(a, b)) / (4 * a.size**2), None),
        (lambda a, b: np.sum(np.triu(between_grams(a, b)) ** 2) / (4 * a.size**2), None),
        (lambda a, b: style_of_means(np.maximum(a, 0), np.maximum(b, 0)), None),
        (lambda a, b: style_of_means(a, 0 * b), None),
    ],
    "total_variation": [
        (lambda x: np.sum(down(x) ** 2) / x.size, "down_only"),
        (lambda x: np.sum(across(x) ** 2) / x.size, "across_only"),
        (rolled, "round_the_edge"),
        (
            lambda x: (np.abs(down(x)).sum() + np.abs(across(x)).sum()) / x.size,
            "absolute_differences",
        ),
        (lambda x: (down(x).sum() + across(x).sum()) / x.size, "not_squared_at_all"),
        (over_channels, "channels_as_neighbours"),
        (lambda x: np.sum(down(x) ** 2) + np.sum(across(x) ** 2), "only_summed"),
        (lambda x: variation_in_loops(x) / 2, "directions_averaged"),
        (lambda x: variation_in_loops(x) * x.shape[2], "divided_by_the_pixels"),
        (lambda x: np.sqrt(variation_in_loops(x)), None),
        (lambda x: np.sum((down(x)[:, 1:] + across(x)[1:]) ** 2) / x.size, None),
        (lambda x: np.sum(down(x)[:, :-1] ** 2 + across(x)[:-1] ** 2) / x.size, "cut_to_one_size"),
        (lambda x: variation_in_loops(np.pad(x, ((0, 1), (0, 1), (0, 0)))) * 1.0, None),
        (lambda x: x.var(), None),
        (functools.partial(np.mean, axis=(0, 1)), None),
    ],
}

test_right_answers_pass = forms.right_answers(RIGHT)
test_wrong_answers_get_no_false_hint = forms.wrong_answers(WRONG)

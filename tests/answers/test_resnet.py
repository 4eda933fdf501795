"""Answers to the exercises of notebook 05."""

import functools

import numpy as np
import tensorflow as tf
from keras import layers, ops

from answers import forms


def pointwise_in_loops(x, w, b, step):
    rows, columns = range(0, x.shape[1], step), range(0, x.shape[2], step)
    result = np.zeros((len(x), len(rows), len(columns), len(b)))
    for number, picture in enumerate(x):
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                for channel in range(len(b)):
                    products = picture[row, column] * w[:, channel]
                    result[number, i, j, channel] = sum(products) + b[channel]
    return result


def pointwise_of_keras(maps, weights, biases, stride):
    layer = layers.Conv2D(len(biases), 1, strides=stride)
    layer.build((None, None, None, maps.shape[3]))
    layer.set_weights([weights[None, None], biases])
    return layer(maps)


def pointwise_channel_by_channel(maps, weights, biases, stride):
    seen = maps[:, ::stride, ::stride]
    return np.stack([seen @ weights[:, k] + biases[k] for k in range(len(biases))], axis=-1)


def pointwise_everywhere_first(maps, weights, biases, stride):
    everywhere = np.tensordot(maps, weights, axes=(3, 0)) + biases
    return everywhere[:, ::stride][:, :, ::stride].astype("float32")


def pointwise_by_tensorflow(maps, weights, biases, stride):
    return tf.nn.bias_add(tf.nn.conv2d(maps, weights[None, None], stride, "VALID"), biases)


def pointwise_of_taken_rows(maps, weights, biases, stride):
    rows, columns = (np.arange(0, length, stride) for length in maps.shape[1:3])
    return np.einsum("nrci,io->nrco", maps[:, rows][:, :, columns], weights) + biases


def pointwise_of_one_matrix(maps, weights, biases, stride):
    seen = maps[:, ::stride, ::stride]
    rows = np.c_[seen.reshape(-1, maps.shape[3]), np.ones(seen[..., 0].size)]
    return (rows @ np.vstack([weights, biases])).reshape(*seen.shape[:3], -1)


def added_in_loops(a, b):
    result = np.zeros_like(a)
    for place in np.ndindex(a.shape):
        if a[place] + b[place] > 0:
            result[place] = a[place] + b[place]
    return result


def added_layers(x, found):
    return layers.ReLU()(layers.Add()([ops.cast(x, "float32"), ops.cast(found, "float32")]))


class Shortcut:
    def __call__(self, x, found):
        return np.where(x > -found, x + found, 0.0)


def weights_of_keras(inputs, num_filters, projected):
    wanted = [
        (inputs, num_filters, 1),
        (num_filters, num_filters, 3),
        (num_filters, 4 * num_filters, 1),
    ]
    wanted += [(inputs, 4 * num_filters, 1)] if projected else []
    total = 0
    for channels, filters, size in wanted:
        layer = layers.Conv2D(filters, size, use_bias=False)
        layer.build((None, None, None, channels))
        total += layer.count_params()
    return total


def weights_of_a_list(n, m, has_projection):
    parts = [n * m, 3 * 3 * m * m, m * 4 * m, n * 4 * m * has_projection]
    return sum(parts)


def weights_by_dot(inputs, num_filters, projected):
    return np.dot([inputs * (5 if projected else 1), 13 * num_filters], [num_filters, num_filters])


def weights_by_channels(inputs, num_filters, projected):
    total, channels = 0, inputs
    for size, filters in ((1, num_filters), (3, num_filters), (1, 4 * num_filters)):
        total += size**2 * channels * filters
        channels = filters
    return np.array(total + (inputs * channels if projected else 0))


RIGHT = {
    "pointwise_convolution": [
        pointwise_in_loops,
        pointwise_of_keras,
        pointwise_channel_by_channel,
        pointwise_everywhere_first,
        pointwise_by_tensorflow,
        pointwise_of_taken_rows,
        pointwise_of_one_matrix,
    ],
    "add_shortcut": [
        added_in_loops,
        added_layers,
        Shortcut(),
        lambda a, b: tf.nn.relu(a + b),
        lambda a, b: (a + b).clip(0).astype("float32"),
        lambda a, b: (a + b) * (a + b > 0),
        lambda a, b: (np.abs(a + b) + a + b) / 2,
        functools.partial(lambda zero, a, b: np.maximum(zero, np.add(a, b)), 0),
        lambda *both: np.fmax(sum(both), 0),
    ],
    "bottleneck_weights": [
        weights_of_keras,
        weights_of_a_list,
        weights_by_dot,
        weights_by_channels,
        lambda n, m, p: n * m + 13 * m**2 + (4 * n * m if p else 0),
        lambda n, m, p: ops.convert_to_tensor(m * (n * (1 + 4 * p) + 13 * m)),
        lambda n, m, p: np.int32(weights_of_a_list(n, m, p)),
    ],
}


def written_into(x, found):
    x += found
    x[x < 0] = 0
    return x


def three(n, m):
    return n * m + 9 * m * m + 4 * m * m


WRONG = {
    "pointwise_convolution": [
        (lambda x, w, b, s: x[:, ::s, ::s] @ w, "biases_forgotten"),
        (lambda x, w, b, s: x @ w + b, "stride_forgotten"),
        (lambda x, w, b, s: x[:, ::s] @ w + b, "stride_over_rows_only"),
        (lambda x, w, b, s: x[::s, ::s] @ w + b, "stride_over_the_batch"),
        (lambda x, w, b, s: x[:, ::s, ::s] @ w.T + b, "weights_turned"),
        (lambda x, w, b, s: x[:, s - 1 :: s, s - 1 :: s] @ w + b, "stride_begins_later"),
        (lambda x, w, b, s: np.maximum(x[:, ::s, ::s] @ w + b, 0), "relu_applied"),
        (lambda x, w, b, s: x[:, :, ::s] @ w + b, None),
        (lambda x, w, b, s: x[:, ::s, ::s] @ (w + b), None),
        (lambda x, w, b, s: x[:, : x.shape[1] // s, : x.shape[2] // s] @ w + b, None),
        (lambda x, w, b, s: x[:, ::2, ::2] @ w + b if s > 1 else x @ w + b, None),
        (lambda x, w, b, s: x[:, ::s, ::s].swapaxes(1, 2) @ w + b, None),
        (lambda x, w, b, s: x[:, ::s, ::s] * w + b, None),
    ],
    "add_shortcut": [
        (lambda x, f: x + f, "relu_forgotten"),
        (lambda x, f: x + np.maximum(f, 0), "relu_before_the_sum"),
        (lambda x, f: np.maximum(x, 0) + f, "relu_on_what_came_in"),
        (lambda x, f: np.maximum(x, 0) + np.maximum(f, 0), "relu_on_both"),
        (lambda x, f: np.maximum(x, f), "larger_of_both"),
        (lambda x, f: np.maximum(f, 0), "shortcut_forgotten"),
        (lambda x, f: np.maximum(x - f, 0), "subtracted"),
        (lambda x, f: np.abs(x + f), "absolute"),
        (lambda x, f: np.maximum(np.concatenate([x, f], axis=-1), 0), "concatenated"),
        (lambda x, f: np.maximum(x + f, 0) / 2, "averaged"),
        (lambda x, f: np.minimum(x + f, 0), None),
        (lambda x, f: max(x.sum() + f.sum(), 0), None),
        (lambda x, f: np.maximum(f - x, 0), None),
        (lambda x, f: x + f > 0, None),
        (written_into, None),
        (lambda x, f: np.maximum(x + f, 0).mean(axis=0, keepdims=True), None),
    ],
    "bottleneck_weights": [
        (lambda n, m, p: three(n, m), "projection_forgotten"),
        (lambda n, m, p: three(n, m) + 4 * n * m, "always_projected"),
        (lambda n, m, p: three(n, m) + 4 * n * m * (n != 4 * m), "projected_if_it_must_be"),
        (lambda n, m, p: n * m + 9 * m * m + m * m + p * n * m, "never_widened"),
        (lambda n, m, p: three(n, m) + p * n * m, "projection_to_few"),
        (lambda n, m, p: three(n, m) + 4 * n * m * p + (10 if p else 6) * m, "biases_counted"),
        (lambda n, m, p: n * m + m * m + 4 * m * m + 4 * n * m * p, "middle_of_one_by_one"),
        (lambda n, m, p: n * m + 9 * m * m + n * m + 4 * n * m * p, "back_to_the_inputs"),
        (lambda n, m, p: three(n, m) + 9 * 4 * n * m * p, "projection_of_three_by_three"),
        (lambda n, m, p: n * m + 9 * m + 4 * m * m + 4 * n * m * p, None),
        (lambda n, m, p: 9 * n * m + m * m + 4 * m * m + 4 * n * m * p, None),
        (lambda n, m, p: (three(n, m) + 4 * n * m * p) * 1.0, None),
        (lambda n, m, p: three(n, m) + (n * n if p else 0), None),
        (lambda n, m, p: 69_632, forms.CONSTANT),
    ],
}

test_right_answers_pass = forms.right_answers(RIGHT)
test_wrong_answers_get_no_false_hint = forms.wrong_answers(WRONG)

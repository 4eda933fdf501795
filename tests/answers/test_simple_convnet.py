"""Answers to the exercises of notebook 01."""

import collections
import functools
import math

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from answers import forms


def parameters_of_keras(kernel_size, inputs, num_filters):
    layer = layers.Conv2D(num_filters, kernel_size)
    layer.build((None, None, None, inputs))
    return layer.count_params()


def parameters_filter_by_filter(kernel_size, inputs, num_filters):
    total = 0
    for _ in range(num_filters):
        for _ in range(inputs):
            total += kernel_size * kernel_size
        total += 1
    return total


def in_any_number_of_directions(directions, kernel_size, inputs, num_filters):
    return (kernel_size**directions * inputs + 1) * num_filters


def softmax_in_loops(scores):
    probabilities = np.zeros(scores.shape)
    for row, of_picture in enumerate(scores):
        largest = max(of_picture)
        powers = [math.exp(score - largest) for score in of_picture]
        for column, power in enumerate(powers):
            probabilities[row, column] = power / sum(powers)
    return probabilities


def softmax_of_logarithms(s):
    return np.exp(s - np.logaddexp.reduce(s, axis=1, keepdims=True))


def softmax_of_differences(s):
    with np.errstate(over="ignore"):
        return 1 / np.exp(s[:, None, :] - s[:, :, None]).sum(axis=2)


def softmax_upside_down(scores):
    columns = scores.T - scores.max(axis=1)
    powers = np.exp(columns)
    return (powers / powers.sum(axis=0)).T


def softmax_row_by_row(scores):
    def of_row(row):
        powers = np.exp(row - np.max(row))
        return powers / np.sum(powers)

    return np.apply_along_axis(of_row, 1, scores)


def softmax_of_keras(scores):
    return keras.activations.softmax(keras.ops.convert_to_tensor(scores, "float32"))


def loss_in_loops(p, y):
    total = 0.0
    for row, label in zip(p, y, strict=True):
        total -= math.log(max(row[label], 1e-7))
    return total / len(y)


def loss_with_one_hot_labels(probabilities, labels):
    wanted = np.eye(probabilities.shape[1])[labels]
    return -np.sum(wanted * np.log(np.clip(probabilities, 1e-7, 1))) / len(labels)


def loss_by_taking_along(probabilities, labels):
    true = np.take_along_axis(probabilities, labels[:, None], axis=1)
    return np.float32(-np.log(np.clip(true, 1e-7, None)).mean())


def loss_of_keras(probabilities, labels):
    return keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, probabilities))


def loss_of_tensorflow(probabilities, labels):
    true = tf.gather(tf.constant(probabilities), labels, batch_dims=1)
    return tf.reduce_mean(-tf.math.log(tf.maximum(true, 1e-7)))


def loss_of_choices(probabilities, labels):
    return np.array(np.mean(-np.log(np.maximum(np.choose(labels, probabilities.T), 1e-7))))


def loss_of_the_product(probabilities, labels):
    chosen = np.einsum("nc,nc->n", probabilities, np.eye(probabilities.shape[1])[labels])
    return -math.log(np.prod(np.where(chosen < 1e-7, 1e-7, chosen))) / len(labels)


def counts_in_loops(y, guesses, n):
    counts = [[0] * n for _ in range(n)]
    for true, guess in zip(y, guesses, strict=True):
        counts[true][guess] += 1
    return np.array(counts)


def counts_of_pairs(labels, predicted, num_classes):
    pairs = labels * num_classes + predicted
    return np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)


def counts_added_at(labels, predicted, num_classes):
    counts = np.zeros((num_classes,) * 2, "int32")
    np.add.at(counts, (labels, predicted), 1)
    return counts


def counts_of_products(labels, predicted, num_classes):
    classes = np.arange(num_classes)
    of_label, of_answer = (
        (numbers[:, None] == classes).astype(int) for numbers in (labels, predicted)
    )
    return of_label.T @ of_answer


def counts_of_a_histogram(labels, predicted, num_classes):
    edges = np.arange(num_classes + 1) - 0.5
    return np.histogram2d(labels, predicted, bins=(edges, edges))[0].astype(int)


def counts_of_masks(labels, predicted, num_classes):
    classes = range(num_classes)
    return np.array(
        [[np.sum((labels == row) & (predicted == column)) for column in classes] for row in classes]
    )


def counts_of_tensorflow(labels, predicted, num_classes):
    return tf.math.confusion_matrix(labels, predicted, num_classes)


def counts_of_a_counter(labels, predicted, num_classes):
    seen = collections.Counter(zip(labels.tolist(), predicted.tolist(), strict=True))
    return np.fromfunction(np.vectorize(lambda i, j: seen[i, j]), (num_classes,) * 2, dtype=int)


RIGHT = {
    "conv_parameters": [
        parameters_of_keras,
        parameters_filter_by_filter,
        functools.partial(in_any_number_of_directions, 2),
        lambda k, c, f: f * (k * k * c + 1),
        lambda *lengths: int(np.prod([lengths[0], *lengths])) + lengths[-1],
        lambda k, c, f: np.array(k**2 * c * f + f),
        lambda k, c, f: keras.ops.convert_to_tensor(f * (1 + c * k**2)),
        lambda k, c, f: np.zeros((k, k, c, f)).size + np.zeros(f).size,
    ],
    "softmax": [
        softmax_in_loops,
        softmax_of_logarithms,
        softmax_of_differences,
        softmax_upside_down,
        softmax_row_by_row,
        softmax_of_keras,
        tf.nn.softmax,
        lambda s: softmax_in_loops(s).astype("float32"),
    ],
    "cross_entropy": [
        loss_in_loops,
        loss_with_one_hot_labels,
        loss_by_taking_along,
        loss_of_keras,
        loss_of_tensorflow,
        loss_of_choices,
        loss_of_the_product,
    ],
    "confusion_counts": [
        counts_in_loops,
        counts_of_pairs,
        counts_added_at,
        counts_of_products,
        counts_of_a_histogram,
        counts_of_masks,
        counts_of_tensorflow,
        counts_of_a_counter,
    ],
}


def powers(scores):
    return np.exp(scores - scores.max(axis=1, keepdims=True))


def written_into(scores):
    scores -= scores.max(axis=1, keepdims=True)
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def linear_shares(scores):
    above = scores - scores.min(axis=1, keepdims=True) + 1
    return above / above.sum(axis=1, keepdims=True)


def true(probabilities, labels):
    return np.maximum(probabilities[np.arange(len(labels)), labels], 1e-7)


def counted_once(labels, predicted, num_classes):
    counts = np.zeros((num_classes, num_classes), int)
    counts[labels, predicted] += 1
    return counts


def in_bytes(labels, predicted, num_classes):
    counts = np.zeros((num_classes, num_classes), "uint8")
    for row, column in zip(labels, predicted, strict=True):
        counts[row, column] += 1
    return counts


def of_floats(labels, predicted, num_classes):
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (labels, predicted), 1)
    return counts


WRONG = {
    "conv_parameters": [
        (lambda k, c, f: k * k * c * f, "biases_forgotten"),
        (lambda k, c, f: k * k * c * f + 1, "one_bias"),
        (lambda k, c, f: (k * c + 1) * f, "side_once"),
        (lambda k, c, f: (k**2 + 1) * f, "flat_filters"),
        (lambda k, c, f: (k**2 + 1) * c * f, "bias_for_each_channel"),
        (lambda k, c, f: k * k * c * f + c, "biases_of_the_inputs"),
        (lambda k, c, f: k**2 * c * (f + 1), None),
        (lambda k, c, f: 2 * k * c * f + f, None),
        (lambda k, c, f: k ^ 2 * c * f + f, None),  # not a power in Python
        (lambda k, c, f: (k**2 * c + 1) * f / 1, None),
        (lambda k, c, f: str((k**2 * c + 1) * f), None),
        (lambda k, c, f: 2_280, forms.CONSTANT),
    ],
    "softmax": [
        (lambda s: np.exp(s) / np.exp(s).sum(axis=1, keepdims=True), "overflowing"),
        (
            lambda s: np.exp(s - s.max()) / np.exp(s - s.max()).sum(axis=1, keepdims=True),
            "largest_of_all_subtracted",
        ),
        (lambda s: powers(s) / powers(s).sum(), "shares_of_everything"),
        (lambda s: powers(s) / powers(s).sum(axis=1), "axis_lost"),
        (powers, "not_divided"),
        (lambda s: tf.nn.softmax(s, axis=0), "over_the_pictures"),
        (lambda s: tf.sigmoid(s), "sigmoid"),
        (lambda s: np.log(softmax_in_loops(s)), "logarithms"),
        (lambda s: softmax_in_loops(-s), None),
        (linear_shares, None),
        (written_into, None),
        (lambda s: np.eye(s.shape[1])[s.argmax(axis=1)], None),
        (lambda s: softmax_in_loops(s).tolist(), None),
        (lambda s: softmax_in_loops(s).round(1), None),
    ],
    "cross_entropy": [
        (lambda p, y: -np.log(true(p, y)).sum(), "summed"),
        (lambda p, y: np.log(true(p, y)).mean(), "sign_forgotten"),
        (lambda p, y: -np.log(true(p, y)), "not_averaged"),
        (lambda p, y: -np.log2(true(p, y)).mean(), "other_base"),
        (lambda p, y: -np.log10(true(p, y)).mean(), "base_ten"),
        (lambda p, y: -np.log(p[np.arange(len(y)), y]).mean(), "zero_left_in"),
        (lambda p, y: -np.log(np.maximum(p[:, y], 1e-7)).mean(), "every_label_for_every_picture"),
        (lambda p, y: -np.log(true(p, y).mean()), "logarithm_of_the_mean"),
        (lambda p, y: -np.log(p.max(axis=1)).mean(), "of_the_prediction"),
        (lambda p, y: (1 - true(p, y)).mean(), "without_a_logarithm"),
        (lambda p, y: np.log(-p[np.arange(len(y)), y]).mean(), forms.NOT_FINITE),
        (lambda p, y: -np.log(np.clip(p[np.arange(len(y)), y], 1e-15, 1)).mean(), None),
        (lambda p, y: -(true(p, y) * np.log(true(p, y))).mean(), None),
        (lambda p, y: np.mean((1 - true(p, y)) ** 2), None),
    ],
    "confusion_counts": [
        (counted_once, "counted_once"),
        (in_bytes, "type_too_small"),
        (of_floats, "decimal_counts"),
        (lambda y, guess, n: counts_in_loops(guess, y, n), "rows_and_columns_swapped"),
        (lambda y, guess, n: counts_in_loops(y, guess, n).astype("int8"), None),
        (lambda y, guess, n: counts_in_loops(y, guess, y.max() + 1), "seen_classes_only"),
        (lambda y, guess, n: counts_in_loops(y - 1, guess - 1, n), None),
        (
            lambda y, guess, n: np.diag(np.bincount(y[y == guess], minlength=n)),
            "right_answers_only",
        ),
        (lambda y, guess, n: np.bincount(y, minlength=n), "true_classes_only"),
        (lambda y, guess, n: of_floats(y, guess, n) / len(y), None),
        (lambda y, guess, n: counts_in_loops(y, guess, n) + 1, None),
        (lambda y, guess, n: counts_in_loops(y, guess, n).tolist(), None),
    ],
}

test_right_answers_pass = forms.right_answers(RIGHT)
test_wrong_answers_get_no_false_hint = forms.wrong_answers(WRONG)

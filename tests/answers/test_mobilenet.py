"""Answers to the exercises of notebook 03."""

import functools
import math

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from answers import forms


def weights_of_keras(kernel_size, inputs, outputs):
    layer = layers.SeparableConv2D(outputs, kernel_size, use_bias=False)
    layer.build((None, None, None, inputs))
    return layer.count_params()


def weights_channel_by_channel(k, c_in, c_out):
    depthwise = sum(k * k for _ in range(c_in))
    pointwise = sum(1 for _ in range(c_in) for _ in range(c_out))
    return depthwise + pointwise


def weights_of_shapes(kernel_size, inputs, outputs):
    shapes = (kernel_size, kernel_size, inputs, 1), (1, 1, inputs, outputs)
    return sum(map(math.prod, shapes))


def costs_of_positions(height, width, kernel_size, inputs, outputs, stride):
    positions = len(range(0, height, stride)) * len(range(0, width, stride))
    return positions * inputs * (kernel_size**2 + outputs)


def costs_rounded_up(height, width, kernel_size, inputs, outputs, stride):
    rows, columns = math.ceil(height / stride), math.ceil(width / stride)
    depthwise = rows * columns * kernel_size * kernel_size * inputs
    return depthwise + rows * columns * inputs * outputs


def costs_with_earlier_weights(height, width, kernel_size, inputs, outputs, stride):
    rows, columns = (height - 1) // stride + 1, (width - 1) // stride + 1
    return rows * columns * weights_of_shapes(kernel_size, inputs, outputs)


def costs_of_arrays(height, width, kernel_size, inputs, outputs, stride):
    after = np.ceil(np.array([height, width]) / stride).astype(int)
    return np.prod(after) * (kernel_size**2 * inputs + inputs * outputs)


def costs_with_other_names(h, w, k, c, d, s):
    places = -(-h // s) * -(-w // s)
    return np.array(places * c * (k * k + d))


def costs_of_a_mask(height, width, kernel_size, inputs, outputs, stride):
    used = np.zeros((height, width), bool)
    used[::stride, ::stride] = True
    return int(used.sum()) * inputs * (kernel_size * kernel_size + outputs)


def scaled_by_keras(images):
    return layers.Rescaling(1 / 127.5, offset=-1)(images)


def scaled_by_mobilenet(images):
    return keras.applications.mobilenet.preprocess_input(images.astype("float32"))


def scaled_in_loops(pixels):
    result = np.zeros(pixels.shape)
    for place in np.ndindex(pixels.shape):
        result[place] = 2 * int(pixels[place]) / 255 - 1
    return result


def scaled_by_table(images):
    return np.linspace(-1, 1, 256)[images]


def scaled_by_interpolation(images):
    return np.interp(images, [0, 255], [-1, 1])


def normalised_in_loops(x, mu, var, is_training, keep, eps=1e-3):
    result, means, variances = np.zeros(x.shape), [], []
    for channel in range(x.shape[3]):
        numbers = x[..., channel]
        mean, variance = mu[channel], var[channel]
        if is_training:
            mean = sum(numbers.ravel()) / numbers.size
            variance = sum((numbers.ravel() - mean) ** 2) / numbers.size
        result[..., channel] = (numbers - mean) / math.sqrt(variance + eps)
        means.append(keep * mu[channel] + (1 - keep) * mean if is_training else mu[channel])
        share = keep if is_training else 1
        variances.append(share * var[channel] + (1 - share) * variance)
    return result, np.array(means), np.array(variances)


def normalised_rows(maps, mean, variance, training, momentum, epsilon=1e-3):
    rows = maps.reshape(-1, maps.shape[-1])
    if not training:
        return (maps - mean) / (variance + epsilon) ** 0.5, mean, variance
    used = np.einsum("pc->c", rows) / len(rows), rows.var(axis=0)
    scaled = (rows - used[0]) * (used[1] + epsilon) ** -0.5
    mean, variance = (
        old + (1 - momentum) * (new - old) for old, new in zip((mean, variance), used, strict=True)
    )
    return scaled.reshape(maps.shape), mean, variance


def normalised_by_keras(maps, mean, variance, training, momentum, epsilon=1e-3):
    layer = layers.BatchNormalization(
        momentum=momentum, epsilon=epsilon, center=False, scale=False, dtype="float64"
    )
    layer.build(maps.shape)
    layer.set_weights([mean, variance])
    return layer(maps, training=training), layer.moving_mean, layer.moving_variance


def normalised_by_tensorflow(maps, mean, variance, training, momentum, epsilon=1e-3):
    maps, mean, variance = (tf.cast(part, tf.float32) for part in (maps, mean, variance))
    used = tf.nn.moments(maps, axes=[0, 1, 2]) if training else (mean, variance)
    result = tf.nn.batch_normalization(maps, *used, None, None, epsilon)
    share = momentum if training else 1.0
    return result, share * mean + (1 - share) * used[0], share * variance + (1 - share) * used[1]


def normalised_in_single_precision(maps, mean, variance, training, momentum, epsilon=1e-3):
    answer = normalised_rows(maps, mean, variance, training, momentum, epsilon)
    return [part.astype("float32") for part in answer]


def normalised_by_moments(maps, mean, variance, training, momentum, epsilon=1e-3):
    if training:
        now = maps.mean((0, 1, 2)), (maps**2).mean((0, 1, 2)) - maps.mean((0, 1, 2)) ** 2
        old, mean, variance = (mean, variance), *now
    answer = (maps - mean) / np.sqrt(np.add(variance, epsilon))
    if training:
        stacked = momentum * np.stack(old) + (1 - momentum) * np.stack(now)
        mean, variance = stacked
    return answer, mean, variance


def share_in_loops(values, labels):
    hits = 0
    for number, value in enumerate(values):
        best, nearest = None, math.inf
        for other, candidate in enumerate(values):
            distance = sum((value - candidate) ** 2)
            if other != number and distance < nearest:
                best, nearest = other, distance
        hits += labels[best] == labels[number]
    return hits / len(values)


def share_by_sorting(values, labels):
    distances = np.linalg.norm(values[:, None] - values, axis=2)
    second = np.argsort(distances, axis=1, kind="stable")[:, 1]
    return np.mean(labels[second] == labels)


def share_by_the_formula(x, y):
    squares = np.einsum("nf,nf->n", x, x)
    distances = squares[:, None] + squares - 2 * x @ x.T + np.diag(np.full(len(x), np.inf))
    return np.float32((y[distances.argmin(0)] == y).mean())


def share_by_leaving_out(values, labels):
    def is_hit(number):
        others = np.delete(values, number, axis=0)
        nearest = ((others - values[number]) ** 2).sum(axis=1).argmin()
        return np.delete(labels, number)[nearest] == labels[number]

    return np.array(sum(map(is_hit, range(len(values)))) / len(values))


def share_by_keras(values, labels):
    x = ops.convert_to_tensor(values)
    products = ops.matmul(x, ops.transpose(x))
    squares = ops.sum(x * x, axis=1)
    distances = squares[:, None] + squares - 2 * products
    distances = ops.where(ops.eye(len(values), dtype="bool"), np.inf, distances)
    hits = ops.equal(ops.take(labels, ops.argmin(distances, axis=1)), labels)
    return ops.mean(ops.cast(hits, "float32"))


def share_by_rolling(values, labels):
    distances = np.stack([((values - np.roll(values, -k, 0)) ** 2).sum(1) for k in offsets(values)])
    matches = np.stack([labels == np.roll(labels, -k) for k in offsets(values)])
    return np.take_along_axis(matches, distances.argmin(0)[None], 0).mean()


def offsets(values):
    return range(1, len(values))


RIGHT = {
    "separable_weights": [
        weights_of_keras,
        weights_channel_by_channel,
        weights_of_shapes,
        lambda k, c, d: c * (k**2 + d),
        lambda k, c, d: np.array(k * k * c + c * d),
        lambda k, c, d: ops.convert_to_tensor(c * (d + k**2)),
        lambda k, c, d: np.int32(np.dot([k * k, d], [c, c])),
        functools.partial(lambda one, k, c, d: k**2 * c + one * c * d, 1),
    ],
    "separable_multiply_adds": [
        costs_of_positions,
        costs_rounded_up,
        costs_with_earlier_weights,
        costs_of_arrays,
        costs_with_other_names,
        costs_of_a_mask,
        lambda *numbers: ops.convert_to_tensor(costs_rounded_up(*numbers)),
    ],
    "scale_pixels": [
        scaled_by_keras,
        scaled_by_mobilenet,
        scaled_in_loops,
        scaled_by_table,
        scaled_by_interpolation,
        lambda x: x / np.float32(127.5) - 1,
        lambda x: 2 * (x / 255 - 0.5),
        lambda x: tf.cast(x, tf.float32) / 127.5 - 1.0,
        lambda x: (x.astype(int) * 2 - 255) / 255,
    ],
    "batch_normalise": [
        normalised_in_loops,
        normalised_rows,
        normalised_by_keras,
        normalised_by_tensorflow,
        normalised_in_single_precision,
        normalised_by_moments,
    ],
    "same_class_neighbours": [
        share_in_loops,
        share_by_sorting,
        share_by_the_formula,
        share_by_leaving_out,
        share_by_keras,
        share_by_rolling,
    ],
}


def squares(values):
    distances = ((values[:, None] - values) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances


def normalised(maps, mean, variance, training, momentum, epsilon=1e-3, axes=(0, 1, 2), ddof=0):
    if training:
        now = maps.mean(axis=axes), maps.var(axis=axes, ddof=ddof)
        return (
            (maps - now[0]) / np.sqrt(now[1] + epsilon),
            momentum * mean + (1 - momentum) * now[0],
            momentum * variance + (1 - momentum) * now[1],
        )
    return (maps - mean) / np.sqrt(variance + epsilon), mean, variance


def written_into(maps, mean, variance, training, momentum, epsilon=1e-3):
    answer = normalised(maps, mean, variance, training, momentum, epsilon)
    mean[:], variance[:] = answer[1:]
    return answer[0], mean, variance


def only_normalised(*args):
    return normalised(*args)[0]


def fixed_epsilon(maps, mean, variance, training, momentum, epsilon=1e-3):
    return normalised(maps, mean, variance, training, momentum)


def without_epsilon(maps, mean, variance, training, momentum, epsilon=1e-3):
    scaled, *_ = normalised(maps, mean, variance, training, momentum, 0)
    return scaled, *normalised(maps, mean, variance, training, momentum)[1:]


def outside(maps, mean, variance, training, momentum, epsilon=1e-3):
    _, *averages = normalised(maps, mean, variance, training, momentum)
    if training:
        mean, variance = maps.mean(axis=(0, 1, 2)), maps.var(axis=(0, 1, 2))
    return (maps - mean) / (variance**0.5 + epsilon), *averages


WRONG = {
    "separable_weights": [
        (lambda k, c, d: k * k * c * d, "plain_convolution"),
        (lambda k, c, d: k * k * c, "only_depthwise"),
        (lambda k, c, d: c * d, "only_pointwise"),
        (lambda k, c, d: k * k + c * d, "one_kernel_for_all"),
        (lambda k, c, d: k * c + c * d, "side_once"),
        (lambda k, c, d: k * k * c + c * d + c + d, "biases_counted"),
        (lambda k, c, d: k * k * d + c * d, "depthwise_kernels_for_outputs"),
        (lambda k, c, d: k * k * c * c * d, "multiplied"),
        (lambda k, c, d: k * k * c + d, None),
        (lambda k, c, d: k * k * c + c * d + d, None),
        (lambda k, c, d: 2 * k * c + c * d, None),
        (lambda k, c, d: 9 * c + c * d, None),
    ],
    "separable_multiply_adds": [
        (lambda h, w, k, c, d, s: (h // s) * (w // s) * c * (k * k + d), "rounded_down"),
        (lambda h, w, k, c, d, s: h * w * c * (k * k + d), "stride_forgotten"),
        (lambda h, w, k, c, d, s: h * w / s**2 * c * (k * k + d), "not_rounded"),
        (lambda h, w, k, c, d, s: c * (k * k + d), "weights_only"),
        (lambda h, w, k, c, d, s: -((-h // s) ** 2) * c * (k * k + d), None),
        (lambda h, w, k, c, d, s: costs_of_positions(h, h, k, c, d, s), "map_taken_for_square"),
        (lambda *numbers: 2 * costs_of_positions(*numbers), "additions_counted_too"),
        (lambda h, w, k, c, d, s: -(-h // s) * -(-w // s) * k * k * c * d, "plain_multiply_adds"),
        (
            lambda h, w, k, c, d, s: -(-h // s) * -(-w // s) * k * k * c + h * w * c * d,
            None,
        ),
        (lambda h, w, k, c, d, s: math.ceil(h * w / s**2) * c * (k * k + d), None),
        (lambda h, w, k, c, d, s: (h - k) // s * (w - k) // s * c * (k * k + d), None),
        (lambda h, w, k, c, d, s: float(costs_of_positions(h, w, k, c, d, s)), None),
    ],
    "scale_pixels": [
        (lambda x: x * 2 / 255 - 1, "doubled_as_bytes"),
        (lambda x: (x - 128) / 128, "subtracted_as_bytes"),
        (lambda x: x / 255, "zero_to_one"),
        (lambda x: x / 255 - 0.5, "half_as_wide"),
        (lambda x: x / 128.0 - 1, "divided_by_128"),
        (lambda x: x // 127.5 - 1, "divided_to_whole_numbers"),
        (lambda x: x - 127.5, "only_centred"),
        (lambda x: (x / 127.5 - 1).astype("int8"), "made_whole"),
        (lambda x: 2 * x / x.max() - 1, None),
        (lambda x: x / x.max() * 2 - 1, "by_the_brightest_pixel"),
        (lambda x: (x - x.mean()) / x.std(), "standardised"),
        (lambda x: 1 - x / 127.5, "inverted"),
        (lambda x: (x.astype(float) - 127) / 128, None),
        (lambda x: x / 127.5, None),
        (lambda x: np.stack([2 * p / np.ptp(p) - 1 for p in x.astype(float)]), None),
        (lambda x: (x / 127.5 - 1)[..., ::-1], None),
    ],
    "batch_normalise": [
        (without_epsilon, "epsilon_forgotten"),
        (fixed_epsilon, "epsilon_always_the_same"),
        (outside, "epsilon_outside_the_root"),
        (functools.partial(normalised, axes=0), "over_the_batch_axis_only"),
        (lambda x, m, v, t, keep, e=1e-3: normalised(x, m, v, True, keep, e), "always_in_training"),
        (lambda x, m, v, t, keep, e=1e-3: normalised(x, m, v, False, keep, e), "never_in_training"),
        (lambda x, m, v, t, keep, e=1e-3: normalised(x, m, v, not t, keep, e), "other_way_round"),
        (
            lambda x, m, v, t, keep, e=1e-3: normalised(x, m, v, t, 1 - keep, e),
            "momentum_for_the_batch",
        ),
        (
            lambda x, m, v, t, keep, e=1e-3: (normalised(x, m, v, t, keep, e)[0], m, v),
            "averages_stay",
        ),
        (lambda x, m, v, t, keep, e=1e-3: normalised(x, m, v, t, 0.9, e), None),
        (lambda *args: normalised(*args)[::-1], None),
        (lambda *args: normalised(*args)[:2], None),
        (functools.partial(normalised, ddof=1), None),
        (written_into, None),
        (only_normalised, None),
    ],
    "same_class_neighbours": [
        (lambda x, y: np.mean(y[((x[:, None] - x) ** 2).sum(2).argmin(1)] == y), "own_neighbours"),
        (lambda x, y: np.sum(y[squares(x).argmin(1)] == y), "counted"),
        (lambda x, y: np.mean(y[squares(x).argmin(1)] == y) * len(y), "counted"),
        (lambda x, y: np.mean(y[squares(x).argmin(1)] != y), "of_another_class"),
        (lambda x, y: np.mean(squares(x).argmin(1) == y), "places_for_classes"),
        (lambda x, y: np.mean(y[((x[:, None] - x) ** 2).sum(2).argmax(1)] == y), "farthest"),
        (lambda x, y: share_in_loops(x[:, :1], y), "only_the_first_feature"),
        (lambda x, y: np.mean(y[squares(x).min(1).astype(int) % len(y)] == y), None),
        (lambda x, y: y[squares(x).argmin(1)] == y, None),
        (lambda x, y: np.mean(y[:-1] == y[1:]), None),
        (lambda x, y: np.mean(y[np.abs(x[:, None] - x).max(2).argsort(1)[:, 1]] == y), None),
        (lambda x, y: 100 * share_in_loops(x, y), None),
        (lambda x, y: 0.5, forms.CONSTANT),
    ],
}

test_right_answers_pass = forms.right_answers(RIGHT)
test_wrong_answers_get_no_false_hint = forms.wrong_answers(WRONG)

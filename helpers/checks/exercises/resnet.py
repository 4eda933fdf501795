"""Exercises of notebook 05: the shortcut, the 1 × 1 convolution, and what a bottleneck costs."""

import numpy as np

from helpers.checks.declare import Case, exercise

NOTEBOOK = "05_resnet50"


@exercise(NOTEBOOK, "helpers.shortcuts:pointwise_convolution")
def pointwise_convolution(rng):
    """Maps, weights (in, out), biases (out,) and a stride."""
    place = np.array([1.0, 2.0]).reshape(1, 1, 1, 2)
    weights, biases = np.array([[3.0, 0.0, 1.0], [4.0, 5.0, 1.0]]), np.array([0.5, 0.0, -3.0])
    yield Case("one place, from two channels to three", place, weights, biases, 1)
    row = rng.integers(-3, 4, (1, 1, 3, 2)).astype(float)
    yield Case("three places in a row", row, weights, biases, 1)
    square = rng.integers(-3, 4, (2, 2)).astype(float)
    yield Case("as many channels as before", row, square, np.array([1.0, -2.0]), 1)
    higher = rng.integers(-3, 4, (1, 3, 5, 2)).astype(float)
    yield Case("stride 2", higher[:, :2, :4], weights, biases, 2)
    yield Case("a stride that does not divide", higher, weights, biases, 2)
    maps, weights = rng.normal(size=(2, 7, 5, 4)), rng.normal(size=(4, 3))
    yield Case("two pictures, stride 3", maps, weights, rng.normal(size=3), 3)


@pointwise_convolution.mistake
def biases_forgotten(right, maps, weights, biases, stride):
    """Add the biases, one for each channel that comes out."""
    return right(maps, weights, 0 * biases, stride)


@pointwise_convolution.mistake
def stride_forgotten(right, maps, weights, biases, stride):
    """With a stride of s, take only every s-th row and column."""
    return right(maps, weights, biases, 1)


@pointwise_convolution.mistake
def stride_over_rows_only(right, maps, weights, biases, stride):
    """The stride is for the columns, too."""
    return right(maps[:, ::stride], weights, biases, 1)


@pointwise_convolution.mistake
def stride_over_the_batch(right, maps, weights, biases, stride):
    """The first axis is the batch: rows and columns are axes 1 and 2."""
    return right(maps[::stride, ::stride], weights, biases, 1)


@pointwise_convolution.mistake
def stride_begins_later(right, maps, weights, biases, stride):
    """Begin with the first row and column: ::s, not s - 1::s."""
    return right(maps[:, stride - 1 :: stride, stride - 1 :: stride], weights, biases, 1)


@pointwise_convolution.mistake
def places_averaged(right, maps, weights, biases, stride):
    """With a stride, the pixels between are left out; these are averages over them."""
    height, width = (side // stride * stride for side in maps.shape[1:3])
    blocks = maps[:, :height, :width].reshape(
        len(maps), height // stride, stride, width // stride, stride, -1
    )
    return right(blocks.mean(axis=(2, 4)), weights, biases, 1)


@pointwise_convolution.mistake
def weights_turned(right, maps, weights, biases, stride):
    """The weights are (in, out) already: do not transpose them."""
    return maps[:, ::stride, ::stride] @ weights.T + biases


@pointwise_convolution.mistake
def summed_over_places(right, maps, weights, biases, stride):
    """Each place keeps an answer of its own: sum over the channels only."""
    return right(maps, weights, biases, stride).sum(axis=(1, 2))


@pointwise_convolution.mistake
def relu_applied(right, maps, weights, biases, stride):
    """Leave what is negative as it is: in ResNet a normalisation comes before the ReLU."""
    return np.maximum(right(maps, weights, biases, stride), 0)


@exercise(NOTEBOOK, "helpers.shortcuts:add_shortcut")
def add_shortcut(rng):
    """What came in and what the layers found, of one shape."""

    def maps(*shape):
        return rng.integers(-5, 6, shape).astype(float)

    x = np.array([1.0, 2.0, -1.0, -4.0, 7.0]).reshape(1, 1, 5, 1)
    found = np.array([3.0, -5.0, -1.0, 6.0, 2.0]).reshape(1, 1, 5, 1)
    yield Case("five numbers", x, found)
    yield Case("nothing found", maps(1, 2, 3, 2), np.zeros((1, 2, 3, 2)))
    yield Case("nothing came in", np.zeros((1, 2, 3, 2)), maps(1, 2, 3, 2))
    yield Case("two channels", maps(1, 2, 3, 2), maps(1, 2, 3, 2))
    yield Case("two pictures", rng.normal(size=(2, 3, 4, 3)), rng.normal(size=(2, 3, 4, 3)))


@add_shortcut.mistake
def relu_forgotten(right, x, found):
    """A ReLU follows the sum: what is negative becomes 0."""
    return x + found


@add_shortcut.mistake
def relu_before_the_sum(right, x, found):
    """First the sum, then ReLU: F(x) may take something away, so it must be allowed below 0."""
    return x + np.maximum(found, 0)


@add_shortcut.mistake
def relu_before_and_after(right, x, found):
    """No ReLU on F(x) before the sum: F must be able to take something away."""
    return np.maximum(x + np.maximum(found, 0), 0)


@add_shortcut.mistake
def relu_on_what_came_in(right, x, found):
    """ReLU once, on the sum; what came in stays as it is."""
    return np.maximum(x, 0) + found


@add_shortcut.mistake
def relu_on_both(right, x, found):
    """ReLU once, on the sum; not on each part."""
    return np.maximum(x, 0) + np.maximum(found, 0)


@add_shortcut.mistake
def shortcut_forgotten(right, x, found):
    """That is a plain network: add what came in."""
    return np.maximum(found, 0)


@add_shortcut.mistake
def found_forgotten(right, x, found):
    """This passes on what came in, and leaves out what the layers found."""
    return np.maximum(x, 0)


@add_shortcut.mistake
def subtracted(right, x, found):
    """The two are added; this is a difference."""
    return np.maximum(x - found, 0)


@add_shortcut.mistake
def multiplied(right, x, found):
    """The two are added, not multiplied: with F = 0 nothing would pass."""
    return np.maximum(x * found, 0)


@add_shortcut.mistake
def concatenated(right, x, found):
    """Add number by number; this sets the channels side by side, as DenseNet does."""
    return np.maximum(np.concatenate([x, found], axis=-1), 0)


@add_shortcut.mistake
def averaged(right, x, found):
    """A sum, not a mean: what came in is to pass whole."""
    return right(x, found) / 2


@add_shortcut.mistake
def larger_of_both(right, x, found):
    """np.maximum(x, F(x)) takes one of both; add them, and compare the sum with 0."""
    return np.maximum(x, found)


@add_shortcut.mistake
def absolute(right, x, found):
    """ReLU sets to 0 what is negative; this takes the minus sign away."""
    return np.abs(x + found)


@exercise(NOTEBOOK, "helpers.cost:bottleneck_weights")
def bottleneck_weights(rng):
    """Channels that come in, filters of the first two convolutions, whether projected."""
    yield Case("256 channels, squeezed to 64", 256, 64, False)
    yield Case("the first block of all, from 64 channels", 64, 64, True)
    yield Case("the first block of a stage", 256, 128, True)
    yield Case("a small one", 8, 2, False)
    yield Case("a projection to as many channels as came in", 32, 8, True)
    for inputs, num_filters in rng.integers(3, 40, (3, 2)).tolist():
        yield Case("a projection by chance", inputs, num_filters, True)


def _three(inputs, num_filters):
    return inputs * num_filters, 9 * num_filters**2, 4 * num_filters**2


@bottleneck_weights.mistake
def projection_forgotten(right, inputs, num_filters, projected):
    """A projected shortcut has weights as well: a 1 × 1 convolution to four times the filters."""
    return right(inputs, num_filters, False)


@bottleneck_weights.mistake
def always_projected(right, inputs, num_filters, projected):
    """Only some shortcuts are projected; an identity block's has no weights."""
    return right(inputs, num_filters, True)


@bottleneck_weights.mistake
def projected_if_it_must_be(right, inputs, num_filters, projected):
    """Whether there is a projection is what `projected` says."""
    return right(inputs, num_filters, inputs != 4 * num_filters)


@bottleneck_weights.mistake
def never_widened(right, inputs, num_filters, projected):
    """The block gives four times as many channels as the filters of its first convolutions."""
    narrow = inputs * num_filters + 10 * num_filters**2
    return narrow + (inputs * num_filters if projected else 0)


@bottleneck_weights.mistake
def projection_from_the_filters(right, inputs, num_filters, projected):
    """The projection takes the channels that come in, not the squeezed ones."""
    return sum(_three(inputs, num_filters)) + (4 * num_filters**2 if projected else 0)


@bottleneck_weights.mistake
def projection_to_few(right, inputs, num_filters, projected):
    """The projection must give as many channels as the block does, four times the filters."""
    return sum(_three(inputs, num_filters)) + (inputs * num_filters if projected else 0)


@bottleneck_weights.mistake
def projection_of_three_by_three(right, inputs, num_filters, projected):
    """The projection is 1 × 1, too."""
    return sum(_three(inputs, num_filters)) + (36 * inputs * num_filters if projected else 0)


@bottleneck_weights.mistake
def last_not_widened(right, inputs, num_filters, projected):
    """The third convolution has four times as many filters as the second."""
    return right(inputs, num_filters, projected) - 3 * num_filters**2


@bottleneck_weights.mistake
def back_to_the_inputs(right, inputs, num_filters, projected):
    """The third convolution leads to four times the filters, not to what came in."""
    first, second, _ = _three(inputs, num_filters)
    last = num_filters * inputs
    return first + second + last + (4 * inputs * num_filters if projected else 0)


@bottleneck_weights.mistake
def middle_of_one_by_one(right, inputs, num_filters, projected):
    """The middle convolution is 3 × 3: nine weights for each pair of channels."""
    return right(inputs, num_filters, projected) - 8 * num_filters**2


@bottleneck_weights.mistake
def middle_side_once(right, inputs, num_filters, projected):
    """A kernel of 3 × 3 has 9 weights, not 3."""
    return right(inputs, num_filters, projected) - 6 * num_filters**2


@bottleneck_weights.mistake
def middle_on_all_channels(right, inputs, num_filters, projected):
    """The middle convolution gets the squeezed channels only, not all that came in."""
    return right(inputs, num_filters, projected) + 9 * num_filters * (inputs - num_filters)


@bottleneck_weights.mistake
def biases_counted(right, inputs, num_filters, projected):
    """Leave the biases out."""
    return right(inputs, num_filters, projected) + (10 if projected else 6) * num_filters


EXERCISES = (pointwise_convolution, add_shortcut, bottleneck_weights)

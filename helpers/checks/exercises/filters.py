"""Exercises of notebook 02: filters as pictures, how alike they are, and what they see and want."""

import numpy as np

from helpers.checks.declare import Case, exercise

NOTEBOOK = "02_filter_visualization"


@exercise(NOTEBOOK, "helpers.filters:stretch")
def stretch(rng):
    """Pictures (pictures, height, width, channels) of any values."""
    yield Case("one grey filter", np.array([[-1.0, 0.0, 3.0]]).reshape(1, 1, 3, 1))
    yield Case("only positive numbers", np.array([[2.0, 3.0], [6.0, 4.0]]).reshape(1, 2, 2, 1))
    yield Case("a weak one and a strong one", np.array([0, 1, 0, 8.0]).reshape(2, 1, 2, 1))
    yield Case("three colours", rng.integers(-9, 10, (1, 2, 2, 3)).astype(float))
    yield Case("several filters", rng.normal(size=(4, 3, 2, 3)))
    flat = np.stack([np.full((2, 3, 1), 2.0), np.arange(6.0).reshape(2, 3, 1)])
    yield Case("one without any contrast", flat)


def _stretched(pictures, axes):
    low, high = pictures.min(axes, keepdims=True), pictures.max(axes, keepdims=True)
    gap = high - low
    return np.where(gap > 0, (pictures - low) / np.where(gap > 0, gap, 1), 0.5)


@stretch.mistake
def all_on_one_scale(right, pictures):
    """Each picture has a scale of its own; here all share one."""
    return _stretched(pictures, None)


@stretch.mistake
def each_colour_by_itself(right, pictures):
    """The colours of a picture are stretched together, otherwise its tints change."""
    return _stretched(pictures, (1, 2))


@stretch.mistake
def along_the_batch(right, pictures):
    """The smallest and the largest are those of a picture, over axes 1 to 3; axis 0 counts the
    pictures.
    """
    return _stretched(pictures, 0)


@stretch.mistake
def division_by_nothing(right, pictures):
    """A picture without contrast is divided 0 / 0: it is to become 0.5."""
    low = pictures.min((1, 2, 3), keepdims=True)
    return (pictures - low) / (pictures.max((1, 2, 3), keepdims=True) - low)


@stretch.mistake
def flat_is_black(right, pictures):
    """A picture without contrast is to become mid-grey, 0.5, not black."""
    low = pictures.min((1, 2, 3), keepdims=True)
    return (pictures - low) / (pictures.max((1, 2, 3), keepdims=True) - low + 1e-12)


@stretch.mistake
def flat_is_white(right, pictures):
    """A picture without contrast is to become mid-grey, 0.5, not white."""
    has_contrast = np.ptp(pictures, (1, 2, 3), keepdims=True) > 0
    return np.where(has_contrast, right(pictures), 1)


@stretch.mistake
def only_divided(right, pictures):
    """Subtract the smallest number first, so that it becomes 0."""
    return pictures / pictures.max((1, 2, 3), keepdims=True)


@stretch.mistake
def divided_by_the_largest(right, pictures):
    """Once the smallest is subtracted, what remains reaches up to largest − smallest: divide by
    that.
    """
    low = pictures.min((1, 2, 3), keepdims=True)
    return (pictures - low) / pictures.max((1, 2, 3), keepdims=True)


@stretch.mistake
def only_moved(right, pictures):
    """The smallest is 0 now, but the largest not yet 1: divide."""
    return pictures - pictures.min((1, 2, 3), keepdims=True)


@stretch.mistake
def inverted(right, pictures):
    """Black and white are the wrong way round: the smallest is to become 0."""
    return 1 - right(pictures)


@stretch.mistake
def grey_levels(right, pictures):
    """0 to 1 was asked for, not 0 to 255."""
    return 255 * right(pictures)


@stretch.mistake
def clipped(right, pictures):
    """This cuts off what lies outside 0 to 1; stretch it, so that nothing is lost."""
    return np.clip(pictures, 0, 1)


@stretch.mistake
def standard_scores(right, pictures):
    """That is mean 0 and deviation 1; black and white are asked for, the smallest and largest."""
    spread = pictures.std((1, 2, 3), keepdims=True)
    return (pictures - pictures.mean((1, 2, 3), keepdims=True)) / spread


@exercise(NOTEBOOK, "helpers.filters:similarity")
def similarity(rng):
    """Filters (filters, height, width) and reference patterns (references, height, width)."""
    edge = np.array([[[1.0, 0.0, -1.0]] * 2]).reshape(1, 2, 3)
    yield Case("an edge with itself", edge, edge)
    yield Case("with a stronger one", edge, 3 * edge)
    yield Case("with its negative", edge, -edge)
    yield Case("with a brighter one", edge, edge + 2)
    line = np.array([[[0.0, 3.0, 0.0]] * 2]).reshape(1, 2, 3)
    yield Case("with a line", edge + line, line)
    filters = rng.integers(-4, 5, (3, 2, 3)).astype(float)
    yield Case("three filters, two patterns", filters, np.concatenate([edge, line]))
    yield Case("eight filters, four patterns", rng.normal(1, 1, (8, 3, 4)), rng.random((4, 3, 4)))
    yield Case("two filters, two patterns", filters[:2], np.concatenate([line + edge, edge]))


def _rows(patterns, *, centred=True, unit=True):
    rows = patterns.reshape(len(patterns), -1)
    rows = rows - rows.mean(axis=1, keepdims=True) if centred else rows
    return rows / np.linalg.norm(rows, axis=1, keepdims=True) if unit else rows


@similarity.mistake
def brightness_left_in(right, kernels, references):
    """Subtract from each pattern its mean first: brightness should not count."""
    return np.abs(_rows(kernels, centred=False) @ _rows(references, centred=False).T)


@similarity.mistake
def one_mean_for_all(right, kernels, references):
    """Subtract from each pattern its own mean, not the mean of all of them."""
    return np.abs(
        _rows(kernels - kernels.mean(), centred=False)
        @ _rows(references - references.mean(), centred=False).T
    )


@similarity.mistake
def strength_left_in(right, kernels, references):
    """Divide each pattern by its length: how strong it is should not count."""
    return np.abs(_rows(kernels, unit=False) @ _rows(references, unit=False).T)


@similarity.mistake
def only_one_set_has_length_one(right, kernels, references):
    """The reference patterns are to have length 1 as well."""
    return np.abs(_rows(kernels) @ _rows(references, unit=False).T)


@similarity.mistake
def squared_lengths(right, kernels, references):
    """A length is the *root* of the sum of squares."""
    shorter = [
        _rows(x) / np.linalg.norm(_rows(x, unit=False), axis=1, keepdims=True)
        for x in (kernels, references)
    ]
    return np.abs(shorter[0] @ shorter[1].T)


@similarity.mistake
def sign_left_in(right, kernels, references):
    """A pattern and its negative are as alike as can be: take the absolute value."""
    return _rows(kernels) @ _rows(references).T


@similarity.mistake
def squared(right, kernels, references):
    """This is the square of the similarity."""
    return right(kernels, references) ** 2


@similarity.mistake
def table_on_its_side(right, kernels, references):
    """Filters are the rows and patterns the columns of the table."""
    return right(references, kernels)


@similarity.mistake
def best_only(right, kernels, references):
    """Give the whole table, each filter with each pattern, not only the best of each."""
    return right(kernels, references).max(axis=1)


@similarity.mistake
def averaged_products(right, kernels, references):
    """Add up the products; this is their mean."""
    return right(kernels, references) / kernels[0].size


@similarity.mistake
def absolute_values_first(right, kernels, references):
    """Add up the products first; the absolute value is taken of their sum."""
    return np.abs(_rows(kernels)) @ np.abs(_rows(references)).T


@exercise(NOTEBOOK, "helpers.deep_filters:receptive_field")
def receptive_field(rng):
    """Kernel sizes and strides, from the picture upwards."""
    yield Case("one layer", [3], [1])
    yield Case("two layers", [3, 3], [1, 1])
    yield Case("one layer with a stride", [5], [2])
    yield Case("a stride below", [3, 3], [2, 1])
    yield Case("a convolution, a pooling, a convolution", [3, 2, 3], [1, 2, 1])
    yield Case("strides at every layer", [7, 3, 3], [2, 2, 2])
    yield Case("1 × 1 on top", [5, 1], [2, 1])
    for count in (3, 5):
        sizes, strides = rng.integers(1, 6, count).tolist(), rng.integers(1, 4, count).tolist()
        yield Case("a stack by chance", sizes, strides)


def _field(kernel_sizes, strides, *, start=1, less=1, own_stride_first=False, adding=False):
    size, step = start, 1
    for kernel_size, stride in zip(kernel_sizes, strides, strict=True):
        following = step + stride if adding else step * stride
        size += (kernel_size - less) * (following if own_stride_first else step)
        step = following
    return size


@receptive_field.mistake
def sizes_added(right, kernel_sizes, strides):
    """A kernel's middle lies on what was there before: a kernel of 3 adds 2 steps, not 3."""
    return _field(kernel_sizes, strides, less=0)


@receptive_field.mistake
def begun_at_nothing(right, kernel_sizes, strides):
    """Without any layer, one pixel is seen: begin with 1."""
    return _field(kernel_sizes, strides, start=0)


@receptive_field.mistake
def nothing_before_and_whole_kernels(right, kernel_sizes, strides):
    """Begin with 1 pixel, and let a kernel of k add k − 1 steps."""
    return _field(kernel_sizes, strides, start=0, less=0)


@receptive_field.mistake
def strides_ignored(right, kernel_sizes, strides):
    """A stride makes all later steps longer; these answers leave the strides out."""
    return _field(kernel_sizes, [1] * len(strides))


@receptive_field.mistake
def own_stride_counted(right, kernel_sizes, strides):
    """A layer's stride lengthens the steps of those *above* it, not its own."""
    return _field(kernel_sizes, strides, own_stride_first=True)


@receptive_field.mistake
def strides_added(right, kernel_sizes, strides):
    """Strides multiply: two of 2 make steps of 4, and one of 1 changes nothing."""
    return _field(kernel_sizes, strides, adding=True)


@receptive_field.mistake
def last_stride_only(right, kernel_sizes, strides):
    """All strides below count, multiplied; this takes only that of the layer just below."""
    steps = [1, *strides[:-1]]
    return 1 + sum((k - 1) * step for k, step in zip(kernel_sizes, steps, strict=True))


@receptive_field.mistake
def from_the_top(right, kernel_sizes, strides):
    """The first layer of the lists is the one at the picture; this begins with the last."""
    return right(kernel_sizes[::-1], strides[::-1])


@receptive_field.mistake
def on_one_side_only(right, kernel_sizes, strides):
    """A kernel of 3 adds a step on *either* side."""
    return 1 + (right(kernel_sizes, strides) - 1) // 2


@receptive_field.mistake
def multiplied(right, kernel_sizes, strides):
    """The sizes do not multiply: neighbouring windows overlap."""
    return int(np.prod(kernel_sizes))


@receptive_field.mistake
def in_two_directions(right, kernel_sizes, strides):
    """Pixels in one direction were asked for, not those of the whole square."""
    return right(kernel_sizes, strides) ** 2


@exercise(NOTEBOOK, "helpers.deep_filters:ascent_step")
def ascent_step(rng):
    """Pictures in 0 to 255, their gradients, and the size of a step."""
    grey = np.full((1, 1, 4, 1), 100.0)
    slope = np.array([1.0, -1.0, 1.0, -1.0]).reshape(grey.shape)  # of deviation 1
    yield Case("one grey picture", grey, slope, 10.0)
    yield Case("a weak gradient", grey, slope / 50, 10.0)
    yield Case("all brighter, some more", grey, slope + 3, 10.0)
    edge = np.array([2.0, 3.0, 250.0, 254.0]).reshape(grey.shape)
    yield Case("near black and white", edge, np.array([-3.0, 1.0, 1.0, 1.0]).reshape(grey.shape), 9)
    both = np.concatenate([grey, grey + 20])
    yield Case("a weak and a strong one", both, np.concatenate([slope, 30 * slope]), 10.0)
    pictures = rng.integers(0, 256, (2, 1, 2, 3)).astype(float)
    tinted = rng.normal(size=pictures.shape) * [1.0, 2.0, 5.0]
    yield Case("three colours", pictures, tinted, 6.0)
    yield Case("a gradient of zeros", both, np.concatenate([0 * slope, slope]), 10.0)


def _spread(gradient, axes=(1, 2, 3)):
    return gradient.std(axis=axes, keepdims=True) + 1e-8


def _kept(pictures):
    return np.clip(pictures, 0, 255)


@ascent_step.mistake
def downhill(right, pictures, gradient, step_size):
    """Uphill: add the gradient, do not subtract it."""
    return right(pictures, -gradient, step_size)


@ascent_step.mistake
def not_normalised(right, pictures, gradient, step_size):
    """Divide the gradient by its standard deviation, or weak ones hardly change anything."""
    return _kept(pictures + step_size * gradient)


@ascent_step.mistake
def one_spread_for_all(right, pictures, gradient, step_size):
    """Each picture's gradient is divided by its own deviation, not by that of all together."""
    return _kept(pictures + step_size * gradient / (gradient.std() + 1e-8))


@ascent_step.mistake
def each_colour_apart(right, pictures, gradient, step_size):
    """The deviation is that of the whole picture, its colours together."""
    return _kept(pictures + step_size * gradient / _spread(gradient, (1, 2)))


@ascent_step.mistake
def signs_only(right, pictures, gradient, step_size):
    """Only the signs are left: pixels that count more should change more."""
    return _kept(pictures + step_size * np.sign(gradient))


@ascent_step.mistake
def variance_for_deviation(right, pictures, gradient, step_size):
    """Divide by the deviation, np.std; this is the variance."""
    return _kept(pictures + step_size * gradient / (_spread(gradient) ** 2 + 1e-8))


@ascent_step.mistake
def mean_subtracted(right, pictures, gradient, step_size):
    """Leave the gradient's mean in: all pixels may become brighter at once."""
    centred = gradient - gradient.mean(axis=(1, 2, 3), keepdims=True)
    return _kept(pictures + step_size * centred / _spread(gradient))


@ascent_step.mistake
def divided_by_zero(right, pictures, gradient, step_size):
    """A gradient of zeros has deviation 0: add 1e-8 before you divide."""
    return _kept(pictures + step_size * gradient / gradient.std(axis=(1, 2, 3), keepdims=True))


@ascent_step.mistake
def out_of_range(right, pictures, gradient, step_size):
    """Grey levels end at 0 and 255: np.clip."""
    return pictures + step_size * gradient / _spread(gradient)


@ascent_step.mistake
def clipped_to_one(right, pictures, gradient, step_size):
    """The pictures are in 0 to 255, not in 0 to 1."""
    return np.clip(pictures + step_size * gradient / _spread(gradient), 0, 1)


@ascent_step.mistake
def step_size_forgotten(right, pictures, gradient, step_size):
    """Multiply with the size of the step."""
    return right(pictures, gradient, 1.0)


@ascent_step.mistake
def change_only(right, pictures, gradient, step_size):
    """That is the change; add it to the pictures."""
    return step_size * gradient / _spread(gradient)


@ascent_step.mistake
def whole_grey_levels(right, pictures, gradient, step_size):
    """Leave the grey levels decimal: small changes must not be rounded away."""
    return right(pictures, gradient, step_size).astype("uint8")


EXERCISES = (stretch, similarity, receptive_field, ascent_step)

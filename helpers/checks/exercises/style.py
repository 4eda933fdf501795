"""Exercises of notebook 08: the costs of content and style, Gram matrices, and total variation."""

import numpy as np

from helpers.checks.declare import Case, exercise

NOTEBOOK = "08_neural_style_transfer"


def _maps(rng, *shape):
    """Make maps of one picture with numbers above and below 0, float32 of shape `shape`."""
    return rng.normal(scale=2.0, size=shape).astype(np.float32)


def _array(*numbers, shape):
    return np.array(numbers, np.float32).reshape(shape)


@exercise(NOTEBOOK, "helpers.style.costs:content_cost")
def content_cost(rng):
    """Maps of the content photo and of the generated picture, (height, width, channels)."""
    one = _array(1, 2, shape=(1, 1, 2))
    yield Case("one position, two channels", one, _array(3, 2, shape=(1, 1, 2)))
    yield Case("the same maps", one, one)
    row = _array(1, 5, 2, shape=(1, 3, 1))
    yield Case("a row of three positions", row, _array(2, 3, 2, shape=(1, 3, 1)))
    column = _array(1, 3, shape=(2, 1, 1))
    yield Case("differences of opposite sign", column, column[::-1].copy())
    yield Case("maps of 2 × 3 positions", _maps(rng, 2, 3, 4), _maps(rng, 2, 3, 4))
    yield Case("higher than wide", _maps(rng, 5, 2, 3), _maps(rng, 5, 2, 3))
    yield Case("one channel", _maps(rng, 3, 4, 1), _maps(rng, 3, 4, 1))


@content_cost.mistake
def four_forgotten(right, content, generated):
    """This is the mean of the squared differences: divide it by 4 as well."""
    return np.mean((content - generated) ** 2)


@content_cost.mistake
def two_for_four(right, content, generated):
    """Divide the mean of the squared differences by 4, not by 2."""
    return np.mean((content - generated) ** 2) / 2


@content_cost.mistake
def halved_sum(right, content, generated):
    """This is half the sum, as in the paper. Here the sum is divided by
    4 · height · width · channels.
    """
    return np.sum((content - generated) ** 2) / 2


@content_cost.mistake
def quarter_of_the_sum(right, content, generated):
    """Divide by height · width · channels as well, not only by 4."""
    return np.sum((content - generated) ** 2) / 4


@content_cost.mistake
def sum_not_divided(right, content, generated):
    """This is the sum of the squared differences: divide it by 4 · height · width · channels."""
    return np.sum((content - generated) ** 2)


@content_cost.mistake
def channels_not_counted(right, content, generated):
    """Divide by the number of channels, too, not only by 4 · height · width."""
    return np.sum((content - generated) ** 2) / (4 * len(content) * content.shape[1])


@content_cost.mistake
def maps_taken_for_square(right, content, generated):
    """The maps need not be square: divide by height · width, not by height²."""
    height, _, channels = content.shape
    return np.sum((content - generated) ** 2) / (4 * height * height * channels)


@content_cost.mistake
def brackets_forgotten(right, content, generated):
    """Set brackets: `x / 4 * h` is a quarter of x, times h. Write `x / (4 * h * w * c)`."""
    return np.sum((content - generated) ** 2) / 4 * content.size


@content_cost.mistake
def absolute_values(right, content, generated):
    """Square the differences; these are their absolute values."""
    return np.mean(np.abs(content - generated)) / 4


@content_cost.mistake
def neither_squared_nor_absolute(right, content, generated):
    """Differences can be negative and cancel: square them before you add them up."""
    return np.mean(content - generated) / 4


@content_cost.mistake
def squared_after_the_sum(right, content, generated):
    """Square each difference, then add up; here the sum is squared."""
    return np.sum(content - generated) ** 2 / (4 * content.size)


@content_cost.mistake
def differences_of_squares(right, content, generated):
    """Subtract first, then square; these are differences of squares."""
    return np.mean(content**2 - generated**2) / 4


@content_cost.mistake
def root_of_the_sum(right, content, generated):
    """Do not take the root of the sum: `np.linalg.norm` does, unless you square it."""
    return np.linalg.norm(content - generated) / (4 * content.size)


@content_cost.mistake
def still_a_map(right, content, generated):
    """The cost is one number: add up over positions and channels."""
    return (content - generated) ** 2 / (4 * content.size)


@exercise(NOTEBOOK, "helpers.style.costs:gram_matrix")
def gram_matrix(rng):
    """Maps of one picture, (height, width, channels)."""
    yield Case("one position, two channels", _array(2, 3, shape=(1, 1, 2)))
    yield Case("two positions, two channels", _array(1, 2, 3, 4, shape=(1, 2, 2)))
    apart = _array(1, 0, 0, 2, 3, 0, shape=(3, 1, 2))
    yield Case("channels that never fire at the same place", apart)
    yield Case("one channel", _array(1, 2, 0, 3, 1, 2, shape=(2, 3, 1)))
    yield Case("more channels than positions", _maps(rng, 2, 1, 5))
    yield Case("more positions than channels", _maps(rng, 4, 3, 2))
    yield Case("as many positions as channels", _maps(rng, 2, 3, 6))


def _rows(features):
    """All positions below each other, (positions, channels)."""
    return features.reshape(-1, features.shape[2])


def _gram(features):
    return _rows(features).T @ _rows(features)


@gram_matrix.mistake
def positions_with_positions(right, features):
    """This multiplies positions with each other. The matrix is (channels, channels): add up over
    the positions.
    """
    return _rows(features) @ _rows(features).T


@gram_matrix.mistake
def channels_mixed_up(right, features):
    """Reshaping to (channels, positions) mixes the channels up, since they are the last axis.
    Reshape to (positions, channels), then transpose.
    """
    rows = features.reshape(features.shape[2], -1)
    return rows @ rows.T


@gram_matrix.mistake
def one_for_each_row(right, features):
    """This is one matrix for each row of the maps: make height and width one axis first."""
    return np.swapaxes(features, 1, 2) @ features


@gram_matrix.mistake
def one_for_each_column(right, features):
    """This is one matrix for each column of the maps: make height and width one axis first."""
    columns = np.swapaxes(features, 0, 1)
    return np.swapaxes(columns, 1, 2) @ columns


@gram_matrix.mistake
def divided_by_the_positions(right, features):
    """Add up over the positions; this is the mean."""
    return _gram(features) / len(_rows(features))


@gram_matrix.mistake
def divided_by_the_size(right, features):
    """Do not divide by height · width · channels; the matrix has plain sums."""
    return _gram(features) / features.size


@gram_matrix.mistake
def divided_by_the_channels(right, features):
    """Do not divide by the number of channels; the matrix has plain sums."""
    return _gram(features) / features.shape[2]


@gram_matrix.mistake
def means_subtracted(right, features):
    """Multiply the activations as they are, without subtracting the mean of each channel."""
    return _gram(features - features.mean(axis=(0, 1)))


@gram_matrix.mistake
def covariances(right, features):
    """These are covariances. Do not subtract means, and do not divide."""
    return np.reshape(np.cov(_rows(features), rowvar=False, bias=True), (features.shape[2],) * 2)


@gram_matrix.mistake
def cosines(right, features):
    """Do not divide the channels by their lengths: how strongly they fire belongs to the style."""
    return _gram(features / np.linalg.norm(_rows(features), axis=0))


@gram_matrix.mistake
def each_channel_with_itself(right, features):
    """This is the diagonal only. Multiply each channel with all others as well."""
    return np.sum(features**2, axis=(0, 1))


@gram_matrix.mistake
def added_up_too_early(right, features):
    """Multiply two channels at each position, then add up. This multiplies their sums, so it no
    longer matters whether they fire at the same places.
    """
    sums = features.sum(axis=(0, 1))
    return np.outer(sums, sums)


@exercise(NOTEBOOK, "helpers.style.costs:layer_style_cost")
def layer_style_cost(rng):
    """Maps of the style picture and of the generated one, each (height, width, channels)."""
    one = _array(1, 2, shape=(1, 1, 2))
    yield Case("one position, two channels", one, _array(2, 1, shape=(1, 1, 2)))
    row = _array(1, 2, shape=(1, 2, 1))
    yield Case("two positions, one channel", row, _array(3, 2, shape=(1, 2, 1)))
    maps = _maps(rng, 2, 3, 4)
    yield Case("the same maps", maps, maps)
    yield Case("the same numbers at other places", maps, maps[::-1, ::-1].copy())
    yield Case("the same maps with all signs turned", maps, -maps)
    together, apart = _array(1, 1, shape=(1, 1, 2)), _array(1, -1, shape=(1, 1, 2))
    yield Case("channels of the same and of opposite sign", together, apart)
    yield Case("maps of 2 × 3 positions", maps, _maps(rng, 2, 3, 4))
    yield Case("higher than wide", _maps(rng, 4, 2, 3), _maps(rng, 4, 2, 3))


def _between_grams(style, generated):
    """Differences of the two Gram matrices, and their divisor."""
    positions, channels = _rows(style).shape
    return _gram(style) - _gram(generated), 4 * channels**2 * positions**2


@layer_style_cost.mistake
def four_left_out(right, style, generated):
    """Divide by 4 as well: 4 · channels² · (height · width)²."""
    differences, divisor = _between_grams(style, generated)
    return 4 * np.sum(differences**2) / divisor


@layer_style_cost.mistake
def two_instead_of_four(right, style, generated):
    """The number before channels² · (height · width)² is 4, not 2."""
    differences, divisor = _between_grams(style, generated)
    return 2 * np.sum(differences**2) / divisor


@layer_style_cost.mistake
def channels_not_squared(right, style, generated):
    """Divide by channels², not by channels: a Gram matrix has channels² numbers."""
    differences, divisor = _between_grams(style, generated)
    return style.shape[2] * np.sum(differences**2) / divisor


@layer_style_cost.mistake
def positions_not_squared(right, style, generated):
    """Divide by (height · width)², not by height · width: each Gram matrix grows with the
    positions, and the differences are squared.
    """
    differences, divisor = _between_grams(style, generated)
    return len(_rows(style)) * np.sum(differences**2) / divisor


@layer_style_cost.mistake
def divided_as_the_content(right, style, generated):
    """This divides as the content cost does. Here both are squared:
    4 · channels² · (height · width)².
    """
    differences, _ = _between_grams(style, generated)
    return np.sum(differences**2) / (4 * style.size)


@layer_style_cost.mistake
def positions_left_out(right, style, generated):
    """Divide by (height · width)² as well, not only by 4 · channels²."""
    differences, _ = _between_grams(style, generated)
    return np.mean(differences**2) / 4


@layer_style_cost.mistake
def channels_left_out(right, style, generated):
    """Divide by channels² as well, not only by 4 · (height · width)²."""
    differences, divisor = _between_grams(style, generated)
    return style.shape[2] ** 2 * np.sum(differences**2) / divisor


@layer_style_cost.mistake
def nothing_divided(right, style, generated):
    """This is the sum of the squared differences: divide it by
    4 · channels² · (height · width)².
    """
    return np.sum(_between_grams(style, generated)[0] ** 2)


@layer_style_cost.mistake
def brackets_left_out(right, style, generated):
    """Set brackets around all of the divisor: `x / 4 * c**2` is a quarter of x, times c²."""
    differences, divisor = _between_grams(style, generated)
    return np.sum(differences**2) / 16 * divisor


@layer_style_cost.mistake
def divided_twice(right, style, generated):
    """You divide by (height · width)² twice: in the Gram matrices, and once more in the cost."""
    differences, divisor = _between_grams(style, generated)
    return np.sum(differences**2) / (divisor * len(_rows(style)) ** 2)


@layer_style_cost.mistake
def maps_compared(right, style, generated):
    """This compares the maps place by place, like the content cost. Compare their Gram
    matrices, which forget the places.
    """
    return np.sum((style - generated) ** 2) / _between_grams(style, generated)[1]


@layer_style_cost.mistake
def content_cost_instead(right, style, generated):
    """That is the content cost: the maps themselves, place by place. Compare Gram matrices."""
    return np.mean((style - generated) ** 2) / 4


@layer_style_cost.mistake
def gram_of_the_difference(right, style, generated):
    """Make the Gram matrix of each picture first, then subtract; this is the Gram matrix of the
    difference.
    """
    return np.sum(_gram(style - generated) ** 2) / _between_grams(style, generated)[1]


@layer_style_cost.mistake
def absolute_instead_of_squared(right, style, generated):
    """Square the differences of the Gram matrices; these are absolute values."""
    differences, divisor = _between_grams(style, generated)
    return np.sum(np.abs(differences)) / divisor


@layer_style_cost.mistake
def not_squared(right, style, generated):
    """Differences can be negative and cancel: square them before you add them up."""
    differences, divisor = _between_grams(style, generated)
    return np.sum(differences) / divisor


@layer_style_cost.mistake
def sum_squared(right, style, generated):
    """Square each difference of the Gram matrices, then add up; here the sum is squared."""
    differences, divisor = _between_grams(style, generated)
    return np.sum(differences) ** 2 / divisor


@layer_style_cost.mistake
def diagonals_compared(right, style, generated):
    """All pairs of channels count, not only each channel with itself, on the diagonal."""
    differences, divisor = _between_grams(style, generated)
    return np.sum(np.diag(differences) ** 2) / divisor


@layer_style_cost.mistake
def gram_of_the_positions(right, style, generated):
    """These Gram matrices are (positions, positions); make them (channels, channels)."""
    grams = [_rows(maps) @ _rows(maps).T for maps in (style, generated)]
    return np.sum((grams[0] - grams[1]) ** 2) / _between_grams(style, generated)[1]


@layer_style_cost.mistake
def gram_of_mixed_channels(right, style, generated):
    """In these Gram matrices the channels are mixed up: reshape to (positions, channels), and
    transpose that, instead of reshaping to (channels, positions).
    """
    rows = [maps.reshape(maps.shape[2], -1) for maps in (style, generated)]
    differences = rows[0] @ rows[0].T - rows[1] @ rows[1].T
    return np.sum(differences**2) / _between_grams(style, generated)[1]


@layer_style_cost.mistake
def still_a_matrix(right, style, generated):
    """The cost is one number: add up over all pairs of channels."""
    differences, divisor = _between_grams(style, generated)
    return differences**2 / divisor


@exercise(NOTEBOOK, "helpers.style.costs:total_variation")
def total_variation(rng):
    """One picture, (height, width, channels)."""
    yield Case("one row", _array(1, 2, 4, shape=(1, 3, 1)))
    yield Case("one column", _array(1, 2, 4, 4, shape=(4, 1, 1)))
    yield Case("two rows of three", _array(1, 2, 4, 1, 5, 3, shape=(2, 3, 1)))
    yield Case("one colour everywhere", np.full((2, 3, 3), [0.25, 0.5, 1.0], np.float32))
    yield Case("a bright last pixel", _array(*[0] * 11, 2, shape=(3, 4, 1)))
    yield Case("three channels", _maps(rng, 4, 5, 3))
    yield Case("higher than wide", _maps(rng, 5, 2, 2))


def _down(picture):
    return picture[1:] - picture[:-1]


def _across(picture):
    return picture[:, 1:] - picture[:, :-1]


def _added(measure, picture):
    """What `measure` makes of the differences, summed in both directions."""
    return np.sum(measure(_down(picture))) + np.sum(measure(_across(picture)))


@total_variation.mistake
def down_only(right, picture):
    """Neighbours in a row count as well: add the differences along the width."""
    return np.sum(_down(picture) ** 2) / picture.size


@total_variation.mistake
def across_only(right, picture):
    """Neighbours in a column count as well: add the differences along the height."""
    return np.sum(_across(picture) ** 2) / picture.size


@total_variation.mistake
def round_the_edge(right, picture):
    """`np.roll` makes the first and the last pixel neighbours. Subtract slices: `[1:]` and
    `[:-1]`.
    """
    pairs = [picture - np.roll(picture, 1, axis) for axis in (0, 1)]
    return np.sum(np.square(pairs)) / picture.size


@total_variation.mistake
def absolute_differences(right, picture):
    """Square the differences; these are their absolute values."""
    return _added(np.abs, picture) / picture.size


@total_variation.mistake
def not_squared_at_all(right, picture):
    """Differences can be negative and cancel: square them before you add them up."""
    return _added(np.positive, picture) / picture.size


@total_variation.mistake
def means_of_both(right, picture):
    """Divide both sums by height · width · channels. This divides each by its own number of
    pairs, which is 0 for a single row.
    """
    return np.mean(_down(picture) ** 2) + np.mean(_across(picture) ** 2)


@total_variation.mistake
def mean_of_all_pairs(right, picture):
    """Divide by height · width · channels, not by the number of pairs."""
    return _added(np.square, picture) / (_down(picture).size + _across(picture).size)


@total_variation.mistake
def only_summed(right, picture):
    """This is the sum: divide it by height · width · channels."""
    return _added(np.square, picture)


@total_variation.mistake
def no_brackets(right, picture):
    """Set brackets: `x / h * w` is x divided by h, times w. Write `x / (h * w * c)`."""
    return _added(np.square, picture) / len(picture) ** 2 * picture.size


@total_variation.mistake
def divided_by_the_pixels(right, picture):
    """Divide by the number of channels, too, not only by height · width."""
    return _added(np.square, picture) / len(_rows(picture))


@total_variation.mistake
def directions_averaged(right, picture):
    """Add the two directions up; here they are averaged."""
    return _added(np.square, picture) / (2 * picture.size)


@total_variation.mistake
def each_pair_from_both_sides(right, picture):
    """Each pair of neighbours counts once; here it counts from both sides."""
    return 2 * _added(np.square, picture) / picture.size


@total_variation.mistake
def channels_as_neighbours(right, picture):
    """Channels are no neighbours: compare pixels within each channel, along axes 0 and 1 only."""
    channels = np.sum(np.diff(picture, axis=2) ** 2)
    return (_added(np.square, picture) + channels) / picture.size


@total_variation.mistake
def axes_of_a_batch(right, picture):
    """There is no batch axis: the height is axis 0 and the width axis 1, not 1 and 2."""
    squares = [np.sum(np.diff(picture, axis=axis) ** 2) for axis in (1, 2)]
    return sum(squares) / picture.size


@total_variation.mistake
def diagonal_neighbours(right, picture):
    """These are diagonal neighbours: move by one row, or by one column, but not by both."""
    return np.sum((picture[1:, 1:] - picture[:-1, :-1]) ** 2) / picture.size


@total_variation.mistake
def cut_to_one_size(right, picture):
    """Here the last row and the last column lose pairs. Sum up each direction by itself, and
    nothing needs to be cut off.
    """
    squares = _down(picture)[:, :-1] ** 2 + _across(picture)[:-1] ** 2
    return np.sum(squares) / picture.size


@total_variation.mistake
def shapes_that_do_not_fit(right, picture):
    """The differences down and across have different shapes: sum up each of them first, then add
    the two sums.
    """
    return np.sum(_down(picture) ** 2 + _across(picture) ** 2) / picture.size


@total_variation.mistake
def roots_taken(right, picture):
    """Do not take roots: the squared differences themselves are added up."""
    squares = _down(picture)[:, :-1] ** 2 + _across(picture)[:-1] ** 2
    return np.sum(np.sqrt(squares)) / picture.size


@total_variation.mistake
def two_pixels_apart(right, picture):
    """Neighbours are one pixel apart; here one between them is left out."""
    down, across = picture[2:] - picture[:-2], picture[:, 2:] - picture[:, :-2]
    return (np.sum(down**2) + np.sum(across**2)) / picture.size


EXERCISES = (content_cost, gram_matrix, layer_style_cost, total_variation)

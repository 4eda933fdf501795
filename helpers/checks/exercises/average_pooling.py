"""Exercises of notebook 04: an average of maps, what it saves, shifts, and maps of classes."""

import numpy as np

from helpers.checks.declare import Case, exercise

NOTEBOOK = "04_global_average_pooling"


@exercise(NOTEBOOK, "helpers.averaging:global_average")
def global_average(rng):
    """Maps (pictures, height, width, channels)."""
    yield Case("one map of 2 × 3 places", np.array([1.0, 2, 6, 4, 5, 9]).reshape(1, 2, 3, 1))
    yield Case("two channels", rng.integers(0, 9, (1, 2, 3, 2)).astype(float))
    yield Case("three pictures", rng.integers(0, 9, (3, 2, 4, 2)).astype(float))
    yield Case("maps with a single place", rng.normal(size=(2, 1, 1, 3)))
    yield Case("as many pictures as channels", rng.normal(size=(3, 5, 2, 3)))
    yield Case("all lengths equal", rng.normal(size=(2, 2, 2, 2)))


@global_average.mistake
def over_the_batch(right, maps):
    """Axis 0 counts the pictures: the places are axes 1 and 2."""
    return maps.mean(axis=(0, 1))


@global_average.mistake
def channels_thought_first(right, maps):
    """The channels come last here: the places are axes 1 and 2, not 2 and 3."""
    return maps.mean(axis=(2, 3))


@global_average.mistake
def over_the_channels(right, maps):
    """That is the mean of all channels at each place; turn it round."""
    return maps.mean(axis=3)


@global_average.mistake
def over_everything(right, maps):
    """One number for each picture and each channel; this is a single one."""
    return maps.mean()


@global_average.mistake
def over_places_and_channels(right, maps):
    """Each channel keeps a number of its own; here they are averaged as well."""
    return maps.mean(axis=(1, 2, 3))


@global_average.mistake
def over_pictures_as_well(right, maps):
    """Each picture keeps numbers of its own; here the pictures are averaged as well."""
    return maps.mean(axis=(0, 1, 2))


@global_average.mistake
def over_the_rows_only(right, maps):
    """The width is still there: average over axis 2 as well."""
    return maps.mean(axis=1)


@global_average.mistake
def summed(right, maps):
    """The mean was asked for; this is the sum."""
    return maps.sum(axis=(1, 2))


@global_average.mistake
def largest(right, maps):
    """That is global *max* pooling: the largest number of each map."""
    return maps.max(axis=(1, 2))


@global_average.mistake
def axes_kept(right, maps):
    """The shape is to be (pictures, channels), without axes of length 1 between."""
    return maps.mean(axis=(1, 2), keepdims=True)


@exercise(NOTEBOOK, "helpers.cost:dense_parameters")
def dense_parameters(rng):
    """Height, width and channels of the maps, units, and whether they are averaged."""
    yield Case("maps of 2 × 3, flattened", 2, 3, 4, 5, False)
    yield Case("the same, averaged", 2, 3, 4, 5, True)
    yield Case("one place, flattened", 1, 1, 6, 2, False)
    yield Case("ResNet-50's last maps, averaged", 7, 7, 2048, 1000, True)
    yield Case("VGG-16's last maps, flattened", 7, 7, 512, 4096, False)
    for lengths in rng.integers(2, 30, (2, 4)).tolist():
        yield Case("by chance, flattened", *lengths, False)
        yield Case("by chance, averaged", *lengths, True)


@dense_parameters.mistake
def biases_forgotten(right, height, width, channels, units, averaged):
    """Each unit has a bias, too."""
    return right(height, width, channels, units, averaged) - units


@dense_parameters.mistake
def one_bias(right, height, width, channels, units, averaged):
    """There is one bias for each unit, not one for the whole layer."""
    return right(height, width, channels, units, averaged) - units + 1


@dense_parameters.mistake
def biases_of_the_inputs(right, height, width, channels, units, averaged):
    """There is one bias for each unit, not for each number that comes in."""
    inputs = channels if averaged else height * width * channels
    return inputs * (units + 1)


@dense_parameters.mistake
def always_flattened(right, height, width, channels, units, averaged):
    """With averaging, the dense layer is given one number for each channel, not all places."""
    return right(height, width, channels, units, False)


@dense_parameters.mistake
def never_flattened(right, height, width, channels, units, averaged):
    """Flattened maps are height · width · channels numbers; these answers count the channels."""
    return right(height, width, channels, units, True)


@dense_parameters.mistake
def other_way_round(right, height, width, channels, units, averaged):
    """It is the *averaged* maps that leave only one number for each channel."""
    return right(height, width, channels, units, not averaged)


@dense_parameters.mistake
def averaged_to_one_number(right, height, width, channels, units, averaged):
    """The channels are not averaged: each keeps a number of its own."""
    return 2 * units if averaged else right(height, width, channels, units, False)


@dense_parameters.mistake
def average_has_weights(right, height, width, channels, units, averaged):
    """An average has nothing to learn; only the dense layer has parameters."""
    more = height * width if averaged else 0
    return right(height, width, channels, units, averaged) + more


@dense_parameters.mistake
def map_taken_for_square(right, height, width, channels, units, averaged):
    """The maps need not be square: height times width."""
    return right(height, height, channels, units, averaged)


@dense_parameters.mistake
def lengths_added(right, height, width, channels, units, averaged):
    """A map has height times width places, not height plus width."""
    inputs = channels if averaged else (height + width) * channels
    return units * (inputs + 1)


def _count_up(*shape):
    """Make pictures whose pixels are 0, 1, 2, ...: each one can be told from the others."""
    return np.arange(float(np.prod(shape))).reshape(shape)


@exercise(NOTEBOOK, "helpers.augmentation:shift_right")
def shift_right(rng):
    """Pictures (pictures, height, width, channels) and by how many pixels."""
    yield Case("a row, by one pixel", _count_up(1, 1, 5, 1), 1)
    yield Case("a row, by two", _count_up(1, 1, 5, 1), 2)
    yield Case("several rows, by two", _count_up(1, 3, 4, 1), 2)
    yield Case("by nothing at all", _count_up(1, 2, 3, 1), 0)
    yield Case("two pictures of three colours", 255 * rng.random((2, 4, 6, 3)), 3)
    yield Case("as far as they are wide", _count_up(2, 5, 3, 1), 3)


def _moved(images, pixels, border):
    return np.concatenate([border, images], axis=2)[:, :, : images.shape[2]]


@shift_right.mistake
def to_the_left(right, images, pixels):
    """That is a shift to the left."""
    return right(images[:, :, ::-1], pixels)[:, :, ::-1]


@shift_right.mistake
def downwards(right, images, pixels):
    """That is a shift downwards: columns are axis 2, axis 1 counts the rows."""
    return right(images.swapaxes(1, 2), pixels).swapaxes(1, 2)


@shift_right.mistake
def round_the_back(right, images, pixels):
    """What leaves on the right must not come in again on the left; the border is mirrored."""
    return np.roll(images, pixels, axis=2)


@shift_right.mistake
def black_border(right, images, pixels):
    """What moves in is to be the mirrored border, not black."""
    return _moved(images, pixels, np.zeros_like(images[:, :, :pixels]))


@shift_right.mistake
def last_column_repeated(right, images, pixels):
    """This repeats the outermost column again and again; mirror the columns."""
    return _moved(images, pixels, np.repeat(images[:, :, :1], pixels, axis=2))


@shift_right.mistake
def border_not_turned(right, images, pixels):
    """A mirror turns the order of the columns round: next to the old edge comes column 0 again,
    then column 1.
    """
    return _moved(images, pixels, images[:, :, :pixels])


@shift_right.mistake
def edge_left_out(right, images, pixels):
    """The outermost column is mirrored as well: np.pad calls that "symmetric", not "reflect"."""
    padded = np.pad(images, ((0, 0), (0, 0), (pixels, 0), (0, 0)), mode="reflect")
    return padded[:, :, : images.shape[2]]


@shift_right.mistake
def grown(right, images, pixels):
    """The pictures have grown: cut off on the right what was pushed over the edge."""
    return np.concatenate([images[:, :, :pixels][:, :, ::-1], images], axis=2)


@shift_right.mistake
def counted_from_the_end(right, images, pixels):
    """With a shift of 0, :-pixels is :0, which is empty: count from the front, up to the width."""
    padded = np.concatenate([images[:, :, :pixels][:, :, ::-1], images], axis=2)
    return padded[:, :, :-pixels]


@shift_right.mistake
def one_pixel_always(right, images, pixels):
    """Move by `pixels`, not always by one."""
    return right(images, 1)


@exercise(NOTEBOOK, "helpers.activation_maps:class_activation_maps")
def class_activation_maps(rng):
    """Last maps (pictures, rows, columns, channels), weights (channels, classes)."""
    one = np.array([[1.0, 2.0], [0.0, 3.0], [4.0, 1.0]]).reshape(1, 1, 3, 2)
    yield Case("three places, one class", one, np.array([[2.0], [10.0]]))
    yield Case("a weight below zero", one, np.array([[2.0], [-1.0]]))
    yield Case("two classes", one, np.array([[2.0, 0.5], [-1.0, 1.0]]))
    maps = rng.integers(0, 6, (2, 2, 3, 3)).astype(float)
    yield Case("two pictures, four classes", maps, rng.integers(-3, 4, (3, 4)).astype(float))
    yield Case("as many classes as channels", maps, rng.integers(-3, 4, (3, 3)).astype(float))
    yield Case("all by chance", rng.random((3, 2, 5, 4)), rng.normal(size=(4, 6)))


@class_activation_maps.mistake
def averaged_first(right, feature_maps, kernel):
    """That gives the scores without the bias, one number a class; leave the average out."""
    return feature_maps.mean(axis=(1, 2)) @ kernel


@class_activation_maps.mistake
def cut_off_at_zero(right, feature_maps, kernel):
    """Keep what is below zero: there a place spoke against the class."""
    return np.maximum(right(feature_maps, kernel), 0)


@class_activation_maps.mistake
def kernel_on_its_side(right, feature_maps, kernel):
    """The weights are (channels, classes): weigh along the first axis of the two."""
    return feature_maps @ kernel.T


@class_activation_maps.mistake
def divided_by_the_channels(right, feature_maps, kernel):
    """Add the weighted maps up; this is their mean over the channels."""
    return right(feature_maps, kernel) / len(kernel)


@class_activation_maps.mistake
def divided_by_the_places(right, feature_maps, kernel):
    """Do not divide by the number of places: the mean of a map and the bias are the score."""
    return right(feature_maps, kernel) / (feature_maps.shape[1] * feature_maps.shape[2])


@class_activation_maps.mistake
def classes_first(right, feature_maps, kernel):
    """The classes are the last axis: (pictures, rows, columns, classes)."""
    return np.moveaxis(right(feature_maps, kernel), -1, 1)


@class_activation_maps.mistake
def one_class_only(right, feature_maps, kernel):
    """A map for each class; this is the first class's."""
    return right(feature_maps, kernel)[..., 0]


@class_activation_maps.mistake
def sizes_of_the_weights(right, feature_maps, kernel):
    """Weights below zero count against a class: do not take their absolute values."""
    return right(feature_maps, np.abs(kernel))


@class_activation_maps.mistake
def not_added_up(right, feature_maps, kernel):
    """Add up over the channels; here they are still apart."""
    return feature_maps[..., None] * kernel


@class_activation_maps.mistake
def unweighted(right, feature_maps, kernel):
    """Weigh the maps before you add them up, each class with its own weights."""
    return right(feature_maps, np.ones_like(kernel))


@class_activation_maps.mistake
def strongest_channel_only(right, feature_maps, kernel):
    """All channels count, not only the one with the largest weight."""
    strongest = kernel == kernel.max(axis=0)
    return right(feature_maps, kernel * strongest)


EXERCISES = (global_average, dense_parameters, shift_right, class_activation_maps)

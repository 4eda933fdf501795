"""VGG-19 without its classifier, and a small network of the same kind that comes along."""

import keras
import numpy as np
from keras import layers

from helpers import validation

POOLINGS = {"average": layers.AveragePooling2D, "max": layers.MaxPooling2D}

_BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))  # filters, convolutions
_SMALL_BLOCKS = ((32, 2), (64, 2), (128, 2), (160, 2))


def vgg19(*, pooling="average"):
    """Build VGG-19 without its dense layers, so that the weights of ``keras.applications`` fit.

    Parameters
    ----------
    pooling : {"average", "max"}
        The published network has the maximum. For style transfer the mean looks slightly better.

    Returns
    -------
    model : keras.Model
        From prepared pictures of shape (batch, height, width, 3), of any size from 32 pixels on, to
        maps of shape (batch, height / 32, width / 32, 512). 20,024,384 parameters. Its layers
        have the names of ``keras.applications.VGG19``.

    Raises
    ------
    ValueError
        If `pooling` is something else.

    References
    ----------
    Simonyan & Zisserman, "Very Deep Convolutional Networks" (ICLR 2015), table 1, column E; Gatys,
    Ecker & Bethge (CVPR 2016), section 2, on the pooling.
    """
    return build(_BLOCKS, pooling=pooling, name="vgg19")


def small_vgg(*, pooling="average"):
    """Build a network like VGG-19 with few filters: the one whose weights come along.

    Parameters
    ----------
    pooling : {"average", "max"}
        The weights that come along were trained with the mean.

    Returns
    -------
    model : keras.Model
        From pictures of shape (batch, height, width, 3) in -1 to 1, of any size from 16 pixels on,
        to maps of shape (batch, height / 16, width / 16, 160). 702,048 parameters.

    Raises
    ------
    ValueError
        If `pooling` is something else.
    """
    return build(_SMALL_BLOCKS, pooling=pooling, name="small_vgg")


def build(blocks, *, pooling="average", name):
    """Build a network of 3 x 3 convolutions with ReLU, and a pooling after each block.

    Parameters
    ----------
    blocks : sequence of (int, int)
        Filters and number of convolutions of each.
    pooling : {"average", "max"}
    name : str

    Returns
    -------
    model : keras.Model
        From pictures of shape (batch, height, width, 3) to the maps after the last pooling. Layers
        are named as in ``keras.applications``: ``block1_conv1``, ``block1_pool``.

    Raises
    ------
    ValueError
        If `pooling` is something else, or a number of `blocks` not an integer from 1 on.
    """
    for block in blocks:
        for what, count in zip(("filters", "convolutions"), block, strict=True):
            validation.integer(count, what, minimum=1)
    if pooling not in POOLINGS:
        raise ValueError(f"pooling must be one of {', '.join(POOLINGS)}; got {pooling!r}")
    pictures = keras.Input((None, None, 3), name="pictures")
    x = pictures
    for block, (filters, convolutions) in enumerate(blocks, start=1):
        for number in range(1, convolutions + 1):
            x = layers.Conv2D(
                filters,
                3,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
                name=f"block{block}_conv{number}",
            )(x)
        x = POOLINGS[pooling](2, name=f"block{block}_pool")(x)
    return keras.Model(pictures, x, name=name)


def scale_to_unit_means(model, pictures, *, batch_size=256):
    """Rescale a VGG's weights so that each filter's activation is 1 in the mean.

    So the costs of early and late layers have the same order of size. Where a filter was multiplied
    by a number, the next layer's weights for it are divided by it: what the network tells apart
    stays the same. A filter that hardly ever fires is not blown up: its mean counts as at least a
    hundredth of its layer's.

    Parameters
    ----------
    model : keras.Model
        As `vgg19` or `small_vgg` builds it. Its weights change in place.
    pictures : float array of shape (pictures, height, width, 3)
        As `model` takes them; the mean is taken over these and over all positions.
    batch_size : int
        From 1 on.

    Raises
    ------
    ValueError
        If there are no pictures, or `batch_size` is no such number.

    References
    ----------
    Gatys, Ecker & Bethge (CVPR 2016), section 2.
    """
    batch_size = validation.integer(batch_size, "batch_size", minimum=1)
    if len(pictures) == 0:
        raise ValueError("expected pictures to take the mean over, got none")
    convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    all_maps = keras.Model(model.input, {layer.name: layer.output for layer in convolutions})
    sums = {layer.name: np.zeros(layer.filters) for layer in convolutions}
    for start in range(0, len(pictures), batch_size):
        batch = pictures[start : start + batch_size]
        for name, maps in all_maps(batch, training=False).items():
            maps = keras.ops.convert_to_numpy(maps)
            sums[name] += maps.mean(axis=(1, 2), dtype=float).sum(axis=0)
    below = np.ones(3)  # the pictures themselves stay as they are
    for layer in convolutions:
        means = sums[layer.name] / len(pictures)
        means = np.maximum(means, means.mean() / 100 or 1.0)
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel * below[:, None] / means, bias / means])
        below = means

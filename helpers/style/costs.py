"""The costs of neural style transfer: content, style, their weighted sums, and total variation.

Feature maps are those of one picture at one layer, ``(height, width, channels)``, without a batch
axis. All costs are scalars, and none is negative.
"""

import keras
from keras import ops


def content_cost(content, generated):
    """Measure how far the maps of two pictures differ, place by place.

    Parameters
    ----------
    content, generated : float tensor of shape (height, width, channels)
        Maps of the content photo and of the generated picture at the same layer.

    Returns
    -------
    cost : float tensor of shape ()
        The sum of squared differences, divided by 4 · height · width · channels.

    Raises
    ------
    ValueError
        If these are not the maps of two pictures of one size.

    References
    ----------
    Gatys, Ecker & Bethge (CVPR 2016), equation 1. They divide by 2, and not by the size.

    >>> float(content_cost([[[1.0, 2.0]]], [[[3.0, 2.0]]]))
    0.5
    """
    content, generated = as_maps(content), as_maps(generated)
    if tuple(content.shape) != tuple(generated.shape):
        raise ValueError(
            "expected the maps of two pictures at one layer, of one size; got "
            f"{tuple(content.shape)} and {tuple(generated.shape)}"
        )
    return ops.mean(ops.square(content - generated)) / 4


def gram_matrix(features):
    """Measure how strongly each pair of channels fires at the same places.

    Parameters
    ----------
    features : float tensor of shape (height, width, channels)

    Returns
    -------
    gram : float tensor of shape (channels, channels)
        A Aᵀ, where row c of A has channel c at all positions: products of two channels, summed.

    Raises
    ------
    ValueError
        If these are not the maps of one picture, for example with a batch axis left on.

    References
    ----------
    Gatys, Ecker & Bethge (CVPR 2016), equation 3.
    """
    rows = _positions_first(features)
    return ops.matmul(ops.transpose(rows), rows)


def mean_gram(features, mask=None):
    """Compute the Gram matrix divided by the positions, all of the picture or a part of it.

    So two pictures of different sizes can be compared.

    Parameters
    ----------
    features : float tensor of shape (height, width, channels)
    mask : float array of shape (height, width), optional
        How much each position counts, from 0 on, not 0 everywhere.

    Returns
    -------
    gram : float tensor of shape (channels, channels)
        Mean product of two channels over the positions, in squared activations.

    Raises
    ------
    ValueError
        If these are not the maps of one picture, or `mask` has another height or width.

    References
    ----------
    With a mask: Gatys, Ecker, Bethge, Hertzmann & Shechtman, "Controlling Perceptual Factors in
    Neural Style Transfer" (CVPR 2017), section 4: guided Gram matrices.
    """
    if mask is None:
        return gram_matrix(features) / _num_positions(features)
    features = as_maps(features)
    mask = ops.convert_to_tensor(mask, features.dtype)
    if tuple(mask.shape) != tuple(features.shape[:2]):
        raise ValueError(
            f"expected a mask of the maps' height and width, {tuple(features.shape[:2])}; got "
            f"{tuple(mask.shape)}"
        )
    return gram_matrix(features * ops.sqrt(mask)[..., None]) / ops.sum(mask)


def gram_cost(style, generated):
    """Measure how far two mean Gram matrices differ.

    Parameters
    ----------
    style, generated : float tensor of shape (channels, channels)
        Of `mean_gram`.

    Returns
    -------
    cost : float tensor of shape ()
        The sum of squared differences, divided by 4 · channels².

    Raises
    ------
    ValueError
        If these are not two square matrices of one size.
    """
    style, generated = ops.convert_to_tensor(style), ops.convert_to_tensor(generated)
    shape = tuple(style.shape)
    if len(shape) != 2 or shape[0] != shape[1] or shape != tuple(generated.shape):
        raise ValueError(
            "expected two Gram matrices of shape (channels, channels), got "
            f"{shape} and {tuple(generated.shape)}"
        )
    return ops.mean(ops.square(style - generated)) / 4


def layer_style_cost(style, generated):
    """Measure how far two pictures differ in style, as one layer sees them.

    Parameters
    ----------
    style, generated : float tensor of shape (height, width, channels)
        Maps at the same layer. The two heights and widths may differ.

    Returns
    -------
    cost : float tensor of shape ()
        For pictures of one size, the sum of squared differences of their Gram matrices, divided by
        4 · channels² · (height · width)². Otherwise each Gram matrix is divided by its own height ·
        width.

    Raises
    ------
    ValueError
        If these are not the maps of two pictures at one layer.

    References
    ----------
    Gatys, Ecker & Bethge (CVPR 2016), equation 4.
    """
    return gram_cost(mean_gram(style), mean_gram(generated))


def weighted_sum(terms, weights):
    """Add the costs of several layers, each multiplied with its weight.

    Parameters
    ----------
    terms : dict from str to float tensor of shape ()
        A cost for each layer.
    weights : dict from str to float
        For the same layers.

    Returns
    -------
    cost : float tensor of shape ()

    Raises
    ------
    ValueError
        If there is no layer, or the two do not name the same ones.

    References
    ----------
    Gatys, Ecker & Bethge (CVPR 2016), equation 5.

    >>> weighted_sum({"block1_conv1": 3.0, "block2_conv1": 5.0},
    ...              {"block1_conv1": 0.5, "block2_conv1": 0.2})
    2.5
    """
    if not terms or set(terms) != set(weights):
        raise ValueError(
            "expected a weight for each of one or more layers, got costs of "
            f"{', '.join(terms) or 'none'} and weights of {', '.join(weights) or 'none'}"
        )
    return sum(weights[name] * term for name, term in terms.items())


def total_cost(
    content, style, variation=0.0, *, content_weight=10.0, style_weight=40.0, variation_weight=0.0
):
    """Add the terms of a transfer: alpha · content + beta · style + gamma · variation.

    Parameters
    ----------
    content, style, variation : float tensor of shape ()
    content_weight, style_weight, variation_weight : float
        Alpha, beta and gamma.

    Returns
    -------
    cost : float tensor of shape ()

    References
    ----------
    Gatys, Ecker & Bethge (CVPR 2016), equation 7, with another normalisation of both terms.

    >>> total_cost(0.5, 2.0)
    85.0
    """
    return content_weight * content + style_weight * style + variation_weight * variation


def total_variation(picture):
    """Measure how much neighbouring pixels differ, which noise makes large.

    Parameters
    ----------
    picture : float tensor of shape (height, width, channels)

    Returns
    -------
    cost : float tensor of shape ()
        Squared differences between neighbours in a row and in a column, summed, and divided by
        height · width · channels; in squared units of `picture`.

    Raises
    ------
    ValueError
        If this is not one picture.

    References
    ----------
    Mahendran & Vedaldi (CVPR 2015), section 3, with their beta = 2: squares are smooth, where
    absolute differences have a corner at 0.
    """
    picture = as_maps(picture)
    down, right = picture[1:] - picture[:-1], picture[:, 1:] - picture[:, :-1]
    squares = ops.sum(ops.square(down)) + ops.sum(ops.square(right))
    return squares / (_num_positions(picture) * picture.shape[2])


def as_maps(features):
    """Check for the maps of one picture, and return them as a float tensor.

    Whole numbers, such as the pixels of a picture, become float32: squares of uint8 would wrap.

    Raises
    ------
    ValueError
        If the shape is not (height, width, channels).
    """
    features = ops.convert_to_tensor(features)
    if len(features.shape) != 3 or 0 in features.shape:
        raise ValueError(
            "expected the maps of one picture, (height, width, channels); got "
            f"{tuple(features.shape)}"
        )
    if "float" not in keras.backend.standardize_dtype(features.dtype):
        features = ops.cast(features, "float32")
    return features


def _positions_first(features):
    features = as_maps(features)
    return ops.reshape(features, (_num_positions(features), features.shape[2]))


def _num_positions(features):
    height, width, _ = ops.shape(features)
    return height * width

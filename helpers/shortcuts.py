"""What ResNet's blocks are made of, in NumPy: the shortcut and the 1 x 1 convolution."""

import numpy as np

from helpers import validation


def add_shortcut(x, found):
    """Add what a block's layers found to what came in, and apply ReLU: y = ReLU(x + F(x)).

    Parameters
    ----------
    x, found : float array of one shape, (batch, height, width, channels)
        What came in, and F(x), what the layers made of it.

    Returns
    -------
    y : float array of the same shape, not negative

    Raises
    ------
    ValueError
        If the shapes differ: then a shortcut needs a projection.

    References
    ----------
    He, Zhang, Ren & Sun (CVPR 2016), equation 1.

    >>> add_shortcut([1.0, 2.0, -1.0], [3.0, -5.0, -1.0]).tolist()
    [4.0, 0.0, 0.0]
    """
    x, found = np.asarray(x), np.asarray(found)
    if x.shape != found.shape:
        raise ValueError(f"expected two arrays of one shape, got {x.shape} and {found.shape}")
    return np.maximum(x + found, 0)


def pointwise_convolution(maps, weights, biases, stride=1):
    """Turn the channels at each place into others, by the same weights everywhere.

    This is a 1 x 1 convolution; with a stride it is the projection of ResNet's shortcuts.

    Parameters
    ----------
    maps : float array of shape (batch, height, width, in)
    weights : float array of shape (in, out)
    biases : float array of shape (out,)
    stride : int
        Take every how many-th row and column, beginning with the first.

    Returns
    -------
    maps : float array of shape (batch, ceil(height / stride), ceil(width / stride), out)

    Raises
    ------
    ValueError
        If the shapes do not fit, or `stride` is less than 1.

    References
    ----------
    Lin, Chen & Yan, "Network In Network" (2014); He, Zhang, Ren & Sun (CVPR 2016), equation 2.
    """
    maps, weights, biases = np.asarray(maps), np.asarray(weights), np.asarray(biases)
    fits = maps.ndim == 4 and weights.shape == maps.shape[-1:] + biases.shape and biases.ndim == 1
    if not fits:
        raise ValueError(
            "expected maps (batch, height, width, in), weights (in, out) and biases (out,); "
            f"got {maps.shape}, {weights.shape} and {biases.shape}"
        )
    stride = validation.integer(stride, "stride", minimum=1)
    return maps[:, ::stride, ::stride] @ weights + biases

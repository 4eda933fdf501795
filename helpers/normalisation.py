"""Batch normalisation in NumPy, on a batch of feature maps: in training and afterwards."""

import numpy as np

from helpers import validation


def batch_normalise(maps, mean, variance, training, momentum=0.9, epsilon=1e-3):
    """Bring each channel of a batch to mean 0 and variance 1; in training, update the averages.

    Keras' layer then multiplies each channel by a learned factor and adds a learned offset, which
    are left out here.

    Parameters
    ----------
    maps : float array of shape (batch, height, width, channels)
    mean, variance : float array of shape (channels,)
        The running averages so far.
    training : bool
        Whether to normalise with the batch's own mean and variance, and to let the averages follow
        them. Otherwise the averages are used, and stay as they are.
    momentum : float
        Share of the running averages that is kept, 0 to 1.
    epsilon : float
        Added to the variance, so that nothing is divided by zero.

    Returns
    -------
    normalised : float array of the shape of `maps`
    mean, variance : float array of shape (channels,)
        The running averages afterwards.

    Raises
    ------
    ValueError
        If a shape is another one, `momentum` is not between 0 and 1, `epsilon` is negative, or a
        variance is.

    References
    ----------
    Ioffe & Szegedy, "Batch Normalization" (2015), algorithms 1 and 2. As in Keras, the variance is
    the mean of squared distances; the paper divides by one less for the running average.
    """
    maps, mean, variance = np.asarray(maps), np.asarray(mean), np.asarray(variance)
    if maps.ndim != 4 or not mean.shape == variance.shape == maps.shape[-1:]:
        raise ValueError(
            "expected maps (batch, height, width, channels), mean and variance (channels,); got "
            f"{maps.shape}, {mean.shape} and {variance.shape}"
        )
    momentum = validation.real(momentum, "momentum", minimum=0, maximum=1)
    epsilon = validation.real(epsilon, "epsilon", minimum=0)
    if not (variance >= 0).all():  # NaN neither
        raise ValueError(f"expected variances of at least 0, got {variance.min()}")
    if not training:
        return (maps - mean) / np.sqrt(variance + epsilon), mean, variance
    batch_mean, batch_variance = maps.mean(axis=(0, 1, 2)), maps.var(axis=(0, 1, 2))
    return (
        (maps - batch_mean) / np.sqrt(batch_variance + epsilon),
        momentum * mean + (1 - momentum) * batch_mean,
        momentum * variance + (1 - momentum) * batch_variance,
    )

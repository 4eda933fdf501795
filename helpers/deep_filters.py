"""Filters of deeper layers: how much of a picture they see, and which picture excites them."""

import numpy as np

from helpers import validation


def receptive_field(kernel_sizes, strides):
    """Count the pixels, in one direction, that a unit on top of a stack of layers sees.

    Parameters
    ----------
    kernel_sizes, strides : sequence of int
        Of convolutions and poolings, from the picture upwards.

    Returns
    -------
    size : int
        In pixels; 1 for no layers at all.

    Raises
    ------
    ValueError
        If there is not one stride for each kernel size, or a number is no whole one of at least 1.

    References
    ----------
    Araujo, Norris & Sim, "Computing receptive fields of convolutional neural networks" (Distill,
    2019).

    >>> receptive_field([3, 2, 3], [1, 2, 1])
    8
    """
    kernel_sizes = _check_integers(kernel_sizes, "kernel_sizes")
    strides = _check_integers(strides, "strides")
    if len(kernel_sizes) != len(strides):
        raise ValueError(
            f"expected one stride for each kernel size, got {kernel_sizes} and {strides}"
        )
    size, step = 1, 1  # step: pixels from one place of the maps to the next
    for kernel_size, stride in zip(kernel_sizes, strides, strict=True):
        size += (kernel_size - 1) * step
        step *= stride
    return size


def ascent_step(pictures, gradient, step_size):
    """Change pictures a little in the direction that raises an answer, each by the same amount.

    Parameters
    ----------
    pictures : array of shape (pictures, height, width, channels)
        In 0 to 255.
    gradient : array of the same shape
        How much each picture's answer rises with each of its pixels, of any size.
    step_size : float
        Standard deviation of the change, in grey levels.

    Returns
    -------
    changed : float array of the same shape
        In 0 to 255. A picture whose gradient is 0 everywhere stays as it is.

    Raises
    ------
    ValueError
        If the shapes are others, or `step_size` is not positive.

    References
    ----------
    Erhan, Bengio, Courville & Vincent, "Visualizing higher-layer features of a deep network"
    (2009). They fix the length of the whole picture instead.
    """
    pictures, gradient = np.asarray(pictures), np.asarray(gradient)
    if pictures.ndim != 4 or pictures.shape != gradient.shape:
        raise ValueError(
            "expected pictures (pictures, height, width, channels) and a gradient of their shape, "
            f"got {pictures.shape} and {gradient.shape}"
        )
    step_size = validation.real(step_size, "step_size", above=0)
    spread = gradient.std(axis=(1, 2, 3), keepdims=True)  # of each picture by itself
    return np.clip(pictures + step_size * gradient / (spread + 1e-8), 0, 255)


def _check_integers(values, name):
    if np.ndim(values) != 1:
        raise ValueError(f"expected {name} as a list of integers, got {validation.shown(values)}")
    return [validation.integer(value, name, minimum=1) for value in values]

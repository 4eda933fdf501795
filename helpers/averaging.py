"""Global average pooling in NumPy."""

import numpy as np


def global_average(maps):
    """Take the mean of each feature map over all of its places.

    Parameters
    ----------
    maps : array of shape (pictures, height, width, channels)

    Returns
    -------
    averages : float array of shape (pictures, channels)

    Raises
    ------
    ValueError
        If the maps have other axes, or no place at all.

    References
    ----------
    Lin, Chen & Yan, "Network in network" (ICLR 2014), section 3.2.

    >>> global_average([[[[1, 0], [2, 6]]]])
    array([[1.5, 3. ]])
    """
    maps = np.asarray(maps)
    if maps.ndim != 4 or 0 in maps.shape[1:3]:
        raise ValueError(f"expected maps (pictures, height, width, channels), got {maps.shape}")
    return maps.mean(axis=(1, 2))

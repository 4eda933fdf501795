"""Photos to try things on, from the packages that are installed anyway."""

import numpy as np

PHOTOS = ("astronaut", "brick", "camera", "cat", "coffee", "coins", "grass", "gravel", "rocket")


def load_photo(name):
    """Load one of the photos that come with scikit-image, without a download.

    Parameters
    ----------
    name : str
        One of `PHOTOS`.

    Returns
    -------
    photo : uint8 array of shape (height, width, 3)
        RGB in 0 to 255. Grey photos have three equal channels.

    Raises
    ------
    ValueError
        If there is no photo of that name.
    """
    if name not in PHOTOS:
        raise ValueError(f"name must be one of {', '.join(PHOTOS)}; got {name!r}")
    from skimage import data  # takes a moment, so only when a photo is wanted

    photo = getattr(data, name)()
    return np.stack([photo] * 3, axis=-1) if photo.ndim == 2 else photo[..., :3]


def to_grey(photo):
    """Turn an RGB photo into grey levels, weighted as the eye weighs the three colours.

    Parameters
    ----------
    photo : array of shape (..., 3)
        RGB: uint8 in 0 to 255, or float in 0 to 1.

    Returns
    -------
    grey : float array of shape (...)
        Luma in 0 to 1.

    Raises
    ------
    ValueError
        If the last axis does not have three channels, or the values have another type or range.

    References
    ----------
    Recommendation ITU-R BT.601, section 2.5.1.
    """
    photo = np.asarray(photo)
    if photo.ndim < 1 or photo.shape[-1] != 3:
        raise ValueError(f"expected (..., 3) for red, green and blue; got {photo.shape}")
    if photo.dtype == np.uint8:
        photo = photo / 255
    elif photo.dtype.kind != "f" or not (photo.min(initial=0) >= 0 and photo.max(initial=0) <= 1):
        raise ValueError(f"expected uint8 in 0..255 or float in 0..1, got other {photo.dtype}")
    return photo @ np.array([0.299, 0.587, 0.114])

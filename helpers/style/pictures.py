"""What style transfer does to pictures before and after: sizes, noise, and colours kept apart."""

import os

import numpy as np
from PIL import Image

from helpers import images, validation


def read(picture, name):
    """Read a picture from a file or an array, whatever its colours are stored as.

    Parameters
    ----------
    picture : str, os.PathLike, array or PIL.Image.Image
        See `images.load_rgb`.
    name : str
        What an error calls it.

    Returns
    -------
    image : uint8 array of shape (height, width, 3)

    Raises
    ------
    FileNotFoundError, ValueError
        As `images.load_rgb`.
    """
    try:
        return images.load_rgb(picture)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def fit(shape, longer_side, smallest_side, name):
    """Work out the size of a picture whose longer side is given; its shape stays.

    Parameters
    ----------
    shape : (int, int, ...)
        Height and width as it is, in pixels.
    longer_side : int
        As it will be, in pixels.
    smallest_side : int
        Below which a side must not fall, in pixels.
    name : str
        What an error calls the picture.

    Returns
    -------
    height, width : int

    Raises
    ------
    ValueError
        If the shorter side would become too short.

    >>> fit((300, 400, 3), 64, 16, "content")
    (48, 64)
    """
    scale = longer_side / max(shape[:2])
    height, width = (max(1, round(side * scale)) for side in shape[:2])
    if min(height, width) < smallest_side:
        raise ValueError(
            f"{name}: expected at least {smallest_side} pixels a side, but a picture of "
            f"{shape[0]} x {shape[1]} becomes one of {height} x {width}; choose larger sizes, or "
            "a picture that is less narrow"
        )
    return height, width


def resize(image, size):
    """Bring a picture to another size, smoothly.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3)
    size : (int, int)
        Height and width in pixels.

    Returns
    -------
    resized : uint8 array of shape (*size, 3)
    """
    height, width = size
    return np.array(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))


def to_longer_side(image, longer_side):
    """Bring a picture to a size whose longer side is given; its shape stays.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3), str, os.PathLike or PIL.Image.Image
        Files and images of Pillow's are read by `images.load_rgb`.
    longer_side : int
        In pixels, at least 1.

    Returns
    -------
    resized : uint8 array of shape (new height, new width, 3)

    Raises
    ------
    ValueError
        If `image` is no RGB picture, or `longer_side` is no whole number from 1 on.
    """
    if isinstance(image, str | os.PathLike | Image.Image):
        image = images.load_rgb(image)
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise ValueError(
            f"expected uint8 RGB of shape (height, width, 3), got {image.dtype} of {image.shape}"
        )
    longer_side = validation.integer(longer_side, "longer_side", minimum=1)
    return resize(image, fit(image.shape, longer_side, 1, "image"))


def resize_mask(mask, size):
    """Bring a mask to another size; a position gets the mean of what it covers.

    Parameters
    ----------
    mask : float array of shape (height, width)
    size : (int, int)
        Height and width.

    Returns
    -------
    resized : float32 array of shape `size`
    """
    height, width = size
    resized = Image.fromarray(mask.astype("float32")).resize((width, height), Image.Resampling.BOX)
    return np.asarray(resized)


def with_noise(image, share, seed):
    """Mix a picture with noise.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3)
    share : float
        Of the noise, 0 to 1.
    seed : int
        Decides the noise: each value is any of 0 to 255, equally likely.

    Returns
    -------
    mixture : uint8 array of the same shape

    Raises
    ------
    ValueError
        If `share` is not between 0 and 1.
    """
    share = validation.real(share, "noise", minimum=0, maximum=1)
    noise = np.random.default_rng(seed).uniform(0, 255, image.shape)
    return as_bytes((1 - share) * image + share * noise)


def luminance(image):
    """Compute how bright each pixel is.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3)

    Returns
    -------
    brightness : float array of shape (height, width, 1)
        0 to 255; see `images.to_grey`.
    """
    return 255 * images.to_grey(image)[..., None]


def match_luminance(style, content):
    """Give one picture's luminance the mean and the spread of another's.

    Parameters
    ----------
    style, content : float array of shape (height, width, 1)
        Of `luminance`. The two sizes may differ.

    Returns
    -------
    matched : float array of the shape of `style`
        Cut off at 0 and 255. Without any spread, it is even.

    References
    ----------
    Gatys, Bethge, Hertzmann & Shechtman, "Preserving Color in Neural Artistic Style Transfer"
    (2016), on luminance only.
    """
    spread = content.std() / max(style.std(), 1e-6)
    return np.clip(spread * (style - style.mean()) + content.mean(), 0, 255)


def with_luminance(image, brightness):
    """Give a picture another luminance, and keep its colours.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3)
    brightness : float array of shape (height, width, 1)
        0 to 255.

    Returns
    -------
    recoloured : uint8 array of shape (height, width, 3)
        Red, green and blue have all moved by the same; in YIQ, that leaves I and Q as they were.
    """
    return as_bytes(image + (brightness - luminance(image)))


def as_bytes(pixels):
    """Round and cut off, so that the pixels become uint8 in 0 to 255."""
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)

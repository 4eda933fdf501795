"""Pictures as arrays: photos that are installed anyway, files of the reader's, and grey levels."""

import contextlib
import os
import warnings

import numpy as np
from PIL import Image, ImageOps

PHOTOS = ("astronaut", "brick", "camera", "cat", "coffee", "coins", "grass", "gravel", "rocket")
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")  # others may run other programs


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


def load_rgb(image):
    """Turn a path, a `PIL.Image.Image` or an array into RGB: one door for every image.

    Parameters
    ----------
    image : str, os.PathLike, PIL.Image.Image or array
        A file as `read_image` takes it, or an image as `as_rgb` does.

    Returns
    -------
    rgb : uint8 array of shape (height, width, 3)
        RGB, 0 to 255, upright; never the array that was given, but a copy.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        As `read_image` and `as_rgb`.

    >>> load_rgb(np.zeros((2, 3))).shape
    (2, 3, 3)
    """
    return read_image(image) if isinstance(image, str | os.PathLike) else as_rgb(image)


def read_image(path):
    """Read a picture from a file, whatever its colours are stored as, the way it was held.

    Parameters
    ----------
    path : str or os.PathLike
        A file in one of `FORMATS`. Of an animation, the first picture is read.

    Returns
    -------
    image : uint8 array of shape (height, width, 3)
        RGB, 0 to 255; see `as_rgb`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no picture, broken, cut short or empty, in colours that have no RGB, or claims more
        pixels than Pillow's limit (``PIL.Image.MAX_IMAGE_PIXELS``, about 89 million), as
        decompression bombs do.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"expected the path of a picture, got {path!r}")
    try:
        with _without_warnings(), Image.open(path, formats=FORMATS) as image:
            return as_rgb(image)
    except FileNotFoundError:
        raise
    except Exception as error:  # Pillow raises many kinds for spoilt files
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ValueError(
            f"expected a whole picture ({', '.join(FORMATS)}) in {os.fspath(path)}, "
            f"but it cannot be read: {reason}"
        ) from error


def as_rgb(image):
    """Turn a picture into RGB: grey, transparent, 16 bit, CMYK and other pictures, or an array.

    Parameters
    ----------
    image : array or PIL.Image.Image
        An array has the shape (height, width) if it is grey, or (height, width, channels), with
        grey, grey and alpha, RGB, or RGB and alpha. It is uint8 in 0 to 255, uint16 in 0 to
        65,535, bool, or float in 0 to 1. Grey whole numbers of more than 8 bits in a
        `PIL.Image.Image` are taken for 16 bits, and floats for 0 to 1.

    Returns
    -------
    rgb : uint8 array of shape (height, width, 3)
        A copy. RGB, 0 to 255. What is transparent lies on white. More bits than 8 are rounded, so
        that the brightest stays the brightest. A picture that a camera marked as turned (EXIF) is
        turned upright.

    Raises
    ------
    ValueError
        If the shape, type or range of the values is another, there is no pixel, or the colours of
        a `PIL.Image.Image` have no RGB.

    >>> as_rgb(np.array([[0.0, 0.2, 1.0]]))[0, :, 0]
    array([  0,  51, 255], dtype=uint8)
    """
    if not isinstance(image, Image.Image):
        return _array_as_rgb(np.asarray(image))
    image = _upright(image)
    if image.mode.startswith("I") or image.mode == "F":
        levels = np.asarray(image)
        in_16_bits = levels.dtype.kind in "iu" and levels.min() >= 0 and levels.max() < 2**16
        return _array_as_rgb(levels.astype(np.uint16) if in_16_bits else levels)
    if image.has_transparency_data:
        return _on_white(image)
    return np.array(image.convert("RGB"))


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


def scale_pixels(images):
    """Turn pixels in 0 to 255 into numbers in -1 to 1.

    Parameters
    ----------
    images : array of shape (..., height, width, channels)
        In 0 to 255, of any number type; usually uint8.

    Returns
    -------
    scaled : float32 array of the same shape
        0 becomes -1, and 255 becomes 1.

    Raises
    ------
    ValueError
        If a pixel is below 0 or above 255, or no number.

    >>> scale_pixels([[[0], [255]]]).tolist()
    [[[-1.0], [1.0]]]
    """
    images = np.asarray(images)
    if not np.all((images >= 0) & (images <= 255)):
        raise ValueError(f"expected pixels in 0 to 255, got {images.min()} to {images.max()}")
    return images.astype("float32") / 127.5 - 1  # floats first: 2 * 200 is 144 in uint8


@contextlib.contextmanager
def _without_warnings():
    """Refuse pictures that Pillow warns are too large; pass over its other warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _upright(image):
    try:
        return ImageOps.exif_transpose(image)
    except (SyntaxError, TypeError, KeyError, ValueError):  # the notes are broken, not the picture
        return image


def _array_as_rgb(array):
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4) or 0 in array.shape:
        raise ValueError(
            "expected a picture of shape (height, width) or (height, width, 1 to 4 channels), "
            f"got {array.shape}"
        )
    array = _as_bytes(array)
    if array.shape[2] in (2, 4):
        return _on_white(Image.fromarray(array))
    return np.repeat(array, 3, axis=2) if array.shape[2] == 1 else array


def _as_bytes(array):
    """Return a copy whose largest possible value is 255."""
    if array.dtype == np.uint8:
        return array.copy(order="C")
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint16:
        return ((array.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if array.dtype.kind == "f" and array.min() >= 0 and array.max() <= 1:
        return np.rint(array * 255).astype(np.uint8)
    raise ValueError(
        "expected a picture in uint8, uint16, bool, or float in 0..1; "
        f"got {array.dtype} in {array.min()}..{array.max()}"
    )


def _on_white(image):
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return np.array(Image.alpha_composite(white, image).convert("RGB"))

"""Pictures as arrays: photos that are installed anyway, files of the reader's, and grey levels."""

import contextlib
import math
import os
import stat
import struct
import warnings

import numpy as np
from PIL import Image, JpegImagePlugin, UnidentifiedImageError

from helpers import messages, validation

PHOTOS = ("astronaut", "brick", "camera", "cat", "coffee", "coins", "grass", "gravel", "rocket")
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")  # others may run other programs
MAX_PIXELS = 89_478_485  # of an image; Pillow warns above it, too
_TILE_SIDES = (322, 323)  # TIFF's tags TileWidth and TileLength
_SMALL_TILE = 1024 * 1024  # pixels
MAX_FILE_BYTES = 500_000_000

_KNOWN = Image.registered_extensions()
_NO_IMAGES = ("BUFR", "GRIB", "HDF5", "IPTC", "MPEG", "PDF")  # that Pillow knows all the same
ENDINGS = tuple(sorted(end for end, form in _KNOWN.items() if form in (*FORMATS, "MPO")))
OTHER_ENDINGS = tuple(  # of images that cannot be read here, which should not go unsaid
    sorted(
        {end for end, form in _KNOWN.items() if form not in _NO_IMAGES}.union(
            [".avif", ".heic", ".heif", ".hif", ".jp2", ".jxl"]
        ).difference(ENDINGS)
    )
)

_ORIENTATION = 0x0112  # the EXIF tag
_EXIF_DIRECTORIES = (0x8769, 0x8825, 0xA005)  # of the camera, GPS and interoperability
_TURNS = {  # what puts an image upright, by the orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
        If it is no picture, no regular file, broken, cut short or empty, in colours that have no
        RGB, or has more than `MAX_FILE_BYTES`, or claims more than `MAX_PIXELS`, as decompression
        bombs do.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"expected the path of a picture, got {path!r}")
    _check_path(path)
    return _read(path, place=f" in {messages.printable(path)}")[0]


def read_with_orientation(path):
    """Read an image as `read_image` does, and say how it was turned to be upright.

    Returns
    -------
    image : uint8 array of shape (height, width, 3)
    orientation : int
        1 to 8, as EXIF numbers them. 1 is upright as stored, 5 to 8 swap height and width.

    Raises
    ------
    FileNotFoundError, ValueError
        As `read_image`, but the message leaves it to the caller to name the file.
    """
    _check_path(path)
    return _read(path)


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
        turned upright, whatever else its EXIF block says.

    Raises
    ------
    ValueError
        If the shape, type or range of the values is another, there is no pixel, or a
        `PIL.Image.Image` cannot be decoded, has more than `MAX_PIXELS` or colours without RGB, or
        is EPS, which another program would have to draw.

    >>> as_rgb(np.array([[0.0, 0.2, 1.0]]))[0, :, 0]
    array([  0,  51, 255], dtype=uint8)
    """
    if not isinstance(image, Image.Image):
        return _array_as_rgb(np.asarray(image))
    try:
        with _without_warnings():
            return _pillow_as_rgb(image)[0]
    except ValueError:
        raise
    except Exception as error:  # as above
        raise ValueError(f"expected a whole picture, got a broken one: {_reason(error)}") from error


def to_grey(photo):
    """Turn an RGB photo into grey levels, weighted as the eye weighs the three colours.

    Parameters
    ----------
    photo : array of shape (..., 3), or PIL.Image.Image
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
    photo = as_rgb(photo) if isinstance(photo, Image.Image) else np.asarray(photo)
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
    if images.dtype.kind in "OSU":
        raise ValueError(f"expected pixels in 0 to 255, got {images.dtype}")
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


def _check_path(path):
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"expected the path of a picture, got {validation.shown(path)}")


def _read(path, place=""):
    """Return a file's image as RGB, and its orientation; `place` says in an error where it is."""
    try:
        _check_file(path)
        with _without_warnings(), _open(path) as image:
            return _pillow_as_rgb(image)
    except FileNotFoundError:
        raise
    except Exception as error:  # Pillow raises many kinds for spoilt files
        raise ValueError(
            f"expected a whole picture ({', '.join(FORMATS)}){place}, "
            f"but it cannot be read: {_reason(error)}"
        ) from error


def _check_file(path):
    """Refuse what cannot be read to its end, such as a pipe, and what would fill the memory."""
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("it is no regular file")
    if found.st_size > MAX_FILE_BYTES:
        raise ValueError(f"it has {found.st_size:,} bytes, more than {MAX_FILE_BYTES:,}")


def _open(path):
    with open(path, "rb") as file:
        is_jpeg = file.read(3) == b"\xff\xd8\xff"
    if is_jpeg:  # whatever index of further images (MPO) comes with it, sound or not
        return JpegImagePlugin.JpegImageFile(path)
    return Image.open(path, formats=FORMATS)


def _reason(error):
    is_unknown = isinstance(error, UnidentifiedImageError)
    return "it is none of these" if is_unknown else messages.reason(error)


def _pillow_as_rgb(image):
    """Return an image of Pillow's as RGB, and the EXIF orientation that it had."""
    if image.format == "EPS":
        raise ValueError("EPS is drawn by another program, which is not started here")
    check_size(image)
    image, orientation = _upright(image)
    if image.mode.startswith("I") or image.mode == "F":
        levels = np.asarray(image)
        in_16_bits = levels.dtype.kind in "iu" and levels.min() >= 0 and levels.max() < 2**16
        rgb = _array_as_rgb(levels.astype(np.uint16) if in_16_bits else levels)
        if isinstance(transparent := image.info.get("transparency"), int):  # a level of gray
            rgb[levels == transparent] = 255
        return rgb, orientation
    if image.has_transparency_data:
        return _on_white(image), orientation
    return np.array(image.convert("RGB")), orientation


def check_size(image):
    """Refuse an image of Pillow's that would fill the memory, before it is decoded.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened, and not loaded yet.

    Raises
    ------
    ValueError
        If it has more than `MAX_PIXELS`, or is stored in tiles (TIFF) that are far larger than it.
    """
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ValueError(f"it claims {height:,} x {width:,} pixels, more than {MAX_PIXELS:,}")
    tags = getattr(image, "tag_v2", {})
    tile = math.prod(int(tags.get(tag) or 1) for tag in _TILE_SIDES)
    if tile > max(4 * width * height, _SMALL_TILE):
        raise ValueError(f"it has tiles of {tile:,} pixels, but only {width * height:,} in all")


def _upright(image):
    """Decode an image, turn it by its EXIF orientation alone, and return that, too."""
    orientation = 1
    if image.format == "TIFF":  # which Pillow turns while it loads, and takes the tag away
        _forget_broken_notes(image)
        orientation = _orientation(image)
    image.load()
    left_to_do = _orientation(image)
    if left_to_do > 1:
        return image.transpose(_TURNS[left_to_do]), left_to_do
    return image, orientation


def _forget_broken_notes(image):
    """Take away what Pillow would stumble over while it loads a TIFF."""
    if not isinstance(image.info.get("xmp"), bytes):
        image.info.pop("xmp", None)
    exif = image.getexif()
    for directory in set(_EXIF_DIRECTORIES).intersection(exif):
        try:
            exif.get_ifd(directory)
        except Exception:  # the notes are broken, not the picture
            del exif[directory]


def _orientation(image):
    """Return 1 to 8, whatever else the EXIF block holds, or does not."""
    orientation = None
    with contextlib.suppress(Exception):  # as above
        orientation = image.getexif().get(_ORIENTATION)
    if orientation is None:
        with contextlib.suppress(Exception):
            orientation = _find_orientation(image.info["exif"])
    return int(orientation) if orientation in _TURNS else 1


def _find_orientation(exif):
    """Look for the tag entry by entry; Pillow gives up a block where an entry before is broken."""
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}[exif[:2]]
    (start,) = struct.unpack_from(f"{order}L", exif, 4)
    (count,) = struct.unpack_from(f"{order}H", exif, start)
    for place in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(f"{order}HH", exif, place)
        if tag == _ORIENTATION:
            return struct.unpack_from(order + {1: "B", 3: "H", 4: "L"}[kind], exif, place + 8)[0]
    return None


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
    found = f" in {array.min()}..{array.max()}" if array.dtype.kind in "iuf" else ""
    raise ValueError(
        f"expected a picture in uint8, uint16, bool, or float in 0..1; got {array.dtype}{found}"
    )


def _on_white(image):
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return np.array(Image.alpha_composite(white, image).convert("RGB"))

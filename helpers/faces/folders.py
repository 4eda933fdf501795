"""Read a folder of people, ``<person>/<picture>``, as anybody can make from their pictures."""

import pathlib
import re
import typing

import numpy as np
from PIL import Image, ImageOps

from helpers import archives, boxes, images


class People(typing.NamedTuple):
    """Pictures of people, one person after the other.

    Parameters
    ----------
    images : uint8 array of shape (pictures, height, width, 3)
        RGB, 0 to 255. Grey pictures have three equal channels.
    labels : int64 array of shape (pictures,)
        Who is in each picture: places in `names`, in increasing order.
    names : tuple of str
        Of the people.
    skipped : tuple of str
        What lay there and was not read, as ``person/file``.
    paths : tuple of pathlib.Path
        The file of each picture.
    """

    images: np.ndarray
    labels: np.ndarray
    names: tuple
    skipped: tuple = ()
    paths: tuple = ()


def read_people(folder, *, size=None, min_pictures=1):
    """Read the pictures of a folder that holds one folder for each person.

    The names of the folders are the names of the people, and the numbers in them count: ``s2``
    comes before ``s10``. A file whose ending tells of a picture has to be one. Other files, folders
    inside a person's folder and files beside the people are not read, but named in `skipped`. What
    is hidden (its name begins with a dot) is not looked at: systems leave such things everywhere.

    Parameters
    ----------
    folder : str or pathlib.Path
    size : (int, int), optional
        Height and width in pixels. Pictures are brought to it by `fill`. Without it, they have to
        be of one size.
    min_pictures : int
        The fewest pictures that a person must have.

    Returns
    -------
    people : People

    Raises
    ------
    ValueError
        If there is no such folder, or nobody in it; if somebody has too few pictures; if a picture
        cannot be read, see `images.read_image`, or has another size than those before it; or if a
        number lies outside its range.
    """
    if min_pictures < 1:
        raise ValueError(f"expected min_pictures from 1 on, got {min_pictures}")
    if size is not None:
        size = boxes.as_size(size, name="size")
    folder = pathlib.Path(folder)
    with archives.needs_permission(folder):
        paths_of, skipped = _look_into(folder)
    for name, paths in paths_of.items():
        if len(paths) < min_pictures:
            raise ValueError(
                f"expected {min_pictures} or more pictures ({', '.join(images.FORMATS)}) of "
                f"{name!r}, got {len(paths)} in {folder / name}"
            )
    all_paths = tuple(path for paths in paths_of.values() for path in paths)
    pictures = _read(all_paths, size)
    counts = [len(paths) for paths in paths_of.values()]
    labels = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    return People(pictures, labels, tuple(paths_of), skipped, all_paths)


def fill(image, size):
    """Bring a picture to a size undistorted: of its longer direction the ends are cut off.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3)
    size : (int, int)
        Height and width in pixels.

    Returns
    -------
    image : uint8 array of shape (*size, 3)
        The middle of the picture.

    Raises
    ------
    ValueError
        If `size` is not two whole numbers from 1 on.

    >>> fill(np.zeros((112, 92, 3), np.uint8), (64, 48)).shape
    (64, 48, 3)
    """
    height, width = boxes.as_size(size, name="size")
    if image.shape[:2] == (height, width):
        return image
    return np.array(ImageOps.fit(Image.fromarray(image), (width, height)))


def _look_into(folder):
    """Return the paths of each person's pictures, and what else there is."""
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder; expected one that holds <person>/<picture>")
    paths_of, skipped = {}, []
    for entry in _visible(folder):
        if not entry.is_dir():
            skipped.append(entry.name)
            continue
        paths_of[entry.name] = []
        for item in _visible(entry):
            if _is_named_as_picture(item) and not item.is_dir():
                paths_of[entry.name].append(item)
            else:
                skipped.append(f"{entry.name}/{item.name}")
    if not paths_of:
        raise ValueError(f"{folder} holds nobody; expected <person>/<picture> in it")
    return paths_of, tuple(skipped)


def _visible(folder):
    found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return sorted(found, key=lambda path: (_natural(path.name), path.name))


def _natural(name):
    """Return a key by which ``s2`` comes before ``s10``: texts and numbers in turns."""
    parts = re.split(r"(\d+)", name.casefold())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]


def _is_named_as_picture(path):
    return Image.registered_extensions().get(path.suffix.lower()) in images.FORMATS


def _read(paths, size):
    """Read pictures into one array."""
    pictures = []
    for path in paths:
        try:
            picture = images.read_image(path)
        except FileNotFoundError:
            raise ValueError(f"{path} is not there any more, or a link to nowhere") from None
        if size is not None:
            picture = fill(picture, size)
        elif pictures and picture.shape != pictures[0].shape:
            (height, width, _), (first_height, first_width, _) = picture.shape, pictures[0].shape
            raise ValueError(
                f"expected pictures of one size, got {first_height} × {first_width} in {paths[0]} "
                f"and {height} × {width} in {path}; say which size they should get"
            )
        pictures.append(picture)
    return np.stack(pictures)

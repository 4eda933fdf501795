"""Read a folder of people, ``<person>/<picture>``, as anybody can make from their pictures."""

import pathlib
import re
import typing

import numpy as np
from PIL import Image, ImageOps

from helpers import boxes, images, messages, validation

_LARGEST = 4_000_000_000  # bytes of all pictures together
_NUM_SHOWN = 20  # problems that are printed


class People(typing.NamedTuple):
    """Pictures of people, one person after the other.

    Parameters
    ----------
    images : uint8 array of shape (pictures, height, width, 3)
        RGB, 0 to 255. Grey pictures have three equal channels.
    labels : int64 array of shape (pictures,)
        Who is in each picture: places in `names`, in increasing order.
    names : tuple of str
        Of the people. What cannot be printed in the name of a folder is written as an escape.
    skipped : tuple of str
        What lay there and was not read, as ``person/file``.
    paths : tuple of pathlib.Path
        The file of each picture.
    problems : tuple of str
        Each names a picture that cannot be used, or a person who was left out, and says why.
    """

    images: np.ndarray
    labels: np.ndarray
    names: tuple
    skipped: tuple = ()
    paths: tuple = ()
    problems: tuple = ()


def read_people(folder, *, size=None, min_pictures=1):
    """Read the pictures of a folder that holds one folder for each person.

    The names of the folders are the names of the people, and the numbers in them count: ``s2``
    comes before ``s10``. Every file whose ending tells of a picture is decoded. One that cannot be
    used, and a person who is left with too few, is a *problem*: it is left out and named in a
    printed line, and the rest is read. Other files, folders inside a person's folder and files
    beside the people are not read, but named in `skipped`. What is hidden (its name begins with a
    dot) is not looked at: systems leave such things everywhere.

    Parameters
    ----------
    folder : str or pathlib.Path
    size : (int, int), optional
        Height and width in pixels. Pictures are brought to it by `fill`. Without it, they have to
        be of one size.
    min_pictures : int
        The fewest pictures that a person must have, at least 1.

    Returns
    -------
    people : People

    Raises
    ------
    ValueError
        If there is no such folder, or nobody in it whose pictures can be used; if the pictures are
        of several sizes, or too large together to be held in memory, and no `size` is given; or if
        a number lies outside its range.
    """
    min_pictures = validation.integer(min_pictures, "min_pictures", minimum=1)
    if size is not None:
        size = boxes.as_size(size, name="size")
    folder = pathlib.Path(folder)
    paths_of, skipped, problems = _look_into(folder)
    pictures = _read(paths_of, size, skipped, problems)
    usable_of = {name: [p for p in paths if p in pictures] for name, paths in paths_of.items()}
    for name, paths in usable_of.items():
        if len(paths) < min_pictures:
            problems.append(f"{name}: {len(paths)} pictures can be used, {min_pictures} are needed")
    usable_of = {name: paths for name, paths in usable_of.items() if len(paths) >= min_pictures}
    if not usable_of:
        raise ValueError(
            f"{messages.printable(folder)} holds nobody; expected <person>/<picture> in it, "
            f"{min_pictures} or more ({', '.join(images.FORMATS)}) of each"
            + "".join(f"; {problem}" for problem in _first(problems))
        )
    for problem in _first(problems):
        print(f"problem: {problem}", flush=True)
    counts = [len(paths) for paths in usable_of.values()]
    all_paths = tuple(path for paths in usable_of.values() for path in paths)
    return People(
        images=np.stack([pictures[path] for path in all_paths]),
        labels=np.repeat(np.arange(len(counts), dtype=np.int64), counts),
        names=tuple(usable_of),
        skipped=tuple(sorted(skipped, key=_natural)),
        paths=all_paths,
        problems=tuple(problems),
    )


def fill(image, size):
    """Bring a picture to a size undistorted: of its longer direction the ends are cut off.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3), or whatever else `images.load_rgb` takes
    size : (int, int)
        Height and width in pixels.

    Returns
    -------
    image : uint8 array of shape (*size, 3)
        The middle of the picture.

    Raises
    ------
    ValueError
        If `size` is not two whole numbers from 1 on, or there is no such picture.

    >>> fill(np.zeros((112, 92, 3), np.uint8), (64, 48)).shape
    (64, 48, 3)
    """
    height, width = boxes.as_size(size, name="size")
    image = images.load_rgb(image)
    if image.shape[:2] == (height, width):
        return image
    return np.array(ImageOps.fit(Image.fromarray(image), (width, height)))


def _look_into(folder):
    """Return the paths of each person's pictures, what else there is, and what cannot be read."""
    if not folder.is_dir():
        where = messages.printable(folder)
        raise ValueError(f"{where} is not a folder; expected one that holds <person>/<picture>")
    paths_of, skipped, problems = {}, [], []
    try:
        people = _visible(folder)
    except OSError as error:
        where, reason = messages.printable(folder), messages.reason(error)
        raise ValueError(f"{where} cannot be read ({reason}); check its permissions") from None
    for person in people:
        name = messages.printable(person.name)
        if not person.is_dir():
            skipped.append(name)
            continue
        paths_of[name] = []
        try:
            items = _visible(person)
        except OSError as error:
            problems.append(f"{name}: {messages.reason(error)}")
            continue
        for item in items:
            if _is_named_as_picture(item) and not item.is_dir():
                paths_of[name].append(item)
            else:
                skipped.append(_name(item))
    return paths_of, skipped, problems


def _visible(folder):
    found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return sorted(found, key=lambda path: (_natural(path.name), path.name))


def _natural(name):
    """Return a key by which ``s2`` comes before ``s10``: texts and numbers in turns."""
    parts = re.split(r"(\d+)", name.casefold())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]


def _is_named_as_picture(path):
    return path.suffix.lower() in images.ENDINGS + images.OTHER_ENDINGS


def _name(path):
    return messages.printable("/".join(path.parts[-2:]))


def _first(problems):
    more = len(problems) - _NUM_SHOWN
    return problems[:_NUM_SHOWN] + ([f"and {more:,} more"] if more > 0 else [])


def _read(paths_of, size, skipped, problems):
    """Read the pictures that can be used, in a dict by path, and add the others to the lists."""
    paths = [path for some in paths_of.values() for path in some]
    pictures = {}
    for path in paths:
        try:
            picture = images.read_with_orientation(path)[0]
        except (FileNotFoundError, ValueError) as error:
            is_gone = isinstance(error, FileNotFoundError)
            reason = "it is not there any more, or a link to nowhere" if is_gone else error
            skipped.append(_name(path))
            problems.append(f"{_name(path)}: {reason}")
            continue
        pictures[path] = picture if size is None else fill(picture, size)
        _check_shapes(path, pictures, len(paths))
    return pictures


def _check_shapes(path, pictures, number):
    """Refuse a picture of another size than the first, and so large ones that memory may end."""
    first = next(iter(pictures))
    (height, width, _), (first_height, first_width, _) = pictures[path].shape, pictures[first].shape
    if (height, width) != (first_height, first_width):
        raise ValueError(
            f"expected pictures of one size, got {first_height} × {first_width} in "
            f"{messages.printable(first)} and {height} × {width} in {messages.printable(path)}; "
            "say which size they should get"
        )
    if number * pictures[path].nbytes > _LARGEST:
        raise ValueError(
            f"{number:,} pictures of {height} × {width} pixels would take more than "
            f"{_LARGEST:,} bytes; say which smaller size they should get"
        )

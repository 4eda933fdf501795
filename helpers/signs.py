"""Load SIGNS, hands that show 0 to 5 fingers: the course's photographs, or hands drawn by code."""

import dataclasses

import h5py
import numpy as np

from helpers import archives, hdf5, settings, sources
from helpers.drawn import cache, hands

CLASS_NAMES = ("0", "1", "2", "3", "4", "5")
IMAGE_SHAPE = (64, 64, 3)
TRAIN_FILE, TEST_FILE = "train_signs.h5", "test_signs.h5"
REMEDY = f"For the real SIGNS let WORKBOOK_DATA name a folder with {TRAIN_FILE} and {TEST_FILE}."

_NUM_DRAWN_TRAIN = 1080  # as many as there are photographs
_NUM_DRAWN_TEST = 120
_DRAWN_SEED = 1


class DataUnavailable(sources.Unavailable):
    """The photographs cannot be had; `reasons` is a dict from each source tried to why not."""

    def __init__(self, reasons):
        super().__init__("The real SIGNS", reasons, REMEDY)


@dataclasses.dataclass(frozen=True, eq=False)
class Signs:
    """Pictures of hands, split in two, and where they came from.

    Parameters
    ----------
    x_train, x_test : uint8 array of shape (images, 64, 64, 3)
        RGB, 0 to 255.
    y_train, y_test : int64 array of shape (images,)
        Raised fingers, 0 to 5.
    source : str
        Where the pictures came from, in words.
    is_real : bool
        False for the drawn hands.
    class_names : tuple of str
    """

    x_train: np.ndarray = dataclasses.field(repr=False)
    y_train: np.ndarray = dataclasses.field(repr=False)
    x_test: np.ndarray = dataclasses.field(repr=False)
    y_test: np.ndarray = dataclasses.field(repr=False)
    source: str
    is_real: bool
    class_names: tuple = CLASS_NAMES

    def describe(self):
        """Say in one line which data these are, and how many pictures."""
        return f"{self.source}: {len(self.x_train):,} training, {len(self.x_test):,} test pictures"


def load_signs(data="auto", *, folder=None):
    """Load SIGNS: 1,080 training and 120 test pictures of one hand each.

    The photographs belong to a course and cannot be downloaded. Without them, code draws as many
    hands, the same each time. The first time that takes some seconds; then they are kept.

    Parameters
    ----------
    data : {"auto", "real", "embedded"}
        ``auto`` takes the photographs or, with a printed line, the drawn hands; ``real`` takes
        nothing else; ``embedded`` goes straight to the drawn hands.
    folder : str or pathlib.Path, optional
        Where the course's two files lie, in place of what the environment variable
        ``WORKBOOK_DATA`` names.

    Returns
    -------
    signs : Signs

    Raises
    ------
    ValueError
        If `data` is unknown.
    DataUnavailable
        If `data` is ``real`` and a file is missing or broken, or no folder has been named.

    References
    ----------
    DeepLearning.AI, *Convolutional Neural Networks*, weeks 1 and 2: ``train_signs.h5`` with
    ``train_set_x`` and ``train_set_y``, ``test_signs.h5`` with ``test_set_x`` and ``test_set_y``.
    """
    settings.Settings(data=data)  # refuses what it does not know
    if data == "embedded":
        return _drawn()
    try:
        return _real(folder)
    except DataUnavailable as problem:
        if data == "real":
            raise
        print(f"{problem.in_one_line()} Using drawn hands instead. {REMEDY}", flush=True)
    return _drawn()


def _drawn():
    """Take the drawn hands from the cache, or draw them and put them there."""
    number = _NUM_DRAWN_TRAIN + _NUM_DRAWN_TEST
    kept = cache.load_or_draw(
        f"drawn-hands-v{hands.VERSION}-{number}-seed{_DRAWN_SEED}",
        forms={"images": ("uint8", (number, *IMAGE_SHAPE)), "labels": ("int64", (number,))},
        draw=_draw,
    )
    images, labels = kept["images"], kept["labels"]
    end = _NUM_DRAWN_TRAIN  # classes take turns, so either part has as many of each
    source = f"drawn hands ({number:,} pictures drawn by the workbook)"
    return Signs(images[:end], labels[:end], images[end:], labels[end:], source, is_real=False)


def _draw():
    number = _NUM_DRAWN_TRAIN + _NUM_DRAWN_TEST
    print(f"Drawing {number:,} hands.", flush=True)
    images, labels = hands.draw_dataset(number, seed=_DRAWN_SEED, size=IMAGE_SHAPE[0])
    return {"images": images, "labels": labels}


def _real(folder):
    """Read the course's two files."""
    place, chosen = sources.readers_folder(folder)
    if chosen is None:
        raise DataUnavailable({"WORKBOOK_DATA": "names no folder"})
    try:
        with archives.needs_permission(chosen):
            missing = [name for name in (TRAIN_FILE, TEST_FILE) if not (chosen / name).exists()]
        if missing:
            raise ValueError(f"no {' and no '.join(missing)}")
        x_train, y_train = _read(chosen / TRAIN_FILE, "train_set_x", "train_set_y")
        x_test, y_test = _read(chosen / TEST_FILE, "test_set_x", "test_set_y")
    except ValueError as error:
        raise DataUnavailable({place: str(error)}) from None
    return Signs(x_train, y_train, x_test, y_test, f"SIGNS from {place}", is_real=True)


def _read(path, images_key, labels_key):
    """Read the images and labels of one file, checked before anything large is read."""
    with hdf5.opened(path) as file:
        missing = [key for key in (images_key, labels_key) if key not in file]
        if missing:
            found = ", ".join(file) or "nothing"
            raise ValueError(f"it lacks {' and '.join(missing)}; it has {found}")
        images, labels = file[images_key], file[labels_key]
        _check_images(images_key, images)
        _check_labels(labels_key, labels, len(images))
        return images[:], _in_range(labels_key, labels[:])


def _check_images(name, images):
    _check_is_array(name, images)
    if images.dtype != np.uint8 or images.shape[1:] != IMAGE_SHAPE or len(images) == 0:
        raise ValueError(
            f"{name} should be uint8 of shape (images, 64, 64, 3), "
            f"but is {images.dtype} of shape {images.shape}"
        )


def _check_labels(name, labels, num_images):
    _check_is_array(name, labels)
    if labels.dtype.kind not in "iu" or labels.shape not in ((num_images,), (1, num_images)):
        raise ValueError(
            f"{name} should be integers of shape ({num_images},) or (1, {num_images}), "
            f"but is {labels.dtype} of shape {labels.shape}"
        )


def _check_is_array(name, item):
    if not isinstance(item, h5py.Dataset) or item.shape is None:
        raise ValueError(f"{name} should be an array")


def _in_range(name, labels):
    if labels.min() < 0 or labels.max() >= len(CLASS_NAMES):
        raise ValueError(
            f"{name} should lie in 0 to 5, but goes from {labels.min()} to {labels.max()}"
        )
    return labels.reshape(-1).astype(np.int64)

"""Read CIFAR-10 from each of the forms it is passed around in, and check what was read.

Nothing here trusts a file: the original batches, which are pickles, are not unpickled, archives are
not unpacked to disk, and sizes are checked before anything large is read.
"""

import contextlib
import gzip
import math
import pathlib
import re
import tarfile
import typing

import numpy as np
import PIL.Image

from helpers import images, messages, npz, pickled_arrays, reading
from helpers.drawn import objects

CLASS_NAMES = objects.CLASS_NAMES  # the drawn set has the same ten
IMAGE_SHAPE = (32, 32, 3)
FORMS = ("cifar10.npz", "cifar-10-python.tar.gz", "cifar-10-batches-py", "cifar10")

_TRAIN_BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))
_BATCHES = (*_TRAIN_BATCHES, "test_batch")
_BATCH_MAX_BYTES = 64_000_000  # the official ones have 31 million
_ARCHIVE_MAX_BYTES = 512_000_000  # unpacked; the official one has 186 million
_ARRAY_MAX_BYTES = 256_000_000  # in an .npz file; all training images have 154 million
_STEP = 1_000_000  # bytes at a time where nobody wants them
_TYPES_WITHOUT_CONTENT = (  # whatever size they claim
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.DIRTYPE,
    tarfile.FIFOTYPE,
)
_IMAGE_ENDINGS = (".png", ".jpg", ".jpeg")


class Archive(typing.NamedTuple):
    """The arrays of CIFAR-10, checked.

    Parameters
    ----------
    x_train, x_test : uint8 array of shape (images, 32, 32, 3)
        RGB, 0 to 255.
    y_train, y_test : int64 array of shape (images,)
        0 to 9, places in `CLASS_NAMES`.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def find(folder):
    """Name the first form of CIFAR-10 that lies in `folder`; see `find_all`."""
    return find_all(folder)[0]


def find_all(folder):
    """Name all forms of CIFAR-10 that lie in `folder`.

    Parameters
    ----------
    folder : str or pathlib.Path

    Returns
    -------
    paths : list of pathlib.Path
        At least one of ``cifar10.npz``, ``cifar-10-python.tar.gz``, ``cifar-10-batches-py`` and
        ``cifar10``, in this order.

    Raises
    ------
    ValueError
        If there is no such folder, it cannot be read, or none of these lie in it.
    """
    folder = pathlib.Path(folder)
    with needs_permission(folder):
        if not folder.is_dir():
            raise ValueError(f"{folder} is not a folder; name the one that holds CIFAR-10")
        found = [folder / name for name in FORMS if (folder / name).exists()]
    if not found:
        raise ValueError(f"{folder} holds none of {', '.join(FORMS)}; put one of them there")
    return found


@contextlib.contextmanager
def needs_permission(folder):
    """Turn the system's refusal to look into a folder into an error that names the remedy.

    Parameters
    ----------
    folder : str or pathlib.Path

    Raises
    ------
    ValueError
        In place of an `OSError` inside the block.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise ValueError(f"{folder} cannot be read ({reason}); check its permissions") from None


def read(path):
    """Read CIFAR-10 in whichever form `path` is.

    Parameters
    ----------
    path : str or pathlib.Path
        A file ``*.npz``, any other file, which is taken for the original archive, a folder named
        ``cifar-10-batches-py``, or any other folder, which is taken for one of images.

    Returns
    -------
    archive : Archive

    Raises
    ------
    ValueError
        If what it holds is broken; with the file and a remedy.
    """
    path = pathlib.Path(path)
    if path.is_dir():
        reader = read_batches_folder if path.name == FORMS[2] else read_image_folder
    else:
        reader = read_npz if path.suffix == ".npz" else read_python_archive
    return reader(path)


def read_npz(path):
    """Read ``x_train y_train x_test y_test`` from an npz file, without pickle.

    Parameters
    ----------
    path : str or pathlib.Path
        Images uint8 of shape (images, 32, 32, 3), labels of any integer type and of shape
        (images,) or (images, 1).

    Returns
    -------
    archive : Archive

    Raises
    ------
    ValueError
        If the file is missing, empty or truncated, lacks an array, or one is not as above.
    """
    with (
        _refusing(path, "save it again with numpy.savez, or remove it"),
        npz.opened(path) as arrays,
    ):
        missing = [name for name in Archive._fields if name not in arrays]
        if missing:
            raise ValueError(f"it lacks {', '.join(missing)}; it has {', '.join(arrays)}")
        for part in ("train", "test"):
            stored = arrays[f"x_{part}"]
            _check_images(f"x_{part}", stored)
            _check_label_form(f"y_{part}", arrays[f"y_{part}"], len(stored))
            if math.prod(stored.shape) > _ARRAY_MAX_BYTES:
                raise ValueError(f"x_{part} claims {len(stored):,} images")
        return _checked(**{name: arrays[name].read() for name in Archive._fields})


def read_python_archive(path):
    """Read the original ``cifar-10-python.tar.gz`` in one pass, without unpacking it to disk.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    archive : Archive

    Raises
    ------
    ValueError
        If the file is missing, empty or truncated, lacks a batch, or a batch is broken or holds
        anything but arrays.
    """
    with _refusing(path, "remove it and download it again"):
        return _joined(_batches_in_archive(path))


def read_batches_folder(path):
    """Read the original batches, unpacked: ``data_batch_1`` to ``data_batch_5``, ``test_batch``.

    Parameters
    ----------
    path : str or pathlib.Path
        The folder that holds the six files.

    Returns
    -------
    archive : Archive

    Raises
    ------
    ValueError
        If a batch is missing, broken, too large, or holds anything but arrays.
    """
    with _refusing(path, "unpack cifar-10-python.tar.gz there again"):
        return _joined(_batches_in_folder(pathlib.Path(path)))


def read_image_folder(path):
    """Read images from ``train/<class>/`` and ``test/<class>/``.

    Parameters
    ----------
    path : str or pathlib.Path
        A folder with ``train`` and ``test``, each with one folder for each of `CLASS_NAMES`, each
        with at least one RGB image of 32 x 32 pixels, PNG or JPEG.

    Returns
    -------
    archive : Archive
        The classes take turns: first image of each, second image of each, and so on, by name.

    Raises
    ------
    ValueError
        If a class is missing, empty or unknown, or an image is unreadable, of another size or
        not RGB; with the file that is to blame.
    """
    with _refusing(path, "put it right, or remove the folder"):
        x_train, y_train = _read_images(pathlib.Path(path) / "train")
        x_test, y_test = _read_images(pathlib.Path(path) / "test")
        return _checked(x_train, y_train, x_test, y_test)


@contextlib.contextmanager
def _refusing(path, remedy):
    """Turn whatever a broken file makes its reader raise into one kind of error."""
    try:
        yield
    except FileNotFoundError as error:
        raise ValueError(f"{error.filename or path} is missing; {remedy}") from error
    except Exception as error:  # gzip, zlib, tar, NumPy and the disk each have their own
        reason = messages.reason(error)
        if str(path) not in reason:
            reason = f"{path} cannot be used: {reason}"
        raise ValueError(f"{reason}; {remedy}") from error


def _checked(x_train, y_train, x_test, y_test):
    """Check all four arrays, and give the labels their one form."""
    _check_images("x_train", x_train)
    _check_images("x_test", x_test)
    y_train = _check_labels("y_train", y_train, len(x_train))
    y_test = _check_labels("y_test", y_test, len(x_test))
    return Archive(x_train, y_train, x_test, y_test)


def _check_images(name, images):
    if images.dtype != np.uint8 or images.shape[1:] != IMAGE_SHAPE:
        raise ValueError(
            f"{name} should be uint8 of shape (images, 32, 32, 3), "
            f"but is {images.dtype} of shape {images.shape}"
        )
    if len(images) == 0:
        raise ValueError(f"{name} holds no images")


def _check_label_form(name, labels, num_images):
    if labels.shape not in ((num_images,), (num_images, 1)) or labels.dtype.kind not in "iu":
        raise ValueError(
            f"{name} should be integers of shape ({num_images},) or ({num_images}, 1), "
            f"but is {labels.dtype} of shape {labels.shape}"
        )


def _check_labels(name, labels, num_images):
    _check_label_form(name, labels, num_images)
    if labels.min() < 0 or labels.max() >= len(CLASS_NAMES):
        raise ValueError(
            f"{name} should lie in 0 to 9, but goes from {labels.min()} to {labels.max()}"
        )
    return labels.reshape(-1).astype(np.int64)


def _batches_in_archive(path):
    """Yield name, rows and labels of each batch, in the order of the archive.

    The module `tarfile` would keep long names and other extensions in memory, of whatever size.
    """
    with reading.open_regular(path) as packed, gzip.GzipFile(fileobj=packed) as unpacked:
        stream = _Stream(unpacked)
        while any(header := stream.read(tarfile.BLOCKSIZE)):
            member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            if member.size < 0 or member.type == tarfile.GNUTYPE_SPARSE:
                raise ValueError(f"{member.name} is stored in a way that is not read")
            folder, _, name = member.name.removeprefix("./").rpartition("/")
            if folder == "cifar-10-batches-py" and name in _BATCHES and member.isreg():
                if member.size > _BATCH_MAX_BYTES:
                    raise ValueError(f"{name} claims {member.size:,} bytes")
                yield name, *_read_batch(stream.read(member.size), name)
                stream.skip(-member.size % tarfile.BLOCKSIZE)
            elif member.type not in _TYPES_WITHOUT_CONTENT:
                stream.skip(member.size + -member.size % tarfile.BLOCKSIZE)
        stream.skip_rest()  # so that the checksum, which comes last, is compared


class _Stream:
    """A decompressed file that is read once, and not without end."""

    def __init__(self, file):
        self.file, self.room = file, _ARCHIVE_MAX_BYTES

    def take_room(self, size):
        self.room -= size
        if self.room < 0:
            raise ValueError(f"it unpacks to more than {_ARCHIVE_MAX_BYTES:,} bytes")

    def read(self, size):
        self.take_room(size)
        return self.read_exactly(size)

    def read_exactly(self, size):
        content = self.file.read(size)
        if len(content) < size:
            raise ValueError("it is cut off")
        return content

    def skip(self, size):
        self.take_room(size)
        for start in range(0, size, _STEP):
            self.read_exactly(min(_STEP, size - start))

    def skip_rest(self):
        while block := self.file.read(_STEP):
            self.take_room(len(block))


def _batches_in_folder(folder):
    for name in _BATCHES:
        path = folder / name
        if path.exists():
            with reading.open_regular(path) as file:
                content = file.read(_BATCH_MAX_BYTES + 1)
            if len(content) > _BATCH_MAX_BYTES:
                raise ValueError(f"{name} has more than {_BATCH_MAX_BYTES:,} bytes")
            yield name, *_read_batch(content, name)


def _joined(batches):
    """Put each batch in its place as it comes, so that only one is ever held twice."""
    x_train = x_test = None
    labels = {}
    for name, rows, batch_labels in batches:
        labels[name] = batch_labels
        images = rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        if name not in _TRAIN_BATCHES:
            x_test = np.ascontiguousarray(images)
            continue
        if x_train is None:
            x_train = np.empty((len(_TRAIN_BATCHES), *images.shape), np.uint8)
        if len(images) != x_train.shape[1]:
            raise ValueError(f"{name} has {len(images)} images, others have {x_train.shape[1]}")
        x_train[_TRAIN_BATCHES.index(name)] = images
    missing = [name for name in _BATCHES if name not in labels]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}")
    y_train = np.concatenate([labels[name] for name in _TRAIN_BATCHES])
    return _checked(x_train.reshape(-1, *IMAGE_SHAPE), y_train, x_test, labels["test_batch"])


def _read_batch(content, name):
    """Read one original batch: rows of 3072 bytes, all red, then green, then blue, and labels."""
    try:
        batch = pickled_arrays.read(content)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if type(batch) is not dict:
        raise ValueError(f"{name} holds no dict")
    rows, labels = (batch.get(key.encode(), batch.get(key)) for key in ("data", "labels"))
    is_array = isinstance(rows, np.ndarray)
    if not is_array or rows.dtype != np.uint8 or rows.shape[1:] != (math.prod(IMAGE_SHAPE),):
        found = f"{rows.dtype} of shape {rows.shape}" if is_array else type(rows).__name__
        raise ValueError(f"{name}: data should be uint8 of shape (images, 3072), but is {found}")
    return rows, _batch_labels(labels, len(rows), name)


def _batch_labels(labels, number, name):
    if isinstance(labels, list | tuple) and all(type(label) is int for label in labels):
        labels = np.array(labels)  # of objects, should one be larger than any integer of NumPy's
    is_right = isinstance(labels, np.ndarray) and labels.shape == (number,)
    if not is_right or labels.dtype.kind not in "iu":
        raise ValueError(f"{name}: labels should be {number} integers")
    return labels


def _read_images(folder):
    paths, labels = _image_paths(folder)
    images = np.empty((len(paths), *IMAGE_SHAPE), np.uint8)
    for index, path in enumerate(paths):
        images[index] = _read_image(path)
    return images, labels


def _image_paths(folder):
    """List the images with their labels, the classes taking turns."""
    unknown = sorted(
        path.name
        for path in folder.iterdir()
        if path.is_dir() and path.name not in CLASS_NAMES and not path.name.startswith(".")
    )
    if unknown:
        raise ValueError(f"{folder} has folders of no CIFAR-10 class: {', '.join(unknown)}")
    turns = []
    for label, name in enumerate(CLASS_NAMES):
        paths = [path for path in (folder / name).iterdir() if _is_image_name(path)]
        if not paths:
            raise ValueError(f"{folder / name} holds no PNG or JPEG")
        turns += [(turn, label, path) for turn, path in enumerate(sorted(paths, key=_by_number))]
    turns.sort(key=lambda row: row[:2])
    return [path for *_, path in turns], np.array([label for _, label, _ in turns])


def _is_image_name(path):
    return path.suffix.lower() in _IMAGE_ENDINGS and not path.name.startswith(".")


def _by_number(path):
    """Sort 9.png before 10.png."""
    return [part.zfill(12) for part in re.split(r"(\d+)", path.name)]


def _read_image(path):
    try:
        with (
            reading.open_regular(path) as file,
            PIL.Image.open(file, formats=images.FORMATS) as image,
        ):
            if image.size != IMAGE_SHAPE[:2] or image.mode != "RGB":
                width, height = image.size
                raise ValueError(f"is {width} x {height}, {image.mode}, not 32 x 32, RGB")
            images.check_size(image)
            return np.asarray(image)
    except Exception as error:  # Pillow raises many kinds for spoilt files
        reason = str(error).partition(" <_io")[0]  # the file is named already
        raise ValueError(f"{path.relative_to(path.parents[2])}: {reason}") from error

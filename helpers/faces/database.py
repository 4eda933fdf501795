"""A database of faces: is this the person they say they are, and who is this?"""

import json
import os
import pathlib
import typing
import unicodedata

import numpy as np

from helpers import storage

_FORMAT = "cnn-workbook faces, version 1"
_JOINERS = "\u200c\u200d"  # not printable by themselves, but part of names in some scripts


class Verification(typing.NamedTuple):
    """Whether a picture shows the person that it is said to show.

    Parameters
    ----------
    distance : float
        Squared Euclidean distance to that person, 0 to 4.
    accepted : bool
        Whether it is at most the threshold.
    """

    distance: float
    accepted: bool


class Match(typing.NamedTuple):
    """Somebody who is enrolled, and how far a picture is from them.

    Parameters
    ----------
    name : str
    distance : float
        Squared Euclidean distance, 0 to 4.
    """

    name: str
    distance: float


class Identification(typing.NamedTuple):
    """Who is in a picture.

    Parameters
    ----------
    name : str or None
        The nearest person, or None, for nobody, if even they are further away than the threshold.
    matches : list of Match
        The nearest ones, best first, whether near enough or not.
    """

    name: str | None
    matches: list


class FaceDatabase:
    """People, each with a name and the mean direction of the embeddings of their pictures.

    One vector for a person, and not all embeddings: the mean of a few pictures is nearer to a new
    one than most of them are, a search is one product, and enrolling more pictures of somebody
    gives an impostor no more chances to be near one of them.

    Parameters
    ----------
    encode : callable
        Takes pictures (n, height, width, channels), 0 to 255, and returns embeddings (n, numbers),
        an array or tensor. They need not be of unit length; only their direction counts.
    encoder_id : str
        What tells this encoder from all others, for example its name and a hash of its weights.
        Embeddings of two encoders do not compare.
    threshold : float
        The largest squared Euclidean distance between unit vectors that is taken for the same
        person, 0 to 4. See `verification.calibrate`.

    Raises
    ------
    ValueError
        If `encoder_id` is no text or empty, or the threshold does not lie in 0..4.

    Notes
    -----
    Names are any printable text; spaces around them are dropped, and characters that can be written
    in two ways (é) are put into one (Unicode's NFC).

    The search is exact: one product of all vectors with the picture's.
    """

    def __init__(self, encode, *, encoder_id, threshold):
        if not isinstance(encoder_id, str) or not encoder_id:
            raise ValueError(f"expected encoder_id as non-empty text, got {encoder_id!r}")
        self.encode, self.encoder_id, self.threshold = encode, encoder_id, threshold
        self._rows = {}  # from name to row
        self._names = []  # of each row
        # Unit vectors, and how long the sum was of which each is the direction, so that more
        # pictures can be added. There is room for more rows than there are people.
        self._directions = np.empty((0, 0), np.float32)
        self._lengths = np.empty(0, np.float32)

    def __len__(self):
        """Number of people."""
        return len(self._names)

    @property
    def names(self):
        """Names of all people, a list in alphabetical order."""
        return sorted(self._names)

    @property
    def threshold(self):
        """The largest distance that is taken for the same person."""
        return self._threshold

    @threshold.setter
    def threshold(self, threshold):
        if not 0 <= threshold <= 4:
            raise ValueError(f"expected a threshold in 0..4, got {threshold}")
        self._threshold = float(threshold)

    def enrol(self, name, pictures, *, add=False):
        """Enrol somebody, or with ``add=True`` more pictures of somebody who is enrolled.

        Parameters
        ----------
        name : str
        pictures : array of shape (height, width, channels) or (n, height, width, channels)
            One picture or several, 0 to 255.
        add : bool

        Raises
        ------
        ValueError
            If the name is no printable text, or taken (with ``add=True``, unknown), there is no
            picture, or its numbers are not 0 to 255 (decimal ones up to 1 are taken for 0 to 1), or
            the encoder gives something else than finite embeddings, not 0, as long as those of the
            others. The database is then as it was.
        """
        name = _clean(name)
        if add:
            row = self._row(name)
        elif name in self._rows:
            raise ValueError(
                f"{name!r} is enrolled already; use add=True to add pictures to theirs, "
                "or another name for somebody else"
            )
        total = self._embed(pictures).sum(axis=0, dtype=float)
        if add:
            total += self._lengths[row] * self._directions[row]
        length = np.linalg.norm(total)
        if length < 1e-3:
            raise ValueError(f"the pictures of {name!r} have opposite embeddings, without a mean")
        if not add:
            row = self._append(name, len(total))
        self._directions[row], self._lengths[row] = total / length, length

    def verify(self, picture, name):
        """Decide whether a picture shows the person that it is said to show.

        Parameters
        ----------
        picture : array of shape (height, width, channels)
            0 to 255.
        name : str

        Returns
        -------
        answer : Verification
            distance, accepted

        Raises
        ------
        ValueError
            If nobody is enrolled, or nobody of that name, the picture's numbers are not 0 to 255,
            or the encoder gives something else than one good embedding.
        """
        row = self._row(_clean(name))
        distance = self._distance(row, self._embed_one(picture))
        return Verification(distance, distance <= self.threshold)

    def identify(self, picture, top=3):
        """Find out who is in a picture.

        Parameters
        ----------
        picture : array of shape (height, width, channels)
            0 to 255.
        top : int
            How many of the nearest people to report, at least 1.

        Returns
        -------
        answer : Identification
            name (None for nobody), matches

        Raises
        ------
        ValueError
            If nobody is enrolled, `top` is below 1, the picture's numbers are not 0 to 255, or the
            encoder gives something else than one good embedding.
        """
        self._check_not_empty()
        if top < 1:
            raise ValueError(f"expected top from 1 on, got {top}")
        query = self._embed_one(picture)
        cosines = self._directions[: len(self)] @ query
        top = min(top, len(self))
        nearest = np.argpartition(cosines, len(self) - top)[len(self) - top :]
        matches = [Match(self._names[row], self._distance(row, query)) for row in nearest]
        matches.sort(key=lambda match: (match.distance, match.name))
        best = matches[0]
        return Identification(best.name if best.distance <= self.threshold else None, matches)

    def rename(self, old, new):
        """Give somebody another name.

        Parameters
        ----------
        old, new : str

        Raises
        ------
        ValueError
            If nobody has the old name, or somebody has the new one, or it is no printable text.
        """
        old, new = _clean(old), _clean(new)
        row = self._row(old)
        if new in self._rows:
            raise ValueError(f"{new!r} is enrolled already; {old!r} keeps the old name")
        del self._rows[old]
        self._rows[new], self._names[row] = row, new

    def remove(self, name):
        """Forget somebody.

        Parameters
        ----------
        name : str

        Raises
        ------
        ValueError
            If nobody has that name.
        """
        row, last = self._row(_clean(name)), len(self) - 1
        del self._rows[self._names[row]]
        self._directions[row], self._lengths[row] = self._directions[last], self._lengths[last]
        self._directions[last] = 0  # a face is not to stay in memory
        moved = self._names.pop()
        if row != last:
            self._names[row], self._rows[moved] = moved, row

    def save(self, path):
        """Write everything into one file: embeddings, names, encoder's identity and threshold.

        Killed at any moment, power failures included, it leaves the old file or the new one, whole;
        at worst there is a hidden draft beside it, which may be deleted.

        Parameters
        ----------
        path : str or pathlib.Path
            Usually ending in ``.npz``; it is a NumPy archive without pickles. Missing folders are
            made.

        Raises
        ------
        OSError
            If it cannot be written. The old file is then as it was.
        """
        header = {
            "format": _FORMAT,
            "encoder_id": self.encoder_id,
            "threshold": self.threshold,
            "names": self._names,
        }
        with storage.replacing(path) as draft, open(draft, "wb") as file:
            np.savez(
                file,
                header=np.frombuffer(json.dumps(header).encode(), np.uint8),
                directions=self._directions[: len(self)],
                lengths=self._lengths[: len(self)],
            )
            file.flush()
            os.fsync(file.fileno())  # on the disk before it takes the place of the old one
        _fsync_folder(pathlib.Path(path).parent)

    @classmethod
    def load(cls, path, encode, encoder_id):
        """Open a file that `save` wrote.

        Parameters
        ----------
        path : str or pathlib.Path
        encode : callable
            The encoder with which it was made; the file does not hold it.
        encoder_id : str
            Its identity.

        Returns
        -------
        database : FaceDatabase

        Raises
        ------
        OSError
            If there is no such file, or it cannot be opened.
        ValueError
            If it is damaged or no database of faces, or was made with another encoder.
        """
        with open(path, "rb") as file:
            try:
                header, names, directions, lengths = _read(file)
                database = cls(
                    encode, encoder_id=header["encoder_id"], threshold=header["threshold"]
                )
            except Exception as error:  # what NumPy and zipfile raise for bad files is not settled
                raise ValueError(f"{path} is damaged, or no database of faces") from error
        if database.encoder_id != encoder_id:
            raise ValueError(
                f"{path} was made with the encoder {database.encoder_id!r}, not {encoder_id!r}: "
                "their embeddings do not compare; enrol the pictures anew"
            )
        database._names, database._directions, database._lengths = names, directions, lengths
        database._rows = {name: row for row, name in enumerate(names)}
        return database

    def _embed(self, pictures):
        """Return the directions of pictures, float32 of shape (n, numbers)."""
        pictures = _as_pictures(pictures)
        embeddings = np.asarray(self.encode(pictures), dtype=float)
        wanted = self._directions.shape[1] or "some"
        if embeddings.ndim != 2 or 0 in embeddings.shape or len(embeddings) != len(pictures):
            raise ValueError(
                f"expected embeddings of shape ({len(pictures)}, numbers) from the encoder, "
                f"got {embeddings.shape}"
            )
        if wanted not in ("some", embeddings.shape[1]):
            raise ValueError(
                f"expected embeddings of {wanted} numbers, as those enrolled have; "
                f"got {embeddings.shape[1]}"
            )
        lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
        good = (lengths > 0) & (lengths < np.inf)  # false for NaN as well
        if not good.all():
            raise ValueError(
                "expected finite embeddings, not all 0, from the encoder; that of picture "
                f"{np.argmin(good)} of {len(good)} is not"
            )
        return (embeddings / lengths).astype(np.float32)

    def _embed_one(self, picture):
        directions = self._embed(picture)
        if len(directions) != 1:
            raise ValueError(f"expected one picture, got {len(directions)}")
        return directions[0]

    def _distance(self, row, query):
        difference = self._directions[row].astype(float) - query
        return float(difference @ difference)

    def _row(self, name):
        self._check_not_empty()
        if name not in self._rows:
            raise ValueError(f"nobody called {name!r} is among the {len(self)} enrolled")
        return self._rows[name]

    def _check_not_empty(self):
        if not self._names:
            raise ValueError("the database is empty; enrol somebody first")

    def _append(self, name, num_numbers):
        """Make a row for a new name, and return its number."""
        row = len(self)
        if row == len(self._directions):
            room = max(16, 2 * row)  # twice as much: so a million can be enrolled one by one
            directions = np.zeros((room, num_numbers), np.float32)
            lengths = np.zeros(room, np.float32)
            if row:
                directions[:row], lengths[:row] = self._directions, self._lengths
            self._directions, self._lengths = directions, lengths
        self._names.append(name)
        self._rows[name] = row
        return row


def _clean(name):
    """Return a name in its one way of writing it."""
    if isinstance(name, str):
        cleaned = unicodedata.normalize("NFC", name).strip()
        printable = cleaned
        for joiner in _JOINERS:
            printable = printable.replace(joiner, "")
        if printable and printable.isprintable():
            return cleaned
    raise ValueError(f"expected a name of printable text, at least one character; got {name!r}")


def _as_pictures(pictures):
    try:
        pictures = np.asarray(pictures)
    except ValueError as error:
        raise ValueError("expected pictures of one size; got several sizes") from error
    if pictures.ndim == 3:
        pictures = pictures[None]
    if pictures.ndim != 4 or 0 in pictures.shape:
        raise ValueError(
            "expected a picture (height, width, channels) or several (n, height, width, channels), "
            f"got {pictures.shape}"
        )
    _check_values(pictures)
    return pictures


def _check_values(pictures):
    """Refuse what an encoder would take for a black picture, or for none."""
    kind, wanted = pictures.dtype.kind, "expected pictures of numbers 0 to 255 (not 0 to 1)"
    if kind not in "uif":
        raise ValueError(f"{wanted}, got {pictures.dtype}")
    least, most = pictures.min(), pictures.max()
    if not (least >= 0 and most <= 255) or (kind == "f" and 0 < most <= 1):  # refuses NaN, too
        raise ValueError(f"{wanted}, got {pictures.dtype} in {least:g}..{most:g}")


def _read(file):
    """Return header, names, directions and lengths, or raise one error or another."""
    with np.load(file, allow_pickle=False) as parts:
        header = json.loads(parts["header"].tobytes())
        directions, lengths = parts["directions"], parts["lengths"]
    if header["format"] != _FORMAT or not isinstance(header["names"], list):
        raise ValueError("another format, or no list of names")
    names = [_clean(name) for name in header["names"]]  # refuses what is no text
    if len(set(names)) != len(names):
        raise ValueError("a name twice")
    if directions.ndim != 2 or not len(directions) == len(names) == len(lengths):
        raise ValueError("the parts do not belong together")
    if directions.dtype != np.float32 or lengths.dtype != np.float32 or lengths.ndim != 1:
        raise ValueError("embeddings of another type")
    squares = np.einsum("ij,ij->i", directions, directions)
    if not (np.abs(squares - 1) < 1e-3).all() or not (np.isfinite(lengths) & (lengths > 0)).all():
        raise ValueError("embeddings that are no unit vectors")  # NaN, too
    return header, names, directions, lengths


def _fsync_folder(folder):
    """Make sure that a file's new name is on the disk as well; Windows has no way to ask."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

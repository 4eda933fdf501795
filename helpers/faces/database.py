"""A database of faces: is this the person they say they are, and who is this?"""

import contextlib
import functools
import os
import pathlib
import threading
import typing
import unicodedata

import numpy as np
from PIL import Image

from helpers import boxes, validation
from helpers import images as image_tools
from helpers.faces import folders, people_file

_BLOCK = 2**26  # cosines that are computed at a time, 256 MB
_INVISIBLE = ("Cc", "Cs", "Zl", "Zp")  # control characters, halves of characters, ends of lines
_BLANK = set("\u115f\u1160\u2800\u3164\uffa0 ")  # letters and signs that show nothing
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # can disguise a name


class Verification(typing.NamedTuple):
    """Whether an image shows the person that it is said to show.

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
    """Somebody who is enrolled, and how far an image is from them.

    Parameters
    ----------
    name : str
    distance : float
        Squared Euclidean distance, 0 to 4.
    """

    name: str
    distance: float


class Identification(typing.NamedTuple):
    """Who is in an image.

    Parameters
    ----------
    name : str or None
        The nearest person, or None, for nobody, if even they are further away than the threshold.
    matches : list of Match
        The nearest ones, best first, whether near enough or not.
    """

    name: str | None
    matches: list


def _alone(method):
    """Let one thread at a time into the methods of a database."""

    @functools.wraps(method)
    def wrapped(self, *args, **kwargs):
        with self._lock:
            return method(self, *args, **kwargs)

    return wrapped


class FaceDatabase:
    """People, each with a name and the mean direction of the embeddings of their images.

    One vector for a person, and not all embeddings: the mean of a few images is nearer to a new
    one than most of them are, a search is one product, and enrolling more images of somebody
    gives an impostor no more chances to be near one of them.

    Parameters
    ----------
    encode : callable
        Takes images (n, height, width, channels), 0 to 255, and returns embeddings (n, numbers),
        an array or tensor. They need not be of unit length; only their direction counts.
    encoder_id : str
        What tells this encoder from all others, for example its name and a hash of its weights.
        Embeddings of two encoders do not compare.
    threshold : float
        The largest squared Euclidean distance between unit vectors that is taken for the same
        person, 0 to 4. See `verification.calibrate`.
    image_size : (int, int), optional
        Height and width in pixels to which images are brought, see `folders.fill`. By default what
        a Keras model as `encode` was built for; anything else gets images as large as they come.

    Raises
    ------
    ValueError
        If `encoder_id` is no text or empty, the threshold does not lie in 0 to 4, or `image_size`
        is not two sizes.

    Notes
    -----
    A new one lives in memory; `save` writes it. One that was loaded belongs to its file: each
    change is there, for good, before the call returns, and what other programs change there is seen
    at once. Several may write into one file: nobody who was enrolled is lost. Several threads may
    share a database.

    Images are arrays of shape (height, width, 1 or 3) in 0 to 255, or `PIL.Image.Image`, or paths
    of files; the latter two are turned upright and made RGB, see `images.load_rgb`.

    Names are any text without control characters; spaces around them are dropped, and characters
    that can be written in two ways (é) are put into one (Unicode's NFC).

    The search is exact: one product of all vectors with those of the images.
    """

    def __init__(self, encode, *, encoder_id, threshold, image_size=None):
        if not isinstance(encoder_id, str) or not encoder_id:
            raise ValueError(f"expected encoder_id as non-empty text, got {encoder_id!r}")
        if any(unicodedata.category(character) == "Cs" for character in encoder_id):
            raise ValueError(f"expected encoder_id as text of whole characters, got {encoder_id!r}")
        self._lock = threading.RLock()
        built_for = getattr(encode, "input_shape", None)
        if image_size is None and isinstance(built_for, tuple) and None not in built_for[1:3]:
            image_size = built_for[1:3]
        if image_size is not None:
            image_size = boxes.as_size(image_size)
        self.encode, self.encoder_id, self.image_size = encode, encoder_id, image_size
        self._path = None  # of the file that it was loaded from
        self._revision = self._saved = None  # of that file, and of the one that was saved last
        self._names, self._rows = [], {}  # the name of each row, and from name to row
        # Unit vectors, and last how long the sum was of which each is the direction, so that more
        # images can be added. There is room for more rows than there are people.
        self._vectors = np.empty((0, 1), np.float32)
        self.threshold = threshold

    @_alone
    def __len__(self):
        """Number of people."""
        self._refresh()
        return len(self._names)

    @property
    @_alone
    def names(self):
        """Names of all people, a list in alphabetical order."""
        self._refresh()
        return sorted(self._names)

    @property
    @_alone
    def threshold(self):
        """The largest distance that is taken for the same person."""
        self._refresh()
        return self._threshold

    @threshold.setter
    @_alone
    def threshold(self, threshold):
        threshold = validation.real(threshold, "threshold", minimum=0, maximum=4)
        with self._changing() as file:
            if file:
                file.set_threshold(threshold)
            self._revision, self._threshold = None, threshold

    def enrol(self, name, images, *, add=False):
        """Enrol somebody, or with ``add=True`` more images of somebody who is enrolled.

        Parameters
        ----------
        name : str
        images : array of shape (height, width, channels) or (n, height, width, channels), or list
            One image or several of one person, see the notes of `FaceDatabase`.
        add : bool

        Raises
        ------
        ValueError
            If the name is no text that can be seen, or taken (with ``add=True``, unknown), there
            is no image, or its numbers are not 0 to 255 (decimal ones up to 1 are taken for 0 to
            1), or the encoder gives something else than finite embeddings, not 0, as long as those
            of the others. The database is then as it was.
        OSError
            If the file cannot be written. It is then as it was.
        """
        name = _clean(name)
        self._refresh()
        self._check_new([name], add)  # before the encoder takes its time
        embeddings = self._embed(images if _are_several(images) else [images])
        self.enrol_embeddings([name] * len(embeddings), embeddings, add=add)

    @_alone
    def enrol_embeddings(self, names, embeddings, *, add=False):
        """Enrol many people at once, by embeddings that were computed elsewhere: all or nobody.

        Parameters
        ----------
        names : sequence of str
            Whose each embedding is. A name may come several times.
        embeddings : array of shape (n, numbers)
            Of the encoder that `encoder_id` names.
        add : bool
            To add to people who are enrolled.

        Raises
        ------
        ValueError, OSError
            See `enrol`.
        """
        directions = _directions(embeddings)
        if isinstance(names, str) or len(names) != len(directions):
            raise ValueError(
                f"expected a list of {len(directions)} names, one for each embedding, "
                f"got {validation.shown(names)}"
            )
        names, totals = _add_up([_clean(name) for name in names], directions)
        with self._changing() as file:
            self._check_new(names, add)
            self._check_length(directions)
            if add:
                known = self._vectors[[self._rows[name] for name in names]]
                totals = totals + known[:, :-1] * known[:, -1:].astype(float)
            vectors = np.empty((len(names), totals.shape[1] + 1), np.float32)
            vectors[:, -1] = lengths = _lengths(totals)
            if lengths.min() < 1e-3:
                name = names[np.argmin(lengths)]
                raise ValueError(f"the images of {name!r} have opposite embeddings, without a mean")
            np.divide(totals, lengths[:, None], out=vectors[:, :-1], casting="same_kind")
            if file:
                file.put(names, vectors)
            self._put(names, vectors)

    def verify(self, image, name):
        """Decide whether an image shows the person that it is said to show.

        Parameters
        ----------
        image : array of shape (height, width, channels), image or path; or several
            See the notes of `FaceDatabase`.
        name : str, or sequence of str
            One for each image, or one for all.

        Returns
        -------
        answer : Verification, or a list of them if there are several images
            distance, accepted

        Raises
        ------
        ValueError
            If nobody is enrolled, or nobody of that name, the numbers of an image are not 0 to
            255, or the encoder gives something else than good embeddings.
        """
        several = _are_several(image)
        embeddings = self._embed(image if several else [image])
        names = [name] * len(embeddings) if isinstance(name, str) or not several else name
        answers = self.verify_embeddings(embeddings, names)
        return answers if several else answers[0]

    @_alone
    def verify_embeddings(self, embeddings, names):
        """Decide for many embeddings whether they are of the people that they are said to be of.

        Parameters
        ----------
        embeddings : array of shape (n, numbers)
        names : sequence of str
            One for each.

        Returns
        -------
        answers : list of Verification

        Raises
        ------
        ValueError
            See `verify`.
        """
        self._refresh()
        queries = _directions(embeddings)
        if isinstance(names, str) or len(names) != len(queries):
            raise ValueError(
                f"expected {len(queries)} names, one for each, got {validation.shown(names)}"
            )
        rows = np.array([self._row(name) for name in names])
        self._check_length(queries)
        return [
            Verification(distance, distance <= self._threshold)
            for distance in self._distances(rows, queries).tolist()
        ]

    def identify(self, image, top=3):
        """Find out who is in an image.

        Parameters
        ----------
        image : array of shape (height, width, channels), image or path; or several
            See the notes of `FaceDatabase`.
        top : int
            How many of the nearest people to report, at least 1.

        Returns
        -------
        answer : Identification, or a list of them if there are several images
            name (None for nobody), matches

        Raises
        ------
        ValueError
            If nobody is enrolled, `top` is below 1, the numbers of an image are not 0 to 255, or
            the encoder gives something else than good embeddings.
        """
        several = _are_several(image)
        self._check_not_empty()
        answers = self.identify_embeddings(self._embed(image if several else [image]), top)
        return answers if several else answers[0]

    @_alone
    def identify_embeddings(self, embeddings, top=3):
        """Find out who is nearest to each of many embeddings, with one product of matrices.

        Parameters
        ----------
        embeddings : array of shape (n, numbers)
        top : int
            How many of the nearest people to report, at least 1.

        Returns
        -------
        answers : list of Identification

        Raises
        ------
        ValueError
            See `identify`.
        """
        self._refresh()
        self._check_not_empty()
        top = min(validation.integer(top, "top", minimum=1), len(self._names))
        queries = _directions(embeddings)
        self._check_length(queries)
        step = max(_BLOCK // len(self._names), 1)
        blocks = [queries[start : start + step] for start in range(0, len(queries), step)]
        return [answer for block in blocks for answer in self._nearest(block, top)]

    @_alone
    def rename(self, old, new):
        """Give somebody another name.

        Parameters
        ----------
        old, new : str

        Raises
        ------
        ValueError
            If nobody has the old name, or somebody has the new one, or it cannot be seen.
        OSError
            If the file cannot be written.
        """
        new = _clean(new)
        with self._changing() as file:
            row = self._row(old)
            old = self._names[row]
            if new in self._rows:
                raise ValueError(f"{new!r} is enrolled already; {old!r} keeps the old name")
            vector = self._vectors[[row]]
            if file:
                file.remove(old)
                file.put([new], vector)
            self._drop(row)
            self._put([new], vector)

    @_alone
    def remove(self, name):
        """Forget somebody.

        Parameters
        ----------
        name : str

        Raises
        ------
        ValueError
            If nobody has that name.
        OSError
            If the file cannot be written.
        """
        with self._changing() as file:
            row = self._row(name)
            if file:
                file.remove(self._names[row])
            self._drop(row)

    @_alone
    def save(self, path):
        """Write everything into one SQLite file: people, encoder's identity and threshold.

        One that was loaded is in its own file already; to another one it is copied. Killed at any
        moment, power failures included, it leaves what was there before, or all.

        Parameters
        ----------
        path : str or pathlib.Path
            Of any ending. Missing folders are made. A file keeps its mode, a link its target.

        Raises
        ------
        ValueError
            If there is a file with something else, or one that holds other people than when this
            database was last saved there, who would be lost. It is then as it was.
        OSError
            If it cannot be written. It is then as it was.
        """
        path = pathlib.Path(path).absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._refresh()
        if self._has_file() and path.exists() and self._path.samefile(path):
            return
        with people_file.opened(path, "create") as file:
            if not file.is_new:
                self._check_nobody_is_lost(file, path)
            file.begin(self.encoder_id, self._threshold)
            file.put(self._names, self._vectors[: len(self._names)])
            saved = file.revise()
        self._saved = (path, saved)  # now that it is

    @classmethod
    def load(cls, path, encode, encoder_id, *, image_size=None):
        """Open a file that `save` wrote.

        Parameters
        ----------
        path : str or pathlib.Path
        encode : callable
            The encoder with which it was made; the file does not hold it.
        encoder_id : str
            Its identity.
        image_size : (int, int), optional
            See `FaceDatabase`.

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
        database = cls(encode, encoder_id=encoder_id, threshold=0, image_size=image_size)
        path = pathlib.Path(path).absolute()
        with people_file.opened(path, "read") as file:
            database._take(file, path)
        database._path = path
        return database

    def _has_file(self):
        return self._path is not None and self._path.exists()

    def _refresh(self):
        """Take over what others have changed in the file. A file that is gone changed nothing."""
        if self._has_file():
            with people_file.opened(self._path, "read") as file:
                self._take(file, self._path)

    @contextlib.contextmanager
    def _changing(self):
        """Change people in memory, and in the file if there is one, which the block is given.

        What comes to memory before the file is written for good sets the revision to None: if the
        writing fails, memory is read anew.
        """
        if self._path is None:
            yield None
            return
        with people_file.opened(self._path, "change") as file:
            self._take(file, self._path)
            yield file
            revision = file.revise()
        self._revision = revision

    def _take(self, file, path):
        """Read all from a file, unless it is what memory holds already."""
        encoder_id, threshold, revision = file.settings()
        if encoder_id != self.encoder_id:
            raise ValueError(
                f"{path} was made with the encoder {encoder_id!r}, not {self.encoder_id!r}: "
                "their embeddings do not compare; enrol the images anew"
            )
        if revision != self._revision:
            names, vectors = file.people()
            self._threshold, self._names, self._vectors = threshold, names, vectors
            self._rows = {name: row for row, name in enumerate(names)}
            self._revision = revision

    def _check_nobody_is_lost(self, file, path):
        """Refuse to replace a file if somebody is in it who is not here, or is another one here."""
        if (path, file.settings().revision) == self._saved:
            return
        others = FaceDatabase(None, encoder_id=self.encoder_id, threshold=0)
        others._take(file, path)
        for row, name in enumerate(others._names):
            mine = self._vectors[self._rows[name]] if name in self._rows else None
            if not np.array_equal(mine, others._vectors[row]):
                raise ValueError(
                    f"{path} has {name!r}, who would be lost: load that file and enrol there, "
                    "or choose another one"
                )

    def _embed(self, images):
        """Return embeddings of images, (n, numbers); those of one size are encoded together."""
        images = [self._as_image(image) for image in images]
        if not images:
            raise ValueError("expected an image or several, got none")
        embeddings = [None] * len(images)
        for shape in dict.fromkeys(image.shape for image in images):
            places = [place for place, image in enumerate(images) if image.shape == shape]
            encoded = np.asarray(self.encode(np.stack([images[place] for place in places])), float)
            if encoded.ndim != 2 or 0 in encoded.shape or len(encoded) != len(places):
                raise ValueError(
                    f"expected embeddings of shape ({len(places)}, numbers) from the encoder, "
                    f"got {encoded.shape}"
                )
            for place, embedding in zip(places, encoded, strict=True):
                embeddings[place] = embedding
        if len({len(embedding) for embedding in embeddings}) > 1:
            raise ValueError("expected embeddings of one length from the encoder, got several")
        return np.stack(embeddings)

    def _as_image(self, image):
        """Return an array (height, width, channels) of the size that the encoder takes."""
        if isinstance(image, str | os.PathLike | Image.Image):
            image = image_tools.load_rgb(image)
        else:
            image = _check_image(np.asarray(image))
        if self.image_size in (None, image.shape[:2]):
            return image
        rgb = image_tools.load_rgb(np.rint(image).astype(np.uint8))
        return folders.fill(rgb, self.image_size)[..., : image.shape[2]]

    def _nearest(self, queries, top):
        """Yield an `Identification` for each of some unit vectors."""
        count = len(self._names)
        cosines = queries @ self._vectors[:count, :-1].T
        nearest = np.argpartition(cosines, count - top, axis=1)[:, count - top :]
        for query, rows in zip(queries, nearest, strict=True):
            distances = self._distances(rows, query).tolist()
            matches = [
                Match(self._names[row], distance)
                for row, distance in zip(rows, distances, strict=True)
            ]
            matches.sort(key=lambda match: (match.distance, match.name))
            best = matches[0]
            yield Identification(best.name if best.distance <= self._threshold else None, matches)

    def _distances(self, rows, queries):
        differences = self._vectors[rows, :-1].astype(float) - queries
        return np.einsum("ij,ij->i", differences, differences)

    def _row(self, name):
        self._check_not_empty()
        name = name if isinstance(name, str) and name in self._rows else _clean(name)
        if name not in self._rows:
            raise ValueError(f"nobody called {name!r} is among the {len(self._names)} enrolled")
        return self._rows[name]

    def _check_not_empty(self):
        if not self._names:
            raise ValueError("the database is empty; enrol somebody first")

    def _check_new(self, names, add):
        """Refuse names that are taken, or to add to those who are not there."""
        if add:
            for name in names:
                self._row(name)
        elif taken := self._rows.keys() & names:
            raise ValueError(
                f"{min(taken)!r} is enrolled already; use add=True to add images to theirs, "
                "or another name for somebody else"
            )

    def _check_length(self, directions):
        wanted, got = self._vectors.shape[1] - 1, directions.shape[1]
        if self._names and wanted != got:
            raise ValueError(
                f"expected embeddings of {wanted} numbers, as those enrolled have; got {got}"
            )

    def _put(self, names, vectors):
        """Write vectors to the rows of those names in memory, new ones at the end."""
        self._revision = None
        new = [name for name in names if name not in self._rows]
        count = len(self._names)
        if count + len(new) > len(self._vectors) or not count:
            # Twice as much room: so a million can be enrolled one by one.
            grown = np.zeros((max(16, 2 * count, count + len(new)), vectors.shape[1]), np.float32)
            grown[:count] = self._vectors[:count] if count else 0
            self._vectors = grown
        self._rows.update(zip(new, range(count, count + len(new)), strict=True))
        self._names += new
        rows = slice(count, count + len(new)) if new else [self._rows[name] for name in names]
        self._vectors[rows] = vectors

    def _drop(self, row):
        """Forget a row in memory; the last one takes its place."""
        self._revision = None
        del self._rows[self._names[row]]
        last = len(self._names) - 1
        self._vectors[row] = self._vectors[last]
        self._vectors[last] = 0  # a face is not to stay in memory
        moved = self._names.pop()
        if row != last:
            self._names[row], self._rows[moved] = moved, row


def _clean(name):
    """Return a name in its one way of writing it."""
    if isinstance(name, str):
        cleaned = unicodedata.normalize("NFC", name).strip()
        kinds = {unicodedata.category(character) for character in cleaned}
        # Whether this Python knows a character does not matter: newer ones have newer emoji.
        is_visible = kinds - {"Cf", "Zs"} and kinds.isdisjoint(_INVISIBLE) and set(cleaned) - _BLANK
        if is_visible and not any(character in _TURNING for character in cleaned):
            return cleaned
    raise ValueError(
        f"expected a name as text that can be seen, at least one character; got {name!r}"
    )


def _add_up(names, directions):
    """Return each name once, and the sum of its directions."""
    different = list(dict.fromkeys(names))
    if len(different) == len(names):
        return names, directions
    rows = {name: row for row, name in enumerate(different)}
    row_of = np.array([rows[name] for name in names])
    order = np.argsort(row_of, kind="stable")
    starts = np.searchsorted(row_of[order], np.arange(len(rows)))
    return different, np.add.reduceat(directions[order], starts, axis=0, dtype=float)


def _directions(embeddings):
    """Return embeddings at unit length, float32 of shape (n, numbers)."""
    try:
        embeddings = np.asarray(embeddings)
        if embeddings.dtype.kind == "c":
            raise TypeError("complex numbers")
        if embeddings.dtype not in (np.float32, np.float64):
            embeddings = embeddings.astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError("expected embeddings of shape (n, numbers) as numbers") from error
    if embeddings.ndim != 2 or 0 in embeddings.shape:
        raise ValueError(f"expected embeddings of shape (n, numbers), got {embeddings.shape}")
    lengths = _lengths(embeddings)
    good = (lengths > 0) & (lengths < np.inf)  # false for NaN as well
    if not good.all():
        raise ValueError(
            "expected finite embeddings, not all 0; that of image "
            f"{np.argmin(good)} of {len(good)} is not"
        )
    directions = np.empty(embeddings.shape, np.float32)
    return np.divide(embeddings, lengths[:, None], out=directions, casting="same_kind")


def _lengths(vectors):
    return np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=float))


def _are_several(images):
    return isinstance(images, list | tuple) or getattr(images, "ndim", 0) == 4


def _check_image(image):
    """Refuse what an encoder would take for a black image, or for none."""
    if image.ndim != 3 or 0 in image.shape or image.shape[2] not in (1, 3):
        raise ValueError(
            "expected an image (height, width, channels) or several (n, height, width, channels), "
            f"with 1 or 3 channels, got {image.shape}"
        )
    kind, wanted = image.dtype.kind, "expected images of numbers 0 to 255 (not 0 to 1)"
    if kind not in "uif":
        raise ValueError(f"{wanted}, got {image.dtype}")
    least, most = image.min(), image.max()
    if not (least >= 0 and most <= 255) or (kind == "f" and 0 < most <= 1):  # refuses NaN, too
        raise ValueError(f"{wanted}, got {image.dtype} in {least:g}..{most:g}")
    return image

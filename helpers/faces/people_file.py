"""The file of a face database: one SQLite file, read whole and changed in transactions."""

import contextlib
import os
import pathlib
import sqlite3
import stat
import typing
import uuid
import zlib

import numpy as np

_PATIENCE = 30  # seconds to wait for another program that is writing
_ROWS = 10_000  # read at a time
_APPLICATION = 0x436E6E66  # in the header of the file, so that other programs can tell what it is
_SCHEMA = (
    "CREATE TABLE settings (encoder_id TEXT NOT NULL, threshold REAL NOT NULL, "
    "revision TEXT NOT NULL, checksum INTEGER NOT NULL)",
    "CREATE TABLE people (name TEXT NOT NULL PRIMARY KEY, vector BLOB NOT NULL, "
    "checksum INTEGER NOT NULL)",
)
_OF_THE_SYSTEM = ("locked", "unable to open", "readonly", "full", "I/O")  # not the file's fault


class Settings(typing.NamedTuple):
    """What a file says beside its people.

    Parameters
    ----------
    encoder_id : str
    threshold : float
        0 to 4.
    revision : str
        Another one after each change.
    """

    encoder_id: str
    threshold: float
    revision: str


@contextlib.contextmanager
def opened(path, purpose):
    """Open a file for one transaction, which is undone if the block fails.

    Parameters
    ----------
    path : str or pathlib.Path
    purpose : {"read", "change", "create"}
        Nobody else can change it meanwhile. ``create`` makes it if it is missing.

    Yields
    ------
    file : PeopleFile

    Raises
    ------
    OSError
        If it cannot be opened or written, or others kept it locked for half a minute.
    ValueError
        If it is damaged, or something else than a database of faces.
    """
    path = pathlib.Path(os.path.abspath(path))
    if (purpose != "create" or path.exists()) and not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError(f"expected a file with a database of faces, but {path} is no file")
    connection = None
    try:
        # Opened for writing even to be read, if it can be: what a killed program left half-written
        # is undone then.
        uri = f"{path.as_uri()}?mode={'rwc' if purpose == 'create' else 'rw'}"
        connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA secure_delete = ON")  # a removed face is not to stay in the file
        connection.execute("PRAGMA synchronous = EXTRA")  # power failures undo no commit
        connection.execute("BEGIN" if purpose == "read" else "BEGIN IMMEDIATE")
        yield PeopleFile(connection, path)
        connection.execute("COMMIT")
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter: spoilt words of the schema
        if any(words in str(error) for words in _OF_THE_SYSTEM):
            raise OSError(f"{path}: {error}") from error
        if "not a database" in str(error) and _is_archive(path):
            raise ValueError(
                f"{path} is an archive, as earlier versions kept databases of faces (.npz); now "
                "they are SQLite files: enrol the images anew"
            ) from error
        raise ValueError(f"{path} is damaged, or no database of faces") from error
    finally:
        if connection is not None:
            connection.close()  # without a commit, all changes are undone


class PeopleFile:
    """A file in a transaction, see `opened`.

    Parameters
    ----------
    connection : sqlite3.Connection
    path : pathlib.Path
    """

    def __init__(self, connection, path):
        self._connection, self._path = connection, path

    @property
    def is_new(self):
        """Whether there is nothing in it yet."""
        return os.stat(self._path).st_size == 0

    def settings(self):
        """Return the `Settings`."""
        # Nothing but the two tables: a view could give endless rows, a trigger change others.
        _check(self._tables() == sorted(_SCHEMA))
        (pages,), (page_size,) = (
            self._connection.execute(f"PRAGMA {what}").fetchone()
            for what in ("page_count", "page_size")
        )
        _check(pages * page_size <= os.stat(self._path).st_size)  # nothing is cut off
        return self._stored()

    def _stored(self):
        rows = self._connection.execute("SELECT * FROM settings LIMIT 2").fetchall()
        _check([[*map(type, row)] for row in rows] == [[str, float, str, int]])
        settings = Settings(*rows[0][:3])
        _check(0 <= settings.threshold <= 4 and rows[0][3] == _checksum(repr(settings), b""))
        return settings

    def people(self):
        """Return names and vectors: a list, and float32 of shape (people, numbers + 1).

        A vector is a direction, of unit length, and last the length of the sum that it was the
        direction of.
        """
        execute = self._connection.execute
        # If it is good, no page is used twice: what is read is no larger than the file. And its
        # index agrees with its table, so that who is removed is gone.
        _check(execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
        count, size = execute("SELECT count(*), min(length(vector)) FROM people").fetchone()
        vectors = np.empty((count, (size or 4) // 4), np.float32)
        rows, names = execute("SELECT name, vector, checksum FROM people"), []
        while some := rows.fetchmany(_ROWS):
            _check(all(_is_whole(row, size) for row in some))
            data = np.frombuffer(b"".join(row[1] for row in some), "<f4")
            vectors[len(names) : len(names) + len(some)] = data.reshape(len(some), -1)
            names += [row[0] for row in some]
        squares = np.einsum("ij,ij->i", vectors[:, :-1], vectors[:, :-1])
        _check(len(set(names)) == count and (np.abs(squares - 1) < 1e-3).all())  # no NaN either
        _check(((vectors[:, -1] > 0) & (vectors[:, -1] < np.inf)).all())
        return names, vectors

    def begin(self, encoder_id, threshold):
        """Start with nobody, forgetting whoever was in it."""
        execute = self._connection.execute
        if self.is_new:
            execute(f"PRAGMA application_id = {_APPLICATION}")
            for table in _SCHEMA:
                execute(table)
        execute("DELETE FROM people")
        self._write(Settings(encoder_id, float(threshold), ""))

    def put(self, names, vectors):
        """Write people, new ones or in place of those who have their names."""
        if not names:
            return
        data, size = (
            memoryview(np.ascontiguousarray(vectors, "<f4")).cast("B"),
            4 * vectors.shape[1],
        )
        parts = (data[start : start + size] for start in range(0, len(data), size))
        rows = (
            (name, part, _checksum(name, part)) for name, part in zip(names, parts, strict=True)
        )
        self._connection.executemany("INSERT OR REPLACE INTO people VALUES (?, ?, ?)", rows)

    def remove(self, name):
        """Delete somebody."""
        deleted = self._connection.execute("DELETE FROM people WHERE name = ?", (name,))
        _check(deleted.rowcount == 1)

    def set_threshold(self, threshold):
        """Write another threshold."""
        self._write(self._stored()._replace(threshold=threshold))

    def revise(self):
        """Mark the file as changed, and return its new revision."""
        revision = uuid.uuid4().hex
        self._write(self._stored()._replace(revision=revision))
        return revision

    def _write(self, settings):
        self._connection.execute("DELETE FROM settings")
        row = (*settings, _checksum(repr(settings), b""))
        self._connection.execute("INSERT INTO settings VALUES (?, ?, ?, ?)", row)

    def _tables(self):
        found = self._connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL LIMIT 9"
        )
        return sorted(sql for (sql,) in found)


def _check(good):
    if not good:
        raise sqlite3.DatabaseError("not as `PeopleFile` writes it")  # becomes a `ValueError`


def _is_whole(row, size):
    name, data, checksum = row
    is_typed = isinstance(name, str) and isinstance(data, bytes)
    return is_typed and len(data) == size and size % 4 == 0 and _checksum(name, data) == checksum


def _checksum(name, data):
    return zlib.crc32(data, zlib.crc32(name.encode()))


def _is_archive(path):
    with open(path, "rb") as file:
        return file.read(4) == b"PK\3\4"

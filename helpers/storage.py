"""Where files live: the workbook's small data, and the cache for what it downloads or draws."""

import contextlib
import errno
import itertools
import os
import pathlib
import stat
import uuid

import pooch


def cache_folder():
    """Name the folder that keeps what is downloaded or drawn once.

    Returns
    -------
    folder : pathlib.Path
        What the environment variable ``WORKBOOK_CACHE`` names, or else the place where this
        system keeps caches. It need not exist yet; whoever writes into it makes it.
    """
    chosen = os.environ.get("WORKBOOK_CACHE")
    return expanded(chosen) if chosen else pooch.os_cache("cnn-workbook")


def expanded(path):
    """Replace a leading ``~`` by the home folder, where there is one.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    path : pathlib.Path
        As it was if nobody knows the home folder; pathlib would raise a RuntimeError.
    """
    return pathlib.Path(os.path.expanduser(path))


def refuse_special(path, *, links=True):
    """Refuse a folder, a pipe, a device or the like where a file is expected.

    Parameters
    ----------
    path : str or pathlib.Path
        It need not exist.
    links : bool
        Whether a symbolic link to a regular file will do.

    Raises
    ------
    OSError
        If it is there and not a regular file.
    """
    path = pathlib.Path(path)
    if os.path.lexists(path) and not (path.is_file() and (links or not path.is_symlink())):
        raise OSError(errno.EEXIST, f"{path.name} is there, but not a regular file", str(path))


def set_aside(path):
    """Rename a file that is in the way, so that nobody's work is lost.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    path : pathlib.Path
        Beside it: ``<name>.old``, or ``<name>.old2`` and so on where that name is taken.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """
    for number in itertools.count(1):
        aside = path.with_name(f"{path.name}.old{number if number > 1 else ''}")
        if not os.path.lexists(aside):
            return path.rename(aside)


@contextlib.contextmanager
def replacing(path):
    """Write a file so that it appears whole or not at all.

    Parameters
    ----------
    path : str or pathlib.Path
        The file to write or to replace. Missing folders above it are made.

    Yields
    ------
    draft : pathlib.Path
        Write to this file instead. It is there, empty, beside `path`, has the same ending, and
        takes its place and its permissions when the block ends well; on any failure, Ctrl-C
        included, it is removed and `path` stays as it was.

    Raises
    ------
    OSError
        If the folder cannot be made or written to, or `path` is there, but not a regular file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "note.txt"
    ...     with replacing(path) as draft:
    ...         _ = draft.write_text("all of it")
    ...     path.read_text()
    'all of it'
    """
    path = pathlib.Path(path)
    refuse_special(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    draft = path.with_name(f".{uuid.uuid4().hex}-{path.name}")
    try:
        # What replaces a file is nobody else's to read until it has that file's permissions.
        os.close(
            os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666 if mode is None else 0o600)
        )
        yield draft
        if mode is not None:
            draft.chmod(mode)
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def data_file(name):
    """Find a file of the workbook's ``data`` folder, in a clone or in an installed package.

    Parameters
    ----------
    name : str
        Name of the file inside ``data``, for example ``"README.md"``.

    Returns
    -------
    path : pathlib.Path

    Raises
    ------
    ValueError
        If ``data`` has no such file; the message lists those it has.
    """
    package = pathlib.Path(__file__).parent
    installed = package / "data"  # a clone has data/ beside helpers/, a wheel inside it
    folder = installed if installed.is_dir() else package.parent / "data"
    known = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    )
    if name not in known:
        raise ValueError(f"data has no file {name!r}; it has {', '.join(known) or 'no files'}")
    return folder / name

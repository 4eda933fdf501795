"""Where files live: the workbook's small data, and the cache for what it downloads or draws."""

import contextlib
import os
import pathlib
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
    return pathlib.Path(chosen).expanduser() if chosen else pooch.os_cache("cnn-workbook")


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
        Write to this file instead. It lies beside `path`, has the same ending, and takes its
        place when the block ends well; on any failure, Ctrl-C included, it is removed and
        `path` stays as it was.

    Raises
    ------
    OSError
        If the folder cannot be made or written to.

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
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{uuid.uuid4().hex}-{path.name}")
    try:
        yield draft
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

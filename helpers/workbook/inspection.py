"""What is looked at before the first notebook of a run starts, which may be hours before its end.

Everything here raises a `ValueError` that says what is wrong, and changes nothing else.
"""

import collections
import os
import pathlib
import stat
import tempfile
import unicodedata

from helpers import validation
from helpers.workbook import index_page, repository

LONGEST_NAME = 200  # bytes; file systems take 255, and a draft has a longer name than its file


def notebook_files(paths):
    """Return the files to run, each once; all of the workbook's notebooks if none is named."""
    files = {}
    for path in [pathlib.Path(path) for path in paths] or repository.notebooks():
        try:
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode):
                kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
                raise ValueError(f"{path}: is {kind}, expected a notebook")
            path.open("rb").close()
        except OSError as error:
            raise ValueError(f"{path}: cannot be read ({error.strerror})") from None
        files.setdefault(path.resolve(), path)
    return list(files.values())


def cell_timeout(seconds):
    """Return the seconds that a cell may take, or None for any time."""
    return None if seconds is None else validation.real(seconds, "cell_timeout", above=0)


def output_folder(folder, paths):
    """Make the folder of a run; refuse one where something would be lost.

    Parameters
    ----------
    folder : pathlib.Path
    paths : list of pathlib.Path
        The notebooks, as `notebook_files` returns them.
    """
    names = ["index.html", *(f"{path.stem}{end}" for path in paths for end in (".ipynb", ".html"))]
    for name, count in collections.Counter(map(_as_file_systems_see_it, names)).items():
        if count > 1:
            raise ValueError(f"{folder / name}: would be written {count} times; rename a notebook")
    for name in names:
        target = folder / name
        if len(os.fsencode(name)) > LONGEST_NAME:
            raise ValueError(f"{name}: is too long for a file name")
        if target.is_dir():
            raise ValueError(f"{target}: cannot be written to, it is a folder")
        if target.exists() and any(target.samefile(path) for path in paths):
            raise ValueError(f"{target}: would be replaced by its copy; choose another output")
    taken = [folder / name for name in names if os.path.lexists(folder / name)]
    if taken and not index_page.is_in(folder):
        raise ValueError(f"{taken[0]}: exists, and is of no earlier run; choose another output")
    writable(folder)


def writable(folder):
    """Make a folder if need be, and try whether files can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(f"{folder}: cannot be written to ({error.strerror})") from None


def _as_file_systems_see_it(name):
    """On some, names that differ by case or by the spelling of accents are the same."""
    return unicodedata.normalize("NFC", name).casefold()

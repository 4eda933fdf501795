"""The learner's progress: one small file in the workbook's folder of the user.

It is ``progress.json`` in the folder that `helpers.storage.cache_folder` names, so the environment
variable ``WORKBOOK_CACHE`` moves it. An untouched stub leaves no trace: executing notebooks as they
come writes nothing.
"""

import contextlib
import json
import os
import stat

_RANKS = {"tried": 1, "passed": 2}
_PATIENCE = 5  # seconds that another notebook may keep the file
_LARGEST = 1_000_000  # bytes; a file of ours has some thousand


def read():
    """Read how far each exercise has come.

    A file that cannot be understood is set aside, under a name that is free, and a printed line
    says so.

    Returns
    -------
    statuses : dict of str to {"tried", "passed"}
        From the names of exercises. Those that are missing are open.
    """
    try:
        path = _path()
        content = _load(path)
        if content is None:  # unless another notebook has just mended it
            with _locked(path):
                content = _load_or_set_aside(path)
        return dict(content["exercises"])
    except (OSError, RuntimeError) as error:
        print(f"Your progress cannot be read ({_reason(error)}).")
        return {}


def note(name, status):
    """Keep that an exercise was tried or passed. What was passed once stays passed.

    If the file cannot be written, a printed line says so.

    Parameters
    ----------
    name : str
    status : {"tried", "passed"}
    """
    from helpers import storage  # only here: it takes longer to import than all the rest

    try:
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path):
            content = _load_or_set_aside(path)
            statuses = content["exercises"]
            if _RANKS[status] <= _RANKS.get(statuses.get(name), 0):
                return
            statuses[name] = status
            with storage.replacing(path) as draft:
                draft.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    except (OSError, RuntimeError) as error:  # the latter: no locks here, or no home folder
        print(
            f"Your progress is not kept ({_reason(error)}); WORKBOOK_CACHE can name another folder."
        )


def _path():
    from helpers import storage

    return storage.cache_folder() / "progress.json"


def _locked(path):
    import filelock

    return filelock.FileLock(path.with_suffix(".lock"), timeout=_PATIENCE)


def _load(path):
    """Return the content of the file, a dict with "exercises", or None if it is none of ours.

    Whatever else a later version may keep there is left in.
    """
    with contextlib.suppress(FileNotFoundError):
        size_and_kind = path.stat()
        if not stat.S_ISREG(size_and_kind.st_mode):  # reading a pipe would wait for ever
            raise OSError(f"{path} is no regular file")
        if size_and_kind.st_size > _LARGEST:
            return None
        try:
            content = json.loads(path.read_bytes())
            is_ours = set(content["exercises"].values()) <= set(_RANKS)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None
        return content if is_ours else None
    return {"exercises": {}}


def _load_or_set_aside(path):
    """Load the file while it is locked; move one that is none of ours out of the way."""
    content = _load(path)
    if content is not None:
        return content
    aside, number = path.with_name("progress-broken.json"), 1
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f"progress-broken-{number}.json")
    os.replace(path, aside)
    print(f"Your progress could not be read. The file is now {aside}, and a new one begins.")
    return {"exercises": {}}


def _reason(error):
    return getattr(error, "strerror", None) or error

"""The learner's progress: one small file in the workbook's folder of the user.

It is ``progress.json`` in the folder that `helpers.storage.cache_folder` names, so the environment
variable ``WORKBOOK_CACHE`` moves it. An untouched stub leaves no trace: executing notebooks as they
come writes nothing.
"""

import contextlib
import json
import os

_RANKS = {"tried": 1, "passed": 2}
_PATIENCE = 5  # seconds that another notebook may keep the file


def read():
    """Read how far each exercise has come.

    A file that cannot be understood is set aside, and a printed line says so.

    Returns
    -------
    statuses : dict of str to {"tried", "passed"}
        From the names of exercises. Those that are missing are open.
    """
    try:
        return _load(_path())
    except OSError as error:
        print(f"Your progress cannot be read ({error.strerror or error}).")
        return {}


def note(name, status):
    """Keep that an exercise was tried or passed. What was passed once stays passed.

    If the file cannot be written, a printed line says so.

    Parameters
    ----------
    name : str
    status : {"tried", "passed"}
    """
    import filelock

    from helpers import storage  # only here: it takes longer to import than all the rest

    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path.with_suffix(".lock"), timeout=_PATIENCE):
            statuses = _load(path)
            if _RANKS[status] <= _RANKS.get(statuses.get(name), 0):
                return
            with storage.replacing(path) as draft:
                content = {"exercises": {**statuses, name: status}}
                draft.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    except (OSError, NotImplementedError) as error:  # the latter: no locks on this file system
        reason = getattr(error, "strerror", None) or error
        print(f"Your progress is not kept ({reason}); WORKBOOK_CACHE can name another folder.")


def _path():
    from helpers import storage

    return storage.cache_folder() / "progress.json"


def _load(path):
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        statuses = json.loads(content)["exercises"]
        if not set(statuses.values()) <= set(_RANKS):
            raise ValueError("another status")
        return dict(statuses)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        aside = path.with_name("progress-broken.json")
        with contextlib.suppress(FileNotFoundError):  # another notebook was faster
            os.replace(path, aside)
        print(f"Your progress could not be read. The file is now {aside}, and a new one begins.")
        return {}

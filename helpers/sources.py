"""Look for something in one place after another, and say of each why it could not be had there."""

import dataclasses
import os
import typing

from helpers import storage


class Unavailable(RuntimeError):
    """The real thing cannot be had; `reasons` is a dict from each source tried to why not."""

    def __init__(self, what, reasons, remedy):
        self.what, self.reasons, self.remedy = what, dict(reasons), remedy
        lines = [f"  {source}: {reason}" for source, reason in self.reasons.items()]
        super().__init__("\n".join([f"{what} cannot be had.", *lines, remedy]))

    def in_one_line(self):
        """Say the same without the remedy, naming together the sources that failed alike."""
        alike = {}
        for source, reason in self.reasons.items():
            alike.setdefault(reason, []).append(source)
        parts = [f"{', '.join(sources)}: {reason}" for reason, sources in alike.items()]
        return f"{self.what} cannot be had ({'; '.join(parts)})."


class Absent(ValueError):
    """A place is in order, but does not have the thing, and need not."""


@dataclasses.dataclass(frozen=True)
class Place:
    """A place on this machine where the thing may lie.

    Parameters
    ----------
    name : str
    find : callable
        Takes nothing. Returns the path of a file or a folder, or a list of paths if the thing lies
        there in several forms; or raises a ValueError or an OSError that says why it cannot. An
        `Absent` is never held against a place.
    is_readers : bool
        Whether the reader chose it, who should hear of it when what is there is broken.
    """

    name: str
    find: typing.Callable
    is_readers: bool = False


def first_good(places, read, reasons, *, refusal, strict):
    """Take the thing from the first place that has it unbroken, in whichever form.

    Parameters
    ----------
    places : list of Place
    read : callable
        Takes a path. Returns anything, or raises a ValueError or an OSError that says what is
        broken. It is asked about regular files and folders alone: a pipe would hold it up.
    reasons : dict of name to reason
        Why the places before did not have it; this function adds to it.
    refusal : callable
        Takes reasons, and makes the `Unavailable` to raise.
    strict : bool
        Whether to stop at a broken place of the reader's, or to say so and go on.

    Returns
    -------
    found : (Place, path, what `read` returned), or None
        None if no place has it.

    Raises
    ------
    Unavailable
        If a place of the reader's is broken, and `strict`.
    """
    for place in places:
        try:
            return place, *_first_good_form(place, read)
        except (ValueError, OSError) as error:
            if not place.is_readers or isinstance(error, Absent):
                reasons[place.name] = str(error)
            elif strict:
                raise refusal({place.name: str(error)}) from None
            else:
                print(f"Passing over {place.name}: {error}.", flush=True)
    return None


def _first_good_form(place, read):
    found = place.find()
    paths = found if isinstance(found, list) else [found]
    problems = []
    for path in paths:
        try:
            if not path.is_dir():
                storage.refuse_special(path)
            what = read(path)
        except (ValueError, OSError) as error:
            problems.append(error)
            continue
        if place.is_readers and problems:
            print(
                f"Passing over {place.name}: {_joined(problems)}. Taking {path.name}.", flush=True
            )
        return path, what
    raise problems[0] if len(problems) == 1 else ValueError(_joined(problems))


def _joined(problems):
    return "; ".join(map(str, problems))


def readers_folder(folder=None):
    """Find the folder that the reader chose for what they have themselves.

    Parameters
    ----------
    folder : str or pathlib.Path, optional
        In place of what the environment variable ``WORKBOOK_DATA`` names.

    Returns
    -------
    name, path : str, pathlib.Path
        A name without the path, since results record it. Or None, None where nothing was chosen.
    """
    chosen = folder or os.environ.get("WORKBOOK_DATA")
    if not chosen:
        return None, None
    name = "the folder" if folder else "WORKBOOK_DATA"
    return name, storage.expanded(chosen)


def keras_cache():
    """Name the folder where Keras keeps what it has downloaded; it need not exist."""
    return storage.expanded(os.environ.get("KERAS_HOME") or "~/.keras")

"""Turn whatever a function returned into plain arrays of numbers, before anything looks at it.

An answer may be a tensor, a list, an object with a broken ``__array__``, or a gigabyte. What leaves
this module is small and safe: copies of arrays, tuples of them, or a few words. It is meant to run
inside a time limit.
"""

import collections.abc
import dataclasses
import math

import numpy as np

_MOST_NUMBERS = 100_000  # answers to cases are far smaller; larger ones are not even copied
_DEEPEST = 32  # levels of lists
_MOST_PARTS = 64  # of a tuple
_ADVICE = {
    "coroutine": ": leave out `async`",
    "generator": ": use `return` instead of `yield`",
}


@dataclasses.dataclass(frozen=True)
class Other:
    """An answer that is no array of numbers, or far too large a one.

    Parameters
    ----------
    words : str
        What it is: "a str".
    shape : tuple of int, or None
        Of an array that is too large.
    """

    words: str
    shape: tuple | None = None


class _NotNumbers(Exception):
    """Carries an `Other`."""


def plain(value, num_parts=None):
    """Make an answer safe to compare and to show.

    Parameters
    ----------
    value : object
        Whatever a function returned.
    num_parts : int, optional
        Given if a tuple is wanted: then a tuple or a list is taken as one, of any length.
        Otherwise these are rows of an array.

    Returns
    -------
    answer : None, Ellipsis, array of bool, int or float, `Other`, or tuple of the latter two
        Ellipsis if there is one in the answer.
    """
    if value is None or value is ...:
        return value
    if isinstance(value, tuple) and any(part is ... for part in value[:_MOST_PARTS]):
        return ...
    if num_parts is None or not isinstance(value, tuple | list):
        return _part(value)
    if len(value) > _MOST_PARTS:
        return Other(f"{_with_article(type(value).__name__)} of {len(value)}")
    return tuple(map(_part, value))


def num_parts(expected):
    """Return how many parts a right answer has if it is a tuple, otherwise None."""
    return len(expected) if isinstance(expected, tuple) else None


def has_lists(value, num_parts=None):
    """Tell whether an answer, or a part of it, is a list or a tuple instead of an array."""
    if num_parts is not None and isinstance(value, tuple | list):
        return any(isinstance(part, tuple | list) for part in value[:_MOST_PARTS])
    return isinstance(value, tuple | list)


def numbers(answer):
    """Return all numbers of a plain answer in one row; none if a part of it is no array."""
    parts = answer if isinstance(answer, tuple) else (answer,)
    if not parts or not all(isinstance(part, np.ndarray) for part in parts):
        return np.zeros(0)
    return np.concatenate([part.ravel() for part in parts])


def _part(value):
    try:
        array = _as_array(value)
    except _NotNumbers as found:
        return found.args[0]
    except Exception:  # a broken __array__, for example, or numbers that cannot be had yet
        return Other(_named(value))
    if array.dtype.kind not in "biuf":
        return Other(_with_kind(value, array.dtype))
    if array.size > _MOST_NUMBERS:
        return Other(f"an array of shape {array.shape}", array.shape)
    return np.array(array)  # a copy: the function may go on writing into its own


def _as_array(value):
    """Return an array of anything, without a copy if possible; its size was checked before."""
    if isinstance(value, Other):
        raise _NotNumbers(value)
    if isinstance(value, np.ma.MaskedArray):
        num_masked = np.ma.count_masked(value) if value.size <= _MOST_NUMBERS else value.size
        if num_masked:
            words = f"a masked array, {num_masked} of its {value.size} numbers masked"
            raise _NotNumbers(Other(words))
        return value.data
    if isinstance(value, str | bytes):  # long ones take much memory as an array
        raise _NotNumbers(Other(_named(value)))
    if isinstance(value, np.ndarray | np.generic | bool | int | float | complex):
        return np.asarray(value)
    shape = getattr(value, "shape", None)
    if isinstance(shape, collections.abc.Sequence):  # a tensor of any library
        shape = tuple(map(int, shape))
        if math.prod(shape) > _MOST_NUMBERS:
            raise _NotNumbers(Other(f"{_named(value)} of shape {shape}", shape))
        return np.asarray(value)
    if isinstance(value, collections.abc.Sequence):
        return _from_rows(value)
    return np.asarray(value)


def _from_rows(rows):
    """Make an array of a list, or of something like it, of at most so many numbers."""
    left = _MOST_NUMBERS

    def refuse(what):
        raise _NotNumbers(Other(f"{_with_article(type(rows).__name__)} {what}"))

    def with_arrays(value, depth):
        nonlocal left
        left -= 1  # for a list as well, so that lists of empty lists have an end
        if isinstance(value, int | float):
            return value
        if isinstance(value, str | bytes):
            refuse("of text")
        if not isinstance(value, collections.abc.Sequence):
            array = _as_array(value)
            left -= array.size
            if left < 0:
                refuse(f"of more than {_MOST_NUMBERS:,} numbers")
            return array
        if len(value) > left:
            refuse(f"of more than {_MOST_NUMBERS:,} objects")
        if depth == _DEEPEST:
            refuse(f"that is nested more than {_DEEPEST} times")
        return [with_arrays(row, depth + 1) for row in value]

    converted = with_arrays(rows, 0)
    try:
        return np.asarray(converted)
    except ValueError:
        refuse("whose rows differ in length")


def _with_kind(value, dtype):
    """Name what is no array of numbers."""
    if isinstance(value, int):
        return f"an int of {value.bit_length()} bits"
    if not isinstance(value, np.ndarray | list | tuple):
        return _named(value)
    name = "an array" if isinstance(value, np.ndarray) else _with_article(type(value).__name__)
    kinds = {"c": "complex numbers", "O": "Python objects", "U": "text", "S": "bytes"}
    return f"{name} of {kinds.get(dtype.kind, dtype.name)}"


def _named(value):
    name = type(value).__name__
    return f"{_with_article(name)}{_ADVICE.get(name, '')}"


def _with_article(word):
    return f"an {word}" if word[:1] in tuple("aeiouAEIOU") else f"a {word}"

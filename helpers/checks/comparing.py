"""Compare an answer with the right one, and put into words in what they differ."""

import dataclasses

import numpy as np

from helpers import validation
from helpers.checks import answers

_FEW = 64  # numbers that are shown all


@dataclasses.dataclass(frozen=True)
class Difference:
    """In what an answer differs from the right one.

    Parameters
    ----------
    text : str
        In a sentence.
    expected, got : object
        The whole answers, or the part of a tuple that differs.
    wrong : bool array, or None
        Where the numbers differ; None if kinds or shapes do.
    name : str
        Of the part of a tuple.
    """

    text: str
    expected: object
    got: object
    wrong: np.ndarray | None = None
    name: str = ""

    @property
    def is_of_arrays(self):
        """Whether both are arrays with axes, which can be drawn."""
        both = self.expected, self.got
        return all(isinstance(value, np.ndarray) and value.ndim for value in both)


def difference(expected, got, *, names=(), tolerance=1e-4):
    """Find the first thing in which an answer differs from the right one.

    Lists will do for arrays, and whole numbers for others, but not others for whole numbers, since
    those often are to be indices. Nothing is nothing: an empty list will do for any empty array.

    Parameters
    ----------
    expected : number, array, or tuple of these
    got : object
    names : sequence of str
        Of the parts of a tuple.
    tolerance : float
        Relative and absolute.

    Returns
    -------
    difference : Difference, or None
    """
    num_parts = answers.num_parts(expected)
    if num_parts is None:
        return _of_arrays(answers.plain(expected), answers.plain(got), tolerance)
    names = (
        names
        or getattr(expected, "_fields", None)
        or [f"part {number}" for number in range(1, num_parts + 1)]
    )
    expected, got = (answers.plain(answer, num_parts) for answer in (expected, got))
    if not isinstance(got, tuple) or len(got) != num_parts:
        wanted = f"{num_parts} things, ({', '.join(names)})"
        text = f"expected {wanted}; got {_described(got)}"
        return Difference(text, expected, got)
    for name, expected_part, got_part in zip(names, expected, got, strict=True):
        found = _of_arrays(expected_part, got_part, tolerance)
        if found:
            return dataclasses.replace(found, text=f"{name}: {found.text}", name=name)
    return None


def shown(value):
    """Write a value so that it can be read: small arrays whole, of large ones the shape."""
    if isinstance(value, tuple):
        return "(" + ", ".join(map(shown, value)) + ")"
    if isinstance(value, answers.Other):
        return f"array of shape {value.shape}" if value.shape else value.words
    array = answers.plain(value)
    if not isinstance(array, np.ndarray):
        return validation.shown(value)
    if array.ndim == 0:
        return _number(array.item())
    if array.size > _FEW:
        return f"array of shape {array.shape}"
    if array.ndim == 1 or (array.ndim == 2 and len(array) == 1):
        return _rows(array, width=1_000)
    rows = _rows(array.squeeze(), width=88).replace("\n", "\n    ")
    return f"shape {array.shape}\n    {rows}"


def _rows(array, width):
    return np.array2string(
        array, precision=4, suppress_small=True, separator=", ", max_line_width=width
    )


def _number(number):
    """Write a number with six digits, a decimal one always with a point."""
    text = f"{number:.6g}" if isinstance(number, float) else str(number)
    is_whole = isinstance(number, float) and text.lstrip("-").isdigit()
    return f"{text}.0" if is_whole else text


def _of_arrays(expected, got, tolerance):
    wanted = "a number" if expected.ndim == 0 else f"an array of shape {expected.shape}"
    if getattr(got, "shape", None) is None:
        return Difference(f"expected {wanted}, got {_described(got)}", expected, got)
    if expected.size == 0 and got.shape in ((0,), (1, 0)):
        return None  # from an empty list, which knows neither a type nor other lengths
    if expected.shape != got.shape:
        text = f"expected the shape {expected.shape}, got {got.shape}"
        return Difference(text, expected, got)
    if not _kind_will_do(expected.dtype.kind, got.dtype.kind):
        text = f"expected {_kind(expected)}, got {_kind(got)} ({got.dtype})"
        return Difference(text, expected, got)
    with np.errstate(all="ignore"):
        wrong = _is_wrong(expected, got, tolerance)
    if not wrong.any():
        return None
    if expected.ndim == 0:
        return Difference("another number was expected", expected, got, wrong)
    place = tuple(int(index) for index in np.argwhere(wrong)[0])
    text = (
        f"{np.count_nonzero(wrong)} of {wrong.size} numbers wrong, the first at {list(place)}"
        f": expected {shown(expected[place])}, got {shown(got[place])}"
    )
    return Difference(text, expected, got, wrong)


def _is_wrong(expected, got, tolerance):
    if expected.dtype.kind != "f":
        return expected != got
    return ~np.isclose(got, expected, rtol=tolerance, atol=tolerance, equal_nan=True)


def _described(got):
    """Name something that is no array of numbers, or not as many arrays as were wanted."""
    if isinstance(got, answers.Other):
        return got.words
    if isinstance(got, tuple):
        return f"a tuple of {len(got)}"
    if isinstance(got, np.ndarray):
        return "an array" if got.ndim else "a number"
    return "None" if got is None else "..."


def _kind_will_do(expected, got):
    return got in {"b": "b", "i": "iu", "u": "iu", "f": "iuf"}.get(expected, expected)


def _kind(array):
    kinds = {"b": "true or false", "i": "whole", "u": "whole", "f": "decimal"}
    word = kinds[array.dtype.kind]
    if word == "true or false":
        return word
    return f"{word} numbers" if array.ndim else f"a {word} number"

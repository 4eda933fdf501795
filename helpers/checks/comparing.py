"""Compare an answer with the right one, and put into words in what they differ."""

import dataclasses

import numpy as np

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
    if not isinstance(expected, tuple):
        return _of_arrays(expected, got, tolerance)
    names = (
        names
        or getattr(expected, "_fields", None)
        or [f"part {number}" for number in range(1, len(expected) + 1)]
    )
    if not isinstance(got, tuple | list) or len(got) != len(expected):
        wanted = f"{len(expected)} things, ({', '.join(names)})"
        number = f" of {len(got)}" if isinstance(got, tuple | list) else ""
        text = f"expected {wanted}; got {_with_article(type(got).__name__)}{number}"
        return Difference(text, expected, got)
    for name, expected_part, got_part in zip(names, expected, got, strict=True):
        found = _of_arrays(expected_part, got_part, tolerance)
        if found:
            return dataclasses.replace(found, text=f"{name}: {found.text}", name=name)
    return None


def is_list_for_array(expected, got):
    """Tell whether an answer, or a part of it, is a list where an array is right.

    With the same numbers a list is as good to read, but not to compute with.
    """
    if isinstance(expected, tuple):
        return any(map(is_list_for_array, expected, got))
    return np.ndim(expected) > 0 and isinstance(got, list | tuple)


def shown(value):
    """Write a value so that it can be read: small arrays whole, of large ones the shape."""
    if isinstance(value, tuple):
        return "(" + ", ".join(map(shown, value)) + ")"
    array = _as_array(value)
    if array is None:
        text = repr(value)
        return text if len(text) <= 80 else text[:79] + "…"
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
    expected, array = np.asarray(expected), _as_array(got)
    if array is None:
        wanted = "a number" if expected.ndim == 0 else f"an array of shape {expected.shape}"
        return Difference(f"expected {wanted}, got {_described(got)}", expected, got)
    if expected.size == 0 and array.shape == (0,):
        if not isinstance(got, np.ndarray):
            return None
        array = array.reshape(expected.shape)
    if expected.shape != array.shape:
        text = f"expected the shape {expected.shape}, got {array.shape}"
        return Difference(text, expected, array)
    if not _kind_will_do(expected.dtype.kind, array.dtype.kind):
        text = f"expected {_kind(expected)}, got {_kind(array)} ({array.dtype})"
        return Difference(text, expected, array)
    if expected.dtype.kind == "b":
        wrong = expected != array
    else:
        is_close = np.isclose(array, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
        wrong = ~is_close if expected.dtype.kind == "f" else array != expected
    if not wrong.any():
        return None
    if expected.ndim == 0:
        return Difference("another number was expected", expected, array, wrong)
    place = tuple(int(index) for index in np.argwhere(wrong)[0])
    text = (
        f"{np.count_nonzero(wrong)} of {wrong.size} numbers wrong, the first at {list(place)}"
        f": expected {shown(expected[place])}, got {shown(array[place])}"
    )
    return Difference(text, expected, array, wrong)


def _as_array(value):
    """Return an array of numbers, or None."""
    try:
        array = np.asarray(value)
    except Exception:  # rows of several lengths, or an object with a broken __array__
        return None
    return array if array.dtype.kind in "biuf" else None


def _described(value):
    """Name something that is no number and no array of numbers."""
    if value is None:
        return "None"
    name = "an array" if isinstance(value, np.ndarray) else _with_article(type(value).__name__)
    if not isinstance(value, np.ndarray | list | tuple):
        return name
    try:
        dtype = np.asarray(value).dtype
    except ValueError:
        return f"{name} whose rows differ in length"
    kinds = {"c": "complex numbers", "O": "Python objects", "U": "text", "S": "bytes"}
    return f"{name} of {kinds.get(dtype.kind, dtype.name)}"


def _kind_will_do(expected, got):
    return got in {"b": "b", "i": "iu", "u": "iu", "f": "iuf"}.get(expected, expected)


def _kind(array):
    kinds = {"b": "true or false", "i": "whole", "u": "whole", "f": "decimal"}
    word = kinds[array.dtype.kind]
    if word == "true or false":
        return word
    return f"{word} numbers" if array.ndim else f"a {word} number"


def _with_article(word):
    return f"an {word}" if word[0] in "aeiouAEIOU" else f"a {word}"

"""Checks of single numbers at the public boundary: one place for all of `helpers`."""

import math
import numbers
import operator

__all__ = ["integer", "real", "shown"]

_KINDS = ("int", "uint", "float", "bfloat")  # of NumPy's dtypes and of tensors'


def integer(value, name, *, minimum=None, maximum=None):
    """Return `value` as an ``int``, or refuse it.

    Parameters
    ----------
    value : int
        Python's or NumPy's, also as an array without axes; no bool, and no float, not even 2.0.
    name : str
        What the caller calls it, for the message.
    minimum, maximum : int, optional
        The range, both ends included.

    Returns
    -------
    value : int

    Raises
    ------
    ValueError
        If `value` is not an integer or is out of range; the message names what was wanted and
        what came.

    Examples
    --------
    >>> integer(3, "columns", minimum=1)
    3
    >>> integer(1.5, "columns", minimum=1)
    Traceback (most recent call last):
    ValueError: expected columns as an integer of at least 1, got 1.5
    """
    wanted = f"an integer{_range_in_words(minimum, maximum)}"
    try:
        number = operator.index(value)
    except (TypeError, ValueError):
        number = None
    if number is None or _is_bool(value) or not _is_within(number, minimum, maximum):
        raise ValueError(f"expected {name} as {wanted}, got {shown(value)}")
    return number


def real(value, name, *, minimum=None, maximum=None, above=None, below=None):
    """Return `value` as a finite ``float``, or refuse it.

    Parameters
    ----------
    value : float or int
        Python's or NumPy's, also as an array without axes; no bool, no text.
    name : str
        What the caller calls it, for the message.
    minimum, maximum : float, optional
        The range, both ends included.
    above, below : float, optional
        The range, this end excluded.

    Returns
    -------
    value : float

    Raises
    ------
    ValueError
        If `value` is not one finite real number or is out of range.

    Examples
    --------
    >>> real(0.5, "iou_threshold", minimum=0, maximum=1)
    0.5
    >>> real(float("nan"), "margin", above=0)
    Traceback (most recent call last):
    ValueError: expected margin as a number above 0, got nan
    """
    wanted = f"a number{_range_in_words(minimum, maximum, above, below)}"
    number = _as_float(value)
    if (
        number is None
        or not _is_within(number, minimum, maximum)
        or (above is not None and not number > above)
        or (below is not None and not number < below)
    ):
        raise ValueError(f"expected {name} as {wanted}, got {shown(value)}")
    return number


def _kind(value):
    """Name the dtype of a NumPy number or a tensor; empty for anything else."""
    dtype = getattr(value, "dtype", "")
    return str(getattr(dtype, "name", dtype))


def _is_bool(value):
    return isinstance(value, bool) or _kind(value) == "bool"


def _as_float(value):
    is_scalar = tuple(getattr(value, "shape", ())) == ()
    is_number = isinstance(value, numbers.Real) or _kind(value).startswith(_KINDS)
    if not (is_scalar and is_number) or _is_bool(value):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _is_within(number, minimum, maximum):
    return (minimum is None or number >= minimum) and (maximum is None or number <= maximum)


def _range_in_words(minimum, maximum, above=None, below=None):
    if minimum is not None and maximum is not None:
        return f" from {minimum} to {maximum}"
    limits = [("of at least", minimum), ("of at most", maximum), ("above", above), ("below", below)]
    return "".join(
        f"{' and' if earlier else ''} {words} {limit}"
        for earlier, (words, limit) in enumerate([each for each in limits if each[1] is not None])
    )


def shown(value):
    """Write a value for an error message: its `repr`, at most 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"

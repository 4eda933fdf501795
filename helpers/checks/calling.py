"""Call a learner's function: whatever it does, the caller gets an outcome and nothing else."""

import contextlib
import dataclasses
import dis
import io
import linecache
import traceback
import warnings

import numpy as np

from helpers.checks import time_limit

_KEPT_CHARACTERS = 600  # of what a function prints
_NO_WORK = {"RESUME", "NOP", "CACHE", "COPY_FREE_VARS", "MAKE_CELL", "NOT_TAKEN"}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of one call.

    Parameters
    ----------
    value : object
        What was returned; None after an error.
    error : str or None
        In words, with the line of the learner's code.
    error_type : type or None
    changed : tuple of str
        Names of the arguments that the call changed.
    printed : str
        The first 600 characters.
    warned : str or None
        The first warning.
    is_slow : bool
        Whether the time limit ended the call.
    is_stub : bool
        Whether the function says of itself that it is not written yet.
    """

    value: object = None
    error: str | None = None
    error_type: type | None = None
    changed: tuple = ()
    printed: str = ""
    warned: str | None = None
    is_slow: bool = False
    is_stub: bool = False


def call(function, arguments, kwargs, *, names, seconds):
    """Call a function with copies of arguments, and catch all it does.

    Ctrl-C and Jupyter's stop button are caught as well, as an error: the call is short anyway.

    Parameters
    ----------
    function : callable
    arguments : sequence
    kwargs : dict
    names : sequence of str
        Of `arguments`.
    seconds : float
        How long it may take.

    Returns
    -------
    outcome : Outcome
    """
    given = copied([*arguments]), copied(kwargs)
    printed, value, failure = _Printed(), None, None
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        warnings.catch_warnings(record=True) as caught,
        np.errstate(),  # so that what the function sets ends with it
    ):
        warnings.simplefilter("default")
        try:
            with time_limit.at_most(seconds) as limit:
                value = function(*given[0], **given[1])
        except BaseException as error:  # SystemExit and KeyboardInterrupt as well
            failure = error
    if limit.is_over and not isinstance(failure, time_limit.TooSlow):
        value, failure = None, time_limit.TooSlow()  # the function kept it to itself
    both = [*zip(names, arguments, given[0], strict=True)]
    both += [(name, kwargs[name], given[1][name]) for name in kwargs]
    changed = [name for name, before, after in both if not _is_same(before, after)]
    return Outcome(
        value=value,
        error=None if failure is None else _explained(failure, function),
        error_type=None if failure is None else type(failure),
        changed=tuple(changed),
        printed=printed.text,
        warned=str(caught[0].message) if caught else None,
        is_slow=limit.is_over,
        is_stub=_says_so(failure, function) or _has_ellipsis(value),
    )


def does_nothing(function):
    """Tell whether a function is an untouched stub: at most a docstring, and ``...`` or ``pass``.

    It is read from the compiled code, since the source is not always at hand.
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    steps = [step for step in dis.get_instructions(code) if step.opname not in _NO_WORK]
    names = [step.opname for step in steps]
    is_bare = names in (["LOAD_CONST", "RETURN_VALUE"], ["RETURN_CONST"])
    return is_bare and steps[0].argval is None


def copied(value):
    """Copy arrays, and what lists, tuples and dicts hold; anything else stays the same object."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(map(copied, value))
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    return value


class _Printed(io.TextIOBase):
    """Keeps the beginning of what is printed, since it may be endless."""

    text = ""

    def writable(self):
        return True

    def write(self, text):
        self.text += text[: _KEPT_CHARACTERS - len(self.text)]
        return len(text)


def _is_same(before, after):
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        same_kind = before.shape == after.shape and before.dtype == after.dtype
        return same_kind and before.tobytes() == after.tobytes()
    if type(before) in (list, tuple):
        return len(before) == len(after) and all(map(_is_same, before, after))
    if type(before) is dict:
        return before.keys() == after.keys() and all(_is_same(before[k], after[k]) for k in before)
    return before is after or (isinstance(before, int | float | str) and before == after)


def _says_so(error, function):
    """Tell whether the function itself raised a NotImplementedError, not something it called."""
    if type(error) is not NotImplementedError:
        return False
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return frame.f_code is getattr(function, "__code__", None)


def _has_ellipsis(value):
    """Tell whether a ``...`` came back, as from a stub with ``answer = ...`` in it."""
    return value is ... or (isinstance(value, tuple) and any(part is ... for part in value))


def _explained(error, function):
    """Say what happened and in which line of the learner's code, without a traceback."""
    if isinstance(error, time_limit.TooSlow):
        what = "It was stopped: it takes too long"
    else:
        message = " ".join(str(error).split())
        what = f"It raised {type(error).__name__}{': ' if message else ''}{_shortened(message)}"
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    number, trace = None, error.__traceback__
    while trace is not None:  # the innermost line that is in the learner's file
        if trace.tb_frame.f_code.co_filename == file:
            number = trace.tb_lineno
        trace = trace.tb_next
    if number is None:
        return what
    line = linecache.getline(file, number).strip()
    return f"{what}\n  in line {number}" + (f": {_shortened(line)}" if line else "")


def _shortened(text, limit=200):
    return text if len(text) <= limit else text[: limit - 1] + "…"

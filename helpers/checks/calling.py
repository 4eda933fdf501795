"""Call a learner's function: whatever it does, the caller gets an outcome and nothing else."""

import dataclasses
import dis
import functools
import linecache
import operator
import os
import traceback
import types

import numpy as np

from helpers.checks import answers, isolation, time_limit

_SECONDS_FOR_WORDS = 0.2  # for an error's own text, which is code of the learner's, too
_LONGEST_TEXT = 10_000  # characters of it that are looked at
_NO_WORK = {"RESUME", "NOP", "CACHE", "COPY_FREE_VARS", "MAKE_CELL", "NOT_TAKEN"}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of one call.

    Parameters
    ----------
    value : object
        What was returned, see `answers.plain`; None after an error.
    has_lists : bool
        Whether it, or a part of it, was a list or a tuple instead of an array.
    error : str or None
        In words, with the line of the learner's code.
    failure : tuple of str, or None
        Of an error its type and its message.
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
    has_lists: bool = False
    error: str | None = None
    failure: tuple | None = None
    changed: tuple = ()
    printed: str = ""
    warned: str | None = None
    is_slow: bool = False
    is_stub: bool = False


def call(function, arguments, kwargs, *, names, seconds, num_parts=None):
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
        How long it may take, until its answer is in plain arrays.
    num_parts : int, optional
        Given if the answer is to be a tuple.

    Returns
    -------
    outcome : Outcome
    """
    given = copied([*arguments]), copied(kwargs)
    value, has_lists, failure, process = None, False, None, os.getpid()
    with isolation.isolated() as kept:
        try:
            with time_limit.at_most(seconds) as limit:
                value, has_lists = _answer(function, *given, num_parts)
        except BaseException as error:  # SystemExit and KeyboardInterrupt as well
            failure = error
        if os.getpid() != process:
            os._exit(0)  # the function forked, and this is the child
        if limit.is_over and not isinstance(failure, time_limit.TooSlow):
            value, failure = None, time_limit.TooSlow()  # the function kept it to itself
        failed = None if failure is None else failure_of(failure)
        warned = None if kept.warning is None else _text(kept.warning)
    both = [*zip(names, arguments, given[0], strict=True)]
    both += [(name, kwargs[name], given[1][name]) for name in kwargs]
    changed = [name for name, before, after in both if not _is_same(before, after)]
    return Outcome(
        value=value,
        has_lists=has_lists,
        error=None if failure is None else _explained(failure, failed[1], function),
        failure=failed,
        changed=tuple(changed),
        printed=_readable(kept.printed),
        warned=warned,
        is_slow=limit.is_over,
        is_stub=_says_so(failure, function) or value is ...,
    )


def _answer(function, arguments, kwargs, num_parts):
    """Call the function and return its answer in plain arrays, and whether there are lists in it.

    What it returned itself, be it broken in any way, does not leave this function.
    """
    value = function(*arguments, **kwargs)
    try:
        return answers.plain(value, num_parts), answers.has_lists(value, num_parts)
    finally:
        if isinstance(value, types.CoroutineType):
            value.close()  # a coroutine that nobody waits for would say so later


def _text(error):
    """Return the message of an error or a warning, even if its own code for that is broken."""
    try:
        with time_limit.at_most(_SECONDS_FOR_WORDS):
            return _readable(str(error)[:_LONGEST_TEXT])
    except BaseException:
        return ""


def _readable(text):
    """Replace what cannot be printed: halves of characters, and control characters."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign if sign.isprintable() or sign in "\n\t" else " " for sign in text)


def failure_of(error):
    """Return the type and the message of an error, to compare it with `Outcome.failure`."""
    return type(error).__name__, _text(error)


def does_nothing(function):
    """Tell whether a function is an untouched stub: at most a docstring, and ``...`` or ``pass``.

    It is read from the compiled code, since the source is not always at hand.
    """
    code = _code(function)
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
    return frame.f_code is _code(function)


def _code(function):
    """Find the code of a function, also within a `functools.partial`, a method, or an object."""
    while isinstance(function, functools.partial):
        function = function.func
    for find in ("__code__", "__call__.__code__"):
        try:
            return operator.attrgetter(find)(function)
        except Exception:  # there is none, or the object's own code for that is broken
            continue
    return None


def _explained(error, message, function):
    """Say what happened and in which line of the learner's code, without a traceback."""
    if isinstance(error, time_limit.TooSlow):
        what = "It was stopped: it takes too long"
    else:
        message = " ".join(message.split())
        what = f"It raised {type(error).__name__}{': ' if message else ''}{_shortened(message)}"
    file = getattr(_code(function), "co_filename", None)
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

"""Make a function fit the notebook around it: it can be called, and answers, as its stub says.

A right answer may be a tensor, in single precision, or a number in an array, and its parameters may
have other names. Later cells of a notebook shall not notice.
"""

import functools
import inspect
import typing

import numpy as np


class Adapted:
    """A function that does what the stub of an exercise promises.

    Arguments that are passed by name find the parameter of another name, and what comes back has
    the form that the exercise's helper gives for arguments of these types: NumPy arrays of at least
    its precision, plain numbers, or a tuple of these. Where tensors go in, whatever comes out stays
    as it is, so that gradients flow through.

    Parameters
    ----------
    exercise : declare.Exercise
    function : callable
        It is kept as ``__wrapped__``.
    """

    def __init__(self, exercise, function):
        try:
            functools.update_wrapper(self, function)
        except Exception:  # an object whose own code for its attributes is broken
            self.__wrapped__ = function
        self._exercise = exercise
        self._forms = {}  # of the helper's answers, by the types of the arguments

    def __call__(self, *args, **kwargs):
        """Call the function, and convert what it returns."""
        answer = self._call(self.__wrapped__, args, kwargs)
        if not all(map(_is_plain, [*args, *kwargs.values()])):
            return answer
        try:
            return _converted(answer, self._form(answer, args, kwargs))
        except Exception:  # no numbers can be had, in a graph for example
            return answer

    def __repr__(self):
        return repr(self.__wrapped__)

    def _form(self, answer, args, kwargs):
        types = tuple(map(_type, args)), tuple((name, _type(kwargs[name])) for name in kwargs)
        if types not in self._forms or _has_nothing(answer):  # nothing may lack its shape as well
            try:
                right = self._call(self._exercise.helper, args, kwargs)
            except Exception:  # the function takes more than the helper does
                right = answer
            self._forms[types] = _form_of(right)
        return self._forms[types]

    def _call(self, function, args, kwargs):
        args, kwargs = fitted(self._exercise, function, args, kwargs)
        return function(*args, **kwargs)


def original(function):
    """Return what `Adapted` wraps, or else the function itself."""
    while isinstance(function, Adapted):
        function = function.__wrapped__
    return function


def fitted(exercise, function, args, kwargs):
    """Arrange arguments so that a function takes them, whatever it calls its parameters.

    Parameters
    ----------
    exercise : declare.Exercise
    function : callable
    args, kwargs : tuple, dict
        As the stub takes them.

    Returns
    -------
    args, kwargs : tuple, dict
        As they came, too, if the function takes them in no way.
    """
    try:
        signature = inspect.signature(function)
        given = exercise.bound(args, kwargs)
    except Exception:  # some have no signature, or one that is broken
        return args, kwargs
    for some_args, some_kwargs in [(args, kwargs), (tuple(given.values()), {}), ((), given)]:
        try:
            signature.bind(*some_args, **some_kwargs)
        except TypeError:
            continue
        return some_args, some_kwargs
    return args, kwargs


class _Form(typing.NamedTuple):
    dtype: np.dtype
    shape: tuple


def _form_of(answer):
    if isinstance(answer, tuple):
        return [_form_of(part) for part in answer]
    array = np.asarray(answer)
    return _Form(array.dtype, array.shape)


def _is_plain(value):
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, np.ndarray | np.generic | int | float | str)


def _type(value):
    return (value.dtype, value.ndim) if isinstance(value, np.ndarray) else type(value)


def _has_nothing(answer):
    parts = answer if isinstance(answer, tuple | list) else [answer]
    return any(np.size(part) == 0 for part in parts)


def _converted(answer, form):
    if isinstance(form, list):
        return tuple(_converted(*both) for both in zip(answer, form, strict=True))
    if np.ma.is_masked(answer):
        return answer
    array = np.asarray(answer)
    if array.ndim == 0:
        return _number(answer, array, form.dtype.kind)
    if array.size == 0 and 0 in form.shape:
        return np.zeros(form.shape, form.dtype)
    return array.astype(_dtype(array, form.dtype), copy=False)


def _number(answer, array, kind):
    if isinstance(answer, float) or array.dtype.kind not in "biuf":
        return answer
    return np.float64(array) if kind == "f" else array.item()


def _dtype(array, wanted):
    """Return the type that numbers are converted to, without losing any digit."""
    kinds = array.dtype.kind, wanted.kind
    if kinds[0] in "iuf" and kinds[1] == "f":
        wide = np.result_type(array.dtype, wanted)
        return wide if wide.itemsize <= 8 else np.dtype(float)
    if all(kind in "iu" for kind in kinds) and array.size:
        limits = np.iinfo(wanted)
        if limits.min <= array.min() and array.max() <= limits.max:
            return wanted
    return array.dtype

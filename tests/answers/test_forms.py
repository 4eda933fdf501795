"""The right answer to each exercise, in every form that NumPy understands, passes and is of use."""

import functools
import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from answers import forms
from helpers import checks
from helpers.checks import comparing, judging

EXERCISES = [forms.quick(name) for name in checks.names()]


def of_keras(array):
    return keras.ops.convert_to_tensor(array)


def constant(array):
    return tf.constant(array)


def variable(array):
    return tf.Variable(array)


def single_precision(array):
    return array.astype("float32") if array.dtype.kind == "f" else array


def single_precision_of_keras(array):
    return keras.ops.convert_to_tensor(single_precision(array))


def short(array):
    """Whole numbers as Keras has them, decimal ones wider than usual."""
    return array.astype({"i": "int32", "f": "longdouble"}.get(array.dtype.kind, array.dtype))


def zero_dimensional(array):
    return np.array(array)


def scalar(array):
    """A number as NumPy or Python has it."""
    return array[()] if array.size % 2 else array.item() if array.ndim == 0 else array


def column_by_column(array):
    """In the order of Fortran, with gaps, and not to be written to."""
    wide = np.zeros((*array.shape, 2), array.dtype, order="F")
    wide[..., 0] = array
    view = wide[..., 0]
    view.flags.writeable = False
    return view


def other_byte_order(array):
    return array.astype(array.dtype.newbyteorder())


CONVERSIONS = [
    of_keras,
    constant,
    variable,
    single_precision,
    single_precision_of_keras,
    short,
    zero_dimensional,
    scalar,
    column_by_column,
    other_byte_order,
]


def converted(exercise, convert):
    right = forms.reference(exercise)

    def answer(*args, **kwargs):
        return forms.mapped(convert, right(*args, **kwargs))

    return answer


def with_other_names(exercise):
    """The stub's parameters under other names, with its defaults."""
    signature = inspect.signature(forms.stub(exercise.name))
    names = [f"p{number}" for number in range(len(signature.parameters))]
    defaults = [parameter.default for parameter in signature.parameters.values()]
    heads = [
        name if default is inspect.Parameter.empty else f"{name}={default!r}"
        for name, default in zip(names, defaults, strict=True)
    ]
    code = f"lambda {', '.join(heads)}: right({', '.join(names)})"
    return eval(code, {"right": forms.reference(exercise)})


def as_partial(exercise):
    right = forms.reference(exercise)
    return functools.partial(lambda right, *args, **kwargs: right(*args, **kwargs), right)


def as_object(exercise):
    class Answer:
        right = staticmethod(forms.reference(exercise))

        def __call__(self, *args, **kwargs):
            return self.right(*args, **kwargs)

    return Answer()


def as_method(exercise):
    return as_object(exercise).__call__


def decorated(exercise):
    return functools.wraps(forms.stub(exercise.name))(forms.reference(exercise))


def parts_in_a_list(exercise):
    right = forms.reference(exercise)

    def answer(*args, **kwargs):
        value = right(*args, **kwargs)
        return list(value) if isinstance(value, tuple) else value

    return answer


CALLABLES = [with_other_names, as_partial, as_object, as_method, decorated, parts_in_a_list]

every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)


@every_exercise
@pytest.mark.parametrize("convert", CONVERSIONS, ids=lambda convert: convert.__name__)
def test_what_numpy_understands_passes_and_is_of_use(exercise, convert):
    given_back = checked(exercise, converted(exercise, convert))
    goes_on(exercise, given_back)


@every_exercise
@pytest.mark.parametrize("form", CALLABLES, ids=lambda form: form.__name__)
def test_what_can_be_called_passes_and_is_of_use(exercise, form):
    goes_on(exercise, checked(exercise, form(exercise)))


def checked(exercise, answer):
    """Hand an answer in, as the notebook's line does."""
    verdict = judging.judge(exercise, answer)
    assert verdict.status == "passed", verdict.text
    given_back = exercise(answer)
    assert given_back is not exercise.helper
    return given_back


def goes_on(exercise, given_back):
    """Call what was given back as later cells may, by position and by the names of the stub."""
    for case in exercise.cases()[-2:]:
        expected = forms.mapped(np.asarray, exercise.helper(*case.args, **case.kwargs))
        named = forms.bound(exercise.name, case)
        for answer in (given_back(*named.values()), given_back(**named)):
            assert comparing.difference(expected, answer, tolerance=exercise.tolerance) is None
            parts = zip(as_parts(expected), as_parts(answer), strict=True)
            assert all(is_plain(got, part) for part, got in parts)


def as_parts(answer):
    return answer if isinstance(answer, tuple | list) else (answer,)


def is_plain(got, expected):
    """Whether later cells can compute with it as with the helper's answer."""
    if expected.ndim == 0:
        return isinstance(got, int | float | np.generic | np.ndarray)
    same_kind = np.asarray(got).dtype.kind == expected.dtype.kind
    return type(got) is np.ndarray and same_kind and np.asarray(got).itemsize >= expected.itemsize


# What does not pass


@every_exercise
def test_masked_numbers_do_not_pass(exercise):
    def hidden(array):
        return np.ma.masked_array(array, mask=True)

    def first_hidden(array):
        mask = np.zeros(array.shape, bool)
        mask[(0,) * array.ndim if array.size else ()] = True
        return np.ma.masked_array(array, mask=mask)

    for convert in (hidden, first_hidden):
        assert judging.judge(exercise, converted(exercise, convert)).status == "tried"


@every_exercise
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_answers_without_a_finite_number_get_no_hint_of_another_mistake(exercise, number):
    def filled(array):
        return np.full(array.shape, number)

    verdict = judging.judge(exercise, converted(exercise, filled))
    assert verdict.status == "tried"
    assert verdict.hint != forms.CONSTANT
    assert verdict.hint not in {mistake.hint for mistake in exercise.mistakes.values()}


@every_exercise
def test_nothing_and_what_is_no_number_gets_no_hint(exercise):
    for answer in ([], (), "", {}, set(), object(), np.zeros(0), np.array("1")):
        verdict = judging.judge(exercise, lambda *args, answer=answer, **kwargs: answer)
        assert verdict.status == "tried"
        assert verdict.hint is None


@every_exercise
def test_the_argument_itself_is_no_answer(exercise):
    assert judging.judge(exercise, lambda *args, **kwargs: args[0]).status == "tried"


@every_exercise
def test_an_argument_that_is_written_to_does_not_pass(exercise):
    right = forms.reference(exercise)

    def answer(*args, **kwargs):
        value = right(*args, **kwargs)
        for array in (argument for argument in args if isinstance(argument, np.ndarray)):
            array[...] = 0
        return value

    if any(isinstance(argument, np.ndarray) for argument in exercise.cases()[0].args):
        verdict = judging.judge(exercise, answer)
        assert verdict.status == "tried"
        assert verdict.hint is None
        assert "changed its argument" in verdict.text

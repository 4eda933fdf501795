"""The cases of each exercise ask for all that its stub names, and for nothing else."""

import importlib
import inspect

import numpy as np
import pytest

from answers import forms
from helpers import checks
from helpers.checks import calling, comparing

EXERCISES = [forms.quick(name) for name in checks.names()]
every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)


def arguments(exercise):
    return [forms.bound(exercise.name, case) for case in exercise.cases()]


@every_exercise
def test_each_parameter_of_the_stub_varies_and_matters(exercise):
    """Whoever leaves a parameter out of the computation must fail, whatever it is held at."""
    signature = inspect.signature(forms.stub(exercise.name))
    cases = arguments(exercise)
    for name, parameter in signature.parameters.items():
        values = [case[name] for case in cases]
        assert len({repr(np.asarray(value).tolist()) for value in values}) > 1, name
        if parameter.default is not parameter.empty:
            assert any(name not in exercise.arguments(case) for case in exercise.cases()), name
        held = values if np.ndim(values[0]) == 0 else [None]
        for value in held:
            assert any(changes(exercise, case, name, value) for case in exercise.cases()), name


def changes(exercise, case, name, value):
    """Tell whether the right answer is another one with a parameter held at a value."""
    exact = exercise.arguments(case)
    position = list(inspect.signature(forms.stub(exercise.name)).parameters).index(name)
    own_name = list(inspect.signature(exercise.helper).parameters)[position]
    if value is None:
        value = other_numbers(forms.bound(exercise.name, case)[name])
    try:
        held = exercise.helper(**calling.copied(exact) | {own_name: value})
    except Exception:  # a kernel that no longer fits, for example
        return True
    return comparing.difference(exercise.helper(**calling.copied(exact)), held) is not None


def other_numbers(value):
    """Numbers of the same kind and shape that tell nothing of the ones before."""
    array = np.asarray(value)
    other = ~array if array.dtype.kind == "b" else np.roll(array + 1, 1)
    return other if isinstance(value, np.ndarray) else other.tolist()


@every_exercise
def test_cases_call_the_stub_as_it_is_written(exercise):
    for case in exercise.cases():
        assert set(case.kwargs) <= set(inspect.signature(forms.stub(exercise.name)).parameters)
        for value in forms.bound(exercise.name, case).values():
            assert np.size(value) > 0, f"{case.label}: the stub says nothing of empty arrays"
            assert np.isfinite(value).all() if not isinstance(value, str) else value


@every_exercise
def test_arrays_are_of_one_kind_and_have_the_axes_of_the_stub(exercise):
    cases = arguments(exercise)
    for name in cases[0]:
        values = [np.asarray(case[name]) for case in cases]
        if values[0].ndim:
            assert len({value.dtype.kind for value in values}) == 1, name
            if (exercise.name, name) not in ANY_NUMBER_OF_AXES:
                assert len({value.ndim for value in values}) == 1, name


ANY_NUMBER_OF_AXES = {  # the stub says (...)
    ("filter_boxes", "boxes"),
    ("filter_boxes", "box_confidence"),
    ("filter_boxes", "box_class_probs"),
}


@every_exercise
def test_no_right_answer_hangs_on_single_precision(exercise):
    """Rounded inputs, as of a network, lead to the same answer."""
    for case in exercise.cases():
        args, kwargs = rounded(case.args), {key: rounded(arg) for key, arg in case.kwargs.items()}
        found = comparing.difference(
            exercise.helper(*calling.copied(case.args), **calling.copied(case.kwargs)),
            exercise.helper(*args, **kwargs),
            tolerance=exercise.tolerance,
        )
        assert found is None, f"{case.label}: {found.text}"


def rounded(value):
    if isinstance(value, tuple):
        return tuple(map(rounded, value))
    is_float = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return value.astype("float32") if is_float else value


@pytest.mark.parametrize("file", checks.FILES, ids=lambda file: file.NOTEBOOK)
def test_six_right_and_six_wrong_answers_are_tried(file):
    answers = importlib.import_module(f"answers.test_{file.__name__.rpartition('.')[2]}")
    for exercise in file.EXERCISES:
        assert len(answers.RIGHT[exercise.name]) >= 6
        assert len(answers.WRONG[exercise.name]) >= 6


# What the stubs exclude


def cases_of(name):
    return [forms.bound(name, case) for case in getattr(checks, name).cases()]


def test_pixels_to_scale_are_batches_of_three_colours_in_bytes():
    for case in cases_of("scale_pixels"):
        assert case["images"].dtype == np.uint8
        assert case["images"].ndim == 4
        assert case["images"].shape[3] == 3


def test_no_pattern_is_plain():
    for case in cases_of("similarity"):
        for patterns in case.values():
            assert (patterns.std(axis=(1, 2)) > 0.1).all()


def test_gradients_go_back_through_pixels_that_all_differ():
    for case in cases_of("pool_backward"):
        assert len(np.unique(case["images"])) == case["images"].size


def test_every_picture_has_a_positive_and_a_negative():
    for case in cases_of("batch_hard_loss"):
        _, counts = np.unique(case["labels"], return_counts=True)
        assert len(counts) > 1
        assert (counts > 1).all()


def test_no_picture_has_two_nearest_neighbours():
    for case in cases_of("same_class_neighbours"):
        values = case["values"]
        distances = ((values[:, None] - values) ** 2).sum(axis=2)
        np.fill_diagonal(distances, np.inf)
        nearest = np.sort(distances, axis=1)
        gaps = nearest[:, 1] - nearest[:, 0]
        assert (gaps > 1e-4).all()


def test_scores_of_boxes_differ_and_lie_off_the_threshold_unless_that_is_the_case():
    for case in cases_of("non_max_suppression"):
        assert len(np.unique(case["scores"])) == len(case["scores"])
    for case, bound in zip(checks.filter_boxes.cases(), cases_of("filter_boxes"), strict=True):
        scores = bound["box_confidence"] * bound["box_class_probs"].max(axis=-1)
        if "right at" not in case.label:
            assert (np.abs(scores - bound["threshold"]) > 1e-3).all()


def test_grey_levels_and_probabilities_are_in_their_ranges():
    for case in cases_of("ascent_step"):
        assert case["pictures"].min() >= 0
        assert case["pictures"].max() <= 255
    for case in cases_of("cross_entropy"):
        assert np.allclose(case["probabilities"].sum(axis=1), 1)
        assert case["labels"].max() < case["probabilities"].shape[1]
    for case in cases_of("shift_right"):
        assert 0 <= case["pixels"] <= case["images"].shape[2]

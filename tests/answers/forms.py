"""What the tests of answers share: the stubs of the notebooks, and tests of lists of answers."""

import ast
import dataclasses
import functools
import inspect
import json
import pathlib

import numpy as np
import pytest

from helpers import checks
from helpers.checks import judging

NOTEBOOKS = pathlib.Path(__file__).parents[2] / "notebooks"


def right_answers(answers):
    """Make a test that all answers pass; they are a dict from exercises' names to functions."""
    cases = [(name, answer) for name, functions in answers.items() for answer in functions]

    @pytest.mark.parametrize(("name", "answer"), cases, ids=_ids(name for name, _ in cases))
    def test(name, answer):
        verdict = judging.judge(quick(name), answer)
        assert verdict.status == "passed", verdict.text

    return test


def wrong_answers(answers):
    """Make a test that no answer passes, and that each gets its hint, or none.

    `answers` is a dict from exercises' names to pairs of a function and the name of the mistake
    whose hint is true of it. None stands for no hint.
    """
    cases = [(name, *pair) for name, pairs in answers.items() for pair in pairs]

    @pytest.mark.parametrize(
        ("name", "answer", "mistake"), cases, ids=_ids(name for name, *_ in cases)
    )
    def test(name, answer, mistake):
        exercise = quick(name)
        verdict = judging.judge(exercise, answer)
        assert verdict.status == "tried", verdict.text
        if mistake is None:
            assert verdict.hint is None, verdict.text
        elif mistake in (CONSTANT, NOT_FINITE):
            assert verdict.hint.startswith(mistake), verdict.text
        else:
            assert verdict.hint == exercise.mistakes[mistake].hint, verdict.text

    return test


CONSTANT, NOT_FINITE = "All your answers are ", "There are infinite numbers, or NaN "


def quick(name):
    """Return an exercise whose helper remembers its answers."""
    return dataclasses.replace(getattr(checks, name), helper_path=f"answers.remembered:{name}")


def reference(exercise):
    """Return the helper with the parameters of the stub, which can all be given by place."""
    own_names = list(inspect.signature(exercise.helper).parameters)
    signature = inspect.signature(stub(exercise.name))
    names = dict(zip(signature.parameters, own_names, strict=False))

    def answer(*args, **kwargs):
        given = signature.bind(*args, **kwargs).arguments
        return exercise.helper(**{names[name]: value for name, value in given.items()})

    return answer


@functools.cache
def stub(name):
    """Return an untouched stub, as the exercise's notebook has it."""
    path = NOTEBOOKS / f"{getattr(checks, name).notebook}.ipynb"
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and f"checks.{name}(" in source:
            (definition,) = (
                node
                for node in ast.parse(source).body
                if isinstance(node, ast.FunctionDef) and node.name == name
            )
            namespace = {}
            exec(ast.unparse(definition), namespace)
            return namespace[name]
    raise LookupError(f"no stub of {name} in {path.name}")


def bound(name, case):
    """Return a case's arguments under the names of the stub, its defaults included: a dict."""
    arguments = inspect.signature(stub(name)).bind(*case.args, **case.kwargs)
    arguments.apply_defaults()
    return dict(arguments.arguments)


def mapped(convert, answer):
    """Apply a function to an answer, or to each part of a tuple."""
    if isinstance(answer, tuple):
        return tuple(convert(np.asarray(part)) for part in answer)
    return convert(np.asarray(answer))


def _ids(names):
    count = {}
    for name in names:
        count[name] = count.get(name, 0) + 1
        yield f"{name}-{count[name]}"

"""Whole notebooks run with right answers in the form of tensors, and in single precision.

This takes many minutes, so it is left out unless somebody asks for it::

    WORKBOOK_TEST_ANSWERS=1 python -m pytest tests/answers/test_notebooks_go_on.py

Each notebook that has exercises is run twice in the quick profile, on data that needs no download.
Every stub is replaced by the helper, which returns Keras tensors or float32 arrays; it must pass,
and all later cells must do with it.
"""

import os
import re

import nbformat
import pytest

from answers import forms
from helpers import checks
from helpers.workbook import executing

NOTEBOOKS = sorted({getattr(checks, name).notebook for name in checks.names()})
ANSWER = """\
from answers import test_forms as _forms
{name} = _forms.converted(checks.{name}, _forms.{form})
"""


@pytest.mark.slow
@pytest.mark.skipif(
    "WORKBOOK_TEST_ANSWERS" not in os.environ, reason="takes many minutes: WORKBOOK_TEST_ANSWERS=1"
)
@pytest.mark.parametrize("form", ["of_keras", "single_precision"])
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_goes_on_with_answers_of_another_form(notebook, form, tmp_path):
    book = nbformat.read(forms.NOTEBOOKS / f"{notebook}.ipynb", as_version=4)
    names = [
        answered(cell, name, form)
        for cell in book.cells
        if cell.cell_type == "code"
        for name in re.findall(r"^(\w+) = checks\.\1\(\1\)$", cell.source, flags=re.MULTILINE)
    ]
    known = {name for name in checks.names() if getattr(checks, name).notebook == notebook}
    assert set(names) == known
    tests = os.fspath(forms.NOTEBOOKS.parent / "tests")
    execution = executing.execute(
        book,
        folder=tmp_path,
        environment={
            "WORKBOOK_PROFILE": "quick",
            "WORKBOOK_DATA_SOURCE": "embedded",
            "PYTHONPATH": os.pathsep.join([os.fspath(forms.NOTEBOOKS.parent), tests]),
        },
    )
    assert execution.failure is None, str(execution.failure)
    said = str([cell.outputs for cell in execution.notebook.cells if cell.cell_type == "code"])
    for name in names:
        assert f"{name}: passed" in said, name


def answered(cell, name, form):
    """Put the answer before the line that hands it in; return the exercise's name."""
    line = f"{name} = checks.{name}({name})"
    cell.source = cell.source.replace(line, ANSWER.format(name=name, form=form) + line)
    return name

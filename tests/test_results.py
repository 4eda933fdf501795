import dataclasses
import math
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from helpers import results, settings
from helpers.workbook import executing

QUICK = settings.Settings(profile="quick", data="embedded")


@dataclasses.dataclass(frozen=True)
class Data:
    source: str
    is_real: bool


def notebook_with(*bundles):
    cell = nbformat.v4.new_code_cell("results.record(...)")
    cell.outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in bundles]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title"), cell])


def test_a_result_names_its_value_its_reference_and_its_circumstances(capsys):
    data = Data("CIFAR-10, cifar10.npz in /somewhere/private", is_real=True)
    result = results.record("test accuracy", 0.7421, run=QUICK, data=data, reference=0.65)

    text = capsys.readouterr().out
    assert "test accuracy: 0.742; 0.65 (the article) [quick profile, CIFAR-10, " in text
    assert (result.data, result.is_real) == ("CIFAR-10", True)
    assert "private" not in str(result)


@pytest.mark.parametrize(
    ("source", "short"),
    [
        ("drawn set (12,000 pictures drawn by the workbook)", "drawn set"),
        ("CIFAR-10: downloaded from its home page", "CIFAR-10"),
        ("CIFAR-10", "CIFAR-10"),
    ],
)
def test_the_data_are_named_in_a_word(source, short):
    assert results.record("a", 1, run=QUICK, data=Data(source, False)).data == short


def test_a_result_without_data_says_that_it_needs_none():
    result = results.record("parameters", 591_390, run=QUICK)
    assert (result.data, result.is_real) == ("no data needed", None)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (591_390, "parameters", "591,390 parameters"),
        (np.int64(12), "", "12"),
        (0.7, "", "0.700"),
        (np.float32(64.84), "%", "64.8 %"),
        (1234.6, "s", "1,235 s"),
        (0.0, "", "0.00"),
        (-0.01234, "", "-0.0123"),
        (-3.14159e-7, "s", "-3.14 × 10⁻⁷ s"),
        (np.array(0.5), "", "0.500"),
    ],
)
def test_values_are_written_for_readers(value, unit, text):
    assert results.record("a", value, run=QUICK, unit=unit).value_text == text


@pytest.mark.parametrize("value", [math.nan, math.inf, "0.7", None, True, np.zeros(2), [0.5, 0.6]])
def test_a_value_that_is_not_one_finite_number_is_refused(value):
    with pytest.raises(ValueError, match="accuracy: expected one"):
        results.record("accuracy", value, run=QUICK)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"at_least": 0.74}, "expected at least 0.74, got 0.610"),
        ({"at_most": 0.6}, "expected at most 0.6, got 0.610"),
        ({"reference": 0.65, "within": 0.03}, r"within 0.03 of 0.65 \(the article\), got 0.610"),
    ],
    ids=["at least", "at most", "within"],
)
def test_a_result_that_misses_what_was_expected_is_shown_and_then_fails(limits, message, capsys):
    with pytest.raises(AssertionError, match=message):
        results.record("accuracy", 0.61, run=QUICK, **limits)
    assert "accuracy: 0.610" in capsys.readouterr().out


def test_a_result_within_its_limits_passes():
    results.record(
        "accuracy", 0.61, run=QUICK, at_least=0.61, at_most=0.61, reference=0.65, within=0.05
    )


@pytest.mark.parametrize("digits", [0, -1, 18, 2.0, "3", True, None])
def test_a_number_of_digits_that_is_none_is_refused(digits):
    with pytest.raises(ValueError, match="digits as an integer from 1 to 17"):
        results.record("accuracy", 0.6, run=QUICK, digits=digits)


def test_a_negative_distance_is_refused():
    with pytest.raises(ValueError, match=r"within .* of at least 0, got -0\.1"):
        results.record("accuracy", 0.6, run=QUICK, reference=0.6, within=-0.1)


def test_within_needs_a_reference():
    with pytest.raises(ValueError, match="needs a reference"):
        results.record("accuracy", 0.6, run=QUICK, within=0.1)


def test_what_a_notebook_recorded_is_read_back_in_order(tmp_path):
    first = results.record("a", 0.5, run=QUICK, reference=0.4, reference_source="the course")
    second = results.record("b", 7, run=QUICK)
    notebook = notebook_with(
        {results.MIME_TYPE: dataclasses.asdict(first), "text/plain": "a"},
        {"text/plain": "something else"},
        {results.MIME_TYPE: dataclasses.asdict(second)},
    )
    nbformat.write(notebook, tmp_path / "some.ipynb")

    assert results.read(notebook) == [first, second]
    assert results.read(tmp_path / "some.ipynb") == [first, second]
    assert isinstance(results.read(notebook)[1].value, int)


def test_a_notebook_shows_a_result_once_as_text_html_and_data(tmp_path):
    source = """
from helpers import results, settings
results.record("a < b", 0.5, run=settings.read("quick"), reference=0.25)
"""
    cell = nbformat.v4.new_code_cell(source.strip())
    execution = executing.execute(nbformat.v4.new_notebook(cells=[cell]), folder=tmp_path)

    (output,) = execution.notebook.cells[0].outputs
    assert output.data["text/plain"].startswith("a < b: 0.500; 0.25 (the article)")
    assert "a &lt; b: <strong>0.500</strong>" in output.data["text/html"]
    assert results.Result(**output.data[results.MIME_TYPE]).value == 0.5


def test_importing_results_loads_no_framework():
    code = (
        "import sys, helpers.results; print(*{'tensorflow', 'keras', 'IPython'} & {*sys.modules})"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (loaded.returncode, loaded.stdout.strip()) == (0, "")


@pytest.mark.parametrize("limit", [float("nan"), float("inf"), "2"])
def test_a_limit_that_cannot_fail_is_refused(limit):
    with pytest.raises(ValueError, match="at_least"):
        results.record("x", 1.0, run=settings.Settings(), at_least=limit)

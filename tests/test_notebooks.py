"""The committed notebooks, as files: what a reader finds before running anything."""

import re

import nbformat
import pytest

from helpers.workbook import conventions, repository

PATHS = sorted((repository.ROOT / "notebooks").glob("*.ipynb"))
EXPECTED = {
    "00_start_here",
    "01_simple_convnet",
    "02_filter_visualization",
    "03_mobilenet_transfer_learning",
    "04_global_average_pooling",
    "05_resnet50",
    "06_yolov2_filtering",
    "09_convolution_by_hand",
}


def test_the_notebooks_are_there():
    assert {path.stem for path in PATHS} >= EXPECTED


def test_each_has_a_number_of_its_own():
    numbers = [path.name[:3] for path in PATHS]
    assert all(re.fullmatch(r"\d\d_", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("rule", conventions.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_keeps_the_rule(path, rule):
    assert list(rule(nbformat.read(path, as_version=4))) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_is_saved_as_make_notebooks_saves_it(path):
    from helpers.workbook import authoring

    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert authoring.cleaned(notebook) == notebook

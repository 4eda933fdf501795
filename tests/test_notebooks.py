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
    "07_face_recognition_triplet_loss",
    "08_neural_style_transfer",
    "09_convolution_by_hand",
}


def test_the_notebooks_are_there():
    assert {path.stem for path in PATHS} >= EXPECTED


def test_their_numbers_follow_each_other():
    assert all(re.match(r"\d\d_", path.name) for path in PATHS)
    assert [int(path.name[:2]) for path in PATHS] == list(range(len(PATHS)))


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

import copy
import os

import nbformat
import pytest

from helpers import results
from helpers.workbook import __main__, authoring, conventions, outline, skeleton


@pytest.fixture
def new_notebook(tmp_path):
    path = tmp_path / "notebooks" / "05_new.ipynb"
    path.parent.mkdir()
    nbformat.write(skeleton.notebook("05 · New"), path)
    return path


def change(path, cell, source):
    notebook = nbformat.read(path, as_version=4)
    outline.code_cells(notebook)[cell - 1].source = source
    nbformat.write(notebook, path)


def test_a_new_notebook_keeps_all_conventions_once_it_is_executed(new_notebook, capsys):
    assert __main__.main(["notebooks", str(new_notebook)]) == 0

    notebook = nbformat.read(new_notebook, as_version=4)
    assert conventions.problems(notebook) == []
    assert "still to do" not in capsys.readouterr().out
    runs = notebook.metadata.workbook.runs
    assert (runs.quick.profile, runs.full.profile) == ("quick", "full")
    assert 0 < runs.quick.seconds < 60
    assert 20 < runs.quick.peak_memory_mb < 2000
    assert set(runs.full.versions) == {"python", "tensorflow", "keras", "numpy"}
    # The outputs are those of the full run.
    assert [result.profile for result in results.read(notebook)] == ["full"]
    assert os.listdir(new_notebook.parent) == ["05_new.ipynb"]


def test_a_quick_run_forgets_what_a_full_run_had_recorded(new_notebook):
    assert __main__.main(["notebooks", "--profile", "full", str(new_notebook)]) == 0
    assert __main__.main(
        ["notebooks", "--profile", "quick", "--data", "embedded", str(new_notebook)]
    ) == 0  # fmt: skip
    assert set(nbformat.read(new_notebook, as_version=4).metadata.workbook.runs) == {"quick"}


def test_measuring_again_changes_what_a_quick_run_costs_and_nothing_else(new_notebook):
    assert __main__.main(["notebooks", str(new_notebook)]) == 0
    before = nbformat.read(new_notebook, as_version=4)
    before.metadata.workbook.runs.quick.seconds = 1_000.0
    nbformat.write(before, new_notebook)

    assert __main__.main(["measure", str(new_notebook)]) == 0

    after = nbformat.read(new_notebook, as_version=4)
    assert 0 < after.metadata.workbook.runs.quick.seconds < 60
    after.metadata.workbook.runs.quick = before.metadata.workbook.runs.quick
    assert after == before


def test_measuring_leaves_a_notebook_that_fails_or_was_never_run_as_it_was(new_notebook, capsys):
    before = new_notebook.read_bytes()
    assert __main__.main(["measure", str(new_notebook)]) == 2
    assert "never run in full" in capsys.readouterr().err
    assert new_notebook.read_bytes() == before

    assert __main__.main(["notebooks", str(new_notebook)]) == 0
    change(new_notebook, 6, "1 / 0")
    before = new_notebook.read_bytes()
    assert __main__.main(["measure", str(new_notebook)]) == 1
    assert "it failed at cell 6" in capsys.readouterr().out
    assert new_notebook.read_bytes() == before


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 / 0", "it failed at cell 6"),
        ("import warnings; warnings.warn('careful')", "has a stderr output"),
        ("print('x' * 2_100_000)", "takes 2.1 MB, expected at most 2 MB"),
        ("print('/home/me/pictures')", "holds a machine path: /home/me/pictures"),
        ("if run.profile == 'full': raise OSError('no data')", "OSError: no data"),
    ],
    ids=["error", "stderr", "too large", "machine path", "full run fails"],
)
def test_a_notebook_that_did_not_go_well_is_left_as_it_was(new_notebook, capsys, source, reason):
    change(new_notebook, 6, source)
    before = new_notebook.read_bytes()

    assert __main__.main(["notebooks", str(new_notebook)]) == 1

    output = capsys.readouterr().out
    assert "05_new.ipynb is left as it was" in output
    assert reason in output
    assert new_notebook.read_bytes() == before
    assert os.listdir(new_notebook.parent) == ["05_new.ipynb"]


def test_cleaning_keeps_what_matters_and_drops_what_only_makes_differences():
    notebook = skeleton.notebook("A")
    noisy = copy.deepcopy(notebook)
    noisy.metadata["widgets"] = {"state": {}}
    noisy.metadata["language_info"]["version"] = "3.11.7"
    noisy.metadata["workbook"] = {"question": "Why?"}
    noisy.cells[1].metadata["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00"}
    noisy.cells[1].metadata["collapsed"] = False

    notebook.metadata["workbook"] = {"question": "Why?"}
    assert authoring.cleaned(noisy) == notebook


def test_a_new_notebook_never_replaces_another(new_notebook):
    root = new_notebook.parent.parent
    with pytest.raises(ValueError, match="exists already"):
        skeleton.create("05_new", "05 · New", root=root)
    assert skeleton.create("06_other", "06 · Other", root=root).exists()

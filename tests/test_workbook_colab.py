import os
import pathlib
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from helpers.workbook import colab, executing, repository

ADDRESS = "https://github.com/" + "somebody/workbook"
WHERE = """
import pathlib, sys
import helpers
from helpers import settings
print(helpers.__file__, pathlib.Path(helpers.__file__).parents[1].joinpath("data/mark").exists())
print(sys.path.count(sys.path[0]))"""


def git(*arguments, folder):
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def published(tmp_path):
    """A git repository to clone from, with the helpers and a file among the data."""
    root = tmp_path / "published"
    (root / "data").mkdir(parents=True)
    (root / "data" / "mark").touch()
    shutil.copytree(repository.ROOT / "helpers", root / "helpers")
    git("init", "--quiet", folder=root)
    git("add", "--all", folder=root)
    git("commit", "--quiet", "--message", "All of it", folder=root)
    return root


@pytest.fixture
def colab_environment(tmp_path, published):
    """Environment variables of a pretended Colab: a google.colab, and the address of a clone."""
    stub = tmp_path / "stub" / "google" / "colab"
    stub.mkdir(parents=True)
    (stub / "__init__.py").touch()
    return {
        "PYTHONPATH": str(tmp_path / "stub"),
        "WORKBOOK_REPOSITORY": str(published),
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


@pytest.fixture
def folder(tmp_path):
    """A folder that holds nothing but the notebook, as a Colab session has it."""
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


def execute(folder, environment, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "00_start_here.ipynb")
    notebook = nbformat.read(folder / "00_start_here.ipynb", as_version=4)
    return executing.execute(notebook, folder=folder, environment=environment)


def printed(execution):
    return "".join(
        output.text for cell in execution.notebook.cells for output in cell.outputs
    ).split()


def test_in_colab_the_first_cell_fetches_helpers_and_data_and_may_run_twice(
    folder, colab_environment
):
    cell = colab.cell(ADDRESS)
    execution = execute(folder, colab_environment, cell, cell, WHERE)

    assert execution.failure is None
    clone = folder / "cnn-workbook"
    # The clone's helpers are taken, not those that this environment has installed.
    assert printed(execution) == [str(clone / "helpers" / "__init__.py"), "True", "1"]
    assert {path.name for path in folder.iterdir()} == {"00_start_here.ipynb", "cnn-workbook"}
    again = execute(folder, colab_environment, cell, WHERE)  # a new kernel, the folder still there
    assert printed(again) == printed(execution)


def test_an_interrupted_clone_is_thrown_away(folder, colab_environment):
    (folder / "cnn-workbook.part" / ".git").mkdir(parents=True)
    execution = execute(folder, colab_environment, colab.cell(ADDRESS), WHERE)
    assert execution.failure is None
    assert printed(execution)[0].startswith(str(folder / "cnn-workbook"))
    assert not (folder / "cnn-workbook.part").exists()


def test_an_address_that_cannot_be_cloned_fails_and_can_be_mended(folder, colab_environment):
    cell = colab.cell(ADDRESS)
    mend = f"os.environ['WORKBOOK_REPOSITORY'] = {colab_environment['WORKBOOK_REPOSITORY']!r}"
    attempt = f"""
try:
    exec({cell!r})
except Exception as error:
    print(type(error).__name__)
"""
    environment = {**colab_environment, "WORKBOOK_REPOSITORY": str(folder / "nowhere")}
    execution = execute(folder, environment, attempt, f"import os\n{mend}", cell, WHERE)
    assert execution.failure is None
    assert printed(execution)[:2] == [
        "CalledProcessError",
        str(folder / "cnn-workbook" / "helpers" / "__init__.py"),
    ]


def test_outside_colab_the_first_cell_fetches_nothing(folder):
    check = "print(colab is None, 'subprocess' in globals())"
    execution = execute(folder, {"WORKBOOK_REPOSITORY": "/nowhere"}, colab.cell(ADDRESS), check)
    assert execution.failure is None
    assert printed(execution) == ["True", "False"]
    assert [path.name for path in folder.iterdir()] == ["00_start_here.ipynb"]


def test_the_first_cell_names_the_address_and_needs_only_the_helpers():
    source = colab.cell(ADDRESS)
    assert f'"{ADDRESS}"' in source
    assert "pip" not in source
    imports = {
        line.split()[1] for line in source.splitlines() if re.match(r"\s*(import|from) ", line)
    }
    assert imports - {"google.colab", "helpers"} <= sys.stdlib_module_names


def test_the_first_cell_is_clean_code(tmp_path):
    ruff = pathlib.Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff is not installed")
    config = repository.ROOT / "pyproject.toml"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(colab.cell(ADDRESS))])
    nbformat.write(notebook, tmp_path / "cell.ipynb")
    for check in (["check", "--ignore=D100"], ["format", "--check"]):
        command = [str(ruff), *check, "--no-cache", "--config", str(config), "cell.ipynb"]
        process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert process.returncode == 0, process.stdout


def test_the_cell_is_found_whatever_its_address():
    cells = [nbformat.v4.new_code_cell(source) for source in ("x = 1", colab.cell("old"), "y = 2")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    assert colab.find(notebook) is notebook.cells[1]
    assert colab.find(nbformat.v4.new_notebook(cells=cells[:1])) is None


def test_a_link_opens_the_notebook_in_colab():
    assert colab.link(ADDRESS, "01_simple_convnet") == (
        "https://colab.research.google.com/github/somebody/workbook"
        "/blob/main/notebooks/01_simple_convnet.ipynb"
    )
    assert colab.link(ADDRESS, "C# 50%").endswith("/notebooks/C%23%2050%25.ipynb")

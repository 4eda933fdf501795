"""What a user types, plain ``pytest --nbval notebooks/``, runs with notebooks/conftest.py."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from helpers.workbook import repository

SETTINGS = "import os; print(os.environ['WORKBOOK_PROFILE'], os.environ['WORKBOOK_DATA_SOURCE'])"


def cell(source, *, tag, output=None):
    made = nbformat.v4.new_code_cell(source, metadata={"tags": [f"nbval-{tag}-output"]})
    made.execution_count = 1
    if output is not None:
        made.outputs = [nbformat.v4.new_output("stream", name="stdout", text=output)]
    return made


def check(folder, *cells, option="--nbval", **environment):
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    shutil.copy(repository.ROOT / "notebooks" / "conftest.py", notebooks)
    shutil.copy(repository.ROOT / "pyproject.toml", folder)
    nbformat.write(
        nbformat.v4.new_notebook(
            cells=list(cells),
            metadata={"kernelspec": {"name": "not-installed", "display_name": ""}},
        ),
        notebooks / "00_some.ipynb",
    )
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("WORKBOOK")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", option, "notebooks/"],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("option", ["--nbval", "--nbval-lax"])
def test_notebooks_are_checked_quick_on_embedded_data_whatever_libraries_log(tmp_path, option):
    process = check(
        tmp_path,
        cell(SETTINGS, tag="check", output="quick embedded\n"),
        cell("print('log', file=os.sys.stderr); print(2)", tag="check", output="2\n"),
        cell("import random; print(random.random())", tag="ignore", output="0.5\n"),
        cell(
            "from IPython.display import clear_output, display\n"
            "handle = display(0, display_id=True)\n"
            "for step in range(2000): handle.update(step)\n"
            "clear_output(wait=True); display('end')",
            tag="ignore",
        ),
        option=option,
    )
    assert process.returncode == 0, process.stdout
    assert "4 passed" in process.stdout


def test_a_changed_output_fails(tmp_path):
    process = check(tmp_path, cell("print(3)", tag="check", output="2\n"))
    assert process.returncode == 1
    assert "Cell outputs differ" in process.stdout


def test_waiting_for_the_keyboard_and_a_dead_kernel_are_told_at_once(tmp_path):
    process = check(
        tmp_path,
        cell("input('Your name? ')", tag="ignore"),
        cell("import os; os._exit(3)", tag="ignore"),
        cell("print(1)", tag="check", output="1\n"),
    )
    assert process.returncode == 1
    assert "waits for the keyboard" in process.stdout
    assert "the kernel died" in process.stdout
    assert "3 failed" in process.stdout


def test_what_the_user_asks_for_wins(tmp_path):
    process = check(
        tmp_path,
        cell(SETTINGS, tag="check", output="full real\n"),
        WORKBOOK_PROFILE="full",
        WORKBOOK_DATA_SOURCE="real",
    )
    assert process.returncode == 0, process.stdout


def test_a_relative_folder_is_the_one_that_the_user_sees(tmp_path):
    source = "import os; print(os.environ['WORKBOOK_DATA'])"
    output = f"{tmp_path / 'mine'}\n"
    process = check(tmp_path, cell(source, tag="check", output=output), WORKBOOK_DATA="mine")
    assert process.returncode == 0, process.stdout

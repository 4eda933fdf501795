import json
import os
import pathlib
import subprocess
import sys

import nbformat
import pytest

from helpers.workbook import __main__, lab, repository


def write(path, *sources):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


@pytest.fixture
def clone(tmp_path):
    """A clone with two notebooks."""
    for name in ("00_start.ipynb", "01_next.ipynb"):
        write(tmp_path / "clone" / "notebooks" / name, f"print({name!r})")
    return tmp_path / "clone"


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_each_notebook_is_copied_once_and_for_all(clone, capsys):
    folder = lab.copy(clone)
    originals = contents(clone / "notebooks")
    assert folder == clone / "work"
    assert {n: c for n, c in contents(folder).items() if "/" not in n} == originals
    write(folder / "00_start.ipynb", "my own answer")
    before = contents(folder)
    lab.copy(clone)
    assert contents(folder) == before
    assert contents(clone / "notebooks") == originals
    assert capsys.readouterr().out == ""


def test_a_changed_original_is_named_and_had_after_renaming_ones_own(clone, capsys):
    folder = lab.copy(clone)
    write(folder / "01_next.ipynb", "my own answer")
    write(clone / "notebooks" / "01_next.ipynb", "new")
    before = contents(folder)
    for _ in range(2):  # said each time
        lab.copy(clone)
        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith("work/01_next.ipynb stays as it is, but the original has changed")
        assert contents(folder) == before
    (folder / "01_next.ipynb").rename(folder / "01_mine.ipynb")
    lab.copy(clone)
    assert capsys.readouterr().out == ""
    assert (folder / "01_next.ipynb").read_bytes() == (
        clone / "notebooks" / "01_next.ipynb"
    ).read_bytes()
    assert "my own answer" in (folder / "01_mine.ipynb").read_text("utf-8")


def test_what_somebody_put_there_stays_whatever_it_is(clone, capsys):
    (clone / "work" / "00_start.ipynb").mkdir(parents=True)
    (clone / "work" / "01_next.ipynb").symlink_to("nowhere")
    lab.copy(clone)
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert (clone / "work" / "00_start.ipynb").is_dir()
    assert (clone / "work" / "01_next.ipynb").is_symlink()


def test_an_interrupted_start_is_made_good(clone, capsys, monkeypatch):
    def stop(source, target):
        pathlib.Path(target).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(lab.shutil, "copyfile", stop)
        with pytest.raises(KeyboardInterrupt):
            lab.copy(clone)
    lab.copy(clone)
    assert contents(clone / "work" / lab.ORIGINALS) == contents(clone / "notebooks")
    assert capsys.readouterr().out == ""


def test_a_place_that_cannot_be_written_to_is_refused_in_plain_words(clone, capsys):
    (clone / "work").write_text("in the way")
    with pytest.raises(ValueError, match=r"work.00_start.ipynb: the copy to work in cannot be"):
        lab.copy(clone)


def test_git_ignores_the_copies():
    assert "work/" in (repository.ROOT / ".gitignore").read_text().splitlines()


@pytest.fixture
def opened(monkeypatch, clone):
    """What JupyterLab would have been started with, for a clone of one's own."""
    from jupyterlab import labapp

    calls = []
    monkeypatch.setattr(labapp, "main", calls.append)
    monkeypatch.setenv("PYTHONPATH", "before")
    monkeypatch.setattr(lab.open_copies, "__kwdefaults__", {"root": clone})
    return calls


@pytest.mark.parametrize(("user", "extra"), [(0, ["--allow-root"]), (1000, [])])
def test_lab_opens_the_copies_also_for_root(monkeypatch, opened, clone, user, extra):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    assert __main__.main(["lab", "--", "--no-browser", "--port=9"]) == 0
    assert opened == [[f"--notebook-dir={clone / 'work'}", *extra, "--no-browser", "--port=9"]]
    assert (clone / "work" / "00_start.ipynb").exists()


def test_kernels_find_the_helpers_and_the_folders_that_the_shell_means(
    monkeypatch, opened, clone, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBOOK_DATA", "pictures")
    monkeypatch.setenv("WORKBOOK_CACHE", os.path.join("~", "cache"))
    assert __main__.main(["lab"]) == 0
    assert os.environ["WORKBOOK_DATA"] == str(tmp_path / "pictures")
    assert os.environ["WORKBOOK_CACHE"] == os.path.join(os.path.expanduser("~"), "cache")
    assert os.environ["PYTHONPATH"].split(os.pathsep) == [str(clone), "before"]


def test_without_jupyterlab_lab_says_what_is_missing(monkeypatch, opened, capsys):
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    assert __main__.main(["lab"]) == 2
    assert "JupyterLab is not installed" in capsys.readouterr().err


def test_jupyterlab_takes_what_it_is_given(clone, tmp_path):
    """Start nothing, but have JupyterLab read its options as it will."""
    lab.copy(clone)
    code = f"""
import json, os
from jupyterlab import labapp
labapp.LabApp.launch_instance = None
app = labapp.LabApp.initialize_server(
    ["--notebook-dir={clone / "work"}", "--allow-root", "--no-browser", "--port=0"])
print(json.dumps([app.root_dir, app.allow_root]))
"""
    environment = {**os.environ, "HOME": str(tmp_path), "JUPYTER_NO_CONFIG": "1"}
    process = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert json.loads(process.stdout) == [str(clone / "work"), True], process.stderr

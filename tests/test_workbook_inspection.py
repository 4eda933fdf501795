"""What a run looks at before it starts, and that one odd notebook fails alone: without kernels."""

import asyncio
import html
import json
import os
import re
import urllib.parse

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import results
from helpers.workbook import __main__, authoring, executing, reporting, running, skeleton

BASE = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
CELL = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "outputs": []}
CELL["execution_count"] = None
RESULT = {"name": "n", "value": 1.0, "a later version's": 2}
DISPLAY = {"output_type": "display_data", "metadata": {}, "data": {results.MIME_TYPE: RESULT}}
HALF = "\ud83e"  # of an emoji; JSON can write it, UTF-8 cannot


@pytest.fixture
def executed(monkeypatch):
    """Pretend to execute, outputs kept as they are; a list of the notebooks that were."""
    seen = []

    async def execute_async(notebook, **options):
        seen.append(notebook)
        return executing.Execution(notebook, seconds=1.0, peak_memory_mb=50.0)

    monkeypatch.setattr(executing, "execute_async", execute_async)
    return seen


def write(path, *, cells=(CELL,), **more):
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(json.dumps({**BASE, "cells": list(cells), **more}))
    return path


def run(*paths, output, **options):
    return asyncio.run(running.run(paths, output=output, **options))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("no JSON", "is not a notebook"),
        ("{}", "is not a notebook"),
        ("[1]", "is not a notebook"),
        ("[" * 100_000, "is not a notebook"),
        (json.dumps({**BASE, "nbformat": 99, "cells": []}), "is not a notebook"),
        (json.dumps({**BASE, "cells": 5}), "is not a notebook"),
        (json.dumps({**BASE, "cells": [None]}), "is not a notebook"),
        (json.dumps({**BASE, "cells": [{**CELL, "source": 5}]}), "is not a notebook"),
        (json.dumps({**BASE, "cells": [{**CELL, "metadata": {"tags": 5}}]}), "is not a notebook"),
        (json.dumps({**BASE, "cells": [{**CELL, "source": HALF}]}), "is not a notebook"),
        (json.dumps({**BASE, "cells": [], "metadata": {"workbook": 5}}), "cannot be shown"),
        (json.dumps({**BASE, "cells": [{**CELL, "outputs": [DISPLAY]}]}), "cannot be shown"),
    ],
    ids=[
        *("text", "empty object", "list", "deep", "version 99", "cells", "cell", "source"),
        *("tags", "half a character", "metadata", "a later version's result"),
    ],
)
@pytest.mark.filterwarnings("ignore:Your element with mimetype")
def test_an_odd_notebook_fails_alone(tmp_path, executed, capsys, content, reason):
    odd = tmp_path / "odd.ipynb"
    odd.write_text(content)
    sound = write(tmp_path / "sound.ipynb")
    assert run(odd, sound, output=tmp_path / "out") == 1
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert (page.count("✗ failed"), page.count("✓ passed")) == (1, 1)
    assert reason in page
    assert reason in (tmp_path / "out" / "odd.html").read_text("utf-8")
    assert re.search(rf"odd: the notebook itself: .*{reason}", capsys.readouterr().out)


def test_a_notebook_that_cannot_be_executed_fails_alone(tmp_path, monkeypatch, capsys):
    async def execute_async(notebook, **options):
        raise OSError("no space")

    monkeypatch.setattr(executing, "execute_async", execute_async)
    assert run(write(tmp_path / "n.ipynb"), output=tmp_path / "out") == 1
    assert "failed at the notebook itself: OSError: no space" in capsys.readouterr().out


def test_output_that_no_encoding_can_write_is_written_all_the_same(tmp_path, monkeypatch):
    printed = nbformat.v4.new_output("stream", text=f"{HALF}!\n")
    path = write(tmp_path / "n.ipynb", cells=[])

    async def execute_async(notebook, **options):
        notebook.cells.append(nbformat.v4.new_code_cell("1", outputs=[printed]))
        return executing.Execution(notebook, seconds=1.0, peak_memory_mb=50.0)

    monkeypatch.setattr(executing, "execute_async", execute_async)
    assert run(path, output=tmp_path / "out") == 0
    copy = json.loads((tmp_path / "out" / "n.ipynb").read_text("utf-8"))
    assert copy["cells"][0]["outputs"][0]["text"] == [f"{HALF}!\n"]


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
@pytest.mark.parametrize("tool", ["run", "notebooks", "measure"])
def test_what_is_no_file_is_refused_before_anything_runs(tmp_path, executed, capsys, kind, tool):
    path = tmp_path / "it.ipynb"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("this system has no named pipes")
        os.mkfifo(path)
    assert __main__.main([tool, str(write(tmp_path / "sound.ipynb")), str(path)]) == 2
    assert f"error: {path}: " in capsys.readouterr().err
    assert executed == []


def test_a_notebook_of_hundreds_of_megabytes_is_not_read(tmp_path, executed, capsys):
    path = tmp_path / "big.ipynb"
    with path.open("wb") as file:
        file.truncate(400_000_000)  # takes no space
    assert run(path, output=tmp_path / "out") == 1
    assert f"{path}: takes more than 100 MB" in capsys.readouterr().out


@pytest.mark.parametrize(
    "names",
    [
        ["a/same", "b/same"],
        ["a/same", "b/SAME"],
        ["a/caf\u00e9", "b/cafe\u0301"],
        ["index"],
        ["Index"],
    ],
)
def test_two_outputs_of_one_name_are_refused_before_anything_runs(tmp_path, executed, names):
    paths = [write(tmp_path / f"{name}.ipynb") for name in names]
    with pytest.raises(ValueError, match="would be written 2 times"):
        run(*paths, output=tmp_path / "out")
    assert executed == []
    assert not (tmp_path / "out").exists()


def test_a_file_named_twice_is_run_once(tmp_path, executed, monkeypatch):
    path = write(tmp_path / "n.ipynb")
    monkeypatch.chdir(tmp_path)
    assert run(path, "n.ipynb", tmp_path / "." / "n.ipynb", output="out") == 0
    assert len(executed) == 1


@pytest.mark.parametrize("name", ["mine.ipynb", "mine.html", "index.html"])
def test_a_run_replaces_no_file_but_those_of_a_run(tmp_path, executed, name):
    mine = write(tmp_path / "mine.ipynb")
    page = tmp_path / "other" / name
    page.parent.mkdir()
    page.write_text("<title>My own page</title>")
    with pytest.raises(ValueError, match="choose another output"):
        run(mine, output=page.parent)
    assert page.read_text() == "<title>My own page</title>"
    assert executed == []
    page.unlink()
    assert run(mine, output=page.parent) == 0
    assert run(mine, output=page.parent) == 0  # of an earlier run


def test_the_folder_of_the_notebooks_is_recognized_through_a_link(tmp_path, executed):
    mine = write(tmp_path / "mine.ipynb")
    try:
        (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets a user make no links")
    with pytest.raises(ValueError, match="would be replaced by its copy"):
        run(mine, output=tmp_path / "link")
    assert executed == []


def test_an_output_that_cannot_be_written_is_refused_before_anything_runs(tmp_path, executed):
    path = write(tmp_path / "n.ipynb")
    (tmp_path / "file").touch()
    for output in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ValueError, match=r"file.*: cannot be written to"):
            run(path, output=output)
    (tmp_path / "out" / "n.html").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"n\.html: cannot be written to, it is a folder"):
        run(path, output=tmp_path / "out")
    assert executed == []


@pytest.mark.parametrize("seconds", ["0", "-5", "nan", "inf", "-inf", "1e999"])
@pytest.mark.parametrize("tool", ["run", "notebooks"])
def test_a_time_that_is_none_is_refused_before_anything_runs(tmp_path, executed, seconds, tool):
    path = write(tmp_path / "n.ipynb")
    assert __main__.main([tool, f"--cell-timeout={seconds}", str(path)]) == 2
    assert executed == []


def test_links_lead_to_the_pages_whatever_their_names(tmp_path, executed):
    names = ["C# basics", "50%25 done", "what", "a & b", "späce", "javascript.x"]
    if os.name == "posix":  # Windows has no such names
        names += ["javascript:alert(1)", "what?", '"<b>"']
    paths = [write(tmp_path / f"{name}.ipynb") for name in names]
    assert run(*paths, output=tmp_path / "out") == 0
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    links = [html.unescape(link) for link in re.findall(r'<h2><a href="([^"]*)"', page)]
    assert len(links) == len(names)
    for link in links:
        parts = urllib.parse.urlsplit(link)
        assert not parts.scheme
        assert (tmp_path / "out" / urllib.parse.unquote(parts.path)).is_file()


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1))
def test_a_link_is_a_path_beside_the_index(name):
    report = reporting.Report(name, "quick", None)
    parts = urllib.parse.urlsplit(report.link)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert urllib.parse.unquote(parts.path) == f"{name}.html"


@pytest.mark.parametrize("tool", ["notebooks", "measure"])
@pytest.mark.parametrize("change", ["edited", "deleted"])
def test_what_an_author_saves_meanwhile_stays(tmp_path, monkeypatch, capsys, tool, change):
    path = write(tmp_path / "n.ipynb", metadata={"workbook": {"runs": {"full": {}}}})

    async def execute_async(notebook, **options):
        if change == "edited":
            path.write_text("an hour's work")
        else:
            path.unlink(missing_ok=True)
        cells = [nbformat.v4.new_code_cell("1", execution_count=1)]
        executed = nbformat.v4.new_notebook(cells=cells)
        return executing.Execution(executed, seconds=1.0, peak_memory_mb=50.0)

    monkeypatch.setattr(executing, "execute_async", execute_async)
    assert __main__.main([tool, str(path)]) == 1
    assert "n.ipynb is left as it was: " in capsys.readouterr().out
    left = [file.read_text() for file in tmp_path.iterdir()]
    assert left == (["an hour's work"] if change == "edited" else [])


@pytest.mark.parametrize("workbook", [5, {"runs": 5}, {"runs": {}}])
def test_measuring_refuses_what_was_never_run_in_full(tmp_path, capsys, workbook):
    path = write(tmp_path / "n.ipynb", metadata={"workbook": workbook})
    assert __main__.main(["measure", str(path)]) == 2
    assert "n.ipynb was never run in full" in capsys.readouterr().err


def test_an_author_s_odd_notebook_is_left_alone_and_the_others_are_executed(tmp_path, capsys):
    odd = tmp_path / "odd.ipynb"
    odd.write_text("no JSON")
    executed = []

    async def change(notebook, label, execute):
        executed.append(label)
        return notebook

    sound = write(tmp_path / "sound.ipynb")
    assert asyncio.run(authoring._each([odd, sound], change, cell_timeout=None)) == 1
    assert executed == ["[2/2] sound"]
    assert odd.read_text() == "no JSON"
    assert "odd.ipynb is left as it was" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../escaped", "a/b", "a\\b", "/abs", "a.ipynb", "a\n", "x" * 300, "-a"]
)
def test_a_new_notebook_s_name_is_no_path(tmp_path, name):
    (tmp_path / "notebooks").mkdir()
    with pytest.raises(ValueError, match="expected a name like 09_attention"):
        skeleton.create(name, "T", root=tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["notebooks"]


@pytest.mark.parametrize("title", ["", "  ", "one\ntwo"])
def test_a_new_notebook_s_title_is_one_line(tmp_path, title):
    with pytest.raises(ValueError, match="expected a title in one line"):
        skeleton.create("05_new", title, root=tmp_path)

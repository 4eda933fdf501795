import os
import pathlib
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest

from helpers import results
from helpers.workbook import __main__, rendering, skeleton

SLOW = """
import pathlib, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path("ready").touch()
time.sleep(600)
""".strip()


def command(*arguments):
    return [sys.executable, "-m", "helpers.workbook", "run", *map(str, arguments)]


def run(*arguments):
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=300)


def write_notebook(path, *sources):
    notebook = nbformat.v4.new_notebook()
    for source in sources:
        new = nbformat.v4.new_markdown_cell if source[0] == "#" else nbformat.v4.new_code_cell
        notebook.cells.append(new(source))
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One run over a notebook that passes and one that fails."""
    folder = tmp_path_factory.mktemp("run")
    broken = write_notebook(
        folder / "00_broken.ipynb", "# 00 · Broken", "x = 1", "## Here & now", "1 / 0"
    )
    good = folder / "01_good.ipynb"
    nbformat.write(skeleton.notebook("01 · Good"), good)
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("WORKBOOK_PROFILE", raising=False)
        process = run(broken, good, "--data", "embedded", "--output", folder / "out")
    return process, folder / "out"


def test_a_failing_notebook_does_not_stop_the_others_but_fails_the_run(finished):
    process, output = finished
    assert (process.returncode, process.stderr) == (1, "")
    assert {path.name for path in output.iterdir()} == {
        "00_broken.ipynb",
        "00_broken.html",
        "01_good.ipynb",
        "01_good.html",
        "index.html",
    }


def test_there_is_one_line_for_each_notebook_and_a_table_at_the_end(finished):
    process, _ = finished
    lines = process.stdout.splitlines()
    why = 'cell 2 under "Here & now": ZeroDivisionError: division by zero'
    assert lines[0].startswith(f"[1/2] 00_broken  failed at {why}")
    assert lines[1].startswith("[2/2] 01_good  passed  ")
    assert lines[3].split()[:4] == ["notebook", "status", "time", "memory"]
    assert lines[5].split()[:2] == ["00_broken", "failed"]
    assert "spread of the samples: 0.977" in lines[6]
    assert f"00_broken: {why}" in lines
    assert lines[-1].endswith("index.html")


def test_the_index_tells_what_happened_and_needs_no_network(finished):
    page = (finished[1] / "index.html").read_text("utf-8")
    assert '<a href="01_good.html">01 · Good</a>' in page
    assert "What do we want to know?" in page
    assert "cell 2 under &#34;Here &amp; now&#34;: ZeroDivisionError" in page
    assert page.count("✓ passed") == page.count("✗ failed") == 1
    assert page.count('src="data:image/png;base64,') == 1
    assert "<td>1 (the article)</td>" in page
    assert rendering.remote_parts(page) == []


def test_the_copies_hold_the_outputs_and_the_pages_need_no_network(finished):
    _, output = finished
    assert [result.profile for result in results.read(output / "01_good.ipynb")] == ["quick"]
    for page in output.glob("0*.html"):
        assert rendering.remote_parts(page.read_text("utf-8")) == []
    assert "ZeroDivisionError" in (output / "00_broken.html").read_text("utf-8")


def test_the_environment_chooses_settings_and_folders(tmp_path, monkeypatch):
    stated = {"PROFILE": "full", "DATA_SOURCE": "real", "DATA": "mine", "CACHE": "kept"}
    for name, text in stated.items():
        monkeypatch.setenv(f"WORKBOOK_{name}", text)
    here = pathlib.Path.cwd()
    seen = "full", "real", str(here / "mine"), str(here / "kept")
    asked = ", ".join(f"os.environ['WORKBOOK_{name}']" for name in stated)
    notebook = write_notebook(tmp_path / "00_n.ipynb", f"import os; assert ({asked}) == {seen}")
    process = run(notebook, "--output", tmp_path / "out")
    assert process.returncode == 0, process.stdout


@pytest.mark.parametrize("name", ["WORKBOOK_PROFILE", "WORKBOOK_DATA_SOURCE"])
@pytest.mark.parametrize("tool", ["run", "notebooks"])
def test_an_unknown_setting_in_the_environment_is_refused(monkeypatch, name, tool, capsys):
    monkeypatch.setenv(name, "fast")
    assert __main__.main([tool]) == 2
    assert f"{name} must be one of" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=str)
def test_being_stopped_leaves_no_process_and_no_half_written_file(tmp_path, number):
    path = write_notebook(tmp_path / "slow.ipynb", SLOW)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        command(path, "--output", tmp_path / "out"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    with process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "ready").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        started = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, number)
        output, errors = process.communicate(timeout=30)

    assert len(started) >= 2  # the kernel, and what the notebook had started
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]
    assert process.returncode == 128 + number
    assert "stopped" in output
    assert errors == f"stopped by {number.name}; no kernel is left and no file half-written\n"
    assert not list(tmp_path.glob("out/*")) + list(tmp_path.glob("out/.*"))
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("when", [0.3, 0.9, 1.6], ids=str)
def test_being_stopped_while_starting_leaves_no_process(tmp_path, when):
    path = write_notebook(tmp_path / "slow.ipynb", SLOW)
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"""
import sys, threading, os, signal, psutil
from helpers.workbook import __main__
threading.Timer({when}, os.kill, (os.getpid(), signal.SIGTERM)).start()
status = __main__.main(["run", {str(path)!r}, "--output", {str(tmp_path / "out")!r}])
print("left:", psutil.Process().children(recursive=True))
sys.exit(status)
""",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    output, _ = process.communicate(timeout=60)
    assert process.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)
    if process.returncode > 0:  # the tool was far enough to stop by itself
        assert "left: []" in output


def test_the_run_goes_on_when_nobody_reads_and_in_a_terminal_that_knows_only_ascii(tmp_path):
    paths = [write_notebook(tmp_path / f"{name}.ipynb", "# Tïtle") for name in ("späce", "other")]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    process = subprocess.Popen(
        command(*paths, "--output", tmp_path / "out"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        first = process.stdout.readline()
        process.stdout.close()  # as `head -1` does
        errors = process.stderr.read()
    assert first.startswith(rb"[1/2] sp\xe4ce  passed")
    assert (process.returncode, errors) == (0, b"")
    assert (tmp_path / "out" / "index.html").read_text("utf-8").count("✓ passed") == 2

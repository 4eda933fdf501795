import asyncio
import json
import os
import pathlib
import sys
import time

import nbformat
import psutil
import pytest

from helpers.workbook import executing


def notebook_of(*sources):
    cells = [
        nbformat.v4.new_markdown_cell(source)
        if source.startswith("#")
        else nbformat.v4.new_code_cell(source)
        for source in sources
    ]
    return nbformat.v4.new_notebook(cells=cells)


def text_of(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def kernels():
    return [p for p in psutil.Process().children(recursive=True) if "ipykernel" in str(p.cmdline())]


def test_cells_run_in_order_in_the_python_that_runs_the_tests(tmp_path, monkeypatch):
    # A kernel that the user has registered under the same name must not be taken.
    spec = {"argv": ["/nowhere/python", "{connection_file}"], "display_name": "x", "language": "x"}
    registered = tmp_path / "kernels" / "python3"
    registered.mkdir(parents=True)
    (registered / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "agg")
    seen = []
    notebook = notebook_of(
        "# Title",
        "import os, sys; print(sys.prefix, os.environ.get('MPLBACKEND'), os.getcwd())",
        "print(os.environ['WORKBOOK_PROFILE'])",
    )

    execution = executing.execute(
        notebook,
        folder=tmp_path,
        environment={"WORKBOOK_PROFILE": "full"},
        on_cell=lambda number, total: seen.append((number, total)),
    )

    assert execution.failure is None
    _, first, second = execution.notebook.cells
    assert text_of(first).split() == [
        sys.prefix,
        "module://matplotlib_inline.backend_inline",
        str(tmp_path),
    ]
    assert text_of(second) == "full\n"
    assert (first.execution_count, second.execution_count) == (1, 2)
    assert seen == [(1, 2), (2, 2)]
    assert notebook.cells[1].outputs == []  # the original is left alone
    assert kernels() == []


def test_the_kernel_uses_the_helpers_beside_the_tool(tmp_path):
    notebook = notebook_of("import helpers; print(helpers.__file__)")
    execution = executing.execute(notebook, folder=tmp_path)
    beside = pathlib.Path(executing.__file__).parents[1] / "__init__.py"
    assert text_of(execution.notebook.cells[0]).strip() == str(beside)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
        ("import os; os._exit(3)", "the kernel died, perhaps for want of memory"),
        ("import time; time.sleep(60)", "took longer than 3.5 s"),
        ("x = = 1", "SyntaxError: "),
        ("name = input('Your name? ')", "it waits for the keyboard"),
    ],
    ids=["exception", "dead kernel", "too slow", "syntax", "keyboard"],
)
def test_a_failure_names_the_cell_its_heading_and_the_reason(tmp_path, source, error):
    notebook = notebook_of("# Title", "x = 1", "## The **hard** part", source, "print('later')")
    notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", text="from an earlier run")]

    execution = executing.execute(notebook, folder=tmp_path, cell_timeout=3.5)

    assert str(execution.failure).startswith(f'cell 2 under "The hard part": {error}')
    assert "\n" not in str(execution.failure)
    assert execution.notebook.cells[-1].outputs == []
    assert kernels() == []


def test_memory_of_processes_that_the_kernel_starts_counts(tmp_path):
    child = "x = bytearray(300_000_000); import time; time.sleep(1)"
    source = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    execution = executing.execute(notebook_of(source), folder=tmp_path)
    assert 300 < execution.peak_memory_mb < 700
    assert execution.seconds > 1


def test_a_picture_updated_in_place_is_kept_in_its_final_state(tmp_path):
    source = """
from IPython.display import display
handle = display("epoch 0", display_id=True)
for epoch in range(1, 4):
    handle.update(f"epoch {epoch}")
"""
    execution = executing.execute(notebook_of(source), folder=tmp_path)
    (output,) = execution.notebook.cells[0].outputs
    assert output.data["text/plain"] == "'epoch 3'"


def test_printed_text_is_kept_in_its_final_state(tmp_path):
    source = """
import sys
for epoch in range(3):
    print(f"epoch {epoch}", end="\\r", flush=True)
print("epoch 3 ends")
print("x" * 3_000_000)
print("careful", file=sys.stderr)
"""
    execution = executing.execute(notebook_of(source), folder=tmp_path)
    printed, warned = execution.notebook.cells[0].outputs
    assert printed.text == f"epoch 3 ends\n{'x' * 3_000_000}\n"
    assert (warned.name, warned.text) == ("stderr", "careful\n")


def test_output_that_comes_faster_than_it_is_read_is_complete(tmp_path, monkeypatch):
    def rest_once(client, *arguments):  # while the kernel fills all buffers on the way
        monkeypatch.undo()
        time.sleep(2)
        return client.output(*arguments)

    monkeypatch.setattr(executing._Client, "output", rest_once)
    source = "for number in range(4000): print(f'{number:08}' * 1_000, flush=True)"
    execution = executing.execute(notebook_of(source), folder=tmp_path)
    assert execution.failure is None
    lines = text_of(execution.notebook.cells[0]).splitlines()
    assert [line[:8] for line in lines] == [f"{number:08}" for number in range(4000)]


def test_output_without_end_fails_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(executing, "LARGEST_OUTPUT_MB", 1)
    source = "while True: print('x' * 1_000, flush=True)"
    execution = executing.execute(notebook_of(source), folder=tmp_path)
    assert str(execution.failure) == "cell 1: its output takes more than 1 MB"
    assert kernels() == []


def test_what_is_shown_in_place_of_earlier_output_has_no_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(executing, "LARGEST_OUTPUT_MB", 1)
    source = """
from IPython.display import clear_output
for step in range(20):
    clear_output(wait=True)
    print("x" * 100_000, flush=True)
"""
    assert executing.execute(notebook_of(source), folder=tmp_path).failure is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_daemons_and_the_children_of_a_dead_kernel_end_with_the_run(tmp_path):
    source = """
import os, subprocess, sys, time
def start(**options):
    waiting = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = subprocess.Popen(waiting, start_new_session=True, **options)
    with open("started", "a") as file:
        print(child.pid, file=file)
for environment in (None, {}):
    if os.fork() == 0:
        start(env=environment)
        os._exit(0)
    os.wait()
    start(env=environment)
time.sleep(0.5)
"""
    for end in ("", "os.kill(os.getpid(), 9)"):
        execution = executing.execute(notebook_of(source.strip() + f"\n{end}"), folder=tmp_path)
        assert bool(execution.failure) == bool(end)
    started = [int(line) for line in (tmp_path / "started").read_text().split()]
    assert len(started) == 8
    assert [pid for pid in started if is_running(pid)] == []


def is_running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_libraries_write_past_python_is_no_output(tmp_path):
    execution = executing.execute(
        notebook_of("import os; os.write(2, b'start-up line')\nNone"), folder=tmp_path
    )
    assert execution.notebook.cells[0].outputs == []


def test_being_cancelled_ends_the_kernel_and_what_it_started(tmp_path):
    source = """
import pathlib, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
pathlib.Path("ready").touch()
time.sleep(600)
"""

    # Other tests may have left a helper process of Python's own, as multiprocessing does.
    before = set(psutil.Process().children(recursive=True))

    async def cancel_when_ready():
        work = asyncio.create_task(
            executing.execute_async(notebook_of(source.strip()), folder=tmp_path)
        )
        deadline = time.monotonic() + 60
        while not (tmp_path / "ready").exists() and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        started = set(psutil.Process().children(recursive=True)) - before
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        return started

    started = asyncio.run(cancel_when_ready())
    assert len(started) >= 2
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]

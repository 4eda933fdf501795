"""Execute one notebook in a fresh kernel of this environment, and leave nothing behind."""

import asyncio
import contextlib
import copy
import dataclasses
import os
import pathlib
import sys
import tempfile
import time

import jupyter_client
import nbclient
import nbclient.exceptions
import psutil
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from helpers.workbook import memory, outline, processes, streams

KERNEL = pathlib.Path(__file__).with_name("kernel.py")
OUTPUT_TIMEOUT = 120  # seconds for the rest of a cell's output, once the cell has ended
LARGEST_OUTPUT_MB = 100  # of one cell
OVERHEAD = 500  # bytes that one piece of output takes beyond its content


@dataclasses.dataclass(frozen=True)
class Failure:
    """Where and why a notebook stopped.

    Parameters
    ----------
    cell : int or None
        Number of the code cell, from 1, as Jupyter would show it; 0 if none was reached, None
        if no cell is at fault but the notebook as a whole.
    heading : str
        The heading above that cell.
    error : str
        In one line.
    """

    cell: int
    heading: str
    error: str

    def __str__(self):
        if self.cell is None:
            return f"the notebook itself: {self.error}"
        place = f"cell {self.cell}" if self.cell else "before the first cell"
        under = f' under "{self.heading}"' if self.heading else ""
        return f"{place}{under}: {self.error}"


@dataclasses.dataclass(frozen=True)
class Execution:
    """What came of executing a notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        A copy with fresh outputs, those of a failed run up to the failure.
    seconds : float
        Wall time from starting the kernel to the end of the last cell.
    peak_memory_mb : float
        Of the kernel and every process it started, in megabytes.
    failure : Failure or None
    """

    notebook: object
    seconds: float
    peak_memory_mb: float
    failure: Failure | None = None


def execute(notebook, **options):
    """Execute a notebook and wait for it: `execute_async` for callers without an event loop."""
    return asyncio.run(execute_async(notebook, **options))


async def execute_async(notebook, *, folder, environment=None, cell_timeout=None, on_cell=None):
    """Execute every code cell of a notebook in a kernel of the running Python.

    Whatever ends this function, cancellation included, also ends the kernel and every process
    the kernel has started.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Left as it is.
    folder : path
        Where the kernel runs.
    environment : dict of str, optional
        Environment variables for the kernel, on top of this process's.
    cell_timeout : float, optional
        Seconds that one cell may take, its output included; without it, any time.
    on_cell : callable, optional
        Called as ``on_cell(number, total)`` before each code cell, numbers from 1.

    Returns
    -------
    execution : Execution
    """
    notebook = _without_outputs(notebook)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as private:
        async with _kernel(folder, private, environment or {}) as (manager, watch):
            client = _Client(
                notebook,
                km=manager,
                record_timing=False,
                iopub_timeout=OUTPUT_TIMEOUT,
                raise_on_iopub_timeout=True,
            )
            try:
                failure = await _execute_cells(client, on_cell, cell_timeout)
            finally:
                if client.kc is not None:
                    client.kc.stop_channels()
            seconds = time.monotonic() - started
    streams.settle(notebook)
    return Execution(notebook, seconds, watch.peak_mb, failure)


class _Client(nbclient.NotebookClient):
    """Gives up on a cell whose output would fill the memory."""

    is_flooded = False

    def output(self, outs, msg, display_id, cell_index):
        kept = super().output(outs, msg, display_id, cell_index)
        if len(outs) < 2:  # the first, or the first after the cell cleared its output
            self._megabytes = 0
        self._megabytes += (len(str(msg["content"])) + OVERHEAD) / memory.MEGABYTE
        if self._megabytes > LARGEST_OUTPUT_MB:
            self.is_flooded = True
            self.task_poll_for_reply.cancel()
        return kept


class _ThisEnvironment(KernelSpecManager):
    """Knows one kernel: the running Python's, whatever kernels the user has registered."""

    def get_kernel_spec(self, kernel_name):
        return KernelSpec(
            argv=[sys.executable, str(KERNEL), "-f", "{connection_file}"],
            display_name="Python 3 (ipykernel)",
            language="python",
        )


@contextlib.asynccontextmanager
async def _kernel(folder, private, environment):
    """Start a kernel that shares no files with the user's Jupyter; end all that it started."""
    manager = jupyter_client.AsyncKernelManager(
        kernel_spec_manager=_ThisEnvironment(),
        connection_file=str(pathlib.Path(private) / "kernel.json"),
    )
    seen = set()
    finished = False
    try:
        with open(_log(private), "wb") as log:
            await manager.start_kernel(
                # What libraries write past Python, like TensorFlow's start-up lines, is not output.
                extra_arguments=["--IPKernelApp.capture_fd_output=False"],
                cwd=str(folder),
                env=_environment(private, environment),
                stdout=log,
                stderr=log,
            )
        with memory.Watch(psutil.Process(manager.provisioner.pid)) as watch:
            seen = watch.seen
            yield manager, watch
        finished = True
    finally:
        try:
            # A kernel may have died in any state; what is left of it ends below.
            with contextlib.suppress(Exception):
                await manager.shutdown_kernel(now=not finished)
        finally:
            processes.end(seen, "IPYTHONDIR", _ipython_folder(private))


def _log(private):
    return pathlib.Path(private) / "kernel.log"


def _ipython_folder(private):
    return str(pathlib.Path(private) / "ipython")


def _environment(private, extra):
    inherited = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    root = str(pathlib.Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **inherited,
        **_folders(inherited),
        "IPYTHONDIR": _ipython_folder(private),  # also marks what the kernel starts
        "PYTHONPATH": os.pathsep.join(paths),  # the helpers beside these notebooks
        **extra,
    }


def _folders(environment):
    """Folders that the user names, seen from here: the kernel starts in another folder."""
    stated = {name: environment.get(name) for name in ("WORKBOOK_DATA", "WORKBOOK_CACHE")}
    return {
        name: os.path.abspath(os.path.expanduser(path)) for name, path in stated.items() if path
    }


async def _execute_cells(client, on_cell, cell_timeout):
    """Run all cells; return the Failure that stopped them, or None."""
    notebook = client.nb
    places = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    try:
        await client.async_start_new_kernel_client()
    except RuntimeError as error:
        return Failure(0, "", f"the kernel did not start: {error}")
    for number, index in enumerate(places, start=1):
        if on_cell is not None:
            on_cell(number, len(places))
        error = await _execute_cell(client, index, cell_timeout)
        if error:
            return Failure(number, outline.heading_above(notebook, index), error)
    return None


async def _execute_cell(client, index, timeout):
    """Run one cell; return its error in one line, or None."""
    # In a task of its own, because nbclient takes being cancelled for a dead kernel.
    work = asyncio.create_task(client.async_execute_cell(client.nb.cells[index], index))
    try:
        await asyncio.wait({work}, timeout=timeout)
        if not work.done():
            return f"took longer than {timeout:g} s"
    finally:
        if not work.done():
            work.cancel()
            await asyncio.wait({work})
            if not work.cancelled():
                work.exception()  # looked at, so that asyncio does not complain
    try:
        work.result()
    except nbclient.exceptions.CellExecutionError as error:
        if error.ename == "StdinNotImplementedError":
            return "it waits for the keyboard (input() or the like), which no notebook may"
        return one_line(f"{error.ename}: {error.evalue}")
    except nbclient.exceptions.CellTimeoutError:
        return f"its output did not arrive within {OUTPUT_TIMEOUT} s"
    except nbclient.exceptions.DeadKernelError:
        if client.is_flooded:
            return f"its output takes more than {LARGEST_OUTPUT_MB} MB"
        return "the kernel died, perhaps for want of memory"
    return None


def one_line(text, *, limit=200):
    """Write a text of any length in one line without control characters."""
    start = "".join(c if c.isprintable() else " " for c in text[: 10 * limit])
    start = " ".join(start.split())
    return start if len(start) <= limit else start[: limit - 1] + "…"


def describe(error):
    """Write an exception in one line."""
    if type(error) is ValueError:  # says all by itself
        return one_line(str(error))
    return one_line(f"{type(error).__name__}: {error}")


def _without_outputs(notebook):
    notebook = copy.deepcopy(notebook)
    for cell in outline.code_cells(notebook):
        cell.outputs = []
        cell.execution_count = None
    return notebook

"""Execute one notebook in a fresh kernel of this environment, and leave nothing behind."""

import asyncio
import contextlib
import copy
import dataclasses
import os
import pathlib
import tempfile
import time

import ipykernel.kernelspec
import jupyter_client
import nbclient
import nbclient.exceptions
import psutil
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from helpers.workbook import memory, outline, streams


@dataclasses.dataclass(frozen=True)
class Failure:
    """Where and why a notebook stopped.

    Parameters
    ----------
    cell : int
        Number of the code cell, from 1, as Jupyter would show it; 0 if none was reached.
    heading : str
        The heading above that cell.
    error : str
        In one line.
    """

    cell: int
    heading: str
    error: str

    def __str__(self):
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
        Seconds that one cell may take; without it, any time.
    on_cell : callable, optional
        Called as ``on_cell(number, total)`` before each code cell, numbers from 1.

    Returns
    -------
    execution : Execution
    """
    notebook = _without_outputs(notebook)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as private:
        async with _kernel(folder, private, environment or {}) as manager:
            client = nbclient.NotebookClient(
                notebook,
                km=manager,
                timeout=cell_timeout,
                record_timing=False,
            )
            with memory.Watch(manager.provisioner.pid) as watch:
                try:
                    failure = await _execute_cells(client, on_cell)
                finally:
                    if client.kc is not None:
                        client.kc.stop_channels()
            seconds = time.monotonic() - started
    streams.settle(notebook)
    return Execution(notebook, seconds, watch.peak_mb, failure)


class _ThisEnvironment(KernelSpecManager):
    """Knows one kernel: the running Python's, whatever kernels the user has registered."""

    def get_kernel_spec(self, kernel_name):
        resources = ipykernel.kernelspec.RESOURCES
        return KernelSpec(resource_dir=resources, **ipykernel.kernelspec.get_kernel_dict())


@contextlib.asynccontextmanager
async def _kernel(folder, private, environment):
    """Start a kernel that shares no files with the user's Jupyter; end its whole process tree."""
    manager = jupyter_client.AsyncKernelManager(
        kernel_spec_manager=_ThisEnvironment(),
        connection_file=str(pathlib.Path(private) / "kernel.json"),
    )
    before = set(psutil.Process().children(recursive=True))
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
        yield manager
        finished = True
    finally:
        tree = set(psutil.Process().children(recursive=True)) - before
        try:
            # A kernel may have died in any state; what is left of it ends below.
            with contextlib.suppress(Exception):
                await manager.shutdown_kernel(now=not finished)
        finally:
            _end(tree)


def _log(private):
    return pathlib.Path(private) / "kernel.log"


def _environment(private, extra):
    inherited = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    root = str(pathlib.Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **inherited,
        **_folders(inherited),
        "IPYTHONDIR": str(pathlib.Path(private) / "ipython"),
        "PYTHONPATH": os.pathsep.join(paths),  # the helpers beside these notebooks
        **extra,
    }


def _folders(environment):
    """Folders that the user names, seen from here: the kernel starts in another folder."""
    stated = {name: environment.get(name) for name in ("WORKBOOK_DATA", "WORKBOOK_CACHE")}
    return {
        name: os.path.abspath(os.path.expanduser(path)) for name, path in stated.items() if path
    }


def _end(processes):
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=5)


async def _execute_cells(client, on_cell):
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
        error = await _execute_cell(client, index)
        if error:
            return Failure(number, outline.heading_above(notebook, index), error)
    return None


async def _execute_cell(client, index):
    """Run one cell; return its error in one line, or None."""
    # In a task of its own, because nbclient takes being cancelled for a dead kernel.
    work = asyncio.create_task(client.async_execute_cell(client.nb.cells[index], index))
    try:
        await asyncio.wait({work})
    except asyncio.CancelledError:
        work.cancel()
        await asyncio.wait({work})
        if not work.cancelled():
            work.exception()  # looked at, so that asyncio does not complain
        raise
    try:
        work.result()
    except nbclient.exceptions.CellExecutionError as error:
        return _one_line(f"{error.ename}: {error.evalue}")
    except nbclient.exceptions.CellTimeoutError:
        return f"took longer than {client.timeout:g} s"
    except nbclient.exceptions.DeadKernelError:
        return "the kernel died, perhaps for want of memory"
    return None


def _one_line(text, *, limit=200):
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _without_outputs(notebook):
    notebook = copy.deepcopy(notebook)
    for cell in outline.code_cells(notebook):
        cell.outputs = []
        cell.execution_count = None
    return notebook

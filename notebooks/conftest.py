"""Lets ``pytest --nbval notebooks/`` check the notebooks as they are meant to be checked."""

import os
import queue
import time

import pytest

NBVAL_DEFAULT_TIMEOUT = 2000  # seconds
CELL_TIMEOUT = 600  # seconds; in the quick profile no cell needs a tenth of it


def pytest_configure(config):
    """Ask for short runs on embedded data, in the environment that runs pytest."""
    option = config.option
    if not (getattr(option, "nbval", False) or getattr(option, "nbval_lax", False)):
        return
    os.environ.setdefault("WORKBOOK_PROFILE", "quick")
    os.environ.setdefault("WORKBOOK_DATA_SOURCE", "embedded")
    for name in ("WORKBOOK_DATA", "WORKBOOK_CACHE"):  # a kernel starts in the notebooks' folder
        if os.environ.get(name):
            os.environ[name] = os.path.abspath(os.path.expanduser(os.environ[name]))
    _look_whether_kernels_live()
    option.nbval_current_env = option.nbval_kernel_name is None
    if option.nbval_cell_timeout == NBVAL_DEFAULT_TIMEOUT:
        option.nbval_cell_timeout = CELL_TIMEOUT
    # Warnings inside the kernel are the notebooks' own; those around it are not ours to judge.
    config.addinivalue_line("filterwarnings", "default")


def pytest_collection_modifyitems(items):
    """Leave stderr uncompared: TensorFlow's start-up lines differ from machine to machine."""
    for notebook in {item.parent for item in items if hasattr(item.parent, "skip_compare")}:
        notebook.skip_compare = (*notebook.skip_compare, "stderr")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(call):
    """Say in plain words what is wrong with a cell that calls `input`."""
    report = (yield).get_result()
    traceback = getattr(call.excinfo and call.excinfo.value, "inner_traceback", None)
    if "StdinNotImplementedError" in (traceback or ""):
        why = "The cell waits for the keyboard (input() or the like), which no notebook may."
        report.sections.append(("Reason", why))


def _look_whether_kernels_live():
    """Let nbval fail as soon as a kernel is dead, not only when the time for the cell is over."""
    from nbval.kernel import RunningKernel

    get_message = RunningKernel.get_message

    def get_message_of_the_living(self, stream, timeout=None):
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = 1 if deadline is None else max(0, min(1, deadline - time.monotonic()))
            try:
                return get_message(self, stream, timeout=left)
            except queue.Empty:
                if not self.is_alive():
                    raise RuntimeError("the kernel died, perhaps for want of memory") from None
                if deadline is not None and time.monotonic() >= deadline:
                    raise

    RunningKernel.get_message = get_message_of_the_living

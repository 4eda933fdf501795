"""Lets ``pytest --nbval notebooks/`` check the notebooks as they are meant to be checked."""

import os

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
    option.nbval_current_env = option.nbval_kernel_name is None
    if option.nbval_cell_timeout == NBVAL_DEFAULT_TIMEOUT:
        option.nbval_cell_timeout = CELL_TIMEOUT
    # Warnings inside the kernel are the notebooks' own; those around it are not ours to judge.
    config.addinivalue_line("filterwarnings", "default")


def pytest_collection_modifyitems(items):
    """Leave stderr uncompared: TensorFlow's start-up lines differ from machine to machine."""
    for notebook in {item.parent for item in items if hasattr(item.parent, "skip_compare")}:
        notebook.skip_compare = (*notebook.skip_compare, "stderr")

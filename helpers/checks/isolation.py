"""Keep what a learner's function does from the notebook around it."""

import builtins
import contextlib
import io
import sys
import warnings

import numpy as np

_KEPT_CHARACTERS = 600  # of what a function prints


class Kept:
    """What a function said by the way.

    Parameters
    ----------
    printed : str
        The first 600 characters.
    warning : Warning or None
        The first one.
    """

    printed, warning = "", None


@contextlib.contextmanager
def isolated():
    """Catch what the block prints, displays and warns of; let it ask nothing and end nothing.

    What it sets in NumPy ends with it. Errors go through.

    Yields
    ------
    kept : Kept
    """
    kept = Kept()
    stream = _Beginning(kept)
    with (
        contextlib.redirect_stdout(stream),
        contextlib.redirect_stderr(stream),
        warnings.catch_warnings(),
        np.errstate(),
        np.printoptions(),
        _replaced(sys, "stdin", io.StringIO()),
        _replaced(builtins, "input", _refuse_input),
        _no_notebook(),
    ):
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_, **__: _keep(kept, message)
        yield kept


def _keep(kept, warning):
    kept.warning = kept.warning or warning


class _Beginning(io.TextIOBase):
    """Keeps the beginning of what is printed, since it may be endless."""

    def __init__(self, kept):
        self._kept = kept

    def writable(self):
        return True

    def write(self, text):
        self._kept.printed += text[: _KEPT_CHARACTERS - len(self._kept.printed)]
        return len(text)


def _refuse_input(*prompt):
    raise EOFError("input() gets no answer here: use the arguments")


def _refuse_exit():
    raise SystemExit("exit")


@contextlib.contextmanager
def _no_notebook():
    """Show nothing of the block in the notebook's cell, and let its ``exit()`` stop no kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if not hasattr(shell, "ask_exit"):
        yield
        return
    from IPython.utils import capture

    with (
        capture.capture_output(stdout=False, stderr=False, display=True),
        _replaced(shell, "ask_exit", _refuse_exit),
    ):
        yield


@contextlib.contextmanager
def _replaced(owner, name, value):
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)

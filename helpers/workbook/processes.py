"""The processes that a kernel has started: found whoever their parent is by now, and ended."""

import contextlib
import time

import psutil

PATIENCE = 5  # seconds


def tree(process):
    """List a process and all that descends from it; empty if it has ended."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def marked(variable, value):
    """List the running processes in whose environment `variable` has this value.

    A child inherits the environment, so this finds daemons, members of other sessions and
    children of a process that died.
    """
    found = []
    for process in psutil.process_iter():
        # It may end meanwhile, or be somebody else's. One that ended has no environment.
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(variable) == value:
                found.append(process)
    return found


def end(known, variable, value):
    """Kill the known and the marked processes with all that descends from them.

    Parameters
    ----------
    known : iterable of psutil.Process
    variable, value : str
        The mark, see `marked`.
    """
    deadline = time.monotonic() + PATIENCE
    found = {*known, *marked(variable, value)}
    while found and time.monotonic() < deadline:
        found.update(*map(tree, found))
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(found, timeout=1)
        found = set(marked(variable, value))  # those that were being started meanwhile

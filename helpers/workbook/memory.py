"""How much memory a process and everything it starts take."""

import threading

import psutil

from helpers.workbook import processes

MEGABYTE = 1e6


class Watch:
    """Sample the resident memory of a process tree from a thread, and keep the peak.

    Use it as a context manager. A peak shorter than `interval` may go unseen.

    Parameters
    ----------
    root : psutil.Process
        The process at the root of the tree.
    interval : float
        Seconds between two samples.

    Attributes
    ----------
    peak_mb : float
        The largest sum seen so far, in megabytes (1e6 bytes). Pages that two processes share
        count twice.
    seen : set of psutil.Process
        All that the tree ever held.
    """

    def __init__(self, root, *, interval=0.1):
        self.peak_mb = 0.0
        self.seen = set()
        self._root = root
        self._interval = interval
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="memory watch", daemon=True)

    def __enter__(self):
        """Start sampling."""
        self._thread.start()
        return self

    def __exit__(self, *exception):
        """Take a last sample and stop."""
        self._done.set()
        self._thread.join()

    def _sample(self):
        while True:
            last = self._done.wait(self._interval)
            tree = processes.tree(self._root)
            self.seen.update(tree)
            self.peak_mb = max(self.peak_mb, sum(map(resident_memory, tree)) / MEGABYTE)
            if last:
                return


def resident_memory(process):
    """Return the resident memory of a process in bytes; 0 if it ended."""
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0

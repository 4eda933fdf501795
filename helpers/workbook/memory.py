"""How much memory a process and everything it starts take."""

import threading

import psutil

MEGABYTE = 1e6


class Watch:
    """Sample the resident memory of a process tree from a thread, and keep the peak.

    Use it as a context manager. A peak shorter than `interval` may go unseen.

    Parameters
    ----------
    pid : int
        The process at the root of the tree.
    interval : float
        Seconds between two samples.

    Attributes
    ----------
    peak_mb : float
        The largest sum seen so far, in megabytes (1e6 bytes). Pages that two processes share
        count twice.
    """

    def __init__(self, pid, *, interval=0.1):
        self.peak_mb = 0.0
        self._pid = pid
        self._interval = interval
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="memory watch", daemon=True)

    def __enter__(self):
        """Start sampling."""
        self._thread.start()
        return self

    def __exit__(self, *exception):
        """Stop sampling."""
        self._done.set()
        self._thread.join()

    def _sample(self):
        while True:
            self.peak_mb = max(self.peak_mb, tree_memory(self._pid) / MEGABYTE)
            if self._done.wait(self._interval):
                return


def tree_memory(pid):
    """Add up the resident memory of a process and all its descendants, in bytes; 0 if it ended."""
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    total = 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.Error:  # it ended in between
            continue
    return total

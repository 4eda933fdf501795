"""Run one side of a comparison in a process of its own; read its report and its peak memory."""

import contextlib
import json
import subprocess
import sys
import time

import psutil


def run_module(module, *arguments):
    """Run ``python -m module`` and return what it reported.

    The last line that the module prints is a JSON object; it is returned with two more entries,
    ``peak_memory`` in bytes and ``wall_seconds``.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    started = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watcher = _PeakMemory(process.pid)
        output, errors = watcher.until_done(process)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{errors[-2000:]}")
    report = json.loads(output.strip().splitlines()[-1])
    return report | {"peak_memory": watcher.peak, "wall_seconds": time.monotonic() - started}


class _PeakMemory:
    """Asks every tenth of a second how much memory a process holds, and keeps the largest."""

    def __init__(self, pid):
        self.process, self.peak = psutil.Process(pid), 0

    def until_done(self, process):
        while True:
            try:
                return process.communicate(timeout=0.1)
            except subprocess.TimeoutExpired:
                self._look()

    def _look(self):
        with contextlib.suppress(psutil.Error):  # it may have just ended
            self.peak = max(self.peak, self.process.memory_info().rss)

"""One line per notebook: live on a terminal, only the final one elsewhere."""

import contextlib
import os
import shutil
import sys
import time

CLEAR_LINE = "\r\x1b[K"


def say(text, *, end="\n", stream=None):
    """Write a text for whoever reads it; that nobody can is no reason to stop the work.

    Parameters
    ----------
    text : str
        Signs that the stream's encoding lacks are escaped.
    end : str
        Written after it.
    stream : text stream, optional
        Standard output if not given.
    """
    stream = stream or sys.stdout
    if stream is None:  # closed before Python started
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    text = f"{text}{end}".encode(encoding, "backslashreplace").decode(encoding)
    try:
        stream.write(text)
        stream.flush()
    except ValueError:  # it was closed
        pass
    except OSError:  # its other end was closed, or the disk is full
        _discard(stream)


def _discard(stream):
    """Lead a stream to nowhere, so that Python can end without an error about its rest."""
    with contextlib.suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


class Line:
    """Tell how one piece of work is going.

    Parameters
    ----------
    label : str
        What is going on, for example ``"[2/3] 02_filter_visualization"``.
    stream : text stream, optional
        Standard output if not given.
    """

    def __init__(self, label, *, stream=None):
        self._label = label
        self._stream = stream
        self._live = _is_terminal(stream or sys.stdout)
        self._started = time.monotonic()
        self._state = "starting"
        self.tick()

    def cell(self, number, total):
        """Show that code cell `number` of `total` has begun."""
        self._state = f"cell {number} of {total}"
        self.tick()

    def tick(self):
        """Bring the time on a live line up to date."""
        if self._live:
            seconds = time.monotonic() - self._started
            text = f"{self._label}  {self._state}, {seconds:.0f} s"
            width = shutil.get_terminal_size().columns - 1
            say(CLEAR_LINE + text[:width], end="", stream=self._stream)

    def finish(self, text):
        """Replace the line by its last version."""
        clear = CLEAR_LINE if self._live else ""
        say(f"{clear}{self._label}  {text}", stream=self._stream)


def _is_terminal(stream):
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # closed
        return False


def table(header, rows):
    """Lay out rows of text in columns, for a terminal.

    >>> print(table(("name", "time"), [("one", "5 s"), ("three", "10 s")]))
    name   time
    -----  ----
    one    5 s
    three  10 s
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )

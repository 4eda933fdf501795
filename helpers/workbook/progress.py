"""One line per notebook: live on a terminal, only the final one elsewhere."""

import shutil
import sys
import time

CLEAR_LINE = "\r\x1b[K"


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
        self._stream = stream or sys.stdout
        self._live = self._stream.isatty()
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
            self._stream.write(CLEAR_LINE + text[:width])
            self._stream.flush()

    def finish(self, text):
        """Replace the line by its last version."""
        clear = CLEAR_LINE if self._live else ""
        self._stream.write(f"{clear}{self._label}  {text}\n")
        self._stream.flush()


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

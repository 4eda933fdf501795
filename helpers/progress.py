"""Training that can be watched: one figure and one line that grow in place."""

import sys
import time

import keras
from matplotlib import pyplot as plt

from helpers import plots, validation


class LiveCurves(keras.callbacks.Callback):
    """Show loss and accuracy while ``model.fit`` runs, and leave only the final state behind.

    In a notebook one figure and one line are replaced after each epoch; while an epoch runs, the
    line shows its share done and the time that is left. Elsewhere a line is printed per epoch.

    Parameters
    ----------
    title : str
        What is being trained, for the figure's title.
    every_seconds : float
        Shortest time between two changes of the line, from 0 on.
    quantities : sequence of str
        What the figure shows.

    Attributes
    ----------
    seconds : float
        How long training took, once it has ended.

    Raises
    ------
    ValueError
        If `every_seconds` is not a finite number from 0 on.
    """

    def __init__(self, title, *, every_seconds=1.0, quantities=("loss", "accuracy")):
        super().__init__()
        self.title = title
        self.every_seconds = validation.real(every_seconds, "every_seconds", minimum=0)
        self.quantities = quantities
        self.history = {}
        self.seconds = 0.0

    def on_train_begin(self, logs=None):
        """Start the clock and reserve the two places."""
        self.history, self._start, self._last_change = {}, time.monotonic(), 0.0
        self._line = self._figure = None
        if _in_notebook():
            self._line = _display(_Line(f"{self.title}: starting"))
            self._figure = _display(_Line(""))

    def on_train_batch_end(self, batch, logs=None):
        """Move the line on, at most once in `every_seconds`."""
        now = time.monotonic()
        if self._line is not None and now - self._last_change >= self.every_seconds:
            self._last_change = now
            share = (batch + 1) / self.params["steps"] if self.params.get("steps") else 0.0
            self._line.update(_Line(self._progress(self._epochs_done() + share, logs or {})))

    def on_epoch_end(self, epoch, logs=None):
        """Add this epoch to the curves."""
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(float(value))
        line = self._progress(self._epochs_done(), logs or {})
        if self._line is None:
            print(line)
        else:
            self._line.update(_Line(line))
            self._show_curves()

    def on_train_end(self, logs=None):
        """Leave the final line."""
        self.seconds = time.monotonic() - self._start
        if self._line is not None:
            epochs = self._epochs_done()
            self._line.update(_Line(f"{self.title}: {epochs} epochs in {self.seconds:.0f} s"))

    def _epochs_done(self):
        return len(next(iter(self.history.values()), []))

    def _progress(self, epochs_done, logs):
        epochs = self.params["epochs"]
        elapsed = time.monotonic() - self._start
        left = elapsed / epochs_done * (epochs - epochs_done) if epochs_done else float("nan")
        numbers = "  ".join(f"{name} {float(value):.3f}" for name, value in logs.items())
        return f"{self.title}: epoch {epochs_done:.1f} of {epochs}, {left:.0f} s left  {numbers}"

    def _show_curves(self):
        figure = plots.draw_learning_curves(
            {self.title: self.history},
            epochs=self.params["epochs"],
            quantities=self.quantities,
        )
        self._figure.update(figure)
        plt.close(figure)


class _Line:
    """A line of text that a display can show and replace."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


def _in_notebook():
    ipython = sys.modules.get("IPython")  # loaded already in every notebook, and not elsewhere
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def _display(content):
    """Show something in a place of its own, which `update` replaces."""
    from IPython import display

    return display.display(content, display_id=True)

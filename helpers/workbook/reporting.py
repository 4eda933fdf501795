"""What is known about one executed notebook, for the table on the terminal and the index page."""

import dataclasses
import os
import urllib.parse

from helpers import results
from helpers.workbook import outline, wording
from helpers.workbook.executing import Execution


@dataclasses.dataclass(frozen=True)
class Report:
    """One notebook of a run.

    Parameters
    ----------
    name : str
        File name without its ending.
    profile : str
        What was asked for.
    execution : Execution
    """

    name: str
    profile: str
    execution: Execution

    @property
    def notebook(self):
        """The executed copy."""
        return self.execution.notebook

    @property
    def failure(self):
        """Where and why it failed, or None."""
        return self.execution.failure

    @property
    def title(self):
        """The notebook's first heading."""
        return outline.title(self.notebook, default=self.name)

    @property
    def page(self):
        """File name of the rendered notebook."""
        return f"{self.name}.html"

    @property
    def link(self):
        """Address of the rendered notebook, seen from the index beside it."""
        return urllib.parse.quote(os.fsencode(self.page))

    @property
    def results(self):
        """The recorded key results."""
        return results.read(self.notebook)

    @property
    def data(self):
        """The data that the results came from."""
        return data_used(self.results)

    @property
    def time(self):
        """Wall time in words."""
        return wording.duration(self.execution.seconds)

    @property
    def memory(self):
        """Peak memory in words."""
        return wording.memory(self.execution.peak_memory_mb)


def data_used(recorded):
    """Name the data behind some results, in the words of `results`, or ``"none"``."""
    names = dict.fromkeys(result.data for result in recorded if result.data != results.NO_DATA)
    return ", ".join(names) or "none"

"""``python -m helpers.workbook new``: a notebook to start from, which keeps all conventions."""

import os
import pathlib
import re

import nbformat

from helpers import storage, validation
from helpers.workbook import authoring, colab, repository

OPENING = """\
# {title}
One or two sentences that say what this notebook is about.

**Question** What do we want to know?

**You will** do this, look at that, and measure one thing.

**After** notebook 00 · **Time** 5 s, no GPU · **Data** none"""

IMPORTS = """\
import matplotlib.pyplot as plt
import numpy as np

from helpers import results, settings"""

SETTINGS = """\
run = settings.read()  # or settings.read(profile="full", data="real")
NUM_SAMPLES = run.pick(quick=1_000, full=100_000)  # more samples, less noise

rng = np.random.default_rng(seed=0)
print(f"profile: {run.profile}, data: none needed, samples: {NUM_SAMPLES:,}")"""

STEP = """\
## What do we see?
Say why, and what to expect, before the output."""

FIGURE = """\
samples = rng.normal(size=NUM_SAMPLES)

plt.hist(samples, bins=40)
plt.title("What the samples look like")
plt.xlabel("value (no unit)")
plt.ylabel("number of samples")
plt.show()"""

CHECK = """\
assert abs(samples.mean()) < 0.2
print("the samples are centred at zero")"""

RESULT = """\
results.record("spread of the samples", samples.std(), run=run, reference=1, within=0.1)"""

CLOSING = """\
## What to keep
- Three lines.

## Try it
1. Change `NUM_SAMPLES`. What happens to the spread?"""


def notebook(title, *, address=None):
    """Make a notebook that runs in seconds and keeps all conventions once it is executed.

    Parameters
    ----------
    title : str
    address : str, optional
        Of the repository; pyproject.toml's if not given.

    Returns
    -------
    notebook : nbformat.NotebookNode
    """
    address = address or repository.address()
    cells = [
        _text(OPENING.format(title=title)),
        _code(colab.cell(address)),
        _code(IMPORTS),
        _code(SETTINGS),
        _text(STEP),
        _code(FIGURE),
        _code(CHECK, tag="nbval-check-output"),
        _code(RESULT),
        _text(CLOSING),
    ]
    for number, cell in enumerate(cells, start=1):
        cell["id"] = f"cell-{number:02}"
    return authoring.cleaned(nbformat.v4.new_notebook(cells=cells))


def create(name, title, *, root=repository.ROOT):
    """Write a new notebook into the clone.

    Parameters
    ----------
    name : str
        File name without its ending, for example ``"09_attention"``: letters, digits, ``_``
        and ``-``.
    title : str
        In one line.

    Returns
    -------
    path : pathlib.Path

    Raises
    ------
    ValueError
        If the name or the title is none, or there is such a notebook already.
    """
    if not re.fullmatch(r"\w[\w-]{0,99}", name):
        raise ValueError(
            "expected a name like 09_attention: up to 100 letters, digits, _ and -, "
            f"got {validation.shown(name)}"
        )
    if not title.strip() or len(title.splitlines()) > 1:
        raise ValueError(f"expected a title in one line, got {validation.shown(title)}")
    path = pathlib.Path(root, "notebooks", f"{name}.ipynb")
    if os.path.lexists(path):
        raise ValueError(f"{path} exists already; choose another name")
    with storage.replacing(path) as draft:
        draft.write_text(nbformat.writes(notebook(title)) + "\n", "utf-8")
    return path


def _text(source):
    return nbformat.v4.new_markdown_cell(source)


def _code(source, *, tag="nbval-ignore-output"):
    return nbformat.v4.new_code_cell(source, metadata={"tags": [tag]})

"""The first code cell of every notebook, made for Google Colab, and links that open one there."""

import urllib.parse

from helpers.workbook import outline

BADGE = "https://colab.research.google.com/assets/colab-badge.svg"

CELL = """\
# In Google Colab, this cell fetches the workbook's helpers and data. Everywhere, it loads Keras
# without TensorFlow's start-up log, which would fill the first output.
try:
    import google.colab as colab
except ImportError:
    colab = None

if colab:
    import os
    import shutil
    import subprocess
    import sys

    address = os.environ.get("WORKBOOK_REPOSITORY", "{address}")
    folder = os.path.abspath("cnn-workbook")
    if not os.path.isdir(folder):
        part = folder + ".part"
        shutil.rmtree(part, ignore_errors=True)  # left by an interrupted visit
        subprocess.run(["git", "clone", "--quiet", "--depth=1", address, part], check=True)
        os.rename(part, folder)
    if folder not in sys.path:
        sys.path.insert(0, folder)

from helpers import tensorflow_log

tensorflow_log.keep_quiet()"""


def cell(address):
    """Return the source of the first code cell, which is the same in every notebook."""
    return CELL.format(address=address)


def find(notebook):
    """Return the notebook's Colab cell, whatever address it has, or None."""
    for candidate in outline.code_cells(notebook):
        if "import google.colab" in candidate.source:
            return candidate
    return None


def link(address, notebook_name):
    """Return where Colab opens a notebook of a repository on GitHub."""
    repository = address.removeprefix("https://github.com/")
    place = f"blob/main/notebooks/{urllib.parse.quote(notebook_name)}.ipynb"
    return f"https://colab.research.google.com/github/{repository}/{place}"

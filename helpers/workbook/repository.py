"""Where the clone's files are, and under which address it is published."""

import pathlib
import re
import sys

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def notebooks(root=ROOT):
    """List the workbook's notebooks in the order of their numbers.

    Raises
    ------
    ValueError
        If there are none, for example because `helpers` was installed without a clone.
    """
    found = sorted(pathlib.Path(root, "notebooks").glob("*.ipynb"))
    if not found:
        raise ValueError(f"expected notebooks in {pathlib.Path(root, 'notebooks')}, found none")
    return found


def pyproject(root=ROOT):
    """Read pyproject.toml."""
    return tomllib.loads(pathlib.Path(root, "pyproject.toml").read_text("utf-8"))


def address(root=ROOT):
    """Return the published address, ``https://github.com/OWNER/NAME``, from pyproject.toml.

    Raises
    ------
    ValueError
        If it is missing or not on GitHub, where Colab and the badges look for it.
    """
    stated = pyproject(root).get("project", {}).get("urls", {}).get("Repository", "")
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", stated):
        raise ValueError(
            "pyproject.toml: expected [project.urls] Repository to be "
            f"https://github.com/OWNER/NAME, got {stated!r}"
        )
    return stated


def between(text, marker, replacement=None):
    """Find, or replace, what stands between ``<!-- marker:start -->`` and ``<!-- marker:end -->``.

    Parameters
    ----------
    text : str
    marker : str
    replacement : str, optional
        Without it the inner text is returned, with it the whole text with new inner text.

    Raises
    ------
    ValueError
        If the two marks are not there exactly once, in this order.
    """
    start, end = f"<!-- {marker}:start -->", f"<!-- {marker}:end -->"
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise ValueError(f"expected one {start} and, below it, one {end}")
    before, rest = text.split(start)
    inner, after = rest.split(end)
    if replacement is None:
        return inner.strip("\n")
    return f"{before}{start}\n{replacement.strip()}\n{end}{after}"

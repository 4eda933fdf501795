"""``python -m helpers.workbook address``: one published address, wherever the clone states it.

It stands in three kinds of places that this module writes: README's badges, the Colab cell of
each notebook, and ``git clone`` commands. Whatever other address those places hold is the old
one, and is replaced in all other texts of the clone too.
"""

import pathlib
import re

import nbformat

from helpers import storage
from helpers.workbook import colab, progress, repository, running

BADGES = "badges"
README = pathlib.Path("README.md")
TEXTS = {".md", ".py", ".toml", ".txt", ".yml", ".yaml", ".cfg", ".cff", ".ipynb"}
_HOST = r"https://github\.com/[\w.-]+/[\w.-]+?(?=\.git\b|[^\w.-]|\.?$|\.\s)"
_CLONE = re.compile(rf"(git clone (?:-\S+ )*){_HOST}", re.MULTILINE)


def update(root=repository.ROOT, *, check=False):
    """Write the address of pyproject.toml into every place that states the workbook's address.

    Parameters
    ----------
    root : path
        Of the clone.
    check : bool
        Only look, and write nothing.

    Returns
    -------
    exit_status : int
        With `check`, 1 if any place has another address.
    """
    address = repository.address(root)
    texts = {path: (root / path).read_text("utf-8") for path in _text_files(root)}
    old = set().union(*(stated(path, text) for path, text in texts.items())) - {address}
    changed = []
    for path, text in texts.items():
        wanted = rewritten(path, text, address=address, old=old)
        if wanted == text:
            continue
        changed.append(path)
        if not check:
            with storage.replacing(root / path) as draft:
                draft.write_text(wanted, "utf-8")
    what = "has another address" if check else "now has this address"
    progress.say(address)
    for path in changed:
        progress.say(f"  {path} {what}")
    if check and changed:
        progress.say("run: make address")
    return int(check and bool(changed))


def badges(address):
    """Write README's badges."""
    ci = f"{address}/actions/workflows/ci.yml"
    start = colab.link(address, "00_start_here")
    return "\n".join(
        (
            f"[![CI]({ci}/badge.svg)]({ci})",
            f"[![Open in Colab]({colab.BADGE})]({start})",
            f"[![Licence: MIT](https://img.shields.io/badge/licence-MIT-blue)]({address}/blob/main/LICENSE)",
        )
    )


def stated(path, text):
    """Return the addresses that a file states in one of the three kinds of places."""
    places = [match[0] for match in _CLONE.finditer(text)]
    if path == README:
        places.append(repository.between(text, BADGES))
    if path.suffix == ".ipynb" and (cell := _colab_cell(text)):
        places.append(cell.source)
    return {address for place in places for address in re.findall(_HOST, place, re.MULTILINE)}


def rewritten(path, text, *, address, old):
    """Return the text of a file with the new address in place of the old ones."""
    for each in old:
        name, new_name = (url.removeprefix("https://github.com/") for url in (each, address))
        text = re.sub(
            rf"(github\.com/|githubusercontent\.com/|github/){re.escape(name)}(?![\w-])",
            lambda match, new_name=new_name: match[1] + new_name,
            text,
        )
    text = _CLONE.sub(lambda match: match[1] + address, text)
    if path == README:
        text = repository.between(text, BADGES, badges(address))
    cell = _colab_cell(text) if path.suffix == ".ipynb" else None
    if cell is not None and cell.source != colab.cell(address):
        text = _with_colab_cell(text, address)
    return text


def _colab_cell(text):
    try:
        return colab.find(running.parse(text.encode("utf-8"), name="notebook"))
    except ValueError:  # it is none
        return None


def _with_colab_cell(text, address):
    notebook = nbformat.reads(text, as_version=4)
    colab.find(notebook).source = colab.cell(address)
    return nbformat.writes(notebook) + "\n"


def _text_files(root):
    """List a clone's text files, relative to it, less pyproject.toml and what is not its own."""
    skipped = {"build", "dist", "node_modules"}
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith(".") and part not in (".github", ".ci") for part in parts)
        if hidden or skipped & set(parts) or parts[0].endswith(".egg-info"):
            continue
        if path.is_file() and path.suffix in TEXTS and path.name != "pyproject.toml":
            yield path.relative_to(root)

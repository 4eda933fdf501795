"""``python -m helpers.workbook readme``: the table of notebooks in README.md."""

import html
import urllib.parse

from helpers import results, storage
from helpers.workbook import colab, outline, progress, repository, running, wording

MARKER = "notebooks"
HEADER = (
    "| Notebook | Question | Data | Quick | Full | Key result, beside the source's | Open |\n"
    "|---|---|---|---|---|---|---|"
)


def update(root=repository.ROOT, *, check=False):
    """Bring the table in README.md up to date with what the notebooks recorded.

    Parameters
    ----------
    root : path
        Of the clone.
    check : bool
        Only look, and write nothing.

    Returns
    -------
    exit_status : int
        With `check`, 1 if the table is stale.
    """
    path = root / "README.md"
    current = path.read_text("utf-8")
    wanted = repository.between(current, MARKER, table(root))
    if wanted == current:
        progress.say("README.md: the table of notebooks is up to date")
        return 0
    if check:
        progress.say("README.md: the table of notebooks is stale; run: make readme")
        return 1
    with storage.replacing(path) as draft:
        draft.write_text(wanted, "utf-8")
    progress.say("README.md: the table of notebooks is new")
    return 0


def table(root=repository.ROOT):
    """Write the table, one row per notebook, and a line on what its times were measured on."""
    address = repository.address(root)
    notebooks = {path.stem: running.read(path) for path in repository.notebooks(root)}
    rows = [_row(name, notebook, address) for name, notebook in notebooks.items()]
    machines = sorted(
        {
            "GPU" if run["hardware"] == "GPU" else f"{run['cpu_cores']} CPU cores"
            for notebook in notebooks.values()
            for run in _runs(notebook).values()
        }
    )
    measured = f"Time and peak memory were measured on {' and '.join(machines) or 'nothing yet'};"
    note = "*quick* on the data that the workbook draws itself, *full* on the data named here."
    speed = "Computers differ: the same run may take two or three times as long on another."
    return "\n".join([HEADER, *rows, "", f"{measured} {note} {speed}"])


def _row(name, notebook, address):
    runs = _runs(notebook)
    cells = (
        f"[{outline.title(notebook)}](notebooks/{urllib.parse.quote(name)}.ipynb)",
        outline.question(notebook),
        runs.get("full", runs.get("quick", {})).get("data", "—").partition(" from ")[0],
        _cost(runs.get("quick")),
        _cost(runs.get("full")),
        "<br>".join(map(_in_words, key_results(notebook))),
        f"[![Open in Colab]({colab.BADGE})]({colab.link(address, name)})",
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def key_results(notebook):
    """Choose what stands for a notebook: the results with a reference, or else one result.

    That one is the first test accuracy, or where there is none, the first of all.
    """
    recorded = results.read(notebook)
    accuracies = [result for result in recorded if result.name.startswith("test accuracy")]
    compared = [result for result in recorded if result.reference is not None]
    return compared or accuracies[:1] or recorded[:1]


def _in_words(result):
    beside = (
        f" ({result.reference_source}: {result.reference:,.10g})"
        if result.reference is not None
        else ""
    )
    return f"{html.escape(result.name)}: **{result.value_text}**{beside}"


def _runs(notebook):
    return notebook.metadata.get("workbook", {}).get("runs", {})


def _cost(run):
    if run is None:
        return "—"
    return f"{wording.duration(run['seconds'])}, {wording.memory(run['peak_memory_mb'])}"

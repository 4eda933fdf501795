"""``python -m helpers.workbook notebooks``: execute the notebooks in place, for authors."""

import copy
import pathlib

import nbformat

from helpers import results, storage
from helpers.workbook import conventions, repository, running, versions
from helpers.workbook.reporting import data_used

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"}


async def update(paths, *, profile="full", data="auto", cell_timeout=None):
    """Execute notebooks and keep their outputs, each only if everything about it went well.

    Every notebook runs twice, each time in a fresh kernel: quick on embedded data, for what
    that costs, and then as asked, for the outputs that readers see.

    Parameters
    ----------
    paths : list of path
        All of the workbook's notebooks if empty.
    profile, data : str
        Settings of the run whose outputs are kept.
    cell_timeout : float, optional
        Seconds that one cell may take.

    Returns
    -------
    exit_status : int
        1 if any notebook was left as it was, else 0.
    """
    paths = [pathlib.Path(path) for path in paths] or repository.notebooks()
    notebooks = [running.read(path) for path in paths]
    refused = 0
    for number, (path, notebook) in enumerate(zip(paths, notebooks, strict=True), start=1):
        label = f"[{number}/{len(paths)}] {path.stem}"
        options = {"folder": path.parent, "cell_timeout": cell_timeout}
        quick = kept = await running.execute_with_progress(
            notebook, label=f"{label}, quick", profile="quick", data="embedded", **options
        )
        if not quick.failure and (profile, data) != ("quick", "embedded"):
            kept = await running.execute_with_progress(
                notebook, label=f"{label}, {profile}", profile=profile, data=data, **options
            )
        runs = {profile: describe_run(kept, profile), "quick": describe_run(quick, "quick")}
        refused += not _write(path, kept, runs)
    return int(refused > 0)


async def measure(paths, *, cell_timeout=None):
    """Run notebooks quick on embedded data, and note what that costs; their outputs stay.

    For times that were first taken while the computer had other work.

    Parameters
    ----------
    paths : list of path
        All of the workbook's notebooks if empty.
    cell_timeout : float, optional
        Seconds that one cell may take.

    Returns
    -------
    exit_status : int
        1 if any notebook failed, and was left as it was, else 0.

    Raises
    ------
    ValueError
        If a notebook has no outputs of a full run yet.
    """
    paths = [pathlib.Path(path) for path in paths] or repository.notebooks()
    notebooks = [running.read(path) for path in paths]
    for path, notebook in zip(paths, notebooks, strict=True):
        if "full" not in notebook.metadata.get("workbook", {}).get("runs", {}):
            raise ValueError(f"{path.name} was never run in full: execute it first")
    failed = 0
    for number, (path, notebook) in enumerate(zip(paths, notebooks, strict=True), start=1):
        quick = await running.execute_with_progress(
            notebook,
            label=f"[{number}/{len(paths)}] {path.stem}, quick",
            profile="quick",
            data="embedded",
            folder=path.parent,
            cell_timeout=cell_timeout,
        )
        if quick.failure:
            failed += 1
            print(f"  {path.name} is left as it was: it failed at {quick.failure}")
        else:
            notebook.metadata.workbook.runs["quick"] = describe_run(quick, "quick")
            _save(path, notebook)
    return int(failed > 0)


def cleaned(notebook):
    """Return a copy without what changes from run to run but says nothing.

    What stays: sources, outputs, execution counts, cell ids and tags, and the workbook's own
    metadata.
    """
    notebook = copy.deepcopy(notebook)
    kept = {"kernelspec": KERNEL, "language_info": LANGUAGE}
    if "workbook" in notebook.metadata:
        kept["workbook"] = notebook.metadata["workbook"]
    notebook.metadata = nbformat.from_dict(kept)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
    return notebook


def describe_run(execution, profile):
    """Return what one execution is remembered by, ready for the notebook's metadata."""
    recorded = results.read(execution.notebook)
    return {
        "profile": profile,
        "data": data_used(recorded),
        "seconds": round(execution.seconds, 1),
        "peak_memory_mb": round(execution.peak_memory_mb),
        "hardware": recorded[0].hardware if recorded else results.hardware(),
        "cpu_cores": results.cpu_cores(),
        "versions": versions.installed(),
    }


def _write(path, execution, runs):
    """Write an execution's outputs into `path`, if nothing speaks against it; tell whether."""
    notebook = cleaned(execution.notebook)
    notebook.metadata.setdefault("workbook", nbformat.from_dict({}))["runs"] = runs
    if execution.failure:
        refusals = [f"it failed at {execution.failure}"]
    else:
        refusals = conventions.problems(notebook, conventions.RULES_OF_EXECUTION)
    if refusals:
        print(f"  {path.name} is left as it was:", *refusals, sep="\n  - ")
        return False
    _save(path, notebook)
    for problem in conventions.problems(notebook):
        print(f"  - still to do: {problem}")
    return True


def _save(path, notebook):
    nbformat.validate(notebook)
    with storage.replacing(path) as draft:
        draft.write_text(nbformat.writes(notebook) + "\n", "utf-8")

"""``python -m helpers.workbook notebooks``: execute the notebooks in place, for authors."""

import copy
import functools

import nbformat

from helpers import results, storage
from helpers.workbook import conventions, executing, inspection, progress, running, versions
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

    Raises
    ------
    ValueError
        Before anything runs: if a file is missing or cannot be replaced, or a setting is out of
        its range.
    """
    return await _each(paths, _executed_anew, profile=profile, data=data, cell_timeout=cell_timeout)


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
        Before anything runs: if a notebook has no outputs of a full run yet, a file is missing
        or cannot be replaced, or a setting is out of its range.
    """
    for path in inspection.notebook_files(paths):
        workbook = running.read(path).metadata.get("workbook")
        runs = workbook.get("runs") if isinstance(workbook, dict) else None
        if not isinstance(runs, dict) or "full" not in runs:
            raise ValueError(f"{path.name} was never run in full: execute it first")
    return await _each(paths, _measured_anew, cell_timeout=cell_timeout)


async def _each(paths, change, *, cell_timeout, **settings):
    """Let `change` make a new version of each notebook; return 1 if any was left as it was."""
    cell_timeout = inspection.cell_timeout(cell_timeout)
    paths = inspection.notebook_files(paths)
    for path in paths:
        inspection.writable(path.resolve().parent)
    running.read_all(paths)  # says before the first one runs what is no notebook
    refused = 0
    for number, path in enumerate(paths, start=1):
        execute = functools.partial(
            running.execute_with_progress, folder=path.parent, cell_timeout=cell_timeout
        )
        try:
            before = path.read_bytes()
            label = f"[{number}/{len(paths)}] {path.stem}"
            notebook = await change(running.read(path), label, execute, **settings)
            _save(path, notebook, before=before)
        except Exception as error:  # whatever is odd about it, the others may be sound
            refused += 1
            progress.say(f"  {path.name} is left as it was: {executing.describe(error)}")
    return int(refused > 0)


async def _executed_anew(notebook, label, execute, *, profile, data):
    """Return the notebook with the outputs of a run, if nothing speaks against them."""
    quick = kept = await execute(
        notebook, label=f"{label}, quick", profile="quick", data="embedded"
    )
    if not quick.failure and (profile, data) != ("quick", "embedded"):
        kept = await execute(notebook, label=f"{label}, {profile}", profile=profile, data=data)
    _refuse_failed(kept)
    runs = {profile: describe_run(kept, profile), "quick": describe_run(quick, "quick")}
    notebook = cleaned(kept.notebook)
    notebook.metadata.setdefault("workbook", nbformat.from_dict({}))["runs"] = runs
    if refusals := conventions.problems(notebook, conventions.RULES_OF_EXECUTION):
        raise ValueError("; ".join(refusals))
    for problem in conventions.problems(notebook):
        progress.say(f"  - still to do: {problem}")
    return notebook


async def _measured_anew(notebook, label, execute):
    """Return the notebook with a new record of what a quick run costs."""
    quick = await execute(notebook, label=f"{label}, quick", profile="quick", data="embedded")
    _refuse_failed(quick)
    notebook.metadata.workbook.runs["quick"] = describe_run(quick, "quick")
    return notebook


def _refuse_failed(execution):
    if execution.failure:
        raise ValueError(f"it failed at {execution.failure}")


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


def _save(path, notebook, *, before):
    """Replace a notebook, if the file still holds the bytes that were executed."""
    nbformat.validate(notebook)
    path = path.resolve()  # a link stays one
    with storage.replacing(path) as draft:
        draft.write_text(nbformat.writes(notebook) + "\n", "utf-8")
        if path.read_bytes() != before:
            raise ValueError("it changed meanwhile, execute it again")

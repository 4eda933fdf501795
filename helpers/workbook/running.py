"""``python -m helpers.workbook run``: execute every notebook and write a page about them."""

import asyncio
import contextlib
import dataclasses
import pathlib
import warnings

import nbformat

from helpers import results, storage
from helpers.workbook import (
    executing,
    index_page,
    inspection,
    progress,
    rendering,
    versions,
)
from helpers.workbook.executing import Execution, Failure
from helpers.workbook.reporting import Report

LARGEST_MB = 100


async def run(paths, *, output, profile="quick", data="auto", cell_timeout=None):
    """Execute notebooks, write their copies, pages and the index, and print a summary.

    One that is not a notebook, or that cannot be executed or shown, fails alone.

    Parameters
    ----------
    paths : list of path
        The notebooks, executed in this order; all of the workbook's if empty.
    output : path
        The folder for everything that is written: a new one, or that of an earlier run.
    profile, data : str
        The workbook's two settings, given to the notebooks through the environment.
    cell_timeout : float, optional
        Seconds that one cell may take.

    Returns
    -------
    exit_status : int
        1 if any notebook failed, else 0.

    Raises
    ------
    ValueError
        Before anything runs: if a file is missing or none, a setting is out of its range, or
        the output folder cannot be written to or would lose a file.
    OSError
        If the output folder can be written to no longer.
    """
    cell_timeout = inspection.cell_timeout(cell_timeout)
    paths, output = inspection.notebook_files(paths), pathlib.Path(output)
    inspection.output_folder(output, paths)
    reports = []
    for number, (path, notebook) in enumerate(read_all(paths), start=1):
        execution = await execute_with_progress(
            notebook,
            label=f"[{number}/{len(paths)}] {path.stem}",
            folder=path.parent,
            profile=profile,
            data=data,
            cell_timeout=cell_timeout,
        )
        reports.append(_write(output, Report(path.stem, profile, execution)))
        _write_text(output / "index.html", _index(reports, planned=len(paths)))
    progress.say(f"\n{summary(reports)}\n\n{output / 'index.html'}")
    return int(any(report.failure for report in reports))


def read(path):
    """Read a notebook of the current format.

    Raises
    ------
    ValueError
        If the file is missing, is no notebook, or takes more than `LARGEST_MB`.
    """
    path = pathlib.Path(path)
    try:
        if path.stat().st_size > LARGEST_MB * 1e6:
            raise ValueError(f"{path}: takes more than {LARGEST_MB} MB")
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror})") from None
    return parse(content, name=path)


def parse(content, *, name):
    """Turn the bytes of a file into a valid notebook; `name` is for the message if they are none.

    Raises
    ------
    ValueError
        If they are no notebook.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # missing and doubled cell ids are put right
            notebook = nbformat.reader.reads(content.decode("utf-8-sig"))
            notebook = nbformat.convert(notebook, 4)
            nbformat.validate(notebook)
        nbformat.writes(notebook).encode("utf-8")  # not with half a character
    except Exception as error:  # JSON of another shape makes nbformat raise all kinds
        raise ValueError(f"{name}: is not a notebook ({executing.describe(error)})") from None
    return notebook


def read_all(paths):
    """List (path, notebook); for a file that is none, say so, and list a ValueError instead."""
    found = []
    for path in paths:
        try:
            found.append((path, read(path)))
        except ValueError as error:
            progress.say(error)
            found.append((path, error))
    return found


async def execute_with_progress(notebook, *, label, folder, profile, data, cell_timeout=None):
    """Execute a notebook in the given settings while one line tells how far it is.

    Parameters
    ----------
    notebook : nbformat.NotebookNode or ValueError
        The error is why there is no notebook; the execution then fails for it.

    Returns
    -------
    execution : Execution
    """
    line = progress.Line(label)
    ticking = asyncio.create_task(_tick(line))
    try:
        if isinstance(notebook, ValueError):
            raise notebook
        execution = await executing.execute_async(
            notebook,
            folder=folder.resolve(),
            environment={"WORKBOOK_PROFILE": profile, "WORKBOOK_DATA_SOURCE": data},
            cell_timeout=cell_timeout,
            on_cell=line.cell,
        )
    except Exception as error:  # whatever is odd about it, other notebooks may be sound
        execution = _without_notebook(executing.describe(error))
    except BaseException:
        line.finish("stopped")
        raise
    finally:
        ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticking
    report = Report("", profile, execution)
    outcome = f"failed at {report.failure}" if report.failure else "passed"
    line.finish(f"{outcome}  {report.time}  {report.memory}")
    return execution


def summary(reports):
    """Lay out the table that a run ends with."""
    rows = [
        (
            report.name,
            "failed" if report.failure else "passed",
            report.time,
            report.memory,
            report.profile,
            report.data,
            f"{report.results[0].name}: {report.results[0].value_text}" if report.results else "",
        )
        for report in reports
    ]
    header = ("notebook", "status", "time", "memory", "profile", "data", "key result")
    failures = [f"{report.name}: {report.failure}" for report in reports if report.failure]
    return "\n".join([progress.table(header, rows), *([""] if failures else []), *failures])


async def _tick(line):
    while True:
        await asyncio.sleep(1)
        line.tick()


def _index(reports, *, planned):
    machine = {"versions": versions.installed(), "hardware": results.hardware()}
    return index_page.to_html(reports, planned=planned, **machine)


def _without_notebook(reason, *, seconds=0.0, peak_memory_mb=0.0):
    """Make an execution that failed as a whole; its notebook says no more than that."""
    text = nbformat.v4.new_markdown_cell(f"There is nothing to show: `{reason}`")
    notebook = nbformat.v4.new_notebook(cells=[text])
    return Execution(notebook, seconds, peak_memory_mb, Failure(None, "", reason))


def _write(output, report):
    """Write copy and page of a notebook; return the report, or one without what cannot be shown."""
    try:
        _write_text(output / f"{report.name}.ipynb", nbformat.writes(report.notebook) + "\n")
        page = rendering.to_html(report.notebook)
        _index([report], planned=1), summary([report])
    except Exception as error:  # whatever it shows or recorded, the others' pages are written
        reason = f"cannot be shown ({executing.describe(error)})"
        bare = _without_notebook(
            reason,
            seconds=report.execution.seconds,
            peak_memory_mb=report.execution.peak_memory_mb,
        )
        failure = report.failure or bare.failure
        report = dataclasses.replace(report, execution=dataclasses.replace(bare, failure=failure))
        page = rendering.to_html(report.notebook)
    _write_text(output / report.page, page)
    return report


def _write_text(path, text):
    # In JSON, such an escape of half a character stands for that same half.
    with storage.replacing(path) as draft:
        draft.write_text(text, "utf-8", errors="backslashreplace")

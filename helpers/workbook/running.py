"""``python -m helpers.workbook run``: execute every notebook and write a page about them."""

import asyncio
import contextlib
import pathlib

import nbformat

from helpers import results, storage
from helpers.workbook import executing, index_page, progress, rendering, repository, versions
from helpers.workbook.reporting import Report


async def run(paths, *, output, profile="quick", data="auto", cell_timeout=None):
    """Execute notebooks, write their copies, pages and the index, and print a summary.

    Parameters
    ----------
    paths : list of path
        The notebooks, executed in this order; all of the workbook's if empty.
    output : path
        The folder for everything that is written.
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
        If a notebook is missing or cannot be read.
    """
    paths = [pathlib.Path(path) for path in paths] or repository.notebooks()
    notebooks = [read(path) for path in paths]
    output = pathlib.Path(output)
    reports = []
    for number, (path, notebook) in enumerate(zip(paths, notebooks, strict=True), start=1):
        execution = await execute_with_progress(
            notebook,
            label=f"[{number}/{len(paths)}] {path.stem}",
            folder=path.parent,
            profile=profile,
            data=data,
            cell_timeout=cell_timeout,
        )
        report = Report(path.stem, profile, execution)
        _write(output, report)
        reports.append(report)
    page = index_page.to_html(reports, versions=versions.installed(), hardware=results.hardware())
    _write_text(output / "index.html", page)
    print(f"\n{summary(reports)}\n\n{output / 'index.html'}", flush=True)
    return int(any(report.failure for report in reports))


def read(path):
    """Read a notebook of the current format.

    Raises
    ------
    ValueError
        If the file is missing or is no notebook.
    """
    try:
        return nbformat.reads(pathlib.Path(path).read_text("utf-8"), as_version=4)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror})") from None
    except (
        UnicodeDecodeError,
        nbformat.reader.NotJSONError,
        nbformat.ValidationError,
        AttributeError,  # nbformat's, for JSON that is no object
    ) as error:
        raise ValueError(f"{path}: is not a notebook ({type(error).__name__})") from None


async def execute_with_progress(notebook, *, label, folder, profile, data, cell_timeout=None):
    """Execute a notebook in the given settings while one line tells how far it is."""
    line = progress.Line(label)
    ticking = asyncio.create_task(_tick(line))
    try:
        execution = await executing.execute_async(
            notebook,
            folder=folder.resolve(),
            environment={"WORKBOOK_PROFILE": profile, "WORKBOOK_DATA_SOURCE": data},
            cell_timeout=cell_timeout,
            on_cell=line.cell,
        )
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


def _write(output, report):
    _write_text(output / f"{report.name}.ipynb", nbformat.writes(report.notebook) + "\n")
    _write_text(output / report.page, rendering.to_html(report.notebook))


def _write_text(path, text):
    with storage.replacing(path) as draft:
        draft.write_text(text, "utf-8")

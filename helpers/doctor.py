"""Examine a computer before the course begins: what is there, what is missing, what to do."""

import dataclasses
import html
import importlib.metadata
import os
import pathlib
import platform
import shutil
import sys
import tempfile

import psutil

from helpers import datasets, results, storage

GIGABYTE = 1e9
ENOUGH_MEMORY = 4e9  # bytes; the quick profile stays below 2 GB a notebook
ENOUGH_DISK = 1e9  # bytes; CIFAR-10 and the drawn pictures take about 0.3 GB


@dataclasses.dataclass(frozen=True)
class Finding:
    """One line of the report.

    Parameters
    ----------
    subject : str
        What was looked at.
    found : str
        What is there.
    good : bool
        Whether it is as one would wish.
    remedy : str
        What to do about it.
    needed : bool
        False where something else serves in its place.
    """

    subject: str
    found: str
    good: bool = True
    remedy: str = "nothing"
    needed: bool = True


@dataclasses.dataclass(frozen=True)
class Report:
    """All findings; a notebook shows them as a table, anything else as lines of text."""

    findings: tuple

    @property
    def healthy(self):
        """Whether nothing stands in the way."""
        return all(finding.good or not finding.needed for finding in self.findings)

    def __str__(self):
        width = max(len(finding.subject) for finding in self.findings)
        return "\n".join(_as_text(finding, width) for finding in self.findings)

    __repr__ = __str__

    def _repr_html_(self):
        head = "".join(f"<th style='text-align: left'>{name}</th>" for name in _COLUMNS)
        body = "".join(_as_row(finding) for finding in self.findings)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


_COLUMNS = ("", "what", "found", "what to do")


def examine(run):
    """Look at versions, processors, memory, disk, and where data can be had.

    Parameters
    ----------
    run : helpers.settings.Settings
        With ``embedded`` data the network is not touched.

    Returns
    -------
    report : Report
    """
    findings = [_python(), *_packages(), _processors(), _memory(), _disk()]
    return Report(tuple(findings + _data(run.data)))


def _python():
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    good = (3, 10) <= sys.version_info[:2] <= (3, 13)
    return Finding("Python", found, good, _unless(good, "Install Python 3.10 to 3.13."))


def _packages():
    """Give one finding for each package that the notebooks stand on."""
    return [_package(name) for name in ("tensorflow", "keras", "numpy", "matplotlib", "pillow")]


def _package(name):
    try:
        return Finding(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "missing", False, "pip install -r requirements.txt")


def _processors():
    import keras  # takes seconds, and whoever asks for the GPU will need it anyway

    cores = results.cpu_cores()
    found = f"{cores} CPU core{'s' if cores > 1 else ''}"
    if results.hardware() == "GPU":
        return Finding("processors", f"GPU, {found}; Keras runs on {keras.backend.backend()}")
    remedy = "nothing; the quick profile is made for this, the full one takes a GPU or patience"
    return Finding(
        "processors", f"{found}, no GPU; Keras runs on {keras.backend.backend()}", True, remedy
    )


def _memory():
    memory = psutil.virtual_memory()
    found = f"{memory.available / GIGABYTE:.1f} GB free of {memory.total / GIGABYTE:.1f} GB"
    good = memory.available >= ENOUGH_MEMORY / 2
    remedy = _unless(good, "Close other programs; a notebook takes up to 2 GB.")
    return Finding("memory", found, good, remedy)


def _disk():
    folder = storage.cache_folder()
    other = "let WORKBOOK_CACHE name a folder that can be written to, with 1 GB free"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        reason = error.strerror or str(error)
        return Finding("disk for the cache", f"cannot be written to ({reason})", False, other)
    good = free >= ENOUGH_DISK
    remedy = _unless(good, f"make room, or {other}")
    return Finding("disk for the cache", f"{free / GIGABYTE:.0f} GB free", good, remedy)


def _data(data):
    *real, drawn = datasets.survey(data)
    broken = [row for row in real if row.source == "WORKBOOK_DATA" and not row.available]
    had = any(row.available for row in real) and not (broken and data == "real")
    findings = [_source(row, row not in broken, had) for row in real]
    findings.append(_source(drawn, True, True))
    if data == "embedded":
        remedy = "nothing, unless you want real pictures: settings.read(data='auto')"
        verdict = Finding("data in all", "the drawn set, as the setting asks", True, remedy)
    elif had:
        verdict = Finding("data in all", "the real CIFAR-10 can be had")
    else:
        found = "the real CIFAR-10 cannot be had"
        verdict = Finding("data in all", found, False, datasets.REMEDY, needed=data == "real")
    return [*findings, verdict]


def _source(row, optional, had):
    """Say of one source what it has; an optional one is not missed where another one has it."""
    found = f"{_briefly(row.detail)} ({row.seconds:.1f} s to find out)"
    if row.available:
        return Finding(f"data: {row.source}", found)
    if not optional:
        remedy = "mend what it names, or unset WORKBOOK_DATA"
    else:
        remedy = "nothing: another source will do" if had else "see the last line"
    return Finding(f"data: {row.source}", found, False, remedy, needed=not optional)


def _briefly(text):
    """Shorten the folders that everybody has: what is saved should not name one's home."""
    folder = os.environ.get("WORKBOOK_DATA")
    if folder:
        text = text.replace(str(pathlib.Path(folder).expanduser()), "WORKBOOK_DATA")
    return text.replace(str(pathlib.Path.home()), "~")


def _unless(good, remedy):
    return "nothing" if good else remedy


def _mark(finding):
    return "✓" if finding.good else "✗" if finding.needed else "–"


def _as_text(finding, width):
    mark = {"✓": "ok     ", "–": "not had", "✗": "missing"}[_mark(finding)]
    return f"{mark}  {finding.subject:{width}}  {finding.found}; to do: {finding.remedy}"


def _as_row(finding):
    cells = (_mark(finding), finding.subject, finding.found, finding.remedy)
    inner = "".join(f"<td style='text-align: left'>{html.escape(cell)}</td>" for cell in cells)
    return f"<tr>{inner}</tr>"

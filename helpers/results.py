"""A notebook's key results: shown to the reader, checked, and kept in a form that programs read."""

import contextlib
import dataclasses
import html
import math
import os
import pathlib
import re
import sys

from helpers import validation

MIME_TYPE = "application/vnd.cnn-workbook.result+json"
NO_DATA = "no data needed"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclasses.dataclass(frozen=True)
class Result:
    """One number that a notebook stands for, and where it came from.

    Parameters
    ----------
    name : str
        What was measured, for example ``"test accuracy, better recipe"``.
    value : int or float
        Finite, in `unit`.
    unit : str
        ``""`` for fractions and counts that `name` explains, ``"%"``, ``"parameters"``, ``"s"``...
    profile : {"quick", "full"}
        How much was run.
    data : str
        Short name of the data, for example ``"CIFAR-10"`` or ``"drawn set"``.
    is_real : bool or None
        Whether the data are real pictures rather than the workbook's drawings; None where
        the result does not depend on data.
    hardware : str
        In a word: ``"2 CPU cores"`` or ``"GPU"``.
    reference : int or float, optional
        What the source article reports, in the same unit.
    reference_source : str, optional
        Who reports it, for example ``"the article"``.
    digits : int
        Significant digits of `value` worth showing; whole numbers are always shown in full.
    """

    name: str
    value: float
    unit: str
    profile: str
    data: str
    is_real: bool | None
    hardware: str
    reference: float | None = None
    reference_source: str | None = None
    digits: int = 3

    @property
    def value_text(self):
        """The value with its unit, as a reader wants it: ``0.742`` or ``591,390 parameters``."""
        return _with_unit(self.value, self.unit, self.digits)

    @property
    def reference_text(self):
        """The reference with its source, ``0.65 (the article)``, or an empty string."""
        if self.reference is None:
            return ""
        return f"{_with_unit(self.reference, self.unit)} ({self.reference_source})"

    @property
    def circumstances(self):
        """Profile, data and hardware in a few words."""
        return f"{self.profile} profile, {self.data}, {self.hardware}"

    def __str__(self):
        reference = f"; {self.reference_text}" if self.reference is not None else ""
        return f"{self.name}: {self.value_text}{reference} [{self.circumstances}]"

    def _ipython_display_(self):
        """Stay quiet when a cell ends with `record(...)`: that call has shown the result."""


def record(
    name,
    value,
    *,
    run,
    data=None,
    unit="",
    reference=None,
    reference_source="the article",
    at_least=None,
    at_most=None,
    within=None,
    digits=3,
):
    """Show a key result, check it, and keep it in the notebook for programs to read.

    Parameters
    ----------
    name : str
        What was measured.
    value : number
        Finite; a scalar of NumPy or Keras will do.
    run : helpers.settings.Settings
        The notebook's settings.
    data : helpers.datasets.Cifar10 or str, optional
        What it was measured on: an object with `source` and `is_real`, or a name in words for
        anything else. Without it the result does not depend on data, like a parameter count.
    unit : str
        Of `value`, `reference` and the three limits.
    reference : number, optional
        What the source reports for the same quantity.
    reference_source : str
        Who reports it.
    at_least, at_most : number, optional
        The range in which the value is expected.
    within : number, optional
        The largest distance from `reference` that counts as agreement, from 0 on.
    digits : int
        Significant digits to show of a value that is not whole, 1 to 17.

    Returns
    -------
    result : Result

    Raises
    ------
    ValueError
        If the value or a limit is not one finite number, `within` has no reference or is negative,
        or `digits` is out of its range.
    AssertionError
        If the value misses what was expected. The result has been shown by then.
    """
    if within is not None and reference is None:
        raise ValueError(f"{name}: within={within} needs a reference to compare with")
    limits = {
        name: None if limit is None else _plain_number(name, limit)
        for name, limit in [("at_least", at_least), ("at_most", at_most), ("within", within)]
    }
    if within is not None:
        validation.real(limits["within"], "within", minimum=0)
    digits = validation.integer(digits, "digits", minimum=1, maximum=17)
    source, is_real = _describe(data)
    result = Result(
        name=name,
        value=_plain_number(name, value),
        unit=unit,
        profile=run.profile,
        data=source,
        is_real=is_real,
        hardware=hardware(),
        reference=None if reference is None else _plain_number("reference", reference),
        reference_source=None if reference is None else reference_source,
        digits=digits,
    )
    _show(result)
    _check(result, **limits)
    return result


def read(notebook):
    """List the results that a notebook recorded when it was last executed.

    Parameters
    ----------
    notebook : nbformat.NotebookNode or path of an .ipynb file

    Returns
    -------
    results : list of Result, in the order of the cells
    """
    if isinstance(notebook, str | os.PathLike):
        import nbformat

        notebook = nbformat.reads(pathlib.Path(notebook).read_text("utf-8"), as_version=4)
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    bundles = (output.get("data", {}) for output in outputs)
    return [Result(**bundle[MIME_TYPE]) for bundle in bundles if MIME_TYPE in bundle]


def hardware():
    """Name what this process computes on, in a word: ``"GPU"`` or ``"2 CPU cores"``.

    A GPU is only looked for where TensorFlow is loaded already, since loading it takes seconds.
    """
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None and tensorflow.config.list_physical_devices("GPU"):
        return "GPU"
    cores = cpu_cores()
    return f"{cores} CPU core{'s' if cores > 1 else ''}"


def cpu_cores():
    """Count the CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _describe(data):
    """Give the short name of the data and whether they are real: ("CIFAR-10", True)."""
    if data is None:
        return NO_DATA, None
    if isinstance(data, str):
        return data, None
    return re.split(r"[,(:]", data.source)[0].strip(), bool(data.is_real)


def _plain_number(name, value):
    for check in (validation.integer, validation.real):  # an integer stays one
        with contextlib.suppress(ValueError):
            return check(value, name)
    raise ValueError(f"{name}: expected one finite number, got {validation.shown(value)}")


def _with_unit(value, unit, digits=None):
    """Write a number for readers: ``1,234``, ``0.650``, ``64.8 %``.

    >>> _with_unit(0.74196, "", digits=3), _with_unit(591390, "parameters"), _with_unit(65.0, "%")
    ('0.742', '591,390 parameters', '65 %')
    """
    if isinstance(value, int):
        text = f"{value:,}"
    elif digits is None:  # a reference: as its source wrote it
        text = f"{value:,.10g}"
    elif 0 < abs(value) < 1e-4:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        text = f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    else:
        magnitude = math.floor(math.log10(abs(value))) if value else 0
        text = f"{value:,.{max(0, digits - 1 - magnitude)}f}"
    return f"{text} {unit}".rstrip()


def _show(result):
    """Display text, a small table row and the machine-readable form; print outside notebooks."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(result)
        return
    bundle = {
        "text/plain": str(result),
        "text/html": _as_html(result),
        MIME_TYPE: dataclasses.asdict(result),
    }
    ipython.display.display(bundle, raw=True)


def _as_html(result):
    name, value, reference, circumstances = map(
        html.escape,
        (result.name, result.value_text, result.reference_text, result.circumstances),
    )
    beside = f' <span style="opacity: 0.75">beside {reference}</span>' if reference else ""
    return (
        '<div style="border-left: 4px solid #2a78b8; padding: 0.2em 0.8em; margin: 0.4em 0">'
        f"{name}: <strong>{value}</strong>{beside}"
        f'<br><small style="opacity: 0.75">{circumstances}</small></div>'
    )


def _check(result, *, at_least, at_most, within):
    unit, digits = result.unit, result.digits
    if at_least is not None and result.value < at_least:
        wanted = f"at least {_with_unit(at_least, unit)}"
    elif at_most is not None and result.value > at_most:
        wanted = f"at most {_with_unit(at_most, unit)}"
    elif within is not None and abs(result.value - result.reference) > within:
        reference = _with_unit(result.reference, unit)
        wanted = f"within {_with_unit(within, unit)} of {reference} ({result.reference_source})"
    else:
        return
    got = _with_unit(result.value, unit, digits + 2)
    raise AssertionError(f"{result.name}: expected {wanted}, got {got} ({result.circumstances})")

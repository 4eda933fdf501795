"""What every committed notebook has in common, as rules that name what breaks them.

A rule takes a notebook and yields one sentence for each place that breaks it.
"""

import ast
import itertools
import json
import pathlib
import re
import tempfile

import nbformat

from helpers import results
from helpers.workbook import colab, outline, repository

OPENING_FIELDS = ("Question", "You will", "After", "Time", "Data")
CLOSING_HEADINGS = ("What to keep", "Try it")
OUTPUT_TAGS = {"nbval-check-output", "nbval-ignore-output"}
RUN_FIELDS = {"profile", "data", "seconds", "peak_memory_mb", "hardware", "cpu_cores", "versions"}
LARGEST_MB = 2.0


def problems(notebook, rules=None):
    """List in sentences what a notebook lacks.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    rules : sequence of callables, optional
        Some of the rules of this module; all of them if not given.

    Returns
    -------
    problems : list of str
        Empty if the notebook keeps all the rules.
    """
    return [problem for rule in (RULES if rules is None else rules) for problem in rule(notebook)]


def counts_from_one(notebook):
    """Demand one clean run from top to bottom."""
    counts = [cell.execution_count for cell in outline.code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}, expected 1 to {len(counts)}"


def no_errors(notebook):
    """Refuse saved exceptions."""
    for number, output in _outputs(notebook):
        if output.output_type == "error":
            yield f"code cell {number} has an error output: {output.ename}: {output.evalue}"


def no_stderr(notebook):
    """Refuse saved warnings and log lines."""
    for number, output in _outputs(notebook):
        if output.output_type == "stream" and output.name == "stderr":
            first_line = output.text.strip().partition("\n")[0]
            yield f"code cell {number} has a stderr output: {first_line}"


def moderate_size(notebook):
    """Refuse notebooks that make the clone heavy."""
    megabytes = len(nbformat.writes(notebook).encode("utf-8")) / 1e6
    if megabytes > LARGEST_MB:
        yield f"takes {megabytes:.1f} MB, expected at most {LARGEST_MB:g} MB"


def no_machine_paths(notebook):
    """Refuse names of folders that exist on one machine only."""
    for number, cell in enumerate(notebook.cells, start=1):
        found = _MACHINE_PATH.search("\n".join([cell.source, *_texts(cell)]))
        if found:
            yield f"cell {number} of all holds a machine path: {found[0]}"


def opening_cell(notebook):
    """Demand the opening cell: a title, then the marked lines."""
    cells = notebook.cells
    if not cells or cells[0].cell_type != "markdown" or not cells[0].source.startswith("# "):
        yield "the first cell is not a markdown cell that begins with a # title"
        return
    fields = outline.opening_fields(notebook)
    for name in OPENING_FIELDS:
        if not fields.get(name):
            yield f"the opening cell has no **{name}** with a text behind it"


def colab_cell(notebook):
    """Demand the standard first code cell."""
    first = next(iter(outline.code_cells(notebook)), None)
    if first is None or first.source != colab.cell(repository.address()):
        yield "the first code cell is not the standard one; run: make address"


def import_cell(notebook):
    """Demand that the second code cell imports, the helpers among others, and does only that."""
    sources = [cell.source for cell in outline.code_cells(notebook)[1:2]]
    body = _parse(sources[0]).body if sources else []
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    from_helpers = any(getattr(node, "module", None) == "helpers" for node in imports)
    if len(imports) != len(body) or not from_helpers:
        yield "the second code cell is not one of imports only, with a from helpers import ..."


def settings_cell(notebook):
    """Demand that the third code cell reads the settings."""
    sources = [cell.source for cell in outline.code_cells(notebook)[2:3]]
    if not sources or "settings.read(" not in sources[0]:
        yield "the third code cell does not call settings.read()"


def headings_in_order(notebook):
    """Demand one title and no skipped levels."""
    found = outline.headings(notebook)
    titles = [text for _, level, text in found if level == 1]
    if len(titles) != 1:
        yield f"expected one # heading, got {len(titles)}"
    for (_, above, _), (_, level, text) in itertools.pairwise(found):
        if level > above + 1:
            yield f'heading "{text}" skips a level ({above} to {level})'


def closing_headings(notebook):
    """Demand that the last two headings are those that every notebook ends with."""
    last = tuple(text for _, level, text in outline.headings(notebook) if level == 2)[-2:]
    if last != CLOSING_HEADINGS:
        wanted = ", ".join(f"## {text}" for text in CLOSING_HEADINGS)
        yield f"expected the last headings to be {wanted}; got {', '.join(last) or 'none'}"


def one_output_tag(notebook):
    """Demand that nbval is told, for every code cell, whether its output must hold anywhere."""
    for number, cell in enumerate(outline.code_cells(notebook), start=1):
        if len(outline.tags(cell) & OUTPUT_TAGS) != 1:
            yield f"code cell {number} needs one of the tags {', '.join(sorted(OUTPUT_TAGS))}"


def checked_cells_have_output(notebook):
    """Demand that what nbval checks exists: with no output it would check nothing."""
    for number, cell in enumerate(outline.code_cells(notebook), start=1):
        if "nbval-check-output" in outline.tags(cell) and not cell.outputs:
            yield f"code cell {number} is tagged nbval-check-output but has no output"


def has_pictures(notebook):
    """Demand something to look at."""
    if outline.thumbnail(notebook) is None:
        yield "has no picture among its outputs"


def no_remote_pictures(notebook):
    """Refuse pictures that a reader without a network would not see."""
    pattern = r"!\[[^\[\]]*\]\((https?:[^)\s]+)|<img[^<>]+src=[\"'](https?:[^\"']+)"
    for number, cell in enumerate(notebook.cells, start=1):
        found = re.search(pattern, cell.source) if cell.cell_type == "markdown" else None
        if found:
            yield f"cell {number} of all shows a picture from elsewhere: {found[1] or found[2]}"


def records_results(notebook):
    """Demand a key result, in cells whose output may differ from machine to machine."""
    if not results.read(notebook):
        yield "records no key result; call results.record(...)"
    for number, cell in enumerate(outline.code_cells(notebook), start=1):
        recorded = any(results.MIME_TYPE in output.get("data", {}) for output in cell.outputs)
        if recorded and "nbval-check-output" in outline.tags(cell):
            yield f"code cell {number} records a result, so it cannot be nbval-check-output"


def runs_recorded(notebook):
    """Demand what `make notebooks PROFILE=full` measures."""
    runs = notebook.metadata.get("workbook", {}).get("runs", {})
    for profile in ("quick", "full"):
        missing = RUN_FIELDS - set(runs.get(profile, {}))
        if missing:
            yield f"the {profile} run is not recorded ({', '.join(sorted(missing))} missing)"


# Broken by how a notebook was executed; `make notebooks` writes nothing that breaks them.
RULES_OF_EXECUTION = (
    counts_from_one,
    no_errors,
    no_stderr,
    moderate_size,
    no_machine_paths,
)
RULES = (
    *RULES_OF_EXECUTION,
    opening_cell,
    colab_cell,
    import_cell,
    settings_cell,
    headings_in_order,
    closing_headings,
    one_output_tag,
    checked_cells_have_output,
    has_pictures,
    no_remote_pictures,
    records_results,
    runs_recorded,
)


def _machine_path_pattern():
    here = [repository.ROOT, repository.ROOT.parent, pathlib.Path.home()]
    here.append(pathlib.Path(tempfile.gettempdir()).resolve())
    places = {"/home", "/Users", "/root", "/tmp", "/var/folders"}
    places |= {str(place) for place in here if len(place.parts) > 1}
    choices = "|".join(re.escape(place) for place in sorted(places, key=len, reverse=True))
    return re.compile(rf"(?<![\w.~/-])(?:file://)?(?:{choices})[/\\]\S*|\b[A-Z]:\\Users\\\S*")


_MACHINE_PATH = _machine_path_pattern()


def _outputs(notebook):
    for number, cell in enumerate(outline.code_cells(notebook), start=1):
        for output in cell.outputs:
            yield number, output


def _texts(cell):
    for output in cell.get("outputs", []):
        yield output.get("text", "")
        yield from output.get("traceback", [])
        for kind, content in output.get("data", {}).items():
            if not kind.startswith("image/"):
                yield content if isinstance(content, str) else json.dumps(content)


def _parse(source):
    try:
        return ast.parse(source)
    except SyntaxError:  # a magic, for example
        return ast.parse("None")

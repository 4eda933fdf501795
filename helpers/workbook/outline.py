"""What a notebook says about itself: title, question, headings, pictures."""

import re

# Each takes linear time whatever the text: no attempt reads on past where another may begin.
_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
_FIELD = re.compile(r"\*\*([A-Z][\w ]*)[.:]?\*\*[.:]?\s")
_EMPTY_LINE = re.compile(r"\n\s*\n")


def headings(notebook):
    """List a notebook's headings as (cell index, level, text), in order, code fences left out."""
    found = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            found += [(index, level, text) for level, text in _headings_of(cell.source)]
    return found


def title(notebook, *, default="Untitled"):
    """Return the first heading of a notebook, without markdown emphasis."""
    texts = [text for _, _, text in headings(notebook)]
    return plain(texts[0]) if texts else default


def plain(markdown):
    """Drop emphasis, code marks and link targets: ``**a** [b](c)`` becomes ``a b``."""
    return re.sub(r"\*\*|`", "", _LINK.sub(r"\1", markdown))


def opening_fields(notebook):
    """Read the opening cell's marked lines.

    Returns
    -------
    fields : dict of str
        What follows each bold word, up to the next one or to an empty line, for example
        ``{"Question": "What does ...?", "You will": "...", "Time": "20 s"}``.
    """
    opening = notebook.cells[0].source if notebook.cells else ""
    _, *parts = _FIELD.split(opening)
    return {
        name: " ".join(_EMPTY_LINE.split(text.strip(), maxsplit=1)[0].split()).rstrip(" ·\\")
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def question(notebook):
    """Return the question a notebook answers, from its metadata or its opening cell."""
    stated = notebook.metadata.get("workbook", {}).get("question")
    return stated or opening_fields(notebook).get("Question", "")


def code_cells(notebook):
    """List the code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    """Return the set of a cell's tags."""
    return set(cell.metadata.get("tags", []))


def heading_above(notebook, cell_index):
    """Return the last heading at or before a cell, or an empty string."""
    above = [text for index, _, text in headings(notebook) if index <= cell_index]
    return plain(above[-1]) if above else ""


def thumbnail(notebook):
    """Return the picture that stands for a notebook, as a data address in base64, or None.

    That is the first picture of a cell tagged ``thumbnail``, or else of the whole notebook.
    """
    cells = code_cells(notebook)
    for cell in sorted(cells, key=lambda cell: "thumbnail" not in tags(cell)):
        for output in cell.outputs:
            for kind in ("image/png", "image/jpeg"):
                if kind in output.get("data", {}):
                    return f"data:{kind};base64,{''.join(output.data[kind].split())}"
    return None


def _headings_of(markdown):
    fenced = False
    for line in markdown.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and (match := _HEADING.match(line.rstrip())):
            yield len(match[1]), match[2].rstrip("#").rstrip()

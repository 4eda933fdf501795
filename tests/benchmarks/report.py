"""What a benchmark reports: rows with both sides, their ratio, and the limit it should keep."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    """One comparison.

    Parameters
    ----------
    what : str
        What was measured, with its unit.
    ours, theirs : str
        Both sides, as text.
    ratio : float or None
        Ours over theirs; None where the other side never got there.
    limit : str
        What the ratio (or our side) should be, in words.
    kept : bool
        Whether it is.
    """

    what: str
    ours: str
    theirs: str
    ratio: float | None
    limit: str
    kept: bool


def as_markdown(sections, circumstances):
    """Write all rows as a Markdown page; `sections` maps a title to a list of rows."""
    lines = ["# Benchmarks", "", circumstances, ""]
    for title, rows in sections.items():
        lines += [f"## {title}", "", "| what | workbook | other side | ratio | wanted | kept |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [_as_line(row) for row in rows]
        lines += [""]
    return "\n".join(lines)


def _as_line(row):
    ratio = "–" if row.ratio is None else f"{row.ratio:.2f}"
    cells = (row.what, row.ours, row.theirs, ratio, row.limit, "yes" if row.kept else "NO")
    return f"| {' | '.join(cells)} |"

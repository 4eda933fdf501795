import base64
import io
import re

import nbformat
import pytest

from helpers.workbook import formulas, outline, progress, rendering


def markdown(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(s) for s in sources])


def picture_cell(png, *, tags=()):
    cell = nbformat.v4.new_code_cell("plt.show()", metadata={"tags": list(tags)})
    cell.outputs = [nbformat.v4.new_output("display_data", data={"image/png": png})]
    return cell


def test_headings_are_listed_with_cell_and_level_and_without_code():
    notebook = markdown("# One\ntext\n## Two ##", "```\n# a comment\n```\n### **Three**\n#four")
    assert outline.headings(notebook) == [(0, 1, "One"), (0, 2, "Two"), (1, 3, "**Three**")]
    assert outline.heading_above(notebook, 1) == "Three"
    assert outline.title(notebook) == "One"
    assert outline.title(markdown("no heading"), default="05_new") == "05_new"


@pytest.mark.parametrize(
    "opening",
    [
        """# T
**Question** What is
*this*?
**You will** look.
**After** 00 · **Time** 5 s, a GPU""",
        """# T
**Question:** What is *this*?

**You will:** look.

**After:** 00 · **Time:** 5 s, a GPU""",
        """# T
**Question.** What is *this*?\x20\x20
**You will.** look.
**After.** 00 ·
**Time.** 5 s, a GPU

More **bold** text.""",
    ],
    ids=["lines", "colons and paragraphs", "full stops"],
)
def test_the_opening_lines_are_read_however_they_are_set(opening):
    assert outline.opening_fields(markdown(opening)) == {
        "Question": "What is *this*?",
        "You will": "look.",
        "After": "00",
        "Time": "5 s, a GPU",
    }


def test_the_question_in_the_metadata_wins():
    notebook = markdown("# T\n**Question** From the cell?")
    assert outline.question(notebook) == "From the cell?"
    notebook.metadata["workbook"] = {"question": "From the metadata?"}
    assert outline.question(notebook) == "From the metadata?"
    assert outline.question(markdown("# T")) == ""


def test_the_thumbnail_is_the_tagged_picture_or_the_first_one():
    notebook = markdown("# T")
    assert outline.thumbnail(notebook) is None
    notebook.cells += [picture_cell("Rmlyc3Q=\n"), picture_cell("U2Vjb25k")]
    assert outline.thumbnail(notebook) == "data:image/png;base64,Rmlyc3Q="
    notebook.cells[2].metadata["tags"] = ["thumbnail"]
    assert outline.thumbnail(notebook) == "data:image/png;base64,U2Vjb25k"
    notebook.cells[2].outputs[0].data = {"image/jpeg": "VGhpcmQ="}
    assert outline.thumbnail(notebook) == "data:image/jpeg;base64,VGhpcmQ="


@pytest.mark.parametrize(
    "tex",
    [
        r"\lfloor \frac{n + 2p - k}{s} \rfloor + 1",
        r"y_{ij} = \sum_{k,l} w_{kl}\, x_{i+k,\, j+l}",
        r"\mathrm{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}",
        "a < b",
    ],
)
def test_a_formula_becomes_a_picture_that_still_says_what_it_is(tex):
    element = formulas.to_html(tex)
    data = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', element)[1]
    assert b"<svg" in base64.b64decode(data)
    assert 'alt="a &lt; b"' in element or f'alt="{tex}"' in element


def test_a_formula_that_cannot_be_drawn_is_shown_as_tex():
    assert formulas.to_html(r"\begin{aligned} a & b \end{aligned}", block=True) == (
        r'<p style="text-align: center"><code>\begin{aligned} a &amp; b \end{aligned}</code></p>'
    )


def test_a_rendered_notebook_stands_alone():
    source = """# Title
A formula $x_1 < 2$, one on its own line,
$$x^2$$
a [link](https://example.org), a table

| a | b |
|---|---|
| 1 | 2 |
"""
    page = rendering.to_html(markdown(source))
    assert rendering.remote_parts(page) == []
    assert "<title>Title</title>" in page
    assert "<script" not in page
    assert page.count("data:image/svg+xml;base64") >= 2
    assert 'href="https://example.org"' in page  # a link is not a part of the page
    assert '<a class="workbook-home" href="index.html">' in page


@pytest.mark.parametrize(
    "part",
    [
        '<script src="https://cdn.example/a.js"></script>',
        "<script type=module src='//cdn.example/a.js'></script>",
        '<link rel="stylesheet" href="http://cdn.example/a.css">',
        '<img alt="x" src="https://cdn.example/a.png">',
        "<style>@import 'https://cdn.example/a.css';</style>",
        "<style>b { background: url(https://cdn.example/a.png) }</style>",
        'await import("https://cdn.example/a.mjs")',
    ],
)
def test_parts_from_elsewhere_are_found(part):
    (found,) = rendering.remote_parts(f"<p>{part}</p>")
    assert "//cdn.example/a." in found


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_line_moves_on_a_terminal_and_ends_in_one_line():
    stream = Terminal()
    line = progress.Line("[1/2] 00", stream=stream)
    line.cell(3, 12)
    line.finish("passed")
    assert "[1/2] 00  cell 3 of 12, 0 s" in stream.getvalue()
    assert stream.getvalue().endswith(f"{progress.CLEAR_LINE}[1/2] 00  passed\n")


def test_a_line_elsewhere_is_written_once():
    stream = io.StringIO()
    line = progress.Line("[1/2] 00", stream=stream)
    line.cell(3, 12)
    line.finish("passed")
    assert stream.getvalue() == "[1/2] 00  passed\n"

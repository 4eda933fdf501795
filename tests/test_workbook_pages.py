import base64
import io
import itertools
import os
import re
import time

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.workbook import formulas, outline, progress, rendering, streams


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


@pytest.mark.parametrize(
    "text",
    [
        "# T\n**Question** a" + " " * 100_000 + "b",
        "# T\n" + "**Question** a\n \t" * 20_000,
        "**A" * 100_000,
        "**" + "A " * 100_000,
        "#" + " " * 100_000,
        "# a" + " " * 100_000 + "#",
        "# " + "[" * 100_000,
        "# " + "[a](" * 50_000,
        "# " + "![" * 50_000 + "<img" * 50_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_no_opening_cell_takes_long_to_read(text):
    started = time.process_time()
    notebook = markdown(text)
    outline.plain(outline.question(notebook)), outline.title(notebook)
    assert time.process_time() - started < 10  # a second power of the length takes minutes


def test_many_pieces_of_output_are_joined_in_linear_time():
    def piece(number):
        return {"output_type": "stream", "name": "stdout", "text": f"{number:0499}\n"}

    picture = {"output_type": "display_data", "data": {}, "metadata": {}}
    outputs = [*map(piece, range(20_000)), picture, piece(1), piece(2)]
    notebook = nbformat.from_dict({"cells": [{"cell_type": "code", "outputs": outputs}]})
    (cell,) = notebook.cells
    started = time.process_time()
    streams.settle(notebook)
    assert time.process_time() - started < 10  # copying all text for each piece takes longer
    assert [output.output_type for output in cell.outputs] == ["stream", "display_data", "stream"]
    assert cell.outputs[0].text == "".join(f"{number:0499}\n" for number in range(20_000))


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.text("ab\r\n")), max_size=8))
def test_pieces_join_to_what_one_piece_would_be(pieces):
    outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in pieces]
    cell = nbformat.v4.new_code_cell(outputs=outputs)
    streams.settle(nbformat.v4.new_notebook(cells=[cell]))
    names = [output.name for output in cell.outputs]
    assert all(one != other for one, other in itertools.pairwise(names))
    if len(names) == 1:
        whole = "".join(text for _, text in pieces)
        assert cell.outputs[0].text == streams.overwritten(whole)


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


def test_a_terminal_that_lacks_a_sign_shows_its_code():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    progress.say("späce \ud83e", stream=stream)
    assert stream.buffer.getvalue() == rb"sp\xe4ce \ud83e" + os.linesep.encode()


def test_nobody_reading_is_no_reason_to_stop():
    receiving, sending = os.pipe()
    os.close(receiving)
    with open(sending, "w", encoding="utf-8") as stream:
        for _ in range(2):
            progress.say("x" * 100_000, stream=stream)
        progress.Line("[1/1] 00", stream=stream).finish("passed")
    progress.say("x", stream=stream)  # closed by now
    progress.Line("[1/1] 00", stream=stream).finish("passed")


def test_standard_output_may_be_missing(monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    progress.say("x")
    progress.Line("[1/1] 00").finish("passed")

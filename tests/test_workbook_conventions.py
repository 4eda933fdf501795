import copy
import pathlib
import tempfile

import nbformat
import pytest

from helpers.workbook import authoring, conventions, executing, outline, skeleton


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """An executed notebook that keeps every convention."""
    execution = executing.execute(
        skeleton.notebook("05 · New"), folder=tmp_path_factory.mktemp("sound")
    )
    notebook = authoring.cleaned(execution.notebook)
    run = authoring.describe_run(execution, "quick")
    notebook.metadata["workbook"] = nbformat.from_dict({"runs": {"quick": run, "full": run}})
    return notebook


@pytest.fixture
def notebook(sound):
    return copy.deepcopy(sound)


def code(notebook, number):
    return outline.code_cells(notebook)[number - 1]


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def test_a_sound_notebook_has_no_problems(notebook):
    assert conventions.problems(notebook) == []


def test_every_rule_is_broken_by_one_of_the_cases_below():
    assert {case.__name__.removeprefix("break_") for case in BROKEN} == {
        rule.__name__ for rule in conventions.RULES
    }


def break_counts_from_one(notebook):
    code(notebook, 3).execution_count = 7
    return "execution counts are [1, 2, 7, 4, 5, 6], expected 1 to 6"


def break_no_errors(notebook):
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
    code(notebook, 3).outputs.append(error)
    return "code cell 3 has an error output: ValueError: no"


def break_no_stderr(notebook):
    code(notebook, 3).outputs.append(stream("Warning: old\nfile", "stderr"))
    return "code cell 3 has a stderr output: Warning: old"


def break_moderate_size(notebook):
    code(notebook, 3).outputs.append(stream("x" * 2_000_000))
    return "takes 2.0 MB, expected at most 2 MB"


def break_no_machine_paths(notebook):
    code(notebook, 3).outputs.append(stream("read /home/me/cifar10.npz\n"))
    return "cell 4 of all holds a machine path: /home/me/cifar10.npz"


def break_opening_cell(notebook):
    notebook.cells[0].source = notebook.cells[0].source.replace("**You will**", "You will")
    return "the opening cell has no **You will** with a text behind it"


def break_colab_cell(notebook):
    code(notebook, 1).source += "\n"
    return "the first code cell is not the standard one; run: make address"


def break_import_cell(notebook):
    code(notebook, 2).source += "\nplt.plot()"
    return (
        "the second code cell is not one of imports only, with a from helpers import ..."
    )  # fmt: skip


def break_settings_cell(notebook):
    code(notebook, 3).source = "run = 1"
    return "the third code cell does not call settings.read()"


def break_headings_in_order(notebook):
    notebook.cells.insert(5, nbformat.v4.new_markdown_cell("#### Deep"))
    return 'heading "Deep" skips a level (2 to 4)'


def break_closing_headings(notebook):
    notebook.cells[-1].source = "## What to keep\nnothing"
    return (
        "expected the last headings to be ## What to keep, ## Try it; "
        "got What do we see?, What to keep"
    )


def break_one_output_tag(notebook):
    code(notebook, 4).metadata["tags"] = ["nbval-check-output", "nbval-ignore-output"]
    return "code cell 4 needs one of the tags nbval-check-output, nbval-ignore-output"


def break_checked_cells_have_output(notebook):
    code(notebook, 5).outputs = []
    return "code cell 5 is tagged nbval-check-output but has no output"


def break_has_pictures(notebook):
    code(notebook, 4).outputs = []
    return "has no picture among its outputs"


def break_no_remote_pictures(notebook):
    notebook.cells[-1].source += "\n![badge](https://example.org/badge.svg)"
    return "cell 9 of all shows a picture from elsewhere: https://example.org/badge.svg"


def break_records_results(notebook):
    code(notebook, 6).outputs = []
    return "records no key result; call results.record(...)"


def break_runs_recorded(notebook):
    del notebook.metadata.workbook.runs.full["seconds"]
    return "the full run is not recorded (seconds missing)"


BROKEN = [each for name, each in sorted(globals().items()) if name.startswith("break_")]


@pytest.mark.parametrize("break_rule", BROKEN, ids=lambda each: each.__name__)
def test_a_broken_rule_is_named(notebook, break_rule):
    problem = break_rule(notebook)
    assert conventions.problems(notebook) == [problem]


def test_a_second_title_is_a_problem(notebook):
    notebook.cells[4].source = "# Another title"
    assert "expected one # heading, got 2" in conventions.problems(notebook)


def test_a_result_in_a_cell_that_nbval_checks_is_a_problem(notebook):
    code(notebook, 6).metadata["tags"] = ["nbval-check-output"]
    assert conventions.problems(notebook) == [
        "code cell 6 records a result, so it cannot be nbval-check-output"
    ]


@pytest.mark.parametrize("source", ["%matplotlib inline\nimport os", ""], ids=["magic", "empty"])
def test_an_import_cell_of_something_else_is_a_problem(notebook, source):
    code(notebook, 2).source = source
    assert any("second code cell" in problem for problem in conventions.problems(notebook))


@pytest.mark.parametrize("notebook", [nbformat.v4.new_notebook()], ids=["empty"])
def test_an_empty_notebook_breaks_rules_but_not_the_checks(notebook):
    assert len(conventions.problems(notebook)) > 6


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/Users/me/x.npz", True),
        (f"{pathlib.Path.home()}/x", True),
        (f"in {tempfile.gettempdir()}/ipykernel_1/2.py", True),
        (r"C:\Users\me\x", True),
        ("file:///home/me/x", True),
        ("https://example.org/home/page", False),
        ("~/.keras/datasets", False),
        ("notebooks/home/x", False),
    ],
)
def test_only_paths_of_one_machine_are_machine_paths(notebook, text, found):
    code(notebook, 3).outputs.append(stream(f"see {text} here"))
    assert bool(conventions.problems(notebook)) == found


def test_a_machine_path_in_data_or_in_html_is_found(notebook):
    bundle = {"application/json": {"place": ["/home/me/x"]}, "text/html": "<p>x</p>"}
    code(notebook, 3).outputs.append(nbformat.v4.new_output("display_data", data=bundle))
    assert "machine path" in conventions.problems(notebook)[0]

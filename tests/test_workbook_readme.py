import nbformat
import pytest

from helpers.workbook import __main__, address, colab, readme, repository, skeleton

OLD = "https://github.com/" + "first/place"
NEW = "https://github.com/" + "second/other-place"

README = f"""# Workbook

<!-- badges:start -->
{address.badges(OLD)}
<!-- badges:end -->

```
git clone {OLD}.git
cd place
```
See [the issues]({OLD}/issues), [elsewhere]({OLD}s/else) and first/place.

<!-- notebooks:start -->
<!-- notebooks:end -->
The end.
"""

PYPROJECT = """[project]
name = "cnn-workbook"
[project.urls]
Repository = "{}"
"""


def recorded_result(**changes):
    result = {
        "name": "test accuracy",
        "value": 0.7423,
        "unit": "",
        "profile": "full",
        "data": "CIFAR-10",
        "is_real": True,
        "hardware": "2 CPU cores",
        "reference": 0.65,
        "reference_source": "the article",
        "digits": 3,
    }
    data = {"application/vnd.cnn-workbook.result+json": {**result, **changes}}
    return nbformat.v4.new_output("display_data", data=data)


def run_metadata(**changes):
    run = {"data": "drawn set", "seconds": 18.2, "peak_memory_mb": 873, "cpu_cores": 2}
    return {**run, "hardware": "2 CPU cores", **changes}


@pytest.fixture
def clone(tmp_path):
    (tmp_path / "pyproject.toml").write_text(PYPROJECT.format(OLD))
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "notebooks").mkdir()
    notebook = skeleton.notebook("01 · Nets | layers", address=OLD)
    notebook.cells[-2].outputs = [
        recorded_result(),
        recorded_result(name="a count", value=7, reference=None, reference_source=None),
        recorded_result(name="a share <", value=64.84, unit="%", reference=65),
    ]
    notebook.metadata["workbook"] = {
        "question": "How far?",
        "runs": {
            "quick": run_metadata(),
            "full": run_metadata(data="CIFAR-10", seconds=1200, peak_memory_mb=1130),
        },
    }
    nbformat.write(notebook, tmp_path / "notebooks" / "01_nets.ipynb")
    nbformat.write(
        skeleton.notebook("02 · Bare", address=OLD), tmp_path / "notebooks" / "02_bare.ipynb"
    )
    return tmp_path


def test_the_table_says_what_the_notebooks_recorded(clone):
    first, second = readme.table(clone).splitlines()[2:4]
    columns = [column.strip() for column in first.replace("\\|", "/").strip("|").split("|")]
    assert columns == [
        "[01 · Nets / layers](notebooks/01_nets.ipynb)",
        "How far?",
        "CIFAR-10",
        "18 s, 870 MB",
        "20 min, 1.1 GB",
        "test accuracy: **0.742** (the article: 0.65)<br>"
        "a share &lt;: **64.8 %** (the article: 65)",
        f"[![Open in Colab]({colab.BADGE})]({colab.link(OLD, '01_nets')})",
    ]
    assert "| — | — | — |" in second
    assert "measured on 2 CPU cores;" in readme.table(clone)


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["loss", "test accuracy on hands", "test accuracy, twice"], ["test accuracy on hands"]),
        (["loss", "a count"], ["loss"]),
        ([], []),
    ],
    ids=["an accuracy", "none", "nothing"],
)
def test_without_a_reference_the_first_accuracy_stands_for_a_notebook(names, shown):
    notebook = skeleton.notebook("01 · Nets", address=OLD)
    notebook.cells[-2].outputs = [
        recorded_result(name=name, reference=None, reference_source=None) for name in names
    ]
    assert [result.name for result in readme.key_results(notebook)] == shown


def test_a_stale_table_is_told_and_renewed(clone, capsys):
    before = (clone / "README.md").read_text()
    assert readme.update(clone, check=True) == 1
    assert "stale; run: make readme" in capsys.readouterr().out
    assert (clone / "README.md").read_text() == before

    assert readme.update(clone) == 0
    after = (clone / "README.md").read_text()
    assert readme.table(clone) in after
    assert after.startswith(before.partition("<!-- notebooks:start")[0])
    assert after.endswith("The end.\n")
    assert readme.update(clone, check=True) == 0


@pytest.mark.parametrize(
    "text",
    [
        "no marks",
        "<!-- a:end --><!-- a:start -->",
        "<!-- a:start --><!-- a:start --><!-- a:end -->",
    ],
    ids=["none", "wrong order", "twice"],
)
def test_a_text_without_its_marks_is_refused(text):
    with pytest.raises(ValueError, match="expected one <!-- a:start -->"):
        repository.between(text, "a", "new")


def test_a_new_address_reaches_every_place(clone, capsys):
    (clone / "CONTRIBUTING.md").write_text(f"Fork {OLD}, or see {OLD}/actions.\n")
    (clone / ".venv").mkdir()
    (clone / ".venv" / "other.md").write_text(OLD)
    (clone / "picture.bin").write_bytes(b"\xff")
    assert address.update(clone, check=True) == 0
    (clone / "pyproject.toml").write_text(PYPROJECT.format(NEW))

    assert address.update(clone, check=True) == 1
    assert "README.md has another address" in capsys.readouterr().out
    assert address.update(clone) == 0
    assert address.update(clone, check=True) == 0

    text = (clone / "README.md").read_text()
    assert address.badges(NEW) in text
    assert f"git clone {NEW}.git" in text
    assert f"[the issues]({NEW}/issues)" in text
    assert f"[elsewhere]({OLD}s/else) and first/place." in text  # not this repository's address
    assert (clone / "CONTRIBUTING.md").read_text() == f"Fork {NEW}, or see {NEW}/actions.\n"
    assert (clone / ".venv" / "other.md").read_text() == OLD
    for path in repository.notebooks(clone):
        notebook = nbformat.read(path, as_version=4)
        assert colab.find(notebook).source == colab.cell(NEW)


def test_a_changed_colab_cell_is_put_right(clone):
    path = clone / "notebooks" / "01_nets.ipynb"
    notebook = nbformat.read(path, as_version=4)
    colab.find(notebook).source += "\nprint('more')"
    nbformat.write(notebook, path)
    assert address.update(clone, check=True) == 1
    address.update(clone)
    assert nbformat.read(path, as_version=4).cells[1].source == colab.cell(OLD)


@pytest.mark.parametrize("stated", ["", "http://github.com/a/b", "https://github.com/a", OLD + "/"])
def test_an_address_that_is_not_on_github_is_refused(clone, stated):
    (clone / "pyproject.toml").write_text(PYPROJECT.format(stated))
    with pytest.raises(ValueError, match="OWNER/NAME, got"):
        repository.address(clone)


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected notebooks in"):
        repository.notebooks(tmp_path)


def test_the_table_in_this_readme_is_up_to_date():
    assert __main__.main(["readme", "--check"]) == 0


def test_this_clone_states_one_address():
    assert __main__.main(["address", "--check"]) == 0

import os
import pathlib

import pytest

from helpers import sources


def place(name, found, *, is_readers=False):
    """A place that finds a path, or raises what it is given."""

    def find():
        if isinstance(found, Exception):
            raise found
        paths = [pathlib.Path(path) for path in found.split()]
        return paths if len(paths) > 1 else paths[0]

    return sources.Place(name, find, is_readers)


def read(path):
    if path.name == "broken":
        raise ValueError(f"{path} is broken")
    return f"what is in {path}"


def refusal(reasons):
    return sources.Unavailable("The thing", reasons, "Buy one.")


def search(places, *, strict=False):
    reasons = {}
    found = sources.first_good(places, read, reasons, refusal=refusal, strict=strict)
    return found, reasons


def test_the_first_good_place_serves_and_those_before_it_are_explained():
    good = place("c", "good")
    places = [place("a", sources.Absent("not there")), place("b", "broken"), good]
    found, reasons = search([*places, place("d", "better")], strict=True)
    assert found == (good, pathlib.Path("good"), "what is in good")
    assert reasons == {"a": "not there", "b": "broken is broken"}


def test_a_broken_file_of_the_readers_stops_the_strict_and_is_told_to_the_others(capsys):
    places = [place("mine", "broken", is_readers=True), place("other", "good")]
    with pytest.raises(sources.Unavailable, match=r"(?s)cannot be had\.\n  mine: broken is broken"):
        search(places, strict=True)
    assert capsys.readouterr().out == ""
    found, reasons = search(places)
    assert found[2] == "what is in good"
    assert reasons == {}
    assert capsys.readouterr().out == "Passing over mine: broken is broken.\n"


@pytest.mark.parametrize("is_readers", [True, False])
def test_of_several_paths_in_one_place_the_first_good_one_serves(is_readers, capsys):
    paths = [pathlib.Path(name) for name in ("broken", "good", "better")]
    many = sources.Place("mine", lambda: paths, is_readers)
    assert search([many], strict=True)[0] == (many, paths[1], "what is in good")
    said = "Passing over mine: broken is broken. Taking good.\n" if is_readers else ""
    assert capsys.readouterr().out == said
    none = sources.Place("others", lambda: paths[:1] * 2)
    assert search([none]) == (None, {"others": "broken is broken; broken is broken"})


@pytest.mark.parametrize("strict", [True, False])
def test_of_several_forms_the_first_good_one_serves(strict, capsys):
    mine = place("mine", "broken good better", is_readers=True)
    assert search([mine], strict=strict)[0][1:] == (pathlib.Path("good"), "what is in good")
    assert capsys.readouterr().out == "Passing over mine: broken is broken. Taking good.\n"


def test_of_several_broken_forms_all_are_named():
    assert search([place("other", "a/broken b/broken")]) == (
        None,
        {"other": "a/broken is broken; b/broken is broken"},
    )


def test_what_the_system_refuses_is_a_reason_like_any_other():
    refused = place("other", PermissionError(13, "Permission denied", "thing"))
    assert search([refused]) == (None, {"other": "[Errno 13] Permission denied: 'thing'"})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "good")
    found, reasons = search([place("other", str(tmp_path / "good"))])
    assert found is None
    assert "good is there, but not a regular file" in reasons["other"]


@pytest.mark.parametrize("strict", [True, False])
def test_what_the_reader_need_not_have_is_no_fault_of_theirs(strict, capsys):
    absent = place("mine", sources.Absent("has other things"), is_readers=True)
    assert search([absent], strict=strict) == (None, {"mine": "has other things"})
    assert capsys.readouterr().out == ""


def test_the_error_names_each_source_and_the_line_those_that_failed_alike_together():
    error = refusal({"a": "asleep", "b": "lost", "c": "asleep"})
    assert str(error).splitlines() == [
        "The thing cannot be had.",
        "  a: asleep",
        "  b: lost",
        "  c: asleep",
        "Buy one.",
    ]
    assert error.in_one_line() == "The thing cannot be had (a, c: asleep; b: lost)."


def test_the_readers_folder_is_the_argument_or_what_the_environment_names(monkeypatch):
    assert sources.readers_folder() == (None, None)
    monkeypatch.setenv("WORKBOOK_DATA", "~/mine")
    home = pathlib.Path("~").expanduser()
    assert sources.readers_folder() == ("WORKBOOK_DATA", home / "mine")
    assert sources.readers_folder("other") == ("the folder", pathlib.Path("other"))

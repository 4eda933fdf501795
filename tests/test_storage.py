import os
import pathlib
import stat

import pytest

from helpers import storage


def test_cache_folder_is_the_one_that_the_environment_names(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBOOK_CACHE", str(tmp_path / "mine"))
    assert storage.cache_folder() == tmp_path / "mine"
    assert not storage.cache_folder().exists()  # asking for it makes nothing


def test_cache_folder_may_start_at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WORKBOOK_CACHE", "~/mine")
    assert storage.cache_folder() == tmp_path / "mine"


def test_cache_folder_without_a_setting_is_where_the_system_keeps_caches(monkeypatch):
    monkeypatch.delenv("WORKBOOK_CACHE")
    assert "cnn-workbook" in storage.cache_folder().parts


def test_replacing_makes_missing_folders_and_leaves_one_file(tmp_path):
    path = tmp_path / "new" / "note.npz"
    with storage.replacing(path) as draft:
        assert draft.suffix == ".npz"  # numpy.savez would append it otherwise
        draft.write_bytes(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_replacing_keeps_the_old_file_when_writing_fails(tmp_path, failure):
    path = tmp_path / "note.txt"
    path.write_text("old")

    def write_half():
        with storage.replacing(path) as draft:
            draft.write_text("ha")
            raise failure

    with pytest.raises(failure):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_cache_folder_of_nobody_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv("WORKBOOK_CACHE", "~nobody-of-this-name/mine")
    assert storage.cache_folder() == pathlib.Path("~nobody-of-this-name/mine")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_replacing_keeps_the_permissions_of_the_file(tmp_path, mode):
    path = tmp_path / "faces.npz"
    path.write_text("old")
    path.chmod(mode)
    with storage.replacing(path) as draft:
        assert stat.S_IMODE(draft.stat().st_mode) == 0o600  # nobody else's to read meanwhile
        draft.write_text("new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_replacing_gives_a_new_file_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "any").touch()
    with storage.replacing(tmp_path / "new") as draft:
        draft.write_text("new")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "any").stat().st_mode


def _nothing(path):
    """Leave the path free."""


def _file(path):
    path.touch()


def _link(path):
    path.with_name("elsewhere").touch()
    path.symlink_to(path.with_name("elsewhere"))


def _folder(path):
    path.mkdir()


def _pipe(path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes with names")
    os.mkfifo(path)


def _link_to_nowhere(path):
    path.symlink_to("nowhere")


@pytest.mark.parametrize("make", [_nothing, _file, _link])
def test_a_regular_file_and_one_to_be_are_welcome(tmp_path, make):
    make(tmp_path / "note.txt")
    storage.refuse_special(tmp_path / "note.txt")


@pytest.mark.parametrize("make", [_folder, _pipe, _link_to_nowhere])
def test_what_is_no_regular_file_is_refused_before_anything_is_written(tmp_path, make):
    path = tmp_path / "note.txt"
    make(path)
    with pytest.raises(OSError, match=r"note\.txt is there, but not a regular file"):
        storage.refuse_special(path)
    with pytest.raises(OSError, match="not a regular file"), storage.replacing(path):
        pytest.fail("the block must not run")
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_refused_where_it_would_be_written_through(tmp_path):
    _link(tmp_path / "note.txt")
    with pytest.raises(OSError, match="not a regular file"):
        storage.refuse_special(tmp_path / "note.txt", links=False)


def test_what_is_set_aside_takes_nobodys_name(tmp_path):
    for content in ("first", "second", "third"):
        (tmp_path / "note.txt").write_text(content)
        storage.set_aside(tmp_path / "note.txt")
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {"note.txt.old": "first", "note.txt.old2": "second", "note.txt.old3": "third"}


def test_data_file_finds_what_the_data_folder_has():
    path = storage.data_file("README.md")
    assert path.is_file()
    assert path.parent.name == "data"


@pytest.mark.parametrize("name", ["no_such.jpg", "../pyproject.toml", "", "."])
def test_data_file_refuses_what_is_not_in_the_data_folder(name):
    with pytest.raises(ValueError, match=r"it has .*README\.md"):
        storage.data_file(name)


def test_data_file_of_an_installed_package_lies_inside_it(monkeypatch, tmp_path):
    package = tmp_path / "site-packages" / "helpers"
    (package / "data").mkdir(parents=True)
    (package / "data" / "street.jpg").touch()
    (package.parent / "data").mkdir()  # of another package
    monkeypatch.setattr(storage, "__file__", str(package / "storage.py"))
    assert storage.data_file("street.jpg") == pathlib.Path(package / "data" / "street.jpg")

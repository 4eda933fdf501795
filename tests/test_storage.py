import pathlib

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

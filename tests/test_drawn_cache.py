"""Keeping what was drawn: once drawn, equal ever after, and never something broken."""

import numpy as np
import pytest

from helpers import storage
from helpers.drawn import cache

FORMS = {"images": ("uint8", (3, 2, 5)), "labels": ("int64", (3,))}


class Drawing:
    """Draws other pictures each time, and counts how often."""

    def __init__(self):
        self.count = 0

    def __call__(self):
        self.count += 1
        images = np.full((3, 2, 5), self.count, np.uint8)
        return {"images": images, "labels": np.arange(3) + self.count}


@pytest.fixture
def draw():
    return Drawing()


def load(draw, name="dots-v1", forms=FORMS):
    return cache.load_or_draw(name, forms=forms, draw=draw)


def assert_drawn(arrays, count):
    assert list(arrays) == ["images", "labels"]
    np.testing.assert_array_equal(arrays["images"], np.full((3, 2, 5), count))
    np.testing.assert_array_equal(arrays["labels"], np.arange(3) + count)


def _save_one_array(path):
    with path.open("wb") as file:
        np.save(file, np.arange(3))


def test_what_was_drawn_once_is_not_drawn_again(draw, capsys):
    assert_drawn(load(draw), 1)
    assert_drawn(load(draw), 1)
    assert draw.count == 1
    assert cache.path_of("dots-v1") == storage.cache_folder() / "dots-v1.npz"
    assert_drawn(cache.read(cache.path_of("dots-v1"), FORMS), 1)
    assert capsys.readouterr().out == ""


def test_another_name_is_drawn_by_itself(draw):
    load(draw)
    assert_drawn(load(draw, "dots-v2"), 2)
    assert_drawn(load(draw), 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:300]),
        lambda path: np.savez(path, images=np.zeros((3, 2, 5), np.uint8)),
        lambda path: np.savez(path, images=np.zeros((3, 5, 2), np.uint8), labels=np.arange(3)),
        lambda path: np.savez(path, images=np.zeros((3, 2, 5)), labels=np.arange(3)),
        lambda path: np.savez(path, images=np.array([{}]), labels=np.arange(3)),  # a pickle
        _save_one_array,
    ],
    ids=["empty", "half", "an array less", "turned", "other numbers", "pickle", "no archive"],
)
def test_a_file_that_is_broken_or_of_another_form_is_replaced(draw, spoil):
    load(draw)
    path = cache.path_of("dots-v1")
    spoil(path)
    assert cache.read(path, FORMS) is None
    assert_drawn(load(draw), 2)
    assert_drawn(load(draw), 2)


def test_a_cache_that_cannot_be_written_to_is_named_and_done_without(
    draw, monkeypatch, tmp_path, capsys
):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "cache"
    monkeypatch.setenv("WORKBOOK_CACHE", str(folder))
    assert_drawn(load(draw), 1)
    said = capsys.readouterr().out
    assert said.startswith(f"What was drawn is not kept: {folder} cannot be written to")
    assert said.count("\n") == 1


def test_a_full_disk_keeps_nothing_half_written(draw, capsys):
    resource = pytest.importorskip("resource")  # a limit on file size fails like a full disk
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        assert_drawn(load(draw), 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "is full" in capsys.readouterr().out
    assert not list(storage.cache_folder().glob("*.npz"))


def test_a_drawing_of_another_form_than_promised_is_refused(draw):
    forms = FORMS | {"labels": ("int64", (4,))}
    with pytest.raises(ValueError, match=r"expected arrays .*\(4,\).*got .*\(3,\)"):
        load(draw, forms=forms)
    assert not cache.path_of("dots-v1").exists()

"""Loading SIGNS: the course's files, drawn hands in their place, and what is said of either."""

import subprocess
import sys

import h5py
import numpy as np
import pytest

from helpers import results, signs
from helpers.drawn import hands

DRAWN = "drawn hands (1,200 pictures drawn by the workbook)"


@pytest.fixture
def arrays(rng):
    """A tiny real data set: 12 training pictures, 6 for the test."""
    return {
        "train_set_x": rng.integers(0, 256, (12, 64, 64, 3), dtype=np.uint8),
        "train_set_y": rng.permutation(np.arange(12) % 6),
        "test_set_x": rng.integers(0, 256, (6, 64, 64, 3), dtype=np.uint8),
        "test_set_y": rng.permutation(6),
    }


@pytest.fixture
def users_folder(arrays, tmp_path, monkeypatch):
    """A folder with both files, named by WORKBOOK_DATA."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for part in ("train", "test"):
        write(folder / f"{part}_signs.h5", {k: v for k, v in arrays.items() if part in k})
    monkeypatch.setenv("WORKBOOK_DATA", str(folder))
    return folder


@pytest.fixture
def drawings(monkeypatch):
    """Draw plain colours, which is quick, and count how often."""
    counted = []

    def draw_dataset(num_images, *, seed, size):
        counted.append((num_images, seed, size))
        labels = np.arange(num_images) % 6
        images = np.empty((num_images, size, size, 3), np.uint8)
        images[:] = (labels * 40).astype(np.uint8)[:, None, None, None]
        return images, labels

    monkeypatch.setattr(hands, "draw_dataset", draw_dataset)
    return counted


def write(path, contents):
    with h5py.File(path, "w") as file:
        for key, content in contents.items():
            file[key] = content


def assert_holds(loaded, arrays):
    for part in ("train", "test"):
        np.testing.assert_array_equal(getattr(loaded, f"x_{part}"), arrays[f"{part}_set_x"])
        np.testing.assert_array_equal(getattr(loaded, f"y_{part}"), arrays[f"{part}_set_y"])
        assert getattr(loaded, f"y_{part}").dtype == np.int64


# The course's files


@pytest.mark.parametrize("data", ["auto", "real"])
def test_the_readers_folder_is_read_without_a_word(arrays, users_folder, capsys, data):
    loaded = signs.load_signs(data)
    assert_holds(loaded, arrays)
    assert loaded.is_real
    assert loaded.source == "SIGNS from WORKBOOK_DATA"
    assert loaded.class_names == ("0", "1", "2", "3", "4", "5")
    assert capsys.readouterr().out == ""


def test_a_folder_can_be_passed_instead(arrays, users_folder, monkeypatch):
    monkeypatch.setenv("WORKBOOK_DATA", "/no/such/folder")
    loaded = signs.load_signs("real", folder=users_folder)
    assert_holds(loaded, arrays)
    assert loaded.source == "SIGNS from the folder"


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, ">i8"])
def test_labels_come_in_one_form(arrays, users_folder, dtype):
    for part in ("train", "test"):
        with h5py.File(users_folder / f"{part}_signs.h5", "a") as file:
            labels = file[f"{part}_set_y"][:]
            del file[f"{part}_set_y"]
            file[f"{part}_set_y"] = labels[None].astype(dtype)  # one row, as the course uses them
            file["list_classes"] = np.arange(6)  # as the course's files have it
    assert_holds(signs.load_signs("real"), arrays)


def test_results_name_the_data(users_folder, drawings):
    for loaded, name, is_real in [
        (signs.load_signs("real"), "SIGNS from WORKBOOK_DATA", True),
        (signs.load_signs("embedded"), "drawn hands", False),
    ]:
        result = results.record("test accuracy", 0.5, run=signs.settings.Settings(), data=loaded)
        assert (result.data, result.is_real) == (name, is_real)


def test_describe_names_the_data_and_the_numbers(users_folder, drawings):
    description = signs.load_signs("real").describe()
    assert description == "SIGNS from WORKBOOK_DATA: 12 training, 6 test pictures"
    description = signs.load_signs("embedded").describe()
    assert description == f"{DRAWN}: 1,080 training, 120 test pictures"


# Without them


def test_without_a_folder_auto_draws_and_says_so_in_one_line(drawings, capsys):
    loaded = signs.load_signs()
    assert capsys.readouterr().out == (
        "The real SIGNS cannot be had (WORKBOOK_DATA: names no folder). Using drawn hands instead. "
        "For the real SIGNS let WORKBOOK_DATA name a folder with train_signs.h5 and "
        "test_signs.h5.\n"
        "Drawing 1,200 hands.\n"
    )
    assert not loaded.is_real
    assert loaded.source == DRAWN


def test_without_a_folder_real_stops(drawings):
    with pytest.raises(signs.DataUnavailable, match="WORKBOOK_DATA: names no folder"):
        signs.load_signs("real")
    assert drawings == []


def test_embedded_draws_and_leaves_the_readers_folder_alone(users_folder, drawings, capsys):
    (users_folder / "train_signs.h5").write_bytes(b"broken, but nobody looks")
    loaded = signs.load_signs("embedded")
    assert not loaded.is_real
    assert capsys.readouterr().out == "Drawing 1,200 hands.\n"
    assert drawings == [(1200, 1, 64)]
    for images, labels, number in [
        (loaded.x_train, loaded.y_train, 1080),
        (loaded.x_test, loaded.y_test, 120),
    ]:
        assert images.shape == (number, 64, 64, 3)
        np.testing.assert_array_equal(np.bincount(labels), [number // 6] * 6)


def test_the_drawn_hands_are_those_of_the_drawing_module(monkeypatch):
    monkeypatch.setattr(signs, "_NUM_DRAWN_TRAIN", 8)
    monkeypatch.setattr(signs, "_NUM_DRAWN_TEST", 4)
    images, labels = hands.draw_dataset(12, seed=1)
    loaded = signs.load_signs("embedded")
    np.testing.assert_array_equal(np.concatenate([loaded.x_train, loaded.x_test]), images)
    np.testing.assert_array_equal(np.concatenate([loaded.y_train, loaded.y_test]), labels)


def test_the_hands_are_drawn_once_and_equal_ever_after(drawings, capsys, monkeypatch):
    first, second = signs.load_signs("embedded"), signs.load_signs("embedded")
    assert len(drawings) == 1
    assert capsys.readouterr().out == "Drawing 1,200 hands.\n"
    for part in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(first, part), getattr(second, part))
    monkeypatch.setattr(hands, "VERSION", "next")
    signs.load_signs("embedded")
    assert len(drawings) == 2


def test_an_unknown_data_setting_is_refused():
    with pytest.raises(ValueError, match="auto, real, embedded; got 'photos'"):
        signs.load_signs("photos")


def test_importing_the_loader_loads_no_tensorflow():
    code = (
        "import sys; from helpers import signs; "
        "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Broken files


def _replace(key, content):
    def spoil(folder):
        part = key.partition("_")[0]
        with h5py.File(folder / f"{part}_signs.h5", "a") as file:
            del file[key]
            if content is not None:
                file[key] = content

    return spoil


def _truncate(folder):
    path = folder / "train_signs.h5"
    path.write_bytes(path.read_bytes()[:-1000])


def _put_group(folder):
    with h5py.File(folder / "train_signs.h5", "a") as file:
        del file["train_set_y"]
        file.create_group("train_set_y")


def _remove_folder(folder):
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def _store_elsewhere(folder):
    (folder / "private").write_bytes(bytes(12288))
    with h5py.File(folder / "train_signs.h5", "w") as file:
        outside = [(str(folder / "private"), 0, 12288)]
        file.create_dataset("train_set_x", shape=(1, 64, 64, 3), dtype="u1", external=outside)
        file["train_set_y"] = np.zeros(1, int)


def _link_elsewhere(folder):
    with h5py.File(folder / "train_signs.h5", "a") as file:
        del file["train_set_y"]
        file["train_set_y"] = h5py.ExternalLink(str(folder / "test_signs.h5"), "/test_set_y")


def _declare_only(folder):
    with h5py.File(folder / "train_signs.h5", "w") as file:
        shape, chunks = (10**6, 64, 64, 3), (1, 64, 64, 3)
        file.create_dataset("train_set_x", shape=shape, dtype="u1", chunks=chunks)
        file.create_dataset("train_set_y", shape=(10**6,), dtype="i8", chunks=(1000,))


def _make_folder_of_file(folder):
    (folder / "test_signs.h5").unlink()
    (folder / "test_signs.h5").mkdir()


PICTURES = np.zeros((6, 64, 64, 3), np.uint8)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_remove_folder, "WORKBOOK_DATA: no train_signs.h5 and no test_signs.h5"),
        (lambda folder: (folder / "test_signs.h5").unlink(), "WORKBOOK_DATA: no test_signs.h5"),
        (
            lambda folder: (folder / "train_signs.h5").write_bytes(b""),
            "train_signs.h5 is damaged",
        ),
        (
            lambda folder: (folder / "test_signs.h5").write_bytes(b"?"),
            "test_signs.h5 is damaged",
        ),
        (_make_folder_of_file, "test_signs.h5 is not a regular file"),
        (_store_elsewhere, "numbers of train_set_x are said to lie in another file"),
        (_link_elsewhere, "train_set_y is a link to elsewhere"),
        (_declare_only, "train_set_x declares 1,000,000 chunks, but only 0 are stored"),
        (_truncate, "train_signs.h5 is damaged or not .*truncated"),
        (_put_group, "train_set_y should be an array"),
        (_replace("train_set_y", None), "it lacks train_set_y; it has train_set_x"),
        (_replace("train_set_x", None), "it lacks train_set_x; it has train_set_y"),
        (_replace("train_set_x", 5), "but is int64 of shape ()"),
        (_replace("test_set_x", h5py.Empty("u1")), "test_set_x should be an array"),
        (_replace("test_set_x", PICTURES[:, :32]), "64, 64, 3), but is uint8 of shape (6, 32, 64"),
        (_replace("test_set_x", PICTURES / 255), "64, 64, 3), but is float64 of shape (6, 64"),
        (_replace("test_set_x", PICTURES[:0]), "but is uint8 of shape (0, 64, 64, 3)"),
        (_replace("test_set_y", np.arange(5)), "shape (6,) or (1, 6), but is int64 of shape (5,)"),
        (_replace("test_set_y", np.eye(6)), "(6,) or (1, 6), but is float64 of shape (6, 6)"),
        (_replace("test_set_y", np.arange(6) + 1), "should lie in 0 to 5, but goes from 1 to 6"),
        (_replace("test_set_y", np.arange(6) - 1), "should lie in 0 to 5, but goes from -1 to 4"),
    ],
)
def test_a_broken_folder_stops_real_and_is_passed_over_by_auto(
    users_folder, drawings, capsys, spoil, reason
):
    spoil(users_folder)
    with pytest.raises(signs.DataUnavailable) as caught:
        signs.load_signs("real")
    message = str(caught.value)
    assert all(part in message for part in reason.split(".*"))
    assert message.endswith(signs.REMEDY)
    reasons = caught.value.in_one_line()
    assert drawings == []
    assert not signs.load_signs("auto").is_real
    said, _ = capsys.readouterr().out.splitlines()
    assert said == f"{reasons} Using drawn hands instead. {signs.REMEDY}"

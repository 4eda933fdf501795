"""The handwritten digits that come with the workbook."""

import numpy as np
import pytest

from helpers import digits, results, settings

# Of each digit, 0 to 9: "Class Distribution" in the set's own description, optdigits.names.
PER_DIGIT = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def everything(loaded):
    pictures = np.concatenate([loaded.x_train, loaded.x_test])
    labels = np.concatenate([loaded.y_train, loaded.y_test])
    order = np.lexsort([labels, *pictures.reshape(len(pictures), -1).T])
    return pictures[order], labels[order]


def test_all_of_the_set_is_there():
    loaded = digits.load_digits(num_test=360)
    assert loaded.x_train.shape == (1437, 8, 8, 1)
    assert loaded.x_test.shape == (360, 8, 8, 1)
    assert loaded.x_train.dtype == loaded.x_test.dtype == np.float32
    assert loaded.y_train.dtype == loaded.y_test.dtype == np.int64
    pictures, labels = everything(loaded)
    assert np.bincount(labels).tolist() == PER_DIGIT
    assert (pictures.min(), pictures.max()) == (0, 1)
    assert (pictures * 16 == np.round(pictures * 16)).all()


def test_the_first_picture_of_the_set_is_a_nought():
    pictures, labels = everything(digits.load_digits())
    first = [  # as scikit-learn's documentation prints it, load_digits().images[0]
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
        [0, 5, 8, 0, 0, 9, 8, 0],
        [0, 4, 11, 0, 1, 12, 7, 0],
        [0, 2, 14, 5, 10, 12, 0, 0],
        [0, 0, 6, 13, 10, 0, 0, 0],
    ]
    same = (pictures[..., 0] * 16 == first).all(axis=(1, 2))
    assert labels[same].tolist() == [0]


@pytest.mark.parametrize("num_test", [0, 95, 360, 1797])
def test_another_seed_splits_the_same_digits_in_another_way(num_test):
    ones, others = (digits.load_digits(num_test=num_test, seed=seed) for seed in (1, 2))
    for mine, theirs in zip(everything(ones), everything(others), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert len(ones.x_test) == len(others.x_test) == num_test
    assert not np.array_equal(ones.x_train, others.x_train) or num_test == 1797
    again = digits.load_digits(num_test=num_test, seed=1)
    np.testing.assert_array_equal(again.x_train, ones.x_train)
    np.testing.assert_array_equal(again.y_test, ones.y_test)


def test_the_test_has_its_share_of_every_digit():
    shares = np.bincount(digits.load_digits(num_test=360).y_test) / PER_DIGIT
    np.testing.assert_allclose(shares, 360 / 1797, atol=0.01)


def test_digits_come_in_random_order():
    labels = digits.load_digits().y_train
    assert all(len(set(labels[start : start + 100])) == 10 for start in range(0, 1400, 100))
    assert labels[:10].tolist() != list(range(10))


@pytest.mark.parametrize("num_test", [-1, 1798])
def test_a_test_larger_than_the_set_is_refused(num_test):
    with pytest.raises(ValueError, match=f"num_test as an integer from 0 to 1797, got {num_test}"):
        digits.load_digits(num_test=num_test)


def test_they_describe_themselves_and_serve_as_the_data_of_a_result():
    loaded = digits.load_digits(num_test=300)
    described = "handwritten digits from UCI: 1,497 training, 300 test pictures"
    assert loaded.describe() == described
    result = results.record("accuracy", 0.5, run=settings.Settings(), data=loaded)
    assert result.data == "handwritten digits from UCI"
    assert result.is_real


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"labels": None}, "labels"),
        ({"images": np.full((4, 8, 8), 17, np.uint8)}, "in 0 to 16"),
        ({"images": np.zeros((4, 8, 8))}, "images should be uint8"),
        ({"images": np.zeros((4, 8, 7), np.uint8)}, "images should be uint8"),
        ({"labels": np.arange(4) / 2}, "labels should be 4 integers"),
        ({"labels": np.arange(5)}, "labels should be 4 integers"),
        ({"labels": np.array([0, 1, 2, 10])}, "labels should be 4 integers in 0 to 9"),
    ],
)
def test_a_damaged_file_is_refused_by_name(monkeypatch, tmp_path, changes, match):
    whole = {"images": np.zeros((4, 8, 8), np.uint8), "labels": np.arange(4)}
    arrays = {name: array for name, array in (whole | changes).items() if array is not None}
    np.savez(tmp_path / "digits.npz", **arrays)
    monkeypatch.setattr(digits.storage, "data_file", lambda name: tmp_path / name)
    with pytest.raises(ValueError, match=rf"digits\.npz cannot be used: .*{match}"):
        digits.load_digits(num_test=1)

import functools

import numpy as np
import pytest

from helpers.augmentation import shift_and_flip
from helpers.faces.sampling import IdentityBatches

COUNTS = (2, 9, 3, 5, 4, 7, 2)  # pictures of each person


def numbered_faces():
    """Pictures that show their own number, in no order of people."""
    labels = np.repeat(10 * np.arange(len(COUNTS)), COUNTS)
    labels = np.random.default_rng(5).permutation(labels)
    images = np.zeros((len(labels), 4, 6, 3), "uint8")
    images[:] = np.arange(len(labels))[:, None, None, None]
    return images, labels


def make(**settings):
    return IdentityBatches(
        *numbered_faces(), **({"people": 3, "pictures": 3, "seed": 0, "batches": 20} | settings)
    )


def test_a_batch_has_so_many_people_with_so_many_pictures_each():
    _, true_labels = numbered_faces()
    for images, labels in make():
        assert images.shape == (9, 4, 6, 3)
        assert images.dtype == np.uint8
        people, counts = np.unique(labels, return_counts=True)
        assert len(people) == 3
        np.testing.assert_array_equal(counts, 3)
        np.testing.assert_array_equal(labels, true_labels[images[:, 0, 0, 0]])


def test_a_picture_comes_again_only_if_its_person_has_too_few():
    for images, labels in make(pictures=4):
        for person in np.unique(labels):
            shown = np.unique(images[labels == person, 0, 0, 0])
            assert len(shown) == min(4, COUNTS[person // 10])


def test_all_people_come_equally_often_however_many_pictures_they_have():
    shown = np.concatenate([labels for _, labels in make(people=7, pictures=2)])
    np.testing.assert_array_equal(np.unique(shown, return_counts=True)[1], 40)
    shown = np.concatenate([labels for _, labels in make(batches=700, pictures=2)])
    np.testing.assert_allclose(np.unique(shown, return_counts=True)[1], 600, rtol=0.1)


def test_epochs_differ_and_seeds_repeat():
    one, two, other = make(seed=3), make(seed=3), make(seed=4)
    first = one[5][0]
    np.testing.assert_array_equal(first, two[5][0])
    assert not np.array_equal(first, other[5][0])
    one.on_epoch_end()
    assert not np.array_equal(one[5][0], first)
    two.on_epoch_end()
    np.testing.assert_array_equal(one[5][0], two[5][0])


def test_an_epoch_has_room_for_all_pictures():
    batches = make(batches=None)
    assert len(batches) == 4  # 32 pictures, 9 in a batch
    with pytest.raises(IndexError, match="batches 0 to 3, got 4"):
        batches[4]


def test_pictures_can_be_augmented():
    def darker(images, *, rng):
        return images // 2 + rng.integers(2, size=(len(images), 1, 1, 1), dtype="uint8")

    plain, changed = make(), make(augment=darker)
    added = changed[2][0].astype(int) - plain[2][0] // 2
    assert set(np.unique(added)) == {0, 1}
    np.testing.assert_array_equal(changed[2][1], plain[2][1])
    moved = make(augment=functools.partial(shift_and_flip, max_shift=1))
    np.testing.assert_array_equal(moved[2][0], plain[2][0])  # they are of one colour


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"people": 8}, "at least 8 people, got 7"),
        ({"people": 1}, "people as an integer of at least 2, got 1"),
        ({"people": 2.5}, "people as an integer of at least 2, got 2.5"),
        ({"pictures": 1}, "pictures as an integer of at least 2, got 1"),
        ({"pictures": "3"}, "pictures as an integer of at least 2, got '3'"),
        ({"batches": 0}, "batches as an integer of at least 1, got 0"),
        ({"batches": True}, "batches as an integer of at least 1, got True"),
        ({"seed": -1}, "seed as an integer of at least 0, got -1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        make(**settings)


def test_people_with_one_picture_are_refused_by_name():
    images = np.zeros((6, 4, 6, 3), "uint8")
    with pytest.raises(ValueError, match="got 1 of 2 of 4 people: 4, 9"):
        IdentityBatches(images, [3, 4, 5, 5, 3, 9], people=2, pictures=2, seed=0)
    with pytest.raises(ValueError, match=r"6 pictures and labels of shape \(5,\)"):
        IdentityBatches(images, [3, 3, 3, 5, 5], people=2, pictures=2, seed=0)

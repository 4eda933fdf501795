import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from helpers.augmentation import AugmentedImages, shift_and_flip, shift_right


def test_nothing_moves_without_a_shift_but_half_are_mirrored(rng):
    images = rng.integers(0, 256, (200, 4, 7, 3), dtype="uint8")
    moved = shift_and_flip(images, max_shift=0, rng=rng)
    same = (moved == images).all(axis=(1, 2, 3))
    mirrored = (moved == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (same | mirrored).all()
    assert 70 < mirrored.sum() < 130


def test_every_result_is_one_of_the_shifts_done_slowly(rng):
    images = rng.integers(1, 256, (60, 5, 8, 3), dtype="uint8")
    moved = shift_and_flip(images, max_shift=2, rng=rng)
    for image, result in zip(images, moved, strict=True):
        assert any(np.array_equal(result, candidate) for candidate in all_shifts(image, 2))


def all_shifts(image, max_shift):
    height, width, _ = image.shape
    for down in range(-max_shift, max_shift + 1):
        for right in range(-max_shift, max_shift + 1):
            shifted = np.zeros_like(image)
            for row in range(height):
                for column in range(width):
                    shifted[row, column] = image[
                        mirrored(row - down, height), mirrored(column - right, width)
                    ]
            yield shifted
            yield shifted[:, ::-1]


def mirrored(place, size):
    """Come back into 0..size - 1 as from a mirror that stands on the last pixel."""
    place = abs(place)
    return min(place, 2 * (size - 1) - place)


def test_shifting_leaves_its_argument_alone_and_follows_the_seed(rng):
    images = rng.integers(0, 256, (6, 5, 8, 3), dtype="uint8")
    kept = images.copy()
    first = shift_and_flip(images, max_shift=3, rng=np.random.default_rng(4))
    second = shift_and_flip(images, max_shift=3, rng=np.random.default_rng(4))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(images, kept)
    assert first.dtype == np.uint8


def test_one_picture_without_a_batch_axis_is_refused(rng):
    with pytest.raises(ValueError, match=r"pictures, height, width, channels.*\(5, 8, 3\)"):
        shift_and_flip(np.zeros((5, 8, 3), "uint8"), max_shift=1, rng=rng)


@pytest.mark.parametrize("max_shift", [-1, 5])
def test_a_shift_beyond_the_picture_is_refused(rng, max_shift):
    with pytest.raises(ValueError, match=f"max_shift of 5 x 8 images .* 0 to 4, got {max_shift}"):
        shift_and_flip(np.zeros((2, 5, 8, 3), "uint8"), max_shift=max_shift, rng=rng)


def numbered(count):
    images = np.zeros((count, 4, 6, 3), "uint8")
    images[:] = np.arange(count)[:, None, None, None]
    return images, np.arange(count)


def test_batches_are_moved_pictures_with_their_own_labels():
    images, labels = numbered(11)
    batches = AugmentedImages(images, labels, batch_size=4, max_shift=0, seed=0)
    for moved, shown in batches:
        np.testing.assert_array_equal(moved[:, 0, 0, 0], shown)


def test_epochs_are_moved_differently_and_seeds_repeat(rng):
    images = rng.integers(0, 256, (20, 4, 6, 3), dtype="uint8")
    settings = {"batch_size": 20, "max_shift": 1, "seed": 3}
    one, two = (AugmentedImages(images, np.zeros(20), **settings) for _ in range(2))
    first = np.sort(one[0][0], axis=0)
    one.on_epoch_end()
    assert not np.array_equal(np.sort(one[0][0], axis=0), first)
    two.on_epoch_end()
    np.testing.assert_array_equal(one[0][0], two[0][0])


def test_a_shift_that_training_would_trip_over_is_refused_at_once():
    with pytest.raises(ValueError, match="got 4"):
        AugmentedImages(*numbered(3), batch_size=2, max_shift=4, seed=0)
    with pytest.raises(ValueError, match="got 3 pictures and 2 labels"):
        AugmentedImages(numbered(3)[0], [0, 1], batch_size=2, max_shift=0, seed=0)


def test_a_shift_to_the_right_mirrors_the_border():
    row = np.array([1, 2, 3, 4], "uint8").reshape(1, 1, 4, 1)
    for pixels, moved in enumerate([[1, 2, 3, 4], [1, 1, 2, 3], [2, 1, 1, 2]]):
        assert shift_right(row, pixels).ravel().tolist() == moved
    assert shift_right(row, 4).dtype == np.uint8


def test_a_shift_to_the_right_leaves_rows_and_colours_apart(rng):
    images = rng.integers(0, 256, (2, 5, 8, 3), dtype="uint8")
    moved = shift_right(images, 3)
    np.testing.assert_array_equal(moved[:, :, 3:], images[:, :, :-3])
    np.testing.assert_array_equal(moved[:, :, :3], images[:, :, 2::-1])


@pytest.mark.parametrize("pixels", [-1, 9, 0.5])
def test_a_shift_to_the_right_stays_within_the_width(pixels):
    with pytest.raises(ValueError, match="pixels as an integer from 0 to 8"):
        shift_right(np.zeros((1, 5, 8, 3)), pixels)


def test_lists_of_pictures_are_taken_as_arrays():
    images, labels = numbered(3)
    batches = AugmentedImages(list(images), list(labels), batch_size=3, max_shift=1, seed=0)
    assert batches[0][0].shape == images.shape


@hypothesis.given(
    strategies.integers(0, 2**32 - 1), strategies.integers(1, 9), strategies.integers(1, 9)
)
def test_moved_images_hold_nothing_but_their_own_pixels(seed, height, width):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (3, height, width, 2), dtype=np.uint8)
    max_shift = int(rng.integers(min(height, width)))
    moved = shift_and_flip(images, max_shift=max_shift, rng=rng)
    assert (moved.dtype, moved.shape) == (images.dtype, images.shape)
    for before, after in zip(images, moved, strict=True):
        assert {*map(tuple, after.reshape(-1, 2))} <= {*map(tuple, before.reshape(-1, 2))}
    np.testing.assert_array_equal(shift_right(images, 0), images)
    np.testing.assert_array_equal(shift_right(images, width), images[:, :, ::-1])

import keras
import numpy as np
import pytest

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
    with pytest.raises(ValueError, match=rf"0\.\.4 for 5 x 8 pictures; got {max_shift}"):
        shift_and_flip(np.zeros((2, 5, 8, 3), "uint8"), max_shift=max_shift, rng=rng)


def numbered(count):
    images = np.zeros((count, 4, 6, 3), "uint8")
    images[:] = np.arange(count)[:, None, None, None]
    return images, np.arange(count)


def test_an_epoch_shows_every_picture_once_with_its_own_label():
    batches = AugmentedImages(*numbered(11), batch_size=4, max_shift=0, seed=0)
    shown = [batches[index] for index in range(len(batches))]
    assert [len(labels) for _, labels in shown] == [4, 4, 3]
    labels = np.concatenate([labels for _, labels in shown])
    images = np.concatenate([images for images, _ in shown])
    assert sorted(labels) == list(range(11))
    np.testing.assert_array_equal(images[:, 0, 0, 0], labels)


def test_epochs_differ_and_seeds_repeat():
    one = AugmentedImages(*numbered(50), batch_size=50, max_shift=1, seed=3)
    two = AugmentedImages(*numbered(50), batch_size=50, max_shift=1, seed=3)
    first = one[0][1]
    np.testing.assert_array_equal(first, two[0][1])
    one.on_epoch_end()
    assert not np.array_equal(one[0][1], first)
    two.on_epoch_end()
    np.testing.assert_array_equal(one[0][0], two[0][0])


@pytest.mark.parametrize(("pictures", "labels"), [(3, 4), (0, 0)])
def test_a_picture_without_a_label_or_no_picture_is_refused(pictures, labels):
    with pytest.raises(ValueError, match=f"got {pictures} pictures and {labels} labels"):
        AugmentedImages(
            np.zeros((pictures, 4, 6, 3), "uint8"),
            np.zeros(labels, int),
            batch_size=2,
            max_shift=0,
            seed=0,
        )


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"batch_size": 0}, "batch_size must be at least 1, got 0"), ({"max_shift": 4}, "got 4")],
)
def test_settings_that_training_would_trip_over_are_refused_at_once(settings, message):
    with pytest.raises(ValueError, match=message):
        AugmentedImages(*numbered(3), **({"batch_size": 2, "max_shift": 0, "seed": 0} | settings))


def test_going_through_the_batches_comes_to_an_end():
    batches = AugmentedImages(*numbered(5), batch_size=2, max_shift=0, seed=0)
    assert sum(len(labels) for _, labels in batches) == 5
    with pytest.raises(IndexError, match="batches 0 to 2, got 3"):
        batches[3]


def trained_on_batches(num_threads):
    keras.utils.set_random_seed(0)
    images, labels = numbered(23)
    batches = AugmentedImages(images, labels % 3, batch_size=4, max_shift=1, seed=0)
    batches.workers = num_threads
    model = keras.Sequential(
        [keras.Input((4, 6, 3)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    )
    model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy")
    model.fit(batches, epochs=3, verbose=0)
    return model.get_weights()


def test_threads_that_prepare_batches_change_neither_them_nor_their_order():
    kept = AugmentedImages(*numbered(3), batch_size=2, max_shift=0, seed=0).workers
    assert kept > 1
    for one, several in zip(trained_on_batches(1), trained_on_batches(kept), strict=True):
        np.testing.assert_array_equal(one, several)


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
    with pytest.raises(ValueError, match=r"whole number in 0\.\.8"):
        shift_right(np.zeros((1, 5, 8, 3)), pixels)

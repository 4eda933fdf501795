import keras
import numpy as np
import pytest

from helpers.batches import Batches


def numbered(count):
    images = np.zeros((count, 4, 6, 3), "uint8")
    images[:] = np.arange(count)[:, None, None, None]
    return images, np.arange(count)


def test_an_epoch_shows_every_picture_once_with_its_own_label():
    batches = Batches(*numbered(11), batch_size=4, seed=0)
    shown = [batches[index] for index in range(len(batches))]
    assert [len(labels) for _, labels in shown] == [4, 4, 3]
    labels = np.concatenate([labels for _, labels in shown])
    images = np.concatenate([images for images, _ in shown])
    assert sorted(labels) == list(range(11))
    np.testing.assert_array_equal(images, numbered(11)[0][labels])


def test_epochs_differ_and_seeds_repeat():
    one, two = (Batches(*numbered(50), batch_size=50, seed=3) for _ in range(2))
    first = one[0][1]
    np.testing.assert_array_equal(first, two[0][1])
    one.on_epoch_end()
    assert not np.array_equal(one[0][1], first)
    two.on_epoch_end()
    np.testing.assert_array_equal(one[0][0], two[0][0])


@pytest.mark.parametrize(("pictures", "labels"), [(3, 4), (0, 0)])
def test_a_picture_without_a_label_or_no_picture_is_refused(pictures, labels):
    with pytest.raises(ValueError, match=f"got {pictures} pictures and {labels} labels"):
        Batches(np.zeros((pictures, 4, 6, 3)), np.zeros(labels, int), batch_size=2, seed=0)


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        Batches(*numbered(3), batch_size=0, seed=0)


def test_going_through_the_batches_comes_to_an_end():
    batches = Batches(*numbered(5), batch_size=2, seed=0)
    assert sum(len(labels) for _, labels in batches) == 5
    with pytest.raises(IndexError, match="batches 0 to 2, got 3"):
        batches[3]


def small_model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4, 6, 3)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    )
    model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy")
    return model


def trained_on_batches(num_threads):
    images, labels = numbered(23)
    batches = Batches(images, labels % 3, batch_size=4, seed=0)
    batches.workers = num_threads
    model = small_model()
    model.fit(batches, epochs=3, verbose=0)
    return model.get_weights()


def test_threads_that_prepare_batches_change_neither_them_nor_their_order():
    kept = Batches(*numbered(3), batch_size=2, seed=0).workers
    assert kept > 1
    for one, several in zip(trained_on_batches(1), trained_on_batches(kept), strict=True):
        np.testing.assert_array_equal(one, several)


def test_training_on_one_batch_of_all_is_keras_own_training_on_the_arrays():
    images, labels = numbered(23)
    ours, theirs = small_model(), small_model()
    ours.fit(Batches(images, labels % 3, batch_size=23, seed=0), epochs=3, verbose=0)
    theirs.fit(images, labels % 3, batch_size=23, epochs=3, verbose=0)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)

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


@pytest.mark.parametrize(
    ("pictures", "labels", "message"),
    [
        ((3, 4, 6, 3), (4,), "got 3 pictures and 4 labels"),
        ((0, 4, 6, 3), (0,), "expected pictures and one label for each"),
        ((3, 4, 6, 3), (), "expected pictures and one label for each"),
    ],
)
def test_a_picture_without_a_label_or_no_picture_is_refused(pictures, labels, message):
    with pytest.raises(ValueError, match=message):
        Batches(np.zeros(pictures), np.zeros(labels, int), batch_size=2, seed=0)


@pytest.mark.parametrize("batch_size", [0, 2.5, True, None, "4"])
def test_a_batch_size_that_is_no_whole_number_is_refused(batch_size):
    with pytest.raises(ValueError, match=f"batch_size as an integer .* got {batch_size!r}"):
        Batches(*numbered(3), batch_size=batch_size, seed=0)


@pytest.mark.parametrize("seed", [-1, 1.5, None])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(ValueError, match=f"seed as an integer .* got {seed!r}"):
        Batches(*numbered(3), batch_size=2, seed=seed)


def test_lists_are_taken_as_arrays():
    images, labels = numbered(3)
    batches = Batches(list(images), list(labels), batch_size=3, seed=0)
    np.testing.assert_array_equal(batches[0][0], images[batches[0][1]])


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


class Recorder(keras.callbacks.Callback):
    def __init__(self, batches):
        super().__init__()
        self.batches, self.epochs = batches, []

    def on_epoch_begin(self, epoch, logs=None):
        self.epochs.append([labels.tolist() for _, labels in self.batches])


def test_fit_is_given_the_same_batches_for_the_same_seed():
    seen = []
    for _ in range(2):
        batches = Batches(*numbered(23), batch_size=23, seed=4)
        batches.labels = batches.labels % 3
        recorder = Recorder(batches)
        small_model().fit(batches, epochs=3, verbose=0, callbacks=[recorder])
        seen.append(recorder.epochs)
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[0][1]


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

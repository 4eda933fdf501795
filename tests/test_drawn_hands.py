"""The drawn hands: reproducible, varied, whole in the picture, and worth learning from."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from helpers.drawn import hands
from helpers.drawn.dice import Dice

NUM_SIGNS = 6


@pytest.fixture(scope="module")
def drawn_set():
    return hands.draw_dataset(120, seed=3, size=32)


# Pictures


@pytest.mark.parametrize("num_fingers", range(NUM_SIGNS))
def test_each_sign_is_drawn_in_any_size(num_fingers):
    for size in (16, 33, 96):
        image = hands.draw(num_fingers, seed=1, index=2, size=size)
        assert image.shape == (size, size, 3)
        assert image.dtype == np.uint8


@pytest.mark.parametrize("num_fingers", range(NUM_SIGNS))
def test_another_size_shows_the_same_scene(num_fingers):
    correlations = []
    for index in range(4):
        small = hands.draw(num_fingers, seed=5, index=index, size=48)
        large = hands.draw(num_fingers, seed=5, index=index, size=144)
        shrunk = np.asarray(Image.fromarray(large).reduce(3))
        correlations.append(np.corrcoef(small.ravel(), shrunk.ravel())[0, 1])
    assert min(correlations) > 0.9


def test_the_same_numbers_give_the_same_picture_and_others_another():
    image = hands.draw(4, seed=7, index=11, size=32)
    np.testing.assert_array_equal(image, hands.draw(4, seed=7, index=11, size=32))
    for other in ({"seed": 8, "index": 11}, {"seed": 7, "index": 12}):
        assert not np.array_equal(image, hands.draw(4, size=32, **other))
    assert not np.array_equal(image, hands.draw(5, seed=7, index=11, size=32))


def test_another_process_draws_the_same_pictures_and_loads_no_tensorflow(drawn_set):
    code = (
        "import hashlib, sys; from helpers.drawn import hands;"
        "images, _ = hands.draw_dataset(12, seed=3, size=32);"
        "print(hashlib.sha256(images.tobytes()).hexdigest(), 'tensorflow' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert theirs == [hashlib.sha256(drawn_set[0][:12].tobytes()).hexdigest(), "False"]


@pytest.mark.parametrize("num_fingers", range(NUM_SIGNS))
def test_a_sign_raises_as_many_fingers_as_it_says(num_fingers):
    for raised in hands.FINGERS_OF[num_fingers]:
        assert len(raised) == len(set(raised)) == num_fingers


def test_no_part_of_the_hand_leaves_the_picture():
    for index in range(60):
        dice = Dice(index)
        raised = dice.weighted(hands.FINGERS_OF[index % NUM_SIGNS])
        hand = hands._choose_hand(dice, raised)
        bones = [*hand.palm, *hand.roots, *hand.tips]
        view = hands._choose_view(dice, dice.chance(0.5), bones)
        for bone in bones:
            for end, radius in ((bone.start, bone.start_radius), (bone.end, bone.end_radius)):
                x, y, _ = view.see(end)
                reach = view.scale * radius
                assert reach < min(x, y)
                assert max(x, y) < 1 - reach


# Sets


def test_a_set_has_equally_many_pictures_of_each_sign(drawn_set):
    images, labels = drawn_set
    assert images.shape == (120, 32, 32, 3)
    assert images.dtype == np.uint8
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(np.bincount(labels), np.full(NUM_SIGNS, 20))
    assert len(np.unique(labels[:6])) == NUM_SIGNS


def test_a_longer_set_starts_with_the_same_pictures(drawn_set):
    images, labels = hands.draw_dataset(13, seed=3, size=32)
    np.testing.assert_array_equal(images, drawn_set[0][:13])
    np.testing.assert_array_equal(labels, drawn_set[1][:13])


def test_picture_i_of_a_set_can_be_drawn_alone(drawn_set):
    images, labels = drawn_set
    alone = hands.draw(int(labels[77]), seed=3, index=77, size=32)
    np.testing.assert_array_equal(images[77], alone)


def test_an_empty_set_is_a_set():
    images, labels = hands.draw_dataset(0, size=40)
    assert images.shape == (0, 40, 40, 3)
    assert labels.shape == (0,)


def test_no_picture_is_empty_and_no_two_are_alike(drawn_set):
    images, _ = drawn_set
    contrast = images.astype(float).std(axis=(1, 2)).max(axis=1)
    assert contrast.min() > 8  # grey levels
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)


# Refusals


@pytest.mark.parametrize(
    ("num_fingers", "settings", "message"),
    [
        (6, {"seed": 0}, "num_fingers must be 0 to 5; got 6"),
        (-1, {"seed": 0}, "num_fingers must be 0 to 5; got -1"),
        (0, {"seed": -1}, "0 or more; got -1"),
        (0, {"seed": 0, "index": -3}, "0 or more; got 0 and -3"),
        (0, {"seed": 0, "size": 15}, "at least 16 pixels; got 15"),
    ],
)
def test_draw_refuses_what_it_cannot_draw(num_fingers, settings, message):
    with pytest.raises(ValueError, match=message):
        hands.draw(num_fingers, **settings)


@pytest.mark.parametrize(
    ("num_images", "settings", "message"),
    [
        (-1, {}, "num_images must be 0 or more; got -1"),
        (3, {"seed": -2}, "0 or more; got -2"),
        (3, {"size": 4}, "at least 16 pixels; got 4"),
    ],
)
def test_draw_dataset_refuses_what_it_cannot_draw(num_images, settings, message):
    with pytest.raises(ValueError, match=message):
        hands.draw_dataset(num_images, **settings)


# Made to teach


@pytest.fixture(scope="module")
def large_set():
    images, labels = hands.draw_dataset(1200, seed=0, size=32)
    return images[:1000], labels[:1000], images[1000:], labels[1000:]


@pytest.mark.slow
def test_a_linear_classifier_on_pixels_is_not_enough(large_set):
    x_train, y_train, x_test, y_test = large_set
    train, test = (images.reshape(len(images), -1) / 255 - 0.5 for images in (x_train, x_test))
    targets = np.eye(NUM_SIGNS)[y_train] - 1 / NUM_SIGNS
    weights = train.T @ np.linalg.solve(train @ train.T + 100 * np.eye(len(train)), targets)
    accuracy = ((test @ weights).argmax(axis=1) == y_test).mean()  # ridge regression
    assert accuracy < 0.4


@pytest.mark.slow
def test_a_small_convnet_soon_counts_better_than_by_chance(large_set):
    keras = pytest.importorskip("keras")
    layers = keras.layers
    x_train, y_train, x_test, y_test = large_set
    keras.utils.set_random_seed(0)
    model = keras.Sequential([layers.Input((32, 32, 3)), layers.Rescaling(1 / 127.5, offset=-1)])
    for num_filters in (16, 32, 48):
        model.add(layers.Conv2D(num_filters, 3, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(NUM_SIGNS, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=50, epochs=8, verbose=0)
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    assert accuracy > 0.3

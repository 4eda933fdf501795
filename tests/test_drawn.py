"""The drawn set: pictures from code that are reproducible, varied and worth learning from."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from helpers.drawn import canvas, objects, scenery
from helpers.drawn.dice import Dice

NUM_CLASSES = len(objects.CLASS_NAMES)
RED = (200, 30, 20)


@pytest.fixture(scope="module")
def drawn_set():
    return objects.draw_dataset(300, seed=3)


# Pictures


@pytest.mark.parametrize("class_index", range(NUM_CLASSES), ids=objects.CLASS_NAMES)
def test_each_class_is_drawn_in_any_size(class_index):
    for size in (8, 33, 96):
        image = objects.draw(class_index, seed=1, index=2, size=size)
        assert image.shape == (size, size, 3)
        assert image.dtype == np.uint8


@pytest.mark.parametrize("class_index", range(NUM_CLASSES), ids=objects.CLASS_NAMES)
def test_another_size_shows_the_same_scene(class_index):
    correlations = []
    for index in range(4):
        small = objects.draw(class_index, seed=5, index=index, size=32)
        large = objects.draw(class_index, seed=5, index=index, size=96)
        shrunk = np.asarray(Image.fromarray(large).reduce(3))
        correlations.append(np.corrcoef(small.ravel(), shrunk.ravel())[0, 1])
    assert min(correlations) > 0.9


def test_the_same_numbers_give_the_same_picture_and_others_another():
    image = objects.draw(4, seed=7, index=11)
    np.testing.assert_array_equal(image, objects.draw(4, seed=7, index=11))
    for other in ({"seed": 8, "index": 11}, {"seed": 7, "index": 12}):
        assert not np.array_equal(image, objects.draw(4, **other))
    assert not np.array_equal(image, objects.draw(5, seed=7, index=11))


def test_another_process_draws_the_same_pictures(drawn_set):
    code = (
        "import hashlib; from helpers.drawn import objects;"
        "print(hashlib.sha256(objects.draw_dataset(20, seed=3)[0].tobytes()).hexdigest())"
    )
    command = [sys.executable, "-c", code]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert theirs == [hashlib.sha256(drawn_set[0][:20].tobytes()).hexdigest()]


def test_drawing_loads_no_tensorflow():
    code = "import sys; from helpers.drawn import objects; print('tensorflow' in sys.modules)"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False"]


# Sets


def test_a_set_has_equally_many_pictures_of_each_class(drawn_set):
    images, labels = drawn_set
    assert images.shape == (300, 32, 32, 3)
    assert images.dtype == np.uint8
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(np.bincount(labels), np.full(NUM_CLASSES, 30))
    assert len(np.unique(labels[:10])) == NUM_CLASSES


def test_a_longer_set_starts_with_the_same_pictures(drawn_set):
    images, labels = objects.draw_dataset(13, seed=3)
    np.testing.assert_array_equal(images, drawn_set[0][:13])
    np.testing.assert_array_equal(labels, drawn_set[1][:13])


def test_picture_i_of_a_set_can_be_drawn_alone(drawn_set):
    images, labels = drawn_set
    alone = objects.draw(int(labels[123]), seed=3, index=123)
    np.testing.assert_array_equal(images[123], alone)


def test_an_empty_set_is_a_set():
    images, labels = objects.draw_dataset(0, size=40)
    assert images.shape == (0, 40, 40, 3)
    assert labels.shape == (0,)


def test_no_picture_is_empty_and_no_two_are_alike(drawn_set):
    images, _ = drawn_set
    contrast = images.astype(float).std(axis=(1, 2)).max(axis=1)
    assert contrast.min() > 4  # grey levels
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)


@pytest.mark.parametrize("class_index", range(NUM_CLASSES), ids=objects.CLASS_NAMES)
def test_each_class_is_met_before_several_backgrounds(class_index):
    names = [objects.background_name(class_index, seed=0, index=index) for index in range(200)]
    _, counts = np.unique(names, return_counts=True)
    assert len(counts) >= 5
    assert counts.max() < 0.6 * len(names)


def test_each_background_is_met_behind_several_classes():
    for name in scenery.BACKGROUNDS:
        num_classes = sum(name in weights for weights in objects.BACKGROUNDS_OF)
        assert num_classes >= (1 if name == "harbour" else 2), name


# Refusals


@pytest.mark.parametrize(
    ("class_index", "settings", "message"),
    [
        (10, {"seed": 0}, "class_index must be 0 to 9; got 10"),
        (-1, {"seed": 0}, "class_index must be 0 to 9; got -1"),
        (0, {"seed": -1}, "0 or more; got -1"),
        (0, {"seed": 0, "index": -3}, "0 or more; got 0 and -3"),
        (0, {"seed": 0, "size": 7}, "at least 8 pixels; got 7"),
    ],
)
def test_draw_refuses_what_it_cannot_draw(class_index, settings, message):
    with pytest.raises(ValueError, match=message):
        objects.draw(class_index, **settings)


@pytest.mark.parametrize(
    ("num_images", "settings", "message"),
    [
        (-1, {}, "num_images must be 0 or more; got -1"),
        (3, {"seed": -2}, "0 or more; got -2"),
        (3, {"size": 4}, "at least 8 pixels; got 4"),
    ],
)
def test_draw_dataset_refuses_what_it_cannot_draw(num_images, settings, message):
    with pytest.raises(ValueError, match=message):
        objects.draw_dataset(num_images, **settings)


# The canvas


def test_a_rectangle_covers_the_pixels_it_names():
    paper = canvas.Canvas(20, transparent=True)
    paper.rectangle(0.25, 0.5, 0.75, 1.0, RED)
    opacity = paper.finish()[:, :, 3]
    assert (opacity[11:, 6:14] == 255).all()
    assert (opacity[:9] == 0).all()
    assert (opacity[:, :4] == 0).all()
    assert (opacity[:, 16:] == 0).all()


def test_an_ellipse_has_the_area_of_an_ellipse():
    paper = canvas.Canvas(120, transparent=True)
    paper.ellipse(0.5, 0.5, 0.4, 0.2, RED, angle=0.7)
    area = paper.finish()[:, :, 3].mean() / 255
    assert area == pytest.approx(np.pi * 0.4 * 0.2, rel=0.03)


def test_a_posed_view_maps_points_like_its_matrices():
    # Pixel = canvas size x (position + scale x turn x shear x flip and stretch x point).
    view = canvas.Canvas(10).posed(
        0.3, 0.6, scale=0.5, stretch=0.8, angle=0.4, shear=0.2, flip=True
    )
    turn = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    matrix = 0.5 * turn @ np.array([[1, 0.2], [0, 1]]) @ np.diag([-0.8, 1])
    point = np.array([0.7, -0.2])
    expected = 10 * canvas.SUPERSAMPLING * (np.array([0.3, 0.6]) + matrix @ point)
    np.testing.assert_allclose(view._pixels([point]), expected)


def test_a_closed_spline_goes_through_its_control_points():
    points = np.random.default_rng(0).normal(size=(7, 2))
    curve = canvas.closed_spline(7, 5) @ points
    assert curve.shape == (35, 2)
    np.testing.assert_allclose(curve[::5], points)


def test_a_straight_limb_is_as_thick_as_it_says():
    paper = canvas.Canvas(100, transparent=True)
    paper.limb(((0.2, 0.5), (0.5, 0.5), (0.8, 0.5)), (0.2, 0.2, 0.2), RED)
    opacity = paper.finish()[:, :, 3] / 255
    assert opacity[:, 50].sum() == pytest.approx(20, abs=1)  # pixels
    assert 60 < opacity[50].sum() < 82  # from 0.2 to 0.8, and round ends


def test_rounded_shapes_are_brighter_towards_the_light():
    paper = canvas.Canvas(64, transparent=True, light_xy=(-1.0, 0.0))
    paper.ellipse(0.5, 0.5, 0.4, 0.4, RED, rounded=1.0)
    picture = paper.finish().astype(int)
    assert picture[32, 12, 0] > picture[32, 52, 0]


def test_a_gradient_runs_from_one_colour_to_the_other():
    paper = canvas.Canvas(40)
    paper.gradient((0, 100, 250), (200, 100, 50), top=0.25, bottom=1.0)
    picture = paper.finish().astype(int)
    assert (picture[:10] == 0).all()
    np.testing.assert_allclose(picture[10, 5], (0, 100, 250), atol=12)
    np.testing.assert_allclose(picture[-1, 30], (200, 100, 50), atol=12)
    assert (np.diff(picture[10:, 7, 0]) >= 0).all()


# Chance


def test_dice_stay_in_their_ranges_and_use_all_of_them():
    dice = Dice(1, 2)
    floats = [dice.between(-2.0, 3.0) for _ in range(500)]
    assert -2 <= min(floats) < -1.9
    assert 2.9 < max(floats) < 3
    assert {dice.whole(-1, 2) for _ in range(200)} == {-1, 0, 1, 2}
    assert {dice.sign() for _ in range(50)} == {-1, 1}
    assert {dice.pick("abc") for _ in range(100)} == set("abc")


def test_weighted_picks_come_as_often_as_their_weights():
    dice = Dice(4)
    picks = [dice.weighted({"often": 3, "seldom": 1}) for _ in range(4000)]
    assert picks.count("often") / 4000 == pytest.approx(0.75, abs=0.03)


# Made to teach


@pytest.fixture(scope="module")
def large_set():
    return objects.draw_dataset(12_000, seed=0)


@pytest.mark.slow
def test_a_linear_classifier_on_pixels_fails_more_often_than_not(large_set):
    images, labels = large_set
    pixels = images.reshape(len(images), -1) / np.float32(255) - np.float32(0.5)
    targets = np.eye(NUM_CLASSES, dtype=np.float32)[labels] - np.float32(1 / NUM_CLASSES)
    train, test = slice(10_000), slice(10_000, None)
    gram = pixels[train].T @ pixels[train] + 300 * np.eye(pixels.shape[1], dtype=np.float32)
    weights = np.linalg.solve(gram, pixels[train].T @ targets[train])  # ridge regression
    accuracy = ((pixels[test] @ weights).argmax(axis=1) == labels[test]).mean()
    assert 0.25 < accuracy < 0.45


@pytest.mark.slow
def test_a_simple_convnet_learns_but_does_not_finish_in_five_epochs(large_set):
    keras = pytest.importorskip("keras")
    images, labels = large_set
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((32, 32, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(30, 5, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(100, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images[:5000], labels[:5000], batch_size=100, epochs=5, verbose=0)
    _, accuracy = model.evaluate(images[10_000:], labels[10_000:], verbose=0)
    assert 0.55 < accuracy < 0.85

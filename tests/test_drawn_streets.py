"""The drawn streets: reproducible, with exact boxes, varied, and nothing hidden too far."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from helpers.drawn import buses, cars, people, street_furniture, street_views, streets, trucks
from helpers.drawn.dice import Dice
from helpers.drawn.sketch import Sketch

NUM_CLASSES = 6


@pytest.fixture(scope="module")
def drawn_set():
    return streets.draw_dataset(200, seed=3, height=96)


def populate(index, *, seed=3):
    """Return the street of a scene and all things in it, as `draw` finds them."""
    dice = Dice(seed, index, 0)
    daylight = street_views.choose_daylight(dice)
    street = street_views.choose_street(dice)
    props = streets._choose_props(dice, street, daylight)
    return street, streets._populate(Dice(seed, index, 1), street, daylight, props)


# Pictures


@pytest.mark.parametrize("height", [96, 129, 192])
def test_a_scene_has_the_height_that_is_asked_for_and_four_thirds_of_it_as_width(height):
    image, boxes, classes = streets.draw(seed=1, index=2, height=height)
    assert image.shape == (height, height * 4 // 3, 3)
    assert image.dtype == np.uint8
    assert boxes.shape == (len(classes), 4)
    assert boxes.dtype == np.float64
    assert classes.dtype == np.int64


def test_another_height_shows_the_same_scene():
    for index in range(6):
        small = streets.draw(seed=5, index=index, height=96)
        large = streets.draw(seed=5, index=index, height=192)
        np.testing.assert_array_equal(small.classes, large.classes)
        np.testing.assert_allclose(2 * small.boxes, large.boxes, atol=1e-6)
        shrunk = np.asarray(Image.fromarray(large.image).reduce(2))
        assert np.corrcoef(small.image.ravel(), shrunk.ravel())[0, 1] > 0.95


def test_the_same_numbers_give_the_same_scene_and_others_another():
    scene = streets.draw(seed=7, index=11, height=96)
    for one, other in zip(scene, streets.draw(seed=7, index=11, height=96), strict=True):
        np.testing.assert_array_equal(one, other)
    for other in ({"seed": 8, "index": 11}, {"seed": 7, "index": 12}):
        assert not np.array_equal(scene.image, streets.draw(height=96, **other).image)


def test_another_process_draws_the_same_scenes_and_loads_no_tensorflow(drawn_set):
    code = (
        "import hashlib, sys; from helpers.drawn import streets;"
        "images, boxes, _ = streets.draw_dataset(4, seed=3, height=96);"
        "digest = hashlib.sha256(images.tobytes());"
        "[digest.update(some.tobytes()) for some in boxes];"
        "print(digest.hexdigest(), 'tensorflow' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    images, boxes, _ = drawn_set
    digest = hashlib.sha256(images[:4].tobytes())
    for some in boxes[:4]:
        digest.update(some.tobytes())
    assert theirs == [digest.hexdigest(), "False"]


def test_no_picture_is_flat_and_no_two_are_alike(drawn_set):
    images = drawn_set[0]
    contrast = images.astype(float).std(axis=(1, 2)).max(axis=1)
    assert contrast.min() > 10  # grey levels
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)


# Boxes


def test_boxes_lie_in_the_picture_and_are_not_specks(drawn_set):
    boxes = np.concatenate(drawn_set[1])
    assert boxes[:, :2].min() >= 0
    assert boxes[:, 2].max() <= 128
    assert boxes[:, 3].max() <= 96
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    assert width.min() > 2  # pixels; twice as much at the usual height
    assert np.maximum(width, height).min() > 4.5


def test_a_box_is_as_large_as_what_is_painted():
    height, margin = 384, 400  # a margin around the picture, so that nothing is cut
    size = height + 2 * margin, height * 4 // 3 + 2 * margin
    for index in range(12):
        _, things = populate(index)
        for thing in things:
            x, y = margin + height * thing.x, margin + height * thing.y
            layer, top, left = thing.parts[-1].paint(height * thing.scale, x, y, size)
            rows = np.flatnonzero(layer[:, :, 3].any(axis=1)) + top
            columns = np.flatnonzero(layer[:, :, 3].any(axis=0)) + left
            painted = np.array((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)) - margin
            # Painted pixels are whole and boxes are not: that alone makes up to one pixel, which is
            # half of one at the usual height.
            np.testing.assert_allclose(height * np.array(thing.box), painted, atol=1.34)


def test_only_the_things_tell_a_street_from_the_empty_one():
    for index in range(8):
        scene = streets.draw(seed=9, index=index, height=192)
        bare = streets.draw(seed=9, index=index, height=192, empty=True)
        change = np.abs(scene.image.astype(int) - bare.image).max(axis=2) > 12
        for left, top, right, bottom in scene.boxes.round().astype(int).tolist():
            assert change[top:bottom, left:right].mean() > 0.25
        reach = np.zeros_like(change)
        _, things = populate(index, seed=9)
        for thing in things:  # with their posts, shadows and halos
            left, top, right, bottom = (round(192 * edge) for edge in thing.whole)
            margin = 8 + max(right - left, bottom - top) // 3
            rows = slice(max(0, top - margin), bottom + margin)
            reach[rows, max(0, left - margin) : right + margin] = True
        assert not (change & ~reach).any()


def test_each_thing_is_mostly_in_the_picture_and_mostly_visible():
    for index in range(40):
        _, things = populate(index)
        for thing in things:
            if thing.class_index is None:
                continue
            nearer = [other for other in things if other.ground > thing.ground]
            assert streets._share_inside(thing.box) > 0.6
            assert streets._share_visible(thing, nearer) > 0.4


def test_nearer_things_of_a_class_are_larger():
    sizes, grounds = [], []
    for index in range(60):
        street, things = populate(index)
        for thing in things:
            if thing.class_index == streets.PERSON:
                _, top, _, bottom = thing.box
                sizes.append(np.log(bottom - top))
                grounds.append(np.log(street.size_at(thing.ground)))
    assert np.corrcoef(sizes, grounds)[0, 1] > 0.9


# Sets


def test_a_longer_set_starts_with_the_same_scenes(drawn_set):
    images, boxes, classes = streets.draw_dataset(3, seed=3, height=96)
    np.testing.assert_array_equal(images, drawn_set[0][:3])
    for some, others in ((boxes, drawn_set[1]), (classes, drawn_set[2])):
        for one, other in zip(some, others[:3], strict=True):
            np.testing.assert_array_equal(one, other)


def test_scene_i_of_a_set_can_be_drawn_alone(drawn_set):
    scene = streets.draw(seed=3, index=77, height=96)
    for one, many in zip(scene, drawn_set, strict=True):
        np.testing.assert_array_equal(one, many[77])


def test_a_scene_has_two_to_nine_things_about_five_of_them(drawn_set):
    counts = np.array([len(some) for some in drawn_set[2]])
    assert counts.min() >= 2
    assert counts.max() <= 9
    assert 4.5 < counts.mean() < 5.7


def test_every_class_is_a_good_part_of_all_things_and_in_many_scenes(drawn_set):
    classes = drawn_set[2]
    shares = np.bincount(np.concatenate(classes), minlength=NUM_CLASSES)
    assert (shares / shares.sum()).min() > 0.08
    for class_index in range(NUM_CLASSES):
        assert np.mean([class_index in some for some in classes]) > 0.3


def test_empty_streets_have_no_boxes_and_still_differ():
    images, boxes, classes = streets.draw_dataset(5, seed=2, height=96, empty=True)
    assert images.shape == (5, 96, 128, 3)
    assert all(some.shape == (0, 4) for some in boxes)
    assert all(some.shape == (0,) for some in classes)
    assert len(np.unique(images.reshape(5, -1), axis=0)) == 5


def test_a_set_of_no_scenes_is_a_set():
    images, boxes, classes = streets.draw_dataset(0, height=120)
    assert images.shape == (0, 120, 160, 3)
    assert boxes == classes == []


# Refusals


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seed": -1}, "0 or more; got -1 and 0"),
        ({"seed": 0, "index": -3}, "0 or more; got 0 and -3"),
        ({"seed": 0, "height": 93}, "at least 96 pixels; got 93"),
        ({"seed": 0, "height": 200}, "a multiple of 3 and at least 96 pixels; got 200"),
    ],
)
def test_draw_refuses_what_it_cannot_draw(settings, message):
    with pytest.raises(ValueError, match=message):
        streets.draw(**settings)


@pytest.mark.parametrize(
    ("num_scenes", "settings", "message"),
    [
        (-1, {}, "num_scenes must be 0 or more; got -1"),
        (3, {"seed": -2}, "0 or more; got -2"),
        (0, {"height": 100}, "a multiple of 3"),
    ],
)
def test_draw_dataset_refuses_what_it_cannot_draw(num_scenes, settings, message):
    with pytest.raises(ValueError, match=message):
        streets.draw_dataset(num_scenes, **settings)


@pytest.mark.parametrize("vehicle", [buses, cars, trucks])
def test_a_vehicle_has_four_views_and_refuses_others(vehicle):
    for view in ("side", "slant", "front", "rear"):
        sketch = Sketch()
        vehicle.draw_view(sketch, Dice(1), view)
        left, top, right, bottom = sketch.extent()
        assert right - left > 0.4
        assert bottom - top > 0.4
    with pytest.raises(ValueError, match=r"view must be one of .* got 'top'"):
        vehicle.draw_view(Sketch(), Dice(1), "top")


# The drawings they are made of


def test_a_sketch_knows_how_far_it_reaches():
    sketch = Sketch()
    sketch.posed(2.0, 1.0, scale=0.5).rectangle(-1, -2, 3, 4, (1, 2, 3))
    assert sketch.extent() == (1.5, 0.0, 3.5, 3.0)
    sketch.line(((0.0, 1.0), (4.0, 1.0)), 0.25, (9, 9, 9))
    assert sketch.extent() == (0.0, 0.0, 4.0, 3.0)
    sketch.line(((5.0, 0.0), (5.0, 2.0)), 0.25, (9, 9, 9))
    assert sketch.extent() == (0.0, 0.0, 5.125, 3.0)


def test_an_empty_sketch_refuses_to_be_measured():
    with pytest.raises(ValueError, match="nothing was drawn"):
        Sketch().extent()


def test_a_sketch_is_cut_at_the_edge_of_the_picture():
    sketch = Sketch()
    sketch.rectangle(0, 0, 10, 10, (200, 100, 50))
    layer, top, left = sketch.paint(2.0, -8.0, 5.0, (15, 40))
    assert (top, left) == (5, 0)
    assert layer.shape[:2] == (10, 12)
    np.testing.assert_array_equal(layer[3, 3], (200, 100, 50, 255))
    outside, _, _ = sketch.paint(2.0, 50.0, 5.0, (15, 40))
    assert outside.size == 0


def test_a_sketch_finds_its_shapes_by_colour():
    sketch = Sketch()
    sketch.rectangle(1, 2, 3, 6, (5, 5, 5))
    sketch.rectangle(0, 0, 1, 1, (7, 7, 7))
    assert sketch.places_of({(5, 5, 5)}) == [(2.0, 4.0, 1.5, (5, 5, 5))]


def test_people_are_about_one_unit_tall_and_stand_on_the_ground():
    for index in range(30):
        sketch = Sketch()
        people.person(sketch, Dice(index))
        left, top, right, bottom = sketch.extent()
        assert -1.06 < top < -0.95
        assert -0.03 < bottom < 0.03
        assert 0.2 < right - left < 0.75


def test_traffic_lights_and_signs_have_a_post_on_the_ground_and_something_above():
    for draw in (street_furniture.traffic_light, street_furniture.sign):
        for index in range(30):
            post, top = Sketch(), Sketch()
            draw(post, top, Dice(index))
            assert post.extent()[3] == 0.0
            assert top.extent()[3] < -1.0

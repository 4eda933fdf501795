"""The drawn faces: reproducible, varied, one person per number, and worth learning from."""

import hashlib
import math
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from helpers.drawn import face_hair, face_people, face_surface, faces, relief
from helpers.drawn.dice import Dice
from helpers.drawn.face_mood import Mood

AT_REST = Mood(0.0, 0.0, 0.0, 0.0, 1.0, (0.0, 0.0), False)
PEOPLE, PICTURES = 10, 8


@pytest.fixture(scope="module")
def drawn_set():
    return faces.draw_dataset(PEOPLE, PICTURES, seed=3, size=32)


def person_of(number):
    return face_people.choose_person(Dice(number, 0, 0))


# Pictures


@pytest.mark.parametrize("size", [32, 47, 96])
def test_a_face_is_drawn_in_any_size(size):
    image = faces.draw(4, seed=1, picture=2, size=size)
    assert image.shape == (size, size, 3)
    assert image.dtype == np.uint8


def test_another_size_shows_the_same_scene():
    for person in range(8):
        small = faces.draw(person, seed=5, picture=person, size=40)
        large = faces.draw(person, seed=5, picture=person, size=120)
        shrunk = np.asarray(Image.fromarray(large).reduce(3))
        assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.95


def test_the_same_numbers_give_the_same_picture_and_others_another():
    image = faces.draw(4, seed=7, picture=11, size=32)
    np.testing.assert_array_equal(image, faces.draw(4, seed=7, picture=11, size=32))
    for person, seed, picture in ((5, 7, 11), (4, 8, 11), (4, 7, 12)):
        other = faces.draw(person, seed=seed, picture=picture, size=32)
        assert not np.array_equal(image, other)


def test_another_process_draws_the_same_pictures_and_loads_no_tensorflow(drawn_set):
    code = (
        "import hashlib, sys; from helpers.drawn import faces;"
        f"images, _ = faces.draw_dataset(2, {PICTURES}, seed=3, size=32);"
        "print(hashlib.sha256(images.tobytes()).hexdigest(), 'tensorflow' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ours = drawn_set[0][: 2 * PICTURES]
    assert theirs == [hashlib.sha256(ours.tobytes()).hexdigest(), "False"]


@pytest.mark.parametrize("style", face_people.STYLES)
def test_every_hair_style_can_be_worn_in_every_pose(style):
    person = person_of(1)
    person = person._replace(hair=person.hair._replace(style=style))
    for yaw in (-0.44, 0.0, 0.44):
        surface = face_surface.Surface(person, AT_REST, yaw)
        strokes = face_hair.behind(person, surface, person.hair.colour)
        strokes += face_hair.beside(person, person.hair.colour)
        strokes += face_hair.front(person, surface, person.hair.colour)
        assert np.isfinite(np.concatenate([stroke.points for stroke in strokes])).all()


# The surface


def test_the_nose_stands_out_and_moves_more_than_the_eyes_when_the_head_turns():
    for number in range(10):
        person = person_of(number)
        surface = face_surface.Surface(person, AT_REST, yaw=0.3)
        places = np.array([(0.0, person.nose.y), (person.eyes.x, 0.0), (-person.eyes.x, 0.0)])
        nose, right, left = surface.lift(places)
        assert nose[2] > right[2] + 0.05
        moved = [
            point @ (math.cos(0.3), 0, math.sin(0.3)) - point[0] for point in (nose, right, left)
        ]
        assert moved[0] > max(moved[1:])


def test_a_face_is_as_wide_on_the_left_as_on_the_right():
    surface = face_surface.Surface(person_of(2), AT_REST, yaw=0.0)
    y = np.linspace(-0.8, 0.9, 7)
    right = surface.lift(np.column_stack([np.full(7, 0.3), y]))
    left = surface.lift(np.column_stack([np.full(7, -0.3), y]))
    np.testing.assert_allclose(left * (-1, 1, 1), right, atol=1e-9)


def test_what_lies_beyond_the_face_is_moved_to_its_edge():
    surface = face_surface.Surface(person_of(3), AT_REST, yaw=0.0)
    point = surface.lift(np.array([(5.0, 0.2)]))[0]
    assert point[0] == pytest.approx(surface.half_width(0.2), rel=1e-6)


def test_the_side_that_faces_the_light_is_brighter():
    surface = face_surface.Surface(person_of(4), AT_REST, yaw=0.0)
    view = relief.View(0.35 * np.eye(3), np.array((0.5, 0.5, 0.0)), 0.35, np.array((0.0, 0.0, 1.0)))
    to_light = np.array((0.6, 0.0, 0.8))
    gain = face_surface.light_map(surface.grid(), view, to_light, ambient=0.5)
    assert gain[20:30, 26:34].mean() > gain[20:30, 14:22].mean() + 0.1
    assert gain.min() > 0.45


# People


def test_a_person_stays_the_same_whatever_the_number_of_pictures():
    images, _ = faces.draw_dataset(2, 3, seed=9, size=32)
    more, _ = faces.draw_dataset(3, 4, seed=9, size=32)
    np.testing.assert_array_equal(images[:3], more[:3])
    np.testing.assert_array_equal(images[3:], more[4:7])


def test_no_two_of_a_thousand_people_are_alike():
    people = [face_people.choose_person(Dice(0, number, 0)) for number in range(1000)]
    bones = np.array([(*who.head, *who.eyes[:3], *who.nose, *who.mouth[:4]) for who in people])
    bones = (bones - bones.mean(axis=0)) / bones.std(axis=0)
    squares = (bones**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * bones @ bones.T + 1e9 * np.eye(len(people))
    assert np.sqrt(distances.min()) > 1  # standard deviation


def test_skins_of_all_tones_are_equally_common():
    skins = np.array([face_people.choose_person(Dice(1, number, 0)).skin for number in range(600)])
    brightness = skins.mean(axis=1)
    counts, _ = np.histogram(brightness, bins=[0, 87, 120, 156, 183, 255])
    assert counts.min() > 90  # of 120 expected in each of five bands


# Sets


def test_a_set_lists_person_by_person(drawn_set):
    images, people = drawn_set
    assert images.shape == (PEOPLE * PICTURES, 32, 32, 3)
    assert images.dtype == np.uint8
    assert people.dtype == np.int64
    np.testing.assert_array_equal(
        people.reshape(PEOPLE, PICTURES), np.arange(PEOPLE)[:, None].repeat(PICTURES, axis=1)
    )


def test_any_picture_of_a_set_can_be_drawn_alone(drawn_set):
    alone = faces.draw(6, seed=3, picture=5, size=32)
    np.testing.assert_array_equal(drawn_set[0][6 * PICTURES + 5], alone)


@pytest.mark.parametrize(("people", "pictures"), [(0, 3), (2, 0)])
def test_an_empty_set_is_a_set(people, pictures):
    images, numbers = faces.draw_dataset(people, pictures, size=40)
    assert images.shape == (0, 40, 40, 3)
    assert numbers.shape == (0,)


def test_no_picture_is_empty_and_no_two_are_alike(drawn_set):
    images, _ = drawn_set
    contrast = images.astype(float).std(axis=(1, 2)).max(axis=1)
    assert contrast.min() > 8  # grey levels
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)


# Refusals


@pytest.mark.parametrize(
    ("person", "settings", "message"),
    [
        (-1, {"seed": 0}, "person must be 0 or more; got -1"),
        (0, {"seed": -2}, "seed must be 0 or more; got -2"),
        (0, {"seed": 0, "picture": -3}, "picture must be 0 or more; got -3"),
        (0, {"seed": 0, "size": 31}, "at least 32 pixels; got 31"),
    ],
)
def test_draw_refuses_what_it_cannot_draw(person, settings, message):
    with pytest.raises(ValueError, match=message):
        faces.draw(person, **settings)


@pytest.mark.parametrize(
    ("numbers", "settings", "message"),
    [
        ((-1, 2), {}, "num_people must be 0 or more; got -1"),
        ((2, -1), {}, "pictures_each must be 0 or more; got -1"),
        ((0, 0), {"seed": -2}, "seed must be 0 or more; got -2"),
        ((0, 0), {"size": 4}, "at least 32 pixels; got 4"),
    ],
)
def test_draw_dataset_refuses_what_it_cannot_draw(numbers, settings, message):
    with pytest.raises(ValueError, match=message):
        faces.draw_dataset(*numbers, **settings)


# Made to teach


def test_raw_pixels_tell_people_apart_only_a_little():
    images, people = faces.draw_dataset(25, 6, seed=1, size=32)
    pixels = images.reshape(len(images), -1) / 255
    pixels -= pixels.mean(axis=0)
    pixels /= np.linalg.norm(pixels, axis=1, keepdims=True)
    one, other = np.triu_indices(len(images), 1)
    same = people[one] == people[other]
    cosines = (pixels @ pixels.T)[one, other]
    ranks = cosines.argsort().argsort()
    wins = ranks[same].sum() - same.sum() * (same.sum() - 1) / 2
    area = wins / (same.sum() * (~same).sum())  # under the ROC curve
    assert 0.55 < area < 0.8

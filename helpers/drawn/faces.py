"""Faces: any number of people who do not exist, each in any number of pictures, drawn from code.

A person is a set of numbers: widths and heights, colours, hair, marks (`face_people`). They shape
a head in space (`face_surface`) on which eyes, mouth and hair are drawn as curves
(`face_features`, `face_hair`). From picture to picture the head turns, the face moves, and light,
background and framing change; the person does not.
"""

import math

import numpy as np
from PIL import Image, ImageFilter

from helpers.drawn import (
    camera,
    face_extras,
    face_features,
    face_hair,
    face_mood,
    face_people,
    face_surface,
    relief,
    scenery,
)
from helpers.drawn.canvas import Canvas
from helpers.drawn.colours import hsv, shade
from helpers.drawn.dice import Dice
from helpers.drawn.face_strokes import Stroke, darker

VERSION = 1  # raise it when the pictures change, so that nobody keeps old ones
MIN_SIZE = 32  # pixels; in smaller pictures people cannot be told apart

_NECK = np.array((0.0, 0.7, -0.15))  # the head turns around it


def draw(person, *, seed, picture=0, size=64):
    """Draw one picture of a person.

    Parameters
    ----------
    person : int
        Who, from 0 on. The seed and this number decide what the person looks like.
    seed, picture : int
        Not negative. The same three numbers give the same scene, at any size.
    size : int
        Height and width in pixels, at least 32.

    Returns
    -------
    image : uint8 array of shape (size, size, 3)
        RGB, 0 to 255.

    Raises
    ------
    ValueError
        If the size is too small, or one of the other numbers negative.

    >>> draw(3, seed=0, size=48).shape
    (48, 48, 3)
    """
    _check(seed, size, person=person, picture=picture)
    who = face_people.choose_person(Dice(seed, person, 0))
    return _photograph(who, Dice(seed, person, 1 + picture), size)


def draw_dataset(num_people, pictures_each, *, seed=0, size=64):
    """Draw several pictures of each of several people.

    A picture depends on the seed, the person and the number of the picture only: a larger set
    holds the same pictures.

    Parameters
    ----------
    num_people, pictures_each : int
        Not negative.
    seed : int
        Not negative.
    size : int
        Height and width in pixels, at least 32.

    Returns
    -------
    images : uint8 array of shape (num_people * pictures_each, size, size, 3)
        RGB, 0 to 255. All pictures of person 0, then all of person 1, and so on.
    people : int64 array of shape (num_people * pictures_each,)
        Who is in each picture.

    Raises
    ------
    ValueError
        If a number is negative, or the size too small.
    """
    _check(seed, size, num_people=num_people, pictures_each=pictures_each)
    people = np.repeat(np.arange(num_people, dtype=np.int64), pictures_each)
    images = np.empty((len(people), size, size, 3), dtype=np.uint8)
    for index, person in enumerate(people.tolist()):
        images[index] = draw(person, seed=seed, picture=index % pictures_each, size=size)
    return images, people


def _check(seed, size, **numbers):
    for name, number in {"seed": seed, **numbers}.items():
        if number < 0:
            raise ValueError(f"{name} must be 0 or more; got {number}")
    if size < MIN_SIZE:
        raise ValueError(f"size must be at least {MIN_SIZE} pixels; got {size}")


def _photograph(person, dice, size):
    """Draw a person in a scene that is chosen by the dice."""
    mood = face_mood.choose_mood(dice, person)
    yaw, pitch, roll = dice.between(-0.44, 0.44), dice.between(-0.2, 0.2), dice.between(-0.16, 0.16)
    view, body_view = _choose_views(dice, yaw, pitch, roll)
    to_light, ambient = _choose_light(dice)
    flat = to_light[:2] / math.hypot(*to_light[:2])
    light = camera.Light(tuple(flat.tolist()), dice.between(0.1, 0.4), dice.between(0.1, 0.5))
    hair = face_hair.choose_colour(person, dice)
    wall = _paint_background(dice, size)
    body = _body(person, dice)

    surface = face_surface.Surface(person, mood, yaw)
    grid = surface.grid()
    canvas = Canvas(size, transparent=True)
    _paint(canvas, face_hair.behind(person, surface, hair), view)
    _paint(canvas, body, body_view)
    _paint(canvas, _head(person, mood, surface, grid, hair), view)
    gain = face_surface.light_map(grid, view, to_light, ambient)
    layer = _lit(canvas.finish(), gain, size)
    return _expose(camera.put(layer, wall, light), dice)


def _head(person, mood, surface, grid, hair):
    """Return everything on the head, from back to front."""
    near = 1 if surface.yaw < 0 else -1  # the ear that is turned to the viewer
    hidden = face_hair.covers_ears(person)
    parts = face_hair.beside(person, hair)
    if not hidden:
        parts += face_extras.ear(person, -near)
    parts.append(Stroke(surface.edge(grid), person.skin))
    parts += face_features.on_skin(person, mood, surface)
    glasses = face_extras.glasses(person, surface) if mood.wears_glasses else []
    front = face_hair.front(person, surface, hair)
    if hidden:  # the arms of the glasses, too
        return parts + glasses + front
    return parts + front + face_extras.ear(person, near) + glasses


def _paint(canvas, strokes, view):
    """Paint strokes in space as they are seen."""
    points = view.see(np.concatenate([stroke.points for stroke in strokes]))[:, :2].tolist()
    start = 0
    for points3, colour, width in strokes:
        seen = points[start : start + len(points3)]
        start += len(points3)
        width *= view.scale
        if not width:
            canvas.polygon(seen, colour)
        elif len(seen) > 1:
            canvas.line(seen, width, colour)
        else:
            canvas.ellipse(*seen[0], 0.5 * width, 0.5 * width, colour)


def _choose_views(dice, yaw, pitch, roll):
    """Place the head in the picture; return the views of head and body."""
    scale = dice.between(0.33, 0.4)
    middle = np.array((0.5 + dice.between(-0.06, 0.06), 0.52 + dice.between(-0.05, 0.05), 0.0))
    matrix = scale * (_rotation(2, roll) @ _rotation(0, pitch) @ _rotation(1, yaw))
    place = middle - matrix @ np.array((0.0, 0.0, 0.2))
    body = scale * _rotation(1, 0.4 * yaw)
    body_place = matrix @ _NECK + place - body @ _NECK
    viewer = np.array((0.0, 0.0, 1.0))
    return (
        relief.View(matrix, place, scale, viewer),
        relief.View(body, body_place, scale, viewer),
    )


def _rotation(axis, angle):
    one, other = (k for k in range(3) if k != axis)
    matrix = np.eye(3)
    matrix[one, one] = matrix[other, other] = math.cos(angle)
    sin = math.sin(angle)
    matrix[one, other], matrix[other, one] = (sin, -sin) if axis == 1 else (-sin, sin)
    return matrix


def _choose_light(dice):
    """Choose the direction to the light, and how bright it is in the shade."""
    aside, up = dice.between(-1.2, 1.2), dice.between(-0.2, 0.9)
    to_light = np.array((math.sin(aside), -math.sin(up), math.cos(aside) * math.cos(up) + 0.15))
    return to_light / np.linalg.norm(to_light), dice.between(0.4, 0.8)


def _lit(layer, gain, size):
    """Shade a layer by the map of light."""
    gain = Image.fromarray(gain).resize((size, size), Image.Resampling.BICUBIC)
    shadow = 1 - np.asarray(gain)[:, :, None]
    lit = layer.astype(np.float32)
    lit[:, :, :3] *= 1 - shadow * np.array((0.85, 1.05, 1.15), np.float32)  # redder in shadow
    lit[:, :, :3] = np.minimum(lit[:, :, :3], lit[:, :, 3:])
    return lit.clip(0, 255).astype(np.uint8)


def _expose(picture, dice):
    """Take the photograph, without the strong blur and contrast that hide who it is."""
    warmth, green = dice.between(-0.07, 0.07), dice.between(-0.03, 0.03)
    tint = np.array((1 + warmth, 1 + green, 1 - warmth), np.float32)
    contrast = dice.between(0.85, 1.2)
    picture = (118 + contrast * (picture - 118)) * (dice.between(0.85, 1.12) * tint)
    if dice.chance(0.12):  # pale colours
        grey = picture.mean(axis=2, keepdims=True)
        picture = grey + dice.between(0, 0.6) * (picture - grey)
    picture = picture.clip(0, 255).astype(np.uint8)
    blur = dice.between(0.1, 0.3) if dice.chance(0.25) else 0.0
    if blur:
        soft = ImageFilter.GaussianBlur(blur * len(picture) / 32)
        picture = np.asarray(Image.fromarray(picture).filter(soft))
    strength, num_channels = dice.between(2, 10), 3 if dice.chance(0.5) else 1
    # Only the grain depends on the size, so it has to be the last thing that is drawn by lot.
    shape = (*picture.shape[:2], num_channels)
    grain = dice.generator.random(shape, dtype=np.float32) - 0.5
    return (picture + strength * grain).clip(0, 255).astype(np.uint8)


def _body(person, dice):
    """Return neck and shoulders in clothes of this day, as a list of `Stroke`."""
    wide, skin = person.head.neck, person.skin
    cloth = hsv(dice.between(0, 1), dice.between(0, 0.7), dice.between(0.15, 0.95))
    neckline = dice.between(0.0, 0.3)
    parts = [
        _right((0.98 * wide, 0.2, -0.2), (wide, 1.15, -0.2), (1.3 * wide, 1.4, -0.2), colour=skin),
        _right(
            (0.98 * wide, 0.5, -0.2),
            (wide, 1.0, -0.2),
            (0.5, 1.12, -0.2),
            colour=darker(skin, 0.78),  # the shadow of the chin
        ),
    ]
    collar = 1.26 + 0.1 * neckline
    shoulders = (
        (0.0, collar + neckline, 0.0),
        (0.8 * wide, collar - 0.02, 0.0),
        (1.25 * wide, 1.2, -0.2),
        (1.25, 1.5, -0.2),
        (1.6, 2.6, -0.2),
    )
    parts.append(_right(*shoulders, colour=cloth))
    edge = np.array(shoulders[:3])
    edge = np.vstack([edge[::-1], edge * (-1, 1, 1)])
    parts.append(Stroke(edge, shade(cloth, dice.pick((0.75, 1.25))), 0.06))
    return parts


def _right(*points, colour):
    """Return a shape whose right half is given, from its top or middle down."""
    points = np.array(points)
    return Stroke(np.vstack([points, points[::-1] * (-1, 1, 1)]), colour)


def _paint_background(dice, size):
    """Paint a wall, plain or rough or with a corner, or a place out of focus."""
    kind = dice.weighted({"plain": 4, "rough": 2, "corner": 2, "place": 3})
    canvas = Canvas(size)
    if kind == "place":
        scenery.paint(canvas, dice.pick(("room", "city", "meadow", "forest", "sky")), dice)
        blur = ImageFilter.GaussianBlur(dice.between(0.03, 0.08) * size)
        return np.asarray(Image.fromarray(canvas.finish()).filter(blur))
    colour = hsv(dice.between(0, 1), dice.between(0, 0.35), dice.between(0.3, 0.95))
    rows = 32 if kind == "rough" else 5
    texture = dice.between(1, 6) * dice.noise(rows, rows)
    canvas.gradient(colour, shade(colour, dice.between(0.6, 1.1)), texture=texture)
    if kind == "corner":
        x = dice.between(0, 1)
        edge = (x, -0.1), (x + dice.between(-0.1, 0.1), 1.1)
        canvas.polygon((*edge, (2, 1.1), (2, -0.1)), shade(colour, dice.between(0.7, 1.2)))
    return canvas.finish()

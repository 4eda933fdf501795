"""The drawn set: pictures of CIFAR-10's ten classes, drawn from code at any resolution.

Each picture is a background, a thing in some pose, now and then something in front of it, and a
camera with its light, blur and noise. Everything is decided by the seed and the index.
"""

import numpy as np

from helpers.drawn import (
    airplanes,
    birds,
    camera,
    cars,
    frogs,
    hoofed,
    pets,
    scenery,
    ships,
    trucks,
)
from helpers.drawn.canvas import Canvas
from helpers.drawn.dice import Dice

VERSION = 1  # raise it when the pictures change, so that nobody keeps old ones
MIN_SIZE = 8  # pixels; smaller pictures show nothing

CLASS_NAMES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
_DRAW = (
    airplanes.airplane,
    cars.automobile,
    birds.bird,
    pets.cat,
    hoofed.deer,
    pets.dog,
    frogs.frog,
    hoofed.horse,
    ships.ship,
    trucks.truck,
)
# How far down a thing reaches in its own coordinates: this point belongs below the horizon.
_FEET = (0.9, 0.45, 0.9, 0.9, 0.95, 0.9, 0.75, 0.95, 0.4, 0.55)
# How often a class stands before a background. Typical places come first, but each class is met
# in several places and each place with several classes, so that colours alone do not tell.
_ROADSIDE = {"road": 3, "city": 3, "sand": 1.2, "snow": 1.2, "meadow": 1.5, "shore": 1.8, "soil": 1}
_ROAMING = {"meadow": 3, "forest": 2, "sand": 1, "snow": 1.2, "shore": 1.2, "soil": 1}
BACKGROUNDS_OF = (
    {"sky": 6, "airfield": 2.5, "mountains": 1, "sea": 1.2, "lake": 0.8, "plain": 1, "snow": 0.7},
    {**_ROADSIDE, "forest": 1, "mountains": 1, "plain": 1.5, "airfield": 0.5},
    {
        "sky": 2.5,
        "forest": 2,
        "meadow": 2,
        "sea": 1.2,
        "pond": 1.2,
        "lake": 0.8,
        "plain": 1.2,
        "snow": 1,
    },
    {"room": 4, "meadow": 2, "plain": 1.5, "city": 0.8, "soil": 1.5, "forest": 0.8, "shore": 0.8},
    {**_ROAMING, "forest": 3, "mountains": 1.2, "plain": 0.8, "road": 0.8, "lake": 0.4},
    {**_ROAMING, "room": 3, "plain": 1.5, "city": 0.8},
    {"pond": 1.6, "soil": 1.8, "meadow": 3, "forest": 2, "sand": 1, "plain": 1.5, "shore": 1},
    {**_ROAMING, "mountains": 1.2, "plain": 0.9, "road": 0.8, "city": 0.4},
    {"sea": 4.5, "harbour": 2.5, "lake": 2.5, "plain": 1.2, "shore": 0.8, "sand": 0.6},
    {**_ROADSIDE, "forest": 1, "mountains": 1, "plain": 1.5, "airfield": 0.5},
)


def draw(class_index, *, seed, index=0, size=32):
    """Draw one picture of a class.

    Parameters
    ----------
    class_index : int
        0 to 9, see `CLASS_NAMES`.
    seed, index : int
        Not negative. The same two numbers give the same scene, at any size.
    size : int
        Height and width in pixels, at least 8.

    Returns
    -------
    image : uint8 array of shape (size, size, 3)
        RGB, 0 to 255.

    Raises
    ------
    ValueError
        If the class is unknown, the size too small, or the seed or the index negative.

    >>> draw(CLASS_NAMES.index("frog"), seed=0, size=48).shape
    (48, 48, 3)
    """
    _check(class_index, seed, index, size)
    dice = Dice(seed, class_index, index)
    name = dice.weighted(BACKGROUNDS_OF[class_index])
    light = camera.choose_light(dice)
    canvas = Canvas(size, light_xy=light.direction_xy)
    scene = scenery.paint(canvas, name, dice)
    pose = _choose_pose(dice, scene.horizon, _FEET[class_index])
    layer = Canvas(size, transparent=True, light_xy=light.direction_xy)
    _DRAW[class_index](layer.posed(**pose), dice, scene)
    picture = camera.put(layer.finish(), canvas.finish(), light)
    if dice.chance(0.14):
        front = Canvas(size, transparent=True, light_xy=light.direction_xy)
        scenery.obstruct(front, dice)
        picture = camera.put(front.finish(), picture, light)
    return camera.expose(picture, light, dice)


def background_name(class_index, *, seed, index=0):
    """Return which background `draw` paints for these numbers, a key of `scenery.BACKGROUNDS`."""
    _check(class_index, seed, index, MIN_SIZE)
    return Dice(seed, class_index, index).weighted(BACKGROUNDS_OF[class_index])


def draw_dataset(num_images, *, seed=0, size=32):
    """Draw a labelled set with equally many pictures of each class.

    Each block of ten pictures holds every class once, in an order of its own. A picture depends
    on the seed and its place only: a longer set starts with the same pictures.

    Parameters
    ----------
    num_images : int
        Not negative.
    seed : int
        Not negative.
    size : int
        Height and width in pixels, at least 8.

    Returns
    -------
    images : uint8 array of shape (num_images, size, size, 3)
        RGB, 0 to 255.
    labels : int64 array of shape (num_images,)
        0 to 9, see `CLASS_NAMES`.

    Raises
    ------
    ValueError
        If the number or the seed is negative, or the size too small.
    """
    if num_images < 0:
        raise ValueError(f"num_images must be 0 or more; got {num_images}")
    _check(0, seed, 0, size)
    labels = _labels(num_images, seed)
    images = np.empty((num_images, size, size, 3), dtype=np.uint8)
    for index, label in enumerate(labels.tolist()):
        images[index] = draw(label, seed=seed, index=index, size=size)
    return images, labels


def _labels(num_images, seed):
    num_classes = len(CLASS_NAMES)
    num_blocks = -(-num_images // num_classes)
    blocks = [np.random.default_rng([seed, b]).permutation(num_classes) for b in range(num_blocks)]
    return np.array(blocks, dtype=np.int64).reshape(-1)[:num_images]


def _choose_pose(dice, horizon, feet):
    """Choose where the thing stands, how large, turned and squeezed: arguments of `posed`."""
    if dice.chance(0.06):
        scale = dice.between(1.0, 1.15)  # so close that the frame cuts it
    else:
        scale = dice.between(0.7, 1.0)
    slack = 0.5 * (1 - scale)
    reach = max(slack, 0) + 0.04
    x, y = 0.5 + dice.between(-reach, reach), 0.52 + dice.between(-reach, reach)
    return {
        "x": x,
        "y": max(y, horizon + 0.04 - 0.5 * scale * feet),
        "scale": 0.5 * scale,
        "stretch": dice.between(0.86, 1.06),
        "angle": dice.between(-0.12, 0.12),
        "shear": dice.between(-0.08, 0.08),
        "flip": dice.chance(0.5),
    }


def _check(class_index, seed, index, size):
    if not 0 <= class_index < len(CLASS_NAMES):
        raise ValueError(f"class_index must be 0 to {len(CLASS_NAMES) - 1}; got {class_index}")
    if seed < 0 or index < 0:
        raise ValueError(f"seed and index must be 0 or more; got {seed} and {index}")
    if size < MIN_SIZE:
        raise ValueError(f"size must be at least {MIN_SIZE} pixels; got {size}")

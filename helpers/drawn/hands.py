"""Hand signs: a hand that shows 0 to 5 fingers before a wall, drawn from code at any resolution.

The hand is a skeleton in space whose fingers bend at their joints. Its skin is whatever a ball
touches that rolls along the bones: this gives a height above the picture at each place, and the
heights give light and shade. Nails, creases and the wall are drawn on a `Canvas`.

In the hand's own coordinates the wrist is the origin and the tip of the middle finger lies near
(0, 1, 0): x runs to the thumb, y to the fingertips, z out of the palm. In the picture, whose side
is 1, x runs to the right, y down and z to the viewer. All angles are in radians.
"""

import dataclasses
import math
import typing

import numpy as np
from PIL import Image, ImageFilter

from helpers.drawn import camera, relief, scenery
from helpers.drawn.canvas import Canvas
from helpers.drawn.colours import hsv, mix, shade, vary
from helpers.drawn.dice import Dice

VERSION = 1  # raise it when the pictures change, so that nobody keeps old ones
MIN_SIZE = 16  # pixels; in smaller pictures the fingers run together

THUMB, INDEX, MIDDLE, RING, LITTLE = range(5)
# Which fingers are raised to show a number, and how often it is these.
FINGERS_OF = (
    {(): 1},
    {(INDEX,): 3, (THUMB,): 1},
    {(INDEX, MIDDLE): 2, (THUMB, INDEX): 1},
    {(INDEX, MIDDLE, RING): 1, (THUMB, INDEX, MIDDLE): 1},
    {(INDEX, MIDDLE, RING, LITTLE): 1},
    {(THUMB, INDEX, MIDDLE, RING, LITTLE): 1},
)

_MARGIN = 0.03  # between the hand and the edge of the picture
_OUT_OF_PALM = np.array((0.0, 0.0, 1.0))

# From index to little finger: knuckle (x, y), lengths of the three bones, radius, and how far
# the finger leans to the thumb.
_FINGERS = (
    ((0.152, 0.455), (0.235, 0.145, 0.085), 0.054, 0.065),
    ((0.050, 0.485), (0.260, 0.165, 0.090), 0.055, 0.015),
    ((-0.054, 0.465), (0.240, 0.155, 0.090), 0.052, -0.045),
    ((-0.148, 0.415), (0.185, 0.110, 0.080), 0.046, -0.115),
)
# Radius at the start and end of a finger's bones, thicker at the joints. The first is thin, or a
# ball would show in the palm.
_TAPER = ((0.8, 0.96), (0.98, 0.89), (0.91, 0.78))
_PAD = np.array((0.0, 0.02, 0.0))  # the palm goes on beyond the knuckles
_THUMB_ROOT = np.array((0.085, 0.09, 0.03))
_PALM_LINES = np.array(
    (
        ((-0.17, 0.33, 0.06), (-0.08, 0.35, 0.06), (0.02, 0.385, 0.06), (0.08, 0.44, 0.06)),
        ((0.17, 0.36, 0.06), (0.09, 0.34, 0.06), (-0.02, 0.29, 0.06), (-0.11, 0.23, 0.06)),
        ((0.16, 0.34, 0.06), (0.09, 0.30, 0.06), (0.04, 0.21, 0.06), (0.03, 0.08, 0.06)),
    )
)
_SKINS = (
    (232, 196, 174),
    (226, 184, 156),
    (216, 170, 138),
    (204, 154, 122),
    (186, 136, 104),
    (162, 114, 86),
    (136, 94, 70),
    (110, 76, 58),
    (86, 60, 48),
    (68, 49, 42),
)
_POLISHES = ((176, 36, 52), (220, 120, 140), (60, 50, 90), (236, 228, 220), (40, 120, 130))


def _outlines():
    """Return what is painted on a finger, in units of its radius: (along, aside, out) by kind."""
    turn, round_ = np.linspace(-0.9, 0.9, 7), np.linspace(0, 2 * np.pi, 16, endpoint=False)
    aside = 0.68 * np.sin(round_)
    wrinkle = np.column_stack([0.4 * np.cos(turn) - 0.1, np.sin(turn), np.cos(turn)])
    return {
        "crease": np.column_stack([np.zeros(7), np.sin(turn), np.cos(turn)]),
        "wrinkle": wrinkle,
        "nail": np.column_stack([0.15 + 0.75 * np.cos(round_), aside, np.sqrt(1 - aside**2)]),
    }


_OUTLINES = _outlines()


class _Mark(typing.NamedTuple):
    """Something on a finger, seen from where `out` points."""

    kind: str  # a key of `_OUTLINES`
    middle: np.ndarray  # (x, y, z), in the bone
    axes: tuple  # three directions (x, y, z) of length 1: along the finger, aside, out
    radius: float


class _Hand(typing.NamedTuple):
    palm: list  # of bones whose skin is one smooth surface
    roots: list  # of bones that grow out of the palm
    tips: list  # of all other bones of the fingers
    marks: list


def draw(num_fingers, *, seed, index=0, size=64):
    """Draw one picture of a hand.

    Parameters
    ----------
    num_fingers : int
        How many fingers are raised, 0 to 5. The thumb is one of them.
    seed, index : int
        Not negative. The same two numbers give the same scene, at any size.
    size : int
        Height and width in pixels, at least 16.

    Returns
    -------
    image : uint8 array of shape (size, size, 3)
        RGB, 0 to 255. All raised fingers are inside the picture.

    Raises
    ------
    ValueError
        If the number of fingers is not 0 to 5, the size too small, or the seed or the index
        negative.

    >>> draw(3, seed=0, size=48).shape
    (48, 48, 3)
    """
    _check(num_fingers, seed, index, size)
    dice = Dice(seed, num_fingers, index)
    light = camera.choose_light(dice)
    skin = vary(dice.pick(_SKINS), dice, 10)
    wall = _paint_wall(dice, size, skin)
    hand = _choose_hand(dice, dice.weighted(FINGERS_OF[num_fingers]))
    arm = _choose_arm(dice)
    shows_palm = dice.chance(0.5)
    view = _choose_view(dice, shows_palm, [*hand.palm, *hand.roots, *hand.tips])
    heights = _heights(
        hand, arm, view, size * relief.SAMPLES, smoothness=0.92 if shows_palm else 0.8
    )
    is_cloth, cloth = _dress(dice, arm, view, heights)
    skin = mix(skin, (226, 168, 146), 0.4) if shows_palm else skin
    colours = _paint_skin(dice, size, skin, hand.marks, view, heights)
    colours += relief.shrink(is_cloth)[:, :, None] * (np.array(cloth, np.float32) - colours)
    layer = relief.lit(colours, heights, light)
    softer = dataclasses.replace(light, relief=0.3 * light.relief)  # the layer is lit already
    return camera.expose(camera.put(layer, wall, softer), light, dice)


def draw_dataset(num_images, *, seed=0, size=64):
    """Draw a labelled set with equally many pictures of each number of fingers.

    Each block of six pictures holds every number once, in an order of its own. A picture depends
    on the seed and its place only: a longer set starts with the same pictures.

    Parameters
    ----------
    num_images : int
        Not negative.
    seed : int
        Not negative.
    size : int
        Height and width in pixels, at least 16.

    Returns
    -------
    images : uint8 array of shape (num_images, size, size, 3)
        RGB, 0 to 255.
    labels : int64 array of shape (num_images,)
        Raised fingers, 0 to 5.

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
    num_signs = len(FINGERS_OF)
    num_blocks = -(-num_images // num_signs)
    blocks = [np.random.default_rng([seed, b]).permutation(num_signs) for b in range(num_blocks)]
    return np.array(blocks, dtype=np.int64).reshape(-1)[:num_images]


def _check(num_fingers, seed, index, size):
    if not 0 <= num_fingers < len(FINGERS_OF):
        raise ValueError(f"num_fingers must be 0 to {len(FINGERS_OF) - 1}; got {num_fingers}")
    if seed < 0 or index < 0:
        raise ValueError(f"seed and index must be 0 or more; got {seed} and {index}")
    if size < MIN_SIZE:
        raise ValueError(f"size must be at least {MIN_SIZE} pixels; got {size}")


# The skeleton


def _choose_hand(dice, raised):
    """Bend the fingers so that the `raised` ones can be counted."""
    hand = _Hand([], [], [], [])
    spread, tightness = dice.between(0.9, 2.8), dice.between(-0.15, 0.1)
    knuckles = [np.array((*knuckle, 0.0)) for knuckle, *_ in _FINGERS]
    folded = []  # the middle bones that a folded thumb may lie on
    for finger, knuckle in enumerate(knuckles, start=INDEX):
        _, lengths, radius, lean = _FINGERS[finger - INDEX]
        if finger in raised:
            lean = spread * lean + dice.between(-0.04, 0.04)
            bends = dice.between(-0.1, 0.22), dice.between(0, 0.26), dice.between(0, 0.14)
        else:
            lean = 0.2 * lean
            first = 1.3 + tightness + dice.between(-0.12, 0.12)
            bends = first, dice.between(1.65, 1.85), dice.between(0.8, 1.2)
        joints = _add_finger(hand, knuckle, lengths, radius, lean, bends)
        if finger not in raised:
            folded.append(0.5 * (joints[1] + joints[2]))
    thumb, nail_out = _thumb_out(dice) if THUMB in raised else _thumb_across(dice, folded)
    _add_thumb(hand, thumb, nail_out)
    _add_palm(hand, knuckles, thumb)
    return hand


def _add_finger(hand, knuckle, lengths, radius, lean, bends):
    """Add bones, creases and nail of a finger; return its four joints, the tip included."""
    aside = np.array((math.cos(lean), -math.sin(lean), 0.0))
    ahead = np.array((math.sin(lean), math.cos(lean), 0.0))
    joints, angle = [knuckle], 0.0
    for number, (length, bend) in enumerate(zip(lengths, bends, strict=True)):
        start_radius, end_radius = (radius * part for part in _TAPER[number])
        if number:  # the skin of a joint faces the middle between its two bones
            along, inwards = _bent(ahead, angle + 0.5 * bend)
            _add_creases(hand.marks, joints[-1], along, aside, -inwards, start_radius)
        angle += bend
        along, inwards = _bent(ahead, angle)
        joints.append(joints[-1] + length * along)
        bones = hand.tips if number else hand.roots
        bones.append(relief.Bone(joints[-2], joints[-1], start_radius, end_radius))
    hand.marks.append(_Mark("nail", joints[-1], (along, aside, -inwards), end_radius))
    return joints


def _bent(ahead, angle):
    """Return where a bone points that is bent into the palm, and where its inner side faces."""
    cos, sin = math.cos(angle), math.sin(angle)
    return cos * ahead + sin * _OUT_OF_PALM, cos * _OUT_OF_PALM - sin * ahead


def _thumb_out(dice):
    """Return the four joints of a raised thumb, and where its nail faces."""
    first, second = dice.between(0.65, 0.85), dice.between(0.6, 0.95)
    angles = first, second, second + dice.between(-0.3, 0.1)
    joints = [_THUMB_ROOT]
    for length, angle, rise in zip((0.22, 0.165, 0.1), angles, (0.3, 0.1, 0.0), strict=True):
        joints.append(joints[-1] + length * _unit((math.sin(angle), math.cos(angle), rise)))
    return joints, np.array((0.75 * math.cos(angle), -0.75 * math.sin(angle), -0.66))


def _thumb_across(dice, folded):
    """Return the four joints of a thumb on the palm or on a folded finger, and its nail's side."""
    knuckle = np.array((0.2, 0.25, 0.08))
    if folded:
        tip = folded[0] + (-0.03, -0.03, 0.09)
    else:
        tip = np.array((dice.between(-0.05, 0.03), dice.between(0.32, 0.4), 0.12))
    middle = 0.42 * knuckle + 0.58 * tip + (0.03, 0.05, 0.03)
    return [_THUMB_ROOT, knuckle, middle, tip], np.array((0.0, 0.35, 0.94))


def _add_thumb(hand, joints, nail_out):
    _, knuckle, middle, tip = joints
    along = _unit(tip - middle)
    nail_out = _unit(nail_out - (nail_out @ along) * along)
    aside = np.cross(along, nail_out)
    hand.roots.append(relief.Bone(knuckle, middle, 0.062, 0.055))
    hand.tips.append(relief.Bone(middle, tip, 0.060, 0.047))
    _add_creases(hand.marks, middle, along, aside, nail_out, 0.060)
    hand.marks.append(_Mark("nail", tip, (along, aside, nail_out), 0.049))


def _add_palm(hand, knuckles, thumb):
    for x, knuckle in zip((0.07, 0.025, -0.025, -0.07), knuckles, strict=True):
        hand.palm.append(relief.Bone(np.array((x, 0.05, 0.0)), knuckle + _PAD, 0.085, 0.073))
    hand.palm.append(relief.Bone(thumb[0], thumb[1], 0.088, 0.068))
    hand.palm.append(
        relief.Bone(thumb[1], 0.4 * knuckles[0] + np.array((0.048, 0.12, 0.0)), 0.05, 0.06)
    )
    edge = np.array(((-0.085, 0.08, 0.015), (-0.14, 0.3, 0.01)))
    hand.palm.append(relief.Bone(*edge, 0.08, 0.064))


def _choose_arm(dice):
    """Return the two bones of the forearm, long enough to leave the picture."""
    turn = dice.between(-0.25, 0.25)
    away = np.array((math.sin(turn), -math.cos(turn), 0.0))
    across = np.array((math.cos(turn), math.sin(turn), 0.0))
    return [
        relief.Bone(0.05 * side * across, 2.5 * away + 0.14 * side * across, 0.095, 0.2)
        for side in (-1, 1)
    ]


def _add_creases(marks, joint, along, aside, out, radius):
    """Mark the inner side of a joint, and the outer side, where `out` points."""
    marks.append(_Mark("crease", joint, (along, aside, -out), radius))
    marks.append(_Mark("wrinkle", joint, (along, aside, out), radius))


def _unit(vector):
    return np.asarray(vector) / math.sqrt(sum(part * part for part in vector))


def _choose_view(dice, shows_palm, bones):
    """Turn the hand, and find it a size and a place at which no part of it leaves the picture."""
    facing = 1.0 if shows_palm else -1.0
    matrix = (
        np.diag((1.0, -1.0, 1.0))
        @ _rotation(2, dice.between(-0.6, 0.6))
        @ _rotation(0, dice.between(-0.25, 0.25))
        @ _rotation(1, dice.between(-0.35, 0.35))
        @ np.diag((dice.sign() * facing, 1.0, facing))
    )
    to_viewer = matrix[2].copy()
    # Heights are measured from the plane of the hand, however that is tilted: so the light meets
    # it as if it were upright, and its edges lie at height 0.
    matrix[2] = (0.0, 0.0, 1 / to_viewer[2])
    ends = np.array([(bone.start, bone.end) for bone in bones]) @ matrix[:2].T
    radii = np.array([(bone.start_radius, bone.end_radius) for bone in bones])[:, :, None]
    low, high = (ends - radii).min(axis=(0, 1)), (ends + radii).max(axis=(0, 1))
    room = 1 - 2 * _MARGIN
    scale = min(dice.between(0.68, 0.95), room / (high - low).max())
    slack = room - scale * (high - low)
    x, y = _MARGIN + slack * (dice.between(0, 1), dice.between(0, 1)) - scale * low
    return relief.View(scale * matrix, np.array((x, y, 0.0)), scale, to_viewer)


def _rotation(axis, angle):
    one, other = (k for k in range(3) if k != axis)
    matrix = np.eye(3)
    matrix[one, one] = matrix[other, other] = math.cos(angle)
    matrix[one, other], matrix[other, one] = -math.sin(angle), math.sin(angle)
    return matrix


def _heights(hand, arm, view, side, *, smoothness):
    heights = relief.rolled([*hand.palm, *arm], view, side)
    heights = relief.smoothed(heights, smoothness)
    relief.roll(heights, hand.roots, view, blend=0.05)
    relief.roll(heights, hand.tips, view)
    return heights


# Colour and light


def _paint_wall(dice, size, skin):
    """Paint a wall, plain or rough or with a corner, or a room out of focus."""
    kind = dice.weighted({"plain": 5, "rough": 2, "corner": 2, "room": 1.5})
    canvas = Canvas(size)
    if kind == "room":
        scenery.paint(canvas, "room", dice)
        blur = ImageFilter.GaussianBlur(dice.between(0.04, 0.08) * size)
        return np.asarray(Image.fromarray(canvas.finish()).filter(blur))
    colour = hsv(dice.between(0, 1), dice.between(0, 0.14), dice.between(0.6, 0.92))
    if sum(abs(a - b) for a, b in zip(colour, skin, strict=True)) < 90:
        colour = shade(colour, 0.7 if sum(skin) > 480 else 1.4)
    rows = 32 if kind == "rough" else 5
    texture = dice.between(1, 5) * dice.noise(rows, rows)
    canvas.gradient(colour, shade(colour, dice.between(0.75, 1.08)), texture=texture)
    if kind == "corner":
        x = dice.between(0, 1)
        edge = (x, -0.1), (x + dice.between(-0.1, 0.1), 1.1)
        canvas.polygon((*edge, (2, 1.1), (2, -0.1)), shade(colour, dice.between(0.8, 0.95)))
        canvas.line(edge, dice.between(0.01, 0.04), shade(colour, dice.between(0.7, 1.2)))
    return canvas.finish()


def _dress(dice, arm, view, heights):
    """Raise the heights to a sleeve or a band around the wrist, where the arm has one.

    Returns the samples that it covers, bool of shape (samples, samples), and its colour.
    """
    kind = dice.weighted({"bare": 5, "sleeve": 5, "band": 1})
    colour = hsv(dice.between(0, 1), dice.between(0, 0.6), dice.between(0.15, 0.9))
    start, end, thickness = dice.between(0.06, 0.4), 9.0, 0.03
    if kind == "bare":
        return np.zeros(heights.shape, bool), colour
    if kind == "band":
        start, end, thickness = 0.05, dice.between(0.1, 0.16), 0.008
    wider = [relief.Bone(a, b, first + thickness, last + thickness) for a, b, first, last in arm]
    cloth = relief.smoothed(relief.rolled(wider, view, len(heights)), 0.8)
    along = _along_arm(arm, view, len(heights))
    is_cloth = (cloth > heights) & (along > start) & (along < end)
    np.copyto(heights, cloth, where=is_cloth)
    return is_cloth, colour


def _along_arm(arm, view, side):
    """Measure how far from the wrist each sample lies, in units of the hand, around the arm."""
    (x0, y0, _), (x1, y1, _) = view.see([np.zeros(3), 0.5 * (arm[0].end + arm[1].end)]).tolist()
    unit = math.hypot(x1 - x0, y1 - y0) * view.scale
    places = (np.arange(side, dtype=np.float32) + 0.5) / side
    x, y = places - x0, places[:, None] - y0
    along = (x * (x1 - x0) + y * (y1 - y0)) / unit
    return along + 0.6 * ((x * (y1 - y0) - y * (x1 - x0)) / unit) ** 2


def _paint_skin(dice, size, skin, marks, view, heights):
    """Paint skin everywhere, and the marks that are not hidden on it: float, 0 to 255."""
    canvas = Canvas(size)
    canvas.rectangle(0, 0, 1, 1, skin)
    nail = mix(skin, (240, 196, 186), 0.5)
    if dice.chance(0.12):
        nail = vary(dice.pick(_POLISHES), dice)
    if view.to_viewer[2] > 0:
        for points, hidden in _seen(_PALM_LINES, view, heights, tolerance=0.06):
            if not hidden.any():
                canvas.line(points, 0.006, shade(skin, 0.86))
    for kind, outline in _OUTLINES.items():
        for points, hidden in _seen(_facing(marks, kind, outline, view), view, heights):
            if kind == "nail" and hidden.mean() < 0.4:
                canvas.polygon(points, nail)
                canvas.line(points[4:13], 0.004, shade(nail, 0.75))
            elif kind != "nail" and not hidden.any():
                canvas.line(points, 0.006, shade(skin, 0.86 if kind == "crease" else 0.91))
    return canvas.finish().astype(np.float32)


def _facing(marks, kind, outline, view):
    """Return the outlines of the marks of one kind that face the viewer: (marks, points, 3)."""
    marks = [mark for mark in marks if mark.kind == kind and mark.axes[2] @ view.to_viewer > 0.15]
    axes = np.array([mark.axes for mark in marks]).reshape(-1, 3, 3)
    middles = np.array([mark.middle for mark in marks]).reshape(-1, 1, 3)
    return middles + np.array([mark.radius for mark in marks]).reshape(-1, 1, 1) * (outline @ axes)


def _seen(outlines, view, heights, *, tolerance=0.025):
    """Yield for each outline its points (x, y), and which of them something covers."""
    side = len(heights)
    points = view.see(outlines)
    columns, rows = np.moveaxis((side * points[:, :, :2]).astype(int).clip(0, side - 1), 2, 0)
    cover = heights[rows, columns] / side - points[:, :, 2]
    yield from zip(points[:, :, :2].tolist(), cover > tolerance * view.scale, strict=True)

"""A still life in facets, as the cubists painted: each shows the table from a view of its own."""

import math

import numpy as np
from PIL import Image, ImageDraw

from helpers.drawn import painting_fields as fields
from helpers.drawn.canvas import Canvas
from helpers.drawn.colours import mix, vary

_SIDE = 640  # of the still life that the facets show
_NUM_FACETS = 84
_UMBER, _CREAM = (44, 34, 30), (236, 220, 184)
_OCHRE, _SIENNA, _SLATE = (190, 146, 84), (146, 88, 50), (98, 110, 116)
_DIRECTIONS = (0.35, 0.95, 1.25, 1.9, 2.25, 2.85)  # of the cuts, in radians


def paint(dice, size):
    """Paint the picture: a guitar, a bottle, a glass and fruit on a table.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    size : int

    Returns
    -------
    picture : uint8 array of shape (size, size, 3)
    """
    scene = 1.12 * _sketch(dice).astype(np.float32)
    facets = _split(dice)
    side = size * math.ceil(256 / size)  # edges and strokes need a few pixels
    image = Image.new("I", (side, side))
    for number, corners in enumerate(facets):
        pixels = [place * side for corner in corners for place in corner]
        ImageDraw.Draw(image).polygon(pixels, fill=number)
    colours = _look(dice, scene, facets, np.asarray(image))
    picture = _finish(dice, colours, facets, side)
    return np.asarray(Image.fromarray(picture).reduce(side // size))


def _split(dice):
    """Cut the picture into convex facets, smaller ones in the middle."""
    facets = [((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))]
    while len(facets) < _NUM_FACETS:
        weights = []
        for corners in facets:
            x, y = _middle(corners)
            weights.append(
                _area(corners) * (0.3 + math.exp(-((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.09))
            )
        largest = facets.pop(int(np.argmax(weights)))
        x, y = _middle(largest)
        angle = dice.pick(_DIRECTIONS) + dice.between(-0.12, 0.12)
        across = (-math.sin(angle), math.cos(angle))
        shift = dice.between(-0.2, 0.2) * math.sqrt(_area(largest))
        offset = across[0] * x + across[1] * y + shift
        facets += [_clipped(largest, across, offset, side) for side in (-1, 1)]
    return facets


def _middle(corners):
    xs, ys = zip(*corners, strict=True)
    return sum(xs) / len(xs), sum(ys) / len(ys)


def _area(corners):
    pairs = zip(corners, (*corners[1:], corners[0]), strict=True)
    return 0.5 * abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs))


def _clipped(corners, across, offset, side):
    """Return the part of a convex polygon on one side of a line."""
    kept = []
    heights = [side * (across[0] * x + across[1] * y - offset) for x, y in corners]
    for k, (x, y) in enumerate(corners):
        (before_x, before_y), before = corners[k - 1], heights[k - 1]
        if (before < 0) != (heights[k] < 0):
            share = before / (before - heights[k])
            kept.append((before_x + share * (x - before_x), before_y + share * (y - before_y)))
        if heights[k] >= 0:
            kept.append((x, y))
    return tuple(kept)


def _look(dice, scene, facets, numbers):
    """Let each facet show the scene shifted, turned and shaded in its own way."""
    size, count = len(numbers), len(facets)
    x, y = fields.grid(size)
    middles = np.array([_middle(corners) for corners in facets], np.float32)
    reach = np.sqrt([_area(corners) for corners in facets]).astype(np.float32)[numbers]
    u, v = x - middles[numbers, 0], y - middles[numbers, 1]
    turn = (0.17 * dice.noise(count))[numbers]
    scale = np.exp(0.16 * dice.noise(count))[numbers]
    shift = (0.02 * dice.noise(count, 2))[numbers]
    seen_x = middles[numbers, 0] + scale * (np.cos(turn) * u - np.sin(turn) * v) + shift[..., 0]
    seen_y = middles[numbers, 1] + scale * (np.sin(turn) * u + np.cos(turn) * v) + shift[..., 1]
    colours = fields.look_between(scene, seen_x, seen_y)
    tints = np.array([vary(dice.pick((_OCHRE, _SIENNA, _SLATE, _CREAM)), dice, 20) for _ in facets])
    share = dice.generator.uniform(0.0, 0.34, count)[numbers]
    colours = fields.blend(colours, tints[numbers], share)
    slope = dice.generator.choice([0.6, 2.2, 3.8, 5.4], count) + 0.3 * dice.noise(count)
    slope = slope[numbers]
    shade = 1.1 * (np.cos(slope) * u + np.sin(slope) * v) / reach
    colours = fields.blend(colours, _CREAM, 0.95 * shade.clip(0, 1))
    colours = fields.blend(colours, _UMBER, 0.85 * (-shade).clip(0, 0.8))
    return colours * (1 + 0.085 * _strokes(dice, count, numbers))[..., None]


def _strokes(dice, count, numbers):
    """Return the traces of a flat brush, in a direction of its own in each facet."""
    x, y = fields.grid(len(numbers))
    strokes = fields.noise(dice, 512, (110, 22)) + 0.6 * fields.noise(dice, 512, (256, 30))
    angle = dice.generator.choice(_DIRECTIONS, count)[numbers]
    along, across = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    return fields.look_up(strokes, along % 1, across % 1)


def _finish(dice, colours, facets, size):
    """Draw the edges of facets, some dark and some light, and the weave of the linen."""
    lines = fields.canvas_for(size, transparent=True)
    for corners in facets:
        for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
            tint = mix(_UMBER, _CREAM, dice.pick((0, 0, 0.1, 0.25, 0.85)))
            width = dice.between(0.0012, 0.0045)
            lines.limb((start, end), (width, dice.between(0.0008, width)), (*tint, 255))
    layer = fields.shrunk(lines, size)
    worn = 0.8 * fields.ramp(fields.noise(dice, size, 45, octaves=2), -2.0, 0.3)[..., None]
    colours = colours * (1 - worn * layer[..., 3:] / 255) + worn * layer[..., :3]
    weave = fields.noise(dice, size, (256, 60)) + fields.noise(dice, size, (60, 256))
    return fields.as_picture(colours * (1 + 0.022 * weave[..., None]))


# The still life


def _sketch(dice):
    """Return the scene, (side, side, 3)."""
    canvas = Canvas(_SIDE)
    canvas.gradient((96, 100, 100), (150, 128, 96), texture=10 * dice.noise(5, 5))
    canvas.polygon(((0, 0), (0.3, 0), (0.2, 0.62), (0, 0.7)), (120, 88, 62))  # a curtain
    for k in range(6):
        x = 0.03 + 0.045 * k
        canvas.line(((x, 0), (0.75 * x, 0.68)), 0.008, (78, 54, 42))
    canvas.polygon(((-0.1, 0.68), (1.1, 0.6), (1.1, 1.1), (-0.1, 1.1)), (152, 104, 58))
    for k in range(9):
        y = 0.7 + 0.04 * k
        canvas.line(((-0.1, y + 0.02), (1.1, y - 0.05)), 0.003, (112, 72, 42))
    cloth = ((0.05, 0.86), (0.62, 0.74), (1.02, 0.84), (0.72, 1.02), (0.3, 1.02))
    canvas.polygon(cloth, (226, 216, 192))
    _draw_bottle(canvas.posed(dice.between(0.15, 0.2), 0.76, scale=0.58))
    _draw_guitar(canvas.posed(0.5, 0.52, scale=0.58, angle=dice.between(0.2, 0.5)), dice)
    _draw_glass(canvas.posed(dice.between(0.82, 0.87), 0.78, scale=0.36))
    _draw_paper(canvas.posed(0.22, 0.88, scale=0.22, angle=dice.between(-0.4, -0.1)))
    for k in range(3):
        fruit = dice.pick(((184, 120, 40), (150, 60, 40), (130, 132, 64)))
        canvas.ellipse(0.6 + 0.095 * k, 0.9 - 0.02 * (k % 2), 0.06, 0.058, fruit, rounded=1.0)
    return canvas.finish()


def _draw_guitar(view, dice):
    wood = vary(dice.pick(((196, 130, 62), (172, 104, 52), (206, 156, 84))), dice, 10)
    body = ((0, 0.78), (0.36, 0.68), (0.42, 0.4), (0.24, 0.14), (0.3, -0.12), (0.14, -0.28))
    body += ((-0.14, -0.28), (-0.3, -0.12), (-0.24, 0.14), (-0.42, 0.4), (-0.36, 0.68))
    view.blob([(1.06 * x + 0.04, 1.03 * y + 0.03) for x, y in body], _UMBER)
    view.blob(body, wood)
    view.blob([(0.55 * x - 0.14, 0.82 * y + 0.02) for x, y in body], mix(wood, _CREAM, 0.35))
    view.ellipse(0, 0.14, 0.15, 0.15, mix(wood, _UMBER, 0.6))
    view.ellipse(0, 0.14, 0.12, 0.12, (28, 22, 22))
    view.rectangle(-0.17, 0.5, 0.17, 0.56, (60, 38, 28))
    view.polygon(((-0.06, -1.05), (0.06, -1.05), (0.075, 0.04), (-0.075, 0.04)), (70, 44, 32))
    view.polygon(((-0.1, -1.35), (0.1, -1.35), (0.07, -1.03), (-0.07, -1.03)), (96, 60, 38))
    for k in range(8):
        view.line(((-0.07, -0.95 + 0.12 * k), (0.07, -0.95 + 0.12 * k)), 0.01, (196, 170, 120))
    for k in range(5):
        x = -0.045 + 0.0225 * k
        view.line(((0.9 * x, -1.2), (x, 0.53)), 0.008, (238, 226, 200))


def _draw_bottle(view):
    green = (58, 74, 62)
    outline = (
        (-0.16, 0.1),
        (-0.16, -0.5),
        (-0.06, -0.72),
        (-0.06, -1.05),
        (0.06, -1.05),
        (0.06, -0.72),
    )
    view.polygon((*outline, (0.16, -0.5), (0.16, 0.1)), green)
    view.polygon(
        ((-0.16, 0.1), (-0.16, -0.5), (-0.06, -0.72), (-0.06, 0.1)), mix(green, _CREAM, 0.3)
    )
    view.rectangle(-0.16, -0.36, 0.16, -0.08, (220, 200, 156))
    view.line(((-0.12, -0.27), (0.12, -0.27)), 0.02, _UMBER)
    view.line(((-0.1, -0.19), (0.08, -0.19)), 0.012, _UMBER)
    view.rectangle(-0.07, -1.12, 0.07, -1.03, (130, 52, 40))


def _draw_glass(view):
    pale = (170, 178, 176)
    view.polygon(((-0.2, -0.8), (0.2, -0.8), (0.12, -0.3), (-0.12, -0.3)), pale)
    view.polygon(((-0.17, -0.62), (0.17, -0.62), (0.12, -0.3), (-0.12, -0.3)), (124, 44, 48))
    view.polygon(((0.02, -0.8), (0.2, -0.8), (0.12, -0.3), (0.02, -0.3)), mix(pale, _SLATE, 0.5))
    view.rectangle(-0.03, -0.3, 0.03, 0.05, pale)
    view.ellipse(0, 0.06, 0.17, 0.05, mix(pale, _UMBER, 0.2))
    view.ellipse(0, -0.8, 0.2, 0.05, mix(pale, _CREAM, 0.6))


def _draw_paper(view):
    view.polygon(((-0.7, -0.3), (0.6, -0.3), (0.7, 0.4), (-0.6, 0.4)), (224, 210, 176))
    for k in range(9):
        for left in (-0.58, 0.05):
            y = -0.22 + 0.07 * k
            view.line(((left + 0.08 * y, y), (left + 0.55 + 0.08 * y, y)), 0.022, (112, 100, 86))

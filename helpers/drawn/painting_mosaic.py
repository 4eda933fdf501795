"""A floor mosaic of fish: small tiles in rows that follow the outlines, set in grout."""

import numpy as np
from PIL import Image, ImageDraw

from helpers.drawn import painting_fields as fields
from helpers.drawn import painting_tiles as tiling
from helpers.drawn.colours import mix, vary
from helpers.drawn.sketch import Sketch

_FRAME = 5 * tiling.TILE  # width of the border
_GROUT = (84, 76, 70)

# What a place shows. Rows of tiles never cross from one part to another.
_WATER, _BAND, _RIM, _WEED, _FIN, _BODY, _HEAD, _GILL, _EYE, _PUPIL, _BUBBLE = range(11)

_ROWS = {  # colours of the first, second, ... row from the outline
    _RIM: ((150, 58, 40), (176, 78, 50)),
    _WEED: ((40, 84, 52), (92, 130, 58), (150, 168, 76)),
    _FIN: ((138, 38, 34), (214, 92, 40), (240, 160, 62)),
    _GILL: ((120, 30, 36), (150, 40, 40)),
    _EYE: ((246, 240, 222), (246, 240, 222)),
    _PUPIL: ((20, 20, 28), (20, 20, 28)),
    _BUBBLE: ((222, 236, 232), (246, 246, 236), (200, 226, 228)),
}
_FISHES = (
    ((104, 26, 34), (182, 46, 38), (224, 96, 40), (242, 158, 54), (250, 208, 106), (252, 232, 170)),
    (
        (84, 34, 60),
        (160, 52, 76),
        (214, 104, 96),
        (238, 160, 120),
        (250, 214, 160),
        (250, 232, 200),
    ),
    (
        (96, 60, 20),
        (176, 112, 26),
        (222, 160, 40),
        (244, 198, 72),
        (250, 224, 130),
        (252, 240, 190),
    ),
)
_BORDER = ((238, 226, 198), (222, 176, 96), (36, 48, 74))
_SEA = ((20, 52, 104), (28, 84, 138), (42, 120, 160), (86, 162, 178), (150, 202, 196))


def paint(dice, size):
    """Paint the picture: fish among weeds and bubbles, with a border of waves.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    size : int

    Returns
    -------
    picture : uint8 array of shape (size, size, 3)
    """
    parts = _design(dice)
    plan = tiling.measure(parts)
    tiles = tiling.set_tiles(plan, dice)
    return _render(dice, plan, tiles, size)


# The design


def _design(dice):
    """Return what each place shows."""
    sketch = Sketch(is_fine=True)
    sketch.rectangle(0, 0, 1, 1, _RIM)
    sketch.rectangle(tiling.TILE, tiling.TILE, 1 - tiling.TILE, 1 - tiling.TILE, _BAND)
    low, high = tiling.TILE + _FRAME, 1 - tiling.TILE - _FRAME
    sketch.rectangle(low, low, high, high, _RIM)
    low, high = low + tiling.TILE, high - tiling.TILE
    sketch.rectangle(low, low, high, high, _WATER)
    for x in (dice.between(0.18, 0.24), dice.between(0.44, 0.56), dice.between(0.76, 0.82)):
        _draw_weed(sketch, dice, x, high)
    for k in range(5):
        x, y, r = 0.2 + 0.15 * k, dice.between(0.16, 0.3), dice.between(0.022, 0.034)
        sketch.ellipse(x + dice.between(-0.04, 0.04), y, r, r, _BUBBLE)
    flip = dice.chance(0.5)
    angle = dice.between(-0.3, 0.1) * (-1 if flip else 1)
    _draw_fish(sketch.posed(0.5, dice.between(0.4, 0.46), scale=0.33, angle=angle, flip=flip))
    for x in (0.3, 0.69):
        view = sketch.posed(x + dice.between(-0.04, 0.04), dice.between(0.7, 0.76), scale=0.15)
        _draw_fish(view.posed(angle=dice.between(-0.2, 0.2), flip=not flip))
    image = Image.new("L", (tiling.SIDE, tiling.SIDE))
    for points, part, _ in sketch.shapes:
        ImageDraw.Draw(image).polygon([p * tiling.SIDE / 256 for p in points], fill=part)
    return np.asarray(image)


def _draw_weed(sketch, dice, x, bottom):
    for _ in range(3):
        lean, height = dice.between(-0.09, 0.09), dice.between(0.14, 0.3)
        sway = dice.between(-0.03, 0.03)
        points = (
            (x, bottom),
            (x + 0.4 * lean + sway, bottom - 0.5 * height),
            (x + lean, bottom - height),
        )
        sketch.limb(points, (0.03, 0.036, 0.008), _WEED)


def _draw_fish(view):
    """Draw a fish that looks to the right, two units long."""
    view.blob(
        ((-0.62, 0), (-0.85, -0.16), (-1.12, -0.42), (-1.0, 0), (-1.12, 0.4), (-0.85, 0.14)), _FIN
    )
    view.blob(((-0.35, -0.28), (-0.2, -0.62), (0.12, -0.66), (0.35, -0.52), (0.3, -0.3)), _FIN)
    view.blob(((-0.2, 0.26), (-0.28, 0.52), (-0.02, 0.5), (0.12, 0.3)), _FIN)
    body = ((1.0, 0.0), (0.82, -0.22), (0.45, -0.4), (0.0, -0.4), (-0.45, -0.2), (-0.78, -0.07))
    view.blob((*body, (-0.78, 0.07), (-0.45, 0.18), (0.0, 0.34), (0.45, 0.34), (0.82, 0.2)), _BODY)
    head = ((1.0, 0.0), (0.82, -0.22), (0.56, -0.36), (0.48, -0.12), (0.46, 0.12), (0.54, 0.32))
    view.blob((*head, (0.82, 0.2)), _HEAD)
    view.limb(((0.5, -0.34), (0.42, 0.0), (0.5, 0.32)), (0.05, 0.065, 0.05), _GILL)
    view.blob(((0.2, 0.06), (-0.02, -0.04), (-0.2, 0.1), (0.0, 0.16)), _FIN)
    view.ellipse(0.72, -0.08, 0.1, 0.1, _EYE)
    view.ellipse(0.73, -0.08, 0.05, 0.05, _PUPIL)


# Colours and light


def _render(dice, plan, tiles, size):
    """Draw the tiles with bevelled edges, each tilted a little its own way."""
    side = size * fields.finer(size)
    image = Image.new("RGBX", (side, side), (*_GROUT, 0))  # the fourth channel is height
    pen = ImageDraw.Draw(image)
    x, y, angle, width = np.array(tiles).T
    shake = 1 + 0.09 * dice.generator.uniform(-1, 1, (len(tiles), 4, 2))
    corners = np.array(tiling.CORNERS) * shake * (0.5 * width - 0.0009)[:, None, None]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    px = x[:, None] + corners[..., 0] * cos - corners[..., 1] * sin
    py = y[:, None] + corners[..., 0] * sin + corners[..., 1] * cos
    points = (np.stack([px, py], axis=-1) * side).reshape(len(tiles), -1).tolist()
    colours, heights = _colours(dice, plan, tiles), dice.generator.integers(190, 256, len(tiles))
    for outline, colour, height in zip(points, colours, heights.tolist(), strict=True):
        pen.polygon(outline, fill=(*colour, height))
    paint = np.asarray(image).astype(np.float32)
    scale = side / 1024
    heights = fields.blur(paint[..., 3], 1.6 * scale) * scale
    gain = fields.slope_light(heights, strength=0.016)
    lit = fields.as_picture(
        paint[..., :3] * (1 + 0.36 * gain[..., None]) + 12 * gain[..., None].clip(0)
    )
    picture = np.asarray(Image.fromarray(lit).reduce(side // size)).astype(np.float32)
    stone = fields.noise(dice, size, 120, octaves=2) + 0.7 * fields.noise(dice, size, 3)
    return fields.as_picture(picture * (1 + 0.035 * stone[..., None]))


def _colours(dice, plan, tiles):
    """Choose a colour for each tile, by what it shows and how deep it lies."""
    sea = fields.noise(dice, 96, (12, 4), octaves=2)
    fish = dice.pick(_FISHES), dice.pick(_FISHES)
    x, y, _, _ = np.array(tiles).T
    parts = fields.look_up(plan.parts, x, y).tolist()
    rows = (fields.look_up(plan.depth, x, y) / tiling.TILE).astype(int).tolist()
    colours = []
    for tile, part, row in zip(tiles, parts, rows, strict=True):
        if part == _WATER:
            colour = _sea_colour(dice, row, tile, sea)
        elif part == _BAND:
            colour = _border_colour(tile)
        elif part in (_BODY, _HEAD):
            colour = _fish_colour(dice, part, row, fish[tile.y > 0.63])
        else:
            palette = _ROWS[part]
            colour = palette[min(row, len(palette) - 1)]
        colours.append(vary(colour, dice, 17))
    return colours


def _sea_colour(dice, row, tile, sea):
    if row == 0:
        return (206, 222, 210)  # a pale row around everything
    place = 2.1 - 2.2 * (tile.y - 0.35) + 0.75 * float(fields.look_up(sea, tile.x, tile.y))
    place = min(3.99, max(0.0, place + dice.between(-0.4, 0.4)))
    if dice.chance(0.02):
        return (232, 206, 120)
    return mix(_SEA[int(place)], _SEA[int(place) + 1], place % 1)


def _border_colour(tile):
    """Colour the border in triangles that stand on its inner edge."""
    from_edge = min(tile.x, tile.y, 1 - tile.x, 1 - tile.y)
    along = tile.x if from_edge in (tile.y, 1 - tile.y) else tile.y
    triangle = 1 - 2 * abs(9 * along % 1 - 0.5)  # 0 and 1 in turn, nine times a side
    level = 1 - (from_edge - tiling.TILE) / _FRAME + 0.1
    return _BORDER[0 if level > triangle + 0.22 else 1 if level > triangle - 0.12 else 2]


def _fish_colour(dice, part, row, palette):
    if row == 0:
        return palette[0]
    if part == _HEAD:
        return mix(palette[3], palette[4], dice.between(0, 1))
    place = min(len(palette) - 1, row)
    return palette[place] if dice.chance(0.85) else palette[max(0, place - 2)]

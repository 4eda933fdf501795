"""A starry night in thick paint: brush strokes that follow a swirling field of directions."""

import math
import typing

import numpy as np
from PIL import Image, ImageDraw

from helpers.drawn import painting_fields as fields
from helpers.drawn.canvas import Canvas
from helpers.drawn.colours import mix, vary

_SIDE = 320  # of the sketch that the strokes take colours and directions from
_BLUES = ((20, 26, 84), (30, 62, 142), (42, 100, 180), (96, 152, 204), (168, 200, 206))
_HALO = ((255, 248, 205), (252, 226, 100), (226, 206, 96), (150, 190, 170), (90, 150, 200))
_BRISTLES = 4


class _Star(typing.NamedTuple):
    x: float
    y: float
    radius: float


class _Swirl(typing.NamedTuple):
    x: float
    y: float
    reach: float
    turn: float  # how strongly, negative for the other way round


def paint(dice, size):
    """Paint the picture: stars and swirls over hills, a village and a cypress.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    size : int

    Returns
    -------
    picture : uint8 array of shape (size, size, 3)
    """
    swirls = _choose_swirls(dice)
    stars = _choose_stars(dice, swirls)
    colours, angles = _sketch_sky(dice, stars, swirls)
    colours, angles = _sketch_land(dice, colours, angles)
    side = size * fields.finer(size)
    image = Image.fromarray(fields.as_picture(0.7 * colours)).resize((side, side))
    image.putalpha(60)  # not opacity here but how high the paint lies
    for across, length, width in ((38, 0.085, 0.024), (74, 0.06, 0.012), (84, 0.034, 0.0075)):
        x, y = fields.scattered(dice, across)
        _brush(image, dice, x, y, colours, angles, length=length, width=width)
    return _light(image, size)


def _choose_swirls(dice):
    turn = dice.sign()
    large = _Swirl(dice.between(0.42, 0.5), dice.between(0.27, 0.35), 0.15, turn)
    beside = large.x + dice.between(0.27, 0.31)
    small = _Swirl(beside, large.y + dice.between(0.1, 0.14), 0.09, -0.8 * turn)
    return large, small


def _choose_stars(dice, swirls):
    """Choose a moon and stars that keep clear of each other and of the swirls."""
    stars = [_Star(dice.between(0.82, 0.89), dice.between(0.11, 0.17), 0.045)]
    for _ in range(300):
        star = _Star(dice.between(0.25, 0.97), dice.between(0.04, 0.5), dice.between(0.01, 0.024))
        taken = [*((s.x, s.y, 3.3 * s.radius) for s in stars)]
        taken += [(swirl.x, swirl.y, 0.85 * swirl.reach) for swirl in swirls]
        gaps = (math.hypot(star.x - x, star.y - y) - r - 2.6 * star.radius for x, y, r in taken)
        if min(gaps) > 0 and len(stars) < 11:
            stars.append(star)
    return stars


def _sketch_sky(dice, stars, swirls):
    """Return colours (side, side, 3) and directions (side, side) of the sky.

    Paint flows along the level lines of a height, so light and dark bands do, too.
    """
    x, y = fields.grid(_SIDE)
    height = 0.8 * y + 0.045 * np.sin(7 * x + 4 * y + dice.between(0, 6))
    height = height + 0.018 * fields.noise(dice, _SIDE, 5)
    glow, phase = np.zeros((_SIDE, _SIDE)), 0.1 * fields.noise(dice, _SIDE, 9)
    for swirl in swirls:
        distance = np.hypot(x - swirl.x, y - swirl.y) / swirl.reach
        height = height + 2.5 * swirl.turn * swirl.reach * np.exp(-0.7 * distance**2)
        turned = np.arctan2(y - swirl.y, x - swirl.x) / (2 * math.pi)
        phase = phase + np.sign(swirl.turn) * turned  # one arm of the spiral
        glow = np.maximum(glow, np.exp(-((distance - 0.55) ** 2) / 0.3))
    bands = 0.5 + 0.5 * np.sin(2 * math.pi * (12 * height + phase))
    tone = 0.85 * bands + 0.12 + glow * (0.3 + 2.5 * bands)
    tone += 1.2 * np.exp(-(((y - 0.6) / 0.07) ** 2)) * (0.4 + 0.6 * bands)  # haze over the hills
    tone += 0.25 * fields.noise(dice, _SIDE, 14)
    colours = _shades(tone, _BLUES)
    down, right = np.gradient(height)
    slope = np.hypot(down, right) + 1e-9
    flow_x, flow_y = -down / slope, right / slope
    for star in stars:
        dx, dy = (x - star.x) / star.radius, (y - star.y) / star.radius
        distance = np.hypot(dx, dy)
        hold = 1.6 * np.exp(-((distance / 3.4) ** 4))
        keep = (1 - hold).clip(0, 1)
        flow_x, flow_y = flow_x * keep - hold * dy, flow_y * keep + hold * dx
        colours = _shine(colours, distance)
    colours = _hollow_moon(colours, stars[0], x, y)
    return colours, np.arctan2(flow_y, flow_x)


def _shine(colours, distance):
    """Put a star with rings of light on the sky; distances are in its radii."""
    rings = 0.5 + 0.5 * np.cos(2.1 * math.pi * distance)
    light = np.exp(-((distance / 2.3) ** 2))
    halo = _shades(3.4 * (1 - light) + 0.5 * rings, _HALO)
    colours = fields.blend(colours, halo, (2.4 * light * (0.5 + 0.5 * rings)).clip(0, 1))
    return fields.blend(colours, _HALO[0], fields.ramp(distance, 1.0, 0.6))


def _hollow_moon(colours, moon, x, y):
    """Leave a bright crescent of the moon."""
    dx, dy = (x - moon.x) / moon.radius, (y - moon.y) / moon.radius
    is_moon = fields.ramp(np.hypot(dx, dy), 1.25, 1.1)
    is_dark = fields.ramp(np.hypot(dx + 0.45, dy + 0.2), 0.95, 0.75)
    colours = fields.blend(colours, (255, 226, 110), is_moon)
    return fields.blend(colours, (226, 150, 40), is_moon * is_dark)


def _shades(tone, colours):
    """Turn a tone, 0 to len(colours) - 1, to the colours in between."""
    places = np.arange(len(colours))
    columns = np.array(colours, np.float32).T
    return np.stack([np.interp(tone, places, column) for column in columns], axis=-1)


class _Land(typing.NamedTuple):
    """Two drawings of the same shapes: one in colours, one in directions."""

    colours: Canvas
    angles: Canvas

    def blob(self, points, colour, angle):
        self.colours.blob(points, colour)
        self.angles.blob(points, _as_colour(angle))

    def polygon(self, points, colour, angle):
        self.colours.polygon(points, colour)
        self.angles.polygon(points, _as_colour(angle))

    def limb(self, points, widths, colour):
        """Draw a limb whose strokes run along it."""
        self.colours.limb(points, widths, colour)
        for start, end, width in zip(points, points[1:], widths, strict=False):
            angle = math.atan2(end[1] - start[1], end[0] - start[0])
            self.angles.limb((start, end), (width, width), _as_colour(angle))


def _as_colour(angle):
    cos, sin = math.cos(2 * angle), math.sin(2 * angle)
    return round(127.5 + 127 * cos), round(127.5 + 127 * sin), 0, 255


def _sketch_land(dice, colours, angles):
    """Put hills, houses and a cypress before the sky."""
    land = _Land(Canvas(_SIDE, transparent=True), Canvas(_SIDE, transparent=True))
    _draw_hills(land, dice)
    _draw_village(land, dice)
    _draw_cypress(land, dice)
    paint, directions = land.colours.finish(), land.angles.finish()
    is_land = paint[..., 3] > 127
    doubled = directions[..., :2].astype(np.float32) - 127.5
    turned = 0.5 * np.arctan2(doubled[..., 1], doubled[..., 0])
    return (
        np.where(is_land[..., None], paint[..., :3], colours),
        np.where(is_land, turned, angles),
    )


def _draw_hills(land, dice):
    ranges = ((0.6, 0.07, (52, 84, 160)), (0.68, 0.05, (40, 66, 128)), (0.76, 0.035, (38, 78, 84)))
    for base, height, colour in ranges:
        line = base - height * fields.wander(dice, 60, 3, octaves=2)
        bands = 14
        for band in range(bands):  # strokes run parallel to the ridge
            depth = 0.3 * (band / bands) ** 1.3
            tint = mix(vary(colour, dice, 26), (24, 36, 60), 0.5 * band / bands)
            if dice.chance(0.25):
                tint = mix(tint, (150, 190, 190), 0.45)
            for k in range(0, 58, 2):
                angle = math.atan2(line[k + 2] - line[k], 2 / 59)
                left, right = k / 59, (k + 2.2) / 59
                corners = ((left, line[k] + depth), (right, line[k + 2] + depth))
                low = 1.02 if band == bands - 1 else max(line[k], line[k + 2]) + depth + 0.05
                land.polygon((*corners, (right, low), (left, low)), tint, angle)


def _draw_village(land, dice):
    for _ in range(60):
        x, y = dice.between(0, 1), dice.between(0.8, 1.02)
        green = mix((34, 74, 62), (110, 140, 70), dice.between(0, 0.8))
        radius = dice.between(0.02, 0.04)
        tops = ((x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius))
        land.blob(tops, green, dice.between(0, math.pi))
    church = dice.between(0.5, 0.72)
    places = sorted((dice.between(0.8, 0.93), dice.between(0.28, 0.98)) for _ in range(13))
    for y, x in places:
        _draw_house(land, dice, x, y, dice.between(0.028, 0.045))
    wall = (104, 128, 160)
    land.polygon(
        ((church, 0.7), (church + 0.03, 0.7), (church + 0.03, 0.87), (church, 0.87)), wall, 1.57
    )
    spire = ((church - 0.004, 0.705), (church + 0.015, 0.56), (church + 0.034, 0.705))
    land.polygon(spire, (30, 40, 84), 1.57)


def _draw_house(land, dice, x, y, half):
    wall = mix((86, 108, 150), (170, 180, 170), dice.between(0, 0.9))
    roof = dice.pick(((44, 54, 104), (120, 66, 52), (62, 70, 120), (146, 92, 58)))
    bottom, eaves, top = y + 0.8 * half, y - 0.2 * half, y - 1.1 * half
    walls = ((x - half, eaves), (x + half, eaves), (x + half, bottom), (x - half, bottom))
    land.polygon(walls, wall, math.pi / 2)
    gable = ((x - 1.2 * half, eaves), (x - 0.5 * half, top), (x + 0.6 * half, top))
    land.polygon((*gable, (x + 1.2 * half, eaves)), roof, 0.0)
    if dice.chance(0.8):
        left = x + dice.between(-0.6, 0.2) * half
        window = ((left, eaves + 0.2 * half), (left + 0.4 * half, eaves + 0.2 * half))
        window += ((left + 0.4 * half, bottom - 0.2 * half), (left, bottom - 0.2 * half))
        land.polygon(window, (250, 206, 84), math.pi / 2)


def _draw_cypress(land, dice):
    x, top = dice.between(0.13, 0.19), dice.between(0.06, 0.14)
    trunk = ((x, 1.02), (x - 0.01, 0.7), (x + 0.008, 0.4), (x, top + 0.05))
    land.limb(trunk, (0.14, 0.12, 0.06, 0.01), (24, 34, 34))
    for _ in range(90):
        side, height = dice.between(-1, 1), dice.between(0.0, 1.0)
        spread = 0.078 * (1 - height) ** 0.6 + 0.004
        low = 1.04 - (1.04 - top) * height
        rise, bend = 0.2 * (1.1 - height), x + 0.012 * math.sin(11 * height + 1)
        start = (bend + side * spread, low)
        middle = (bend + 1.15 * side * spread + 0.008 * side, low - 0.5 * rise)
        end = (bend + 0.45 * side * spread, max(top - 0.02, low - rise))
        lit = dice.between(0, 1) ** 2.5
        colour = mix(vary((22, 36, 34), dice, 14), (104, 96, 44), 0.75 * lit)
        land.limb((start, middle, end), (0.018, 0.022, 0.004), colour)


def _brush(image, dice, x, y, colours, angles, *, length, width):
    """Lay one stroke at each place, made of bristles that leave ridges."""
    lengths = length * dice.generator.uniform(0.6, 1.2, len(x))
    paths = fields.traced(x, y, angles, lengths)
    aside = fields.normals(paths)
    paint = fields.look_up(colours, x, y) + 9 * dice.noise(len(x), 1) + 7 * dice.noise(len(x), 3)
    offsets = np.linspace(-0.5, 0.5, _BRISTLES)
    lines, shades = [], []
    taper = 1 - 0.45 * np.linspace(-1, 1, paths.shape[1]) ** 2
    ridges = np.array([235, 120, 135, 215])
    for offset, ridge in zip(offsets, ridges, strict=True):
        lines.append(paths + offset * width * taper[:, None] * aside)
        tinted = paint + 11 * dice.noise(len(x), 1)
        heights = ridge + 18 * dice.noise(len(x), 1)
        shades.append(np.concatenate([tinted, heights], axis=1))
    lines = (np.stack(lines, axis=1) * image.width).reshape(len(x), _BRISTLES, -1)
    shades = np.stack(shades, axis=1).clip(0, 255).astype(int)
    pen = ImageDraw.Draw(image)
    thickness = max(1, math.ceil(1.25 * width * image.width / _BRISTLES))
    for stroke, tints in zip(lines.tolist(), shades.tolist(), strict=True):
        for line, tint in zip(stroke, tints, strict=True):
            pen.line(line, fill=tuple(tint), width=thickness)


def _light(image, size):
    """Shade the ridges of the paint, and shrink the picture to its size."""
    paint = np.asarray(image).astype(np.float32)
    scale = image.width / 1024  # heights are the same at every size, slopes per pixel are not
    heights = fields.blur(paint[..., 3], 1.0 * scale) * scale
    gain = fields.slope_light(heights, strength=0.02)
    lit = paint[..., :3] * (1 + 0.32 * gain[..., None]) + 26 * gain[..., None].clip(0, 1) ** 2
    lit = fields.as_picture(lit)
    return np.asarray(Image.fromarray(lit).reduce(image.width // size))

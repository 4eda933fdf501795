"""A stained-glass window: panes of one colour each, cut to a design, in lead, lit from behind."""

import math
import typing

import numpy as np
from PIL import Image, ImageDraw

from helpers.drawn import painting_fields as fields
from helpers.drawn.canvas import closed_spline
from helpers.drawn.colours import mix, shade, vary

_SIDE = 640  # of the plan by which the glass is cut, at any size of the picture
_FRAME = 0.06  # width of the border
_LEAD = 0.0037  # deviation of the bell that makes a lead of a cut

_RUBY, _GOLD, _COBALT = (176, 18, 40), (246, 178, 34), (24, 52, 150)
_HALO = ((255, 206, 70), (248, 150, 44), (226, 84, 70), (170, 66, 140), (84, 76, 180))
_HALO += ((30, 84, 190), (24, 52, 150), (18, 34, 116))
_HILLS = ((70, 130, 140), (28, 122, 96), (62, 146, 56), (20, 92, 56))
_RIVER = ((66, 172, 190), (120, 206, 206), (34, 128, 170))
_TULIPS = ((206, 24, 52), (238, 92, 30), (226, 70, 132), (250, 196, 50))


class _Region(typing.NamedTuple):
    """A part of the design: where it is cut into panes, and what colours these may have."""

    sites: np.ndarray  # (n, 2), x and y: each pane is what is nearest to one of them
    palettes: list  # n tuples of colours
    stretch: float = 1.0  # how much wider than high panes are


class _Plan:
    """The design: an image of regions, drawn one over the other."""

    def __init__(self):
        self.image = Image.new("I", (_SIDE, _SIDE), 0)
        self.regions = []

    def add(self, points, colours, *, sites=None, stretch=1.0, smooth=False):
        """Draw a region in some colours; without sites it is one pane."""
        points = np.asarray(points, float)
        if smooth:
            points = closed_spline(len(points), 10) @ points
        if sites is None:
            sites = points.mean(axis=0, keepdims=True)
        pixels = (points * _SIDE).ravel().tolist()
        ImageDraw.Draw(self.image).polygon(pixels, fill=len(self.regions))
        palettes = colours if isinstance(colours, list) else [colours] * len(sites)
        self.regions.append(_Region(np.asarray(sites), palettes, stretch))


def paint(dice, size):
    """Paint the picture: a sun over hills, a river and tulips, in a border.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    size : int

    Returns
    -------
    picture : uint8 array of shape (size, size, 3)
    """
    plan = _Plan()
    sun = dice.between(0.3, 0.7), dice.between(0.28, 0.38)
    _draw_sky(plan, dice, sun)
    _draw_land(plan, dice, sun[0])
    _draw_tulips(plan, dice)
    _draw_border(plan)
    panes, colours = _cut(plan, dice)
    return _light(panes, colours, sun, dice, size)


# The design


def _ring(dice, middle, radius, count):
    angles = (np.arange(count) + dice.between(0, 1)) * (2 * math.pi / count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1) * radius + middle


def _draw_sky(plan, dice, sun):
    sites, palettes = [], []
    for level in range(13):
        ring = _ring(dice, sun, 0.165 + 0.07 * level, 11 + 4 * level)
        ring += 0.011 * dice.noise(*ring.shape)
        sites.append(ring)
        for _ in ring:
            place = min(0.85 * level + dice.between(-0.5, 0.5), len(_HALO) - 1.01)
            near, far = _HALO[max(0, int(place))], _HALO[max(0, int(place)) + 1]
            palettes.append((near, far, mix(near, far, 0.5)))
    plan.add(((0, 0), (1, 0), (1, 1), (0, 1)), palettes, sites=np.concatenate(sites))
    rays = _ring(dice, sun, 0.1, 14)
    plan.add(_ring(dice, sun, 0.126, 64), (_GOLD, (255, 200, 70), (240, 130, 30)), sites=rays)
    plan.add(_ring(dice, sun, 0.072, 48), ((255, 232, 150),), sites=_ring(dice, sun, 0.02, 5))


def _draw_land(plan, dice, sun_x):
    x = np.linspace(-0.02, 1.02, 80)
    for k, base in enumerate((0.57, 0.65, 0.74)):
        line = base + 0.035 * fields.wander(dice, 80, 2, octaves=2)
        outline = [*np.stack([x, line], axis=-1), (1.02, 1.02), (-0.02, 1.02)]
        columns = np.linspace(0, 1, 8 - k) + dice.between(-0.07, 0.07)
        rows = np.interp(columns, x, line)
        sites = [
            (c, r + d + dice.between(-0.01, 0.01))
            for d in (0.025, 0.09, 0.16, 0.24, 0.32)
            for c, r in zip(columns + dice.between(-0.08, 0.08), rows, strict=True)
        ]
        green = _HILLS[k], _HILLS[k + 1], mix(_HILLS[k], (190, 190, 60), 0.3)
        plan.add(outline, green, sites=sites, stretch=1.5)
    _draw_river(plan, dice, sun_x)


def _draw_river(plan, dice, sun_x):
    depth = np.linspace(0, 1, 30)
    middle = 0.5 + (sun_x - 0.5) * (1 - depth) + 0.13 * np.sin(5.5 * depth + dice.between(0, 6))
    half, y = 0.02 + 0.2 * depth**1.6, 0.66 + 0.36 * depth
    banks = np.concatenate(
        [np.stack([middle - half, y], -1), np.stack([middle + half, y], -1)[::-1]]
    )
    rows = 0.665 + 0.36 * np.linspace(0, 1, 11) ** 1.4
    sites = [(np.interp(row, y, middle) + dice.between(-0.09, 0.09), row) for row in rows]
    sites += [(np.interp(row, y, middle) + dice.sign() * 0.16, row) for row in rows[6:]]
    plan.add(banks, _RIVER, sites=sites, stretch=4.0)


def _draw_tulips(plan, dice):
    left = dice.between(0.15, 0.2)
    for x in (left, left + 0.12, 1 - dice.between(0.14, 0.2)):
        _draw_tulip(plan, dice, x, dice.between(0.62, 0.72), dice.between(0.055, 0.066))


def _draw_tulip(plan, dice, x, y, r):
    bend = dice.between(-0.03, 0.03)
    stem = np.linspace(0, 1, 12)
    line = np.stack([x + bend * stem**2, y + (1.0 - y) * stem], axis=-1)
    leaf = dice.pick(((96, 160, 40), (40, 132, 60), (130, 176, 52)))
    aside = np.array([0.007, 0.0])
    plan.add(np.concatenate([line - aside, (line + aside)[::-1]]), (leaf,))
    for side in (-1, 1):
        top = y + dice.between(0.08, 0.16)
        blade = ((x + bend, 1.0), (x + side * 0.045, top + 0.09), (x + side * 0.075, top))
        blade += ((x + side * 0.085, top + 0.1), (x + bend + side * 0.03, 1.0))
        plan.add(blade, (vary(leaf, dice, 20),), smooth=True)
    colour = dice.pick(_TULIPS)
    for side in (-1, 1):
        petal = ((0.1, 1.0), (0.85, 0.75), (1.05, 0.0), (0.85, -1.0), (0.45, -0.35), (0.15, 0.3))
        points = [(x + side * r * px, y + r * py) for px, py in petal]
        plan.add(points, (vary(colour, dice, 22),), smooth=True)
    middle = ((0, 1.05), (0.5, 0.55), (0.45, -0.35), (0, -1.1), (-0.45, -0.35), (-0.5, 0.55))
    points = [(x + r * px, y + r * py) for px, py in middle]
    plan.add(points, (mix(colour, (255, 220, 120), 0.35),), smooth=True)


def _draw_border(plan):
    count = 11
    step = (1 - 2 * _FRAME) / count
    for k in range(count):
        low, high = _FRAME + k * step, _FRAME + (k + 1) * step
        colour = (_RUBY, _GOLD)[k % 2]
        for near, far in ((0, _FRAME), (1 - _FRAME, 1)):
            plan.add(((low, near), (high, near), (high, far), (low, far)), (colour,))
            plan.add(((near, low), (far, low), (far, high), (near, high)), (colour,))
    for x in (0, 1 - _FRAME):
        for y in (0, 1 - _FRAME):
            corner = np.array(((0, 0), (1, 0), (1, 1), (0, 1))) * _FRAME + (x, y)
            plan.add(corner, (_COBALT,))


# The glass


def _cut(plan, dice):
    """Cut regions into panes: numbers of panes (_SIDE, _SIDE), and the colour of each."""
    regions = np.asarray(plan.image)
    panes, colours = np.zeros((_SIDE, _SIDE), np.int32), []
    for number, region in enumerate(plan.regions):
        nearest = _nearest(region.sites, region.stretch)
        np.copyto(panes, nearest + len(colours), where=regions == number)
        colours += [_pane_colour(dice, palette) for palette in region.palettes]
    return panes, np.array(colours, np.float32)


def _nearest(sites, stretch):
    """Return which site is nearest to each place; of those over 0.3 away, it may be any."""
    nearest = np.zeros((_SIDE, _SIDE), np.int32)
    if len(sites) == 1:
        return nearest
    least = np.full((_SIDE, _SIDE), np.inf, np.float32)
    x, y = fields.grid(_SIDE)
    bounds = ((sites + np.array([[[-0.3]], [[0.3]]])).clip(0, 1) * _SIDE).astype(int)
    for number, ((left, top), (right, bottom)) in enumerate(bounds.swapaxes(0, 1).tolist()):
        across = x[:, left:right] - np.float32(sites[number, 0])
        down = np.float32(stretch) * (y[top:bottom] - np.float32(sites[number, 1]))
        apart = across * across + down * down
        part = least[top:bottom, left:right]
        np.copyto(nearest[top:bottom, left:right], number, where=apart < part)
        np.minimum(part, apart, out=part)
    return nearest


def _pane_colour(dice, palette):
    return vary(shade(dice.pick(palette), dice.between(0.72, 1.1)), dice, 18)


def _light(panes, colours, sun, dice, size):
    """Let light shine through the glass, and put the lead on it."""
    is_cut = np.zeros((_SIDE, _SIDE), bool)
    is_cut[:, 1:] |= panes[:, 1:] != panes[:, :-1]
    is_cut[1:] |= panes[1:] != panes[:-1]
    is_cut[[0, -1]] = is_cut[:, [0, -1]] = True
    cuts = is_cut.astype(np.float32)
    bell = fields.resized(fields.blur(cuts, _LEAD * _SIDE), size) * (_LEAD * _SIDE)
    lead = fields.ramp(bell, 0.2, 0.2 + min(0.12, 60 / size))
    near = fields.resized(fields.blur(cuts, 0.012 * _SIDE), size)
    numbers = np.asarray(Image.fromarray(panes).resize((size, size), Image.Resampling.NEAREST))
    glass = colours[numbers] * _texture(numbers, len(colours), dice, size)[..., None]
    x, y = fields.grid(size)
    distance = np.hypot(x - sun[0], y - sun[1])
    shine = 0.74 + 0.5 * np.exp(-((distance / 0.42) ** 2)) - 0.9 * (near - 0.1).clip(0, 1)
    glass = glass * shine[..., None]
    glow = np.stack([fields.blur(glass[..., k], 0.02 * size) for k in range(3)], axis=-1)
    relief = fields.slope_light(bell * size / 512, strength=9)[..., None]
    metal = _LEAD_COLOUR * (1 + 0.15 * fields.noise(dice, size, 128)[..., None]) + 60 * relief
    picture = glass * (1 - lead[..., None]) + metal * lead[..., None] + 0.2 * glow
    return fields.as_picture(picture)


_LEAD_COLOUR = np.array((34, 34, 40), np.float32)


def _texture(numbers, num_panes, dice, size):
    """Return how clear the glass is: streaks, bubbles, and a slope of its own in each pane."""
    streaks = np.stack(
        [
            fields.noise(dice, size, (6, 70)),
            fields.noise(dice, size, (70, 6)),
            fields.noise(dice, size, 22, octaves=2),
        ]
    )
    kind = dice.generator.integers(0, 3, num_panes)[numbers]
    rows, columns = np.indices((size, size), sparse=True)
    texture = 1 + 0.12 * streaks[kind, rows, columns]
    slopes = dice.noise(num_panes, 2)[numbers]
    x, y = fields.grid(size)
    weights = np.bincount(numbers.ravel(), minlength=num_panes).clip(1)
    for axis, place in enumerate((x, y)):
        place = np.broadcast_to(place, (size, size))
        middle = np.bincount(numbers.ravel(), place.ravel(), minlength=num_panes) / weights
        texture += 1.6 * slopes[..., axis] * (place - middle[numbers])
    bubbles = fields.noise(dice, size, 170)
    return texture + 0.3 * fields.ramp(bubbles, 2.2, 2.8)

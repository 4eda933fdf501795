"""A great wave as a woodblock print: flat colours, contour lines, foam, and a sky in bands."""

import math

import numpy as np

from helpers.drawn import painting_fields as fields
from helpers.drawn.colours import mix, vary

_PAPER = (238, 226, 196)
_INK = (22, 34, 66)
_FOAM = (244, 238, 218)
_BLUES = ((26, 50, 104), (58, 100, 150), (128, 168, 184), (36, 70, 128))
# Bands of the sky from the top down, one set per kind of weather.
_SKIES = (
    ((74, 96, 116), (226, 214, 178), (236, 204, 160)),
    ((44, 84, 128), (238, 222, 178), (240, 178, 130)),
    ((96, 104, 112), (222, 216, 170), (214, 196, 150)),
)
# The two edges of a wave from its foot to the tip of its crest, with the tip to the right.
_BACK = ((0.2, 1.25), (-0.14, 0.95), (-0.1, 0.6), (0.02, 0.36), (0.17, 0.19), (0.34, 0.1))
_BACK += ((0.5, 0.11), (0.61, 0.19), (0.66, 0.31))
_FACE = ((1.2, 0.86), (0.82, 0.85), (0.61, 0.77), (0.47, 0.63), (0.4, 0.48), (0.41, 0.36))
_FACE += ((0.48, 0.29), (0.57, 0.28), (0.65, 0.32))
_STEPS = 60  # along a wave


def paint(dice, size):
    """Paint the picture: a wave that breaks before a mountain, with a boat in the trough.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    size : int

    Returns
    -------
    picture : uint8 array of shape (size, size, 3)
    """
    canvas = fields.canvas_for(size)
    view = canvas.posed(x=1.0, flip=True) if dice.chance(0.5) else canvas
    _draw_sky(canvas, view, dice)
    _draw_mountain(view, dice)
    _draw_sea(view, dice)
    far = view.posed(x=1.14, y=0.36, scale=0.52, flip=True)
    _draw_wave(far, dice, num_claws=22)
    _draw_boat(view, dice)
    _draw_wave(view.posed(x=dice.between(-0.05, 0.02), y=dice.between(-0.03, 0.03)), dice)
    _draw_swell(view, dice)
    return _print(fields.shrunk(canvas, size), dice)


def _draw_sky(canvas, view, dice):
    top, middle, low = dice.pick(_SKIES)
    bands = 16
    for k in range(bands):
        share = k / (bands - 1)
        colour = mix(top, middle, min(1, 2.6 * share))
        if share > 0.5:
            colour = mix(middle, low, 2 * share - 1)
        canvas.rectangle(0, 0.7 * k / bands, 1, 1, colour)
    for _ in range(4):
        x, y = dice.between(0.5, 1.0), dice.between(0.12, 0.5)
        _draw_cloud(view, dice, x, y, mix(top, low, 0.4), mix(middle, _FOAM, 0.6))
    if dice.chance(0.7):
        x, y, r = dice.between(0.76, 0.9), dice.between(0.13, 0.22), dice.between(0.06, 0.08)
        view.ellipse(x, y, r, r, (206, 62, 44))


def _draw_cloud(view, dice, x, y, line, colour):
    """Draw a bank of mist: a few bars with round ends."""
    half, thick = dice.between(0.1, 0.2), dice.between(0.016, 0.024)
    bars = [(x + half * dice.between(-0.5, 0.5), y + 0.9 * k * thick) for k in range(3)]
    for extra, tint in ((0.006, line), (0.0, colour)):
        for left, middle in bars:
            ends = ((left - half, middle), (left + half, middle))
            view.limb(ends, (thick + extra, thick + extra), tint)


def _draw_mountain(view, dice):
    x, top, base = dice.between(0.64, 0.76), dice.between(0.43, 0.47), 0.7
    half = 0.29

    def slope(share, side):
        return x + side * (0.018 + (half - 0.018) * share**1.35), top + (base - top) * share

    shares = np.linspace(0, 1, 14)
    left, right = [slope(s, -1) for s in shares], [slope(s, 1) for s in shares]
    view.polygon((*left, *reversed(right)), mix(_BLUES[1], (120, 120, 130), 0.35))
    snow = [slope(s, -1) for s in shares[:6]]
    edge = [
        (x + side * 0.11, top + 0.115 + dice.between(-0.015, 0.02))
        for side in (-0.75, -0.4, 0, 0.4, 0.75)
    ]
    valleys = [(px + 0.02, py - dice.between(0.025, 0.05)) for px, py in edge[:-1]]
    zigzag = [p for pair in zip(edge, [*valleys, edge[-1]], strict=True) for p in pair]
    view.polygon((*snow, *zigzag, *reversed([slope(s, 1) for s in shares[:6]])), _FOAM)
    view.line((*reversed(left), *right), 0.004, _INK)


def _draw_sea(view, dice):
    for row in range(9):
        y = 0.63 + 0.035 * row
        x = np.linspace(-0.05, 1.05, 60)
        wave = y + (0.006 + 0.003 * row) * np.sin(x * (34 - 2.5 * row) + dice.between(0, 6))
        wave = wave + 0.012 * np.sin(5 * x + row)
        line = np.stack([x, wave], axis=-1).tolist()
        view.polygon((*line, (1.05, 1.1), (-0.05, 1.1)), (_BLUES[1], _BLUES[2], _BLUES[3])[row % 3])
        view.line(line, 0.003, _INK)


def _curve(points, dice, shake):
    """Return _STEPS points of a smooth curve through shaken control points."""
    points = np.array(points) + shake * dice.generator.uniform(-1, 1, (len(points), 2))
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    places = np.linspace(0, len(points) - 1.001, _STEPS)
    k, t = places.astype(int), (places % 1)[:, None]
    p0, p1, p2, p3 = (padded[k + shift] for shift in range(4))
    bend = t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * p1 - p0 - 3 * p2 + p3))
    return p1 + 0.5 * t * (p2 - p0 + bend)


def _draw_wave(view, dice, num_claws=44):
    """Draw a breaking wave with stripes along its body and foam on its crest."""
    back, face = _curve(_BACK, dice, 0.008), _curve(_FACE, dice, 0.008)
    count = 13
    edges = [face + share * (back - face) for share in np.linspace(0, 1, count) ** 0.9]
    for k in range(count - 1):
        strip = (*edges[k].tolist(), *edges[k + 1][::-1].tolist())
        colour = vary(_BLUES[(0, 2, 3, 1)[k % 4]], dice, 6)
        view.polygon(strip, colour)
        for share in (0.3, 0.6):
            vein = edges[k] + share * (edges[k + 1] - edges[k])
            start = dice.whole(0, _STEPS // 2)
            tint = mix(colour, _FOAM if share > 0.5 else _INK, 0.35)
            view.line(vein[start : start + _STEPS // 2].tolist(), 0.002, tint)
    for k, edge in enumerate(edges):
        view.line(edge.tolist(), 0.006 if k in (0, count - 1) else 0.003, _INK)
    _draw_cap(view, dice, back, face, num_claws)


def _draw_cap(view, dice, back, face, num_claws):
    """Draw the foam: a cap along the back, claws that hang from it, and spray."""
    cap = range(int(0.36 * _STEPS), _STEPS)
    across = face - back
    inner = [back[k] + across[k] * (0.16 + 0.62 * ((k - cap[0]) / len(cap)) ** 2) for k in cap]
    view.polygon((*back[list(cap)].tolist(), *(p.tolist() for p in inner[::-1])), _FOAM)
    view.line(back[list(cap)].tolist(), 0.006, _INK)
    claws = []
    for n in range(num_claws):
        k = min(len(inner) - 1, int(len(inner) * (n + dice.between(0, 1)) / num_claws))
        at, along = inner[k], back[cap[k]] - back[cap[k] - 2]
        heading = math.atan2(along[1], along[0]) + dice.between(0.7, 1.5)
        length = dice.between(0.04, 0.075) * (0.6 + 0.5 * k / len(inner))
        claws += _claw(dice, at[0], at[1], heading, length, depth=2)
    for _ in range(num_claws // 3):  # beyond the tip
        at = back[-1] + dice.generator.uniform(-0.035, 0.02, 2)
        claws += _claw(dice, *at, dice.between(0.2, 1.9), dice.between(0.05, 0.085), depth=2)
    for _ in range(num_claws):  # along the back, against the sky
        k = dice.whole(cap[0] + 4, _STEPS - 2)
        along = back[k] - back[k - 2]
        heading = math.atan2(along[1], along[0]) - dice.between(-0.1, 0.7)
        claws += _claw(dice, *back[k], heading, dice.between(0.018, 0.04), depth=1)
    for points, widths in claws:
        view.limb(points, [width + 0.0075 for width in widths], _INK)
    for points, widths in claws:
        view.limb(points, widths, _FOAM)
    for k in cap[::3]:
        r = dice.between(0.012, 0.022)
        view.ellipse(*(back[k] + across[k] * 0.05), r, r, _FOAM)
    _draw_veins(view, dice, back, across, cap)
    for _ in range(3 * num_claws):
        at = back[dice.whole(cap[0], _STEPS - 1)] + (
            dice.between(-0.05, 0.19),
            dice.between(-0.07, 0.14),
        )
        r = dice.between(0.002, 0.0055)
        view.ellipse(*at, r + 0.0016, r + 0.0016, _INK)
        view.ellipse(*at, r, r, _FOAM)


def _draw_veins(view, dice, back, across, cap):
    """Draw pale lines inside the foam, along the wave."""
    for share in (0.05, 0.1, 0.16):
        start = cap[0] + dice.whole(2, 8)
        line = [
            (back[k] + across[k] * share * (0.6 + (k - cap[0]) / len(cap))).tolist()
            for k in range(start, _STEPS - 4)
        ]
        view.line(line, 0.004, (150, 184, 192))


def _claw(dice, x, y, heading, length, *, depth):
    """Return a hooked finger of foam and its branches: (points, widths) of limbs."""
    curl = dice.between(0.35, 0.8)
    points, limbs = [(x, y)], []
    for step in range(3):
        x, y = x + length / 3 * math.cos(heading), y + length / 3 * math.sin(heading)
        points.append((x, y))
        if depth and step:
            turned = heading - dice.between(0.5, 1.0)
            limbs += _claw(dice, x, y, turned, length * dice.between(0.4, 0.6), depth=depth - 1)
        heading += curl
    width = 0.27 * length
    return [(points, (width, 0.9 * width, 0.62 * width, 0.12 * width)), *limbs]


def _draw_boat(view, dice):
    x, y = dice.between(0.66, 0.74), dice.between(0.76, 0.79)
    boat = view.posed(x, y, scale=0.2, angle=dice.between(-0.2, -0.05))
    hull = (
        (-1.0, -0.1),
        (-0.6, 0.1),
        (0.2, 0.14),
        (0.8, -0.05),
        (1.25, -0.34),
        (0.75, 0.12),
        (0.2, 0.3),
        (-0.6, 0.24),
    )
    for k in range(7):  # rowers
        px = -0.55 + 0.16 * k
        boat.ellipse(px, 0.03, 0.075, 0.1, _INK)
        boat.ellipse(px, 0.03, 0.06, 0.085, (60, 84, 120))
        boat.ellipse(px + 0.04, -0.06, 0.042, 0.05, (226, 190, 150))
    boat.blob(hull, _INK)
    inner = [(0.96 * px, 0.19 + 0.78 * (py - 0.19)) for px, py in hull]
    boat.blob(inner, (214, 180, 116))


def _draw_swell(view, dice):
    """Draw the swell in front: stripes and a ragged line of foam."""
    x = np.linspace(-0.05, 1.05, 70)
    rise = 0.93 + 0.05 * np.sin(4.2 * x + dice.between(0.4, 1.6)) - 0.05 * x
    for k in range(5):
        line = np.stack([x, rise + 0.03 * k + 0.004 * np.sin(40 * x + 2 * k)], axis=-1).tolist()
        view.polygon((*line, (1.05, 1.1), (-0.05, 1.1)), _BLUES[(0, 2, 3, 1, 0)[k]])
        view.line(line, 0.0035, _INK)
    claws = []
    for _ in range(34):
        px = dice.between(0, 1)
        y = np.interp(px, x, rise) + 0.004
        claws += _claw(dice, px, y, dice.between(-1.2, -0.2), dice.between(0.025, 0.05), depth=1)
    for points, widths in claws:
        view.limb(points, [width + 0.0075 for width in widths], _INK)
    for points, widths in claws:
        view.limb(points, widths, _FOAM)


def _print(colours, dice):
    """Give the picture the grain of wood and paper, and a margin."""
    size = len(colours)
    x, y = fields.grid(size)
    rings = y + 0.02 * fields.noise(dice, size, (3, 2)) + 0.004 * fields.noise(dice, size, (30, 4))
    grain = np.sin(2 * math.pi * 46 * rings) + fields.noise(dice, size, (220, 5))
    fibres = fields.noise(dice, size, 150, octaves=2)
    darkness = 1 - colours.mean(axis=-1) / 255
    colours = colours * (1 + (0.018 * grain + 0.016 * fibres)[..., None])
    worn = fields.ramp(fields.noise(dice, size, 60, octaves=3), 0.8, 3.2) * (0.15 + 0.5 * darkness)
    colours = fields.blend(colours, _PAPER, 0.5 * worn)
    outside = np.maximum(abs(x - 0.5), abs(y - 0.5)) + 0.0008 * fields.noise(dice, size, 60)
    colours = fields.blend(colours, _INK, fields.ramp(outside, 0.4805, 0.4825))
    paper = np.array(_PAPER) * (1 + 0.02 * fibres[..., None])
    colours = fields.blend(colours, paper, fields.ramp(outside, 0.4845, 0.4865))
    return fields.as_picture(colours)

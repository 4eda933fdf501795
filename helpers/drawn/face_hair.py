"""Hair and scarves as strokes around the head (see `face_surface`): behind the face, and on it."""

import math
import typing

import numpy as np

from helpers.drawn.canvas import closed_spline
from helpers.drawn.colours import hsv, mix, shade
from helpers.drawn.face_strokes import Stroke

PARTED = ("short", "long", "wavy", "bob")
_ROWS = 14  # points of the outline of the hair on each side


class Cut(typing.NamedTuple):
    """What a style looks like; lengths in half face heights."""

    top: float  # how much larger than the head it is, at the crown
    side: float  # and above the ears
    ends: float = 0.0  # height at which it ends beside the face; 0 stays above the ears
    curls: float = 0.0  # their size
    fringe: float = 0.0  # how far it comes down over the forehead, 0 to 1


_CUTS = {
    "bald": Cut(0.0, 0.0),
    "receding": Cut(0.02, 0.07),
    "shaved": Cut(0.015, 0.015),
    "short": Cut(0.13, 0.06),
    "fringe": Cut(0.12, 0.08, fringe=0.8),
    "quiff": Cut(0.26, 0.05),
    "curly": Cut(0.2, 0.16, curls=0.14),
    "afro": Cut(0.34, 0.34, curls=0.1),
    "bob": Cut(0.13, 0.16, ends=0.8, fringe=0.7),
    "long": Cut(0.1, 0.12, ends=1.6),
    "wavy": Cut(0.14, 0.18, ends=1.45, curls=0.12),
    "bun": Cut(0.06, 0.05),
    "ponytail": Cut(0.08, 0.06),
    "braids": Cut(0.07, 0.06),
    "scarf": Cut(0.1, 0.1),
}


def covers_ears(person):
    """Tell whether the hair lies over the ears."""
    return person.hair.style in ("bob", "long", "wavy", "scarf")


def behind(person, surface, colour):
    """Return what lies behind the head, as a list of `Stroke`."""
    hair, cut = person.hair, _CUTS[person.hair.style]
    parts = []
    if hair.style == "bun":
        middle = np.array([(0.0, -surface.crown - 0.06, -0.3)])
        parts.append(Stroke(middle, shade(colour, 0.85), 0.5 * hair.volume))
    if hair.style == "ponytail":
        side = math.copysign(1, hair.part)
        tail = [(0.3, -0.6, -0.7), (0.75, -0.3, -0.7), (0.85, 0.3, -0.6), (0.7, 0.8, -0.5)]
        tail += [(0.45, 0.5, -0.6), (0.3, 0.0, -0.7)]
        parts.append(Stroke(_smooth(tail) * (side, hair.length, 1), shade(colour, 0.85)))
    if hair.style == "scarf":
        drape = [(0.0, -0.9, -0.4), (0.8, -0.3, -0.3), (0.85, 0.6, -0.2), (0.95, 1.5, -0.1)]
        parts.append(Stroke(_smooth(_both(drape)), shade(colour, 0.78)))
    elif cut.ends:
        ends, wide = _ends(hair, cut), person.head.cheek * (1 + cut.side) + 0.1 * hair.volume
        drape = [(0.0, -0.8, -0.5), (0.9 * wide, -0.3, -0.4), (wide, 0.5 * ends, -0.3)]
        drape.append((0.85 * wide, ends, -0.2))
        parts.append(Stroke(_smooth(_both(drape)), shade(colour, 0.72)))
    rows = -surface.crown + (surface.crown + 0.45) * np.linspace(0, 1, _ROWS) ** 2
    skull = _rim(surface, rows, 0.0)
    parts.append(Stroke(skull, shade(person.skin if hair.style == "bald" else colour, 0.8)))
    return parts


def beside(person, colour):
    """Return what hangs behind the jaw, but before the shoulders, as a list of `Stroke`."""
    parts = []
    if person.hair.style != "braids":
        return parts
    for side in (-1, 1):
        for number in range(9):
            y = 0.2 + 0.14 * number * person.hair.length
            x = side * (person.head.cheek + 0.03 * (-1) ** number)
            light = 0.92 if number % 2 else 1.04
            place = np.array([(x, y, -0.2)])
            parts.append(Stroke(place, shade(colour, light), 0.2 * person.hair.volume))
    return parts


def front(person, surface, colour):
    """Return the hair that is seen on the head, as a list of `Stroke`."""
    hair, cut = person.hair, _CUTS[person.hair.style]
    if hair.style == "bald":
        return []
    if hair.style == "scarf":
        return _scarf(person, surface, colour)
    line = _hairline(person, surface, cut)
    lowest = 0.05 + 0.6 * hair.sideburn
    rows = -surface.crown + (lowest + surface.crown) * np.linspace(0, 1, _ROWS) ** 2
    volume = np.interp(rows, (-surface.crown, -0.3), (cut.top, cut.side)) * hair.volume
    volume *= np.interp(rows, (lowest - 0.35, lowest), (1.0, 0.1))  # flat where it ends
    rim = _rim(surface, rows, volume)
    if hair.style == "quiff":
        crest = np.exp(-(((np.arange(len(rim)) - _ROWS + 4 * hair.part) / 4.0) ** 2))
        rim = rim + crest[:, None] * (0, -0.1, 0.2)
    if hair.style == "shaved":
        return [Stroke(np.vstack([rim, line[::-1]]), mix(person.skin, colour, 0.55))]
    if hair.style == "receding":
        colour = mix(person.skin, colour, 0.85)
        return [Stroke(shape, colour) for shape in _sides(rim, line)]
    parts = []
    if cut.curls:
        parts += _curls(rim[2:-2], colour, cut.curls * hair.volume)
    parts.append(Stroke(np.vstack([rim, line[::-1]]), colour))
    parts += _strands(hair, rim, line, colour, cut)
    if cut.curls and not cut.ends:
        parts += _curls((0.6 * rim + 0.4 * line)[2:-2], shade(colour, 1.04), 0.8 * cut.curls)
    if cut.ends:
        parts += _locks(person, cut, colour)
    return parts


def _ends(hair, cut):
    return cut.ends * (hair.length if cut.ends > 1 else 0.75 + 0.25 * hair.length)


def _smooth(points):
    points = np.asarray(points, float)
    return closed_spline(len(points), 5) @ points


def _both(right):
    """Complete a shape whose right half runs down from its top."""
    right = np.asarray(right, float)
    return np.vstack([right, right[:0:-1] * (-1, 1, 1)])


def _rim(surface, rows, volume):
    """Return the outline of a larger head from the left over the top to the right."""
    low, high = surface.seen(rows)
    left, right = (surface.around(angle, rows, larger=volume) for angle in (low, high))
    return np.vstack([left[::-1], right])


def _hairline(person, surface, cut):
    """Return where the hair begins, from the left ear over the forehead to the right ear."""
    hair = person.hair
    top = -hair.hairline - (0.3 if hair.style == "receding" else 0.0)
    low = 0.05 + 0.6 * hair.sideburn
    corner = -0.85 * hair.hairline - 1.2 * hair.recede
    angles = np.radians((0, 14, 32, 50, 62, 70, 76, 84))
    middle = 0.3 * top + 0.7 * corner
    rows = np.array((top, top + 0.01, middle, 0.8 * corner, -0.3, -0.12, low, low))
    angles = np.concatenate([-angles[::-1], angles])
    rows = np.concatenate([rows[::-1], rows])
    if cut.fringe:
        front = np.exp(-((angles / 0.75) ** 4))
        jag = 0.03 * np.cos(9 * np.arange(len(rows)) + 5 * hair.part)
        fringe = person.brows.y - 0.2 * (1 - cut.fringe) - 0.05 + jag
        rows = np.where(front > 0.4, fringe, rows)
    elif hair.style in PARTED:
        near_part = np.exp(-(((angles + 0.7 * hair.part) / 0.4) ** 2))
        rows = rows + 0.1 * near_part * (angles * hair.part < 0)
    steps = np.linspace(0, len(rows) - 1, 2 * _ROWS)
    angles, rows = (np.interp(steps, np.arange(len(rows)), part) for part in (angles, rows))
    seen = surface.seen(rows)
    return surface.around(angles.clip(*seen), rows, larger=0.015)


def _sides(rim, line):
    """Return the hair left and right of a bald crown."""
    for keep in (slice(0, 7), slice(-7, None)):
        yield np.vstack([rim[keep], line[keep][::-1]])


def _strands(hair, rim, line, colour, cut):
    """Return lines that run with the hair: from a parting to the sides, or straight back."""
    hem = Stroke(line[3:-3], shade(colour, 0.8), 0.03)
    if cut.curls and not cut.ends:
        return [hem]
    last = [hem]
    if hair.style in PARTED:
        top = round(_ROWS - 0.5 + 5 * hair.part)
        ways = [(top, (top + end) // 2, end) for end in (4, 2 * _ROWS - 5)]
        shares = (0.12, 0.3, 0.45, 0.62, 0.78, 0.92)
        curves = [_bow(*(_between(line, rim, k, s) for k in way)) for way in ways for s in shares]
        crown = _ROWS + (top - _ROWS) // 2
        last.append(Stroke(np.stack([line[top], rim[crown]]), shade(colour, 0.7), 0.025))
    else:
        curves = [_between(line, rim, k, np.linspace(0, 0.95, 4)) for k in range(3, 2 * _ROWS - 3)]
    parts = []
    for number, curve in enumerate(curves):
        light = (0.86, 1.05, 0.92, 1.08)[number * 5 % 4]
        parts.append(Stroke(curve, shade(colour, light), 0.022 + 0.012 * (number % 3)))
    return parts + last


def _between(line, rim, k, share):
    """Return the point, or points, between a place of the hairline and one of the outline."""
    return line[k] + np.asarray(share)[..., None] * (rim[k] - line[k])


def _bow(start, middle, end):
    """Return a curve through three points."""
    t = np.linspace(0, 1, 7)[:, None]
    return start * (1 - t) * (1 - 2 * t) + middle * 4 * t * (1 - t) + end * t * (2 * t - 1)


def _curls(places, colour, size):
    for number, place in enumerate(places):
        light = (0.9, 1.0, 1.06)[number * 7 % 3]
        wide = 1.4 * size * (1 + 0.35 * (number % 2))
        yield Stroke(place[None], shade(colour, light), wide)
        if number % 2:
            yield Stroke(place[None] - (0, 0.15 * wide, 0), shade(colour, light + 0.05), 0.5 * wide)


def _locks(person, cut, colour):
    """Return the hair that hangs down on both sides of the face."""
    hair, ends = person.hair, _ends(person.hair, cut)
    wide = person.head.cheek * (1 + cut.side) + 0.06 * hair.volume
    for side in (-1, 1):
        thin = 0.75 if side * hair.part > 0 else 1.0
        shape = [
            (0.62 * wide, -0.62, 0.35),
            (0.96 * wide, -0.3, 0.0),
            (1.05 * wide, 0.35 * ends, -0.05),
            (1.1 * wide, 0.8 * ends, 0.0),
            (0.8 * wide, ends, 0.1),
            (0.78 * wide, 0.5 * ends, 0.25 * thin),
            (0.84 * wide, 0.15, 0.2 * thin),
            (0.78 * wide, -0.25, 0.35),
        ]
        lock = _smooth(shape) * (side, 1, 1)
        if cut.curls:
            yield from _curls(lock[6:18:2] * (1.03, 1, 1), colour, cut.curls)
        yield Stroke(lock, colour)
        middle = 0.5 * (lock[5:20] + lock[-5:-20:-1])
        yield Stroke(middle, shade(colour, 1.12), 0.04)
        yield Stroke(0.5 * (middle + lock[5:20]), shade(colour, 0.85), 0.03)


def _scarf(person, surface, colour):
    """Return a scarf that leaves the face free."""
    height = surface.crown + 0.95 * surface.chin_y
    rows = -surface.crown + height * np.linspace(0, 1, _ROWS) ** 2
    outer = _rim(surface, rows, 0.1 * person.hair.volume + 0.02)
    angles = np.radians(np.linspace(-68, 68, 2 * _ROWS))
    inner_y = np.interp(np.abs(angles), np.radians((0, 30, 55, 68)), (-0.55, -0.5, -0.2, 0.6))
    inner = surface.around(angles.clip(*surface.seen(inner_y)), inner_y, larger=0.03)
    fold = [(0.0, 0.93, 0.6), (0.45, 0.75, 0.3), (0.72, 0.5, 0.1), (0.9, 1.3, 0.0), (0.5, 1.7, 0.2)]
    fold = _both(fold)
    parts = [Stroke(_smooth(fold), shade(colour, 0.9))]
    parts.append(Stroke(np.vstack([outer, inner[::-1]]), colour))
    parts += [
        Stroke((share * inner + (1 - share) * outer)[1:-1], shade(colour, light), 0.035)
        for share, light in ((0.35, 0.88), (0.65, 1.1), (0.97, 0.8))
    ]
    return parts


def choose_colour(person, dice):
    """Choose the colour of the hair in one picture; a scarf may be another each time."""
    scarf = hsv(dice.between(0, 1), dice.between(0.1, 0.6), dice.between(0.25, 0.9))
    return scarf if person.hair.style == "scarf" else person.hair.colour

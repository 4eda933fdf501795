"""Beard, freckles, scars, ears and glasses, as strokes on or beside a face."""

import math

import numpy as np

from helpers.drawn.colours import mix, shade
from helpers.drawn.face_strokes import ALONG, CIRCLE, Stroke, band, darker, ellipse, flat


def spots(marks, skin):
    """Yield freckles, moles and a scar on the skin."""
    for x, y, radius, darkness in marks.spots:
        yield Stroke(flat([x], [y]), darker(skin, darkness), 2 * radius)
    if marks.scar:
        yield Stroke(np.array(marks.scar), mix(darker(skin, 0.8), (240, 200, 190), 0.4), 0.025)


def beard(person, mood, surface):
    """Yield the beard; the lips are painted on it later."""
    width = person.mouth.width * (1 + 0.2 * max(mood.smile, 0))
    if person.beard.kind in ("full", "stubble"):
        yield from _along_jaw(person, surface, width)
    elif person.beard.kind in ("goatee", "chin"):
        yield from _on_chin(person, surface, width)


def _along_jaw(person, surface, width):
    """Yield a full beard or stubble from ear to ear."""
    worn, mouth, nose, cheek = person.beard, person.mouth, person.nose, person.head.cheek
    chin = surface.chin_y
    rows = np.linspace(chin, -0.1, 9)
    outer = flat(1.02 * surface.half_width(rows) + 0.01, rows)
    inner = (
        (0.95 * cheek, -0.1),
        (0.9 * cheek, 0.2),
        (0.8 * cheek, 0.36),
        (width + 0.15, mouth.y - 0.16 + 0.1 * worn.length),
        (width + 0.04, nose.y + 0.12),
        (0.05, nose.y + 0.1),
    )
    half = np.vstack([outer, inner])
    whole = np.vstack([half, half[::-1] * (-1, 1)])
    if worn.kind == "stubble":
        yield Stroke(whole, mix(person.skin, worn.colour, 0.16 + 0.2 * worn.density))
        return
    colour = _colour(person)
    yield _tuft(worn, surface, colour, 0.92)
    yield Stroke(whole, colour)
    for number, x in enumerate(np.linspace(-0.5, 0.5, 9)):
        ends = flat((x, 1.05 * x), (mouth.y + 0.22, chin - 0.04))
        yield Stroke(ends, shade(colour, 0.85 if number % 2 else 1.06), 0.02)


def _on_chin(person, surface, width):
    """Yield a small beard, with arms to the moustache if it is a goatee."""
    worn, mouth, chin, colour = person.beard, person.mouth, surface.chin_y, _colour(person)
    yield _tuft(worn, surface, colour, 0.6)
    radius = 0.5 * (chin - mouth.y - 0.12) + 0.02
    reach = (0.7 if worn.kind == "chin" else 0.95) * width
    yield Stroke(ellipse(0, chin - radius, reach, radius), colour)
    if worn.kind == "goatee":
        for side in (-1, 1):
            ends = flat((side * (width + 0.03), side * 0.9 * width), (mouth.y, chin - 0.1))
            yield Stroke(ends, colour, 0.07)


def moustache(person, mood):
    """Yield the moustache, where there is one."""
    worn, mouth, nose = person.beard, person.mouth, person.nose
    if worn.kind not in ("moustache", "goatee", "full"):
        return
    smile = max(mood.smile, 0)
    lip = mouth.y + 0.01 - 0.06 * mood.mouth - 0.02 * smile
    upper = nose.y + 0.1 + 0.05 * ALONG**2
    lower = lip - mouth.upper * (1 - ALONG**2) + (0.02 + 0.08 * worn.length) * ALONG**4
    x = (mouth.width * (1 + 0.2 * smile) + 0.05) * ALONG
    yield Stroke(band(x, np.minimum(upper, lower - 0.055), lower), _colour(person))


def _colour(person):
    return mix(person.skin, person.beard.colour, 0.75 + 0.25 * person.beard.density)


def _tuft(worn, surface, colour, width):
    """Return what hangs from the chin."""
    reach = 0.04 + 0.3 * worn.length**2
    angle = np.linspace(0, np.pi, 12)
    top = surface.chin_y - 0.13
    x, y = width * surface.half_width(top) * np.cos(angle), top + (0.13 + reach) * np.sin(angle)
    return Stroke(np.column_stack([x, y, 0.4 + 0.1 * np.sin(angle)]), shade(colour, 0.88))


def glasses(person, surface):
    """Return glasses: frames, bridge and the arms to the ears, as a list of `Stroke`."""
    worn, eyes = person.glasses, person.eyes
    frame = CIRCLE.copy()
    if worn.frame in ("square", "half", "cat"):
        frame = np.sign(frame) * np.abs(frame) ** 0.55
    if worn.frame == "cat":
        frame[:, 1] -= 0.3 * np.maximum(frame[:, 0], 0) ** 2
    width = worn.width
    height = width if worn.frame == "round" else worn.height
    if worn.frame == "oval":
        height = 0.75 * height
    depth = float(surface.lift(np.array([(0.0, 0.0)]))[0, 2]) + 0.1
    parts = []
    for side in (-1, 1):
        x, y = side * (eyes.x + 0.02 + width * frame[:, 0]), 0.03 + height * frame[:, 1]
        z = depth - 0.7 * x**2
        rim = np.column_stack([x, y, z])
        if worn.frame == "half":
            parts.append(Stroke(rim[9:], worn.colour, 1.5 * worn.thickness))
            parts.append(Stroke(rim, worn.colour, 0.35 * worn.thickness))
        else:
            parts.append(Stroke(np.vstack([rim, rim[:2]]), worn.colour, worn.thickness))
        shine = [(side * eyes.x - 0.1, 0.1, depth), (side * eyes.x - 0.02, -0.06, depth)]
        parts.append(Stroke(np.array(shine), (226, 230, 234), 0.016))
        hinge = rim[np.abs(x).argmax()]
        ear = side * (person.head.cheek + 0.03), -0.02, -0.05
        parts.append(Stroke(np.array([hinge, ear]), worn.colour, 0.8 * worn.thickness))
    gap = eyes.x + 0.02 - width
    bridge = [(-gap, 0.0, depth), (0.0, -0.03, depth + 0.03), (gap, 0.0, depth)]
    parts.append(Stroke(np.array(bridge), worn.colour, worn.thickness))
    return parts


def ear(person, side):
    """Return one ear, as a list of `Stroke`; side -1 is left in the picture, 1 right."""
    head, skin = person.head, person.skin
    angle = np.linspace(0, 2 * math.pi, 14, endpoint=False)
    across = 0.5 - 0.5 * np.cos(angle)  # 0 at the head, 1 at the rim
    down = 0.17 + 0.25 * head.ear_size * np.sin(angle) * (1 - 0.2 * across)
    out = 0.05 + 0.13 * head.ear_out
    x = side * (head.cheek - 0.04 + out * across)
    z = -0.08 - 0.2 * across
    shell = np.column_stack([x, down - 0.07 * across, z])
    inner = shell.mean(axis=0) + 0.58 * (shell - shell.mean(axis=0))
    return [Stroke(shell, darker(skin, 0.93)), Stroke(inner, darker(skin, 0.76))]

"""Eyes, brows, nose, mouth and lines, as strokes on a face."""

import numpy as np

from helpers.drawn import face_extras
from helpers.drawn.colours import mix, shade
from helpers.drawn.face_strokes import ALONG, ARCH, Stroke, band, darker, ellipse, flat, lifted

_TEETH, _TONGUE, _INSIDE = (236, 232, 222), (168, 84, 80), (66, 26, 26)


def on_skin(person, mood, surface):
    """Return all that is painted on the skin, first to last: a list of `Stroke` in space.

    Parameters
    ----------
    person : helpers.drawn.face_people.Person
    mood : helpers.drawn.face_mood.Mood
    surface : helpers.drawn.face_surface.Surface
    """
    sides = (-1, 1)
    strokes = [
        *_cheeks(person, mood),
        *face_extras.beard(person, mood, surface),
        *_lines(person, mood),
        *face_extras.spots(person.marks, person.skin),
        *_nose(person),
        *face_extras.moustache(person, mood),
        *_mouth(person, mood),
        *(stroke for side in sides for stroke in _eye(person, mood, side)),
        *(stroke for side in sides for stroke in _brow(person, mood, side)),
    ]
    return lifted(strokes, surface)


def _cheeks(person, mood):
    flush = mix(person.skin, (206, 84, 76), 0.04 + 0.16 * person.marks.flush)
    y = 0.34 - 0.05 * mood.smile
    for side in (-1, 1):
        yield Stroke(ellipse(0.42 * side, y, 0.17, 0.12), mix(person.skin, flush, 0.5))
        yield Stroke(ellipse(0.42 * side, y, 0.12, 0.08), flush)


def _lines(person, mood):
    """Return lines that come with age, a smile or a frown."""
    skin, age, smile = person.skin, person.marks.age, max(mood.smile, 0)
    nose, mouth, eyes = person.nose, person.mouth, person.eyes
    fold = 0.2 * age + 0.14 * smile + 0.05 * person.head.fullness
    width = mouth.width * (1 + 0.2 * smile)
    bend = ALONG[6:]
    for side in (-1, 1):
        x = nose.width + 0.03 + (width + 0.06 - nose.width) * bend**0.7
        y = nose.y - 0.03 + (mouth.y - nose.y) * bend
        yield Stroke(flat(side * x, y), darker(skin, 1 - fold), 0.022)
        if smile * person.marks.dimples > 0.3:
            dimple = flat([side * (width + 0.1)] * 2, (mouth.y - 0.08, mouth.y))
            yield Stroke(dimple, darker(skin, 0.75), 0.03)
        if age + 0.3 * smile > 0.6:
            for turn in (-0.5, 0.1, 0.6):
                start = side * (eyes.x + eyes.width + 0.03)
                ends = flat((start, start + side * 0.09), (-0.01, -0.01 + 0.09 * turn))
                yield Stroke(ends, darker(skin, 0.95 - 0.16 * age), 0.014)
    raised = max(mood.brows, 0)
    if age + 0.5 * raised > 0.45:
        for y in (-0.42, -0.5):
            rows = y + person.brows.y + 0.24 - 0.02 * ARCH
            yield Stroke(flat(0.32 * ALONG, rows), darker(skin, 0.96 - 0.17 * age), 0.018)
    if mood.frown:
        for x in (-0.045, 0.05):
            ends = flat((x, 0.8 * x), (person.brows.y - 0.03, person.brows.y + 0.11))
            yield Stroke(ends, darker(skin, 0.78), 0.02)


def _nose(person):
    nose, skin = person.nose, person.skin
    bend = ALONG[6:]
    yield Stroke(ellipse(0, nose.y + 0.05, 0.85 * nose.width, 0.06), darker(skin, 0.88))
    yield Stroke(ellipse(0, nose.y - 0.02, 0.62 * nose.width, 0.085), skin)
    for side in (-1, 1):
        yield Stroke(ellipse(0.68 * side * nose.width, nose.y, 0.32 * nose.width, 0.065), skin)
        lift = max(0.0, -nose.hook)
        nostril = ellipse(
            0.44 * side * nose.width, nose.y + 0.05, 0.23 * nose.width, 0.02 + 0.014 * lift
        )
        yield Stroke(nostril, darker(skin, 0.42))
        angle = -0.9 + 2.3 * bend
        wing = flat(side * nose.width * (0.7 + 0.34 * np.cos(angle)), nose.y + 0.07 * np.sin(angle))
        yield Stroke(wing, darker(skin, 0.72), 0.022)
    glow = shade(skin, 1.12)
    yield Stroke(flat([0, 0], (0.05, nose.y - 0.1)), shade(skin, 1.06), 0.7 * nose.ridge)
    yield Stroke(flat([0], [nose.y - 0.04]), glow, 0.4 * nose.width)


def _mouth(person, mood):
    mouth, skin, lips = person.mouth, person.skin, person.mouth.colour
    smile = mood.smile
    width = mouth.width * (1 + 0.22 * max(smile, 0) - 0.14 * mood.mouth)
    x = width * ALONG
    line = mouth.y - (mouth.corners + 0.1 * smile) * ALONG**2 + 0.03 * smile
    line = line - 0.01 * (1 - ALONG**2)
    gap = 0.2 * mood.mouth * (1 - ALONG**2) ** 0.7
    thin = 1 - 0.25 * max(smile, 0)
    upper, lower = line - 0.3 * gap, line + 0.7 * gap
    bow = 1 - mouth.bow * np.exp(-((ALONG / 0.22) ** 2))
    top = upper - thin * mouth.upper * (1 - np.abs(ALONG) ** 1.5) * bow * 1.2
    bottom = lower + thin * mouth.lower * (1 - ALONG**2) ** 0.75
    yield Stroke(ellipse(0, bottom[6] + 0.035, 0.55 * width, 0.025), darker(skin, 0.86))
    yield Stroke(band(x, top, bottom), lips)
    yield Stroke(band(x, top, upper), darker(lips, 0.86))
    if mood.mouth > 0.05:
        yield Stroke(band(x, upper, lower), _INSIDE)
        teeth = upper + np.minimum(0.6 * gap, 0.055) * (1 - ALONG**4)
        yield Stroke(band(x[1:-1], upper[1:-1], teeth[1:-1]), _TEETH)
        if mood.mouth > 0.35:
            tongue = np.maximum(upper, lower - 0.05)
            yield Stroke(band(x[3:10], tongue[3:10], lower[3:10]), _TONGUE)
    else:
        yield Stroke(flat(x, line), darker(lips, 0.5), 0.022)
    glint = flat(0.4 * x, bottom - 0.6 * thin * mouth.lower)
    yield Stroke(glint[3:10], shade(lips, 1.12), 0.25 * mouth.lower)
    for side in (-1, 1):
        corner = flat([side * width], [line[0]])
        yield Stroke(corner, darker(skin, 0.76), 0.026)


def _eye(person, mood, side):
    eyes, skin = person.eyes, person.skin
    wide = max(0.04, mood.eyes)
    outwards = eyes.width * ALONG
    x = side * (eyes.x + outwards)
    middle = -eyes.slant * outwards
    height = eyes.height * (1 + eyes.skew * ALONG)
    upper = middle + 0.25 * eyes.height * (1 - min(wide, 1)) - height * wide * ARCH
    lower = middle + 0.5 * height * (0.5 + 0.5 * wide) * ARCH * (1 - 0.4 * max(mood.smile, 0))
    lower = np.maximum(lower, upper + 0.004)
    fold = upper - (0.035 + 0.03 * eyes.crease) * (1.2 - 0.4 * wide) * (0.4 + 0.6 * ARCH)
    yield Stroke(band(1.03 * x, fold - 0.02, lower + 0.02), darker(skin, 0.93))
    bag = lower + 0.05 * ARCH
    yield Stroke(flat(x, bag)[2:11], darker(skin, 0.95 - 0.14 * eyes.bags), 0.025)
    yield Stroke(band(x, upper, lower), (232, 227, 220))
    gaze_x, gaze_y = mood.gaze
    centre = side * eyes.x + 0.4 * eyes.width * gaze_x, -0.2 * eyes.height + 0.03 * gaze_y
    if wide > 0.2:
        order = np.argsort(x)
        for radius, colour in (
            (eyes.iris, shade(eyes.colour, 0.6)),
            (0.8 * eyes.iris, eyes.colour),
            (0.42 * eyes.iris, (16, 14, 16)),
        ):
            disc = ellipse(*centre, radius, radius)
            low, high = (np.interp(disc[:, 0], x[order], edge[order]) for edge in (upper, lower))
            yield Stroke(flat(disc[:, 0], disc[:, 1].clip(low, high)), colour)
        glint = (centre[0] - 0.02, max(centre[1] - 0.025, float(upper[6]) + 0.02))
        yield Stroke(np.array([glint]), (250, 250, 250), 0.026)
    yield Stroke(flat(x, lower), darker(skin, 0.72), 0.012)
    yield Stroke(flat(x, fold)[1:12], darker(skin, 0.95 - 0.3 * eyes.crease), 0.02)
    lash = mix(darker(skin, 0.35), (24, 18, 18), 0.6)
    yield Stroke(flat(x, upper), lash, 0.022 + 0.022 * max(eyes.lashes, 0))
    if eyes.lashes > 0.3:
        tip = x[-1] + side * 0.05, upper[-1] - 0.05
        yield Stroke(np.array([(x[-2], upper[-2]), (x[-1], upper[-1]), tip]), lash, 0.02)


def _brow(person, mood, side):
    brows = person.brows
    share = 0.5 + 0.5 * ALONG  # from the inner to the outer end
    inner = brows.inner - 0.03 * mood.frown
    x = inner + (brows.outer - inner) * share
    arch = np.where(share < brows.peak, share / brows.peak, (1 - share) / (1 - brows.peak))
    y = brows.y - 0.07 * mood.brows - brows.arch * np.sin(0.5 * np.pi * arch)
    y = y + brows.tilt * (0.5 - share) + 0.06 * mood.frown * (1 - share)
    half = 0.5 * brows.thickness * np.interp(share, (0, 0.15, 0.6, 1), (0.6, 1, 0.8, 0.15))
    yield Stroke(band(side * x, y - half, y + half), brows.colour)

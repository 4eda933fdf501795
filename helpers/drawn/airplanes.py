"""Airplanes: airliner, propeller plane and jet fighter, from the side, above, ahead and aslant.

They face right, between -1 and 1 in x.
"""

from helpers.drawn import cars
from helpers.drawn.colours import BLACK, hsv, shade, vary

WINDOW = (58, 74, 98)


def airplane(canvas, dice, scene):
    """Draw an airplane."""
    on_ground = scene.name in ("airfield", "road", "city", "snow", "meadow", "sand")
    if on_ground:
        kinds = {_airliner_side: 4, _propeller_side: 2.5, _ahead: 2}
    else:
        kinds = {_airliner_side: 2, _aslant: 3, _from_above: 2, _fighter: 1.5, _ahead: 1}
        kinds[_propeller_side] = 1.5
    dice.weighted(kinds)(canvas, dice, on_ground)


def _body_colour(dice):
    if dice.chance(0.65):
        return hsv(dice.between(0.5, 0.7), dice.between(0, 0.06), dice.between(0.72, 0.97))
    return cars.paint_colour(dice)


def _wheels(canvas, places, y):
    for x in places:
        canvas.line(((x, y - 0.12), (x, y)), 0.03, (70, 70, 74))
        canvas.ellipse(x, y, 0.05, 0.05, BLACK)


def _airliner_side(canvas, dice, on_ground):
    body, accent = _body_colour(dice), cars.paint_colour(dice)
    plane = canvas if on_ground else canvas.posed(angle=dice.between(-0.4, 0.15))
    if on_ground:
        _wheels(plane, (0.62, -0.12, -0.02), 0.36)
    plane.polygon(((0.12, 0.0), (-0.16, 0.0), (-0.36, -0.3), (-0.26, -0.3)), shade(body, 0.66))
    fin = ((-0.98, -0.58), (-0.8, -0.58), (-0.52, -0.12), (-0.9, -0.08))
    plane.polygon(fin, accent)
    plane.blob(
        (
            (-1.02, -0.1),
            (-0.7, -0.15),
            (-0.2, -0.16),
            (0.5, -0.16),
            (0.86, -0.1),
            (1.0, 0.03),
            (0.86, 0.11),
            (0.4, 0.15),
            (-0.3, 0.14),
            (-0.7, 0.04),
        ),
        body,
    )
    plane.polygon(
        ((-0.6, 0.06), (0.95, 0.06), (0.84, 0.115), (0.4, 0.15), (-0.3, 0.14)), shade(body, 0.74)
    )
    if dice.chance(0.6):
        plane.line(((-0.85, 0.0), (0.94, 0.03)), 0.05, accent)
    for k in range(11):
        x = -0.62 + 0.115 * k
        plane.rectangle(x, -0.09, x + 0.055, -0.035, WINDOW)
    plane.polygon(((0.76, -0.11), (0.86, -0.09), (0.93, -0.01), (0.78, -0.02)), WINDOW)
    plane.polygon(((-0.72, -0.02), (-0.92, 0.1), (-1.04, 0.1), (-0.92, -0.04)), shade(body, 0.8))
    plane.ellipse(0.06, 0.22, 0.16, 0.075, shade(body, 0.6))
    plane.ellipse(0.2, 0.22, 0.03, 0.07, BLACK)
    wing = ((0.2, 0.05), (-0.14, 0.06), (-0.56, 0.4), (-0.42, 0.4))
    plane.polygon(wing, shade(body, 0.86))
    plane.line((wing[0], wing[3]), 0.025, shade(body, 1.2))


def _propeller_side(canvas, dice, on_ground):
    body, accent = cars.paint_colour(dice), _body_colour(dice)
    plane = canvas if on_ground else canvas.posed(angle=dice.between(-0.35, 0.2))
    biplane = dice.chance(0.4)
    if on_ground or dice.chance(0.6):
        for x, low in ((0.42, 0.5), (-0.85, 0.24)):
            plane.line(((x - 0.1, 0.1), (x, low)), 0.035, (70, 70, 74))
            plane.ellipse(x, low, 0.1 if x > 0 else 0.05, 0.1 if x > 0 else 0.05, BLACK)
    plane.polygon(((-1.0, -0.42), (-0.78, -0.42), (-0.58, -0.04), (-0.98, 0.0)), accent)
    fuselage = ((-1.0, -0.04), (-0.3, -0.2), (0.5, -0.2), (0.76, -0.1), (0.76, 0.12), (0.4, 0.2))
    plane.blob((*fuselage, (-0.3, 0.14)), body, rounded=0.5)
    plane.polygon(((-0.1, -0.2), (0.0, -0.38), (0.3, -0.38), (0.44, -0.2)), WINDOW)
    plane.line(((0.16, -0.38), (0.16, -0.2)), 0.025, body)
    plane.line(((-0.8, 0.0), (0.7, 0.02)), 0.05, accent)
    plane.polygon(((-0.7, -0.02), (-1.02, 0.06), (-1.06, 0.01), (-0.9, -0.06)), shade(accent, 0.8))
    wing = shade(accent, 0.95)
    if biplane:
        plane.polygon(((0.5, -0.54), (0.42, -0.46), (-0.2, -0.44), (-0.14, -0.54)), wing)
        for x in (0.0, 0.34):
            plane.line(((x, -0.46), (x, 0.12)), 0.025, (90, 76, 60))
        plane.polygon(((0.5, 0.1), (0.42, 0.19), (-0.24, 0.2), (-0.18, 0.1)), wing)
    else:
        y = dice.pick((-0.4, 0.1))
        plane.polygon(((0.46, y), (-0.06, y), (-0.3, y + 0.2), (0.1, y + 0.2)), wing)
        plane.line(((0.46, y), (0.1, y + 0.2)), 0.03, shade(wing, 1.3))
    plane.ellipse(0.8, 0.0, 0.07, 0.07, shade(accent, 0.7))
    plane.ellipse(0.86, 0.0, 0.028, 0.4, vary((96, 94, 98), dice))


def _from_above(canvas, dice, on_ground):
    body, accent = _body_colour(dice), cars.paint_colour(dice)
    plane = canvas.posed(angle=dice.between(-3.14, 3.14), stretch=dice.between(0.8, 1.0))
    sweep, chord = dice.between(0.1, 0.5), dice.between(0.22, 0.32)
    span = dice.between(0.8, 0.98)
    dark = shade(body, 0.82)
    for side in (-1, 1):
        tip = side * span
        plane.polygon(
            ((0.28, 0), (0.28 - sweep, tip), (0.16 - sweep, tip), (0.28 - chord * 1.5, 0)), dark
        )
        plane.line(((0.28, 0), (0.28 - sweep, tip)), 0.03, shade(body, 1.2))
        plane.polygon(((-0.7, 0), (-0.92, side * 0.36), (-1.0, side * 0.36), (-0.94, 0)), dark)
        for share in dice.pick(((0.38,), (0.3, 0.6))):
            x = 0.32 - sweep * share
            plane.ellipse(x, side * span * share, 0.12, 0.06, shade(body, 0.62))
    plane.blob(
        (
            (-1.0, 0),
            (-0.7, -0.08),
            (0.6, -0.11),
            (0.92, -0.07),
            (1.02, 0),
            (0.92, 0.07),
            (0.6, 0.11),
            (-0.7, 0.08),
        ),
        body,
        rounded=0.7,
    )
    plane.polygon(((0.84, -0.07), (0.92, -0.04), (0.92, 0.04), (0.84, 0.07)), WINDOW)
    plane.line(((-0.68, 0), (-1.0, 0)), 0.05, accent)


def _fighter(canvas, dice, on_ground):
    grey = hsv(dice.between(0.2, 0.62), dice.between(0.02, 0.3), dice.between(0.35, 0.7))
    plane = canvas.posed(angle=dice.between(-3.14, 3.14), stretch=dice.between(0.8, 1.0))
    dark = shade(grey, 0.8)
    for side in (-1, 1):
        plane.polygon(
            ((0.35, 0), (-0.35, side * 0.72), (-0.62, side * 0.72), (-0.6, 0)),
            dark if side > 0 else grey,
        )
        plane.polygon(((-0.6, 0), (-0.84, side * 0.36), (-1.0, side * 0.36), (-0.9, 0)), dark)
        plane.line(((-0.2, side * 0.6), (-0.6, side * 0.6)), 0.05, shade(grey, 0.6))
        plane.polygon(
            ((-0.5, side * 0.1), (-0.78, side * 0.22), (-0.92, side * 0.2), (-0.8, side * 0.06)),
            shade(grey, 0.6),
        )
    plane.blob(
        (
            (-0.9, 0),
            (-0.8, -0.12),
            (0.3, -0.12),
            (0.75, -0.05),
            (1.05, 0),
            (0.75, 0.05),
            (0.3, 0.12),
            (-0.8, 0.12),
        ),
        grey,
        rounded=0.7,
    )
    plane.ellipse(0.46, 0, 0.2, 0.06, WINDOW)
    plane.ellipse(0.5, -0.015, 0.1, 0.025, shade(WINDOW, 1.5))
    plane.ellipse(-0.9, 0, 0.06, 0.08, (66, 52, 48))


def _ahead(canvas, dice, on_ground):
    body, accent = _body_colour(dice), cars.paint_colour(dice)
    plane = canvas.posed(angle=0 if on_ground else dice.between(-0.45, 0.45))
    if on_ground:
        for x in (-0.16, 0.0, 0.16):
            plane.rectangle(x - 0.03, 0.2, x + 0.03, 0.46, BLACK)
    plane.polygon(((-0.035, -0.2), (-0.02, -0.68), (0.02, -0.68), (0.035, -0.2)), accent)
    dark = shade(body, 0.8)
    droop = dice.between(-0.16, 0.02)
    for side in (-1, 1):
        plane.polygon(((0, 0.02), (side * 1.0, droop), (side * 1.0, droop - 0.03), (0, 0.14)), dark)
        plane.polygon(((0, -0.2), (side * 0.36, -0.25), (side * 0.36, -0.22), (0, -0.13)), dark)
        for share in dice.pick(((0.4,), (0.33, 0.64))):
            x, y = side * share, 0.17 + droop * share
            plane.ellipse(x, y, 0.1, 0.1, shade(body, 0.9))
            plane.ellipse(x, y, 0.075, 0.075, (40, 42, 48))
            plane.ellipse(x, y, 0.025, 0.025, (150, 150, 152))
    plane.ellipse(0, 0, 0.22, 0.24, body, rounded=1.0)
    plane.polygon(((-0.14, -0.07), (-0.09, -0.14), (0.09, -0.14), (0.14, -0.07)), WINDOW)


def _aslant(canvas, dice, on_ground):
    body, accent = _body_colour(dice), cars.paint_colour(dice)
    plane = canvas.posed(0, 0.05, angle=dice.between(-0.6, 0.1))
    dark = shade(body, 0.72)
    lift = dice.between(-0.1, 0.1)
    far = ((0.3, -0.04), (-0.08, -0.62 + lift), (-0.22, -0.62 + lift), (-0.08, -0.04))
    plane.polygon(far, dark)
    plane.ellipse(0.18, -0.22, 0.12, 0.055, shade(body, 0.58))
    plane.polygon(((-0.66, 0), (-0.98, -0.22), (-1.04, -0.22), (-0.9, 0)), dark)
    plane.polygon(((-0.94, -0.52), (-0.82, -0.52), (-0.56, -0.08), (-0.92, -0.05)), accent)
    plane.blob(
        (
            (-1.02, -0.02),
            (-0.6, -0.12),
            (0.55, -0.13),
            (0.9, -0.06),
            (1.02, 0.03),
            (0.88, 0.09),
            (0.5, 0.12),
            (-0.6, 0.07),
        ),
        body,
        rounded=0.7,
    )
    for k in range(10):
        x = -0.5 + 0.115 * k
        plane.rectangle(x, -0.06, x + 0.055, -0.01, WINDOW)
    plane.polygon(((0.78, -0.09), (0.88, -0.07), (0.95, 0.0), (0.82, 0.0)), WINDOW)
    if dice.chance(0.6):
        plane.line(((-0.88, 0.03), (0.94, 0.05)), 0.04, accent)
    near = ((0.34, 0.05), (-0.34, 0.78 + lift), (-0.5, 0.76 + lift), (-0.14, 0.05))
    plane.polygon(near, shade(body, 0.9))
    plane.line((near[0], near[1]), 0.03, shade(body, 1.25))
    plane.polygon(((near[1]), (near[2]), (-0.42, 0.68 + lift), (-0.28, 0.7 + lift)), accent)
    plane.ellipse(0.18, 0.36, 0.14, 0.06, shade(body, 0.58))
    plane.ellipse(0.3, 0.36, 0.025, 0.05, BLACK)
    plane.polygon(((-0.68, 0.02), (-1.02, 0.26), (-1.1, 0.25), (-0.92, 0.0)), shade(body, 0.85))

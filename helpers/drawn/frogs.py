"""Frogs: from the side, from the front, from above and leaping.

They face right (or the viewer), between -1 and 1 in x and y.
"""

from helpers.drawn.colours import BLACK, WHITE, hsv, mix, shade


def frog(canvas, dice, scene):
    """Draw a frog."""
    kind = dice.weighted({"green": 4, "brown": 3, "grey": 1.5, "yellow": 1.2, "vivid": 1.2})
    if kind == "green":
        skin = hsv(dice.between(0.2, 0.38), dice.between(0.4, 0.8), dice.between(0.3, 0.85))
    elif kind == "brown":
        skin = hsv(dice.between(0.06, 0.15), dice.between(0.25, 0.6), dice.between(0.25, 0.7))
    elif kind == "grey":
        skin = hsv(dice.between(0.08, 0.4), dice.between(0.05, 0.2), dice.between(0.25, 0.7))
    elif kind == "yellow":
        skin = hsv(dice.between(0.11, 0.17), dice.between(0.6, 0.85), dice.between(0.75, 0.95))
    else:
        skin = hsv(dice.pick((0.02, 0.57)), dice.between(0.6, 0.85), dice.between(0.6, 0.85))
    belly = mix(skin, (246, 238, 200), 0.65)
    views = {_side: 4, _front: 2.5, _above: 2.5}
    size = dice.between(0.75, 1.0)
    dice.weighted(views)(canvas.posed(0, 0.6 * (1 - size), scale=size), dice, skin, belly)


def _eye(canvas, x, y, radius, skin):
    canvas.ellipse(x, y, 1.3 * radius, 1.25 * radius, shade(skin, 1.08), rounded=0.5)
    canvas.ellipse(x, y, radius, radius, (238, 200, 80))
    canvas.ellipse(x, y, 0.72 * radius, 0.42 * radius, BLACK)
    canvas.ellipse(x + 0.3 * radius, y - 0.3 * radius, 0.2 * radius, 0.2 * radius, WHITE)


def _toes(canvas, x, y, length, colour, directions):
    for dx, dy in directions:
        tip = x + dx * length, y + dy * length
        canvas.limb(((x, y), tip), (0.08, 0.05), colour)
        canvas.ellipse(*tip, 0.045, 0.045, colour)


def _spots(canvas, dice, skin, places):
    if dice.chance(0.65):
        dark = shade(skin, dice.pick((0.6, 0.7, 0.75)))
        for x, y in places:
            size = dice.between(0.05, 0.1)
            canvas.ellipse(x, y, size, 0.75 * size, dark)


def _side(canvas, dice, skin, belly):
    squat = canvas.posed(0, 0.05, angle=dice.between(-0.15, 0.1))
    far = shade(skin, 0.7)
    squat.limb(((0.36, 0.2), (0.56, 0.4), (0.62, 0.66)), (0.18, 0.12, 0.1), far)
    body = (
        (-0.88, 0.38),
        (-0.62, -0.06),
        (-0.14, -0.38),
        (0.3, -0.5),
        (0.74, -0.4),
        (0.96, -0.14),
        (0.84, 0.08),
        (0.5, 0.34),
        (-0.1, 0.5),
        (-0.6, 0.54),
    )
    squat.blob(body, skin, rounded=0.6)
    squat.blob(
        ((0.9, -0.04), (0.78, 0.14), (0.5, 0.34), (0.0, 0.46), (0.2, 0.2), (0.56, 0.06)), belly
    )
    squat.limb(((0.95, -0.13), (0.7, 0.0), (0.34, -0.06)), (0.03, 0.045, 0.03), shade(skin, 0.4))
    squat.ellipse(0.9, -0.22, 0.022, 0.022, shade(skin, 0.35))
    _spots(
        squat, dice, skin, ((-0.5, 0.02), (-0.22, -0.2), (0.06, -0.3), (-0.1, 0.0), (0.16, -0.08))
    )
    _eye(squat, 0.46, -0.48, 0.17, skin)
    squat.limb(((0.3, 0.16), (0.34, 0.44), (0.44, 0.68)), (0.24, 0.15, 0.11), shade(skin, 0.95))
    _toes(squat, 0.44, 0.68, 0.17, shade(skin, 0.9), ((1, 0.0), (0.8, 0.4), (0.2, 0.5)))
    squat.limb(((-0.56, 0.6), (0.0, 0.66)), (0.15, 0.1), shade(skin, 0.8))
    _toes(squat, -0.02, 0.66, 0.2, shade(skin, 0.8), ((1, -0.1), (0.95, 0.25), (0.5, 0.5)))
    squat.ellipse(-0.46, 0.34, 0.42, 0.25, shade(skin, 0.94), angle=-0.45, rounded=0.8)
    if dice.chance(0.5):
        for x in (-0.66, -0.46, -0.26):
            squat.limb(((x, 0.26), (x + 0.08, 0.44)), (0.06, 0.05), shade(skin, 0.68))


def _front(canvas, dice, skin, belly):
    wide = canvas.posed(0, 0.05, angle=dice.between(-0.12, 0.12), stretch=dice.between(0.88, 1.0))
    for side in (-1, 1):
        wide.ellipse(side * 0.68, 0.42, 0.3, 0.36, shade(skin, 0.82), angle=side * 0.3, rounded=0.7)
        wide.limb(((side * 0.8, 0.66), (side * 0.92, 0.74)), (0.16, 0.12), shade(skin, 0.76))
        _toes(
            wide,
            side * 0.88,
            0.74,
            0.18,
            shade(skin, 0.76),
            ((side, 0.1), (side * 0.4, 0.5), (-side * 0.3, 0.5)),
        )
    wide.ellipse(0, 0.3, 0.6, 0.44, shade(skin, 0.9), rounded=0.5)
    wide.ellipse(0, 0.36, 0.42, 0.34, belly)
    for side in (-1, 1):
        wide.limb(
            ((side * 0.44, 0.3), (side * 0.5, 0.54), (side * 0.36, 0.76)), (0.2, 0.15, 0.11), skin
        )
        _toes(wide, side * 0.36, 0.76, 0.17, skin, ((side, 0.35), (0, 0.7), (-side * 0.8, 0.4)))
        wide.ellipse(side * 0.46, -0.42, 0.28, 0.28, skin, rounded=0.5)
    head = (
        (-0.78, 0.04),
        (-0.6, -0.3),
        (0, -0.42),
        (0.6, -0.3),
        (0.78, 0.04),
        (0.5, 0.26),
        (0, 0.34),
        (-0.5, 0.26),
    )
    wide.blob(head, skin, rounded=0.6)
    wide.blob(
        ((-0.72, 0.08), (0, 0.14), (0.72, 0.08), (0.46, 0.25), (0, 0.33), (-0.46, 0.25)), belly
    )
    smile = ((-0.74, 0.0), (-0.4, 0.1), (0, 0.12), (0.4, 0.1), (0.74, 0.0))
    wide.limb(smile, (0.03, 0.05, 0.05, 0.05, 0.03), shade(skin, 0.38))
    for side in (-1, 1):
        wide.ellipse(side * 0.1, -0.12, 0.025, 0.025, shade(skin, 0.4))
        _eye(wide, side * 0.48, -0.46, 0.2, skin)
    _spots(wide, dice, skin, ((0.0, -0.3), (-0.24, -0.2), (0.26, -0.18)))


def _above(canvas, dice, skin, belly):
    view = canvas.posed(angle=dice.between(-3.14, 3.14), scale=0.95)
    leap = dice.chance(0.35)
    dark = shade(skin, 0.84)
    for side in (-1, 1):
        if leap:
            hind = ((-0.3, side * 0.2), (-0.7, side * 0.5), (-0.98, side * 0.3))
        else:
            hind = ((-0.36, side * 0.2), (0.02, side * 0.66), (-0.5, side * 0.74))
        view.limb(hind, (0.3, 0.22, 0.13), dark)
        foot = hind[-1]
        back = (
            ((-1, 0.0), (-0.7, side * 0.6), (-0.7, -side * 0.5))
            if leap
            else ((-1, 0), (-0.8, side * 0.5), (0.2, side))
        )
        _toes(view, *foot, 0.22, dark, back)
        view.limb(
            ((0.3, side * 0.24), (0.42, side * 0.56), (0.66, side * 0.6)), (0.2, 0.14, 0.1), dark
        )
        _toes(view, 0.66, side * 0.6, 0.17, dark, ((1, 0.0), (0.7, side * 0.6), (0.7, -side * 0.6)))
    view.blob(
        (
            (-0.66, 0),
            (-0.5, -0.26),
            (0.0, -0.4),
            (0.45, -0.36),
            (0.76, -0.18),
            (0.86, 0),
            (0.76, 0.18),
            (0.45, 0.36),
            (0.0, 0.4),
            (-0.5, 0.26),
        ),
        skin,
        rounded=0.8,
    )
    if dice.chance(0.5):
        view.limb(((-0.55, 0), (0.1, 0), (0.7, 0)), (0.05, 0.09, 0.04), belly)
    _spots(
        view,
        dice,
        skin,
        ((-0.3, -0.14), (-0.3, 0.16), (0.0, 0.22), (0.02, -0.22), (0.28, 0.12), (0.3, -0.1)),
    )
    for side in (-1, 1):
        _eye(view, 0.52, side * 0.34, 0.13, skin)

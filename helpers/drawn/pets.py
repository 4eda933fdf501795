"""Cats and dogs: sitting, standing, lying, and their faces from close by.

They face right (or the viewer), between -1 and 1 in x and y.
"""

import dataclasses

from helpers.drawn.colours import BLACK, WHITE, mix, shade, vary

PINK = (226, 150, 150)


@dataclasses.dataclass(frozen=True)
class Coat:
    """Fur: main colour, light parts (muzzle, chest), dark parts (markings, ears) and pattern."""

    fur: tuple
    light: tuple
    dark: tuple
    pattern: str = "none"  # or stripes, patches, spots


CAT_COATS = (
    Coat((222, 148, 76), (246, 224, 190), (184, 104, 44), "stripes"),
    Coat((146, 140, 134), (212, 206, 200), (92, 88, 86), "stripes"),
    Coat((150, 118, 84), (222, 200, 170), (92, 68, 50), "stripes"),
    Coat((54, 52, 58), (78, 76, 82), (36, 34, 40)),
    Coat((240, 238, 232), (252, 250, 246), (214, 206, 198)),
    Coat((128, 136, 150), (164, 172, 184), (100, 106, 120)),
    Coat((240, 236, 228), (250, 248, 244), (70, 62, 62), "patches"),
    Coat((238, 232, 222), (250, 246, 240), (216, 138, 70), "patches"),
    Coat((228, 208, 180), (240, 226, 206), (104, 76, 62), "points"),  # siamese
)
DOG_COATS = (
    Coat((214, 168, 104), (236, 206, 158), (176, 126, 72)),  # golden
    Coat((134, 86, 52), (190, 148, 108), (96, 60, 38)),
    Coat((58, 54, 56), (92, 86, 86), (38, 36, 38)),
    Coat((62, 56, 54), (190, 126, 72), (40, 36, 36)),  # black and tan
    Coat((238, 234, 226), (250, 248, 244), (146, 98, 62), "patches"),
    Coat((240, 238, 234), (250, 248, 246), (50, 48, 52), "spots"),  # dalmatian
    Coat((238, 234, 226), (250, 248, 244), (62, 58, 60), "patches"),
    Coat((168, 166, 168), (228, 226, 224), (110, 108, 112)),
    Coat((196, 124, 66), (240, 222, 196), (150, 88, 44)),
)


def _coat(dice, coats):
    coat = dice.pick(coats)
    parts = (vary(part, dice, 14) for part in (coat.fur, coat.light, coat.dark))
    return Coat(*parts, coat.pattern)


def cat(canvas, dice, scene):
    """Draw a cat."""
    coat = _coat(dice, CAT_COATS)
    kinds = {_cat_sitting: 3.5, _cat_standing: 2.5, _cat_lying: 2, _cat_portrait: 3}
    dice.weighted(kinds)(canvas, dice, coat)


def dog(canvas, dice, scene):
    """Draw a dog."""
    coat = _coat(dice, DOG_COATS)
    kinds = {_dog_sitting: 3, _dog_standing: 4, _dog_portrait: 3}
    dice.weighted(kinds)(canvas, dice, coat)


def _markings(canvas, dice, coat, places):
    """Draw the coat's pattern at places (x, y, radius) of a body."""
    if coat.pattern == "stripes":
        for x, y, radius in places:
            for shift in (-0.5, 0.1, 0.7):
                top = x + shift * radius
                canvas.limb(
                    ((top, y - radius), (top + 0.06, y), (top, y + 0.6 * radius)),
                    (0.08, 0.07, 0.02),
                    coat.dark,
                )
    elif coat.pattern == "patches":
        for x, y, radius in places:
            if dice.chance(0.75):
                canvas.ellipse(x, y, radius, 0.75 * radius, coat.dark, angle=dice.between(-1, 1))
    elif coat.pattern == "spots":
        for x, y, radius in places:
            for _ in range(5):
                size = dice.between(0.03, 0.065)
                reach = dice.between(-radius, radius), dice.between(-radius, radius)
                canvas.ellipse(x + reach[0], y + reach[1], size, size, coat.dark)


def _cat_head(canvas, dice, coat):
    """Draw a cat's face around the origin, about 1 unit to each side."""
    eye = vary(dice.pick(((178, 196, 84), (232, 190, 70), (112, 170, 206), (130, 180, 110))), dice)
    pointed = coat.pattern == "points"
    for side in (-1, 1):
        ear = ((side * 0.92, -0.2), (side * 0.8, -1.2), (side * 0.16, -0.66))
        canvas.polygon(ear, coat.dark if pointed else shade(coat.fur, 0.9))
        inner = ((side * 0.82, -0.42), (side * 0.74, -0.98), (side * 0.36, -0.62))
        canvas.polygon(inner, mix(PINK, coat.fur, 0.35))
    canvas.ellipse(0, 0, 1.0, 0.82, coat.fur, rounded=0.6)
    if coat.pattern == "stripes":
        for x in (-0.26, 0, 0.26):
            canvas.limb(((x, -0.78), (x * 0.8, -0.38)), (0.13, 0.05), coat.dark)
        for side in (-1, 1):
            for y in (0.1, 0.32):
                canvas.limb(((side * 0.97, y - 0.06), (side * 0.64, y)), (0.1, 0.04), coat.dark)
    elif coat.pattern == "patches":
        side = dice.sign()
        canvas.blob(
            ((side * 0.1, -0.76), (side * 0.72, -0.56), (side * 0.9, 0), (side * 0.4, 0.1)),
            coat.dark,
        )
    elif pointed:
        canvas.ellipse(0, 0.2, 0.56, 0.5, coat.dark)
    for side in (-1, 1):
        canvas.ellipse(
            side * 0.21, 0.4, 0.3, 0.24, shade(coat.dark, 1.1) if pointed else coat.light
        )
    canvas.ellipse(0, 0.6, 0.2, 0.14, coat.light)
    for side in (-1, 1):
        canvas.ellipse(side * 0.44, -0.08, 0.25, 0.24, shade(coat.fur, 0.45))
        canvas.ellipse(side * 0.44, -0.08, 0.215, 0.205, eye)
        canvas.ellipse(side * 0.44, -0.08, 0.08, 0.19, BLACK)
        canvas.ellipse(side * 0.44 + 0.07, -0.17, 0.055, 0.055, WHITE)
        for slope in (-0.1, 0.02, 0.14):
            canvas.line(
                ((side * 0.32, 0.4), (side * 1.28, 0.36 + 2 * slope)),
                0.025,
                mix(WHITE, coat.fur, 0.15),
            )
        canvas.line(
            ((0, 0.34), (side * 0.06, 0.5), (side * 0.26, 0.52)), 0.05, shade(coat.fur, 0.4)
        )
    canvas.polygon(((-0.14, 0.18), (0.14, 0.18), (0, 0.34)), (198, 106, 108))


def _cat_sitting(canvas, dice, coat):
    swing = dice.between(-0.15, 0.15)
    tail = ((0.3, 0.82), (0.75, 0.86), (0.92, 0.5 + swing), (0.78, 0.16 + swing))
    if dice.chance(0.4):
        tail = ((0.3, 0.86), (0.74, 0.9), (0.6, 0.98), (0.1, 0.95))
    canvas.limb(tail, (0.2, 0.17, 0.16, 0.1), shade(coat.dark, 1.05))
    body = (
        (0, -0.34),
        (0.34, -0.1),
        (0.52, 0.4),
        (0.5, 0.86),
        (0, 0.95),
        (-0.5, 0.86),
        (-0.52, 0.4),
        (-0.34, -0.1),
    )
    canvas.blob(body, coat.fur, rounded=0.7)
    _markings(canvas, dice, coat, ((-0.36, 0.45, 0.16), (0.36, 0.45, 0.16)))
    canvas.ellipse(0, 0.24, 0.22, 0.34, coat.light)
    for side in (-1, 1):
        canvas.ellipse(side * 0.42, 0.8, 0.2, 0.16, shade(coat.fur, 0.92))
        canvas.limb(((side * 0.14, 0.3), (side * 0.15, 0.88)), (0.2, 0.2), shade(coat.fur, 1.06))
        canvas.ellipse(side * 0.16, 0.92, 0.14, 0.08, coat.light)
    canvas.line(((0, 0.45), (0, 0.9)), 0.025, shade(coat.fur, 0.55))
    head = canvas.posed(0, -0.42, scale=0.46, angle=dice.between(-0.2, 0.2))
    _cat_head(head, dice, coat)


def _cat_standing(canvas, dice, coat):
    stride = dice.between(-0.16, 0.16)
    curl = dice.between(-0.2, 0.25)
    far = shade(coat.fur, 0.72)
    for x, lean in ((-0.48, -stride), (0.34, stride)):
        canvas.limb(((x + 0.08, 0.2), (x + 0.08 + lean, 0.8)), (0.2, 0.13), far)
    canvas.limb(
        ((-0.6, 0.05), (-0.86, -0.2), (-0.84, -0.6), (-0.66 - curl, -0.88)),
        (0.14, 0.13, 0.12, 0.08),
        coat.dark,
    )
    body = (
        (-0.68, 0.08),
        (-0.4, -0.16),
        (0.1, -0.12),
        (0.5, -0.2),
        (0.62, 0.1),
        (0.4, 0.32),
        (-0.1, 0.32),
        (-0.55, 0.36),
    )
    canvas.blob(body, coat.fur, rounded=0.7)
    _markings(canvas, dice, coat, ((-0.4, 0.08, 0.18), (0.0, 0.08, 0.18)))
    for x, lean in ((-0.52, stride), (0.36, -stride)):
        foot = x + lean
        canvas.limb(((x, 0.16), (x + 0.3 * lean, 0.5), (foot, 0.82)), (0.26, 0.16, 0.13), coat.fur)
        canvas.ellipse(foot + 0.04, 0.84, 0.11, 0.07, coat.light)
    head = canvas.posed(0.6, -0.3, scale=0.37, angle=dice.between(-0.2, 0.2))
    _cat_head(head, dice, coat)


def _cat_lying(canvas, dice, coat):
    canvas.limb(
        ((-0.7, 0.4), (-0.98, 0.5), (-0.7, 0.66), (-0.1, 0.64)), (0.2, 0.17, 0.16, 0.1), coat.dark
    )
    body = (
        (-0.86, 0.3),
        (-0.6, -0.12),
        (-0.1, -0.24),
        (0.4, -0.1),
        (0.66, 0.3),
        (0.5, 0.56),
        (-0.5, 0.6),
    )
    canvas.blob(body, coat.fur, rounded=0.8)
    _markings(canvas, dice, coat, ((-0.5, 0.08, 0.2), (-0.1, 0.02, 0.2)))
    canvas.ellipse(-0.5, 0.4, 0.28, 0.2, shade(coat.fur, 0.93), rounded=0.4)
    for y in (0.5, 0.58):
        canvas.limb(((0.3, y), (0.9, y + 0.02)), (0.18, 0.15), shade(coat.fur, 1.05))
        canvas.ellipse(0.92, y + 0.02, 0.1, 0.08, coat.light)
    head = canvas.posed(0.48, -0.06, scale=0.44, angle=dice.between(-0.25, 0.25))
    _cat_head(head, dice, coat)


def _cat_portrait(canvas, dice, coat):
    canvas.blob(
        ((-0.5, 0.3), (0.5, 0.3), (0.85, 0.8), (0.9, 2.6), (-0.9, 2.6), (-0.85, 0.8)),
        shade(coat.fur, 0.9),
    )
    canvas.blob(((-0.3, 0.5), (0.3, 0.5), (0.36, 2.6), (-0.36, 2.6)), coat.light)
    head = canvas.posed(
        0, 0.12, scale=0.8, angle=dice.between(-0.3, 0.3), stretch=dice.between(0.88, 1)
    )
    _cat_head(head, dice, coat)


def _dog_face(canvas, dice, coat, *, ears):
    """Draw a dog's face around the origin, seen from the front, about 1 unit to each side."""
    if ears == "upright":
        for side in (-1, 1):
            canvas.polygon(
                ((side * 0.7, -0.3), (side * 0.66, -1.25), (side * 0.1, -0.7)), coat.dark
            )
            canvas.polygon(
                ((side * 0.58, -0.5), (side * 0.57, -0.98), (side * 0.3, -0.68)),
                mix(PINK, coat.dark, 0.6),
            )
    canvas.blob(
        (
            (0, -0.84),
            (0.58, -0.7),
            (0.76, -0.1),
            (0.58, 0.48),
            (0, 0.8),
            (-0.58, 0.48),
            (-0.76, -0.1),
            (-0.58, -0.7),
        ),
        coat.fur,
        rounded=0.6,
    )
    if coat.pattern == "patches":
        side = dice.sign()
        canvas.ellipse(side * 0.36, -0.2, 0.32, 0.4, coat.dark)
    elif coat.pattern == "spots":
        _markings(canvas, dice, coat, ((0.3, -0.4, 0.3), (-0.3, -0.4, 0.3)))
    else:
        canvas.polygon(
            ((-0.1, -0.8), (0.1, -0.8), (0.16, 0.1), (-0.16, 0.1)), mix(coat.fur, coat.light, 0.6)
        )
    if ears == "floppy":
        long = dice.between(0.3, 0.8)
        for side in (-1, 1):
            ear = (
                (side * 0.4, -0.78),
                (side * 0.86, -0.7),
                (side * 1.12, -0.1),
                (side * 1.02, long),
                (side * 0.74, 0.2),
                (side * 0.66, -0.3),
            )
            canvas.blob(ear, coat.dark, rounded=0.5)
    if dice.chance(0.6):
        canvas.blob(
            ((-0.2, 0.62), (0.22, 0.62), (0.24, 1.02), (0.02, 1.16), (-0.2, 1.02)), (226, 108, 118)
        )
        canvas.line(((0.02, 0.7), (0.02, 1.0)), 0.04, (190, 80, 92))
    canvas.ellipse(0, 0.42, 0.5, 0.4, coat.light, rounded=0.5)
    canvas.line(((0, 0.3), (0, 0.62)), 0.05, shade(coat.light, 0.4))
    for side in (-1, 1):
        canvas.line(
            ((0, 0.62), (side * 0.2, 0.7), (side * 0.38, 0.58)), 0.055, shade(coat.light, 0.35)
        )
        canvas.ellipse(side * 0.34, -0.16, 0.15, 0.15, mix(coat.fur, WHITE, 0.4))
        canvas.ellipse(side * 0.34, -0.15, 0.125, 0.13, (64, 40, 28))
        canvas.ellipse(side * 0.34 + 0.04, -0.2, 0.045, 0.045, WHITE)
    canvas.ellipse(0, 0.2, 0.24, 0.17, BLACK)
    canvas.ellipse(-0.05, 0.14, 0.09, 0.04, (110, 108, 112))


def _dog_profile(canvas, dice, coat, *, ears):
    """Draw a dog's head facing right around the origin: long snout, nose and tongue."""
    if dice.chance(0.55):
        canvas.blob(
            ((0.62, 0.38), (0.86, 0.38), (0.9, 0.76), (0.74, 0.88), (0.62, 0.7)), (226, 108, 118)
        )
    canvas.blob(
        ((0.1, 0.2), (0.86, 0.32), (0.96, 0.44), (0.5, 0.54), (0.1, 0.5)), shade(coat.light, 0.8)
    )
    canvas.blob(
        (
            (-0.6, -0.1),
            (-0.3, -0.56),
            (0.2, -0.5),
            (0.46, -0.18),
            (1.08, -0.04),
            (1.14, 0.24),
            (0.6, 0.38),
            (0.0, 0.5),
            (-0.46, 0.4),
        ),
        coat.fur,
        rounded=0.5,
    )
    canvas.blob(((0.5, -0.08), (1.06, 0.0), (1.12, 0.24), (0.6, 0.36), (0.4, 0.2)), coat.light)
    canvas.line(((1.08, 0.26), (0.7, 0.34), (0.36, 0.28)), 0.05, shade(coat.fur, 0.35))
    canvas.ellipse(1.1, -0.01, 0.16, 0.13, BLACK)
    canvas.ellipse(0.28, -0.18, 0.11, 0.11, (58, 36, 26))
    canvas.ellipse(0.31, -0.22, 0.04, 0.04, WHITE)
    if ears == "floppy":
        long = dice.between(0.35, 0.75)
        canvas.blob(
            (
                (-0.3, -0.5),
                (0.06, -0.46),
                (0.1, 0.1),
                (-0.1, long),
                (-0.42, long - 0.1),
                (-0.44, 0.0),
            ),
            coat.dark,
            rounded=0.5,
        )
    else:
        canvas.polygon(((-0.4, -0.3), (-0.34, -1.04), (0.08, -0.48)), coat.dark)


def _ears(dice, *, floppy=0.75):
    return "floppy" if dice.chance(floppy) else "upright"


def _collar(canvas, dice, points, width):
    if dice.chance(0.6):
        band = vary(dice.pick(((196, 50, 46), (52, 96, 170), (60, 140, 80), (230, 180, 60))), dice)
        canvas.limb(points, (width,) * len(points), band)


def _dog_standing(canvas, dice, coat):
    stride = dice.between(-0.2, 0.2)
    long = dice.between(0.55, 0.9)  # leg length decides between dachshund and hound
    foot = 0.22 + 0.66 * long
    far = shade(coat.fur, 0.72)
    for x, lean in ((-0.46, -stride), (0.28, stride)):
        canvas.limb(((x + 0.1, 0.12), (x + 0.1 + lean, foot)), (0.2, 0.12), far)
    wag = dice.between(-0.3, 0.2)
    canvas.limb(
        ((-0.62, -0.06), (-0.86, -0.2 + 0.3 * wag), (-1.0, -0.5 + wag)),
        (0.16, 0.12, 0.05),
        coat.dark,
    )
    body = (
        (-0.7, 0.0),
        (-0.5, -0.2),
        (0.0, -0.16),
        (0.4, -0.24),
        (0.52, 0.04),
        (0.36, 0.34),
        (0.0, 0.24),
        (-0.5, 0.28),
    )
    canvas.blob(body, coat.fur, rounded=0.7)
    _markings(canvas, dice, coat, ((-0.42, 0.0, 0.2), (0.08, 0.02, 0.22)))
    for x, lean in ((-0.54, stride), (0.3, -stride)):
        end = x + lean
        canvas.limb(
            ((x, 0.06), (x + 0.2 * lean - 0.03, 0.5 * (0.1 + foot)), (end, foot)),
            (0.3, 0.17, 0.13),
            coat.fur,
        )
        canvas.ellipse(end + 0.05, foot, 0.12, 0.07, coat.light)
    canvas.limb(((0.32, 0.0), (0.6, -0.4)), (0.42, 0.3), coat.fur)
    _collar(canvas, dice, ((0.36, -0.3), (0.66, -0.12)), 0.1)
    head = canvas.posed(0.62, -0.5, scale=0.42, angle=dice.between(-0.35, 0.25))
    _dog_profile(head, dice, coat, ears=_ears(dice))


def _dog_sitting(canvas, dice, coat):
    canvas.limb(((-0.4, 0.84), (-0.72, 0.82), (-0.95, 0.5)), (0.18, 0.14, 0.07), coat.dark)
    body = (
        (0.1, -0.3),
        (0.4, 0.0),
        (0.42, 0.5),
        (0.3, 0.9),
        (-0.4, 0.92),
        (-0.58, 0.6),
        (-0.42, 0.1),
        (-0.15, -0.25),
    )
    canvas.blob(body, coat.fur, rounded=0.7)
    _markings(canvas, dice, coat, ((-0.3, 0.5, 0.2), (0.1, 0.2, 0.18)))
    canvas.ellipse(0.16, 0.16, 0.2, 0.32, coat.light)
    canvas.ellipse(-0.3, 0.72, 0.28, 0.24, shade(coat.fur, 0.92), rounded=0.5)
    canvas.ellipse(-0.14, 0.92, 0.2, 0.08, coat.light)
    for x in (0.12, 0.32):
        canvas.limb(((x, 0.2), (x + 0.04, 0.9)), (0.2, 0.15), shade(coat.fur, 1.04))
        canvas.ellipse(x + 0.08, 0.93, 0.13, 0.07, coat.light)
    _collar(canvas, dice, ((-0.12, -0.14), (0.36, -0.12)), 0.12)
    angle = dice.between(-0.2, 0.2)
    if dice.chance(0.5):
        _dog_face(
            canvas.posed(0.12, -0.46, scale=0.48, angle=angle),
            dice,
            coat,
            ears=_ears(dice, floppy=0.92),
        )
    else:
        _dog_profile(
            canvas.posed(0.12, -0.46, scale=0.58, angle=angle), dice, coat, ears=_ears(dice)
        )


def _dog_portrait(canvas, dice, coat):
    canvas.blob(
        ((-0.4, 0.3), (0.4, 0.3), (0.75, 0.8), (0.8, 2.6), (-0.8, 2.6), (-0.75, 0.8)),
        shade(coat.fur, 0.88),
    )
    _collar(canvas, dice, ((-0.68, 0.86), (0, 0.94), (0.68, 0.86)), 0.16)
    angle = dice.between(-0.25, 0.25)
    if dice.chance(0.65):
        head = canvas.posed(0, -0.06, scale=0.86, angle=angle, stretch=dice.between(0.9, 1.05))
        _dog_face(head, dice, coat, ears=_ears(dice, floppy=0.92))
    else:
        _dog_profile(canvas.posed(-0.2, 0.0, scale=0.95, angle=angle), dice, coat, ears=_ears(dice))

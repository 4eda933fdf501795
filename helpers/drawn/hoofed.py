"""Deer and horses: standing, walking, leaping, grazing, and their heads from close by.

They face right, between -1 and 1 in x and y.
"""

from helpers.drawn.colours import BLACK, WHITE, mix, shade, vary

DEER_FURS = (
    (176, 122, 74),
    (150, 104, 68),
    (206, 164, 114),
    (132, 112, 94),
    (158, 92, 58),
    (98, 74, 58),
)
HORSE_FURS = (
    (120, 72, 44),
    (90, 58, 42),
    (58, 48, 46),
    (170, 106, 62),
    (226, 222, 214),
    (150, 148, 148),
    (206, 170, 120),
)


def _leg(canvas, hip, foot, widths, colour, hoof, *, bend=0.0):
    """Draw a leg with a knee that bends sideways by `bend`, and a hoof."""
    knee = 0.5 * (hip[0] + foot[0]) + bend, 0.5 * (hip[1] + foot[1])
    canvas.limb((hip, knee, foot), widths, colour)
    last = widths[-1]
    canvas.polygon(
        (
            (foot[0] - 0.55 * last, foot[1] - 0.03),
            (foot[0] + 0.55 * last, foot[1] - 0.03),
            (foot[0] + 0.9 * last, foot[1] + 0.06),
            (foot[0] - 0.6 * last, foot[1] + 0.06),
        ),
        hoof,
    )


def _gait(dice, ground):
    """Choose where the four feet go: (far hind, far front, near hind, near front)."""
    kind = dice.weighted({"stand": 3, "walk": 3, "leap": 2})
    if kind == "stand":
        return [(dice.between(-0.06, 0.06), ground, 0.0) for _ in range(4)]
    if kind == "walk":
        step = dice.between(0.1, 0.22)
        return [(s * step, ground - 0.03 * (s > 0), 0.04 * s) for s in (-1, 1, 1, -1)]
    tuck = dice.between(0.1, 0.25)
    return [
        (-0.42, ground - tuck, -0.02),
        (0.36, ground - 0.25 - tuck, 0.12),
        (-0.26, ground - 0.8 * tuck, -0.06),
        (0.48, ground - 0.1 - tuck, 0.04),
    ]


def deer(canvas, dice, scene):
    """Draw a deer."""
    fur = vary(dice.pick(DEER_FURS), dice, 16)
    kinds = {_deer_standing: 5, _deer_grazing: 2, _deer_portrait: 2.5}
    dice.weighted(kinds)(canvas, dice, fur)


def _antlers(canvas, dice, size, colour):
    """Draw a pair of branching antlers that grow up from the origin."""
    points = dice.whole(2, 4)
    for side in (-1, 1):
        beam = ((0, 0), (side * 0.3 * size, -0.35 * size), (side * 0.34 * size, -0.95 * size))
        canvas.limb(beam, (0.1 * size, 0.08 * size, 0.05 * size), colour)
        for k in range(points):
            share = 0.3 + 0.6 * k / points
            x, y = side * (0.2 + 0.16 * share) * size, -share * 0.85 * size
            tip = (x + side * 0.26 * size, y - 0.26 * size)
            canvas.limb(
                ((x, y), (tip[0], y - 0.08 * size), tip),
                (0.07 * size, 0.06 * size, 0.03 * size),
                colour,
            )


def _deer_head(canvas, dice, fur, antlers):
    """Draw a deer's head facing right around the origin: ears, muzzle, antlers."""
    if antlers:
        _antlers(
            canvas.posed(-0.02, -0.12, angle=-0.15, stretch=0.7),
            dice,
            0.75 * antlers,
            (196, 168, 130),
        )
    canvas.ellipse(-0.22, -0.13, 0.2, 0.075, shade(fur, 0.8), angle=0.5)
    canvas.blob(
        (
            (-0.18, -0.06),
            (0.0, -0.17),
            (0.2, -0.08),
            (0.42, 0.06),
            (0.43, 0.16),
            (0.1, 0.15),
            (-0.12, 0.14),
        ),
        fur,
        rounded=0.4,
    )
    canvas.ellipse(0.34, 0.13, 0.11, 0.045, mix(fur, WHITE, 0.6))
    canvas.ellipse(0.42, 0.08, 0.045, 0.045, BLACK)
    canvas.ellipse(0.07, -0.03, 0.04, 0.04, BLACK)
    canvas.ellipse(-0.18, -0.22, 0.21, 0.085, fur, angle=0.75)
    canvas.ellipse(-0.18, -0.22, 0.14, 0.045, (224, 188, 168), angle=0.75)


def _deer_body(canvas, dice, fur):
    ground, hoof = 0.9, (54, 44, 40)
    feet = _gait(dice, ground)
    hips = ((-0.42, 0.1), (0.3, 0.1), (-0.5, 0.08), (0.24, 0.12))
    colours = [shade(fur, 0.68)] * 2 + [fur] * 2
    for (x, y), (dx, foot, bend), colour in zip(hips[:2], feet[:2], colours, strict=False):
        _leg(canvas, (x, y), (x + dx, foot), (0.15, 0.07, 0.055), colour, hoof, bend=bend)
    canvas.ellipse(-0.64, -0.02, 0.09, 0.13, WHITE)
    body = (
        (-0.64, 0.0),
        (-0.45, -0.19),
        (0.0, -0.14),
        (0.34, -0.2),
        (0.44, 0.04),
        (0.3, 0.23),
        (-0.1, 0.18),
        (-0.5, 0.24),
    )
    canvas.blob(body, fur, rounded=0.6)
    canvas.limb(((-0.36, 0.18), (0.0, 0.17), (0.26, 0.2)), (0.04, 0.06, 0.04), mix(fur, WHITE, 0.6))
    if dice.chance(0.4):
        spot = mix(fur, WHITE, 0.75)
        for _ in range(12):
            canvas.ellipse(dice.between(-0.5, 0.26), dice.between(-0.13, 0.08), 0.03, 0.025, spot)
    for (x, y), (dx, foot, bend), colour in zip(hips[2:], feet[2:], colours[2:], strict=True):
        _leg(canvas, (x, y), (x + dx, foot), (0.22, 0.075, 0.055), colour, hoof, bend=bend)
    canvas.ellipse(-0.66, -0.08, 0.06, 0.1, shade(fur, 0.9), angle=0.4)


def _deer_standing(canvas, dice, fur):
    antlers = dice.between(0.7, 1.0) if dice.chance(0.7) else 0
    _deer_body(canvas, dice, fur)
    head = 0.46 + dice.between(-0.06, 0.1), -0.55
    canvas.limb(((0.3, 0.0), (0.42, -0.28), head), (0.36, 0.2, 0.15), fur)
    canvas.limb(((0.42, 0.0), (0.53, -0.3)), (0.07, 0.06), mix(fur, WHITE, 0.45))
    view = canvas.posed(head[0], head[1] - 0.02, angle=dice.between(-0.1, 0.35), scale=0.88)
    _deer_head(view, dice, fur, antlers)


def _deer_grazing(canvas, dice, fur):
    antlers = dice.between(0.6, 0.85) if dice.chance(0.7) else 0
    _deer_body(canvas, dice, fur)
    head = 0.74, 0.44
    canvas.limb(((0.3, 0.0), (0.58, 0.1), head), (0.36, 0.2, 0.14), fur)
    view = canvas.posed(*head, angle=dice.between(0.7, 1.0), scale=0.88)
    _deer_head(view, dice, fur, antlers)


def _deer_portrait(canvas, dice, fur):
    """Draw a deer's face from the front, with large ears and often antlers."""
    light = mix(fur, WHITE, 0.6)
    canvas.limb(((-0.12, 2.6), (-0.05, 0.9), (0, 0.3)), (0.95, 0.7, 0.5), shade(fur, 0.88))
    canvas.limb(((-0.1, 2.6), (0, 0.8)), (0.5, 0.2), light)
    face = canvas.posed(0, 0.12, scale=0.9, angle=dice.between(-0.2, 0.2))
    if dice.chance(0.75):
        for side in (-1, 1):
            one = face.posed(side * 0.12, -0.34)
            colour = (186, 158, 122)
            one.limb(((0, 0), (side * 0.3, -0.24), (side * 0.36, -0.72)), (0.1, 0.09, 0.05), colour)
            for y, x in ((-0.2, 0.22), (-0.45, 0.36)):
                tip = side * (x + 0.26), y - 0.2
                one.limb(
                    ((side * x, y), (side * (x + 0.16), y - 0.04), tip), (0.07, 0.06, 0.03), colour
                )
    for side in (-1, 1):
        face.ellipse(side * 0.56, -0.26, 0.34, 0.15, fur, angle=-side * 0.4, rounded=0.4)
        face.ellipse(side * 0.57, -0.25, 0.25, 0.08, (226, 190, 172), angle=-side * 0.4)
    face.blob(
        (
            (0, -0.48),
            (0.3, -0.36),
            (0.33, 0.0),
            (0.19, 0.5),
            (0, 0.64),
            (-0.19, 0.5),
            (-0.33, 0.0),
            (-0.3, -0.36),
        ),
        fur,
        rounded=0.6,
    )
    face.polygon(((-0.08, -0.4), (0.08, -0.4), (0.1, 0.4), (-0.1, 0.4)), shade(fur, 0.84))
    face.ellipse(0, 0.48, 0.2, 0.15, light)
    face.ellipse(0, 0.43, 0.13, 0.085, BLACK)
    for side in (-1, 1):
        face.ellipse(side * 0.25, -0.06, 0.085, 0.1, light)
        face.ellipse(side * 0.25, -0.06, 0.065, 0.08, (40, 28, 24))
        face.ellipse(side * 0.25 + 0.02, -0.09, 0.022, 0.022, WHITE)


def horse(canvas, dice, scene):
    """Draw a horse."""
    fur = vary(dice.pick(HORSE_FURS), dice, 16)
    mane = vary(dice.pick(((44, 36, 34), (66, 44, 34), (222, 204, 170), shade(fur, 0.6))), dice, 8)
    kinds = {_horse_standing: 5, _horse_grazing: 2, _horse_portrait: 2.5}
    dice.weighted(kinds)(canvas, dice, fur, mane)


def _horse_head(canvas, dice, fur, mane):
    """Draw a horse's long head pointing right from the origin, the poll of its neck."""
    canvas.polygon(((-0.02, -0.08), (0.0, -0.26), (0.09, -0.1)), shade(fur, 0.9))
    canvas.blob(
        (
            (-0.08, -0.04),
            (0.06, -0.13),
            (0.3, -0.1),
            (0.56, -0.04),
            (0.63, 0.06),
            (0.56, 0.14),
            (0.3, 0.12),
            (0.08, 0.19),
            (-0.06, 0.12),
        ),
        fur,
        rounded=0.5,
    )
    canvas.ellipse(0.57, 0.06, 0.07, 0.085, shade(fur, 0.62))
    canvas.ellipse(0.59, 0.03, 0.022, 0.02, BLACK)
    canvas.ellipse(0.15, -0.03, 0.036, 0.032, BLACK)
    if dice.chance(0.4):
        canvas.limb(((0.16, -0.1), (0.5, -0.03)), (0.05, 0.04), WHITE)
    if dice.chance(0.35):  # halter
        strap = vary(dice.pick(((150, 40, 40), (40, 60, 120), (70, 46, 30))), dice)
        canvas.line(((0.36, -0.1), (0.35, 0.13)), 0.035, strap)
        canvas.line(((0.36, 0.04), (0.02, -0.02)), 0.03, strap)
    canvas.limb(((-0.04, -0.1), (0.16, -0.1)), (0.1, 0.03), mane)


def _horse_body(canvas, dice, fur, mane):
    ground, hoof = 0.9, (50, 42, 40)
    feet = _gait(dice, ground)
    hips = ((-0.44, 0.08), (0.32, 0.08), (-0.54, 0.06), (0.24, 0.1))
    lower = dice.pick((fur, shade(fur, 0.45), WHITE))
    for (x, y), (dx, foot, bend) in zip(hips[:2], feet[:2], strict=True):
        _leg(canvas, (x, y), (x + dx, foot), (0.22, 0.12, 0.085), shade(fur, 0.66), hoof, bend=bend)
    flow = dice.between(-0.3, 0.05)
    tail = ((-0.68, -0.1), (-0.88, 0.06 + 0.3 * flow), (-0.9 + 0.3 * flow, 0.62 + flow))
    canvas.limb(tail, (0.1, 0.2, 0.05), mane)
    body = (
        (-0.74, 0.0),
        (-0.56, -0.25),
        (-0.1, -0.2),
        (0.3, -0.26),
        (0.5, -0.02),
        (0.36, 0.28),
        (-0.05, 0.26),
        (-0.55, 0.28),
    )
    canvas.blob(body, fur, rounded=0.7)
    for (x, y), (dx, foot, bend) in zip(hips[2:], feet[2:], strict=True):
        _leg(canvas, (x, y), (x + dx, foot), (0.32, 0.13, 0.09), fur, hoof, bend=bend)
        if lower is not fur:
            shin = x + 0.78 * dx, y + 0.78 * (foot - y)
            canvas.limb((shin, (x + dx, foot - 0.03)), (0.1, 0.09), lower)
    if dice.chance(0.2):  # saddle
        leather = vary((112, 66, 40), dice)
        canvas.blob(
            ((-0.22, -0.25), (0.12, -0.25), (0.1, 0.06), (-0.1, 0.1), (-0.2, -0.05)),
            leather,
            rounded=0.5,
        )


def _horse_standing(canvas, dice, fur, mane):
    _horse_body(canvas, dice, fur, mane)
    poll = 0.56 + dice.between(-0.06, 0.08), -0.66 + dice.between(-0.06, 0.08)
    neck = ((0.26, 0.0), (0.42, -0.34), poll)
    back = ((0.12, -0.22), (0.26, -0.48), (poll[0] - 0.06, poll[1] - 0.06))
    canvas.limb(back, (0.1, 0.2, 0.1), mane)
    canvas.limb(neck, (0.5, 0.36, 0.22), fur)
    canvas.limb(
        ((0.2, -0.2), (0.32, -0.44), (poll[0] - 0.04, poll[1] - 0.06)), (0.08, 0.12, 0.08), mane
    )
    head = canvas.posed(*poll, angle=dice.between(0.45, 0.95), scale=0.85)
    _horse_head(head, dice, fur, mane)


def _horse_grazing(canvas, dice, fur, mane):
    _horse_body(canvas, dice, fur, mane)
    poll = 0.78, 0.26
    canvas.limb(((0.2, -0.2), (0.62, -0.1), (0.84, 0.2)), (0.1, 0.18, 0.08), mane)
    canvas.limb(((0.28, -0.02), (0.58, 0.04), poll), (0.46, 0.32, 0.2), fur)
    canvas.limb(((0.3, -0.2), (0.64, -0.08), (0.82, 0.2)), (0.06, 0.09, 0.05), mane)
    head = canvas.posed(*poll, angle=dice.between(1.1, 1.5), scale=0.85)
    _horse_head(head, dice, fur, mane)


def _horse_portrait(canvas, dice, fur, mane):
    """Draw head and neck from the side."""
    tilt = dice.between(-0.12, 0.12)
    view = canvas.posed(-0.1, 0.05, angle=tilt)
    view.limb(
        ((-0.75, 2.6), (-0.72, 0.5), (-0.42, -0.3), (-0.1, -0.72)), (0.3, 0.4, 0.36, 0.24), mane
    )
    view.limb(((-0.3, 2.6), (-0.35, 0.5), (-0.08, -0.3)), (1.1, 0.86, 0.55), fur)
    for k in range(4):
        x, y = -0.42 - 0.1 * k, -0.42 + 0.34 * k
        view.limb(((x + 0.14, y - 0.1), (x + 0.08, y + 0.3)), (0.16, 0.04), shade(mane, 1.08))
    head = view.posed(-0.12, -0.5, angle=dice.between(0.5, 0.75), scale=1.75)
    _horse_head(head, dice, fur, mane)

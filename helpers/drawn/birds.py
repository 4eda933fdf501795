"""Birds: perched, standing, flying, gliding, swimming, wading, and a portrait.

They face right, between -1 and 1 in x and y.
"""

import dataclasses

from helpers.drawn.colours import BLACK, WHITE, hsv, mix, shade, vary


@dataclasses.dataclass(frozen=True)
class Plumage:
    """Colours of a bird's parts."""

    back: tuple
    belly: tuple
    wing: tuple
    head: tuple
    beak: tuple


PLUMAGES = (
    Plumage((122, 96, 72), (214, 110, 62), (104, 82, 62), (122, 92, 68), (90, 78, 66)),  # robin
    Plumage((70, 116, 186), (226, 214, 196), (52, 84, 146), (64, 110, 190), (60, 60, 66)),
    Plumage((236, 200, 70), (246, 222, 120), (110, 104, 70), (240, 204, 64), (214, 130, 60)),
    Plumage((186, 48, 48), (206, 74, 66), (140, 38, 42), (196, 46, 46), (232, 150, 70)),
    Plumage((44, 44, 52), (58, 58, 66), (34, 34, 42), (40, 40, 48), (66, 64, 62)),  # crow
    Plumage((236, 238, 240), (248, 248, 246), (170, 178, 188), (246, 246, 246), (238, 172, 60)),
    Plumage((146, 120, 92), (224, 208, 184), (110, 86, 64), (150, 116, 86), (120, 104, 84)),
    Plumage((92, 150, 84), (206, 214, 120), (58, 112, 76), (110, 168, 84), (200, 90, 60)),
    Plumage((134, 142, 156), (196, 196, 200), (100, 108, 124), (104, 122, 134), (74, 70, 72)),
)


def bird(canvas, dice, scene):
    """Draw a bird."""
    plumage = dice.pick(PLUMAGES)
    plumage = Plumage(*(vary(part, dice, 16) for part in dataclasses.astuple(plumage)))
    kinds = {_perched: 4, _wader: 1.3, _portrait: 1.2, _flying: 1.2}
    if scene.name in ("sky", "mountains"):
        kinds = {_flying: 4, _gliding: 2.5, _perched: 2.5}
    elif scene.name in ("sea", "pond", "lake"):
        kinds = {_swimming: 3, _wader: 2, _flying: 2, _perched: 1}
    dice.weighted(kinds)(canvas, dice, scene, plumage)


def _eye(canvas, x, y, radius):
    canvas.ellipse(x, y, 1.35 * radius, 1.35 * radius, (236, 226, 190))
    canvas.ellipse(x, y, radius, radius, BLACK)
    canvas.ellipse(x + 0.3 * radius, y - 0.35 * radius, 0.36 * radius, 0.36 * radius, WHITE)


def _legs(canvas, colour, hips, foot_y):
    for x in hips:
        canvas.line(((x, 0.3), (x + 0.04, foot_y)), 0.045, colour)
        for toe in (-0.1, 0.05, 0.15):
            canvas.line(((x + 0.04, foot_y - 0.02), (x + 0.04 + toe, foot_y + 0.04)), 0.04, colour)


def _perched(canvas, dice, scene, plumage):
    """Draw a small bird on a branch or on the ground."""
    foot = 0.78
    if scene.name in ("sky", "forest", "mountains", "plain", "snow") and dice.chance(0.85):
        bark = vary((104, 80, 60), dice)
        rise = dice.between(-0.12, 0.12)
        canvas.limb(
            ((-1.6, foot + 0.1 + rise), (0, foot + 0.08), (1.6, foot + 0.06 - rise)),
            (0.16, 0.12, 0.08),
            bark,
        )
        leaf = hsv(dice.between(0.2, 0.36), 0.5, 0.5)
        for side in (-0.8, 0.75):
            canvas.ellipse(side, foot + 0.16, 0.16, 0.07, leaf, angle=0.5, rounded=0.5)
    bird = canvas.posed(0, foot, angle=dice.between(-0.12, 0.3)).posed(0, -foot)
    tail = dice.between(0.05, 0.35)
    bird.polygon(
        ((-0.45, 0.0), (-1.0, tail + 0.02), (-1.02, tail + 0.16), (-0.4, 0.26)),
        shade(plumage.wing, 0.85),
    )
    _legs(bird, shade(plumage.beak, 0.8), (-0.12, 0.1), foot)
    body = (
        (-0.62, 0.06),
        (-0.3, -0.24),
        (0.1, -0.42),
        (0.44, -0.3),
        (0.52, 0.02),
        (0.3, 0.34),
        (-0.1, 0.44),
        (-0.45, 0.3),
    )
    bird.blob(body, plumage.back, rounded=0.6)
    bird.blob(
        ((0.5, -0.2), (0.5, 0.08), (0.28, 0.34), (-0.1, 0.43), (0.06, 0.2), (0.28, -0.1)),
        plumage.belly,
    )
    head = bird.posed(0.36, -0.46, angle=dice.between(-0.25, 0.25))
    head.polygon(((0.22, -0.1), (0.62, 0.02), (0.22, 0.12)), plumage.beak)
    head.line(((0.24, 0.02), (0.58, 0.02)), 0.02, shade(plumage.beak, 0.6))
    head.ellipse(0, 0, 0.31, 0.29, plumage.head, rounded=0.7)
    if dice.chance(0.2):
        head.polygon(((-0.2, -0.2), (-0.34, -0.5), (0.12, -0.27)), plumage.head)  # crest
    _eye(head, 0.12, -0.04, 0.06)
    wing = ((0.2, -0.16), (0.14, 0.12), (-0.24, 0.26), (-0.74, 0.24), (-0.4, 0.0), (-0.1, -0.2))
    bird.blob(wing, plumage.wing, rounded=0.5)
    for y in (0.06, 0.15):
        bird.line(((0.08, y - 0.06), (-0.5, y + 0.1)), 0.03, shade(plumage.wing, 0.72))


def _flying(canvas, dice, scene, plumage):
    """Draw a bird from the side, wings up or down."""
    bird = canvas.posed(0, 0.05, angle=dice.between(-0.45, 0.2), scale=0.95)
    up = dice.pick((-1, -1, 1))
    reach = dice.between(0.65, 0.95)
    tip = up * reach
    far = ((0.22, -0.04), (0.34, tip * 0.9), (0.1, tip * 0.8), (-0.06, tip * 0.45), (-0.2, 0.0))
    bird.blob(far, shade(plumage.wing, 0.72))
    bird.polygon(
        ((-0.4, -0.04), (-1.0, -0.14), (-0.92, 0.0), (-1.0, 0.14), (-0.4, 0.12)),
        shade(plumage.wing, 0.9),
    )
    body = ((-0.6, 0.02), (-0.1, -0.17), (0.4, -0.15), (0.6, 0.0), (0.4, 0.16), (-0.1, 0.19))
    bird.blob(body, plumage.back, rounded=0.6)
    bird.blob(((0.5, 0.08), (0.3, 0.16), (-0.1, 0.18), (-0.4, 0.08), (0.0, 0.06)), plumage.belly)
    bird.polygon(((0.76, -0.14), (1.02, -0.02), (0.74, 0.04)), plumage.beak)
    bird.ellipse(0.6, -0.07, 0.2, 0.18, plumage.head, rounded=0.6)
    _eye(bird, 0.68, -0.1, 0.04)
    wing = (
        (0.24, 0.0),
        (0.12, tip * 0.55),
        (-0.14, tip),
        (-0.34, tip * 0.9),
        (-0.38, tip * 0.55),
        (-0.3, 0.05),
    )
    bird.blob(wing, plumage.wing, rounded=0.5)
    for k in range(4):
        x = -0.3 + 0.11 * k
        end = (x - 0.06, tip * (0.84 - 0.1 * k))
        bird.line(((x + 0.08, tip * 0.25), end), 0.03, shade(plumage.wing, 0.72))


def _gliding(canvas, dice, scene, plumage):
    """Draw a bird of prey or a gull from below, wings spread."""
    bird = canvas.posed(angle=dice.between(-0.7, 0.7))
    bend = dice.between(-0.3, 0.1)
    for side in (-1, 1):
        wing = (
            (side * 0.08, -0.2),
            (side * 0.5, -0.36 + bend * 0.3),
            (side * 1.0, -0.16 + bend),
            (side * 0.7, 0.02 + bend * 0.4),
            (side * 0.4, 0.1),
            (side * 0.08, 0.16),
        )
        bird.blob(wing, plumage.wing, rounded=0.4)
        for k in range(4):
            x = side * (0.94 - 0.12 * k)
            start = (side * (0.72 - 0.1 * k), -0.16 + bend * 0.6)
            bird.limb(
                (start, (x, 0.06 + bend * 0.8 + 0.02 * k)), (0.09, 0.03), shade(plumage.wing, 0.8)
            )
    bird.polygon(
        ((-0.09, 0.24), (-0.24, 0.62), (0, 0.56), (0.24, 0.62), (0.09, 0.24)),
        shade(plumage.wing, 0.9),
    )
    bird.ellipse(0, 0.02, 0.14, 0.36, plumage.belly, rounded=0.7)
    bird.polygon(((-0.05, -0.5), (0, -0.64), (0.05, -0.5)), plumage.beak)
    bird.ellipse(0, -0.38, 0.12, 0.15, plumage.head, rounded=0.6)


def _swimming(canvas, dice, scene, plumage):
    """Draw a duck or a swan on the water."""
    swan = dice.chance(0.35)
    if swan:
        white = vary((242, 242, 240), dice, 8)
        plumage = Plumage(white, white, shade(white, 0.93), white, (232, 130, 50))
    elif dice.chance(0.5):  # mallard
        plumage = Plumage(
            (150, 140, 130), (120, 78, 56), (120, 108, 96), (34, 106, 78), (226, 180, 60)
        )
    neck = -0.62 if swan else -0.34
    if swan:
        canvas.limb(
            ((0.42, 0.3), (0.66, 0.02), (0.44, -0.34), (0.58, neck)),
            (0.3, 0.17, 0.13, 0.14),
            plumage.head,
        )
    else:
        canvas.limb(((0.4, 0.3), (0.52, neck)), (0.34, 0.24), plumage.head)
        canvas.limb(((0.36, 0.16), (0.6, 0.14)), (0.05, 0.05), WHITE)
    body = (
        (-1.0, 0.0),
        (-0.5, 0.08),
        (0.1, 0.0),
        (0.58, 0.2),
        (0.6, 0.42),
        (0.2, 0.6),
        (-0.5, 0.58),
        (-0.84, 0.38),
    )
    canvas.blob(body, plumage.back, rounded=0.7)
    if not swan:
        canvas.blob(((0.58, 0.22), (0.6, 0.42), (0.3, 0.56), (0.24, 0.3)), plumage.belly)
    canvas.polygon(
        ((0.72, neck - 0.06), (1.0, neck + 0.06), (0.96, neck + 0.14), (0.7, neck + 0.1)),
        plumage.beak,
    )
    canvas.ellipse(0.6, neck - 0.02, 0.2, 0.18, plumage.head, rounded=0.5)
    _eye(canvas, 0.66, neck - 0.06, 0.04)
    canvas.blob(
        ((0.24, 0.14), (0.2, 0.36), (-0.3, 0.44), (-0.86, 0.2), (-0.3, 0.1)),
        plumage.wing,
        rounded=0.5,
    )
    water = scene.ground if scene.name in ("sea", "pond", "lake") else (96, 136, 160)
    canvas.polygon(((-1.1, 0.54), (0.9, 0.5), (0.9, 0.7), (-1.1, 0.7)), water)
    canvas.line(
        ((-1.0, 0.54), (-0.3, 0.5), (0.3, 0.53), (0.86, 0.48)), 0.04, mix(water, WHITE, 0.5)
    )


def _wader(canvas, dice, scene, plumage):
    """Draw a bird with long legs and neck: a heron, a flamingo, an ostrich."""
    kind = dice.pick(("heron", "flamingo", "ostrich"))
    if kind == "flamingo":
        pink = vary((238, 140, 140), dice)
        plumage = Plumage(pink, pink, shade(pink, 0.86), shade(pink, 1.1), (70, 56, 60))
    elif kind == "ostrich":
        plumage = Plumage(
            (62, 54, 54), (80, 70, 66), (44, 38, 40), (196, 160, 140), (180, 140, 110)
        )
    leg = (206, 110, 100) if kind == "flamingo" else shade(plumage.beak, 0.8)
    for x, knee in ((-0.1, -0.18), (0.12, 0.06)):
        canvas.line(((x, 0.1), (knee, 0.5), (x, 0.96)), 0.05, leg)
        canvas.line(((x - 0.06, 0.96), (x + 0.16, 0.97)), 0.045, leg)
    sway = dice.between(0.2, 0.42)
    head = (0.5 + 0.1 * sway, -0.8)
    canvas.limb(
        ((0.2, 0.0), (0.5, -0.18), (sway, -0.5), head), (0.24, 0.13, 0.1, 0.12), plumage.head
    )
    canvas.polygon(
        ((-0.4, -0.14), (-0.92, 0.14), (-0.84, 0.24), (-0.3, 0.22)), shade(plumage.wing, 0.85)
    )
    canvas.blob(
        ((-0.7, 0.04), (-0.2, -0.24), (0.25, -0.18), (0.38, 0.02), (0.2, 0.22), (-0.3, 0.26)),
        plumage.back,
        rounded=0.7,
    )
    canvas.blob(
        ((0.15, -0.1), (0.1, 0.12), (-0.3, 0.2), (-0.68, 0.12), (-0.2, -0.14)),
        plumage.wing,
        rounded=0.4,
    )
    if kind == "flamingo":
        canvas.limb(
            ((head[0] + 0.05, -0.8), (head[0] + 0.28, -0.74), (head[0] + 0.3, -0.58)),
            (0.1, 0.09, 0.03),
            plumage.beak,
        )
    else:
        canvas.polygon(((head[0], -0.87), (head[0] + 0.44, -0.76), (head[0], -0.73)), plumage.beak)
    canvas.ellipse(head[0], -0.8, 0.13, 0.11, plumage.head, rounded=0.4)
    _eye(canvas, head[0] + 0.04, -0.83, 0.03)


def _portrait(canvas, dice, scene, plumage):
    """Draw head and shoulders from close by: a parrot, an eagle or a garden bird."""
    hooked = dice.chance(0.5)
    canvas.blob(
        ((-0.2, -0.3), (0.3, 0.1), (0.55, 0.7), (0.6, 2.6), (-0.9, 2.6), (-0.85, 0.5)),
        plumage.back,
        rounded=0.5,
    )
    canvas.blob(((0.24, 0.1), (0.52, 0.7), (0.56, 2.6), (0.0, 2.6), (-0.06, 0.5)), plumage.belly)
    head = canvas.posed(-0.08, -0.25, scale=1.05, angle=dice.between(-0.2, 0.2))
    if hooked:
        head.blob(
            ((0.36, -0.3), (0.78, -0.2), (0.9, 0.12), (0.8, 0.34), (0.7, 0.12), (0.4, 0.14)),
            plumage.beak,
            rounded=0.6,
        )
        head.blob(((0.36, 0.1), (0.64, 0.14), (0.56, 0.3), (0.36, 0.26)), shade(plumage.beak, 0.7))
    else:
        head.polygon(((0.36, -0.2), (1.02, 0.06), (0.36, 0.02)), plumage.beak)
        head.polygon(((0.36, 0.02), (0.96, 0.07), (0.36, 0.18)), shade(plumage.beak, 0.75))
    head.ellipse(0, 0, 0.52, 0.48, plumage.head, rounded=0.7)
    if hooked:
        head.ellipse(0.24, 0.0, 0.2, 0.2, mix(plumage.head, WHITE, 0.75))
    _eye(head, 0.22, -0.06, 0.1)
    canvas.blob(((-0.6, 0.35), (-0.3, 0.6), (-0.35, 2.6), (-0.95, 2.6)), plumage.wing, rounded=0.5)

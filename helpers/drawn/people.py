"""People from the front, from behind and walking past, in different clothes.

They stand on the ground at y = 0 and are one unit tall; walkers face right.
"""

import dataclasses

from helpers.drawn.colours import BLACK, WHITE, hsv, shade, vary

SKINS = (
    (236, 200, 178),
    (226, 184, 156),
    (212, 164, 132),
    (190, 140, 108),
    (158, 110, 82),
    (122, 84, 62),
    (88, 62, 50),
)
HAIRS = (
    (38, 30, 28),
    (62, 42, 30),
    (98, 66, 40),
    (146, 104, 60),
    (206, 170, 106),
    (150, 70, 40),
    (172, 170, 168),
)
TROUSERS = (
    (44, 58, 96),
    (64, 84, 128),
    (40, 40, 46),
    (88, 88, 94),
    (172, 150, 116),
    (96, 74, 56),
    (70, 82, 62),
)
SHOES = ((36, 32, 32), (92, 62, 44), (226, 226, 224), (150, 44, 44))


@dataclasses.dataclass(frozen=True)
class Look:
    """What somebody wears: colours as (red, green, blue), and what is carried."""

    skin: tuple
    hair: tuple
    top: tuple
    legs: tuple
    shoes: tuple
    bottom: str  # "trousers", "shorts", "skirt" or "coat"
    sleeves: str  # "long" or "short"
    hair_length: str  # "short", "long" or "hat"
    hat: tuple
    bag: str  # "none", "backpack" or "bag"
    bag_colour: tuple
    girth: float  # width, 1 is usual
    head: float  # size of the head, 1 is a grown-up's


def choose_look(dice, *, is_child=False):
    """Choose clothes, skin and hair."""
    bright = dice.chance(0.7)
    saturation = dice.between(0.35, 0.85) if bright else dice.between(0, 0.15)
    return Look(
        skin=vary(dice.pick(SKINS), dice, 8),
        hair=vary(dice.pick(HAIRS), dice, 8),
        top=hsv(dice.between(0, 1), saturation, dice.between(0.35, 0.95)),
        legs=vary(dice.pick(TROUSERS), dice, 12),
        shoes=dice.pick(SHOES),
        bottom=dice.weighted({"trousers": 5, "shorts": 1.3, "skirt": 1.6, "coat": 1.6}),
        sleeves=dice.weighted({"long": 3, "short": 2}),
        hair_length=dice.weighted({"short": 4, "long": 3, "hat": 1.5}),
        hat=hsv(dice.between(0, 1), dice.between(0.2, 0.8), dice.between(0.3, 0.9)),
        bag=dice.weighted({"none": 4, "backpack": 1.3, "bag": 1.6}),
        bag_colour=hsv(dice.between(0, 1), dice.between(0.2, 0.7), dice.between(0.25, 0.75)),
        girth=dice.between(0.92, 1.22),
        head=dice.between(1.3, 1.45) if is_child else dice.between(0.98, 1.1),
    )


def person(canvas, dice, *, is_child=False):
    """Draw somebody who stands or walks."""
    look = choose_look(dice, is_child=is_child)
    pose = dice.weighted({"front": 3, "back": 1.6, "walk": 5})
    body = canvas.posed(stretch=look.girth, flip=dice.chance(0.5))
    if pose == "walk":
        _walk(body, dice, look)
    else:
        _stand(body, dice, look, is_front=pose == "front")


def _stand(canvas, dice, look, *, is_front):
    apart, stride = dice.between(0.05, 0.075), dice.between(0, 0.05) if dice.chance(0.6) else 0.0
    if look.bag == "backpack" and is_front:
        canvas.rectangle(-0.11, -0.79, 0.11, -0.6, look.bag_colour)
    if look.hair_length == "long":
        _hair_down(canvas, look, 0.0)
    for side, lift in ((-1, 0.0), (1, stride)):
        hip, knee = (0.05 * side, -0.47), (side * (apart + 0.005), -0.25 - 0.3 * lift)
        _leg(canvas, look, hip, knee, (side * apart, -0.035 - lift))
        canvas.ellipse(side * (apart + 0.012), -0.022 - lift, 0.04, 0.022, look.shoes)
    swing = dice.between(-0.03, 0.05)
    for side in (-1, 1):
        shoulder, elbow = (0.115 * side, -0.775), (side * (0.15 + swing), -0.62)
        _arm(canvas, look, shoulder, elbow, (side * (0.145 + 1.4 * swing), -0.47))
    _trunk(canvas, look, 1.0)
    if is_front and look.bottom == "coat":
        canvas.line(((0, -0.8), (0, -0.33)), 0.012, shade(look.top, 0.6))
    canvas.limb(((0, -0.87), (0, -0.8)), (0.06, 0.06), shade(look.skin, 0.86))
    if is_front:
        canvas.polygon(((-0.04, -0.825), (0.04, -0.825), (0, -0.77)), shade(look.skin, 0.93))
        _face(canvas, look)
    else:
        _head_behind(canvas, look)
        if look.bag == "backpack":
            canvas.rectangle(-0.095, -0.79, 0.095, -0.56, look.bag_colour, rounded=0.5)
            canvas.rectangle(-0.06, -0.66, 0.06, -0.58, shade(look.bag_colour, 0.75))
    if look.bag == "bag":
        _carry(canvas, look, 0.15 + 1.4 * swing, -0.45)


def _walk(canvas, dice, look):
    stride = dice.between(0.09, 0.19)
    swing = dice.between(0.4, 1.0) * stride
    far = dataclasses.replace(look, top=shade(look.top, 0.74), legs=shade(look.legs, 0.74))
    if look.hair_length == "long":
        _hair_down(canvas, look, -0.025)
    _arm(canvas, far, (0.0, -0.77), (0.45 * swing + 0.01, -0.625), (1.1 * swing + 0.05, -0.49))
    for dressed, foot, knee in (
        (far, (-stride, -0.05), (-0.35 * stride + 0.02, -0.25)),
        (look, (stride, -0.035), (0.62 * stride + 0.015, -0.255)),
    ):
        _leg(canvas, dressed, (0.0, -0.47), knee, foot)
        canvas.ellipse(foot[0] + 0.025, foot[1] + 0.013, 0.046, 0.022, look.shoes)
    if look.bag == "backpack":
        canvas.blob(
            ((-0.05, -0.8), (-0.13, -0.76), (-0.15, -0.64), (-0.12, -0.57), (-0.04, -0.57)),
            look.bag_colour,
        )
    _trunk(canvas, look, 0.68)
    canvas.limb(((0.008, -0.87), (0, -0.8)), (0.055, 0.06), shade(look.skin, 0.86))
    _profile(canvas, look)
    hand = -1.1 * swing, -0.48
    _arm(canvas, look, (0.0, -0.77), (-0.5 * swing - 0.015, -0.625), hand)
    if look.bag == "bag":
        _carry(canvas, look, *hand)


def _leg(canvas, look, hip, knee, foot):
    bare = look.bottom == "shorts" or look.bottom == "skirt"
    canvas.limb((hip, knee, foot), (0.1, 0.075, 0.05), look.skin if bare else look.legs)
    if look.bottom == "shorts":
        canvas.limb((hip, knee), (0.105, 0.095), look.legs)


def _arm(canvas, look, shoulder, elbow, hand):
    is_long = look.sleeves == "long" or look.bottom == "coat"
    sleeve = shade(look.top, 0.86)
    canvas.limb((shoulder, elbow, hand), (0.06, 0.052, 0.04), sleeve if is_long else look.skin)
    if not is_long:
        middle = 0.4 * shoulder[0] + 0.6 * elbow[0], 0.4 * shoulder[1] + 0.6 * elbow[1]
        canvas.limb((shoulder, middle), (0.066, 0.064), sleeve)
    canvas.ellipse(*hand, 0.023, 0.028, look.skin)


def _trunk(canvas, look, width):
    """Draw shirt or coat and what belongs to the hips; `width` 1 is seen from the front."""
    shoulder, waist, hip = 0.12 * width, 0.095 * width, 0.1 * width
    if look.bottom in ("trousers", "shorts"):
        canvas.polygon(((-hip, -0.45), (-waist, -0.55), (waist, -0.55), (hip, -0.45)), look.legs)
    low = -0.31 if look.bottom == "coat" else -0.5
    hem = 1.2 * hip if look.bottom == "coat" else hip
    canvas.polygon(
        (
            (-0.55 * shoulder, -0.835),
            (0.55 * shoulder, -0.835),
            (shoulder, -0.795),
            (waist, -0.6),
            (hem, low),
            (-hem, low),
            (-waist, -0.6),
            (-shoulder, -0.795),
        ),
        look.top,
        rounded=0.45,
    )
    if look.bottom == "skirt":
        canvas.polygon(
            ((-waist, -0.57), (waist, -0.57), (0.145 * width + 0.02, -0.27), (-0.165, -0.27)),
            look.legs,
        )


def _face(canvas, look):
    head = canvas.posed(0, -0.92, scale=look.head, stretch=1 / look.girth)
    head.ellipse(0, -0.01, 0.064, 0.078, look.hair)
    head.ellipse(0, 0.008, 0.053, 0.066, look.skin)
    for side in (-1, 1):
        head.ellipse(0.02 * side, 0.0, 0.007, 0.009, BLACK)
    head.line(((-0.017, 0.042), (0.017, 0.042)), 0.009, shade(look.skin, 0.6))
    fringe = ((-0.062, -0.01), (-0.05, -0.07), (0, -0.088), (0.05, -0.07), (0.062, -0.01))
    colour = look.hat if look.hair_length == "hat" else look.hair
    head.polygon((*fringe, (0.03, -0.04), (-0.02, -0.045)), colour)
    if look.hair_length == "hat":
        head.rectangle(-0.075, -0.05, 0.075, -0.032, shade(look.hat, 0.75))


def _head_behind(canvas, look):
    head = canvas.posed(0, -0.92, scale=look.head, stretch=1 / look.girth)
    for side in (-1, 1):
        head.ellipse(0.06 * side, 0.012, 0.012, 0.018, look.skin)
    colour = look.hat if look.hair_length == "hat" else look.hair
    head.ellipse(0, -0.004, 0.063, 0.077, colour, rounded=0.4)
    if look.hair_length == "long":
        head.polygon(((-0.06, 0), (0.06, 0), (0.055, 0.13), (-0.055, 0.13)), look.hair)


def _hair_down(canvas, look, x):
    head = canvas.posed(x, -0.92, scale=look.head, stretch=1 / look.girth)
    head.polygon(((-0.066, 0), (0.066, 0), (0.07, 0.13), (-0.07, 0.13)), shade(look.hair, 0.9))


def _profile(canvas, look):
    head = canvas.posed(0.012, -0.92, scale=look.head, stretch=1 / look.girth)
    head.ellipse(-0.008, -0.008, 0.068, 0.077, look.hair)
    head.ellipse(0.014, 0.008, 0.05, 0.064, look.skin)
    head.polygon(((0.055, -0.01), (0.08, 0.018), (0.055, 0.024)), look.skin)
    head.ellipse(0.038, -0.006, 0.007, 0.01, BLACK)
    head.ellipse(-0.008, 0.01, 0.013, 0.018, shade(look.skin, 0.85))
    crown = ((-0.07, 0.0), (-0.06, -0.06), (0, -0.086), (0.05, -0.065), (0.062, -0.03))
    head.polygon((*crown, (0.0, -0.03)), look.hat if look.hair_length == "hat" else look.hair)
    if look.hair_length == "hat":
        head.rectangle(-0.06, -0.046, 0.1, -0.03, shade(look.hat, 0.75))


def _carry(canvas, look, x, y):
    colour = look.bag_colour if sum(look.bag_colour) > 90 else WHITE
    canvas.line(((x - 0.03, y + 0.05), (x, y), (x + 0.03, y + 0.05)), 0.012, shade(colour, 0.7))
    canvas.rectangle(x - 0.055, y + 0.045, x + 0.055, y + 0.15, colour)

"""Who is drawn: all that makes a face that of one person.

Lengths are in half face heights: the eyes are at height 0, the chin is about 1 below them and the
crown about 1 above. Angles are in radians.
"""

import math
import typing

from helpers.drawn.colours import clip, hsv, mix, shade, vary

# From light to dark; a person's skin lies anywhere in between.
_SKINS = (
    (232, 198, 178),
    (226, 184, 156),
    (216, 170, 138),
    (196, 146, 112),
    (168, 120, 88),
    (136, 94, 68),
    (108, 74, 56),
    (80, 56, 46),
)
_HAIRS = {  # and how many have it
    (28, 24, 24): 4,
    (56, 38, 28): 4,
    (92, 62, 40): 3,
    (134, 94, 58): 2,
    (206, 168, 104): 2,
    (158, 78, 40): 1,
}
_EYES = {
    (52, 34, 24): 4,
    (92, 60, 34): 3,
    (120, 100, 56): 2,
    (86, 120, 84): 1.5,
    (84, 128, 164): 2,
    (118, 130, 138): 1.5,
}
STYLES = {  # of hair, and how many wear it
    "bald": 0.6,
    "receding": 0.7,
    "shaved": 1,
    "short": 2,
    "fringe": 1.2,
    "quiff": 1.2,
    "curly": 1.3,
    "afro": 1.2,
    "bob": 1.5,
    "long": 1.6,
    "wavy": 1.5,
    "bun": 1.2,
    "ponytail": 1.2,
    "braids": 1,
    "scarf": 0.8,
}
BEARDS = {"stubble": 3, "full": 3, "goatee": 2, "moustache": 2, "chin": 1}
FRAMES = ("round", "square", "oval", "cat", "half")


class Head(typing.NamedTuple):
    """The outline of the face: half widths at several heights."""

    crown: float  # height over the eyes
    temple: float
    cheek: float
    jaw: float
    jaw_y: float  # where the jaw turns to the chin
    chin: float
    chin_y: float
    fullness: float  # of the cheeks, 0 to 1
    ear_size: float
    ear_out: float  # how far the ears stand out
    neck: float


class Eyes(typing.NamedTuple):
    """Shape and colour of the eyes; `x` is half their distance."""

    x: float
    width: float  # half
    height: float
    slant: float  # positive: outer corner higher
    skew: float  # positive: widest on the outer side
    crease: float  # of the upper lid, 0 to 1
    depth: float  # how far they lie inside
    lashes: float
    bags: float
    iris: float  # radius
    colour: tuple


class Brows(typing.NamedTuple):
    """Eyebrows: `y` is their height, `inner` and `outer` are distances from the middle."""

    y: float
    inner: float
    outer: float
    thickness: float
    arch: float
    peak: float  # where the arch is highest, 0 inner to 1 outer
    tilt: float
    colour: tuple


class Nose(typing.NamedTuple):
    """Shape of the nose; `y` is the height of its tip."""

    y: float
    width: float  # half
    height: float  # how far it stands out
    bridge: float  # how much of that it does between the eyes
    ridge: float  # half width of the ridge
    hook: float  # positive: a hump, negative: turned up


class Mouth(typing.NamedTuple):
    """Shape and colour of the mouth."""

    y: float
    width: float  # half
    upper: float  # thickness of the lips
    lower: float
    bow: float  # dent in the middle of the upper lip, 0 to 1
    corners: float  # positive: turned up
    colour: tuple


class Hair(typing.NamedTuple):
    """How the hair is worn."""

    style: str  # a key of `STYLES`
    colour: tuple
    hairline: float  # height over the eyes
    recede: float  # how far it goes back beside the forehead
    volume: float  # 1 is usual for the style
    length: float  # 1 is usual for the style
    part: float  # side and place of the parting, -1 to 1
    sideburn: float  # how far down it goes, from the eyes


class Beard(typing.NamedTuple):
    """A beard; `kind` is a key of `BEARDS` or empty."""

    kind: str
    density: float
    length: float
    colour: tuple


class Marks(typing.NamedTuple):
    """What the skin has: spots (x, y, radius, darkness), a scar (two ends) or None, and lines."""

    spots: tuple
    scar: tuple
    age: float  # 0 young to 1 old
    flush: float  # redness of the cheeks
    dimples: float


class Glasses(typing.NamedTuple):
    """Glasses, and in which share of the pictures they are worn."""

    frame: str
    width: float
    height: float
    thickness: float
    colour: tuple
    habit: float


class Person(typing.NamedTuple):
    """Everything that stays the same from picture to picture."""

    skin: tuple
    head: Head
    eyes: Eyes
    brows: Brows
    nose: Nose
    mouth: Mouth
    hair: Hair
    beard: Beard
    marks: Marks
    glasses: Glasses


def choose_person(dice):
    """Choose a person.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice

    Returns
    -------
    person : Person
    """
    tone = dice.between(0, len(_SKINS) - 1.001)  # every tone as often as any other
    skin = mix(*_SKINS[int(tone) : int(tone) + 2], tone % 1)
    skin = clip(*(c + d for c, d in zip(skin, _tint(dice), strict=True)))
    darkness = tone / (len(_SKINS) - 1)
    build = dice.between(0, 1)  # fine to heavy features
    age = max(0.0, dice.between(-0.5, 1))
    hair = _choose_hair(dice, build, darkness, age)
    brow = mix(shade(hair.colour, dice.between(0.6, 0.95)), (40, 30, 26), 0.3)
    eyes = _choose_eyes(dice, build, darkness)
    return Person(
        skin,
        _choose_head(dice, build),
        eyes,
        _choose_brows(dice, build, eyes, brow),
        _choose_nose(dice, build),
        _choose_mouth(dice, skin, darkness),
        hair,
        _choose_beard(dice, build, hair, brow),
        _choose_marks(dice, darkness, age),
        _choose_glasses(dice, eyes),
    )


def _tint(dice):
    """Choose how much redder or yellower than usual a skin is."""
    rosy, golden = dice.between(-8, 8), dice.between(-6, 6)
    return rosy, -0.4 * rosy + 0.4 * golden, -0.4 * rosy - golden


def _choose_head(dice, build):
    cheek = dice.between(0.64, 0.80)
    chin_y = dice.between(0.92, 1.1)
    return Head(
        crown=dice.between(0.98, 1.12),
        temple=cheek * dice.between(0.92, 1.04),
        cheek=cheek,
        jaw=cheek * (dice.between(0.66, 0.8) + 0.1 * build),
        jaw_y=chin_y * dice.between(0.56, 0.68),
        chin=dice.between(0.17, 0.29) + 0.07 * build,
        chin_y=chin_y,
        fullness=dice.between(0, 1),
        ear_size=dice.between(0.8, 1.25),
        ear_out=dice.between(0.3, 1.0),
        neck=dice.between(0.36, 0.46) + 0.06 * build,
    )


def _choose_eyes(dice, build, darkness):
    colour = dice.weighted(_EYES)
    if dice.chance(1.3 * darkness):
        colour = dice.pick(((52, 34, 24), (70, 44, 28), (42, 30, 26)))
    return Eyes(
        x=dice.between(0.28, 0.38),
        width=dice.between(0.135, 0.185),
        height=dice.between(0.06, 0.115) - 0.015 * build,
        slant=dice.between(-0.18, 0.3),
        skew=dice.between(-0.3, 0.3),
        crease=dice.between(0, 1),
        depth=dice.between(0.03, 0.1),
        lashes=dice.between(0, 1) * (1.2 - build),
        bags=dice.between(0, 1),
        iris=dice.between(0.062, 0.078),
        colour=vary(colour, dice, 10),
    )


def _choose_brows(dice, build, eyes, colour):
    return Brows(
        y=-dice.between(0.19, 0.3),
        inner=eyes.x - dice.between(0.14, 0.25),
        outer=eyes.x + dice.between(0.17, 0.26),
        thickness=dice.between(0.022, 0.065) + 0.02 * build,
        arch=dice.between(0.0, 0.1),
        peak=dice.between(0.4, 0.75),
        tilt=dice.between(-0.06, 0.06),
        colour=colour,
    )


def _choose_nose(dice, build):
    return Nose(
        y=dice.between(0.36, 0.52),
        width=dice.between(0.12, 0.22) + 0.02 * build,
        height=dice.between(0.17, 0.32),
        bridge=dice.between(0.1, 0.55),
        ridge=dice.between(0.05, 0.1),
        hook=dice.between(-0.5, 0.6),
    )


def _choose_mouth(dice, skin, darkness):
    red = (176, 76, 76) if darkness < 0.5 else (132, 64, 62)
    return Mouth(
        y=dice.between(0.66, 0.73),
        width=dice.between(0.2, 0.32),
        upper=dice.between(0.022, 0.075),
        lower=dice.between(0.04, 0.1),
        bow=dice.between(0, 0.6),
        corners=dice.between(-0.015, 0.045),
        colour=mix(skin, red, dice.between(0.3, 0.75)),
    )


def _choose_hair(dice, build, darkness, age):
    style = dice.weighted(STYLES)
    if style in ("bald", "receding") and build < 0.35:
        style = dice.pick(("long", "bob", "bun"))
    colour = dice.weighted(_HAIRS)
    if dice.chance(1.2 * darkness):
        colour = dice.pick(((26, 22, 22), (40, 30, 26), (58, 38, 28)))
    if dice.chance(1.2 * age - 0.3):
        colour = mix(colour, (196, 194, 192), dice.between(0.4, 1.0))
    return Hair(
        style,
        vary(colour, dice, 10),
        hairline=dice.between(0.52, 0.74),
        recede=dice.between(0, 0.14) * (0.4 + build),
        volume=dice.between(0.7, 1.35),
        length=dice.between(0.8, 1.25),
        part=dice.between(-1, 1),
        sideburn=dice.between(0.0, 0.3),
    )


def _choose_beard(dice, build, hair, colour):
    kind = dice.weighted(BEARDS)
    if build < 0.5 or not dice.chance(0.55) or hair.style in ("scarf", "bob"):
        kind = ""
    return Beard(kind, dice.between(0.5, 1), dice.between(0, 1), mix(hair.colour, colour, 0.5))


def _choose_marks(dice, darkness, age):
    spots = []
    if dice.chance(0.3 * (1 - darkness)):
        for _ in range(dice.whole(12, 34)):
            radius, angle = math.sqrt(dice.between(0, 1)), dice.between(0, 2 * math.pi)
            x, y = 0.55 * radius * math.cos(angle), 0.22 + 0.2 * radius * math.sin(angle)
            spots.append((x, y, dice.between(0.008, 0.015), dice.between(0.75, 0.9)))
    for _ in range(dice.pick((0, 0, 0, 1, 1, 2, 3))):
        x, y = dice.between(-0.5, 0.5), dice.between(-0.4, 0.8)
        spots.append((x, y, dice.between(0.014, 0.028), dice.between(0.3, 0.55)))
    scar = ()
    if dice.chance(0.1):
        x, y, angle = dice.between(-0.5, 0.5), dice.between(-0.5, 0.5), dice.between(0, math.pi)
        length = dice.between(0.1, 0.3)
        scar = (x, y), (x + length * math.cos(angle), y + length * math.sin(angle))
    return Marks(tuple(spots), scar, age, dice.between(0, 1), max(0.0, dice.between(-1, 1)))


def _choose_glasses(dice, eyes):
    return Glasses(
        dice.pick(FRAMES),
        width=min(eyes.x - 0.05, dice.between(0.18, 0.25)),
        height=dice.between(0.14, 0.23),
        thickness=dice.between(0.018, 0.05),
        colour=hsv(dice.between(0, 1), dice.between(0, 0.6), dice.between(0.1, 0.5)),
        habit=dice.pick((0.0, 0.0, 0.0, 0.0, 0.5, 0.7, 1.0)),
    )

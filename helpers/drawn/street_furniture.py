"""What stands in a street on posts and roots: traffic lights, signs, lamps, trees and bins.

All are drawn in metres. They stand at the origin; y points down, so heights are negative. What
belongs to a post and what it carries are drawn on two canvases with the same coordinates.
"""

import math

from helpers.drawn.canvas import circle
from helpers.drawn.colours import BLACK, WHITE, hsv, shade, vary
from helpers.drawn.lamps import AMBER, GREEN, RED, STREET_LAMP

SIGN_RED, SIGN_BLUE, SIGN_YELLOW = (206, 32, 38), (28, 84, 172), (250, 206, 40)
SIGN_GREEN = (16, 110, 74)
_LENSES = (RED, AMBER, GREEN)
_SIGNALS = {(True, False, False): 4, (False, False, True): 4, (False, True, False): 2}
_SIGNALS[(True, True, False)] = 1


def _post(canvas, dice, top, *, x=0.0, radius=0.06):
    grey = vary(dice.pick(((142, 144, 148), (96, 98, 102), (70, 74, 76))), dice, 10)
    canvas.rectangle(x - radius, top, x + radius, 0.0, grey)
    canvas.rectangle(x + 0.3 * radius, top, x + radius, 0.0, shade(grey, 0.72))
    canvas.rectangle(x - 1.8 * radius, -0.12, x + 1.8 * radius, 0.0, shade(grey, 0.8))
    return grey


def traffic_light(post, housing, dice):
    """Draw a traffic light: its post, or a mast with an arm, and its housing."""
    height = dice.between(2.1, 2.7)  # of the housing's lower edge
    if dice.chance(0.25):
        height, reach = dice.between(3.2, 3.8), dice.sign() * dice.between(1.2, 2.0)
        grey = _post(post, dice, -height - 1.1, x=reach, radius=0.08)
        post.rectangle(min(reach, 0), -height - 1.0, max(reach, 0), -height - 0.86, grey)
    else:
        _post(post, dice, -height - 0.3)
    light = housing.posed(0, -height - 0.72, stretch=dice.between(0.86, 1.0))
    _housing(light, dice)
    lit = dice.weighted(_SIGNALS)
    for lens, is_lit, y in zip(_LENSES, lit, (-0.42, 0.0, 0.42), strict=True):
        light.ellipse(0, y - 0.02, 0.2, 0.2, (12, 12, 13))
        light.ellipse(0, y + 0.01, 0.165, 0.165, lens if is_lit else shade(lens, 0.26))
        if is_lit:
            light.ellipse(-0.04, y - 0.03, 0.07, 0.06, shade(lens, 1.5))


def _housing(light, dice):
    colour = vary(dice.pick(((34, 36, 38), (34, 36, 38), (38, 62, 50), (92, 94, 64))), dice, 5)
    if dice.chance(0.45):
        edge = dice.pick((WHITE, SIGN_YELLOW))
        light.polygon(_chamfered(0.39, 0.82, 0.09), edge)
        light.polygon(_chamfered(0.345, 0.775, 0.07), (24, 25, 27))
    light.polygon(_chamfered(0.27, 0.68, 0.07), colour)


def _chamfered(half_width, half_height, cut):
    w, h, c = half_width, half_height, cut
    return (
        *((-w + c, -h), (w - c, -h), (w, -h + c), (w, h - c)),
        *((w - c, h), (-w + c, h), (-w, h - c), (-w, -h + c)),
    )


def sign(post, plate, dice):
    """Draw a traffic sign: its post, and its plate."""
    height = dice.between(2.0, 2.6)  # of the plate's middle
    _post(post, dice, -height, radius=0.05)
    kind = dice.weighted(_SIGN_WEIGHTS)
    view = plate.posed(0, -height, scale=dice.between(0.5, 0.6), stretch=dice.between(0.88, 1.0))
    _SIGNS[kind](view, dice)


def _speed_limit(plate, dice):
    _disc(plate, SIGN_RED)
    plate.ellipse(0, 0, 0.76, 0.76, WHITE)
    for middle, digit in ((-0.3, dice.pick("2345678")), (0.3, "0")):
        for stroke in _STROKES[digit]:
            points = [(middle + 0.2 * x, 0.36 * y) for x, y in stroke]
            plate.line(points, 0.14, BLACK)


def _no_entry(plate, dice):
    _disc(plate, SIGN_RED)
    plate.rectangle(-0.68, -0.17, 0.68, 0.17, WHITE)


def _no_parking(plate, dice):
    _disc(plate, SIGN_RED)
    plate.ellipse(0, 0, 0.78, 0.78, SIGN_BLUE)
    plate.line(((-0.6, -0.6), (0.6, 0.6)), 0.2, SIGN_RED)


def _ahead(plate, dice):
    _disc(plate, WHITE)
    plate.ellipse(0, 0, 0.92, 0.92, SIGN_BLUE)
    arrow = plate.posed(angle=dice.pick((0.0, 0.0, math.pi / 2, -math.pi / 2)))
    arrow.rectangle(-0.13, -0.2, 0.13, 0.66, WHITE)
    arrow.polygon(((-0.42, -0.12), (0, -0.7), (0.42, -0.12)), WHITE)


def _disc(plate, colour):
    plate.polygon(circle(32), colour)


def _warning(plate, dice):
    plate.polygon(
        ((-1.08, 0.86), (-1.0, 0.96), (1.0, 0.96), (1.08, 0.86), (0.08, -1), (-0.08, -1)), SIGN_RED
    )
    plate.polygon(((-0.72, 0.72), (0.72, 0.72), (0, -0.56)), WHITE)
    kind = dice.weighted({"danger": 1, "bend": 1, "walker": 1})
    if kind == "danger":
        plate.polygon(((-0.1, -0.2), (0.1, -0.2), (0.05, 0.32), (-0.05, 0.32)), BLACK)
        plate.ellipse(0, 0.52, 0.1, 0.1, BLACK)
    elif kind == "bend":
        plate.line(((-0.12, 0.62), (-0.12, 0.3), (0.14, 0.12), (0.14, -0.16)), 0.17, BLACK)
    else:
        plate.ellipse(0, -0.12, 0.1, 0.1, BLACK)
        plate.line(((0, 0), (0, 0.3), (-0.2, 0.62)), 0.14, BLACK)
        plate.line(((0, 0.3), (0.2, 0.62)), 0.14, BLACK)


def _give_way(plate, dice):
    plate.polygon(
        ((-1.08, -0.86), (-1, -0.96), (1, -0.96), (1.08, -0.86), (0.08, 1), (-0.08, 1)), SIGN_RED
    )
    plate.polygon(((-0.7, -0.7), (0.7, -0.7), (0, 0.56)), WHITE)


def _stop(plate, dice):
    for radius, colour in ((1.04, SIGN_RED), (0.97, WHITE), (0.9, SIGN_RED)):
        turned = [math.pi / 8 + k * math.pi / 4 for k in range(8)]
        plate.polygon([(radius * math.cos(a), radius * math.sin(a)) for a in turned], colour)
    for middle, letter in zip((-0.57, -0.2, 0.2, 0.57), "STOP", strict=True):
        for stroke in _STROKES[letter]:
            plate.line([(middle + 0.13 * x, 0.3 * y) for x, y in stroke], 0.1, WHITE)


def _priority(plate, dice):
    for radius, colour in ((1.1, (60, 60, 60)), (1.06, WHITE), (0.74, SIGN_YELLOW)):
        plate.polygon(((0, -radius), (radius, 0), (0, radius), (-radius, 0)), colour)


def _parking(plate, dice):
    plate.rectangle(-0.9, -0.9, 0.9, 0.9, WHITE)
    plate.rectangle(-0.82, -0.82, 0.82, 0.82, SIGN_BLUE)
    plate.ellipse(0.06, -0.24, 0.42, 0.36, WHITE)
    plate.ellipse(0.04, -0.24, 0.2, 0.15, SIGN_BLUE)
    plate.rectangle(-0.42, -0.6, 0.06, -0.39, WHITE)
    plate.rectangle(-0.2, -0.39, 0.04, -0.09, SIGN_BLUE)
    plate.rectangle(-0.42, -0.09, 0.06, 0.12, WHITE)
    plate.rectangle(-0.42, -0.6, -0.2, 0.62, WHITE)


def _crossing(plate, dice):
    plate.rectangle(-0.9, -0.9, 0.9, 0.9, SIGN_BLUE)
    plate.polygon(((-0.72, 0.64), (0.72, 0.64), (0, -0.72)), WHITE)
    plate.ellipse(0, -0.26, 0.11, 0.11, BLACK)
    plate.line(((0, -0.14), (-0.02, 0.18), (-0.22, 0.56)), 0.14, BLACK)
    plate.line(((-0.02, 0.18), (0.22, 0.56)), 0.14, BLACK)


def _direction(plate, dice):
    colour = dice.pick((SIGN_BLUE, SIGN_GREEN, SIGN_YELLOW, WHITE))
    ink = BLACK if sum(colour) > 440 else WHITE
    outline = ((-1.2, -0.62), (1.05, -0.62), (1.45, 0), (1.05, 0.62), (-1.2, 0.62))
    view = plate.posed(flip=dice.chance(0.5))
    view.polygon(outline, ink)
    view.polygon([(0.94 * x, 0.86 * y) for x, y in outline], colour)
    for y in (-0.22, 0.22):
        view.line(((-0.95, y), (dice.between(0.1, 0.8), y)), 0.15, ink)


_SIGNS = {
    "speed": _speed_limit,
    "no entry": _no_entry,
    "no parking": _no_parking,
    "ahead": _ahead,
    "warning": _warning,
    "give way": _give_way,
    "stop": _stop,
    "priority": _priority,
    "parking": _parking,
    "crossing": _crossing,
    "direction": _direction,
}
_SIGN_WEIGHTS = dict.fromkeys(_SIGNS, 1.0) | {"speed": 2.0, "warning": 2.0, "stop": 1.7}
# Each letter and digit in strokes, x and y from -1 to 1.
_STROKES = {
    "S": (((1, -0.8), (0, -1), (-1, -0.6), (-0.8, -0.1), (0.8, 0.2), (1, 0.7), (0, 1), (-1, 0.8)),),
    "T": (((-1, -1), (1, -1)), ((0, -1), (0, 1))),
    "O": (((-1, -0.7), (0, -1), (1, -0.7), (1, 0.7), (0, 1), (-1, 0.7), (-1, -0.7)),),
    "P": (((-0.8, 1), (-0.8, -1), (0.5, -1), (1, -0.5), (0.5, 0.05), (-0.8, 0.05)),),
    "0": (((-1, -0.6), (0, -1), (1, -0.6), (1, 0.6), (0, 1), (-1, 0.6), (-1, -0.6)),),
    "2": (((-1, -0.6), (0, -1), (1, -0.5), (-1, 1), (1, 1)),),
    "3": (((-1, -1), (1, -1), (0, -0.2), (1, 0.4), (0, 1), (-1, 0.7)),),
    "4": (((0.5, 1), (0.5, -1), (-1, 0.4), (1, 0.4)),),
    "5": (((1, -1), (-0.8, -1), (-0.9, -0.1), (0.5, -0.2), (1, 0.4), (0.4, 1), (-1, 0.8)),),
    "6": (((0.8, -1), (-1, 0.2), (-0.6, 1), (0.6, 1), (1, 0.4), (0.4, 0), (-0.8, 0.3)),),
    "7": (((-1, -1), (1, -1), (-0.2, 1)),),
    "8": (
        ((0, 0), (-0.9, -0.5), (0, -1), (0.9, -0.5), (0, 0), (-1, 0.5), (0, 1), (1, 0.5), (0, 0)),
    ),
}


# What is no thing to find


def tree(canvas, dice):
    """Draw a broad-leaved tree or a cypress."""
    bark = vary((98, 78, 62), dice, 12)
    green = hsv(dice.between(0.2, 0.38), dice.between(0.3, 0.6), dice.between(0.32, 0.58))
    if dice.chance(0.12):
        green = hsv(dice.between(0.05, 0.12), dice.between(0.5, 0.75), dice.between(0.55, 0.8))
    if dice.chance(0.2):
        canvas.rectangle(-0.12, -0.9, 0.12, 0.0, bark)
        half = dice.between(0.6, 0.9)
        outline = ((-half, -1.4), (-0.8 * half, -3.2), (0, -dice.between(5, 6.4)))
        canvas.blob((*outline, (0.8 * half, -3.2), (half, -1.4), (0, -0.7)), green, rounded=0.6)
        return
    height, spread = dice.between(4.2, 6.0), dice.between(1.2, 1.8)
    lean = dice.between(-0.2, 0.2)
    canvas.limb(((0, 0), (0.4 * lean, -1.4), (lean, 1.2 - height)), (0.42, 0.28, 0.2), bark)
    canvas.limb(((0.02 + lean, -2.0), (lean + 0.7, -3.0)), (0.14, 0.1), shade(bark, 0.8))
    middle = 0.62 * height
    for k in range(7):
        angle = 2.4 * k + dice.between(-0.4, 0.4)
        reach = 0.55 * spread * (k > 0)
        x, y = lean + reach * math.cos(angle), -middle - 0.9 * reach * math.sin(angle)
        leaf = vary(shade(green, 0.9 + 0.07 * (k % 3)), dice, 10)
        size = spread * dice.between(0.5, 0.72)
        canvas.ellipse(x, y - 0.2, size, 0.86 * size, leaf, rounded=0.7)


def street_lamp(canvas, dice):
    """Draw a street lamp with an arm or a lantern."""
    height = dice.between(4.4, 5.4)
    if dice.chance(0.6):
        grey = _post(canvas, dice, -height, radius=0.05)
        side = dice.sign()
        canvas.limb(
            ((0, -height), (0.5 * side, -height - 0.25), (1.1 * side, -height - 0.25)),
            (0.09, 0.08, 0.07),
            grey,
        )
        canvas.rectangle(0.85 * side, -height - 0.3, 1.45 * side, -height - 0.2, shade(grey, 0.7))
        canvas.rectangle(0.9 * side, -height - 0.2, 1.4 * side, -height - 0.12, STREET_LAMP)
        return
    height -= 1.4
    _post(canvas, dice, -height, radius=0.05)
    canvas.polygon(
        ((-0.14, -height), (0.14, -height), (0.22, -height - 0.5), (-0.22, -height - 0.5)),
        STREET_LAMP,
    )
    canvas.polygon(((-0.28, -height - 0.5), (0.28, -height - 0.5), (0, -height - 0.72)), BLACK)


def litter_bin(canvas, dice):
    """Draw a litter bin."""
    colour = vary(dice.pick(((52, 80, 62), (88, 90, 94), (60, 62, 66), (150, 120, 60))), dice)
    canvas.polygon(((-0.3, -0.85), (0.3, -0.85), (0.24, 0), (-0.24, 0)), colour, rounded=0.5)
    canvas.rectangle(-0.34, -0.92, 0.34, -0.8, shade(colour, 0.7))


def bush(canvas, dice):
    """Draw a low round bush or a row of them."""
    green = hsv(dice.between(0.22, 0.38), dice.between(0.3, 0.6), dice.between(0.28, 0.5))
    for k in range(dice.whole(2, 4)):
        size = dice.between(0.5, 0.75)
        canvas.ellipse(0.8 * k, -0.6 * size, size, 0.6 * size, vary(green, dice, 12), rounded=0.7)


def bench(canvas, dice):
    """Draw a bench of planks."""
    wood, iron = vary((140, 104, 68), dice), (58, 60, 62)
    for x in (-0.7, 0.66):
        canvas.rectangle(x, -0.8, x + 0.08, 0, iron)
    for y in (-0.84, -0.66, -0.42):
        canvas.rectangle(-0.85, y, 0.85, y + 0.12, wood)


PROPS = {"tree": tree, "street lamp": street_lamp, "bin": litter_bin, "bush": bush, "bench": bench}

"""Trucks: box, tanker, logs, dumper and trailer, from the side, slantwise and from the front.

They face right, between -1 and 1 in x, and stand on the ground at y = `GROUND`.
"""

from helpers.drawn import cars
from helpers.drawn.colours import BLACK, WHITE, hsv, shade, vary

GROUND = 0.55
BED = 0.24  # height of the chassis that carries the load
RIM = (172, 172, 176)
VIEWS = ("side", "slant", "front", "rear")


def truck(canvas, dice, scene):
    """Draw a truck."""
    view = dice.weighted({"side": 4, "slant": 4, "front": 2})
    if view == "front":
        _front(canvas, dice)
        return
    depth = None
    if view == "slant":
        depth = dice.between(0.35, 0.55), -dice.between(0.08, 0.18)
        canvas = canvas.posed(-0.22, 0.06, scale=0.9, stretch=dice.between(0.72, 0.9))
    _side(canvas, dice, depth)


def _side(canvas, dice, depth):
    kind = dice.weighted({"box": 4, "tanker": 1.5, "logs": 1, "dumper": 1.5, "trailer": 2})
    paint, glass = cars.paint_colour(dice), cars.glass_colour(dice)
    back = 0.3 if kind != "trailer" else 0.36  # where the load ends and the cab begins
    if depth:
        for x in (-0.72, 0.7):
            y = GROUND - 0.15 + depth[1]
            canvas.ellipse(x + depth[0], y, 0.13, 0.16, cars.TYRE)
        _deck(canvas, depth)
    canvas.rectangle(-0.98, BED - 0.02, 0.95, BED + 0.13, (52, 52, 58))
    if depth:  # the far load hides behind the cab, so it comes first
        LOADS[kind](canvas, dice, back, depth)
    _cab(canvas, dice, back + 0.05, paint, glass, depth)
    if not depth:
        LOADS[kind](canvas, dice, back, depth)
    wheels = (-0.8, -0.48, 0.68) if kind != "trailer" else (-0.84, -0.56, 0.3, 0.72)
    for x in wheels:
        canvas.ellipse(x, GROUND - 0.17, 0.2, 0.19, BLACK)
        cars.wheel(canvas, x, GROUND - 0.165, 0.165, RIM)


def _deck(canvas, depth):
    far = ((0.95 + depth[0], BED + depth[1]), (-0.98 + depth[0], BED + depth[1]))
    canvas.polygon(((-0.98, BED), (0.95, BED), *far), (70, 70, 74))


def _cab(canvas, dice, left, paint, glass, depth):
    roof = dice.between(-0.34, -0.2)
    if dice.chance(0.4):  # engine in front of the driver
        nose = ((0.68, roof), (0.74, -0.02), (0.97, 0.04), (1.0, 0.12), (1.0, 0.4))
    else:
        nose = ((0.88, roof), (0.97, 0.04), (1.0, 0.12), (1.0, 0.4))
    if depth:
        face = shade(paint, 0.85)
        colours = [shade(paint, 1.25), glass] + [shade(paint, 1.12)] * (len(nose) - 4)
        outline = ((left, roof), *nose)
        cars.extrude(canvas, outline, depth, [*colours, face, face])
        _cab_front(canvas, nose[-2], nose[-1], depth)
    canvas.polygon(((left, 0.4), (left, roof), *nose), paint)
    canvas.polygon(((left, 0.4), (left, 0.22), (1.0, 0.22), (1.0, 0.4)), shade(paint, 0.76))
    (x0, _), (x1, y1) = nose[0], nose[1]
    low = min(y1, 0.0)
    canvas.polygon(
        (
            (left + 0.12, low),
            (left + 0.12, roof + 0.07),
            (x0 - 0.04, roof + 0.07),
            (x1 - 0.08, low),
        ),
        glass,
    )
    canvas.polygon(
        (
            (left + 0.16, low),
            (left + 0.26, roof + 0.07),
            (left + 0.32, roof + 0.07),
            (left + 0.24, low),
        ),
        shade(glass, 1.35),
    )
    canvas.line(((left + 0.09, roof + 0.04), (left + 0.09, 0.3)), 0.015, shade(paint, 0.6))
    canvas.rectangle(left + 0.13, 0.09, left + 0.2, 0.12, shade(paint, 0.5))
    canvas.ellipse(0.96, 0.26, 0.05, 0.06, (252, 244, 205))
    canvas.rectangle(0.8, 0.36, 1.04, 0.44, (60, 60, 66))


def _cab_front(canvas, top, foot, depth):
    def at(back, down):
        x = top[0] + down * (foot[0] - top[0]) + back * depth[0]
        return x, top[1] + down * (foot[1] - top[1]) + back * depth[1]

    canvas.polygon((at(0.2, 0.05), at(0.8, 0.05), at(0.8, 0.5), at(0.2, 0.5)), (48, 48, 54))
    for back in (0.12, 0.88):
        canvas.ellipse(*at(back, 0.55), 0.06, 0.07, (252, 244, 210))
    canvas.polygon((at(0, 0.75), at(1, 0.75), at(1, 1.1), at(0, 1.1)), (70, 70, 76))


def _box(canvas, dice, right, depth, *, left=-1.0):
    top = dice.between(-0.8, -0.5)
    colour = vary(WHITE, dice, 10) if dice.chance(0.45) else cars.paint_colour(dice)
    if depth:
        outline = ((left, top), (right, top), (right, BED))
        cars.extrude(canvas, outline, depth, (shade(colour, 1.2), shade(colour, 0.62)))
    canvas.rectangle(left, top, right, BED, colour)
    canvas.rectangle(left, BED - 0.07, right, BED, shade(colour, 0.72))
    style = dice.weighted({"ribs": 1, "stripe": 1.5, "badge": 1, "none": 1})
    accent = cars.paint_colour(dice)
    if style == "ribs":
        for k in range(1, 6):
            x = left + (right - left) * k / 6
            canvas.line(((x, top), (x, BED)), 0.015, shade(colour, 0.8))
    elif style == "stripe":
        y = dice.between(top + 0.1, BED - 0.3)
        canvas.rectangle(left, y, right, y + 0.14, accent)
    elif style == "badge":
        middle = 0.5 * (left + right), 0.5 * (top + BED)
        canvas.ellipse(*middle, 0.26, 0.17, accent)
        canvas.ellipse(*middle, 0.17, 0.1, shade(accent, 1.5))
    canvas.line(((left, top), (right, top)), 0.03, shade(colour, 0.82))


def _trailer(canvas, dice, right, depth):
    canvas.rectangle(0.15, BED, 0.5, BED + 0.06, BLACK)
    _box(canvas, dice, right - 0.06, depth)


def _tanker(canvas, dice, right, depth):
    grey = hsv(dice.between(0, 1), dice.pick((0.03, 0.03, 0.6)), dice.between(0.7, 0.92))
    middle, half = -0.02 - 0.13, 0.35
    lift = depth[1] * 0.4 if depth else 0.0
    shift = depth[0] * 0.5 if depth else 0.0
    if depth:
        canvas.ellipse(right - 0.06 + shift, middle + lift, 0.2, half * 0.95, shade(grey, 0.75))
    tank = canvas.posed(-0.35, middle)
    length = 0.5 * (right + 1.0)
    tank.ellipse(-length + 0.1, 0, 0.12, half, grey)
    tank.rectangle(-length + 0.1, -half, length - 0.1, half, grey)
    tank.ellipse(length - 0.1, 0, 0.12, half, grey)
    tank.rectangle(-length + 0.05, -0.75 * half, length - 0.05, -0.35 * half, shade(grey, 1.5))
    tank.rectangle(-length + 0.05, 0.5 * half, length - 0.05, 0.95 * half, shade(grey, 0.7))
    for x in (-0.3, 0.0, 0.3):
        tank.line(((x, -half), (x, half)), 0.02, shade(grey, 0.78))
    tank.rectangle(-0.1, -half - 0.07, 0.1, -half + 0.02, shade(grey, 0.85))


def _logs(canvas, dice, right, depth):
    bark = vary((126, 92, 62), dice)
    radius = 0.12
    rows = ((0, 3), (1, 2))
    if depth:
        for k in range(3):
            back = 0.85 - 0.28 * k
            x, y = back * depth[0], back * depth[1]
            canvas.limb(
                ((-0.9 + x, BED - 0.4 + y), (right - 0.06 + x, BED - 0.4 + y)),
                (0.2, 0.2),
                shade(bark, 1.05),
            )
    for row, _ in rows:
        for layer in range(2):
            y = BED - radius - 0.21 * (2 * row + layer) * 0.8
            log = vary(bark, dice, 16)
            canvas.limb(((-0.92, y), (right - 0.08, y)), (0.19, 0.19), log)
            canvas.line(((-0.85, y - 0.04), (right - 0.1, y - 0.04)), 0.02, shade(log, 1.25))
            canvas.ellipse(-0.92, y, 0.07, 0.09, (222, 188, 138))
    for x in (-0.6, -0.1):
        canvas.rectangle(x, BED - 0.66, x + 0.04, BED + 0.02, (60, 60, 66))


def _dumper(canvas, dice, right, depth):
    colour = cars.paint_colour(dice)
    top = -0.24
    load = vary(dice.pick(((150, 120, 84), (120, 116, 112), (196, 172, 124))), dice)
    heap = ((-0.85, top), (-0.6, top - 0.2), (-0.3, top - 0.26), (0.0, top - 0.16), (0.25, top))
    canvas.blob((*heap, (-0.3, top + 0.1)), load, rounded=0.8)
    if depth:
        outline = ((right + 0.04, top), (right - 0.06, BED))
        cars.extrude(canvas, outline, depth, (shade(colour, 0.62),))
    canvas.polygon(((-1.04, top), (right + 0.04, top), (right - 0.06, BED), (-0.92, BED)), colour)
    for k in range(1, 5):
        x = -1.0 + (right + 1.0) * k / 5
        canvas.line(((x, top), (x, BED)), 0.04, shade(colour, 0.75))
    canvas.line(((-1.04, top), (right + 0.04, top)), 0.06, shade(colour, 1.25))


LOADS = {"box": _box, "trailer": _trailer, "tanker": _tanker, "logs": _logs, "dumper": _dumper}


def _front(canvas, dice):
    paint, glass = cars.paint_colour(dice), cars.glass_colour(dice)
    truck = canvas.posed(0, 0.05, stretch=0.78, shear=dice.between(-0.06, 0.06))
    for side in (-1, 1):
        truck.rectangle(side * 0.8, 0.4, side * 0.5, 0.92, cars.TYRE)
    if dice.chance(0.75):  # the load stands out above and beside the cab
        box = vary(WHITE, dice, 12) if dice.chance(0.5) else cars.paint_colour(dice)
        truck.rectangle(-0.86, -0.98, 0.86, 0.4, shade(box, 0.95))
        truck.rectangle(-0.86, -0.98, 0.86, -0.9, shade(box, 0.75))
    roof = dice.between(-0.72, -0.6)
    truck.polygon(((-0.72, 0.6), (-0.74, roof), (0.74, roof), (0.72, 0.6)), paint, rounded=0.5)
    truck.polygon(((-0.62, -0.02), (-0.6, roof + 0.14), (0.6, roof + 0.14), (0.62, -0.02)), glass)
    truck.polygon(
        ((-0.5, -0.02), (-0.25, roof + 0.14), (0.05, roof + 0.14), (-0.2, -0.02)), shade(glass, 1.3)
    )
    for side in (-1, 1):
        truck.line(((side * 0.74, -0.4), (side * 0.9, -0.4)), 0.03, BLACK)
        truck.rectangle(side * 0.84, -0.44, side * 0.96, -0.1, BLACK)
        truck.ellipse(side * 0.52, 0.4, 0.13, 0.09, (253, 247, 215))
    truck.rectangle(-0.4, 0.08, 0.4, 0.46, (46, 46, 52))
    for y in (0.16, 0.26, 0.36):
        truck.line(((-0.36, y), (0.36, y)), 0.025, (176, 176, 182))
    truck.rectangle(-0.78, 0.54, 0.78, 0.74, shade(paint, 0.5))
    truck.rectangle(-0.2, 0.58, 0.2, 0.7, WHITE)


def draw_view(canvas, dice, view):
    """Draw a truck from one of the `VIEWS`; what reaches lowest stands on the ground."""
    if view not in VIEWS:
        raise ValueError(f"view must be one of {VIEWS}; got {view!r}")
    if view == "front":
        _front(canvas, dice)
    elif view == "rear":
        _rear(canvas, dice)
    else:
        depth = None
        if view == "slant":
            depth = dice.between(0.35, 0.55), -dice.between(0.08, 0.18)
            canvas = canvas.posed(stretch=dice.between(0.72, 0.9))
        _side(canvas, dice, depth)


def _rear(canvas, dice):
    """Draw the doors of a box, with what is below them."""
    box = vary(WHITE, dice, 12) if dice.chance(0.5) else cars.paint_colour(dice)
    truck = canvas.posed(stretch=0.8, shear=dice.between(-0.06, 0.06))
    for side in (-1, 1):
        truck.rectangle(side * 0.82, 0.5, side * 0.46, 0.94, cars.TYRE)
    truck.rectangle(-0.7, 0.4, 0.7, 0.7, (58, 58, 64))
    truck.rectangle(-0.88, -0.95, 0.88, 0.5, shade(box, 0.94))
    truck.rectangle(-0.88, -0.95, 0.88, -0.86, shade(box, 0.74))
    truck.line(((0, -0.86), (0, 0.5)), 0.03, shade(box, 0.6))
    for side in (-1, 1):
        truck.line(((side * 0.84, -0.86), (side * 0.84, 0.5)), 0.03, shade(box, 0.72))
        truck.line(((side * 0.12, -0.8), (side * 0.12, 0.44)), 0.035, (150, 150, 156))
        truck.rectangle(side * 0.86, 0.54, side * 0.6, 0.66, (205, 32, 34))
        truck.rectangle(side * 0.58, 0.54, side * 0.46, 0.66, (240, 160, 50))
    truck.rectangle(-0.86, 0.68, 0.86, 0.76, (70, 70, 76))
    for k in range(4):
        truck.rectangle(-0.8 + 0.42 * k, 0.68, -0.6 + 0.42 * k, 0.76, (222, 210, 200))
    truck.rectangle(-0.16, 0.55, 0.16, 0.65, (250, 214, 90))

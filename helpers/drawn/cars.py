"""Automobiles: from the side, slantwise with depth, and from the front or rear.

They face right, between -1 and 1 in x, and stand on the ground at y = `GROUND`.
"""

import dataclasses

from helpers.drawn.colours import BLACK, WHITE, hsv, shade

GROUND = 0.45
TYRE = (34, 33, 36)
VIEWS = ("side", "slant", "front", "rear")


@dataclasses.dataclass(frozen=True)
class CarStyle:
    """A car's outline from the side, clockwise from the lower rear corner; points are (x, y)."""

    rear: tuple  # up to where the rear window starts
    cabin: tuple  # rear window foot, roof rear, roof front, windscreen foot
    front: tuple  # bonnet and nose, down to the lower front corner
    wheel_radius: float = 0.19
    wheels_x: tuple = (-0.6, 0.6)


SEDAN = CarStyle(
    rear=((-1.0, 0.3), (-1.02, 0.02), (-0.98, -0.1)),
    cabin=((-0.66, -0.13), (-0.4, -0.46), (0.14, -0.47), (0.5, -0.13)),
    front=((0.88, -0.05), (0.99, 0.05), (1.01, 0.3)),
)
HATCHBACK = CarStyle(
    rear=((-0.88, 0.3), (-0.93, 0.02)),
    cabin=((-0.88, -0.12), (-0.7, -0.47), (0.1, -0.49), (0.48, -0.12)),
    front=((0.82, -0.05), (0.92, 0.06), (0.93, 0.3)),
    wheels_x=(-0.56, 0.56),
)
OFF_ROADER = CarStyle(
    rear=((-0.95, 0.27), (-0.98, -0.05)),
    cabin=((-0.95, -0.17), (-0.88, -0.56), (0.14, -0.57), (0.4, -0.17)),
    front=((0.86, -0.14), (0.95, -0.04), (0.96, 0.27)),
    wheel_radius=0.23,
    wheels_x=(-0.58, 0.58),
)
SPORTS_CAR = CarStyle(
    rear=((-1.0, 0.3), (-1.02, 0.04), (-0.92, -0.06)),
    cabin=((-0.74, -0.08), (-0.26, -0.34), (0.06, -0.35), (0.46, -0.05)),
    front=((0.84, 0.04), (1.03, 0.16), (1.04, 0.3)),
)
BEETLE = CarStyle(
    rear=((-0.86, 0.3), (-0.9, 0.1), (-0.78, -0.1)),
    cabin=((-0.6, -0.22), (-0.34, -0.48), (0.08, -0.5), (0.34, -0.16)),
    front=((0.66, -0.06), (0.84, 0.08), (0.88, 0.3)),
    wheels_x=(-0.5, 0.52),
)
CAR_STYLES = (SEDAN, SEDAN, HATCHBACK, HATCHBACK, OFF_ROADER, SPORTS_CAR, BEETLE)


def paint_colour(dice):
    """Choose a vehicle's paint: often grey, red or blue."""
    kind = dice.weighted({"grey": 4, "red": 2, "blue": 2, "any": 3})
    if kind == "grey":
        return hsv(dice.between(0.5, 0.7), dice.between(0, 0.08), dice.between(0.2, 0.95))
    if kind == "red":
        return hsv(dice.between(0.97, 1.03), dice.between(0.7, 0.9), dice.between(0.5, 0.85))
    if kind == "blue":
        return hsv(dice.between(0.55, 0.66), dice.between(0.5, 0.85), dice.between(0.35, 0.8))
    return hsv(dice.between(-0.03, 0.75), dice.between(0.3, 0.75), dice.between(0.4, 0.9))


def glass_colour(dice):
    """Choose how dark the windows look."""
    return hsv(dice.between(0.5, 0.62), dice.between(0.1, 0.3), dice.between(0.22, 0.6))


def wheel(canvas, x, y, radius, rim):
    """Draw a tyre with a rim of the given colour."""
    canvas.ellipse(x, y, radius, radius, TYRE)
    canvas.ellipse(x, y, 0.62 * radius, 0.62 * radius, rim)
    canvas.ellipse(x, y, 0.46 * radius, 0.46 * radius, shade(rim, 0.72))
    canvas.ellipse(x, y, 0.2 * radius, 0.2 * radius, rim)


def automobile(canvas, dice, scene):
    """Draw a car."""
    view = dice.weighted({"side": 4, "slant": 4, "front": 2, "rear": 1})
    if view == "side":
        _car_side(canvas, dice)
    elif view == "slant":
        _car_slant(canvas, dice)
    else:
        _car_end(canvas, dice, is_front=view == "front")


def _car_side(canvas, dice):
    _car_flank(canvas, dice, dice.pick(CAR_STYLES), paint_colour(dice), glass_colour(dice))


def _car_flank(canvas, dice, style, paint, glass):
    outline = (*style.rear, *style.cabin, *style.front)
    canvas.polygon(outline, paint)
    _, roof_rear, roof_front, foot_front = style.cabin
    _car_windows(canvas, style, paint, glass)
    sill = max(y for _, y in outline)
    belt = foot_front[1] + 0.1
    low = ((style.rear[1][0], belt + 0.12), (style.front[-2][0], belt + 0.12))
    canvas.polygon((*low, style.front[-1], style.rear[0]), shade(paint, 0.8))
    canvas.line(
        ((style.rear[1][0] + 0.03, belt), (foot_front[0] + 0.3, belt)), 0.03, shade(paint, 1.3)
    )
    door = 0.5 * (roof_rear[0] + roof_front[0]) + 0.05
    for x in (door, foot_front[0] - 0.02):
        canvas.line(((x, foot_front[1]), (x, sill - 0.06)), 0.015, shade(paint, 0.62))
    canvas.line(((door - 0.16, belt + 0.02), (door - 0.05, belt + 0.02)), 0.03, shade(paint, 0.55))
    canvas.ellipse(style.rear[1][0] + 0.06, belt + 0.02, 0.05, 0.06, (200, 40, 36))
    canvas.ellipse(style.front[-2][0] - 0.07, belt + 0.06, 0.07, 0.05, (252, 244, 205))
    canvas.line(((style.rear[0][0], sill - 0.04), (style.front[-1][0], sill - 0.04)), 0.05, BLACK)
    rim = dice.pick(((205, 207, 212), (150, 152, 158), (235, 235, 235)))
    for x in style.wheels_x:
        y, radius = GROUND - style.wheel_radius, style.wheel_radius
        canvas.ellipse(x, y, 1.22 * radius, 1.2 * radius, shade(paint, 0.35))
        wheel(canvas, x, y, radius, rim)


def _car_windows(canvas, style, paint, glass):
    foot_rear, roof_rear, roof_front, foot_front = style.cabin
    inset = 0.05
    window = (
        (foot_rear[0] + 0.08, foot_rear[1] - 0.01),
        (roof_rear[0] + 0.03, roof_rear[1] + inset),
        (roof_front[0] - 0.02, roof_front[1] + inset),
        (foot_front[0] - 0.09, foot_front[1] - 0.01),
    )
    canvas.polygon(window, glass)
    shine = 0.5 * (window[2][0] + window[3][0]) - 0.12
    top, low = window[2][1], window[3][1]
    canvas.polygon(
        ((shine - 0.06, top), (shine + 0.02, top), (shine - 0.06, low), (shine - 0.16, low)),
        shade(glass, 1.35),
    )
    pillar = 0.5 * (roof_rear[0] + roof_front[0]) + 0.05
    canvas.rectangle(pillar - 0.03, top - 0.01, pillar + 0.03, low + 0.02, shade(paint, 0.85))


def extrude(canvas, outline, depth, colours):
    """Draw the top and front faces of a side view that reaches back by `depth` (x, y)."""
    for (x0, y0), (x1, y1), colour in zip(outline, outline[1:], colours, strict=False):
        far = ((x1 + depth[0], y1 + depth[1]), (x0 + depth[0], y0 + depth[1]))
        canvas.polygon(((x0, y0), (x1, y1), *far), colour)


def _car_slant(canvas, dice):
    style, paint, glass = dice.pick(CAR_STYLES), paint_colour(dice), glass_colour(dice)
    depth = dice.between(0.45, 0.75), -dice.between(0.1, 0.22)
    car = canvas.posed(-0.25, 0.05, scale=0.86, stretch=dice.between(0.72, 0.95))
    outline = (*style.rear, *style.cabin, *style.front)
    num_rear, num_front = len(style.rear), len(style.front)
    face = shade(paint, 0.84)
    colours = [paint] * num_rear + [shade(paint, 1.22), shade(paint, 0.9), shade(paint, 1.15)]
    colours += [face] * (num_front - 1)
    x, y = style.wheels_x[1] + 0.9 * depth[0], GROUND - style.wheel_radius + depth[1]
    car.ellipse(x + 0.03, y, 0.75 * style.wheel_radius, style.wheel_radius, TYRE)
    extrude(car, outline, depth, colours)
    _car_screen(car, style, depth, glass)
    _car_nose(car, style.front[-2], style.front[-1], depth, paint)
    _car_flank(car, dice, style, paint, glass)


def _car_screen(canvas, style, depth, glass):
    (x0, y0), (x1, y1) = style.cabin[2:]
    corners = ((0.1, 0.08), (0.92, 0.08), (0.92, 0.92), (0.1, 0.92))  # back, down
    points = [
        (x0 + d * (x1 - x0) + b * depth[0], y0 + d * (y1 - y0) + b * depth[1]) for b, d in corners
    ]
    canvas.polygon(points, glass)
    canvas.polygon((points[0], points[1], points[3]), shade(glass, 1.25))


def _car_nose(canvas, top, foot, depth, paint):
    def at(back, down):
        x = top[0] + down * (foot[0] - top[0]) + back * depth[0]
        return x, top[1] + down * (foot[1] - top[1]) + back * depth[1]

    canvas.polygon((at(0.3, 0.15), at(0.7, 0.15), at(0.7, 0.5), at(0.3, 0.5)), (45, 45, 50))
    for back in (0.14, 0.86):
        canvas.ellipse(*at(back, 0.25), 0.07, 0.08, (252, 244, 210))
    canvas.polygon((at(0, 0.7), at(1, 0.7), at(1, 1.0), at(0, 1.0)), shade(paint, 0.5))
    canvas.polygon((at(0.36, 0.62), at(0.64, 0.62), at(0.64, 0.85), at(0.36, 0.85)), WHITE)


def _car_end(canvas, dice, *, is_front):
    paint, glass = paint_colour(dice), glass_colour(dice)
    tall = dice.between(-0.08, 0.12)
    car = canvas.posed(0, 0.1, stretch=0.92, shear=dice.between(-0.08, 0.08))
    for side in (-1, 1):
        car.rectangle(side * 0.86, 0.2, side * 0.58, 0.62, TYRE)
        car.ellipse(side * 0.93, -0.12, 0.1, 0.07, shade(paint, 0.8))
    roof = -0.62 - tall
    car.blob(
        ((-0.74, -0.1), (-0.55, roof + 0.06), (0, roof), (0.55, roof + 0.06), (0.74, -0.1)),
        shade(paint, 0.9),
    )
    screen = ((-0.62, -0.1), (-0.47, roof + 0.12), (0.47, roof + 0.12), (0.62, -0.1))
    car.polygon(screen, glass)
    car.polygon(
        ((-0.5, -0.12), (-0.3, roof + 0.12), (0, roof + 0.12), (-0.25, -0.12)), shade(glass, 1.3)
    )
    body = ((-0.88, 0.45), (-0.92, 0.12), (-0.78, -0.12), (0.78, -0.12), (0.92, 0.12), (0.88, 0.45))
    car.polygon(body, paint, rounded=0.7)
    lamp = (253, 247, 215) if is_front else (205, 32, 34)
    for side in (-1, 1):
        car.ellipse(side * 0.66, 0.08, 0.16, 0.1, shade(paint, 0.5))
        car.ellipse(side * 0.66, 0.08, 0.13, 0.075, lamp)
    if is_front:
        car.polygon(((-0.4, 0.02), (0.4, 0.02), (0.34, 0.2), (-0.34, 0.2)), (48, 48, 54))
        car.line(((-0.38, 0.1), (0.38, 0.1)), 0.025, (190, 190, 196))
    car.rectangle(-0.88, 0.3, 0.88, 0.46, shade(paint, 0.55))
    car.rectangle(-0.2, 0.26, 0.2, 0.37, WHITE)


def draw_view(canvas, dice, view):
    """Draw a car from one of the `VIEWS`; what reaches lowest stands on the ground."""
    if view not in VIEWS:
        raise ValueError(f"view must be one of {VIEWS}; got {view!r}")
    if view == "side":
        _car_side(canvas, dice)
    elif view == "slant":
        _car_slant(canvas, dice)
    else:
        _car_end(canvas, dice, is_front=view == "front")

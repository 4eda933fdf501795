"""Buses with one or two decks, from the side, slantwise, from the front and from behind.

They face right and stand on the ground at y = 0. From the side they reach from -1 to 1 in x.
"""

import dataclasses

from helpers.drawn import cars
from helpers.drawn.colours import BLACK, WHITE, hsv, shade
from helpers.drawn.lamps import DISPLAY, HEADLAMP, TAIL_LAMP, WINDOW

VIEWS = ("side", "slant", "front", "rear")
_RIM = (176, 178, 182)
_SILL = -0.07  # the lower edge of the body


@dataclasses.dataclass(frozen=True)
class _Livery:
    paint: tuple
    accent: tuple
    glass: tuple
    roof: float  # height of the roof, negative because y points down
    decks: tuple  # (top, bottom) of each row of windows
    style: str


def _choose_livery(dice, lamps_on):
    hue = dice.pick((0.0, 0.0, 0.12, 0.33, 0.58, 0.62))
    paint = hsv(hue + dice.between(-0.02, 0.02), dice.between(0.6, 0.9), dice.between(0.55, 0.9))
    accent = dice.pick((WHITE, shade(paint, 0.6), shade(paint, 1.55), (250, 214, 90)))
    if dice.chance(0.25):
        paint, accent = WHITE, paint
    two_decks = dice.chance(0.3)
    glass = hsv(dice.between(0.5, 0.62), dice.between(0.1, 0.3), dice.between(0.2, 0.42))
    if lamps_on and dice.chance(0.8):
        glass = WINDOW
    return _Livery(
        paint=paint,
        accent=accent,
        glass=glass,
        roof=-1.0 if two_decks else -0.68,
        decks=((-0.92, -0.69), (-0.5, -0.27)) if two_decks else ((-0.59, -0.32),),
        style=dice.weighted({"plain": 1, "stripe": 2, "skirt": 2, "sweep": 1}),
    )


def draw_view(canvas, dice, view, *, lamps_on=False):
    """Draw a bus from one of the `VIEWS`; `lamps_on` lights it inside."""
    if view not in VIEWS:
        raise ValueError(f"view must be one of {VIEWS}; got {view!r}")
    livery = _choose_livery(dice, lamps_on)
    if view == "side":
        _side(canvas, dice, livery, depth=None)
    elif view == "slant":
        depth = dice.between(0.24, 0.36), -dice.between(0.06, 0.12)
        _side(canvas.posed(stretch=dice.between(0.74, 0.9)), dice, livery, depth)
    else:
        _end(canvas, dice, livery, is_front=view == "front")


def _outline(roof):
    """Return the flank clockwise from the lower rear corner."""
    front = ((0.95, roof), (0.99, roof + 0.05), (1.0, roof + 0.3), (1.0, _SILL))
    return ((-1.0, _SILL), (-1.0, roof + 0.04), (-0.97, roof), *front)


def _side(canvas, dice, livery, depth):
    paint, roof = livery.paint, livery.roof
    outline = _outline(roof)
    if depth:
        x, y = 0.64 + 0.85 * depth[0], depth[1] - 0.1
        canvas.ellipse(x, y, 0.08, 0.1, cars.TYRE)
        face = shade(paint, 0.86)
        colours = (paint, shade(paint, 1.2), shade(paint, 1.3), face, face, face)
        cars.extrude(canvas, outline, depth, colours)
        _slant_front(canvas, livery, depth)
    canvas.polygon(outline, paint)
    _decorate(canvas, livery, outline)
    canvas.rectangle(-0.97, roof, 0.95, roof + 0.025, shade(paint, 1.25))
    for number, (top, bottom) in enumerate(livery.decks):
        _windows(canvas, dice, livery, top, bottom, is_lowest=number == len(livery.decks) - 1)
    if dice.chance(0.65):
        _doors(canvas, livery, dice.pick(((0.7,), (0.7, -0.05))))
    display = livery.decks[0][0] - 0.055
    canvas.rectangle(0.42, display - 0.012, 0.8, display + 0.035, BLACK)
    canvas.line(((0.46, display + 0.012), (0.74, display + 0.012)), 0.02, DISPLAY)
    canvas.line(((-0.99, _SILL), (1.0, _SILL)), 0.03, (40, 40, 44))
    canvas.ellipse(0.975, -0.15, 0.03, 0.03, HEADLAMP)
    canvas.rectangle(-1.0, -0.22, -0.975, -0.13, TAIL_LAMP)
    for x in (-0.58, 0.42) if dice.chance(0.5) else (-0.62, 0.5):
        canvas.ellipse(x, -0.115, 0.13, 0.13, shade(paint, 0.32))
        cars.wheel(canvas, x, -0.1, 0.1, _RIM)


def _decorate(canvas, livery, outline):
    accent, (_, bottom) = livery.accent, livery.decks[-1]
    if livery.style == "stripe":
        canvas.rectangle(-1.0, bottom + 0.05, 1.0, bottom + 0.1, accent)
    elif livery.style == "skirt":
        canvas.rectangle(-1.0, bottom + 0.09, 1.0, _SILL, accent)
    elif livery.style == "sweep":
        roof = outline[2][1]
        canvas.polygon(((-1.0, roof + 0.05), (-0.7, roof), (-0.3, _SILL), (-1.0, _SILL)), accent)


def _windows(canvas, dice, livery, top, bottom, *, is_lowest):
    right = 0.9 if is_lowest else 0.93
    canvas.rectangle(-0.95, top, right, bottom, livery.glass)
    if livery.glass != WINDOW:  # the sky mirrored in the upper half
        canvas.rectangle(-0.95, top, right, top + 0.4 * (bottom - top), shade(livery.glass, 1.22))
    num_panes = dice.whole(5, 7)
    pillar = shade(livery.paint, 0.6) if dice.chance(0.5) else BLACK
    for k in range(1, num_panes):
        x = -0.95 + (right + 0.95) * k / num_panes
        canvas.rectangle(x - 0.014, top, x + 0.014, bottom, pillar)
    canvas.polygon(((right, top), (0.97, top + 0.02), (0.985, bottom), (right, bottom)), pillar)
    canvas.polygon(
        ((right + 0.015, top), (0.965, top + 0.03), (0.98, bottom), (right + 0.015, bottom)),
        livery.glass,
    )


def _doors(canvas, livery, places):
    top = livery.decks[-1][0] - 0.02
    for x in places:
        canvas.rectangle(x - 0.02, top, x + 0.17, _SILL, shade(livery.paint, 0.5))
        for left in (x - 0.005, x + 0.08):
            canvas.rectangle(left, top + 0.02, left + 0.075, _SILL - 0.04, livery.glass)


def _slant_front(canvas, livery, depth):
    roof = livery.roof

    def at(back, y):
        lean = 0.99 if y < roof + 0.3 else 1.0
        return lean + back * depth[0], y + back * depth[1]

    def pane(left, right, top, bottom, colour):
        canvas.polygon((at(left, top), at(right, top), at(right, bottom), at(left, bottom)), colour)

    for top, bottom in livery.decks:
        pane(0.06, 0.94, top, bottom + 0.03, BLACK)
        pane(0.1, 0.9, top + 0.01, bottom + 0.02, livery.glass)
    if livery.glass != WINDOW:
        top, bottom = livery.decks[-1]
        shine = (at(0.1, top + 0.01), at(0.55, top + 0.01), at(0.1, bottom + 0.02))
        canvas.polygon(shine, shade(livery.glass, 1.25))
    display = livery.decks[0][0] - 0.06
    pane(0.2, 0.8, display, display + 0.045, BLACK)
    canvas.line((at(0.3, display + 0.022), at(0.7, display + 0.022)), 0.02, DISPLAY)
    for back in (0.14, 0.86):
        canvas.ellipse(*at(back, -0.17), 0.03, 0.035, HEADLAMP)
    pane(0.0, 1.0, -0.1, _SILL + 0.01, (48, 48, 52))


def _end(canvas, dice, livery, *, is_front):
    """Draw front or rear, 0.56 wide where the side would be 2 long."""
    paint, roof, half = livery.paint, livery.roof, 0.29
    bus = canvas.posed(shear=dice.between(-0.05, 0.05))
    for side in (-1, 1):
        bus.rectangle(side * 0.27, -0.12, side * 0.19, 0.0, cars.TYRE)
    corner = (half, roof + 0.06), (half - 0.04, roof)
    body = ((-half, _SILL), *((-x, y) for x, y in corner), *reversed(corner), (half, _SILL))
    bus.polygon(body, paint)
    bus.polygon(((half, _SILL), *corner, (0.2, roof + 0.02), (0.24, _SILL)), shade(paint, 0.82))
    if livery.style in ("skirt", "stripe"):
        bus.rectangle(-half, -0.25, half, -0.19, livery.accent)
    for top, bottom in livery.decks:
        inset = 0.025 if is_front else 0.06
        low = bottom + 0.06 if is_front else bottom - 0.04
        bus.rectangle(-half + inset, top, half - inset, low, BLACK)
        bus.rectangle(-half + inset + 0.015, top + 0.01, half - inset - 0.015, low, livery.glass)
        if livery.glass != WINDOW:
            shine = ((-0.2, low), (-0.12, top + 0.01), (0.02, top + 0.01), (-0.06, low))
            bus.polygon(shine, shade(livery.glass, 1.3))
        bus.line(((0, top), (0, low)), 0.008, BLACK)
    _end_fittings(bus, livery, is_front)
    bus.rectangle(-half, -0.1, half, -0.05, (46, 46, 50))
    bus.rectangle(-0.06, -0.105, 0.06, -0.07, WHITE if is_front else (250, 214, 90))


def _end_fittings(bus, livery, is_front):
    display = livery.decks[0][0] - 0.07
    if is_front:
        bus.rectangle(-0.2, display, 0.2, display + 0.055, BLACK)
        bus.line(((-0.16, display + 0.028), (-0.1, display + 0.028)), 0.026, DISPLAY)
        bus.line(((-0.06, display + 0.028), (0.15, display + 0.028)), 0.022, DISPLAY)
        mirror = livery.decks[-1][0]
        for side in (-1, 1):
            bus.rectangle(side * 0.29, mirror + 0.04, side * 0.335, mirror + 0.15, BLACK)
            bus.ellipse(side * 0.215, -0.15, 0.045, 0.03, shade(livery.paint, 0.5))
            bus.ellipse(side * 0.215, -0.15, 0.036, 0.024, HEADLAMP)
        return
    bus.rectangle(0.06, display, 0.2, display + 0.05, BLACK)
    bus.line(((0.09, display + 0.025), (0.17, display + 0.025)), 0.024, DISPLAY)
    for k in range(3):
        bus.line(((-0.16, -0.24 + 0.035 * k), (0.16, -0.24 + 0.035 * k)), 0.012, (60, 60, 64))
    for side in (-1, 1):
        bus.rectangle(side * 0.275, -0.26, side * 0.235, -0.14, TAIL_LAMP)

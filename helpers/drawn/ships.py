"""Ships: freighter, liner, sailing boat, square-rigger, motor boat, and one seen from the bow.

They face right, between -1 and 1 in x. The water line is at y = `WATER_LINE`; what is below it
is covered with water, or shows when the ship lies on land or in a studio.
"""

from helpers.drawn import cars
from helpers.drawn.colours import BLACK, WHITE, hsv, mix, shade, vary

WATER_LINE = 0.4
AFLOAT = ("sea", "harbour", "lake")


def ship(canvas, dice, scene):
    """Draw a ship."""
    kinds = {
        _freighter: 3,
        _liner: 2.5,
        _sailing_boat: 2.5,
        _square_rigger: 1,
        _motor_boat: 2.5,
        _from_the_bow: 1.5,
    }
    dice.weighted(kinds)(canvas, dice)
    if scene.name in AFLOAT:
        _water(canvas, dice, scene.ground)


def _water(canvas, dice, water):
    """Cover the hull below the water line and add a bow wave."""
    foam = mix(water, WHITE, dice.between(0.4, 0.85))
    y = WATER_LINE
    ripples = [(-1.25 + 0.25 * k, y + dice.between(-0.03, 0.03)) for k in range(11)]
    canvas.polygon([*ripples, (1.0, y + 0.16), (-1.0, y + 0.16)], water)
    canvas.line([(x, y + 0.01) for x, y in ripples[1:-1]], 0.035, foam)
    for _ in range(4):
        x, low = dice.between(-0.9, 0.6), y + dice.between(0.06, 0.14)
        canvas.line(((x, low), (x + dice.between(0.1, 0.4), low)), 0.02, mix(water, WHITE, 0.35))


def _hull_colour(dice):
    kind = dice.weighted({"dark": 3, "white": 2.5, "red": 1.5, "blue": 1.5, "green": 0.7})
    hue = {"dark": 0.62, "white": 0.1, "red": 0.02, "blue": 0.6, "green": 0.4}[kind]
    if kind == "white":
        return hsv(hue, dice.between(0, 0.06), dice.between(0.82, 0.97))
    value = (0.15, 0.35) if kind == "dark" else (0.35, 0.7)
    return hsv(hue, dice.between(0.25, 0.75), dice.between(*value))


def _hull(canvas, dice, *, deck=0.05, bow=-0.1, long=1.0):
    """Draw a hull with a painted underside; the deck lies at y = `deck`, the bow at `bow`."""
    colour = _hull_colour(dice)
    outline = (
        (-0.98 * long, deck),
        (0.5 * long, deck),
        (1.04 * long, bow),
        (0.86 * long, WATER_LINE + 0.05),
        (0.8 * long, WATER_LINE + 0.12),
        (-0.86 * long, WATER_LINE + 0.12),
        (-0.94 * long, WATER_LINE - 0.05),
    )
    canvas.polygon(outline, colour)
    band = dice.pick(((150, 44, 40), (40, 50, 70), (190, 60, 40), shade(colour, 0.6)))
    y = WATER_LINE - 0.07
    canvas.polygon(((-0.935 * long, y), (0.9 * long, y), *outline[3:6]), band)
    rail = ((-0.98 * long, deck + 0.025), (0.5 * long, deck + 0.025), (1.02 * long, bow + 0.03))
    canvas.line(rail, 0.04, mix(colour, WHITE, 0.55))
    return colour


def _portholes(canvas, left, right, y, step, colour, radius=0.022):
    x = left
    while x < right:
        canvas.rectangle(x - radius, y - radius, x + radius, y + radius, colour)
        x += step


def _funnel(canvas, dice, x, foot, height):
    paint = cars.paint_colour(dice)
    canvas.polygon(
        ((x - 0.09, foot), (x - 0.11, foot - height), (x + 0.05, foot - height), (x + 0.09, foot)),
        paint,
    )
    top = foot - height
    canvas.rectangle(x - 0.115, top, x + 0.055, top + 0.3 * height, BLACK)
    canvas.rectangle(x - 0.1, top + 0.4 * height, x + 0.07, top + 0.58 * height, WHITE)


def _freighter(canvas, dice):
    deck = dice.between(0.0, 0.1)
    bridge = vary(WHITE, dice, 8)
    astern = dice.chance(0.75)
    left = -0.86 if astern else 0.28
    _funnel(canvas, dice, left + 0.06, deck - 0.3, 0.28)
    canvas.rectangle(left, deck - 0.5, left + 0.34, deck + 0.02, bridge, rounded=0.4)
    canvas.rectangle(left - 0.04, deck - 0.56, left + 0.38, deck - 0.46, bridge)
    for k in range(3):
        y = deck - 0.5 + 0.14 * k
        canvas.rectangle(left + 0.04, y, left + 0.31, y + 0.055, (62, 78, 96))
    canvas.line(((left + 0.22, deck - 0.5), (left + 0.22, deck - 0.82)), 0.025, (70, 70, 74))
    start, end = (left + 0.42, 0.66) if astern else (-0.9, 0.2)
    if dice.chance(0.65):
        _containers(canvas, dice, start, end, deck)
    else:
        _cranes(canvas, dice, start, end, deck)
    _hull(canvas, dice, deck=deck, bow=deck - 0.14)


def _containers(canvas, dice, start, end, deck):
    x = start
    while x < end:
        for level in range(dice.whole(1, 3)):
            colour = hsv(
                dice.pick((0.0, 0.05, 0.1, 0.35, 0.58, 0.6)), 0.65, dice.between(0.45, 0.85)
            )
            low = deck - 0.14 * level
            canvas.rectangle(x, low - 0.135, x + 0.17, low, colour)
            canvas.line(((x + 0.085, low - 0.13), (x + 0.085, low)), 0.012, shade(colour, 0.75))
        x += 0.18


def _cranes(canvas, dice, start, end, deck):
    steel = vary(dice.pick(((206, 160, 60), (120, 125, 130), (180, 80, 60))), dice)
    canvas.rectangle(start, deck - 0.1, end, deck, shade(steel, 0.6))
    for share in (0.15, 0.55, 0.9):
        x = start + share * (end - start)
        canvas.line(((x, deck), (x, deck - 0.55)), 0.05, steel)
        canvas.line(((x, deck - 0.5), (x + 0.26, deck - 0.2)), 0.03, steel)


def _liner(canvas, dice):
    deck, white = dice.between(0.0, 0.08), vary(WHITE, dice, 6)
    levels = dice.whole(2, 4)
    for _ in range(1):
        _funnel(canvas, dice, -0.3, deck - 0.13 * levels, 0.3)
    if dice.chance(0.5):
        _funnel(canvas, dice, 0.08, deck - 0.13 * levels, 0.28)
    for level in range(levels):
        low = deck - 0.13 * level
        left, right = -0.9 + 0.1 * level, 0.66 - 0.12 * level
        canvas.rectangle(left, low - 0.13, right, low + 0.01, shade(white, 1.0 - 0.03 * level))
        canvas.line(((left, low - 0.125), (right + 0.03, low - 0.125)), 0.025, shade(white, 0.85))
        _portholes(canvas, left + 0.07, right - 0.04, low - 0.055, 0.1, (70, 92, 118), 0.03)
    canvas.line(((0.4, deck - 0.13 * levels + 0.1), (0.4, deck - 0.8)), 0.02, (110, 110, 112))
    hull = _hull(canvas, dice, deck=deck, bow=deck - 0.1)
    _portholes(canvas, -0.8, 0.7, deck + 0.13, 0.14, mix(hull, (60, 70, 85), 0.7))


def _sailing_boat(canvas, dice):
    cloth = vary(WHITE, dice, 8) if dice.chance(0.6) else cars.paint_colour(dice)
    boat = canvas.posed(0, 0.1, scale=0.95)
    foot, mast = 0.1, dice.between(-0.1, 0.1)
    boat.line(((mast, 0.2), (mast, -1.02)), 0.035, (110, 84, 60))
    boat.polygon(((mast - 0.03, -0.98), (mast - 0.03, foot), (-0.72, foot)), cloth, rounded=0.6)
    jib = mix(cloth, dice.pick((WHITE, cars.paint_colour(dice))), 0.6)
    boat.polygon(((mast + 0.05, -0.88), (0.78, foot + 0.04), (mast + 0.05, foot)), jib, rounded=0.6)
    boat.line(((mast, foot + 0.03), (-0.76, foot + 0.03)), 0.03, (110, 84, 60))
    hull = canvas.posed(0, 0)
    _hull(hull, dice, deck=0.2, bow=0.12, long=dice.between(0.75, 0.95))


def _square_rigger(canvas, dice):
    cloth = vary((238, 228, 205), dice, 12)
    wood = vary((98, 68, 46), dice)
    for x, height in ((-0.6, 0.8), (-0.05, 1.0), (0.5, 0.82)):
        canvas.line(((x, 0.2), (x, 0.1 - 1.1 * height)), 0.035, wood)
        for k, half in enumerate((0.27, 0.24, 0.18)):
            top = 0.0 - height * (0.34 * (k + 1) + 0.02)
            low = top + 0.29 * height
            sail = ((x - 0.85 * half, top), (x + half, top), (x + 1.1 * half, low), (x - half, low))
            canvas.polygon(sail, cloth, rounded=0.5)
            canvas.line((sail[0], sail[1]), 0.02, wood)
    canvas.line(((0.8, 0.1), (1.15, -0.15)), 0.03, wood)
    canvas.polygon(
        (
            (-1.0, -0.02),
            (-0.6, 0.0),
            (-0.55, 0.14),
            (0.6, 0.14),
            (0.98, 0.02),
            (0.8, WATER_LINE + 0.1),
            (-0.84, WATER_LINE + 0.1),
        ),
        wood,
    )
    canvas.line(((-0.98, 0.08), (-0.55, 0.17), (0.6, 0.17), (0.94, 0.08)), 0.04, (206, 170, 104))
    _portholes(canvas, -0.7, 0.7, 0.26, 0.2, BLACK, 0.03)


def _motor_boat(canvas, dice):
    cabin = vary(WHITE, dice, 10) if dice.chance(0.7) else cars.paint_colour(dice)
    glass = cars.glass_colour(dice)
    long = dice.between(0.8, 1.0)
    if dice.chance(0.5):  # fishing boat: wheelhouse and mast
        canvas.line(((-0.25, 0.1), (-0.25, -0.75)), 0.03, (120, 100, 80))
        canvas.line(((-0.25, -0.6), (-0.8, 0.05)), 0.018, (90, 80, 70))
        canvas.rectangle(0.0, -0.36, 0.42, 0.14, cabin, rounded=0.4)
        canvas.rectangle(-0.05, -0.42, 0.47, -0.33, shade(cars.paint_colour(dice), 0.9))
        for x in (0.06, 0.25):
            canvas.rectangle(x, -0.25, x + 0.13, -0.06, glass)
        canvas.rectangle(-0.7, -0.02, -0.45, 0.14, hsv(dice.between(0, 0.12), 0.6, 0.75))
    else:  # yacht: long low cabin
        canvas.polygon(((-0.7, 0.14), (-0.6, -0.12), (0.15, -0.12), (0.55, 0.12)), cabin)
        canvas.polygon(((-0.52, 0.02), (-0.5, -0.07), (0.12, -0.07), (0.32, 0.02)), glass)
        canvas.polygon(((-0.5, -0.12), (-0.4, -0.32), (-0.02, -0.32), (0.15, -0.12)), cabin)
        canvas.polygon(((-0.4, -0.16), (-0.34, -0.27), (-0.05, -0.27), (0.04, -0.16)), glass)
        canvas.line(((-0.3, -0.3), (-0.36, -0.6)), 0.03, (190, 190, 190))
    _hull(canvas, dice, deck=0.12, bow=0.02, long=long)


def _from_the_bow(canvas, dice):
    paint, white = _hull_colour(dice), vary(WHITE, dice, 8)
    boat = canvas.posed(dice.between(-0.1, 0.1), 0, stretch=0.85, shear=dice.between(-0.12, 0.12))
    boat.rectangle(-0.14, -0.9, 0.14, -0.5, cars.paint_colour(dice))
    boat.rectangle(-0.14, -0.95, 0.14, -0.82, BLACK)
    for top, half in ((-0.62, 0.4), (-0.42, 0.52)):
        boat.rectangle(-half, top, half, -0.08, white, rounded=0.4)
        boat.rectangle(-half + 0.05, top + 0.06, half - 0.05, top + 0.14, (64, 82, 104))
    boat.line(((0, -0.3), (0, -0.7)), 0.03, (90, 90, 94))
    hull = ((-0.74, -0.2), (0, -0.28), (0.74, -0.2), (0.36, 0.5), (0, 0.56), (-0.36, 0.5))
    boat.polygon(hull, paint)
    boat.polygon(((0, -0.28), (0.74, -0.2), (0.36, 0.5), (0, 0.56)), shade(paint, 0.72))
    boat.line(((-0.74, -0.18), (0, -0.26), (0.74, -0.18)), 0.05, mix(paint, WHITE, 0.6))
    for side in (-1, 1):
        boat.ellipse(side * 0.26, 0.0, 0.04, 0.06, shade(paint, 0.4))

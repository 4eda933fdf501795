"""Backgrounds to put things in front of, and things that get in front of them."""

import dataclasses
import math

from helpers.drawn.colours import WHITE, hsv, mix, shade, vary


@dataclasses.dataclass(frozen=True)
class Sky:
    """The light of one time of day."""

    top: tuple
    bottom: tuple
    brightness: float = 1.0  # of everything below the sky


@dataclasses.dataclass(frozen=True)
class Scene:
    """What a drawing needs to know of the background it stands in.

    Parameters
    ----------
    name : str
        One of `BACKGROUNDS`.
    ground : tuple of 3 ints
        Colour of what the thing stands on or floats in.
    horizon : float
        Height of the horizon on the canvas, 0 top to 1 bottom; at most 0 if there is none.
    """

    name: str
    ground: tuple
    horizon: float


def paint(canvas, name, dice):
    """Fill the canvas with a background.

    Parameters
    ----------
    canvas : helpers.drawn.canvas.Canvas
        Not transparent.
    name : str
        A key of `BACKGROUNDS`.
    dice : helpers.drawn.dice.Dice

    Returns
    -------
    scene : Scene
    """
    return BACKGROUNDS[name](canvas, dice)


def sky_of(dice):
    """Choose a time of day: clear, cloudy, sunset, dusk or a white haze."""
    kind = dice.weighted({"clear": 10, "cloudy": 5, "sunset": 3, "dusk": 1.5, "haze": 2})
    if kind == "clear":
        top = hsv(dice.between(0.55, 0.62), dice.between(0.35, 0.75), dice.between(0.7, 0.95))
        return Sky(top, mix(top, WHITE, dice.between(0.2, 0.75)))
    if kind == "cloudy":
        top = hsv(dice.between(0.55, 0.65), dice.between(0.02, 0.14), dice.between(0.5, 0.8))
        return Sky(top, shade(top, dice.between(1.0, 1.4)), 0.86)
    if kind == "sunset":
        top = hsv(dice.between(0.58, 0.85), dice.between(0.2, 0.5), dice.between(0.45, 0.8))
        low = hsv(dice.between(0.02, 0.13), dice.between(0.4, 0.75), dice.between(0.85, 1.0))
        return Sky(top, low, 0.8)
    if kind == "dusk":
        top = hsv(dice.between(0.6, 0.7), dice.between(0.4, 0.7), dice.between(0.14, 0.34))
        return Sky(top, shade(top, dice.between(1.05, 1.5)), 0.55)
    top = hsv(dice.between(0.1, 0.6), dice.between(0.0, 0.08), dice.between(0.85, 0.97))
    return Sky(top, shade(top, dice.between(0.92, 1.05)))


def _fill_sky(canvas, dice, horizon, cloud_limit=4):
    sky = sky_of(dice)
    canvas.gradient(sky.top, sky.bottom, bottom=horizon, texture=4 * dice.noise(6, 6))
    if dice.chance(0.12):
        sun = mix(sky.bottom, (255, 244, 200), 0.8)
        canvas.ellipse(dice.between(0.05, 0.95), dice.between(0, 1) * horizon, 0.07, 0.07, sun)
    cloud = mix(sky.bottom, WHITE, dice.between(0.3, 0.9) * sky.brightness)
    for _ in range(dice.whole(-1, cloud_limit)):
        _cloud(canvas, dice, dice.between(0, 1), horizon * dice.between(0, 0.9), cloud)
    return sky


def _cloud(canvas, dice, x, y, colour):
    width = dice.between(0.06, 0.22)
    under = shade(colour, 0.94)
    canvas.ellipse(x, y, 1.5 * width, 0.22 * width, under)
    for step in (-0.9, 0.0, 0.8):
        size = width * dice.between(0.35, 0.65)
        canvas.ellipse(x + step * width, y - 0.25 * size, size, 0.6 * size, colour)


def _fill_ground(canvas, dice, horizon, far, near, roughness):
    """Fill below the horizon, with patches and a fine grain that grow towards the viewer."""
    patches = dice.noise(5, 6).repeat(5, axis=0).repeat(4, axis=1)
    grain = dice.noise(25, 24)
    texture = roughness * (0.5 * patches + 0.8 * grain)
    canvas.gradient(far, near, top=max(horizon, 0.0), texture=texture)


def _tufts(canvas, dice, horizon, colour, count):
    """Draw small bunches of grass or weeds, larger when closer."""
    for _ in range(count):
        y = dice.between(max(horizon, 0.0) + 0.03, 1.0)
        x, size = dice.between(0, 1), 0.03 + 0.07 * (y - horizon)
        lean = dice.between(-0.5, 0.5)
        blades = ((x - size, y - size), (x, y), (x + lean * size, y - 1.4 * size), (x, y))
        canvas.line((*blades, (x + size, y - size)), 0.008, vary(colour, dice))


def _far_trees(canvas, dice, horizon, colour):
    """Draw a row of bushes and trees along the horizon."""
    x = -0.05
    while x < 1.05:
        width, height = dice.between(0.05, 0.14), dice.between(0.03, 0.13)
        canvas.ellipse(x, horizon, width, height, vary(colour, dice, 10))
        x += width * dice.between(0.9, 2.0)
    canvas.rectangle(0, horizon, 1, horizon + 0.02, shade(colour, 0.9))


def _hills(canvas, dice, horizon, colour, height):
    steps = [(x / 5, horizon - height * dice.between(0.15, 1.0)) for x in range(-1, 7)]
    canvas.polygon([(-0.3, horizon + 0.02), *steps, (1.3, horizon + 0.02)], colour)
    return steps


def _buildings(canvas, dice, horizon, brightness):
    x = dice.between(-0.2, 0.0)
    while x < 1.0:
        width, height = dice.between(0.12, 0.35), dice.between(0.15, 0.6)
        grey = hsv(dice.between(0, 0.15), dice.between(0.02, 0.4), dice.between(0.45, 0.85))
        wall = shade(grey, brightness)
        top = horizon - height
        canvas.rectangle(x, top, x + width, horizon + 0.01, wall)
        pane = shade(wall, dice.pick((0.55, 0.7, 1.4)))
        across, down = dice.whole(2, 4), dice.whole(2, 5)
        for i in range(across):
            for j in range(down):
                left = x + width * (i + 0.25) / across
                upper = top + height * (j + 0.25) / down
                canvas.rectangle(
                    left, upper, left + 0.5 * width / across, upper + 0.5 * height / down, pane
                )
        x += width


def _trunks(canvas, dice, base, colour):
    for _ in range(dice.whole(2, 6)):
        x, width = dice.between(0, 1), dice.between(0.015, 0.07)
        bottom = base + dice.between(-0.02, 0.1)
        lean = dice.between(-0.06, 0.06)
        bark = vary(colour, dice, 20)
        canvas.limb(((x + lean, -0.1), (x, bottom)), (0.8 * width, 1.2 * width), bark)
        edge = x + 0.3 * width
        canvas.limb(
            ((edge + lean, -0.1), (edge, bottom)), (0.2 * width, 0.3 * width), shade(bark, 0.75)
        )


def _pine(canvas, x, base, height, colour, tip=None):
    for k in range(3):
        top = base - height * (1 - 0.22 * k)
        low = base - height * (0.6 - 0.25 * k)
        half = height * (0.14 + 0.07 * k)
        canvas.polygon(((x, top), (x + half, low), (x - half, low)), shade(colour, 1 - 0.08 * k))
        if tip:  # snow on the side of the light
            canvas.polygon(((x, top), (x - half, low), (x - 0.2 * half, low - 0.08 * height)), tip)


def _grass_colour(dice):
    return hsv(dice.between(0.14, 0.34), dice.between(0.3, 0.7), dice.between(0.35, 0.75))


def open_sky(canvas, dice):
    """Paint sky all over, now and then with hills at the foot."""
    sky = _fill_sky(canvas, dice, 1.0, cloud_limit=6)
    if dice.chance(0.25):
        _hills(canvas, dice, 1.0, shade(mix(sky.bottom, (70, 100, 80), 0.6), 0.9), 0.2)
    return Scene("sky", sky.bottom, 0.0)


def meadow(canvas, dice):
    """Paint grass with tufts and flowers, under sky or seen from above."""
    horizon = dice.between(-0.3, 0.6)
    grass = _grass_colour(dice)
    if horizon > 0:
        sky = _fill_sky(canvas, dice, horizon)
        grass = shade(grass, sky.brightness)
        if dice.chance(0.6):
            _far_trees(canvas, dice, horizon, shade(mix(grass, (30, 60, 40), 0.5), 0.9))
        elif dice.chance(0.5):
            _hills(canvas, dice, horizon, mix(grass, sky.bottom, 0.5), 0.2)
    _fill_ground(canvas, dice, horizon, shade(grass, 1.1), shade(grass, 0.85), 9)
    _tufts(canvas, dice, horizon, shade(grass, dice.pick((0.7, 1.2))), dice.whole(0, 9))
    if dice.chance(0.3):
        petals = hsv(dice.between(0, 1), dice.between(0, 0.8), 0.95)
        for _ in range(dice.whole(4, 14)):
            y = dice.between(max(horizon, 0) + 0.05, 1)
            size = 0.008 + 0.014 * y
            canvas.ellipse(dice.between(0, 1), y, size, size, petals)
    if dice.chance(0.15):
        _fence(canvas, dice, max(horizon, 0.1) + 0.1)
    return Scene("meadow", grass, horizon)


def _fence(canvas, dice, base):
    wood = vary(dice.pick(((150, 120, 90), (225, 222, 215), (110, 85, 65))), dice)
    top = base - dice.between(0.18, 0.3)
    for k in range(6):
        x = 0.2 * k + dice.between(-0.02, 0.02)
        canvas.rectangle(x, top - 0.02, x + 0.025, base, shade(wood, 0.9))
    for share in (0.15, 0.6):
        y = top + share * (base - top)
        canvas.rectangle(0, y, 1, y + 0.03, wood)


def road(canvas, dice):
    """Paint asphalt with lane marks, trees or hills behind."""
    horizon = dice.between(0.15, 0.6)
    sky = _fill_sky(canvas, dice, horizon)
    verge = shade(_grass_colour(dice), sky.brightness)
    if dice.chance(0.6):
        _far_trees(canvas, dice, horizon, shade(mix(verge, (30, 60, 40), 0.4), 0.9))
    else:
        _hills(canvas, dice, horizon, mix(verge, sky.bottom, 0.4), 0.2)
    curb = horizon + dice.between(0.02, 0.2)
    canvas.gradient(verge, shade(verge, 0.9), top=horizon, bottom=curb)
    grey = hsv(dice.between(0.05, 0.65), dice.between(0, 0.1), dice.between(0.3, 0.62))
    asphalt = shade(grey, sky.brightness)
    _fill_ground(canvas, dice, curb, shade(asphalt, 1.08), asphalt, 4)
    mark = mix(asphalt, dice.pick((WHITE, (240, 205, 90))), 0.7)
    y, slope = curb + 0.5 * (1 - curb), dice.between(-0.1, 0.1)
    for k in range(5):
        x = 0.24 * k + dice.between(-0.01, 0.01)
        canvas.line(((x, y + slope * x), (x + 0.13, y + slope * (x + 0.13))), 0.018, mark)
    return Scene("road", asphalt, curb)


def city(canvas, dice):
    """Paint a street front with windows, and the pavement before it."""
    horizon = dice.between(0.4, 0.75)
    sky = _fill_sky(canvas, dice, horizon, cloud_limit=1)
    _buildings(canvas, dice, horizon, sky.brightness)
    grey = hsv(dice.between(0.0, 0.6), dice.between(0, 0.12), dice.between(0.35, 0.7))
    pavement = shade(grey, sky.brightness)
    _fill_ground(canvas, dice, horizon, pavement, shade(pavement, 0.9), 5)
    return Scene("city", pavement, horizon)


def _water_colour(dice, sky):
    own = hsv(dice.between(0.45, 0.62), dice.between(0.25, 0.75), dice.between(0.3, 0.75))
    return shade(mix(own, sky.bottom, dice.between(0.1, 0.7)), 0.92)


def _waves(canvas, dice, horizon, colour, count):
    for _ in range(count):
        y = dice.between(horizon + 0.03, 1.0)
        x, width = dice.between(-0.1, 1), 0.05 + 0.2 * (y - horizon)
        crest = ((x, y), (x + 0.5 * width, y - 0.02), (x + width, y))
        canvas.line(crest, 0.009, shade(colour, dice.pick((0.85, 1.2, 1.35))))


def sea(canvas, dice):
    """Paint open water under sky, sometimes with a coast."""
    horizon = dice.between(0.15, 0.6)
    sky = _fill_sky(canvas, dice, horizon)
    water = _water_colour(dice, sky)
    if dice.chance(0.35):
        land = mix(hsv(dice.between(0.08, 0.4), 0.3, 0.5), sky.bottom, dice.between(0.2, 0.6))
        _hills(canvas, dice, horizon, land, dice.between(0.04, 0.2))
    _fill_ground(canvas, dice, horizon, shade(water, 1.15), shade(water, 0.85), 5)
    _waves(canvas, dice, horizon, water, dice.whole(2, 12))
    return Scene("sea", water, horizon)


def harbour(canvas, dice):
    """Paint water before a row of buildings."""
    horizon = dice.between(0.35, 0.6)
    sky = _fill_sky(canvas, dice, horizon, cloud_limit=2)
    _buildings(canvas, dice, horizon, 0.9 * sky.brightness)
    water = _water_colour(dice, sky)
    canvas.rectangle(0, horizon - 0.02, 1, horizon + 0.03, shade((125, 118, 110), sky.brightness))
    _fill_ground(canvas, dice, horizon + 0.03, water, shade(water, 0.85), 5)
    _waves(canvas, dice, horizon, water, dice.whole(2, 10))
    return Scene("harbour", water, horizon)


def shore(canvas, dice):
    """Paint a strip of sand, grass or stone before the water."""
    horizon = dice.between(0.1, 0.4)
    base = dice.between(horizon + 0.12, 0.75)
    sky = _fill_sky(canvas, dice, horizon, cloud_limit=3)
    water = _water_colour(dice, sky)
    canvas.gradient(shade(water, 1.12), shade(water, 0.9), top=horizon, bottom=base)
    ground = dice.pick(((206, 182, 138), (140, 136, 130), _grass_colour(dice)))
    ground = shade(vary(ground, dice), sky.brightness)
    _fill_ground(canvas, dice, base, ground, shade(ground, 0.9), 8)
    canvas.line(((0, base), (1, base)), 0.02, mix(water, WHITE, dice.between(0.2, 0.9)))
    return Scene("shore", ground, base)


def pond(canvas, dice):
    """Paint still water from close by, with floating leaves and reeds."""
    water = hsv(dice.between(0.2, 0.58), dice.between(0.2, 0.6), dice.between(0.22, 0.6))
    _fill_ground(canvas, dice, -0.1, shade(water, 1.15), water, 5)
    leaf = hsv(dice.between(0.22, 0.36), dice.between(0.4, 0.7), dice.between(0.4, 0.7))
    for _ in range(dice.whole(1, 6)):
        x, y, width = dice.between(0, 1), dice.between(0, 1), dice.between(0.06, 0.18)
        canvas.ellipse(x, y, width, 0.5 * width, vary(leaf, dice), rounded=0.5)
        canvas.polygon(((x, y), (x + width, y - 0.02), (x + width, y + 0.25 * width)), water)
    for _ in range(dice.whole(0, 5)):
        x, lean = dice.between(0, 1), dice.between(-0.1, 0.1)
        canvas.line(((x, 1), (x + lean, dice.between(0, 0.6))), 0.014, vary(leaf, dice))
    return Scene("pond", water, 0.0)


def forest(canvas, dice):
    """Paint tree trunks and foliage with a leafy floor."""
    green = hsv(dice.between(0.12, 0.4), dice.between(0.25, 0.65), dice.between(0.2, 0.6))
    base = dice.between(0.4, 0.8)
    texture = dice.noise(8, 8).repeat(3, axis=0).repeat(3, axis=1) * 14 + dice.noise(24, 24) * 8
    canvas.gradient(shade(green, dice.pick((0.8, 1.4))), shade(green, 0.7), texture=texture)
    for _ in range(dice.whole(2, 8)):
        x, y, size = dice.between(0, 1), dice.between(-0.1, base), dice.between(0.06, 0.2)
        canvas.ellipse(x, y, size, 0.8 * size, vary(shade(green, dice.pick((0.8, 1.2))), dice))
    _trunks(canvas, dice, base, hsv(dice.between(0.04, 0.1), 0.3, dice.between(0.2, 0.6)))
    floor = mix(green, dice.pick(((120, 90, 60), (150, 130, 80), (70, 90, 50))), 0.6)
    _fill_ground(canvas, dice, base, floor, shade(floor, 0.85), 11)
    _tufts(canvas, dice, base, green, dice.whole(0, 6))
    return Scene("forest", floor, base)


def soil(canvas, dice):
    """Paint earth, stones and fallen leaves from close by."""
    earth = hsv(dice.between(0.04, 0.13), dice.between(0.12, 0.5), dice.between(0.3, 0.65))
    _fill_ground(canvas, dice, -0.1, shade(earth, 1.1), shade(earth, 0.9), 13)
    for _ in range(dice.whole(2, 9)):
        x, y, size = dice.between(0, 1), dice.between(0, 1), dice.between(0.03, 0.12)
        stone = dice.chance(0.6)
        colour = shade(mix(earth, (150, 150, 148), 0.7), 0.9) if stone else _grass_colour(dice)
        angle = dice.between(-0.8, 0.8)
        canvas.ellipse(x, y, size, size * 0.55, vary(colour, dice), angle=angle, rounded=0.6)
    return Scene("soil", earth, 0.0)


def room(canvas, dice):
    """Paint a wall with a floor, and perhaps a picture, a window or a cushion."""
    base = dice.between(0.35, 0.9)
    wall = hsv(dice.between(0, 1), dice.between(0.03, 0.4), dice.between(0.45, 0.92))
    canvas.gradient(wall, shade(wall, 0.88), bottom=base, texture=3 * dice.noise(8, 8))
    extra = dice.weighted({"stripes": 1, "frame": 1.5, "window": 1.5, "nothing": 2, "sofa": 2})
    x, y, width = dice.between(-0.1, 0.8), dice.between(-0.1, 0.2), dice.between(0.2, 0.45)
    if extra == "stripes":
        for k in range(8):
            canvas.rectangle(k / 8, 0, k / 8 + 0.05, base, shade(wall, 0.92))
    elif extra == "frame":
        canvas.rectangle(x, y, x + width, y + 0.7 * width, (92, 66, 46))
        art = hsv(dice.between(0, 1), 0.4, 0.8)
        canvas.rectangle(x + 0.03, y + 0.03, x + width - 0.03, y + 0.7 * width - 0.03, art)
    elif extra == "window":
        canvas.rectangle(x, y, x + width, y + width, WHITE)
        canvas.rectangle(x + 0.03, y + 0.03, x + width - 0.03, y + width - 0.03, sky_of(dice).top)
        middle = x + width / 2
        canvas.rectangle(middle - 0.012, y, middle + 0.012, y + width, WHITE)
    floor = hsv(dice.between(0.03, 0.14), dice.between(0.1, 0.55), dice.between(0.3, 0.8))
    canvas.gradient(shade(floor, 0.9), floor, top=base, texture=4 * dice.noise(8, 12))
    if dice.chance(0.5):
        for k in range(1, 5):  # floorboards
            y = base + (1 - base) * (k / 5) ** 1.3
            canvas.line(((0, y), (1, y)), 0.008, shade(floor, 0.75))
    canvas.rectangle(0, base - 0.03, 1, base, shade(wall, 1.3))
    if extra == "sofa":
        cloth = hsv(dice.between(0, 1), dice.between(0.15, 0.6), dice.between(0.3, 0.8))
        top = base - dice.between(0.2, 0.4)
        canvas.rectangle(-0.1, top, 1.1, base + 0.1, cloth, rounded=0.4)
        canvas.rectangle(-0.1, base - 0.02, 1.1, base + 0.12, shade(cloth, 1.12))
        canvas.line(((0.5, top), (0.5, base)), 0.01, shade(cloth, 0.7))
    return Scene("room", floor, base)


def snow(canvas, dice):
    """Paint snow with pines at its edge."""
    horizon = dice.between(-0.1, 0.6)
    white = hsv(dice.between(0.55, 0.65), dice.between(0.0, 0.12), dice.between(0.8, 0.97))
    if horizon > 0:
        sky = _fill_sky(canvas, dice, horizon, cloud_limit=2)
        white = shade(white, 0.4 + 0.6 * sky.brightness)
        for _ in range(dice.whole(0, 6)):
            height = dice.between(0.12, 0.4)
            _pine(canvas, dice.between(0, 1), horizon + 0.02, height, (52, 78, 66), white)
    _fill_ground(canvas, dice, horizon, white, shade(white, 0.92), 4)
    for _ in range(dice.whole(0, 4)):
        x, y = dice.between(0, 1), dice.between(max(horizon, 0), 1)
        canvas.ellipse(x, y, dice.between(0.1, 0.3), 0.03, shade(white, 0.93))
    return Scene("snow", white, horizon)


def sand(canvas, dice):
    """Paint a beach or desert: sand under sky, perhaps with a strip of sea or dunes."""
    horizon = dice.between(-0.2, 0.55)
    grain = hsv(dice.between(0.06, 0.13), dice.between(0.2, 0.5), dice.between(0.6, 0.9))
    if horizon > 0:
        sky = _fill_sky(canvas, dice, horizon, cloud_limit=2)
        grain = shade(grain, sky.brightness)
        if dice.chance(0.5):
            strip = horizon * dice.between(0.6, 0.9)
            water = _water_colour(dice, sky)
            canvas.gradient(water, shade(water, 1.1), top=strip, bottom=horizon)
            canvas.rectangle(0, horizon - 0.02, 1, horizon + 0.01, WHITE)
        else:
            _hills(canvas, dice, horizon, shade(grain, 0.85), 0.25)
    _fill_ground(canvas, dice, horizon, grain, shade(grain, 0.93), 7)
    return Scene("sand", grain, horizon)


def _peaks(canvas, dice, horizon, sky):
    rock = mix(hsv(dice.between(0, 0.7), 0.15, dice.between(0.3, 0.6)), sky.bottom, 0.25)
    snowy = dice.chance(0.6)
    for _ in range(dice.whole(2, 4)):
        x, half, height = dice.between(0, 1), dice.between(0.2, 0.5), dice.between(0.2, 0.5)
        top = horizon - height
        canvas.polygon(((x, top), (x + half, horizon), (x - half, horizon)), vary(rock, dice))
        dark = shade(rock, 0.8)
        canvas.polygon(((x, top), (x + half, horizon), (x + 0.1 * half, horizon)), dark)
        if snowy:
            low, part = top + 0.3 * height, 0.3 * half
            cap = ((x, top), (x + part, low), (x + 0.3 * part, top + 0.22 * height))
            canvas.polygon((*cap, (x - 0.3 * part, low), (x - part, low)), WHITE)


def mountains(canvas, dice):
    """Paint peaks with grass or gravel before them."""
    horizon = dice.between(0.3, 0.65)
    sky = _fill_sky(canvas, dice, horizon, cloud_limit=2)
    _peaks(canvas, dice, horizon, sky)
    ground = dice.pick((_grass_colour(dice), (140, 132, 120)))
    ground = shade(ground, sky.brightness)
    _fill_ground(canvas, dice, horizon, ground, shade(ground, 0.85), 9)
    return Scene("mountains", ground, horizon)


def lake(canvas, dice):
    """Paint a lake before peaks or a wooded shore."""
    horizon = dice.between(0.3, 0.6)
    sky = _fill_sky(canvas, dice, horizon, cloud_limit=2)
    green = shade(_grass_colour(dice), 0.75 * sky.brightness)
    if dice.chance(0.6):
        _peaks(canvas, dice, horizon, sky)
    else:
        _far_trees(canvas, dice, horizon, green)
    water = _water_colour(dice, sky)
    _fill_ground(canvas, dice, horizon, shade(mix(water, green, 0.3), 0.95), water, 4)
    _waves(canvas, dice, horizon, water, dice.whole(1, 6))
    return Scene("lake", water, horizon)


def airfield(canvas, dice):
    """Paint a runway between strips of grass."""
    horizon = dice.between(0.3, 0.6)
    sky = _fill_sky(canvas, dice, horizon)
    grass = shade(_grass_colour(dice), sky.brightness)
    if dice.chance(0.5):
        _far_trees(canvas, dice, horizon, shade(grass, 0.6))
    canvas.gradient(grass, grass, top=horizon, bottom=horizon + 0.12)
    grey = hsv(0.6, dice.between(0, 0.08), dice.between(0.45, 0.75))
    concrete = shade(grey, sky.brightness)
    _fill_ground(canvas, dice, horizon + 0.1, concrete, shade(concrete, 0.92), 3)
    y = dice.between(0.8, 0.95)
    canvas.line(((0, y), (1, y)), 0.02, mix(concrete, dice.pick((WHITE, (235, 200, 80))), 0.7))
    return Scene("airfield", concrete, horizon)


def plain(canvas, dice):
    """Paint one colour with a soft change, as in a studio."""
    if dice.chance(0.45):
        colour = hsv(dice.between(0, 1), dice.between(0, 0.05), dice.between(0.78, 0.97))
    else:
        colour = hsv(dice.between(0, 1), dice.between(0.05, 0.6), dice.between(0.2, 0.9))
    texture = dice.between(1, 12) * dice.noise(5, 5)
    canvas.gradient(colour, shade(colour, dice.between(0.75, 1.15)), texture=texture)
    return Scene("plain", shade(colour, 0.95), 0.0)


BACKGROUNDS = {
    "sky": open_sky,
    "meadow": meadow,
    "road": road,
    "city": city,
    "sea": sea,
    "harbour": harbour,
    "shore": shore,
    "pond": pond,
    "forest": forest,
    "soil": soil,
    "room": room,
    "snow": snow,
    "sand": sand,
    "mountains": mountains,
    "lake": lake,
    "airfield": airfield,
    "plain": plain,
}


def obstruct(canvas, dice):
    """Draw something that stands in front: a post, twigs, grass, a bar, a bush or leaves.

    It covers a part of the canvas only, so what is behind stays recognisable.
    """
    kind = dice.weighted({"post": 1, "twig": 1.2, "grass": 1.5, "rail": 1, "bush": 1.5})
    if kind == "post":
        x, width = dice.between(0.05, 0.95), dice.between(0.03, 0.08)
        colour = vary(dice.pick(((120, 120, 124), (110, 82, 60), (205, 200, 190))), dice)
        canvas.rectangle(x, -0.1, x + width, 1.1, colour)
        canvas.rectangle(x + 0.65 * width, -0.1, x + width, 1.1, shade(colour, 0.75))
    elif kind == "twig":
        start, end = (dice.pick((-0.1, 1.1)), dice.between(0, 1)), (dice.between(0.2, 0.8), 1.1)
        middle = (0.5 * (start[0] + end[0]), 0.5 * (start[1] + end[1]) + dice.between(-0.1, 0.1))
        canvas.limb((start, middle, end), (0.04, 0.03, 0.05), vary((98, 76, 58), dice))
        leaf = _grass_colour(dice)
        for _ in range(dice.whole(2, 6)):
            x, y = mix_points(start, end, dice.between(0, 1))
            angle = dice.between(-1.5, 1.5)
            canvas.ellipse(x, y, 0.06, 0.03, vary(leaf, dice), angle=angle, rounded=0.4)
    elif kind == "grass":
        colour = _grass_colour(dice)
        for _ in range(dice.whole(8, 16)):
            x, height = dice.between(0, 1), dice.between(0.08, 0.3)
            tip = (x + dice.between(-0.1, 0.1), 1 - height)
            canvas.polygon(((x - 0.02, 1.01), (x + 0.02, 1.01), tip), vary(colour, dice, 20))
    elif kind == "rail":
        y, width = dice.between(0.62, 0.9), dice.between(0.03, 0.06)
        colour = vary(dice.pick(((160, 160, 165), (130, 98, 70), (228, 226, 220))), dice)
        canvas.rectangle(-0.1, y, 1.1, y + width, colour)
        canvas.rectangle(-0.1, y + 0.6 * width, 1.1, y + width, shade(colour, 0.75))
    else:
        colour = _grass_colour(dice)
        x, y = dice.pick((0.0, 1.0)), dice.between(0.85, 1.0)
        for _ in range(dice.whole(4, 8)):
            size = dice.between(0.07, 0.16)
            angle, reach = dice.between(0, 2 * math.pi), dice.between(0.02, 0.16)
            place = x + reach * math.cos(angle), y + 0.8 * reach * math.sin(angle)
            canvas.ellipse(*place, size, 0.8 * size, vary(colour, dice, 18), rounded=0.6)


def mix_points(first, second, share):
    """Return the point `share` of the way from the first (x, y) to the second."""
    return tuple(a + share * (b - a) for a, b in zip(first, second, strict=True))

"""Mountains in mist as an ink wash: grey washes with wet edges, a few brush marks, a red seal."""

import math

import numpy as np

from helpers.drawn import painting_fields as fields

_PAPER = np.array((240, 234, 219), np.float32)
_INK = np.array((26, 28, 34), np.float32)
_SEAL = (186, 34, 28)
# From far to near: height of the foot, height of the peaks, darkness, depth of the wash.
_RANGES = (
    (0.52, 0.3, 0.22, 0.1),
    (0.6, 0.36, 0.4, 0.1),
    (0.68, 0.3, 0.66, 0.09),
    (0.8, 0.2, 0.88, 0.09),
)


def paint(dice, size):
    """Paint the picture: mountains behind a river, a pine on a rock, a boat and birds.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    size : int

    Returns
    -------
    picture : uint8 array of shape (size, size, 3)
    """
    mirrored = dice.chance(0.5)
    light = _sky(dice, size)
    for number, (foot, height, tone, depth) in enumerate(_RANGES):
        line = foot - _ridge(dice, number, height)
        light = _add_range(light, dice, line, tone, depth, num_wrinkles=70 * number)
    light = _add_range(light, dice, _rock(dice), 0.92, 0.13, num_wrinkles=700)
    light = light * (1 - _marks(dice, size))
    light = light[:, ::-1] if mirrored else light
    paper = _PAPER * (1 + 0.02 * fields.noise(dice, size, 180, octaves=2)[..., None])
    picture = _INK + (paper - _INK) * light.clip(0, 1)[..., None]
    return fields.as_picture(_stamp(picture, dice, mirrored))


def _sky(dice, size):
    """Return how light the paper is: a pale uneven wash, darker above."""
    _, y = fields.grid(size)
    pools = fields.noise(dice, size, 3, octaves=4)
    return 1 - 0.16 * fields.ramp(pools, -0.4, 1.5) * fields.ramp(y, 0.6, 0.1)


def _add_range(light, dice, line, tone, depth, *, num_wrinkles):
    """Put mountains below a line before what is there; mist hides what is behind their feet."""
    size = len(light)
    x, y = fields.grid(size)
    below = y - np.interp(x[0], np.linspace(0, 1, len(line)), line).astype(np.float32)
    below = below + 0.003 * fields.noise(dice, size, 90)
    wash, inside = _wash(dice, below, tone, depth)
    light = light + (0.97 - light) * 0.93 * inside
    light = light * (1 - wash)
    return light * (1 - tone * _wrinkles(dice, size, line, num_wrinkles)) if num_wrinkles else light


def _ridge(dice, number, height):
    """Return how high a range rises at 600 places from left to right."""
    x = np.linspace(0, 1, 600)
    ridge = np.zeros(600)
    for k in range(3 + number):
        middle = (k + dice.between(0.1, 0.9)) / (3 + number)
        width = dice.between(0.06, 0.13)
        peak = dice.between(0.45, 1.0) * np.exp(
            -(np.abs((x - middle) / width) ** dice.between(1.1, 1.9))
        )
        ridge = np.maximum(ridge, peak)
    away = 0.35 + 0.65 * np.abs(np.linspace(-0.2, 1, 600)) if number == 3 else 1.0
    return height * away * (ridge + 0.045 * fields.wander(dice, 600, 8, octaves=6, fade=0.62))


def _rock(dice):
    """Return where the top of a rock at the left border is, at 600 places."""
    top = dice.between(0.76, 0.79)
    x = (0, 0.05, 0.13, 0.2, 0.25, 0.3, 0.36, 0.41, 0.45, 1.0)
    y = (top, top - 0.02, top + 0.005, top + 0.02, 0.85, 0.87, 0.93, 0.95, 1.02, 1.3)
    return np.interp(np.linspace(0, 1, 600), x, y) + 0.006 * fields.wander(dice, 600, 14)


def _wash(dice, below, tone, depth):
    """Return a wash below a line, dark at its edge and thin in the mist further down.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    below : float array of shape (size, size)
        How far each pixel is below the line.
    tone : float
        Darkness at the edge, 0 to 1.
    depth : float
        How far the wash reaches.

    Returns
    -------
    wash, inside : float arrays of shape (size, size)
        Darkness, and what is below the line: 0 to 1.
    """
    size = len(below)
    wet = fields.ramp(fields.noise(dice, size, 7), 0.9, 2.2)  # here the edge bleeds
    inside = fields.ramp(below, -0.0015 - 0.02 * wet, 0.0015 + 0.012 * wet)
    pools = fields.noise(dice, size, 6, octaves=5, fade=0.7)
    fade = np.exp(-((below.clip(0, 1) / (depth * np.exp(0.35 * pools))) ** 1.4))
    rim = 0.5 * np.exp(-((below / 0.005) ** 2)) * (1 - wet)
    grains = 1 + 0.16 * fields.noise(dice, size, 140, octaves=2) * fade
    return (tone * inside * fade * (0.72 + 0.2 * pools + rim) * grains).clip(0, 0.96), inside


def _wrinkles(dice, size, line, number):
    """Return the darkness of dry strokes that run down from a line."""
    canvas = fields.canvas_for(size)
    for _ in range(number):
        k = dice.whole(8, 591)
        if line[k] < 1:
            slope = math.tanh(37 * (line[k + 8] - line[k - 8]))
            x, y = k / 599 + dice.between(-0.004, 0.004), line[k] + 0.1 * dice.between(0, 1) ** 2
            lean, length = 0.4 * slope + dice.between(-0.15, 0.15), dice.between(0.015, 0.06)
            middle = (x + 0.4 * lean * length, y + 0.5 * length)
            points = ((x, y), middle, (x + lean * length, y + length))
            canvas.limb(points, (0.002, 0.0055, 0.001), _grey(dice.between(0.25, 0.75)))
    return 0.8 * _ink_on(canvas, size) * fields.ramp(fields.noise(dice, size, 130), -0.9, 0.9)


# Brush marks. On their canvases, bright is dark ink.


def _marks(dice, size):
    """Return the darkness of everything that is drawn with a loaded brush."""
    pale, dark = fields.canvas_for(size), fields.canvas_for(size)
    _draw_water(pale, dice)
    _draw_pine(dark, pale, dice)
    _draw_moss(dark, dice)
    _draw_boat(dark, dice)
    _draw_birds(dark, dice)
    washes = []
    for canvas, contrast in ((pale, 1.2), (dark, 0.5)):
        ink = _ink_on(canvas, size)
        around = fields.blur(ink, 0.006 * size)
        grains = fields.noise(dice, size, 100, octaves=2)
        washes.append(ink * (0.9 + contrast * (ink - around) + 0.1 * grains))
    return 1 - (1 - washes[0].clip(0, 1)) * (1 - washes[1].clip(0, 1))


def _ink_on(canvas, size):
    """Return the darkness of what was drawn on a canvas, 0 to 1."""
    return fields.shrunk(canvas, size)[..., 0] / 255


def _grey(darkness):
    value = round(255 * darkness)
    return value, value, value


def _draw_water(canvas, dice):
    for _ in range(26):
        x, y = dice.between(0.25, 1.0), dice.between(0.83, 0.98)
        half = dice.between(0.02, 0.1)
        points = ((x - half, y), (x, y + dice.between(-0.003, 0.003)), (x + half, y))
        canvas.limb(points, (0.0005, 0.0025, 0.0005), _grey(dice.between(0.1, 0.3)))


def _draw_moss(canvas, dice):
    """Set dots of ink on the rock, and a few that fell beside it."""
    for _ in range(70):
        x = dice.between(0.0, 0.33)
        y = 0.775 + 0.55 * max(0, x - 0.12) + dice.between(-0.01, 0.04)
        radius = dice.between(0.002, 0.006)
        canvas.ellipse(x, y, 1.3 * radius, radius, _grey(dice.between(0.5, 0.95)))
    for _ in range(25):
        radius = dice.between(0.0008, 0.0025)
        canvas.ellipse(dice.between(0, 0.6), dice.between(0.3, 1), radius, radius, _grey(0.6))


def _draw_pine(dark, pale, dice):
    root, top = (
        (dice.between(0.07, 0.13), 0.83),
        (dice.between(0.16, 0.24), dice.between(0.26, 0.32)),
    )
    bend = dice.between(0.05, 0.09)
    trunk = [root, (root[0] + bend, 0.66), (root[0] - 0.2 * bend, 0.52), (top[0] - 0.02, 0.4), top]
    dark.limb(trunk, (0.045, 0.034, 0.026, 0.018, 0.006), _grey(0.72))
    for side in (-1.0, -0.3, 0.5, 1.1):  # roots
        end = (root[0] + 0.09 * side, root[1] + dice.between(0.0, 0.03))
        dark.limb(
            ((root[0], 0.79), (root[0] + 0.03 * side, 0.805), end), (0.03, 0.016, 0.002), _grey(0.8)
        )
    for _ in range(60):  # bark
        share = dice.between(0, 3.9)
        k, t = int(share), share % 1
        x = trunk[k][0] + t * (trunk[k + 1][0] - trunk[k][0]) + dice.between(-0.012, 0.012)
        y = trunk[k][1] + t * (trunk[k + 1][1] - trunk[k][1])
        dark.limb(((x, y), (x + 0.006, y + 0.008)), (0.004, 0.001), _grey(dice.pick((0.35, 0.95))))
    for k in range(8):
        share = 0.35 + 0.62 * k / 7
        place = share * (len(trunk) - 1)
        i, t = int(place), place % 1
        x = trunk[i][0] + t * (trunk[i + 1][0] - trunk[i][0])
        y = trunk[i][1] + t * (trunk[i + 1][1] - trunk[i][1])
        side = 1 if k % 3 else -1
        length = dice.between(0.13, 0.27) * (1.15 - 0.6 * share) * (1 if side > 0 else 0.6)
        tip = (x + side * length, y + dice.between(-0.04, 0.02))
        elbow = (x + 0.5 * side * length, y + dice.between(-0.01, 0.035))
        dark.limb(((x, y), elbow, tip), (0.012, 0.009, 0.004), _grey(0.85))
        for _ in range(6):
            t = dice.between(0.35, 1.05)
            px = x + t * side * length + dice.between(-0.02, 0.02)
            py = np.interp(t, (0, 0.5, 1), (y, elbow[1], tip[1])) + dice.between(-0.03, 0.0)
            pale.ellipse(px, py - 0.012, 0.04, 0.018, _grey(0.3))
            _draw_needles(dark, dice, px, py)


def _draw_needles(canvas, dice, x, y):
    darkness = dice.between(0.7, 0.97)
    for _ in range(22):
        angle = -math.pi / 2 + dice.between(-1.5, 1.5)
        length = dice.between(0.018, 0.034)
        end = (x + 1.25 * length * math.cos(angle), y + length * math.sin(angle))
        canvas.limb(((x, y), end), (0.0028, 0.0008), _grey(darkness))


def _draw_boat(canvas, dice):
    boat = canvas.posed(dice.between(0.62, 0.8), dice.between(0.85, 0.9), scale=0.075)
    boat.limb(((-1.1, -0.12), (0, 0.1), (1.2, -0.16)), (0.05, 0.22, 0.04), _grey(0.85))
    boat.blob(((-0.45, 0.0), (-0.35, -0.35), (0.05, -0.42), (0.3, -0.05)), _grey(0.55))
    boat.limb(((0.62, 0.0), (0.6, -0.3), (0.66, -0.5)), (0.2, 0.17, 0.06), _grey(0.9))
    boat.polygon(((0.4, -0.52), (0.66, -0.72), (0.92, -0.5)), _grey(0.95))
    boat.limb(((0.5, -0.75), (0.9, -0.1), (1.15, 0.55)), (0.03, 0.03, 0.03), _grey(0.8))
    for k in range(5):
        half = 1.1 - 0.15 * k
        boat.limb(
            ((-half, 0.24 + 0.1 * k), (half, 0.24 + 0.1 * k)), (0.02, 0.05), _grey(0.4 - 0.06 * k)
        )


def _draw_birds(canvas, dice):
    x, y = dice.between(0.5, 0.75), dice.between(0.1, 0.2)
    for _ in range(dice.whole(5, 8)):
        bird = canvas.posed(
            x + dice.between(-0.12, 0.12),
            y + dice.between(-0.05, 0.05),
            scale=dice.between(0.01, 0.017),
        )
        lift = dice.between(0.3, 0.8)
        for side in (-1, 1):
            wing = ((0, 0), (0.5 * side, -lift), (1.2 * side, -0.6 * lift))
            bird.limb(wing, (0.26, 0.22, 0.05), _grey(0.9))


def _stamp(picture, dice, mirrored):
    """Put a red seal where there is room for it."""
    size = len(picture)
    middle_x, middle_y, half = (0.075 if mirrored else 0.925), dice.between(0.09, 0.2), 0.036
    x, y = fields.grid(size)
    u, v = (x - middle_x) / half, (y - middle_y) / half
    ragged = 0.07 * fields.noise(dice, size, 70)
    inside = fields.ramp((np.abs(u) ** 6 + np.abs(v) ** 6) ** (1 / 6) + ragged, 1.02, 0.94)
    carved = np.zeros((size, size), np.float32)
    for row in (-0.62, -0.2, 0.22, 0.64):
        for column in (-0.5, 0.5):
            reach = dice.between(0.2, 0.38)
            level = (np.abs(v - row) < 0.085) & (np.abs(u - column) < reach)
            upright = (np.abs(u - column - dice.between(-0.3, 0.3)) < 0.085) & (
                np.abs(v - row) < 0.24
            )
            carved = np.maximum(carved, level | (upright if dice.chance(0.7) else level))
    carved = fields.blur(carved, size / 512)
    worn = fields.ramp(fields.noise(dice, size, 110), 1.9, 1.2)
    return fields.blend(picture, _SEAL, 0.92 * inside * (1 - carved) * worn)

"""A river bank in points: dots of pure colours that only the eye mixes."""

import math

import numpy as np
from PIL import Image, ImageDraw

from helpers.drawn import painting_fields as fields
from helpers.drawn.canvas import Canvas
from helpers.drawn.colours import mix, vary

_SIDE = 320  # of the sketch that the dots take their colours from
_GROUND = (232, 222, 196)
_PURE = np.array(
    (
        (250, 248, 238),
        (252, 226, 84),
        (246, 178, 44),
        (238, 118, 40),
        (214, 56, 50),
        (200, 60, 120),
        (122, 66, 150),
        (52, 60, 150),
        (40, 104, 190),
        (110, 176, 220),
        (60, 160, 170),
        (24, 110, 84),
        (84, 164, 66),
        (178, 204, 76),
        (240, 178, 170),
        (36, 32, 72),
        (190, 172, 214),
        (168, 208, 236),
        (252, 222, 176),
    ),
    np.float32,
)


def paint(dice, size):
    """Paint the picture: boats on a river in the sun, people in the shade of trees.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    size : int

    Returns
    -------
    picture : uint8 array of shape (size, size, 3)
    """
    scene = _sketch(dice)
    side = size * fields.finer(size)
    image = Image.new("RGB", (side, side), _GROUND)
    for across, radius, spread in ((104, 0.0066, 26), (150, 0.0046, 32), (170, 0.0032, 38)):
        _dot(image, dice, scene, across, radius, spread)
    return np.asarray(image.reduce(side // size))


def _dot(image, dice, scene, across, radius, spread):
    """Set dots whose colours, pure as they are, have the sketch's colours as their mean."""
    x, y = fields.scattered(dice, across)
    wanted = fields.look_up(scene, x, y).astype(np.float32)
    grey = wanted.mean(axis=1, keepdims=True)
    wanted = grey + 1.35 * (wanted - grey) + spread * dice.noise(len(x), 3)
    apart = ((wanted[:, None] - _PURE) ** 2).sum(axis=-1)
    colours = _PURE[apart.argmin(axis=1)] + 7 * dice.noise(len(x), 3)
    radii = radius * np.exp(0.16 * dice.noise(len(x)))
    flat = 1 + 0.12 * dice.noise(len(x))  # no dot is quite round
    boxes = np.stack([x - radii * flat, y - radii, x + radii * flat, y + radii], axis=-1)
    pen = ImageDraw.Draw(image)
    colours = colours.clip(0, 255).astype(int).tolist()
    for box, colour in zip((boxes * image.width).tolist(), colours, strict=True):
        left, right = sorted(box[::2])
        pen.ellipse((left, box[1], right, box[3]), fill=tuple(colour))


def _sketch(dice):
    """Return the scene that the dots show, (side, side, 3)."""
    canvas = Canvas(_SIDE)
    far = dice.between(0.3, 0.35)  # the far bank
    canvas.gradient((84, 150, 222), (250, 226, 186), bottom=far, texture=9 * dice.noise(5, 7))
    _draw_clouds(canvas, dice, far)
    _draw_far_bank(canvas, dice, far)
    canvas.gradient((168, 206, 222), (44, 104, 186), top=far, bottom=0.8)
    _draw_reflections(canvas, dice, far)
    for _ in range(dice.whole(3, 4)):
        _draw_boat(canvas, dice, dice.between(0.32, 0.95), dice.between(far + 0.05, far + 0.17))
    _draw_meadow(canvas, dice)
    _draw_tree(canvas, dice)
    for x in (dice.between(0.36, 0.44), dice.between(0.53, 0.6), dice.between(0.76, 0.85)):
        _draw_person(canvas, dice, x, dice.between(0.82, 0.93))
    return canvas.finish()


def _draw_clouds(canvas, dice, far):
    for _ in range(5):
        x, y = dice.between(0.2, 1), dice.between(0.05, 0.75) * far
        for _ in range(6):
            dx, dy = dice.between(-0.1, 0.1), dice.between(-0.015, 0.02)
            tint = mix((255, 250, 238), (236, 196, 200), dice.between(0, 0.7))
            canvas.ellipse(x + dx, y + dy, dice.between(0.03, 0.07), 0.02, tint)


def _draw_far_bank(canvas, dice, far):
    x = -0.05
    while x < 1.05:
        width, height = dice.between(0.03, 0.08), dice.between(0.02, 0.085)
        green = mix((110, 150, 90), (90, 110, 170), dice.between(0.1, 0.9))
        canvas.ellipse(x, far, width, height, vary(green, dice, 14))
        x += 0.8 * width
    for _ in range(4):
        x, size = dice.between(0.3, 0.95), dice.between(0.018, 0.03)
        canvas.rectangle(x - size, far - 1.1 * size, x + size, far, (250, 236, 214))
        roof = ((x - 1.2 * size, far - size), (x, far - 1.9 * size), (x + 1.2 * size, far - size))
        canvas.polygon(roof, (226, 96, 62))


def _draw_reflections(canvas, dice, far):
    for _ in range(150):
        x, depth = dice.between(0, 1), dice.between(0, 1) ** 1.6
        y, length = far + 0.45 * depth, dice.between(0.02, 0.1)
        green = mix((96, 140, 110), (96, 130, 190), depth)
        light = (255, 240, 200) if dice.chance(0.45) else green
        colour = mix(light, (150, 190, 220), dice.between(0, 0.5))
        canvas.ellipse(x, y, length, 0.003 + 0.005 * depth, colour)


def _draw_boat(canvas, dice, x, y):
    boat = canvas.posed(x, y, scale=dice.between(0.1, 0.17) * (0.6 + 3 * (y - 0.35)))
    sail = dice.pick(((255, 252, 240), (255, 246, 214), (250, 196, 120)))
    for k in range(6):  # the reflection
        boat.ellipse(0.05 * math.sin(3 * k), 0.16 + 0.09 * k, 0.34 - 0.04 * k, 0.03, sail)
    boat.polygon(((-0.02, -1.0), (-0.02, -0.05), (-0.42, -0.05)), sail)
    boat.polygon(((0.03, -0.9), (0.03, -0.05), (0.34, -0.05)), mix(sail, (180, 170, 220), 0.45))
    hull = ((-0.5, -0.02), (0.48, -0.02), (0.36, 0.12), (-0.4, 0.12))
    boat.polygon(hull, dice.pick(((190, 50, 46), (40, 56, 130), (120, 60, 50))))


def _draw_meadow(canvas, dice):
    top = 0.68
    shore = [
        (-0.05, top),
        (0.25, top - 0.015),
        (0.5, top + 0.03),
        (0.8, top + 0.08),
        (1.05, top + 0.02),
    ]
    canvas.polygon((*shore, (1.05, 1.1), (-0.05, 1.1)), (176, 198, 70))
    for _ in range(150):
        x, y = dice.between(0, 1), dice.between(top + 0.05, 1.0)
        sun = mix((206, 212, 84), (120, 176, 62), dice.between(0, 1))
        canvas.ellipse(x, y, dice.between(0.02, 0.07), 0.006, sun)
    shade = (
        (-0.1, 0.83),
        (0.2, 0.78),
        (0.45, 0.83),
        (0.62, 0.9),
        (0.8, 0.96),
        (1.1, 1.0),
        (1.0, 1.1),
        (-0.1, 1.1),
    )
    canvas.blob(shade, (40, 104, 84))
    for _ in range(90):
        x, y = dice.between(0, 0.8), dice.between(0.82, 1.0)
        dark = mix((30, 84, 84), (54, 52, 128), dice.between(0, 1))
        canvas.ellipse(x, max(y, 0.8 + 0.2 * x), dice.between(0.02, 0.07), 0.007, dark)


def _draw_tree(canvas, dice):
    x = dice.between(0.08, 0.16)
    for trunk, lean in ((x, 0.03), (x + 0.1, 0.07)):
        points = ((trunk, 0.93), (trunk + 0.01, 0.6), (trunk + lean, 0.15))
        canvas.limb(points, (0.05, 0.034, 0.02), (84, 48, 84))
        aside = [(px + 0.011, py) for px, py in points]
        canvas.limb(aside, (0.012, 0.01, 0.006), (226, 130, 60))
    for _ in range(130):
        angle, reach = dice.between(0, 2 * math.pi), dice.between(0, 1) ** 0.6
        px, py = x + 0.04 + 0.32 * reach * math.cos(angle), 0.1 + 0.2 * reach * math.sin(angle)
        light = 0.5 + 0.5 * math.cos(angle - 0.3) * reach + dice.between(-0.35, 0.35)
        green = mix((22, 84, 84), (160, 194, 66), min(1, max(0, light)))
        canvas.ellipse(px, py, dice.between(0.025, 0.055), dice.between(0.015, 0.03), green)


def _draw_person(canvas, dice, x, y):
    person = canvas.posed(x, y, scale=dice.between(0.27, 0.32), flip=dice.chance(0.5))
    dress = dice.pick(
        ((64, 52, 130), (206, 60, 60), (250, 244, 236), (236, 130, 160), (40, 90, 160))
    )
    dark = mix(dress, (40, 36, 96), 0.45)
    person.ellipse(0.22, 0.02, 0.42, 0.05, (36, 70, 96))  # shadow
    person.blob(
        ((-0.04, -0.55), (0.05, -0.55), (0.16, -0.1), (0.17, 0.02), (-0.15, 0.02), (-0.13, -0.15)),
        dress,
    )
    person.blob(((0.03, -0.5), (0.07, -0.5), (0.17, -0.1), (0.17, 0.02), (0.03, 0.02)), dark)
    person.blob(((-0.07, -0.7), (0.07, -0.7), (0.06, -0.5), (-0.05, -0.5)), dark)
    person.ellipse(0, -0.79, 0.055, 0.07, (246, 196, 160))
    if dice.chance(0.7):  # a parasol
        person.limb(((-0.06, -0.55), (-0.17, -0.95)), (0.018, 0.014), (90, 50, 60))
        tint = dice.pick(((240, 120, 60), (230, 80, 100), (250, 226, 150), (250, 246, 240)))
        top = (-0.2, -1.1)
        person.blob(((-0.46, -0.86), (-0.36, -1.04), top, (0.02, -1.06), (0.13, -0.92)), tint)
        person.blob(
            ((-0.16, -0.9), top, (0.02, -1.06), (0.13, -0.92)), mix(tint, (120, 60, 120), 0.4)
        )
    else:
        person.ellipse(0, -0.86, 0.09, 0.025, (70, 50, 90))
        person.ellipse(0, -0.9, 0.05, 0.05, (70, 50, 90))

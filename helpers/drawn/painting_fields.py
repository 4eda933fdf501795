"""What all painters share: noise, soft edges, blur, light on relief, and paths of brushes.

Places are in units of the picture's side, x to the right and y down. Fields are float32 arrays of
shape (size, size). Chance is drawn on grids that do not depend on the size, so that a painting is
the same in every size.
"""

import math

import numpy as np
from PIL import Image

from helpers.drawn.canvas import SUPERSAMPLING, Canvas

_BICUBIC = Image.Resampling.BICUBIC


def grid(size):
    """Return x and y of the pixels' middles: float32 arrays of shape (1, size) and (size, 1)."""
    middles = (np.arange(size, dtype=np.float32) + 0.5) / size
    return middles[None, :], middles[:, None]


def finer(size):
    """Say how many pixels to draw per picture pixel and side, so that edges are smooth.

    Small pictures are drawn large and shrunk: lines are at least one pixel wide.
    """
    return max(2, math.ceil(512 / size))


def canvas_for(size, *, transparent=False):
    """Return a canvas for a picture of this size; `shrunk` makes the picture of it."""
    return Canvas(size * math.ceil(finer(size) / SUPERSAMPLING), transparent=transparent)


def shrunk(canvas, size):
    """Return what is on a canvas from `canvas_for`: float32 (size, size, channels), 0 to 255."""
    picture = canvas.finish().astype(np.float32)
    return picture.reshape(size, len(picture) // size, size, -1, picture.shape[-1]).mean(
        axis=(1, 3)
    )


def resized(field, size):
    """Stretch a field to (size, size)."""
    return np.asarray(Image.fromarray(field).resize((size, size), _BICUBIC))


def noise(dice, size, cells, *, octaves=1, fade=0.5):
    """Draw a field of smooth noise with mean 0 and deviation of about 1.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    size : int
        Height and width of the field.
    cells : int or tuple of two ints
        Bumps along y and along x; unequal numbers give streaks.
    octaves : int
        How many times to add noise that is twice as fine.
    fade : float
        How strong each octave is, as a share of the one before.

    Returns
    -------
    field : float32 array of shape (size, size)
    """
    rows, columns = (cells, cells) if isinstance(cells, int) else cells
    field, power = np.zeros((size, size), np.float32), 0.0
    for octave in range(octaves):
        coarse = dice.noise(rows << octave, columns << octave)
        field += fade**octave * resized(coarse, size)
        power += fade ** (2 * octave)
    return field / np.float32(math.sqrt(power))


def wander(dice, num_points, cells, *, octaves=5, fade=0.5):
    """Draw noise along a line, like `noise`: a float array of shape (num_points,)."""
    places, line = np.linspace(0, 1, num_points), np.zeros(num_points)
    for octave in range(octaves):
        knots = dice.noise((cells << octave) + 1)
        x = places * (len(knots) - 1)
        left = x.astype(int).clip(0, len(knots) - 2)
        share = x - left
        share = share * share * (3 - 2 * share)
        line += fade**octave * (knots[left] * (1 - share) + knots[left + 1] * share)
    return line


def ramp(field, low, high):
    """Rise smoothly from 0 where the field is `low` to 1 where it is `high`."""
    share = ((field - low) / (high - low)).clip(0, 1)
    return share * share * (3 - 2 * share)


def blur(field, reach):
    """Blur a field with a bell of this deviation, in pixels."""
    step = int(reach // 4)
    if step > 1 and min(field.shape) >= 4 * step:
        small = blur(np.asarray(Image.fromarray(field).reduce(step)), reach / step)
        return np.asarray(Image.fromarray(small).resize(field.shape[::-1], _BICUBIC))
    radius = max(1, round(2.5 * reach))
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(reach, 1e-3)) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    for axis in (0, 1):
        width = [(0, 0), (0, 0)]
        width[axis] = (radius, radius)
        padded, length = np.pad(field, width, mode="edge"), field.shape[axis]
        field = sum(
            weight * padded.take(range(k, k + length), axis=axis)
            for k, weight in enumerate(weights)
        )
    return field


def slope_light(heights, *, strength, light_xy=(-0.6, -0.8)):
    """Return how much brighter a relief is where it faces the light: about -1 to 1.

    Parameters
    ----------
    heights : float array of shape (height, width)
    strength : float
        Times the slope, in heights per pixel.
    light_xy : tuple of two floats
        Direction towards the light, length 1.

    Returns
    -------
    light : float array of shape (height, width)
    """
    down, right = np.gradient(heights)
    return np.tanh(-strength * (light_xy[0] * right + light_xy[1] * down))


def blend(under, over, opacity):
    """Lay a colour or a picture over another: `opacity` (size, size) is 0 to 1."""
    opacity = opacity[..., None]
    return under + (np.asarray(over, np.float32) - under) * opacity


def look_up(field, x, y):
    """Read a square field or picture at places; those outside get what is at the border."""
    side = len(field)
    column = (np.asarray(x) * side).astype(int).clip(0, side - 1)
    row = (np.asarray(y) * side).astype(int).clip(0, side - 1)
    return field[row, column]


def look_between(picture, x, y):
    """Read a float picture (side, side, channels) at places, smoothly between its pixels."""
    side = len(picture)
    across = (np.asarray(x) * side - 0.5).clip(0, side - 1.001)
    down = (np.asarray(y) * side - 0.5).clip(0, side - 1.001)
    column, row = across.astype(int), down.astype(int)
    right, lower = (across - column)[..., None], (down - row)[..., None]
    above = picture[row, column] * (1 - right) + picture[row, column + 1] * right
    below = picture[row + 1, column] * (1 - right) + picture[row + 1, column + 1] * right
    return above * (1 - lower) + below * lower


def scattered(dice, across, down=None):
    """Return one place at random in each cell of a grid, in a random order.

    Parameters
    ----------
    dice : helpers.drawn.dice.Dice
    across, down : int
        Cells along x and y; as many along y as along x unless said.

    Returns
    -------
    x, y : float arrays of shape (across * down,)
    """
    down = down or across
    places = dice.generator.random((down * across, 2))
    places[:, 0] += np.tile(np.arange(across), down)
    places[:, 1] += np.repeat(np.arange(down), across)
    dice.generator.shuffle(places)
    return places[:, 0] / across, places[:, 1] / down


def traced(x, y, angles, lengths, *, steps=6):
    """Follow a field of directions both ways from some places.

    Parameters
    ----------
    x, y : float arrays of shape (n,)
    angles : float array of shape (side, side)
        Directions in radians; opposite ones mean the same.
    lengths : float or float array of shape (n,)
        Of the paths, in picture sides.
    steps : int
        Of each path, even.

    Returns
    -------
    paths : float array of shape (n, steps + 1, 2)
        x and y.
    """
    paths = np.empty((len(x), steps + 1, 2))
    stride, half = lengths / steps, steps // 2
    start = look_up(angles, x, y)
    for sign in (-1, 1):
        here_x, here_y, heading = x, y, start + (0 if sign > 0 else math.pi)
        paths[:, half] = np.stack([x, y], axis=-1)
        for step in range(1, half + 1):
            angle = look_up(angles, here_x, here_y)
            angle = np.where(np.cos(angle - heading) < 0, angle + math.pi, angle)
            here_x = here_x + stride * np.cos(angle)
            here_y = here_y + stride * np.sin(angle)
            heading = angle
            paths[:, half + sign * step] = np.stack([here_x, here_y], axis=-1)
    return paths


def normals(paths):
    """Return the unit vectors across paths (n, points, 2), at each point."""
    along = np.gradient(paths, axis=1)
    along /= np.linalg.norm(along, axis=-1, keepdims=True) + 1e-9
    return np.stack([-along[..., 1], along[..., 0]], axis=-1)


def as_picture(colours):
    """Round a float picture of shape (size, size, 3), 0 to 255, to uint8."""
    return (colours + 0.5).clip(0, 255).astype(np.uint8)

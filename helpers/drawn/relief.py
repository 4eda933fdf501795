"""Skin over bones in space: the heights of its surface above the picture, and the light on it.

The skin is whatever a ball touches that rolls along the bones. Heights are float32 arrays of shape
(side, side), in samples, of which a picture pixel has several; where there is no skin they are
`NOTHING`. The picture's side is 1; in it, x runs to the right, y down and z to the viewer.
"""

import math
import typing

import numpy as np
from PIL import Image

SAMPLES = 2  # heights per picture pixel and side
NOTHING = np.float32(-1e9)  # the height where there is no skin


class Bone(typing.NamedTuple):
    """Where a ball rolls, and how large it is there.

    Parameters
    ----------
    start, end : float array of shape (3,)
        (x, y, z) in the coordinates of the thing.
    start_radius, end_radius : float
        In between, the radius changes evenly.
    """

    start: np.ndarray
    end: np.ndarray
    start_radius: float
    end_radius: float


class View(typing.NamedTuple):
    """Where a thing stands in the picture, and from which side it is seen.

    Parameters
    ----------
    matrix : float array of shape (3, 3)
        From the coordinates of the thing to the picture's, with `place` added.
    place : float array of shape (3,)
    scale : float
        Length in the picture of what has length 1 in the thing.
    to_viewer : float array of shape (3,)
        Direction in the coordinates of the thing, of length 1.
    """

    matrix: np.ndarray
    place: np.ndarray
    scale: float
    to_viewer: np.ndarray

    def see(self, points):
        """Turn points (..., 3) of the thing to points of the picture."""
        return np.asarray(points) @ self.matrix.T + self.place


def rolled(bones, view, side):
    """Return the heights of skin over bones, and nothing else.

    Parameters
    ----------
    bones : sequence of Bone
    view : View
    side : int
        Height and width of the result, in samples.

    Returns
    -------
    heights : float32 array of shape (side, side)
    """
    heights = np.full((side, side), NOTHING, np.float32)
    roll(heights, bones, view)
    return heights


def roll(heights, bones, view, *, blend=0.0):
    """Raise heights, in place, to the top of balls that roll along the bones.

    Parameters
    ----------
    heights : float32 array of shape (side, side)
    bones : sequence of Bone
    view : View
    blend : float
        Where skin meets skin within this height, in units of the thing, the fold between the two
        is filled.
    """
    side = len(heights)
    ends = side * view.see([(bone.start, bone.end) for bone in bones])  # (bones, 2, 3)
    radii = side * view.scale * np.array([(bone.start_radius, bone.end_radius) for bone in bones])
    low = (ends[:, :, :2] - radii[:, :, None]).min(axis=1).astype(int)
    high = (ends[:, :, :2] + radii[:, :, None]).max(axis=1).astype(int) + 2
    boxes = np.hstack([low, high]).clip(0, side).tolist()
    for (left, top, right, bottom), (start, end), radius in zip(
        boxes, ends.tolist(), radii.tolist(), strict=True
    ):
        if left < right and top < bottom:
            x = np.arange(left, right, dtype=np.float32) + (0.5 - start[0])
            y = np.arange(top, bottom, dtype=np.float32)[:, None] + (0.5 - start[1])
            bone = [b - a for a, b in zip(start, end, strict=True)]
            reached, is_hit = _top(x, y, bone, *radius)
            reached += start[2]
            part = heights[top:bottom, left:right]
            _unite(part, reached, is_hit, side * view.scale * blend)


def smoothed(heights, smoothness):
    """Return the heights with bumps taken off the skin, but with its edge where it was.

    Parameters
    ----------
    heights : float32 array of shape (side, side)
    smoothness : float
        0 leaves the bumps as they are, 1 leaves none that are small.

    Returns
    -------
    smoother : float32 array of shape (side, side)
    """
    is_skin = heights > NOTHING
    smooth = _blurred(np.where(is_skin, heights, 0), len(heights) // 18)
    return np.where(is_skin, heights + smoothness * (smooth - heights), NOTHING)


def shrink(field):
    """Average over the samples of each picture pixel.

    Parameters
    ----------
    field : bool or float array of shape (side, side)

    Returns
    -------
    means : float32 array of shape (side // SAMPLES, side // SAMPLES)
    """
    return np.asarray(Image.fromarray(field.astype(np.float32)).reduce(SAMPLES))


def lit(colours, heights, light):
    """Shade colours by the light that falls on the heights.

    Parameters
    ----------
    colours : float array of shape (size, size, 3)
        Of the skin at each picture pixel, RGB in 0 to 255.
    heights : float32 array of shape (SAMPLES * size, SAMPLES * size)
    light : camera.Light

    Returns
    -------
    layer : uint8 array of shape (size, size, 4)
        RGB and opacity for `camera.put`, 0 to 255.
    """
    opacity = shrink(heights > NOTHING)[:, :, None]
    shadow = 1 - shrink(_gain(heights, light))[:, :, None]
    shaded = colours * (1 - shadow * np.array((0.85, 1.05, 1.15), np.float32))  # redder in shadow
    return np.dstack([shaded * opacity, 255 * opacity]).clip(0, 255).astype(np.uint8)


def _top(x, y, bone, radius, end_radius):
    """Return the height over the bone's start at places (x, y) from there, and where there is any.

    The radius changes evenly along the bone.
    """
    dx, dy, dz = bone
    flat = math.hypot(dx, dy) + 1e-6
    centre = x * (dx / flat**2) + y * (dy / flat**2)  # of the nearest ball: 0 at the start, 1 end
    along = flat * centre
    aside_squared = (x * (dy / flat) - y * (dx / flat)) ** 2
    if dz:  # the highest ball has its centre further up along the bone than the nearest
        middle = 0.5 * (radius + end_radius)
        further = np.sqrt(np.maximum(middle * middle - aside_squared, 0))
        centre += further * (dz / (flat * math.hypot(flat, dz)))
    np.minimum(np.maximum(centre, 0, out=centre), 1, out=centre)
    rest = (radius + (end_radius - radius) * centre) ** 2
    rest -= aside_squared
    rest -= (along - flat * centre) ** 2
    return dz * centre + np.sqrt(np.maximum(rest, 0)), rest > 0


def _unite(heights, top, is_hit, blend):
    """Raise heights to `top` where it is hit, with the fold between the two filled."""
    if blend:
        near = np.maximum(blend - np.abs(top - heights), 0)
        np.maximum(heights, top, out=top)
        top += near * near / (4 * blend)
        np.copyto(heights, top, where=is_hit)
    else:
        np.copyto(heights, top, where=is_hit & (top > heights))


def _blurred(field, reach):
    """Average over about `reach` samples."""
    small = Image.fromarray(field).reduce(max(1, reach))
    return np.asarray(small.resize(field.shape[::-1], Image.Resampling.BICUBIC))


def _gain(heights, light):
    """Return how bright the skin is at each sample, 1 where it faces the viewer."""
    side = len(heights)
    is_skin = heights > NOTHING
    around = _blurred(np.where(is_skin, heights, 0), side // 30)
    surface = np.where(is_skin, heights, around - 0.01 * side)
    right, down = np.zeros_like(surface), np.zeros_like(surface)
    np.subtract(surface[:, 2:], surface[:, :-2], out=right[:, 1:-1])  # twice the slope
    np.subtract(surface[2:], surface[:-2], out=down[1:-1])
    x, y = light.direction_xy
    facing = (1 - (0.55 * x) * right - (0.55 * y) * down) / np.sqrt(
        1 + 0.25 * (right * right + down * down)
    )
    ambient = 0.74 - 0.22 * light.relief
    gain = ambient + (1 - ambient) * np.minimum(np.maximum(facing, 0), 1.4)
    hollow = (around - heights) * (1 / (0.15 * side))  # folds get little light
    return gain * (1 - np.minimum(np.maximum(hollow, 0), 0.35))

"""From layers to a photograph: rounding by light, shadow, exposure, tint, blur and noise."""

import dataclasses
import math

import numpy as np
from PIL import Image, ImageFilter


@dataclasses.dataclass(frozen=True)
class Light:
    """Where the light comes from and how hard it falls."""

    direction_xy: tuple  # towards the light on the picture, length 1
    relief: float  # how much silhouettes are rounded by it, 0 to 1
    shadow: float  # how dark the shadow behind a thing is, 0 to 1


def choose_light(dice):
    """Choose a light from above, left or right."""
    angle = dice.between(-math.pi + 0.35, -0.35)  # y points down, so negative angles point up
    return Light((math.cos(angle), math.sin(angle)), dice.between(0.4, 1.0), dice.between(0.2, 0.6))


def put(layer, picture, light):
    """Put a layer on a picture, rounded at its edges by the light, with a soft shadow.

    Parameters
    ----------
    layer : uint8 array of shape (size, size, 4)
        RGB and opacity, 0 to 255, as a transparent canvas finishes.
    picture : uint8 or float array of shape (size, size, 3)
        What lies behind, 0 to 255.
    light : Light

    Returns
    -------
    picture : float32 array of shape (size, size, 3)
        0 to 255.
    """
    size = len(layer)
    opacity = layer[:, :, 3]
    soft = Image.fromarray(opacity).filter(ImageFilter.GaussianBlur(size / 20))
    soft = np.asarray(soft, dtype=np.float32) / 255
    behind = _shadow(soft, light) * (1 - opacity * np.float32(1 / 255))
    gain = _rounding(soft, light)
    return picture * behind[:, :, None] + layer[:, :, :3] * gain[:, :, None]


def _rounding(soft, light):
    """Read the blurred silhouette as a hill: slopes that face the light are bright."""
    size = len(soft)
    step = max(1, size // 32)
    height = light.relief * 0.55 * size / (32 * step)
    x, y = light.direction_xy
    gain = np.ones_like(soft)
    gain[:, step:-step] -= height * x * (soft[:, 2 * step :] - soft[:, : -2 * step])
    gain[step:-step] -= height * y * (soft[2 * step :] - soft[: -2 * step])
    return gain


def _shadow(soft, light):
    """Move the blurred silhouette down and away from the light, as a factor up to 1."""
    shift = max(1, len(soft) // 24)
    factor = np.ones_like(soft)
    if light.direction_xy[0] > 0:
        factor[shift:, :-shift] -= light.shadow * soft[:-shift, shift:]
    else:
        factor[shift:, shift:] -= light.shadow * soft[:-shift, :-shift]
    return factor


def expose(picture, light, dice):
    """Take the photograph: uneven light, contrast, tint, blur and sensor noise.

    Parameters
    ----------
    picture : float array of shape (size, size, 3)
        0 to 255.
    light : Light
    dice : helpers.drawn.dice.Dice

    Returns
    -------
    image : uint8 array of shape (size, size, 3)
    """
    size = len(picture)
    span = np.arange(size, dtype=np.float32) * (2 / (size - 1)) - 1  # -1 to 1
    uneven = dice.between(0, 0.16)
    across, down = uneven * light.direction_xy[0], uneven * light.direction_xy[1]
    brightness = dice.between(0.84, 1.14) + across * span[None, :] + down * span[:, None]
    contrast = dice.between(0.9, 1.3)
    warmth, green = dice.between(-0.07, 0.07), dice.between(-0.03, 0.03)
    tint = np.array([1 + warmth, 1 + green, 1 - warmth], dtype=np.float32)
    picture = picture * (contrast * tint)
    picture += (118 * (1 - contrast)) * tint
    picture *= brightness[:, :, None]
    if dice.chance(0.1):  # pale colours
        grey = picture.mean(axis=2, keepdims=True)
        picture = grey + dice.between(0.15, 0.6) * (picture - grey)
    if dice.chance(0.22):
        blur = dice.between(0.2, 0.55) * size / 32
        picture = picture.clip(0, 255).astype(np.uint8)
        picture = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(blur)))
    strength, num_channels = dice.between(2, 10), 3 if dice.chance(0.5) else 1
    # Only the grain depends on the size, so it has to be the last thing that is drawn by lot.
    grain = dice.generator.random((size, size, num_channels), dtype=np.float32) - 0.5
    picture = picture + strength * grain
    return picture.clip(0, 255, out=picture).astype(np.uint8)

"""Colours as `(red, green, blue)` tuples of whole numbers from 0 to 255."""

import colorsys

WHITE = (245, 245, 242)
BLACK = (24, 23, 26)


def clip(red, green, blue):
    """Round three numbers to a colour inside 0 to 255."""
    return (
        0 if red < 0 else 255 if red > 255 else int(red),
        0 if green < 0 else 255 if green > 255 else int(green),
        0 if blue < 0 else 255 if blue > 255 else int(blue),
    )


def mix(first, second, share):
    """Blend two colours; `share` 0 gives the first, 1 the second."""
    keep = 1.0 - share
    return clip(*(keep * a + share * b for a, b in zip(first, second, strict=True)))


def shade(colour, factor):
    """Darken (`factor` below 1, down to black at 0) or lighten (above 1, white at 2) a colour."""
    if factor <= 1.0:
        return clip(colour[0] * factor, colour[1] * factor, colour[2] * factor)
    return mix(colour, (255, 255, 255), factor - 1.0)


def hsv(hue, saturation, value):
    """Turn hue, saturation and value, each from 0 to 1, into a colour."""
    return clip(*(255 * part for part in colorsys.hsv_to_rgb(hue % 1.0, saturation, value)))


def vary(colour, dice, amount=14):
    """Shift a colour a little: all channels together, and each one alone by half as much."""
    together = dice.between(-amount, amount)
    half = amount / 2
    return clip(*(part + together + dice.between(-half, half) for part in colour))

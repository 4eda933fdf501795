"""Paintings drawn from code, each in a style of its own: pictures to take a style from.

Everything is decided by the seed; the size only says how many pixels are painted.
"""

import numbers

from helpers.drawn import (
    painting_dots,
    painting_facets,
    painting_glass,
    painting_ink,
    painting_mosaic,
    painting_swirls,
    painting_woodblock,
)
from helpers.drawn.dice import Dice

VERSION = 1  # raise it when the pictures change, so that nobody keeps old ones
MIN_SIZE, MAX_SIZE = 32, 2048  # pixels; at 2048, painting takes about 1 GB of memory

_PAINTERS = {
    "brush strokes": painting_swirls,
    "stained glass": painting_glass,
    "woodblock": painting_woodblock,
    "points": painting_dots,
    "ink wash": painting_ink,
    "mosaic": painting_mosaic,
    "facets": painting_facets,
}
STYLES = tuple(_PAINTERS)


def draw(style, *, seed=0, size=512):
    """Paint a picture in a style.

    Parameters
    ----------
    style : str
        One of `STYLES`:

        - "brush strokes": a starry night in thick paint, blue and yellow, that follows swirls;
        - "stained glass": a sun over hills and a river, in panes and lead, lit from behind;
        - "woodblock": a great wave in flat blues with contour lines and foam, under a banded sky;
        - "points": boats and people by a river, in dots of pure colours that the eye mixes;
        - "ink wash": mountains in mist, a pine and a boat in grey ink, with a red seal;
        - "mosaic": fish in small stone tiles that follow the outlines, with grout between;
        - "facets": a guitar and other things on a table, seen from many sides at once, in browns.
    seed : int
        Not negative. Moves, turns and recolours what is painted; the style stays.
    size : int
        Height and width in pixels, 32 to 2048.

    Returns
    -------
    picture : uint8 array of shape (size, size, 3)
        RGB, 0 to 255. The same seed gives the same painting at every size.

    Raises
    ------
    ValueError
        If the style is unknown, the seed negative, or the size not a whole number in that range.

    >>> draw("ink wash", size=64).shape
    (64, 64, 3)
    """
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}; got {style!r}")
    if not _is_whole(size) or not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(
            f"size must be a whole number of pixels from {MIN_SIZE} to {MAX_SIZE}; got {size!r}"
        )
    if not _is_whole(seed) or seed < 0:
        raise ValueError(f"seed must be a whole number, 0 or more; got {seed!r}")
    dice = Dice(int(seed), STYLES.index(style))
    return _PAINTERS[style].paint(dice, int(size))


def _is_whole(number):
    return isinstance(number, numbers.Integral) and not isinstance(number, bool)

"""Where the tiles of a mosaic lie: in rows that follow outlines, smaller ones in the gaps."""

import math
import typing

import numpy as np
from PIL import Image, ImageDraw

from helpers.drawn import painting_fields as fields

SIDE = 640  # of the plan in which tiles are set, at any size of the picture
TILE = 0.0158  # side of a whole tile
CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))
_PROBES = tuple((0.74 * u, 0.74 * v) for u in (-1, 0, 1) for v in (-1, 0, 1) if u or v)


class Plan(typing.NamedTuple):
    """What the tiles follow.

    Parameters
    ----------
    parts : int array of shape (SIDE, SIDE)
        What each place shows. No tile lies in two parts.
    depth : float32 array of shape (SIDE, SIDE)
        How far the nearest outline of a part is.
    angles : float32 array of shape (SIDE, SIDE)
        The direction along that outline, in radians.
    """

    parts: np.ndarray
    depth: np.ndarray
    angles: np.ndarray


class Tile(typing.NamedTuple):
    """A square tile: its middle, its direction in radians, and how long its sides are."""

    x: float
    y: float
    angle: float
    side: float


def measure(parts):
    """Measure how far outlines are, and which way they run.

    Parameters
    ----------
    parts : int array of shape (SIDE, SIDE)

    Returns
    -------
    plan : Plan
    """
    coarse = parts[::2, ::2]
    is_edge = np.zeros(coarse.shape, bool)
    is_edge[:, 1:] |= coarse[:, 1:] != coarse[:, :-1]
    is_edge[1:] |= coarse[1:] != coarse[:-1]
    is_edge[[0, -1]] = is_edge[:, [0, -1]] = True
    depth = fields.resized(_distances(is_edge), SIDE) * (2 / SIDE)
    down, right = np.gradient(fields.blur(depth, 3.0))
    return Plan(parts, depth, np.arctan2(right, -down))


def _distances(is_edge):
    """Return how far the nearest edge is from each pixel: float32, in pixels."""
    side = len(is_edge)
    nearest = np.where(is_edge, 0, 2 * side).astype(np.float32)
    for rows in (range(1, side), range(side - 2, -1, -1)):  # along columns first
        step = rows.step
        for row in rows:
            np.minimum(nearest[row], nearest[row - step] + 1, out=nearest[row])
    places = np.arange(side, dtype=np.float32)
    apart = (places[:, None] - places) ** 2
    squares = [(apart + row * row).min(axis=1) for row in nearest]
    return np.sqrt(np.stack(squares))


def set_tiles(plan, dice):
    """Set tiles until there is no room.

    Parameters
    ----------
    plan : Plan
    dice : helpers.drawn.dice.Dice

    Returns
    -------
    tiles : list of Tile
        That do not overlap: whole ones from the outlines inwards, then smaller ones in the gaps.
    """
    setter = _Setter(plan)
    x, y = fields.scattered(dice, 210)
    rows = (fields.look_up(plan.depth, x, y) / TILE).astype(int)
    order = np.argsort(rows, kind="stable")
    for *place, row in np.stack([x, y, rows], axis=-1)[order].tolist():
        setter.walk(*place, (row + 0.5) * TILE)
    for share in (0.72, 0.5, 0.36):
        is_free = fields.look_up(setter.taken(), x, y) == 0
        x, y = x[is_free], y[is_free]
        for place in zip(x.tolist(), y.tolist(), strict=True):
            setter.put(*place, share * TILE)
    return setter.tiles


class _Setter:
    """Sets tiles one by one where there is room, in rows at equal depth."""

    def __init__(self, plan):
        self._parts = plan.parts.tolist()
        self._depth = plan.depth.tolist()
        self._angles = plan.angles.tolist()
        self._image = Image.new("L", (SIDE, SIDE))
        self._pen, self._taken = ImageDraw.Draw(self._image), self._image.load()
        self.tiles = []

    def taken(self):
        """Return where tiles are: an array of shape (SIDE, SIDE), 0 where there is none."""
        return np.asarray(self._image)

    def walk(self, x, y, depth):
        """Set a row of tiles that passes near (x, y), both ways."""
        if self._taken[int(x * SIDE), int(y * SIDE)]:
            return
        x, y = self._corrected(x, y, depth)
        if not self.put(x, y, TILE):
            return
        start = self._angle(x, y)
        for heading in (start, start + math.pi):
            here_x, here_y = x, y
            for _ in range(400):
                here_x += 1.04 * TILE * math.cos(heading)
                here_y += 1.04 * TILE * math.sin(heading)
                here_x, here_y = self._corrected(here_x, here_y, depth)
                if not self.put(here_x, here_y, TILE):
                    break
                angle = self._angle(here_x, here_y)
                heading = angle if math.cos(angle - heading) > 0 else angle + math.pi

    def _angle(self, x, y):
        return self._angles[_pixel(y)][_pixel(x)]

    def _corrected(self, x, y, depth):
        """Move a place to the given depth."""
        row, column = _pixel(y), _pixel(x)
        angle, missing = self._angles[row][column], depth - self._depth[row][column]
        missing = min(0.5 * TILE, max(-0.5 * TILE, missing))
        return x + missing * math.sin(angle), y - missing * math.cos(angle)

    def put(self, x, y, side):
        """Set a tile if there is room for it, and say whether there was."""
        if not (0 <= x < 1 and 0 <= y < 1):
            return False
        column, row = int(x * SIDE), int(y * SIDE)
        if self._taken[column, row]:
            return False
        part, angle = self._parts[row][column], self._angles[row][column]
        half = 0.5 * side * SIDE
        cos, sin = half * math.cos(angle), half * math.sin(angle)
        px, py = x * SIDE, y * SIDE
        for u, v in _PROBES:
            a, b = int(px + u * cos - v * sin), int(py + u * sin + v * cos)
            if (
                not (0 <= a < SIDE and 0 <= b < SIDE)
                or self._taken[a, b]
                or self._parts[b][a] != part
            ):
                return False
        corners = [(px + u * cos - v * sin, py + u * sin + v * cos) for u, v in CORNERS]
        self._pen.polygon(corners, fill=255)
        self.tiles.append(Tile(x, y, angle, side))
        return True


def _pixel(place):
    pixel = int(place * SIDE)
    return 0 if pixel < 0 else SIDE - 1 if pixel >= SIDE else pixel

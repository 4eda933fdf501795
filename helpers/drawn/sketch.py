"""Drawings without pixels: shapes that are kept, so that they can be measured before painting."""

import math
import typing

import numpy as np
from PIL import Image, ImageDraw

from helpers.drawn.canvas import SUPERSAMPLING, Canvas

_UNIT = 256.0  # in what the shapes are kept: fine enough for line widths, which are whole


class _Shape(typing.NamedTuple):
    points: list  # x, y, x, y, ... in units of 1 / _UNIT
    colour: tuple
    width: int  # of a line; 0 for a filled polygon


class _Recorder:
    """Stands where a canvas has its pen, and keeps what it is asked to draw."""

    def __init__(self):
        self.shapes = []

    def polygon(self, points, *, fill):
        self.shapes.append(_Shape(list(points), fill, 0))

    def line(self, points, *, fill, width):
        self.shapes.append(_Shape(list(points), fill, width))


class Sketch(Canvas):
    """A canvas of no size: draw on it, ask how far the drawing reaches, then paint it anywhere.

    Coordinates have no limits; x runs to the right and y down.

    Parameters
    ----------
    light_xy : tuple of two floats
        Direction towards the light, length 1. Rounded shapes are lighter there.
    is_fine : bool
        Whether curves get many corners, for what may become large.
    """

    def __init__(self, *, light_xy=(-0.6, -0.8), is_fine=False):
        self._image, self._pen = None, _Recorder()
        self.light_xy = light_xy
        self._is_small = not is_fine
        self._set_pose(_UNIT, 0.0, 0.0, _UNIT, 0.0, 0.0)
        self._measured = None

    @property
    def shapes(self):
        """All shapes drawn so far, first to last: (points, colour, width) in inner units."""
        return self._pen.shapes

    def _reach(self):
        """Return (left, top, right, bottom) of every shape, in units: (shapes, 4)."""
        if self._measured is None or len(self._measured) != len(self.shapes):
            reach = []
            for points, _, width in self.shapes:
                xs, ys = _outline(points, width) if width else (points[::2], points[1::2])
                reach.append((min(xs), min(ys), max(xs), max(ys)))
            self._measured = np.array(reach, dtype=float).reshape(-1, 4) / _UNIT
        return self._measured

    def extent(self):
        """Return how far the drawing reaches.

        Returns
        -------
        left, top, right, bottom : float
            In the coordinates of the sketch.

        Raises
        ------
        ValueError
            If nothing was drawn.
        """
        reach = self._reach()
        if not len(reach):
            raise ValueError("nothing was drawn, so there is no extent")
        return (*reach[:, :2].min(axis=0).tolist(), *reach[:, 2:].max(axis=0).tolist())

    def foot(self):
        """Return how far to the left and right the first shape reaches."""
        left, _, right, _ = self._reach()[0].tolist()
        return left, right

    def places_of(self, colours):
        """Find the shapes of some colours.

        Parameters
        ----------
        colours : set of tuples of 3 ints

        Returns
        -------
        places : list of (x, y, radius, colour)
            Middle and half the mean of width and height, in the coordinates of the sketch.
        """
        places = []
        for (left, top, right, bottom), shape in zip(self._reach(), self.shapes, strict=True):
            if shape.colour in colours:
                radius = 0.25 * (right - left + bottom - top)
                places.append((0.5 * (left + right), 0.5 * (top + bottom), radius, shape.colour))
        return places

    def mask(self, scale, x, y, size):
        """Say which pixels of a picture the drawing covers.

        Parameters
        ----------
        scale : float
            Pixels per unit.
        x, y : float
            Where the origin of the sketch lies, in pixels.
        size : tuple of two ints
            Height and width of the picture.

        Returns
        -------
        mask : bool array of shape (height, width)
        """
        image = Image.new("L", (size[1], size[0]), 0)
        self._replay(ImageDraw.Draw(image), scale, x, y, lambda _: 1)
        return np.asarray(image) > 0

    def paint(self, scale, x, y, size, colour_of=None):
        """Paint the drawing on a layer just large enough for it.

        Parameters
        ----------
        scale : float
            Pixels per unit.
        x, y : float
            Where the origin of the sketch lies, in pixels of the picture.
        size : tuple of two ints
            Height and width of the picture; what lies outside is cut.
        colour_of : callable, optional
            Turns a colour of the sketch to the one that is painted.

        Returns
        -------
        layer : uint8 array of shape (rows, columns, 4)
            RGB and opacity, the colours already multiplied with it. May have no pixels.
        top, left : int
            Where its first pixel belongs in the picture.
        """
        left, top, right, bottom = self.extent()
        left, right = _span(x + scale * left, x + scale * right, size[1])
        top, bottom = _span(y + scale * top, y + scale * bottom, size[0])
        if right <= left or bottom <= top:
            return np.zeros((0, 0, 4), np.uint8), 0, 0
        finer = SUPERSAMPLING
        # As in a transparent `Canvas`: black where empty, the fourth channel is opacity.
        image = Image.new("RGBX", ((right - left) * finer, (bottom - top) * finer), 0)
        self._replay(
            ImageDraw.Draw(image), finer * scale, finer * (x - left), finer * (y - top), colour_of
        )
        return np.asarray(image.reduce(finer)), top, left

    def _replay(self, pen, scale, x, y, colour_of):
        """Draw all shapes with a real pen."""
        flat = np.concatenate([shape.points for shape in self.shapes]) * (scale / _UNIT)
        flat[::2] += x
        flat[1::2] += y
        flat, start, colours = flat.tolist(), 0, {}
        for points, colour, width in self.shapes:
            if colour not in colours:
                colours[colour] = colour_of(colour) if colour_of else colour
            corners = flat[start : start + len(points)]
            start += len(points)
            if width:
                thickness = max(1, round(width * scale / _UNIT))
                pen.line(corners, fill=colours[colour], width=thickness)
            else:
                pen.polygon(corners, fill=colours[colour])


def _span(low, high, limit):
    return max(0, math.floor(low)), min(limit, math.ceil(high))


def _outline(points, width):
    """Return the x and the y of the corners of a line's pieces, each as a strip with flat ends."""
    xs, ys = [], []
    for x0, y0, x1, y1 in zip(points[::2], points[1::2], points[2::2], points[3::2], strict=False):
        half = 0.5 * width / (math.hypot(x1 - x0, y1 - y0) or 1.0)
        across, down = half * (y0 - y1), half * (x1 - x0)
        xs += (x0 - across, x0 + across, x1 - across, x1 + across)
        ys += (y0 - down, y0 + down, y1 - down, y1 + down)
    return xs, ys

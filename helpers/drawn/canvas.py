"""A canvas in unit coordinates: shapes, poses and gradients that know nothing of pixels.

The whole canvas spans 0 to 1, x to the right and y down. `Canvas.posed` gives a view of the same
canvas with coordinates of its own, so a wheel or a head is drawn around its own origin.
"""

import functools
import math

import numpy as np
from PIL import Image, ImageDraw

from helpers.drawn.colours import shade

SUPERSAMPLING = 3  # canvas pixels per picture pixel and side, for smooth edges


@functools.cache
def circle(num_points):
    """Return the corners (x, y) of a regular polygon on the unit circle, as a tuple."""
    angles = [2 * math.pi * k / num_points for k in range(num_points)]
    return tuple((math.cos(angle), math.sin(angle)) for angle in angles)


@functools.cache
def closed_spline(num_points, steps):
    """Return the matrix that turns control points into a closed Catmull-Rom curve through them.

    Parameters
    ----------
    num_points : int
        Number of control points.
    steps : int
        Samples from one control point to the next.

    Returns
    -------
    matrix : float array of shape (num_points * steps, num_points)
        Multiplied with the (num_points, 2) control points, it gives the points of the curve.
    """
    matrix = np.zeros((num_points, steps, num_points))
    for span in range(num_points):
        around = np.arange(span - 1, span + 3) % num_points
        for k in range(steps):
            np.add.at(matrix[span, k], around, _catmull_rom(k / steps))
    matrix.setflags(write=False)  # shared between callers
    return matrix.reshape(-1, num_points)


@functools.cache
def span_weights(steps):
    """Return `steps` samples along one span of an open spline, its start left out.

    Each is (t, weights of the four points around the span, weights for the direction there).
    """
    times = [(k + 1) / steps for k in range(steps)]
    return tuple((t, _catmull_rom(t), _catmull_rom_slope(t)) for t in times)


def _catmull_rom(t):
    return (
        -0.5 * t + t**2 - 0.5 * t**3,
        1 - 2.5 * t**2 + 1.5 * t**3,
        0.5 * t + 2 * t**2 - 1.5 * t**3,
        -0.5 * t**2 + 0.5 * t**3,
    )


def _catmull_rom_slope(t):
    return (
        -0.5 + 2 * t - 1.5 * t**2,
        -5 * t + 4.5 * t**2,
        0.5 + 4 * t - 4.5 * t**2,
        -t + 1.5 * t**2,
    )


class Canvas:
    """A square picture to draw on, larger than the result so that edges come out smooth.

    Parameters
    ----------
    size : int
        Height and width of the finished picture, in pixels.
    transparent : bool
        Whether the canvas starts empty (a layer to put on another picture) or black.
    light_xy : tuple of two floats
        Direction towards the light on the canvas, length 1. Rounded shapes are lighter there.
    """

    def __init__(self, size, *, transparent=False, light_xy=(-0.6, -0.8)):
        side = size * SUPERSAMPLING
        # The fourth channel of a layer is its opacity. Mode RGBX and not RGBA, because an empty
        # layer is black: averaging then yields colour times opacity, which is what we need.
        self._image = Image.new("RGBX" if transparent else "RGB", (side, side), 0)
        self._pen = ImageDraw.Draw(self._image)
        self.light_xy = light_xy
        self._is_small = size <= 48  # then curves need fewer corners
        self._set_pose(side, 0.0, 0.0, side, 0.0, 0.0)

    def _set_pose(self, xx, xy, yx, yy, x, y):
        """Map (u, v) to the canvas pixel (xx * u + xy * v + x, yx * u + yy * v + y)."""
        self._pose = xx, xy, yx, yy, x, y
        self._unit = math.sqrt(abs(xx * yy - xy * yx))  # in canvas pixels

    def posed(self, x=0.0, y=0.0, *, scale=1.0, stretch=1.0, angle=0.0, shear=0.0, flip=False):
        """Return a view of this canvas with its own origin and axes.

        Parameters
        ----------
        x, y : float
            Where the new origin lies in the present coordinates.
        scale : float
            Length of the new unit in present units.
        stretch : float
            Extra factor on x alone.
        angle : float
            Turn in radians, clockwise as seen (y points down).
        shear : float
            Shift in x per unit of y.
        flip : bool
            Whether x runs the other way.

        Returns
        -------
        view : Canvas
            Draws on the same picture.
        """
        cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
        across = -stretch if flip else stretch
        xx, xy, yx, yy = cos * across, cos * shear - sin, sin * across, sin * shear + cos
        axx, axy, ayx, ayy, ax, ay = self._pose
        view = object.__new__(Canvas)
        view._image, view._pen = self._image, self._pen
        view.light_xy, view._is_small = self.light_xy, self._is_small
        view._set_pose(
            axx * xx + axy * yx,
            axx * xy + axy * yy,
            ayx * xx + ayy * yx,
            ayx * xy + ayy * yy,
            axx * x + axy * y + ax,
            ayx * x + ayy * y + ay,
        )
        return view

    def _pixels(self, points):
        """Return the points in canvas pixels, as a flat list x, y, x, y, ..."""
        xx, xy, yx, yy, x0, y0 = self._pose
        flat = []
        for x, y in points:
            flat += (xx * x + xy * y + x0, yx * x + yy * y + y0)
        return flat

    def polygon(self, points, colour, *, rounded=0.0):
        """Fill a polygon.

        Parameters
        ----------
        points : sequence of (x, y)
        colour : tuple of 3 ints
        rounded : float
            How much the shape bulges towards the viewer, 0 (flat) to 1: it darkens away from the
            light and lightens towards it. Meant for convex shapes.
        """
        self._fill(self._pixels(points), colour, rounded)

    def _fill(self, flat, colour, rounded):
        if not rounded:
            self._pen.polygon(flat, fill=colour)
            return
        self._pen.polygon(flat, fill=shade(colour, 1 - 0.26 * rounded))
        xs, ys = flat[::2], flat[1::2]
        towards_x, towards_y = self.light_xy
        heights = [towards_x * x + towards_y * y for x, y in zip(xs, ys, strict=True)]
        brightest = heights.index(max(heights))
        share = 0.2 / len(xs)
        anchor_x = 0.8 * xs[brightest] + share * sum(xs)
        anchor_y = 0.8 * ys[brightest] + share * sum(ys)
        for keep, factor in ((0.84, 1.0), (0.5, 1 + 0.14 * rounded)):
            flat[::2] = [keep * x + (1 - keep) * anchor_x for x in xs]
            flat[1::2] = [keep * y + (1 - keep) * anchor_y for y in ys]
            self._pen.polygon(flat, fill=shade(colour, factor))

    def blob(self, points, colour, *, rounded=0.0):
        """Fill the smooth closed curve through the points (see `polygon`)."""
        pixels = np.array(self._pixels(points)).reshape(-1, 2)
        curve = closed_spline(len(pixels), 3 if self._is_small else 8) @ pixels
        self._fill(curve.ravel().tolist(), colour, rounded)

    def ellipse(self, x, y, radius_x, radius_y, colour, *, angle=0.0, rounded=0.0):
        """Fill an ellipse around (x, y), turned clockwise by `angle` radians."""
        xx, xy, yx, yy, x0, y0 = self._pose
        x0, y0 = x0 + xx * x + xy * y, y0 + yx * x + yy * y
        if angle:
            cos, sin = math.cos(angle), math.sin(angle)
            xx, xy, yx, yy = (
                xx * cos + xy * sin,
                xy * cos - xx * sin,
                yx * cos + yy * sin,
                yy * cos - yx * sin,
            )
        xx, xy, yx, yy = xx * radius_x, xy * radius_y, yx * radius_x, yy * radius_y
        is_tiny = (radius_x + radius_y) * self._unit < 8
        flat = []
        for cos, sin in circle(8 if is_tiny else 16 if self._is_small else 48):
            flat += (xx * cos + xy * sin + x0, yx * cos + yy * sin + y0)
        self._fill(flat, colour, rounded)

    def rectangle(self, left, top, right, bottom, colour, *, rounded=0.0):
        """Fill a rectangle given by its edges."""
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        self.polygon(corners, colour, rounded=rounded)

    def line(self, points, width, colour):
        """Draw straight lines from point to point, `width` thick."""
        thickness = max(1, round(width * self._unit))
        self._pen.line(self._pixels(points), fill=colour, width=thickness)

    def limb(self, points, widths, colour):
        """Draw a smooth curve with round ends whose thickness changes along the way.

        Parameters
        ----------
        points : sequence of (x, y)
            At least two.
        widths : sequence of float
            Thickness at each point.
        colour : tuple of 3 ints
        """
        weights = span_weights(2 if self._is_small else 6)
        (x, y), (next_x, next_y) = points[:2]
        dx, dy = next_x - x, next_y - y
        left, right = [], []  # the two edges, seen along the limb
        _widen(left, right, x, y, dx, dy, widths[0], ahead=-0.75, spread=0.66)
        _widen(left, right, x, y, dx, dy, widths[0])
        padded = (points[0], *points, points[-1])
        for span in range(len(points) - 1):
            (x0, y0), (x1, y1), (x2, y2), (x3, y3) = padded[span : span + 4]
            thin, more = widths[span], widths[span + 1] - widths[span]
            for t, (a, b, c, d), (e, f, g, h) in weights:
                x, y = a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3
                dx, dy = e * x0 + f * x1 + g * x2 + h * x3, e * y0 + f * y1 + g * y2 + h * y3
                _widen(left, right, x, y, dx, dy, thin + t * more)
        _widen(left, right, x, y, dx, dy, widths[-1], ahead=0.75, spread=0.66)
        left += reversed(right)
        self.polygon(left, colour)

    def gradient(self, top_colour, bottom_colour, *, top=0.0, bottom=1.0, texture=None):
        """Fill the full width from `top` to `bottom` (whole canvas, unposed) with a gradient.

        Parameters
        ----------
        top_colour, bottom_colour : tuple of 3 ints
        top, bottom : float
            Where the band starts and ends, 0 to 1.
        texture : float array of shape (rows, columns), optional
            Added to the gradient, in units of 0 to 255, and stretched to the band.
        """
        side = self._image.height
        first, last = round(top * side), round(bottom * side)
        if last <= first:
            return
        rows = 16 if texture is None else len(texture)
        share = np.arange(rows, dtype=np.float32)[:, None, None] / (rows - 1)
        ends = np.array((top_colour, bottom_colour), dtype=np.float32)
        band = ends[0] + (ends[1] - ends[0]) * share  # (rows, 1, 3)
        if texture is not None:
            band = band + texture[:, :, None]
        band = Image.fromarray(band.clip(0, 255).astype(np.uint8))
        height = -(-(last - first) // SUPERSAMPLING)
        band = band.resize((side // SUPERSAMPLING, height), Image.Resampling.BICUBIC)
        band = band.resize((side, last - first), Image.Resampling.NEAREST)
        self._image.paste(band, (0, first))

    def finish(self):
        """Return the picture at its final size.

        Returns
        -------
        picture : uint8 array of shape (size, size, 3), or (size, size, 4) if transparent
            RGB, 0 to 255. The fourth channel is opacity, and the colours of a transparent canvas
            are already multiplied with it: where nothing was drawn, all four are 0.
        """
        return np.asarray(self._image.reduce(SUPERSAMPLING))


def _widen(left, right, x, y, dx, dy, width, *, ahead=0.0, spread=1.0):
    """Add to both edges of a limb that is `width` thick at (x, y) and runs along (dx, dy).

    The two points lie `ahead` half widths further along and `spread` half widths to each side.
    """
    half = 0.5 * width / (math.sqrt(dx * dx + dy * dy) + 1e-9)
    dx, dy = dx * half, dy * half
    x, y = x + ahead * dx, y + ahead * dy
    dx, dy = spread * dx, spread * dy
    left.append((x - dy, y + dx))
    right.append((x + dy, y - dx))

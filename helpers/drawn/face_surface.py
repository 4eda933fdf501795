"""The surface of a head in space: where a point of the face lies, its outline, light on it.

In the head's own coordinates the point between the eyes is near the origin; x runs to the right as
the viewer sees it, y down and z to the viewer. An angle around the head is 0 at the nose and
grows to the right; the ears are near +-90 degrees.
"""

import math

import numpy as np

from helpers.drawn.canvas import closed_spline

_LEVELS, _ANGLES = 46, 52  # of the grid on which light is measured
_SKIN_TO = math.radians(105)  # the face ends behind the ears
_MAP = 48  # side of the map of light: it is smooth, so this is enough for any picture


class Surface:
    """A head's surface, with the face of one moment on it, seen from one side.

    Parameters
    ----------
    person : helpers.drawn.face_people.Person
    mood : helpers.drawn.face_mood.Mood
    yaw : float
        How far the head is turned to the right, in radians.
    """

    def __init__(self, person, mood, yaw):
        self.yaw = yaw
        self.crown = person.head.crown
        self.chin_y = person.head.chin_y + 0.1 * mood.mouth
        self._outline = _outline(person.head, self.chin_y)
        self._bumps = _bumps(person, mood, self.chin_y)
        self._nose = person.nose

    def half_width(self, y):
        """Return half the width of the head at heights `y`."""
        rows, widths = self._outline
        return np.interp(y, rows, widths)

    def around(self, angle, y, *, larger=0.0):
        """Return points on the head without nose and hollows, or on a larger head.

        Parameters
        ----------
        angle, y : float or array
            Of one shape.
        larger : float or array
            How much larger the head is, as for the hair on it.

        Returns
        -------
        points : float array of shape (..., 3)
        """
        depth, middle = self._depth(y)
        cos = np.cos(angle)
        points = np.stack(
            [
                self.half_width(y) * np.sin(angle),
                y,
                middle + depth * np.sign(cos) * np.abs(cos) ** 0.85,
            ],
            axis=-1,
        )
        origin = np.array((0.0, -0.2, -0.05))
        return points + np.asarray(larger)[..., None] * (points - origin)

    def lift(self, points):
        """Lift flat points of the face to its surface.

        Parameters
        ----------
        points : float array of shape (n, 2)
            (x, y). What lies beyond the edge of the face, or is hidden behind it, is moved to it.

        Returns
        -------
        points : float array of shape (n, 3)
        """
        x, y = points.T
        angle = np.arcsin((x / np.maximum(self.half_width(y), 1e-6)).clip(-1, 1))
        low, high = self.seen(y)
        lifted = self.around(angle.clip(low, high), y)
        lifted[:, 2] += self._height(lifted[:, 0], y)
        return lifted

    def seen(self, y):
        """Return from which angle to which the head is seen at heights `y`."""
        depth, _ = self._depth(y)
        wide = self.half_width(y) + 1e-9
        edge = np.arctan2(wide * math.cos(self.yaw), depth * math.sin(self.yaw))
        return edge - math.pi, edge

    def grid(self):
        """Return points all over the face and its sides: (levels, angles, 3)."""
        turn = np.linspace(-1, 1, _LEVELS)
        share = 0.5 + 0.5 * np.sin(0.5 * math.pi * turn)  # closer at crown and chin
        y = -self.crown + share * (self.chin_y + self.crown)
        angle, y = np.meshgrid(np.linspace(-_SKIN_TO, _SKIN_TO, _ANGLES), y)
        points = self.around(angle, y)
        points[:, :, 2] += self._height(points[:, :, 0], y) * (np.cos(angle) > 0)
        return points

    def edge(self, points):
        """Return the outline of a grid of points: down on the left, then up on the right.

        Parameters
        ----------
        points : float array of shape (levels, angles, 3)

        Returns
        -------
        outline : float array of shape (2 * levels, 3)
        """
        reach = points[:, :, 0] * math.cos(self.yaw) + points[:, :, 2] * math.sin(self.yaw)
        rows = np.arange(len(points))
        left, right = points[rows, reach.argmin(axis=1)], points[rows, reach.argmax(axis=1)]
        return np.vstack([left, right[::-1]])

    def _depth(self, y):
        """Return how far the head reaches to front and back, from where, at heights `y`."""
        above = np.sqrt(np.maximum(1 - (np.abs(np.minimum(y, 0)) / self.crown) ** 2.4, 0))
        down = np.maximum(y, 0) / self.chin_y
        return 0.82 * above * (1 - 0.62 * down**2.2), 0.36 * down**1.6

    def _height(self, x, y):
        """Return how far nose, cheeks and lips stand out, and the eyes lie inside."""
        bump_x, bump_y, height, wide, high = self._bumps.reshape(5, -1, *(1,) * np.ndim(x))
        total = (height * np.exp(-(((x - bump_x) / wide) ** 2) - ((y - bump_y) / high) ** 2)).sum(
            axis=0
        )
        nose = self._nose
        along = (y + 0.14) / (nose.y + 0.14)
        profile = (0, nose.bridge, 0.62 + 0.2 * nose.hook, 0.96, 1, 0)
        rise = np.interp(along, (-0.1, 0.1, 0.5, 0.9, 1.0, 1.16), profile)
        ridge = nose.ridge + (0.75 * nose.width - nose.ridge) * along.clip(0, 1) ** 3
        return total + nose.height * rise * np.exp(-((x / ridge) ** 2))


def _outline(head, chin_y):
    """Return heights from crown to chin, and half the width of the head there."""
    right = np.array(
        (
            (0.48 * head.temple, -0.93 * head.crown),
            (0.86 * head.temple, -0.66 * head.crown),
            (head.temple, -0.32),
            (head.cheek, 0.08),
            (0.42 * head.jaw + 0.58 * head.cheek + 0.03 * head.fullness, 0.62 * head.jaw_y),
            (head.jaw + 0.04 * head.fullness, head.jaw_y),
            (head.chin + 0.1, 0.45 * head.jaw_y + 0.52 * chin_y),
            (head.chin * 0.75, 0.97 * chin_y),
        )
    )
    ring = np.vstack([(0, -head.crown), right, (0, chin_y), right[::-1] * (-1, 1)])
    steps = 6
    curve = (closed_spline(len(ring), steps) @ ring)[: (len(right) + 1) * steps + 1]
    return np.maximum.accumulate(curve[:, 1]), np.maximum(curve[:, 0], 0)


def _bumps(person, mood, chin_y):
    """Return what stands out of the face or lies inside: x, y, height, radius across, down."""
    eyes, nose, mouth, head = person.eyes, person.nose, person.mouth, person.head
    smile = max(mood.smile, 0)
    pairs = (
        (eyes.x, -0.02, -eyes.depth, 0.2, 0.12),
        (eyes.x, person.brows.y + 0.02, 0.5 * eyes.depth, 0.26, 0.08),
        (0.8 * nose.width, nose.y, 0.07, 0.45 * nose.width, 0.07),
        (0.42, 0.32 - 0.05 * smile, 0.02 + 0.05 * head.fullness + 0.04 * smile, 0.18, 0.16),
    )
    middle = (
        (0.0, mouth.y, 0.05, 0.8 * mouth.width, 0.09),
        (0.0, mouth.y + 0.17, -0.03, 0.16, 0.05),
        (0.0, chin_y - 0.14, 0.05, 0.16, 0.1),
    )
    both = [(side * x, *rest) for x, *rest in pairs for side in (-1, 1)]
    return np.array((*both, *middle)).T


def light_map(points, view, to_light, ambient):
    """Map how bright the face is, in a square that covers the picture.

    Parameters
    ----------
    points : float array of shape (levels, angles, 3)
        As from `Surface.grid`.
    view : helpers.drawn.relief.View
    to_light : float array of shape (3,)
        Direction in the picture's coordinates, of length 1.
    ambient : float
        How bright the face is where no light falls, 0 to 1.

    Returns
    -------
    gain : float32 array of shape (48, 48)
        1 where the face looks to the viewer. Beside the face it fades to the mean.
    """
    turned = view.see(points)
    down, right = np.gradient(turned, axis=0), np.gradient(turned, axis=1)
    normal = np.cross(right, down)
    normal /= np.sqrt((normal**2).sum(axis=2, keepdims=True)) + 1e-12
    facing = np.maximum(normal @ to_light, 0) / max(to_light[2], 0.55)
    gain = ambient + (1 - ambient) * np.minimum(facing, 1.2)
    weight = np.maximum(normal[:, :, 2], 0)  # what looks away is not seen
    columns, rows = (turned[:, :, :2] * _MAP).astype(int).clip(0, _MAP - 1).reshape(-1, 2).T
    places = rows * _MAP + columns
    fields = np.stack(
        [
            np.bincount(places, part.ravel(), minlength=_MAP * _MAP).reshape(_MAP, _MAP)
            for part in (weight, weight * gain)
        ]
    )
    fields = _smooth(fields)
    coarse = _smooth(fields.reshape(2, 12, _MAP // 12, 12, _MAP // 12).mean(axis=(2, 4)))
    around = coarse.repeat(_MAP // 12, axis=1).repeat(_MAP // 12, axis=2)
    mean = fields[1].sum() / (fields[0].sum() + 1e-9)
    weight, total = _smooth(fields + 0.1 * around + 0.002 * np.array((1, mean))[:, None, None])
    return (total / weight).astype(np.float32)


def _smooth(fields):
    """Average maps (n, rows, columns) with their neighbours."""
    down = np.pad(fields, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = 0.25 * (down[:, :-2] + down[:, 2:]) + 0.5 * down[:, 1:-1]
    return 0.25 * (across[:, :, :-2] + across[:, :, 2:]) + 0.5 * across[:, :, 1:-1]

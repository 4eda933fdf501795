"""Strokes: what faces are painted with, before it is known where the face is in the picture."""

import typing

import numpy as np

from helpers.drawn.colours import mix, shade

ALONG = np.linspace(-1, 1, 13)  # places along a feature, from one end to the other
ARCH = 1 - np.abs(ALONG) ** 2.2
_RING = np.linspace(0, 2 * np.pi, 18, endpoint=False)
CIRCLE = np.column_stack([np.cos(_RING), np.sin(_RING)])


class Stroke(typing.NamedTuple):
    """Something to paint: a filled shape, a line or, of one point, a disc.

    Parameters
    ----------
    points : float array of shape (n, 2) or (n, 3)
        (x, y) on the face, or (x, y, z) in space.
    colour : tuple of 3 ints
    width : float
        Of a line, or the diameter of a disc; 0 for a filled shape.
    """

    points: np.ndarray
    colour: tuple
    width: float = 0.0


def darker(skin, factor):
    """Return the colour of skin in a fold, `factor` as bright: redder than in plain shade."""
    return mix(shade(skin, factor), (110, 36, 26), 0.25 * (1 - factor))


def lifted(strokes, surface):
    """Lift flat strokes to a face's surface, all at once because that is faster.

    Parameters
    ----------
    strokes : list of Stroke
    surface : helpers.drawn.face_surface.Surface

    Returns
    -------
    lifted : list of Stroke
        All in space.
    """
    on_face = [stroke.points for stroke in strokes if stroke.points.shape[1] == 2]
    ends = np.cumsum([len(points) for points in on_face])
    in_space = iter(np.split(surface.lift(np.concatenate(on_face)), ends))
    return [
        stroke._replace(points=next(in_space)) if stroke.points.shape[1] == 2 else stroke
        for stroke in strokes
    ]


def flat(x, y):
    """Return points (n, 2) of the face from their x and their y; either may be one number."""
    return np.column_stack(np.broadcast_arrays(x, y)).astype(float)


def ellipse(x, y, radius_x, radius_y):
    """Return the points of an ellipse on the face."""
    return (x, y) + (radius_x, radius_y) * CIRCLE


def band(x, top, bottom):
    """Return the shape between two curves over the same places."""
    return np.vstack([flat(x, top), flat(x, bottom)[::-1]])

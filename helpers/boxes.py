"""Boxes: their two formats, pixels or shares of a picture, clipping, and how two overlap.

``x`` runs to the right and ``y`` downwards, from the picture's top left corner. The formats:

- *corners*: ``(left, top, right, bottom)``;
- *centre*: ``(x, y, width, height)``, with the middle of the box first.

Sizes of pictures are ``(height, width)``, as in ``image.shape[:2]``.
"""

import numpy as np

_LARGEST = 1e100  # areas of larger boxes would overflow


def as_corners(boxes, *, name="boxes"):
    """Check boxes in corners format, and return them as floats.

    Parameters
    ----------
    boxes : array of shape (..., 4)
        Corners: ``(left, top, right, bottom)``, in any unit. An empty list is no boxes.
    name : str
        What an error calls them.

    Returns
    -------
    corners : float64 array of shape (..., 4)
        A copy.

    Raises
    ------
    ValueError
        If the last axis is not 4, a coordinate is not finite, or a right edge lies left of a left
        edge or a bottom above a top.
    """
    corners = _as_fours(boxes, name, "(left, top, right, bottom)")
    swapped = (corners[..., 2:] < corners[..., :2]).any(axis=-1)
    if swapped.any():
        raise ValueError(
            f"expected {name} as (left, top, right, bottom) with left <= right and top <= bottom, "
            f"got {corners[swapped][0].tolist()}"
        )
    return corners


def as_size(size, *, name="image_size"):
    """Check the size of a picture, and return it as two ints.

    Parameters
    ----------
    size : (int, int)
        Height and width in pixels.
    name : str
        What an error calls it.

    Returns
    -------
    height, width : int

    Raises
    ------
    ValueError
        If these are not two whole numbers from 1 on.
    """
    size = np.asarray(size)
    if size.shape != (2,) or size.dtype.kind not in "iu" or (size < 1).any():
        raise ValueError(
            f"expected {name} as (height, width) in whole pixels, at least 1; got {size.tolist()}"
        )
    return int(size[0]), int(size[1])


def iou(boxes_a, boxes_b):
    """Measure how much boxes overlap: what two boxes share, as a part of what they cover together.

    Parameters
    ----------
    boxes_a : array of shape (..., n, 4)
        Corners: ``(left, top, right, bottom)``, in any unit.
    boxes_b : array of shape (..., m, 4)
        Corners, in the unit of `boxes_a`. The leading axes are broadcast.

    Returns
    -------
    overlap : float64 array of shape (..., n, m)
        Intersection over union of each box of the one with each of the other, 0 to 1. Boxes that
        touch and boxes without an area have 0.

    Raises
    ------
    ValueError
        If one is not an array of boxes in corners format, see `as_corners`.

    References
    ----------
    Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge" (IJCV 2010), section 4.2.

    >>> iou([[0, 0, 4, 2]], [[2, 0, 6, 2], [4, 0, 8, 2]]).round(3)
    array([[0.333, 0.   ]])
    """
    corners_a, corners_b = as_corners(boxes_a, name="boxes_a"), as_corners(boxes_b, name="boxes_b")
    if corners_a.ndim < 2 or corners_b.ndim < 2:
        raise ValueError(
            "expected boxes of shape (n, 4) and (m, 4), "
            f"got {corners_a.shape} and {corners_b.shape}"
        )
    left_a, top_a, right_a, bottom_a = _edges(corners_a[..., :, None, :])  # each (..., n, 1)
    left_b, top_b, right_b, bottom_b = _edges(corners_b[..., None, :, :])  # each (..., 1, m)
    widths = np.minimum(right_a, right_b)
    widths -= np.maximum(left_a, left_b)  # in place: new large arrays cost most of the time
    heights = np.minimum(bottom_a, bottom_b)
    heights -= np.maximum(top_a, top_b)
    shared = np.maximum(widths, 0, out=widths)
    shared *= np.maximum(heights, 0, out=heights)
    areas_a = (right_a - left_a) * (bottom_a - top_a)
    areas_b = (right_b - left_b) * (bottom_b - top_b)
    covered = areas_a + areas_b
    covered -= shared
    shared /= np.maximum(covered, np.finfo(float).tiny, out=covered)  # 0 where nothing is covered
    return shared


def corners_to_centre(corners):
    """Turn corners format into centre format.

    Parameters
    ----------
    corners : array of shape (..., 4)
        Corners: ``(left, top, right, bottom)``, in any unit.

    Returns
    -------
    centres : float64 array of shape (..., 4)
        Centre: ``(x, y, width, height)``, in the same unit.

    Raises
    ------
    ValueError
        If these are not boxes in corners format, see `as_corners`.

    >>> corners_to_centre([10, 20, 40, 30])
    array([25., 25., 30., 10.])
    """
    corners = as_corners(corners, name="corners")
    first, last = corners[..., :2], corners[..., 2:]
    return np.concatenate([(first + last) / 2, last - first], axis=-1)


def centre_to_corners(centres):
    """Turn centre format into corners format.

    Parameters
    ----------
    centres : array of shape (..., 4)
        Centre: ``(x, y, width, height)``, in any unit.

    Returns
    -------
    corners : float64 array of shape (..., 4)
        Corners: ``(left, top, right, bottom)``, in the same unit.

    Raises
    ------
    ValueError
        If the last axis is not 4, a number is not finite, or a width or height is negative.

    >>> centre_to_corners([25, 25, 30, 10])
    array([10., 20., 40., 30.])
    """
    centres = _as_fours(centres, "centres", "(x, y, width, height)")
    middles, sizes = centres[..., :2], centres[..., 2:]
    if (sizes < 0).any():
        raise ValueError(
            "expected centres as (x, y, width, height) with no negative width or height, "
            f"got {centres[(sizes < 0).any(axis=-1)][0].tolist()}"
        )
    return np.concatenate([middles - sizes / 2, middles + sizes / 2], axis=-1)


def pixels_to_relative(boxes, image_size):
    """Measure boxes in widths and heights of their picture instead of in pixels.

    Parameters
    ----------
    boxes : array of shape (..., 4)
        Corners or centre, in pixels; the format stays.
    image_size : (int, int)
        Height and width of the picture in pixels.

    Returns
    -------
    boxes : float64 array of shape (..., 4)
        Inside the picture, 0 to 1.

    Raises
    ------
    ValueError
        If the last axis is not 4, a number is not finite, or `image_size` is not two sizes.

    >>> pixels_to_relative([10, 20, 40, 30], image_size=(40, 100))
    array([0.1 , 0.5 , 0.4 , 0.75])
    """
    return _as_fours(boxes, "boxes", "four numbers") / _width_height_twice(image_size)


def relative_to_pixels(boxes, image_size):
    """Measure boxes in pixels instead of in widths and heights of their picture.

    Parameters
    ----------
    boxes : array of shape (..., 4)
        Corners or centre, 0 to 1 inside the picture; the format stays.
    image_size : (int, int)
        Height and width of the picture in pixels.

    Returns
    -------
    boxes : float64 array of shape (..., 4)
        In pixels.

    Raises
    ------
    ValueError
        If the last axis is not 4, a number is not finite, or `image_size` is not two sizes.

    >>> relative_to_pixels([0.1, 0.5, 0.4, 0.75], image_size=(40, 100))
    array([10., 20., 40., 30.])
    """
    return _as_fours(boxes, "boxes", "four numbers") * _width_height_twice(image_size)


def clip(corners, image_size):
    """Cut off what of the boxes lies outside the picture.

    Parameters
    ----------
    corners : array of shape (..., 4)
        Corners: ``(left, top, right, bottom)``, in pixels.
    image_size : (int, int)
        Height and width of the picture in pixels.

    Returns
    -------
    corners : float64 array of shape (..., 4)
        Corners from 0 to the width and height. Of a box that lies outside, a line or point on the
        picture's edge is left, with an area of 0.

    Raises
    ------
    ValueError
        If these are not boxes in corners format, see `as_corners`, or `image_size` is not two
        sizes.

    >>> clip([-5, 10, 340, 200], image_size=(240, 320))
    array([  0.,  10., 320., 200.])
    """
    return np.clip(as_corners(corners, name="corners"), 0, _width_height_twice(image_size))


def _as_fours(boxes, name, order):
    """Check for finite numbers in fours, and return them as floats."""
    try:
        fours = np.array(boxes, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"expected {name} as {order} of shape (..., 4), got {boxes!r}") from error
    if fours.shape == (0,):
        fours = fours.reshape(0, 4)
    if fours.ndim < 1 or fours.shape[-1] != 4:
        raise ValueError(f"expected {name} as {order} of shape (..., 4), got shape {fours.shape}")
    good = (np.abs(fours) < _LARGEST).all(axis=-1)  # false for NaN as well
    if not good.all():
        raise ValueError(f"expected {name} with finite numbers, got {fours[~good][0].tolist()}")
    return fours


def _edges(corners):
    """Take corners apart, into four arrays that are each contiguous, which is faster."""
    return np.ascontiguousarray(np.moveaxis(corners, -1, 0))


def _width_height_twice(image_size):
    height, width = as_size(image_size)
    return np.array([width, height, width, height], dtype=float)

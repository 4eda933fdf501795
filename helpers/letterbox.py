"""Letterbox: a picture of any shape, whole and undistorted in a frame, and its boxes with it."""

import numpy as np

from helpers import boxes


def window(image_size, frame_size):
    """Find where a picture lies in a frame that holds it whole, in the middle, undistorted.

    Parameters
    ----------
    image_size : (int, int)
        Height and width of the picture in pixels.
    frame_size : (int, int)
        Height and width of the frame in pixels.

    Returns
    -------
    corners : tuple of int
        Corners: ``(left, top, right, bottom)``, in whole pixels of the frame. One direction fills
        the frame; the other is rounded, and is at least one pixel.

    Raises
    ------
    ValueError
        If one is not two sizes.

    >>> window((240, 320), frame_size=(608, 608))
    (0, 76, 608, 532)
    """
    height, width = boxes.as_size(image_size)
    frame_height, frame_width = boxes.as_size(frame_size, name="frame_size")
    if width * frame_height >= height * frame_width:  # the picture is the wider of the two
        new_height, new_width = max(round(height * frame_width / width), 1), frame_width
    else:
        new_height, new_width = frame_height, max(round(width * frame_height / height), 1)
    left, top = (frame_width - new_width) // 2, (frame_height - new_height) // 2
    return left, top, left + new_width, top + new_height


def to_frame(corners, image_size, frame_size):
    """Move boxes from a picture to the frame that holds it.

    Parameters
    ----------
    corners : array of shape (..., 4)
        Corners: ``(left, top, right, bottom)``, in pixels of the picture.
    image_size, frame_size : (int, int)
        Height and width in pixels, see `window`.

    Returns
    -------
    corners : float64 array of shape (..., 4)
        Corners in pixels of the frame.

    Raises
    ------
    ValueError
        If these are not boxes in corners format, see `boxes.as_corners`, or not two sizes each.

    >>> to_frame([0, 0, 320, 120], image_size=(240, 320), frame_size=(608, 608))
    array([  0.,  76., 608., 304.])
    """
    offset, window_size = _place(image_size, frame_size)
    relative = boxes.pixels_to_relative(boxes.as_corners(corners, name="corners"), image_size)
    return boxes.relative_to_pixels(relative, window_size) + offset


def to_picture(corners, image_size, frame_size):
    """Move boxes from a frame back to the picture that it holds.

    Parameters
    ----------
    corners : array of shape (..., 4)
        Corners: ``(left, top, right, bottom)``, in pixels of the frame.
    image_size, frame_size : (int, int)
        Height and width in pixels, see `window`.

    Returns
    -------
    corners : float64 array of shape (..., 4)
        Corners in pixels of the picture. What lay on the frame's bars lies outside: see
        `boxes.clip`.

    Raises
    ------
    ValueError
        If these are not boxes in corners format, see `boxes.as_corners`, or not two sizes each.

    >>> to_picture([0, 76, 608, 304], image_size=(240, 320), frame_size=(608, 608))
    array([  0.,   0., 320., 120.])
    """
    offset, window_size = _place(image_size, frame_size)
    inside = boxes.as_corners(corners, name="corners") - offset
    return boxes.relative_to_pixels(boxes.pixels_to_relative(inside, window_size), image_size)


def _place(image_size, frame_size):
    """Return what to add to left, top, right and bottom, and the window's height and width."""
    left, top, right, bottom = window(image_size, frame_size)
    return np.array([left, top, left, top], dtype=float), (bottom - top, right - left)

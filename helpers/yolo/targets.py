"""What a YOLOv2 network should have answered: each true box, given to one cell and one anchor."""

import numpy as np

from helpers import anchors as anchor_tools
from helpers import boxes as box_tools
from helpers.yolo import decoding

X, Y, WIDTH, HEIGHT, PRESENT, CLASS = range(6)  # the last axis of the targets


def assign(boxes, classes, *, image_size, grid_size, anchors):
    """Give each true box of a picture to the cell of its middle and the anchor most like it.

    Parameters
    ----------
    boxes : array of shape (n, 4)
        Corners: ``(left, top, right, bottom)``, in pixels.
    classes : int array of shape (n,)
        From 0 on.
    image_size : (int, int)
        Height and width of the picture in pixels.
    grid_size : (int, int)
        Rows and columns of the network's output.
    anchors : array of shape (anchors, 2)
        Width and height in cells.

    Returns
    -------
    targets : float32 array of shape (rows, columns, anchors, 6)
        Where a box was given: its middle ``x, y`` and its ``width, height`` in cells of the grid,
        then 1, then its class. Everywhere else 0. Where two boxes want the same anchor of a cell,
        the larger one has it and the other takes the next best that is free; a box that finds
        none free is left out.

    Raises
    ------
    ValueError
        If boxes and classes do not belong together, a box has no area or its middle lies outside
        the picture, or a size or an anchor is not positive.

    References
    ----------
    Redmon & Farhadi, "YOLO9000: Better, Faster, Stronger" (CVPR 2017), section 2, and Darknet's
    ``region_layer.c``, which chooses the anchor by shape alone, as here.

    >>> targets = assign([[0, 0, 32, 16]], [3], image_size=(32, 64), grid_size=(2, 4),
    ...                  anchors=[[1, 1], [2, 1]])
    >>> np.argwhere(targets[..., PRESENT]).tolist(), targets[0, 1, 1].tolist()
    ([[0, 1, 1]], [1.0, 0.5, 2.0, 1.0, 1.0, 3.0])
    """
    rows, columns = box_tools.as_size(grid_size, name="grid_size")
    anchors = decoding.check_anchors(anchors)
    corners, classes = _check_truth(boxes, classes, image_size)
    relative = box_tools.corners_to_centre(box_tools.pixels_to_relative(corners, image_size))
    centres = relative * [columns, rows, columns, rows]  # in cells
    targets = np.zeros((rows, columns, len(anchors), 6), np.float32)
    for box in np.argsort(-centres[:, 2] * centres[:, 3], kind="stable"):  # largest first
        x, y, width, height = centres[box]
        cell = targets[min(int(y), rows - 1), min(int(x), columns - 1)]
        likeness = anchor_tools.size_iou([[width, height]], anchors)[0]
        for anchor in np.argsort(-likeness, kind="stable"):
            if not cell[anchor, PRESENT]:
                cell[anchor] = x, y, width, height, 1, classes[box]
                break
    return targets


def _check_truth(boxes, classes, image_size):
    corners, classes = box_tools.as_corners(boxes), np.asarray(classes)
    if corners.ndim != 2 or classes.shape != (len(corners),):
        raise ValueError(
            "expected boxes of shape (n, 4) and as many classes, "
            f"got {corners.shape} and {classes.shape}"
        )
    if classes.size and (classes.dtype.kind not in "iu" or classes.min() < 0):
        raise ValueError(f"expected classes as whole numbers from 0 on, got {classes.tolist()}")
    height, width = box_tools.as_size(image_size)
    middles = (corners[:, :2] + corners[:, 2:]) / 2
    good = (middles >= 0).all(axis=1) & (middles <= (width, height)).all(axis=1)
    good &= (corners[:, 2:] > corners[:, :2]).all(axis=1)
    if not good.all():
        raise ValueError(
            f"expected boxes with an area and a middle inside {width} × {height} pixels, "
            f"got {corners[~good][0].tolist()}"
        )
    return corners, classes

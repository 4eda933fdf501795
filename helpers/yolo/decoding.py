"""From the raw output of a YOLOv2 to boxes: decoding, and keeping those that are sure enough."""

import typing

import numpy as np

from helpers import boxes as box_tools
from helpers import validation

_BOX_NUMBERS = 5  # t_x, t_y, t_w, t_h and t_objectness come before the scores of the classes
_LARGEST_LOG_SIZE = 20  # exp of it: 500 million times the anchor
_LARGEST_ANCHOR = 1e6  # cells


class Decoded(typing.NamedTuple):
    """What a YOLOv2 says about every anchor of every cell.

    Parameters
    ----------
    centres : float array of shape (..., rows, columns, anchors, 2)
        Middle of the box: x and y, as shares of the picture's width and height.
    sizes : float array of shape (..., rows, columns, anchors, 2)
        Width and height, as shares of the picture's. From 0 on; 1 is as large as the picture.
    objectness : float array of shape (..., rows, columns, anchors)
        How sure the network is that there is an object, 0 to 1.
    class_probabilities : float array of shape (..., rows, columns, anchors, classes)
        If there is one, what it is: 0 to 1, with a sum of 1.
    """

    centres: np.ndarray
    sizes: np.ndarray
    objectness: np.ndarray
    class_probabilities: np.ndarray

    @property
    def corners(self):
        """Boxes (..., 4) as corners ``(left, top, right, bottom)``, as shares of the picture."""
        return box_tools.centre_to_corners(np.concatenate([self.centres, self.sizes], axis=-1))


def decode(output, anchors, num_classes):
    """Turn the raw output of a YOLOv2 into boxes, objectness and class probabilities.

    Parameters
    ----------
    output : float array or tensor of shape (..., rows, columns, anchors * (5 + classes))
        For each anchor t_x, t_y, t_w, t_h, t_objectness, and one score for each class.
    anchors : array of shape (anchors, 2)
        Width and height of each anchor, in cells.
    num_classes : int

    Returns
    -------
    decoded : Decoded
        In float32 or float64 if `output` is; half precision becomes float32, whole numbers float64.

    Raises
    ------
    ValueError
        If the shapes do not belong together, a number is not finite, or an anchor is not
        positive.

    Notes
    -----
    In the cell at (row, column), with σ for the sigmoid:

    - x = (σ(t_x) + column) / columns, and y = (σ(t_y) + row) / rows;
    - width = anchor's width · exp(t_w) / columns, and height likewise with rows;
    - objectness = σ(t_objectness), and class probabilities = softmax of the scores.

    t_w and t_h above 20 are taken for 20, since exp would overflow in the end. A box of that size
    covers any picture many times over.

    References
    ----------
    Redmon & Farhadi, "YOLO9000: Better, Faster, Stronger" (CVPR 2017), section 2, "Direct location
    prediction". The grid is often square in public code; here it need not be.

    >>> output = np.zeros((2, 4, 6))  # 2 rows, 4 columns; one anchor, one class
    >>> decode(output, anchors=[[1.5, 1]], num_classes=1).centres[1, 3, 0]
    array([0.875, 0.75 ])
    """
    cells, anchors = _split(output, anchors, num_classes)
    rows, columns = cells.shape[-4:-2]
    cells_x, cells_y = np.meshgrid(np.arange(columns), np.arange(rows))  # each (rows, columns)
    cells_xy = np.stack([cells_x, cells_y], axis=-1)[:, :, None]  # (rows, columns, 1, 2)
    return _decode_cells(cells, cells_xy, anchors, grid_wh=(columns, rows))


def filter_boxes(boxes, box_confidence, box_class_probs, threshold=0.6):
    """Keep the boxes that the network is sure enough of, each with its best class.

    Parameters
    ----------
    boxes : array of shape (..., 4)
        In any format and unit.
    box_confidence : array of shape (...) or (..., 1)
        How sure the network is that there is an object, 0 to 1. Other numbers are not refused.
    box_class_probs : array of shape (..., classes)
        How sure it is of each class, if there is an object, 0 to 1.
    threshold : float
        Boxes with this score or a higher one stay, 0 to 1.

    Returns
    -------
    scores : float array of shape (kept,)
        Confidence times probability of the best class.
    boxes : float array of shape (kept, 4)
        In the order in which they came, the last of the leading axes fastest.
    classes : int64 array of shape (kept,)
        Index of the best class; of equals the lowest.

    Raises
    ------
    ValueError
        If the shapes do not belong together, a number is not finite, or the threshold does not
        lie in 0..1.

    References
    ----------
    Redmon et al., "You Only Look Once: Unified, Real-Time Object Detection" (CVPR 2016),
    section 2: the score of a class is Pr(class | object) · Pr(object). There it includes how well
    the box fits, which the network learns to put into the objectness.

    >>> boxes = [[0, 0, 4, 2], [6, 0, 9, 2]]
    >>> filter_boxes(boxes, [0.9, 0.8], [[0.1, 0.9], [0.6, 0.4]], threshold=0.5)
    (array([0.81]), array([[0., 0., 4., 2.]]), array([1]))
    """
    threshold = validation.real(threshold, "threshold", minimum=0, maximum=1)
    boxes = _as_floats(boxes, "boxes")
    confidence = _as_floats(box_confidence, "box_confidence")
    class_probs = _as_floats(box_class_probs, "box_class_probs")
    places = boxes.shape[:-1]
    if boxes.shape[-1:] != (4,) or class_probs.shape[:-1] != places or not class_probs.shape[-1:]:
        raise ValueError(
            "expected boxes of shape (..., 4) and box_class_probs of shape (..., classes), "
            f"got {boxes.shape} and {class_probs.shape}"
        )
    if confidence.shape not in (places, (*places, 1)) or class_probs.shape[-1] == 0:
        raise ValueError(
            f"expected box_confidence of shape {places} or {(*places, 1)}, and at least one class; "
            f"got {confidence.shape} and {class_probs.shape[-1]} classes"
        )
    class_scores = confidence.reshape(*places, 1) * class_probs
    scores = class_scores.max(axis=-1)
    kept = scores >= threshold
    return scores[kept], boxes[kept], class_scores[kept].argmax(axis=-1).astype(np.int64)


def decode_and_filter(output, anchors, num_classes, threshold=0.6):
    """Find the boxes of one picture that the network is sure enough of, without decoding others.

    Gives what `filter_boxes` gives for what `decode` gives. It is faster because a score is never
    higher than its objectness: where that is too low, nothing else needs to be computed.

    Parameters
    ----------
    output : float array or tensor of shape (rows, columns, anchors * (5 + classes))
        See `decode`.
    anchors : array of shape (anchors, 2)
        Width and height of each anchor, in cells.
    num_classes : int
    threshold : float
        Boxes with this score or a higher one stay, 0 to 1.

    Returns
    -------
    scores : float array of shape (kept,)
        Objectness times probability of the best class.
    boxes : float64 array of shape (kept, 4)
        Corners: ``(left, top, right, bottom)``, as shares of the picture's width and height.
        They may lie outside it.
    classes : int64 array of shape (kept,)

    Raises
    ------
    ValueError
        See `decode` and `filter_boxes`.
    """
    threshold = validation.real(threshold, "threshold", minimum=0, maximum=1)
    cells, anchors = _split(output, anchors, num_classes)
    if cells.ndim != 4:
        raise ValueError(
            "expected the output for one picture, (rows, columns, anchors * (5 + classes)); "
            f"got {np.shape(output)}"
        )
    rows, columns = cells.shape[:2]
    hopeful = _sigmoid(cells[..., 4]) >= threshold
    row, column, anchor = np.nonzero(hopeful)
    cells_xy = np.stack([column, row], axis=-1)
    decoded = _decode_cells(cells[hopeful], cells_xy, anchors[anchor], grid_wh=(columns, rows))
    return filter_boxes(decoded.corners, decoded.objectness, decoded.class_probabilities, threshold)


def check_anchors(anchors):
    """Check anchors, and return them as floats.

    Parameters
    ----------
    anchors : array of shape (anchors, 2)
        Width and height, in cells.

    Returns
    -------
    anchors : float64 array of shape (anchors, 2)

    Raises
    ------
    ValueError
        If there are none, the shape is another, or a width or height is not positive, not finite
        or beyond a million cells.
    """
    try:
        checked = np.array(anchors, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"expected anchors of shape (anchors, 2), got {anchors!r}") from error
    if checked.ndim != 2 or checked.shape[1] != 2 or len(checked) == 0:
        raise ValueError(f"expected anchors of shape (anchors, 2), got {checked.shape}")
    good = (checked > 0) & (checked <= _LARGEST_ANCHOR)  # false for NaN as well
    if not good.all():
        raise ValueError(
            "expected anchors with a positive width and height in cells, "
            f"got {checked[~good.all(axis=1)][0].tolist()}"
        )
    return checked


def _split(output, anchors, num_classes):
    """Return the output as checked floats (..., rows, columns, anchors, 5 + classes), and anchors.

    The anchors come in the type of the output.
    """
    anchors = check_anchors(anchors)
    num_classes = validation.integer(num_classes, "num_classes", minimum=1)
    numbers = _as_floats(output, "output")
    width = _BOX_NUMBERS + num_classes
    if numbers.ndim < 3 or 0 in numbers.shape[-3:]:
        raise ValueError(
            "expected output of shape (..., rows, columns, anchors * (5 + classes)), "
            f"got {numbers.shape}"
        )
    if numbers.shape[-1] != len(anchors) * width:
        raise ValueError(
            f"expected output with a last axis of {len(anchors)} anchors * (5 + {num_classes} "
            f"classes) = {len(anchors) * width} numbers, got {numbers.shape}"
        )
    cells = numbers.reshape(*numbers.shape[:-1], len(anchors), width)
    return cells, anchors.astype(numbers.dtype)


def _as_floats(array, name):
    """Return finite numbers as float32 or float64, in their own type if it is one of these."""
    try:
        numbers = np.asarray(array)
        if numbers.dtype not in (np.float32, np.float64):
            is_half = numbers.dtype.itemsize == 2 and numbers.dtype.kind not in "iu"  # or bfloat16
            numbers = numbers.astype(np.float32 if is_half else np.float64, casting="same_kind")
    except (TypeError, ValueError) as error:
        raise ValueError(f"expected {name} as an array of numbers, got {array!r}") from error
    finite = np.isfinite(numbers)
    if not finite.all():
        raise ValueError(f"expected {name} with finite numbers, got {numbers[~finite][0]}")
    return numbers


def _decode_cells(cells, cells_xy, anchors, grid_wh):
    """Decode `cells` (..., 5 + classes), where `cells_xy` and `anchors` (..., 2) broadcast."""
    dtype = cells.dtype
    grid_wh = np.array(grid_wh, dtype)
    centres = (_sigmoid(cells[..., :2]) + cells_xy.astype(dtype)) / grid_wh
    sizes = anchors * np.exp(np.minimum(cells[..., 2:4], _LARGEST_LOG_SIZE)) / grid_wh
    return Decoded(centres, sizes, _sigmoid(cells[..., 4]), _softmax(cells[..., _BOX_NUMBERS:]))


def _sigmoid(x):
    shrunk = np.exp(-np.abs(x))  # at most 1, so nothing overflows
    of_positive = 1 / (1 + shrunk)
    return np.where(x >= 0, of_positive, shrunk * of_positive)


def _softmax(scores):
    with np.errstate(over="ignore"):  # the difference of huge numbers may be -inf, and exp of it 0
        shares = scores - scores.max(axis=-1, keepdims=True)
    np.exp(shares, out=shares)
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares

"""Non-maximum suppression: of boxes that show the same object, keep the best, or trust it most."""

import numpy as np

from helpers import boxes as box_tools
from helpers import validation

_BLOCK = 128  # boxes compared at a time: enough for NumPy's loops to pay, few enough for the cache


def non_max_suppression(boxes, scores, classes=None, *, iou_threshold=0.5, max_boxes=100):
    """Keep the best box of each object: a box goes if it overlaps a better one that stays.

    Parameters
    ----------
    boxes : array of shape (n, 4)
        Corners: ``(left, top, right, bottom)``, in any unit.
    scores : array of shape (n,)
        Higher is better.
    classes : int array of shape (n,), optional
        If given, boxes of different classes leave each other alone.
    iou_threshold : float
        Boxes whose intersection over union is larger than this overlap too much, 0 to 1.
    max_boxes : int or None
        Stop after so many boxes of all classes together. None keeps on to the end.

    Returns
    -------
    kept : int64 array of shape (up to max_boxes,)
        Indices into `boxes`, best first. Of boxes with the same score, the lower index is better.

    Raises
    ------
    ValueError
        If the shapes do not belong together, a number is not finite, the threshold does not lie in
        0..1 or `max_boxes` is below 1.

    Notes
    -----
    The textbook's loop is `_keep_the_best`. It is run on blocks of boxes, best block first, after
    each block has lost what overlaps the boxes kept so far. The result is the same as of one long
    loop, without comparing all boxes with each other.

    References
    ----------
    Felzenszwalb, Girshick, McAllester & Ramanan, "Object Detection with Discriminatively Trained
    Part-Based Models" (PAMI 2010), section 7.2; here with intersection over union as overlap.

    >>> boxes = [[0, 0, 4, 2], [1, 0, 5, 2], [6, 0, 9, 2]]
    >>> non_max_suppression(boxes, scores=[0.7, 0.9, 0.8])
    array([1, 2])
    """
    corners, scores, classes = _check_candidates(boxes, scores, classes)
    iou_threshold = validation.real(iou_threshold, "iou_threshold", minimum=0, maximum=1)
    max_boxes = _check_max_boxes(max_boxes, len(corners))

    def overlap_too_much(a, b):
        too_much = box_tools.iou(corners[a], corners[b]) > iou_threshold
        return too_much if classes is None else too_much & (classes[a][:, None] == classes[b])

    order = np.argsort(-scores, kind="stable")  # stable: equal scores stay in their order
    kept = order[:0]
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        for kept_start in range(0, len(kept), _BLOCK):
            better = kept[kept_start : kept_start + _BLOCK]
            block = block[~overlap_too_much(better, block).any(axis=0)]
        kept = np.concatenate([kept, block[_keep_the_best(overlap_too_much(block, block))]])
        if len(kept) >= max_boxes:
            break
    return kept[:max_boxes]


def soft_non_max_suppression(
    boxes,
    scores,
    classes=None,
    *,
    method="gaussian",
    sigma=0.5,
    iou_threshold=0.3,
    score_threshold=0.001,
    max_boxes=100,
):
    """Lower the scores of boxes that overlap a better one, instead of dropping them.

    Parameters
    ----------
    boxes : array of shape (n, 4)
        Corners: ``(left, top, right, bottom)``, in any unit.
    scores : array of shape (n,)
        Higher is better; from 0 on.
    classes : int array of shape (n,), optional
        If given, boxes of different classes leave each other alone.
    method : {"gaussian", "linear"}
        With each box that is kept, the scores of the others are multiplied with
        ``exp(-iou**2 / sigma)``, or with ``1 - iou`` where the overlap reaches `iou_threshold`.
    sigma : float
        For ``gaussian``: positive; the smaller, the more a score is lowered.
    iou_threshold : float
        For ``linear``: less overlap than this does no harm, 0 to 1.
    score_threshold : float
        Boxes go whose score is lower than this in the end, from 0 on.
    max_boxes : int or None
        Stop after so many boxes of all classes together. None keeps on to the end.

    Returns
    -------
    kept : int64 array of shape (k,)
        Indices into `boxes`, in the order of the new scores. Of boxes with the same score, the
        lower index is better.
    new_scores : float64 array of shape (k,)
        Their lowered scores, highest first.

    Raises
    ------
    ValueError
        If the shapes do not belong together, a number is not finite, a score is negative, `method`
        is unknown, or a setting lies outside its range.

    References
    ----------
    Bodla, Singh, Chellappa & Davis, "Soft-NMS: Improving Object Detection With One Line of Code"
    (ICCV 2017), section 3, whose settings are the defaults.

    >>> boxes = [[0, 0, 4, 2], [2, 0, 6, 2]]  # their intersection over union is 1/3
    >>> kept, new_scores = soft_non_max_suppression(boxes, [0.6, 0.9], method="linear")
    >>> kept, new_scores.round(6)
    (array([1, 0]), array([0.9, 0.4]))
    """
    corners, scores, classes = _check_candidates(boxes, scores, classes)
    if (scores < 0).any():
        raise ValueError(f"expected scores from 0 on, got {scores.min()}")
    if method not in ("gaussian", "linear"):
        raise ValueError(f"expected the method 'gaussian' or 'linear', got {method!r}")
    sigma = validation.real(sigma, "sigma", above=0)
    score_threshold = validation.real(score_threshold, "score_threshold", minimum=0)
    iou_threshold = validation.real(iou_threshold, "iou_threshold", minimum=0, maximum=1)
    max_boxes = _check_max_boxes(max_boxes, len(corners))

    rest = np.flatnonzero(scores >= score_threshold)
    kept, new_scores = [], []
    while len(rest) and len(kept) < max_boxes:
        best = rest[np.argmax(scores[rest])]  # the first of equals
        kept.append(best)
        new_scores.append(scores[best])
        rest = rest[rest != best]
        overlap = box_tools.iou(corners[best][None], corners[rest])[0]
        if method == "gaussian":
            factors = np.exp(-(overlap**2) / sigma)
        else:
            factors = np.where(overlap < iou_threshold, 1, 1 - overlap)
        if classes is not None:
            factors = np.where(classes[rest] == classes[best], factors, 1)
        scores[rest] *= factors
        rest = rest[scores[rest] >= score_threshold]
    return np.array(kept, dtype=np.int64), np.array(new_scores, dtype=float)


def _keep_the_best(overlap_too_much):
    """Go through boxes, best first: keep one, and strike out what it overlaps too much.

    Takes a table (n, n) of true and false, and returns the rows that stay.
    """
    stays = np.ones(len(overlap_too_much), dtype=bool)
    kept = []
    for box, overlapped in enumerate(overlap_too_much):
        if stays[box]:
            kept.append(box)
            stays &= ~overlapped
    return kept


def _check_candidates(boxes, scores, classes):
    """Return checked copies: corners (n, 4), scores (n,), classes (n,) or None."""
    corners = box_tools.as_corners(boxes)
    if corners.ndim != 2:
        raise ValueError(f"expected boxes of shape (n, 4), got {corners.shape}")
    scores = np.array(scores, dtype=float)
    if scores.shape != (len(corners),):
        raise ValueError(f"expected {len(corners)} scores, one for each box, got {scores.shape}")
    if not np.isfinite(scores).all():
        raise ValueError(f"expected finite scores, got {scores[~np.isfinite(scores)][0]}")
    if classes is not None:
        classes = np.array(classes)
        if classes.shape != scores.shape or (classes.size and classes.dtype.kind not in "iu"):
            raise ValueError(
                f"expected {len(corners)} whole numbers as classes, one for each box, "
                f"got {classes.dtype} {classes.shape}"
            )
    return corners, scores, classes


def _check_max_boxes(max_boxes, num_boxes):
    if max_boxes is None:
        return max(num_boxes, 1)
    return validation.integer(max_boxes, "max_boxes (or None)", minimum=1)

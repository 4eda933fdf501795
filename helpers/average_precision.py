"""How good a detector is: precision and recall, average precision, and its mean over classes."""

import dataclasses

import numpy as np

from helpers import boxes as box_tools

COCO_IOU_THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).tolist())  # as COCO's own program has them
_RECALLS = np.linspace(0, 1, 101)


@dataclasses.dataclass(frozen=True, eq=False)
class MeanAveragePrecision:
    """Average precisions of a detector.

    Parameters
    ----------
    per_class : float array of shape (thresholds, classes)
        0 to 1; NaN for classes of which there is no true box.
    iou_thresholds : tuple of float
        How much a box must overlap a true one to be right.
    """

    per_class: np.ndarray
    iou_thresholds: tuple

    @property
    def mean(self):
        """Mean over thresholds and the classes that there are; with COCO's thresholds, its mAP."""
        return float(np.nanmean(self.per_class))

    def at(self, iou_threshold):
        """Mean over the classes that there are, at one of the thresholds: 0.5 gives mAP@0.5."""
        return float(np.nanmean(self.per_class_at(iou_threshold)))

    def per_class_at(self, iou_threshold):
        """Return the row of `per_class` for one of the thresholds, which is then to be found."""
        near = np.isclose(self.iou_thresholds, iou_threshold, rtol=0, atol=1e-9)
        if not near.any():
            raise ValueError(
                f"expected one of the thresholds {self.iou_thresholds}, got {iou_threshold}"
            )
        return self.per_class[np.argmax(near)]


def mean_average_precision(
    truths, detections, num_classes, *, iou_thresholds=COCO_IOU_THRESHOLDS, max_detections=100
):
    """Compare what a detector found in many pictures with what there is.

    Parameters
    ----------
    truths : sequence of (boxes, classes)
        For each picture, the true boxes (n, 4) as corners ``(left, top, right, bottom)``, and their
        classes (n,), whole numbers from 0 on.
    detections : sequence of (boxes, scores, classes)
        For the same pictures, the boxes found (m, 4), also as corners and in the same unit, how
        sure the detector is of each (m,), and their classes (m,).
    num_classes : int
    iou_thresholds : sequence of float
        Above 0, up to 1.
    max_detections : int
        So many boxes of a class count in a picture, those with the highest scores.

    Returns
    -------
    result : MeanAveragePrecision
        ``result.at(0.5)`` is mAP@0.5, ``result.mean`` mAP@[0.5:0.95].

    Raises
    ------
    ValueError
        If the numbers of pictures, boxes, scores and classes do not belong together, a class is
        none of `num_classes`, there is no true box at all, or a setting lies outside its range.

    References
    ----------
    Lin et al., "Microsoft COCO: Common Objects in Context" (ECCV 2014), and pycocotools'
    ``COCOeval``, with which this agrees for boxes of all sizes. Crowds are not known here.
    """
    thresholds = _check_thresholds(iou_thresholds)
    truths, detections = _check_pictures(truths, detections, num_classes)
    _check_count(max_detections, "max_detections")
    per_class = np.full((len(thresholds), num_classes), np.nan)
    for wanted in range(num_classes):
        num_truths = sum(np.count_nonzero(classes == wanted) for _, classes in truths)
        if not num_truths:
            continue
        all_scores, all_correct = [], []
        for (true_boxes, true_classes), (boxes, scores, classes) in zip(
            truths, detections, strict=True
        ):
            mine = np.flatnonzero(classes == wanted)
            mine = mine[np.argsort(-scores[mine], kind="stable")[:max_detections]]
            true_mine = true_boxes[true_classes == wanted]
            all_scores.append(scores[mine])
            all_correct.append(match(true_mine, boxes[mine], scores[mine], thresholds))
        scores, correct = np.concatenate(all_scores), np.concatenate(all_correct, axis=1)
        per_class[:, wanted] = [average_precision(scores, row, num_truths) for row in correct]
    return MeanAveragePrecision(per_class, tuple(thresholds.tolist()))


def match(true_boxes, boxes, scores, iou_thresholds):
    """Decide which boxes found in one picture are right, all boxes being of one class.

    From the highest score down, each box takes the true box that it overlaps most, of those that
    are still free. It is right if it overlaps one enough: a true box found twice counts once.

    Parameters
    ----------
    true_boxes : array of shape (n, 4)
        Corners: ``(left, top, right, bottom)``, in any unit.
    boxes : array of shape (m, 4)
        Corners, in the same unit.
    scores : array of shape (m,)
        Of boxes with the same score, the one with the lower index comes first.
    iou_thresholds : sequence of float
        Intersection over union that is enough; above 0, up to 1.

    Returns
    -------
    correct : bool array of shape (thresholds, m)

    Raises
    ------
    ValueError
        If the shapes do not belong together, or a number lies outside its range.

    >>> found = [[0, 0, 4, 2], [1, 0, 5, 2], [0, 0, 3, 2]]
    >>> match([[0, 0, 4, 2]], found, scores=[0.5, 0.9, 0.8], iou_thresholds=[0.5, 0.7])
    array([[False,  True, False],
           [False, False,  True]])
    """
    thresholds, scores = _check_thresholds(iou_thresholds), _check_scores(scores)
    overlap = box_tools.iou(boxes, true_boxes)  # (m, n)
    if overlap.ndim != 2 or scores.shape != (len(overlap),):
        raise ValueError(
            "expected boxes of shape (n, 4) and (m, 4), and m scores, "
            f"got {np.shape(true_boxes)}, {np.shape(boxes)} and {scores.shape}"
        )
    num_boxes, num_true = overlap.shape
    enough = np.minimum(thresholds, 1 - 1e-10)  # as COCO: rounding shall not cost a perfect box
    free = np.ones((len(thresholds), num_true), dtype=bool)
    correct = np.zeros((len(thresholds), num_boxes), dtype=bool)
    hopeful = overlap.max(axis=1, initial=-1) >= enough.min()
    for box in np.argsort(-scores, kind="stable"):
        if not hopeful[box]:
            continue
        free_overlap = np.where(free, overlap[box], -1)  # (thresholds, n)
        taken = num_true - 1 - np.argmax(free_overlap[:, ::-1], axis=1)  # of equals the last: COCO
        found = np.flatnonzero(free_overlap.max(axis=1) >= enough)
        free[found, taken[found]] = False
        correct[found, box] = True
    return correct


def precision_recall(scores, correct, num_truths):
    """Follow precision and recall while ever less sure boxes are let in.

    Parameters
    ----------
    scores : array of shape (m,)
        Of all boxes found, of one class, in all pictures.
    correct : bool array of shape (m,)
        Which of them are right, see `match`.
    num_truths : int
        True boxes in all pictures, found or not; at least 1.

    Returns
    -------
    recall : float64 array of shape (m,)
        Share of the true boxes that the k best boxes find, for k = 1, 2, ...
    precision : float64 array of shape (m,)
        Share of the k best boxes that are right.

    Raises
    ------
    ValueError
        If there are not as many of one as of the other, or more right boxes than true ones.

    >>> precision_recall([0.9, 0.5, 0.8], [True, True, False], num_truths=4)
    (array([0.25, 0.25, 0.5 ]), array([1.        , 0.5       , 0.66666667]))
    """
    scores, correct = _check_scores(scores), np.asarray(correct, dtype=bool)
    if scores.shape != correct.shape:
        raise ValueError(
            f"expected one score for each answer, got {scores.shape} and {correct.shape}"
        )
    if num_truths < 1 or np.count_nonzero(correct) > num_truths:
        raise ValueError(
            f"expected at least as many true boxes as right ones ({np.count_nonzero(correct)}), "
            f"and at least 1, got {num_truths}"
        )
    num_right = np.cumsum(correct[np.argsort(-scores, kind="stable")])
    return num_right / num_truths, num_right / np.arange(1, len(scores) + 1)


def average_precision(scores, correct, num_truths):
    """Average the precision over recalls of 0, 0.01, 0.02, ..., 1, for one class and threshold.

    The precision at a recall is the best that any recall from there on has; it is 0 for recalls
    that are never reached.

    Parameters
    ----------
    scores, correct, num_truths
        See `precision_recall`.

    Returns
    -------
    average : float
        0 to 1; 1 if all true boxes are found before the first wrong box.

    Raises
    ------
    ValueError
        See `precision_recall`.

    References
    ----------
    Everingham et al. (IJCV 2010), section 4.2, with 11 recalls; with 101, as here, pycocotools.

    >>> round(average_precision([0.9, 0.8], [True, False], num_truths=2), 4)  # recalls up to 0.5
    0.505
    """
    recall, precision = precision_recall(scores, correct, num_truths)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, _RECALLS, side="left")
    reached = places[places < len(recall)]
    return float(best_from_here[reached].sum() / len(_RECALLS))


def _check_count(count, name):
    if not isinstance(count, int | np.integer) or count < 1:
        raise ValueError(f"expected {name} as a whole number from 1 on, got {count}")


def _check_thresholds(iou_thresholds):
    thresholds = np.asarray(iou_thresholds, dtype=float)
    good = thresholds.ndim == 1 and thresholds.size
    if not good or not ((thresholds > 0) & (thresholds <= 1)).all():
        raise ValueError(f"expected a list of thresholds above 0, up to 1; got {iou_thresholds}")
    return thresholds


def _check_scores(scores):
    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 1 or not np.isfinite(scores).all():
        raise ValueError(f"expected a list of finite scores, got {scores}")
    return scores


def _check_pictures(truths, detections, num_classes):
    """Return both as lists of tuples of arrays, checked."""
    _check_count(num_classes, "num_classes")
    if len(truths) != len(detections):
        raise ValueError(
            "expected truths and detections of the same pictures, "
            f"got {len(truths)} and {len(detections)} pictures"
        )
    new_truths = [
        (_check_boxes(boxes, f"true boxes of picture {i}"), _check_classes(classes, i, num_classes))
        for i, (boxes, classes) in enumerate(truths)
    ]
    new_detections = [
        (
            _check_boxes(boxes, f"boxes found in picture {i}"),
            _check_scores(scores),
            _check_classes(classes, i, num_classes),
        )
        for i, (boxes, scores, classes) in enumerate(detections)
    ]
    for i, (truth, detection) in enumerate(zip(new_truths, new_detections, strict=True)):
        lengths = [len(part) for part in truth], [len(part) for part in detection]
        if any(len(set(numbers)) > 1 for numbers in lengths):
            raise ValueError(
                "expected as many classes as true boxes, and as many scores and classes as boxes "
                f"found; picture {i} has {lengths[0]} and {lengths[1]}"
            )
    if not any(len(boxes) for boxes, _ in new_truths):
        raise ValueError("expected at least one true box, got none in any picture")
    return new_truths, new_detections


def _check_boxes(boxes, name):
    corners = box_tools.as_corners(boxes, name=name)
    if corners.ndim != 2:
        raise ValueError(f"expected {name} of shape (n, 4), got {corners.shape}")
    return corners


def _check_classes(classes, picture, num_classes):
    classes = np.asarray(classes)
    if classes.ndim != 1 or (classes.size and classes.dtype.kind not in "iu"):
        raise ValueError(
            f"expected a list of whole numbers as classes of picture {picture}, "
            f"got {classes.dtype} {classes.shape}"
        )
    if classes.size and not 0 <= classes.min() <= classes.max() < num_classes:
        raise ValueError(
            f"expected classes in 0..{num_classes - 1}, got {classes} in picture {picture}"
        )
    return classes

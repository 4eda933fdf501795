"""How good a detector is: precision and recall, average precision, and its mean over classes."""

import dataclasses

import numpy as np

from helpers import boxes as box_tools
from helpers import validation

COCO_IOU_THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).tolist())  # as COCO's own program has them
_RECALLS = np.linspace(0, 1, 101)
_PERFECT = 1 - 1e-10  # as COCO: rounding shall not cost a perfect box


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
        iou_threshold = validation.real(iou_threshold, "iou_threshold")
        near = np.isclose(self.iou_thresholds, iou_threshold, rtol=0, atol=1e-9)
        if not near.any():
            raise ValueError(
                f"expected one of the thresholds {self.iou_thresholds}, got {iou_threshold}"
            )
        return self.per_class[np.argmax(near)]


class GroundTruth(np.ndarray):
    """Boxes or classes of an image, and beside them those of its difficult objects.

    An array like any other, to which one attribute was added. Arrays that are computed from it
    know of no difficult objects any more.

    Parameters
    ----------
    values : array of shape (n, 4) or (n,)
        Boxes or classes.
    difficult : array of shape (k, 4) or (k,)
        Those of the objects that evaluation ignores, whether they are among `values` or not.

    >>> GroundTruth([0, 2], difficult=[2]).difficult
    array([2])
    """

    difficult = None

    def __new__(cls, values, difficult):
        """Make a copy of an array that knows the difficult objects."""
        array = np.array(values).view(cls)
        array.difficult = np.asarray(difficult)
        return array

    def __reduce__(self):
        """Let copies and pickles know the difficult objects, too."""
        return type(self), (np.array(self), self.difficult)

    def copy(self, order="C"):
        """Copy the array, and keep what is beside it."""
        return type(self)(np.array(self, order=order), self.difficult)

    def __copy__(self):
        """Copy with the difficult objects."""
        return self.copy()

    def __deepcopy__(self, memo):
        """Copy with the difficult objects."""
        return self.copy()


def mean_average_precision(
    truths, detections, num_classes, *, iou_thresholds=COCO_IOU_THRESHOLDS, max_detections=100
):
    """Compare what a detector found in many pictures with what there is.

    Parameters
    ----------
    truths : sequence of (boxes, classes) or (boxes, classes, difficult)
        For each image, the true boxes (n, 4) as corners ``(left, top, right, bottom)``, and their
        classes (n,), whole numbers from 0 on. Objects that are `difficult`, bool (n,), are ignored:
        they are neither missed, nor is finding them, even twice, wrong. So are those that boxes
        and classes know of as `GroundTruth`, as those of `annotations.load_voc` do.
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
        none of `num_classes`, there is no true box that counts, or a setting lies outside its
        range.

    References
    ----------
    Lin et al., "Microsoft COCO: Common Objects in Context" (ECCV 2014), and pycocotools'
    ``COCOeval``, with which this agrees for boxes of all sizes. Crowds are not known here.
    Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge" (IJCV 2010), section 4,
    for difficult objects.
    """
    thresholds = _check_thresholds(iou_thresholds)
    truths, detections = _check_pictures(truths, detections, num_classes)
    max_detections = validation.integer(max_detections, "max_detections", minimum=1)
    per_class = np.full((len(thresholds), num_classes), np.nan)
    for wanted in range(num_classes):
        num_truths = sum(np.count_nonzero((of == wanted) & ~ignored) for _, of, ignored in truths)
        if not num_truths:
            continue
        all_scores, all_correct, all_counted = [], [], []
        for (true_boxes, true_classes, difficult), (boxes, scores, classes) in zip(
            truths, detections, strict=True
        ):
            mine = np.flatnonzero(classes == wanted)
            mine = mine[np.argsort(-scores[mine], kind="stable")[:max_detections]]
            wanted_boxes, ignored = (
                true_boxes[(true_classes == wanted) & which] for which in (~difficult, difficult)
            )
            correct = match(wanted_boxes, boxes[mine], scores[mine], thresholds)
            all_scores.append(scores[mine])
            all_correct.append(correct)
            all_counted.append(correct | ~_overlap_enough(boxes[mine], ignored, thresholds))
        scores = np.concatenate(all_scores)
        correct, counts = (np.concatenate(part, axis=1) for part in (all_correct, all_counted))
        per_class[:, wanted] = [
            average_precision(scores[counted], row[counted], num_truths)
            for row, counted in zip(correct, counts, strict=True)
        ]
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
    enough = np.minimum(thresholds, _PERFECT)
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


def _overlap_enough(boxes, others, thresholds):
    """Tell which boxes overlap any of the others enough: bool of shape (thresholds, boxes)."""
    overlap = box_tools.iou(boxes, others).max(axis=1, initial=-1)
    return overlap >= np.minimum(thresholds, _PERFECT)[:, None]


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
    least = max(np.count_nonzero(correct), 1)  # no box is found twice
    num_truths = validation.integer(num_truths, "num_truths", minimum=least)
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


def _check_thresholds(iou_thresholds):
    if np.ndim(iou_thresholds) != 1 or not len(iou_thresholds):
        raise ValueError(f"expected iou_thresholds as a list of numbers, got {iou_thresholds}")
    return np.array(
        [validation.real(each, "iou_thresholds", above=0, maximum=1) for each in iou_thresholds]
    )


def _check_scores(scores):
    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 1 or not np.isfinite(scores).all():
        raise ValueError(f"expected a list of finite scores, got {scores}")
    return scores


def _check_pictures(truths, detections, num_classes):
    """Return both as lists of tuples of arrays, checked."""
    validation.integer(num_classes, "num_classes", minimum=1)
    if len(truths) != len(detections):
        raise ValueError(
            "expected truths and detections of the same pictures, "
            f"got {len(truths)} and {len(detections)} pictures"
        )
    new_truths = [_check_truth(truth, i, num_classes) for i, truth in enumerate(truths)]
    new_detections = [
        (
            _check_boxes(boxes, f"boxes found in picture {i}"),
            _check_scores(scores),
            _check_classes(classes, i, num_classes),
        )
        for i, (boxes, scores, classes) in enumerate(detections)
    ]
    for i, detection in enumerate(new_detections):
        lengths = [len(part) for part in detection]
        if len(set(lengths)) > 1:
            raise ValueError(
                "expected as many scores and classes as boxes found; "
                f"picture {i} has {lengths} boxes, scores and classes"
            )
    if all(difficult.all() for *_, difficult in new_truths):
        raise ValueError("expected at least one true box, got none that is not difficult")
    return new_truths, new_detections


def _check_truth(truth, picture, num_classes):
    """Return boxes, classes, and which are difficult, also of objects that were left out."""
    boxes, classes, *rest = truth
    known = getattr(boxes, "difficult", None), getattr(classes, "difficult", None)
    boxes = _check_boxes(boxes, f"true boxes of picture {picture}")
    classes = _check_classes(classes, picture, num_classes)
    if len(boxes) != len(classes):
        raise ValueError(
            f"expected as many classes as true boxes; picture {picture} has {len(classes)} and "
            f"{len(boxes)}"
        )
    difficult = np.asarray(rest[0] if rest else np.zeros(len(boxes)))
    if len(rest) > 1 or difficult.shape != (len(boxes),) or not np.isin(difficult, (0, 1)).all():
        raise ValueError(
            f"expected (boxes, classes, difficult) with {len(boxes)} of True and False, or 1 and "
            f"0, as difficult, got {difficult.tolist()} in picture {picture}"
        )
    difficult = difficult.astype(bool)
    if rest or any(each is None or not len(each) for each in known):
        return boxes, classes, difficult
    known_boxes = _check_boxes(known[0], f"difficult boxes of picture {picture}")
    known_classes = _check_classes(known[1], picture, num_classes)
    is_known = (boxes[:, None] == known_boxes).all(axis=-1) & (classes[:, None] == known_classes)
    plain = ~is_known.any(axis=1)
    return (
        np.concatenate([boxes[plain], known_boxes]),
        np.concatenate([classes[plain], known_classes]),
        np.repeat([False, True], [plain.sum(), len(known_boxes)]),
    )


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

import contextlib
import copy
import io
import pickle

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from helpers import average_precision as ap


def pictures(rng, number=6, num_classes=3):
    """True boxes, and boxes found: some good, some doubled, some wrong; scores that are equal."""
    truths, detections = [], []
    for _ in range(number):
        first = rng.integers(0, 80, (rng.integers(0, 9), 2))
        boxes = np.concatenate([first, first + rng.integers(8, 40, first.shape)], axis=1)
        classes = rng.integers(num_classes, size=len(boxes))
        copies = np.repeat(np.arange(len(boxes)), 3)
        found = boxes[copies] + rng.integers(-4, 5, (len(copies), 4))
        wrong = rng.integers(0, 60, (5, 2))
        wrong = np.concatenate([wrong, wrong + np.array([25, 15])], axis=1)
        found = np.concatenate([found, wrong])
        found_classes = np.concatenate([classes[copies], rng.integers(num_classes, size=5)])
        truths.append((boxes, classes))
        detections.append((found, rng.random(len(found)).round(1), found_classes))
    return truths, detections


def coco_precisions(truths, detections, num_classes, max_detections=100):
    """Average precisions (thresholds, classes) from COCO's own program.

    It ignores true boxes whose area is given as out of range: the difficult ones.
    """
    coco = pytest.importorskip("pycocotools.coco")
    cocoeval = pytest.importorskip("pycocotools.cocoeval")

    def entries(picture, boxes, classes, scores):
        for box, category, score in zip(boxes, classes, scores, strict=True):
            width, height = box[2] - box[0], box[3] - box[1]
            yield {
                "image_id": picture,
                "category_id": int(category),
                "bbox": [float(box[0]), float(box[1]), float(width), float(height)],
                "area": float(width * height),
                "iscrowd": 0,
                "score": float(score),
            }

    true_entries = [
        entry
        for picture, (boxes, classes, *difficult) in enumerate(truths)
        for entry, is_difficult in zip(
            entries(picture, boxes, classes, np.zeros(len(boxes))),
            difficult[0] if difficult else np.zeros(len(boxes)),
            strict=True,
        )
        for entry in [entry | {"area": 1e11} if is_difficult else entry]
    ]
    found_entries = [
        entry
        for picture, (boxes, scores, classes) in enumerate(detections)
        for entry in entries(picture, boxes, classes, scores)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        known = coco.COCO()
        known.dataset = {
            "info": {},
            "images": [{"id": picture} for picture in range(len(truths))],
            "categories": [{"id": category} for category in range(num_classes)],
            "annotations": [entry | {"id": i + 1} for i, entry in enumerate(true_entries)],
        }
        known.createIndex()
        evaluation = cocoeval.COCOeval(known, known.loadRes(found_entries), "bbox")
        evaluation.params.maxDets = [max_detections]
        evaluation.params.areaRng = evaluation.params.areaRng[:1]  # all sizes
        evaluation.params.areaRngLbl = evaluation.params.areaRngLbl[:1]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][..., 0, 0]  # (thresholds, recalls, classes)
    return np.where(precision[:, 0] < 0, np.nan, precision.mean(axis=1))


def test_precision_and_recall_follow_a_case_on_paper():
    # Right, wrong, right, of three true boxes: recalls 1/3 and 2/3, precisions 1 and 2/3.
    scores, correct = [0.9, 0.4, 0.8], [True, True, False]
    recall, precision = ap.precision_recall(scores, correct, num_truths=3)
    np.testing.assert_allclose(recall, [1 / 3, 1 / 3, 2 / 3])
    np.testing.assert_allclose(precision, [1, 1 / 2, 2 / 3])
    # Recalls 0 to 0.33 have a precision of 1, 0.34 to 0.66 of 2/3, the others of 0.
    expected = (34 * 1 + 33 * 2 / 3) / 101
    assert ap.average_precision(scores, correct, num_truths=3) == pytest.approx(expected)


def test_a_true_box_found_twice_counts_once():
    truth = [[0, 0, 10, 4], [20, 0, 30, 4]]
    found = [[0, 0, 10, 4], [0, 0, 9, 4], [20, 0, 30, 3]]
    correct = ap.match(truth, found, scores=[0.5, 0.6, 0.4], iou_thresholds=[0.5, 0.8, 0.95])
    np.testing.assert_array_equal(
        correct, [[False, True, True], [False, True, False], [True, False, False]]
    )


def test_a_box_takes_the_true_box_that_it_overlaps_most_and_the_next_one_the_rest():
    truth = [[0, 0, 10, 4], [4, 0, 14, 4]]
    found = [[3, 0, 13, 4], [1, 0, 11, 4]]
    assert ap.match(truth, found, [0.9, 0.8], [0.5]).all()
    assert ap.match(truth, found[:1] * 2, [0.9, 0.8], [0.5]).tolist() == [[True, True]]
    assert ap.match(truth, found[:1] * 2, [0.9, 0.8], [0.6]).tolist() == [[True, False]]


def test_perfect_boxes_have_an_average_precision_of_one(rng):
    truths, _ = pictures(rng)
    found = [(boxes, rng.random(len(boxes)), classes) for boxes, classes in truths]
    result = ap.mean_average_precision(truths, found, 3, iou_thresholds=[0.5, 1.0])
    assert result.mean == result.at(0.5) == result.at(1.0) == 1
    nothing = [([], [], []) for _ in truths]
    assert ap.mean_average_precision(truths, nothing, 3).mean == 0


def test_the_mean_falls_with_the_threshold_and_is_blind_to_the_scale_of_scores(rng):
    truths, detections = pictures(rng)
    result = ap.mean_average_precision(truths, detections, 3)
    means = [result.at(threshold) for threshold in ap.COCO_IOU_THRESHOLDS]
    assert len(means) == 10
    assert (np.diff(means) <= 1e-12).all()
    assert result.mean == pytest.approx(np.mean(means))
    squeezed = [(boxes, scores**3 / 7, classes) for boxes, scores, classes in detections]
    again = ap.mean_average_precision(truths, squeezed, 3)
    np.testing.assert_array_equal(again.per_class, result.per_class)


def test_a_class_without_true_boxes_does_not_count(rng):
    truths, detections = pictures(rng)
    result = ap.mean_average_precision(truths, detections, 3)
    wider = ap.mean_average_precision(truths, detections, 5)
    assert np.isnan(wider.per_class[:, 3:]).all()
    assert wider.mean == result.mean
    assert np.isnan(wider.per_class_at(0.75)).tolist() == [False] * 3 + [True] * 2


def test_difficult_objects_are_neither_missed_nor_wrong_to_find():
    boxes, classes = [[0, 0, 10, 4], [20, 0, 30, 4], [0, 9, 10, 13]], [0, 0, 1]
    truths = [(boxes, classes, [False, True, False])]
    both = ([boxes[1], boxes[0], boxes[2]], [0.9, 0.8, 0.7], [0, 0, 1])
    plain = ([boxes[0], boxes[2]], [0.8, 0.7], [0, 1])
    twice = ([boxes[1], boxes[1], boxes[0], boxes[2]], [0.9, 0.9, 0.8, 0.7], [0, 0, 0, 1])
    known = ap.GroundTruth(boxes, [boxes[1]]), ap.GroundTruth(classes, [0])
    left_out = tuple(ap.GroundTruth(part[[0, 2]], part.difficult) for part in known)
    for truth in (truths, [known], [left_out]):
        for found in (both, plain, twice):
            assert ap.mean_average_precision(truth, [found], 2).mean == 1
    elsewhere = ([[20, 9, 30, 13], boxes[0], boxes[2]], [0.9, 0.8, 0.7], [0, 0, 1])
    other_class = (both[0], both[1], [1, 0, 1])
    for found in (elsewhere, other_class):
        assert ap.mean_average_precision(truths, [found], 2).at(0.5) == pytest.approx(0.75)
    assert ap.mean_average_precision([(known[0], classes)], [plain], 2).at(0.5) < 1
    with pytest.raises(ValueError, match="got none that is not difficult"):
        ap.mean_average_precision([(boxes, classes, [1, 1, 1])], [both], 2)
    for wrong in ([0, 1], [0, 1, 2], [[0], [1], [0]], ["no"] * 3, [0, np.nan, 1]):
        with pytest.raises(ValueError, match="3 of True and False, or 1 and 0, as difficult"):
            ap.mean_average_precision([(boxes, classes, wrong)], [both], 2)


def test_difficult_objects_are_ignored_as_by_cocos_own_program(rng):
    truths, detections = pictures(rng, 12, num_classes=3)
    ignored = [rng.random(len(boxes)) < 0.3 for boxes, _ in truths]
    far = [(300 * np.arange(len(boxes)))[:, None] for boxes, _ in truths]  # each by itself
    marked = [
        (boxes + move, classes, marks)
        for (boxes, classes), move, marks in zip(truths, far, ignored, strict=True)
    ]
    # Of each difficult object one box is found: COCO's program calls a second one wrong, VOC's not.
    found = []
    for (_, _, marks), move, (boxes, scores, classes) in zip(marked, far, detections, strict=True):
        copies = np.arange(3 * len(marks))
        once = np.append(~np.repeat(marks, 3) | (copies % 3 == 0), [True] * 5)
        moved = boxes + np.concatenate([np.repeat(move, 3, axis=0), np.zeros((5, 1), int)])
        found.append((moved[once], scores[once], classes[once]))
    ours = ap.mean_average_precision(marked, found, 3)
    np.testing.assert_allclose(ours.per_class, coco_precisions(marked, found, 3), atol=1e-6)
    plain = [(boxes, classes) for boxes, classes, _ in marked]
    assert ours.mean != pytest.approx(ap.mean_average_precision(plain, found, 3).mean, abs=1e-3)


@hypothesis.given(strategies.integers(0, 2**32 - 1), strategies.booleans())
def test_the_mean_lies_between_0_and_1_and_ignoring_what_is_perfectly_found_is_free(seed, perfect):
    rng = np.random.default_rng(seed)
    truths, detections = pictures(rng, 2)
    if not any(len(boxes) for boxes, _ in truths):
        return
    if perfect:
        detections = [(boxes, rng.random(len(boxes)), classes) for boxes, classes in truths]
    result = ap.mean_average_precision(truths, detections, 3, iou_thresholds=[0.3, 0.8])
    assert 0 <= result.mean <= 1
    if perfect and len(truths[0][0]) and len(truths[1][0]):
        marked = [(*truths[0], np.ones(len(truths[0][0]), bool)), truths[1]]
        assert ap.mean_average_precision(marked, detections, 3, iou_thresholds=[0.3]).mean == 1


@pytest.mark.parametrize("max_detections", [100, 4])
def test_precisions_agree_with_cocos_own_program(rng, max_detections):
    for number in (1, 3, 12):
        truths, detections = pictures(rng, number, num_classes=4)
        if not any(len(boxes) for boxes, _ in truths):
            continue
        ours = ap.mean_average_precision(truths, detections, 4, max_detections=max_detections)
        theirs = coco_precisions(truths, detections, 4, max_detections)
        np.testing.assert_allclose(ours.per_class, theirs, rtol=0, atol=1e-6)


def test_precisions_agree_with_cocos_own_program_on_crowded_pictures(rng):
    # More than 100 boxes of a class in a picture, edges that are not whole pixels.
    truths, detections = [], []
    for _ in range(3):
        first = rng.random((40, 2)) * 100
        boxes = np.concatenate([first, first + 5 + 30 * rng.random((40, 2))], axis=1)
        found = np.repeat(boxes, 6, axis=0) + rng.normal(size=(240, 4))
        truths.append((boxes, np.arange(40) % 2))
        detections.append((found, rng.random(240), np.repeat(np.arange(40) % 2, 6)))
    ours = ap.mean_average_precision(truths, detections, 2)
    np.testing.assert_allclose(
        ours.per_class, coco_precisions(truths, detections, 2), rtol=0, atol=1e-6
    )


GOOD = {
    "truths": [([[0, 0, 4, 2]], [1])],
    "detections": [([[0, 0, 4, 2]], [0.5], [1])],
    "num_classes": 2,
}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"truths": []}, "got 0 and 1 pictures"),
        ({"truths": [([], [])]}, "at least one true box, got none"),
        ({"truths": [([[0, 0, 4, 2]], [2])]}, r"expected classes in 0..1, got \[2\]"),
        ({"truths": [([[0, 0, 4, 2]], [0.5])]}, "whole numbers as classes of picture 0"),
        (
            {"truths": [([[0, 0, 4, 2]], [])]},
            r"as many classes as true boxes; picture 0 has 0 and 1",
        ),
        ({"truths": [([[4, 0, 0, 2]], [1])]}, "true boxes of picture 0"),
        ({"detections": [([[0, 0, 4, 2]], [np.nan], [1])]}, "finite scores"),
        (
            {"detections": [([[0, 0, 4, 2]], [0.5, 0.6], [1])]},
            r"picture 0 has \[1, 2, 1\] boxes, scores",
        ),
        ({"detections": [([0, 0, 4, 2], [0.5], [1])]}, r"found in picture 0 of shape \(n, 4\)"),
        ({"num_classes": 0}, "num_classes as an integer of at least 1, got 0"),
        ({"max_detections": 0}, "max_detections as an integer of at least 1, got 0"),
        ({"iou_thresholds": [0.0]}, "at most 1 and above 0"),
        ({"iou_thresholds": 0.5}, "list of numbers, got 0.5"),
    ],
)
def test_bad_pictures_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        ap.mean_average_precision(**GOOD | changed)


def test_a_threshold_that_was_not_measured_is_refused():
    with pytest.raises(ValueError, match=r"expected one of the thresholds .* got 0.3"):
        ap.mean_average_precision(**GOOD).at(0.3)


def test_more_right_boxes_than_true_ones_are_refused():
    with pytest.raises(ValueError, match="num_truths as an integer of at least 2, got 1"):
        ap.average_precision([0.1, 0.2], [True, True], num_truths=1)
    with pytest.raises(ValueError, match="one score for each answer"):
        ap.precision_recall([0.1, 0.2], [True], num_truths=1)
    with pytest.raises(ValueError, match="and m scores"):
        ap.match([[0, 0, 4, 2]], [[0, 0, 4, 2]], [0.1, 0.2], [0.5])


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda boxes: boxes.copy()])
def test_copies_know_the_difficult_objects(copied):
    boxes = ap.GroundTruth([[0.0, 1, 2, 3]], difficult=[[4.0, 5, 6, 7]])
    again = pickle.loads(pickle.dumps(copied(boxes)))
    assert again.tolist() == [[0, 1, 2, 3]]
    assert again.difficult.tolist() == [[4, 5, 6, 7]]

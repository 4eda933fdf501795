import time

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from helpers import boxes as box_tools
from helpers import suppression


def candidates(rng, number, *, objects=40, size=(416, 608)):
    """Boxes as a detector gives them: several about each object, with whole pixels as edges."""
    middles = rng.random((objects, 2)) * size[::-1]
    sizes = np.exp(rng.uniform(np.log(20), np.log(250), (objects, 2)))
    mine = rng.integers(objects, size=number)
    middle = middles[mine] + 0.15 * sizes[mine] * rng.normal(size=(number, 2))
    extent = sizes[mine] * np.exp(0.2 * rng.normal(size=(number, 2)))
    boxes = np.concatenate([middle - extent / 2, middle + extent / 2], axis=1).round()
    return boxes, rng.random(number), mine % 3


def pair_iou(a, b):
    width = max(min(a[2], b[2]) - max(a[0], b[0]), 0)
    height = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    covered = sum((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)) - width * height
    return width * height / covered if covered else 0


def slow_suppression(boxes, scores, classes, iou_threshold):
    kept = []
    for i in sorted(range(len(boxes)), key=lambda i: (-scores[i], i)):
        rivals = [j for j in kept if classes is None or classes[i] == classes[j]]
        if all(pair_iou(boxes[i], boxes[j]) <= iou_threshold for j in rivals):
            kept.append(i)
    return kept


def slow_soft_suppression(boxes, scores, classes, factor, score_threshold):
    scores, left, kept = list(scores), set(range(len(boxes))), []
    while left:
        best = min(left, key=lambda i: (-scores[i], i))
        if scores[best] < score_threshold:
            break
        left.remove(best)
        kept.append(best)
        for i in left:
            if classes is None or classes[i] == classes[best]:
                scores[i] *= factor(pair_iou(boxes[i], boxes[best]))
    return kept, [scores[i] for i in kept]


def test_the_better_of_two_that_overlap_stays_unless_the_classes_differ():
    boxes = [[0, 0, 4, 2], [1, 0, 5, 2], [6, 0, 9, 2]]  # the first two: 6 of 10
    scores = [0.7, 0.9, 0.8]
    assert suppression.non_max_suppression(boxes, scores).tolist() == [1, 2]
    assert suppression.non_max_suppression(boxes, scores, [5, 5, 5]).tolist() == [1, 2]
    assert suppression.non_max_suppression(boxes, scores, [5, 7, 5]).tolist() == [1, 2, 0]
    assert suppression.non_max_suppression(boxes, scores, max_boxes=1).tolist() == [1]


def test_exactly_the_threshold_is_not_too_much():
    boxes = [[0, 0, 4, 2], [1, 0, 5, 2]]
    assert len(suppression.non_max_suppression(boxes, [1, 2], iou_threshold=0.6)) == 2
    assert len(suppression.non_max_suppression(boxes, [1, 2], iou_threshold=0.59)) == 1


def test_a_box_that_went_does_not_strike_out_others():
    boxes = [[0, 0, 10, 2], [3, 0, 13, 2], [6, 0, 16, 2]]  # neighbours 7 of 13, the outer two 4/16
    assert suppression.non_max_suppression(boxes, [0.9, 0.8, 0.7]).tolist() == [0, 2]


def test_of_equal_scores_the_lower_index_is_better(rng):
    boxes = np.repeat([[0, 0, 4, 2], [9, 0, 12, 2]], 200, axis=0)
    assert suppression.non_max_suppression(boxes, np.ones(400)).tolist() == [0, 200]
    kept, _ = suppression.soft_non_max_suppression(boxes, np.ones(400), max_boxes=2)
    assert kept.tolist() == [0, 200]


def test_no_boxes_and_boxes_without_area_are_welcome():
    assert suppression.non_max_suppression([], []).tolist() == []
    assert suppression.non_max_suppression([], [], []).tolist() == []
    assert suppression.soft_non_max_suppression([], [])[0].tolist() == []
    points = [[1, 1, 1, 1], [1, 1, 1, 1]]
    assert suppression.non_max_suppression(points, [1, 2]).tolist() == [1, 0]


@pytest.mark.parametrize("iou_threshold", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("per_class", [False, True])
def test_fast_and_slow_suppression_agree(rng, iou_threshold, per_class):
    boxes, scores, classes = candidates(rng, 500)
    scores = scores.round(1)  # many are equal
    classes = classes if per_class else None
    slow = slow_suppression(boxes, scores, classes, iou_threshold)
    for max_boxes in (None, 1, 7, 200):
        fast = suppression.non_max_suppression(
            boxes, scores, classes, iou_threshold=iou_threshold, max_boxes=max_boxes
        )
        assert fast.dtype == np.int64
        assert fast.tolist() == slow[:max_boxes]


def test_what_stays_does_not_overlap_and_what_went_did(rng):
    boxes, scores, _ = candidates(rng, 600)
    kept = suppression.non_max_suppression(boxes, scores, iou_threshold=0.4, max_boxes=None)
    overlap = box_tools.iou(boxes, boxes[kept])
    assert (overlap[kept] > 0.4).sum() == len(kept)  # only with themselves
    better = scores[kept] >= scores[:, None]
    assert ((overlap > 0.4) & better).any(axis=1).all()
    again = suppression.non_max_suppression(boxes[kept], scores[kept], iou_threshold=0.4)
    assert again.tolist() == list(range(min(len(kept), 100)))


@pytest.mark.parametrize("iou_threshold", [0.1, 0.5, 0.7])
def test_suppression_agrees_with_tensorflow(rng, iou_threshold):
    import tensorflow as tf

    boxes, scores, _ = candidates(rng, 800)
    scores = scores.astype("float32")
    theirs = tf.image.non_max_suppression(
        boxes.astype("float32")[:, [1, 0, 3, 2]], scores, 150, iou_threshold
    )
    ours = suppression.non_max_suppression(
        boxes, scores, iou_threshold=iou_threshold, max_boxes=150
    )
    assert ours.tolist() == theirs.numpy().tolist()


def test_soft_suppression_agrees_with_tensorflow(rng):
    import tensorflow as tf

    boxes, scores, _ = candidates(rng, 300)
    kept, new_scores = suppression.soft_non_max_suppression(
        boxes, scores.astype("float32"), sigma=0.5, score_threshold=0.05, max_boxes=80
    )
    # TensorFlow's exponent is iou**2 / (2 sigma), ours as in the paper iou**2 / sigma.
    theirs, their_scores = tf.image.non_max_suppression_with_scores(
        boxes.astype("float32")[:, [1, 0, 3, 2]],
        scores.astype("float32"),
        80,
        iou_threshold=1.0,
        score_threshold=0.05,
        soft_nms_sigma=0.25,
    )
    assert kept.tolist() == theirs.numpy().tolist()
    np.testing.assert_allclose(new_scores, their_scores.numpy(), atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "factor"),
    [
        ({"method": "gaussian", "sigma": 0.3}, lambda overlap: np.exp(-(overlap**2) / 0.3)),
        (
            {"method": "linear", "iou_threshold": 0.4},
            lambda overlap: 1 - overlap if overlap >= 0.4 else 1,
        ),
    ],
)
@pytest.mark.parametrize("per_class", [False, True])
def test_fast_and_slow_soft_suppression_agree(rng, settings, factor, per_class):
    boxes, scores, classes = candidates(rng, 120)
    classes = classes if per_class else None
    before = scores.copy()
    kept, new_scores = suppression.soft_non_max_suppression(
        boxes, scores, classes, score_threshold=0.02, max_boxes=None, **settings
    )
    slow, slow_scores = slow_soft_suppression(boxes, scores, classes, factor, 0.02)
    assert kept.tolist() == slow
    np.testing.assert_allclose(new_scores, slow_scores, rtol=1e-9)
    assert (np.diff(new_scores) <= 0).all()
    assert (new_scores <= scores[kept]).all()
    np.testing.assert_array_equal(scores, before)


def test_a_very_small_sigma_is_hard_suppression_of_all_that_overlap(rng):
    boxes, scores, _ = candidates(rng, 200)
    soft, new_scores = suppression.soft_non_max_suppression(boxes, scores, sigma=1e-12)
    hard = suppression.non_max_suppression(boxes, scores, iou_threshold=0)
    hard = hard[scores[hard] >= 0.001]
    assert set(hard) <= set(soft)
    np.testing.assert_array_equal(new_scores[np.isin(soft, hard)], scores[hard])


@pytest.mark.parametrize(("per_class", "max_boxes"), [(False, 100), (True, 100), (False, None)])
def test_ten_thousand_boxes_take_no_longer_than_a_blink(rng, per_class, max_boxes):
    boxes, scores, classes = candidates(rng, 10_000)
    times = []
    for _ in range(5):
        start = time.thread_time()
        suppression.non_max_suppression(
            boxes, scores, classes if per_class else None, max_boxes=max_boxes
        )
        times.append(time.thread_time() - start)
    assert min(times) < 0.25  # 0.05 s on a quiet core: five times as long on a busy one


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scores": [0.5]}, "expected 2 scores"),
        ({"scores": [0.5, np.nan]}, "finite scores, got nan"),
        ({"classes": [1]}, "expected 2 whole numbers as classes"),
        ({"classes": [0.5, 1.0]}, "got float64"),
        ({"iou_threshold": -0.1}, "iou_threshold as a number from 0 to 1, got -0.1"),
        ({"iou_threshold": 1.1}, "got 1.1"),
        ({"iou_threshold": np.nan}, "got nan"),
        ({"max_boxes": 0}, "or None.* at least 1, got 0"),
        ({"max_boxes": 2.5}, "got 2.5"),
        ({"boxes": [0, 0, 4, 2]}, r"expected boxes of shape \(n, 4\)"),
        ({"boxes": [[0, 0, 4, 2], [4, 0, 0, 2]]}, "left <= right"),
    ],
)
@pytest.mark.parametrize(
    "function", [suppression.non_max_suppression, suppression.soft_non_max_suppression]
)
def test_bad_candidates_are_refused(function, changed, message):
    good = {"boxes": [[0, 0, 4, 2], [1, 0, 5, 2]], "scores": [0.5, 0.6]}
    with pytest.raises(ValueError, match=message):
        function(**good | changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scores": [-1]}, "from 0 on, got -1"),
        ({"method": "hard"}, "'gaussian' or 'linear', got 'hard'"),
        ({"sigma": 0}, "sigma .* above 0, got 0"),
        ({"score_threshold": -1}, "score_threshold .* got -1"),
    ],
)
def test_bad_settings_of_soft_suppression_are_refused(changed, message):
    good = {"boxes": [[0, 0, 4, 2]], "scores": [0.5]}
    with pytest.raises(ValueError, match=message):
        suppression.soft_non_max_suppression(**good | changed)


@hypothesis.given(
    strategies.integers(0, 2**32 - 1),
    strategies.integers(0, 40),
    strategies.floats(0, 1),
    strategies.booleans(),
)
def test_what_is_kept_is_a_subset_that_stays_as_it_is(seed, count, iou_threshold, per_class):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 20, (count, 2))
    boxes = np.concatenate([first, first + rng.integers(0, 15, (count, 2))], axis=1)
    scores, classes = rng.integers(0, 5, count) / 4, rng.integers(2, size=count)

    def suppress(rows):
        some = classes[rows] if per_class else None
        return suppression.non_max_suppression(
            boxes[rows], scores[rows], some, iou_threshold=iou_threshold, max_boxes=None
        )

    kept = suppress(np.arange(count))
    assert set(kept) <= set(range(count))
    assert len(set(kept)) == len(kept)
    assert (np.diff(scores[kept]) <= 0).all()
    np.testing.assert_array_equal(suppress(kept), np.arange(len(kept)))
    overlap = box_tools.iou(boxes, boxes) > iou_threshold
    if per_class:
        overlap &= classes[:, None] == classes
    np.fill_diagonal(overlap, False)
    assert not overlap[np.ix_(kept, kept)].any()
    for box in set(range(count)) - set(kept):
        rivals = kept[overlap[box, kept]]
        assert (scores[rivals] >= scores[box]).any()
    soft, new_scores = suppression.soft_non_max_suppression(boxes, scores, max_boxes=None)
    assert set(soft) <= set(range(count))
    assert (new_scores <= scores[soft]).all()

import math
import time

import keras
import numpy as np
import pytest

from helpers import boxes as box_tools
from helpers import suppression
from helpers.yolo import decoding

ANCHORS = [[1.5, 1.0], [0.5, 2.0], [3.0, 0.8]]


def slow_sigmoid(number):
    return 1 / (1 + math.exp(-number))


def slow_decode(output, anchors, num_classes):
    """One cell, one anchor and one class after the other."""
    rows, columns, _ = output.shape
    decoded = {}
    for row in range(rows):
        for column in range(columns):
            for a, (anchor_width, anchor_height) in enumerate(anchors):
                start = a * (5 + num_classes)
                t_x, t_y, t_w, t_h, t_o, *scores = output[row, column][
                    start : start + 5 + num_classes
                ].tolist()
                powers = [math.exp(score) for score in scores]
                decoded[row, column, a] = (
                    ((slow_sigmoid(t_x) + column) / columns, (slow_sigmoid(t_y) + row) / rows),
                    (anchor_width * math.exp(t_w) / columns, anchor_height * math.exp(t_h) / rows),
                    slow_sigmoid(t_o),
                    [power / sum(powers) for power in powers],
                )
    return decoded


def random_output(rng, *shape, num_anchors=3, num_classes=4):
    return rng.normal(scale=2, size=(*shape, num_anchors * (5 + num_classes)))


def test_a_box_on_a_grid_of_two_by_four_lies_where_paper_says():
    output = np.zeros((2, 4, 7))  # one anchor, two classes
    output[1, 2] = [math.log(3), -math.log(3), math.log(2), 0, 0, math.log(4), 0]
    decoded = decoding.decode(output, [[1.5, 0.5]], 2)
    # sigmoid(log 3) = 3/4, and sigmoid(-log 3) = 1/4.
    np.testing.assert_allclose(decoded.centres[1, 2, 0], [2.75 / 4, 1.25 / 2])
    np.testing.assert_allclose(decoded.sizes[1, 2, 0], [1.5 * 2 / 4, 0.5 / 2])
    np.testing.assert_allclose(decoded.objectness[1, 2, 0], 0.5)
    np.testing.assert_allclose(decoded.class_probabilities[1, 2, 0], [0.8, 0.2])
    np.testing.assert_allclose(
        decoded.corners[1, 2, 0], [2.75 / 4 - 0.375, 1.25 / 2 - 0.125, 2.75 / 4 + 0.375, 0.75]
    )
    # All other cells have their box in the middle, columns from left to right.
    np.testing.assert_allclose(decoded.centres[0, :, 0, 0], [0.125, 0.375, 0.625, 0.875])
    np.testing.assert_allclose(decoded.centres[:, 0, 0, 1], [0.25, 0.75])


@pytest.mark.parametrize("grid_size", [(2, 4), (5, 3), (1, 6)])
def test_fast_and_slow_decoding_agree(rng, grid_size):
    output = random_output(rng, *grid_size)
    decoded = decoding.decode(output, ANCHORS, 4)
    for place, numbers in slow_decode(output, ANCHORS, 4).items():
        for fast, slow in zip(decoded, numbers, strict=True):
            np.testing.assert_allclose(fast[place], slow, rtol=1e-12)


def test_any_leading_axes_are_a_batch(rng):
    output = random_output(rng, 2, 3, 5, 4)
    decoded = decoding.decode(output, ANCHORS, 4)
    assert [part.shape for part in decoded] == [
        (2, 3, 5, 4, 3, 2),
        (2, 3, 5, 4, 3, 2),
        (2, 3, 5, 4, 3),
        (2, 3, 5, 4, 3, 4),
    ]
    for part, alone in zip(decoded, decoding.decode(output[1, 2], ANCHORS, 4), strict=True):
        np.testing.assert_array_equal(part[1, 2], alone)
    assert decoding.decode(output[:0], ANCHORS, 4).centres.shape == (0, 3, 5, 4, 3, 2)


def test_centres_stay_in_their_cell_and_probabilities_add_up(rng):
    decoded = decoding.decode(20 * random_output(rng, 3, 5), ANCHORS, 4)
    columns_from_left = decoded.centres[..., 0] * 5 - np.arange(5)[:, None]
    rows_from_top = decoded.centres[..., 1] * 3 - np.arange(3)[:, None, None]
    for inside in (columns_from_left, rows_from_top):
        assert inside.min() >= -1e-9
        assert inside.max() <= 1 + 1e-9
    assert (decoded.sizes > 0).all()
    np.testing.assert_allclose(decoded.class_probabilities.sum(axis=-1), 1)


def test_types_are_kept_and_tensors_welcome(rng):
    output = random_output(rng, 2, 4)
    exact = decoding.decode(output, ANCHORS, 4)
    tensor = keras.ops.convert_to_tensor(output, "float32")
    for given, dtype in [
        (output.astype("float32"), "float32"),
        (output.astype("float16"), "float32"),
        (tensor, "float32"),
        (keras.ops.cast(tensor, "bfloat16"), "float32"),
        (np.rint(output).astype("int8"), "float64"),
    ]:
        decoded = decoding.decode(given, ANCHORS, 4)
        assert {part.dtype for part in decoded} == {np.dtype(dtype)}
    single = decoding.decode(tensor, ANCHORS, 4)
    for part, exact_part in zip(single, exact, strict=True):
        np.testing.assert_allclose(part, exact_part, rtol=2e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_finite_output_overflows(dtype):
    largest = np.finfo(dtype).max
    output = np.zeros((2, 4, 7), dtype)
    output[0, :], output[1, :] = largest, -largest
    output[0, 1, ::2] = -largest
    output[1, 1] = [1000, -1000, 1000, -1000, -1000, 1000, -1000]
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        decoded = decoding.decode(output, [[1e6, 0.5]], 2)
        everything = decoding.decode_and_filter(output, [[1e6, 0.5]], 2, threshold=0)
    for part in (*decoded, *everything):
        assert np.isfinite(part).all()
    assert decoded.sizes.max() > 1e6
    np.testing.assert_array_equal(decoded.objectness[1, 1], 0)
    np.testing.assert_array_equal(decoded.class_probabilities[1, 1, 0], [1, 0])


def test_decoding_leaves_its_input_alone(rng):
    output = random_output(rng, 2, 4)
    before = output.copy()
    decoding.decode(output, ANCHORS, 4)
    decoding.decode_and_filter(output, ANCHORS, 4, 0.1)
    np.testing.assert_array_equal(output, before)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"output": np.zeros((2, 4, 26))}, r"3 anchors \* \(5 \+ 4 classes\) = 27 .*\(2, 4, 26\)"),
        ({"output": np.zeros((4, 27))}, r"expected output of shape .*got \(4, 27\)"),
        ({"output": np.zeros(27)}, "expected output of shape"),
        ({"output": np.zeros((2, 0, 27))}, r"got \(2, 0, 27\)"),
        ({"output": np.full((2, 4, 27), np.nan)}, "expected output with finite numbers, got nan"),
        ({"output": np.full((2, 4, 27), -np.inf)}, "finite numbers, got -inf"),
        ({"output": "here"}, "expected output as an array of numbers, got 'here'"),
        ({"output": np.zeros((2, 4, 27), complex)}, "array of numbers"),
        ({"output": [[[0] * 27], [0]]}, "array of numbers"),
        ({"anchors": [[1, 1], [1, 2]]}, r"2 anchors \* \(5 \+ 4 classes\) = 18"),
        ({"anchors": [[1, 1], [1, 0], [1, 1]]}, r"positive width and height .*got \[1.0, 0.0\]"),
        ({"anchors": [[1, 1], [1, np.nan], [1, 1]]}, "positive width and height"),
        ({"anchors": [[1, 1], [1, np.inf], [1, 1]]}, "positive width and height"),
        ({"anchors": [1, 2, 3]}, r"anchors of shape \(anchors, 2\), got \(3,\)"),
        ({"anchors": np.zeros((0, 2))}, r"got \(0, 2\)"),
        ({"anchors": [[1, 2], [1]]}, "anchors of shape"),
        ({"num_classes": 0}, "at least 1, got 0"),
        ({"num_classes": 4.0}, "got 4.0"),
        ({"num_classes": 5}, r"= 30 numbers, got \(2, 4, 27\)"),
    ],
)
@pytest.mark.parametrize("function", [decoding.decode, decoding.decode_and_filter])
def test_bad_outputs_and_anchors_are_refused(function, changed, message):
    good = {"output": np.zeros((2, 4, 27)), "anchors": ANCHORS, "num_classes": 4}
    with pytest.raises(ValueError, match=message):
        function(**good | changed)


def test_filtering_keeps_what_reaches_the_threshold_in_order():
    boxes = np.arange(24).reshape(2, 3, 4)
    confidence = np.array([[1.0, 0.5, 0.5], [0.25, 1.0, 0.0]])
    probabilities = np.array([[[0.5, 0.5], [1, 0], [0.5, 0.5]], [[1, 0], [0.25, 0.75], [0, 1]]])
    scores, kept, classes = decoding.filter_boxes(boxes, confidence, probabilities, threshold=0.5)
    np.testing.assert_array_equal(scores, [0.5, 0.5, 0.75])
    np.testing.assert_array_equal(kept, [[0, 1, 2, 3], [4, 5, 6, 7], [16, 17, 18, 19]])
    np.testing.assert_array_equal(classes, [0, 0, 1])  # of equal classes, the lower one
    assert classes.dtype == np.int64
    with_axis = decoding.filter_boxes(boxes, confidence[..., None], probabilities, 0.5)
    np.testing.assert_array_equal(with_axis[0], scores)
    assert len(decoding.filter_boxes(boxes, confidence, probabilities, threshold=0)[0]) == 6
    assert len(decoding.filter_boxes(boxes, confidence, probabilities, threshold=1)[0]) == 0


def test_filtering_agrees_with_one_box_after_the_other(rng):
    boxes, confidence = rng.normal(size=(3, 5, 2, 4)), rng.random((3, 5, 2))
    probabilities = rng.dirichlet(np.ones(6), size=(3, 5, 2))
    for threshold in (0.0, 0.1, 0.3, 0.9):
        slow = []
        for place in np.ndindex(3, 5, 2):
            score = max(confidence[place] * probability for probability in probabilities[place])
            if score >= threshold:
                slow.append((score, boxes[place], list(probabilities[place])))
        scores, kept, classes = decoding.filter_boxes(boxes, confidence, probabilities, threshold)
        assert len(scores) == len(slow)
        np.testing.assert_array_equal(scores, [row[0] for row in slow])
        np.testing.assert_array_equal(kept, np.reshape([row[1] for row in slow], (-1, 4)))
        assert classes.tolist() == [row[2].index(max(row[2])) for row in slow]


def test_numbers_that_are_no_probabilities_are_filtered_as_the_course_does(rng):
    # The course's exercise is tried on normal random numbers: the best product wins.
    boxes, confidence = rng.normal(size=(3, 5, 2, 4)), rng.normal(1, 4, (3, 5, 2, 1))
    probabilities = rng.normal(1, 4, size=(3, 5, 2, 6))
    box_scores = confidence * probabilities
    mask = box_scores.max(axis=-1) >= 0.5
    scores, kept, classes = decoding.filter_boxes(boxes, confidence, probabilities, threshold=0.5)
    np.testing.assert_array_equal(scores, box_scores.max(axis=-1)[mask])
    np.testing.assert_array_equal(kept, boxes[mask])
    np.testing.assert_array_equal(classes, box_scores.argmax(axis=-1)[mask])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"threshold": -0.1}, r"as a number from 0 to 1, got -0.1"),
        ({"threshold": 1.1}, "got 1.1"),
        ({"threshold": np.nan}, "got nan"),
        ({"threshold": "high"}, "got 'high'"),
        ({"threshold": None}, "got None"),
        ({"boxes": np.zeros((2, 5))}, r"boxes of shape \(..., 4\) .*got \(2, 5\) and \(2, 3\)"),
        ({"boxes": np.zeros((3, 4))}, r"got \(3, 4\) and \(2, 3\)"),
        ({"box_confidence": np.zeros(3)}, r"shape \(2,\) or \(2, 1\), .*got \(3,\)"),
        ({"box_confidence": np.zeros((2, 2))}, r"got \(2, 2\)"),
        ({"box_class_probs": np.zeros((2, 0))}, "at least one class; .* and 0 classes"),
        ({"box_class_probs": np.full((2, 3), np.nan)}, "box_class_probs with finite numbers"),
        ({"box_confidence": np.full(2, np.inf)}, "box_confidence with finite numbers, got inf"),
        ({"boxes": np.full((2, 4), np.nan)}, "expected boxes with finite numbers, got nan"),
    ],
)
def test_filtering_refuses_what_does_not_belong_together(changed, message):
    good = {
        "boxes": np.zeros((2, 4)),
        "box_confidence": np.zeros(2),
        "box_class_probs": np.zeros((2, 3)),
    }
    with pytest.raises(ValueError, match=message):
        decoding.filter_boxes(**good | changed)


@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_short_cut_finds_what_decoding_everything_finds(rng, threshold, dtype):
    output = random_output(rng, 7, 9, num_classes=6).astype(dtype)
    decoded = decoding.decode(output, ANCHORS, 6)
    wanted = decoding.filter_boxes(
        decoded.corners, decoded.objectness, decoded.class_probabilities, threshold
    )
    found = decoding.decode_and_filter(output, ANCHORS, 6, threshold)
    assert len(found[0]) == len(wanted[0])
    assert found[0].dtype == dtype
    tolerance = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(found[0], wanted[0], rtol=tolerance)
    np.testing.assert_allclose(found[1], wanted[1], atol=100 * tolerance)
    np.testing.assert_array_equal(found[2], wanted[2])


def test_the_short_cut_takes_one_picture_at_a_time(rng):
    with pytest.raises(ValueError, match=r"one picture, .*got \(1, 2, 4, 27\)"):
        decoding.decode_and_filter(random_output(rng, 1, 2, 4), ANCHORS, 4)
    with pytest.raises(ValueError, match="got 2"):
        decoding.decode_and_filter(random_output(rng, 2, 4), ANCHORS, 4, threshold=2)


def test_final_boxes_agree_with_tensorflow(rng):
    import tensorflow as tf

    output = random_output(rng, 7, 9, num_classes=6).astype("float32")
    output[..., 5::11] *= 3  # surer, so that many boxes pass
    decoded = decoding.decode(output, ANCHORS, 6)
    class_scores = decoded.objectness[..., None] * decoded.class_probabilities
    theirs = tf.image.combined_non_max_suppression(
        decoded.corners[..., [1, 0, 3, 2]].reshape(1, -1, 1, 4).astype("float32"),
        class_scores.reshape(1, -1, 6),
        max_output_size_per_class=50,
        max_total_size=50,
        iou_threshold=0.4,
        score_threshold=0.55,  # above one half, a box has one class at most
        clip_boxes=False,
    )
    scores, corners, classes = decoding.decode_and_filter(output, ANCHORS, 6, 0.55)
    kept = suppression.non_max_suppression(
        corners, scores, classes, iou_threshold=0.4, max_boxes=50
    )
    number = int(theirs.valid_detections[0])
    assert number == len(kept) > 10
    np.testing.assert_allclose(scores[kept], theirs.nmsed_scores[0, :number], rtol=1e-6)
    np.testing.assert_array_equal(classes[kept], theirs.nmsed_classes[0, :number])
    their_boxes = theirs.nmsed_boxes.numpy()[0, :number][:, [1, 0, 3, 2]]
    np.testing.assert_allclose(corners[kept], their_boxes, atol=1e-5)


def test_the_largest_output_takes_no_longer_than_a_blink(rng):
    output = random_output(rng, 19, 19, num_anchors=5, num_classes=80).astype("float32")
    anchors = rng.uniform(0.5, 10, (5, 2))
    times = []
    for _ in range(5):
        start = time.thread_time()
        scores, corners, classes = decoding.decode_and_filter(output, anchors, 80, 0.1)
        suppression.non_max_suppression(corners, scores, classes)
        times.append(time.thread_time() - start)
    assert len(scores) > 100
    assert min(times) < 0.025  # 0.005 s on a quiet core: five times as long on a busy one


def test_corners_are_what_boxes_makes_of_the_centres(rng):
    decoded = decoding.decode(random_output(rng, 2, 4), ANCHORS, 4)
    centres = box_tools.corners_to_centre(decoded.corners)
    np.testing.assert_allclose(centres[..., :2], decoded.centres, atol=1e-9)
    np.testing.assert_allclose(centres[..., 2:], decoded.sizes, rtol=1e-9)

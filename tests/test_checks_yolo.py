"""Answers as learners write them; the mistakes that the exercises list are tried in test_checks."""

import numpy as np
import pytest

from helpers import checks
from helpers.checks import judging


def iou(boxes_a, boxes_b):
    table = np.zeros((len(boxes_a), len(boxes_b)))
    for row, a in enumerate(boxes_a):
        for column, b in enumerate(boxes_b):
            width = max(min(a[2], b[2]) - max(a[0], b[0]), 0)
            height = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
            areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
            table[row, column] = width * height / (areas - width * height)
    return table


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


def decode(output, anchors, num_classes):
    rows, columns = output.shape[:2]
    t = output.reshape(rows, columns, len(anchors), 5 + num_classes)
    corner = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1)[:, :, None]
    centres = (corner + sigmoid(t[..., :2])) / [columns, rows]
    sizes = anchors * np.exp(t[..., 2:4]) / [columns, rows]
    exponentials = np.exp(t[..., 5:])
    probabilities = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return centres, sizes, sigmoid(t[..., 4]), probabilities


def filter_boxes(boxes, box_confidence, box_class_probs, threshold=0.6):
    all_scores = box_confidence[..., None] * box_class_probs
    scores, classes = all_scores.max(axis=-1), all_scores.argmax(axis=-1)
    sure = scores >= threshold
    return scores[sure], boxes[sure], classes[sure]


def non_max_suppression(boxes, scores, classes, iou_threshold=0.5):
    kept = []
    for box in sorted(range(len(boxes)), key=lambda box: -scores[box]):
        better = [other for other in kept if classes[other] == classes[box]]
        if all(iou(boxes[[other]], boxes[[box]])[0, 0] <= iou_threshold for other in better):
            kept.append(box)
    return np.array(kept, dtype=int)


@pytest.mark.parametrize("answer", [iou, decode, filter_boxes, non_max_suppression])
def test_plain_answers_pass(answer):
    verdict = judging.judge(getattr(checks, answer.__name__), answer)
    assert verdict.status == "passed", verdict.text


def test_suppression_over_classes_is_shown_with_both_sets_of_boxes():
    def class_blind(boxes, scores, classes, iou_threshold=0.5):
        return non_max_suppression(boxes, scores, 0 * classes, iou_threshold)

    verdict = judging.judge(checks.non_max_suppression, class_blind)
    assert "This one does not: a bus and a truck before it." in verdict.text
    assert "  expected: [0, 1]\n  got: [0]\n" in verdict.text
    assert verdict.hint == "Boxes of different classes leave each other alone."
    assert verdict.html.count("<rect") == 2 * 3


def test_rows_and_columns_mixed_up_show_on_a_grid_that_is_not_square():
    def mixed_up(output, anchors, num_classes):
        _, *others = decode(output, anchors, num_classes)
        rows, columns = output.shape[:2]
        t = output.reshape(rows, columns, len(anchors), 5 + num_classes)
        row_first = np.stack(np.indices((rows, columns)), axis=-1)[:, :, None]
        return (row_first + sigmoid(t[..., :2])) / [columns, rows], *others

    verdict = judging.judge(checks.decode, mixed_up)
    assert "This one does not: zeros on 2 × 3 cells." in verdict.text
    assert "What differs: centres: " in verdict.text
    assert verdict.hint.startswith("The column belongs to x and the row to y")


def test_a_missing_part_of_the_answer_is_named():
    verdict = judging.judge(checks.filter_boxes, lambda *args: filter_boxes(*args)[:2])
    assert "expected 3 things, (scores, boxes, classes); got a tuple of 2" in verdict.text


def test_filtered_boxes_may_come_in_any_order_that_is_theirs_together():
    def sorted_boxes(*args):
        scores, boxes, classes = filter_boxes(*args)
        order = np.argsort(-scores)
        return scores[order], boxes[order], classes[order]

    def torn_apart(*args):
        scores, boxes, classes = filter_boxes(*args)
        return np.sort(scores), boxes, classes

    assert judging.judge(checks.filter_boxes, sorted_boxes).status == "passed"
    assert judging.judge(checks.filter_boxes, torn_apart).status == "tried"


def test_an_answer_that_is_wrong_on_the_grid_only_is_drawn():
    def rows_only(boxes, confidence, probabilities, threshold):
        scores, kept, classes = filter_boxes(boxes, confidence, probabilities, threshold)
        return scores + (boxes.ndim > 2), kept, classes

    verdict = judging.judge(checks.filter_boxes, rows_only)
    assert "5 of 6 cases pass" in verdict.text
    assert verdict.html.count("<rect") == 12


def test_boxes_may_be_collected_in_a_list_first():
    def collected(boxes, box_confidence, box_class_probs, threshold):
        rows = [
            (box_confidence[place] * box_class_probs[place].max(), boxes[place], place)
            for place in np.ndindex(box_confidence.shape)
        ]
        rows = [row for row in rows if row[0] >= threshold]
        classes = [box_class_probs[place].argmax() for *_, place in rows]
        return tuple(map(np.array, ([row[0] for row in rows], [row[1] for row in rows], classes)))

    verdict = judging.judge(checks.filter_boxes, collected)
    assert verdict.status == "passed", verdict.text  # although nothing is kept in one case


def test_no_indices_at_all_become_whole_numbers():
    stay = checks.non_max_suppression(
        lambda *args, **kw: np.array([*non_max_suppression(*args, **kw)])
    )
    nothing = stay(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int), iou_threshold=0.5)
    assert nothing.shape == (0,)
    assert nothing.dtype.kind == "i"


def test_a_list_for_an_array_is_said_to_be_one():
    verdict = judging.judge(checks.iou, lambda a, b: iou(a, b).tolist())
    assert "0 of 9 cases pass" in verdict.text
    assert "The right numbers, but a list: return np.array(...)." in verdict.text
    assert verdict.hint is None


def test_boxes_are_drawn_for_a_wrong_overlap():
    verdict = judging.judge(checks.iou, lambda a, b: iou(a, b) + 0.1)
    assert verdict.html.count("<rect") == 2
    assert "expected 0.25, got 0.35" in verdict.text

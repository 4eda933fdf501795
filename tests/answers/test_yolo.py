"""Answers to the exercises of notebook 06."""

import functools
import math

import numpy as np
import tensorflow as tf
from keras import activations, ops

from answers import forms
from helpers import checks


def overlap(a, b):
    """Of two boxes, in plain Python."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height
    return width * height / union


def iou_in_loops(first, second):
    return np.array([[overlap(a, b) for b in second] for a in first])


def iou_of_columns(boxes_a, boxes_b):
    left, top, right, bottom = (boxes_a[:, None, i] for i in range(4))
    width = np.minimum(right, boxes_b[:, 2]) - np.maximum(left, boxes_b[:, 0])
    height = np.minimum(bottom, boxes_b[:, 3]) - np.maximum(top, boxes_b[:, 1])
    shared = np.clip(width, 0, None) * np.clip(height, 0, None)
    areas = (right - left) * (bottom - top) + np.prod(boxes_b[:, 2:] - boxes_b[:, :2], axis=1)
    return shared / (areas - shared)


def iou_by_tensorflow(boxes_a, boxes_b):
    a, b = tf.cast(boxes_a, tf.float32)[:, None], tf.cast(boxes_b, tf.float32)
    sides = tf.maximum(tf.minimum(a[..., 2:], b[..., 2:]) - tf.maximum(a[..., :2], b[..., :2]), 0.0)
    shared = tf.reduce_prod(sides, axis=-1)
    areas = [tf.reduce_prod(x[..., 2:] - x[..., :2], axis=-1) for x in (a, b)]
    return shared / (areas[0] + areas[1] - shared)


def iou_by_keras(boxes_a, boxes_b):
    a, b = ops.expand_dims(boxes_a, 1), ops.convert_to_tensor(boxes_b)
    sides = ops.relu(ops.minimum(a[..., 2:], b[..., 2:]) - ops.maximum(a[..., :2], b[..., :2]))
    shared = sides[..., 0] * sides[..., 1]
    areas = [(x[..., 2] - x[..., 0]) * (x[..., 3] - x[..., 1]) for x in (a, b)]
    return shared / (areas[0] + areas[1] - shared)


def iou_filled_in(boxes_a, boxes_b):
    table = np.zeros((len(boxes_a), len(boxes_b)), "float32")
    for place in np.ndindex(table.shape):
        table[place] = overlap(boxes_a[place[0]], boxes_b[place[1]])
    return table


def iou_of_lengths(boxes_a, boxes_b):
    """The length that two intervals share is what both have less than their hull."""

    def shared(axis):
        a, b = boxes_a[:, None, axis::2], boxes_b[None, :, axis::2]
        hull = np.maximum(a[..., 1], b[..., 1]) - np.minimum(a[..., 0], b[..., 0])
        return np.maximum(np.diff(a)[..., 0] + np.diff(b)[..., 0] - hull, 0)

    both = shared(0) * shared(1)
    sizes = [np.diff(x[:, 0::2])[:, 0] * np.diff(x[:, 1::2])[:, 0] for x in (boxes_a, boxes_b)]
    return both / (np.add.outer(*sizes) - both)


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


def decoded_in_loops(output, anchors, num_classes):
    rows, columns = output.shape[:2]
    shape = rows, columns, len(anchors)
    middles, sizes = np.zeros((*shape, 2)), np.zeros((*shape, 2))
    objectness, probabilities = np.zeros(shape), np.zeros((*shape, num_classes))
    for row, column, number in np.ndindex(shape):
        start = number * (5 + num_classes)
        t = output[row, column, start : start + 5 + num_classes]
        place = row, column, number
        middles[place] = (column + sigmoid(t[0])) / columns, (row + sigmoid(t[1])) / rows
        sizes[place] = [side * math.exp(x) for side, x in zip(anchors[number], t[2:4], strict=True)]
        sizes[place] /= columns, rows
        objectness[place] = sigmoid(t[4])
        powers = [math.exp(score) for score in t[5:]]
        probabilities[place] = [power / sum(powers) for power in powers]
    return middles, sizes, objectness, probabilities


def decoded_by_splitting(output, anchors, num_classes):
    rows, columns, _ = output.shape
    t = np.stack(np.split(output, len(anchors), axis=2), axis=2)
    xy, wh, t_thing, scores = np.split(t, [2, 4, 5], axis=-1)
    y, x = np.mgrid[:rows, :columns]
    grid = np.array([columns, rows])
    middles = (0.5 * (1 + np.tanh(xy / 2)) + np.dstack([x, y])[:, :, None]) / grid
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return [
        middles,
        np.exp(wh + np.log(anchors)) / grid,
        sigmoid(t_thing)[..., 0],
        powers / powers.sum(axis=-1, keepdims=True),
    ]


def decoded_by_keras(output, anchors, num_classes):
    rows, columns, _ = output.shape
    t = ops.reshape(output, (rows, columns, len(anchors), 5 + num_classes))
    x, y = ops.meshgrid(ops.arange(columns), ops.arange(rows))
    cells = ops.cast(ops.stack([x, y], axis=-1)[:, :, None], t.dtype)
    grid = ops.cast(ops.array([columns, rows]), t.dtype)
    return (
        (activations.sigmoid(t[..., :2]) + cells) / grid,
        ops.convert_to_tensor(anchors) * ops.exp(t[..., 2:4]) / grid,
        activations.sigmoid(t[..., 4]),
        activations.softmax(t[..., 5:]),
    )


def decoded_in_single_precision(output, anchors, num_classes):
    answer = decoded_by_splitting(output, anchors, num_classes)
    return tuple(part.astype("float32") for part in answer)


def decoded_anchor_by_anchor(output, anchors, num_classes):
    length, rows, columns = 5 + num_classes, *output.shape[:2]
    parts = []
    for number, anchor in enumerate(anchors):
        t = output[..., number * length : (number + 1) * length]
        x = (np.arange(columns)[None] + sigmoid(t[..., 0])) / columns
        y = (np.arange(rows)[:, None] + sigmoid(t[..., 1])) / rows
        wide, high = np.moveaxis(anchor * np.exp(t[..., 2:4]), -1, 0)
        chances = np.exp(t[..., 5:]) / np.exp(t[..., 5:]).sum(axis=-1)[..., None]
        sides = np.stack([wide / columns, high / rows], -1)
        parts.append((np.stack([x, y], -1), sides, sigmoid(t[..., 4]), chances))
    return tuple(np.stack(part, axis=2) for part in zip(*parts, strict=True))


def decoded_by_tensorflow(output, anchors, num_classes):
    parts = decoded_by_splitting(output, anchors, num_classes)
    return [tf.constant(part, tf.float32) for part in parts]


def decoded_cell_by_cell(t, priors, n):
    """Each cell is decoded as if it were alone, and then moved to its place."""
    rows, columns, _ = t.shape
    answers = [
        [
            decoded_in_loops(t[row : row + 1, column : column + 1], priors, n)
            for column in range(columns)
        ]
        for row in range(rows)
    ]
    middles, sizes, objectness, chances = (
        np.array([[cell[part][0, 0] for cell in row] for row in answers]) for part in range(4)
    )
    corner = np.stack(np.indices((rows, columns))[::-1], axis=-1)[:, :, None]
    return (middles + corner) / [columns, rows], sizes / [columns, rows], objectness, chances


def filtered_in_loops(boxes, confidence, chances, least):
    scores, kept, classes = [], [], []
    for place in np.ndindex(confidence.shape):
        table = confidence[place] * chances[place]
        if table.max() >= least:
            scores.append(table.max())
            kept.append(boxes[place])
            classes.append(table.argmax())
    return np.array(scores), np.array(kept), np.array(classes)


def filtered_by_mask(boxes, box_confidence, box_class_probs, threshold):
    scores = box_confidence * np.max(box_class_probs, axis=-1)
    mask = ~(scores < threshold)
    return scores[mask], boxes[mask], np.argmax(box_class_probs, axis=-1)[mask]


def filtered_best_first(boxes, box_confidence, box_class_probs, threshold):
    rows = box_class_probs.reshape(-1, box_class_probs.shape[-1])
    scores = rows.max(axis=1) * box_confidence.ravel()
    order = np.argsort(-scores)
    order = order[scores[order] >= threshold]
    return scores[order], boxes.reshape(-1, 4)[order], rows[order].argmax(axis=1)


def filtered_by_tensorflow(boxes, box_confidence, box_class_probs, threshold):
    scores = box_confidence[..., None] * box_class_probs
    best = tf.reduce_max(scores, axis=-1)
    mask = best >= threshold
    classes = tf.argmax(scores, axis=-1)
    return tuple(tf.boolean_mask(part, mask) for part in (best, boxes, classes))


def filtered_by_places(boxes, box_confidence, box_class_probs, threshold):
    scores = np.einsum("...,...c->...c", box_confidence, box_class_probs)
    places = np.nonzero(scores.max(axis=-1) >= threshold)
    return [
        scores[places].max(axis=-1),
        boxes[places],
        scores[places].argmax(axis=-1).astype("int32"),
    ]


def filtered_by_compress(boxes, box_confidence, box_class_probs, threshold):
    scores = (box_confidence * box_class_probs.max(-1)).ravel()
    sure = scores >= threshold
    classes = box_class_probs.argmax(-1).ravel()
    answer = scores, boxes.reshape(-1, 4), classes
    return tuple(np.compress(sure, part, axis=0) for part in answer)


def filtered_in_single_precision(boxes, box_confidence, box_class_probs, threshold):
    scores, kept, classes = filtered_by_mask(boxes, box_confidence, box_class_probs, threshold)
    return scores.astype("float32"), kept.astype("float32"), classes


def suppressed_in_loops(boxes, scores, classes, most):
    rest, kept = list(np.argsort(-scores)), []
    while rest:
        best = rest.pop(0)
        kept.append(best)
        rest = [
            other
            for other in rest
            if classes[other] != classes[best] or overlap(boxes[other], boxes[best]) <= most
        ]
    return np.array(kept)


def suppressed_class_by_class(boxes, scores, classes, iou_threshold):
    iou, kept = checks.iou.helper, []
    for label in np.unique(classes):
        rest = np.flatnonzero(classes == label)
        rest = rest[np.argsort(scores[rest])[::-1]]
        while len(rest):
            kept.append(rest[0])
            rest = rest[1:][iou(boxes[rest[:1]], boxes[rest[1:]])[0] <= iou_threshold]
    return np.array(sorted(kept, key=lambda box: -scores[box]), "int32")


def suppressed_far_apart(boxes, scores, classes, iou_threshold):
    """Move each class to a place of its own, then suppress all at once."""
    moved = boxes + 1_000 * classes[:, None]
    return suppressed_in_loops(moved, scores, np.zeros(len(boxes)), iou_threshold)


def suppressed_by_tensorflow(boxes, scores, classes, iou_threshold):
    moved = (boxes + 1_000 * classes[:, None])[:, [1, 0, 3, 2]]
    return tf.image.non_max_suppression(moved, scores, len(boxes), iou_threshold + 1e-6)


def suppressed_by_a_table(boxes, scores, classes, iou_threshold):
    beaten = (iou_in_loops(boxes, boxes) > iou_threshold) & (classes[:, None] == classes)
    stays = np.zeros(len(boxes), bool)
    for box in np.argsort(-scores):
        stays[box] = not (beaten[box] & stays).any()
    kept = np.flatnonzero(stays)
    return kept[scores[kept].argsort()[::-1]]


def suppressed_by_recursion(boxes, scores, classes, iou_threshold):
    def keep(order):
        if not order:
            return []
        best, *others = order
        return [best, *keep([other for other in others if not is_beaten(other, best)])]

    def is_beaten(other, best):
        same = classes[other] == classes[best]
        return same and overlap(boxes[other], boxes[best]) > iou_threshold

    return np.asarray(keep(sorted(range(len(boxes)), key=scores.__getitem__, reverse=True)))


RIGHT = {
    "iou": [
        iou_in_loops,
        iou_of_columns,
        iou_by_tensorflow,
        iou_by_keras,
        iou_filled_in,
        iou_of_lengths,
        lambda a, b: iou_of_columns(b, a).T,
    ],
    "decode": [
        decoded_in_loops,
        decoded_by_splitting,
        decoded_by_keras,
        decoded_in_single_precision,
        decoded_anchor_by_anchor,
        decoded_by_tensorflow,
        decoded_cell_by_cell,
    ],
    "filter_boxes": [
        filtered_in_loops,
        filtered_by_mask,
        filtered_best_first,
        filtered_by_tensorflow,
        filtered_by_places,
        filtered_by_compress,
        filtered_in_single_precision,
    ],
    "non_max_suppression": [
        suppressed_in_loops,
        suppressed_class_by_class,
        suppressed_far_apart,
        suppressed_by_tensorflow,
        suppressed_by_a_table,
        suppressed_by_recursion,
        lambda boxes, scores, classes, iou_threshold: ops.convert_to_tensor(
            suppressed_by_a_table(boxes, scores, classes, iou_threshold)
        ),
    ],
}


def table(function):
    return lambda a, b: np.array([[function(one, other) for other in b] for one in a])


def without_zero(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (areas - width * height)


def with_whole_pixels(a, b):
    return overlap([*a[:2], *(a[2:] + 1)], [*b[:2], *(b[2:] + 1)])


def over_the_sum(a, b):
    return overlap(a, b) / (1 + overlap(a, b))


def with_sizes(a, b):
    return overlap([*a[:2], *(a[:2] + a[2:])], [*b[:2], *(b[:2] + b[2:])])


def shared_only(a, b):
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    return width * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def over_the_first(a, b):
    return shared_only(a, b) / ((a[2] - a[0]) * (a[3] - a[1]))


def decoded(output, anchors, num_classes, **changed):
    parts = ("middles", "sizes", "objectness", "chances")
    answer = dict(zip(parts, decoded_by_splitting(output, anchors, num_classes), strict=True))
    t = output.reshape(*output.shape[:2], len(anchors), -1)
    return tuple((answer | {name: f(t) for name, f in changed.items()}).values())


def cells(t):
    return np.stack(np.meshgrid(np.arange(t.shape[1]), np.arange(t.shape[0])), -1)[:, :, None]


def grid(t):
    return np.array([t.shape[1], t.shape[0]])


def sigmoids(*args):
    return decoded(*args, chances=lambda t: sigmoid(t[..., 5:]))


def linear_sizes(output, anchors, num_classes):
    return decoded(output, anchors, num_classes, sizes=lambda t: anchors * t[..., 2:4] / grid(t))


def sizes_of_cells(output, anchors, num_classes):
    return decoded(output, anchors, num_classes, sizes=lambda t: anchors * np.exp(t[..., 2:4]))


def sigmoid_sizes(output, anchors, num_classes):
    def sizes(t):
        return anchors * sigmoid(t[..., 2:4]) / grid(t)

    return decoded(output, anchors, num_classes, sizes=sizes)


def grid_taken_for_square(output, anchors, num_classes):
    def middles(t):
        return (sigmoid(t[..., :2]) + cells(t)) / t.shape[1]

    return decoded(output, anchors, num_classes, middles=middles)


def first_anchor_only(output, anchors, num_classes):
    answer = decoded_by_splitting(output, anchors, num_classes)
    return tuple(np.repeat(part[:, :, :1], len(anchors), axis=2) for part in answer)


def filtered(boxes, confidence, chances, threshold, *, scores=None, is_sure=np.greater_equal):
    scores = confidence * chances.max(axis=-1) if scores is None else scores
    mask = is_sure(scores, threshold)
    return scores[mask], boxes[mask], chances.argmax(axis=-1)[mask]


def three_boxes_only(boxes, confidence, chances, threshold):
    best = (confidence[..., None] * chances).max(axis=1)
    mask = best >= threshold
    return best[mask], boxes[mask], chances.argmax(axis=1)[mask]


def all_classes(boxes, confidence, chances, threshold):
    scores = confidence[..., None] * chances
    *places, classes = np.nonzero(scores >= threshold)
    return scores[scores >= threshold], boxes[tuple(places)], classes


def zeroed(boxes, confidence, chances, threshold):
    scores = confidence * chances.max(axis=-1)
    sure = scores >= threshold
    return scores * sure, boxes * sure[..., None], chances.argmax(axis=-1) * sure


def suppressed(boxes, scores, classes, iou_threshold, *, is_beaten=np.greater, order=None):
    order = np.argsort(-scores) if order is None else order
    kept = []
    for box in order:
        mates = [other for other in kept if classes[other] == classes[box]]
        if not any(is_beaten(overlap(boxes[other], boxes[box]), iou_threshold) for other in mates):
            kept.append(box)
    return np.array(kept, int)


def against_all(boxes, scores, classes, iou_threshold):
    """Those that are suppressed go on suppressing."""
    beaten = (iou_in_loops(boxes, boxes) > iou_threshold) & (classes[:, None] == classes)
    better = scores[:, None] < scores
    kept = np.flatnonzero(~(beaten & better).any(axis=1))
    return kept[np.argsort(-scores[kept])]


def of_each_class(boxes, scores, classes, iou_threshold):
    return np.concatenate(
        [
            np.flatnonzero(classes == label)[
                suppressed(
                    *(part[classes == label] for part in (boxes, scores, classes)), iou_threshold
                )
            ]
            for label in np.unique(classes)
        ]
    )


WRONG = {
    "iou": [
        (table(without_zero), "negative_extents_kept"),
        (lambda a, b: np.maximum(table(without_zero)(a, b), 0), "product_clamped"),
        (table(with_whole_pixels), "one_pixel_more"),
        (table(over_the_sum), "shared_counted_twice"),
        (table(with_sizes), "sizes_taken_for_corners"),
        (table(shared_only), "not_divided"),
        (table(over_the_first), None),
        (lambda a, b: iou_in_loops(b, a), "table_on_its_side"),
        (lambda a, b: iou_in_loops(a[:, [0, 2, 1, 3]], b[:, [0, 2, 1, 3]]), "order_of_edges"),
        (lambda a, b: iou_in_loops(a, b)[0], None),
        (lambda a, b: np.diag(iou_in_loops(a, b)), None),
        (lambda a, b: iou_in_loops(a, b).max(axis=1), None),
        (lambda a, b: 1 - iou_in_loops(a, b), None),
        (lambda a, b: iou_in_loops(a.astype(int), b.astype(int)), forms.NOT_FINITE),
        (lambda a, b: overlap(a[0], b[0]), None),
        (lambda a, b: iou_in_loops(a, b).tolist(), None),
    ],
    "decode": [
        (sigmoids, "sigmoid_over_classes"),
        (linear_sizes, "sizes_without_exp"),
        (sizes_of_cells, "sizes_left_in_cells"),
        (sigmoid_sizes, None),
        (grid_taken_for_square, None),
        (first_anchor_only, None),
        (functools.partial(decoded, objectness=lambda t: t[..., 4]), "objectness_left_raw"),
        (
            functools.partial(decoded, middles=lambda t: sigmoid(t[..., :2]) / grid(t)),
            "cell_forgotten",
        ),
        (
            functools.partial(decoded, middles=lambda t: (t[..., :2] + cells(t)) / grid(t)),
            "centre_without_sigmoid",
        ),
        (
            functools.partial(
                decoded, middles=lambda t: (sigmoid(t[..., :2]) + cells(t)[..., ::-1]) / grid(t)
            ),
            "row_added_to_x",
        ),
        (functools.partial(decoded, middles=lambda t: sigmoid(t[..., :2]) + cells(t)), None),
        (functools.partial(decoded, chances=lambda t: t[..., 5:]), None),
        (lambda output, anchors, n: decoded(output, anchors[:, ::-1], n), None),
        (lambda *args: decoded(*args)[:3], None),
        (lambda output, anchors, n: decoded(output, np.ones_like(anchors), n), "anchors_forgotten"),
        (lambda *args: tuple(part[0] for part in decoded(*args)), None),
    ],
    "filter_boxes": [
        (lambda b, c, p, t: filtered(b, c, p, t, is_sure=np.greater), "above_the_threshold_only"),
        (lambda b, c, p, t: filtered(b, c, p, t, is_sure=np.less), "the_others_kept"),
        (lambda b, c, p, t: filtered(b, c, p, t, scores=c), "objectness_only"),
        (lambda b, c, p, t: filtered(b, c, p, t, scores=p.max(axis=-1)), "probability_only"),
        (lambda b, c, p, t: filtered(b, c, p, 0.6), None),
        (lambda b, c, p, t: (*filtered(b, c, p, t)[:2], p.argmax(axis=-1)), "classes_not_filtered"),
        (lambda b, c, p, t: filtered(b, c, p, t)[1::-1] + filtered(b, c, p, t)[2:], "boxes_first"),
        (three_boxes_only, None),
        (all_classes, None),
        (zeroed, None),
        (lambda b, c, p, t: filtered(b, c, p, t)[0], None),
        (lambda b, c, p, t: (*filtered(b, c, p, t)[:2], filtered(b, c, p, t)[2] + 1), None),
        (lambda b, c, p, t: filtered(b, c, p, t, scores=c + p.max(axis=-1)), None),
        (
            lambda b, c, p, t: (*filtered(b, c, p, t)[:2], filtered(b, c, p, t)[2].astype(float)),
            None,
        ),
    ],
    "non_max_suppression": [
        (lambda b, s, c, t: suppressed(b, s, 0 * c, t), "over_all_classes"),
        (lambda b, s, c, t: suppressed(b, -s, c, t), "lowest_first"),
        (lambda b, s, c, t: suppressed(b, s, c, t, order=range(len(b))), "not_sorted"),
        (
            lambda b, s, c, t: suppressed(b, s, c, t, is_beaten=np.greater_equal),
            "at_the_threshold_as_well",
        ),
        (lambda b, s, c, t: suppressed(b, s, c, 0.5), "threshold_always_a_half"),
        (lambda b, s, c, t: suppressed(b, s, c, 0), "any_overlap_suppresses"),
        (lambda b, s, c, t: np.sort(suppressed(b, s, c, t)), "sorted_by_index"),
        (lambda b, s, c, t: b[suppressed(b, s, c, t)], "boxes_themselves"),
        (against_all, "suppressed_ones_suppress"),
        (of_each_class, "class_after_class"),
        (lambda b, s, c, t: suppressed(b, s, c, t)[:1], None),
        (lambda b, s, c, t: s[suppressed(b, s, c, t)], None),
        (lambda b, s, c, t: np.isin(np.arange(len(b)), suppressed(b, s, c, t)), None),
        (lambda b, s, c, t: suppressed(b, s, c, t)[::-1], None),
        (lambda b, s, c, t: np.argsort(-s), None),
        (lambda b, s, c, t: suppressed(b, s, c, t).astype(float), None),
        (lambda b, s, c, t: list(suppressed(b, s, c, t)), None),
    ],
}

test_right_answers_pass = forms.right_answers(RIGHT)
test_wrong_answers_get_no_false_hint = forms.wrong_answers(WRONG)

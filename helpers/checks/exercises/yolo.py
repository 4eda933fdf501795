"""Exercises of notebook 06: from the raw output of a YOLOv2 to a few boxes."""

import numpy as np

from helpers.checks import drawings
from helpers.checks.declare import Case, exercise

NOTEBOOK = "06_yolov2_filtering"


def _corners(rng, number, size=40):
    """Make boxes (number, 4) as corners, with whole coordinates and some width and height."""
    first = rng.integers(0, size // 2, (number, 2))
    return np.concatenate([first, first + rng.integers(4, size // 2, (number, 2))], axis=1) * 1.0


def _draw_both_sets(arguments, difference):
    boxes_a, boxes_b = arguments["boxes_a"], arguments["boxes_b"]
    labels = [f"a{row}" for row in range(len(boxes_a))]
    labels += [f"b{row}" for row in range(len(boxes_b))]
    solid = [label.startswith("a") for label in labels]
    both = np.concatenate([boxes_a, boxes_b])
    picture = drawings.outlines("boxes_a (solid), boxes_b (dashed)", both, labels, solid)
    tables = {key: value for key, value in arguments.items() if not key.startswith("boxes")}
    return drawings.side_by_side(picture, drawings.grids(tables, difference))


@exercise(NOTEBOOK, "helpers.boxes:iou", draw=_draw_both_sets)
def iou(rng):
    """Boxes (n, 4) and boxes (m, 4), both as corners."""
    yield Case(
        "two boxes of 4 × 2 and 4 × 3", np.array([[1.0, 1, 5, 3]]), np.array([[3.0, 0, 7, 3]])
    )
    yield Case("twice the same box", np.array([[2.0, 1, 5, 3]]), np.array([[2.0, 1, 5, 3]]))
    yield Case("a box in a larger one", np.array([[0.0, 0, 8, 4]]), np.array([[2.0, 1, 4, 3]]))
    yield Case("boxes that touch", np.array([[0.0, 0, 4, 2]]), np.array([[4.0, 0, 8, 2]]))
    yield Case("boxes side by side", np.array([[0.0, 0, 3, 4]]), np.array([[5.0, 1, 9, 3]]))
    yield Case("boxes apart both ways", np.array([[0.0, 0, 3, 2]]), np.array([[5.0, 4, 9, 7]]))
    one, three = np.array([[1.0, 1, 5, 3]]), np.array([[3.0, 0, 7, 3], [1, 1, 5, 3], [8, 8, 9, 9]])
    yield Case("one box with three", one, three)
    yield Case("four boxes with three", _corners(rng, 4), _corners(rng, 3))
    yield Case("in shares of the picture", _corners(rng, 2) / 40, _corners(rng, 3) / 40)


def _areas(boxes):
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _ratio(widths, heights, boxes_a, boxes_b):
    shared = widths * heights
    return shared / (_areas(boxes_a)[:, None] + _areas(boxes_b) - shared)


def _extents(boxes_a, boxes_b):
    """Width and height of what each pair shares, negative where they lie apart; each (n, m)."""
    first = np.maximum(boxes_a[:, None, :2], boxes_b[:, :2])
    last = np.minimum(boxes_a[:, None, 2:], boxes_b[:, 2:])
    return np.moveaxis(last - first, 2, 0)


@iou.mistake
def negative_extents_kept(right, boxes_a, boxes_b):
    """Where boxes lie apart, width or height of what they share comes out negative: replace it by
    0 before you multiply.
    """
    return _ratio(*_extents(boxes_a, boxes_b), boxes_a, boxes_b)


@iou.mistake
def product_clamped(right, boxes_a, boxes_b):
    """Take the 0 for negative widths and heights, not for their product: two are positive."""
    return np.maximum(_ratio(*_extents(boxes_a, boxes_b), boxes_a, boxes_b), 0)


@iou.mistake
def shared_counted_twice(right, boxes_a, boxes_b):
    """Both areas together hold what the boxes share twice: subtract it once."""
    overlap = right(boxes_a, boxes_b)
    return overlap / (1 + overlap)


@iou.mistake
def sizes_taken_for_corners(right, boxes_a, boxes_b):
    """Boxes are (left, top, right, bottom), not (left, top, width, height)."""

    def stretched(boxes):
        return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)

    return right(stretched(boxes_a), stretched(boxes_b))


@iou.mistake
def order_of_edges(right, boxes_a, boxes_b):
    """Boxes are (left, top, right, bottom), not (top, left, ...) or (left, right, ...)."""
    order = [0, 2, 1, 3]
    a, b = boxes_a[:, order], boxes_b[:, order]
    widths, heights = np.maximum(_extents(a, b), 0)
    with np.errstate(all="ignore"):
        return _ratio(widths, heights, a, b)


@iou.mistake
def one_pixel_more(right, boxes_a, boxes_b):
    """A width is right - left, without a + 1: these are edges, not numbers of pixels."""

    def wider(boxes):
        return boxes + np.array([0, 0, 1, 1])

    return right(wider(boxes_a), wider(boxes_b))


@iou.mistake
def hull_taken_for_shared(right, boxes_a, boxes_b):
    """What two boxes share begins at the larger left edge and ends at the smaller right edge;
    these are the smaller and the larger.
    """
    first = np.minimum(boxes_a[:, None, :2], boxes_b[:, :2])
    last = np.maximum(boxes_a[:, None, 2:], boxes_b[:, 2:])
    return _ratio(*np.moveaxis(last - first, 2, 0), boxes_a, boxes_b)


@iou.mistake
def not_divided(right, boxes_a, boxes_b):
    """Divide by the area of the union, which both boxes cover together."""
    widths, heights = np.maximum(_extents(boxes_a, boxes_b), 0)
    return widths * heights


@iou.mistake
def divided_by_the_smaller(right, boxes_a, boxes_b):
    """Divide by the area of the union, not by the area of the smaller box."""
    widths, heights = np.maximum(_extents(boxes_a, boxes_b), 0)
    return widths * heights / np.minimum(_areas(boxes_a)[:, None], _areas(boxes_b))


@iou.mistake
def table_on_its_side(right, boxes_a, boxes_b):
    """The rows of the table are boxes_a, the columns boxes_b: the shape is (n, m)."""
    return right(boxes_a, boxes_b).T


@exercise(
    NOTEBOOK,
    "helpers.yolo.decoding:decode",
    solution=("helpers.yolo.decoding:decode", "helpers.yolo.decoding:_decode_cells"),
    returns=("centres", "sizes", "objectness", "class probabilities"),
)
def decode(rng):
    """Raw output (rows, columns, anchors * (5 + classes)), anchors (anchors, 2), classes."""
    yield Case("zeros on one cell", np.zeros((1, 1, 7)), np.array([[0.5, 0.25]]), 2)
    yield Case("zeros on 2 × 3 cells", np.zeros((2, 3, 7)), np.array([[1.5, 1.0]]), 2)
    yield Case("one cell, any numbers", rng.normal(size=(1, 1, 8)), np.array([[1.5, 1.0]]), 3)
    anchors = np.array([[1.5, 1.0], [0.5, 2.0]])
    yield Case("two anchors", rng.normal(size=(1, 1, 14)), anchors, 2)
    yield Case("2 × 3 cells, two anchors", rng.normal(size=(2, 3, 16)), anchors, 3)
    yield Case("one row of cells", 3 * rng.normal(size=(1, 4, 9)), np.array([[2.0, 3.0]]), 4)


def _taken_apart(output, anchors, num_classes):
    """Return the raw numbers of each answer, and cells and grid as (x, y)."""
    rows, columns = output.shape[:2]
    raw = output.reshape(rows, columns, len(anchors), 5 + num_classes)
    cells = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1)[:, :, None]
    return raw, cells, np.array([columns, rows])


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


@decode.mistake
def centre_without_sigmoid(right, output, anchors, num_classes):
    """x and y go through a sigmoid first, which keeps the middle inside its cell."""
    raw, cells, grid = _taken_apart(output, anchors, num_classes)
    return right(output, anchors, num_classes)._replace(centres=(raw[..., :2] + cells) / grid)


@decode.mistake
def cell_forgotten(right, output, anchors, num_classes):
    """x and y are measured from the cell's own corner: add its column and row."""
    raw, _, grid = _taken_apart(output, anchors, num_classes)
    return right(output, anchors, num_classes)._replace(centres=_sigmoid(raw[..., :2]) / grid)


@decode.mistake
def row_added_to_x(right, output, anchors, num_classes):
    """The column belongs to x and the row to y; these are mixed up."""
    raw, cells, grid = _taken_apart(output, anchors, num_classes)
    centres = (_sigmoid(raw[..., :2]) + cells[..., ::-1]) / grid
    return right(output, anchors, num_classes)._replace(centres=centres)


@decode.mistake
def divided_by_rows_first(right, output, anchors, num_classes):
    """Divide x and width by the number of columns, y and height by that of rows."""
    decoded = right(output, anchors, num_classes)
    ratio = output.shape[1] / output.shape[0]
    swap = np.array([ratio, 1 / ratio])
    return decoded._replace(centres=decoded.centres * swap, sizes=decoded.sizes * swap)


@decode.mistake
def left_in_cells(right, output, anchors, num_classes):
    """These are still cells: divide by the number of columns and of rows."""
    decoded = right(output, anchors, num_classes)
    grid = np.array(output.shape[1::-1])
    return decoded._replace(centres=decoded.centres * grid, sizes=decoded.sizes * grid)


@decode.mistake
def sizes_left_in_cells(right, output, anchors, num_classes):
    """The sizes are still in cells: divide them by columns and rows, as the centres."""
    decoded = right(output, anchors, num_classes)
    return decoded._replace(sizes=decoded.sizes * np.array(output.shape[1::-1]))


@decode.mistake
def sizes_without_exp(right, output, anchors, num_classes):
    """A size is anchor * exp(t): with t = 0 it is the anchor's."""
    raw, _, grid = _taken_apart(output, anchors, num_classes)
    return right(output, anchors, num_classes)._replace(sizes=anchors * raw[..., 2:4] / grid)


@decode.mistake
def anchors_forgotten(right, output, anchors, num_classes):
    """Sizes are multiples of their anchor: multiply exp(t) with its width and height."""
    return right(output, anchors, num_classes)._replace(
        sizes=right(output, np.ones_like(anchors), num_classes).sizes
    )


@decode.mistake
def objectness_left_raw(right, output, anchors, num_classes):
    """The objectness goes through a sigmoid as well."""
    raw, _, _ = _taken_apart(output, anchors, num_classes)
    return right(output, anchors, num_classes)._replace(objectness=raw[..., 4])


@decode.mistake
def sigmoid_over_classes(right, output, anchors, num_classes):
    """A thing is of one class: softmax, whose sum over the classes is 1, not a sigmoid."""
    raw, _, _ = _taken_apart(output, anchors, num_classes)
    probabilities = _sigmoid(raw[..., 5:])
    return right(output, anchors, num_classes)._replace(class_probabilities=probabilities)


@decode.mistake
def softmax_over_everything(right, output, anchors, num_classes):
    """The softmax goes over the classes of each answer, the last axis, not over all."""
    raw, _, _ = _taken_apart(output, anchors, num_classes)
    shares = np.exp(raw[..., 5:])
    return right(output, anchors, num_classes)._replace(class_probabilities=shares / shares.sum())


@decode.mistake
def anchors_last(right, output, anchors, num_classes):
    """All numbers of the first anchor come first: reshape to (anchors, 5 + classes)."""
    rows, columns = output.shape[:2]
    turned = output.reshape(rows, columns, 5 + num_classes, len(anchors)).swapaxes(2, 3)
    return right(turned.reshape(output.shape), anchors, num_classes)


def _draw_candidates(arguments, difference):
    boxes = np.reshape(arguments["boxes"], (-1, 4))
    picture = drawings.outlines("boxes", boxes, range(len(boxes)), [True] * len(boxes))
    tables = {key: value for key, value in arguments.items() if key != "boxes"}
    return drawings.side_by_side(picture, drawings.grids(tables, difference))


def _sorted_by_box(answer):
    scores, boxes, classes = map(np.asarray, answer)
    order = np.lexsort([classes, scores, *boxes.T])
    return scores[order], boxes[order], classes[order]


@exercise(
    NOTEBOOK,
    "helpers.yolo.decoding:filter_boxes",
    returns=("scores", "boxes", "classes"),
    arrange=_sorted_by_box,
    draw=_draw_candidates,
)
def filter_boxes(rng):
    """Boxes, objectness, class probabilities and a threshold; in a row, then in a grid."""
    boxes = np.array([[0.0, 0, 4, 2], [6, 0, 9, 2], [1, 3, 8, 7]])
    sure = np.array([0.9, 0.8, 0.25])
    probabilities = np.array([[0.1, 0.9], [0.6, 0.4], [0.05, 0.95]])
    yield Case("three boxes, two classes", boxes, sure, probabilities, 0.5)
    yield Case(
        "a score right at the threshold", boxes[:1], np.ones(1), np.array([[0.5, 0.25]]), 0.5
    )
    yield Case("one that is sure of its class alone", boxes, sure, probabilities, 0.6)
    yield Case("none is sure enough", boxes, sure, probabilities, 0.95)
    yield Case("all are", boxes, sure, probabilities, 0.2)
    places = (2, 3, 2)
    raw = rng.random((*places, 4)) ** 2
    yield Case(
        "a grid of 2 × 3 cells, two anchors, four classes",
        _corners(rng, 12).reshape(*places, 4),
        rng.uniform(0.4, 1, places),
        raw / raw.sum(axis=-1, keepdims=True),
        0.35,
    )


def _kept(mask, box_scores, boxes, classes):
    return box_scores[mask], boxes[mask], classes[mask]


@filter_boxes.mistake
def objectness_only(right, boxes, confidence, probabilities, threshold):
    """The score is objectness times class probability; here only the first decides."""
    return _kept(confidence >= threshold, confidence, boxes, probabilities.argmax(axis=-1))


@filter_boxes.mistake
def probability_only(right, boxes, confidence, probabilities, threshold):
    """The score is objectness times class probability; here only the second counts."""
    return right(boxes, np.ones_like(confidence), probabilities, threshold)


@filter_boxes.mistake
def score_without_probability(right, boxes, confidence, probabilities, threshold):
    """The filter is right, but the scores are to be the products, too."""
    mask = confidence * probabilities.max(axis=-1) >= threshold
    return _kept(mask, confidence, boxes, probabilities.argmax(axis=-1))


@filter_boxes.mistake
def above_the_threshold_only(right, boxes, confidence, probabilities, threshold):
    """A score right at the threshold is enough: >=, not >."""
    return right(boxes, confidence, probabilities, threshold + 1e-9)


@filter_boxes.mistake
def the_others_kept(right, boxes, confidence, probabilities, threshold):
    """Keep what is sure enough; these are the others."""
    scores = confidence * probabilities.max(axis=-1)
    return _kept(scores < threshold, scores, boxes, probabilities.argmax(axis=-1))


@filter_boxes.mistake
def classes_not_filtered(right, boxes, confidence, probabilities, threshold):
    """Filter the classes with the same mask as scores and boxes."""
    scores, kept, _ = right(boxes, confidence, probabilities, threshold)
    return scores, kept, probabilities.argmax(axis=-1)


@filter_boxes.mistake
def boxes_not_filtered(right, boxes, confidence, probabilities, threshold):
    """Filter the boxes with the same mask as scores and classes."""
    scores, _, classes = right(boxes, confidence, probabilities, threshold)
    return scores, boxes, classes


@filter_boxes.mistake
def boxes_first(right, boxes, confidence, probabilities, threshold):
    """The order is scores, boxes, classes."""
    scores, kept, classes = right(boxes, confidence, probabilities, threshold)
    return kept, scores, classes


@filter_boxes.mistake
def probability_as_class(right, boxes, confidence, probabilities, threshold):
    """A class is the index of the best one (argmax), not its probability (max)."""
    scores, kept, _ = right(boxes, confidence, probabilities, threshold)
    mask = confidence * probabilities.max(axis=-1) >= threshold
    return scores, kept, probabilities.max(axis=-1)[mask]


def _draw_kept(arguments, difference):
    boxes = arguments["boxes"]
    labels = [str(row) for row in range(len(boxes))]

    def picture(title, kept):
        kept = set(np.ravel(kept).tolist())
        solid = [row in kept for row in range(len(boxes))]
        return drawings.outlines(f"{title} (solid: kept)", boxes, labels, solid)

    return drawings.side_by_side(
        picture("expected", difference.expected), picture("got", difference.got)
    )


@exercise(
    NOTEBOOK,
    "helpers.suppression:non_max_suppression",
    solution=(
        "helpers.suppression:non_max_suppression",
        "helpers.suppression:_keep_the_best",
    ),
    draw=_draw_kept,
)
def non_max_suppression(rng):
    """Boxes as corners, scores, classes and the threshold of the overlap; all scores differ."""

    def case(label, boxes, scores, classes, iou_threshold=0.5):
        boxes, scores = np.array(boxes, dtype=float).reshape(-1, 4), np.array(scores, dtype=float)
        return Case(label, boxes, scores, np.array(classes, int), iou_threshold=iou_threshold)

    yield case("two boxes of one thing", [[0, 0, 8, 4], [1, 0, 9, 4]], [0.7, 0.9], [0, 0])
    yield case("two things apart", [[6, 0, 9, 2], [0, 0, 4, 2]], [0.6, 0.8], [1, 1])
    apart = [[0, 0, 4, 2], [6, 0, 9, 2], [1, 3, 5, 7]]
    yield case("three things apart, of two classes", apart, [0.9, 0.8, 0.7], [0, 1, 0])
    three = [[10, 10, 90, 60], [14, 12, 94, 62], [12, 8, 88, 58]]
    yield case("a bus and a truck before it", three, [0.9, 0.8, 0.7], [1, 2, 1])
    row = [[0, 0, 10, 4], [3, 0, 13, 4], [6, 0, 16, 4], [30, 0, 34, 4]]
    yield case("a box that only a suppressed one overlaps", row, [0.9, 0.8, 0.7, 0.6], [0] * 4)
    half = [[0, 0, 4, 4], [0, 0, 4, 2], [0, 10, 4, 12]]
    yield case("an overlap right at the threshold", half, [0.5, 0.7, 0.9], [0, 0, 0])
    yield case("a lower threshold", row, [0.6, 0.9, 0.7, 0.8], [0] * 4, iou_threshold=0.2)
    yield case("a higher threshold", row, [0.6, 0.9, 0.7, 0.8], [0] * 4, iou_threshold=0.7)
    for offset in (1, 10, 100):  # too small a one brings boxes of two classes together
        moved = [[offset, offset, offset + 80, offset + 60], [0, 0, 81, 61]]
        yield case(f"two classes, {offset} pixels apart", moved, [0.9, 0.8], [0, 1])
    yield case("one box", [[0, 0, 4, 2]], [0.6], [3])
    scores, classes = rng.permutation(20) / 20 + 0.02, rng.integers(0, 3, 20)
    yield case("twenty boxes of three classes", _corners(rng, 20), scores, classes, 0.4)


@non_max_suppression.mistake
def over_all_classes(right, boxes, scores, classes, iou_threshold):
    """Boxes of different classes leave each other alone."""
    return right(boxes, scores, iou_threshold=iou_threshold)


@non_max_suppression.mistake
def lowest_first(right, boxes, scores, classes, iou_threshold):
    """Begin with the highest score; this begins with the lowest."""
    return right(boxes, -scores, classes, iou_threshold=iou_threshold)


@non_max_suppression.mistake
def not_sorted(right, boxes, scores, classes, iou_threshold):
    """Sort by score first; this takes the boxes in the order they came."""
    return right(boxes, -np.arange(len(boxes)), classes, iou_threshold=iou_threshold)


@non_max_suppression.mistake
def suppressed_ones_suppress(right, boxes, scores, classes, iou_threshold):
    """A box that is suppressed itself does not suppress others."""

    def beats(better, other):
        if classes[better] != classes[other] or scores[better] <= scores[other]:
            return False
        pair = [better, other]
        return len(right(boxes[pair], scores[pair], iou_threshold=iou_threshold)) == 1

    order = np.argsort(-scores)
    stays = [not any(beats(better, other) for better in order) for other in order]
    return order[np.array(stays, dtype=bool)]


@non_max_suppression.mistake
def places_in_the_sorted_list(right, boxes, scores, classes, iou_threshold):
    """These are places in the sorted list; give indices into `boxes`."""
    ranks = np.argsort(np.argsort(-scores))
    return ranks[right(boxes, scores, classes, iou_threshold=iou_threshold)]


@non_max_suppression.mistake
def at_the_threshold_as_well(right, boxes, scores, classes, iou_threshold):
    """A box goes if the overlap is larger than the threshold: >, not >=."""
    return right(boxes, scores, classes, iou_threshold=iou_threshold - 1e-9)


@non_max_suppression.mistake
def threshold_always_a_half(right, boxes, scores, classes, iou_threshold):
    """Compare the overlap with `iou_threshold`; it is not always 0.5."""
    return right(boxes, scores, classes, iou_threshold=0.5)


@non_max_suppression.mistake
def any_overlap_suppresses(right, boxes, scores, classes, iou_threshold):
    """Boxes may overlap a little: only too much of it suppresses."""
    return right(boxes, scores, classes, iou_threshold=0)


@non_max_suppression.mistake
def one_box_for_each_class(right, boxes, scores, classes, iou_threshold):
    """A class may have several boxes; go on with the rest of them."""
    best = [max(np.flatnonzero(classes == label), key=scores.take) for label in set(classes)]
    return np.array(sorted(best, key=lambda box: -scores[box]), dtype=int)


@non_max_suppression.mistake
def sorted_by_index(right, boxes, scores, classes, iou_threshold):
    """The best box comes first: keep the order of the scores."""
    return np.sort(right(boxes, scores, classes, iou_threshold=iou_threshold))


@non_max_suppression.mistake
def class_after_class(right, boxes, scores, classes, iou_threshold):
    """This goes class by class; at the end, sort what is kept by score, over all classes."""
    kept = right(boxes, scores, classes, iou_threshold=iou_threshold)
    return kept[np.argsort(classes[kept], kind="stable")]


@non_max_suppression.mistake
def boxes_themselves(right, boxes, scores, classes, iou_threshold):
    """Give the indices of the boxes, not the boxes themselves."""
    return boxes[right(boxes, scores, classes, iou_threshold=iou_threshold)]


EXERCISES = (iou, decode, filter_boxes, non_max_suppression)

"""From YOLOv2's raw output to final boxes: the workbook, TensorFlow, and plain Python."""

import json
import math
import sys
import time

import numpy as np

from helpers import suppression
from helpers.yolo import decoding
from tests.benchmarks import measure
from tests.benchmarks.report import Row

GRID_SIZE, NUM_CLASSES = (19, 19), 80  # of the full network for COCO at 608 x 608
ANCHORS = np.array([(0.57, 0.68), (1.87, 2.06), (3.34, 5.47), (7.88, 3.53), (9.77, 9.17)])
SCORE_THRESHOLD, IOU_THRESHOLD, MAX_BOXES = 0.6, 0.5, 100
NUM_OBJECTS = {"street": 30, "crowd": 2_000}  # in a crowd, all boxes but a few are confident
MANY = (100, 1_000, 10_000)  # boxes for suppression alone
MOST_MILLISECONDS = 5
MOST_MILLISECONDS_SUPPRESSING = {100: 5, 1_000: 20, 10_000: 50}
ROUNDS = 2  # the sides take turns, so that other load hits all of them
REPEATS = 40  # of which the fastest counts


def rows(data):
    """Measure all sides on the same random output; `data` is not needed."""
    reports = {"ours": [], "tensorflow": [], "python": []}
    for _ in range(ROUNDS):
        for side, done in reports.items():
            done.append(measure.run_module("tests.benchmarks.yolo", side))
    if len({json.dumps(report["counts"]) for done in reports.values() for report in done}) != 1:
        raise RuntimeError("the sides do not find the same boxes")
    best = {
        side: {key: min(report[key] for report in done) for key in done[0] if key != "counts"}
        for side, done in reports.items()
    }
    ours, tensorflow, python = best.values()
    made = []
    for name, (found, kept) in reports["ours"][0]["counts"].items():
        what = f"19 × 19 × 5 × 80, {found:,} boxes above the threshold, {kept} kept"
        combined = "combined_non_max_suppression"
        made += [
            _row(f"{what}: all, against plain Python, ms", ours, python, f"{name} all"),
            _row(f"{what}: all, against the same decoding and TensorFlow's {combined}, ms",
                 ours, tensorflow, f"{name} all"),
            _row(f"{what}: all, against TensorFlow alone in one graph, ms",
                 ours, tensorflow, f"{name} all", their_key=f"{name} graph", to_beat=False),
            _row(f"{what}: what follows the decoding, against {combined}, ms",
                 ours, tensorflow, f"{name} rest"),
        ]  # fmt: skip
    for number, most in MOST_MILLISECONDS_SUPPRESSING.items():
        what = f"suppression among {number:,} boxes, against TensorFlow's, ms"
        made.append(_row(what, ours, tensorflow, f"suppress {number}", most=most, to_beat=False))
    return made


def _row(what, ours, theirs, key, *, their_key=None, most=MOST_MILLISECONDS, to_beat=True):
    mine, other = ours[key], theirs[their_key or key]
    limit = f"at most {most} ms" + (", and at most 1.00" if to_beat else "")
    kept = mine <= most and (not to_beat or mine <= other)
    return Row(what, f"{mine:.2f}", f"{other:.2f}", mine / other, limit, kept)


def raw_output(num_objects):
    """Make what a network could put out: objects, to each of which four cells answer."""
    rng = np.random.default_rng(0)
    rows, columns = GRID_SIZE
    output = rng.normal(scale=0.5, size=(rows, columns, len(ANCHORS), 5 + NUM_CLASSES))
    output[..., 4] = rng.normal(-6, 1.5, output.shape[:-1])
    for _ in range(num_objects):
        row, column = rng.integers(0, rows - 1), rng.integers(0, columns - 1)
        anchor, label = rng.integers(len(ANCHORS)), rng.integers(NUM_CLASSES)
        around = output[row : row + 2, column : column + 2, anchor]
        around[..., 4] = rng.normal(2.5, 1, around.shape[:2])
        around[:, 0, 0], around[:, 1, 0] = 2, -2  # the middle lies where the cells meet
        around[0, :, 1], around[1, :, 1] = 2, -2
        around[..., 5:] = 0
        around[..., 5 + label] = 10
    return output.reshape(rows, columns, -1).astype("float32")


def candidates(number):
    """Make boxes as a detector gives them, several about each object, with their scores."""
    rng = np.random.default_rng(number)
    num_objects = 40
    middles = rng.random((num_objects, 2)) * (608, 416)
    sizes = np.exp(rng.uniform(np.log(20), np.log(250), (num_objects, 2)))
    mine = rng.integers(num_objects, size=number)
    middle = middles[mine] + 0.15 * sizes[mine] * rng.normal(size=(number, 2))
    extent = sizes[mine] * np.exp(0.2 * rng.normal(size=(number, 2)))
    boxes = np.concatenate([middle - extent / 2, middle + extent / 2], axis=1)
    return boxes.astype("float32"), rng.random(number).astype("float32")


def our_side():
    """Time the workbook's functions."""

    def suppress(scores, boxes, classes):
        return suppression.non_max_suppression(
            boxes, scores, classes, iou_threshold=IOU_THRESHOLD, max_boxes=MAX_BOXES
        )

    def find(output):
        found = decoding.decode_and_filter(output, ANCHORS, NUM_CLASSES, SCORE_THRESHOLD)
        return found, suppress(*found)

    def rest(corners, objectness, class_probabilities):
        return suppress(
            *decoding.filter_boxes(corners, objectness, class_probabilities, SCORE_THRESHOLD)
        )

    report = {"counts": {}}
    for name, num_objects in NUM_OBJECTS.items():
        output = raw_output(num_objects)
        found, kept = find(output)
        report["counts"][name] = len(found[0]), len(kept)
        decoded = decoding.decode(output, ANCHORS, NUM_CLASSES)
        ready = decoded.corners, *decoded[2:]
        report[f"{name} all"] = _fastest(find, output)
        report[f"{name} rest"] = _fastest(rest, *ready)
    for number in MANY:
        boxes, scores = candidates(number)
        report[f"suppress {number}"] = _fastest(suppress, scores, boxes, None)
    return report


def tensorflow_side():
    """Time `tf.image.combined_non_max_suppression`, compiled, after our decoding and its own."""
    import tensorflow as tf

    rows, columns = GRID_SIZE
    anchors = tf.constant(ANCHORS, tf.float32)
    grid_wh = tf.constant([columns, rows], tf.float32)
    cells_xy = tf.stack(tf.meshgrid(tf.range(columns), tf.range(rows)), axis=-1)
    cells_xy = tf.cast(cells_xy, tf.float32)[:, :, None]

    @tf.function
    def filter_and_suppress(corners, objectness, class_probabilities):
        class_scores = objectness[..., None] * class_probabilities
        return tf.image.combined_non_max_suppression(
            tf.reshape(tf.gather(corners, [1, 0, 3, 2], axis=-1), (1, -1, 1, 4)),
            tf.reshape(class_scores, (1, -1, NUM_CLASSES)),
            max_output_size_per_class=MAX_BOXES,
            max_total_size=MAX_BOXES,
            iou_threshold=IOU_THRESHOLD,
            score_threshold=SCORE_THRESHOLD,
            clip_boxes=False,
        )

    @tf.function
    def graph(output):
        cells = tf.reshape(output, (rows, columns, len(ANCHORS), 5 + NUM_CLASSES))
        centres = (tf.sigmoid(cells[..., :2]) + cells_xy) / grid_wh
        sizes = anchors * tf.exp(cells[..., 2:4]) / grid_wh
        corners = tf.concat([centres - sizes / 2, centres + sizes / 2], axis=-1)
        return filter_and_suppress(
            corners, tf.sigmoid(cells[..., 4]), tf.nn.softmax(cells[..., 5:])
        )

    def decode_as_we_do(output):
        decoded = decoding.decode(output, ANCHORS, NUM_CLASSES)
        return decoded.corners.astype("float32"), *decoded[2:]

    def all_in_graph(output):
        return graph(output).nmsed_boxes.numpy()

    def all_after_our_decoding(output):
        return filter_and_suppress(*decode_as_we_do(output)).nmsed_boxes.numpy()

    def suppress(boxes, scores):
        return tf.image.non_max_suppression(boxes, scores, MAX_BOXES, IOU_THRESHOLD).numpy()

    def rest(*ready):
        return filter_and_suppress(*ready).nmsed_boxes.numpy()

    report = {"counts": {}}
    for name, num_objects in NUM_OBJECTS.items():
        output = raw_output(num_objects)
        corners, objectness, class_probabilities = decode_as_we_do(output)
        scores = objectness * class_probabilities.max(axis=-1)
        kept = filter_and_suppress(corners, objectness, class_probabilities).valid_detections
        report["counts"][name] = int((scores >= SCORE_THRESHOLD).sum()), int(kept[0])
        ready = [tf.constant(part) for part in (corners, objectness, class_probabilities)]
        report[f"{name} all"] = _fastest(all_after_our_decoding, output)
        report[f"{name} graph"] = _fastest(all_in_graph, output)
        report[f"{name} rest"] = _fastest(rest, *ready)
    for number in MANY:
        boxes, scores = candidates(number)
        report[f"suppress {number}"] = _fastest(suppress, boxes[:, [1, 0, 3, 2]], scores)
    return report


def python_side():
    """Time a plain implementation, one cell and one class after the other, as courses have it."""

    def find(output):
        found = _find_in_python(output)
        return found, _suppress_in_python(found)

    report = {"counts": {}}
    for name, num_objects in NUM_OBJECTS.items():
        output = raw_output(num_objects).tolist()
        found, kept = find(output)
        report["counts"][name] = len(found), len(kept)
        report[f"{name} all"] = _fastest(find, output, repeats=3)
    return report


def _find_in_python(output):
    """Return (score, class, corners) of all boxes above the threshold."""
    found = []
    (rows, columns), width = GRID_SIZE, 5 + NUM_CLASSES
    for row in range(rows):
        for column in range(columns):
            for anchor, (anchor_width, anchor_height) in enumerate(ANCHORS.tolist()):
                numbers = output[row][column][anchor * width : (anchor + 1) * width]
                highest = max(numbers[5:])
                powers = [math.exp(number - highest) for number in numbers[5:]]
                total = sum(powers)
                class_scores = [power / total * _sigmoid(numbers[4]) for power in powers]
                score = max(class_scores)
                if score >= SCORE_THRESHOLD:
                    x = (_sigmoid(numbers[0]) + column) / columns
                    y = (_sigmoid(numbers[1]) + row) / rows
                    w = anchor_width * math.exp(numbers[2]) / columns
                    h = anchor_height * math.exp(numbers[3]) / rows
                    corners = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
                    found.append((score, class_scores.index(score), corners))
    return found


def _suppress_in_python(found):
    kept = []
    for label in range(NUM_CLASSES):
        rest = sorted((box for box in found if box[1] == label), reverse=True)
        while rest:
            best = rest.pop(0)
            kept.append(best)
            rest = [box for box in rest if _iou(best[2], box[2]) <= IOU_THRESHOLD]
    return sorted(kept, reverse=True)[:MAX_BOXES]


def _iou(a, b):
    width = max(min(a[2], b[2]) - max(a[0], b[0]), 0)
    height = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return width * height / (areas - width * height)


def _sigmoid(number):
    return 1 / (1 + math.exp(-number))


def _fastest(step, *arguments, repeats=REPEATS):
    """Return the milliseconds of the fastest of some calls, the first ones not counted."""
    step(*arguments)
    step(*arguments)
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        step(*arguments)
        seconds.append(time.perf_counter() - started)
    return 1000 * min(seconds)


SIDES = {"ours": our_side, "tensorflow": tensorflow_side, "python": python_side}

if __name__ == "__main__":
    print(json.dumps(SIDES[sys.argv[1]]()))

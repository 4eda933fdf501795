"""Train the small YOLOv2 network whose weights are in this folder, on drawn street scenes.

Run from the workbook's folder:  python data/train_street_yolo.py
Prints the anchors and the numbers for the card in data/README.md; writes street_yolo.weights.h5.
To try the script: --epochs 1 --scenes 100 --target trial.weights.h5
"""

import argparse
import hashlib
import pathlib

import keras
import numpy as np

from helpers import anchors, average_precision, boxes, storage
from helpers.drawn import streets
from helpers.yolo import batches, detection, loss, street

SEED = 0  # of the training scenes; others are for choosing and for the last measurement
VALIDATION_SEED, TEST_SEED, EMPTY_SEED = 1, 2, 3
BATCH_SIZE = 16
PEAK_LEARNING_RATE = 2e-3
TARGET = pathlib.Path(__file__).parent / street.WEIGHTS_FILE


def main():
    """Draw, train, measure on scenes that training never saw, save."""
    options = _options()
    keras.utils.set_random_seed(SEED)
    images, true_boxes, classes = streets.draw_dataset(options.scenes, seed=SEED)
    print(f"{len(images):,} scenes, {sum(map(len, classes)):,} things")
    _print_anchors(true_boxes)
    model = street.street_yolo()
    moving = batches.DetectionBatches(
        images,
        true_boxes,
        classes,
        anchors=street.ANCHORS,
        stride=street.STRIDE,
        batch_size=BATCH_SIZE,
        seed=SEED,
    )
    steps = len(moving)
    learning_rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        decay_steps=max(1, steps * (options.epochs - 1)),
        warmup_target=PEAK_LEARNING_RATE,
        warmup_steps=steps,
    )
    model.compile(
        keras.optimizers.AdamW(learning_rate, weight_decay=0.02, clipnorm=10.0),
        loss.YoloLoss(street.ANCHORS),
        metrics=loss.term_metrics(street.ANCHORS),
    )
    model.fit(moving, epochs=options.epochs, verbose=2)
    without_optimizer = street.street_yolo()
    without_optimizer.set_weights(model.get_weights())
    with storage.replacing(options.target) as draft:
        without_optimizer.save_weights(draft)
    print(f"{options.epochs} epochs, seed {SEED}")
    for name, seed in {"validation": VALIDATION_SEED, "test": TEST_SEED}.items():
        _measure(model, name, seed, options.test_scenes)
    digest = hashlib.sha256(options.target.read_bytes()).hexdigest()
    print(f"SHA-256 {digest}, {options.target.stat().st_size:,} bytes")


def _print_anchors(true_boxes):
    """Print the anchors that k-means finds, in cells; street.ANCHORS should be these."""
    corners = np.concatenate(true_boxes)
    sizes = boxes.corners_to_centre(corners)[:, 2:] / street.STRIDE
    found = anchors.find_anchors(sizes[:5_000], len(street.ANCHORS), seed=SEED)
    shares = [anchors.mean_best_iou(sizes, these) for these in (found, street.ANCHORS)]
    print(f"anchors {found.round(2).tolist()}, mean best IoU {shares[0]:.3f}; used {shares[1]:.3f}")


def _measure(model, name, seed, number):
    """Print mean average precision on new scenes, and what is found on empty streets."""
    images, true_boxes, classes = streets.draw_dataset(number, seed=seed)
    settings = {"anchors": street.ANCHORS, "class_names": streets.CLASS_NAMES}
    found = detection.detect(model, list(images), score_threshold=0.01, **settings)
    precision = average_precision.mean_average_precision(
        list(zip(true_boxes, classes, strict=True)),
        [(one.boxes, one.scores, one.classes) for one in found],
        len(streets.CLASS_NAMES),
    )
    per_class = dict(
        zip(streets.CLASS_NAMES, precision.per_class_at(0.5).round(3).tolist(), strict=True)
    )
    print(
        f"{name}: mAP@0.5 {precision.at(0.5):.4f}, mAP@0.5:0.95 {precision.mean:.4f}, {per_class}"
    )
    empty, *_ = streets.draw_dataset(100, seed=EMPTY_SEED + seed, empty=True)
    false = sum(len(one) for one in detection.detect(model, list(empty), **settings))
    print(f"{name}: {false} things on 100 empty streets")


def _options():
    parser = argparse.ArgumentParser(description="Train the small YOLOv2 network.")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--scenes", type=int, default=4_000)
    parser.add_argument("--test-scenes", type=int, default=500)
    parser.add_argument("--target", type=pathlib.Path, default=TARGET)
    return parser.parse_args()


if __name__ == "__main__":
    main()

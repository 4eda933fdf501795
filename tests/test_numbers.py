"""Numbers out of range, of another type or not whole are refused at the call, by their name."""

import functools

import numpy as np
import pytest

from helpers import (
    anchors,
    augmentation,
    average_precision,
    batches,
    classification,
    convolution,
    cost,
    deep_filters,
    neighbours,
    normalisation,
    shortcuts,
    suppression,
)
from helpers.faces import database, sampling, triplets, verification
from helpers.yolo import batches as yolo_batches
from helpers.yolo import decoding, detection, loss, networks, street

IMAGES = np.zeros((4, 8, 9, 3), np.uint8)
LABELS = np.array([0, 0, 1, 1])
MAPS = np.zeros((2, 5, 6, 3))
BOXES = [[0, 0, 4, 2], [6, 0, 9, 2]]
SIZES = np.array([[1, 2], [3, 4], [9, 5], [7, 1]])
ANCHORS = [[1, 1]]
DISTANCES = {"distances": [0.1, 0.2, 0.3, 0.4], "same": [1, 0, 1, 0]}
EMBEDDINGS = [[1.0, 0], [0, 1], [1, 1]]
OUTPUT = {"output": np.zeros((2, 3, 6)), "anchors": ANCHORS, "num_classes": 1}
FOUND = detection.Detections(BOXES, [0.9, 0.8], [0, 0], ["cat"])


class Model:
    input_shape = (None, 32, 64, 3)

    def predict(self, images):
        raise AssertionError("bad settings are refused before the network runs")


def conv(**settings):
    return convolution.conv_forward(MAPS, np.zeros((3, 3, 3, 2)), np.zeros(2), **settings)


def people():
    people = database.FaceDatabase(None, encoder_id="e", threshold=1)
    people.enrol_embeddings(["Ann"], [[1, 0]])
    return people


partial = functools.partial
INTEGERS = [  # a call and what it takes: name, a number that is good, one that is out of range
    (partial(anchors.find_anchors, SIZES, num_anchors=2, seed=0), "num_anchors", 2, 0),
    (partial(anchors.find_anchors, SIZES, num_anchors=2, seed=0), "restarts", 1, 0),
    (partial(anchors.find_anchors, SIZES, num_anchors=2, seed=0), "max_steps", 1, 0),
    (partial(anchors.find_anchors, SIZES, num_anchors=2), "seed", 0, -1),
    (partial(augmentation.shift_right, IMAGES), "pixels", 9, 10),
    (
        partial(augmentation.shift_and_flip, IMAGES, rng=np.random.default_rng(0)),
        "max_shift",
        7,
        8,
    ),
    (
        partial(augmentation.AugmentedImages, IMAGES, LABELS, batch_size=2, seed=0),
        "max_shift",
        0,
        -1,
    ),
    (partial(batches.Batches, IMAGES, LABELS, seed=0), "batch_size", 1, 0),
    (partial(batches.Batches, IMAGES, LABELS, batch_size=2), "seed", 0, -1),
    (partial(sampling.IdentityBatches, IMAGES, LABELS, pictures=2, seed=0), "people", 2, 1),
    (partial(sampling.IdentityBatches, IMAGES, LABELS, people=2, seed=0), "pictures", 2, 1),
    (
        partial(sampling.IdentityBatches, IMAGES, LABELS, people=2, pictures=2, seed=0),
        "batches",
        1,
        0,
    ),
    (
        partial(
            average_precision.mean_average_precision,
            [(BOXES, [0, 0])],
            [(BOXES, [1, 1], [0, 0])],
        ),
        "num_classes",
        1,
        0,
    ),
    (partial(average_precision.precision_recall, [1], [True]), "num_truths", 1, 0),
    (partial(classification.confusion_counts, LABELS, LABELS), "num_classes", 2, 0),
    (partial(convolution.output_size, f=3), "n", 5, 0),
    (partial(convolution.output_size, n=5), "f", 3, 0),
    (partial(convolution.same_padding, 5, 3), "stride", 2, 0),
    (conv, "stride", 1, 0),
    (conv, "padding", 1, -1),
    (partial(convolution.pool_forward, MAPS, stride=1), "size", 2, 0),
    (partial(cost.conv_parameters, 3, 4), "num_filters", 1, 0),
    (partial(cost.separable_multiply_adds, 5, 6, 3, 4, 8), "stride", 2, 0),
    (lambda strides: deep_filters.receptive_field([3], [strides]), "strides", 1, 0),
    (lambda kernel_sizes: deep_filters.receptive_field([kernel_sizes], [1]), "kernel_sizes", 1, 0),
    (
        partial(shortcuts.pointwise_convolution, MAPS, np.zeros((3, 2)), np.zeros(2)),
        "stride",
        1,
        0,
    ),
    (partial(suppression.non_max_suppression, BOXES, [1, 1]), "max_boxes", 1, 0),
    (partial(decoding.decode, np.zeros((2, 3, 6)), ANCHORS), "num_classes", 1, 0),
    (partial(detection.draw_detections, IMAGES[0], FOUND), "font_size", 1, 0),
    (partial(detection.class_colour), "label", 0, -1),
    (partial(loss.YoloLoss, ANCHORS), "max_boxes", 1, 0),
    (partial(street.street_yolo), "num_anchors", 1, 0),
    (partial(people().identify_embeddings, [[1, 0]]), "top", 1, 0),
    (partial(verification.lfw_protocol, **DISTANCES), "folds", 2, 5),
]
REALS = [
    (partial(suppression.non_max_suppression, BOXES, [1, 1]), "iou_threshold", 0.5, 1.5),
    (partial(suppression.soft_non_max_suppression, BOXES, [1, 1]), "sigma", 0.5, 0),
    (partial(suppression.soft_non_max_suppression, BOXES, [1, 1]), "score_threshold", 0, -0.1),
    (partial(decoding.filter_boxes, BOXES, [1, 1], np.ones((2, 1))), "threshold", 0, 1.1),
    (partial(decoding.decode_and_filter, **OUTPUT), "threshold", 1, -0.1),
    (partial(detection.draw_detections, IMAGES[0], FOUND), "min_score", 0, 2),
    (partial(loss.YoloLoss, ANCHORS), "ignore_iou", 0, 2),
    (partial(loss.term_metrics, ANCHORS), "ignore_iou", 1, -1),
    (lambda weights: loss.YoloLoss(ANCHORS, weights=[1, 1, weights, 1, 1]), "weights", 0, -1),
    (partial(triplets.triplet_loss, EMBEDDINGS, EMBEDDINGS, EMBEDDINGS), "alpha", 0, -1),
    (partial(triplets.TripletLoss), "alpha", 0, -1),
    (partial(triplets.count_triplets, EMBEDDINGS, [0, 0, 1]), "alpha", 0, -1),
    (partial(verification.true_accept_rate, **DISTANCES), "false_accept_rate", 0.5, 1.1),
    (partial(verification.calibrate, **DISTANCES), "false_accept_rate", 0.5, -0.1),
    (partial(database.FaceDatabase, None, encoder_id="e"), "threshold", 0, 4.1),
    (
        partial(normalisation.batch_normalise, MAPS, np.zeros(3), np.ones(3), True),
        "momentum",
        0,
        1.1,
    ),
    (
        partial(normalisation.batch_normalise, MAPS, np.zeros(3), np.ones(3), True),
        "epsilon",
        0.1,
        -1,
    ),
    (partial(deep_filters.ascent_step, IMAGES, IMAGES), "step_size", 0.5, 0),
    (lambda iou: average_precision.match(BOXES, BOXES, [1, 1], [iou]), "iou", 1, 0),
]


@pytest.mark.parametrize(("call", "name", "good", "beyond"), INTEGERS)
def test_integers_are_integers_in_their_range(call, name, good, beyond):
    call(**{name: good})
    call(**{name: np.int16(good)})
    for bad in (beyond, good + 0.5, float(good), np.nan, np.inf, True, str(good), [good], 1j):
        with pytest.raises(ValueError, match=name):
            call(**{name: bad})


@pytest.mark.parametrize(("call", "name", "good", "beyond"), REALS)
def test_numbers_are_finite_numbers_in_their_range(call, name, good, beyond):
    call(**{name: good})
    call(**{name: np.float32(good)})
    for bad in (beyond, np.nan, np.inf, -np.inf, True, str(good), [good], 1j, None):
        if bad is None and name == "false_accept_rate":
            continue
        with pytest.raises(ValueError, match=name):
            call(**{name: bad})


@pytest.mark.parametrize(
    "setting",
    [
        {"score_threshold": "0.5"},
        {"score_threshold": np.nan},
        {"iou_threshold": True},
        {"max_boxes": 1.5},
        {"batch_size": 2.0},
    ],
)
def test_settings_of_a_detector_are_refused_before_it_runs(setting):
    with pytest.raises(ValueError, match=next(iter(setting))):
        detection.detect(Model(), IMAGES[0], anchors=ANCHORS, class_names=["cat"], **setting)


@pytest.mark.parametrize(
    "setting", [{"batch_size": 1.0}, {"stride": "16"}, {"seed": None}, {"num_classes": 0.5}]
)
def test_settings_of_batches_are_refused_before_training(setting):
    good = {"anchors": ANCHORS, "stride": 16, "batch_size": 1, "seed": 0, "num_classes": 1}
    images = np.zeros((1, 32, 48, 3), np.uint8)
    yolo_batches.DetectionBatches(images, [BOXES], [[0, 0]], **good)
    with pytest.raises(ValueError, match=next(iter(setting))):
        yolo_batches.DetectionBatches(images, [BOXES], [[0, 0]], **good | setting)


def test_sides_of_networks_are_multiples_or_free():
    for size in ((32, 64.0), (32, True), (33, 64), (-32, 64), (0, 64), "32", (32,), None):
        with pytest.raises(ValueError, match="multiples of 32"):
            networks.check_sides(size, 32)
    networks.check_sides((np.int64(32), None), 32)


def test_small_whole_numbers_do_not_overflow():
    assert convolution.output_size(np.uint8(250), np.uint8(3), np.uint8(10)) == 268
    assert cost.conv_parameters(np.uint8(5), np.uint8(20), np.uint8(2)) == 1002
    near = np.array([[250], [5], [240]], np.uint8)
    assert neighbours.same_class_neighbours(near, [0, 1, 0]) == pytest.approx(2 / 3)

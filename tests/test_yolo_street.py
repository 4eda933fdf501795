"""Tests of the small detector: its shape, its weights, and what it finds in unseen streets."""

import keras
import numpy as np
import pytest
from PIL import Image

from helpers import average_precision
from helpers.drawn import streets
from helpers.yolo import detection, street

FEW_SCENES, TEST_SEED = 40, 7  # a seed that neither training nor its measurement used


@pytest.fixture(scope="module")
def detector():
    return street.load_street_detector()


def found_in(detector, scenes, **settings):
    return detection.detect(
        detector.model,
        list(scenes),
        anchors=detector.anchors,
        class_names=detector.class_names,
        **settings,
    )


def test_the_network_puts_out_a_grid_of_sixteen_pixels_a_cell():
    model = street.street_yolo(num_classes=3, num_anchors=2, input_size=(32, 64))
    assert model.output_shape == (None, 2, 4, 2 * (5 + 3))
    any_size = street.street_yolo(input_size=(None, None))
    assert any_size(np.zeros((1, 48, 80, 3), "float32")).shape == (1, 3, 5, 55)
    any_size.set_weights(street.street_yolo().get_weights())


def test_the_weights_are_small_and_complete(detector):
    assert detector.model.count_params() == 473_943
    assert detector.anchors.shape == (5, 2)
    assert detector.class_names == streets.CLASS_NAMES
    assert detector.model.input_shape == (None, 192, 256, 3)


def test_it_finds_nearly_everything_in_scenes_that_it_has_never_seen(detector):
    scenes, boxes, classes = streets.draw_dataset(FEW_SCENES, seed=TEST_SEED)
    found = found_in(detector, scenes, score_threshold=0.01)
    precision = average_precision.mean_average_precision(
        list(zip(boxes, classes, strict=True)),
        [(one.boxes, one.scores, one.classes) for one in found],
        len(streets.CLASS_NAMES),
        iou_thresholds=[0.5],
    )
    assert precision.at(0.5) > 0.8  # 0.90 on 500 scenes: see its card
    assert np.nanmin(precision.per_class) > 0.5


def test_it_finds_hardly_anything_in_empty_streets(detector):
    scenes, *_ = streets.draw_dataset(20, seed=TEST_SEED, empty=True)
    assert sum(map(len, found_in(detector, scenes))) <= 1


def test_a_network_with_other_weights_finds_nothing_of_use():
    keras.utils.set_random_seed(0)
    scenes, boxes, classes = streets.draw_dataset(5, seed=TEST_SEED)
    untrained = street.Detector(
        street.street_yolo(), np.array(street.ANCHORS), streets.CLASS_NAMES, "nothing"
    )
    found = found_in(untrained, scenes, score_threshold=0.01)
    precision = average_precision.mean_average_precision(
        list(zip(boxes, classes, strict=True)),
        [(one.boxes, one.scores, one.classes) for one in found],
        len(streets.CLASS_NAMES),
        iou_thresholds=[0.5],
    )
    assert precision.at(0.5) < 0.1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_classes": 0}, "num_classes .* at least 1"),
        ({"num_anchors": 0}, "num_anchors .* at least 1"),
        ({"input_size": (100, 64)}, "multiples of 16"),
        ({"input_size": (0, 64)}, "multiples of 16"),
    ],
)
def test_sizes_that_cannot_be_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        street.street_yolo(**settings)


def test_a_photo_in_which_nothing_is_found_tells_what_the_network_knows(detector, tmp_path):
    photo = Image.fromarray(np.full((70, 90, 3), 120, np.uint8))
    photo.save(tmp_path / "photo.png")
    settings = {"anchors": detector.anchors, "class_names": detector.class_names}
    for form in (photo, tmp_path / "photo.png", str(tmp_path / "photo.png"), np.array(photo)):
        found = detection.detect(detector.model, form, **settings)
        assert len(found) == 0
        for text in (str(found), found._repr_html_()):
            assert "trained on street scenes drawn by the workbook only" in text
    scene = streets.draw_dataset(1, seed=TEST_SEED)[0][0]
    assert "trained" not in str(detection.detect(detector.model, scene, **settings))

"""Tests of the batches that a YOLO network is trained on."""

import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies
from hypothesis.extra import numpy as extra

from helpers import boxes as box_tools
from helpers.yolo import batches, loss, targets

ANCHORS = [[1, 1], [2, 3]]


def some_pictures(number=5, seed=0):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (number, 32, 64, 3), dtype=np.uint8)
    boxes = [[[2, 4, 20, 30], [40, 2, 62, 12]]] * number
    classes = [[1, 0]] * number
    return images, boxes, classes


def dataset(**changes):
    settings = {"anchors": ANCHORS, "stride": 16, "batch_size": 2, "seed": 0} | changes
    return batches.DetectionBatches(*some_pictures(), **settings)


def test_a_mirrored_picture_has_its_boxes_on_the_other_side():
    image = np.zeros((4, 10, 3))
    image[1:3, 1:4] = 1
    turned, boxes = batches.mirror(image, [[1, 1, 4, 3]])
    assert boxes.tolist() == [[6, 1, 9, 3]]
    assert turned[1:3, 6:9].all()
    assert turned.sum() == image.sum()
    again, back = batches.mirror(turned, boxes)
    assert (again == image).all()
    assert back.tolist() == [[1, 1, 4, 3]]


def test_batches_have_the_shapes_that_the_loss_wants_and_the_last_may_be_smaller():
    ready = dataset()
    shapes = [(images.shape, wanted.shape) for images, wanted in (ready[i] for i in range(3))]
    assert shapes[0] == ((2, 32, 64, 3), (2, 2, 4, 2, 6))
    assert shapes[2] == ((1, 32, 64, 3), (1, 2, 4, 2, 6))
    images, wanted = ready[0]
    assert images.dtype == wanted.dtype == np.float32
    assert images.min() >= 0
    assert images.max() <= 1
    assert wanted[..., targets.PRESENT].sum() == 4


def test_without_augmentation_the_pictures_stay_as_they_are():
    images, *_ = some_pictures()
    ready = dataset(augment=False, batch_size=5)
    found, wanted = ready[0]
    order = [int(np.argmin(np.abs(images / 255 - one).sum(axis=(1, 2, 3)))) for one in found]
    assert sorted(order) == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(found, images[order] / 255, atol=1e-6)
    np.testing.assert_allclose(wanted[0, 1, 0, 0, :2], [11 / 16, 17 / 16])


def test_the_same_seed_gives_the_same_batches_and_every_epoch_others():
    first, second = dataset(), dataset()
    for one, other in zip(first[1], second[1], strict=True):
        np.testing.assert_array_equal(one, other)
    before = first[1][0]
    first.on_epoch_end()
    assert not np.array_equal(before, first[1][0])


def test_training_at_several_sizes_gives_each_batch_one_of_them_with_boxes_to_match():
    ready = dataset(sizes=[(32, 64), (48, 96), (64, 128)], batch_size=1, augment=False)
    seen = set()
    for _ in range(4):
        for index in range(len(ready)):
            images, wanted = ready[index]
            height, width = images.shape[1:3]
            seen.add((height, width))
            assert wanted.shape[1:3] == (height // 16, width // 16)
            boxes = wanted[wanted[..., targets.PRESENT] == 1]
            sizes = np.sort(boxes[:, 2] / wanted.shape[2] * 64)
            np.testing.assert_allclose(sizes, [18, 22], rtol=1e-5)
        ready.on_epoch_end()
    assert seen == {(32, 64), (48, 96), (64, 128)}


@pytest.mark.parametrize("seed", range(4))
def test_a_network_trains_at_several_sizes_whatever_comes_first(seed):
    ready = dataset(sizes=[(32, 64), (16, 32), (48, 96)], seed=seed)
    pictures = keras.Input((None, None, 3))
    x = keras.layers.AveragePooling2D(16)(pictures)
    model = keras.Model(pictures, keras.layers.Conv2D(2 * (5 + 2), 1)(x))
    model.compile("sgd", loss.YoloLoss(ANCHORS))
    assert np.isfinite(model.fit(ready, epochs=3, verbose=0).history["loss"]).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 2.5}, "batch_size"),
        ({"stride": 0}, "stride"),
        ({"num_classes": 1}, r"expected classes in 0..0, got 1"),
        ({"sizes": [(32, 64), (48, 96)], "batch_size": 5}, "at least two batches"),
        ({"stride": 24}, "multiples of 24"),
        ({"sizes": [(32, 60)]}, "multiples of 16"),
        ({"anchors": [[0, 1]]}, "positive"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        dataset(**changes)


def test_boxes_for_other_pictures_are_refused():
    images, boxes, classes = some_pictures()
    settings = {"anchors": ANCHORS, "stride": 16, "batch_size": 2, "seed": 0}
    with pytest.raises(ValueError, match="5, 4 and 5"):
        batches.DetectionBatches(images, boxes[:4], classes, **settings)
    for pictures in (images / 255, images[..., 0], list(images / 255)):
        with pytest.raises(ValueError, match="expected pictures as uint8"):
            batches.DetectionBatches(pictures, boxes, classes, **settings)
    wrong = [[[100, 0, 120, 9], [0, 0, 4, 4]]] * 5
    with pytest.raises(ValueError, match="a middle inside"):
        batches.DetectionBatches(images, wrong, classes, **settings)
    with pytest.raises(IndexError, match="batches 0 to 2"):
        dataset()[3]


@hypothesis.given(
    extra.arrays(np.uint8, strategies.tuples(*[strategies.integers(1, 9)] * 2, strategies.just(3))),
    strategies.integers(0, 2**32 - 1),
)
def test_an_image_and_its_boxes_mirrored_twice_are_as_they_were(image, seed):
    height, width, _ = image.shape
    ends = np.sort(np.random.default_rng(seed).uniform(0, [width, height], (4, 2, 2)), axis=1)
    boxes = ends.reshape(4, 4)
    once, mirrored = batches.mirror(image, boxes)
    np.testing.assert_array_equal(once[:, ::-1], image)
    assert ((mirrored[:, 2:] >= mirrored[:, :2]) & (mirrored[:, :2] >= -1e-9)).all()
    twice, back = batches.mirror(once, mirrored)
    np.testing.assert_array_equal(twice, image)
    np.testing.assert_allclose(back, boxes, atol=1e-12)
    np.testing.assert_allclose(
        box_tools.iou(mirrored, mirrored), box_tools.iou(boxes, boxes), atol=1e-6
    )

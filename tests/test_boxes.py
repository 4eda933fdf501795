import fractions

import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies

from helpers import boxes


def random_corners(rng, *shape, size=50):
    first, last = np.sort(rng.uniform(-5, size, (2, *shape, 2)), axis=0)
    return np.concatenate([first, last], axis=-1)


def test_three_pairs_overlap_as_counted_on_paper():
    overlap = boxes.iou([[0, 0, 4, 2]], [[2, 1, 5, 3], [0, 0, 4, 2], [1, 0, 2, 2]])
    np.testing.assert_allclose(overlap, [[2 / 12, 1, 2 / 8]])


def test_touching_empty_and_distant_boxes_do_not_overlap():
    first = [[0, 0, 4, 2], [3, 1, 3, 2], [3, 1, 3, 1]]  # a box, a line in it, a point in it
    others = [[4, 0, 8, 2], [0, 2, 4, 3], [9, 9, 10, 11], [3, 1, 3, 2], [3, 1, 3, 1]]
    np.testing.assert_array_equal(boxes.iou(first, others), np.zeros((3, 5)))


def test_no_boxes_have_a_table_without_rows():
    assert boxes.iou([], [[0, 0, 4, 2]]).shape == (0, 1)
    assert boxes.iou(np.zeros((3, 2, 4)), np.zeros((3, 0, 4))).shape == (3, 2, 0)


def test_iou_is_symmetric_and_blind_to_place_and_scale(rng):
    first, second = random_corners(rng, 3, 7), random_corners(rng, 3, 4)
    overlap = boxes.iou(first, second)
    assert overlap.shape == (3, 7, 4)
    assert (overlap >= 0).all()
    assert (overlap <= 1).all()
    np.testing.assert_array_equal(boxes.iou(second, first), overlap.swapaxes(1, 2))
    np.testing.assert_array_equal(boxes.iou(first[1], second[1]), overlap[1])
    stretch, shift = np.tile([2.5, 0.3], 2), np.tile([-70.0, 1.0], 2)
    moved = boxes.iou(first * stretch + shift, second * stretch + shift)
    np.testing.assert_allclose(moved, overlap, atol=1e-9)
    np.testing.assert_allclose(np.diagonal(boxes.iou(first[0], first[0])), 1)


def test_iou_counts_the_pixels_of_drawn_boxes(rng):
    first, second = np.round(random_corners(rng, 5)), np.round(random_corners(rng, 6))

    def paint(corners):
        left, top, right, bottom = (corners + 5).astype(int)
        canvas = np.zeros((60, 70), dtype=bool)
        canvas[top:bottom, left:right] = True
        return canvas

    for a, row in zip(first, boxes.iou(first, second), strict=True):
        for b, overlap in zip(second, row, strict=True):
            covered = np.count_nonzero(paint(a) | paint(b))
            shared = np.count_nonzero(paint(a) & paint(b))
            assert overlap == pytest.approx(shared / covered if covered else 0)


def test_iou_agrees_with_keras(rng):
    first, second = random_corners(rng, 3, 7), random_corners(rng, 3, 4)
    theirs = keras.utils.bounding_boxes.compute_iou(
        first.astype("float32"), second.astype("float32"), "xyxy"
    )
    ours = boxes.iou(first.astype("float32"), second.astype("float32"))
    np.testing.assert_allclose(ours, keras.ops.convert_to_numpy(theirs), atol=2e-6)


def test_whole_numbers_of_a_byte_do_not_overflow():
    wide = np.array([[0, 0, 200, 100]], dtype="uint8")
    assert boxes.iou(wide, wide) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([[4, 0, 0, 2]], r"left <= right and top <= bottom, got \[4.0, 0.0, 0.0, 2.0\]"),
        ([[0, 2, 4, 0]], "top <= bottom"),
        ([[0, 0, 4, np.nan]], "finite"),
        ([[0, 0, np.inf, 2]], "finite"),
        ([[0, 0, 1e200, 1e200]], "finite"),
        ([[0, 0, 4]], r"got shape \(1, 3\)"),
        ([[0, 0, 4, 2], [0, 0, 4]], "got"),
        ("here", "got 'here'"),
        ([0, 0, 4, 2], r"expected boxes of shape \(n, 4\)"),
    ],
)
def test_iou_refuses_what_are_no_boxes(wrong, message):
    with pytest.raises(ValueError, match=message):
        boxes.iou(wrong, [[0, 0, 4, 2]])


def test_formats_change_into_each_other_and_back(rng):
    corners = random_corners(rng, 2, 3, 5)
    before = corners.copy()
    centres = boxes.corners_to_centre(corners)
    assert centres.shape == (2, 3, 5, 4)
    np.testing.assert_allclose(centres[..., 2], corners[..., 2] - corners[..., 0])
    np.testing.assert_allclose(centres[..., 1], (corners[..., 1] + corners[..., 3]) / 2)
    np.testing.assert_allclose(boxes.centre_to_corners(centres), corners, atol=1e-12)
    np.testing.assert_array_equal(corners, before)


def test_formats_agree_with_keras(rng):
    corners = random_corners(rng, 2, 5)
    theirs = keras.utils.bounding_boxes.convert_format(
        corners, "xyxy", "center_xywh", dtype="float32"
    )
    ours = boxes.corners_to_centre(corners)
    np.testing.assert_allclose(ours, keras.ops.convert_to_numpy(theirs), atol=1e-5)


@pytest.mark.parametrize("make", [boxes.corners_to_centre, np.array])
def test_relative_boxes_have_the_pictures_size_as_their_unit(rng, make):
    size = (30, 50)
    in_pixels = make(random_corners(rng, 2, 5))  # either format
    relative = boxes.pixels_to_relative(in_pixels, size)
    np.testing.assert_allclose(relative[..., [0, 2]], in_pixels[..., [0, 2]] / 50)
    np.testing.assert_allclose(relative[..., [1, 3]], in_pixels[..., [1, 3]] / 30)
    np.testing.assert_allclose(boxes.relative_to_pixels(relative, size), in_pixels)


def test_clipping_keeps_what_lies_inside(rng):
    size = (30, 40)
    corners = random_corners(rng, 3, 20)
    clipped = boxes.clip(corners, size)
    whole_picture = [[0, 0, 40, 30]]
    left, top, right, bottom = np.moveaxis(clipped, -1, 0)
    assert min(left.min(), top.min()) >= 0
    assert right.max() <= 40
    assert bottom.max() <= 30
    # What a box shares with the picture is its clipped area.
    overlap = boxes.iou(corners, whole_picture)[..., 0]
    areas = np.prod(corners[..., 2:] - corners[..., :2], axis=-1)
    shared = overlap * (areas + 40 * 30) / (1 + overlap)
    np.testing.assert_allclose((right - left) * (bottom - top), shared, atol=1e-9)


@pytest.mark.parametrize("size", [(30,), (30, 0), (30.0, 40.0), (30, 40, 3), 30])
def test_sizes_are_two_whole_numbers(size):
    with pytest.raises(ValueError, match=r"expected image_size as \(height, width\)"):
        boxes.clip([[0, 0, 4, 2]], size)


def test_a_negative_width_is_refused():
    with pytest.raises(ValueError, match="no negative width or height, got"):
        boxes.centre_to_corners([[2, 1, 4, 2], [2, 1, -4, 2]])


def lists_of_boxes(min_size=0, max_size=6, largest=1e4):
    """Arrays (n, 4) of corners; some without an area."""
    numbers = strategies.floats(-largest, largest)
    box = strategies.tuples(numbers, numbers, numbers, numbers).map(
        lambda box: [min(box[::2]), min(box[1::2]), max(box[::2]), max(box[1::2])]
    )
    return strategies.lists(box, min_size=min_size, max_size=max_size).map(
        lambda some: np.array(some, float).reshape(-1, 4)
    )


def iou_of_two(a, b):
    """Intersection over union of two boxes, exactly, in fractions."""
    a, b = ([fractions.Fraction(number) for number in box.tolist()] for box in (a, b))
    width = max(min(a[2], b[2]) - max(a[0], b[0]), 0)
    height = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    covered = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)) - width * height
    return float(width * height / covered) if covered else 0.0


@hypothesis.given(lists_of_boxes(), lists_of_boxes())
def test_iou_is_symmetric_from_0_to_1_and_what_fractions_say(boxes_a, boxes_b):
    overlap = boxes.iou(boxes_a, boxes_b)
    assert overlap.shape == (len(boxes_a), len(boxes_b))
    np.testing.assert_array_equal(overlap, boxes.iou(boxes_b, boxes_a).T)
    assert ((overlap >= 0) & (overlap <= 1)).all()
    exact = [[iou_of_two(a, b) for b in boxes_b] for a in boxes_a]
    areas = np.array([np.prod(a[2:] - a[:2]) for a in (*boxes_a, *boxes_b)])
    if ((areas == 0) | (areas > 1e-3)).all():  # others are lost in the rounding of coordinates
        np.testing.assert_allclose(overlap, np.reshape(exact, overlap.shape), atol=1e-6)


@hypothesis.given(
    lists_of_boxes(min_size=1),
    strategies.integers(-1000, 1000),
    strategies.integers(-20, 20),
)
def test_iou_is_blind_to_shift_and_scale(some, shift, power):
    some = some.round(3)
    overlap = boxes.iou(some, some)
    np.testing.assert_array_equal(boxes.iou(some * 2.0**power, some * 2.0**power), overlap)
    np.testing.assert_allclose(boxes.iou(some + shift, some + shift), overlap, atol=1e-5)
    has_area = np.prod(some[:, 2:] - some[:, :2], axis=1) > 0
    np.testing.assert_array_equal(np.diag(overlap), has_area)


@hypothesis.given(lists_of_boxes(), strategies.integers(1, 5000), strategies.integers(1, 5000))
def test_formats_and_units_go_there_and_back(corners, height, width):
    close = {"rtol": 1e-9, "atol": 1e-7}
    back = boxes.centre_to_corners(boxes.corners_to_centre(corners))
    np.testing.assert_allclose(back, corners, **close)
    relative = boxes.pixels_to_relative(corners, (height, width))
    np.testing.assert_allclose(
        boxes.relative_to_pixels(relative, (height, width)), corners, **close
    )


@hypothesis.given(lists_of_boxes(), strategies.integers(1, 5000), strategies.integers(1, 5000))
def test_clipping_leaves_what_both_the_box_and_the_image_hold(corners, height, width):
    clipped = boxes.clip(corners, (height, width))
    assert ((clipped >= 0) & (clipped <= [width, height, width, height])).all()
    assert (clipped[:, :2] <= clipped[:, 2:]).all()
    np.testing.assert_array_equal(boxes.clip(clipped, (height, width)), clipped)
    inside = ((corners >= 0) & (corners <= [width, height, width, height])).all(axis=1)
    np.testing.assert_array_equal(clipped[inside], corners[inside])
    image = [0, 0, width, height]
    shared = np.minimum(corners[:, 2:], image[2:]) - np.maximum(corners[:, :2], image[:2])
    np.testing.assert_allclose(
        np.prod(clipped[:, 2:] - clipped[:, :2], axis=1), np.prod(np.maximum(shared, 0), axis=1)
    )

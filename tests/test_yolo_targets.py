"""Tests of the targets: each true box, given to one cell and one anchor."""

import numpy as np
import pytest

from helpers.yolo import targets

SQUARE_AND_WIDE = [[1, 1], [2, 1]]


def settings(**changes):
    return {
        "image_size": (32, 64),
        "grid_size": (2, 4),
        "anchors": SQUARE_AND_WIDE,
    } | changes


def test_a_box_goes_to_the_cell_of_its_middle_and_the_anchor_of_its_shape():
    # Cells of 16 × 16 pixels; the middle (56, 24) lies in row 1, column 3.
    given = targets.assign([[48, 16, 64, 32], [0, 0, 32, 16]], [4, 2], **settings())
    assert given.shape == (2, 4, 2, 6)
    assert np.argwhere(given[..., targets.PRESENT]).tolist() == [[0, 1, 1], [1, 3, 0]]
    np.testing.assert_allclose(given[1, 3, 0], [3.5, 1.5, 1, 1, 1, 4])
    np.testing.assert_allclose(given[0, 1, 1], [1.0, 0.5, 2, 1, 1, 2])


def test_the_larger_of_two_boxes_has_the_first_choice_and_no_third_one_finds_room():
    boxes = [[0, 0, 14, 14], [0, 0, 15, 15], [0, 0, 13, 13]]
    given = targets.assign(boxes, [0, 1, 2], **settings())
    assert given[0, 0, 0, targets.CLASS] == 1
    assert given[0, 0, 1, targets.CLASS] == 0
    assert given[..., targets.PRESENT].sum() == 2


def test_a_middle_on_the_far_edge_belongs_to_the_last_cell():
    given = targets.assign([[60, 30, 68, 34]], [0], **settings())
    assert np.argwhere(given[..., targets.PRESENT])[0, :2].tolist() == [1, 3]


@pytest.mark.parametrize("seed", range(5))
def test_every_box_can_be_read_back_from_where_it_was_put(seed):
    rng = np.random.default_rng(seed)
    middles = rng.permutation(8)[:5]  # a cell each
    x, y = (middles % 4 + rng.random(5)) * 16, (middles // 4 + rng.random(5)) * 16
    width, height = rng.uniform(2, 30, (2, 5))
    boxes = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    classes = rng.integers(0, 9, 5)
    given = targets.assign(boxes, classes, **settings())
    rows = given[given[..., targets.PRESENT] == 1]
    found = {(*np.round(row[:4] * 16, 2), row[targets.CLASS]) for row in rows}
    wanted = np.round(np.stack([x, y, width, height], axis=1), 2)
    for box, class_ in zip(wanted, classes, strict=True):
        assert any(np.allclose(box, row[:4], atol=0.02) and row[4] == class_ for row in found)


def test_a_picture_without_boxes_has_empty_targets():
    assert not targets.assign([], np.zeros(0, int), **settings()).any()


@pytest.mark.parametrize(
    ("boxes", "classes", "changes", "message"),
    [
        ([[0, 0, 4, 4]], [0, 1], {}, "as many classes"),
        ([[0, 0, 4, 4]], [-1], {}, "whole numbers from 0 on"),
        ([[0, 0, 4, 4]], [0.5], {}, "whole numbers from 0 on"),
        ([[0, 0, 0, 4]], [0], {}, "with an area"),
        ([[100, 0, 120, 4]], [0], {}, "a middle inside"),
        ([[9, 0, 4, 4]], [0], {}, "left <= right"),
        ([[0, 0, 4, 4]], [0], {"anchors": [[1, 0]]}, "positive"),
        ([[0, 0, 4, 4]], [0], {"anchors": [1, 2]}, "anchors"),
        ([[0, 0, 4, 4]], [0], {"grid_size": (0, 4)}, "grid_size"),
    ],
)
def test_what_cannot_be_is_refused(boxes, classes, changes, message):
    with pytest.raises(ValueError, match=message):
        targets.assign(boxes, classes, **settings(**changes))

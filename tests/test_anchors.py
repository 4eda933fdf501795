import numpy as np
import pytest

from helpers import anchors, boxes


def street_sizes(rng, number=600):
    """Sizes like those of cars, people and lights: wide, tall and small, each about one shape."""
    shapes = np.array([[120, 60], [30, 80], [10, 25], [220, 150], [60, 40]])
    kinds = rng.integers(len(shapes), size=number)
    return shapes[kinds] * np.exp(0.25 * rng.normal(size=(number, 2)))


def slow_mean_best_iou(sizes, chosen):
    total = 0.0
    for width, height in sizes:
        overlaps = []
        for w, h in chosen:
            shared = min(width, w) * min(height, h)
            overlaps.append(shared / (width * height + w * h - shared))
        total += max(overlaps)
    return total / len(sizes)


def test_two_shapes_find_their_two_means():
    wide = np.array([[10, 4], [12, 4], [11, 3.6], [11, 4.4]])
    sizes = np.concatenate([wide, wide[:, ::-1]])
    means = [[11, 4], [4, 11]]
    found = anchors.find_anchors(sizes, 2, seed=0)
    np.testing.assert_allclose(np.sort(found, axis=0), [[4, 4], [11, 11]])
    expected = np.mean([10 / 11, 11 / 12, 3.6 / 4, 4 / 4.4])
    assert anchors.mean_best_iou(sizes, found) == pytest.approx(expected)
    assert anchors.mean_best_iou(sizes, means) == pytest.approx(expected)


def test_one_anchor_is_the_mean_or_a_better_size_on_the_way(rng):
    sizes = street_sizes(rng)
    found = anchors.find_anchors(sizes, 1, seed=0)
    assert anchors.mean_best_iou(sizes, found) >= anchors.mean_best_iou(sizes, [sizes.mean(axis=0)])


def test_size_overlap_is_box_overlap_at_the_same_corner(rng):
    first, second = street_sizes(rng, 7), street_sizes(rng, 4)
    corners = [np.concatenate([np.zeros_like(sizes), sizes], axis=1) for sizes in (first, second)]
    np.testing.assert_allclose(anchors.size_iou(first, second), boxes.iou(*corners))
    assert anchors.mean_best_iou(first, second) == pytest.approx(slow_mean_best_iou(first, second))


def test_the_mean_best_overlap_rises_steeply_and_then_slowly(rng):
    # The form of figure 2 of the YOLO9000 paper: a bend at about as many as there are shapes.
    sizes = street_sizes(rng, 300)
    overlaps = [
        anchors.mean_best_iou(sizes, anchors.find_anchors(sizes, k, seed=1, restarts=3))
        for k in range(1, 10)
    ]
    gains = np.diff(overlaps)
    assert (gains > 0).all()
    assert gains[:4].min() > 2 * gains[4:].max()
    assert 0 < overlaps[0] < overlaps[-1] < 1


def test_as_many_anchors_as_different_sizes_fit_all():
    sizes = [[10, 4], [3, 20], [10, 4], [8, 8], [8, 8]]
    found = anchors.find_anchors(sizes, 3, seed=5)
    np.testing.assert_array_equal(found, [[10, 4], [3, 20], [8, 8]])  # areas 40, 60, 64
    assert anchors.mean_best_iou(sizes, found) == 1


def test_anchors_depend_on_nothing_but_sizes_seed_and_unit(rng):
    sizes = street_sizes(rng)
    before = sizes.copy()
    found = anchors.find_anchors(sizes, 4, seed=3)
    np.testing.assert_array_equal(anchors.find_anchors(sizes, 4, seed=3), found)
    np.testing.assert_array_equal(sizes, before)
    np.testing.assert_allclose(anchors.find_anchors(sizes / 32, 4, seed=3), found / 32)
    assert (np.diff(found.prod(axis=1)) > 0).all()


def test_an_anchor_that_nothing_belongs_to_takes_the_worst_served_size():
    sizes = np.array([[10.0, 4.0], [10.0, 4.0], [3.0, 20.0], [50.0, 50.0]])
    moved = anchors._means(sizes, np.array([0, 0, 0, 0]), 3)
    np.testing.assert_allclose(moved[0], sizes.mean(axis=0))
    assert len(np.unique(moved, axis=0)) == 3
    assert {tuple(anchor) for anchor in moved[1:]} <= {tuple(size) for size in sizes}


def test_restarts_do_no_harm(rng):
    sizes = street_sizes(rng)
    overlaps = [
        anchors.mean_best_iou(sizes, anchors.find_anchors(sizes, 5, seed=2, restarts=restarts))
        for restarts in (1, 2, 8)
    ]
    assert overlaps == sorted(overlaps)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sizes": [[4, 2], [4, 2]]}, "at least 2 different sizes for as many anchors, got 1"),
        ({"sizes": [[4, 0], [4, 2]]}, r"positive, finite sizes, got \[4.0, 0.0\]"),
        ({"sizes": [[4, np.nan], [4, 2]]}, "positive, finite sizes"),
        ({"sizes": [[0, 0, 4, 2]]}, r"of shape \(n, 2\), got \(1, 4\)"),
        ({"sizes": []}, r"got \(0,\)"),
        ({"num_anchors": 0}, "num_anchors .* got 0"),
        ({"num_anchors": 1.5}, "got 1.5"),
        ({"restarts": 0}, "restarts .* got 0"),
    ],
)
def test_bad_sizes_and_settings_are_refused(changed, message):
    good = {"sizes": [[4, 2], [2, 5]], "num_anchors": 2, "seed": 0}
    with pytest.raises(ValueError, match=message):
        anchors.find_anchors(**good | changed)

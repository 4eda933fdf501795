"""Skin over bones: how high it is, how folds are filled, and how light falls on it."""

import numpy as np
import pytest

from helpers.drawn import camera, relief

ALONG_X = relief.Bone(np.array([0.2, 0.5, 0.0]), np.array([0.7, 0.5, 0.0]), 0.1, 0.1)
FROM_ABOVE = relief.View(np.eye(3), np.zeros(3), 1.0, np.array([0.0, 0.0, 1.0]))


def test_a_flat_bone_carries_half_a_pipe():
    # Along the bone the skin is 2 high; 1 beside it sqrt(4 - 1); 1 beyond its end as much.
    x, y = np.array([0.0, 3.0, 5.0, 7.5]), np.array([[0.0], [1.0]])
    height, is_hit = relief._top(x, y, (4.0, 0.0, 0.0), 2.0, 2.0)
    flank = np.sqrt(3)
    np.testing.assert_allclose(height[:, :3], [[2, 2, flank], [flank, flank, np.sqrt(2)]], 1e-5)
    np.testing.assert_array_equal(is_hit, [[True, True, True, False]] * 2)


def _top_slowly(x, y, bone, radius, end_radius):
    shares = np.linspace(0, 1, 500)[:, None, None]
    radii = radius + (end_radius - radius) * shares
    rest = radii**2 - (x - shares * bone[0]) ** 2 - (y - shares * bone[1]) ** 2
    heights = shares * bone[2] + np.sqrt(rest.clip(0))
    return np.where(rest > 0, heights, -np.inf).max(axis=0)


@pytest.mark.parametrize("bone", [(9.0, 4.0, 0.0), (-6.0, 5.0, 7.0), (0.5, -1.0, -9.0)])
@pytest.mark.parametrize(("end_radius", "num_edges", "share"), [(3.0, 0, 1.0), (2.6, 3, 0.8)])
def test_skin_is_where_the_highest_of_many_balls_reaches(bone, end_radius, num_edges, share):
    x, y = np.arange(-14.03, 15.0), np.arange(-12.04, 12.0)[:, None]  # no place is on an edge
    height, is_hit = relief._top(x, y, bone, 3.0, end_radius)
    slow = _top_slowly(x, y, bone, 3.0, end_radius)
    assert (is_hit != np.isfinite(slow)).sum() <= num_edges
    both = is_hit & np.isfinite(slow)
    assert (np.abs(height - slow)[both] < 0.1).mean() >= share


def test_skin_over_a_bone_lies_where_the_view_puts_it():
    # In the picture the bone goes from (0.1, 0.25) to (0.35, 0.25), with half its radius.
    view = relief.View(0.5 * np.eye(3), np.zeros(3), 0.5, np.array([0.0, 0.0, 1.0]))
    heights = relief.rolled([ALONG_X], view, 80)
    rows, columns = np.nonzero(heights > relief.NOTHING)
    reach = {"top": rows.min(), "bottom": rows.max() + 1}
    reach |= {"left": columns.min(), "right": columns.max() + 1}
    assert reach == pytest.approx({"top": 16, "bottom": 24, "left": 4, "right": 32}, abs=1)
    assert heights.max() == pytest.approx(0.05 * 80, rel=0.02)


def test_the_fold_between_two_bones_is_filled_only_where_asked():
    across = ALONG_X._replace(start=np.array([0.4, 0.2, 0.0]), end=np.array([0.4, 0.8, 0.0]))
    plain = relief.rolled([ALONG_X], FROM_ABOVE, 60)
    filled = plain.copy()
    relief.roll(plain, [across], FROM_ABOVE)
    relief.roll(filled, [across], FROM_ABOVE, blend=0.05)
    np.testing.assert_array_equal(filled > relief.NOTHING, plain > relief.NOTHING)
    assert (filled >= plain).all()
    assert 0.1 < (filled > plain)[plain > relief.NOTHING].mean() < 0.9


def test_smoothing_takes_bumps_off_and_leaves_the_edge(rng):
    heights = relief.rolled([ALONG_X], FROM_ABOVE, 72)
    is_skin = heights > relief.NOTHING
    bumpy = np.where(is_skin, heights + rng.normal(size=heights.shape), heights)
    bumpy = bumpy.astype(np.float32)
    np.testing.assert_allclose(relief.smoothed(bumpy, 0.0)[is_skin], bumpy[is_skin])
    smoother = relief.smoothed(bumpy, 0.9)
    np.testing.assert_array_equal(smoother > relief.NOTHING, is_skin)
    steps = [np.abs(np.diff(field, axis=1))[30:42, 20:50].mean() for field in (bumpy, smoother)]
    assert steps[1] < 0.3 * steps[0]


def test_shrinking_averages_over_the_samples_of_a_pixel():
    field = np.array([[1, 0, 0, 0], [1, 1, 0, 1]], bool)
    np.testing.assert_array_equal(relief.shrink(field), [[0.75, 0.25]])


def test_the_side_that_faces_the_light_is_brighter():
    heights = relief.rolled([ALONG_X], FROM_ABOVE, 2 * 60)
    colours = np.full((60, 60, 3), 150, np.float32)
    light = camera.Light((0.0, -1.0), 0.8, 0.3)  # from above
    layer = relief.lit(colours, heights, light)
    assert layer.shape == (60, 60, 4)
    assert layer.dtype == np.uint8
    assert layer[27, 20:40, :3].mean() > layer[32, 20:40, :3].mean() + 10
    np.testing.assert_array_equal(layer[:, :, 3] == 255, relief.shrink(heights >= 0) == 1)

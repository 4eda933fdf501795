import numpy as np
import pytest
from keras import ops

from helpers.style import costs

# One row, two positions, two channels.
FIRST = np.array([[[1.0, 2.0], [3.0, 0.0]]])
SECOND = np.array([[[1.0, 0.0], [1.0, 4.0]]])


def maps(rng, height=4, width=6, channels=3):
    return rng.normal(size=(height, width, channels))  # not square, so a swapped axis shows


def slow_gram(features):
    height, width, channels = features.shape
    gram = np.zeros((channels, channels))
    for one in range(channels):
        for other in range(channels):
            for row in range(height):
                for column in range(width):
                    gram[one, other] += features[row, column, one] * features[row, column, other]
    return gram


def test_the_content_cost_matches_a_sum_done_by_hand():
    # (0 + 4 + 4 + 16) / (4 * 1 * 2 * 2)
    assert float(costs.content_cost(FIRST, SECOND)) == 1.5


def test_the_gram_matrix_matches_a_sum_done_by_hand():
    # 10 = 1*1 + 3*3      2 = 1*2 + 3*0      4 = 2*2 + 0*0
    np.testing.assert_array_equal(costs.gram_matrix(FIRST), [[10.0, 2.0], [2.0, 4.0]])
    np.testing.assert_array_equal(costs.mean_gram(FIRST), [[5.0, 1.0], [1.0, 2.0]])


def test_the_style_cost_matches_a_sum_done_by_hand():
    # The other Gram matrix is (2, 4; 4, 16): (8² + 2² + 2² + 12²) / (4 * 2² * 2²)
    assert float(costs.layer_style_cost(FIRST, SECOND)) == pytest.approx(216 / 64)


def test_total_variation_matches_a_sum_done_by_hand():
    # Down 3, 0; right 2, -1; six numbers, one of them alone in its row of channels.
    picture = np.array([[[1.0], [3.0]], [[4.0], [3.0]]])
    assert float(costs.total_variation(picture)) == (9 + 0 + 4 + 1) / 4
    assert float(costs.total_variation(np.ones((1, 1, 3)))) == 0


def test_costs_agree_with_loops_and_the_papers_formulas(rng):
    first, second = maps(rng), maps(rng)
    gram = slow_gram(first)
    np.testing.assert_allclose(costs.gram_matrix(first), gram)
    squares = ((gram - slow_gram(second)) ** 2).sum()
    style = float(costs.layer_style_cost(first, second))
    assert style == pytest.approx(squares / (4 * 3**2 * (4 * 6) ** 2))
    content = float(costs.content_cost(first, second))
    assert content == pytest.approx(((first - second) ** 2).sum() / (4 * 4 * 6 * 3))
    variation = sum(
        ((first[row, column] - first[row - 1, column]) ** 2).sum() * (row > 0)
        + ((first[row, column] - first[row, column - 1]) ** 2).sum() * (column > 0)
        for row in range(4)
        for column in range(6)
    )
    assert float(costs.total_variation(first)) == pytest.approx(variation / (4 * 6 * 3))


def test_style_forgets_where_things_are_and_content_does_not(rng):
    features = maps(rng)
    moved = features[::-1, ::-1]
    assert float(costs.layer_style_cost(features, moved)) == pytest.approx(0, abs=1e-12)
    assert float(costs.content_cost(features, moved)) > 0.1
    assert float(costs.content_cost(features, features)) == 0


def test_a_picture_laid_out_twice_has_the_style_of_one(rng):
    features = maps(rng)
    assert float(costs.layer_style_cost(features, np.tile(features, (2, 1, 1)))) == pytest.approx(0)


def test_a_mask_leaves_only_its_part_of_the_picture(rng):
    features = maps(rng)
    mask = np.zeros((4, 6))
    mask[:, 2:] = 1
    np.testing.assert_allclose(costs.mean_gram(features, mask), costs.mean_gram(features[:, 2:]))
    np.testing.assert_allclose(
        costs.mean_gram(features, np.full((4, 6), 0.3)), costs.mean_gram(features)
    )


def test_layers_are_added_with_their_weights():
    terms = {"near": 3.0, "far": 5.0}
    assert costs.weighted_sum(terms, {"far": 0.2, "near": 0.5}) == 2.5
    assert costs.total_cost(0.5, 2.0, 7.0) == 10 * 0.5 + 40 * 2.0
    weights = {"content_weight": 1, "style_weight": 2, "variation_weight": 3}
    assert costs.total_cost(0.5, 2.0, 7.0, **weights) == 25.5


def test_costs_of_activations_in_the_thousands_stay_finite():
    features = ops.full((64, 64, 8), 5e3, dtype="float32")  # VGG-19's are as large
    cost = float(costs.layer_style_cost(features, ops.zeros_like(features)))
    assert cost == pytest.approx(5e3**4 / 4, rel=1e-4)


@pytest.mark.parametrize("shape", [(4, 6), (1, 4, 6, 3), (0, 6, 3)], ids=["2-D", "batch", "empty"])
@pytest.mark.parametrize("cost", [costs.gram_matrix, costs.mean_gram, costs.total_variation])
def test_anything_but_the_maps_of_one_picture_is_refused(cost, shape):
    with pytest.raises(ValueError, match=r"\(height, width, channels\); got"):
        cost(np.zeros(shape))


def test_maps_that_do_not_belong_together_are_refused(rng):
    with pytest.raises(ValueError, match=r"got \(4, 6, 3\) and \(6, 4, 3\)"):
        costs.content_cost(maps(rng), maps(rng, 6, 4))
    with pytest.raises(ValueError, match=r"got \(3, 3\) and \(2, 2\)"):
        costs.layer_style_cost(maps(rng), maps(rng, channels=2))
    with pytest.raises(ValueError, match=r"mask of the maps' height and width, \(4, 6\)"):
        costs.mean_gram(maps(rng), np.ones((6, 4)))


@pytest.mark.parametrize("weights", [{}, {"near": 1.0}, {"near": 1.0, "far": 1.0, "extra": 1.0}])
def test_a_layer_without_a_weight_or_a_weight_without_a_layer_is_refused(weights):
    with pytest.raises(ValueError, match="costs of near, far and weights of"):
        costs.weighted_sum({"near": 3.0, "far": 5.0}, weights)


def test_pixels_are_counted_as_numbers_that_do_not_wrap(rng):
    pixels = rng.integers(0, 256, (3, 4, 2), dtype=np.uint8)
    other = pixels[:, ::-1]
    as_floats = pixels.astype("float32")
    for cost in (costs.total_variation, costs.gram_matrix, costs.mean_gram):
        np.testing.assert_allclose(cost(pixels), cost(as_floats), rtol=1e-6)
    wanted = costs.content_cost(as_floats, other.astype("float32"))
    np.testing.assert_allclose(costs.content_cost(pixels, other), wanted, rtol=1e-6)

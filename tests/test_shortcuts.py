import numpy as np
import pytest

from helpers import convolution
from helpers.shortcuts import add_shortcut, pointwise_convolution


def test_nothing_found_is_a_copy_of_what_is_not_negative():
    x = np.random.default_rng(1).normal(size=(2, 3, 4, 5))
    np.testing.assert_array_equal(add_shortcut(abs(x), np.zeros_like(x)), abs(x))
    np.testing.assert_array_equal(add_shortcut(x, -x), np.zeros_like(x))


def test_one_place_by_hand():
    place = np.array([[[[1.0, 2.0]]]])
    weights, biases = np.array([[3.0, 0.0, 1.0], [4.0, 5.0, 1.0]]), np.array([0.5, 0.0, -3.0])
    assert pointwise_convolution(place, weights, biases).ravel().tolist() == [11.5, 10, 0]


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_it_is_a_convolution_with_kernels_of_one_by_one(stride):
    rng = np.random.default_rng(2)
    maps, weights = rng.normal(size=(2, 5, 8, 3)), rng.normal(size=(3, 4))
    biases = rng.normal(size=4)
    by_loops = convolution.conv_forward_loops(maps, weights[None, None], biases, stride, "valid")
    np.testing.assert_allclose(pointwise_convolution(maps, weights, biases, stride), by_loops)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"one shape, got \(2, 4\) and \(2, 1\)"):
        add_shortcut(np.zeros((2, 4)), np.zeros((2, 1)))
    maps = np.zeros((2, 5, 8, 3))
    for weights, biases in [((4, 3), 3), ((3, 4), 3)]:
        with pytest.raises(ValueError, match=r"expected maps .*; got \(2, 5, 8, 3\)"):
            pointwise_convolution(maps, np.zeros(weights), np.zeros(biases))

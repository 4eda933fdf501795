import keras
import numpy as np
import pytest
from keras import layers

from helpers.deep_filters import ascent_step, receptive_field


def test_a_stack_done_on_paper():
    assert receptive_field([], []) == 1
    assert receptive_field([3, 2, 3, 2, 3, 3], [1, 2, 1, 2, 1, 1]) == 26


@pytest.mark.parametrize("stack", [[(3, 1), (2, 2), (3, 1)], [(5, 2), (3, 1), (2, 2), (2, 1)]])
def test_a_unit_minds_exactly_the_pixels_of_its_receptive_field(stack):
    size = receptive_field(*zip(*stack, strict=True))
    model = keras.Sequential([keras.Input((1, size + 9, 1))])
    for kernel_size, stride in stack:
        shape, steps = (1, kernel_size), (1, stride)
        model.add(layers.Conv2D(1, shape, strides=steps, kernel_initializer="ones"))
    single = np.eye(size + 9, dtype="float32")[:, None, :, None]  # one bright pixel in each
    answers = keras.ops.convert_to_numpy(model(single))[:, 0, 0, 0]
    assert np.flatnonzero(answers).tolist() == list(range(size))


def test_one_step_on_paper():
    pictures = np.array([100.0, 100, 4, 250]).reshape(1, 1, 4, 1)
    gradient = np.array([7.0, -7, -7, 7]).reshape(pictures.shape)  # of deviation 7
    changed = ascent_step(pictures, gradient, step_size=6)
    np.testing.assert_allclose(changed.ravel(), [106, 94, 0, 255])


def test_the_size_of_a_gradient_does_not_matter(rng):
    pictures, gradient = rng.uniform(50, 200, (2, 3, 4, 3)), rng.normal(size=(2, 3, 4, 3))
    weaker = gradient * np.array([0.01, 3.0]).reshape(2, 1, 1, 1)
    changed = ascent_step(pictures, gradient, 5)
    np.testing.assert_allclose(changed, ascent_step(pictures, weaker, 5), rtol=1e-4)
    np.testing.assert_allclose((changed - pictures).std(axis=(1, 2, 3)), 5, rtol=1e-6)


def test_a_gradient_of_zeros_changes_nothing():
    pictures = np.full((1, 2, 3, 3), 7.0)
    np.testing.assert_array_equal(ascent_step(pictures, np.zeros_like(pictures), 5), pictures)


def test_other_stacks_and_shapes_are_refused():
    with pytest.raises(ValueError, match="one stride for each kernel size"):
        receptive_field([3, 3], [1])
    with pytest.raises(ValueError, match="strides as an integer of at least 1, got 0"):
        receptive_field([3], [0])
    with pytest.raises(ValueError, match=r"got \(1, 2, 3, 3\) and \(1, 3, 2, 3\)"):
        ascent_step(np.zeros((1, 2, 3, 3)), np.zeros((1, 3, 2, 3)), 1)
    with pytest.raises(ValueError, match="step_size as a number above 0, got 0"):
        ascent_step(np.zeros((1, 2, 3, 3)), np.zeros((1, 2, 3, 3)), 0)

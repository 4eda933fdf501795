import numpy as np
import pytest
from keras import layers

from helpers.normalisation import batch_normalise


def test_two_numbers_become_minus_one_and_one():
    maps = np.array([3.0, 7.0]).reshape(2, 1, 1, 1)  # mean 5, variance 4
    normalised, mean, variance = batch_normalise(maps, [1.0], [0.0], True, 0.75, epsilon=0)
    assert normalised.ravel().tolist() == [-1, 1]
    assert mean.tolist() == [2]  # 3/4 of 1 and 1/4 of 5
    assert variance.tolist() == [1]


@pytest.mark.parametrize("training", [True, False])
def test_it_does_what_keras_layer_does(training):
    rng = np.random.default_rng(4)
    maps = rng.normal(2, 3, (4, 3, 5, 2)).astype("float32")
    mean, variance = rng.normal(size=2), rng.uniform(0.5, 2, 2)
    layer = layers.BatchNormalization(momentum=0.8)
    layer.build(maps.shape)
    layer.set_weights([np.ones(2), np.zeros(2), mean, variance])
    theirs = layer(maps, training=training), layer.moving_mean, layer.moving_variance
    ours = batch_normalise(maps, mean, variance, training, momentum=0.8)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5)


def test_other_shapes_and_shares_are_refused():
    maps = np.zeros((2, 3, 4, 5))
    with pytest.raises(ValueError, match=r"got \(2, 3, 4, 5\), \(4,\) and \(5,\)"):
        batch_normalise(maps, np.zeros(4), np.ones(5), True)
    with pytest.raises(ValueError, match=r"got \(3, 4, 5\)"):
        batch_normalise(maps[0], np.zeros(5), np.ones(5), True)
    with pytest.raises(ValueError, match="momentum as a number from 0 to 1, got 9"):
        batch_normalise(maps, np.zeros(5), np.ones(5), True, momentum=9)

import numpy as np
import pytest
from keras import layers, ops

from helpers.averaging import global_average


def test_means_done_on_paper():
    maps = np.array([[[1, 0], [2, 0], [3, 6]], [[4, 0], [5, 0], [6, 0]]])[None]
    assert global_average(maps).tolist() == [[3.5, 1.0]]


def test_it_does_what_keras_layer_does(rng):
    maps = rng.normal(size=(2, 3, 5, 4)).astype("float32")
    theirs = ops.convert_to_numpy(layers.GlobalAveragePooling2D()(maps))
    np.testing.assert_allclose(global_average(maps), theirs, atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 5, 4), (2, 0, 5, 4)])
def test_maps_without_a_batch_or_places_are_refused(shape):
    with pytest.raises(ValueError, match="pictures, height, width, channels"):
        global_average(np.zeros(shape))

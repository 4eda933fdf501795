import keras
import numpy as np
import pytest

from helpers import convnets, storage
from helpers.augmentation import AugmentedImages


def test_the_simple_convnet_has_the_numbers_of_the_article():
    model = convnets.simple_convnet()
    assert model.count_params() == 591_390
    counts = {layer.name: layer.count_params() for layer in model.layers}
    assert counts["conv"] == 30 * (5 * 5 * 3 + 1) == 2_280
    assert counts["hidden"] == 14 * 14 * 30 * 100 + 100 == 588_100
    assert model.get_layer("pool").output.shape == (None, 14, 14, 30)
    assert model.output_shape == (None, 10)


def test_the_simple_convnet_scales_its_pictures_itself(rng):
    model = convnets.simple_convnet(num_filters=4, hidden_units=6, num_classes=3)
    scale = keras.Model(model.inputs, model.get_layer("scale").output)
    dark_to_bright = np.array([0, 255], "uint8")[:, None, None, None] * np.ones(
        (2, 32, 32, 3), "uint8"
    )
    scaled = scale.predict(dark_to_bright, verbose=0)
    np.testing.assert_allclose(scaled[:, 0, 0, 0], [-1, 1], atol=1e-6)
    probabilities = model.predict(rng.integers(0, 256, (2, 32, 32, 3), dtype="uint8"), verbose=0)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_the_loss_falls_on_forty_pictures(rng):
    keras.utils.set_random_seed(0)
    images = rng.integers(0, 256, (40, 32, 32, 3), dtype="uint8")
    labels = rng.integers(0, 10, 40)
    model = convnets.simple_convnet()
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    batches = AugmentedImages(images, labels, batch_size=20, max_shift=0, seed=0)
    losses = model.fit(batches, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]


def test_the_deeper_network_takes_pictures_of_any_size(rng):
    model = convnets.four_layer_convnet(picture_shape=(None, None, 3), num_classes=7)
    for height, width in [(12, 20), (33, 17)]:
        scores = model(rng.uniform(0, 255, (2, height, width, 3)).astype("float32"))
        assert scores.shape == (2, 7)


def test_the_embedded_weights_fit_the_deeper_network():
    model = convnets.four_layer_convnet()
    before = model.get_layer("conv1").get_weights()[0]
    model.load_weights(storage.data_file("four_layer_convnet.weights.h5"))
    assert model.count_params() == 61_690
    assert not np.allclose(before, model.get_layer("conv1").get_weights()[0])


@pytest.mark.real_data
def test_the_embedded_weights_know_the_real_pictures(real_cifar10):
    model = convnets.four_layer_convnet()
    model.load_weights(storage.data_file("four_layer_convnet.weights.h5"))
    scores = model.predict(real_cifar10.x_test[:2_000], batch_size=500, verbose=0)
    accuracy = np.mean(scores.argmax(axis=1) == real_cifar10.y_test[:2_000])
    assert accuracy > 0.72


@pytest.mark.parametrize("name", ["num_filters", "hidden_units", "num_classes"])
@pytest.mark.parametrize("size", [0, -3, 2.0, True, "10", None])
def test_a_size_that_is_none_is_refused_by_name(name, size):
    with pytest.raises(ValueError, match=f"{name} as an integer of at least 1, got {size!r}"):
        convnets.simple_convnet(**{name: size})


@pytest.mark.parametrize("shape", [(0, 8, 3), (8, 8.0, 3), (8, 8, None), (8, True, 3)])
def test_a_picture_shape_of_other_numbers_is_refused(shape):
    with pytest.raises(ValueError, match=r"(height|width|channels) as an integer"):
        convnets.four_layer_convnet(picture_shape=shape)


def test_a_picture_shape_without_channels_is_refused():
    with pytest.raises(ValueError, match=r"height, width, channels.*\(32, 32\)"):
        convnets.four_layer_convnet(picture_shape=(32, 32))

import keras
import numpy as np
import pytest
from keras import layers

from helpers import activation_maps


def test_a_class_map_done_by_hand():
    # One row, two places, two channels: (1, 2) and (3, 0). Class 0 weighs them 1 and 10.
    maps = activation_maps.class_activation_maps(
        np.array([[[[1.0, 2.0], [3.0, 0.0]]]]), np.array([[1.0, -1.0], [10.0, 0.0]])
    )
    np.testing.assert_allclose(maps, [[[[21, -1], [3, -3]]]])


def test_the_mean_of_a_class_map_and_the_bias_are_the_score(rng):
    maps = keras.Input((4, 6, 5))
    dense = layers.Dense(3, bias_initializer="normal")
    model = keras.Model(maps, dense(layers.GlobalAveragePooling2D()(maps)))
    values = rng.normal(size=(2, 4, 6, 5)).astype("float32")
    kernel, bias = dense.get_weights()
    by_map = activation_maps.class_activation_maps(values, kernel).mean(axis=(1, 2)) + bias
    np.testing.assert_allclose(by_map, model(values), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shapes", [((2, 4, 6), (6, 3)), ((2, 4, 6, 5), (6, 3))])
def test_maps_and_kernel_that_do_not_fit_are_refused(shapes):
    with pytest.raises(ValueError, match="channels"):
        activation_maps.class_activation_maps(*(np.zeros(shape) for shape in shapes))


@pytest.fixture
def model():
    keras.utils.set_random_seed(3)
    pictures = keras.Input((9, 12, 3), dtype="uint8", name="pictures")
    x = layers.Rescaling(1 / 255, name="scale")(pictures)
    x = layers.Conv2D(4, 3, activation="relu", name="conv")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(pictures, layers.Dense(5, name="scores")(x))


def pictures_of(rng, count=3):
    return rng.integers(0, 256, (count, 9, 12, 3), dtype="uint8")


@pytest.mark.parametrize("trainable", [True, False])
def test_grad_cam_behind_a_mean_is_the_class_map_without_what_is_negative(rng, model, trainable):
    # The gradient of a score by a map is the kernel's weight over the number of places, 7 x 10.
    model.trainable = trainable
    images, classes = pictures_of(rng), np.array([4, 0, 2])
    feature_maps = keras.Model(model.inputs[0], model.get_layer("conv").output)(images)
    kernel = model.get_layer("scores").get_weights()[0]
    every_class = activation_maps.class_activation_maps(feature_maps, kernel)
    expected = np.maximum(every_class[np.arange(3), :, :, classes] / 70, 0)
    found = activation_maps.grad_cam(model, "conv", images, classes)
    assert found.shape == (3, 7, 10)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def test_grad_cam_agrees_with_small_changes_of_the_maps(rng):
    maps = keras.Input((3, 4, 2), name="maps")
    x = layers.Activation("linear", name="watched")(maps)
    x = layers.Flatten()(layers.Conv2D(3, 2, activation="tanh")(x))
    model = keras.Model(maps, layers.Dense(2)(x))
    values = rng.normal(size=(1, 3, 4, 2)).astype("float32")
    slope = np.zeros_like(values)
    for place in np.ndindex(values.shape):
        step = np.zeros_like(values)
        step[place] = 1e-2
        slope[place] = (model(values + step) - model(values - step))[0, 1] / 2e-2
    importance = slope.mean(axis=(1, 2), keepdims=True)
    expected = np.maximum((importance * values).sum(axis=-1), 0)
    found = activation_maps.grad_cam(model, "watched", values, [1])
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=1e-3)


@pytest.mark.parametrize(
    ("layer", "classes", "message"),
    [
        ("nothing", [0, 1, 2], "no layer 'nothing', but pictures, scale, conv"),
        ("scores", [0, 1, 2], "rows, columns, channels.*'scores'"),
        ("conv", [0, 1], "expected 3 classes"),
        ("conv", [0.0, 1.0, 2.0], "expected 3 classes"),
        ("conv", [0, 1, 5], r"0\.\.4"),
        ("conv", [0, -1, 2], r"0\.\.4"),
    ],
)
def test_grad_cam_refuses_what_does_not_fit(rng, model, layer, classes, message):
    with pytest.raises(ValueError, match=message):
        activation_maps.grad_cam(model, layer, pictures_of(rng), classes)


def test_an_overlay_is_the_picture_at_strength_0_and_the_colours_at_1():
    image = np.full((2, 4, 3), 100, "uint8")
    heat = np.array([[0.0, 1.0]])
    assert np.array_equal(activation_maps.overlay(image, heat, strength=0), image)
    colours = activation_maps.overlay(image, heat, strength=1, cmap="gray")
    assert colours[:, 0].max() == 0  # the lowest is black
    assert colours[:, -1].min() == 255  # and the highest white
    assert (np.diff(colours[0, :, 0].astype(int)) >= 0).all()


def test_a_map_that_is_the_same_everywhere_is_laid_over_without_a_division_by_zero():
    image = np.zeros((3, 5, 3), "uint8")
    assert activation_maps.overlay(image, np.ones((2, 2)), cmap="gray").max() == 0


@pytest.mark.parametrize(
    ("image", "heat", "strength", "message"),
    [
        (np.zeros((3, 5, 3)), np.ones((2, 2)), 0.5, "uint8"),
        (np.zeros((3, 5), "uint8"), np.ones((2, 2)), 0.5, "height, width, 3"),
        (np.zeros((3, 5, 3), "uint8"), np.ones(2), 0.5, "rows, columns"),
        (np.zeros((3, 5, 3), "uint8"), np.full((2, 2), np.nan), 0.5, "finite"),
        (np.zeros((3, 5, 3), "uint8"), np.ones((2, 2)), 1.5, "strength"),
    ],
)
def test_an_overlay_of_anything_else_is_refused(image, heat, strength, message):
    with pytest.raises(ValueError, match=message):
        activation_maps.overlay(image, heat, strength=strength)

"""Models that are built before their first training step."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import training


def make_model(seed=0):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [keras.Input((4, 6, 3)), layers.Flatten(), layers.Dense(5), layers.BatchNormalization()]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    return model


def make_data(count=24):
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (count, 4, 6, 3)).astype("uint8")
    return images, rng.integers(0, 5, count)


def count_tracings(model, images, labels):
    """How often Python runs the code of a training step in three epochs."""
    counted = []
    step = model.train_step

    def counting_step(data):
        counted.append(1)
        return step(data)

    model.train_step = counting_step
    model.fit(images, labels, batch_size=8, epochs=3, verbose=0)
    return len(counted)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="other backends do not trace")
def test_a_built_model_is_traced_once():
    images, labels = make_data()
    assert count_tracings(training.build(make_model(), images, labels), images, labels) == 1


def test_building_changes_neither_weights_nor_what_is_learnt():
    images, labels = make_data()
    plain, built = make_model(), make_model()
    before = built.get_weights()
    assert training.build(built, images, labels) is built
    for old, new in zip(before, built.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    histories = []
    for model in (plain, built):
        keras.utils.set_random_seed(3)
        histories.append(model.fit(images, labels, batch_size=8, epochs=2, verbose=0).history)
    for key, values in histories[0].items():
        np.testing.assert_allclose(values, histories[1][key], rtol=1e-5)


def test_a_model_can_be_built_twice_and_keeps_what_the_optimizer_gathered():
    images, labels = make_data()
    model = training.build(make_model(), images, labels)
    model.fit(images, labels, batch_size=8, verbose=0)
    gathered = [variable.numpy() for variable in model.optimizer.variables]
    training.build(model, images, labels)
    for old, new in zip(gathered, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(old, new.numpy())


def test_a_model_that_is_not_compiled_is_refused():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    with pytest.raises(ValueError, match="compile"):
        training.build(model, np.zeros((1, 2)), np.zeros(1))


def test_no_example_is_refused():
    images, labels = make_data()
    for some in (images[:0], images[:4], images[0, 0, 0, 0]):
        with pytest.raises(ValueError, match="as many labels; got images of shape"):
            training.build(make_model(), some, labels)


def test_a_model_without_an_input_is_trained_as_any_other():
    images, labels = make_data()
    model = keras.Sequential([layers.Flatten(), layers.Dense(5)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    training.build(model, images.astype("float32"), labels.tolist())
    history = model.fit(images.astype("float32"), labels, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"][0])

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


class Recorder(keras.callbacks.Callback):
    """Notes the optimizer's learning rate of each step."""

    def __init__(self):
        super().__init__()
        self.rates = []

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(float(self.model.optimizer.learning_rate))


def test_a_schedule_is_asked_before_each_step():
    images, labels = make_data()
    model, recorder = make_model(), Recorder()
    halves = training.LearningRatePerStep(lambda step: 0.5**step)
    for epochs in (2, 1):  # a second fit goes on where the first one ended
        model.fit(
            images, labels, batch_size=9, epochs=epochs, callbacks=[halves, recorder], verbose=0
        )
    np.testing.assert_allclose(recorder.rates, 0.5 ** np.arange(9), rtol=1e-6)


def test_a_schedule_gives_the_training_that_keras_gives_with_it():
    images, labels = make_data()
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, warmup_target=0.01, warmup_steps=4, decay_steps=11
    )
    weights = []
    for by_keras in (True, False):
        model = make_model()
        optimizer = keras.optimizers.AdamW(schedule if by_keras else 0.01, weight_decay=0.1)
        model.compile(optimizer, model.loss)
        callbacks = [] if by_keras else [training.LearningRatePerStep(schedule)]
        model.fit(images, labels, batch_size=8, epochs=5, callbacks=callbacks, verbose=0)
        weights.append(model.get_weights())
    for theirs, ours in zip(*weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    assert not np.allclose(weights[0][0], make_model().get_weights()[0], atol=1e-3)


def test_what_is_no_schedule_is_refused():
    with pytest.raises(ValueError, match=r"a schedule, from a step to a rate, got 0\.1"):
        training.LearningRatePerStep(0.1)


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf")])
def test_what_is_no_rate_is_refused_while_training(rate):
    images, labels = make_data()
    wrong = training.LearningRatePerStep(lambda step: rate if step == 2 else 0.1)
    with pytest.raises(ValueError, match=f"from 0 on for step 2, got {rate}"):
        make_model().fit(images, labels, batch_size=8, callbacks=[wrong], verbose=0)


def test_an_optimizer_that_has_a_schedule_already_is_refused():
    images, labels = make_data()
    model = make_model()
    schedule = keras.optimizers.schedules.CosineDecay(0.1, decay_steps=10)
    model.compile(keras.optimizers.Adam(schedule), model.loss)
    with pytest.raises(TypeError, match="not settable"):
        model.fit(images, labels, callbacks=[training.LearningRatePerStep(schedule)], verbose=0)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="other backends do not rewrite")
def test_what_starts_sooner_learns_the_same():
    import tensorflow as tf

    images, labels = make_data()
    losses = []
    for sooner in (False, True):
        if sooner:
            training.start_sooner()
            training.start_sooner()
        try:
            model = make_model()
            losses.append(model.fit(images, labels, epochs=3, verbose=0).history["loss"])
            rewrites = not tf.config.optimizer.get_experimental_options().get(
                "disable_meta_optimizer", False
            )
        finally:
            tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})
        assert rewrites is not sooner
    np.testing.assert_allclose(*losses, rtol=1e-4)

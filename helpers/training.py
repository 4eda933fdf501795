"""What a training needs before its first step, and at each step."""

import keras
import numpy as np


def build(model, images, labels):
    """Make the variables of a compiled model's optimizer and metrics before ``fit`` does.

    Keras makes them while TensorFlow traces the first training step, that is, turns its Python code
    into a graph. A step that makes variables is traced a second time. For a deep network one
    tracing takes seconds, more than many steps: a model that is built first starts sooner. The
    results do not change.

    Parameters
    ----------
    model : keras.Model
        Compiled. Its weights stay as they are.
    images, labels : arrays of shape (batch, ...)
        What the model will be trained on; one example is enough.

    Returns
    -------
    model : keras.Model
        The same.

    Raises
    ------
    ValueError
        If the model is not compiled, or there is no example, or not one label for each.
    """
    if not getattr(model, "compiled", False):
        raise ValueError("expected a compiled model; call its compile() first")
    images, labels = np.asarray(images), np.asarray(labels)
    if min(images.ndim, labels.ndim) < 1 or not len(images) == len(labels) > 0:
        raise ValueError(
            "expected examples, (batch, ...), and as many labels; "
            f"got images of shape {images.shape} and labels of shape {labels.shape}"
        )
    first, answer = images[:1], labels[:1]
    predicted = model(first, training=False)  # a model without an Input has weights only now
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    model.compute_metrics(first, answer, predicted)
    model.reset_metrics()
    return model


def start_sooner():
    """Have TensorFlow run its graphs as they are, from now on, and not rewrite them first.

    Before a graph runs for the first time, TensorFlow looks for a quicker one that does the same
    ("Grappler"). In a training of few steps that does not pay: on 2 CPU cores, a narrow MobileNet
    begins 2 to 3 seconds sooner without, and its steps take as long. It holds for the whole
    process; calling it twice does no harm. With another backend of Keras, nothing happens.
    """
    if keras.config.backend() != "tensorflow":
        return
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


class LearningRatePerStep(keras.callbacks.Callback):
    """Give the optimizer a schedule's learning rate before each step of ``fit``.

    ``AdamW(schedule)`` does the same, but as long as there is weight decay, Keras works such a
    schedule out once for each variable: 83 times a step in MobileNet, with a graph to match. Here
    it is worked out once, and a narrow MobileNet began to train 9 seconds sooner on 2 CPU cores.

    Parameters
    ----------
    schedule : keras.optimizers.schedules.LearningRateSchedule or callable
        From the number of steps that the optimizer has taken so far to the learning rate of the
        next one, a number from 0 on.

    Raises
    ------
    ValueError
        If `schedule` cannot be called. While it trains, if a rate is negative or no number.
    TypeError
        While it trains, by Keras, if the optimizer has a schedule of its own.
    """

    def __init__(self, schedule):
        super().__init__()
        if not callable(schedule):
            raise ValueError(f"expected a schedule, from a step to a rate, got {schedule!r}")
        self.schedule = schedule

    def on_train_batch_begin(self, batch, logs=None):
        """Set the rate of the coming step; Keras calls this."""
        step = int(self.model.optimizer.iterations)
        rate = float(self.schedule(step))
        if not 0 <= rate < float("inf"):
            raise ValueError(f"expected a learning rate from 0 on for step {step}, got {rate}")
        self.model.optimizer.learning_rate = rate

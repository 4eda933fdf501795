"""What a training needs before its first step."""

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

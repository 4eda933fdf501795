"""What a training needs before its first step."""


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
        If the model is not compiled, or there is no example.
    """
    if not getattr(model, "compiled", False):
        raise ValueError("expected a compiled model; call its compile() first")
    if len(images) == 0 or len(labels) == 0:
        raise ValueError(f"expected an example, got {len(images)} images, {len(labels)} labels")
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    first, answer = images[:1], labels[:1]
    model.compute_metrics(first, answer, model(first, training=False))
    model.reset_metrics()
    return model

"""The gradient of a cost with respect to a picture: all that Keras leaves to its backend here."""

import numpy as np


def compile_gradient(cost, shape):
    """Compile a cost and its gradient, once for all pictures of one size.

    Parameters
    ----------
    cost : callable
        Takes a float32 tensor of the given shape. Returns a dict of its terms, scalars, of which
        ``"total"`` is the one to differentiate.
    shape : tuple of int
        Of the picture.

    Returns
    -------
    evaluate : callable
        Takes an array of that shape. Returns the terms, a dict from str to float, and the gradient
        of the total, a float64 array of the same shape.
    """
    import tensorflow as tf  # Keras has no gradient of its own

    @tf.function
    def terms_and_gradient(picture):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(picture)
            terms = cost(picture)
        return terms, tape.gradient(terms["total"], picture)

    compiled = terms_and_gradient.get_concrete_function(tf.TensorSpec(shape, tf.float32))

    def evaluate(picture):
        terms, gradient = compiled(tf.constant(picture, tf.float32))
        return {name: float(term) for name, term in terms.items()}, np.array(gradient, float)

    return evaluate

"""From class scores to probabilities, to a loss, and to a table of what was taken for what."""

import numpy as np

from helpers import validation

_SMALLEST = 1e-7  # as in Keras: the logarithm of 0 would be infinite


def softmax(scores):
    """Turn class scores into probabilities.

    Parameters
    ----------
    scores : array of shape (..., classes)
        Of any size and sign.

    Returns
    -------
    probabilities : float array of the same shape
        0 to 1; those of all classes add up to 1.

    Raises
    ------
    ValueError
        If there are no classes, or a score is not finite.

    References
    ----------
    Goodfellow, Bengio & Courville, *Deep Learning* (2016), section 4.1 on overflow.

    >>> softmax([1000, 1000])
    array([0.5, 0.5])
    """
    scores = np.asarray(scores, float)
    if scores.ndim < 1 or scores.shape[-1] == 0 or not np.isfinite(scores).all():
        raise ValueError(f"expected finite scores (..., classes), got {scores}")
    # A constant added to all scores of a picture changes nothing; this one makes the largest 0.
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def cross_entropy(probabilities, labels):
    """Say how surprising the true classes are, on average over pictures.

    Parameters
    ----------
    probabilities : array of shape (pictures, classes)
        0 to 1. What is below 1e-7 counts as 1e-7.
    labels : int array of shape (pictures,)
        The true classes, counted from 0.

    Returns
    -------
    loss : float
        Mean of -ln p, where p is the probability of a picture's true class.

    Raises
    ------
    ValueError
        If there is no picture, not one label for each, a label is no class, or a probability is
        not between 0 and 1.

    >>> round(cross_entropy([[0.25, 0.75], [0.5, 0.5]], [0, 1]), 4)  # ln 8 / 2
    1.0397
    """
    probabilities, labels = np.asarray(probabilities), np.asarray(labels)
    if probabilities.ndim != 2 or 0 in probabilities.shape:
        raise ValueError(f"expected probabilities (pictures, classes), got {probabilities.shape}")
    if not np.all((probabilities >= 0) & (probabilities <= 1 + 1e-6)):  # float32 is not exact
        raise ValueError(f"expected probabilities between 0 and 1, got {probabilities}")
    _check_classes("labels", labels, *probabilities.shape)
    of_true_class = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(of_true_class, _SMALLEST)).mean())


def confusion_counts(labels, predicted, num_classes):
    """Count how often each class was taken for each.

    Parameters
    ----------
    labels, predicted : int array of shape (pictures,)
        The true classes and the answers, counted from 0.
    num_classes : int

    Returns
    -------
    counts : int array of shape (num_classes, num_classes)
        A row for each true class, a column for each answer.

    Raises
    ------
    ValueError
        If there are not as many answers as labels, or one of them is no class.

    >>> confusion_counts([0, 0, 1], [0, 1, 1], 2)
    array([[1, 1],
           [0, 1]])
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    num_classes = validation.integer(num_classes, "num_classes", minimum=1)
    _check_classes("labels", labels, labels.size, num_classes)
    _check_classes("answers", predicted, labels.size, num_classes)
    counts = np.zeros((num_classes, num_classes), int)
    np.add.at(counts, (labels, predicted), 1)  # counts[labels, predicted] += 1 adds only once
    return counts


def _check_classes(name, classes, num_pictures, num_classes):
    if classes.shape != (num_pictures,) or classes.dtype.kind not in "iu":
        raise ValueError(
            f"expected {num_pictures} {name} as whole numbers, one for each picture; "
            f"got {classes.dtype} {classes.shape}"
        )
    if num_pictures and not 0 <= classes.min() <= classes.max() < num_classes:
        raise ValueError(f"expected {name} in 0..{num_classes - 1}, got {classes}")

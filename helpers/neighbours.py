"""Nearest neighbours among feature vectors."""

import numpy as np


def same_class_neighbours(values, labels):
    """Tell how often a vector's nearest other one belongs to the same class.

    Parameters
    ----------
    values : float array of shape (pictures, features)
    labels : int array of shape (pictures,)

    Returns
    -------
    share : float
        0 to 1. Near is a small Euclidean distance; of equally near ones the first counts.

    Raises
    ------
    ValueError
        If there are fewer than two vectors, or not as many labels, or a number is not finite.

    >>> same_class_neighbours([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0]], [0, 0, 1])
    0.6666666666666666
    """
    values, labels = np.asarray(values), np.asarray(labels)
    if values.ndim != 2 or len(values) < 2 or labels.shape != values.shape[:1]:
        raise ValueError(
            "expected at least two vectors (pictures, features) and labels (pictures,), got "
            f"{values.shape} and {labels.shape}"
        )
    if values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        raise ValueError(f"expected finite numbers as vectors, got {values.dtype}, or NaN or inf")
    if values.dtype.kind != "f":
        values = values.astype(float)  # squares of a byte's numbers would overflow
    squares = (values**2).sum(axis=1)
    distances = squares[:, None] + squares[None] - 2 * values @ values.T  # squared
    np.fill_diagonal(distances, np.inf)  # nobody is a neighbour of their own
    return float(np.mean(labels[distances.argmin(axis=1)] == labels))

"""How well distances tell whether two pictures show the same person, and where to draw the line.

A pair is accepted, which means taken for one person, if its distance is at most a threshold. The
false-accept rate is the share of pairs of two people that are accepted; the true-accept rate the
share of pairs of one person that are.
"""

import math
import typing

import numpy as np

from helpers import validation

_ROUNDING = 1e-5  # of a distance of 4, between embeddings in float32


class Roc(typing.NamedTuple):
    """What is accepted as the threshold grows: one entry for each distance that occurs.

    Parameters
    ----------
    thresholds : float64 array of shape (points,)
        From −∞, where nothing is accepted, to the largest distance, where everything is.
    false_accept_rates, true_accept_rates : float64 arrays of shape (points,)
        From 0 to 1.
    """

    thresholds: np.ndarray
    false_accept_rates: np.ndarray
    true_accept_rates: np.ndarray


class LfwResult(typing.NamedTuple):
    """What the protocol of Labeled Faces in the Wild reports.

    Parameters
    ----------
    accuracy : float
        Share of the pairs that are decided rightly, mean over the folds.
    standard_error : float
        Of that mean.
    accuracies : float64 array of shape (folds,)
    thresholds : float64 array of shape (folds,)
        The one used on each fold, chosen on the others.
    """

    accuracy: float
    standard_error: float
    accuracies: np.ndarray
    thresholds: np.ndarray


def pair_distances(first, second):
    """Measure how far apart the two embeddings of each pair are.

    Parameters
    ----------
    first, second : arrays of shape (pairs, numbers)

    Returns
    -------
    distances : float64 array of shape (pairs,)
        Squared Euclidean distances; 0 to 4 between embeddings of unit length.

    Raises
    ------
    ValueError
        If the shapes are not the same, or a number is not finite.
    """
    first, second = _as_embeddings(first), _as_embeddings(second)
    if first.shape != second.shape:
        raise ValueError(f"expected pairs of embeddings, got {first.shape} and {second.shape}")
    return ((first - second) ** 2).sum(axis=1)


def all_pairs(embeddings, labels):
    """Measure how far apart all pictures are, each pair once.

    Parameters
    ----------
    embeddings : array of shape (pictures, numbers)
    labels : array of shape (pictures,)
        Who is in each picture.

    Returns
    -------
    distances : float64 array of shape (pictures * (pictures - 1) / 2,)
        Squared Euclidean distances; 0 to 4 between embeddings of unit length.
    same : bool array of the same shape
        Which pairs show one person.

    Raises
    ------
    ValueError
        If there is not one label for each embedding, or a number is not finite.

    >>> all_pairs([[0, 0], [0, 1], [2, 1]], labels=[7, 7, 8])
    (array([1., 5., 4.]), array([ True, False, False]))
    """
    embeddings, labels = _as_embeddings(embeddings), np.asarray(labels)
    if labels.shape != (len(embeddings),):
        raise ValueError(f"expected {len(embeddings)} labels, got shape {labels.shape}")
    products = embeddings @ embeddings.T
    squares = np.diag(products)
    first, second = np.triu_indices(len(labels), k=1)
    distances = squares[first] + squares[second] - 2 * products[first, second]
    return np.maximum(distances, 0), labels[first] == labels[second]


def roc(distances, same):
    """Follow both rates from the strictest threshold to the most lenient one.

    Parameters
    ----------
    distances : array of shape (pairs,)
        Smaller means more alike.
    same : bool array of shape (pairs,)
        Which pairs show one person; or numbers, 1 for those that do and 0 for others.

    Returns
    -------
    curve : Roc

    Raises
    ------
    ValueError
        If there is not one answer for each distance, an answer is something else than yes or no, a
        distance is not finite, or there are not pairs of both kinds.

    >>> roc([0.1, 0.3, 0.2], same=[True, True, False]).true_accept_rates
    array([0. , 0.5, 0.5, 1. ])
    """
    thresholds, false_accepts, true_accepts = _accepts(distances, same)
    return Roc(thresholds, false_accepts / false_accepts[-1], true_accepts / true_accepts[-1])


def area_under_roc(distances, same):
    """Return the area under the ROC: how often a pair of one person is nearer than one of two.

    Parameters
    ----------
    distances, same
        See `roc`.

    Returns
    -------
    area : float
        0 to 1; 0.5 for distances that mean nothing. Equal distances count one half.

    Raises
    ------
    ValueError
        See `roc`.
    """
    _, false_rates, true_rates = roc(distances, same)
    return float((np.diff(false_rates) * (true_rates[1:] + true_rates[:-1]) / 2).sum())


def equal_error_rate(distances, same):
    """Return the error at the threshold that accepts and rejects wrongly at the same rate.

    Parameters
    ----------
    distances, same
        See `roc`.

    Returns
    -------
    rate : float
        0 to 1. Between two points of the ROC, on the straight line.

    Raises
    ------
    ValueError
        See `roc`.
    """
    _, false_rates, true_rates = roc(distances, same)
    excess = false_rates - (1 - true_rates)  # grows from −1 to 1
    after = np.argmax(excess >= 0)
    before = after - 1
    share = -excess[before] / (excess[after] - excess[before])
    return float(false_rates[before] + share * (false_rates[after] - false_rates[before]))


def true_accept_rate(distances, same, false_accept_rate):
    """Return how many pairs of one person are accepted if hardly any others may be.

    Parameters
    ----------
    distances, same
        See `roc`.
    false_accept_rate : float
        The most that is allowed, 0 to 1.

    Returns
    -------
    rate : float
        0 to 1.

    Raises
    ------
    ValueError
        See `roc`; or if `false_accept_rate` does not lie in 0..1.
    """
    false_accept_rate = _check_rate(false_accept_rate)
    curve = roc(distances, same)
    return float(curve.true_accept_rates[curve.false_accept_rates <= false_accept_rate][-1])


def calibrate(distances, same, *, false_accept_rate=None):
    """Choose the threshold from data.

    Parameters
    ----------
    distances, same
        See `roc`. Of people whom the encoder has not been trained on, and not of those on whom the
        result is judged.
    false_accept_rate : float, optional
        The most that is allowed, 0 to 1. Without it, the total error is made as low as possible:
        the false-accept rate plus the share of pairs of one person that are rejected. Both kinds
        of pairs weigh the same, however many there are of each.

    Returns
    -------
    threshold : float
        Halfway between two distances that occur; the lowest of those that do equally well, or with
        a `false_accept_rate` the highest that keeps it. A largest distance that rounding has put
        just above 4 gives 4, the highest threshold between embeddings of unit length.

    Raises
    ------
    ValueError
        See `roc`; or if `false_accept_rate` does not lie in 0..1; or if no distance is negative,
        and pairs of two people have distance 0, so that even the threshold 0 is too high.

    >>> calibrate([0.2, 0.4, 1.0, 1.5], same=[True, True, False, False])
    0.7
    """
    thresholds, false_accepts, true_accepts = _accepts(distances, same)
    num_different, num_same = false_accepts[-1], true_accepts[-1]
    if false_accept_rate is not None:
        false_accept_rate = _check_rate(false_accept_rate)
        kept = false_accepts / num_different <= false_accept_rate
        index, aim = np.flatnonzero(kept)[-1], f"keeps a false-accept rate of {false_accept_rate:g}"
    else:
        # The rates, times both numbers of pairs: whole numbers have no rounding to decide ties.
        errors = false_accepts * num_same + (num_same - true_accepts) * num_different
        index, aim = np.argmin(errors), "is better than to reject every pair"
    threshold = _above(thresholds, index)
    if threshold < 0 <= thresholds[1]:
        raise ValueError(
            f"no threshold from 0 on {aim}: of {num_different} pairs of two people, "
            f"{false_accepts[1]} have distance 0"
        )
    return 4.0 if 4 < threshold < 4 + _ROUNDING else threshold


def lfw_protocol(distances, same, folds=10):
    """Decide each pair with a threshold chosen on other pairs, and report the accuracy.

    For each fold, the threshold is the one that decides most pairs of the other folds rightly.

    Parameters
    ----------
    distances, same
        See `roc`.
    folds : int or int array of shape (pairs,)
        Into how many parts of consecutive pairs to split, or which fold each pair is in. No person
        should be in two folds; LFW's own ten are made so.

    Returns
    -------
    result : LfwResult

    Raises
    ------
    ValueError
        See `roc`; or if there are fewer than two folds, or a fold without pairs.

    References
    ----------
    Huang, Ramesh, Berg & Learned-Miller, "Labeled Faces in the Wild" (2007), section "View 2":
    mean accuracy, and standard error, which is the standard deviation over the folds (with one
    less than their number below) divided by the root of their number.
    """
    distances, same = _as_pairs(distances, same)
    fold_of = _as_folds(folds, len(distances))
    accuracies, thresholds = [], []
    for fold in np.unique(fold_of):
        mine = fold_of == fold
        candidates, false_accepts, true_accepts = _accepts(distances[~mine], same[~mine])
        threshold = _above(candidates, np.argmax(true_accepts - false_accepts))
        thresholds.append(threshold)
        accuracies.append(np.mean((distances[mine] <= threshold) == same[mine]))
    standard_error = np.std(accuracies, ddof=1) / math.sqrt(len(accuracies))
    return LfwResult(
        float(np.mean(accuracies)),
        float(standard_error),
        np.array(accuracies),
        np.array(thresholds),
    )


def _accepts(distances, same):
    """Return thresholds, and how many pairs of two people and of one each of them accepts."""
    distances, same = _as_pairs(distances, same)
    if same.all() or not same.any():
        raise ValueError(
            "expected pairs of one person and pairs of two, "
            f"got {np.count_nonzero(same)} and {np.count_nonzero(~same)}"
        )
    order = np.argsort(distances, kind="stable")
    distances, same = distances[order], same[order]
    last_of_equals = np.append(np.flatnonzero(np.diff(distances)), len(distances) - 1)
    true_accepts = np.cumsum(same)[last_of_equals]
    false_accepts = last_of_equals + 1 - true_accepts
    return (
        np.append(-math.inf, distances[last_of_equals]),
        np.append(0, false_accepts),
        np.append(0, true_accepts),
    )


def _above(thresholds, index):
    """Return a threshold that accepts what `thresholds[index]` does, with room above it if any."""
    if index == len(thresholds) - 1:
        return float(thresholds[index])
    if index == 0:
        return float(np.nextafter(thresholds[1], -math.inf))
    low, high = thresholds[index : index + 2]
    middle = low + (high - low) / 2
    return float(middle if middle < high else low)  # nothing may lie between two floats


def _as_folds(folds, num_pairs):
    fold_of = np.asarray(folds)
    if fold_of.ndim == 0:
        num_folds = validation.integer(folds, "folds", minimum=2, maximum=num_pairs)
        fold_of = np.arange(num_pairs) * num_folds // num_pairs
    are_numbers = fold_of.shape == (num_pairs,) and fold_of.dtype.kind in "iu"
    if not are_numbers or len(np.unique(fold_of)) < 2:
        raise ValueError(
            f"expected folds as {num_pairs} integers, at least two different ones, got {fold_of}"
        )
    return fold_of


def _as_pairs(distances, same):
    distances, same = np.asarray(distances, dtype=float), np.asarray(same)
    if distances.ndim != 1 or distances.shape != same.shape:
        raise ValueError(
            "expected a list of distances and an answer for each, "
            f"got shapes {distances.shape} and {same.shape}"
        )
    if not np.isfinite(distances).all():
        raise ValueError(f"expected finite distances, got {distances[~np.isfinite(distances)][0]}")
    if same.dtype.kind not in "biuf":
        raise ValueError(f"expected same as True and False, or 1 and 0, got {same.dtype}")
    is_answer = (same == 0) | (same == 1)  # false for NaN
    if not is_answer.all():
        raise ValueError(f"expected same as True and False, or 1 and 0, got {same[~is_answer][0]}")
    return distances, same.astype(bool)


def _as_embeddings(embeddings):
    embeddings = np.asarray(embeddings, dtype=float)
    if embeddings.ndim != 2 or not np.isfinite(embeddings).all():
        raise ValueError(
            "expected finite embeddings of shape (pictures, numbers), "
            f"got shape {embeddings.shape}" + (" with NaN or inf" if embeddings.ndim == 2 else "")
        )
    return embeddings


def _check_rate(rate):
    return validation.real(rate, "false_accept_rate", minimum=0, maximum=1)

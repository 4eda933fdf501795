"""The triplet loss, and which triplets of a batch it is asked of: all, the hardest, semi-hard ones.

A triplet is an anchor, a positive (another picture of the same person) and a negative (a picture of
somebody else). Its loss is max(d(a, p) − d(a, n) + α, 0): the negative shall be further away than
the positive, by a margin α at least. Distances are squared Euclidean ones, as in FaceNet: between
embeddings of unit length they lie in 0..4.
"""

import math
import typing

import keras
import numpy as np
from keras import ops

from helpers import validation


def triplet_loss(anchor, positive, negative, alpha=0.2):
    """Ask that each anchor is nearer to its positive than to its negative, by a margin.

    Parameters
    ----------
    anchor, positive, negative : float tensors of shape (batch, numbers)
        Embeddings, of unit length for the margin to have its usual meaning. Whole numbers and
        several types are taken as one float type.
    alpha : float
        Margin, as a difference of squared distances; from 0 on.

    Returns
    -------
    loss : float tensor of shape ()
        The sum over the batch of max(‖a − p‖² − ‖a − n‖² + α, 0).

    Raises
    ------
    ValueError
        If the three are not of one shape (batch, numbers), or `alpha` is negative or not finite.

    References
    ----------
    Schroff, Kalenichenko & Philbin, "FaceNet" (CVPR 2015), section 3.1, equation 2.

    >>> loss = triplet_loss([[1.0, 0.0]], [[0.6, 0.8]], [[0.0, 1.0]], alpha=1.5)
    >>> round(float(loss), 3)  # 0.8 − 2 + 1.5
    0.3
    """
    alpha = _check_alpha(alpha)
    anchor, positive, negative = _as_floats(anchor, positive, negative)
    shapes = [tuple(part.shape) for part in (anchor, positive, negative)]
    if len(set(shapes)) > 1 or len(shapes[0]) != 2:
        raise ValueError(
            "expected anchor, positive and negative of one shape (batch, numbers), "
            f"got {', '.join(map(str, shapes))}"
        )
    to_positive = ops.sum((anchor - positive) ** 2, axis=-1)
    to_negative = ops.sum((anchor - negative) ** 2, axis=-1)
    return ops.sum(ops.relu(to_positive - to_negative + alpha))


def all_triplets_loss(embeddings, labels, alpha=0.2, *, squared=True):
    """Ask all triplets of a batch, and average over those that still cost something.

    Parameters
    ----------
    embeddings : float tensor of shape (batch, numbers)
        Of unit length.
    labels : int tensor of shape (batch,)
        Who is in each picture.
    alpha : float
        Margin, from 0 on.
    squared : bool
        False compares Euclidean distances instead of squared ones.

    Returns
    -------
    loss : float tensor of shape ()
        The mean of the losses above 0; 0 if there is none, or no triplet.

    Raises
    ------
    ValueError
        If there are no embeddings, or not one label for each, or `alpha` is negative or not finite.

    References
    ----------
    Hermans, Beyer & Leibe, "In Defense of the Triplet Loss for Person Re-Identification" (2017),
    "batch all" in the variant that averages non-zero losses only (BA≠0). A mean over all triplets
    would fade as ever fewer of them cost something. They use Euclidean distances.
    """
    distances, positive, negative = _compare(embeddings, labels, alpha, squared)
    losses = ops.relu(distances[:, :, None] - distances[:, None, :] + alpha)  # (a, p, n)
    is_triplet = ops.logical_and(positive[:, :, None], negative[:, None, :])
    return _mean(losses, ops.logical_and(is_triplet, losses > 0))


def batch_hard_loss(embeddings, labels, alpha=0.2, *, squared=True):
    """Ask each picture about its farthest positive and its nearest negative in the batch.

    Parameters
    ----------
    embeddings, labels, alpha, squared
        See `all_triplets_loss`.

    Returns
    -------
    loss : float tensor of shape ()
        The mean over the anchors that have a positive and a negative; 0 if none has.

    Raises
    ------
    ValueError
        See `all_triplets_loss`.

    References
    ----------
    Hermans, Beyer & Leibe (2017), section 2, "batch hard", as a mean instead of a sum. They use
    Euclidean distances (``squared=False``) because with squared ones a network collapses more
    easily: it maps all pictures to one point, where the loss stays at `alpha`.
    """
    distances, positive, negative = _compare(embeddings, labels, alpha, squared)
    farthest = _farthest(distances, positive)
    nearest = ops.argmin(ops.where(negative, distances, math.inf), axis=1)[:, None]
    losses = ops.relu(_pick(distances, farthest) - _pick(distances, nearest) + alpha)
    return _mean(losses[:, 0], ops.logical_and(ops.any(positive, 1), ops.any(negative, 1)))


def semi_hard_loss(embeddings, labels, alpha=0.2, *, squared=True):
    """Ask each pair of one person about the nearest negative that is further away than the pair.

    Parameters
    ----------
    embeddings, labels, alpha, squared
        See `all_triplets_loss`.

    Returns
    -------
    loss : float tensor of shape ()
        The mean over all pairs of anchor and positive whose anchor has a negative; 0 if none has.

    Raises
    ------
    ValueError
        See `all_triplets_loss`.

    References
    ----------
    Schroff, Kalenichenko & Philbin, "FaceNet" (CVPR 2015), section 3.2: all pairs, and negatives
    beyond the positive, but inside the margin. If the nearest one lies outside the margin, the pair
    costs nothing. If all negatives are nearer than the positive, FaceNet does not say what to do;
    we take the farthest negative, as TensorFlow Addons' ``TripletSemiHardLoss`` does, so that such
    pairs are taught as well, but by the mildest of their negatives.
    """
    distances, positive, negative = _compare(embeddings, labels, alpha, squared)
    is_beyond = distances[:, None, :] > distances[:, :, None]  # (anchor, positive, negative)
    is_beyond = ops.logical_and(is_beyond, negative[:, None, :])
    nearest_beyond = ops.argmin(ops.where(is_beyond, distances[:, None, :], math.inf), axis=2)
    fallback = _farthest(distances, negative)
    chosen = ops.where(ops.any(is_beyond, axis=2), nearest_beyond, fallback)  # (anchor, positive)
    losses = ops.relu(distances - _pick(distances, chosen) + alpha)
    has_negative = ops.any(negative, axis=1)[:, None]
    return _mean(losses, ops.logical_and(positive, has_negative))


_MINING = {"semi-hard": semi_hard_loss, "batch-hard": batch_hard_loss, "all": all_triplets_loss}


class TripletLoss(keras.losses.Loss):
    """A triplet loss for ``model.compile``, with the triplets found inside each batch.

    The targets of the model are labels, whole numbers of shape (batch,), and its outputs embeddings
    (batch, numbers) of unit length. Keras turns labels into float32: they are told apart up to 16
    million.

    Parameters
    ----------
    mining : {"semi-hard", "batch-hard", "all"}
        `semi_hard_loss`, `batch_hard_loss` or `all_triplets_loss`.
    alpha : float
        Margin, from 0 on.
    squared : bool
        False compares Euclidean distances instead of squared ones.
    **settings
        For `keras.losses.Loss`: name, reduction, dtype.

    Raises
    ------
    ValueError
        If `mining` is unknown, or `alpha` is negative or not finite.
    """

    def __init__(
        self, mining="semi-hard", alpha=0.2, *, squared=True, name="triplet_loss", **settings
    ):
        super().__init__(name=name, **settings)
        if mining not in _MINING:
            raise ValueError(f"expected mining to be one of {list(_MINING)}, got {mining!r}")
        self.mining, self.alpha, self.squared = mining, _check_alpha(alpha), squared

    def call(self, y_true, y_pred):
        """Return the loss of the batch, a tensor of shape ()."""
        return _MINING[self.mining](y_pred, y_true, self.alpha, squared=self.squared)

    def get_config(self):
        """Return what makes another loss like this one."""
        own = {"mining": self.mining, "alpha": self.alpha, "squared": self.squared}
        return super().get_config() | own


class TripletCounts(typing.NamedTuple):
    """How many triplets are of which kind.

    Parameters
    ----------
    easy : int
        The negative lies beyond the margin: they cost nothing and teach nothing.
    semi_hard : int
        The negative is further away than the positive, but inside the margin.
    hard : int
        The negative is as near as the positive, or nearer.
    """

    easy: int
    semi_hard: int
    hard: int


def count_triplets(embeddings, labels, alpha=0.2, *, squared=True):
    """Count how many triplets of some pictures are easy, semi-hard and hard.

    Parameters
    ----------
    embeddings, labels, alpha, squared
        See `all_triplets_loss`.

    Returns
    -------
    counts : TripletCounts
        Together all ordered triplets: each picture is an anchor, with each of its positives and
        negatives.

    Raises
    ------
    ValueError
        See `all_triplets_loss`.

    References
    ----------
    Schroff, Kalenichenko & Philbin, "FaceNet" (CVPR 2015), section 3.2.

    >>> count_triplets([[0.0, 0.0], [0.3, 0.0], [0.0, 0.4], [0.9, 0.0]], [1, 1, 2, 2], alpha=0.2)
    TripletCounts(easy=2, semi_hard=2, hard=4)
    """
    tensors = _compare(embeddings, labels, alpha, squared)
    counts = np.zeros(3, dtype=int)
    for distances, positive, negative in zip(*map(ops.convert_to_numpy, tensors), strict=True):
        to_positives, to_negatives = distances[positive], np.sort(distances[negative])
        nearer = np.searchsorted(to_negatives, to_positives, side="right").sum()
        inside = np.searchsorted(to_negatives, to_positives + alpha, side="left").sum()
        inside = max(inside, nearer)  # without a margin, equal distances are hard
        counts += [len(to_positives) * len(to_negatives) - inside, inside - nearer, nearer]
    return TripletCounts(*counts.tolist())


def _compare(embeddings, labels, alpha, squared):
    """Return distances, and which pairs are of one person and of two: tensors (batch, batch)."""
    _check_alpha(alpha)
    (embeddings,) = _as_floats(embeddings)
    labels = ops.reshape(labels, (-1,))
    lengths = embeddings.shape[0], labels.shape[0]
    is_one_each = None in lengths or lengths[0] == lengths[1]
    if len(embeddings.shape) != 2 or not is_one_each or 0 in lengths:
        raise ValueError(
            "expected embeddings of shape (batch, numbers), at least one, and a label for each, "
            f"got {tuple(embeddings.shape)} and {labels.shape[0]} labels"
        )
    is_same = labels[:, None] == labels[None, :]
    numbers = ops.arange(ops.shape(labels)[0])
    is_other_picture = numbers[:, None] != numbers[None, :]
    positive = ops.logical_and(is_same, is_other_picture)
    return _distances(embeddings, squared), positive, ops.logical_not(is_same)


def _as_floats(*parts):
    """Return tensors of one float type, which is at least as wide as that of each part."""
    tensors = [ops.convert_to_tensor(part) for part in parts]
    dtype = keras.backend.result_type(*(tensor.dtype for tensor in tensors), float)
    return [ops.cast(tensor, dtype) for tensor in tensors]


def _distances(embeddings, squared):
    products = ops.matmul(embeddings, ops.transpose(embeddings))
    squares = ops.diagonal(products)
    distances = squares[:, None] - 2 * products + squares[None, :]
    distances = ops.maximum(distances, 0.0)  # rounding may have left a little less
    if squared:
        return distances
    is_zero = distances == 0  # there the root has no finite slope
    return ops.where(is_zero, 0.0, ops.sqrt(ops.where(is_zero, 1.0, distances)))


def _farthest(distances, wanted):
    """Return the farthest of the wanted ones of each row, (batch, 1); any if none is wanted."""
    return ops.argmax(ops.where(wanted, distances, -1.0), axis=1)[:, None]


def _pick(distances, columns):
    return ops.take_along_axis(distances, columns, axis=1)


def _mean(losses, counted):
    """Return the mean of the losses that count, 0 if none does."""
    counted = ops.cast(counted, losses.dtype)
    return ops.sum(losses * counted) / ops.maximum(ops.sum(counted), 1.0)


def _check_alpha(alpha):
    return validation.real(alpha, "alpha, the margin,", minimum=0)

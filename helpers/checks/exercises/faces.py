"""Exercises of notebook 07: the triplet loss, hard triplets, and how distances are judged."""

import numpy as np

from helpers.checks.declare import Case, exercise

NOTEBOOK = "07_face_recognition_triplet_loss"


def _embeddings(rng, number, dimensions=3):
    """Make vectors of unit length, float32 of shape (number, dimensions)."""
    vectors = rng.normal(size=(number, dimensions))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _squares(a, b):
    """Squared distances of all vectors with all others, (n, m)."""
    return ((np.asarray(a)[:, None] - np.asarray(b)) ** 2).sum(axis=2)


@exercise(
    NOTEBOOK,
    "helpers.faces.verification:all_pairs",
    returns=("distances", "same"),
)
def all_pairs(rng):
    """Embeddings (pictures, numbers), and who is in each picture."""
    yield Case("two pictures on paper", np.array([[0.0, 0], [3, 1]]), np.array([4, 4]))
    yield Case("three pictures", np.array([[0.0, 0], [0, 1], [2, 1]]), np.array([7, 7, 8]))
    yield Case("nobody twice", _embeddings(rng, 3, 2), np.array([5, 3, 4]))
    yield Case("people in no order", _embeddings(rng, 5), np.array([2, 0, 2, 1, 0]))
    yield Case("six pictures of two people", _embeddings(rng, 6, 4), np.array([0, 0, 0, 1, 1, 1]))


def _upper(table, k=1):
    return table[np.triu_indices(len(table), k=k)]


def _is_same(labels):
    return labels[:, None] == labels


@all_pairs.mistake
def root_taken(right, embeddings, labels):
    """Squared distances are asked for: do not take the root."""
    distances, same = right(embeddings, labels)
    return np.sqrt(distances), same


@all_pairs.mistake
def square_forgotten(right, embeddings, labels):
    """Differences can be negative and cancel: square them before you add them up."""
    sums = (embeddings[:, None] - embeddings).sum(axis=2)
    return _upper(sums), right(embeddings, labels)[1]


@all_pairs.mistake
def absolute_differences(right, embeddings, labels):
    """Add up the squares of the differences, not their absolute values."""
    sums = np.abs(embeddings[:, None] - embeddings).sum(axis=2)
    return _upper(sums), right(embeddings, labels)[1]


@all_pairs.mistake
def averaged_over_numbers(right, embeddings, labels):
    """A distance adds up over the numbers of an embedding; this is a mean."""
    distances, same = right(embeddings, labels)
    return distances / embeddings.shape[1], same


@all_pairs.mistake
def products_instead(right, embeddings, labels):
    """Products grow as vectors come nearer: ‖a − b‖² = ‖a‖² − 2 a·b + ‖b‖²."""
    return _upper(embeddings @ embeddings.T), right(embeddings, labels)[1]


@all_pairs.mistake
def for_length_1_alone(right, embeddings, labels):
    """2 − 2 a·b is the squared distance of vectors of length 1 alone; these have any length:
    ‖a‖² − 2 a·b + ‖b‖².
    """
    return _upper(2 - 2 * embeddings @ embeddings.T), right(embeddings, labels)[1]


@all_pairs.mistake
def all_pairs_added_up(right, embeddings, labels):
    """Each pair has a distance of its own: add up over the numbers of an embedding alone,
    `.sum(axis=-1)`.
    """
    distances, same = right(embeddings, labels)
    return distances.sum(), same


@all_pairs.mistake
def pictures_with_themselves(right, embeddings, labels):
    """No picture is paired with itself: begin one place beyond the diagonal, k=1."""
    return _upper(_squares(embeddings, embeddings), 0), _upper(_is_same(labels), 0)


@all_pairs.mistake
def each_pair_twice(right, embeddings, labels):
    """Each pair is to come once; here (a, b) and (b, a) are both there."""
    others = ~np.eye(len(labels), dtype=bool)
    return _squares(embeddings, embeddings)[others], _is_same(labels)[others]


@all_pairs.mistake
def left_as_a_table(right, embeddings, labels):
    """Not the whole table is wanted but the half above its diagonal, as one row of numbers:
    `table[np.triu_indices(len(table), k=1)]`.
    """
    return _squares(embeddings, embeddings), _is_same(labels)


@all_pairs.mistake
def below_the_diagonal(right, embeddings, labels):
    """The order is (0, 1), (0, 2), ..., (1, 2), ...: above the diagonal, row by row."""
    below = np.tril_indices(len(labels), k=-1)
    return _squares(embeddings, embeddings)[below], _is_same(labels)[below]


@all_pairs.mistake
def same_turned_around(right, embeddings, labels):
    """True is for pairs of one person, False for pairs of two."""
    distances, same = right(embeddings, labels)
    return distances, ~same


@exercise(NOTEBOOK, "helpers.faces.triplets:triplet_loss")
def triplet_loss(rng):
    """Anchors, positives and negatives, each (batch, numbers), and the margin."""
    anchor, positive, negative = np.eye(2)[:1], np.array([[0.6, 0.8]]), np.array([[0.0, 1.0]])
    yield Case("one triplet on paper", anchor, positive, negative, 1.5)
    yield Case("one that costs nothing", anchor, positive, -anchor, 0.5)
    yield Case("a positive as far as the negative", anchor, positive, positive, 0.25)
    parts = [_embeddings(rng, 6) for _ in range(3)]
    yield Case("six triplets, with the margin of the stub", *parts)
    yield Case("six triplets without a margin", *parts, 0.0)
    yield Case("two triplets of five numbers", *(_embeddings(rng, 2, 5) for _ in range(3)), 2.5)
    longer = [length * part for length, part in zip((1, 2, 1.5), parts, strict=True)]
    yield Case("embeddings that are not of length 1", *longer, 0.75)


def _two_distances(anchor, positive, negative):
    return ((anchor - positive) ** 2).sum(axis=1), ((anchor - negative) ** 2).sum(axis=1)


def _hinge(values):
    return np.maximum(values, 0).sum()


@triplet_loss.mistake
def averaged_over_the_batch(right, anchor, positive, negative, alpha=0.2):
    """The loss is a sum over the batch, not a mean."""
    return np.asarray(right(anchor, positive, negative, alpha)) / len(anchor)


@triplet_loss.mistake
def one_for_each(right, anchor, positive, negative, alpha=0.2):
    """Add up over the batch: the loss is one number."""
    near, far = _two_distances(anchor, positive, negative)
    return np.maximum(near - far + alpha, 0)


@triplet_loss.mistake
def clipped_after_the_sum(right, anchor, positive, negative, alpha=0.2):
    """Each triplet costs 0 or more: take the maximum for each one, then add up. Otherwise easy
    triplets pay for hard ones.
    """
    near, far = _two_distances(anchor, positive, negative)
    return max((near - far + alpha).sum(), 0.0)


@triplet_loss.mistake
def maximum_forgotten(right, anchor, positive, negative, alpha=0.2):
    """A triplet that is good enough costs 0, not less: take the maximum with 0."""
    near, far = _two_distances(anchor, positive, negative)
    return (near - far + alpha).sum()


@triplet_loss.mistake
def signs_turned_around(right, anchor, positive, negative, alpha=0.2):
    """The loss grows with the distance to the positive, and falls with that to the negative."""
    return right(anchor, negative, positive, alpha)


@triplet_loss.mistake
def margin_subtracted(right, anchor, positive, negative, alpha=0.2):
    """The margin is added: the negative is to be further away by alpha, and not just further."""
    near, far = _two_distances(anchor, positive, negative)
    return _hinge(near - far - alpha)


@triplet_loss.mistake
def margin_forgotten(right, anchor, positive, negative, alpha=0.2):
    """Add the margin alpha inside the maximum. Without it, equal embeddings cost nothing."""
    return right(anchor, positive, negative, 0.0)


@triplet_loss.mistake
def margin_outside(right, anchor, positive, negative, alpha=0.2):
    """The margin belongs into the maximum: a triplet that keeps it costs nothing."""
    near, far = _two_distances(anchor, positive, negative)
    return (np.maximum(near - far, 0) + alpha).sum()


@triplet_loss.mistake
def right_for_length_1_alone(right, anchor, positive, negative, alpha=0.2):
    """−2 a·p + 2 a·n is the difference of the distances for vectors of length 1 alone; lengths
    count here, ‖p‖² − ‖n‖².
    """
    products = (anchor * (negative - positive)).sum(axis=1)
    return _hinge(2 * products + alpha)


@triplet_loss.mistake
def added_up_over_everything(right, anchor, positive, negative, alpha=0.2):
    """Each triplet has its own two distances: add up over the numbers of an embedding alone,
    `axis=-1`, take the maximum, and then add up over the batch.
    """
    near, far = _two_distances(anchor, positive, negative)
    return max(near.sum() - far.sum() + alpha, 0.0)


@triplet_loss.mistake
def averaged_over_the_numbers(right, anchor, positive, negative, alpha=0.2):
    """A distance adds up over the numbers of an embedding; this is a mean."""
    near, far = _two_distances(anchor, positive, negative)
    return _hinge((near - far) / anchor.shape[1] + alpha)


@triplet_loss.mistake
def roots_taken(right, anchor, positive, negative, alpha=0.2):
    """The distances are squared ones: do not take the roots."""
    near, far = _two_distances(anchor, positive, negative)
    return _hinge(np.sqrt(near) - np.sqrt(far) + alpha)


@triplet_loss.mistake
def distance_of_positive_and_negative(right, anchor, positive, negative, alpha=0.2):
    """Both distances are measured from the anchor; positive and negative are not compared."""
    near, _ = _two_distances(anchor, positive, negative)
    return _hinge(near - ((positive - negative) ** 2).sum(axis=1) + alpha)


@exercise(NOTEBOOK, "helpers.faces.triplets:batch_hard_loss")
def batch_hard_loss(rng):
    """Embeddings (batch, numbers), labels (batch,), and the margin."""
    on_a_line = np.array([[0.0, 0], [0.5, 0], [0, 0.75], [1, 0]], np.float32)
    yield Case("two people, two pictures each", on_a_line, np.array([1, 1, 2, 2]), 0.25)
    three = np.array([[0.0], [0.5], [0.25], [2.0], [2.25]], np.float32)
    yield Case("three pictures of one, two of another", three, np.array([0, 0, 0, 1, 1]), 0.2)
    yield Case("people in no order", _embeddings(rng, 7), np.array([2, 0, 1, 0, 2, 1, 0]))
    yield Case("without a margin", _embeddings(rng, 6, 2), np.array([3, 3, 4, 4, 5, 5]), 0.0)
    yield Case("a larger batch", _embeddings(rng, 12, 4), np.repeat([5, 9, 2, 7], 3), 0.5)
    far = np.array([[0.0, 0], [5, 0], [0, 9], [9, 10]], np.float32)
    yield Case("far apart, of any length", far, np.array([0, 0, 1, 1]), 0.3)
    yield Case("all in one point", np.ones((4, 2), np.float32), np.array([0, 0, 1, 1]), 0.3)


def _compared(embeddings, labels):
    """Distances, and which are of positives and negatives; each (batch, batch)."""
    same = _is_same(labels)
    return _squares(embeddings, embeddings), same & ~np.eye(len(labels), dtype=bool), ~same


def _extreme(distances, wanted, choose, otherwise):
    return choose(np.where(wanted, distances, otherwise), axis=1)


def _farthest_and_nearest(embeddings, labels):
    distances, positive, negative = _compared(embeddings, labels)
    farthest = _extreme(distances, positive, np.max, -np.inf)
    return farthest, _extreme(distances, negative, np.min, np.inf)


@batch_hard_loss.mistake
def summed_over_anchors(right, embeddings, labels, alpha=0.2):
    """Here the loss is the mean over the anchors, so that it does not grow with the batch."""
    return np.asarray(right(embeddings, labels, alpha)) * np.float32(len(labels))


@batch_hard_loss.mistake
def nearest_positive(right, embeddings, labels, alpha=0.2):
    """The hard positive is the farthest picture of the same person, not the nearest."""
    distances, positive, negative = _compared(embeddings, labels)
    near = _extreme(distances, positive, np.min, np.inf)
    far = _extreme(distances, negative, np.min, np.inf)
    return np.maximum(near - far + alpha, 0).mean()


@batch_hard_loss.mistake
def farthest_negative(right, embeddings, labels, alpha=0.2):
    """The hard negative is the nearest picture of somebody else, not the farthest."""
    distances, positive, negative = _compared(embeddings, labels)
    near = _extreme(distances, positive, np.max, -np.inf)
    far = _extreme(distances, negative, np.max, -np.inf)
    return np.maximum(near - far + alpha, 0).mean()


@batch_hard_loss.mistake
def easiest_of_both(right, embeddings, labels, alpha=0.2):
    """These are the easiest triplets: the nearest positive and the farthest negative."""
    distances, positive, negative = _compared(embeddings, labels)
    near = _extreme(distances, positive, np.min, np.inf)
    far = _extreme(distances, negative, np.max, -np.inf)
    return np.maximum(near - far + alpha, 0).mean()


@batch_hard_loss.mistake
def negatives_among_all(right, embeddings, labels, alpha=0.2):
    """The nearest negative is never at 0 here. Every picture is 0 away from itself, and so is what
    a mask is multiplied with: take the minimum of `np.where(negative, distances, np.inf)`.
    """
    distances, positive, _ = _compared(embeddings, labels)
    return np.maximum(_extreme(distances, positive, np.max, -np.inf) + alpha, 0).mean()


@batch_hard_loss.mistake
def positives_among_all(right, embeddings, labels, alpha=0.2):
    """The farthest picture of all is mostly somebody else's: look among the same labels only."""
    distances, _, negative = _compared(embeddings, labels)
    far = _extreme(distances, negative, np.min, np.inf)
    return np.maximum(distances.max(axis=1) - far + alpha, 0).mean()


@batch_hard_loss.mistake
def one_pair_for_the_batch(right, embeddings, labels, alpha=0.2):
    """Each anchor has its own hardest positive and negative: take the extremes in each row, with
    `axis=1`, not of the whole batch.
    """
    near, far = _farthest_and_nearest(embeddings, labels)
    return max(near.max() - far.min() + alpha, 0.0)


@batch_hard_loss.mistake
def mean_over_all_triplets(right, embeddings, labels, alpha=0.2):
    """This asks all triplets. Here each anchor is asked about one alone, its hardest."""
    distances, positive, negative = _compared(embeddings, labels)
    losses = np.maximum(distances[:, :, None] - distances[:, None, :] + alpha, 0)
    return losses[positive[:, :, None] & negative[:, None, :]].mean()


@batch_hard_loss.mistake
def mean_of_those_above_zero(right, embeddings, labels, alpha=0.2):
    """The mean is over all anchors, also over those that cost nothing."""
    near, far = _farthest_and_nearest(embeddings, labels)
    losses = np.maximum(near - far + alpha, 0)
    return losses.sum() / max(np.count_nonzero(losses), 1)


@batch_hard_loss.mistake
def not_clipped(right, embeddings, labels, alpha=0.2):
    """An anchor costs 0 or more: take the maximum with 0."""
    near, far = _farthest_and_nearest(embeddings, labels)
    return (near - far + alpha).mean()


@batch_hard_loss.mistake
def without_a_margin(right, embeddings, labels, alpha=0.2):
    """Add the margin alpha."""
    return right(embeddings, labels, 0.0)


@batch_hard_loss.mistake
def no_squares(right, embeddings, labels, alpha=0.2):
    """The distances are squared ones here: do not take the roots."""
    return right(embeddings, labels, alpha, squared=False)


@exercise(NOTEBOOK, "helpers.faces.verification:true_accept_rate")
def true_accept_rate(rng):
    """Distances of pairs, which of them are of one person, and the false-accept rate allowed."""
    few = np.array([0.1, 0.4, 0.55, 0.3, 0.6, 0.5])
    same = np.array([True, True, True, False, False, False])
    yield Case("none may be accepted wrongly", few, same, 0.0)
    yield Case("one of three may", few, same, 1 / 3)
    yield Case("the nearest pair is of two people", np.array([0.4, 0.1]), same[2:4], 0.5)
    yield Case("all may", few[::-1], same, 1.0)
    yield Case("the largest distance is of one person", few[:5], np.array([1, 1, 0, 0, 1]) > 0, 1.0)
    distances, labels = rng.random(40).round(3), rng.random(40) < 0.3
    distances[labels] /= 2
    yield Case("forty pairs", distances, labels, 0.1)
    yield Case("forty pairs, half of them", distances, labels, 0.5)
    yield Case("two pairs with one distance", np.array([0.2, 0.2, 0.5]), same[2:5], 0.25)
    ties, of_one = np.array([0.1, 0.3, 0.3, 0.3, 0.5, 0.6]), np.array([1, 1, 0, 1, 1, 0]) > 0
    yield Case("three pairs with one distance", ties, of_one, 0.0)
    distances, labels = 4 * rng.random(30), rng.random(30) < 0.4
    yield Case("distances up to 4", distances, labels, 0.5)


def _rates(distances, same, threshold):
    accepted = distances <= threshold
    return accepted[~same].mean(), accepted[same].mean()


def _best(distances, same, is_allowed):
    """The largest share of the same pairs that a threshold among the distances accepts."""
    rates = [(0.0, 0.0), *(_rates(distances, same, threshold) for threshold in distances)]
    return float(max((true for false, true in rates if is_allowed(false)), default=0.0))


@true_accept_rate.mistake
def less_than_allowed(right, distances, same, false_accept_rate):
    """A rate of just what is allowed is allowed: <=, not <."""
    return _best(distances, same, lambda false: false < false_accept_rate)


@true_accept_rate.mistake
def shares_of_all_pairs(right, distances, same, false_accept_rate):
    """The false-accept rate is a share of the pairs of two people, not of all pairs."""
    return right(distances, same, min(1.0, false_accept_rate / np.mean(~same)))


@true_accept_rate.mistake
def true_share_of_all_pairs(right, distances, same, false_accept_rate):
    """The true-accept rate is a share of the pairs of one person, not of all pairs."""
    return right(distances, same, false_accept_rate) * float(np.mean(same))


@true_accept_rate.mistake
def rejects_counted(right, distances, same, false_accept_rate):
    """This is the share that is rejected; how many are accepted?"""
    return 1 - right(distances, same, false_accept_rate)


@true_accept_rate.mistake
def far_is_alike(right, distances, same, false_accept_rate):
    """A small distance means one person: accept what lies at or below the threshold."""
    return right(-distances, same, false_accept_rate)


@true_accept_rate.mistake
def same_and_different_mixed_up(right, distances, same, false_accept_rate):
    """True in `same` is for pairs of one person; these are mixed up."""
    return right(distances, ~same, false_accept_rate)


@true_accept_rate.mistake
def the_threshold_itself(right, distances, same, false_accept_rate):
    """This is a threshold; how many of the pairs of one person does it accept?"""
    thresholds = [t for t in distances if _rates(distances, same, t)[0] <= false_accept_rate]
    return float(max(thresholds, default=0.0))


@true_accept_rate.mistake
def quantile_of_all_distances(right, distances, same, false_accept_rate):
    """The threshold comes from the pairs of two people alone: they are what may be accepted
    wrongly.
    """
    number = int(false_accept_rate * len(distances))
    threshold = np.sort(distances)[number - 1] if number else -np.inf
    return float(_rates(distances, same, threshold)[1])


@true_accept_rate.mistake
def quantile_of_the_others(right, distances, same, false_accept_rate):
    """A quantile lies at a pair of two people, which is then accepted, or between two. Count: how
    many of them may be accepted, and what lies below the next one?
    """
    threshold = np.quantile(distances[~same], false_accept_rate)
    return float(_rates(distances, same, threshold)[1])


@true_accept_rate.mistake
def equal_distances_one_by_one(right, distances, same, false_accept_rate):
    """Equal distances are accepted together or not at all: a threshold cannot tell them apart."""
    order = np.argsort(distances, kind="stable")
    false, true = (np.cumsum(kind[order]) / kind.sum() for kind in (~same, same))
    return float(max(true[false <= false_accept_rate], default=0.0))


@true_accept_rate.mistake
def thresholds_from_0_to_1(right, distances, same, false_accept_rate):
    """Squared distances go up to 4, and between the steps of a row of thresholds there can be
    several pairs: try the distances themselves as thresholds.
    """
    rates = [_rates(distances, same, threshold) for threshold in np.linspace(0, 1, 101)]
    return float(max((true for false, true in rates if false <= false_accept_rate), default=0.0))


@true_accept_rate.mistake
def below_the_next_one_only(right, distances, same, false_accept_rate):
    """The threshold may lie just below the next pair of two people, not only at the last one that
    is accepted: pairs of one person in between count.
    """
    others = np.sort(distances[~same])
    number = int(false_accept_rate * len(others) + 1e-9)
    threshold = others[number - 1] if number else -np.inf
    return float(_rates(distances, same, threshold)[1])


EXERCISES = (all_pairs, triplet_loss, batch_hard_loss, true_accept_rate)

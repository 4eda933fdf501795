"""Answers to the exercises of notebook 07."""

import functools
import itertools

import numpy as np
import tensorflow as tf
from keras import ops

from answers import forms
from helpers import checks


def pairs_in_loops(vectors, people):
    distances, same = [], []
    for i in range(len(vectors)):
        for j in range(i + 1, len(vectors)):
            distances.append(sum((vectors[i] - vectors[j]) ** 2))
            same.append(people[i] == people[j])
    return np.array(distances), np.array(same)


def pairs_of_combinations(embeddings, labels):
    pairs = np.array(list(itertools.combinations(range(len(labels)), 2)))
    first, second = pairs.T
    difference = embeddings[first] - embeddings[second]
    return np.einsum("pd,pd->p", difference, difference), labels[first] == labels[second]


def pairs_by_products(embeddings, labels):
    x = embeddings.astype(float)
    squares = (x**2).sum(axis=1)
    table = squares[:, None] + squares - 2 * x @ x.T
    upper = np.triu_indices(len(x), 1)
    return [table[upper].astype("float32"), np.equal.outer(labels, labels)[upper]]


def pairs_by_mask(embeddings, labels):
    above = np.triu(np.ones((len(labels),) * 2, bool), 1)
    table = np.linalg.norm(embeddings[:, None] - embeddings, axis=-1) ** 2
    return table[above], (labels[:, None] == labels)[above]


def pairs_row_by_row(embeddings, labels):
    rows = range(len(labels) - 1)
    distances = [((embeddings[i + 1 :] - embeddings[i]) ** 2).sum(1) for i in rows]
    return np.concatenate(distances), np.concatenate([labels[i + 1 :] == labels[i] for i in rows])


def pairs_of_tensors(embeddings, labels):
    rows, columns = np.triu_indices(len(labels), k=1)
    difference = ops.take(embeddings, rows, axis=0) - ops.take(embeddings, columns, axis=0)
    return ops.sum(difference**2, axis=1), ops.equal(labels[rows], labels[columns])


def loss_in_loops(a, p, n, margin=0.2):
    total = 0.0
    for one, near, far in zip(a, p, n, strict=True):
        total += max(sum((one - near) ** 2) - sum((one - far) ** 2) + margin, 0.0)
    return total


def loss_by_einsum(anchor, positive, negative, alpha=0.2):
    def squared(x):
        return np.einsum("bd,bd->b", x, x)

    loss = squared(anchor - positive) - squared(anchor - negative) + alpha
    return loss[loss > 0].sum()


def loss_by_keras(anchor, positive, negative, alpha=0.2):
    near = ops.sum(ops.square(anchor - positive), axis=-1)
    far = ops.sum(ops.square(anchor - negative), axis=-1)
    return ops.sum(ops.relu(near - far + alpha))


def loss_by_tensorflow(anchor, positive, negative, alpha=0.2):
    near, far = (tf.math.squared_difference(anchor, x) for x in (positive, negative))
    return tf.reduce_sum(tf.maximum(tf.reduce_sum(near - far, axis=1) + alpha, 0.0))


def loss_by_norms(anchor, positive, negative, alpha=0.2):
    near, far = (np.linalg.norm(anchor - x, axis=1) ** 2 for x in (positive, negative))
    return np.array(np.clip(near - far + alpha, 0, None).sum())


def loss_by_products(anchor, positive, negative, alpha=0.2):
    difference = positive**2 - negative**2 + 2 * anchor * (negative - positive)
    return np.float32(np.maximum(difference.sum(axis=1) + alpha, 0).sum())


def loss_with_other_names(x, same_person, other_person, margin=0.2):
    return loss_by_einsum(x, same_person, other_person, margin)


def hard_in_loops(vectors, people, margin=0.2):
    losses = []
    for i, vector in enumerate(vectors):
        distances = [sum((vector - other) ** 2) for other in vectors]
        numbers = [j for j in range(len(vectors)) if j != i]
        farthest = max(distances[j] for j in numbers if people[j] == people[i])
        nearest = min(distances[j] for j in numbers if people[j] != people[i])
        losses.append(max(farthest - nearest + margin, 0))
    return sum(losses) / len(losses)


def hard_by_masks(embeddings, labels, alpha=0.2):
    distances = ((embeddings[:, None] - embeddings) ** 2).sum(axis=2)
    same = labels[:, None] == labels
    farthest = np.where(same, distances, -1).max(axis=1)  # itself is at 0 and never the farthest
    nearest = np.where(same, np.inf, distances).min(axis=1)
    return np.maximum(farthest - nearest + alpha, 0).mean()


def hard_by_initial(embeddings, labels, alpha=0.2):
    x = embeddings.astype("float64")
    squares = np.einsum("nd,nd->n", x, x)
    distances = squares[:, None] - 2 * x @ x.T + squares
    same = np.equal.outer(labels, labels)
    others = ~np.eye(len(x), dtype=bool)
    farthest = np.max(distances, axis=1, where=same & others, initial=-np.inf)
    nearest = np.min(distances, axis=1, where=~same, initial=np.inf)
    return np.float32(np.mean(np.fmax(0, farthest - nearest + alpha)))


def hard_by_keras(embeddings, labels, alpha=0.2):
    distances = ops.sum((embeddings[:, None] - embeddings[None]) ** 2, axis=-1)
    distances = ops.convert_to_tensor(distances)
    same = ops.equal(labels[:, None], labels[None])
    farthest = ops.max(ops.where(same, distances, 0.0), axis=1)
    nearest = ops.min(ops.where(same, 1e9, distances), axis=1)
    return ops.mean(ops.relu(farthest - nearest + alpha))


def hard_by_pairs(embeddings, labels, alpha=0.2):
    """With the answer to an earlier exercise."""
    distances, same = checks.all_pairs.helper(embeddings, labels)
    rows, columns = np.triu_indices(len(labels), k=1)
    farthest, nearest = np.full(len(labels), -np.inf), np.full(len(labels), np.inf)
    for ends in (rows, columns):
        np.maximum.at(farthest, ends[same], distances[same])
        np.minimum.at(nearest, ends[~same], distances[~same])
    return np.array(np.maximum(farthest - nearest + alpha, 0).mean())


def hard_by_sorting(embeddings, labels, alpha=0.2):
    losses = []
    for vector, label in zip(embeddings, labels, strict=True):
        squared = np.linalg.norm(embeddings - vector, axis=1) ** 2
        near, far = np.sort(squared[labels == label]), np.sort(squared[labels != label])
        losses.append(near[-1] - far[0] + alpha)
    return np.clip(losses, 0, None).mean()


def rate_of_thresholds(distances, same, false_accept_rate):
    best = 0.0
    for threshold in distances:
        accepted = distances <= threshold
        if np.mean(accepted[~same]) <= false_accept_rate:
            best = max(best, np.mean(accepted[same]))
    return best


def rate_below_the_next(distances, same, false_accept_rate):
    """As many of the others as may are accepted, and everything nearer than the next one."""
    others = np.sort(distances[~same])
    number = int(np.floor(false_accept_rate * len(others) + 1e-9))
    limit = others[number] if number < len(others) else np.inf
    return np.mean(distances[same] < limit)


def rate_of_counts(d, is_same, allowed):
    accepted = d[None, :] <= np.append(d, -1.0)[:, None]
    false = (accepted & ~is_same).sum(1) / np.sum(~is_same)
    true = (accepted & is_same).sum(1) / np.sum(is_same)
    return np.array(true[false <= allowed].max())


def rate_of_sorted(distances, same, false_accept_rate):
    order = np.argsort(distances)
    sorted_distances, kinds = distances[order], same[order]
    last = np.append(np.diff(sorted_distances) > 0, True)  # of equal distances
    false = np.cumsum(~kinds)[last] / np.count_nonzero(~kinds)
    true = np.cumsum(kinds)[last] / np.count_nonzero(kinds)
    return np.float32(true[false <= false_accept_rate].max(initial=0.0))


def rate_by_searching(distances, same, false_accept_rate):
    of_one, of_two = np.sort(distances[same]), np.sort(distances[~same])
    thresholds = np.unique(distances)
    false = np.searchsorted(of_two, thresholds, side="right") / len(of_two)
    true = np.searchsorted(of_one, thresholds, side="right") / len(of_one)
    return float(np.where(false <= false_accept_rate, true, 0).max())


def rate_of_tensors(distances, same, false_accept_rate):
    return ops.convert_to_tensor(rate_by_searching(distances, same, false_accept_rate))


def rate_in_plain_python(distances, same, false_accept_rate):
    pairs = list(zip(distances.tolist(), same.tolist(), strict=True))
    of_one = [distance for distance, is_one in pairs if is_one]
    of_two = [distance for distance, is_one in pairs if not is_one]
    rates = [0]
    for limit in sorted(set(of_one)):
        if sum(distance <= limit for distance in of_two) / len(of_two) <= false_accept_rate:
            rates.append(sum(distance <= limit for distance in of_one) / len(of_one))
    return max(rates)


RIGHT = {
    "all_pairs": [
        pairs_in_loops,
        pairs_of_combinations,
        pairs_by_products,
        pairs_by_mask,
        pairs_row_by_row,
        pairs_of_tensors,
        lambda x, who: tuple(part.astype(part.dtype) for part in pairs_by_mask(x, who)),
    ],
    "triplet_loss": [
        loss_in_loops,
        loss_by_einsum,
        loss_by_keras,
        loss_by_tensorflow,
        loss_by_norms,
        loss_by_products,
        loss_with_other_names,
    ],
    "batch_hard_loss": [
        hard_in_loops,
        hard_by_masks,
        hard_by_initial,
        hard_by_keras,
        hard_by_pairs,
        hard_by_sorting,
    ],
    "true_accept_rate": [
        rate_of_thresholds,
        rate_below_the_next,
        rate_of_counts,
        rate_of_sorted,
        rate_by_searching,
        rate_of_tensors,
        rate_in_plain_python,
    ],
}


def squared(a, b):
    return ((a - b) ** 2).sum(axis=1)


def hinge(values):
    return np.maximum(values, 0).sum()


def margin_left_at(alpha):
    return lambda a, p, n, margin=0.2: hinge(squared(a, p) - squared(a, n) + alpha)


def another_default(anchor, positive, negative, alpha=0.5):
    return loss_by_einsum(anchor, positive, negative, alpha)


def hard(embeddings, labels, alpha=0.2, *, far=np.max, near=np.min, keep=np.mean, root=False):
    distances = ((embeddings[:, None] - embeddings) ** 2).sum(axis=2)
    distances = np.sqrt(distances) if root else distances
    same, self_ = labels[:, None] == labels, np.eye(len(labels), dtype=bool)
    losses = []
    for row, (is_same, is_self) in enumerate(zip(same, self_, strict=True)):
        of_one, of_two = distances[row][is_same & ~is_self], distances[row][~is_same]
        losses.append(far(of_one) - near(of_two) + alpha)
    return keep(np.maximum(losses, 0))


def unclipped(embeddings, labels, alpha=0.2):
    return np.mean(hard(embeddings, labels, alpha + 100, keep=np.asarray) - 100)


def masked_by_multiplying(embeddings, labels, alpha=0.2):
    distances = ((embeddings[:, None] - embeddings) ** 2).sum(axis=2)
    same = labels[:, None] == labels
    return np.maximum((distances * same).max(1) - (distances * ~same).min(1) + alpha, 0).mean()


def over_all_pairs(distances, same, false_accept_rate):
    limit = np.sort(distances)[int(false_accept_rate * (len(distances) - 1))]
    return np.mean(distances[same] <= limit)


def quantile(distances, same, false_accept_rate):
    return np.mean(distances[same] <= np.quantile(distances[~same], false_accept_rate))


def strictly(distances, same, false_accept_rate):
    rates = [0.0]
    for limit in distances:
        if np.mean(distances[~same] <= limit) < false_accept_rate:
            rates.append(np.mean(distances[same] <= limit))
    return max(rates)


def on_a_grid(distances, same, false_accept_rate):
    limits = np.linspace(0, 1, 101)
    rates = [0.0]
    for limit in limits:
        if np.mean(distances[~same] <= limit) <= false_accept_rate:
            rates.append(np.mean(distances[same] <= limit))
    return max(rates)


WRONG = {
    "all_pairs": [
        (
            lambda x, who: (np.sqrt(pairs_by_mask(x, who)[0]), pairs_by_mask(x, who)[1]),
            "root_taken",
        ),
        (
            lambda x, who: (pairs_by_mask(x, who)[0], ~pairs_by_mask(x, who)[1]),
            "same_turned_around",
        ),
        (lambda x, who: pairs_by_mask(x, who)[::-1], None),
        (lambda x, who: pairs_by_mask(x, who)[0], None),
        (lambda x, who: (((x[:, None] - x) ** 2).sum(2), who[:, None] == who), "left_as_a_table"),
        (lambda x, who: tuple(2 * part for part in pairs_by_mask(x, who)), None),
        (lambda x, who: (pairs_by_mask(x, who)[0], pairs_by_mask(x, who)[1].astype(int)), None),
        (lambda x, who: (squared(x[1:], x[:-1]), who[1:] == who[:-1]), None),
        (lambda x, who: pairs_by_mask(x[::-1], who[::-1]), None),
        (
            lambda x, who: pairs_by_mask(x / np.linalg.norm(x, axis=1, keepdims=True), who),
            forms.NOT_FINITE,
        ),
        (lambda x, who: (pairs_by_mask(x, who)[0], pairs_by_mask(x, who)[0] == 0), None),
        (
            lambda x, who: (pairs_by_mask(x, who)[0] / x.shape[1], pairs_by_mask(x, who)[1]),
            "averaged_over_numbers",
        ),
        (lambda x, who: tuple(map(list, pairs_by_mask(x, who))), None),
    ],
    "triplet_loss": [
        (
            lambda a, p, n, m=0.2: hinge(squared(a, p) - squared(a, n) + m) / len(a),
            "averaged_over_the_batch",
        ),
        (
            lambda a, p, n, m=0.2: max((squared(a, p) - squared(a, n) + m).sum(), 0),
            "clipped_after_the_sum",
        ),
        (lambda a, p, n, m=0.2: (squared(a, p) - squared(a, n) + m).sum(), "maximum_forgotten"),
        (lambda a, p, n, m=0.2: hinge(squared(a, n) - squared(a, p) + m), "signs_turned_around"),
        (lambda a, p, n, m=0.2: hinge(squared(a, p) - squared(a, n) - m), "margin_subtracted"),
        (lambda a, p, n, m=0.2: hinge(squared(a, p) - squared(a, n)) + m, None),
        (
            lambda a, p, n, m=0.2: hinge(squared(a, p) ** 0.5 - squared(a, n) ** 0.5 + m),
            "roots_taken",
        ),
        (lambda a, p, n, m=0.2: np.maximum(squared(a, p) - squared(a, n) + m, 0), "one_for_each"),
        (
            lambda a, p, n, m=0.2: hinge(squared(a, p) - squared(p, n) + m),
            "distance_of_positive_and_negative",
        ),
        (margin_left_at(0), "margin_forgotten"),
        (margin_left_at(0.2), None),
        (another_default, None),
        (lambda a, p, n, m=0.2: hinge(squared(a, p) + squared(a, n) + m), None),
        (lambda a, p, n, m=0.2: np.minimum(squared(a, p) - squared(a, n) + m, 0).sum(), None),
        (
            lambda a, p, n, m=0.2: hinge(((a - p) ** 2).sum() - ((a - n) ** 2).sum() + m),
            "added_up_over_everything",
        ),
    ],
    "batch_hard_loss": [
        (functools.partial(hard, far=np.min), "nearest_positive"),
        (functools.partial(hard, near=np.max), "farthest_negative"),
        (functools.partial(hard, far=np.min, near=np.max), "easiest_of_both"),
        (functools.partial(hard, far=np.mean, near=np.mean), None),
        (functools.partial(hard, keep=np.sum), "summed_over_anchors"),
        (functools.partial(hard, keep=np.max), None),
        (functools.partial(hard, keep=np.asarray), None),
        (functools.partial(hard, root=True), "no_squares"),
        (unclipped, "not_clipped"),
        (masked_by_multiplying, "negatives_among_all"),
        (lambda x, who, m=0.2: hard(x, who, 0), "without_a_margin"),
        (lambda x, who, m=0.2: hard(x, who, 0.2), None),
        (lambda x, who, m=0.2: hard(x, who, -m), None),
        (lambda x, who, m=0.5: hard(x, who, m), None),
    ],
    "true_accept_rate": [
        (quantile, "quantile_of_the_others"),
        (strictly, "less_than_allowed"),
        (on_a_grid, "thresholds_from_0_to_1"),
        (over_all_pairs, None),
        (lambda d, s, rate: 1 - rate_by_searching(d, s, rate), "rejects_counted"),
        (lambda d, s, rate: rate_by_searching(-d, s, rate), "far_is_alike"),
        (lambda d, s, rate: rate_by_searching(d, ~s, rate), "same_and_different_mixed_up"),
        (lambda d, s, rate: np.mean(d[s] <= rate), None),
        (lambda d, s, rate: rate_by_searching(d, s, rate) * 100, None),
        (lambda d, s, rate: rate_by_searching(d, s, rate) * s.mean(), "true_share_of_all_pairs"),
        (lambda d, s, rate: np.sum(d[s] < d[~s].min()), None),
        (lambda d, s, rate: np.mean(d[s] < d[~s].min()), None),
        (lambda d, s, rate: s, None),
    ],
}

test_right_answers_pass = forms.right_answers(RIGHT)
test_wrong_answers_get_no_false_hint = forms.wrong_answers(WRONG)

"""Tests of the triplet losses: against a slow loop over all triplets, and with their gradients."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from helpers.faces import triplets

LOSSES = {
    "all": triplets.all_triplets_loss,
    "batch-hard": triplets.batch_hard_loss,
    "semi-hard": triplets.semi_hard_loss,
}


def unit_vectors(rng, *shape):
    vectors = rng.normal(size=shape)
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype("float32")


def random_batch(rng, number=14, people=4, spread=0.7):
    labels = rng.integers(people, size=number)
    middles = unit_vectors(rng, people, 5)
    vectors = middles[labels] + spread * unit_vectors(rng, number, 5)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), labels


def slow_distance(first, second, squared):
    distance = sum((float(a) - float(b)) ** 2 for a, b in zip(first, second, strict=True))
    return distance if squared else distance**0.5


def slow_triplets(embeddings, labels, squared):
    """Yield anchor, positive, negative and the two distances of each triplet."""
    numbers = range(len(labels))
    for a, p, n in itertools.product(numbers, numbers, numbers):
        if a != p and labels[a] == labels[p] and labels[a] != labels[n]:
            to_positive = slow_distance(embeddings[a], embeddings[p], squared)
            yield a, p, n, to_positive, slow_distance(embeddings[a], embeddings[n], squared)


def slow_loss(mining, embeddings, labels, alpha, squared=True):
    by_anchor, by_pair, losses = {}, {}, []
    for a, p, _, to_positive, to_negative in slow_triplets(embeddings, labels, squared):
        losses.append(max(to_positive - to_negative + alpha, 0))
        by_anchor.setdefault(a, []).append((to_positive, to_negative))
        by_pair.setdefault((a, p), (to_positive, []))[1].append(to_negative)
    if mining == "all":
        losses = [loss for loss in losses if loss > 0]
    elif mining == "batch-hard":
        extremes = [tuple(zip(*pairs, strict=True)) for pairs in by_anchor.values()]
        losses = [max(max(near) - min(far) + alpha, 0) for near, far in extremes]
    else:
        losses = []
        for to_positive, to_negatives in by_pair.values():
            beyond = [distance for distance in to_negatives if distance > to_positive]
            chosen = min(beyond) if beyond else max(to_negatives)
            losses.append(max(to_positive - chosen + alpha, 0))
    return np.mean(losses) if losses else 0.0


def test_triplet_loss_sums_what_is_counted_on_paper():
    anchor = [[1.0, 0.0], [1.0, 0.0]]
    positive = [[0.6, 0.8], [1.0, 0.0]]  # squared distances 0.8 and 0
    negative = [[0.0, 1.0], [-1.0, 0.0]]  # 2 and 4
    # max(0.8 - 2 + 1.5, 0) + max(0 - 4 + 1.5, 0)
    assert float(triplets.triplet_loss(anchor, positive, negative, alpha=1.5)) == pytest.approx(0.3)
    assert float(triplets.triplet_loss(anchor, negative, positive)) == pytest.approx(
        2 - 0.8 + 0.2 + 4 + 0.2
    )


def test_whole_numbers_and_several_types_are_taken_as_one_float_type(rng):
    vectors = rng.integers(0, 9, (3, 6, 4))
    wanted = float(triplets.triplet_loss(*vectors.astype("float64"), 2.0))
    for types in (["uint8"] * 3, ["float32", "float64", "int64"], ["float32", "float32", "int8"]):
        parts = [part.astype(dtype) for part, dtype in zip(vectors, types, strict=True)]
        assert float(triplets.triplet_loss(*parts, 2.0)) == pytest.approx(wanted)
    assert float(triplets.triplet_loss([[1, 0]], [[1.0, 0]], [[0, 1]], 2.5)) == 0.5
    labels = [0, 0, 1, 1, 2, 2]
    for loss in LOSSES.values():
        whole, decimal = (float(loss(vectors[0].astype(t), labels)) for t in ("uint8", "float32"))
        assert whole == pytest.approx(decimal)


@pytest.mark.parametrize("mining", LOSSES)
def test_a_batch_of_nothing_is_refused(mining):
    with pytest.raises(ValueError, match=r"at least one, .* got \(0, 3\) and 0 labels"):
        LOSSES[mining](np.zeros((0, 3), "float32"), [])


def test_equal_embeddings_cost_the_margin_whatever_the_mining():
    embeddings, labels = np.ones((6, 4), "float32") / 2, [0, 0, 0, 1, 1, 1]
    for loss in LOSSES.values():
        assert float(loss(embeddings, labels, 0.3)) == pytest.approx(0.3)
        assert float(loss(embeddings, labels, 0.3, squared=False)) == pytest.approx(0.3)


@pytest.mark.parametrize("mining", LOSSES)
@pytest.mark.parametrize("alpha", [0, 0.2, 1.0])
@pytest.mark.parametrize("squared", [True, False], ids=["squared", "roots"])
def test_mining_agrees_with_a_slow_loop(rng, mining, alpha, squared):
    for spread in (0.2, 0.7, 3.0):
        embeddings, labels = random_batch(rng, spread=spread)
        wanted = slow_loss(mining, embeddings, labels, alpha, squared)
        result = LOSSES[mining](embeddings, labels, alpha, squared=squared)
        assert float(result) == pytest.approx(wanted, abs=2e-5)


@pytest.mark.parametrize("mining", LOSSES)
def test_a_batch_without_triplets_costs_nothing(rng, mining):
    embeddings = unit_vectors(rng, 4, 3)
    for labels in ([0, 0, 0, 0], [0, 1, 2, 3]):
        assert float(LOSSES[mining](embeddings, labels)) == 0
    # Nobody else than person 1 has a positive.
    labels = [1, 1, 2, 3]
    result = float(LOSSES[mining](embeddings, labels, 2.0))
    assert result == pytest.approx(slow_loss(mining, embeddings, labels, 2.0), abs=1e-5)


def gradient(loss, embeddings, labels, **settings):
    import tensorflow as tf

    given = tf.Variable(embeddings)
    with tf.GradientTape() as tape:
        result = loss(given, labels, 0.5, **settings)
    return tape.gradient(result, given).numpy()


@pytest.mark.parametrize("mining", LOSSES)
@pytest.mark.parametrize("squared", [True, False], ids=["squared", "roots"])
def test_gradients_agree_with_small_steps_in_the_slow_loop(rng, mining, squared):
    embeddings, labels = random_batch(rng, number=7, people=2)
    found = gradient(LOSSES[mining], embeddings, labels, squared=squared)
    step = 1e-5
    for place in np.ndindex(3, 2):
        sides = []
        for sign in (1, -1):
            moved = embeddings.astype(float)
            moved[place] += sign * step
            sides.append(slow_loss(mining, moved, labels, 0.5, squared))
        assert found[place] == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=2e-3)


@pytest.mark.parametrize("mining", LOSSES)
@pytest.mark.parametrize("squared", [True, False], ids=["squared", "roots"])
def test_gradients_are_finite_where_distances_are_zero(rng, mining, squared):
    embeddings, labels = unit_vectors(rng, 6, 4), np.array([0, 0, 1, 1, 2, 3])
    embeddings[1] = embeddings[0]
    embeddings[4] = embeddings[2]
    for batch in (embeddings, np.ones_like(embeddings) / 2):
        assert np.isfinite(gradient(LOSSES[mining], batch, labels, squared=squared)).all()


@pytest.mark.parametrize("mining", LOSSES)
def test_fit_lowers_the_loss_and_leaves_more_triplets_easy(rng, mining):
    keras.utils.set_random_seed(3)
    labels = np.repeat(np.arange(4), 4)
    pictures = np.eye(6, dtype="float32")[labels] + 0.3 * unit_vectors(rng, 16, 6)
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(3), keras.layers.UnitNormalization()]
    )
    model.compile(keras.optimizers.Adam(0.05), triplets.TripletLoss(mining, alpha=0.5))
    before = ops.convert_to_numpy(model(pictures))
    losses = model.fit(pictures, labels, batch_size=16, epochs=8, verbose=0).history["loss"]
    assert losses[0] == pytest.approx(slow_loss(mining, before, labels, 0.5), abs=1e-4)
    assert losses[-1] < losses[0]
    easy = [triplets.count_triplets(e, labels, 0.5).easy for e in (before, model(pictures))]
    assert easy[1] > easy[0]


def test_loss_object_is_the_function_and_can_be_made_again(rng):
    embeddings, labels = random_batch(rng)
    loss = triplets.TripletLoss("batch-hard", alpha=0.4, squared=False)
    again = triplets.TripletLoss.from_config(loss.get_config())
    wanted = triplets.batch_hard_loss(embeddings, labels, 0.4, squared=False)
    for each in (loss, again):
        assert float(each(labels[:, None], embeddings)) == pytest.approx(float(wanted), abs=1e-6)


def test_counting_agrees_with_a_slow_loop(rng):
    for alpha in (0, 0.3, 1.0):
        embeddings, labels = random_batch(rng)
        kinds = [
            "hard" if far <= near else "semi_hard" if far < near + alpha else "easy"
            for _, _, _, near, far in slow_triplets(embeddings, labels, True)
        ]
        wanted = [kinds.count(kind) for kind in triplets.TripletCounts._fields]
        assert list(triplets.count_triplets(embeddings, labels, alpha)) == wanted


def test_equal_distances_are_hard_also_without_a_margin():
    counts = triplets.count_triplets(np.ones((4, 2)), [0, 0, 1, 1], alpha=0)
    assert counts == (0, 0, 8)


def test_what_does_not_belong_together_is_refused(rng):
    three, four = unit_vectors(rng, 3, 2), unit_vectors(rng, 4, 2)
    with pytest.raises(ValueError, match=r"one shape .* \(3, 2\), \(3, 2\), \(4, 2\)"):
        triplets.triplet_loss(three, three, four)
    with pytest.raises(ValueError, match=r"got \(4, 2\) and 3 labels"):
        triplets.semi_hard_loss(four, [0, 0, 1])
    with pytest.raises(ValueError, match=r"got \(3,\)"):
        triplets.batch_hard_loss(three[:, 0], [0, 0, 1])
    with pytest.raises(ValueError, match=r"alpha, .* at least 0, got -1"):
        triplets.TripletLoss(alpha=-1)
    with pytest.raises(ValueError, match=r"'semi-hard', 'batch-hard', 'all'.* got 'hardest'"):
        triplets.TripletLoss("hardest")
    assert ops.shape(triplets.triplet_loss(three, three, three)) == ()

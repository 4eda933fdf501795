"""Tests of what distances are worth: small cases on paper, and slow counts on random ones."""

import itertools

import numpy as np
import pytest
from scipy import stats

from helpers.faces import verification

# From the nearest: same, same, different, same, different, different.
DISTANCES = [0.1, 0.2, 0.3, 0.5, 0.9, 1.0]
SAME = [True, True, False, True, False, False]


def random_pairs(rng, number=60, digits=None):
    same = rng.random(number) < 0.4
    same[:2] = True, False
    distances = rng.gamma(2, np.where(same, 0.2, 0.5))
    return (distances if digits is None else distances.round(digits)), same


def rates(distances, same, threshold):
    """Count, pair by pair."""
    pairs = list(zip(distances, same, strict=True))
    false_accepts = sum(distance <= threshold for distance, is_same in pairs if not is_same)
    true_accepts = sum(distance <= threshold for distance, is_same in pairs if is_same)
    return false_accepts / (len(pairs) - sum(same)), true_accepts / sum(same)


def test_the_roc_of_six_pairs_is_the_one_on_paper():
    curve = verification.roc(DISTANCES, SAME)
    np.testing.assert_array_equal(curve.thresholds, [-np.inf, *DISTANCES])
    np.testing.assert_allclose(curve.false_accept_rates * 3, [0, 0, 0, 1, 1, 2, 3])
    np.testing.assert_allclose(curve.true_accept_rates * 3, [0, 1, 2, 2, 3, 3, 3])
    assert verification.area_under_roc(DISTANCES, SAME) == pytest.approx(8 / 9)
    assert verification.equal_error_rate(DISTANCES, SAME) == pytest.approx(1 / 3)


def test_perfect_and_meaningless_distances_have_the_areas_of_textbooks():
    same = [True, True, False]
    assert verification.area_under_roc([0, 1, 2], same) == 1
    assert verification.equal_error_rate([0, 1, 2], same) == 0
    assert verification.area_under_roc([2, 1, 0], same) == 0
    assert verification.equal_error_rate([2, 1, 0], same) == 1
    assert verification.area_under_roc([1, 1, 1], same) == 0.5
    assert verification.equal_error_rate([1, 1, 1], same) == 0.5


@pytest.mark.parametrize("digits", [None, 1], ids=["all different", "with ties"])
def test_rates_and_area_agree_with_slow_counts(rng, digits):
    distances, same = random_pairs(rng, digits=digits)
    curve = verification.roc(distances, same)
    assert len(curve.thresholds) == len(set(distances)) + 1
    for threshold, *both in zip(*curve, strict=True):
        assert tuple(both) == pytest.approx(rates(distances, same, threshold))
    wins = [
        (near < far) + (near == far) / 2
        for near, far in itertools.product(distances[same], distances[~same])
    ]
    area = verification.area_under_roc(distances, same)
    assert area == pytest.approx(np.mean(wins))
    ranks = stats.mannwhitneyu(distances[~same], distances[same])
    assert area == pytest.approx(ranks.statistic / len(wins))
    shuffled = rng.permutation(len(same))
    again = verification.area_under_roc(np.sqrt(distances)[shuffled], same[shuffled])
    assert again == pytest.approx(area)  # only the order counts


def test_the_roc_agrees_with_scikit_learn(rng):
    metrics = pytest.importorskip("sklearn.metrics")
    distances, same = random_pairs(rng, digits=1)
    theirs = metrics.roc_curve(same, -distances, drop_intermediate=False)
    curve = verification.roc(distances, same)
    np.testing.assert_allclose(curve.false_accept_rates, theirs[0])
    np.testing.assert_allclose(curve.true_accept_rates, theirs[1])
    np.testing.assert_allclose(curve.thresholds, -theirs[2])
    area = metrics.roc_auc_score(same, -distances)
    assert verification.area_under_roc(distances, same) == pytest.approx(area)


@pytest.mark.parametrize("wanted", [0, 0.05, 0.3, 1])
def test_true_accept_rate_and_threshold_keep_the_false_accept_rate(rng, wanted):
    distances, same = random_pairs(rng, digits=2)
    allowed = [
        rates(distances, same, threshold)
        for threshold in [-1, *distances]
        if rates(distances, same, threshold)[0] <= wanted
    ]
    best = max(true_rate for _, true_rate in allowed)
    assert verification.true_accept_rate(distances, same, wanted) == pytest.approx(best)
    threshold = verification.calibrate(distances, same, false_accept_rate=wanted)
    false_rate, true_rate = rates(distances, same, threshold)
    assert false_rate <= wanted
    assert true_rate == pytest.approx(best)


def test_a_rate_that_only_rejecting_everything_keeps_rejects_everything():
    threshold = verification.calibrate([0.2, 0.1], [True, False], false_accept_rate=0)
    assert threshold < 0.1


def test_distances_that_rounding_put_above_4_give_a_threshold_that_a_database_takes():
    distances = [0.5, 4.000000000000001]
    assert verification.calibrate(distances, [True, False], false_accept_rate=1) == 4
    # Between vectors of any length there are larger ones.
    assert verification.calibrate([0.5, 4.5], [True, False], false_accept_rate=1) == 4.5


def test_a_rate_that_no_threshold_from_0_on_keeps_is_called_so():
    distances, same = [0.0, 0.0, 0.0, 0.2, 0.3], [True, False, False, True, False]
    message = r"0 on keeps a false-accept rate of 0\.5: of 3 pairs of two people, 2 have distance 0"
    with pytest.raises(ValueError, match=message):
        verification.calibrate(distances, same, false_accept_rate=0.5)
    assert verification.calibrate(distances, same, false_accept_rate=0.7) == 0.25
    with pytest.raises(ValueError, match="better than to reject every pair: of 1 pairs of two"):
        verification.calibrate([0.0, 0.1], [False, True])
    # Where distances can be negative, thresholds can.
    assert verification.calibrate([-0.5, 0.1], [False, True], false_accept_rate=0) < -0.5


@pytest.mark.parametrize(
    ("same", "got"),
    [
        ([1, 2, 0], "2"),
        ([1, 0, -1], "-1"),
        ([1.0, 0.0, 0.5], "0.5"),
        ([1.0, 0.0, np.nan], "nan"),
        (["yes", "no", "no"], "<U3"),
        ([True, False, None], "object"),
    ],
)
def test_answers_other_than_yes_and_no_are_refused(same, got):
    for function in (verification.roc, verification.calibrate, verification.equal_error_rate):
        with pytest.raises(ValueError, match=f"True and False, or 1 and 0, got {got}"):
            function([0.1, 0.2, 0.3], same)


@pytest.mark.parametrize("dtype", [bool, int, "uint8", "float32"])
def test_answers_may_be_numbers(dtype):
    curve = verification.roc(DISTANCES, np.array(SAME, dtype))
    np.testing.assert_array_equal(curve, verification.roc(DISTANCES, SAME))


def test_calibration_finds_the_lowest_total_error(rng):
    for digits in (None, 1):
        distances, same = random_pairs(rng, digits=digits)

        def total(threshold, distances=distances, same=same):
            false_rate, true_rate = rates(distances, same, threshold)
            return false_rate + 1 - true_rate

        threshold = verification.calibrate(distances, same)
        assert total(threshold) == pytest.approx(min(map(total, [-1, *distances])))
        assert threshold not in distances  # halfway between two


def test_calibration_weighs_both_kinds_of_pairs_alike(rng):
    distances, same = random_pairs(rng)
    many = np.concatenate([distances, *[distances[~same]] * 7])
    more_different = np.concatenate([same, np.zeros(len(many) - len(same), bool)])
    assert verification.calibrate(many, more_different) == verification.calibrate(distances, same)


def test_neighbouring_floats_leave_no_room_between_them():
    low = 0.3
    high = np.nextafter(low, 1)
    assert verification.calibrate([low, high], [True, False]) == low
    assert (
        verification.calibrate([low, high, low], [True, True, False], false_accept_rate=1) == high
    )


def test_lfw_protocol_chooses_each_threshold_on_the_other_folds(rng):
    distances, same = random_pairs(rng, number=50)
    result = verification.lfw_protocol(distances, same)
    for fold in range(10):
        mine = np.arange(50) // 5 == fold
        others = list(zip(distances[~mine], same[~mine], strict=True))
        rights = [sum((d <= t) == s for d, s in others) for t in [-1, *distances[~mine]]]
        chosen = result.thresholds[fold]
        assert sum((d <= chosen) == s for d, s in others) == max(rights)
        assert result.accuracies[fold] == np.mean((distances[mine] <= chosen) == same[mine])
    assert result.accuracy == pytest.approx(result.accuracies.mean())
    assert result.standard_error == pytest.approx(stats.sem(result.accuracies))
    named = verification.lfw_protocol(distances, same, folds=np.arange(50) // 5)
    np.testing.assert_array_equal(named.thresholds, result.thresholds)


def test_pairs_of_pictures_are_measured_as_in_a_slow_loop(rng):
    embeddings, labels = rng.normal(size=(7, 4)), np.array([1, 2, 1, 3, 2, 1, 9])
    distances, same = verification.all_pairs(embeddings, labels)
    pairs = list(itertools.combinations(range(7), 2))
    assert len(distances) == len(pairs)
    for (i, j), distance, is_same in zip(pairs, distances, same, strict=True):
        assert distance == pytest.approx(np.linalg.norm(embeddings[i] - embeddings[j]) ** 2)
        assert is_same == (labels[i] == labels[j])
    first, second = np.transpose(pairs)
    np.testing.assert_allclose(
        verification.pair_distances(embeddings[first], embeddings[second]), distances
    )


def test_what_is_no_pairs_is_refused():
    with pytest.raises(ValueError, match=r"shapes \(6,\) and \(5,\)"):
        verification.roc(DISTANCES, SAME[:-1])
    with pytest.raises(ValueError, match="finite distances, got nan"):
        verification.calibrate([0.1, np.nan], [True, False])
    for same, message in (([True, True], "2 and 0"), ([False, False], "0 and 2")):
        with pytest.raises(ValueError, match=f"one person and pairs of two, got {message}"):
            verification.area_under_roc([0.1, 0.2], same)
    with pytest.raises(ValueError, match="from 0 to 1, got 2"):
        verification.true_accept_rate(DISTANCES, SAME, 2)
    for folds in (1, 7, [0, 0, 0, 0, 0, 0], [0, 1]):
        with pytest.raises(ValueError, match="fold"):
            verification.lfw_protocol(DISTANCES, SAME, folds)
    with pytest.raises(ValueError, match=r"expected 2 labels, got shape \(3,\)"):
        verification.all_pairs([[0, 1], [2, 3]], [1, 2, 3])
    with pytest.raises(ValueError, match="NaN"):
        verification.pair_distances([[0, np.nan]], [[0, 1]])
    with pytest.raises(ValueError, match=r"got \(1, 2\) and \(1, 3\)"):
        verification.pair_distances([[0, 1]], [[0, 1, 2]])

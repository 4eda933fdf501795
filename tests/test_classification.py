import keras
import numpy as np
import pytest

from helpers.classification import confusion_counts, cross_entropy, softmax


def test_a_score_that_is_ln_2_larger_is_twice_as_likely():
    np.testing.assert_allclose(
        softmax([[np.log(2), 0], [5, 5 + np.log(3)]]), [[2 / 3, 1 / 3], [0.25, 0.75]]
    )


def test_softmax_agrees_with_keras_and_forgets_a_constant(rng):
    scores = rng.normal(0, 4, (2, 3, 5))
    theirs = keras.ops.convert_to_numpy(keras.ops.softmax(scores.astype("float32")))
    np.testing.assert_allclose(softmax(scores), theirs, atol=1e-6)
    np.testing.assert_allclose(softmax(scores + 1e4), softmax(scores), atol=1e-9)


def test_the_loss_of_no_idea_is_the_logarithm_of_the_number_of_classes():
    assert cross_entropy(np.full((3, 10), 0.1), [0, 9, 4]) == pytest.approx(np.log(10))


def test_the_loss_agrees_with_keras(rng):
    probabilities, labels = rng.dirichlet(np.ones(4), 7), rng.integers(0, 4, 7)
    probabilities[0], labels[0] = [0, 1, 0, 0], 2  # sure, and wrong
    theirs = keras.losses.SparseCategoricalCrossentropy()(labels, probabilities.astype("float32"))
    assert cross_entropy(probabilities, labels) == pytest.approx(float(theirs), rel=1e-5)


def test_confusion_counts_agree_with_counting_one_by_one(rng):
    labels, predicted = rng.integers(0, 4, (2, 60))
    counts = confusion_counts(labels, predicted, 5)
    assert counts.sum() == 60
    for true, answer in np.ndindex(counts.shape):
        assert counts[true, answer] == np.sum((labels == true) & (predicted == answer))


def test_scores_that_are_none_are_refused():
    with pytest.raises(ValueError, match=r"finite scores \(\.\.\., classes\), got"):
        softmax(np.array([0, np.nan]))
    with pytest.raises(ValueError, match="finite scores"):
        softmax(5)


def test_labels_that_are_none_are_refused():
    even = np.full((2, 3), 1 / 3)
    with pytest.raises(ValueError, match=r"expected labels in 0\.\.2, got \[0 3\]"):
        cross_entropy(even, [0, 3])
    with pytest.raises(ValueError, match="expected 2 labels as whole numbers"):
        cross_entropy(even, [0])
    with pytest.raises(ValueError, match="expected 2 labels as whole numbers"):
        cross_entropy(even, [0.0, 1.0])
    with pytest.raises(ValueError, match="expected 2 answers"):
        confusion_counts([0, 1], [0], 2)


def test_scores_in_place_of_probabilities_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        cross_entropy([[2.0, -1.0]], [0])
    with pytest.raises(
        ValueError, match=r"expected probabilities \(pictures, classes\), got \(2,\)"
    ):
        cross_entropy([0.5, 0.5], [0])

import numpy as np
import pytest

from helpers.neighbours import same_class_neighbours


def test_two_pairs_on_a_line():
    line = [[0.0], [1.0], [10.0], [12.0]]
    assert same_class_neighbours(line, [0, 0, 1, 1]) == 1
    assert same_class_neighbours(line, [0, 1, 0, 1]) == 0
    assert same_class_neighbours(line, [0, 0, 1, 2]) == 0.5


def test_it_agrees_with_two_loops():
    rng = np.random.default_rng(5)
    values, labels = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    hits = 0
    for one in range(30):
        others = [other for other in range(30) if other != one]
        nearest = min(others, key=lambda other: np.linalg.norm(values[one] - values[other]))
        hits += labels[nearest] == labels[one]
    assert same_class_neighbours(values, labels) == pytest.approx(hits / 30)


@pytest.mark.parametrize(("values", "labels"), [((1, 3), 1), ((4,), 4), ((4, 3), 3)])
def test_other_shapes_are_refused(values, labels):
    with pytest.raises(ValueError, match="expected at least two vectors"):
        same_class_neighbours(np.zeros(values), np.zeros(labels))

"""Chance for the drawing functions: one seeded generator with the few questions they ask."""

import numpy as np


class Dice:
    """Answer yes-or-no, how-much and which-one questions, the same way for the same seed.

    Parameters
    ----------
    *entropy : int
        Non-negative whole numbers that name this stream, for example a seed and an index.
    """

    def __init__(self, *entropy):
        self.generator = np.random.default_rng(entropy)
        self._random = _numbers(self.generator).__next__

    def chance(self, probability):
        """Say yes with this probability."""
        return self._random() < probability

    def between(self, low, high):
        """Draw a float from low to high, evenly."""
        return low + (high - low) * self._random()

    def whole(self, low, high):
        """Draw a whole number from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def sign(self):
        """Draw -1 or 1."""
        return 1 if self._random() < 0.5 else -1

    def pick(self, options):
        """Draw one of a sequence, each equally likely."""
        return options[int(self._random() * len(options))]

    def weighted(self, weights):
        """Draw a key of a dict whose values are weights (positive, any sum)."""
        left = self._random() * sum(weights.values())
        for key, weight in weights.items():
            left -= weight
            if left < 0:
                return key
        return key

    def noise(self, *shape):
        """Draw an array of this shape from the standard normal distribution (float32)."""
        return self.generator.standard_normal(shape, dtype=np.float32)


def _numbers(generator):
    """Yield floats from 0 to 1, fetched in bulk because single calls are slow."""
    while True:
        yield from generator.random(128).tolist()

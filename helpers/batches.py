"""Shuffled batches of pictures and labels for ``model.fit``, prepared while the model trains."""

import keras
import numpy as np

# Threads that prepare batches. With two or more, Keras tells TensorFlow not to tune the input
# pipeline (tf.data's "autotune"). With one, or with plain arrays, it tunes, and each epoch of
# ``fit`` then ends by waiting until the tuner wakes up: it sleeps 10 ms at first, then twice as
# long each time. In the worst case an epoch takes twice the time.
WORKERS = 2


class Batches(keras.utils.PyDataset):
    """Batches for ``model.fit``, shuffled anew in every epoch.

    What ``fit(images, labels, batch_size=...)`` does, but from a seed of its own, and on TensorFlow
    often faster: see `WORKERS`.

    Parameters
    ----------
    images : array of shape (pictures, ...)
    labels : array of shape (pictures, ...)
    batch_size : int
    seed : int
        Two of the same seed give the same batches.

    Raises
    ------
    ValueError
        If there are not as many labels as pictures, no picture at all, or `batch_size` is below 1.
    """

    def __init__(self, images, labels, *, batch_size, seed):
        super().__init__(workers=WORKERS)
        labels = np.asarray(labels)
        if len(images) != len(labels) or len(images) == 0:
            raise ValueError(
                f"expected one label for each picture, got {len(images)} pictures "
                f"and {len(labels)} labels"
            )
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.images, self.labels = images, labels
        self.batch_size, self.seed = batch_size, seed
        self.epoch = 0
        self._order = self._shuffled()

    def __len__(self):
        """Number of batches in an epoch; the last one may be smaller."""
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, index):
        """Batch number `index` of this epoch: (images, labels)."""
        if not 0 <= index < len(self):
            raise IndexError(f"there are batches 0 to {len(self) - 1}, got {index}")
        chosen = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        rng = np.random.default_rng([self.seed, self.epoch, index])
        return self.prepared(self.images[chosen], rng), self.labels[chosen]

    def prepared(self, images, rng):
        """Pictures of a batch as the model is given them; a subclass may change them."""
        return images

    def on_epoch_end(self):
        """Shuffle for the next epoch; Keras calls this."""
        self.epoch += 1
        self._order = self._shuffled()

    def _shuffled(self):
        return np.random.default_rng([self.seed, self.epoch]).permutation(len(self.images))

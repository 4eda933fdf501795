"""Shuffled batches of pictures and labels for ``model.fit``, prepared while the model trains."""

import keras
import numpy as np

from helpers import validation

# Threads that prepare batches. With two or more, Keras tells TensorFlow not to tune the input
# pipeline (tf.data's "autotune"). With one, or with plain arrays, it tunes, and each epoch of
# ``fit`` then ends by waiting until the tuner wakes up: it sleeps 10 ms at first, then twice as
# long each time. In the worst case an epoch takes twice the time.
WORKERS = 2


class Batches(keras.utils.PyDataset):
    """Batches for ``model.fit``, shuffled anew in every epoch.

    What ``fit(images, labels, batch_size=...)`` does, on TensorFlow often faster: see `WORKERS`.
    Which pictures are in a batch follows from `seed`. In which order ``fit`` takes the batches of
    an epoch, Keras decides: from ``keras.utils.set_random_seed``, or in turn with
    ``shuffle=False``.

    Parameters
    ----------
    images : array of shape (pictures, ...)
    labels : array of shape (pictures, ...)
    batch_size : int
    seed : int
        From 0 on. Two of the same seed have the same batches.

    Raises
    ------
    ValueError
        If there are not as many labels as pictures, no picture at all, `batch_size` is no whole
        number from 1 on, or `seed` none from 0 on.
    """

    def __init__(self, images, labels, *, batch_size, seed):
        super().__init__(workers=WORKERS)
        images, labels = np.asarray(images), np.asarray(labels)
        if min(images.ndim, labels.ndim) < 1 or not len(images):
            raise ValueError(
                "expected pictures and one label for each, "
                f"got shapes {images.shape} and {labels.shape}"
            )
        if len(images) != len(labels):
            raise ValueError(
                f"expected one label for each picture, got {len(images)} pictures "
                f"and {len(labels)} labels"
            )
        self.images, self.labels = images, labels
        self.batch_size = validation.integer(batch_size, "batch_size", minimum=1)
        self.seed = validation.integer(seed, "seed", minimum=0)
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

"""How fast training is, without the validation after each epoch."""

import time

import keras


class EpochClock(keras.callbacks.Callback):
    """Times the training part of every epoch.

    Parameters
    ----------
    num_images : int
        Pictures in an epoch.
    """

    def __init__(self, num_images):
        super().__init__()
        self.num_images, self.seconds = num_images, []

    def on_epoch_begin(self, epoch, logs=None):
        """Start the clock."""
        self._start = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        """Remember when the last batch ended; validation comes after it."""
        self._end = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        """Keep this epoch's time."""
        self.seconds.append(self._end - self._start)

    def report(self):
        """Return images per second in the fastest epoch: other load can only slow one down."""
        return {"images_per_second": self.num_images / min(self.seconds)}

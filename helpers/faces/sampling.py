"""Batches in which there are positives and negatives: a few people, a few pictures of each."""

import keras
import numpy as np

from helpers import validation
from helpers.batches import WORKERS


class IdentityBatches(keras.utils.PyDataset):
    """Batches for ``model.fit`` with some people, and the same number of pictures of each.

    In a batch drawn from all pictures alike, most would have no second picture of their person.
    Here the people are dealt out in random order, again and again, so that all come equally often,
    however many pictures there are of them.

    Parameters
    ----------
    images : array of shape (pictures, height, width, channels)
    labels : int array of shape (pictures,)
        Who is in each picture.
    people : int
        People in a batch, at least 2.
    pictures : int
        Pictures of each in a batch, at least 2. Who has fewer is shown some of them again.
    seed : int
        Two datasets of the same seed give the same batches.
    batches : int, optional
        Batches in an epoch. By default as many as have room for all pictures.
    augment : callable, optional
        Takes images and ``rng=``, and returns images. For example
        ``functools.partial(augmentation.shift_and_flip, max_shift=2)``.

    Raises
    ------
    ValueError
        If there is not one label for each picture, there are fewer than `people` people, somebody
        has one picture only, or a number is not whole or lies outside its range.

    References
    ----------
    Hermans, Beyer & Leibe, "In Defense of the Triplet Loss for Person Re-Identification" (2017),
    section 2: P people and K pictures of each, "PK batches".
    """

    def __init__(self, images, labels, *, people, pictures, seed, batches=None, augment=None):
        super().__init__(workers=WORKERS)
        labels = np.asarray(labels)
        if labels.ndim != 1 or len(images) != len(labels):
            raise ValueError(
                "expected one label for each picture, "
                f"got {len(images)} pictures and labels of shape {labels.shape}"
            )
        self._pictures_of = _group(labels)
        self.people = validation.integer(people, "people", minimum=2)
        self.pictures = validation.integer(pictures, "pictures", minimum=2)
        self.seed = validation.integer(seed, "seed", minimum=0)
        if self.people > len(self._pictures_of):
            raise ValueError(f"expected at least {people} people, got {len(self._pictures_of)}")
        self.images, self.labels, self.augment = images, labels, augment
        if batches is None:
            batches = -(-len(labels) // (self.people * self.pictures))
        self._num_batches = validation.integer(batches, "batches", minimum=1)
        self.epoch = 0
        self._dealt = self._deal()

    def __len__(self):
        """Number of batches in an epoch."""
        return self._num_batches

    def __getitem__(self, index):
        """Batch number `index` of this epoch.

        Returns
        -------
        images : array of shape (people * pictures, height, width, channels)
        labels : int array of shape (people * pictures,)
            One person after the other.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"there are batches 0 to {len(self) - 1}, got {index}")
        rng = np.random.default_rng([self.seed, self.epoch, index])
        chosen = np.concatenate(
            [
                np.resize(rng.permutation(self._pictures_of[person]), self.pictures)
                for person in self._dealt[index]
            ]
        )
        images = self.images[chosen]
        if self.augment is not None:
            images = self.augment(images, rng=rng)
        return images, self.labels[chosen]

    def on_epoch_end(self):
        """Deal the people anew for the next epoch; Keras calls this."""
        self.epoch += 1
        self._dealt = self._deal()

    def _deal(self):
        """Return the people of each batch, (batches, people), nobody twice in one."""
        rng = np.random.default_rng([self.seed, self.epoch])
        num_people = len(self._pictures_of)
        batches_a_round = num_people // self.people  # who is left over waits for the next round
        rounds = [
            rng.permutation(num_people)[: batches_a_round * self.people]
            for _ in range(-(-self._num_batches // batches_a_round))
        ]
        return np.concatenate(rounds).reshape(-1, self.people)[: self._num_batches]


def _group(labels):
    """Return for each person the numbers of their pictures, all people having two or more."""
    people, person_of = np.unique(labels, return_inverse=True)
    counts = np.bincount(person_of, minlength=len(people))
    alone = people[counts < 2]
    if len(alone):
        shown = ", ".join(map(str, alone[:5].tolist())) + (" ..." if len(alone) > 5 else "")
        raise ValueError(
            f"expected at least 2 pictures of each person, got 1 of {len(alone)} of "
            f"{len(people)} people: {shown}"
        )
    order = np.argsort(person_of, kind="stable")
    return np.split(order, np.cumsum(counts)[:-1])

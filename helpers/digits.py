"""Load handwritten digits of 8 × 8 pixels, which come with the workbook."""

import dataclasses

import numpy as np

from helpers import datasets, npz, storage

FILE = "digits.npz"  # in data/, whose README.md says where the digits come from
BRIGHTEST = 16  # ink in the file is 0 to 16: inked dots in a block of 4 × 4


@dataclasses.dataclass(frozen=True, eq=False)
class Digits:
    """Pictures of handwritten digits, split in two, and where they came from.

    Parameters
    ----------
    x_train, x_test : float32 array of shape (pictures, 8, 8, 1)
        Ink, from 0 for paper to 1.
    y_train, y_test : int64 array of shape (pictures,)
        The digit, 0 to 9.
    source : str
        Where the pictures came from, in words.
    is_real : bool
        Always: people wrote these.
    """

    x_train: np.ndarray = dataclasses.field(repr=False)
    y_train: np.ndarray = dataclasses.field(repr=False)
    x_test: np.ndarray = dataclasses.field(repr=False)
    y_test: np.ndarray = dataclasses.field(repr=False)
    source: str = "handwritten digits from UCI"
    is_real: bool = True

    def describe(self):
        """Say in one line which data these are, and how many pictures."""
        return f"{self.source}: {len(self.x_train):,} training, {len(self.x_test):,} test pictures"


def load_digits(*, num_test=360, seed=0):
    """Load 1,797 handwritten digits, in random order, some of them set aside as a test.

    Thirteen people wrote them. The split does not go by people: most wrote for both parts.

    Parameters
    ----------
    num_test : int
        How many to set aside, 0 to 1,797, with the ten digits in the same proportions as in all.
    seed : int
        Decides which, and the order.

    Returns
    -------
    digits : Digits

    Raises
    ------
    ValueError
        If `num_test` is out of range, or the file is damaged.

    References
    ----------
    E. Alpaydin & C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
    Repository (1998), doi 10.24432/C50P49; the test part, as scikit-learn has it.
    """
    pictures, labels = _read(storage.data_file(FILE))
    test = datasets.stratified_indices(labels, num_test, seed=seed, name="num_test")
    train = np.setdiff1d(np.arange(len(labels)), test)
    rng = np.random.default_rng(seed)
    train, test = rng.permutation(train), rng.permutation(test)
    return Digits(pictures[train], labels[train], pictures[test], labels[test])


def _read(path):
    with npz.opened(path) as file:
        images, labels = file["images"].read(), file["labels"].read()
        if images.dtype != np.uint8 or images.shape[1:] != (8, 8) or images.max() > BRIGHTEST:
            raise ValueError(f"images should be uint8 (pictures, 8, 8) in 0 to {BRIGHTEST}")
        is_whole = labels.dtype.kind in "iu" and labels.shape == images.shape[:1]
        if not is_whole or labels.min() < 0 or labels.max() > 9:
            raise ValueError(f"labels should be {len(images)} integers in 0 to 9")
    return (images[..., None] / BRIGHTEST).astype(np.float32), labels.astype(np.int64)

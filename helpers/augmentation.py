"""More pictures from the ones at hand: random shifts and mirror images, batch by batch."""

import numpy as np

from helpers import validation
from helpers.batches import Batches


def shift_and_flip(images, *, max_shift, rng):
    """Move each picture a few pixels and mirror about half of them, at random.

    Parameters
    ----------
    images : uint8 array of shape (pictures, height, width, channels)
    max_shift : int
        Largest shift in pixels, up, down, left and right. What moves in is the picture's own
        border, mirrored: black bars would be something that test pictures never have.
    rng : numpy.random.Generator

    Returns
    -------
    moved : uint8 array of shape (pictures, height, width, channels)
        A new array; `images` stays as it is.

    Raises
    ------
    ValueError
        If `images` has no batch axis, or `max_shift` is negative or not smaller than a side.

    References
    ----------
    Krizhevsky, Sutskever & Hinton (NeurIPS 2012), section 4.1.
    """
    images = np.asarray(images)
    max_shift = _check_shift(images, max_shift)
    count, height, width, _ = images.shape
    border = ((0, 0), (max_shift, max_shift), (max_shift, max_shift), (0, 0))
    padded = np.pad(images, border, mode="reflect")
    tops, lefts = rng.integers(0, 2 * max_shift + 1, size=(2, count))
    mirrored = rng.random(count) < 0.5
    moved = np.empty_like(images)
    for number, (top, left) in enumerate(zip(tops, lefts, strict=True)):
        window = padded[number, top : top + height, left : left + width]
        moved[number] = window[:, ::-1] if mirrored[number] else window
    return moved


def shift_right(images, pixels):
    """Move pictures to the right; what moves in on the left is their own border, mirrored.

    Parameters
    ----------
    images : array of shape (pictures, height, width, channels)
    pixels : int
        How far, from 0 to the width.

    Returns
    -------
    moved : array of the same shape and type
        Columns 0, 1, 2, 3 become 1, 0, 0, 1 if `pixels` is 2: the border repeats its last column.

    Raises
    ------
    ValueError
        If `images` has no batch axis, or `pixels` is no whole number in its range.
    """
    images = np.asarray(images)
    if images.ndim != 4:
        raise ValueError(f"expected (pictures, height, width, channels), got {images.shape}")
    width = images.shape[2]
    pixels = validation.integer(pixels, "pixels", minimum=0, maximum=width)
    padded = np.pad(images, ((0, 0), (0, 0), (pixels, 0), (0, 0)), mode="symmetric")
    return padded[:, :, :width]


class AugmentedImages(Batches):
    """Batches for ``model.fit``, shuffled and augmented anew in every epoch.

    Parameters
    ----------
    images : uint8 array of shape (pictures, height, width, channels)
    labels : int array of shape (pictures,)
    batch_size : int
    max_shift : int
        Largest shift in pixels, see `shift_and_flip`.
    seed : int
        From 0 on. Two datasets of the same seed have the same batches; see `Batches` on their
        order.

    Raises
    ------
    ValueError
        If there are not as many labels as pictures, no picture at all, `batch_size` is below 1, or
        `shift_and_flip` would refuse them.
    """

    def __init__(self, images, labels, *, batch_size, max_shift, seed):
        super().__init__(images, labels, batch_size=batch_size, seed=seed)
        self.max_shift = _check_shift(self.images, max_shift)

    def prepared(self, images, rng):
        """Pictures of a batch, moved and mirrored at random."""
        return shift_and_flip(images, max_shift=self.max_shift, rng=rng)


def _check_shift(images, max_shift):
    if images.ndim != 4:
        raise ValueError(f"expected (pictures, height, width, channels), got {images.shape}")
    name = f"max_shift of {images.shape[1]} x {images.shape[2]} images"
    return validation.integer(max_shift, name, minimum=0, maximum=min(images.shape[1:3]) - 1)

"""Batches of pictures and targets to train a YOLOv2 network on."""

import itertools

import keras
import numpy as np
from PIL import Image

from helpers import boxes as box_tools
from helpers import validation
from helpers.batches import WORKERS
from helpers.yolo import decoding
from helpers.yolo import targets as target_tools


def mirror(image, boxes):
    """Turn a picture and its boxes round, left for right.

    Parameters
    ----------
    image : array of shape (height, width, channels)
    boxes : array of shape (n, 4)
        Corners: ``(left, top, right, bottom)``, in pixels.

    Returns
    -------
    image : array of shape (height, width, channels)
    boxes : float64 array of shape (n, 4)

    Raises
    ------
    ValueError
        If these are not boxes in corners format, see `boxes.as_corners`.

    >>> mirror(np.zeros((20, 50, 3)), [[5, 0, 15, 10]])[1]
    array([[35.,  0., 45., 10.]])
    """
    corners = box_tools.as_corners(boxes)
    left, top, right, bottom = np.moveaxis(corners, -1, 0)
    width = image.shape[1]
    return image[:, ::-1], np.stack([width - right, top, width - left, bottom], axis=-1)


class DetectionBatches(keras.utils.PyDataset):
    """Batches for ``model.fit``: shuffled, half of the pictures mirrored, lighter or darker.

    Parameters
    ----------
    images : uint8 array of shape (pictures, height, width, 3)
        RGB, 0 to 255.
    boxes : sequence of arrays of shape (n, 4)
        For each picture, corners ``(left, top, right, bottom)`` in pixels.
    classes : sequence of int arrays of shape (n,)
        For each picture, from 0 on.
    anchors : array of shape (anchors, 2)
        Width and height in cells.
    stride : int
        Pixels from one cell to the next: 32 for YOLOv2, 16 for the small network of the streets.
    batch_size : int
    seed : int
        Two datasets of the same seed give the same batches.
    sizes : sequence of (int, int), optional
        Multi-scale training (YOLO9000, section 2): pairs of heights and widths in pixels, multiples
        of `stride`, of which each batch is given one at random. By default the pictures' own. Keras
        learns from the first two batches which sides vary. So these two get sizes that differ in
        every side that does, such as the smallest and the largest.
    augment : bool
        False leaves the pictures as they are.
    num_classes : int, optional
        If given, larger classes than the network knows are refused.

    Raises
    ------
    ValueError
        If there is no picture, one that is not uint8 RGB, not as many boxes and classes as
        pictures, a class that is too large, `batch_size` or `stride` is below 1, a size is no
        multiple of `stride`, there is only one batch for several sizes, or `targets.assign` would
        refuse the boxes.
    """

    def __init__(
        self,
        images,
        boxes,
        classes,
        *,
        anchors,
        stride,
        batch_size,
        seed,
        sizes=None,
        augment=True,
        num_classes=None,
    ):
        super().__init__(workers=WORKERS)
        images = np.asarray(images)
        if not len(images) or not len(images) == len(boxes) == len(classes):
            raise ValueError(
                "expected pictures and, for each of them, boxes and classes; "
                f"got {len(images)}, {len(boxes)} and {len(classes)}"
            )
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
            raise ValueError(
                "expected pictures as uint8 (pictures, height, width, 3), "
                f"got {images.dtype} {images.shape}"
            )
        self.batch_size = batch_size = validation.integer(batch_size, "batch_size", minimum=1)
        self.stride = stride = validation.integer(stride, "stride", minimum=1)
        self.seed = validation.integer(seed, "seed", minimum=0)
        if num_classes is not None:
            num_classes = validation.integer(num_classes, "num_classes", minimum=1)
        largest = max((np.max(labels) for labels in classes if len(labels)), default=0)
        if num_classes is not None and largest >= num_classes:
            raise ValueError(f"expected classes in 0..{num_classes - 1}, got {largest}")
        self.images, self.boxes, self.classes = images, boxes, classes
        self.anchors, self.augment = decoding.check_anchors(anchors), augment
        sizes = [images.shape[1:3]] if sizes is None else sizes
        self.sizes = [_check_size(size, stride) for size in sizes]
        self._first_sizes = _most_different(self.sizes)
        if len(set(self.sizes)) > 1 and len(images) <= batch_size:
            raise ValueError("expected at least two batches to train at several sizes, got one")
        for corners, labels in zip(boxes, classes, strict=True):
            self._targets(corners, labels, self.sizes[0])  # refuses bad boxes now, not in training
        self.epoch = 0
        self._order = self._shuffled()

    def __len__(self):
        """Number of batches in an epoch; the last one may be smaller."""
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, index):
        """Batch number `index` of this epoch.

        Returns
        -------
        images : float32 array of shape (batch, height, width, 3)
            RGB, 0 to 1.
        targets : float32 array of shape (batch, rows, columns, anchors, 6)
            See `targets.assign`.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"there are batches 0 to {len(self) - 1}, got {index}")
        chosen = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        rng = np.random.default_rng([self.seed, self.epoch, index])
        size = self.sizes[rng.integers(len(self.sizes))]
        if self.epoch == 0 and index < 2:
            size = self._first_sizes[index]
        pairs = [self._one(number, size, rng) for number in chosen]
        images, targets = zip(*pairs, strict=True)
        return np.stack(images), np.stack(targets)

    def on_epoch_end(self):
        """Shuffle for the next epoch; Keras calls this."""
        self.epoch += 1
        self._order = self._shuffled()

    def _shuffled(self):
        return np.random.default_rng([self.seed, self.epoch]).permutation(len(self.images))

    def _one(self, number, size, rng):
        image, boxes = self.images[number], self.boxes[number]
        if self.augment and rng.random() < 0.5:
            image, boxes = mirror(image, boxes)
        if size != image.shape[:2]:
            resized = Image.fromarray(image).resize(size[::-1], Image.Resampling.BILINEAR)
            image = np.asarray(resized)
        image = image.astype(np.float32) / 255
        if self.augment:
            image = np.clip(image * rng.uniform(0.8, 1.2) + rng.uniform(-0.05, 0.05), 0, 1)
        return image.astype(np.float32), self._targets(boxes, self.classes[number], size)

    def _targets(self, boxes, classes, size):
        return target_tools.assign(
            box_tools.relative_to_pixels(
                box_tools.pixels_to_relative(boxes, self.images.shape[1:3]), size
            ),
            classes,
            image_size=size,
            grid_size=(size[0] // self.stride, size[1] // self.stride),
            anchors=self.anchors,
        )


def _most_different(sizes):
    """Return two sizes that differ in each side in which any two do; there always are such two."""
    varies = [len(set(sides)) > 1 for sides in zip(*sizes, strict=True)]
    return next(
        pair
        for pair in itertools.combinations_with_replacement(sizes, 2)
        if [first != second for first, second in zip(*pair, strict=True)] == varies
    )


def _check_size(size, stride):
    height, width = box_tools.as_size(size)
    if height % stride or width % stride:
        raise ValueError(f"expected sizes that are multiples of {stride}, got {height} × {width}")
    return height, width

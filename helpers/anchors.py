"""Anchor boxes: a few sizes that stand for all sizes in a data set, found by k-means."""

import numpy as np

from helpers import validation


def size_iou(sizes_a, sizes_b):
    """Measure how alike the sizes of boxes are, wherever the boxes lie.

    Parameters
    ----------
    sizes_a : array of shape (n, 2)
        Width and height, in any unit.
    sizes_b : array of shape (m, 2)
        Width and height, in the unit of `sizes_a`.

    Returns
    -------
    overlap : float64 array of shape (n, m)
        Intersection over union of the boxes when laid on the same corner, above 0, up to 1.

    Raises
    ------
    ValueError
        If one is not a list of positive, finite sizes.

    >>> size_iou([[4, 2]], [[2, 4], [4, 4]]).round(3)
    array([[0.333, 0.5  ]])
    """
    sizes_a, sizes_b = _check_sizes(sizes_a)[:, None, :], _check_sizes(sizes_b)
    shared = np.minimum(sizes_a, sizes_b).prod(axis=-1)
    return shared / (sizes_a.prod(axis=-1) + sizes_b.prod(axis=-1) - shared)


def mean_best_iou(sizes, anchors):
    """Measure how well anchors stand for sizes: the overlap of a size with its best anchor.

    Parameters
    ----------
    sizes : array of shape (n, 2)
        Width and height, in any unit.
    anchors : array of shape (k, 2)
        Width and height, in the same unit.

    Returns
    -------
    overlap : float
        Mean over all sizes, above 0, up to 1.

    Raises
    ------
    ValueError
        If one is not a list of positive, finite sizes.
    """
    return float(size_iou(sizes, anchors).max(axis=1).mean())


def find_anchors(sizes, num_anchors, *, seed, restarts=10, max_steps=100):
    """Find the anchors that stand for sizes best, by k-means with 1 - IoU as the distance.

    Each size belongs to the anchor it overlaps most, and each anchor moves to the mean of its
    sizes, until none moves. The mean does not always raise the overlap, so the best anchors on the
    way are what is returned.

    Parameters
    ----------
    sizes : array of shape (n, 2)
        Width and height of all boxes, in any unit.
    num_anchors : int
    seed : int
        The same seed finds the same anchors.
    restarts : int
        Number of starts; the best one counts. They differ in which sizes the anchors begin as.
    max_steps : int
        At most so many moves after each start.

    Returns
    -------
    anchors : float64 array of shape (num_anchors, 2)
        Width and height in the unit of `sizes`, from the smallest area to the largest.

    Raises
    ------
    ValueError
        If `sizes` is not a list of positive, finite sizes, it has fewer different ones than
        `num_anchors`, or a number is below 1.

    References
    ----------
    Redmon & Farhadi, "YOLO9000: Better, Faster, Stronger" (CVPR 2017), section 2, "Dimension
    Clusters". The paper leaves the start open; here it is that of Arthur & Vassilvitskii,
    "k-means++" (2007), with 1 - IoU in place of the squared distance.
    """
    sizes = _check_sizes(sizes)
    num_anchors = validation.integer(num_anchors, "num_anchors", minimum=1)
    restarts = validation.integer(restarts, "restarts", minimum=1)
    max_steps = validation.integer(max_steps, "max_steps", minimum=1)
    seed = validation.integer(seed, "seed", minimum=0)
    num_different = len(np.unique(sizes, axis=0))
    if num_different < num_anchors:
        raise ValueError(
            f"expected at least {num_anchors} different sizes for as many anchors, "
            f"got {num_different}"
        )
    rng = np.random.default_rng(seed)
    candidates = [
        _move_anchors(sizes, _first_anchors(sizes, num_anchors, rng), max_steps)
        for _ in range(restarts)
    ]
    anchors = max(candidates, key=lambda candidate: mean_best_iou(sizes, candidate))
    widths, heights = anchors.T
    return anchors[np.lexsort((widths, widths * heights))]


def _first_anchors(sizes, num_anchors, rng):
    """Choose sizes at random, each the more likely the less the ones before it stand for it."""
    anchors = sizes[[rng.integers(len(sizes))]]
    while len(anchors) < num_anchors:
        distances = _distances(sizes, anchors).min(axis=1)
        chances = distances / distances.sum() if distances.any() else None  # None: all alike
        chosen = rng.choice(len(sizes), p=chances)
        anchors = np.concatenate([anchors, sizes[[chosen]]])
    return anchors


def _move_anchors(sizes, anchors, max_steps):
    """Move anchors to the mean of what belongs to them; return the best ones on the way."""
    best, least = anchors, np.inf
    for _ in range(max_steps):
        distances = _distances(sizes, anchors)
        if distances.min(axis=1).mean() < least:
            best, least = anchors, distances.min(axis=1).mean()
        moved = _means(sizes, np.argmin(distances, axis=1), len(anchors))
        if np.array_equal(moved, anchors):
            break
        anchors = moved
    return best


def _means(sizes, owners, num_anchors):
    """Return the mean of each anchor's sizes; an anchor without any takes the worst served size."""
    means = [sizes[owners == owner].mean(axis=0) for owner in np.unique(owners)]
    while len(means) < num_anchors:
        worst = np.argmax(_distances(sizes, np.array(means)).min(axis=1))
        means.append(sizes[worst])
    return np.array(means)


def _distances(sizes, anchors):
    return np.maximum(1 - size_iou(sizes, anchors), 0)


def _check_sizes(sizes):
    sizes = np.asarray(sizes, dtype=float)
    if sizes.ndim != 2 or sizes.shape[1] != 2 or not len(sizes):
        raise ValueError(f"expected sizes (width, height) of shape (n, 2), got {sizes.shape}")
    good = ((sizes > 1e-100) & (sizes < 1e100)).all(axis=1)  # others' areas would be 0 or infinite
    if not good.all():
        raise ValueError(f"expected positive, finite sizes, got {sizes[~good][0].tolist()}")
    return sizes

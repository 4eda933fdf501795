"""The loss that trains a YOLOv2 network, in five terms that can be looked at one by one."""

import typing

import keras
from keras import ops

from helpers import validation
from helpers.yolo import decoding
from helpers.yolo import targets as target_tools


class LossTerms(typing.NamedTuple):
    """The five terms, each a tensor of shape (batch,), already weighted.

    Parameters
    ----------
    centre, size, objectness, background, class_
        Where the middle is; how wide and high; how sure of a box where there is one, and where
        there is none; which class.
    """

    centre: typing.Any
    size: typing.Any
    objectness: typing.Any
    background: typing.Any
    class_: typing.Any


class Weights(typing.NamedTuple):
    """How much each term counts; the defaults are the scales of Darknet's ``yolov2-voc.cfg``.

    Darknet applies them to the gradients. Those of a square are twice as large here, so that
    against Darknet's, the class counts for half as much.
    """

    centre: float = 1.0
    size: float = 1.0
    objectness: float = 5.0
    background: float = 1.0
    class_: float = 1.0


def loss_terms(targets, output, anchors, *, weights=None, ignore_iou=0.6, max_boxes=30):
    """Compare a network's raw output with what it should have been.

    Where a box was given to an anchor of a cell, three things are asked for: its place and size
    (squared differences of what the network puts out, small boxes counting up to twice as much), an
    objectness equal to the IoU that the predicted box has with the true one (squared difference),
    and its class (cross-entropy). Elsewhere the objectness should be 0 (squared), unless the
    predicted box happens to overlap some true box by more than `ignore_iou`: that is no mistake.

    Parameters
    ----------
    targets : float tensor of shape (batch, rows, columns, anchors, 6)
        Of `targets.assign`, for each picture.
    output : float tensor of shape (batch, rows, columns, anchors * (5 + classes))
        Raw: for each anchor t_x, t_y, t_w, t_h, t_objectness, and a score for each class.
    anchors : array of shape (anchors, 2)
        Width and height in cells.
    weights : Weights, optional
    ignore_iou : float
        0 to 1.
    max_boxes : int
        At most so many boxes of a picture are compared with all predicted ones.

    Returns
    -------
    terms : LossTerms
        Each summed over the picture and multiplied with its weight.

    Raises
    ------
    ValueError
        If the shapes do not belong together, or a setting lies outside its range.

    References
    ----------
    Redmon et al., "You Only Look Once" (CVPR 2016), equation 3; Redmon & Farhadi, "YOLO9000" (CVPR
    2017), section 2; Darknet's ``region_layer.c``. Darknet's class term has the gradient of the
    cross-entropy used here.
    """
    anchors = decoding.check_anchors(anchors)
    weights, ignore_iou, max_boxes = _check_settings(weights, ignore_iou, max_boxes)
    raw = _by_anchor(output, targets, len(anchors))
    _, rows, columns, *_ = ops.shape(raw)
    present = targets[..., target_tools.PRESENT]
    true_centres, true_sizes = targets[..., :2], targets[..., 2:4]

    corner = cell_corners(rows, columns, raw.dtype)
    anchor_sizes = ops.convert_to_tensor(anchors, raw.dtype)
    offsets = ops.sigmoid(raw[..., :2])  # of the middle, in its cell
    centres = corner + offsets
    sizes = anchor_sizes * ops.exp(ops.clip(raw[..., 2:4], -20.0, 20.0))
    sureness = ops.sigmoid(raw[..., 4])

    area = true_sizes[..., 0] * true_sizes[..., 1] / ops.cast(rows * columns, raw.dtype)
    small_ones = present * (2 - area)
    centre = _sum(small_ones[..., None] * (offsets - (true_centres - corner)) ** 2)

    wanted = ops.log(ops.maximum(true_sizes, 1e-6) / anchor_sizes)
    size = _sum(small_ones[..., None] * (raw[..., 2:4] - wanted) ** 2)

    overlap = ops.stop_gradient(centre_iou(centres, sizes, true_centres, true_sizes))
    objectness = _sum(present * (sureness - overlap) ** 2)

    best = ops.stop_gradient(_best_iou(centres, sizes, targets, max_boxes))
    is_background = (1 - present) * ops.cast(best <= ignore_iou, raw.dtype)
    background = _sum(is_background * sureness**2)

    class_ = ops.cast(targets[..., target_tools.CLASS], "int32")
    surprise = keras.losses.sparse_categorical_crossentropy(class_, raw[..., 5:], from_logits=True)
    terms = centre, size, objectness, background, _sum(present * surprise)
    return LossTerms(*(weight * term for weight, term in zip(weights, terms, strict=True)))


def yolo_loss(targets, output, anchors, **settings):
    """Sum the five terms of `loss_terms`, whose parameters it takes.

    Returns
    -------
    loss : float tensor of shape (batch,)
    """
    return sum(loss_terms(targets, output, anchors, **settings))


@keras.saving.register_keras_serializable(package="cnn_workbook")
class YoloLoss(keras.losses.Loss):
    """`yolo_loss` for `model.compile`: the mean over the batch.

    A model that was compiled with it can be saved and loaded again, unless it was compiled with
    `term_metrics` too: then load it with ``compile=False``.

    Parameters
    ----------
    anchors : array of shape (anchors, 2)
        Width and height in cells.
    **settings
        As in `loss_terms`.
    """

    def __init__(self, anchors, name="yolo_loss", **settings):
        super().__init__(name=name)
        self.anchors = decoding.check_anchors(anchors)
        _check_settings(**settings)  # now, not in training
        self.settings = settings

    def call(self, y_true, y_pred):
        """Return the loss of each picture."""
        return yolo_loss(y_true, y_pred, self.anchors, **self.settings)

    def get_config(self):
        """Return what makes the same loss again, for Keras to save."""
        return {"anchors": self.anchors.tolist(), "name": self.name, **self.settings}


def term_metrics(anchors, **settings):
    """Make five functions for `model.compile(metrics=...)`, one for each term, to watch them.

    Parameters
    ----------
    anchors : array of shape (anchors, 2)
        Width and height in cells.
    **settings
        As in `loss_terms`.

    Returns
    -------
    metrics : list of functions
        Named as the terms; each takes targets and output, and returns a tensor (batch,).
    """

    anchors = decoding.check_anchors(anchors)
    _check_settings(**settings)

    def metric(place, name):
        def term(y_true, y_pred):
            return loss_terms(y_true, y_pred, anchors, **settings)[place]

        term.__name__ = name.rstrip("_")
        return term

    return [metric(place, name) for place, name in enumerate(LossTerms._fields)]


def cell_corners(rows, columns, dtype="float32"):
    """Return where each cell begins.

    Returns
    -------
    corners : float tensor of shape (rows, columns, 1, 2)
        x and y in cells: 0, 1, 2, … to the right and downwards.
    """
    x, y = ops.meshgrid(ops.arange(columns), ops.arange(rows))
    return ops.cast(ops.stack([x, y], axis=-1)[:, :, None], dtype)


def centre_iou(centres_a, sizes_a, centres_b, sizes_b):
    """Measure how much boxes overlap, one by one; in a model, for boxes in centre format.

    Parameters
    ----------
    centres_a, sizes_a, centres_b, sizes_b : float tensors of shape (..., 2)
        Middle (x, y) and (width, height), in one unit. They are broadcast.

    Returns
    -------
    overlap : float tensor of shape (...)
        Intersection over union, 0 to 1; 0 where nothing is covered.
    """
    low = ops.maximum(centres_a - sizes_a / 2, centres_b - sizes_b / 2)
    high = ops.minimum(centres_a + sizes_a / 2, centres_b + sizes_b / 2)
    shared = ops.prod(ops.maximum(high - low, 0.0), axis=-1)
    covered = ops.prod(sizes_a, axis=-1) + ops.prod(sizes_b, axis=-1) - shared
    return shared / ops.maximum(covered, 1e-9)


def _check_settings(weights=None, ignore_iou=0.6, max_boxes=30):
    """Return the settings of `loss_terms`, checked."""
    weights = Weights() if weights is None else weights
    if not isinstance(weights, list | tuple) or len(weights) != len(Weights._fields):
        raise ValueError(f"expected five weights, see Weights, got {validation.shown(weights)}")
    return (
        Weights(*(validation.real(weight, "weights", minimum=0) for weight in weights)),
        validation.real(ignore_iou, "ignore_iou", minimum=0, maximum=1),
        validation.integer(max_boxes, "max_boxes", minimum=1),
    )


def _best_iou(centres, sizes, targets, max_boxes):
    """Overlap of each predicted box with the true box that it overlaps most."""
    _, rows, columns, num_anchors, _ = ops.shape(targets)
    spots = rows * columns * num_anchors
    flat = ops.reshape(targets, (-1, spots, 6))
    number = min(max_boxes, spots) if isinstance(spots, int) else ops.minimum(max_boxes, spots)
    _, where = ops.top_k(flat[..., target_tools.PRESENT], number)
    true = ops.take_along_axis(flat, where[..., None], axis=1)  # (batch, number, 6), some absent
    true = true[:, None, None, None]  # beside each (row, column, anchor)
    overlaps = centre_iou(centres[..., None, :], sizes[..., None, :], true[..., :2], true[..., 2:4])
    return ops.max(overlaps, axis=-1)  # absent ones have no area, and so no overlap


def _sum(values):
    return ops.sum(values, axis=tuple(range(1, len(values.shape))))


def _by_anchor(output, targets, num_anchors):
    """Give the raw output an axis for the anchors: (batch, rows, columns, anchors, 5 + classes)."""
    channels = output.shape[-1]
    if len(output.shape) != 4 or channels % num_anchors or channels // num_anchors < 6:
        raise ValueError(
            f"expected output (batch, rows, columns, {num_anchors} anchors · (5 + classes)), "
            f"got {tuple(output.shape)}"
        )
    if len(targets.shape) != 5 or tuple(targets.shape[3:]) != (num_anchors, 6):
        raise ValueError(
            f"expected targets (batch, rows, columns, {num_anchors}, 6), got {tuple(targets.shape)}"
        )
    for here, there in zip(output.shape[1:3], targets.shape[1:3], strict=True):
        if None not in (here, there) and here != there:
            raise ValueError(
                f"expected output and targets of one grid, got {tuple(output.shape[1:3])} and "
                f"{tuple(targets.shape[1:3])} cells"
            )
    size = ops.shape(output)
    return ops.reshape(output, (-1, size[1], size[2], num_anchors, channels // num_anchors))

"""The networks of YOLOv2, large and tiny, so that the weights published for Darknet fit.

Layers have names that say where they stand in Darknet: ``conv7`` is its seventh convolution, which
``conv7_bn`` normalises and ``conv7_leaky`` lets pass. `helpers.yolo.darknet` goes by these names.
"""

import keras
from keras import layers, ops

from helpers import validation
from helpers.yolo import darknet

CELL_SIDE = 32  # pixels of the picture to one cell of the last grid, after five halvings
SLOPE = 0.1  # of what is negative
# Darknet on a CPU adds 1e-6 to the standard deviation, on a GPU 1e-5 to the variance; OpenCV adds
# 1e-6 to the variance, and so do we. A trained network has hardly any variance so small.
EPSILON = 1e-6
# Share of the running statistics that the batch normalisations keep at each step of training.
# Darknet keeps 0.99, for trainings of many thousands of steps. It is no weight: the weights fit.
MOMENTUM = 0.9

# Filters of the convolutions between two poolings; those of 3 x 3 and of 1 x 1 pixels take turns.
_DARKNET_19 = ((32,), (64,), (128, 64, 128), (256, 128, 256), (512, 256, 512, 256, 512))
_DARKNET_19_LAST = (1024, 512, 1024, 512, 1024)
_TINY = ((16,), (32,), (64,), (128,), (256,), (512,))


def yolov2(num_classes=80, num_anchors=5, input_size=(608, 608), *, pretrained=None):
    """Build YOLOv2: Darknet-19, a passthrough of finer maps, and a box for each cell and anchor.

    Parameters
    ----------
    num_classes, num_anchors : int
    input_size : (int or None, int or None)
        Height and width of the pictures in pixels, multiples of 32. None lets any multiple pass,
        another one for each batch.
    pretrained : {None, "coco"}
        Random weights, or the published ones for 80 classes and 5 anchors, see `names.COCO`:
        from the reader's folder, a cache or a download of 204 MB, see `darknet.load_coco`.

    Returns
    -------
    model : keras.Model
        From RGB pictures of shape (batch, height, width, 3) in 0 to 1 to raw numbers of shape
        (batch, height / 32, width / 32, num_anchors * (5 + num_classes)): for each anchor
        t_x, t_y, t_w, t_h, the objectness and the classes' scores, none through a sigmoid or
        softmax yet. 50,983,561 parameters for 80 classes and 5 anchors.

    Raises
    ------
    ValueError
        If a number, a size or `pretrained` is something else, or the published weights are asked
        for with other numbers of classes or anchors. The model raises it, too, where it was built
        for pictures of any size, and a side is no multiple of 32.
    pretrained.WeightsUnavailable
        If the published weights cannot be had.

    References
    ----------
    Redmon & Farhadi, "YOLO9000: Better, Faster, Stronger" (CVPR 2017), section 2 and table 6; in
    detail Darknet's ``cfg/yolov2.cfg``. The paper passes all 512 finer maps through; the
    published network first brings them to 64.
    """
    num_classes, num_anchors = _check_counts(num_classes=num_classes, num_anchors=num_anchors)
    _check_pretrained(pretrained, num_classes=(num_classes, 80), num_anchors=(num_anchors, 5))
    pictures, x = _pictures(input_size)
    number = 0
    for stage, filters in enumerate(_DARKNET_19, start=1):
        x, number = _convolve_in_turns(x, filters, number)
        finer = x  # after the last stage: with twice the rows and columns of the final grid
        x = layers.MaxPooling2D(2, name=f"pool{stage}")(x)
    x, number = _convolve_in_turns(x, _DARKNET_19_LAST, number)
    x = _convolve(x, 1024, 3, name="conv19")
    x = _convolve(x, 1024, 3, name="conv20")
    finer = Reorg(name="reorg")(_convolve(finer, 64, 1, name="conv21"))
    x = layers.Concatenate(name="passthrough")([finer, x])
    x = _convolve(x, 1024, 3, name="conv22")
    raw = layers.Conv2D(num_anchors * (5 + num_classes), 1, name="conv23")(x)
    return _finish(pictures, raw, "yolov2", pretrained)


def tiny_yolov2(
    num_classes=80, num_anchors=5, input_size=(416, 416), *, head_filters=512, pretrained=None
):
    """Build tiny YOLOv2: nine convolutions in a row, for where YOLOv2 is too slow.

    Parameters
    ----------
    num_classes, num_anchors : int
    input_size : (int or None, int or None)
        Height and width of the pictures in pixels, multiples of 32. None lets any multiple pass,
        another one for each batch.
    head_filters : int
        Of the last convolution but one: 512 in Darknet's ``yolov2-tiny.cfg`` (COCO), 1024 in its
        ``yolov2-tiny-voc.cfg``.
    pretrained : {None, "coco"}
        Random weights, or the published ones for 80 classes, 5 anchors and 512 filters, see
        `names.COCO`: from the reader's folder, a cache or a download of 45 MB, see
        `darknet.load_coco`.

    Returns
    -------
    model : keras.Model
        From pictures to raw numbers as `yolov2`. 11,237,145 parameters for 80 classes and 5
        anchors; 15,867,885 for the 20 of Pascal VOC, with 1024 filters.

    Raises
    ------
    ValueError
        As `yolov2`.
    pretrained.WeightsUnavailable
        If the published weights cannot be had.

    References
    ----------
    Darknet's ``cfg/yolov2-tiny.cfg`` and ``cfg/yolov2-tiny-voc.cfg``. No paper describes it.
    """
    num_classes, num_anchors, head_filters = _check_counts(
        num_classes=num_classes, num_anchors=num_anchors, head_filters=head_filters
    )
    _check_pretrained(
        pretrained,
        num_classes=(num_classes, 80),
        num_anchors=(num_anchors, 5),
        head_filters=(head_filters, 512),
    )
    pictures, x = _pictures(input_size)
    number = 0
    for stage, filters in enumerate(_TINY, start=1):
        x, number = _convolve_in_turns(x, filters, number)
        # The last one smooths only: each pixel with its neighbours to the right and below.
        stride = 1 if stage == len(_TINY) else 2
        x = layers.MaxPooling2D(2, strides=stride, padding="same", name=f"pool{stage}")(x)
    x = _convolve(x, 1024, 3, name="conv7")
    x = _convolve(x, head_filters, 3, name="conv8")
    raw = layers.Conv2D(num_anchors * (5 + num_classes), 1, name="conv9")(x)
    return _finish(pictures, raw, "tiny_yolov2", pretrained)


@keras.saving.register_keras_serializable(package="cnn_workbook")
class Reorg(layers.Layer):
    """Halve rows and columns and keep all numbers, in the order of Darknet's ``reorg`` layer.

    From shape (batch, rows, columns, channels) to (batch, rows / 2, columns / 2, 4 * channels).
    The first quarter of the new channels holds the top left pixels of squares of 2 x 2, then come
    the top right, the bottom left and the bottom right ones.

    Plain space-to-depth makes these squares of neighbours. Darknet does so, too, but reads its
    memory as if the maps had a quarter of the channels and twice the rows and columns. In effect
    columns pair up as they should, and rows crosswise: of each four rows, the first pairs with
    the third, and the second with the fourth. Where the rows are no multiple of four, such as the
    38 of a picture of 608 pixels, the last rows of a channel pair with the first ones of the next.
    The published weights were trained like this, and OpenCV does the same, so we do it, too.

    References
    ----------
    ``reorg_cpu`` in Darknet's ``src/blas.c``; ``modules/dnn/src/layers/reorg_layer.cpp`` in OpenCV.

    >>> rows = ops.tile(ops.reshape(ops.arange(8), (1, 8, 1, 1)), (1, 1, 2, 4))
    >>> print(ops.convert_to_numpy(Reorg()(rows))[0, :, 0, [0, 8]].T)  # top and bottom pixels
    [[0 2]
     [1 3]
     [4 6]
     [5 7]]
    """

    def compute_output_shape(self, input_shape):
        """Return (batch, rows / 2, columns / 2, 4 * channels), with None where it came.

        Raises
        ------
        ValueError
            If rows or columns are odd, or the channels no multiple of four.
        """
        batch, rows, columns, channels = input_shape
        if any(side is not None and side % 2 for side in (rows, columns)) or channels % 4:
            raise ValueError(
                "expected even rows and columns and a multiple of 4 channels, "
                f"got {rows} x {columns} x {channels}"
            )
        return batch, _half(rows), _half(columns), 4 * channels

    def call(self, maps):
        """Rearrange maps of shape (batch, rows, columns, channels)."""
        self.compute_output_shape(maps.shape)
        _, rows, columns, channels = ops.shape(maps)
        x = ops.transpose(maps, (0, 3, 1, 2))  # Darknet's order in memory: channels first
        # Row by row with a quarter of the channels: the first 2 is down, the second to the right.
        x = ops.reshape(x, (-1, channels * rows // 4, 2, columns, 2))
        x = ops.transpose(x, (0, 2, 4, 1, 3))
        x = ops.reshape(x, (-1, 4 * channels, rows // 2, columns // 2))
        return ops.transpose(x, (0, 2, 3, 1))


@keras.saving.register_keras_serializable(package="cnn_workbook")
class WholeCells(layers.Layer):
    """Let pictures pass that cells of 32 x 32 pixels cover exactly, and refuse all others."""

    def compute_output_shape(self, input_shape):
        """Return the shape that came: (batch, height, width, channels)."""
        return input_shape

    def call(self, pictures):
        """Return the pictures, of shape (batch, height, width, 3).

        Raises
        ------
        ValueError
            If the height or width is known, and no multiple of 32.
        """
        check_sides(tuple(pictures.shape[1:3]), CELL_SIDE)
        return pictures


def _pictures(input_size):
    check_sides(input_size, CELL_SIDE)
    pictures = keras.Input((*input_size, 3), name="pictures")
    return pictures, WholeCells(name="whole_cells")(pictures)


def _convolve_in_turns(x, filters, number):
    """Convolve with 3 x 3 and 1 x 1 pixels by turns; `number` is that of the convolution before."""
    for turn, num_filters in enumerate(filters):
        number += 1
        x = _convolve(x, num_filters, 1 if turn % 2 else 3, name=f"conv{number}")
    return x, number


def _convolve(x, num_filters, size, *, name):
    x = layers.Conv2D(
        num_filters,
        size,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    x = layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name=f"{name}_bn")(x)
    return layers.LeakyReLU(negative_slope=SLOPE, name=f"{name}_leaky")(x)


def _finish(pictures, raw, name, pretrained):
    model = keras.Model(pictures, raw, name=name)
    if pretrained:
        darknet.load_coco(model, "real")
    return model


def _half(side):
    return None if side is None else side // 2


def _check_counts(**counts):
    return [validation.integer(count, name, minimum=1) for name, count in counts.items()]


def check_sides(size, multiple):
    """Refuse what is no height and width of images that cells of `multiple` pixels cover exactly.

    Parameters
    ----------
    size : (int or None, int or None)
        In pixels; None is for any.
    multiple : int

    Raises
    ------
    ValueError
        If these are not two multiples of `multiple`, from `multiple` on, or None.
    """
    sides = size if isinstance(size, list | tuple) else ()
    try:
        good = all(
            side is None or validation.integer(side, "side", minimum=1) % multiple == 0
            for side in sides
        )
    except ValueError:
        good = False
    if len(sides) != 2 or not good:
        raise ValueError(
            f"expected a height and a width in pixels that are multiples of {multiple}, or None "
            f"for any such, got {size!r}"
        )


def _check_pretrained(pretrained, **asked_and_published):
    if pretrained is None:
        return
    if pretrained != "coco":
        raise ValueError(f'pretrained must be None or "coco", got {pretrained!r}')
    for name, (asked, published) in asked_and_published.items():
        if asked != published:
            raise ValueError(f"the published weights are for {name}={published}, got {asked}")

"""A small YOLOv2 network for the street scenes that the workbook draws, and its trained weights."""

import dataclasses

import keras
import numpy as np
from keras import layers

from helpers import storage, validation, weights
from helpers.drawn import streets
from helpers.yolo import networks

STRIDE = 16  # pixels from one cell to the next
ANCHORS = ((0.57, 1.37), (1.21, 1.12), (1.04, 2.54), (2.54, 2.19), (5.52, 3.34))  # in cells
WEIGHTS_FILE = "street_yolo.weights.h5"


@dataclasses.dataclass(frozen=True, eq=False)
class Detector:
    """A detecting network, and what one must know to read its output.

    Parameters
    ----------
    model : keras.Model
        From RGB pictures (batch, height, width, 3) in 0 to 1 to raw output
        (batch, rows, columns, anchors * (5 + classes)).
    anchors : float array of shape (anchors, 2)
        Width and height in cells.
    class_names : tuple of str
    source : str
        Where its weights came from, in words.
    """

    model: keras.Model = dataclasses.field(repr=False)
    anchors: np.ndarray
    class_names: tuple
    source: str


def street_yolo(num_classes=6, num_anchors=5, input_size=(192, 256)):
    """Build YOLOv2 in small, for pictures of about 192 × 256 pixels.

    As in YOLOv2: convolutions of 3 × 3 and 1 × 1 with batch normalisation and leaky ReLU, five
    anchors, and a passthrough: finer maps, laid out by `networks.Reorg`, join the last ones. Unlike
    YOLOv2: ten convolutions in place of 23, few filters, maps halved four times rather than five
    since the pictures are small, and pooling before normalisation, which saves time.

    Parameters
    ----------
    num_classes, num_anchors : int
    input_size : (int or None, int or None)
        Height and width of the pictures in pixels, multiples of 16. None lets any multiple pass,
        another one for each batch.

    Returns
    -------
    model : keras.Model
        From RGB pictures of shape (batch, height, width, 3) in 0 to 1 to raw output of shape
        (batch, height / 16, width / 16, anchors * (5 + classes)).

    Raises
    ------
    ValueError
        If a number is below 1, or a side is no multiple of 16.

    References
    ----------
    Redmon & Farhadi, "YOLO9000: Better, Faster, Stronger" (CVPR 2017), section 2.
    """
    num_classes = validation.integer(num_classes, "num_classes", minimum=1)
    num_anchors = validation.integer(num_anchors, "num_anchors", minimum=1)
    networks.check_sides(input_size, STRIDE)
    pictures = keras.Input((*input_size, 3), name="pictures")
    x = _convolution(pictures, 16, 3, "conv1", pool=True)
    x = _convolution(x, 32, 3, "conv2", pool=True)
    x = _convolution(x, 64, 3, "conv3", pool=True)
    fine = _convolution(x, 128, 3, "conv4")
    x = layers.MaxPooling2D(2, name="conv4_pool")(fine)
    x = _convolution(x, 128, 3, "conv5")
    x = _convolution(x, 64, 1, "conv6")
    x = _convolution(x, 128, 3, "conv7")
    fine = _convolution(fine, 16, 1, "passthrough")
    fine = networks.Reorg(name="reorg")(fine)
    x = layers.Concatenate(name="joined")([fine, x])
    x = _convolution(x, 80, 3, "conv8")
    output = layers.Conv2D(num_anchors * (5 + num_classes), 1, name="raw")(x)
    return keras.Model(pictures, output, name="street_yolo")


def load_street_detector():
    """Load the small network with the weights that come with the workbook.

    Returns
    -------
    detector : Detector
        For the classes `streets.CLASS_NAMES`.

    Raises
    ------
    ValueError
        If the file of weights is missing or broken.
    """
    model = street_yolo()
    weights.load(model, storage.data_file(WEIGHTS_FILE))
    source = "street scenes drawn by the workbook"
    model.trained_on = source  # which `detect` says where it finds nothing, in a photo for example
    return Detector(model, np.array(ANCHORS), streets.CLASS_NAMES, source)


def _convolution(x, filters, size, name, *, pool=False):
    """Convolution, pooling if asked for, batch normalisation and leaky ReLU."""
    x = layers.Conv2D(filters, size, padding="same", use_bias=False, name=name)(x)
    if pool:
        x = layers.MaxPooling2D(2, name=f"{name}_pool")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.LeakyReLU(negative_slope=0.1, name=f"{name}_leaky")(x)

"""The networks that more than one notebook needs, each written out in full."""

import keras
from keras import layers

from helpers import validation

CLASSES = 10
PICTURE_SHAPE = (32, 32, 3)


def simple_convnet(*, num_filters=30, hidden_units=100, num_classes=CLASSES):
    """Build notebook 01's SimpleConvNet: one convolution, one pooling, two dense layers.

    Parameters
    ----------
    num_filters : int
        Filters of 5 x 5 pixels in the one convolution.
    hidden_units : int
        Units of the dense layer in the middle.
    num_classes : int

    Returns
    -------
    model : keras.Sequential
        From uint8 pictures of shape (batch, 32, 32, 3) in 0 to 255 to class probabilities of
        shape (batch, num_classes). With the default sizes it has 591,390 parameters.

    Raises
    ------
    ValueError
        If a size is not an integer from 1 on.

    References
    ----------
    Saitoh, *Deep Learning from Scratch* (2016), chapter 7: the same network, there for MNIST.
    """
    _check_positive(num_filters=num_filters, hidden_units=hidden_units, num_classes=num_classes)
    return keras.Sequential(
        [
            keras.Input(PICTURE_SHAPE, dtype="uint8", name="pictures"),
            layers.Rescaling(1 / 127.5, offset=-1, name="scale"),  # 0..255 becomes -1..1
            layers.Conv2D(num_filters, 5, activation="relu", name="conv"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dense(hidden_units, activation="relu", name="hidden"),
            layers.Dense(num_classes, activation="softmax", name="classes"),
        ],
        name="simple_convnet",
    )


def four_layer_convnet(*, picture_shape=PICTURE_SHAPE, num_classes=CLASSES):
    """Build a small network that is deep enough to have early and late filters.

    Four 3 x 3 convolutions with 16, 32, 64 and 64 filters, a max pooling after each of the first
    two, and global average pooling before the classifier, so that any picture size works.

    Parameters
    ----------
    picture_shape : (height, width, channels)
        Height and width may be None.
    num_classes : int

    Returns
    -------
    model : keras.Model
        From pictures of shape (batch, height, width, channels) in 0 to 255 to class scores
        (logits, no softmax) of shape (batch, num_classes). 61,690 parameters for ten classes.

    Raises
    ------
    ValueError
        If `num_classes` is not an integer from 1 on, or `picture_shape` not three such numbers.
    """
    _check_positive(num_classes=num_classes)
    if not isinstance(picture_shape, list | tuple) or len(picture_shape) != 3:
        raise ValueError(f"expected (height, width, channels), got {picture_shape!r}")
    for name, size in zip(("height", "width", "channels"), picture_shape, strict=True):
        if size is not None or name == "channels":
            validation.integer(size, name, minimum=1)
    pictures = keras.Input(picture_shape, name="pictures")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(pictures)
    for number, num_filters in enumerate([16, 32, 64, 64], start=1):
        x = layers.Conv2D(num_filters, 3, padding="same", use_bias=False, name=f"conv{number}")(x)
        x = layers.BatchNormalization(name=f"norm{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(x)
        if number <= 2:
            x = layers.MaxPooling2D(2, name=f"pool{number}")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    scores = layers.Dense(num_classes, name="scores")(x)
    return keras.Model(pictures, scores, name="four_layer_convnet")


def _check_positive(**sizes):
    for name, size in sizes.items():
        validation.integer(size, name, minimum=1)

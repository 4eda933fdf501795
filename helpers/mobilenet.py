"""MobileNet without its classifier, for transfer learning: in two widths, with weights for both."""

import dataclasses

import keras
import numpy as np
from keras import layers

from helpers import downloads, pretrained, settings, storage, validation, weights

SMALLEST_SIDE = 32  # pixels; a map of one pixel is left after the five halvings
NARROW = 0.25  # share of the filters that the narrow network has
NARROW_FILE = "narrow_mobilenet.weights.h5"

IMAGENET = pretrained.WeightsFile(
    network="MobileNet",
    trained_on="ImageNet",
    name="mobilenet_1_0_notop.weights.h5",
    remote=downloads.RemoteFile(
        name="mobilenet_1_0_224_tf_no_top.h5",
        urls=(
            "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/"
            "mobilenet_1_0_224_tf_no_top.h5",
            "https://github.com/MIAnalyzer/MIA/releases/download/weights/"
            "mobilenet_1_0_224_tf_no_top.h5",
        ),
        num_bytes=17_225_924,
        # Keras states none. This one is stated by MIA (https://github.com/MIAnalyzer/MIA), which
        # keeps copies of Keras' files; where Keras does state one, MIA's is the same.
        checksum="md5:725ccbd03d61d7ced5b5c4cd17e7d527",
    ),
)


@dataclasses.dataclass(frozen=True, eq=False)
class Backbone:
    """A trained MobileNet without its classifier, and where its weights came from.

    Parameters
    ----------
    model : keras.Model
        From pictures of shape (batch, height, width, 3) in -1 to 1 to features of shape
        (batch, channels), see `mobilenet`.
    source : str
        In words.
    is_real : bool
        False for the narrow network that comes with the workbook.
    """

    model: keras.Model = dataclasses.field(repr=False)
    source: str
    is_real: bool

    def describe(self):
        """Say in one line which network this is, and where its weights came from."""
        network = "MobileNet" if self.is_real else "narrow MobileNet"
        return f"{network}, {self.model.count_params():,} parameters, trained on {self.source}"


def load_backbone(
    data="auto",
    *,
    input_size,
    norm_momentum=0.9,
    folder=None,
    download=True,
    file=IMAGENET,
    limits=None,
    progress=True,
):
    """Load a trained MobileNet without its classifier from the first source that has one.

    These are a folder of the reader's, Keras' cache, the workbook's cache, a download and, unless
    the real weights are insisted on, the narrow network that comes with the workbook.

    Parameters
    ----------
    data : {"auto", "real", "embedded"}
        ``auto`` takes the whole network with ImageNet's weights or, with a printed line, the
        narrow one; ``real`` takes nothing but the whole one; ``embedded`` goes straight to the
        narrow one and never touches the network.
    input_size : int or (height, width)
        In pixels, at least 32.
    norm_momentum : float
        See `mobilenet`.
    folder, download, limits, progress
        As for `helpers.pretrained.load`.
    file : pretrained.WeightsFile
        Which weights of the whole network to look for.

    Returns
    -------
    backbone : Backbone

    Raises
    ------
    ValueError
        If `data` is unknown, or a side is too small.
    pretrained.WeightsUnavailable
        If `data` is ``real`` and no source has weights that fit, or the reader's file is broken.
    """
    settings.Settings(data=data)  # refuses what it does not know
    if data == "embedded":
        return _narrow(input_size, norm_momentum)
    model = mobilenet(input_size, norm_momentum=norm_momentum)
    try:
        source = pretrained.load(
            model,
            file,
            strict=data == "real",
            folder=folder,
            download=download,
            limits=limits,
            progress=progress,
        )
    except pretrained.WeightsUnavailable as problem:
        if data == "real":
            raise
        print(f"{problem.in_one_line()} Using the narrow MobileNet. {problem.remedy}", flush=True)
        return _narrow(input_size, norm_momentum)
    return Backbone(model, source, is_real=True)


def mobilenet(input_size, *, width=1.0, norm_momentum=0.9):
    """Build MobileNet from the picture to the mean of its last maps, with random weights.

    Parameters
    ----------
    input_size : int or (height, width)
        In pixels, at least 32.
    width : float
        Share of the filters that each layer has; the paper's alpha.
    norm_momentum : float
        Share of the running statistics that the batch normalisations keep at each step of
        training. Keras' usual 0.99 takes hundreds of steps to follow, more than a short training
        has. It is no weight, so any weights fit.

    Returns
    -------
    backbone : keras.Model
        From pictures of shape (batch, height, width, 3) in -1 to 1 to features of shape
        (batch, 1024 * width), none negative. 3,228,864 parameters at width 1, 218,544 at 0.25.

    Raises
    ------
    ValueError
        If a side is too small, or `width` is not above 0 and at most 1, or `norm_momentum` not from
        0 on and below 1.

    References
    ----------
    Howard et al., "MobileNets" (2017), table 1 and section 3.3. Built by ``keras.applications``.
    """
    height, columns = _check_size(input_size)
    width = validation.real(width, "width", above=0, maximum=1)
    norm_momentum = validation.real(norm_momentum, "norm_momentum", minimum=0, below=1)
    backbone = keras.applications.MobileNet(
        input_shape=(height, columns, 3),
        alpha=width,
        include_top=False,
        weights=None,
        pooling="avg",
        name="mobilenet" if width == 1 else "narrow_mobilenet",
    )
    for layer in backbone.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = norm_momentum
    return backbone


def narrow_mobilenet(input_size=64, *, norm_momentum=0.9):
    """Build `mobilenet` with a quarter of the filters: the network whose weights come along."""
    return mobilenet(input_size, width=NARROW, norm_momentum=norm_momentum)


def copy_of(backbone, *, input_size=None, random_weights=False):
    """Build the same network once more, with weights of its own.

    Parameters
    ----------
    backbone : keras.Model
        As `mobilenet` builds it. It stays as it is.
    input_size : int or (height, width), optional
        In pixels, at least 32; the weights fit any size. Without it, that of `backbone`.
    random_weights : bool
        Whether to start anew instead of with the weights of `backbone`.

    Returns
    -------
    copy : keras.Model

    Raises
    ------
    ValueError
        If a side is too small.
    """
    norms = (layer for layer in backbone.layers if isinstance(layer, layers.BatchNormalization))
    copy = mobilenet(
        backbone.input_shape[1:3] if input_size is None else input_size,
        width=backbone.output_shape[-1] / 1024,
        norm_momentum=next(norms).momentum,
    )
    if not random_weights:
        copy.set_weights(backbone.get_weights())
    return copy


def classifier(
    backbone, num_classes, *, picture_shape=(32, 32, 3), value_range=(-1, 1), dropout=0.0
):
    """Put a new head on a backbone, and pictures of any size and in 0 to 255 before it.

    Parameters
    ----------
    backbone : keras.Model
        From pictures in -1 to 1 to features, see `mobilenet`. It becomes a part of the new
        model: training one trains the other.
    num_classes : int
    picture_shape : (height, width, 3)
        Of the pictures to come; they are resized to what the backbone takes, bicubically.
    value_range : (float, float) or None
        What 0 and 255 become. MobileNet's weights were made for -1 and 1. None leaves the numbers
        as they are: the model then takes decimal numbers, which you have scaled.
    dropout : float
        Share of the features that each training step leaves out, below 1.

    Returns
    -------
    model : keras.Model
        From uint8 (with `value_range` None float32) pictures of shape (batch, height, width, 3) to
        class scores (logits, no softmax) of shape (batch, num_classes).

    Raises
    ------
    ValueError
        If `picture_shape` is no colour picture, `num_classes` not a whole number from 1 on,
        `value_range` not two different numbers, or `dropout` not a share.
    """
    _check_classes(num_classes)
    dropout = validation.real(dropout, "dropout", minimum=0, below=1)
    pictures, x = _prepared(picture_shape, backbone.input_shape[1:3], value_range)
    x = backbone(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    scores = layers.Dense(num_classes, name="scores")(x)
    return keras.Model(pictures, scores, name=f"{backbone.name}_classifier")


def features(backbone, images, *, batch_size=128):
    """Compute what a backbone makes of pictures, once, for a head to be trained on.

    Parameters
    ----------
    backbone : keras.Model
        From pictures in -1 to 1 to features, see `mobilenet`.
    images : uint8 array of shape (pictures, height, width, 3)
        RGB in 0 to 255; resized to what the backbone takes, bicubically.
    batch_size : int
        From 1 on.

    Returns
    -------
    features : float32 array of shape (pictures, channels)

    Raises
    ------
    ValueError
        If `images` are no batch of colour pictures in uint8, or `batch_size` is no such number.
    """
    images = _check_images(images)
    batch_size = validation.integer(batch_size, "batch_size", minimum=1)
    pictures, x = _prepared(images.shape[1:], backbone.input_shape[1:3], (-1, 1))
    model = keras.Model(pictures, backbone(x), name="features")
    found = np.empty((len(images), model.output_shape[-1]), "float32")
    for start in range(0, len(images), batch_size):  # predict would compile the new model first
        batch = images[start : start + batch_size]
        found[start : start + batch_size] = keras.ops.convert_to_numpy(model(batch, training=False))
    return found


def resize(images, input_size, *, batch_size=500):
    """Bring pictures to another size, bicubically.

    Parameters
    ----------
    images : uint8 array of shape (pictures, height, width, 3)
    input_size : int or (height, width)
        In pixels, at least 32.
    batch_size : int
        Pictures at a time, from 1 on; keeps the memory needed small.

    Returns
    -------
    resized : uint8 array of shape (pictures, *input_size, 3)
        A bicubic curve swings beyond its points; what leaves 0 to 255 is cut off.

    Raises
    ------
    ValueError
        If `images` are no batch of colour pictures in uint8, or a number is too small.
    """
    images, size = _check_images(images), _check_size(input_size)
    batch_size = validation.integer(batch_size, "batch_size", minimum=1)
    resized = np.empty((len(images), *size, 3), np.uint8)
    for start in range(0, len(images), batch_size):
        batch = keras.ops.convert_to_tensor(images[start : start + batch_size], "float32")
        rounded = np.rint(keras.ops.convert_to_numpy(_resized(batch, size)))
        resized[start : start + batch_size] = np.clip(rounded, 0, 255)
    return resized


def prepared(pictures, size, value_range=(-1, 1)):
    """Bring pictures to the size and range that a backbone takes, inside a model.

    Parameters
    ----------
    pictures : tensor of shape (batch, height, width, 3)
        Usually a ``keras.Input``; in 0 to 255.
    size : (height, width)
        In pixels.
    value_range : (float, float) or None
        What 0 and 255 become. None leaves the numbers as they are.

    Returns
    -------
    prepared : float tensor of shape (batch, *size, 3)
        Resized bicubically where the size differs.

    Raises
    ------
    ValueError
        If `value_range` is not two different numbers.
    """
    x = pictures
    if value_range is not None:
        low, high = _check_range(value_range)
        x = layers.Rescaling((high - low) / 255, offset=low, name="scale")(x)
    if tuple(pictures.shape[1:3]) != tuple(size):  # after the scaling, so that nothing is rounded
        x = _resized(x, size)
    return x


def check_labels(labels, num_classes):
    """Refuse labels that a head with `num_classes` scores cannot learn.

    Parameters
    ----------
    labels : int array of shape (pictures,)
    num_classes : int

    Raises
    ------
    ValueError
        If `labels` are not whole numbers in 0 to num_classes - 1, one for each picture.
    """
    _check_classes(num_classes)
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or len(labels) == 0:
        raise ValueError(
            f"expected whole numbers, one label for each picture, got {labels.dtype} of shape "
            f"{labels.shape}"
        )
    if labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(
            f"expected labels in 0 to {num_classes - 1} for a head with {num_classes} classes, "
            f"got {labels.min()} to {labels.max()}"
        )


def _narrow(input_size, norm_momentum):
    model = narrow_mobilenet(input_size, norm_momentum=norm_momentum)
    weights.load(model, storage.data_file(NARROW_FILE))
    return Backbone(model, "CIFAR-10 by the workbook", is_real=False)


def _prepared(picture_shape, size, value_range):
    """Make an input for pictures, and bring it to the size and range that are wanted."""
    shape = picture_shape if isinstance(picture_shape, list | tuple) else ()
    if len(shape) != 3 or shape[2] != 3:
        raise ValueError(f"expected pictures (height, width, 3), got {picture_shape}")
    for name, side in zip(("height", "width"), shape, strict=False):
        validation.integer(side, name, minimum=1)
    dtype = "float32" if value_range is None else "uint8"
    pictures = keras.Input(picture_shape, dtype=dtype, name="pictures")
    return pictures, prepared(pictures, size, value_range)


def _resized(images, size):
    # No Resizing layer: where a model is called without `training`, it sets that to True for all
    # layers after it.
    shrinks = images.shape[1] > size[0] or images.shape[2] > size[1]
    return keras.ops.image.resize(images, size, interpolation="bicubic", antialias=shrinks)


def _check_size(input_size):
    sides = input_size if isinstance(input_size, list | tuple) else [input_size] * 2
    try:
        height, width = (validation.integer(side, "side", minimum=SMALLEST_SIDE) for side in sides)
    except ValueError:
        raise ValueError(
            f"expected sides of at least {SMALLEST_SIDE} whole pixels, got {input_size}"
        ) from None
    return height, width


def _check_range(value_range):
    try:
        low, high = (validation.real(end, "end") for end in value_range)
    except (TypeError, ValueError):
        low = high = None
    if low == high:
        raise ValueError(f"expected value_range as two different numbers, got {value_range!r}")
    return low, high


def _check_classes(num_classes):
    validation.integer(num_classes, "num_classes", minimum=1)


def _check_images(images):
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] != 3 or images.dtype != np.uint8:
        raise ValueError(
            f"expected uint8 pictures (pictures, height, width, 3), got {images.dtype} of shape "
            f"{images.shape}"
        )
    return images

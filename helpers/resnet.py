"""Residual networks: ResNet-50, smaller ones of the same blocks, and those for small pictures."""

import keras
import numpy as np
from keras import layers, ops

from helpers import downloads, pretrained, validation

EPSILON = 1.001e-5  # of every batch normalisation, as in keras.applications
# Share of the running statistics that the batch normalisations keep at each step of training. The
# 0.99 of keras.applications takes hundreds of steps to follow. It is no weight: the weights fit.
MOMENTUM = 0.9
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)
SMALLEST_SIDE = 32  # pixels; a map of one pixel is left after ResNet-50's five halvings

_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/resnet"
_NAME = "resnet50_weights_tf_dim_ordering_tf_kernels"
IMAGENET = pretrained.WeightsFile(
    network="ResNet-50",
    trained_on="ImageNet",
    name="resnet50.weights.h5",
    remote=downloads.RemoteFile(
        name=f"{_NAME}.h5",
        urls=(f"{_ADDRESS}/{_NAME}.h5",),
        num_bytes=102_967_424,
        checksum="md5:2cb95161c43110f7111970584f804107",  # Keras states no other
    ),
)
IMAGENET_NO_TOP = pretrained.WeightsFile(
    network="ResNet-50 without its top",
    trained_on="ImageNet",
    name="resnet50_notop.weights.h5",
    remote=downloads.RemoteFile(
        name=f"{_NAME}_notop.h5",
        urls=(f"{_ADDRESS}/{_NAME}_notop.h5",),
        num_bytes=94_765_736,
        checksum="sha256:66c8b43daff3fcc15bc4f30e3d2a167e21a14d9c9598a5394e5516471f4af504",
    ),
)


def identity_block(x, num_filters, *, name):
    """Add what three convolutions find to what came in.

    A bottleneck: 1 x 1 to few channels, 3 x 3 on these, and 1 x 1 back to as many as came in.

    Parameters
    ----------
    x : float tensor of shape (batch, height, width, 4 * num_filters)
    num_filters : int
        Filters of the first two convolutions; the third has four times as many.
    name : str
        What the names of the block's layers begin with, for example ``"conv2_block2"``.

    Returns
    -------
    y : float tensor of the shape of `x`, not negative

    Raises
    ------
    ValueError
        If `x` does not have 4 * `num_filters` channels, so that the two cannot be added.

    References
    ----------
    He, Zhang, Ren & Sun (CVPR 2016), equation 1 and figure 5 (right).
    """
    _check_map(x, num_filters=num_filters)
    if x.shape[-1] != 4 * num_filters:
        raise ValueError(
            f"{name}: with num_filters={num_filters} the shortcut needs {4 * num_filters} "
            f"channels to be added to, got {x.shape}"
        )
    found = _bottleneck(x, num_filters, stride=1, name=name)
    return _add(x, found, name=name)


def convolution_block(x, num_filters, *, stride, name):
    """Add what three convolutions find to a projection of what came in.

    As `identity_block`, for where the shape changes: a 1 x 1 convolution brings the shortcut to
    the new shape.

    Parameters
    ----------
    x : float tensor of shape (batch, height, width, channels)
    num_filters : int
        Filters of the first two convolutions; the third and the shortcut have four times as many.
    stride : int
        Of the first 1 x 1 convolution and of the shortcut, in pixels.
    name : str
        What the names of the block's layers begin with, for example ``"conv3_block1"``.

    Returns
    -------
    y : float tensor of shape (batch, ceil(height / stride), ceil(width / stride), 4 * num_filters)
        Not negative.

    Raises
    ------
    ValueError
        If `x` is not a batch of feature maps, or a number is not a whole one of at least 1.

    References
    ----------
    He, Zhang, Ren & Sun (CVPR 2016), equation 2 and section 4.1, option B. Later networks
    ("ResNet v1.5") have the stride in the 3 x 3 convolution instead.
    """
    _check_map(x, num_filters=num_filters, stride=stride)
    shortcut = _convolve(x, 4 * num_filters, 1, stride=stride, name=f"{name}_0")
    found = _bottleneck(x, num_filters, stride=stride, name=name)
    return _add(shortcut, found, name=name)


def resnet50(input_shape=(224, 224, 3), num_classes=1000, include_top=True):
    """Build ResNet-50, so that the ImageNet weights of ``keras.applications.ResNet50`` fit.

    Parameters
    ----------
    input_shape : (height, width, 3)
        Height and width at least 32 pixels, or None for pictures of any size.
    num_classes : int
        Of no effect without the top.
    include_top : bool
        Whether to end in the classifier, or in the last feature maps.

    Returns
    -------
    model : keras.Model
        From pictures of shape (batch, height, width, 3) that went through `preprocess` to class
        probabilities of shape (batch, num_classes) or, without the top, to feature maps of shape
        (batch, ceil(height / 32), ceil(width / 32), 2048). 25,636,712 parameters for 1,000
        classes, 23,587,712 without the top.

    Raises
    ------
    ValueError
        If `input_shape` or `num_classes` is something else.

    References
    ----------
    He, Zhang, Ren & Sun, "Deep Residual Learning for Image Recognition" (CVPR 2016), table 1.
    As in ``keras.applications``, the convolutions have biases, which the paper does not mention.
    `load_imagenet` loads the weights.
    """
    return bottleneck_resnet(input_shape, num_classes, include_top=include_top, name="resnet50")


def bottleneck_resnet(
    input_shape,
    num_classes,
    *,
    blocks=(3, 4, 6, 3),
    filters=(64, 128, 256, 512),
    include_top=True,
    name="bottleneck_resnet",
):
    """Build a network like ResNet-50 with fewer or more blocks and filters.

    Each stage is one `convolution_block` followed by `identity_block`s; each but the first halves
    the feature maps.

    Parameters
    ----------
    input_shape : (height, width, 3)
        Height and width at least 32 pixels, or None for pictures of any size.
    num_classes : int
        Of no effect without the top.
    blocks : sequence of int
        Blocks in each stage. (3, 4, 6, 3) is ResNet-50, (3, 4, 23, 3) ResNet-101.
    filters : sequence of int
        `num_filters` of the blocks in each stage; the first is that of the first layer, too.
    include_top : bool
        Whether to end in the classifier, or in the last feature maps.
    name : str
        Of the model.

    Returns
    -------
    model : keras.Model
        From pictures of shape (batch, height, width, 3) that went through `preprocess` to class
        probabilities of shape (batch, num_classes), or to feature maps with 4 * filters[-1]
        channels.

    Raises
    ------
    ValueError
        If `input_shape` or `num_classes` is something else, a number is not a whole one of at
        least 1, or `blocks` and `filters` do not have one entry for each stage.

    References
    ----------
    He, Zhang, Ren & Sun (CVPR 2016), table 1.
    """
    _check_input_shape(input_shape)
    _check_counts(num_classes=num_classes)
    _check_stages(blocks, filters)
    pictures = keras.Input(input_shape, name="pictures")
    x = _first_layers(pictures, filters[0])
    for stage, (num_blocks, num_filters) in enumerate(zip(blocks, filters, strict=True), start=2):
        stride = 1 if stage == 2 else 2  # the pooling has just halved the maps
        x = convolution_block(x, num_filters, stride=stride, name=f"conv{stage}_block1")
        for block in range(2, num_blocks + 1):
            x = identity_block(x, num_filters, name=f"conv{stage}_block{block}")
    if include_top:
        x = _classify(x, num_classes)
    return keras.Model(pictures, x, name=name)


def small_resnet(depth, *, input_shape, num_classes, residual=True, num_filters=16):
    """Build the paper's network for small pictures, or the same one without shortcuts.

    One 3 x 3 convolution, then three stages of n blocks with two 3 x 3 convolutions each. The
    second and third stage halve the feature maps and double the filters.

    Parameters
    ----------
    depth : int
        Layers with weights: 6 n + 2, such as 8, 14, 20, 32, 44, 56 or 110.
    input_shape : (height, width, 3)
        Height and width at least 32 pixels, or None for pictures of any size.
    num_classes : int
    residual : bool
        False leaves the shortcuts out, for the plain network of the same depth. Its parameters
        are the same but for the two projections.
    num_filters : int
        Filters of the first stage.

    Returns
    -------
    model : keras.Model
        From pictures of shape (batch, height, width, 3) in 0 to 255 to class probabilities of
        shape (batch, num_classes).

    Raises
    ------
    ValueError
        If `depth` is not 6 n + 2 or something else is out of its range.

    References
    ----------
    He, Zhang, Ren & Sun (CVPR 2016), section 4.2. Where the shape changes, the paper subsamples
    the shortcut and fills up with channels of zeros (option A); we project it with a 1 x 1
    convolution (option B), as in ResNet-50.
    """
    _check_counts(depth=depth, num_classes=num_classes, num_filters=num_filters)
    if depth < 8 or depth % 6 != 2:
        raise ValueError(f"depth must be 6 n + 2, for example 8, 14 or 20; got {depth}")
    _check_input_shape(input_shape)
    pictures = keras.Input(input_shape, name="pictures")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(pictures)  # 0..255 becomes -1..1
    x = _convolve(x, num_filters, 3, use_bias=False, name="conv1")
    x = layers.Activation("relu", name="conv1_relu")(x)
    for stage in (2, 3, 4):
        for block in range(1, depth // 6 + 1):
            stride = 2 if stage > 2 and block == 1 else 1
            x = _basic_block(
                x,
                num_filters * 2 ** (stage - 2),
                stride=stride,
                residual=residual,
                name=f"conv{stage}_block{block}",
            )
    kind = "resnet" if residual else "plain"
    return keras.Model(pictures, _classify(x, num_classes), name=f"{kind}{depth}")


def preprocess(images):
    """Turn RGB pictures into what ResNet-50's ImageNet weights expect.

    Parameters
    ----------
    images : array or tensor of shape (height, width, 3) or (batch, height, width, 3)
        RGB in 0 to 255, of any number type.

    Returns
    -------
    prepared : float32 tensor of the same shape
        Blue, green, red, each less its mean over ImageNet: about -124 to 151.

    Raises
    ------
    ValueError
        If the shape is another one.
    """
    images = ops.cast(images, "float32")
    if len(images.shape) not in (3, 4) or images.shape[-1] != 3:
        raise ValueError(
            f"expected (height, width, 3) or (batch, height, width, 3), got {tuple(images.shape)}"
        )
    return ops.flip(images, axis=-1) - np.array(IMAGENET_MEAN_BGR, "float32")


def load_imagenet(
    model, data="auto", *, folder=None, download=True, file=None, limits=None, progress=True
):
    """Load ImageNet's weights into ResNet-50 from the first source that has them.

    These are a folder of the reader's, Keras' cache, the workbook's cache and a download of about
    100 MB. The workbook brings none along.

    Parameters
    ----------
    model : keras.Model
        As `resnet50` builds it for 1,000 classes or without its top, for pictures of any size.
        Nothing but the weights changes, and nothing at all if they cannot be had.
    data : {"auto", "real", "embedded"}
        ``real`` stops at a broken file of the reader's and puts up with slow hosts; ``auto``
        passes over the one and gives up the others; ``embedded`` looks nowhere at all.
    folder, download, limits, progress
        As for `helpers.pretrained.load`.
    file : pretrained.WeightsFile, optional
        Which weights to look for; without it, `IMAGENET` or `IMAGENET_NO_TOP`, whichever fits.

    Returns
    -------
    source : str
        Where they came from, in words.

    Raises
    ------
    ValueError
        If `data` is unknown, or `model` has not as many parameters as one of the two.
    pretrained.WeightsUnavailable
        If no source has weights that fit, or a file in the reader's folder is broken and `data`
        is ``real``.
    """
    return pretrained.load_published(
        model,
        {25_636_712: IMAGENET, 23_587_712: IMAGENET_NO_TOP},
        data,
        what="ResNet-50 for 1,000 classes or without its top",
        file=file,
        folder=folder,
        download=download,
        limits=limits,
        progress=progress,
    )


def _first_layers(x, num_filters):
    """Quarter the height and the width: a 7 x 7 convolution and a pooling, each of stride 2."""
    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = _convolve(x, num_filters, 7, stride=2, padding="valid", name="conv1")
    x = layers.Activation("relu", name="conv1_relu")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    return layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)


def _bottleneck(x, num_filters, *, stride, name):
    x = _convolve(x, num_filters, 1, stride=stride, name=f"{name}_1")
    x = layers.Activation("relu", name=f"{name}_1_relu")(x)
    x = _convolve(x, num_filters, 3, name=f"{name}_2")
    x = layers.Activation("relu", name=f"{name}_2_relu")(x)
    return _convolve(x, 4 * num_filters, 1, name=f"{name}_3")


def _basic_block(x, num_filters, *, stride, residual, name):
    found = _convolve(x, num_filters, 3, stride=stride, use_bias=False, name=f"{name}_1")
    found = layers.Activation("relu", name=f"{name}_1_relu")(found)
    found = _convolve(found, num_filters, 3, use_bias=False, name=f"{name}_2")
    if not residual:
        return layers.Activation("relu", name=f"{name}_out")(found)
    if stride != 1 or x.shape[-1] != num_filters:
        x = _convolve(x, num_filters, 1, stride=stride, use_bias=False, name=f"{name}_0")
    return _add(x, found, name=name)


def _convolve(x, num_filters, size, *, stride=1, padding="same", use_bias=True, name):
    """Convolve and normalise, but leave the activation to the caller."""
    x = layers.Conv2D(
        num_filters,
        size,
        strides=stride,
        padding=padding,
        use_bias=use_bias,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    return layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name=f"{name}_bn")(x)


def _add(shortcut, found, *, name):
    # In this order: it decides the order of the layers, and so which weights go where.
    x = layers.Add(name=f"{name}_add")([shortcut, found])
    return layers.Activation("relu", name=f"{name}_out")(x)


def _classify(x, num_classes):
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return layers.Dense(num_classes, activation="softmax", name="predictions")(x)


def _check_map(x, **counts):
    _check_counts(**counts)
    if len(x.shape) != 4 or x.shape[-1] is None:
        raise ValueError(f"expected (batch, height, width, channels), got {tuple(x.shape)}")


def _check_input_shape(input_shape):
    try:
        height, width, channels = input_shape
        for side in (height, width):
            if side is not None:
                validation.integer(side, "side", minimum=SMALLEST_SIDE)
        validation.integer(channels, "channels", minimum=3, maximum=3)
    except (TypeError, ValueError):
        raise ValueError(
            f"expected (height, width, 3) with sides of at least {SMALLEST_SIDE} pixels or None, "
            f"got {input_shape}"
        ) from None


def _check_stages(blocks, filters):
    several = all(isinstance(each, list | tuple) for each in (blocks, filters))
    if not several or len(blocks) != len(filters) or len(blocks) == 0:
        raise ValueError(f"expected blocks and filters for each stage, got {blocks} and {filters}")
    for num_blocks, num_filters in zip(blocks, filters, strict=True):
        _check_counts(blocks=num_blocks, filters=num_filters)


def _check_counts(**counts):
    for name, count in counts.items():
        validation.integer(count, name, minimum=1)

"""The networks that style transfer reads pictures with: VGG-19, MobileNet, and a small VGG."""

import keras
import numpy as np
from keras import ops
from PIL import Image

from helpers import downloads, images, mobilenet, pretrained, resnet, settings, storage, weights
from helpers.style import vgg
from helpers.style.reading import Extractor

SMALL_VGG_FILE = "small_vgg.weights.h5"
_PHOTOS_FOR_MEANS, _THEIR_SIDE = ("astronaut", "cat", "coffee", "rocket"), 160

_NAME = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
VGG19_IMAGENET = pretrained.WeightsFile(
    network="VGG-19 without its top",
    trained_on="ImageNet",
    name="vgg19_notop.weights.h5",
    remote=downloads.RemoteFile(
        name=_NAME,
        urls=(f"https://storage.googleapis.com/tensorflow/keras-applications/vgg19/{_NAME}",),
        num_bytes=80_134_624,
        checksum="md5:253f8cb515780f3b799900260a226db6",  # Keras states no other
    ),
)


def load_extractor(data="auto", **options):
    """Load the best extractor that is at hand: VGG-19 or, where it cannot be had, the small VGG.

    Parameters
    ----------
    data : {"auto", "real", "embedded"}
        ``auto`` takes VGG-19 with ImageNet's weights or, with a printed line, the small network
        that comes along; ``real`` takes nothing but VGG-19; ``embedded`` goes straight to the small
        one and never touches the network.
    **options
        As for `load_vgg19`.

    Returns
    -------
    extractor : Extractor

    Raises
    ------
    ValueError
        If `data` is unknown.
    pretrained.WeightsUnavailable
        If `data` is ``real`` and no source has weights that fit, or the reader's file is broken.
    """
    settings.Settings(data=data)  # refuses what it does not know
    if data == "embedded":
        return load_small_vgg()
    try:
        return load_vgg19(data, **options)
    except pretrained.WeightsUnavailable as problem:
        if data == "real":
            raise
        print(f"{problem.in_one_line()} Using the small VGG. {problem.remedy}", flush=True)
        return load_small_vgg()


def load_vgg19(data="auto", *, pooling="average", unit_means=True, file=VGG19_IMAGENET, **options):
    """Load VGG-19 with ImageNet's weights from the first source that has them.

    These are a folder of the reader's, Keras' cache, the workbook's cache and a download of about
    80 MB. The workbook brings none along.

    Parameters
    ----------
    data : {"auto", "real", "embedded"}
        ``real`` stops at a broken file of the reader's and puts up with slow hosts; ``auto``
        passes over the one and gives up the others; ``embedded`` looks nowhere at all.
    pooling : {"average", "max"}
        See `vgg.vgg19`.
    unit_means : bool
        Whether to rescale the filters so that each one's activation is 1 in the mean over four
        photos, see `vgg.scale_to_unit_means`. Then costs and weights have the same order of size as
        with the small VGG. Without it, the weights stay as published.
    file : pretrained.WeightsFile
        Which weights to look for.
    **options
        As for `helpers.pretrained.load`: ``folder``, ``download``, ``limits``, ``progress``.

    Returns
    -------
    extractor : Extractor

    Raises
    ------
    ValueError
        If `data` or `pooling` is unknown.
    pretrained.WeightsUnavailable
        If no source has weights that fit, or a file in the reader's folder is broken and `data`
        is ``real``.

    References
    ----------
    Gatys, Ecker & Bethge (CVPR 2016), section 3, for the layers; section 2, for the means.
    """
    network = vgg.vgg19(pooling=pooling)
    source = pretrained.load_published(
        network,
        {network.count_params(): file},
        data,
        what="VGG-19 without its top",
        **options,
    )
    if unit_means:
        vgg.scale_to_unit_means(network, resnet.preprocess(_photos()), batch_size=1)
    return vgg19_extractor(network, source)


def _photos():
    size = (_THEIR_SIDE, _THEIR_SIDE)
    photos = [Image.fromarray(images.load_photo(name)) for name in _PHOTOS_FOR_MEANS]
    return np.stack([np.asarray(photo.resize(size)) for photo in photos])


def vgg19_extractor(network, source):
    """Make an extractor of VGG-19, whatever its weights.

    Parameters
    ----------
    network : keras.Model
        As `vgg.vgg19` builds it.
    source : str
        Which weights it has, in words.

    Returns
    -------
    extractor : Extractor
    """
    return Extractor(
        network,
        resnet.preprocess,  # ImageNet's mean, and BGR: VGG-19's weights want the same
        _convolutions(network),
        content_layers=("block4_conv2",),
        style_layers=tuple(f"block{block}_conv1" for block in range(1, 6)),
        smallest_side=16,
        source=source,
    )


def load_small_vgg():
    """Load the small VGG with the weights that come with the workbook.

    Returns
    -------
    extractor : Extractor

    Raises
    ------
    ValueError
        If the file of weights is missing or broken.
    """
    network = vgg.small_vgg()
    weights.load(network, storage.data_file(SMALL_VGG_FILE))
    return small_vgg_extractor(network, "CIFAR-10 by the workbook")


def small_vgg_extractor(network, source):
    """Make an extractor of the small VGG, whatever its weights.

    Parameters
    ----------
    network : keras.Model
        As `vgg.small_vgg` builds it.
    source : str
        Which weights it has, in words.

    Returns
    -------
    extractor : Extractor
    """
    return Extractor(
        network,
        _centre,
        _convolutions(network),
        content_layers=("block3_conv2",),
        style_layers=tuple(f"block{block}_conv1" for block in range(1, 5)),
        smallest_side=8,
        source=source,
    )


def load_mobilenet(data="auto", **options):
    """Load MobileNet, whole or narrow, as an extractor.

    Parameters
    ----------
    data : {"auto", "real", "embedded"}
        As for `mobilenet.load_backbone`.
    **options
        As for `mobilenet.load_backbone`, but without the size.

    Returns
    -------
    extractor : Extractor

    Raises
    ------
    ValueError
        If `data` is unknown.
    pretrained.WeightsUnavailable
        If `data` is ``real`` and no source has weights that fit, or the reader's file is broken.
    """
    backbone = mobilenet.load_backbone(data, input_size=mobilenet.SMALLEST_SIDE, **options)
    return mobilenet_extractor(backbone.model, backbone.source)


def mobilenet_extractor(backbone, source):
    """Make an extractor of a MobileNet, whatever its weights.

    Parameters
    ----------
    backbone : keras.Model
        As `mobilenet.mobilenet` builds it; it stays as it is.
    source : str
        Which weights it has, in words.

    Returns
    -------
    extractor : Extractor
    """
    network = keras.applications.MobileNet(
        input_shape=(None, None, 3),  # the backbone takes pictures of one size only
        alpha=backbone.output_shape[-1] / 1024,
        include_top=False,
        weights=None,
        name=backbone.name,
    )
    network.set_weights(backbone.get_weights())
    names = [layer.name for layer in network.layers]
    return Extractor(
        network,
        _centre,
        tuple(name for name in names if name.endswith("_relu")),
        content_layers=("conv_pw_5_relu",),
        style_layers=("conv1_relu", *(f"conv_pw_{number}_relu" for number in (1, 3, 5, 11))),
        smallest_side=mobilenet.SMALLEST_SIDE,
        source=source,
    )


def _centre(pictures):
    """Bring 0 to 255 to -1 to 1."""
    return ops.cast(pictures, "float32") / 127.5 - 1


def _convolutions(network):
    return tuple(layer.name for layer in network.layers if isinstance(layer, keras.layers.Conv2D))

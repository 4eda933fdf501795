"""Files of weights in the format of Darknet, the program that YOLO was written in.

Such a file begins with three whole numbers of 4 bytes: the major version, the minor version and
the revision. Then comes how many pictures the network has seen, in 8 bytes from version 0.2 on
and in 4 before. The rest are numbers of 4 bytes each, for one convolution after the other: its
biases; or, where it is normalised, the shifts (beta), the scales (gamma), the running means and
the running variances; and then its kernels in the order (filters, channels, rows, columns). All
is little-endian.

The convolutions of a model are its layers ``conv1``, ``conv2`` and so on in Darknet's order, and
``conv1_bn`` is the batch normalisation of ``conv1``. `helpers.yolo.networks` names them like this.
"""

import os
import pathlib
import typing

import numpy as np
from keras import layers

from helpers import downloads, messages, pretrained, reading, storage, validation, weights

_VERSION = (0, 2, 0)  # what Darknet itself writes
_LIMIT = 1000  # of major and minor; Darknet marks kernels in another order by adding it
_NUMBER = np.dtype("<f4")

_AUTHORS = "https://pjreddie.com/media/files"
_SUCCESSORS = "https://github.com/hank-ai/darknet/releases/download/v2.0"

COCO = pretrained.WeightsFile(
    network="YOLOv2",
    trained_on="COCO",
    name="yolov2.weights.h5",
    remote=downloads.RemoteFile(
        name="yolov2.weights",
        urls=(f"{_AUTHORS}/yolov2.weights", f"{_SUCCESSORS}/yolov2.weights"),
        num_bytes=203_934_260,
        # The authors state none; this one is from https://github.com/clibdev/pytorch-yolo2
        checksum="sha256:d9945162ed6f54ce1a901e3ec537bdba4d572ecae7873087bd730e5a7942df3f",
    ),
)
TINY_COCO = pretrained.WeightsFile(
    network="tiny YOLOv2",
    trained_on="COCO",
    name="yolov2-tiny.weights.h5",
    remote=downloads.RemoteFile(
        name="yolov2-tiny.weights",
        urls=(f"{_AUTHORS}/yolov2-tiny.weights", f"{_SUCCESSORS}/yolov2-tiny.weights"),
        num_bytes=44_948_600,
        # From models/public/yolo-v2-tiny-tf/model.yml of OpenVINO's Open Model Zoo
        checksum="sha256:16f4e870f1aed83f0089cb69bfda6b53cb7b2a4a01721be56eaf5c899dfac45f",
    ),
)


def load_coco(
    model, data="auto", *, folder=None, download=True, file=None, limits=None, progress=True
):
    """Load the weights that were published for COCO from the first source that has them.

    These are a folder of the reader's, Keras' cache, the workbook's cache and a download of
    204 MB or, for the tiny network, 45 MB. The workbook brings none along.

    Parameters
    ----------
    model : keras.Model
        As `networks.yolov2` or `networks.tiny_yolov2` builds it for 80 classes and 5 anchors, for
        pictures of any size. Nothing but the weights changes, and nothing at all if they cannot
        be had.
    data : {"auto", "real", "embedded"}
        ``real`` stops at a broken file of the reader's and puts up with slow hosts; ``auto``
        passes over the one and gives up the others; ``embedded`` looks nowhere at all.
    folder, download, limits, progress
        As for `helpers.pretrained.load`.
    file : pretrained.WeightsFile, optional
        Which weights to look for; without it, `COCO` or `TINY_COCO`, whichever fits.

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
        {50_983_561: COCO, 11_237_145: TINY_COCO},
        data,
        what="YOLOv2 or tiny YOLOv2 for 80 classes and 5 anchors",
        file=file,
        folder=folder,
        download=download,
        limits=limits,
        progress=progress,
        read=_load_either,
    )


def load_darknet_weights(model, path):
    """Load a file of Darknet's into a model, completely or not at all.

    Parameters
    ----------
    model : keras.Model
        Built, with the convolutions of the network that the file was saved from, named as the top
        of this module says, and no other weights. An optimizer keeps its state.
    path : str or pathlib.Path
        Such as ``yolov2.weights``, or one that Darknet wrote when you trained with it.

    Raises
    ------
    ValueError
        If the model is another one. If the file is missing, does not begin as Darknet's do, or has
        fewer or more numbers than the model needs; or if a number is not finite, or a variance
        negative. The model then stays as it was.
    """
    path, entries = pathlib.Path(path), _entries(model)
    begin = _check_length(path, entries, model.name)
    for entry, values in _read(path, begin, entries):
        _check_values(entry, values, f"{path} has")
    with weights.all_or_nothing(model):
        for entry, values in _read(path, begin, entries):
            entry.variable.assign(values)


def save_darknet_weights(model, path, *, pictures_seen=0):
    """Save a model's weights for Darknet, and for programs that read its files, such as OpenCV.

    Parameters
    ----------
    model : keras.Model
        As for `load_darknet_weights`.
    path : str or pathlib.Path
        The file to write or to replace; it appears whole or not at all.
    pictures_seen : int
        How many pictures the network was trained with. Darknet goes on counting from there.

    Raises
    ------
    ValueError
        If the model is another one, a weight is not finite, a variance is negative, or
        `pictures_seen` is no integer of 8 bytes, from 0 on.
    OSError
        If the file cannot be written.
    """
    pictures_seen = validation.integer(pictures_seen, "pictures_seen", minimum=0, maximum=2**64 - 1)
    entries = _entries(model)
    with storage.replacing(path) as draft, open(draft, "wb") as file:
        file.write(np.array(_VERSION, "<i4").tobytes())
        file.write(np.array(pictures_seen, "<u8").tobytes())
        for entry in entries:
            values = entry.variable.numpy()
            _check_values(entry, values, f"model {model.name!r} has")
            entry.to_darknet(values).astype(_NUMBER).tofile(file)


class _Entry(typing.NamedTuple):
    """One array of a file, and the variable of a model that it belongs to."""

    name: str
    variable: typing.Any

    def to_darknet(self, values):
        return values.transpose(3, 2, 0, 1) if values.ndim == 4 else values

    def from_darknet(self, values):
        if len(self.variable.shape) == 1:
            return values
        rows, columns, channels, filters = self.variable.shape
        return values.reshape(filters, channels, rows, columns).transpose(2, 3, 1, 0)

    def count(self):
        return int(np.prod(self.variable.shape))


def _entries(model):
    """List a model's weights in the order of a file."""
    if not model.built:
        raise ValueError(f"model {model.name!r} has no weights yet: build it first")
    known = {layer.name: layer for layer in model.layers}
    entries = []
    while convolution := known.get(f"conv{_count_kernels(entries) + 1}"):
        norm = known.get(f"{convolution.name}_bn")
        _check_layers(convolution, norm)
        if norm:
            variables = [norm.beta, norm.gamma, norm.moving_mean, norm.moving_variance]
        else:
            variables = [convolution.bias]
        variables.append(convolution.kernel)
        entries += [_Entry(f"{convolution.name}'s {value.name}", value) for value in variables]
    if {id(entry.variable) for entry in entries} != {id(weight) for weight in model.weights}:
        raise ValueError(
            f"expected a model whose only weights are those of convolutions conv1, conv2, ... and "
            f"their normalisations conv1_bn, conv2_bn, ...; {model.name!r} has "
            f"{_count_kernels(entries)} such convolutions and other weights"
        )
    return entries


def _count_kernels(entries):
    return sum(len(entry.variable.shape) == 4 for entry in entries)


def _check_layers(convolution, norm):
    if not isinstance(convolution, layers.Conv2D) or convolution.groups != 1:
        raise ValueError(f"expected {convolution.name} to be a Conv2D without groups")
    if convolution.use_bias == (norm is not None):
        raise ValueError(
            f"expected {convolution.name} to have either a bias or a batch normalisation, "
            f"got {'both' if norm else 'neither'}"
        )
    if norm and not (isinstance(norm, layers.BatchNormalization) and norm.scale and norm.center):
        raise ValueError(f"expected {norm.name} to be a BatchNormalization with beta and gamma")


def _check_length(path, entries, model_name):
    """Refuse a file with other than the numbers needed; return at which byte they begin."""
    try:
        with reading.open_regular(path) as file:
            header, num_bytes = np.fromfile(file, "<i4", count=3), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {messages.reason(error)}") from error
    if (header[:2] < 0).any() or (header[:2] >= _LIMIT).any():
        raise ValueError(
            f"{path} is not a file of Darknet's: it should begin with a version such as 0.2, but "
            f"begins with {header.tolist()}"
        )
    major, minor = header[:2] if len(header) == 3 else (0, 0)
    begin = 12 + (8 if 10 * major + minor >= 2 else 4)
    wanted = sum(entry.count() for entry in entries)
    came, over = divmod(max(num_bytes - begin, 0), _NUMBER.itemsize)
    if came != wanted or over:
        rest = f" and {over} bytes" if over else ""
        raise ValueError(
            f"{path} does not fit model {model_name!r}: wanted {wanted:,} numbers, "
            f"came {came:,}{rest}"
        )
    return begin


def _read(path, begin, entries):
    """Yield each entry with its values, one at a time, so that never all are in memory."""
    with open(path, "rb") as file:
        file.seek(begin)
        for entry in entries:
            yield entry, entry.from_darknet(np.fromfile(file, _NUMBER, count=entry.count()))


def _check_values(entry, values, who):
    if not np.isfinite(values).all():
        raise ValueError(f"{who} a number that is not finite in {entry.name}")
    if entry.name.endswith("variance") and (values < 0).any():
        raise ValueError(f"{who} a negative number in {entry.name}: {values.min()}")


def _load_either(model, path):
    """Load what a reader's folder may have: Keras' format under Keras' name, or Darknet's."""
    load = weights.load if path.suffix == ".h5" else load_darknet_weights
    load(model, path)

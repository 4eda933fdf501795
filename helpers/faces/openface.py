"""OpenFace's nn4.small2, a small relative of FaceNet's network, and its published weights.

The network is nn4.small2.def.lua of https://github.com/cmusatyalab/openface, for Torch, with the
channels last. Layers have the names that the files of weights have: ``conv1``, ``bn1``,
``inception_3a_3x3_conv1``, ``inception_3a_3x3_bn1`` and so on. Two places differ between the
versions for Keras that go around, where we keep to Torch: the local response normalisation is
over 5 channels with alpha / 5 before the sum, and some blocks pool by the root of the sum of
squares. A version that leaves these out takes the same weights, but gives other embeddings.
"""

import functools
import pathlib

import keras
import numpy as np
from keras import layers, ops

from helpers import messages, reading, weights

PICTURE_SHAPE = (96, 96, 3)
DIMENSIONS = 128
EPSILON = 1e-5  # of every batch normalisation, Torch's own
MOMENTUM = 0.9  # as well; Torch calls it 0.1


def nn4_small2():
    """Build OpenFace's nn4.small2, with random weights.

    Returns
    -------
    encoder : keras.Model
        From uint8 pictures of shape (batch, 96, 96, 3), RGB, to float32 embeddings of shape
        (batch, 128), of unit length. 3,743,280 parameters, 9,312 of them running statistics.

    References
    ----------
    Amos, Ludwiczuk & Satyanarayanan, "OpenFace" (CMU-CS-16-118, 2016); Schroff, Kalenichenko &
    Philbin, "FaceNet" (CVPR 2015), table 2, for the larger network that it was cut down from.
    """
    pictures = keras.Input(PICTURE_SHAPE, dtype="uint8", name="pictures")
    x = layers.Rescaling(1 / 255, name="scale")(pictures)  # 0..255 becomes 0..1
    x = _convolve(x, 64, 7, name="conv1", stride=2)
    x = layers.MaxPooling2D(3, 2, name="pool1")(_pad(x, 1))
    x = LocalResponseNormalization(name="lrn1")(x)
    x = _convolve(x, 64, 1, name="conv2")
    x = _convolve(x, 192, 3, name="conv3")
    x = LocalResponseNormalization(name="lrn2")(x)
    x = layers.MaxPooling2D(3, 2, name="pool2")(_pad(x, 1))  # (12, 12, 192)
    x = _inception(x, "3a", three=(96, 128), five=(16, 32), pooled=32, one=64)
    x = _inception(x, "3b", three=(96, 128), five=(32, 64), pooled=64, one=64, l2=True)
    x = _inception(x, "3c", three=(128, 256), five=(32, 64), stride=2)  # (6, 6, 640)
    x = _inception(x, "4a", three=(96, 192), five=(32, 64), pooled=128, one=256, l2=True)
    x = _inception(x, "4e", three=(160, 256), five=(64, 128), stride=2)  # (3, 3, 1024)
    x = _inception(x, "5a", three=(96, 384), pooled=96, one=256, l2=True)
    x = _inception(x, "5b", three=(96, 384), pooled=96, one=256)
    x = layers.GlobalAveragePooling2D(name="features")(x)  # (736,)
    x = layers.Dense(DIMENSIONS, name="dense_layer")(x)
    x = layers.UnitNormalization(name="embedding")(x)
    return keras.Model(pictures, x, name="openface_nn4_small2")


def load_openface(path):
    """Build nn4.small2 with the weights that OpenFace published, from files that you have.

    Parameters
    ----------
    path : str or pathlib.Path
        See `load_weights`.

    Returns
    -------
    encoder : keras.Model
        See `nn4_small2`. It was trained on faces that were cut out and turned so that the eyes and
        the nose always lie at the same places, see OpenFace's documentation.

    Raises
    ------
    ValueError
        As `load_weights`.
    """
    encoder = nn4_small2()
    load_weights(encoder, path)
    return encoder


def load_weights(model, path):
    """Load weights of OpenFace's into a model, completely or not at all.

    Parameters
    ----------
    model : keras.Model
        From `nn4_small2`.
    path : str or pathlib.Path
        One of

        - a folder with two files of comma-separated numbers for each convolution and for the
          dense layer, ``conv1_w.csv`` and ``conv1_b.csv`` to ``dense_w.csv`` and ``dense_b.csv``,
          and four for each batch normalisation, ``bn1_w.csv`` (scale), ``bn1_b.csv`` (shift),
          ``bn1_m.csv`` (running mean) and ``bn1_v.csv`` (running variance). Kernels in Torch's
          order: (filters, channels, rows, columns), and (outputs, inputs) for the dense layer;
        - an ``.h5`` file of Keras 2, such as ``nn4.small2.v1.h5``, with layers of the same names;
        - a ``.weights.h5`` file, as ``model.save_weights`` writes it.

    Raises
    ------
    ValueError
        If a file is missing or damaged, is not of numbers, or has other numbers than the model
        needs; or if a number is not finite, or a running variance negative. The model then stays
        as it was.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise ValueError(f"there is no file or folder {path}")
    if not path.is_dir():
        weights.load(model, path)
        return
    values = _read_folder(path, [layer for layer in model.layers if layer.weights])
    with weights.all_or_nothing(model):
        for variable, value in values:
            variable.assign(value)


@keras.saving.register_keras_serializable("helpers.faces")
class LocalResponseNormalization(layers.Layer):
    """Divide each number by how strong those of neighbouring channels are.

    x / (1 + alpha / size · Σ x²) ** beta, with the sum over the `size` channels around its own.

    Parameters
    ----------
    size : int
        Odd.
    alpha, beta : float
    **options
        As for any layer.

    References
    ----------
    Krizhevsky, Sutskever & Hinton (NIPS 2012), section 3.3; Torch divides alpha by the size.
    """

    def __init__(self, size=5, alpha=1e-4, beta=0.75, **options):
        super().__init__(**options)
        self.size, self.alpha, self.beta = size, alpha, beta

    def call(self, x):
        """Normalise maps of shape (batch, height, width, channels)."""
        channels, beside = x.shape[-1], self.size // 2
        squares = ops.pad(x**2, [(0, 0), (0, 0), (0, 0), (beside, beside)])
        total = sum(squares[..., start : start + channels] for start in range(self.size))
        return x / (1 + self.alpha / self.size * total) ** self.beta

    def get_config(self):
        """Return what another such layer can be made from."""
        return {**super().get_config(), "size": self.size, "alpha": self.alpha, "beta": self.beta}


@keras.saving.register_keras_serializable("helpers.faces")
class L2Pooling(layers.Layer):
    """Pool by the root of the sum of squares, over windows of 3 x 3 that do not overlap."""

    def call(self, x):
        """Pool maps of shape (batch, height, width, channels)."""
        total = 9 * ops.average_pool(x**2, 3, 3)
        is_zero = total == 0  # there the root has no finite slope
        return ops.where(is_zero, 0.0, ops.sqrt(ops.where(is_zero, 1.0, total)))


def _inception(x, name, *, three, five=None, pooled=None, one=None, stride=1, l2=False):
    """Join convolutions of 3 x 3 and 5 x 5 after a reduction, a pooling, and one of 1 x 1.

    `three` and `five` are filters of the reduction and of the convolution, `pooled` and `one` those
    of the projection after the pooling and of the convolution of 1 x 1; None leaves them out. The
    pooling takes the largest, or with `l2` the root of the sum of squares.
    """
    name = f"inception_{name}"
    branches = []
    for size, filters in ((3, three), (5, five)):
        if filters:
            branch = _convolve(x, filters[0], 1, name=f"{name}_{size}x{size}_conv1")
            branch = _convolve(
                branch, filters[1], size, name=f"{name}_{size}x{size}_conv2", stride=stride
            )
            branches.append(branch)
    side = branches[0].shape[1]
    pool = L2Pooling if l2 else functools.partial(layers.MaxPooling2D, 3, 2)
    branch = pool(name=f"{name}_pool")(x)
    if pooled:
        branch = _convolve(branch, pooled, 1, name=f"{name}_pool_conv")
    missing = side - branch.shape[1]  # Torch puts a smaller map into the middle of zeros
    branches.append(_pad(branch, (missing // 2, missing - missing // 2)))
    if one:
        branches.append(_convolve(x, one, 1, name=f"{name}_1x1_conv"))
    return layers.Concatenate(name=name)(branches)


def _convolve(x, filters, size, *, name, stride=1):
    # Padded by hand: with a stride, "same" would put more zeros below and to the right.
    x = layers.Conv2D(filters, size, stride, name=name)(_pad(x, size // 2))
    norm, relu = name.replace("conv", "bn"), name.replace("conv", "relu")
    x = layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON, name=norm)(x)
    return layers.ReLU(name=relu)(x)


def _pad(x, sides):
    """Put zeros around maps: one number for all sides, or one before and one after."""
    both = (sides, sides) if isinstance(sides, int) else sides
    return layers.ZeroPadding2D((both, both))(x) if any(both) else x


def _read_folder(folder, weighted_layers):
    """Read all values from CSV files; return pairs of a variable and its value."""
    files = {}
    for layer in weighted_layers:
        stem = "dense" if isinstance(layer, layers.Dense) else layer.name
        # Keras lists kernel, bias; or scale, shift, mean, variance.
        endings = "wbmv"[: len(layer.weights)]
        for ending, variable in zip(endings, layer.weights, strict=True):
            files[folder / f"{stem}_{ending}.csv"] = variable
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        rest = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ValueError(f"{folder} has no {missing[0]}{rest} of the {len(files)} files needed")
    return [(variable, _read_numbers(file, variable)) for file, variable in files.items()]


def _read_numbers(file, variable):
    try:
        with reading.open_regular(file) as content:
            text = content.read(_most_bytes(variable) + 1)
        if len(text) > _most_bytes(variable):
            raise ValueError(f"it has more than {_most_bytes(variable):,} bytes")
        values = np.array(text.decode().replace(",", " ").split(), dtype="float32")
    except (OSError, ValueError) as error:  # the latter for letters, and for what is no text
        raise ValueError(f"{file} is not a file of numbers: {messages.reason(error)}") from error
    shape = tuple(variable.shape)
    in_torch = (shape[3], shape[2], *shape[:2]) if len(shape) == 4 else shape[::-1]
    if len(values) != np.prod(shape):
        raise ValueError(
            f"expected {np.prod(shape):,} numbers {in_torch} in {file}, got {len(values):,}"
        )
    _check_values(values, variable, file)
    values = values.reshape(in_torch)
    return values.transpose(2, 3, 1, 0) if len(shape) == 4 else values.T


def _most_bytes(variable):
    """Say how large a file of so many numbers is at most; none is written in more than 60 bytes."""
    return 1000 + 60 * int(np.prod(variable.shape))


def _check_values(values, variable, path):
    if not np.isfinite(values).all():
        raise ValueError(f"{path} has a number that is not finite, for {variable.path}")
    if variable.name == "moving_variance" and (values < 0).any():
        raise ValueError(f"{path} has a negative variance, {values.min()}, for {variable.path}")

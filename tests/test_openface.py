"""Tests of nn4.small2: against a forward pass in NumPy, channels first, that draws the weights."""

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers.faces import openface

# Keras' own saving, with TensorFlow and NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


class SlowNetwork:
    """The network as Torch defines it, for one picture at a time.

    Whatever a layer needs is drawn the first time, as numbers that CSV files hold exactly.
    Running statistics are near the real ones: so all layers work in the range where each
    of their numbers matters.
    """

    def __init__(self, rng):
        self.rng, self.texts, self.arrays = rng, {}, {}

    def __call__(self, picture):
        x = picture.transpose(2, 0, 1) / 255  # channels, rows, columns
        x = self.convolve(x, "conv1", "bn1", 64, 7, 2, spread=0.1, scale=60)
        x = normalise_locally(pool_largest(surround(x, 1, 1)))
        x = self.convolve(x, "conv2", "bn2", 64, 1)
        x = normalise_locally(self.convolve(x, "conv3", "bn3", 192, 3, scale=60))
        x = pool_largest(surround(x, 1, 1))
        for name, stride, three, five, pool, pooled, one in [
            ("3a", 1, (96, 128), (16, 32), pool_largest, 32, 64),
            ("3b", 1, (96, 128), (32, 64), pool_squares, 64, 64),
            ("3c", 2, (128, 256), (32, 64), pool_largest, None, None),
            ("4a", 1, (96, 192), (32, 64), pool_squares, 128, 256),
            ("4e", 2, (160, 256), (64, 128), pool_largest, None, None),
            ("5a", 1, (96, 384), None, pool_squares, 96, 256),
            ("5b", 1, (96, 384), None, pool_largest, 96, 256),
        ]:
            parts = []
            for size, filters in ((3, three), (5, five)):
                if filters:
                    kind = f"inception_{name}_{size}x{size}"
                    part = self.convolve(x, f"{kind}_conv1", f"{kind}_bn1", filters[0], 1)
                    names = f"{kind}_conv2", f"{kind}_bn2"
                    parts.append(self.convolve(part, *names, filters[1], size, stride))
            part = pool(x)
            for kind, source, filters in (("pool", part, pooled), ("1x1", x, one)):
                if filters:
                    names = f"inception_{name}_{kind}_conv", f"inception_{name}_{kind}_bn"
                    source = self.convolve(source, *names, filters, 1)
                if kind == "pool" or filters:
                    lacking = parts[0].shape[1] - source.shape[1]
                    parts.append(surround(source, lacking // 2, lacking - lacking // 2))
            x = np.concatenate(parts)
        assert x.shape == (736, 3, 3)
        weight, bias = self.numbers("dense_w", (128, 736)), self.numbers("dense_b", (128,))
        embedding = weight @ x.mean(axis=(1, 2)) + bias
        return embedding / np.sqrt(embedding @ embedding)

    def convolve(self, x, conv, norm, filters, size, stride=1, *, spread=1.0, scale=1.0):
        """Convolve, normalise with running statistics, and clip at 0."""
        shape = (filters, len(x), size, size)
        weight = self.numbers(f"{conv}_w", shape, scale=spread * np.sqrt(3 / np.prod(shape[1:])))
        bias = self.numbers(f"{conv}_b", (filters,), scale=0.1 * spread)
        x = surround(x, size // 2, size // 2)
        y = 0
        for row in range(size):
            for column in range(size):
                seen = x[:, row : x.shape[1] - size + 1 + row : stride]
                seen = seen[:, :, column : x.shape[2] - size + 1 + column : stride]
                y = y + np.tensordot(weight[:, :, row, column], seen, axes=1)
        y = y + bias[:, None, None]
        size = (filters,)
        deviation = y.std()
        mean = self.numbers(f"{norm}_m", size, middle=y.mean(), scale=0.3 * deviation)
        variance = self.numbers(f"{norm}_v", size, middle=y.var(), scale=0.9 * y.var())
        gamma = self.numbers(f"{norm}_w", size, middle=scale, scale=0.5 * scale)
        beta = self.numbers(f"{norm}_b", size, scale=0.3 * scale)
        slope = gamma / np.sqrt(variance + 1e-5)
        return np.maximum((y - mean[:, None, None]) * slope[:, None, None] + beta[:, None, None], 0)

    def numbers(self, name, shape, *, middle=0.0, scale=1.0):
        if name not in self.arrays:
            texts = np.array([f"{middle + scale * part:.7g}" for part in np.linspace(-1, 1, 201)])
            chosen = self.rng.integers(len(texts), size=shape)
            self.texts[name] = ",".join(texts[chosen.ravel()].tolist())
            self.arrays[name] = texts.astype(float)[chosen]
        return self.arrays[name]


def surround(x, before, after):
    return np.pad(x, ((0, 0), (before, after), (before, after)))


def normalise_locally(x):
    totals = [(x[max(channel - 2, 0) : channel + 3] ** 2).sum(axis=0) for channel in range(len(x))]
    return x / (1 + 1e-4 / 5 * np.array(totals)) ** 0.75


def windows(x, stride, summarise):
    steps = range(0, x.shape[1] - 2, stride)
    rows = [[summarise(x[:, r : r + 3, c : c + 3], axis=(1, 2)) for c in steps] for r in steps]
    return np.array(rows).transpose(2, 0, 1)


def pool_largest(x):
    return windows(x, 2, np.max)


def pool_squares(x):
    return np.sqrt(windows(x**2, 3, np.sum))


def write_folder(folder, texts):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def tiny_model():
    """Build three layers of the kinds and names that the network has."""
    pictures = keras.Input((5, 4, 2))
    x = layers.Conv2D(3, (2, 1), name="conv1")(pictures)
    x = layers.BatchNormalization(name="bn1")(x)
    x = layers.Dense(4, name="dense_layer")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(pictures, x, name="tiny")


def tiny_texts(rng):
    sizes = {"conv1_w": 12, "conv1_b": 3, "dense_w": 12, "dense_b": 4}
    sizes |= {f"bn1_{ending}": 3 for ending in "wbmv"}
    return {name: ",".join(map(str, rng.uniform(1, 2, size))) for name, size in sizes.items()}


def write_as_keras_2(model, path, *, whole=False, change=None):
    """Write weights as Keras 2 did, last layer first; `change` is given all arrays by name."""
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if whole else file
        for layer in reversed(model.layers):
            group = root.create_group(layer.name)
            arrays = {f"{layer.name}/{v.name}:0": v.numpy() for v in layer.weights}
            if change:
                change(arrays)
            group.attrs["weight_names"] = [name.encode() for name in arrays]
            for name, array in arrays.items():
                group[name] = array
    return path


def randomise(model, rng):
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 2, weight.shape))
    return model


def check_refusal(path, match, rng):
    """Check that a file is refused by name, and that the model is as before."""
    model = randomise(tiny_model(), rng)
    before = model.get_weights()
    with pytest.raises(ValueError, match=match) as refusal:
        openface.load_weights(model, path)
    assert str(path) in str(refusal.value)
    for value, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, old)


def test_with_weights_from_csv_files_it_answers_as_torch_defines_it(rng, tmp_path):
    slow = SlowNetwork(rng)
    noise = rng.integers(0, 256, (96, 96, 3), dtype=np.uint8)
    ramps = np.add.outer(np.arange(96), np.arange(0, 288, 3))[..., None] // [2, 3, 4]
    pictures = np.stack([noise, ramps.astype(np.uint8)])
    wanted = np.stack([slow(picture) for picture in pictures])
    assert np.linalg.norm(wanted[0] - wanted[1]) > 0.1  # weights that tell pictures apart

    assert len(slow.texts) == 224
    encoder = openface.load_openface(str(write_folder(tmp_path / "csv", slow.texts)))
    found = np.array(encoder(pictures, training=False))
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert found.dtype == np.float32

    assert encoder.count_params() == 3_743_280
    running = sum(int(np.prod(weight.shape)) for weight in encoder.non_trainable_weights)
    assert running == 9_312
    assert sum(array.size for array in slow.arrays.values()) == 3_743_280


def test_local_response_normalisation_is_tensorflows_with_alpha_for_the_mean(rng):
    maps = rng.normal(scale=100, size=(2, 3, 4, 7)).astype("float32")
    wanted = tf.nn.local_response_normalization(maps, 2, bias=1, alpha=1e-4 / 5, beta=0.75)
    np.testing.assert_allclose(openface.LocalResponseNormalization()(maps), wanted, rtol=1e-5)


def test_l2_pooling_is_the_length_of_each_window_and_its_slope_is_finite():
    maps = np.zeros((1, 3, 6, 1), "float32")
    maps[0, 0, 0], maps[0, 2, 2] = 3, 4  # the other window has zeros alone
    with tf.GradientTape() as tape:
        variable = tf.Variable(maps)
        pooled = openface.L2Pooling()(variable)
    np.testing.assert_allclose(np.array(pooled)[0, :, :, 0], [[5, 0]], rtol=1e-6)
    slopes = np.array(tape.gradient(pooled, variable))
    np.testing.assert_allclose(slopes, maps / 5, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("bn1_v", None, r"has no bn1_v\.csv of the 8 files"),
        ("dense_b", "1,2,3", r"expected 4 numbers \(4,\) in .*dense_b\.csv, got 3"),
        ("conv1_w", "1," * 12 + "1", r"expected 12 numbers \(3, 2, 2, 1\) in .*, got 13"),
        ("dense_w", "", r"expected 12 numbers \(4, 3\) in .*dense_w\.csv, got 0"),
        ("bn1_m", "1,nan,2", r"bn1_m\.csv has a number that is not finite, for bn1/moving_mean"),
        ("bn1_v", "1,-0.5,2", r"bn1_v\.csv has a negative variance, -0\.5"),
        ("dense_b", "1,2,three,4", r"dense_b\.csv is not a file of numbers.*three"),
        ("conv1_b", " " * 2000, r"conv1_b\.csv is not a file of numbers: it has more than 1,180"),
        ("bn1_w", "1,1e400,2", r"bn1_w\.csv has a number that is not finite"),
        ("conv1_b", b"\x93NUMPY\xff", r"conv1_b\.csv is not a file of numbers"),
    ],
)
def test_a_bad_csv_file_is_refused_and_the_model_left_alone(rng, tmp_path, name, text, match):
    folder = write_folder(tmp_path / "csv", tiny_texts(rng))
    if text is None:
        (folder / f"{name}.csv").unlink()
    else:
        (folder / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    check_refusal(folder, match, rng)


def test_csv_files_may_have_any_layout(rng, tmp_path):
    texts, model = tiny_texts(rng), tiny_model()
    texts["conv1_w"] = "\n".join(
        ["1,2,3,4", "5,6,7,8", "9,10,11,12\n"]  # filter, then channel, then row
    )
    openface.load_weights(model, write_folder(tmp_path, texts))
    kernel = model.get_layer("conv1").get_weights()[0]  # row, column, channel, filter
    np.testing.assert_array_equal(kernel[:, 0, 1, 2], [11, 12])
    np.testing.assert_array_equal(kernel[0, 0, :, 0], [1, 3])


@pytest.mark.parametrize("whole", [True, False])
def test_a_file_of_keras_2_is_loaded_by_the_names_of_its_layers(rng, tmp_path, whole):
    other, model = randomise(tiny_model(), rng), tiny_model()
    openface.load_weights(model, write_as_keras_2(other, tmp_path / "nn4.h5", whole=whole))
    for mine, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_file_of_keras_3_is_loaded(rng, tmp_path):
    other, model = randomise(tiny_model(), rng), tiny_model()
    other.save_weights(tmp_path / "nn4.weights.h5")
    openface.load_weights(model, tmp_path / "nn4.weights.h5")
    for mine, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_bad_hdf5_file_is_refused_and_the_model_left_alone(rng, tmp_path):
    check_refusal(tmp_path / "gone.h5", "there is no file or folder", rng)

    path = tmp_path / "page.h5"
    path.write_text("<html>404</html>")
    check_refusal(path, "damaged or not an HDF5 file", rng)

    model = randomise(tiny_model(), rng)
    write_as_keras_2(model, path, change=lambda arrays: arrays.pop("dense_layer/bias:0", None))
    check_refusal(path, r"has 7 arrays, the model 8; only the model has \(4,\); only the file", rng)
    write_as_keras_2(model, path)
    with h5py.File(path, "a") as file:
        file.move("bn1", "bn2")
        file["bn2"].move("bn1", "bn2")
    check_refusal(path, "has no array 'bn1/gamma:0'", rng)

    model.get_layer("dense_layer").bias.assign([1, 2, np.inf, 4])
    write_as_keras_2(model, path)
    check_refusal(path, "has a number that is not finite, for dense_layer/bias", rng)
    model.save_weights(tmp_path / "bad.weights.h5")
    check_refusal(tmp_path / "bad.weights.h5", "has a number that is not finite", rng)

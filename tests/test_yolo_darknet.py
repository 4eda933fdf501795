import os
import struct

import http_server
import keras
import numpy as np
import pytest
from keras import layers

from helpers import downloads, pretrained, storage
from helpers.yolo import darknet, networks

LIMITS = downloads.Limits(
    connect_seconds=2, probe_seconds=4, stall_seconds=1, measure_seconds=0.3, patience_seconds=1
)
PARAMETERS = {"yolov2": 50_983_561, "tiny": 11_237_145}

# Darknet's cfg files once more, shorter: filters x side of a convolution, "pool" and its stride,
# "route" and its layers.
YOLOV2 = """
    32x3 pool2 64x3 pool2 128x3 64x1 128x3 pool2 256x3 128x1 256x3 pool2
    512x3 256x1 512x3 256x1 512x3 pool2 1024x3 512x1 1024x3 512x1 1024x3
    1024x3 1024x3 route-9 64x1 reorg route-1,-4 1024x3 425x1
"""
TINY_COCO = """
    16x3 pool2 32x3 pool2 64x3 pool2 128x3 pool2 256x3 pool2 512x3 pool1 1024x3 512x3 425x1
"""
TINY_VOC = TINY_COCO.replace("512x3 425x1", "1024x3 125x1")


def write_cfg(path, words, size):
    """Write a network for Darknet, without the last layer, so that its raw output can be seen."""
    height, width = size
    parts = [f"[net]\nheight={height}\nwidth={width}\nchannels=3\n"]
    words = words.split()
    for position, word in enumerate(words, start=1):
        if word.startswith("pool"):
            parts.append(f"[maxpool]\nsize=2\nstride={word[4:]}\n")
        elif word.startswith("route"):
            parts.append(f"[route]\nlayers={word[5:]}\n")
        elif word == "reorg":
            parts.append("[reorg]\nstride=2\n")
        else:
            filters, side = word.split("x")
            how = "" if position == len(words) else "batch_normalize=1\n"
            activation = "leaky" if how else "linear"
            sizes = f"filters={filters}\nsize={side}\nstride=1\npad=1\n"
            parts.append(f"[convolutional]\n{how}{sizes}activation={activation}\n")
    path.write_text("\n".join(parts))
    return path


def write_random_weights(path, words, rng):
    """Write random numbers that keep activations near 1, with the header of version 0.1."""
    words, channels = words.split(), [3]  # of the picture and of each layer's output
    with open(path, "wb") as file:
        file.write(struct.pack("<4i", 0, 1, 0, 12_800))
        for position, word in enumerate(words, start=1):
            if word.startswith("pool"):
                channels.append(channels[-1])
            elif word.startswith("route"):
                channels.append(sum(channels[int(layer)] for layer in word[5:].split(",")))
            elif word == "reorg":
                channels.append(4 * channels[-1])
            else:
                filters, side = map(int, word.split("x"))
                write_convolution(file, rng, channels[-1], filters, side, position < len(words))
                channels.append(filters)
    return path


def write_convolution(file, rng, channels, filters, side, normalised):
    write_floats(file, rng.normal(scale=0.1, size=filters))
    if normalised:
        variances = rng.uniform(0.5, 2, filters)
        variances[::8] *= 1e-6  # so small that what is added to a variance is seen
        scales = rng.uniform(0.7, 1.3, filters) * np.sqrt(variances)
        for values in (scales, rng.normal(scale=0.1, size=filters), variances):
            write_floats(file, values)
    kernel = rng.standard_normal((filters, channels, side, side), "float32")
    write_floats(file, kernel * np.float32(np.sqrt(2 / (channels * side * side))))


def write_floats(file, values):
    np.asarray(values, "<f4").tofile(file)


def small_net():
    """Two convolutions, the first normalised, with 1 + 2 channels in and out: few numbers."""
    pictures = keras.Input((None, None, 1))
    x = layers.Conv2D(2, (1, 3), padding="same", use_bias=False, name="conv1")(pictures)
    x = layers.BatchNormalization(epsilon=1e-6, name="conv1_bn")(x)
    return keras.Model(pictures, layers.Conv2D(1, 1, name="conv2")(x), name="small")


SMALL_NUMBERS = np.arange(1.0, 18)  # 4 x 2 and 6 of the first convolution, 1 and 2 of the second


def write_small(path, *, header=(0, 2, 0), seen="<q", numbers=SMALL_NUMBERS, end=b""):
    body = np.asarray(numbers, "<f4").tobytes()
    path.write_bytes(struct.pack("<3i", *header) + struct.pack(seen, 640) + body + end)
    return path


def randomise(model, rng):
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 2, weight.shape))
    return model


def same_weights(model, others):
    pairs = zip(model.get_weights(), others, strict=True)
    return all(np.array_equal(mine, other) for mine, other in pairs)


@pytest.fixture(scope="module")
def tiny_file(tmp_path_factory):
    """Random weights for the whole tiny network, under the name of the published ones."""
    path = tmp_path_factory.mktemp("tiny") / "yolov2-tiny.weights"
    return write_random_weights(path, TINY_COCO, np.random.default_rng(20240229))


@pytest.fixture(scope="module")
def tiny():
    return networks.tiny_yolov2(input_size=(None, None))


@pytest.mark.parametrize(
    ("build", "words", "size"),
    [
        (networks.yolov2, YOLOV2, (96, 160)),
        (networks.tiny_yolov2, TINY_COCO, (96, 160)),
    ],
    ids=["yolov2", "tiny_yolov2"],
)
def test_a_network_answers_as_in_opencv_with_the_same_file(rng, tmp_path, build, words, size):
    cv2 = pytest.importorskip("cv2", reason="opencv-python-headless is not installed")
    path = write_random_weights(tmp_path / "random.weights", words, rng)
    model = build(input_size=size)
    darknet.load_darknet_weights(model, path)
    reference = cv2.dnn.readNetFromDarknet(
        str(write_cfg(tmp_path / "net.cfg", words, size)), str(path)
    )
    path.unlink()
    assert_alike_in_opencv(model, reference, rng, size)


def test_opencv_reads_what_is_saved_for_other_classes(rng, tmp_path):
    cv2 = pytest.importorskip("cv2", reason="opencv-python-headless is not installed")
    size = (64, 32)
    model = networks.tiny_yolov2(20, input_size=size, head_filters=1024)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            randomise(layer, rng)
    darknet.save_darknet_weights(model, tmp_path / "mine.weights", pictures_seen=64)
    cfg = write_cfg(tmp_path / "mine.cfg", TINY_VOC, size)
    reference = cv2.dnn.readNetFromDarknet(str(cfg), str(tmp_path / "mine.weights"))
    assert_alike_in_opencv(model, reference, rng, size)


def assert_alike_in_opencv(model, reference, rng, size):
    pictures = rng.random((2, *size, 3), dtype="float32")
    ours = keras.ops.convert_to_numpy(model(pictures))
    for picture, raw in zip(pictures, ours, strict=True):
        reference.setInput(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]))
        expected = reference.forward()[0].transpose(1, 2, 0)
        assert 0.5 < np.abs(expected).max() < 100
        np.testing.assert_allclose(raw, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize(
    ("header", "seen"),
    [((0, 1, 0), "<i"), ((0, 2, 0), "<q"), ((0, 2, 5), "<q"), ((1, 0, 0), "<q")],
)
def test_a_small_file_goes_where_it_should_whatever_its_version(tmp_path, header, seen):
    model = small_net()
    path = write_small(tmp_path / "small.weights", header=header, seen=seen)
    darknet.load_darknet_weights(model, str(path))
    norm = model.get_layer("conv1_bn")
    np.testing.assert_array_equal(norm.beta, [1, 2])
    np.testing.assert_array_equal(norm.gamma, [3, 4])
    np.testing.assert_array_equal(norm.moving_mean, [5, 6])
    np.testing.assert_array_equal(norm.moving_variance, [7, 8])
    # Filter after filter, and of each a row of three: Keras has the filters last.
    kernel = model.get_layer("conv1").kernel.numpy()
    assert kernel.shape == (1, 3, 1, 2)
    np.testing.assert_array_equal(kernel[0, :, 0], [[9, 12], [10, 13], [11, 14]])
    np.testing.assert_array_equal(model.get_layer("conv2").bias, [15])
    np.testing.assert_array_equal(model.get_layer("conv2").kernel[0, 0], [[16], [17]])


def test_what_is_saved_is_what_was_loaded(tmp_path):
    model = small_net()
    path = write_small(tmp_path / "small.weights")
    darknet.load_darknet_weights(model, path)
    darknet.save_darknet_weights(model, tmp_path / "new" / "again.weights", pictures_seen=640)
    assert (tmp_path / "new" / "again.weights").read_bytes() == path.read_bytes()


def test_the_way_to_a_file_and_back_keeps_all_weights(tiny, tiny_file, tmp_path):
    darknet.load_darknet_weights(tiny, tiny_file)
    before = tiny.get_weights()
    darknet.save_darknet_weights(tiny, tmp_path / "again.weights")
    tiny.set_weights([np.zeros(weight.shape) for weight in tiny.weights])
    darknet.load_darknet_weights(tiny, tmp_path / "again.weights")
    assert same_weights(tiny, before)
    assert (tmp_path / "again.weights").read_bytes()[20:] == tiny_file.read_bytes()[16:]


def check_refusal(path, match, rng):
    """Check that a file is refused by name, and that the model stays as it was."""
    model = randomise(small_net(), rng)
    before = model.get_weights()
    with pytest.raises(ValueError, match=match) as refusal:
        darknet.load_darknet_weights(model, path)
    assert str(path) in str(refusal.value)
    assert same_weights(model, before)


@pytest.mark.parametrize(
    ("numbers", "end", "match"),
    [
        (range(16), b"", "wanted 17 numbers, came 16$"),
        (range(18), b"", "wanted 17 numbers, came 18$"),
        (range(16), b"abc", "wanted 17 numbers, came 16 and 3 bytes$"),
        (range(17), b"a", "wanted 17 numbers, came 17 and 1 bytes$"),
        ((), b"", "wanted 17 numbers, came 0$"),
    ],
)
def test_files_too_short_or_too_long_are_refused_with_both_counts(
    rng, tmp_path, numbers, end, match
):
    check_refusal(write_small(tmp_path / "odd.weights", numbers=numbers, end=end), match, rng)


@pytest.mark.parametrize("length", [0, 3, 8, 12, 19])
def test_files_that_end_in_their_header_are_refused_with_both_counts(rng, tmp_path, length):
    path = write_small(tmp_path / "stub.weights")
    path.write_bytes(path.read_bytes()[:length])
    check_refusal(path, "wanted 17 numbers, came 0", rng)


def test_the_wrong_network_is_refused_with_both_counts_in_readable_digits(tiny, tmp_path):
    path = write_small(tmp_path / "small.weights")
    with pytest.raises(ValueError, match="wanted 11,237,145 numbers, came 17"):
        darknet.load_darknet_weights(tiny, path)


@pytest.mark.parametrize("position", range(17))
@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_a_number_that_is_none_is_refused_wherever_it_stands(rng, tmp_path, position, value):
    numbers = SMALL_NUMBERS.copy()
    numbers[position] = value
    path = write_small(tmp_path / "nan.weights", numbers=numbers)
    check_refusal(path, "a number that is not finite in conv[12]'s", rng)


def test_a_negative_variance_is_refused(rng, tmp_path):
    numbers = SMALL_NUMBERS.copy()
    numbers[7] = -8
    path = write_small(tmp_path / "negative.weights", numbers=numbers)
    check_refusal(path, r"a negative number in conv1's moving_variance: -8\.0", rng)


def test_what_is_no_file_of_darknets_is_refused(rng, tmp_path):
    path = tmp_path / "page.weights"
    path.write_bytes(b"<html>Please sign in.</html>" * 9)
    check_refusal(path, "not a file of Darknet's: it should begin with a version", rng)
    check_refusal(write_small(path, header=(1000, 2, 0)), r"begins with \[1000, 2, 0\]", rng)
    check_refusal(write_small(path, header=(0, -1, 0)), r"begins with \[0, -1, 0\]", rng)
    check_refusal(tmp_path / "gone.weights", "there is no file", rng)
    check_refusal(tmp_path, "is not a regular file", rng)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.weights")
        check_refusal(tmp_path / "pipe.weights", "is not a regular file", rng)


def test_a_large_file_is_refused_before_it_is_read(rng, tmp_path):
    path = write_small(tmp_path / "large.weights")
    os.truncate(path, 2**33)  # takes no room on the disk
    check_refusal(path, "does not fit model .*: wanted 17 numbers, came 2,147,483,6", rng)


def test_an_interrupted_load_leaves_the_model_as_it_was(rng, tmp_path, monkeypatch):
    path = write_small(tmp_path / "small.weights")
    model = randomise(small_net(), rng)
    before, read = model.get_weights(), darknet._read

    def interrupted(*args):
        for number, (entry, values) in enumerate(read(*args)):
            if number == 3 and not same_weights(model, before):
                raise KeyboardInterrupt
            yield entry, values

    monkeypatch.setattr(darknet, "_read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        darknet.load_darknet_weights(model, path)
    assert same_weights(model, before)


def built(*stack):
    return keras.Sequential([keras.Input((4, 6, 2)), *stack], name="other")


def convolution(name="conv1", **settings):
    return layers.Conv2D(2, 3, padding="same", name=name, **settings)


@pytest.mark.parametrize(
    ("stack", "match"),
    [
        ([convolution(), layers.BatchNormalization(name="conv1_bn")], "conv1 .* got both"),
        ([convolution(use_bias=False)], "conv1 .* got neither"),
        ([convolution(groups=2)], "conv1 to be a Conv2D without groups"),
        ([layers.Dense(3, name="conv1")], "conv1 to be a Conv2D"),
        (
            [convolution(use_bias=False), layers.BatchNormalization(scale=False, name="conv1_bn")],
            "conv1_bn to be a BatchNormalization with beta and gamma",
        ),
        ([convolution(), convolution("conv3")], "'other' has 1 such convolutions and other"),
        ([convolution("first")], "'other' has 0 such convolutions and other"),
        ([convolution(), layers.BatchNormalization()], "'other' has 1 such conv"),
    ],
)
def test_models_that_are_no_row_of_convolutions_are_refused(stack, match, tmp_path):
    path = write_small(tmp_path / "small.weights")
    with pytest.raises(ValueError, match=match):
        darknet.load_darknet_weights(built(*stack), path)
    with pytest.raises(ValueError, match=match):
        darknet.save_darknet_weights(built(*stack), tmp_path / "new.weights")
    assert not (tmp_path / "new.weights").exists()


def test_a_model_that_is_not_built_is_refused(tmp_path):
    model = keras.Sequential([convolution()], name="later")
    with pytest.raises(ValueError, match="'later' has no weights yet"):
        darknet.load_darknet_weights(model, write_small(tmp_path / "small.weights"))


@pytest.mark.parametrize(
    ("layer", "weight", "value", "match"),
    [
        ("conv2", "kernel", np.nan, "model 'small' has a number that is not finite in conv2's"),
        ("conv1_bn", "moving_variance", -1, "negative number in conv1's moving_variance"),
    ],
)
def test_what_could_not_be_loaded_is_not_saved(tmp_path, layer, weight, value, match):
    model, path = small_net(), write_small(tmp_path / "small.weights")
    before = path.read_bytes()
    variable = getattr(model.get_layer(layer), weight)
    variable.assign(np.full(variable.shape, value))
    with pytest.raises(ValueError, match=match):
        darknet.save_darknet_weights(model, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("seen", [-1, 0.5, "many"])
def test_a_count_of_pictures_that_is_none_is_refused(tmp_path, seen):
    with pytest.raises(ValueError, match="expected pictures_seen as an integer from 0"):
        darknet.save_darknet_weights(small_net(), tmp_path / "x.weights", pictures_seen=seen)


def test_the_published_files_have_as_many_bytes_as_their_networks_need():
    # Version 0.1 with a header of 16 bytes, and version 0.2 with one of 20.
    assert darknet.COCO.remote.num_bytes == 16 + 4 * PARAMETERS["yolov2"]
    assert darknet.TINY_COCO.remote.num_bytes == 20 + 4 * PARAMETERS["tiny"]
    for file in (darknet.COCO, darknet.TINY_COCO):
        for url in file.remote.urls:
            assert url.startswith("https://")
            assert url.endswith(f"/{file.remote.name}")


def test_cocos_weights_come_from_the_readers_folder(tiny_file, tiny, monkeypatch):
    monkeypatch.setenv("WORKBOOK_DATA", str(tiny_file.parent))
    model = networks.tiny_yolov2(pretrained="coco")
    darknet.load_darknet_weights(tiny, tiny_file)
    assert same_weights(model, tiny.get_weights())
    source = darknet.load_coco(tiny)
    assert source == "COCO, from yolov2-tiny.weights in WORKBOOK_DATA"


# Keras' own saving, with TensorFlow and NumPy 2.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_cocos_weights_may_be_in_the_format_of_keras(tiny, tmp_path):
    tiny.save_weights(tmp_path / "yolov2-tiny.weights.h5")
    before = tiny.get_weights()
    tiny.set_weights([np.zeros(weight.shape) for weight in tiny.weights])
    source = darknet.load_coco(tiny, folder=tmp_path)
    assert source == "COCO, from yolov2-tiny.weights.h5 in the folder"
    assert same_weights(tiny, before)


def file_from(*urls, num_bytes, checksum=None):
    remote = downloads.RemoteFile("yolov2-tiny.weights", urls, num_bytes, checksum)
    return pretrained.WeightsFile("tiny YOLOv2", "COCO", "yolov2-tiny.weights.h5", remote)


def test_cocos_weights_are_downloaded_once_and_then_in_the_cache(tiny, tiny_file):
    payload = tiny_file.read_bytes()
    with http_server.serving(http_server.send(payload)) as host:
        file = file_from(host.url(), num_bytes=len(payload))
        options = {"file": file, "limits": LIMITS, "progress": False}
        source = darknet.load_coco(tiny, "real", **options)
        assert source == "COCO, from yolov2-tiny.weights in the cache"
        assert len(host.requests) == 2  # whether it is there, and the file
        before = tiny.get_weights()
        tiny.set_weights([np.zeros(weight.shape) for weight in tiny.weights])
        darknet.load_coco(tiny, "real", **options)
        assert len(host.requests) == 2
    assert same_weights(tiny, before)


@pytest.mark.parametrize(
    ("behaviour", "num_bytes", "match"),
    [
        (http_server.status(404), 20, "answered with status 404"),
        (http_server.send(b"few"), 20, "offers 3 bytes, but 20 are wanted"),
        (http_server.html_page(), 20, "HTML page"),
        (http_server.send(bytes(20)), 20, "wanted 11,237,145 numbers, came 1"),
    ],
    ids=["none", "too few bytes", "a page", "other content"],
)
def test_a_download_that_is_not_the_file_changes_nothing(tiny, behaviour, num_bytes, match):
    before = tiny.get_weights()
    with http_server.serving(behaviour) as host:
        file = file_from(host.url(), num_bytes=num_bytes)
        with pytest.raises(pretrained.WeightsUnavailable, match=match):
            darknet.load_coco(tiny, "real", file=file, limits=LIMITS, progress=False)
    assert same_weights(tiny, before)
    assert not (storage.cache_folder() / "yolov2-tiny.weights").exists()


def test_a_broken_file_of_the_readers_stops_the_build(tmp_path, monkeypatch):
    write_small(tmp_path / "yolov2-tiny.weights")
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path))
    with pytest.raises(pretrained.WeightsUnavailable, match="wanted 11,237,145 numbers, came 17"):
        networks.tiny_yolov2(pretrained="coco")


def test_with_embedded_data_no_weights_are_looked_for(tiny, tiny_file, monkeypatch):
    monkeypatch.setenv("WORKBOOK_DATA", str(tiny_file.parent))
    with pytest.raises(pretrained.WeightsUnavailable, match="the workbook: brings none along"):
        darknet.load_coco(tiny, "embedded")
    with pytest.raises(ValueError, match="imaginary"):
        darknet.load_coco(tiny, "imaginary")


def test_networks_that_no_published_file_fits_are_refused():
    with pytest.raises(ValueError, match=r"50,983,561 or 11,237,145 parameters; got 'small'"):
        darknet.load_coco(small_net())

import inspect

import keras
import numpy as np
import pytest

from helpers import downloads, mobilenet, pretrained, resnet, storage
from helpers.style import extractors, vgg

# Keras' own saving, with TensorFlow and NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

NOWHERE = pretrained.WeightsFile(  # no hosts at all
    "VGG-19",
    "ImageNet",
    extractors.VGG19_IMAGENET.name,
    downloads.RemoteFile(extractors.VGG19_IMAGENET.remote.name, (), 10, None),
)


@pytest.fixture(scope="module")
def published():
    """VGG-19 as Keras builds it, with random weights."""
    keras.utils.set_random_seed(0)
    return keras.applications.VGG19(weights=None, include_top=False, input_shape=(32, 48, 3))


@pytest.fixture(scope="module")
def ours(published):
    network = vgg.vgg19(pooling="max")
    network.set_weights(published.get_weights())
    return network


@pytest.fixture(scope="module")
def small():
    keras.utils.set_random_seed(0)
    return extractors.small_vgg_extractor(vgg.small_vgg(), "random weights")


@pytest.fixture(scope="module")
def backbone():
    """A very narrow MobileNet for pictures of 32 x 48 pixels."""
    keras.utils.set_random_seed(0)
    return mobilenet.mobilenet((32, 48), width=0.0625)


@pytest.fixture
def tiny_vgg19(monkeypatch):
    """In place of VGG-19 one with hardly any filters, which is quick to build."""

    def build(pooling="average"):
        return vgg.build(((2, 1), (3, 2)), pooling=pooling, name="vgg19")

    monkeypatch.setattr(vgg, "vgg19", build)
    return build


@pytest.fixture
def picture(rng):
    return rng.integers(0, 256, (32, 48, 3), dtype=np.uint8)


# VGG-19


def test_vgg19_has_the_layers_of_keras_in_the_same_order(ours, published):
    assert ours.count_params() == 20_024_384
    alike = [layer.name for layer in published.layers[1:]]
    assert [layer.name for layer in ours.layers[1:]] == alike


def test_the_cut_of_vgg19_agrees_with_keras_preprocessing_included(ours, published, picture):
    names = ["block1_conv1", "block3_conv4", "block5_conv1"]
    maps = extractors.vgg19_extractor(ours, "random").features(picture, names)
    prepared = keras.applications.vgg19.preprocess_input(picture[None].astype("float32"))
    theirs = keras.Model(published.input, [published.get_layer(name).output for name in names])
    assert list(maps) == names
    for name, wanted in zip(names, theirs(prepared), strict=True):
        scale = np.abs(wanted).max()
        assert scale > 0
        np.testing.assert_allclose(maps[name], wanted[0], atol=1e-5 * scale)


def test_average_pooling_changes_the_maps_behind_the_first_pooling_only(small, picture):
    maximum = vgg.small_vgg(pooling="max")
    maximum.set_weights(small.network.get_weights())
    names = ["block1_conv2", "block2_conv1"]
    one = small.features(picture, names)
    other = extractors.small_vgg_extractor(maximum, "random").features(picture, names)
    np.testing.assert_array_equal(one["block1_conv2"], other["block1_conv2"])
    assert np.abs(one["block2_conv1"] - other["block2_conv1"]).max() > 0.01
    with pytest.raises(ValueError, match="pooling must be one of average, max; got 'mean'"):
        vgg.small_vgg(pooling="mean")


def test_what_is_downloaded_is_what_keras_downloads():
    from keras.src.applications import vgg19 as theirs

    remote = extractors.VGG19_IMAGENET.remote
    assert remote.urls == (theirs.WEIGHTS_PATH_NO_TOP,)
    assert remote.urls[0].endswith(remote.name)
    assert remote.checksum.removeprefix("md5:") in inspect.getsource(theirs)


def test_the_readers_weights_of_vgg19_are_loaded(tiny_vgg19, tmp_path, monkeypatch):
    network = tiny_vgg19()
    network.save_weights(tmp_path / "vgg19_notop.weights.h5")
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path))
    found = extractors.load_extractor("real", file=NOWHERE, unit_means=False, progress=False)
    assert found.source == "ImageNet, from vgg19_notop.weights.h5 in WORKBOOK_DATA"
    assert found.describe() == f"vgg19, 197 parameters, {found.source}"
    for value, wanted in zip(found.network.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(value, wanted)


def test_vgg19_is_scaled_to_unit_means_over_photos(tiny_vgg19, tmp_path, monkeypatch):
    tiny_vgg19().save_weights(tmp_path / "vgg19_notop.weights.h5")
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path))
    scaled, published = (
        extractors.load_vgg19("real", file=NOWHERE, unit_means=unit_means, progress=False)
        for unit_means in (True, False)
    )
    photos = resnet.preprocess(extractors._photos())
    first, last = ("block1_conv1", "block2_conv1")
    for name in (first, last):
        maps = keras.Model(scaled.network.input, scaled.network.get_layer(name).output)(photos)
        means = np.mean(maps, axis=(0, 1, 2))
        assert np.all((means < 1.001) & ((means > 0.999) | (means < 0.01 * means.sum() + 1e-6)))
        assert means.max() == pytest.approx(1, abs=1e-3)
    kernel = scaled.network.get_layer(first).get_weights()[0]
    ratio = kernel / published.network.get_layer(first).get_weights()[0]
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[0, 0, 0], ratio.shape), rtol=1e-4)


def test_without_vgg19_real_refuses_and_auto_takes_the_small_one(tiny_vgg19, small_weights, capsys):
    with pytest.raises(pretrained.WeightsUnavailable, match="VGG-19 with weights of ImageNet"):
        extractors.load_extractor("real", file=NOWHERE, progress=False)
    assert capsys.readouterr().out == ""
    assert (
        extractors.load_extractor("auto", file=NOWHERE, progress=False).network.name == "small_vgg"
    )
    (line,) = capsys.readouterr().out.splitlines()
    assert "Using the small VGG. Let WORKBOOK_DATA name a folder that has vgg19_notop" in line
    assert extractors.load_extractor("embedded").network.name == "small_vgg"
    with pytest.raises(ValueError, match="auto, real, embedded; got 'imagenet'"):
        extractors.load_extractor("imagenet")


# The small VGG


@pytest.fixture
def small_weights(small, tmp_path, monkeypatch):
    """Random weights in place of the file that comes along."""
    path = tmp_path / extractors.SMALL_VGG_FILE
    small.network.save_weights(path)
    monkeypatch.setattr(storage, "data_file", {extractors.SMALL_VGG_FILE: path}.__getitem__)
    return path


def test_the_small_network_is_small_and_all_of_three_by_three_convolutions(small):
    assert small.network.count_params() == 702_048
    assert small.network.count_params() * 4 < 3_000_000  # bytes
    kernels = small.network.weights[::2]
    assert all(kernel.shape[:2] == (3, 3) for kernel in kernels)
    assert len(kernels) == len(small.layer_names) == 8


def test_the_small_networks_weights_are_loaded_completely(small, small_weights, picture):
    loaded = extractors.load_small_vgg()
    assert loaded.source == "CIFAR-10 by the workbook"
    one, other = (each.features(picture, ["block4_conv2"]) for each in (small, loaded))
    np.testing.assert_array_equal(one["block4_conv2"], other["block4_conv2"])


def test_rescaled_to_unit_means_a_network_tells_the_same_apart(rng):
    keras.utils.set_random_seed(1)
    network = vgg.small_vgg()
    pictures = rng.uniform(-1, 1, (5, 24, 40, 3)).astype("float32")
    before = network(pictures).numpy()
    vgg.scale_to_unit_means(network, pictures, batch_size=2)
    extractor = extractors.small_vgg_extractor(network, "random")
    maps = extractor.cut(extractor.layer_names)((pictures + 1) * 127.5)
    for name in extractor.layer_names:
        means = maps[name].numpy().mean(axis=(0, 1, 2))
        assert means.max() < 1.001
        assert (means > 0.999).mean() > 0.3  # the others hardly ever fire
    after = network(pictures).numpy()
    factors = after.sum(axis=(0, 1, 2)) / np.maximum(before.sum(axis=(0, 1, 2)), 1e-12)
    np.testing.assert_allclose(after, before * factors, rtol=1e-2, atol=1e-3)


# MobileNet


def test_mobilenet_reads_pictures_of_any_size_as_the_backbone_does(backbone, picture, monkeypatch):
    loaded = mobilenet.Backbone(backbone, "nothing", is_real=False)
    monkeypatch.setattr(mobilenet, "load_backbone", lambda data, input_size: loaded)
    extractor = extractors.load_mobilenet("embedded")
    assert extractor.source == "nothing"
    wanted = backbone(picture[None] / np.float32(127.5) - 1, training=False).numpy()[0]
    last = extractor.features(picture, ["conv_pw_13_relu"])["conv_pw_13_relu"]
    np.testing.assert_allclose(np.mean(last, axis=(0, 1)), wanted, atol=1e-5)


# All of them


def test_the_default_layers_exist_in_each_extractor(ours, backbone, small):
    for extractor in (
        extractors.vgg19_extractor(ours, "random"),
        extractors.mobilenet_extractor(backbone, "random"),
        small,
    ):
        names = [*extractor.content_layers, *extractor.style_layers]
        side = extractor.smallest_side
        smallest = np.zeros((side, side + 1, 3), np.uint8)
        for maps in extractor.features(smallest, names).values():
            assert 0 not in maps.shape


def test_nothing_behind_the_last_layer_is_kept(small):
    model = small.cut(["block2_conv1"])
    (part,) = (layer for layer in model.layers if isinstance(layer, keras.Model))
    assert [layer.name for layer in part.layers[1:]] == [
        "block1_conv1",
        "block1_conv2",
        "block1_pool",
        "block2_conv1",
    ]


def test_grey_pictures_and_those_with_alpha_are_read_as_rgb(small, picture):
    grey = picture[..., 0]
    one = small.features(grey, ["block1_conv1"])["block1_conv1"]
    other = small.features(np.stack([grey] * 3, axis=-1), ["block1_conv1"])["block1_conv1"]
    np.testing.assert_array_equal(one, other)


def test_unknown_layers_and_tiny_pictures_are_refused(small, picture):
    with pytest.raises(ValueError, match="got 'block9_conv1'; it has block1_conv1, block1_conv2"):
        small.cut(["block1_conv1", "block9_conv1"])
    with pytest.raises(ValueError, match="got none; it has"):
        small.cut([])
    with pytest.raises(ValueError, match="at least 8 pixels a side, got 7 x 48"):
        small.features(picture[:7], ["block1_conv1"])


def test_numbers_of_a_network_that_are_none_are_refused():
    for blocks in [((8, 0),), ((8.0, 1),), ((True, 1),)]:
        with pytest.raises(ValueError, match=r"(filters|convolutions) as an integer"):
            vgg.build(blocks, name="none")
    network = vgg.build(((2, 1),), name="tiny")
    with pytest.raises(ValueError, match="expected pictures"):
        vgg.scale_to_unit_means(network, np.zeros((0, 8, 8, 3)))
    with pytest.raises(ValueError, match="batch_size as an integer of at least 1"):
        vgg.scale_to_unit_means(network, np.zeros((1, 8, 8, 3)), batch_size=0)

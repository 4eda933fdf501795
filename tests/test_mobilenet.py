import subprocess
import sys

import keras
import numpy as np
import PIL.Image
import pytest

from helpers import datasets, downloads, mobilenet, pretrained, storage
from helpers.drawn import objects

# Keras' own saving, with TensorFlow and NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TINY = 0.0625  # the smallest width with a whole number of filters everywhere: 2, 4, 8, ...
NOWHERE = pretrained.WeightsFile(  # no hosts at all
    "MobileNet",
    "ImageNet",
    mobilenet.IMAGENET.name,
    downloads.RemoteFile(mobilenet.IMAGENET.remote.name, (), 10, None),
)


@pytest.fixture(scope="module")
def tiny():
    """A very narrow network with random weights, for pictures of 32 x 48 pixels."""
    keras.utils.set_random_seed(0)
    backbone = mobilenet.mobilenet((32, 48), width=TINY, norm_momentum=0.0)
    noise = np.random.default_rng(0).uniform(-1, 1, (8, 32, 48, 3))
    backbone(noise, training=True)  # running statistics of its own, or features would vanish
    return backbone


@pytest.fixture(scope="module")
def whole():
    keras.utils.set_random_seed(0)
    return mobilenet.mobilenet((32, 64))


@pytest.fixture
def pictures(rng):
    return rng.integers(0, 256, (3, 20, 24, 3), dtype=np.uint8)


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def load(data, **options):
    options = {"input_size": 32, "file": NOWHERE, "progress": False} | options
    return mobilenet.load_backbone(data, **options)


# The network


def test_the_whole_network_has_the_counts_of_the_article(whole):
    assert whole.count_params() == 3_228_864
    model = mobilenet.classifier(whole, 10)
    assert model.count_params() == 3_239_114
    assert count(model.trainable_weights) == 3_217_226
    assert count(model.non_trainable_weights) == 21_888
    assert whole.output_shape == (None, 1024)
    assert model.output_shape == (None, 10)


def test_the_narrow_network_has_a_quarter_of_the_filters():
    narrow = mobilenet.narrow_mobilenet(32)
    assert narrow.count_params() == 218_544
    assert narrow.output_shape == (None, 256)


def test_one_block_is_counted_by_hand(whole):
    # The first block: depthwise 3 x 3 on 32 maps, normalisation with four numbers for each of them,
    # pointwise to 64 maps, normalisation again.
    block = [layer for layer in whole.layers if layer.name.endswith("_1") or "_1_" in layer.name]
    assert sum(layer.count_params() for layer in block) == 9 * 32 + 4 * 32 + 32 * 64 + 4 * 64


def test_features_are_those_of_keras_applications_on_what_it_prepares(tiny, pictures):
    theirs = keras.applications.MobileNet(
        input_shape=(32, 48, 3), alpha=TINY, include_top=False, weights=None, pooling="avg"
    )
    theirs.set_weights(tiny.get_weights())
    enlarged = keras.ops.image.resize(pictures.astype("float32"), (32, 48), interpolation="bicubic")
    prepared = keras.applications.mobilenet.preprocess_input(np.array(enlarged))
    mine = mobilenet.features(tiny, pictures, batch_size=2)
    assert mine.shape == (3, 64)
    assert mine.min() >= 0
    assert mine.max() > 0.1
    np.testing.assert_allclose(mine, theirs(prepared), rtol=1e-3, atol=1e-3)


def test_the_classifier_takes_pictures_in_0_to_255_and_scales_them(tiny, pictures):
    usual = mobilenet.classifier(tiny, 4, picture_shape=(20, 24, 3))
    kernel, bias = usual.get_layer("scores").get_weights()
    wanted = mobilenet.features(tiny, pictures) @ kernel + bias
    np.testing.assert_allclose(usual(pictures), wanted, rtol=1e-3, atol=1e-3)

    raw = mobilenet.classifier(tiny, 4, picture_shape=(32, 48, 3), value_range=(0, 255))
    raw.get_layer("scores").set_weights([kernel, bias])
    prepared = np.zeros((1, 32, 48, 3), np.uint8)
    np.testing.assert_allclose(
        raw(prepared), tiny(prepared.astype("float32")) @ kernel + bias, rtol=1e-3, atol=1e-3
    )


def test_a_classifier_without_a_range_takes_numbers_as_they_are(tiny, pictures):
    usual = mobilenet.classifier(tiny, 4, picture_shape=(20, 24, 3))
    scaled = mobilenet.classifier(tiny, 4, picture_shape=(20, 24, 3), value_range=None)
    scaled.set_weights(usual.get_weights())
    decimals = pictures / 127.5 - 1
    np.testing.assert_allclose(scaled(decimals), usual(pictures), rtol=1e-3, atol=1e-3)
    assert not np.allclose(scaled(decimals / 2 + 0.5), usual(pictures), atol=1e-2)


def test_training_a_classifier_trains_its_backbone(pictures):
    backbone = mobilenet.mobilenet(32, width=TINY)
    before = backbone.get_weights()
    model = mobilenet.classifier(backbone, 4, picture_shape=(20, 24, 3), dropout=0.1)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(pictures, np.array([0, 1, 3]), verbose=0)
    assert not np.array_equal(backbone.get_weights()[0], before[0])


def test_the_running_statistics_follow_as_fast_as_one_says(pictures):
    backbone = mobilenet.mobilenet(32, width=TINY, norm_momentum=0.25)
    batch = mobilenet.resize(pictures, 32) / 127.5 - 1
    seen = keras.Model(backbone.input, backbone.get_layer("conv1").output)(batch)
    backbone(batch, training=True)
    mean = np.mean(seen, axis=(0, 1, 2))
    np.testing.assert_allclose(
        backbone.get_layer("conv1_bn").moving_mean, 0.75 * mean, rtol=1e-4, atol=1e-6
    )


def test_a_copy_has_the_same_weights_but_not_the_same_variables(tiny):
    copy = mobilenet.copy_of(tiny)
    assert copy.input_shape == tiny.input_shape
    assert copy.get_layer("conv1_bn").momentum == tiny.get_layer("conv1_bn").momentum
    for mine, theirs in zip(copy.weights, tiny.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    copy.weights[0].assign(copy.weights[0] + 1)
    assert not np.array_equal(copy.weights[0], tiny.weights[0])


def test_a_copy_may_be_for_another_size_or_start_anew(tiny, rng):
    larger = mobilenet.copy_of(tiny, input_size=(64, 32))
    batch = rng.uniform(-1, 1, (2, 64, 32, 3))
    assert larger(batch).shape == (2, 64)
    np.testing.assert_array_equal(larger.get_weights()[0], tiny.get_weights()[0])
    fresh = mobilenet.copy_of(tiny, random_weights=True)
    assert fresh.count_params() == tiny.count_params()
    assert not np.array_equal(fresh.get_weights()[0], tiny.get_weights()[0])


# Pictures and labels


@pytest.mark.parametrize("size", [(40, 64), (96, 32), (33, 50)])
def test_resizing_agrees_with_pillow(rng, size):
    coarse = rng.integers(0, 256, (5, 9, 12, 3), dtype=np.uint8)
    images = np.stack([_by_pillow(image, (36, 48)) for image in coarse])  # smooth, as photos are
    wanted = np.stack([_by_pillow(image, size) for image in images]).astype(int)
    found = mobilenet.resize(images, size, batch_size=2)
    assert found.dtype == np.uint8
    assert np.abs(found - wanted).max() <= 3  # Pillow rounds between rows and columns


def _by_pillow(image, size):
    picture = PIL.Image.fromarray(image).resize(size[::-1], PIL.Image.Resampling.BICUBIC)
    return np.asarray(picture)


def test_a_plain_picture_stays_plain_and_its_own_size_changes_nothing(rng):
    plain = np.full((1, 32, 40, 3), 255, np.uint8)
    np.testing.assert_array_equal(mobilenet.resize(plain, 50), np.full((1, 50, 50, 3), 255))
    images = rng.integers(0, 256, (2, 33, 40, 3), dtype=np.uint8)
    np.testing.assert_array_equal(mobilenet.resize(images, (33, 40)), images)


@pytest.mark.parametrize("size", [31, (32, 31), (64, 64, 3), 64.0, (64.5, 64), "64"])
def test_a_size_below_32_or_of_another_form_is_refused(size, tiny, pictures):
    for build in (mobilenet.mobilenet, mobilenet.narrow_mobilenet):
        with pytest.raises(ValueError, match="sides of at least 32 whole pixels"):
            build(size)
    with pytest.raises(ValueError, match="at least 32 whole pixels"):
        mobilenet.resize(pictures, size)
    with pytest.raises(ValueError, match="at least 32 whole pixels"):
        mobilenet.copy_of(tiny, input_size=size)
    for data in ("embedded", "auto"):
        with pytest.raises(ValueError, match="at least 32 whole pixels"):
            load(data, input_size=size)


@pytest.mark.parametrize(
    "setting",
    [{"width": 0}, {"width": 1.5}, {"width": "1"}, {"norm_momentum": 1}, {"norm_momentum": np.nan}],
)
def test_a_width_or_momentum_out_of_range_is_refused(setting):
    with pytest.raises(ValueError, match=r"expected (width|norm_momentum) as a number"):
        mobilenet.mobilenet(32, **setting)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 20, 24, 1), np.uint8),
        np.zeros((20, 24, 3), np.uint8),
        np.zeros((2, 20, 24, 4), np.uint8),
        np.zeros((2, 20, 24, 3)),
    ],
    ids=["grey", "one picture", "with alpha", "float"],
)
def test_what_is_no_batch_of_colour_pictures_is_refused(images, tiny):
    with pytest.raises(ValueError, match="expected uint8 pictures"):
        mobilenet.features(tiny, images)
    with pytest.raises(ValueError, match="expected uint8 pictures"):
        mobilenet.resize(images, 32)


@pytest.mark.parametrize("shape", [(32, 32, 1), (32, 32), (3, 32, 32)])
def test_a_picture_shape_without_three_channels_is_refused(shape, tiny):
    with pytest.raises(ValueError, match="height, width, 3"):
        mobilenet.classifier(tiny, 10, picture_shape=shape)


@pytest.mark.parametrize("num_classes", [0, 2.5, None])
def test_a_head_without_a_whole_number_of_classes_is_refused(num_classes, tiny):
    with pytest.raises(ValueError, match="num_classes as an integer of at least 1"):
        mobilenet.classifier(tiny, num_classes)
    with pytest.raises(ValueError, match="num_classes as an integer of at least 1"):
        mobilenet.check_labels([0], num_classes)


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ([0, 10], "labels in 0 to 9 for a head with 10 classes, got 0 to 10"),
        ([-1, 3], "got -1 to 3"),
        ([0.0, 1.0], "whole numbers, one label for each picture, got float64"),
        ([[1], [2]], r"of shape \(2, 1\)"),
        ([], "one label for each picture"),
    ],
)
def test_labels_that_do_not_fit_the_head_are_refused(labels, match):
    mobilenet.check_labels(np.arange(10), 10)
    with pytest.raises(ValueError, match=match):
        mobilenet.check_labels(labels, 10)


# Where the weights come from


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """The reader's folder, named by WORKBOOK_DATA."""
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setenv("WORKBOOK_DATA", str(folder))
    return folder


def test_the_readers_weights_make_the_whole_network(mine, whole):
    whole.save_weights(mine / "mobilenet_1_0_notop.weights.h5")
    backbone = load("real", input_size=(64, 32))
    assert backbone.is_real
    assert backbone.source == "ImageNet, from mobilenet_1_0_notop.weights.h5 in WORKBOOK_DATA"
    assert backbone.describe() == f"MobileNet, 3,228,864 parameters, trained on {backbone.source}"
    assert backbone.model.input_shape == (None, 64, 32, 3)
    for value, wanted in zip(backbone.model.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(value, wanted)


def test_real_never_falls_back_and_auto_does_with_one_line(capsys):
    with pytest.raises(pretrained.WeightsUnavailable, match="MobileNet with weights of ImageNet"):
        load("real")
    assert capsys.readouterr().out == ""
    backbone = load("auto")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("MobileNet with weights of ImageNet cannot be had (Keras' cache: no ")
    assert "Using the narrow MobileNet. Let WORKBOOK_DATA name a folder that has mobile" in line
    assert not backbone.is_real


def test_offline_all_that_was_tried_is_named(mine, blocked_attempts):
    with pytest.raises(pretrained.WeightsUnavailable) as caught:
        mobilenet.load_backbone("real", input_size=32)
    tried = list(caught.value.reasons)
    assert tried == ["WORKBOOK_DATA", "Keras' cache", "storage.googleapis.com", "github.com"]
    assert set(blocked_attempts) == {"storage.googleapis.com", "github.com"}
    blocked_attempts.clear()


def test_weights_of_the_narrow_network_do_not_fit_the_whole_one(mine, capsys):
    mobilenet.narrow_mobilenet(32).save_weights(mine / "mobilenet_1_0_notop.weights.h5")
    with pytest.raises(
        pretrained.WeightsUnavailable,
        match=r"mobilenet_1_0_notop\.weights\.h5 does not fit model 'mobilenet'.*only the model",
    ):
        load("real")
    assert not load("auto").is_real
    assert capsys.readouterr().out.startswith("Passing over WORKBOOK_DATA: ")


def test_embedded_touches_neither_the_network_nor_the_readers_folder(mine, blocked_attempts):
    (mine / "mobilenet_1_0_notop.weights.h5").write_bytes(b"broken, but nobody looks")
    backbone = mobilenet.load_backbone("embedded", input_size=(32, 40))
    assert not backbone.is_real
    assert backbone.describe() == (
        "narrow MobileNet, 218,544 parameters, trained on CIFAR-10 by the workbook"
    )
    assert backbone.model.input_shape == (None, 32, 40, 3)
    assert blocked_attempts == []


def test_an_unknown_data_setting_is_refused():
    with pytest.raises(ValueError, match="auto, real, embedded; got 'imagenet'"):
        load("imagenet")


def test_what_is_downloaded_has_a_checksum_and_comes_over_https():
    remote = mobilenet.IMAGENET.remote
    assert remote.checksum == "md5:725ccbd03d61d7ced5b5c4cd17e7d527"
    assert all(url.startswith("https://") for url in remote.urls)


def test_the_narrow_weights_are_small_and_whole():
    path = storage.data_file(mobilenet.NARROW_FILE)
    assert path.stat().st_size < 2_000_000
    values = load("embedded").model.get_weights()
    assert all(np.isfinite(value).all() for value in values)


def test_importing_helpers_loads_no_keras_and_the_module_needs_it():
    code = "import sys, helpers; print(*{'tensorflow', 'keras'} & set(sys.modules))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.stdout == "\n"


# What it is for


def test_with_few_labels_transfer_beats_random_weights_by_ten_points():
    images, labels = objects.draw_dataset(1_500, seed=0)  # as datasets.load_cifar10 has them
    assert datasets.CLASS_NAMES == objects.CLASS_NAMES
    accuracy = {
        start: _fine_tuned(images, labels, random_weights=start == "random")
        for start in ("trained", "random")
    }
    print(accuracy)
    assert accuracy["trained"] > accuracy["random"] + 0.10
    assert accuracy["trained"] > 0.4


def _fine_tuned(images, labels, *, random_weights):
    """Train on 500 pictures for three epochs; accuracy on the other 1,000."""
    keras.utils.set_random_seed(0)
    base = load("embedded", input_size=64).model
    backbone = mobilenet.copy_of(base, random_weights=random_weights)
    model = mobilenet.classifier(backbone, 10)
    model.compile(
        keras.optimizers.Adam(2e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(images[:500], labels[:500], batch_size=32, epochs=3, verbose=0)
    return model.evaluate(images[500:], labels[500:], verbose=0)[1]


@pytest.mark.parametrize(
    ("setting", "match"),
    [
        ({"dropout": 1}, "dropout as a number of at least 0 and below 1, got 1"),
        ({"dropout": -0.1}, "dropout"),
        ({"dropout": True}, "dropout"),
        ({"value_range": (1, 1)}, "two different numbers"),
        ({"value_range": (0, np.inf)}, "two different numbers"),
        ({"value_range": (0, 1, 2)}, "two different numbers"),
        ({"value_range": 1}, "two different numbers"),
        ({"picture_shape": (32.0, 32, 3)}, "height as an integer"),
        ({"picture_shape": (32, 0, 3)}, "width as an integer of at least 1"),
        ({"picture_shape": 32}, r"\(height, width, 3\), got 32"),
    ],
)
def test_settings_of_a_classifier_that_are_none_are_refused(tiny, setting, match):
    with pytest.raises(ValueError, match=match):
        mobilenet.classifier(tiny, 3, **setting)


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, True, None])
def test_a_batch_size_that_is_none_is_refused(tiny, batch_size):
    images = np.zeros((2, 40, 33, 3), "uint8")
    with pytest.raises(ValueError, match="batch_size as an integer of at least 1"):
        mobilenet.features(tiny, images, batch_size=batch_size)
    with pytest.raises(ValueError, match="batch_size as an integer of at least 1"):
        mobilenet.resize(images, 32, batch_size=batch_size)

import h5py
import keras
import numpy as np
import pytest
from keras import layers, ops

from helpers import cost, downloads, pretrained, resnet, weights

NOWHERE = pretrained.WeightsFile(  # no hosts at all
    "ResNet-50",
    "ImageNet",
    resnet.IMAGENET_NO_TOP.name,
    downloads.RemoteFile(resnet.IMAGENET_NO_TOP.remote.name, (), 10, None),
)


@pytest.fixture(scope="module")
def pair():
    """Our ResNet-50 and that of Keras, without the top, the latter with weights all its own."""
    shape, rng = (40, 56, 3), np.random.default_rng(20240229)
    theirs = keras.applications.ResNet50(weights=None, include_top=False, input_shape=shape)
    theirs.set_weights([random_weight(weight, rng) for weight in theirs.weights])
    return resnet.resnet50(shape, include_top=False), theirs


def random_weight(weight, rng):
    """Draw a weight anew, of a size that keeps the numbers in a deep network in bounds."""
    if weight.name == "kernel":
        fan_in = np.prod(weight.shape[:-1])
        return rng.standard_normal(weight.shape, "float32") * np.float32(np.sqrt(1 / fan_in))
    if weight.name in ("gamma", "moving_variance"):
        return rng.uniform(0.5, 1.5, weight.shape)
    return rng.normal(scale=0.1, size=weight.shape)


def forget(model):
    model.set_weights([np.zeros(weight.shape) for weight in model.weights])


def outputs_agree(ours, theirs, rng):
    pictures = rng.normal(scale=50, size=(2, *ours.input_shape[1:])).astype("float32")
    mine, other = ours(pictures).numpy(), theirs(pictures).numpy()
    assert np.abs(other).max() > 0.1
    return np.abs(mine - other).max() < 1e-5 * np.abs(other).max()


def write_as_keras_2(model, path):
    """Write weights in the layout of Keras' published files, whose arrays are named with a :0."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0".encode() for weight in layer.weights]
            group.attrs["weight_names"] = names
            for name, weight in zip(names, layer.weights, strict=True):
                group[name.decode()] = weight.numpy()


def test_an_identity_block_of_zeros_lets_the_positive_part_pass(rng):
    maps = keras.Input((3, 5, 8))
    block = keras.Model(maps, resnet.identity_block(maps, 2, name="block"))
    block.set_weights([np.zeros(weight.shape) for weight in block.weights])
    x = rng.normal(size=(2, 3, 5, 8)).astype("float32")
    np.testing.assert_array_equal(block(x), np.maximum(x, 0))


def test_a_small_convolution_block_agrees_with_sums_done_by_hand():
    # One channel in, one filter: every second pixel of each row and column goes on.
    maps = keras.Input((3, 5, 1))
    block = keras.Model(maps, resnet.convolution_block(maps, 1, stride=2, name="block"))
    for layer in block.layers:
        if isinstance(layer, layers.Conv2D):
            layer.set_weights([np.ones(layer.kernel.shape), np.zeros(layer.bias.shape)])
    x = np.arange(15.0).reshape(1, 3, 5, 1)
    # The 1 x 1 convolution keeps [[0, 2, 4], [10, 12, 14]]; the 3 x 3 one sums neighbours, which
    # gives [[24, 42, 32], [24, 42, 32]]; the shortcut adds the first. Four equal channels come out.
    expected = np.array([[24, 44, 36], [34, 54, 46]])
    result = block(x).numpy()
    assert result.shape == (1, 2, 3, 4)
    np.testing.assert_allclose(result[0, ..., 0], expected, rtol=1e-4)
    np.testing.assert_array_equal(result, result[..., :1].repeat(4, axis=-1))


@pytest.mark.parametrize(("height", "width", "stride"), [(4, 7, 1), (4, 7, 2), (9, 5, 3)])
def test_a_convolution_block_divides_the_sides_by_its_stride(height, width, stride):
    maps = keras.Input((height, width, 6))
    y = resnet.convolution_block(maps, 5, stride=stride, name="block")
    assert y.shape == (None, -(-height // stride), -(-width // stride), 20)


def test_the_names_of_a_block_say_where_its_layers_stand():
    maps = keras.Input((3, 5, 8))
    block = keras.Model(maps, resnet.convolution_block(maps, 2, stride=1, name="conv3_block1"))
    ends = "1_conv 1_bn 1_relu 2_conv 2_bn 2_relu 0_conv 3_conv 0_bn 3_bn add out"
    names = " ".join(layer.name.removeprefix("conv3_block1_") for layer in block.layers[1:])
    assert names == ends


def test_resnet50_has_the_parameters_of_the_published_one():
    model = resnet.resnet50()
    assert model.count_params() == 25_636_712
    assert model.output_shape == (None, 1000)
    # 3.8e9 in table 1 of the paper; by hand, stage by stage, in test_cost.py
    assert cost.multiply_adds(model) == pytest.approx(3.86e9, rel=0.005)


def test_resnet50_without_its_top_ends_in_feature_maps(pair):
    ours, _ = pair
    assert ours.count_params() == 23_587_712
    assert ours.output_shape == (None, 2, 2, 2048)


def test_resnet50_for_six_classes_has_the_parameters_of_its_sum():
    model = resnet.resnet50((64, 64, 3), 6)
    assert model.count_params() == 23_587_712 + 2048 * 6 + 6 == 23_600_006
    assert sum(np.prod(weight.shape) for weight in model.trainable_weights) == 23_546_886


def test_resnet50_has_the_layers_of_keras_in_the_same_order(pair):
    ours, theirs = ([layer.get_config() for layer in model.layers[1:]] for model in pair)
    alike = ["name", "epsilon", "strides", "kernel_size", "use_bias"]
    for mine, other in zip(ours, theirs, strict=True):
        assert {key: mine.get(key) for key in alike} == {key: other.get(key) for key in alike}


def test_resnet50_with_the_weights_of_keras_gives_the_same_features(pair, rng):
    ours, theirs = pair
    forget(ours)
    assert not outputs_agree(ours, theirs, rng)
    ours.set_weights(theirs.get_weights())
    assert outputs_agree(ours, theirs, rng)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras saving
def test_files_go_from_keras_to_ours_and_back(pair, rng, tmp_path):
    ours, theirs = pair
    kept = theirs.get_weights()
    path = tmp_path / "resnet50.weights.h5"
    forget(ours)
    theirs.save_weights(path)
    weights.load(ours, path)
    assert outputs_agree(ours, theirs, rng)
    forget(theirs)
    ours.save_weights(path)
    weights.load(theirs, path)
    for weight, value in zip(theirs.weights, kept, strict=True):
        np.testing.assert_array_equal(weight, value)


def test_a_file_in_the_layout_of_the_published_ones_is_loaded(pair, rng, tmp_path):
    ours, theirs = pair
    forget(ours)
    path = tmp_path / "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    write_as_keras_2(theirs, path)
    weights.load(ours, path)
    assert outputs_agree(ours, theirs, rng)


# ImageNet's weights


@pytest.mark.parametrize(
    ("file", "place", "name"),
    [
        (resnet.IMAGENET, 0, "resnet50_weights_tf_dim_ordering_tf_kernels.h5"),
        (resnet.IMAGENET_NO_TOP, 1, "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    ],
)
def test_what_is_downloaded_is_what_keras_downloads(file, place, name):
    from keras.src.applications import resnet as theirs

    assert file.remote.name == name
    assert file.remote.urls == (theirs.BASE_WEIGHTS_PATH + name,)
    if file.remote.checksum.startswith("md5"):
        assert file.remote.checksum == f"md5:{theirs.WEIGHTS_HASHES['resnet50'][place]}"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras saving
@pytest.mark.parametrize("is_keras_2", [True, False])
def test_imagenets_weights_come_from_the_readers_folder_in_either_layout(
    pair, rng, tmp_path, monkeypatch, is_keras_2
):
    ours, theirs = pair
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path))
    if is_keras_2:
        name = resnet.IMAGENET_NO_TOP.remote.name
        write_as_keras_2(theirs, tmp_path / name)
    else:
        name = "resnet50_notop.weights.h5"
        theirs.save_weights(tmp_path / name)
    forget(ours)
    source = resnet.load_imagenet(ours, "real", file=NOWHERE, progress=False)
    assert source == f"ImageNet, from {name} in WORKBOOK_DATA"
    assert outputs_agree(ours, theirs, rng)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras saving
def test_a_network_with_its_top_takes_the_file_with_the_top(tmp_path, rng):
    model = resnet.resnet50((32, 40, 3))
    bias = rng.normal(size=1000).astype("float32")
    model.get_layer("predictions").bias.assign(bias)
    model.save_weights(tmp_path / "resnet50.weights.h5")
    model.get_layer("predictions").bias.assign(0 * bias)
    assert resnet.load_imagenet(model, "real", folder=tmp_path, download=False) == (
        "ImageNet, from resnet50.weights.h5 in the folder"
    )
    np.testing.assert_array_equal(model.get_layer("predictions").bias, bias)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras saving
def test_weights_of_another_network_are_passed_over_or_refused_and_change_nothing(
    pair, tmp_path, monkeypatch, capsys
):
    ours, _ = pair
    before = [value.copy() for value in ours.get_weights()[:4]]
    other = resnet.small_resnet(8, input_shape=(32, 40, 3), num_classes=3)
    other.save_weights(tmp_path / resnet.IMAGENET_NO_TOP.name)
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path))
    for data in ("auto", "real"):
        with pytest.raises(pretrained.WeightsUnavailable) as caught:
            resnet.load_imagenet(ours, data, file=NOWHERE, progress=False)
        said = str(caught.value) + capsys.readouterr().out
        assert "resnet50_notop.weights.h5 does not fit model 'resnet50'" in said
        assert said.startswith("ResNet-50 with weights of ImageNet cannot be had.")
    for value, old in zip(ours.get_weights(), before, strict=False):
        np.testing.assert_array_equal(value, old)


def test_with_embedded_data_no_weights_are_looked_for(
    pair, tmp_path, monkeypatch, blocked_attempts
):
    (tmp_path / resnet.IMAGENET_NO_TOP.name).write_bytes(b"broken, but nobody looks")
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path))
    with pytest.raises(pretrained.WeightsUnavailable, match="with embedded data nothing else"):
        resnet.load_imagenet(pair[0], "embedded")
    assert blocked_attempts == []


def test_networks_that_no_published_file_fits_are_refused_before_anything_is_looked_for(pair):
    small = resnet.resnet50((32, 40, 3), 6)
    with pytest.raises(ValueError, match=r"25,636,712 or 23,587,712 .*'resnet50' with 23,600,006"):
        resnet.load_imagenet(small)
    with pytest.raises(ValueError, match="auto, real, embedded; got 'imagenet'"):
        resnet.load_imagenet(pair[0], "imagenet")


# Smaller networks


def test_a_smaller_bottleneck_network_has_the_stages_asked_for():
    model = resnet.bottleneck_resnet((64, 96, 3), 6, blocks=(1, 2, 1), filters=(4, 8, 12))
    assert model.get_layer("conv1_relu").output.shape == (None, 32, 48, 4)
    shapes = [model.get_layer(f"conv{stage}_block1_out").output.shape for stage in (2, 3, 4)]
    assert shapes == [(None, 16, 24, 16), (None, 8, 12, 32), (None, 4, 6, 48)]
    names = {layer.name for layer in model.layers}
    assert "conv3_block2_out" in names
    assert not {"conv2_block2_out", "conv3_block3_out", "conv5_block1_out"} & names
    assert model.output_shape == (None, 6)


def test_pictures_of_any_size_go_in_where_height_and_width_are_open(rng):
    model = resnet.bottleneck_resnet(
        (None, None, 3), 1, blocks=(1, 1), filters=(2, 3), include_top=False
    )
    for height, width in [(33, 40), (47, 32)]:
        maps = model(rng.normal(size=(1, height, width, 3)))
        assert maps.shape == (1, -(-height // 8), -(-width // 8), 12)


@pytest.mark.parametrize(
    ("depth", "parameters"), [(20, 269_722), (32, 464_154), (44, 658_586), (56, 853_018)]
)
def test_the_plain_networks_have_the_parameters_of_table_six(depth, parameters):
    # 0.27, 0.46, 0.66 and 0.85 million there; a hand count for 20 layers: 432 + 13,824 + 50,688
    # + 202,752 in the convolutions, 1,376 in the normalisations, 650 in the classifier.
    model = resnet.small_resnet(depth, input_shape=(32, 32, 3), num_classes=10, residual=False)
    assert sum(np.prod(weight.shape) for weight in model.trainable_weights) == parameters


@pytest.mark.parametrize("depth", [8, 14, 26])
def test_as_many_layers_have_weights_as_the_depth_says(depth):
    settings = {"input_shape": (32, 40, 3), "num_classes": 7, "num_filters": 4}
    plain = resnet.small_resnet(depth, residual=False, **settings)
    kinds = (layers.Conv2D, layers.Dense)
    assert sum(isinstance(layer, kinds) for layer in plain.layers) == depth
    residual = resnet.small_resnet(depth, **settings)
    projections = {"conv3_block1_0_conv", "conv4_block1_0_conv"}
    has_shortcuts = {layer.name: layer.count_params() for layer in residual.layers}
    without = {layer.name: layer.count_params() for layer in plain.layers}
    assert {
        name for name in has_shortcuts.keys() - without.keys() if "conv" in name[-4:]
    } == projections
    assert without.items() <= has_shortcuts.items()


def test_small_networks_answer_with_probabilities(rng):
    model = resnet.small_resnet(8, input_shape=(33, 40, 3), num_classes=7, num_filters=2)
    probabilities = model(rng.integers(0, 256, (2, 33, 40, 3), dtype="uint8")).numpy()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert model.get_layer("conv4_block1_out").output.shape == (None, 9, 10, 8)


def test_the_loss_falls_on_twenty_pictures(rng):
    keras.utils.set_random_seed(0)
    model = resnet.small_resnet(8, input_shape=(32, 40, 3), num_classes=3, num_filters=4)
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    images, labels = rng.integers(0, 256, (20, 32, 40, 3)), rng.integers(0, 3, 20)
    losses = model.fit(images, labels, batch_size=20, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]


def test_running_statistics_follow_a_batch_within_a_few_steps(rng):
    # After n steps on one batch they are 1 - 0.9 ** n of the way: 0.88 after 20.
    maps = keras.Input((3, 5, 4))
    block = keras.Model(maps, resnet.identity_block(maps, 1, name="block"))
    x = rng.normal(size=(6, 3, 5, 4)).astype("float32")
    for _ in range(20):
        block(x, training=True)
    first = keras.Model(maps, block.get_layer("block_1_conv").output)
    mean = np.mean(first(x), axis=(0, 1, 2))
    np.testing.assert_allclose(
        block.get_layer("block_1_bn").moving_mean, (1 - 0.9**20) * mean, rtol=1e-4
    )


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("shape", [(4, 6, 3), (2, 4, 6, 3)])
def test_preprocessing_agrees_with_keras(rng, dtype, shape):
    images = rng.integers(0, 256, shape).astype(dtype)
    kept = images.copy()
    expected = keras.applications.resnet.preprocess_input(images.astype("float64"))
    prepared = resnet.preprocess(images)
    np.testing.assert_allclose(prepared, expected, atol=1e-4)
    assert keras.backend.standardize_dtype(prepared.dtype) == "float32"
    np.testing.assert_array_equal(images, kept)


def test_preprocessing_can_be_a_part_of_a_model(rng):
    pictures = keras.Input((4, 6, 3), dtype="uint8")
    model = keras.Model(pictures, resnet.preprocess(pictures))
    images = rng.integers(0, 256, (2, 4, 6, 3), dtype="uint8")
    np.testing.assert_array_equal(model(images), resnet.preprocess(ops.array(images)))


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (2, 4, 6, 4), (1, 2, 4, 6, 3)])
def test_preprocessing_refuses_what_is_not_rgb(shape):
    with pytest.raises(ValueError, match=r"expected \(height, width, 3\).*got \(\d, "):
        resnet.preprocess(np.zeros(shape))


@pytest.mark.parametrize(
    "shape",
    [
        (31, 40, 3),
        (40, 31, 3),
        (40, 48, 1),
        (40, 48, None),
        (40, 48),
        (40, 48.0, 3),
        (0, 40, 3),
        (40, 40, 3.0),
        (True, 40, 3),
    ],
    ids=str,
)
def test_pictures_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"at least 32 pixels or None, got \("):
        resnet.resnet50(shape)
    with pytest.raises(ValueError, match=r"at least 32 pixels or None, got \("):
        resnet.small_resnet(8, input_shape=shape, num_classes=2)


@pytest.mark.parametrize("count", [0, -1, 2.0, True, None])
def test_a_count_that_is_not_one_is_refused(count):
    match = f"num_classes as an integer of at least 1, got {count}"
    with pytest.raises(ValueError, match=match):
        resnet.resnet50((64, 64, 3), count)
    with pytest.raises(ValueError, match=match):
        resnet.small_resnet(8, input_shape=(32, 32, 3), num_classes=count)


@pytest.mark.parametrize("depth", [2, 7, 18, 51])
def test_a_depth_that_the_stages_cannot_share_is_refused(depth):
    with pytest.raises(ValueError, match=rf"depth must be 6 n \+ 2.* got {depth}"):
        resnet.small_resnet(depth, input_shape=(32, 32, 3), num_classes=2)


@pytest.mark.parametrize(
    ("blocks", "filters", "match"),
    [
        ((1, 1), (4, 8, 16), r"for each stage, got \(1, 1\) and \(4, 8, 16\)"),
        ((), (), r"got \(\) and \(\)"),
        (2, 8, "for each stage, got 2 and 8"),
        ((1, 1.0), (4, 8), "blocks as an integer"),
        ((1, 0), (4, 8), "blocks as an integer of at least 1, got 0"),
        ((1, 1), (4, -8), "filters as an integer of at least 1, got -8"),
    ],
)
def test_stages_that_do_not_fit_are_refused(blocks, filters, match):
    with pytest.raises(ValueError, match=match):
        resnet.bottleneck_resnet((64, 96, 3), 6, blocks=blocks, filters=filters)


def test_blocks_refuse_what_they_cannot_add():
    maps = keras.Input((3, 5, 7))
    with pytest.raises(ValueError, match=r"block: .*num_filters=2.*needs 8 channels.*3, 5, 7\)"):
        resnet.identity_block(maps, 2, name="block")
    with pytest.raises(ValueError, match="stride as an integer of at least 1, got 0"):
        resnet.convolution_block(maps, 2, stride=0, name="block")
    with pytest.raises(ValueError, match=r"expected \(batch, height, width, channels\), got"):
        resnet.convolution_block(keras.Input((5, 7)), 2, stride=1, name="block")

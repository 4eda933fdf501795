import keras
import numpy as np
import pytest
from keras import layers

from helpers.yolo import names, networks


@pytest.fixture(scope="module")
def large():
    return networks.yolov2()


@pytest.fixture(scope="module")
def tiny():
    return networks.tiny_yolov2(input_size=(None, None))


def convolutions(model):
    """List (rows, columns, channels, filters) of the convolutions in Darknet's order."""
    found = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    in_order = sorted(found, key=lambda layer: int(layer.name.removeprefix("conv")))
    return [tuple(layer.kernel.shape) for layer in in_order]


def reorg_with_loops(maps):
    """Move one number after the other, with the addresses of Darknet's ``reorg_cpu``."""
    batch, rows, columns, channels = maps.shape
    source = maps.transpose(0, 3, 1, 2).reshape(batch, -1)
    result = np.empty_like(source)
    for channel, row, column in np.ndindex(channels, rows, columns):
        offset, old_channel = divmod(channel, channels // 4)
        old_row, old_column = 2 * row + offset // 2, 2 * column + offset % 2
        old = old_column + 2 * columns * (old_row + 2 * rows * old_channel)
        result[:, column + columns * (row + rows * channel)] = source[:, old]
    shape = (batch, 4 * channels, rows // 2, columns // 2)
    return result.reshape(shape).transpose(0, 2, 3, 1)


def test_yolov2_has_the_output_and_the_parameters_of_the_published_one(large):
    assert large.input_shape == (None, 608, 608, 3)
    assert large.output_shape == (None, 19, 19, 425)
    assert large.count_params() == 50_983_561


def test_tiny_yolov2_has_the_output_and_the_parameters_of_the_published_one(tiny):
    assert tiny.compute_output_shape((None, 416, 416, 3)) == (None, 13, 13, 425)
    # The file for COCO has 44,948,600 bytes, of which 20 are its header.
    assert tiny.count_params() == (44_948_600 - 20) / 4 == 11_237_145


def test_tiny_yolov2_for_pascal_voc_has_more_filters_before_its_last_layer():
    model = networks.tiny_yolov2(20, head_filters=1024)
    assert model.output_shape == (None, 13, 13, 125)
    assert model.count_params() == 15_867_885  # the sum over yolov2-tiny-voc.cfg, done by hand


def test_the_convolutions_of_yolov2_are_those_of_its_table(large):
    # Table 6 of the paper up to the 18th; cfg/yolov2.cfg for the rest.
    sides = [3, 3, 3, 1, 3, 3, 1, 3, 3, 1, 3, 1, 3, 3, 1, 3, 1, 3, 3, 3, 1, 3, 1]
    filters = [32, 64, 128, 64, 128, 256, 128, 256, 512, 256, 512, 256, 512]
    filters += [1024, 512, 1024, 512, 1024, 1024, 1024, 64, 1024, 425]
    channels = [3, *filters[:20], 64 * 4 + 1024, 1024]
    channels[20] = 512  # the passthrough begins after the 13th
    expected = [(s, s, c, f) for s, c, f in zip(sides, channels, filters, strict=True)]
    assert convolutions(large) == expected


def test_all_but_the_last_convolution_are_normalised_and_leak(large, tiny):
    for model, count in [(large, 23), (tiny, 9)]:
        for number in range(1, count):
            convolution = model.get_layer(f"conv{number}")
            assert not convolution.use_bias
            norm, leaky = (
                model.get_layer(f"conv{number}_bn"),
                model.get_layer(f"conv{number}_leaky"),
            )
            assert norm.input is convolution.output
            assert norm.epsilon == 1e-6
            assert leaky.input is norm.output
            assert leaky.negative_slope == pytest.approx(0.1)
        last = model.get_layer(f"conv{count}")
        assert last.use_bias
        assert last.output is model.outputs[0]
        assert last.activation is keras.activations.linear


def test_the_finer_maps_come_first_where_the_two_ways_meet(large):
    finer, coarser = large.get_layer("passthrough").input
    assert finer.shape == (None, 19, 19, 256)
    assert finer is large.get_layer("reorg").output
    assert large.get_layer("conv21").input is large.get_layer("conv13_leaky").output
    assert coarser is large.get_layer("conv20_leaky").output


@pytest.mark.parametrize("size", [(32, 96), (64, 32)])
def test_a_network_for_any_size_takes_pictures_that_are_not_square(tiny, rng, size):
    pictures = rng.random((2, *size, 3), dtype="float32")
    raw = keras.ops.convert_to_numpy(tiny(pictures))
    assert raw.shape == (2, size[0] // 32, size[1] // 32, 425)
    assert np.isfinite(raw).all()


def test_the_last_pooling_of_the_tiny_network_looks_right_and_down(tiny):
    pool = tiny.get_layer("pool6")
    maps = np.arange(6.0).reshape(1, 2, 3, 1)  # rows 0 1 2 and 3 4 5
    np.testing.assert_array_equal(pool(maps)[0, :, :, 0], [[4, 5, 5], [4, 5, 5]])


def test_reorg_on_paper_pairs_rows_crosswise():
    # Four channels of 4 x 2 pixels, numbered row by row and channel after channel.
    maps = np.arange(32.0).reshape(1, 4, 4, 2).transpose(0, 2, 3, 1)
    result = keras.ops.convert_to_numpy(networks.Reorg()(maps))
    assert result.shape == (1, 2, 1, 16)
    # Each line: the four channels' top left, then top right, bottom left and bottom right pixels.
    first = [0, 8, 16, 24, 1, 9, 17, 25, 4, 12, 20, 28, 5, 13, 21, 29]  # from rows 0 and 2
    np.testing.assert_array_equal(result[0, 0, 0], first)
    np.testing.assert_array_equal(result[0, 1, 0], np.array(first) + 2)  # from rows 1 and 3


@pytest.mark.parametrize("shape", [(2, 4, 6, 8), (1, 6, 4, 4), (3, 10, 2, 12), (1, 38, 26, 8)])
def test_reorg_moves_numbers_as_darknets_loops_do(rng, shape):
    maps = rng.permutation(np.prod(shape)).reshape(shape).astype("float32")
    result = keras.ops.convert_to_numpy(networks.Reorg()(maps))
    np.testing.assert_array_equal(result, reorg_with_loops(maps))
    np.testing.assert_array_equal(np.sort(result, axis=None), np.arange(maps.size))


def test_reorg_works_in_saved_models_for_maps_of_any_size(rng, tmp_path):
    maps = keras.Input((None, None, 4))
    model = keras.Model(maps, networks.Reorg(name="reorg")(maps))
    assert model.output_shape == (None, None, None, 16)
    model.save(tmp_path / "reorg.keras")
    again = keras.saving.load_model(tmp_path / "reorg.keras")
    for shape in [(2, 2, 6, 4), (1, 6, 4, 4)]:
        x = rng.normal(size=shape).astype("float32")
        np.testing.assert_array_equal(again.predict(x, verbose=0), reorg_with_loops(x))


@pytest.mark.parametrize("shape", [(1, 3, 4, 4), (1, 4, 3, 4), (1, 4, 4, 6)])
def test_reorg_refuses_what_does_not_come_in_twos_and_fours(shape):
    with pytest.raises(ValueError, match="even rows and columns and a multiple of 4 channels"):
        networks.Reorg()(np.zeros(shape))


@pytest.mark.parametrize("build", [networks.yolov2, networks.tiny_yolov2])
@pytest.mark.parametrize(
    "size", [(600, 608), (608, 16), (0, 32), (-32, 32), (64.0, 64), (64,), 608, "ab", None]
)
def test_sizes_that_cells_do_not_cover_are_refused(build, size):
    with pytest.raises(ValueError, match=r"multiples of 32.*got"):
        build(input_size=size)


@pytest.mark.parametrize("size", [(40, 64), (64, 33)])
def test_pictures_that_cells_do_not_cover_are_refused_by_a_network_for_any_size(tiny, size):
    with pytest.raises(ValueError, match="multiples of 32"):
        tiny(np.zeros((1, *size, 3)))
    with pytest.raises(ValueError, match="multiples of 32"):
        tiny.predict(np.zeros((1, *size, 3)), verbose=0)


@pytest.mark.parametrize("build", [networks.yolov2, networks.tiny_yolov2])
@pytest.mark.parametrize("counts", [(0, 5), (80, 0), (2.5, 5), (80, "five")])
def test_counts_that_are_none_are_refused(build, counts):
    with pytest.raises(ValueError, match="as an integer of at least 1, got"):
        build(*counts)


@pytest.mark.parametrize("build", [networks.yolov2, networks.tiny_yolov2])
@pytest.mark.parametrize("pretrained", ["voc", True, "", "COCO"])
def test_weights_that_nobody_published_are_refused(build, pretrained):
    with pytest.raises(ValueError, match='pretrained must be None or "coco", got'):
        build(pretrained=pretrained)


@pytest.mark.parametrize(
    ("build", "settings", "match"),
    [
        (networks.yolov2, {"num_classes": 20}, "num_classes=80, got 20"),
        (networks.yolov2, {"num_anchors": 3}, "num_anchors=5, got 3"),
        (networks.tiny_yolov2, {"num_classes": 20}, "num_classes=80, got 20"),
        (networks.tiny_yolov2, {"head_filters": 1024}, "head_filters=512, got 1024"),
    ],
)
def test_published_weights_are_refused_to_networks_of_another_form(build, settings, match):
    with pytest.raises(ValueError, match=match):
        build(**settings, pretrained="coco")


def test_there_are_80_and_20_names_each_of_its_own():
    assert len(names.COCO) == len(set(names.COCO)) == 80
    assert len(names.VOC) == len(set(names.VOC)) == 20
    assert set(names.VOC) < set(names.COCO)  # the spelling is Darknet's in both


@pytest.mark.parametrize(
    ("index", "name"), [(0, "person"), (2, "car"), (9, "traffic light"), (39, "bottle")]
)
def test_the_names_of_coco_stand_where_the_output_has_their_classes(index, name):
    assert names.COCO[index] == name


@pytest.mark.parametrize(
    "anchors",
    [
        names.YOLOV2_COCO_ANCHORS,
        names.YOLOV2_VOC_ANCHORS,
        names.TINY_YOLOV2_COCO_ANCHORS,
        names.TINY_YOLOV2_VOC_ANCHORS,
    ],
)
def test_anchors_are_five_sizes_in_cells(anchors):
    assert np.shape(anchors) == (5, 2)
    assert (np.array(anchors) > 0).all()
    assert (np.array(anchors) < 19).all()  # cells along a side

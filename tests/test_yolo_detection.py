import itertools
import types

import keras
import numpy as np
import pytest
from PIL import Image

from helpers import boxes as box_tools
from helpers import images, letterbox
from helpers.yolo import decoding, detection

NAMES = ["red", "green"]
INPUT_SIZE = (96, 128)  # 3 rows and 4 columns
ANCHORS = [[1.0, 1.0]]


def colour_finder(input_size=INPUT_SIZE):
    """A network whose boxes are the cells that are red or green."""
    inputs = keras.Input((*input_size, 3))
    x = keras.layers.AveragePooling2D(32)(inputs)
    outputs = keras.layers.Conv2D(7, 1, name="head")(x)
    model = keras.Model(inputs, outputs)
    kernel, bias = np.zeros((1, 1, 3, 7)), np.zeros(7)
    kernel[0, 0, :, 4] = [20, 10, -30]  # blue, or grey as the bars are: no object
    bias[4] = -5
    kernel[0, 0, 0, 5] = kernel[0, 0, 1, 6] = 20
    model.get_layer("head").set_weights([kernel, bias])
    return model


class Fake:
    """Whatever has a method `predict` will do; this one remembers what it was asked."""

    def __init__(self, output, input_shape=(None, 96, 128, 3)):
        self.output, self.input_shape, self.asked = np.asarray(output), input_shape, []

    def predict(self, pictures):
        self.asked.append(pictures)
        return np.broadcast_to(self.output, (len(pictures), *self.output.shape))


def everywhere(rows=3, columns=4):
    """An output that is sure of an object in every cell."""
    output = np.zeros((rows, columns, 7), "float32")
    output[..., 4], output[..., 5] = 9, 9
    return output


def detect(model, image, **settings):
    return detection.detect(model, image, **{"anchors": ANCHORS, "class_names": NAMES} | settings)


def two_squares():
    """A black picture, 40 x 160, which fills the second row of cells in four squares."""
    picture = np.zeros((40, 160, 3), np.uint8)
    picture[:, 40:80, 0] = 255
    picture[:, 120:, 1] = 255
    return picture


def example(names=("person", "traffic light", "car")):
    return detection.Detections(
        [[120, 20, 390, 299], [0, 0, 60, 40], [430, 260, 451, 300]],
        [0.931, 0.5, 0.25],
        [0, 1, 2],
        names,
    )


def test_coloured_squares_are_found_where_they_are():
    found = detect(colour_finder(), two_squares())
    assert [row.name for row in found] == ["red", "green"]
    np.testing.assert_allclose(found.boxes, [[40, 0, 80, 40], [120, 0, 160, 40]], atol=1e-4)
    assert (np.diff(found.scores) <= 0).all()
    assert found.scores.min() > 0.9
    assert found.classes.tolist() == [0, 1]
    assert found.class_names == ("red", "green")


def test_a_small_picture_and_an_upright_one_are_found_as_well():
    squares = two_squares()
    small = detect(colour_finder(), squares[::5, ::5])
    np.testing.assert_allclose(small.boxes, [[8, 0, 16, 8], [24, 0, 32, 8]], atol=1e-4)
    upright = detect(colour_finder((128, 96)), squares.swapaxes(0, 1))
    np.testing.assert_allclose(upright.boxes, [[0, 40, 40, 80], [0, 120, 40, 160]], atol=1e-4)


def test_boxes_on_the_bars_go_and_others_are_clipped():
    fake = Fake(everywhere())
    whole = detect(fake, two_squares())
    assert len(whole) == 4  # of twelve cells, the second row
    large = detect(fake, two_squares(), anchors=[[1.5, 1.5]], iou_threshold=1)
    assert len(large) == 12
    assert large.boxes.min() == 0
    assert large.boxes[:, 2].max() == 160
    assert large.boxes[:, 3].max() == 40
    assert detect(fake, two_squares(), max_boxes=2).boxes.shape == (2, 4)


def test_boxes_on_the_bars_do_not_use_up_the_number_of_boxes():
    output = everywhere()
    output[0, :, 4] = 20  # the surest ones lie on the upper bar
    assert len(detect(Fake(output), two_squares(), max_boxes=3)) == 3


def test_detections_agree_with_the_single_steps(rng):
    output = rng.normal(scale=2, size=(3, 4, 2 * 7)).astype("float32")
    anchors = [[1.2, 0.8], [2.0, 2.5]]
    picture = rng.integers(0, 256, (50, 30, 3), dtype="uint8")
    found = detect(Fake(output), picture, anchors=anchors, score_threshold=0.2, iou_threshold=1.0)
    decoded = decoding.decode(output, anchors, 2)
    scores, centres, classes = decoding.filter_boxes(
        np.concatenate([decoded.centres, decoded.sizes], axis=-1), *decoded[2:], 0.2
    )
    in_frame = box_tools.centre_to_corners(centres) * np.tile([128, 96], 2)
    clipped = box_tools.clip(letterbox.to_picture(in_frame, (50, 30), INPUT_SIZE), (50, 30))
    inside = np.prod(clipped[:, 2:] - clipped[:, :2], axis=1) > 0
    order = np.argsort(-scores[inside], kind="stable")
    np.testing.assert_allclose(found.scores, scores[inside][order], rtol=1e-6)
    np.testing.assert_allclose(found.boxes, clipped[inside][order], atol=1e-4)
    np.testing.assert_array_equal(found.classes, classes[inside][order])


def test_overlapping_boxes_stay_only_if_their_classes_differ():
    output = np.full((3, 4, 14), -9, "float32")
    output[1, 1, [4, 11]] = 9, 4  # two boxes in the same place
    anchors = [[1, 1], [1, 1.1]]
    for second_class, number in [(0, 1), (1, 2)]:
        output[1, 1, [5, 12 + second_class]] = 9
        assert len(detect(Fake(output), two_squares(), anchors=anchors)) == number
        output[1, 1, 12 + second_class] = -9


def test_a_list_gives_the_same_as_one_picture_after_the_other(rng, tmp_path):
    model = colour_finder()
    pictures = [two_squares(), two_squares()[:, ::-1], rng.integers(0, 256, (9, 5, 3), "uint8")]
    Image.fromarray(pictures[1]).save(tmp_path / "mirrored.png")
    found = detect(model, [pictures[0], tmp_path / "mirrored.png", pictures[2]], batch_size=2)
    assert [len(one) for one in found] == [2, 2, len(detect(model, pictures[2]))]
    for one, picture in zip(found, pictures, strict=True):
        alone = detect(model, picture)
        np.testing.assert_allclose(one.boxes, alone.boxes, atol=1e-4)
        np.testing.assert_allclose(one.scores, alone.scores, rtol=1e-5)
    stacked = detect(model, np.stack(pictures[:2]))
    np.testing.assert_allclose(stacked[1].boxes, found[1].boxes, atol=1e-4)
    assert detect(model, []) == []


def test_the_network_runs_once_for_each_batch_always_with_as_many_pictures():
    fake = Fake(everywhere())
    assert len(detect(fake, [two_squares()] * 7, batch_size=3)) == 7
    assert [asked.shape for asked in fake.asked] == [(3, 96, 128, 3)] * 3
    assert {asked.dtype for asked in fake.asked} == {np.dtype("float32")}


def test_a_path_reads_the_picture_and_shows_no_progress(tmp_path, capsys):
    Image.fromarray(two_squares()).save(tmp_path / "squares.png")
    found = detect(colour_finder(), str(tmp_path / "squares.png"))
    assert [row.name for row in found] == ["red", "green"]
    assert capsys.readouterr().out == ""
    (tmp_path / "broken.png").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"broken.png"):
        detect(colour_finder(), [two_squares(), tmp_path / "broken.png"])
    with pytest.raises(FileNotFoundError, match=r"missing.png"):
        detect(colour_finder(), tmp_path / "missing.png")


@pytest.mark.parametrize("size", [(1, 1), (7, 10_000), (10_000, 3), (300, 200)])
def test_pictures_of_any_size_keep_boxes_inside(size):
    found = detect(Fake(everywhere()), np.zeros((*size, 3), np.uint8))
    assert len(found) > 0
    np.testing.assert_array_equal(box_tools.clip(found.boxes, size), found.boxes)
    assert (found.boxes[:, 2:] > found.boxes[:, :2]).all()


def test_the_input_size_is_the_models_or_must_be_given():
    free = Fake(everywhere(), input_shape=(None, None, None, 3))
    assert len(detect(free, two_squares(), input_size=(96, 128))) == 4
    nameless = types.SimpleNamespace(predict=free.predict)
    assert len(detect(nameless, two_squares(), input_size=(96, 128))) == 4
    for model in (free, nameless):
        with pytest.raises(ValueError, match=r"input_size as \(height, width\), .*got None"):
            detect(model, two_squares())
    with pytest.raises(ValueError, match=r"built for, \(96, 128\); got \(128, 96\)"):
        detect(colour_finder(), two_squares(), input_size=(128, 96))
    with pytest.raises(ValueError, match=r"\(pictures, height, width, 3\), got \(None, 3, 96"):
        detect(Fake(everywhere(), (None, 3, 96, 128)), two_squares())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"anchors": [[1, -1]]}, "positive width and height"),
        ({"anchors": [[1, 1], [2, 2]]}, r"2 anchors \* \(5 \+ 2 classes\) = 14"),
        ({"class_names": ["red"]}, r"1 anchors \* \(5 \+ 1 classes\) = 6"),
        ({"class_names": "red"}, "list of str, got 'red'"),
        ({"class_names": [1, 2]}, "list of str"),
        ({"class_names": []}, "at least one name"),
        ({"score_threshold": 1.2}, r"as a number from 0 to 1, got 1.2"),
        ({"score_threshold": -0.1}, "got -0.1"),
        ({"iou_threshold": -1}, r"iou_threshold as a number from 0 to 1, got -1"),
        ({"max_boxes": 0}, "max_boxes"),
        ({"batch_size": 0}, "batch_size as an integer of at least 1, got 0"),
        ({"input_size": (96.0, 128.0)}, "input_size"),
        ({"image": np.zeros((4, 5, 7), "uint8")}, r"\(height, width\) or .*got \(4, 5, 7\)"),
        ({"model": Fake(np.full((3, 4, 7), np.nan))}, "output with finite numbers, got nan"),
        ({"model": Fake(np.zeros((3, 7)))}, r"expected output of shape .*got \(3, 7\)"),
        ({"model": object(), "input_size": (96, 128)}, "a method predict, got object"),
    ],
)
def test_what_does_not_fit_is_refused(changed, message):
    good = {"model": Fake(everywhere()), "image": two_squares()}
    with pytest.raises(ValueError, match=message):
        detect(**good | changed)


def test_bad_settings_show_before_the_network_runs():
    for setting in ({"iou_threshold": 2}, {"max_boxes": 0}, {"score_threshold": 2}):
        fake = Fake(everywhere())
        with pytest.raises(ValueError, match="got"):
            detect(fake, two_squares(), **setting)
        assert not fake.asked


def test_a_model_with_several_outputs_or_too_few_is_refused():
    several = types.SimpleNamespace(predict=lambda pictures: [pictures, pictures])
    with pytest.raises(ValueError, match=r"one output .* for 1 pictures, got list of 2"):
        detect(several, two_squares(), input_size=(96, 128))
    too_few = types.SimpleNamespace(predict=lambda pictures: pictures[:1])
    with pytest.raises(ValueError, match=r"for 8 pictures, got shape \(1, 96, 128, 3\)"):
        detect(too_few, [two_squares()] * 2, input_size=(96, 128))


def test_the_frame_holds_the_picture_between_grey_bars(rng):
    picture = rng.integers(0, 256, (32, 128, 3), dtype="uint8")
    framed = detection.as_input(picture, INPUT_SIZE)
    assert framed.shape == (96, 128, 3)
    assert framed.dtype == np.float32
    np.testing.assert_array_equal(framed[:32], 0.5)
    np.testing.assert_array_equal(framed[64:], 0.5)
    np.testing.assert_allclose(framed[32:64], picture / 255, atol=1e-7)


def test_shrinking_does_not_let_fine_patterns_through():
    stripes = np.zeros((100, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    framed = detection.as_input(stripes, (40, 40))
    np.testing.assert_allclose(framed[15:25, 2:-2], 0.5, atol=0.03)


def test_enlarging_agrees_with_keras(rng):
    picture = rng.integers(0, 256, (7, 12, 3), dtype="uint8")
    framed = detection.as_input(picture, (28, 48))
    theirs = keras.ops.image.resize(picture.astype("float32") / 255, (28, 48))
    np.testing.assert_allclose(framed, keras.ops.convert_to_numpy(theirs), atol=1.1 / 255)


def test_detections_are_a_small_table():
    found = example()
    assert len(found) == 3
    name, score, box = next(iter(found))
    assert (name, score, box.tolist()) == ("person", 0.931, [120, 20, 390, 299])
    lines = str(found).split("\n")
    assert lines[0].split() == ["class", "score", "left", "top", "right", "bottom"]
    assert lines[1].split() == ["person", "0.93", "120.0", "20.0", "390.0", "299.0"]
    assert len({len(line) for line in lines}) == 1
    page = example(names=["<b>person</b>", "light", "car"])._repr_html_()
    assert page.count("<tr>") == 4
    assert "<td>&lt;b&gt;person&lt;/b&gt;</td><td>0.93</td>" in page
    nothing = detection.Detections([], [], [], NAMES)
    assert (len(nothing), str(nothing), list(nothing)) == (0, "nothing found", [])
    assert "nothing found" in nothing._repr_html_()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"boxes": [[4, 0, 0, 2]]}, "left <= right"),
        ({"scores": [0.5, 0.6]}, r"n scores and classes; got \(1, 4\), \(2,\) and \(1,\)"),
        ({"classes": [2]}, r"classes in 0\.\.1, got \[2\]"),
        ({"classes": [-1]}, r"classes in 0\.\.1"),
        ({"classes": [0.5]}, "whole numbers as classes, got float64"),
        ({"class_names": "ab"}, "list of str"),
    ],
)
def test_tables_that_do_not_belong_together_are_refused(changed, message):
    good = {"boxes": [[0, 0, 4, 2]], "scores": [0.5], "classes": [1], "class_names": NAMES}
    with pytest.raises(ValueError, match=message):
        detection.Detections(**good | changed)


def test_frames_and_labels_are_drawn_on_a_copy():
    photo = images.load_photo("cat")
    before = photo.copy()
    drawn = detection.draw_detections(photo, example())
    np.testing.assert_array_equal(photo, before)
    assert (drawn.dtype, drawn.shape) == (np.uint8, photo.shape)
    # Frames, at their left, right and lower edges, of the class's colour; all else as it was.
    colour = detection.class_colour(0)
    for y, x in [(150, 120), (150, 389), (298, 250)]:
        assert tuple(drawn[y, x]) == colour
    np.testing.assert_array_equal(drawn[60:250, 150:350], photo[60:250, 150:350])
    np.testing.assert_array_equal(drawn[60:250, 10:110], photo[60:250, 10:110])
    assert tuple(drawn[299, 450]) == detection.class_colour(2)


def test_low_scores_are_left_out():
    photo = images.load_photo("cat")
    nothing = detection.draw_detections(photo, example(), min_score=0.95)
    np.testing.assert_array_equal(nothing, photo)
    some = detection.draw_detections(photo, example(), min_score=0.5)
    np.testing.assert_array_equal(some[240:, 400:], photo[240:, 400:])
    assert (some[:45, :65] != photo[:45, :65]).any()


@pytest.mark.parametrize(
    "box", [[0, 0, 9, 9], [290, 0, 300, 8], [295, 190, 300, 200], [0, 0, 300, 200]]
)
def test_labels_lie_whole_inside_the_picture(box):
    picture = np.full((200, 300, 3), 100, np.uint8)
    large = np.full((600, 900, 3), 100, np.uint8)

    def label_pixels(picture, box):
        found = detection.Detections([box], [0.93], [1], ["person", "traffic light"])
        drawn = detection.draw_detections(picture, found, font_size=24)
        return np.count_nonzero((drawn == detection.text_colour(detection.class_colour(1))).all(-1))

    in_the_middle = label_pixels(large, [300, 300, 600, 500])
    assert in_the_middle > 50
    assert label_pixels(picture, box) == in_the_middle


def test_labels_do_not_cover_each_other_where_there_is_room():
    boxes = [[50, 60, 250, 160], [52, 62, 248, 158], [54, 64, 246, 156]]
    names = ["person", "car", "bus"]
    drawn = detection.draw_detections(
        np.full((200, 300, 3), 100, np.uint8),
        detection.Detections(boxes, [0.9, 0.8, 0.7], [0, 1, 2], names),
    )
    for label in range(3):
        alone = detection.draw_detections(
            np.full((200, 300, 3), 100, np.uint8),
            detection.Detections([boxes[label]], [[0.9, 0.8, 0.7][label]], [label], names),
        )
        colour = detection.class_colour(label)
        background = [np.count_nonzero((picture == colour).all(-1)) for picture in (drawn, alone)]
        assert background[0] > 0.8 * background[1]


def test_letters_grow_with_the_picture():
    heights = []
    for scale in (1, 4):
        picture = np.full((300 * scale, 400 * scale, 3), 100, np.uint8)
        found = detection.Detections([[200 * scale] * 4], [0.9], [0], ["car"])
        changed = (detection.draw_detections(picture, found) != picture).any(axis=(1, 2))
        heights.append(np.count_nonzero(changed))
    assert heights[1] > 3 * heights[0] >= 3 * 11


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (40, 8), (3, 10_000), (12, 60)])
def test_pictures_too_small_for_a_label_are_drawn_on_as_well(size):
    height, width = size
    picture = np.full((*size, 3), 100, np.uint8)
    found = detection.Detections(
        [[0, 0, width, height], [width / 2, 0, width / 2, height], [-9, -9, -5, -5]],
        [0.9, 0.8, 0.7],
        [0, 0, 0],
        ["something with a long name"],
    )
    drawn = detection.draw_detections(picture, found)
    assert drawn.shape == picture.shape
    assert tuple(drawn[0, 0]) == detection.class_colour(0)


def test_a_grey_picture_is_drawn_on_in_colour():
    grey = np.full((200, 300), 100, np.uint8)
    found = detection.Detections([[50, 60, 250, 160]], [0.9], [0], ["person"])
    drawn = detection.draw_detections(grey, found)
    np.testing.assert_array_equal(drawn, detection.draw_detections(np.stack([grey] * 3, -1), found))


def test_colours_of_classes_differ_and_their_labels_can_be_read():
    from skimage import color

    colours = [detection.class_colour(label) for label in range(80)]
    lab = color.rgb2lab(np.array(colours)[None] / 255)[0]
    for number, distance in [(7, 30), (20, 15), (80, 6)]:  # 2.3 is just noticeable
        pairs = itertools.combinations(lab[:number], 2)
        assert min(np.linalg.norm(a - b) for a, b in pairs) > distance
    assert colours == [detection.class_colour(np.int64(label)) for label in range(80)]

    def luminance(colour):
        shares = [share / 255 for share in colour]
        red, green, blue = (
            s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for colour in [*colours, (0, 0, 0), (255, 255, 255), (118, 118, 118)]:
        dark, light = sorted([luminance(colour), luminance(detection.text_colour(colour))])
        assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"min_score": 2}, r"as a number from 0 to 1, got 2"),
        ({"font_size": 0}, "font_size .* at least 1, got 0"),
        ({"font_size": np.nan}, "got nan"),
        ({"detections": [[0, 0, 1, 1]]}, "expected Detections, got list"),
        ({"image": np.zeros((4, 5, 7), "uint8")}, "expected a picture"),
    ],
)
def test_drawing_refuses_what_it_cannot_draw(changed, message):
    good = {"image": np.zeros((40, 50, 3), "uint8"), "detections": example()}
    with pytest.raises(ValueError, match=message):
        detection.draw_detections(**good | changed)

"""Tests of reading one's own annotated pictures."""

import sys

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest

from helpers import average_precision
from helpers import boxes as box_tools
from helpers.yolo import annotations, batches

SIZE = (30, 40)  # height, width
NO_IMAGE = (
    "expected a whole picture (PNG, JPEG, GIF, BMP, TIFF, WEBP, PPM), "
    "but it cannot be read: it is none of these"
)


def save_picture(path, size=SIZE, orientation=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = PIL.Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    PIL.Image.new("RGB", size[::-1], (90, 120, 60)).save(path, exif=exif)


def voc_object(name="cat", box=(3, 5, 20, 15), more=""):
    edges = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    bndbox = "".join(f"<{edge}>{value}</{edge}>" for edge, value in edges)
    return f"<object><name>{name}</name>{more}<bndbox>{bndbox}</bndbox></object>"


def voc_text(*objects, size=SIZE):
    height, width = size
    sides = f"<size><width>{width}</width><height>{height}</height></size>"
    return f"<annotation>{sides}{''.join(objects)}</annotation>"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def load_two(folder, text, load):
    """Load a folder with a good picture, and one annotated with this text."""
    good, ending = voc_text(voc_object()), ".xml"
    if load is annotations.load_yolo:
        good, ending = "0 0.5 0.5 0.5 0.5", ".txt"
    for name, content in (("good", good), ("tried", text)):
        save_picture(folder / f"{name}.png")
        write(folder / f"{name}{ending}", content)
    return load(folder, ["cat", "dog"])


def names_of(paths):
    return [path.name for path in paths]


def check_report(pictures, name, message):
    assert names_of(pictures.paths) == ["good.png"]
    assert names_of(pictures.left_out) == ["tried.png"]
    (problem,) = pictures.problems
    assert problem.startswith(name)
    assert message in problem


def test_two_boxes_of_voc_are_turned_into_edges_as_on_paper(tmp_path):
    objects = (voc_object("dog", (1, 1, 40, 30)), voc_object("cat", (3, 5, 3, 6)))
    save_picture(tmp_path / "a.png")
    write(tmp_path / "a.xml", voc_text(*objects))
    pictures = annotations.load_voc(tmp_path)
    assert pictures.paths == (tmp_path / "a.png",)
    # The whole picture, and one pixel above another.
    np.testing.assert_array_equal(pictures.boxes[0], [[0, 0, 40, 30], [2, 4, 3, 6]])
    assert pictures.class_names == ("cat", "dog")
    assert pictures.classes[0].tolist() == [1, 0]
    assert pictures.sizes == (SIZE,)


def test_a_line_of_yolo_is_turned_into_pixels_as_on_paper(tmp_path, capsys):
    save_picture(tmp_path / "a.png")
    write(tmp_path / "a.txt", b"\xef\xbb\xbf1 0.5 0.5 0.5 0.2\r\n\r\n0 0.05 0.9 0.1 0.2\r\n")
    pictures = annotations.load_yolo(tmp_path, ["cat", "dog"])
    np.testing.assert_allclose(pictures.boxes[0], [[10, 12, 30, 18], [0, 24, 4, 30]])
    assert pictures.classes[0].tolist() == [1, 0]
    assert pictures.problems == pictures.notes == ()
    assert capsys.readouterr().out == ""


def test_random_boxes_come_back_from_both_forms(tmp_path, rng):
    size, names, classes = (213, 640), ("bird", "cat", "dog"), [2, 0, 1, 0, 2]
    first, last = np.sort(rng.uniform(0, np.array(size[::-1]) - 1, (2, 5, 2)), axis=0)
    corners = np.concatenate([first, last + 1], axis=1)
    centres = box_tools.pixels_to_relative(box_tools.corners_to_centre(corners), size)
    shifted = corners + np.array([1, 1, 0, 0])  # VOC counts from 1
    named = [(names[label], box) for label, box in zip(classes, shifted, strict=True)]
    lines = [[label, *centre.round(6)] for label, centre in zip(classes, centres, strict=True)]
    save_picture(tmp_path / "a.png", size)
    write(tmp_path / "a.xml", voc_text(*(voc_object(*pair) for pair in named), size=size))
    write(tmp_path / "a.txt", "\n".join(" ".join(map(str, line)) for line in lines))
    voc, yolo = annotations.load_voc(tmp_path), annotations.load_yolo(tmp_path, names)
    for pictures, rounding in ((voc, 1e-9), (yolo, 1e-3)):
        assert pictures.class_names == names
        np.testing.assert_allclose(pictures.boxes[0], corners, rtol=0, atol=rounding)
        assert pictures.classes[0].tolist() == classes


@pytest.mark.parametrize(
    ("picture", "text", "folder"),
    [
        ("a.jpg", "a.txt", ""),
        ("images/a.jpg", "labels/a.txt", ""),
        ("images/train/a.jpg", "labels/train/a.txt", "images/train"),
        ("JPEGImages/a.JPEG", "Labels/a.txt", ""),
        ("images/two words, ünïcode & 100%.v2.png", "labels/two words, ünïcode & 100%.v2.txt", ""),
        ("images/train.jpg", "labels/train.txt", ""),
        ("images/a.jpg", "annotations/a.xml", ""),
        ("VOC/JPEGImages/a.jpg", "VOC/Annotations/a.xml", "VOC/JPEGImages"),
    ],
)
def test_annotations_are_found_in_their_places(tmp_path, picture, text, folder):
    save_picture(tmp_path / picture)
    save_picture((tmp_path / picture).parents[1] / "SegmentationClass" / "a.png")
    write(tmp_path / text, voc_text(voc_object()) if text.endswith("xml") else "0 .5 .5 .5 .2")
    write(tmp_path / "classes.txt", "cat\n")
    load = annotations.load_voc if text.endswith("xml") else annotations.load_yolo
    pictures = load(tmp_path / folder)
    assert pictures.paths == (tmp_path / picture,)
    assert pictures.class_names == ("cat",)
    assert [len(boxes) for boxes in pictures.boxes] == [1]
    assert pictures.problems == pictures.notes == ()


def test_every_picture_is_used_or_reported(tmp_path, capsys):
    good = {"a.png": "0 .5 .5 .5 .2", "b.png": "", "c.PNG": "0 .5 .5 1.5 .2"}
    bad = {"d.png": "0 .5 .5 .5", "e.png": "\n2 .5 .5 .5 .2", "f.png": None}
    for name, text in {**good, **bad}.items():
        save_picture(tmp_path / "images" / name)
        if text is not None:
            write(tmp_path / "labels" / f"{name[0]}.txt", text)
    for name in ("images/g.jpg", "images/i.heic", "images/.hidden.jpg", "README.txt"):
        write(tmp_path / name, b"no picture")
    for name in ("g", "h", "i"):
        write(tmp_path / "labels" / f"{name}.txt", "0 .5 .5 .5 .2")
    for name in ("j.png", "j.jpg"):
        save_picture(tmp_path / name)
        write(tmp_path / "j.txt", "")
    write(tmp_path / "labels" / "classes.txt", "cat\ndog\n")
    pictures = annotations.load_yolo(tmp_path)
    assert names_of(pictures.paths) == list(good)
    assert sorted(names_of(pictures.left_out)) == [*bad, "g.jpg", "i.heic", "j.jpg", "j.png"]
    assert pictures.problems == (
        "labels/d.txt: line 1: expected class x y width height, got 4 values",
        "labels/e.txt: line 2: expected a class of 0 to 1, got 2",
        "images/f.png: there is no labels/f.txt, not even one without objects",
        f"images/g.jpg: {NO_IMAGE}",
        f"images/i.heic: {NO_IMAGE}",
        "j.jpg: j.txt could belong to another picture as well",
        "j.png: j.txt could belong to another picture as well",
        "labels/h.txt: there is no picture to it",
    )
    assert pictures.notes == (
        "labels/b.txt: no objects, so the picture is taken as background alone",
        "labels/c.txt: line 1: clipped, as it reached 10 pixels too far",
    )
    np.testing.assert_allclose(pictures.boxes[2], [[0, 12, 40, 18]])
    assert pictures.boxes[1].shape == (0, 4)
    printed = capsys.readouterr().out.splitlines()
    assert printed == [f"problem: {problem}" for problem in pictures.problems] + [
        f"note: {note}" for note in pictures.notes
    ]
    with pytest.raises(ValueError, match=r"problems in .*\n(.*\n)*labels/h.txt: there is no"):
        annotations.load_yolo(tmp_path, problems="raise")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is no XML: no element found"),
        (voc_text(voc_object("K\xe4fer")).encode("latin-1"), "it is no text in UTF-8, at byte 76; save it in UTF-8"),
        ("<?xml version='1.0' encoding='klingon'?><annotation/>", "its encoding 'klingon' is not known; save it in UTF-8"),
        ("<html/>", "expected <annotation> in it, got 'html'"),
        (voc_text(voc_object(), voc_object(box=(3, 5, "", 15))), "object 2: expected a number as"),
        (voc_text(voc_object(box=(3, 5, "1e300", 15))), "with finite numbers"),
        (voc_text(voc_object(box=(20, 5, 3, 15))), "with left <= right"),
        (voc_text(voc_object(box=(50, 5, 60, 15))), "[49.0, 4.0, 60.0, 15.0] holds nothing of"),
        (voc_text(voc_object(name=" ")), "object 1: expected the name of a class, got ''"),
        (voc_text(voc_object(name="cow")), "object 1: expected the name of a class, got 'cow'"),
        (voc_text(voc_object(), size=(60, 80)), "is (60.0, 80.0), but that of the picture (30,"),
        (b"<annotation>" + b" " * 4_000_000, "more than 4,000,000 bytes"),
        ("<!DOCTYPE annotation [<!ENTITY e 'cat'>]><annotation/>", "it has a DOCTYPE"),
        ("<!DOCTYPE annotation [<!ENTITY e 'cat'>]><annotation/>".encode("utf-16"), "a DOCTYPE"),
    ],
)
def test_broken_voc_is_reported_by_file(tmp_path, text, message):
    check_report(load_two(tmp_path, text, annotations.load_voc), "tried.xml: ", message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cat .5 .5 .5 .2", "line 1: expected a number as each value, got 'cat'"),
        ("\n0.5 .5 .5 .5 .2", "line 2: expected a class of 0 to 1, got 0.5"),
        ("0 .1 .1 .2 .1 .2 .2 .1 .2", "got 9 values"),
        ("0 .5 inf .5 .2", "got 'inf'"),
        ("0 .5 .5 .5 -.2", "no negative width or height"),
        ("0 20 15 10 8", "holds nothing"),  # pixels
        (b"0 .5 .5 .5 .2\n\xff", "it is no text in UTF-8, at byte 14"),
        (b"0 .5 .5 .5 .2\0", r"got '.2\x00'"),
    ],
)
def test_broken_yolo_is_reported_by_file(tmp_path, text, message):
    check_report(load_two(tmp_path, text, annotations.load_yolo), "tried.txt: ", message)


def test_whatever_is_in_an_annotation_pictures_add_up(tmp_path, rng, capsys):
    xml = voc_text(voc_object(), voc_object("dog", more="<difficult>1</difficult>")).encode()
    lines = b"0 0.5 0.5 0.5 0.2\r\n1 0.25 0.5 0.125 0.25\r\n" + b"\n" * 40
    for number in range(150):
        save_picture(tmp_path / f"{number}.bmp")
        for ending, data in ((".xml", xml + b" " * len(xml)), (".txt", lines)):
            spoilt = bytearray(data)
            for place in rng.integers(len(data), size=rng.integers(3)):
                spoilt[place] = rng.integers(32, 140)
            write(tmp_path / f"{number}{ending}", bytes(spoilt[: rng.integers(1, 2 * len(data))]))
    both = annotations.load_voc(tmp_path), annotations.load_yolo(tmp_path, ["a", "b"])
    printed = capsys.readouterr().out.splitlines()
    for pictures in both:
        assert len(pictures.paths) > 5
        assert len(pictures.left_out) == len(pictures.problems) == 150 - len(pictures.paths) > 20
        for path, problem in zip(pictures.left_out, pictures.problems, strict=True):
            assert problem.startswith(f"{path.stem}.")
        for boxes in pictures.boxes:
            assert (boxes[:, :2] < boxes[:, 2:]).all()
            assert ((boxes >= 0) & (boxes <= [40, 30, 40, 30])).all()
        assert f"problem: and {len(pictures.problems) - 20} more" in printed


def test_difficult_objects_and_other_splits_are_left_out_where_that_is_wanted(tmp_path):
    for name in ("a", "b c", "d"):
        save_picture(tmp_path / "JPEGImages" / f"{name}.png")
        difficult = voc_object("dog", more="<difficult>1</difficult>")
        write(tmp_path / "Annotations" / f"{name}.xml", voc_text(difficult, voc_object()))
    write(tmp_path / "ImageSets" / "Main" / "train.txt", "b c\r\nd\r\nx\r\n")
    pictures = annotations.load_voc(tmp_path, split="train", keep_difficult=False)
    assert names_of(pictures.paths) == ["b c.png", "d.png"]
    assert [classes.tolist() for classes in pictures.classes] == [[0], [0]]
    assert pictures.problems == ("ImageSets/Main/train.txt: there is no picture 'x'",)
    assert [len(boxes) for boxes in annotations.load_voc(tmp_path).boxes] == [2, 2, 2]
    with pytest.raises(ValueError, match=r"test\.txt: it cannot be read: No such file"):
        annotations.load_voc(tmp_path, split="test")


@pytest.mark.parametrize("keep", [True, False])
def test_evaluation_ignores_difficult_objects_whether_they_are_kept_or_not(tmp_path, keep):
    save_picture(tmp_path / "a.png")
    marked = voc_object("dog", more="<difficult>1</difficult>")
    write(tmp_path / "a.xml", voc_text(voc_object(), marked))
    loaded = annotations.load_voc(tmp_path, ["cat", "dog"], keep_difficult=keep)
    assert [marks.tolist() for marks in loaded.difficult] == [[False, True] if keep else [False]]
    _, framed, classes = annotations.read_pictures(loaded, (64, 64))
    everything = annotations.load_voc(tmp_path, ["cat", "dog"])
    both = [annotations.read_pictures(everything, (64, 64))[1][0], [0.5, 0.9], [0, 1]]
    one = [both[0][:1], [0.5], [0]]
    for found in (both, one):
        result = average_precision.mean_average_precision([(framed[0], classes[0])], [found], 2)
        assert result.mean == 1
    found = [everything.boxes[0], [0.5, 0.9], [0, 1]]
    truths = list(zip(loaded.boxes, loaded.classes, strict=True))
    assert average_precision.mean_average_precision(truths, [found], 2).mean == 1


@pytest.mark.parametrize("ending", ["jpg", "png", "tiff", "webp"])
def test_sizes_are_those_that_pillow_turns_pictures_to(tmp_path, ending):
    for orientation in range(1, 9):
        save_picture(tmp_path / f"{orientation}.{ending}", orientation=orientation)
        write(tmp_path / f"{orientation}.txt", "")
    pictures = annotations.load_yolo(tmp_path, ["cat"])
    assert pictures.sizes == (SIZE,) * 4 + (SIZE[::-1],) * 4
    for path, size in zip(pictures.paths, pictures.sizes, strict=True):
        with PIL.Image.open(path) as image:
            assert PIL.ImageOps.exif_transpose(image).size == size[::-1]


def test_large_pictures_are_reported(tmp_path, monkeypatch):
    load_two(tmp_path, "", annotations.load_yolo)
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 1300)  # Pillow warns above
    save_picture(tmp_path / "tried.png", (40, 50))
    pictures = annotations.load_yolo(tmp_path, ["cat"])
    assert pictures.problems[0].startswith("tried.png: expected a whole picture")
    assert "Image size (2000 pixels) exceeds limit" in pictures.problems[0]
    assert names_of(pictures.left_out) == ["tried.png"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [cat, 'hot dog']\nnc: 2", ("cat", "hot dog")),
        ("names:\n  1: b\n  0: a\n", ("a", "b")),
        ("names: cat", None),
        ("names: [cat, no]", None),
        ("names: !!timestamp x", None),
    ],
)
def test_names_are_read_from_yaml_or_the_file_is_named(tmp_path, monkeypatch, text, names):
    pytest.importorskip("yaml")
    save_picture(tmp_path / "images" / "a.png")
    write(tmp_path / "labels" / "a.txt", "0 .5 .5 .5 .2")
    write(tmp_path / "data.yaml", text)
    if names:
        assert annotations.load_yolo(tmp_path / "images").class_names == names
    else:
        with pytest.raises(ValueError, match=r"data\.yaml: expected names: with a list"):
            annotations.load_yolo(tmp_path)
    monkeypatch.setitem(sys.modules, "yaml", None)  # as if it were not installed
    with pytest.raises(ValueError, match=r"data\.yaml: reading it needs PyYAML"):
        annotations.load_yolo(tmp_path)


def test_names_in_two_files_must_agree(tmp_path):
    save_picture(tmp_path / "images" / "a.png")
    write(tmp_path / "labels" / "a.txt", "1 .5 .5 .5 .2")
    with pytest.raises(ValueError, match=r"expected class_names, .* got none"):
        annotations.load_yolo(tmp_path)
    write(tmp_path / "labels" / "classes.txt", "cat\r\nhot dog \r\n")
    write(tmp_path / "obj.names", "cat\nhot dog\n\n")
    assert annotations.load_yolo(tmp_path).class_names == ("cat", "hot dog")
    write(tmp_path / "obj.names", "hot dog\ncat\n")
    with pytest.raises(ValueError, match=r"that agree; got .*classes\.txt, .*obj\.names"):
        annotations.load_yolo(tmp_path)
    assert annotations.load_yolo(tmp_path, ["x", "y"]).class_names == ("x", "y")


@pytest.mark.parametrize("load", [annotations.load_voc, annotations.load_yolo])
def test_bad_settings_and_folders_without_usable_pictures_are_refused(tmp_path, load):
    for names in ("cat", [], [0, 1], ["cat", " cat"], ["cat", ""]):
        with pytest.raises(ValueError, match="expected class"):
            load(tmp_path, names)
    with pytest.raises(ValueError, match="problems as 'report' or 'raise', got 'ignore'"):
        load(tmp_path, ["cat"], problems="ignore")
    with pytest.raises(ValueError, match=r"expected a folder with pictures, got .*nowhere"):
        load(tmp_path / "nowhere", ["cat"])
    write(tmp_path / "a.png", b"")
    with pytest.raises(ValueError, match=r"no picture can be used in .*\na\.png: expected a who"):
        load(str(tmp_path), ["cat"])


def test_a_folder_becomes_batches_to_train_on(tmp_path):
    save_picture(tmp_path / "a.png", (30, 60))
    save_picture(tmp_path / "b.jpg", (30, 60), orientation=6)  # shown 60 high and 30 wide
    save_picture(tmp_path / "c.png", (16, 32))
    write(tmp_path / "a.txt", "1 0.5 0.5 1 1")
    write(tmp_path / "b.txt", "0 0.5 0.25 1 0.5\n1 0.9 0.9 0.4 0.4")
    write(tmp_path / "c.txt", "")
    annotated = annotations.load_yolo(tmp_path, ["cat", "dog"])
    images, boxes, classes = annotations.read_pictures(annotated, (64, 96))
    assert images.shape == (3, 64, 96, 3)
    assert images.dtype == np.uint8
    # 30 × 60 becomes 48 × 96 between bars of 8 rows; 60 × 30 becomes 64 × 32 between 32 columns.
    np.testing.assert_allclose(boxes[0], [[0, 8, 96, 56]])
    np.testing.assert_allclose(boxes[1], [[32, 0, 64, 32], [54.4, 44.8, 64, 64]])
    assert boxes[2].shape == (0, 4)
    np.testing.assert_array_equal(images[0, 8:56], np.full((48, 96, 3), (90, 120, 60)))
    np.testing.assert_array_equal(images[0, :8], np.full((8, 96, 3), 128))
    settings = {"anchors": [[1, 1], [2, 3]], "stride": 16, "batch_size": 3, "seed": 0}
    inputs, targets = batches.DetectionBatches(images, boxes, classes, **settings)[0]
    assert inputs.shape == (3, 64, 96, 3)
    assert targets.shape == (3, 4, 6, 2, 6)
    assert targets[..., 4].sum() == 3


def test_pictures_spoilt_since_they_were_loaded_are_left_out_by_name(tmp_path, capsys):
    for name in "abcd":
        save_picture(tmp_path / f"{name}.png")
        write(tmp_path / f"{name}.txt", f"{'abcd'.index(name)} 0.5 0.5 0.5 0.5")
    annotated = annotations.load_yolo(tmp_path, ["w", "x", "y", "z"])
    save_picture(tmp_path / "a.png", SIZE[::-1])
    write(tmp_path / "c.png", (tmp_path / "c.png").read_bytes()[:60])
    (tmp_path / "d.png").unlink()
    images, boxes, classes = annotations.read_pictures(annotated, (60, 96))
    assert images.shape == (1, 60, 96, 3)
    assert [label.tolist() for label in classes] == [[1]]
    np.testing.assert_allclose(boxes, [[[28, 15, 68, 45]]])
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.endswith("a.png: expected size (30, 40), got (40, 30)")
    assert "c.png: expected a whole picture" in second
    assert third.endswith("d.png: it is not there any more, or a link to nowhere")
    (tmp_path / "b.png").unlink()
    with pytest.raises(ValueError, match=r"no picture can be read\n.*a\.png"):
        annotations.read_pictures(annotated, (60, 96))

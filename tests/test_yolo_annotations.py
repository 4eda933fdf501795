"""Tests of reading one's own annotated pictures."""

import contextlib
import os
import sys
from xml.sax import saxutils

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import average_precision
from helpers import boxes as box_tools
from helpers import images as image_tools
from helpers.yolo import annotation_files, annotations, batches

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
        (
            voc_text(voc_object("K\xe4fer")).encode("latin-1"),
            "no text in UTF-8, at byte 76; save it",
        ),
        (
            "<?xml version='1.0' encoding='klingon'?><annotation/>",
            "'klingon' is not known; save it in",
        ),
        ("<html/>", "expected <annotation> in it, got 'html'"),
        (voc_text(voc_object(), voc_object(box=(3, 5, "", 15))), "object 2: expected a number as"),
        (voc_text(voc_object(box=(3, 5, "1e300", 15))), "with finite numbers"),
        (voc_text(voc_object(box=(20, 5, 3, 15))), "with left <= right"),
        (voc_text(voc_object(box=(50, 5, 60, 15))), "[49.0, 4.0, 60.0, 15.0] holds nothing of"),
        (voc_text(voc_object(name=" ")), "object 1: expected the name of a class, got ''"),
        (voc_text(voc_object(name="cow")), "object 1: expected the name of a class, got 'cow'"),
        (voc_text(voc_object(), size=(60, 80)), "is (60.0, 80.0), but that of the picture (30,"),
        (b"<annotation>" + b" " * 4_000_000, "more than 4,000,000 bytes"),
        (
            "<annotation>" + "<object/>" * 10_001 + "</annotation>",
            "10,001 objects, more than 10,000",
        ),
        ("<annotation>&lol;</annotation>", "it is no XML: undefined entity"),
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
        ("0 .5 .5 .5 .2\n" * 10_001, "10,001 objects, more than 10,000"),
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


# Boxes and EXIF


RED = np.zeros((20, 30, 3), np.uint8)
RED[4:10, 3:21] = 255, 0, 0  # xmin 4, ymin 5, xmax 21, ymax 10, as it is stored


def save_red(path, orientation):
    notes = PIL.Image.Exif()
    notes[0x0112] = orientation
    PIL.Image.fromarray(RED).save(path, exif=notes)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", ["stored", "upright", "unknown"])
def test_the_size_in_xml_tells_whether_boxes_are_turned(tmp_path, orientation, size):
    save_red(tmp_path / "a.png", orientation)
    is_swapped = orientation >= 5
    upright = image_tools.read_image(tmp_path / "a.png")[..., 0] > 128
    (top, left), (bottom, right) = (np.argwhere(upright).min(0), np.argwhere(upright).max(0) + 1)
    wanted = [left, top, right, bottom]
    box = (4, 5, 21, 10) if size == "stored" and is_swapped else (left + 1, top + 1, right, bottom)
    sides = {"stored": (20, 30), "upright": upright.shape, "unknown": (0, 0)}[size]
    write(tmp_path / "a.xml", voc_text(voc_object(box=box), size=sides))
    found = annotations.load_voc(tmp_path)
    np.testing.assert_array_equal(found.boxes[0], [wanted])
    is_doubtful = orientation > 1 and (size == "unknown" or not is_swapped)
    assert [f"EXIF turns this picture (orientation {orientation})" in n for n in found.notes] == [
        True
    ] * is_doubtful


def test_an_annotation_of_another_size_names_exif(tmp_path):
    save_red(tmp_path / "a.png", 6)
    write(tmp_path / "a.xml", voc_text(voc_object(), size=(20, 31)))
    with pytest.raises(ValueError, match=r"of the picture \(30, 20\), or \(20, 30\) before EXIF"):
        annotations.load_voc(tmp_path)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_note_names_exif_where_yolo_does_not_tell(tmp_path, capsys, orientation):
    save_red(tmp_path / "a.png", orientation)
    save_red(tmp_path / "b.png", orientation)
    write(tmp_path / "a.txt", "0 .5 .5 .5 .2")
    write(tmp_path / "b.txt", "")
    found = annotations.load_yolo(tmp_path, ["red"])
    assert [f"(orientation {orientation})" in note for note in found.notes] == [True, False]
    assert f"note: a.txt: EXIF turns this picture (orientation {orientation})" in (
        capsys.readouterr().out
    )


@given(
    x=st.lists(st.integers(0, 17), min_size=2, max_size=2, unique=True).map(sorted),
    y=st.lists(st.integers(0, 11), min_size=2, max_size=2, unique=True).map(sorted),
    orientation=st.integers(1, 8),
)
def test_a_box_turns_as_pillow_turns_what_is_in_it(x, y, orientation):
    mask = np.zeros((11, 17), np.uint8)
    mask[y[0] : y[1], x[0] : x[1]] = 255
    image = PIL.Image.fromarray(mask)
    image.getexif()[0x0112] = orientation
    corners = [x[0], y[0], x[1], y[1]]
    left, top, right, bottom = annotation_files.turn_box(corners, mask.shape, orientation)
    turned = np.asarray(PIL.ImageOps.exif_transpose(image))
    wanted = np.zeros_like(turned)
    wanted[top:bottom, left:right] = 255
    np.testing.assert_array_equal(turned, wanted)


# Any content


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """The path of one file that is written again and again."""
    return tmp_path_factory.mktemp("annotations") / "scratch"


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), min_size=1, max_size=8
).map(str.strip)


@st.composite
def objects(draw):
    """Names and boxes of up to three objects in a picture of 213 x 640."""
    found = []
    for name in draw(st.lists(NAMES.filter(bool), max_size=3)):
        left, right = sorted(draw(st.tuples(st.floats(0, 639), st.floats(0, 639))))
        top, bottom = sorted(draw(st.tuples(st.floats(0, 212), st.floats(0, 212))))
        found.append((name, [left, top, right + 1, bottom + 1]))
    return found


@given(objects=objects(), encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_names_and_boxes_come_back_from_xml_of_any_encoding(scratch, objects, encoding):
    texts = [
        voc_object(saxutils.escape(name), (box[0] + 1, box[1] + 1, *box[2:]))
        for name, box in objects
    ]
    scratch.write_bytes(voc_text(*texts, size=(213, 640)).encode(encoding))
    names, boxes, notes, _ = annotation_files.read_voc(scratch, (213, 640))
    assert names == [name for name, _ in objects]
    for box, (_, wanted) in zip(boxes, objects, strict=True):
        np.testing.assert_allclose(box, wanted, rtol=0, atol=1e-9)
    assert len(notes) == (not objects)


@given(objects=objects())
def test_names_and_boxes_come_back_from_yolo(scratch, objects):
    class_names = sorted({name for name, _ in objects})
    lines = []
    for name, box in objects:
        centre = box_tools.pixels_to_relative(box_tools.corners_to_centre([box]), (213, 640))[0]
        lines.append(" ".join([str(class_names.index(name)), *map(repr, map(float, centre))]))
    scratch.write_text("\n".join(lines))
    names, boxes, *_ = annotation_files.read_yolo(scratch, (213, 640), class_names)
    assert names == [name for name, _ in objects]
    for box, (_, wanted) in zip(boxes, objects, strict=True):
        np.testing.assert_allclose(box, wanted, rtol=0, atol=1e-9)


PIECES = (
    *(b"<annotation>", b"</annotation>", b"<object>", b"</object>", b"<name>a</name>", b"<size>"),
    *(b"<bndbox>", b"</bndbox>", b"<xmin>3</xmin>", b"<ymin>3</ymin>", b"<xmax>9</xmax>"),
    *(b"<ymax>nan</ymax>", b"<ymax>9</ymax>", b"</size>", b"&lt;", b"<!DOCTYPE a>", b"<![CDATA["),
    *(b"<?xml version='1.0' encoding='", b"utf-16", b"'?>", b"0 .5 .5 .1 .1\n", b"1 ", b"1e999 "),
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\0"),
)


@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.lists(st.sampled_from(PIECES)).map(b"".join),
    ),
    orientation=st.integers(1, 8),
)
def test_any_bytes_are_boxes_in_the_picture_or_refused(scratch, data, orientation):
    scratch.write_bytes(data)
    options = {"orientation": orientation}
    for read in (annotation_files.read_voc, annotation_files.read_yolo):
        with contextlib.suppress(ValueError):
            names, boxes, _ = read(scratch, SIZE, ("a", "b"), **options)
            assert set(names) <= {"a", "b"}
            for box in boxes:
                assert (box[:2] < box[2:]).all()
                assert ((box >= 0) & (box <= [40, 30, 40, 30])).all()


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "猫"),
        ("UTF-16", "猫"),
        ("utf-32", "猫"),
        ("gb2312", "猫"),
        ("GBK", "猫"),
        ("gb18030", "猫"),
        ("Big5", "貓"),
        ("Shift_JIS", "猫"),
        ("euc_jp", "猫"),
        ("iso-2022-jp", "猫"),
        ("EUC-KR", "고"),
        ("windows-1251", "кот"),
        ("koi8-r", "кот"),
        ("cp1252", "Käfer"),
        ("ISO-8859-15", "œuf"),
        ("mac-roman", "Käfer"),
        ("cp037", "Käfer"),
        ("cp1140", "Käfer"),
        ("utf-7", "猫"),
    ],
)
def test_xml_is_read_in_the_encoding_that_it_declares(tmp_path, encoding, name):
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n' + voc_text(voc_object(name))
    save_picture(tmp_path / "a.png")
    write(tmp_path / "a.xml", text.encode(encoding))
    assert annotations.load_voc(tmp_path).class_names == (name,)


def test_xml_whose_encoding_shows_itself_need_not_declare_it(tmp_path):
    save_picture(tmp_path / "a.png")
    for declared in ("utf-16", "UTF-8"):
        text = f"<?xml version='1.0' encoding='{declared}'?>" + voc_text(voc_object("猫"))
        for encoding in ("utf-16-le", "utf-16-be", "utf-8", "utf-8-sig", "utf-16", "utf-32"):
            write(tmp_path / "a.xml", text.encode(encoding))
            assert annotations.load_voc(tmp_path).class_names == ("猫",)


@pytest.mark.parametrize("encoding", ["klingon", "punycode", "hex", "rot13", "undefined", "gb2312"])
def test_xml_that_cannot_be_decoded_asks_for_utf_8(tmp_path, encoding):
    save_picture(tmp_path / "a.png")
    text = f"<?xml version='1.0' encoding='{encoding}'?>" + voc_text(voc_object())
    write(tmp_path / "a.xml", text.encode() + b"<!-- \xff\xff -->")
    with pytest.raises(ValueError, match=r"a\.xml: its? .*; save it in UTF-8"):
        annotations.load_voc(tmp_path)


def test_pipes_are_no_pictures_and_no_annotations(tmp_path):
    for name in ("a.png", "b.png"):
        save_picture(tmp_path / name)
    write(tmp_path / "a.txt", "")
    os.mkfifo(tmp_path / "b.txt")
    os.mkfifo(tmp_path / "c.jpg")
    write(tmp_path / "c.txt", "")
    found = annotations.load_yolo(tmp_path, ["cat"])
    assert names_of(found.paths) == ["a.png"]
    assert found.problems[0] == "b.txt: it is no regular file"
    assert found.problems[1].endswith("it cannot be read: it is no regular file")


def test_a_picture_cut_short_is_left_out_when_it_is_loaded(tmp_path):
    found = load_two(tmp_path, "", annotations.load_yolo)
    assert len(found.paths) == 2
    path = tmp_path / "tried.png"
    path.write_bytes(path.read_bytes()[:-30])
    found = annotations.load_yolo(tmp_path, ["cat", "dog"])
    check_report(found, "tried.png", "cannot be read: image file is truncated")
    assert annotations.read_pictures(found, (64, 96))[0].shape == (1, 64, 96, 3)


@pytest.mark.parametrize("ending", ["jfif", "jpe", "mpo", "apng", "pgm", "pnm", "TIF"])
def test_pictures_of_every_ending_are_used(tmp_path, ending):
    forms = {"apng": "PNG", "pgm": "PPM", "pnm": "PPM", "TIF": "TIFF"}
    for name in ("a", "b"):
        image = PIL.Image.new("L", SIZE[::-1])
        image.save(tmp_path / f"{name}.{ending}", forms.get(ending, "JPEG"))
    write(tmp_path / "a.txt", "0 .5 .5 .5 .5")
    found = annotations.load_yolo(tmp_path, ["cat"])
    assert names_of(found.paths) == [f"a.{ending}"]
    assert found.problems == (f"b.{ending}: there is no b.txt, not even one without objects",)


def test_names_of_files_are_written_so_that_they_can_be_printed(tmp_path, capsys):
    save_picture(tmp_path / "a.png")
    write(tmp_path / "a.txt", "")
    for name in (b"caf\xe9.jpg", b"\x1b[2J.heic", b"b.avif"):
        write(tmp_path / os.fsdecode(name), b"")
    found = annotations.load_yolo(tmp_path, ["cat"])
    assert [problem.partition(":")[0] for problem in found.problems] == [
        r"\x1b[2J.heic",
        "b.avif",
        r"caf\udce9.jpg",
    ]
    assert capsys.readouterr().out.replace("\n", "").isprintable()


@pytest.mark.parametrize(("text", "is_marked"), [("1", True), ("True", True), ("0", False)])
def test_an_object_is_difficult_by_any_word_for_yes(tmp_path, text, is_marked):
    path = tmp_path / "a.xml"
    box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>5</ymax></bndbox>"
    marked = f"<object><name>cat</name><difficult>{text}</difficult>{box}</object>"
    path.write_text(f"<annotation>{marked}</annotation>")
    names, _, _, difficult = annotation_files.read_voc(path, (6, 10), keep_difficult=False)
    assert (len(names), len(difficult)) == ((0, 1) if is_marked else (1, 0))


def test_an_empty_first_line_of_class_names_moves_no_class(tmp_path):
    path = tmp_path / "classes.txt"
    path.write_text("\ncar\nbus\n\n")
    assert annotation_files.read_class_names(path) == ["", "car", "bus"]  # refused where it is used

"""Pictures of people: the reader's folders, ORL and Olivetti faces, drawn ones, pairs of LFW."""

import os
import pathlib
import re
import shutil
import sys
import threading
import types

import numpy as np
import pytest
from PIL import Image

from helpers import results, settings, sources
from helpers.drawn import faces as drawn_faces
from helpers.faces import folders, lfw_protocol, pictures, published

HEIGHT, WIDTH = 5, 4
OLIVETTI = "the Olivetti faces of scikit-learn"


@pytest.fixture(autouse=True)
def no_scikit_learn(monkeypatch):
    """Make scikit-learn look as if it were not installed, whether it is or not."""
    monkeypatch.setitem(sys.modules, "sklearn", None)


@pytest.fixture
def scikit_learn(monkeypatch):
    """A stand-in for scikit-learn; a test gives its `datasets` the functions it needs."""
    datasets = types.SimpleNamespace()
    monkeypatch.setitem(sys.modules, "sklearn", types.SimpleNamespace(datasets=datasets))
    return datasets


@pytest.fixture
def family(rng, tmp_path):
    """A folder of people: three with two pictures each."""
    for name in ("Zoë & Co. #1", "Ann", "李小龍"):
        (tmp_path / "family" / name).mkdir(parents=True)
        for ending in ("png", "bmp"):
            pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "family" / name / f"1.{ending}")
    return tmp_path / "family"


@pytest.fixture(scope="module")
def orl_master(tmp_path_factory):
    """Tiny pictures of one grey level each: four times the person's number plus the picture's."""
    folder = tmp_path_factory.mktemp("data") / pictures.ORL_FOLDER
    for person in range(1, 41):
        (folder / f"s{person}").mkdir(parents=True)
        for number in range(1, 11):
            write_pgm(folder / f"s{person}" / f"{number}.pgm", 4 * person + number)
    (folder / "README").write_text("The ORL face database")
    return folder


@pytest.fixture
def orl(orl_master, monkeypatch):
    """The folder with the tiny ORL faces, named by WORKBOOK_DATA."""
    monkeypatch.setenv("WORKBOOK_DATA", str(orl_master.parent))
    return orl_master


@pytest.fixture
def drawings(monkeypatch):
    """Paint in one colour, which is quick, and count how often."""
    counted = []

    def draw_dataset(num_people, pictures_each, *, seed, size):
        counted.append((num_people, pictures_each, seed, size))
        people = np.repeat(np.arange(num_people), pictures_each)
        images = np.empty((len(people), size, size, 3), np.uint8)
        images[:] = (100 * seed + people)[:, None, None, None]
        return images, people

    monkeypatch.setattr(drawn_faces, "draw_dataset", draw_dataset)
    return counted


@pytest.fixture(scope="module")
def real_orl():
    """The real ORL faces, or a skipped test. A module's fixture still sees the real environment."""
    chosen = pathlib.Path(os.environ.get("WORKBOOK_DATA") or "no folder") / pictures.ORL_FOLDER
    if not chosen.is_dir():
        pytest.skip(f"WORKBOOK_DATA names no folder that has {pictures.ORL_FOLDER}")
    return pictures.load_faces("real", folder=chosen, download=False), chosen


def write_pgm(path, level, height=HEIGHT, header=b"P5\n%d %d\n255\n"):
    path.write_bytes(header % (WIDTH, height) + bytes([level] * height * WIDTH))


def levels(images):
    return images[:, 0, 0, 0].tolist()


# A folder of people


def test_people_are_read_with_the_names_of_their_folders(family):
    people = folders.read_people(family)
    assert people.names == ("Ann", "Zoë & Co. #1", "李小龍")
    assert people.images.shape == (6, HEIGHT, WIDTH, 3)
    assert people.images.dtype == np.uint8
    assert people.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert people.labels.dtype == np.int64
    assert people.skipped == ()
    assert people.paths[3] == family / "Zoë & Co. #1" / "1.png"
    with Image.open(family / "Zoë & Co. #1" / "1.png") as image:
        np.testing.assert_array_equal(people.images[3], np.asarray(image))


def test_numbers_in_names_count(tmp_path):
    for person in ("s10", "s2", "S1"):
        (tmp_path / person).mkdir()
        for number in (10, 9):
            write_pgm(tmp_path / person / f"{number}.pgm", 10 * len(person) + number)
    people = folders.read_people(tmp_path)
    assert people.names == ("S1", "s2", "s10")
    assert levels(people.images) == [29, 30, 29, 30, 39, 40]


def test_pictures_are_turned_upright_and_laid_on_white(tmp_path):
    (tmp_path / "Ann").mkdir()
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: the camera was turned by a quarter
    sideways = Image.new("L", (HEIGHT, WIDTH), 50)
    sideways.save(tmp_path / "Ann" / "1.JPG", exif=turned, quality=100)
    Image.new("LA", (WIDTH, HEIGHT), (0, 0)).save(tmp_path / "Ann" / "2.webp", lossless=True)
    people = folders.read_people(tmp_path)
    assert people.images.shape == (2, HEIGHT, WIDTH, 3)
    assert levels(people.images) == [50, 255]


def test_pictures_of_several_sizes_get_one_without_being_distorted(tmp_path, rng):
    (tmp_path / "Ann").mkdir()
    wide, high = rng.integers(0, 256, (3, 10, 3)), rng.integers(0, 256, (9, 4, 3))
    large = np.full((30, 90, 3), 200)
    large[:, 20:70] = 80  # 30 × 40 of it are to be seen
    for number, pixels in enumerate((wide, high, large)):
        Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "Ann" / f"{number}.png")
    people = folders.read_people(tmp_path, size=(3, 4))
    np.testing.assert_array_equal(people.images[0], wide[:, 3:7])
    np.testing.assert_array_equal(people.images[1], high[3:6])
    np.testing.assert_allclose(people.images[2], 80, atol=6)  # edges overshoot
    with pytest.raises(ValueError, match=r"got 3 × 10 in .*0.png and 9 × 4 in .*1.png; say which"):
        folders.read_people(tmp_path)


def test_what_is_not_read_is_named_unless_it_is_hidden(family):
    (family / "README.md").touch()
    (family / "Ann" / "notes.txt").touch()
    (family / "Ann" / "IMG_1.HEIC").touch()
    (family / "Ann" / "older.png").mkdir()
    (family / "Ann" / "._1.png").touch()
    (family / ".git").mkdir()
    people = folders.read_people(family)
    assert people.names == folders.read_people(family, size=(HEIGHT, WIDTH)).names
    assert len(people.images) == 6
    assert people.skipped == ("Ann/IMG_1.HEIC", "Ann/notes.txt", "Ann/older.png", "README.md")


def _truncate(folder):
    path = folder / "Ann" / "1.png"
    path.write_bytes(path.read_bytes()[:60])


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_truncate, r"Ann/1\.png: expected a whole picture \(PNG.*"),
        (
            lambda folder: (folder / "Ann" / "1.png").write_bytes(b""),
            r"Ann/1\.png: .*none of these",
        ),
        (lambda folder: (folder / "Ann" / "1.png").write_text("?"), r"Ann/1\.png: .* these"),
        (
            lambda folder: (folder / "Ann" / "2.gif").symlink_to("gone"),
            r"Ann/2\.gif: .*not there.*",
        ),
        (lambda folder: (folder / "Ann" / "2.heic").touch(), r"Ann/2\.heic: .*none of these"),
        (lambda folder: os.mkfifo(folder / "Ann" / "2.jpg"), r"Ann/2\.jpg: .*no regular file"),
        (lambda folder: os.truncate(folder / "Ann" / "1.bmp", 10**9), r"Ann/1\.bmp: .*more than.*"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_rest_is_read(family, capsys, spoil, problem):
    spoil(family)
    people = folders.read_people(family)
    assert people.names == ("Ann", "Zoë & Co. #1", "李小龍")
    assert len(people.problems) == 1
    assert re.fullmatch(problem, people.problems[0])
    assert capsys.readouterr().out == f"problem: {people.problems[0]}\n"
    assert people.skipped == (people.problems[0].partition(":")[0],)
    paths = {path.relative_to(family).as_posix() for path in people.paths}
    assert paths == {f"{name}/1.{form}" for name in people.names for form in ("png", "bmp")} - {
        *people.skipped
    }
    assert len(people.images) == len(people.labels) == len(people.paths)


def test_who_has_too_few_pictures_is_left_out_by_name(family, capsys):
    (family / "Ann" / "1.bmp").unlink()
    (family / "Bob").mkdir()
    people = folders.read_people(family, min_pictures=2)
    assert people.names == ("Zoë & Co. #1", "李小龍")
    assert people.labels.tolist() == [0, 0, 1, 1]
    assert people.problems == (
        "Ann: 1 pictures can be used, 2 are needed",
        "Bob: 0 pictures can be used, 2 are needed",
    )
    assert len(capsys.readouterr().out.splitlines()) == 2
    with pytest.raises(ValueError, match=r"family holds nobody.*; Ann: 1 pictures can be used, 3"):
        folders.read_people(family, min_pictures=3)


def test_a_folder_that_is_none_and_pictures_that_do_not_fit_are_refused(family, monkeypatch):
    with pytest.raises(ValueError, match="away is not a folder"):
        folders.read_people(family / "away")
    monkeypatch.setattr(folders, "_LARGEST", 6 * HEIGHT * WIDTH * 3 - 1)
    with pytest.raises(ValueError, match="6 pictures of 5 × 4 pixels would take more than 359"):
        folders.read_people(family)
    assert folders.read_people(family, size=(2, 3)).images.shape == (6, 2, 3, 3)
    monkeypatch.undo()
    write_pgm(family / "Ann" / "2.pgm", 0, 6)
    with pytest.raises(ValueError, match="expected pictures of one size"):
        folders.read_people(family)


def test_names_are_printed_on_any_terminal_and_not_without_end(family, capsys):
    os.close(os.open(os.fsencode(family / "Ann") + b"/notes-\xe9.txt", os.O_CREAT))
    (family / "Ann" / "\x1b]0;owned\x07\x1b[2J.txt").touch()
    (family / "Ann" / "\x1b[2J.png").touch()
    people = folders.read_people(family)
    assert r"Ann/notes-\udce9.txt" in people.skipped
    assert people.problems[0].startswith(r"Ann/\x1b[2J.png: expected a whole picture")
    os.mkdir(os.fsencode(family) + b"/Zo\xeb")
    shutil.copy(family / "Ann" / "1.png", os.fsencode(family) + b"/Zo\xeb/1.png")
    shutil.copy(family / "Ann" / "1.png", os.fsencode(family) + b"/Zo\xeb/2.png")
    for number in range(300):
        (family / "Ann" / f"{number:03}.txt").touch()
        (family / "Ann" / f"{number:03}.heic").touch()
    loaded = pictures.load_faces("real", folder=family)
    assert loaded.names == ("Ann", "Zoë & Co. #1", r"Zo\udceb", "李小龍")
    said = capsys.readouterr().out
    assert "problem: and 281 more" in said  # of Ann's 301, 20 are shown
    assert len(said.encode("utf-8")) < 6000
    assert said.replace("\n", "").isprintable()


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "beside.png").touch()
    with pytest.raises(ValueError, match="holds nobody; expected <person>/<picture>"):
        folders.read_people(tmp_path)


@pytest.mark.parametrize("settings", [{"size": (0, 4)}, {"size": 64}, {"min_pictures": 0}])
def test_numbers_outside_their_range_are_refused(family, settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        folders.read_people(family, **settings)


# ORL faces and other folders of the reader's


@pytest.mark.parametrize("data", ["auto", "real"])
def test_the_orl_faces_are_split_after_s30(orl, capsys, data):
    loaded = pictures.load_faces(data)
    assert loaded.x_train.shape == (300, HEIGHT, WIDTH, 3)
    assert loaded.x_validation.shape == (0, HEIGHT, WIDTH, 3)
    assert levels(loaded.x_test) == [
        4 * person + n for person in range(31, 41) for n in range(1, 11)
    ]
    np.testing.assert_array_equal(loaded.y_train, np.repeat(np.arange(30), 10))
    np.testing.assert_array_equal(loaded.y_test, np.repeat(np.arange(30, 40), 10))
    assert loaded.names == tuple(f"s{number}" for number in range(1, 41))
    assert loaded.is_real
    assert loaded.describe() == (
        "ORL faces from WORKBOOK_DATA: "
        "300 training pictures of 30 people, 100 test pictures of 10 people"
    )
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("train", "validation", "test", "people"),
    [
        (None, 6, None, (range(24), range(24, 30), range(30, 40))),
        (5, 3, 2, (range(5), range(5, 8), range(38, 40))),
        (20, 0, 20, (range(20), range(0), range(20, 40))),
    ],
)
def test_nobody_is_in_two_parts(orl, train, validation, test, people):
    loaded = pictures.load_faces(
        "real", num_train_people=train, num_validation_people=validation, num_test_people=test
    )
    for part, expected in zip(("train", "validation", "test"), people, strict=True):
        images, labels = getattr(loaded, f"x_{part}"), getattr(loaded, f"y_{part}")
        np.testing.assert_array_equal(labels, np.repeat(expected, 10))
        assert levels(images)[::10] == [4 * (person + 1) + 1 for person in expected]


def test_a_size_can_be_chosen(orl):
    assert pictures.load_faces("real", size=(3, 7)).x_test.shape == (100, 3, 7, 3)


def test_a_folder_of_the_readers_can_be_passed(family, orl, capsys):
    (family / "plan.txt").touch()
    loaded = pictures.load_faces("real", folder=family)
    assert (loaded.y_train.tolist(), loaded.y_test.tolist()) == ([0, 0, 1, 1], [2, 2])
    assert loaded.source == "faces from the folder"
    assert loaded.names == ("Ann", "Zoë & Co. #1", "李小龍")
    assert capsys.readouterr().out == f"Not read in {family}: plan.txt.\n"
    (family / "Ann" / "1.bmp").unlink()
    assert pictures.load_faces("real", folder=family).names == ("Zoë & Co. #1", "李小龍")
    assert "problem: Ann: 1 pictures can be used, 2 are needed\n" in capsys.readouterr().out
    (family / "李小龍" / "1.bmp").unlink()
    with pytest.raises(pictures.DataUnavailable, match="1 people are there, but at least 2 are"):
        pictures.load_faces("real", folder=family)


@pytest.fixture
def rewritten(orl, tmp_path, monkeypatch):
    """Write some people's files anew, with headers in one line, in a copy of the ORL faces."""
    folder = shutil.copytree(orl, tmp_path / "copy" / pictures.ORL_FOLDER)
    monkeypatch.setenv("WORKBOOK_DATA", str(folder.parent))

    def rewrite(*people, numbers=range(1, 11), header=b"P5 %d %d 255\n"):
        for person in people:
            for number in numbers:
                write_pgm(folder / f"s{person}" / f"{number}.pgm", 4 * person + number, 5, header)

    return rewrite


@pytest.mark.parametrize("data", ["auto", "real"])
def test_strangers_among_the_orl_faces_are_left_out(rewritten, capsys, data):
    rewritten(1, 2)
    loaded = pictures.load_faces(data)
    assert capsys.readouterr().out == (
        "Left out of the ORL faces: s1, s2. Their files were written by another program than the "
        "others', and they seem to show people who are not of that set.\n"
    )
    assert loaded.source == "ORL faces without s1 and s2 from WORKBOOK_DATA"
    assert loaded.names == tuple(f"s{number}" for number in range(3, 41))
    np.testing.assert_array_equal(loaded.y_train, np.repeat(np.arange(28), 10))
    np.testing.assert_array_equal(loaded.y_test, np.repeat(np.arange(28, 38), 10))
    assert loaded.y_train.dtype == np.int64
    everybody = [4 * person + number for person in range(3, 41) for number in range(1, 11)]
    assert levels(loaded.x_train) + levels(loaded.x_test) == everybody
    with pytest.raises(pictures.DataUnavailable, match="38 people are there, but at least 40 are"):
        pictures.load_faces("real", num_train_people=30)


@pytest.mark.parametrize(
    ("people", "source", "first", "numbers"),
    [
        ([7], "ORL faces without s7", "s1", (29, 10)),
        ([3, 33, 40], "ORL faces without s3, s33 and s40", "s1", (29, 8)),
        (range(1, 20), "ORL faces without s1, s2, .* s18 and s19", "s20", (11, 10)),
        (range(1, 21), "ORL faces", "s1", (30, 10)),  # nobody knows whose header is right
        (range(1, 41), "ORL faces", "s1", (30, 10)),
    ],
)
def test_the_header_of_most_people_is_the_orl_faces_own(rewritten, people, source, first, numbers):
    rewritten(*people)
    loaded = pictures.load_faces("real")
    assert re.fullmatch(f"{source} from WORKBOOK_DATA", loaded.source)
    assert loaded.names[0] == first
    assert (len(loaded.x_train) / 10, len(loaded.x_test) / 10) == numbers
    assert {loaded.names[label] for label in loaded.y_test} <= {f"s{n}" for n in range(31, 41)}


def test_a_folder_without_the_two_well_known_strangers_is_as_good(rewritten, capsys):
    for person in ("s1", "s2"):
        shutil.rmtree(pathlib.Path(os.environ["WORKBOOK_DATA"]) / pictures.ORL_FOLDER / person)
    loaded = pictures.load_faces("real")
    assert loaded.source == "ORL faces without s1 and s2 from WORKBOOK_DATA"
    assert (len(loaded.x_train), len(loaded.x_test)) == (280, 100)
    assert not capsys.readouterr().out


def test_one_file_of_another_program_is_enough_to_leave_somebody_out(rewritten):
    rewritten(5, numbers=[4])
    assert pictures.load_faces("real").source == "ORL faces without s5 from WORKBOOK_DATA"


def test_what_a_comment_says_in_a_header_does_not_count(rewritten):
    for person in range(1, 41):
        rewritten(person, header=b"P5\n# person %d\n%%d %%d\n255\n" % person)
    assert pictures.load_faces("real").source == "ORL faces from WORKBOOK_DATA"
    rewritten(6, header=b"P5\n%d %d\n255\n")
    assert pictures.load_faces("real").source == "ORL faces without s6 from WORKBOOK_DATA"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / "s7" / "3.pgm").write_bytes(b"P5"), r"s7.3\.pgm"),
        (
            lambda folder: (folder / "s7" / "3.pgm").unlink(),
            "of s1 to s40, but has 40 people, 9 of",
        ),
        (lambda folder: (folder / "s40").rename(folder.parent / "s40"), "s40, but has 39 people"),
    ],
)
def test_broken_orl_faces_stop_real_and_are_passed_over_by_auto(
    orl, spoil, reason, tmp_path, drawings, capsys, monkeypatch
):
    for path in orl.glob("s*/*.pgm"):
        copy = tmp_path / "copy" / path.relative_to(orl.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path / "copy"))
    spoil(tmp_path / "copy" / "orl_faces")
    with pytest.raises(pictures.DataUnavailable, match=reason) as caught:
        pictures.load_faces("real")
    assert list(caught.value.reasons) == ["WORKBOOK_DATA"]
    assert str(caught.value).endswith(pictures.REMEDY)
    assert not pictures.load_faces("auto").is_real
    said = capsys.readouterr().out
    assert f"Passing over WORKBOOK_DATA: {caught.value.reasons['WORKBOOK_DATA']}." in said


def test_more_people_than_there_are_cannot_be_had(orl, scikit_learn):
    with pytest.raises(pictures.DataUnavailable, match="40 people are there, but at least 41 are"):
        pictures.load_faces("real", num_train_people=30, num_test_people=11)
    with pytest.raises(pictures.DataUnavailable, match="40 people are there, but at least 41 are"):
        pictures.load_faces("real", num_validation_people=30)


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ({"num_train_people": 0}, "num_train_people as an integer of at least 1, got 0"),
        (
            {"num_validation_people": -1},
            "validation_people as an integer of at least 0, got -1",
        ),
        ({"num_test_people": 0}, "num_test_people as an integer of at least 1, got 0"),
        ({"pictures_each": 1}, "pictures_each as an integer of at least 2, got 1"),
        ({"pictures_each": 2.0}, "pictures_each as an integer of at least 2, got 2.0"),
        ({"num_train_people": True}, "num_train_people as an integer"),
        ({"size": (64, 0)}, "expected size as"),
        ({"data": "photos"}, "auto, real, embedded; got 'photos'"),
    ],
)
def test_numbers_and_words_that_mean_nothing_are_refused(numbers, reason):
    with pytest.raises(ValueError, match=reason):
        pictures.load_faces(**numbers)


@pytest.mark.real_data
def test_the_real_orl_faces_are_those_in_the_files(real_orl):
    loaded, folder = real_orl
    assert loaded.source.startswith("ORL faces")
    starts = [(folder / person / "1.pgm").read_bytes()[:14] for person in ("s1", "s3")]
    strangers = 2 if starts[0] != starts[1] else 0  # some copies have other people as s1 and s2
    assert ("without s1 and s2" in loaded.source) == bool(strangers)
    assert loaded.x_train.shape == (300 - 10 * strangers, 112, 92, 3)
    assert loaded.x_test.shape == (100, 112, 92, 3)
    for index, file in [(0, "s31/1.pgm"), (9, "s31/10.pgm"), (10, "s32/1.pgm"), (99, "s40/10.pgm")]:
        last_bytes = (folder / file).read_bytes()[-112 * 92 :]  # after the header, one a pixel
        grey = np.frombuffer(last_bytes, np.uint8).reshape(112, 92, 1)
        np.testing.assert_array_equal(loaded.x_test[index], np.repeat(grey, 3, axis=2))


# Olivetti faces


def olivetti_bunch():
    """Pictures of one level each, from 0 to 1."""
    images = np.linspace(0, 1, 400, dtype=np.float32)[:, None, None] * np.ones((64, 64), np.float32)
    return types.SimpleNamespace(images=images, target=np.arange(400) // 10)


def give_olivetti(scikit_learn, *, kept, download=olivetti_bunch):
    """Let the stand-in have the Olivetti faces on disk, or get them by `download`."""
    asked = []

    def fetch_olivetti_faces(*, download_if_missing=True):
        asked.append(download_if_missing)
        if kept:
            return olivetti_bunch()
        if not download_if_missing:
            raise OSError("Data not found and `download_if_missing` is False")
        return download()

    scikit_learn.fetch_olivetti_faces = fetch_olivetti_faces
    return asked


@pytest.mark.parametrize(
    ("kept", "download", "asked"),
    [(True, True, [False]), (True, False, [False]), (False, True, [False, True])],
)
def test_the_olivetti_faces_come_from_scikit_learn(scikit_learn, kept, download, asked, capsys):
    calls = give_olivetti(scikit_learn, kept=kept)
    loaded = pictures.load_faces(num_validation_people=5, download=download)
    assert calls == asked
    assert (len(loaded.x_train), len(loaded.x_validation)) == (250, 50)
    assert loaded.x_test.shape == (100, 64, 64, 3)
    assert levels(loaded.x_test)[-2:] == [254, 255]
    assert loaded.y_test[[0, -1]].tolist() == [30, 39]
    assert loaded.names[39] == "person 40"
    assert (loaded.source, loaded.is_real) == ("Olivetti faces from scikit-learn", True)
    assert capsys.readouterr().out == ""


def test_the_orl_faces_come_first(orl, scikit_learn):
    calls = give_olivetti(scikit_learn, kept=True)
    assert pictures.load_faces("real").source == "ORL faces from WORKBOOK_DATA"
    assert calls == []


def test_a_readers_folder_without_faces_is_not_held_against_it(scikit_learn, tmp_path, monkeypatch):
    give_olivetti(scikit_learn, kept=True)
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path))
    assert pictures.load_faces("real", size=(7, 5)).x_train.shape == (300, 7, 5, 3)


def test_a_download_that_takes_too_long_is_given_up(scikit_learn):
    come = threading.Event()
    give_olivetti(scikit_learn, kept=False, download=lambda: come.wait(20))
    with pytest.raises(pictures.DataUnavailable, match=r"no download within 0.1 s"):
        pictures.load_faces("real", seconds=0.1)
    come.set()


def _fail(kind):
    def fail(**options):
        raise kind("it is broken")

    return fail


def test_each_reason_why_there_are_no_olivetti_faces_is_given(scikit_learn):
    def reason(**options):
        with pytest.raises(pictures.DataUnavailable) as caught:
            pictures.load_faces("real", **options)
        assert caught.value.reasons["WORKBOOK_DATA"] == "names no folder"
        return caught.value.reasons[OLIVETTI]

    calls = give_olivetti(scikit_learn, kept=False, download=_fail(TimeoutError))
    assert reason() == "the download failed: it is broken"
    assert reason(download=False) == "it has not downloaded them before"
    calls.clear()
    assert reason(num_train_people=40) == "40 people are there, but at least 50 are wanted"
    assert calls == []
    scikit_learn.fetch_olivetti_faces = _fail(EOFError)
    assert reason() == "what it keeps of them cannot be read: it is broken"


# Drawn faces


def test_without_real_faces_auto_draws_and_says_so(drawings, capsys):
    loaded = pictures.load_faces()
    assert capsys.readouterr().out == (
        f"Real faces cannot be had (WORKBOOK_DATA: names no folder; {OLIVETTI}: it is not "
        f"installed). Using drawn faces instead. {pictures.REMEDY}\n"
        "Drawing 2,000 pictures of 200 people.\n"
        "Drawing 500 pictures of 50 people.\n"
    )
    assert loaded.describe() == (
        "drawn faces (2,500 pictures drawn by the workbook): "
        "2,000 training pictures of 200 people, 500 test pictures of 50 people"
    )
    result = results.record("area", 0.5, run=settings.Settings(), data=loaded)
    assert (result.data, result.is_real) == ("drawn faces", False)


def test_without_real_faces_real_stops(drawings):
    with pytest.raises(pictures.DataUnavailable, match="WORKBOOK_DATA: names no folder"):
        pictures.load_faces("real")
    assert drawings == []


def test_embedded_leaves_the_readers_folder_alone(orl, drawings):
    loaded = pictures.load_faces(
        "embedded", num_train_people=3, num_validation_people=1, num_test_people=2, pictures_each=4
    )
    assert not loaded.is_real
    assert drawings == [(3, 4, 0, 64), (1, 4, 1, 64), (2, 4, 2, 64)]
    assert levels(loaded.x_train)[::4] == [0, 1, 2]
    assert levels(loaded.x_validation)[::4] == [100]
    assert levels(loaded.x_test)[::4] == [200, 201]
    labels = np.concatenate([loaded.y_train, loaded.y_validation, loaded.y_test])
    np.testing.assert_array_equal(labels, np.repeat(np.arange(6), 4))
    assert len(set(loaded.names)) == 6


def test_each_part_is_drawn_once_and_equal_ever_after(drawings):
    few = pictures.load_faces("embedded", num_train_people=3, num_test_people=2)
    more = pictures.load_faces("embedded", num_train_people=4, num_test_people=2)
    assert drawings == [(3, 10, 0, 64), (2, 10, 2, 64), (4, 10, 0, 64)]
    np.testing.assert_array_equal(few.x_test, more.x_test)


def test_drawn_faces_are_those_of_the_drawing_module_in_any_size():
    loaded = pictures.load_faces(
        "embedded", num_train_people=2, num_test_people=1, pictures_each=2, size=(40, 30)
    )
    images, _ = drawn_faces.draw_dataset(2, 2, seed=0, size=40)
    np.testing.assert_array_equal(loaded.x_train, images[:, :, 5:35])
    assert loaded.x_test.shape == (2, 40, 30, 3)
    assert loaded.x_validation.shape == (0, 40, 30, 3)


# Pairs of LFW


def give_lfw(scikit_learn, order=slice(None)):
    """Let the stand-in give pairs in the form of scikit-learn's, in tiny pictures."""
    asked = []

    def fetch_lfw_pairs(**options):
        asked.append(options)
        target = np.tile(np.repeat([1, 0], 300), 10)[order]
        pairs = np.zeros((len(target), 2, 3, 2, 3), np.float32)
        pairs[:, 0], pairs[:, 1] = 1 / 3, np.where(target, 1 / 3, 2 / 3)[:, None, None, None]
        return types.SimpleNamespace(pairs=pairs, target=target)

    scikit_learn.fetch_lfw_pairs = fetch_lfw_pairs
    return asked


def test_lfw_pairs_fit_the_protocol(scikit_learn):
    asked = give_lfw(scikit_learn)
    lfw = published.lfw_pairs(resize=1)
    wanted = {"subset": "10_folds", "color": True, "resize": 1, "download_if_missing": False}
    assert asked == [wanted]
    assert lfw.pairs.shape == (6000, 2, 3, 2, 3)
    assert levels(lfw.pairs[299]) == [85, 85]
    assert levels(lfw.pairs[300]) == [85, 170]
    assert np.bincount(lfw.folds).tolist() == [600] * 10
    distances = np.abs(lfw.pairs[:, 0] - lfw.pairs[:, 1].astype(float)).sum(axis=(1, 2, 3))
    assert lfw_protocol(distances, lfw.same, lfw.folds).accuracy == 1


def test_lfw_pairs_in_another_order_or_number_are_refused(scikit_learn):
    for order in (slice(None, None, -1), slice(5999)):
        give_lfw(scikit_learn, order)
        with pytest.raises(ValueError, match="expected 6,000 pairs in 10 folds"):
            published.lfw_pairs()


def test_lfw_pairs_that_cannot_be_had_say_why(scikit_learn, monkeypatch):
    scikit_learn.fetch_lfw_pairs = _fail(OSError)
    with pytest.raises(sources.Unavailable, match=r"scikit-learn: it is broken\nInstall"):
        published.lfw_pairs()
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(sources.Unavailable, match="scikit-learn: it is not installed"):
        published.lfw_pairs()
    with pytest.raises(ValueError, match="a scale above 0, got 0"):
        published.lfw_pairs(resize=0)

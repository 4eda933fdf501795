"""Tests of the face database; the encoder of most of them takes an image's first numbers."""

import concurrent.futures
import contextlib
import os
import pathlib
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import unicodedata

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies
from PIL import Image

from helpers.faces import people_file
from helpers.faces.database import FaceDatabase

SETTINGS = {"encoder_id": "first-numbers-1", "threshold": 0.5}


def encode(pictures):
    return pictures.reshape(len(pictures), -1) / 20 - 6


def picture_of(*numbers):
    """A picture one pixel high, whose embedding these numbers are; from -6 to 6."""
    return 20 * (6 + np.array(numbers, float)[None, :, None])


def direction(degrees, length=1):
    return picture_of(length * np.cos(np.radians(degrees)), length * np.sin(np.radians(degrees)))


@pytest.fixture
def people():
    database = FaceDatabase(encode, **SETTINGS)
    for name, degrees in (("Ann", 0), ("Bo", 60), ("Cy", 90), ("Di", 180)):
        database.enrol(name, direction(degrees))
    return database


def newer_emoji():
    """A character that this Python does not know yet."""
    places = range(0x1FA70, 0x1FFFE)
    return next(chr(place) for place in places if unicodedata.category(chr(place)) == "Cn")


def squared_chord(degrees):
    return 2 - 2 * np.cos(np.radians(degrees))


def test_verify_measures_the_chord_between_two_directions(people):
    near, far = people.verify(direction(40, length=5), "Bo"), people.verify(direction(10), "Bo")
    assert near == (pytest.approx(squared_chord(20), abs=1e-6), True)
    assert far == (pytest.approx(squared_chord(50), abs=1e-6), False)
    assert type(near.accepted) is bool
    assert people.verify(direction(60), "Bo").distance == pytest.approx(0, abs=1e-12)


def test_identify_lists_the_nearest_and_names_somebody_only_if_near_enough(people):
    found = people.identify(direction(70))
    assert found.name == "Bo"
    assert [match.name for match in found.matches] == ["Bo", "Cy", "Ann"]
    assert found.matches[1].distance == pytest.approx(squared_chord(20), abs=1e-6)
    nobody = people.identify(direction(250), top=1)
    assert nobody.name is None
    assert nobody.matches == [("Di", pytest.approx(squared_chord(70), abs=1e-6))]
    assert len(people.identify(direction(0), top=99).matches) == 4


def test_identify_agrees_with_a_slow_search(rng):
    vectors = rng.normal(size=(500, 9))
    database = FaceDatabase(encode, **SETTINGS)
    for number, vector in enumerate(vectors):
        database.enrol(f"person {number}", picture_of(*vector))
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for query in rng.normal(size=(20, 9)):
        distances = ((units - query / np.linalg.norm(query)) ** 2).sum(axis=1)
        nearest = np.argsort(distances)[:5]
        matches = database.identify(picture_of(*query), top=5).matches
        assert [match.name for match in matches] == [f"person {row}" for row in nearest]
        np.testing.assert_allclose(
            [match.distance for match in matches], distances[nearest], atol=1e-6
        )


def test_several_pictures_become_their_mean_direction_in_any_order(rng):
    pictures = np.stack([picture_of(*numbers) for numbers in rng.normal(size=(5, 6)) + 1])
    at_once, one_by_one = (FaceDatabase(encode, **SETTINGS) for _ in range(2))
    at_once.enrol("Ann", pictures)
    one_by_one.enrol("Ann", pictures[3])
    one_by_one.enrol("Ann", pictures[[4, 0]], add=True)
    one_by_one.enrol("Ann", list(pictures[[2, 1]]), add=True)
    units = encode(pictures) / np.linalg.norm(encode(pictures), axis=1, keepdims=True)
    mean = picture_of(*units.mean(axis=0))
    for database in (at_once, one_by_one):
        assert len(database) == 1
        assert database.verify(mean, "Ann").distance == pytest.approx(0, abs=1e-10)


def test_names_may_be_odd_and_are_one_however_they_are_written(people):
    odd = ["José", "李小龍", "a/b\\c", "O'Neil; DROP", "👩‍🚀", "علی‌رضا", "None", "x" * 3000]
    odd += ["a\u00a0b", "\ue000", f"Bob {newer_emoji()}"]
    for degrees, name in enumerate(odd):
        people.enrol(name, direction(degrees))
    assert people.verify(direction(0), "  Jose\u0301 ").accepted
    assert sorted([*odd, "Ann", "Bo", "Cy", "Di"]) == people.names
    for wrong in ("", "  ", "two\nlines", "a\x00b", "\u202eevil", "\udcff", "\u200d", 7, None):
        with pytest.raises(ValueError, match="text that can be seen"):
            people.enrol(wrong, direction(0))


def test_people_can_be_renamed_and_removed(people):
    people.rename("Ann", "Zoë")
    people.remove("Bo")
    assert people.names == ["Cy", "Di", "Zoë"]
    assert people.identify(direction(10)).name == "Zoë"
    assert people.identify(direction(60)).name == "Cy"  # 30 degrees away: 0.27
    people.remove("Cy")
    assert people.verify(direction(180), "Di").accepted
    people.enrol("Bo", direction(60))
    assert people.identify(direction(62)).name == "Bo"
    for name in ("Bo", "Di", "Zoë"):
        people.remove(name)
    assert (len(people), people.names) == (0, [])
    people.enrol("Ann", direction(3))
    assert people.identify(direction(3), top=2).name == "Ann"


def everything(database):
    return [(name, database.verify(direction(20), name)) for name in database.names]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda d: d.enrol("Bo", direction(1)), r"'Bo' is enrolled already; use add=True"),
        (lambda d: d.enrol("Eve", direction(1), add=True), "nobody called 'Eve' is among the 4"),
        (lambda d: d.verify(direction(1), "Eve"), "nobody called 'Eve'"),
        (lambda d: d.remove("Eve"), "nobody called 'Eve'"),
        (lambda d: d.rename("Eve", "Ann"), "nobody called 'Eve'"),
        (lambda d: d.rename("Bo", "Ann"), "'Ann' is enrolled already; 'Bo' keeps"),
        (lambda d: d.rename("Bo", ""), "text that can be seen"),
        (lambda d: d.enrol("Eve", picture_of(1, 2, 3)), "embeddings of 2 numbers.* got 3"),
        (lambda d: d.identify(picture_of(1, 2, 3)), "embeddings of 2 numbers.* got 3"),
        (lambda d: d.enrol("Eve", picture_of(0, 0)), "that of image 0 of 1 is not"),
        (lambda d: d.enrol("Bo", [direction(1), picture_of(0, 0)], add=True), "image 1 of 2"),
        (lambda d: d.enrol("Eve", [direction(1), direction(181)]), "opposite embeddings"),
        (lambda d: d.enrol("Eve", np.zeros((0, 1, 2, 1))), "got none"),
        (lambda d: d.enrol("Eve", [direction(1), picture_of(1)]), "one length .* got several"),
        (lambda d: d.enrol("Eve", np.zeros((4, 5))), r"got \(4, 5\)"),
        (lambda d: d.enrol("Eve", np.ones((5, 9, 9), np.uint8)), r"1 or 3 channels, got \(5, 9, 9"),
        (lambda d: d.verify([direction(1)] * 2, ["Bo"]), "expected 2 names"),
        (lambda d: d.enrol_embeddings(["Eve"], np.eye(2)), "list of 2 names"),
        (lambda d: d.enrol_embeddings("Ev", np.eye(2)), "list of 2 names.* got 'Ev'"),
        (lambda d: d.enrol_embeddings(["Eve", "Bo"], np.eye(2)), "'Bo' is enrolled already"),
        (lambda d: d.enrol_embeddings(["Eve", "a\nb"], np.eye(2)), "can be seen"),
        (lambda d: d.enrol_embeddings(["Eve", "F"], [[1, 0], [0, np.inf]]), "image 1 of 2"),
        (lambda d: d.enrol_embeddings(["Eve"], [["x", "y"]]), "embeddings .* as numbers"),
        (lambda d: d.enrol_embeddings([], []), r"\(n, numbers\), got \(0,\)"),
        (lambda d: d.identify_embeddings(np.eye(3)), "embeddings of 2 numbers.* got 3"),
        (lambda d: d.identify(direction(1), top=0), "top as an integer of at least 1, got 0"),
        (lambda d: d.identify(direction(1), top=1.5), "top as an integer of at least 1, got 1.5"),
        (lambda d: setattr(d, "threshold", float("nan")), "threshold .* from 0 to 4, got nan"),
        (lambda d: setattr(d, "threshold", "1"), "threshold .* from 0 to 4, got '1'"),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(people, act, message):
    before = everything(people)
    with pytest.raises(ValueError, match=message):
        act(people)
    assert everything(people) == before
    assert people.threshold == 0.5


def test_an_empty_database_says_so():
    database = FaceDatabase(encode, **SETTINGS)
    for act in (database.identify, lambda picture: database.verify(picture, "Ann")):
        with pytest.raises(ValueError, match="the database is empty; enrol somebody first"):
            act(direction(0))


def test_an_encoder_without_embeddings_or_identity_is_refused():
    with pytest.raises(ValueError, match="encoder_id as non-empty text, got ''"):
        FaceDatabase(encode, encoder_id="", threshold=1)
    for wrong in (lambda pictures: pictures, lambda pictures: None, lambda pictures: [[1], [2]]):
        with pytest.raises(ValueError, match=r"shape \(1, numbers\) from the encoder"):
            FaceDatabase(wrong, **SETTINGS).enrol("Ann", direction(0))
    with pytest.raises(ValueError, match=r"finite embeddings, .* that of image 0 of 1 is not"):
        FaceDatabase(lambda pictures: [[1, np.nan]], **SETTINGS).enrol("Ann", direction(0))


@pytest.mark.parametrize(
    ("picture", "got"),
    [
        (np.full((2, 3, 1), 0.5), r"float64 in 0\.5\.\.0\.5"),
        (np.linspace(0, 1, 6, dtype="float32").reshape(2, 3, 1), r"float32 in 0\.\.1"),
        (np.full((2, 3, 1), 255.5), r"float64 in 255\.5"),
        (np.full((2, 3, 1), -1), r"int64 in -1"),
        (np.array([[[7.0], [np.nan]]]), "float64 in nan"),
        (np.array([[[7.0], [np.inf]]]), "float64 in 7..inf"),
        (np.array([[["7"], ["8"]]]), "<U1"),
        (np.array([[[7], [None]]]), "object"),
        (np.ones((2, 3, 1), bool), "bool"),
        (np.ones((2, 3, 1), complex), "complex128"),
    ],
)
def test_what_an_encoder_would_take_for_another_picture_is_refused(people, picture, got):
    for act in (people.identify, lambda each: people.verify(each, "Bo")):
        with pytest.raises(ValueError, match=rf"numbers 0 to 255 \(not 0 to 1\), got {got}"):
            act(picture)
    with pytest.raises(ValueError, match="numbers 0 to 255"):
        people.enrol("Eve", picture)
    assert "Eve" not in people.names


@pytest.mark.parametrize("level", [0, 1, 255])
def test_black_white_and_nearly_black_pictures_are_pictures(level):
    database = FaceDatabase(lambda pictures: np.ones((len(pictures), 3)), **SETTINGS)
    database.enrol("Ann", np.full((2, 4, 5, 3), level, "uint8"))
    assert database.verify(np.full((4, 5, 3), level, "int32"), "Ann").accepted
    assert database.verify(np.zeros((4, 5, 3)), "Ann").accepted


def test_photos_come_as_paths_and_images_of_any_size(tmp_path, rng):
    stored = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x112] = 6  # turned by a quarter
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    upright = np.rot90(stored, -1)
    database = FaceDatabase(encode, **SETTINGS)
    database.enrol("Ann", upright)
    photo = Image.open(tmp_path / "a.png")
    for form in (photo, tmp_path / "a.png", str(tmp_path / "a.png")):
        assert database.verify(form, "Ann").distance == pytest.approx(0, abs=1e-12)
    small = FaceDatabase(encode, **SETTINGS, image_size=(6, 5))
    small.enrol("Ann", [photo, upright, np.full((30, 20, 3), 250.0)])
    assert small.verify([photo, tmp_path / "a.png"], "Ann")[0].accepted
    with pytest.raises(ValueError, match="embeddings of 90 numbers"):
        small.identify(np.full((9, 7, 1), 3))  # stays of one channel


def test_a_model_tells_the_size_that_it_was_built_for():
    class Model:
        input_shape = (None, 2, 3, 3)

        def __call__(self, images):
            assert images.shape[1:] == (2, 3, 3)
            return images.mean(axis=(1, 2))

    database = FaceDatabase(Model(), **SETTINGS)
    database.enrol("Ann", [np.full((8, 9, 3), 7), np.full((2, 3, 3), 7.5)])
    assert database.image_size == (2, 3)


def test_many_are_enrolled_and_asked_at_once(rng):
    vectors = rng.normal(size=(300, 7)).astype("float32")
    names = [f"person {number % 200}" for number in range(300)]  # a hundred of them twice
    at_once, one_by_one = (FaceDatabase(encode, **SETTINGS) for _ in range(2))
    at_once.enrol_embeddings(names, vectors)
    for name, vector in zip(names, vectors, strict=True):
        one_by_one.enrol_embeddings([name], [vector], add=name in one_by_one.names)
    queries = rng.normal(size=(50, 7))
    answers = at_once.identify_embeddings(queries, top=4)
    for query, answer, other in zip(
        queries, answers, one_by_one.identify_embeddings(queries, top=4), strict=True
    ):
        assert [match.name for match in answer.matches] == [match.name for match in other.matches]
        one = at_once.identify_embeddings([query], top=4)[0]
        assert one.name == answer.name
        matched = at_once.verify_embeddings([query] * 4, [match.name for match in one.matches])
        assert [answer.distance for answer in matched] == [match.distance for match in one.matches]


def test_several_images_have_several_answers(people):
    images = [direction(2), direction(58), direction(250)]
    assert [answer.name for answer in people.identify(images)] == ["Ann", "Bo", None]
    assert people.identify(np.stack(images)) == [people.identify(image) for image in images]
    claims = ["Ann", "Ann", "Di"]
    assert [answer.accepted for answer in people.verify(images, claims)] == [True, False, False]
    assert people.verify(images, "Bo") == [people.verify(image, "Bo") for image in images]


def load(path):
    return FaceDatabase.load(path, encode, SETTINGS["encoder_id"])


def test_a_saved_database_comes_back_whole(people, tmp_path):
    path = tmp_path / "new folder" / "faces of all.npz"
    people.enrol("李小龍 🙂", direction(20))
    people.remove("Cy")
    people.save(path)
    assert list(path.parent.iterdir()) == [path]
    again = FaceDatabase.load(path, encode, "first-numbers-1")
    assert everything(again) == everything(people)
    assert again.threshold == 0.5
    for database in (people, again):
        database.enrol("Bo", direction(90), add=True)  # what was enrolled before still weighs
        database.enrol("Cy", direction(90))
    assert everything(again) == everything(people)
    again.save(path)
    assert everything(FaceDatabase.load(path, encode, "first-numbers-1")) == everything(people)


def test_an_empty_database_can_be_saved(tmp_path):
    FaceDatabase(encode, **SETTINGS).save(tmp_path / "faces.npz")
    again = FaceDatabase.load(tmp_path / "faces.npz", encode, "first-numbers-1")
    again.enrol("Ann", direction(0))
    assert again.names == ["Ann"]


def test_another_encoder_is_refused(people, tmp_path):
    people.save(tmp_path / "faces.npz")
    message = "encoder 'first-numbers-1', not 'first-numbers-2': .* do not compare"
    with pytest.raises(ValueError, match=message):
        FaceDatabase.load(tmp_path / "faces.npz", encode, "first-numbers-2")


def test_a_file_that_is_damaged_or_not_ours_is_refused(people, tmp_path):
    path = tmp_path / "faces.db"
    people.save(path)
    whole = path.read_bytes()
    np.save(tmp_path / "array.npy", np.eye(2))
    np.save(tmp_path / "pickle.npy", np.array([{}, None]), allow_pickle=True)
    flipped, renamed = bytearray(whole), whole.replace(b"Ann", b"Ant")
    flipped[whole.index(b"Ann") + 10] ^= 1
    wrong = [whole[:size] for size in (1, 100, len(whole) // 2, len(whole) - 1)]
    wrong += [bytes(flipped), renamed, b"a text\n" * 99, bytes(5000)]
    wrong += [(tmp_path / name).read_bytes() for name in ("array.npy", "pickle.npy")]
    for content in wrong:
        path.write_bytes(content)
        for act in (load, FaceDatabase(encode, **SETTINGS).save):
            with pytest.raises(ValueError, match=r"faces\.db is damaged, or no database of faces"):
                act(path)
        assert path.read_bytes() == content
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"faces\.db is damaged, or no database of faces"):
        load(path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "missing.db")
    for place in (tmp_path, os.devnull):
        with pytest.raises(ValueError, match="is no file"):
            load(place)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE people SET vector = zeroblob(12)",
        "UPDATE people SET vector = x'0000803f0000803f' || substr(vector, 9) WHERE name = 'Bo'",
        "UPDATE people SET vector = 'text' WHERE name = 'Bo'",
        "UPDATE people SET vector = zeroblob(9) WHERE name = 'Bo'",
        "UPDATE people SET name = 'Bob' WHERE name = 'Bo'",
        "UPDATE people SET name = x'ff' WHERE name = 'Bo'",
        "UPDATE people SET checksum = checksum + 1 WHERE name = 'Bo'",
        "UPDATE settings SET threshold = 5",
        "UPDATE settings SET threshold = 'much'",
        "UPDATE settings SET encoder_id = x'00'",
        "INSERT INTO settings SELECT * FROM settings",
        "DELETE FROM settings",
        "DROP TABLE people",
        "CREATE TABLE more (x)",
        "CREATE TRIGGER t AFTER INSERT ON people BEGIN DELETE FROM people; END",
        "DROP TABLE people; CREATE VIEW people AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
        "SELECT i + 1 FROM n) SELECT 'p' || i AS name, zeroblob(8) AS vector, 0 AS checksum FROM n",
    ],
)
def test_a_database_of_others_or_with_other_contents_is_refused(people, tmp_path, change):
    path = tmp_path / "faces.db"
    people.save(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(change)
    before = path.read_bytes()
    for act in (load, FaceDatabase(encode, **SETTINGS).save):
        with pytest.raises(ValueError, match=r"faces\.db is damaged, or no database of faces"):
            act(path)
    assert path.read_bytes() == before


def test_a_file_of_the_former_format_is_refused_in_plain_words(people, tmp_path):
    path = tmp_path / "faces.npz"
    np.savez(path, header=np.zeros(3, "uint8"), directions=np.eye(2, dtype="float32"))
    for act in (load, people.save):
        with pytest.raises(ValueError, match=r"earlier versions .* enrol the images anew"):
            act(path)


def test_a_file_keeps_its_mode_and_a_link_its_target(people, tmp_path):
    path, link = tmp_path / "faces.db", tmp_path / "link.db"
    people.save(path)
    path.chmod(0o600)
    link.symlink_to(path)
    people.enrol("Eve", direction(5))
    people.save(link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(path).names == people.names
    assert sorted(tmp_path.iterdir()) == [path, link]


def test_what_is_changed_in_a_loaded_database_is_in_its_file_at_once(people, tmp_path):
    path = tmp_path / "faces"
    people.save(path)
    one, other = load(path), load(path)
    one.enrol("Eve", direction(20))
    assert other.names == load(path).names == ["Ann", "Bo", "Cy", "Di", "Eve"]
    other.rename("Ann", "Anna")
    other.threshold = 0.25
    assert one.verify(direction(0), "Anna").accepted
    assert (one.threshold, len(one)) == (0.25, 5)
    one.remove("Di")
    other.enrol("Di", direction(120))
    one.enrol("Bo", direction(64), add=True)
    assert everything(one) == everything(other) == everything(load(path))
    for database in (one, other):
        database.save(path)  # nothing is left to do
    with pytest.raises(ValueError, match="'Eve' is enrolled already"):
        other.enrol("Eve", direction(9))


def test_who_is_removed_does_not_stay_in_the_file(people, tmp_path):
    path = tmp_path / "faces"
    people.enrol("Eve Nobody", direction(33))
    people.save(path)
    assert b"Eve Nobody" in path.read_bytes()
    load(path).remove("Eve Nobody")
    assert b"Eve Nobody" not in path.read_bytes()


def test_nobody_whom_somebody_else_enrolled_is_lost_by_saving(people, tmp_path):
    path = tmp_path / "faces.db"
    people.save(path)
    load(path).enrol("Eve", direction(20))
    with pytest.raises(ValueError, match="has 'Eve', who would be lost"):
        people.save(path)
    same_names = FaceDatabase(encode, **SETTINGS)
    same_names.enrol_embeddings(load(path).names, np.eye(5, 2) + 1)
    with pytest.raises(ValueError, match="has 'Ann', who would be lost"):
        same_names.save(path)
    assert load(path).names == ["Ann", "Bo", "Cy", "Di", "Eve"]
    load(path).remove("Eve")
    people.enrol("Flo", direction(30))
    people.save(path)  # whoever is there is here, too
    people.remove("Ann")
    people.save(path)  # as it was saved last
    assert load(path).names == ["Bo", "Cy", "Di", "Flo"]


def test_a_loaded_database_whose_file_is_gone_still_answers(people, tmp_path):
    path = tmp_path / "faces.db"
    people.save(path)
    loaded = load(path)
    path.unlink()
    assert everything(loaded) == everything(people)
    with pytest.raises(FileNotFoundError):
        loaded.enrol("Eve", direction(5))
    assert loaded.names == people.names
    loaded.save(path)
    assert everything(load(path)) == everything(people)


@pytest.mark.parametrize(
    "act",
    [
        lambda d: d.enrol("Eve", direction(5)),
        lambda d: d.enrol("Bo", direction(5), add=True),
        lambda d: d.rename("Bo", "Eve"),
        lambda d: d.remove("Bo"),
        lambda d: setattr(d, "threshold", 4),
    ],
)
def test_a_change_that_cannot_be_written_is_none(people, tmp_path, monkeypatch, act):
    path = tmp_path / "faces.db"
    people.save(path)
    loaded, before = load(path), path.read_bytes()

    def full_disk(file):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(people_file.PeopleFile, "revise", full_disk)
        for change in (lambda: act(loaded), lambda: people.save(path)):
            with pytest.raises(OSError, match="disk is full"):
                change()
    assert path.read_bytes() == before
    assert everything(loaded) == everything(people) == everything(load(path))
    act(loaded)
    assert loaded.names == load(path).names


def test_a_file_that_others_keep_locked_is_waited_for_and_then_given_up(
    people, tmp_path, monkeypatch
):
    monkeypatch.setattr(people_file, "_PATIENCE", 0.1)
    people.save(tmp_path / "faces.db")
    loaded = load(tmp_path / "faces.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "faces.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert loaded.identify(direction(0)).name == "Ann"
        with pytest.raises(OSError, match="locked"):
            loaded.enrol("Eve", direction(5))
    loaded.enrol("Eve", direction(5))


@hypothesis.given(strategies.lists(strategies.text(), max_size=4))
def test_any_name_is_refused_or_comes_back_from_the_file(names):
    database = FaceDatabase(encode, **SETTINGS)
    taken = set()
    for name in names:
        try:
            database.enrol(name, direction(5))
        except ValueError:
            continue
        taken.add(unicodedata.normalize("NFC", name).strip())
        assert database.verify(direction(5), name).accepted
    with tempfile.TemporaryDirectory() as folder:
        database.save(pathlib.Path(folder, "faces"))
        assert load(pathlib.Path(folder, "faces")).names == sorted(taken) == database.names


ACTS = strategies.tuples(
    strategies.integers(0, 1),
    strategies.sampled_from(["enrol", "add", "rename", "remove"]),
    strategies.sampled_from("ABC"),
    strategies.sampled_from("ABC"),
)


@hypothesis.given(strategies.lists(ACTS, max_size=8))
def test_two_writers_in_any_order_leave_what_one_would(acts):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "faces")
        alone = FaceDatabase(encode, **SETTINGS)
        alone.save(path)
        writers = load(path), load(path)
        for number, (writer, act, name, other_name) in enumerate(acts):
            results = []
            for database in (alone, writers[writer]):
                try:
                    if act in ("enrol", "add"):
                        database.enrol(name, direction(20 * number), add=act == "add")
                    elif act == "rename":
                        database.rename(name, other_name)
                    else:
                        database.remove(name)
                    results.append(None)
                except ValueError as error:
                    results.append(str(error))
            assert results[0] == results[1]
            assert alone.names == writers[0].names == writers[1].names
        assert everything(alone) == everything(writers[0]) == everything(load(path))


# Enrolls people by the hundred, and says so after each. Its package would load Keras, which takes
# time: an empty one with the same modules takes its place.
WRITING = """
import pathlib, sys, types
import numpy as np
import helpers
package = types.ModuleType("helpers.faces")
package.__path__ = [str(pathlib.Path(helpers.__file__).parent / "faces")]
sys.modules["helpers.faces"] = package
from helpers.faces.database import FaceDatabase
database = FaceDatabase.load(sys.argv[1], None, "first-numbers-1")
start, number = len(database), 0
while True:
    names = [f"{start} {number} {each}" for each in range(100)]
    database.enrol_embeddings(names, np.random.default_rng(number).normal(size=(100, 2)))
    print(number, flush=True)
    number += 1
"""


def test_killed_at_any_moment_nobody_enrolled_is_lost_and_nothing_half_written(people, tmp_path):
    path, script = tmp_path / "faces.db", tmp_path / "writing.py"
    people.save(path)
    script.write_text(WRITING)
    delays = np.random.default_rng(0).uniform(0, 0.01, 6)
    for delay in delays:
        start = len(load(path))
        with subprocess.Popen(
            [sys.executable, script, path],
            env=os.environ | {"PYTHONPATH": str(pathlib.Path(__file__).parents[1])},
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout.readline() == "0\n"
            time.sleep(delay)
            writer.kill()
            told = 1 + len(writer.stdout.readlines())
        names = load(path).names
        enrolled = [name for name in names if name.startswith(f"{start} ")]
        assert len(enrolled) in (100 * told, 100 * (told + 1))
        assert len(names) == start + len(enrolled)


def test_an_index_that_disagrees_with_its_table_is_found_out(tmp_path):
    path = tmp_path / "people"
    database = FaceDatabase(None, encoder_id="e", threshold=1.0)
    vectors = np.random.default_rng(0).normal(size=(30, 4))
    database.enrol_embeddings([f"p{number:03}" for number in range(30)], vectors)
    database.save(path)
    data = path.read_bytes()
    place = max(data.find(b"p007"), data.rfind(b"p007"))
    for found in (data.find(b"p007"), place):
        path.write_bytes(data[:found] + b"p00z" + data[found + 4 :])
        with pytest.raises(ValueError, match="damaged"):
            FaceDatabase.load(path, None, "e")


def test_a_flipped_bit_in_the_threshold_is_found_out(tmp_path):
    path = tmp_path / "people"
    FaceDatabase(None, encoder_id="e", threshold=1.1).save(path)
    stored = np.array(1.1, ">f8").tobytes()
    data = path.read_bytes()
    assert data.count(stored) == 1
    path.write_bytes(data.replace(stored, np.array(1.6, ">f8").tobytes()))
    with pytest.raises(ValueError, match="damaged"):
        FaceDatabase.load(path, None, "e")


def test_threads_may_share_a_database(tmp_path):
    database = FaceDatabase(None, encoder_id="e", threshold=1.0)
    database.enrol_embeddings(["first"], [[1.0, 0, 0]])
    database.save(tmp_path / "people")
    shared = FaceDatabase.load(tmp_path / "people", None, "e")

    def enrol(number):
        shared.enrol_embeddings([f"p{number}"], [[1.0, number, 2]])
        return f"p{number}" in shared.names

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert all(pool.map(enrol, range(24)))
    assert len(shared) == 25


@pytest.mark.parametrize("name", ["\u3164", "\u2800", "\u115f \u1160"])
def test_names_that_show_nothing_are_refused(name):
    database = FaceDatabase(None, encoder_id="e", threshold=1.0)
    with pytest.raises(ValueError, match="can be seen"):
        database.enrol_embeddings([name], [[1.0, 0]])

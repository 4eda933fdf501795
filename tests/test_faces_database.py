"""Tests of the face database; the encoder of most of them takes a picture's first numbers."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from helpers.faces import database as database_module
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
    for degrees, name in enumerate(odd):
        people.enrol(name, direction(degrees))
    assert people.verify(direction(0), "  Jose\u0301 ").accepted
    assert sorted([*odd, "Ann", "Bo", "Cy", "Di"]) == people.names
    for wrong in ("", "  ", "two\nlines", "a\x00b", "\u202eevil", "\udcff", "\u200d", 7, None):
        with pytest.raises(ValueError, match="printable text"):
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
        (lambda d: d.rename("Bo", ""), "printable text"),
        (lambda d: d.enrol("Eve", picture_of(1, 2, 3)), "embeddings of 2 numbers.* got 3"),
        (lambda d: d.identify(picture_of(1, 2, 3)), "embeddings of 2 numbers.* got 3"),
        (lambda d: d.enrol("Eve", picture_of(0, 0)), "that of picture 0 of 1 is not"),
        (lambda d: d.enrol("Bo", [direction(1), picture_of(0, 0)], add=True), "picture 1 of 2"),
        (lambda d: d.enrol("Eve", [direction(1), direction(181)]), "opposite embeddings"),
        (lambda d: d.enrol("Eve", np.zeros((0, 1, 2, 1))), r"got \(0, 1, 2, 1\)"),
        (lambda d: d.enrol("Eve", [direction(1), picture_of(1)]), "several sizes"),
        (lambda d: d.enrol("Eve", np.zeros((4, 5))), r"got \(4, 5\)"),
        (lambda d: d.verify([direction(1)] * 2, "Bo"), "expected one picture, got 2"),
        (lambda d: d.identify(direction(1), top=0), "top from 1 on, got 0"),
        (lambda d: setattr(d, "threshold", float("nan")), r"0\.\.4, got nan"),
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
    with pytest.raises(ValueError, match=r"finite embeddings, .* that of picture 0 of 1 is not"):
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


@pytest.mark.parametrize(
    "names",
    [
        ["Ann", "Ann ", "Cy", "Di"],
        ["Jos\u00e9", "Jose\u0301", "Cy", "Di"],
        "ABCD",
        {"Ann": 1, "Bo": 2, "Cy": 3, "Di": 4},
        ["Ann", "Bo", "Cy", 4],
        ["Ann", "Bo", "Cy", ""],
        None,
    ],
)
def test_a_file_with_a_name_twice_or_no_list_of_names_is_refused(people, tmp_path, names):
    path = tmp_path / "faces.npz"
    people.save(path)
    with np.load(path) as parts:
        header = json.loads(parts["header"].tobytes()) | {"names": names}
        header = np.frombuffer(json.dumps(header).encode(), "uint8")
        np.savez(path, **(dict(parts) | {"header": header}))
    with pytest.raises(ValueError, match="damaged, or no database of faces"):
        FaceDatabase.load(path, encode, "first-numbers-1")


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


def test_the_file_has_no_pickles(people, tmp_path):
    people.save(tmp_path / "faces.npz")
    with np.load(tmp_path / "faces.npz", allow_pickle=False) as parts:
        assert json.loads(parts["header"].tobytes())["names"] == ["Ann", "Bo", "Cy", "Di"]
        assert parts["directions"].shape == (4, 2)
        assert sorted(parts) == ["directions", "header", "lengths"]


def test_another_encoder_is_refused(people, tmp_path):
    people.save(tmp_path / "faces.npz")
    message = "encoder 'first-numbers-1', not 'first-numbers-2': .* do not compare"
    with pytest.raises(ValueError, match=message):
        FaceDatabase.load(tmp_path / "faces.npz", encode, "first-numbers-2")


def test_a_file_that_is_damaged_or_not_ours_is_refused(people, tmp_path):
    path = tmp_path / "faces.npz"
    people.save(path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[whole.index(b"directions.npy") + 170] ^= 1
    foreign = tmp_path / "foreign.npz"
    np.savez(foreign, directions=np.eye(2, dtype="float32"))
    np.save(tmp_path / "array.npy", np.eye(2))
    np.save(tmp_path / "pickle.npy", np.array([{}, None]), allow_pickle=True)
    wrong = [whole[:size] for size in (0, 1, 100, len(whole) // 2, len(whole) - 1)]
    wrong += [bytes(flipped), b"a text\n", foreign.read_bytes()]
    wrong += [(tmp_path / name).read_bytes() for name in ("array.npy", "pickle.npy")]
    for content in wrong:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"faces\.npz is damaged, or no database of faces"):
            FaceDatabase.load(path, encode, "first-numbers-1")
        assert path.read_bytes() == content
    with pytest.raises(FileNotFoundError):
        FaceDatabase.load(tmp_path / "missing.npz", encode, "first-numbers-1")


@pytest.mark.parametrize(
    "change",
    [
        {"directions": np.eye(2, dtype="float32")},
        {"directions": np.full((4, 2), np.nan, "float32")},
        {"directions": np.full((4, 2), 3, "float32")},
        {"directions": np.eye(4, 2)},
        {"lengths": np.ones(3, "float32")},
        {"lengths": np.zeros(4, "float32")},
        {"header": np.frombuffer(b"{}", "uint8")},
    ],
)
def test_parts_that_do_not_belong_together_are_refused(people, tmp_path, change):
    path = tmp_path / "faces.npz"
    people.save(path)
    with np.load(path) as parts:
        np.savez(path, **(dict(parts) | change))
    with pytest.raises(ValueError, match="damaged, or no database of faces"):
        FaceDatabase.load(path, encode, "first-numbers-1")


def test_the_draft_is_on_the_disk_before_it_takes_the_old_ones_place(people, tmp_path, monkeypatch):
    steps = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda number: steps.append("fsync") or sync(number))
    monkeypatch.setattr(os, "replace", lambda *paths: steps.append("replace") or replace(*paths))
    people.save(tmp_path / "faces.npz")
    assert steps[:2] == ["fsync", "replace"]


def test_a_failed_save_keeps_the_old_file(people, tmp_path, monkeypatch):
    path = tmp_path / "faces.npz"
    people.save(path)
    before = path.read_bytes()
    people.enrol("Eve", direction(5))

    def full_disk(file, **parts):
        file.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="no space"):
        people.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    assert "Eve" in people.names


# Forks a writer that saves two states in turn, kills it somewhere, and opens what it left. The
# module is taken from its file, since its package loads Keras, and a process with threads cannot be
# forked.
KILLING = """
import importlib.util, os, pathlib, random, signal, sys, time
import numpy as np
spec = importlib.util.spec_from_file_location("database", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
path, rng = pathlib.Path(sys.argv[2]), np.random.default_rng(0)
encode = lambda pictures: pictures.reshape(len(pictures), -1)
states = [module.FaceDatabase(encode, encoder_id="e", threshold=1) for _ in range(2)]
for state, size in zip(states, (300, 500)):
    for number in range(size):
        state.enrol(f"{size}-{number}", rng.integers(256, size=(1, 64, 1)))
states[0].save(path)
seen = set()
luck = random.Random(0)
for _ in range(12):
    done, tell = os.pipe()
    child = os.fork()
    if not child:
        while True:
            for state in states[::-1]:
                state.save(path)
                os.write(tell, b".")
    for _ in range(luck.randint(1, 3)):
        os.read(done, 1)
    time.sleep(luck.uniform(0, 0.004))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    found = module.FaceDatabase.load(path, encode, "e")
    assert found.names in [state.names for state in states]
    seen.add(len(found))
drafts = [file for file in path.parent.iterdir() if file != path]
print(len(seen), len(drafts))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_moment_a_save_leaves_the_old_or_the_new_state(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLING, database_module.__file__, tmp_path / "faces.npz"],
        cwd=pathlib.Path(__file__).parents[1],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "2"  # both states were seen

import hashlib
import os

import http_server
import keras
import numpy as np
import pytest
from keras import layers

from helpers import downloads, pretrained, storage

# Keras' own saving, with TensorFlow and NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LIMITS = downloads.Limits(
    connect_seconds=2, probe_seconds=4, stall_seconds=1, measure_seconds=0.3, patience_seconds=1
)


def network(units=3):
    return keras.Sequential([keras.Input((2,)), layers.Dense(units)], name="line")


@pytest.fixture
def good(tmp_path):
    """A trained network, and its weights as the bytes of a file."""
    keras.utils.set_random_seed(1)
    trained = network()
    trained.save_weights(tmp_path / "good.weights.h5")
    return trained, (tmp_path / "good.weights.h5").read_bytes()


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """The reader's folder, named by WORKBOOK_DATA, with nothing of use in it."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "cifar10.npz").touch()
    monkeypatch.setenv("WORKBOOK_DATA", str(folder))
    return folder


@pytest.fixture
def keras_models(tmp_path):
    folder = tmp_path / "own-keras" / "models"  # KERAS_HOME, see conftest.py
    folder.mkdir(parents=True)
    return folder


def file_from(*urls, payload=b"", checksum=None):
    remote = downloads.RemoteFile("line_theirs.weights.h5", urls, len(payload) or 1, checksum)
    return pretrained.WeightsFile("the line", "points", "line_mine.weights.h5", remote)


def load(model, file, *, strict=True, **options):
    options = {"limits": LIMITS, "progress": False} | options
    return pretrained.load(model, file, strict=strict, **options)


def refused(file, *, strict=True, **options):
    """Check that loading fails and leaves the model alone; return what was said."""
    model = network()
    before = model.get_weights()
    with pytest.raises(pretrained.WeightsUnavailable) as caught:
        load(model, file, strict=strict, **options)
    for value, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, old)
    return str(caught.value)


def assert_alike(model, other):
    for value, wanted in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(value, wanted)


@pytest.mark.parametrize("name", ["line_mine.weights.h5", "line_theirs.weights.h5"])
def test_the_readers_folder_comes_first_under_either_name(good, mine, keras_models, name):
    (mine / name).write_bytes(good[1])
    (keras_models / "line_theirs.weights.h5").write_bytes(b"broken, but nobody looks")
    model = network()
    assert load(model, file_from()) == f"points, from {name} in WORKBOOK_DATA"
    assert_alike(model, good[0])


def test_a_broken_file_does_not_hide_a_good_one_under_the_other_name(good, mine, capsys):
    (mine / "line_mine.weights.h5").write_bytes(good[1][:-100])
    (mine / "line_theirs.weights.h5").write_bytes(good[1])
    model = network()
    assert load(model, file_from()) == "points, from line_theirs.weights.h5 in WORKBOOK_DATA"
    assert_alike(model, good[0])
    said = capsys.readouterr().out
    assert said.startswith("Passing over WORKBOOK_DATA: ")
    assert said.endswith("Taking line_theirs.weights.h5.\n")


def test_a_folder_can_be_passed_instead(good, mine, monkeypatch):
    (mine / "line_mine.weights.h5").write_bytes(good[1])
    monkeypatch.setenv("WORKBOOK_DATA", "/no/such/folder")
    source = load(network(), file_from(), folder=mine)
    assert source == "points, from line_mine.weights.h5 in the folder"


@pytest.mark.parametrize("strict", [True, False])
def test_a_readers_folder_without_weights_is_no_fault_and_keras_cache_serves(
    good, mine, keras_models, strict, capsys
):
    (keras_models / "line_theirs.weights.h5").write_bytes(good[1])
    model = network()
    source = load(model, file_from(), strict=strict)
    assert source == "points, from line_theirs.weights.h5 in Keras' cache"
    assert_alike(model, good[0])
    assert capsys.readouterr().out == ""


def test_without_either_it_is_downloaded_once_and_then_in_the_cache(good):
    trained, payload = good
    with http_server.serving(http_server.send(payload)) as host:
        file = file_from(host.url(), payload=payload)
        assert load(network(), file) == "points, from line_theirs.weights.h5 in the cache"
        assert len(host.requests) == 2  # whether it is there, and the file
        model = network()
        load(model, file)
        assert len(host.requests) == 2
    assert_alike(model, trained)
    load(network(), file, download=False)


def test_all_that_was_tried_is_named_in_the_error(mine):
    with http_server.serving(http_server.status(404)) as host:
        said = refused(file_from(host.url(), payload=b"wanted")).splitlines()
    names = "line_mine.weights.h5 or line_theirs.weights.h5"
    assert said[0] == "the line with weights of points cannot be had."
    assert said[1] == f"  WORKBOOK_DATA: no {names} in {mine}"
    assert said[2].startswith("  Keras' cache: no line_theirs.weights.h5 in ")
    assert said[3].startswith(f"  {host.name}: ")
    assert said[4:] == [f"Let WORKBOOK_DATA name a folder that has {names}."]


def test_without_download_no_host_is_asked(blocked_attempts):
    file = file_from("https://example.com/line.h5")
    assert "not to be downloaded" in refused(file, download=False)
    assert blocked_attempts == []


def _missing(folder):
    (folder / "cifar10.npz").unlink()
    folder.rmdir()


def _truncated(folder):
    network().save_weights(folder / "line_mine.weights.h5")
    path = folder / "line_mine.weights.h5"
    path.write_bytes(path.read_bytes()[:-100])


def _of_another_network(folder):
    network(units=4).save_weights(folder / "line_mine.weights.h5")


def _no_hdf5(folder):
    (folder / "line_mine.weights.h5").write_bytes(b"<html>Please sign in.</html>")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_missing, "mine is not a folder"),
        (_truncated, "line_mine.weights.h5 is damaged or not an HDF5 file"),
        (_no_hdf5, "line_mine.weights.h5 is damaged or not an HDF5 file"),
        (_of_another_network, "line_mine.weights.h5 does not fit model 'line'"),
    ],
)
def test_a_broken_file_of_the_readers_stops_the_strict_and_is_passed_over_by_others(
    good, mine, keras_models, spoil, reason, capsys
):
    (keras_models / "line_theirs.weights.h5").write_bytes(good[1])
    spoil(mine)
    said = refused(file_from())
    assert reason in said
    assert "Keras" not in said  # nothing else was tried
    model = network()
    assert load(model, file_from(), strict=False).endswith("Keras' cache")
    assert_alike(model, good[0])
    assert capsys.readouterr().out.startswith("Passing over WORKBOOK_DATA: ")


def test_a_broken_keras_cache_is_passed_over(good, keras_models):
    (keras_models / "line_theirs.weights.h5").write_bytes(good[1][:-100])
    assert "line_theirs.weights.h5 is damaged" in refused(file_from(), download=False)
    with http_server.serving(http_server.send(good[1])) as host:
        assert load(network(), file_from(host.url(), payload=good[1])).endswith("in the cache")


def test_a_broken_file_does_not_hide_a_good_one_beside_it(good, mine, capsys):
    _truncated(mine)
    (mine / "line_theirs.weights.h5").write_bytes(good[1])
    model = network()
    assert load(model, file_from()) == "points, from line_theirs.weights.h5 in WORKBOOK_DATA"
    assert_alike(model, good[0])
    assert "line_mine.weights.h5 is damaged" in capsys.readouterr().out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", None)])
def test_what_is_no_file_is_named_and_not_read(mine, make):
    make(mine / "line_mine.weights.h5")
    assert "line_mine.weights.h5" in refused(file_from())


def test_a_file_in_keras_cache_is_the_published_one(good, keras_models):
    _, payload = good
    spoilt = bytearray(payload)
    spoilt[-1] ^= 1
    (keras_models / "line_theirs.weights.h5").write_bytes(spoilt)
    with http_server.serving(http_server.send(payload)) as host:
        file = file_from(host.url(), payload=payload, checksum=sha256(payload))
        assert "line_theirs.weights.h5 is not the published file" in refused(file, download=False)
        assert load(network(), file).endswith("in the cache")
    (keras_models / "line_theirs.weights.h5").write_bytes(payload)
    assert load(network(), file).endswith("in Keras' cache")


def sha256(payload):
    return f"sha256:{hashlib.sha256(payload).hexdigest()}"


def test_a_file_with_the_right_checksum_stays_even_if_the_model_is_another_one(good):
    trained, payload = good
    with http_server.serving(http_server.send(payload)) as host:
        file = file_from(host.url(), payload=payload, checksum=sha256(payload))
        for _ in range(2):
            with pytest.raises(pretrained.WeightsUnavailable, match="does not fit model 'line'"):
                load(network(units=4), file)
        assert len(host.requests) == 2  # whether it is there, and the file, once
    model = network()
    load(model, file)
    assert_alike(model, trained)


def test_a_download_of_the_right_size_with_other_content_does_not_stay(good):
    _, payload = good
    behaviour = http_server.in_turn(
        http_server.send(payload), http_server.send(bytes(len(payload))), http_server.send(payload)
    )
    with http_server.serving(behaviour) as host:
        file = file_from(host.url(), payload=payload)
        assert "it is now line_theirs.weights.h5.old" in refused(file)
        assert not (storage.cache_folder() / "line_theirs.weights.h5").exists()
        assert (storage.cache_folder() / "line_theirs.weights.h5.old").exists()  # and it says so
        load(network(), file)


def test_a_checksum_is_checked_where_there_is_one(good):
    _, payload = good
    right = f"md5:{hashlib.md5(payload).hexdigest()}"
    with http_server.serving(http_server.send(payload)) as host:
        wrong = file_from(host.url(), payload=payload, checksum="md5:" + "0" * 32)
        assert "checksum" in refused(wrong)
        load(network(), file_from(host.url(), payload=payload, checksum=right))

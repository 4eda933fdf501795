"""Opening HDF5 files that others wrote: nothing outside of them, and no more than they hold."""

import contextlib
import os
import zlib

import h5py
import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from helpers import hdf5


def read_all(path):
    """Read each array of a file."""
    found = {}
    with hdf5.opened(path) as file:
        file.visititems(lambda name, item: found.update({name: item}))
        return {n: item[()] for n, item in found.items() if isinstance(item, h5py.Dataset)}


def refuse(path, match):
    with pytest.raises(ValueError, match=match) as refusal:
        read_all(path)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunks": (2, 3)},
        {"chunks": (2, 3), "compression": "gzip", "shuffle": True, "fletcher32": True},
        {"compression": "lzf"},
        {"maxshape": (None, 7), "chunks": (100, 7), "compression": "gzip"},
    ],
    ids=str,
)
def test_whole_files_are_read(rng, tmp_path, options):
    wanted = rng.normal(size=(5, 7)).astype("float32")
    path = tmp_path / "whole.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("deep/inside", data=wanted, **options)
        file["scalar"], file["none"] = 5, np.empty((0, 4))
        file["deep"].attrs["names"] = ["some", "text"]
        file["deep/again"] = file["deep"]  # a circle of hard links
    found = read_all(path)
    np.testing.assert_array_equal(found["deep/inside"], wanted)
    assert found["scalar"] == 5
    assert found["none"].shape == (0, 4)


def _external_storage(file, other):
    file.create_dataset("x", shape=(4,), dtype="u1", external=[(str(other), 0, 4)])


def _external_link(file, other):
    file["group/x"] = h5py.ExternalLink(str(other), "/k")


def _soft_link(file, other):
    file["link"] = h5py.ExternalLink(str(other), "/")
    file["x"] = h5py.SoftLink("/link/k")


def _virtual(file, other):
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource(str(other), "k", (4,))
    file.create_virtual_dataset("x", layout)


def _dangling(file, other):
    file["x"] = h5py.SoftLink("/nowhere")


@pytest.mark.parametrize(
    ("write", "match"),
    [
        (_external_storage, "numbers of x are said to lie in another file"),
        (_virtual, "numbers of x are said to lie in another file"),
        (_external_link, "group/x is a link to elsewhere"),
        (_soft_link, "link is a link to elsewhere"),
        (_dangling, "x is a link to elsewhere"),
    ],
)
def test_a_file_names_no_other_file(tmp_path, write, match):
    other, path = tmp_path / "private.h5", tmp_path / "sly.h5"
    with h5py.File(other, "w") as file:
        file["k"] = np.arange(4, dtype="u1")
    with h5py.File(path, "w") as file:
        write(file, other)
    refuse(path, match)


@pytest.mark.parametrize(
    "options", [{}, {"chunks": (1, 50)}, {"chunks": (1, 50), "compression": "gzip"}], ids=str
)
def test_what_is_declared_is_stored(tmp_path, options):
    path = tmp_path / "empty.h5"
    with h5py.File(path, "w") as file:
        array = file.create_dataset("x", shape=(10**9, 50), dtype="f4", **options)
        if options:
            array[0] = 1
    refuse(path, "x declares .*, but only .* stored")


def test_what_is_stored_does_not_grow_without_bounds(tmp_path):
    path = tmp_path / "zeros.h5"
    with h5py.File(path, "w") as file:
        options = {"chunks": (1000, 1000), "compression": "gzip"}
        array = file.create_dataset("x", shape=(100_000, 1000), dtype="u1", **options)
        for start in range(0, 100_000, 1000):
            array[start : start + 1000] = 0
    refuse(path, "x declares 100,000,000 bytes, but stores")


@pytest.mark.parametrize("num_bytes", [10**5, 10**7])
def test_a_chunk_that_unpacks_to_more_than_it_should_is_refused(tmp_path, num_bytes):
    path = tmp_path / "bomb.h5"
    packed = zlib.compress(bytes(num_bytes), 9)
    with h5py.File(path, "w") as file:
        array = file.create_dataset("x", shape=(20, 30), dtype="u1", chunks=(20, 30), compression=9)
        array.id.write_direct_chunk((0, 0), packed)
    refuse(path, r"x has a chunk (of [0-9,]+ bytes for 600|that unpacks to more than 600)")


def test_only_filters_that_come_along_are_used(tmp_path):
    path = tmp_path / "filters.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.arange(100), scaleoffset=0, chunks=(100,))
    refuse(path, "x is compressed with filters that are not read")


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" * 99]
)
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "page.h5").write_bytes(content)
    refuse(tmp_path / "page.h5", "damaged or not an HDF5 file")


def test_pipes_devices_folders_and_nothing_are_refused_at_once(tmp_path):
    refuse(tmp_path, "not a regular file")
    refuse(tmp_path / "gone.h5", "there is no file")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.h5")
        refuse(tmp_path / "pipe.h5", "not a regular file")
        refuse("/dev/zero", "not a regular file")


def test_texts_without_an_end_are_refused(tmp_path):
    # HDF5 looks for the end of a collection of texts for ever when the free space has no size.
    path = tmp_path / "texts.h5"
    with h5py.File(path, "w") as file:
        file.attrs["names"] = ["a", "bc"]
    content = bytearray(path.read_bytes())
    heap = content.index(b"GCOL")
    free = content.index(bytes(8), heap + 60)  # number 0, and then the size
    content[free + 8 : free + 16] = bytes(8)
    path.write_bytes(content)
    refuse(path, "its texts are damaged")


@pytest.fixture(scope="module")
def small_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("hdf5") / "small.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.arange(60).reshape(5, 12), chunks=(2, 12), compression=4)
        file["group/y"] = np.ones((3, 4))
        file["group"].attrs["names"] = ["a", "bc"]
    return path


@hypothesis.given(data=st.data())
def test_damaged_files_are_read_or_refused(small_file, data):
    content = bytearray(small_file.read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    damaged = small_file.with_name("damaged.h5")
    damaged.write_bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))])
    with contextlib.suppress(ValueError):
        assert sum(array.nbytes for array in read_all(damaged).values()) < 10**6


def test_an_array_of_many_names_is_checked_once(tmp_path, monkeypatch):
    path, checked = tmp_path / "many.h5", []
    with h5py.File(path, "w") as file:
        file["first"] = np.arange(6.0)
        for number in range(50):
            file[f"again{number}"] = file["first"]
    monkeypatch.setattr(hdf5, "_check_array", lambda name, array: checked.append(name))
    with hdf5.opened(path) as file:
        assert len(file) == 51
    assert len(checked) == 1

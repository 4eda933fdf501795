"""Reading .npz files: what NumPy wrote comes back, and nothing else is taken for it."""

import io
import os
import struct
import zipfile

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from helpers import npz

NUMBERS = npst.boolean_dtypes() | npst.integer_dtypes(endianness="?") | npst.floating_dtypes()
ARRAYS = npst.arrays(NUMBERS, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))


def read_all(path):
    with npz.opened(path) as arrays:
        return {name: stored.read() for name, stored in arrays.items()}


def refuse(path, match):
    with pytest.raises(ValueError, match=match) as refusal:
        read_all(path)
    assert str(path) in str(refusal.value)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("npz") / "arrays.npz"


@hypothesis.given(
    arrays=st.dictionaries(st.sampled_from("abc"), ARRAYS, min_size=1),
    save=st.sampled_from([np.savez, np.savez_compressed]),
    transpose=st.booleans(),
)
def test_what_was_saved_is_read(path, arrays, save, transpose):
    arrays = {name: array.T if transpose else array for name, array in arrays.items()}
    save(path, **arrays)
    with npz.opened(path) as found:
        assert found.keys() == arrays.keys()
        for name, array in arrays.items():
            assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
            np.testing.assert_array_equal(found[name].read(), array)


@hypothesis.given(data=st.data())
def test_damaged_files_are_read_right_or_refused(path, data):
    wanted = np.arange(60).reshape(5, 12)
    np.savez_compressed(path, x=wanted)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content[: data.draw(st.just(len(content)) | st.integers(0, len(content)))])
    try:
        found = read_all(path)
    except ValueError:
        return
    for array in found.values():  # its name may be another, which nothing guards
        np.testing.assert_array_equal(array, wanted)


def write(path, content, *, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("x.npy", content)


def saved(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


PAIRS = np.zeros(3, [("a", "i4"), ("b", "f4")])


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (saved(np.array([{}], object)), "x.npy is no array of plain numbers"),
        (saved(PAIRS), "x.npy is no array of plain numbers"),
        (saved(np.array(["text"])), "x.npy is no array of plain numbers"),
        (saved(np.zeros(3))[:-1], "should have 152 bytes for float64 of shape .3,., but has 151"),
        (saved(np.zeros(3)) + b"?", "but has 153"),
        (saved(np.zeros(3)).replace(b"(3,)", b"(-3,)"), "x.npy"),
        (b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + bytes(2**22), "no array of plain"),
        (b"\x93NUMPY\x01\x00" + struct.pack("<H", 2**15) + b" " * 2**15, "x.npy|header|Header"),
        (b"<html>", "magic"),
        (b"", "."),
    ],
)
def test_entries_that_are_no_arrays_of_numbers_are_refused(path, content, match):
    write(path, content)
    refuse(path, match)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_numpy_compresses_with_is_unpacked(path, compression):
    write(path, saved(np.zeros(3)), compression=compression)
    refuse(path, "compressed in a way that NumPy does not use")


def test_what_is_no_npz_file_is_refused(path, tmp_path):
    for content in (b"", b"<html>", saved(np.zeros(3))):
        path.write_bytes(content)
        refuse(path, r"no complete \.npz file")
    refuse(tmp_path, "not a regular file")
    refuse(tmp_path / "gone.npz", "there is no file")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.npz")
        refuse(tmp_path / "pipe.npz", "not a regular file")

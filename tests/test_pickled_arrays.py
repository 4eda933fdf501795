"""Reading pickles without unpickling them: against Python's own reader, and against bombs."""

import pickle
import struct
import time

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from helpers import pickled_arrays

INTEGERS = npst.integer_dtypes(endianness="?") | npst.unsigned_integer_dtypes(endianness="?")
ARRAYS = npst.arrays(INTEGERS, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
KEYS = st.text() | st.binary() | st.integers()
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def same(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other) and one.shape == other.shape
    return type(one) is type(other) and one == other


@hypothesis.given(
    value=st.dictionaries(KEYS, ARRAYS | PLAIN, max_size=4),
    protocol=st.integers(0, pickle.HIGHEST_PROTOCOL),
    transpose=st.booleans(),
)
def test_what_is_read_is_what_was_pickled(value, protocol, transpose):
    if transpose:
        value = {key: v.T if isinstance(v, np.ndarray) else v for key, v in value.items()}
    found = pickled_arrays.read(pickle.dumps(value, protocol=protocol))
    assert found.keys() == value.keys()
    assert all(same(found[key], value[key]) for key in value)


@hypothesis.given(content=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content):
    try:
        pickled_arrays.read(content)
    except ValueError as error:
        hypothesis.note(str(error))


@hypothesis.given(data=st.data(), protocol=st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_damaged_pickles_are_read_or_refused(data, protocol):
    whole = {"data": np.arange(6, dtype="uint8").reshape(2, 3), "labels": [3, 1]}
    content = bytearray(pickle.dumps(whole, protocol=protocol))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        pickled_arrays.read(bytes(content[: data.draw(st.integers(0, len(content)))]))
        pickled_arrays.read(bytes(content))
    except ValueError as error:
        hypothesis.note(str(error))


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def dtype(code, order="<"):
    state = b"(K\x03" + text(order) + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    return b"cnumpy\ndtype\n(" + text(code) + b"\x89\x88tR" + state


def buffer(content, kind, shape):
    content = b"B" + struct.pack("<I", len(content)) + content
    return b"cnumpy._core.numeric\n_frombuffer\n(" + content + kind + shape + text("C") + b"tR"


@pytest.mark.parametrize("code", ["O", "V8", "S8", "f8", "M8", "i8,i8", "(2,)i4", "i16", ""])
def test_arrays_are_of_plain_integers(code):
    content = b"\x80\x04" + buffer(bytes(16), dtype(code), b"K\x02\x85") + b"."
    with pytest.raises(ValueError, match="not of plain integers"):
        pickled_arrays.read(content)


@pytest.mark.parametrize(
    ("shape", "match"),
    [
        (b"K\x03\x85", r"an array of \(3,\), but 16 bytes"),
        (b"J\xff\xff\xff\xffJ\xfe\xff\xff\xff\x86", "no whole pickle"),
        (b"\x88\x85", "no whole pickle"),
        (b"G@\x00\x00\x00\x00\x00\x00\x00\x85", "no whole pickle"),
        (b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86", "an array of .*, but 16 bytes"),
    ],
)
def test_arrays_have_as_many_bytes_as_their_shape_says(shape, match):
    content = b"\x80\x04" + buffer(bytes(16), dtype("i8"), shape) + b"."
    with pytest.raises(ValueError, match=match):
        pickled_arrays.read(content)


DEEP = b"\x80\x02)" + b"\x85" * 100_000  # a tuple in a tuple in a tuple
DOUBLED = b"\x80\x02K\x01" + b"q\x00h\x00\x86" * 60  # a tuple of itself twice, and that again


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (
            b"\x80\x02}" + DOUBLED[2:] + b"K\x01s.",
            "no whole pickle",
        ),
        (b"\x80\x02}" + DEEP[2:] + b"K\x01s.", "no whole pickle"),
        (b"}" * 600_000 + b".", "more than 500,000 instructions"),
        (b"]" + b"\x94" * 600_000 + b".", "more than 500,000 instructions"),
        (b"\x80\x04\x8f.", "the instruction EMPTY_SET"),
        (b"cos\nsystem\n(X\x04\x00\x00\x00exittR.", r"asks for os\.system"),
        (b"ios\nsystem\n.", "the instruction INST"),
        (b"\x82\x01.", "the instruction EXT1"),
        (b"P12\n.", "the instruction PERSID"),
        (b"\x80\x05\x97.", "the instruction NEXT_BUFFER"),
        (b"\x80\x04cnumpy\nndarray\n)\x81.", "the instruction NEWOBJ"),
        (b"cnumpy\nndarray\n)R.", "no whole pickle"),
        (b"B\xff\xff\xff\x7fabc.", "expected 2147483647 bytes"),
        (b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7fabc.", "expected|allowed"),
        (b"(((", "no whole pickle|exhausted"),
        (b".", "no whole pickle"),
        (b"", "exhausted"),
    ],
)
def test_bombs_are_refused_at_once(content, match):
    with pytest.raises(ValueError, match=match):
        pickled_arrays.read(content)


def test_nested_values_are_never_written_out():
    assert len(pickled_arrays.read(DOUBLED + b".")) == 2
    assert len(pickled_arrays.read(DEEP + b".")) == 1


def test_the_same_bytes_are_not_copied_over_and_over():
    once = b"c_codecs\nencode\n(h\x00h\x01tR0"
    content = (
        b"\x80\x02" + text("a" * 10_000) + b"q\x00" + text("latin1") + b"q\x01" + once * 20 + b"."
    )
    with pytest.raises(ValueError, match="the same bytes over and over"):
        pickled_arrays.read(content)


def test_a_high_number_in_the_memory_costs_nothing():
    assert pickled_arrays.read(b"\x80\x02Nr\xff\xff\xff\x7f.") is None


def test_sides_that_are_no_sizes_are_refused_at_once():
    huge = b"\x8b" + (1000).to_bytes(4, "little") + b"\xff" * 999 + b"\x7f"
    pickled = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n)R(K\x01("
        + (huge + b"q\x05" + b"h\x05" * 2_000)
        + b"tcnumpy\ndtype\n(U\x02u1K\x00K\x01tR\x89U\x01xtb."
    )
    started = time.process_time()
    with pytest.raises(ValueError):  # noqa: PT011
        pickled_arrays.read(pickled)
    assert time.process_time() - started < 2

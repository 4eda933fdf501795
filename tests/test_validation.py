import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import validation


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), np.array(3)])
def test_every_kind_of_integer_becomes_an_int(value):
    number = validation.integer(value, "columns", minimum=1)
    assert (number, type(number)) == (3, int)


@pytest.mark.parametrize(
    "value", [True, np.True_, 2.0, 1.5, "2", None, [2], np.array([2]), float("nan"), 0, 5]
)
def test_anything_else_is_no_integer_from_1_to_4(value):
    with pytest.raises(ValueError, match="expected columns as an integer from 1 to 4, got"):
        validation.integer(value, "columns", minimum=1, maximum=4)


@pytest.mark.parametrize("value", [1, 0.5, np.float32(0.5), np.array(0.25), np.int8(1)])
def test_every_kind_of_real_number_becomes_a_float(value):
    number = validation.real(value, "margin", above=0, maximum=1)
    assert (number, type(number)) == (float(value), float)


@pytest.mark.parametrize(
    "value",
    [
        np.str_("0.5"),
        True,
        np.False_,
        "1",
        None,
        1j,
        [1.0],
        np.ones(2),
        float("nan"),
        float("inf"),
        10**400,
    ],
)
def test_anything_else_is_no_real_number(value):
    with pytest.raises(ValueError, match="expected margin as a number, got"):
        validation.real(value, "margin")


@pytest.mark.parametrize("value", [0, 1])
def test_ends_of_a_range_can_be_excluded(value):
    with pytest.raises(ValueError, match="as a number above 0 and below 1, got"):
        validation.real(value, "share", above=0, below=1)


@given(st.integers(), st.integers(), st.integers())
def test_an_integer_passes_exactly_if_it_is_within_its_range(value, low, high):
    if low <= value <= high:
        assert validation.integer(value, "n", minimum=low, maximum=high) == value
    else:
        with pytest.raises(ValueError, match="got"):
            validation.integer(value, "n", minimum=low, maximum=high)

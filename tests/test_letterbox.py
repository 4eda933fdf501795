import fractions

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from helpers import boxes, letterbox


@pytest.mark.parametrize(
    ("image_size", "frame_size", "corners"),
    [
        ((240, 320), (608, 608), (0, 76, 608, 532)),
        ((320, 240), (608, 608), (76, 0, 532, 608)),
        ((200, 400), (100, 100), (0, 25, 100, 75)),
        ((100, 100), (50, 90), (20, 0, 70, 50)),
        ((7, 5), (7, 5), (0, 0, 5, 7)),
        ((1, 1), (416, 608), (96, 0, 512, 416)),
        ((2, 10_000), (416, 608), (0, 207, 608, 208)),
    ],
)
def test_the_window_lies_in_the_middle_of_the_frame(image_size, frame_size, corners):
    assert letterbox.window(image_size, frame_size) == corners


def test_the_window_fills_one_direction_and_keeps_the_pictures_shape(rng):
    for _ in range(200):
        image_size, frame_size = rng.integers(1, 700, (2, 2))
        left, top, right, bottom = letterbox.window(image_size, frame_size)
        (height, width), (frame_height, frame_width) = image_size, frame_size
        assert 0 <= left < right <= frame_width
        assert 0 <= top < bottom <= frame_height
        assert 0 <= (frame_width - right) - left <= 1
        assert 0 <= (frame_height - bottom) - top <= 1
        scale = min(
            fractions.Fraction(int(frame_height), int(height)),
            fractions.Fraction(int(frame_width), int(width)),
        )
        assert abs(right - left - max(width * scale, 1)) <= 0.5
        assert abs(bottom - top - max(height * scale, 1)) <= 0.5
        assert frame_width == right - left or frame_height == bottom - top


def test_boxes_go_to_the_frame_and_back(rng):
    first, last = np.sort(rng.uniform(0, 90, (2, 3, 6, 2)), axis=0)
    corners = np.concatenate([first, last], axis=-1)
    for image_size, frame_size in [((90, 120), (416, 608)), ((120, 90), (32, 96))]:
        in_frame = letterbox.to_frame(corners, image_size, frame_size)
        back = letterbox.to_picture(in_frame, image_size, frame_size)
        np.testing.assert_allclose(back, corners, atol=1e-9)
        whole = [0, 0, image_size[1], image_size[0]]
        window = letterbox.window(image_size, frame_size)
        np.testing.assert_allclose(letterbox.to_frame(whole, image_size, frame_size), window)


def test_a_box_on_the_bars_comes_back_outside_the_picture():
    back = letterbox.to_picture([0, 0, 608, 76], (240, 320), (608, 608))
    np.testing.assert_allclose(back, [0, -40, 320, 0])
    np.testing.assert_allclose(boxes.clip(back, (240, 320)), [0, 0, 320, 0])


def test_sizes_and_boxes_are_checked():
    with pytest.raises(ValueError, match="expected frame_size as"):
        letterbox.window((240, 320), (608, 0))
    with pytest.raises(ValueError, match="expected image_size as"):
        letterbox.to_frame([0, 0, 4, 2], 240, (608, 608))
    with pytest.raises(ValueError, match="left <= right"):
        letterbox.to_picture([4, 0, 0, 2], (240, 320), (608, 608))


SIDES = strategies.tuples(strategies.integers(1, 3000), strategies.integers(1, 3000))


@hypothesis.given(SIDES, SIDES, strategies.lists(strategies.floats(-2, 3), min_size=4, max_size=4))
def test_any_box_goes_to_any_frame_and_back(image_size, frame_size, shares):
    left, top, right, bottom = letterbox.window(image_size, frame_size)
    assert 0 <= left < right <= frame_size[1]
    assert 0 <= top < bottom <= frame_size[0]
    assert right - left == frame_size[1] or bottom - top == frame_size[0]
    low, high = np.minimum(shares[:2], shares[2:]), np.maximum(shares[:2], shares[2:])
    box = boxes.relative_to_pixels(np.concatenate([low, high]), image_size)
    framed = letterbox.to_frame(box, image_size, frame_size)
    back = letterbox.to_picture(framed, image_size, frame_size)
    np.testing.assert_allclose(back, box, rtol=1e-9, atol=1e-7 * max(image_size))
    whole = [0, 0, image_size[1], image_size[0]]
    np.testing.assert_allclose(
        letterbox.to_frame(whole, image_size, frame_size), [left, top, right, bottom]
    )

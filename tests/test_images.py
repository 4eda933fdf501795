import numpy as np
import pytest
from PIL import Image

from helpers import images


@pytest.mark.parametrize("name", images.PHOTOS)
def test_every_photo_is_there_without_a_download(name):
    photo = images.load_photo(name)
    assert photo.dtype == np.uint8
    assert photo.ndim == 3
    assert photo.shape[2] == 3
    assert photo.std() > 5


def test_an_unknown_photo_is_refused_with_the_known_names():
    with pytest.raises(ValueError, match=r"astronaut, .*rocket; got 'lena'"):
        images.load_photo("lena")


def test_white_stays_one_and_green_counts_most():
    colours = np.array([[255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]], "uint8")
    np.testing.assert_allclose(images.to_grey(colours), [1, 0.299, 0.587, 0.114])


def test_grey_agrees_with_pillow(rng):
    photo = rng.integers(0, 256, (7, 11, 3), dtype="uint8")
    theirs = np.asarray(Image.fromarray(photo).convert("L")) / 255
    np.testing.assert_allclose(images.to_grey(photo), theirs, atol=0.6 / 255)
    np.testing.assert_allclose(images.to_grey(photo / 255), images.to_grey(photo))


def test_a_grey_picture_is_refused():
    with pytest.raises(ValueError, match=r"red, green and blue; got \(7, 11\)"):
        images.to_grey(np.zeros((7, 11)))


@pytest.mark.parametrize("photo", [np.full((4, 6, 3), 255), np.full((4, 6, 3), 255.0)])
def test_a_value_range_that_would_be_guessed_is_refused(photo):
    with pytest.raises(ValueError, match=r"uint8 in 0\.\.255 or float in 0\.\.1"):
        images.to_grey(photo)

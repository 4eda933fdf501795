"""The drawn paintings: reproducible, rich at every scale, and each style unlike the others."""

import hashlib
import itertools
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from helpers.drawn import paintings

SIZE = 96


@pytest.fixture(scope="module")
def gallery():
    """Two paintings of each style: uint8 arrays, by style and seed."""
    names = [(style, seed) for style in paintings.STYLES for seed in (0, 1)]
    return {(style, seed): paintings.draw(style, seed=seed, size=SIZE) for style, seed in names}


def _bands(image):
    """Return how strong detail is at four scales, fine to coarse: deviations in 0 to 255."""
    grey = Image.fromarray(image).convert("L").resize((SIZE, SIZE))
    layers = [np.asarray(grey.reduce(2**k).resize((SIZE, SIZE)), float) for k in range(5)]
    return [np.std(fine - coarse) for fine, coarse in itertools.pairwise(layers)]


def _statistics(image):
    """Return mean and deviation of lightness and two colour differences, and the bands."""
    red, green, blue = np.moveaxis(image.astype(float), -1, 0)
    planes = (red + green + blue) / 3, red - green, (red + green) / 2 - blue
    colours = [number for plane in planes for number in (plane.mean(), plane.std())]
    return np.array([*colours, *_bands(image)])


def test_a_painting_is_a_square_rgb_picture(gallery):
    for image in gallery.values():
        assert image.shape == (SIZE, SIZE, 3)
        assert image.dtype == np.uint8


def test_another_process_paints_the_same_pictures_and_loads_no_tensorflow(gallery):
    code = (
        "import hashlib, sys; from helpers.drawn import paintings\n"
        "for style in paintings.STYLES:\n"
        f"    image = paintings.draw(style, seed=1, size={SIZE})\n"
        "    print(hashlib.sha256(image.tobytes()).hexdigest())\n"
        "print('tensorflow' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ours = [gallery[style, 1] for style in paintings.STYLES]
    assert theirs == [*(hashlib.sha256(image.tobytes()).hexdigest() for image in ours), "False"]


@pytest.mark.parametrize("style", paintings.STYLES)
def test_another_seed_is_another_painting(style, gallery):
    apart = np.abs(gallery[style, 0].astype(float) - gallery[style, 1])
    assert apart.mean() > 8


@pytest.mark.parametrize("style", paintings.STYLES)
def test_another_size_shows_the_same_painting(style, gallery):
    small = paintings.draw(style, seed=np.int64(0), size=SIZE // 2)
    assert small.shape == (SIZE // 2, SIZE // 2, 3)
    shrunk = np.asarray(Image.fromarray(gallery[style, 0]).reduce(2))
    assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.9


def test_paintings_have_detail_at_every_scale(gallery):
    for name, image in gallery.items():
        assert min(_bands(image)) > 4, name


def test_paintings_of_one_style_are_more_alike_than_those_of_two(gallery):
    names = list(gallery)
    numbers = np.array([_statistics(gallery[name]) for name in names])
    numbers /= numbers.std(axis=0)
    apart = np.linalg.norm(numbers[:, None] - numbers, axis=-1)
    is_same = np.array([[one[0] == other[0] for other in names] for one in names])
    assert apart[is_same].max() < apart[~is_same].min()


@pytest.mark.parametrize("style", ["Mosaic", "cubism", "", None])
def test_an_unknown_style_is_refused_with_the_names_of_all(style):
    with pytest.raises(ValueError, match=r"brush strokes, stained glass.*got"):
        paintings.draw(style)


@pytest.mark.parametrize("size", [0, 31, 2049, 64.0, "64", True, (64, 64)])
def test_a_size_that_cannot_be_painted_is_refused(size):
    with pytest.raises(ValueError, match="whole number of pixels from 32 to 2048"):
        paintings.draw("mosaic", size=size)


@pytest.mark.parametrize("seed", [-1, 0.5, None])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(ValueError, match="seed must be a whole number"):
        paintings.draw("mosaic", seed=seed)

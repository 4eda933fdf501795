import numpy as np
import pytest
from scipy import ndimage
from skimage import filters as skimage_filters

from helpers import filters

CLASSIC_NAMES = [
    f"{family}{direction}"
    for family in ("", "sobel ", "scharr ")
    for direction in ("vertical", "horizontal")
]


def test_the_vertical_kernel_is_the_one_of_the_course():
    kernels = filters.classic_kernels()
    assert list(kernels) == CLASSIC_NAMES
    np.testing.assert_array_equal(kernels["vertical"], [[1, 0, -1]] * 3)
    np.testing.assert_array_equal(kernels["horizontal"], np.array([[1, 0, -1]] * 3).T)


@pytest.mark.parametrize("name", CLASSIC_NAMES)
def test_a_plain_area_leaves_every_classic_kernel_cold(name):
    assert filters.classic_kernels()[name].sum() == 0


@pytest.mark.parametrize(
    ("name", "reference", "factor"),
    [
        ("vertical", skimage_filters.prewitt_v, 3),
        ("horizontal", skimage_filters.prewitt_h, 3),
        ("sobel vertical", skimage_filters.sobel_v, 4),
        ("sobel horizontal", skimage_filters.sobel_h, 4),
        ("scharr vertical", skimage_filters.scharr_v, 16),
        ("scharr horizontal", skimage_filters.scharr_h, 16),
    ],
)
def test_classic_kernels_agree_with_scikit_image(rng, name, reference, factor):
    picture = rng.random((9, 13))
    ours = ndimage.correlate(picture, filters.classic_kernels()[name])[1:-1, 1:-1]
    theirs = factor * reference(picture)[1:-1, 1:-1]
    # scikit-image counts bright-on-the-right as positive, or the reverse, by version.
    assert np.allclose(ours, theirs) or np.allclose(ours, -theirs)


@pytest.mark.parametrize("angle", [0.0, 0.7, np.pi / 2])
def test_gabor_agrees_with_scikit_image_up_to_mean_and_length(angle):
    ours = filters.gabor(9, wavelength=4.0, angle=angle, phase=np.pi / 2, spread=1.5)
    theirs = skimage_filters.gabor_kernel(
        1 / 4.0, theta=angle, sigma_x=1.5, sigma_y=1.5, n_stds=4, offset=np.pi / 2
    ).real
    row, column = (size // 2 for size in theirs.shape)
    theirs = theirs[row - 4 : row + 5, column - 4 : column + 5]
    theirs = theirs - theirs.mean()
    np.testing.assert_allclose(ours, theirs / np.linalg.norm(theirs), atol=1e-6)


def test_the_stripes_of_angle_zero_stand_upright():
    patch = filters.gabor(7, wavelength=3.0, angle=0.0, spread=100.0)
    np.testing.assert_allclose(patch, np.repeat(patch[:1], 7, axis=0), atol=1e-3)


@pytest.mark.parametrize(
    "bad",
    [{"wavelength": 1}, {"wavelength": np.nan}, {"spread": -1.0}, {"size": 1}, {"angle": np.inf}],
)
def test_gabor_refuses_what_pixels_cannot_show(bad):
    settings = {"size": 5, "wavelength": 3.0, "angle": 0.0} | bad
    with pytest.raises(ValueError, match=r"expected (size|wavelength|angle|phase|spread) as"):
        filters.gabor(settings.pop("size"), **settings)


def test_gabor_refuses_a_wave_that_vanishes_between_the_pixels():
    with pytest.raises(ValueError, match="show nothing of a wave"):
        filters.gabor(5, wavelength=2, angle=0.0, phase=np.pi / 2)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_about_filters_are_not_made_from_diverged_weights(bad):
    with pytest.raises(ValueError, match="finite"):
        filters.low_frequency_share(np.full((5, 5, 3, 2), bad))
    with pytest.raises(ValueError, match="finite"):
        filters.similarity(np.full((2, 4, 6), bad), np.ones((1, 4, 6)))


def test_two_small_pictures_are_tiled_side_by_side():
    pictures = np.array([[[0.0, 2.0]], [[4.0, 4.0]]])  # 1 row, 2 columns; the second is flat
    sheet = filters.tile(pictures, columns=2, gap=1, scale="each")
    np.testing.assert_allclose(sheet[..., 0], [[0, 1, 1, 0.5, 0.5]])


@pytest.mark.parametrize("channels", [1, 3])
def test_the_kernels_of_a_layer_are_laid_out_as_they_come(rng, channels):
    kernels = rng.normal(size=(5, 4, channels, 7))
    pictures = np.moveaxis(kernels, -1, 0)
    wanted = filters.tile(pictures, columns=3)
    np.testing.assert_array_equal(filters.tile(kernels, columns=3), wanted)
    for layout, given in (("kernels", kernels), ("pictures", pictures)):
        np.testing.assert_array_equal(filters.tile(given, columns=3, layout=layout), wanted)
    few = kernels[..., :3]  # look like pictures of 4 x 1 or 4 x 3 pixels
    np.testing.assert_array_equal(
        filters.tile(few, columns=3, layout="kernels"), filters.tile(pictures[:3], columns=3)
    )
    assert filters.tile(few, columns=1, gap=0).shape == (5 * 4, channels, 3)


@pytest.mark.parametrize(("count", "columns"), [(1, None), (7, 3), (30, 6), (5, 8)])
def test_every_tile_can_be_found_again(rng, count, columns):
    pictures = rng.random((count, 4, 6, 3))
    sheet = filters.tile(pictures, columns=columns, gap=2, scale="none")
    across = columns or int(np.ceil(np.sqrt(count)))
    assert sheet.shape == (-(-count // across) * 6 - 2, across * 8 - 2, 3)
    for number in range(count):
        row, column = divmod(number, across)
        found = sheet[row * 6 : row * 6 + 4, column * 8 : column * 8 + 6]
        np.testing.assert_array_equal(found, pictures[number])


def test_the_shared_scale_keeps_zero_grey_and_compares_strengths(rng):
    pictures = rng.normal(size=(3, 4, 5))
    sheet = filters.tile(pictures, columns=3, gap=0, scale="shared")
    expected = 0.5 + pictures / (2 * np.abs(pictures).max())
    np.testing.assert_allclose(sheet[..., 1], np.concatenate(expected, axis=1))
    half = filters.tile(pictures, columns=3, gap=0, scale="shared", largest=100.0)
    assert np.abs(half - 0.5).max() < 0.05


def test_pictures_of_zeros_become_grey():
    for scale in ("each", "shared"):
        assert (filters.tile(np.zeros((1, 2, 3)), scale=scale) == 0.5).all()


@pytest.mark.parametrize(
    ("pictures", "settings", "message"),
    [
        (np.zeros((4, 6)), {}, r"got \(4, 6\)"),
        (np.zeros((2, 4, 6, 2)), {}, r"filters\); got \(2, 4, 6, 2\)"),
        (np.zeros((0, 4, 6)), {}, r"got \(0, 4, 6\)"),
        (np.full((1, 4, 6), np.nan), {}, "NaN"),
        (np.zeros((1, 4, 6)), {"scale": "all"}, "got 'all'"),
        (np.full((1, 4, 6), 2.0), {"scale": "none"}, r"0\.\.1, got 2\.\.2"),
        (np.zeros((1, 4, 6)), {"columns": 2.5}, "columns as an integer"),
        (np.zeros((1, 4, 6)), {"columns": 2.0}, "columns as an integer"),
        (np.zeros((1, 4, 6)), {"columns": "2"}, "columns as an integer"),
        (np.zeros((1, 4, 6)), {"gap": 1.0}, "gap as an integer"),
        (np.zeros((1, 4, 6)), {"gap": 10**9, "columns": 3}, "sheet of at most 89,478,485 pixels"),
        (np.zeros((1, 4, 6)), {"layout": "rows"}, "'kernels'; got 'rows'"),
        (np.zeros((5, 4, 32, 6)), {}, "more channels, choose one"),
        (np.zeros((5, 4, 6)), {"layout": "kernels"}, r"got \(5, 4, 6\)"),
        (np.zeros((1, 4, 6)), {"largest": 1.0}, "needs scale='shared'"),
    ],
)
def test_tile_says_what_it_cannot_lay_out(pictures, settings, message):
    with pytest.raises(ValueError, match=message):
        filters.tile(pictures, **settings)


def test_plain_is_slow_and_a_chessboard_is_fast():
    plain = np.ones((4, 6, 3, 1))
    chessboard = (np.indices((4, 6)).sum(axis=0) % 2 * 2.0 - 1)[..., None, None]
    np.testing.assert_allclose(filters.low_frequency_share(plain), 1)
    np.testing.assert_allclose(filters.low_frequency_share(chessboard), 0, atol=1e-12)


def test_noise_scores_the_share_of_the_low_frequencies(rng):
    noise = rng.normal(size=(5, 5, 3, 4_000))
    assert filters.low_frequency_share(noise).mean() == pytest.approx(9 / 25, abs=0.01)


def test_the_share_does_not_depend_on_strength_or_place(rng):
    kernels = rng.normal(size=(4, 7, 3, 5))
    share = filters.low_frequency_share(kernels)
    moved = np.roll(kernels, (1, 3), axis=(0, 1))
    np.testing.assert_allclose(filters.low_frequency_share(-7 * moved), share)


def test_the_share_is_the_energy_that_a_hand_made_low_pass_lets_through(rng):
    kernel = rng.normal(size=(5, 7))
    spectrum = np.fft.fft2(kernel)
    for row in range(5):
        for column in range(7):
            up, across = min(row, 5 - row) / 5, min(column, 7 - column) / 7
            if np.hypot(up, across) >= 0.3:
                spectrum[row, column] = 0
    smooth = np.fft.ifft2(spectrum).real
    share = filters.low_frequency_share(kernel[..., None, None])
    np.testing.assert_allclose(share, (smooth**2).sum() / (kernel**2).sum())


def test_the_share_of_zeros_is_zero():
    assert filters.low_frequency_share(np.zeros((3, 5, 1, 2))).tolist() == [0, 0]


def test_the_share_refuses_a_single_kernel_and_no_cutoff():
    with pytest.raises(ValueError, match=r"filters\), got \(5, 5\)"):
        filters.low_frequency_share(np.zeros((5, 5)))
    with pytest.raises(ValueError, match="cutoff as a number above 0, got 0"):
        filters.low_frequency_share(np.zeros((5, 5, 3, 1)), cutoff=0)


def test_similarity_agrees_with_numpys_correlation(rng):
    kernels, references = rng.normal(size=(4, 5, 7)), rng.normal(size=(3, 5, 7))
    rows = np.concatenate([kernels, references]).reshape(7, -1)
    expected = np.abs(np.corrcoef(rows)[:4, 4:])
    np.testing.assert_allclose(filters.similarity(kernels, references), expected)


def test_a_filter_is_like_itself_brighter_stronger_and_negated(rng):
    kernel = rng.normal(size=(1, 4, 6))
    np.testing.assert_allclose(filters.similarity(kernel, 5 - 3 * kernel), [[1]])
    np.testing.assert_allclose(filters.similarity(kernel, np.ones((1, 4, 6))), [[0]])


def test_similarity_refuses_filters_of_another_size():
    with pytest.raises(ValueError, match=r"got \(2, 4, 6\) and \(2, 6, 4\)"):
        filters.similarity(np.zeros((2, 4, 6)), np.zeros((2, 6, 4)))


def test_each_picture_is_stretched_by_itself_and_its_colours_together():
    weak = np.array([[[0, 1, 2], [3, 4, 2]]])  # one row, two pixels, three colours
    stretched = filters.stretch(np.stack([weak, 10 * weak - 5]))
    np.testing.assert_allclose(stretched[0].ravel(), [0, 0.25, 0.5, 0.75, 1, 0.5])
    np.testing.assert_allclose(stretched[1], stretched[0])
    assert filters.stretch(np.full((1, 2, 3, 1), 7)).ravel().tolist() == [0.5] * 6


@pytest.mark.parametrize("pictures", [np.zeros((2, 3, 1)), np.full((1, 2, 3, 1), np.nan)])
def test_only_finite_pictures_are_stretched(pictures):
    with pytest.raises(ValueError, match=r"got \(2, 3, 1\)|finite"):
        filters.stretch(pictures)

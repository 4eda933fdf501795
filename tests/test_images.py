import warnings

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


def saved(image, path, **settings):
    Image.fromarray(image).save(path, **settings)
    return path


@pytest.mark.parametrize("ending", ["png", "bmp", "tif", "ppm"])
def test_a_picture_comes_back_from_its_file(rng, tmp_path, ending):
    picture = rng.integers(0, 256, (7, 11, 3), dtype="uint8")
    path = saved(picture, tmp_path / f"picture.{ending}")
    for given in (path, str(path)):
        read = images.read_image(given)
        assert read.dtype == np.uint8
        np.testing.assert_array_equal(read, picture)


@pytest.mark.parametrize("ending", ["jpg", "webp"])
def test_a_compressed_picture_comes_back_nearly(tmp_path, ending):
    picture = images.load_photo("cat")[:40, :60]
    read = images.read_image(saved(picture, tmp_path / f"picture.{ending}", quality=95))
    assert np.abs(read.astype(int) - picture).mean() < 5


def test_grey_one_bit_and_palette_pictures_become_rgb(rng, tmp_path):
    grey = rng.integers(0, 256, (7, 11), dtype="uint8")
    for name, image, wanted in [
        ("grey", Image.fromarray(grey), grey),
        ("one bit", Image.fromarray(grey > 99), 255 * (grey > 99)),
        ("palette", Image.fromarray(grey).convert("P"), grey),
    ]:
        image.save(tmp_path / f"{name}.png")
        read = images.read_image(tmp_path / f"{name}.png")
        np.testing.assert_array_equal(read, np.stack([wanted] * 3, axis=-1), err_msg=name)


def test_what_is_transparent_lies_on_white(tmp_path):
    red, half, clear = [200, 0, 100, 255], [200, 0, 100, 51], [200, 0, 100, 0]
    picture = np.array([[red, half, clear]], "uint8")
    # A fifth of (200, 0, 100) and four fifths of 255.
    wanted = [[[200, 0, 100], [244, 204, 224], [255, 255, 255]]]
    read = images.read_image(saved(picture, tmp_path / "alpha.png"))
    np.testing.assert_allclose(read, wanted, atol=1)
    np.testing.assert_array_equal(images.as_rgb(picture), read)
    grey = images.as_rgb(picture[..., 2:])  # 100, and the same alpha
    np.testing.assert_allclose(grey[0, :, 0], [100, 224, 255], atol=1)


@pytest.mark.parametrize("transparency", [1, bytes([255, 0])])
def test_transparent_places_of_a_palette_become_white(tmp_path, transparency):
    palette = Image.fromarray(np.array([[0, 1, 0]], "uint8")).convert("P")
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putdata([0, 1, 0])
    palette.save(tmp_path / "palette.png", transparency=transparency)
    read = images.read_image(tmp_path / "palette.png")
    np.testing.assert_array_equal(read, [[[10, 20, 30], [255, 255, 255], [10, 20, 30]]])


def test_cmyk_becomes_rgb(tmp_path):
    picture = np.full((8, 16, 3), (200, 40, 90), "uint8")
    Image.fromarray(picture).convert("CMYK").save(tmp_path / "print.jpg", quality=100)
    with Image.open(tmp_path / "print.jpg") as image:
        assert image.mode == "CMYK"
    np.testing.assert_allclose(images.read_image(tmp_path / "print.jpg"), picture, atol=4)


@pytest.mark.parametrize("ending", ["png", "tif", "pgm"])
def test_sixteen_bits_are_scaled_and_not_cut_off(tmp_path, ending):
    levels = np.array([[0, 128, 129, 257 * 100, 65_535 - 129, 65_535]], "uint16")
    read = images.read_image(saved(levels, tmp_path / f"deep.{ending}"))
    np.testing.assert_array_equal(read, np.stack([[[0, 0, 1, 100, 254, 255]]] * 3, axis=-1))
    np.testing.assert_array_equal(images.as_rgb(levels), read)
    np.testing.assert_array_equal(images.as_rgb(Image.fromarray(levels.astype("int32"))), read)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_turned_pictures_are_put_upright(tmp_path, orientation, dtype):
    upright = (np.arange(6).reshape(2, 3) * 40 * (257 if dtype == "uint16" else 1)).astype(dtype)
    # What the camera stored, by the meaning of each number in the EXIF standard.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    notes = Image.Exif()
    notes[0x0112] = orientation
    path = saved(np.ascontiguousarray(stored), tmp_path / "turned.png", exif=notes)
    np.testing.assert_array_equal(images.read_image(path), images.as_rgb(upright))


@pytest.mark.parametrize("notes", [b"garbage", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\0\x05"])
def test_broken_notes_do_not_spoil_a_picture(tmp_path, notes):
    picture = np.full((8, 16, 3), 77, "uint8")
    path = saved(picture, tmp_path / "notes.jpg", exif=b"Exif\0\0" + notes)
    np.testing.assert_allclose(images.read_image(path), picture, atol=2)


def test_of_an_animation_the_first_picture_is_read(tmp_path):
    frames = [Image.new("RGB", (5, 3), colour) for colour in ("red", "lime")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(
        images.read_image(tmp_path / "moving.gif"), np.full((3, 5, 3), (255, 0, 0))
    )


@pytest.mark.parametrize("size", [(1, 1), (2, 10_000)])
def test_very_small_and_very_wide_pictures_are_read(rng, tmp_path, size):
    picture = rng.integers(0, 256, (*size, 3), dtype="uint8")
    np.testing.assert_array_equal(
        images.read_image(saved(picture, tmp_path / "extreme.png")), picture
    )


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "bmp", "tif", "webp", "ppm"])
def test_a_file_cut_short_is_refused(rng, tmp_path, ending):
    path = saved(rng.integers(0, 256, (60, 90, 3), "uint8"), tmp_path / f"cut.{ending}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(
        ValueError, match=rf"whole picture \(PNG, JPEG.*cut.{ending}, but it cannot"
    ):
        images.read_image(path)


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"%!PS-Adobe-3.0 EPSF"]
)
def test_what_is_no_picture_is_refused(tmp_path, content):
    (tmp_path / "words.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"expected a whole picture .*words.png, but it cannot"):
        images.read_image(tmp_path / "words.png")


def test_a_spoilt_picture_is_refused(rng, tmp_path):
    path = saved(rng.integers(0, 256, (60, 90, 3), "uint8"), tmp_path / "spoilt.png")
    content = bytearray(path.read_bytes())
    content[1000:1100] = bytes(100)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"spoilt.png, but it cannot be read"):
        images.read_image(path)


def test_missing_files_folders_and_other_things_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing.png"):
        images.read_image(tmp_path / "missing.png")
    with pytest.raises(ValueError, match="cannot be read"):
        images.read_image(tmp_path)
    with pytest.raises(ValueError, match="path of a picture, got 3"):
        images.read_image(3)


@pytest.mark.parametrize("factor", [1.1, 3])  # Pillow warns above its limit, and stops at twice it
def test_decompression_bombs_are_refused_before_they_unfold(tmp_path, monkeypatch, factor):
    path = saved(np.zeros((100, 300, 3), "uint8"), tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", int(30_000 / factor))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match=r"bomb.png, but it cannot be read: .*30000 pixels"):
            images.read_image(path)


def test_arrays_of_each_kind_become_rgb(rng):
    grey = rng.integers(0, 256, (7, 11), dtype="uint8")
    wanted = np.stack([grey] * 3, axis=-1)
    for same in (grey, grey[..., None], grey / 255, (grey / 255).astype("float32"), wanted):
        rgb = images.as_rgb(same)
        assert rgb.dtype == np.uint8
        np.testing.assert_array_equal(rgb, wanted)
        assert not np.shares_memory(rgb, same)
    np.testing.assert_array_equal(images.as_rgb(grey > 99)[..., 1], 255 * (grey > 99))
    np.testing.assert_array_equal(images.as_rgb(Image.fromarray(wanted)), wanted)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.full((4, 6, 3), 255), r"float in 0\.\.1; got int64 in 255\.\.255"),
        (np.full((4, 6, 3), 255.0), r"got float64 in 255\.0\.\.255\.0"),
        (np.full((4, 6, 3), -0.1), "got float64"),
        (np.full((4, 6), np.nan), r"got float64 in nan\.\.nan"),
        (np.zeros((4, 6, 5), "uint8"), r"1 to 4 channels\), got \(4, 6, 5\)"),
        (np.zeros((1, 4, 6, 3), "uint8"), r"got \(1, 4, 6, 3\)"),
        (np.zeros((0, 6, 3), "uint8"), r"got \(0, 6, 3\)"),
        (np.zeros(6, "uint8"), r"got \(6,\)"),
        ("picture.png", r"got \(\)"),
        (Image.fromarray(np.full((4, 6), 70_000, "int32")), "got int32 in 70000"),
        (Image.fromarray(np.full((4, 6), 2, "float32")), "got float32 in 2.0"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        images.as_rgb(wrong)


def test_scaled_pixels_lie_on_a_line_from_minus_one_to_one():
    pictures = np.random.default_rng(8).integers(0, 256, (2, 3, 4, 3), dtype="uint8")
    scaled = images.scale_pixels(pictures)
    assert scaled.dtype == "float32"
    np.testing.assert_allclose(scaled, np.interp(pictures, [0, 255], [-1, 1]), atol=1e-6)
    assert images.scale_pixels(np.array([0, 255], "uint8")).tolist() == [-1, 1]


@pytest.mark.parametrize("pixel", [-1, 256, np.nan])
def test_pixels_outside_their_range_are_refused(pixel):
    with pytest.raises(ValueError, match="expected pixels in 0 to 255, got"):
        images.scale_pixels([[[0.0, pixel]]])

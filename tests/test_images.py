import contextlib
import io
import os
import struct
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

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
    np.testing.assert_array_equal(images.to_grey(Image.fromarray(photo)), images.to_grey(photo))


def test_a_grey_picture_is_refused():
    with pytest.raises(ValueError, match=r"red, green and blue; got \(7, 11\)"):
        images.to_grey(np.zeros((7, 11)))


@pytest.mark.parametrize("photo", [np.full((4, 6, 3), 255), np.full((4, 6, 3), 255.0)])
def test_a_value_range_that_would_be_guessed_is_refused(photo):
    with pytest.raises(ValueError, match=r"uint8 in 0\.\.255 or float in 0\.\.1"):
        images.to_grey(photo)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """The path of one file that is written again and again."""
    return tmp_path_factory.mktemp("images") / "scratch"


def saved(image, path, **settings):
    Image.fromarray(image).save(path, **settings)
    return path


@pytest.mark.parametrize("ending", ["png", "bmp", "tif", "ppm"])
def test_a_picture_comes_back_from_its_file(rng, tmp_path, ending):
    picture = rng.integers(0, 256, (7, 11, 3), dtype="uint8")
    path = saved(picture, tmp_path / f"picture.{ending}")
    for same in (path, str(path)):
        read = images.read_image(same)
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


# EXIF


def directory(entries, start):
    """Write a TIFF directory that begins at `start`; entries are (tag, type, count, bytes)."""
    place, body, rest = start + 2 + 12 * len(entries) + 4, struct.pack("<H", len(entries)), b""
    for tag, kind, count, value in sorted(entries):
        body += struct.pack("<HHL", tag, kind, count)
        body += value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<L", place + len(rest))
        rest += value if len(value) > 4 else b""
    return body + bytes(4) + rest


def block(entries, inner=None, inner_entries=()):
    """Write entries as EXIF has them, with a directory for the tag `inner` behind them."""

    def outer(place):
        pointer = [] if inner is None else [(inner, 4, 1, struct.pack("<L", place))]
        return directory([*entries, *pointer], 8)

    place = 8 + len(outer(0))
    behind = b"" if inner is None else directory(inner_entries, place)
    return b"II*\0" + struct.pack("<L", 8) + outer(place) + behind


def tiff(pixels, entries, *more):
    """Write an uncompressed TIFF."""
    height, width, _ = pixels.shape
    shorts = {0x100: width, 0x101: height, 0x103: 1, 0x106: 2, 0x115: 3, 0x116: height}
    structure = [(tag, 3, 1, struct.pack("<H", value)) for tag, value in shorts.items()]
    structure.append((0x102, 3, 3, struct.pack("<HHH", 8, 8, 8)))

    def head(place):
        strip = [(0x111, 4, 1, struct.pack("<L", place))]
        strip.append((0x117, 4, 1, struct.pack("<L", pixels.size)))
        return block([*entries, *structure, *strip], *more)

    return head(len(head(0))) + pixels.tobytes()


TURNED = (0x112, 3, 1, struct.pack("<H", 6))
ODD_NOTES = {
    "none": ([], None, []),
    "bias without denominator": ([], 0x8769, [(0x9204, 10, 1, struct.pack("<ll", -2, 0))]),
    "longitude in shorts": ([], 0x8825, [(3, 3, 2, struct.pack("<HH", 69, 0))]),
    "altitude in words": ([], 0x8825, [(6, 2, 3, b"12\0")]),
    "GPS before the file": ([(0x8825, 9, 1, struct.pack("<l", -5))], None, []),
    "GPS in words": ([(0x8825, 2, 3, b"ab\0")], None, []),
    "resolution in words": ([(0x11A, 2, 3, b"72\0")], None, []),
    "software as a float": ([(0x131, 11, 1, struct.pack("<f", 9.1))], None, []),
    "XMP in shorts": ([(700, 3, 2, struct.pack("<HH", 1, 0))], None, []),
}


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif", "mpo"])
@pytest.mark.parametrize("notes", ODD_NOTES)
def test_a_picture_is_turned_by_its_orientation_whatever_the_other_notes_say(
    tmp_path, notes, ending
):
    stored = np.zeros((24, 40, 3), np.uint8)
    stored[:12] = 255, 0, 0
    entries, *inner = ODD_NOTES[notes]
    path = tmp_path / f"a.{ending}"
    if ending == "tif":
        path.write_bytes(tiff(stored, [*entries, TURNED], *inner))
    else:
        exif = b"Exif\0\0" + block([*entries, TURNED], *inner)
        several = {"save_all": True, "append_images": [Image.new("RGB", (40, 24))]}
        Image.fromarray(stored).save(path, exif=exif, **(several if ending == "mpo" else {}))
    read = [images.read_image(path)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow, while it opens
        image = Image.open(path)
    with image:
        read.append(images.load_rgb(image))
    for upright in read:
        assert upright.shape == (40, 24, 3)
        assert (upright[:, 14:, 0] > 128).all()
        assert (upright[:, :10, 0] < 128).all()
    assert images.read_with_orientation(path)[1] == 6


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "MPO"])
@pytest.mark.parametrize("orientation", range(10))
def test_turning_agrees_with_pillow_where_the_notes_are_clean(tmp_path, rng, form, orientation):
    notes = Image.Exif()
    notes[0x0112] = orientation
    several = {"save_all": True, "append_images": [Image.new("RGB", (3, 5))], "exif": notes}
    pixels = Image.fromarray(rng.integers(0, 256, (7, 11, 3), "uint8"))
    pixels.save(tmp_path / "a", form, **(several if form == "MPO" else {"exif": notes}))
    with Image.open(tmp_path / "a") as image:
        wanted = np.asarray(ImageOps.exif_transpose(image))
    read, told = images.read_with_orientation(tmp_path / "a")
    np.testing.assert_array_equal(read, wanted)
    assert told == (orientation if 1 <= orientation <= 8 else 1)
    with Image.open(tmp_path / "a") as image:
        np.testing.assert_array_equal(images.load_rgb(image), wanted)
        np.testing.assert_array_equal(images.load_rgb(image), wanted)  # turned but once


SOUND_NOTES = block(
    [(0x10F, 2, 6, b"maker\0"), TURNED, (0x128, 3, 1, b"\2\0")],
    0x8769,
    [(0x9003, 2, 20, b"2020:01:01 00:00:00\0")],
)


@given(
    changes=st.lists(st.tuples(st.integers(0, len(SOUND_NOTES) - 1), st.integers(0, 255))),
    end=st.integers(34, len(SOUND_NOTES)),
    form=st.sampled_from(["JPEG", "PNG", "WEBP", "MPO"]),
)
def test_spoilt_notes_spoil_neither_the_picture_nor_its_turning(scratch, changes, end, form):
    notes = bytearray(SOUND_NOTES)
    for place, value in changes:
        if not (place < 10 or 22 <= place < 34):  # the header, and the orientation's own entry
            notes[place] = value
    image, exif = Image.new("RGB", (11, 7), (200, 90, 30)), b"Exif\0\0" + bytes(notes[:end])
    several = {"save_all": True, "append_images": [image]} if form == "MPO" else {}
    image.save(scratch, form, exif=exif, **several)
    read, orientation = images.read_with_orientation(scratch)
    assert (read.shape, orientation) == ((11, 7, 3), 6)


# What is no whole picture


def encoded(form, **settings):
    pixels = np.random.default_rng(5).integers(0, 256, (9, 14, 3), "uint8")
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **settings)
    return file.getvalue()


ENCODED = [
    encoded("PNG"),
    encoded("JPEG"),
    encoded("JPEG", progressive=True),
    encoded("GIF"),
    encoded("BMP"),
    encoded("TIFF"),
    encoded("WEBP"),
    encoded("WEBP", lossless=True),
    encoded("PPM"),
]


@given(data=st.sampled_from(ENCODED), share=st.floats(0, 1))
def test_a_picture_cut_short_is_refused_or_has_all_its_pixels(scratch, data, share):
    scratch.write_bytes(data)
    whole = images.read_image(scratch)
    os.truncate(scratch, int(share * len(data)))
    with contextlib.suppress(ValueError):
        np.testing.assert_array_equal(images.read_image(scratch), whole)


@given(
    beginning=st.sampled_from([b"", b"%!PS-Adobe-3.0 EPSF", *(data[:60] for data in ENCODED)]),
    rest=st.binary(max_size=300),
)
def test_any_bytes_are_a_picture_or_refused(scratch, beginning, rest):
    scratch.write_bytes(beginning + rest)
    with contextlib.suppress(ValueError):
        read = images.read_image(scratch)
        assert (read.dtype, read.ndim, read.shape[2]) == (np.uint8, 3, 3)


def test_no_other_program_is_started_for_eps(tmp_path, monkeypatch):
    (tmp_path / "gs").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n%%EndComments\nshowpage\n%%EOF\n"
    for name in ("a.eps", "a.png"):
        (tmp_path / name).write_bytes(eps)
        with pytest.raises(ValueError, match="it is none of these"):
            images.load_rgb(tmp_path / name)
        with Image.open(tmp_path / name) as image, pytest.raises(ValueError, match="EPS is drawn"):
            images.load_rgb(image)
    assert not (tmp_path / "ran").exists()


def test_pipes_and_endless_files_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    for path in (tmp_path / "a.jpg", tmp_path):
        with pytest.raises(ValueError, match="no regular file"):
            images.read_image(path)
    (tmp_path / "b.webp").write_bytes(ENCODED[6])
    os.truncate(tmp_path / "b.webp", 10**12)
    with pytest.raises(ValueError, match="1,000,000,000,000 bytes, more than 500,000,000"):
        images.read_image(tmp_path / "b.webp")


def test_an_image_of_too_many_pixels_is_refused_before_it_unfolds(tmp_path, monkeypatch):
    path = saved(np.zeros((100, 300, 3), "uint8"), tmp_path / "bomb.png")
    monkeypatch.setattr(images, "MAX_PIXELS", 29_999)
    with pytest.raises(ValueError, match="claims 100 x 300 pixels, more than 29,999"):
        images.read_image(path)
    with Image.open(path) as image, pytest.raises(ValueError, match="more than 29,999"):
        images.load_rgb(image)


def test_names_are_written_so_that_they_can_be_printed(tmp_path):
    name = os.fsdecode(b"caf\xe9\x1b[2J.png")
    (tmp_path / name).write_text("no picture")
    with pytest.raises(ValueError, match=r"/caf\\udce9\\x1b\[2J\.png, but") as caught:
        images.read_image(tmp_path / name)
    assert str(caught.value).isprintable()


def test_paths_images_of_pillow_and_arrays_are_one(rng, tmp_path):
    pixels = rng.integers(0, 256, (7, 11, 3), dtype="uint8")
    path = saved(pixels, tmp_path / "a.png")
    with Image.open(path) as opened:
        for same in (path, str(path), opened, Image.fromarray(pixels), pixels):
            np.testing.assert_array_equal(images.load_rgb(same), pixels)
    path.write_bytes(path.read_bytes()[:60])
    with Image.open(path) as opened, pytest.raises(ValueError, match=r"a broken one: .*trunc"):
        images.load_rgb(opened)
    with pytest.raises(FileNotFoundError):
        images.load_rgb(tmp_path / "nowhere.png")


def test_endings_are_those_that_pillow_has_for_the_formats():
    known = {".jpg", ".jpeg", ".jfif", ".jpe", ".mpo", ".png", ".apng", ".gif", ".bmp", ".webp"}
    known |= {".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"}
    assert known <= set(images.ENDINGS)
    assert {".heic", ".heif", ".avif", ".jp2", ".eps", ".tga"} <= set(images.OTHER_ENDINGS)
    assert not {".pdf", ".h5", ".mpg"} & {*images.ENDINGS, *images.OTHER_ENDINGS}
    assert not set(images.ENDINGS) & set(images.OTHER_ENDINGS)


def test_a_small_tiff_in_huge_tiles_is_refused_before_it_is_decoded():
    image = Image.new("RGB", (16, 8))
    image.tag_v2 = {322: 256, 323: 128}
    images.check_size(image)
    image.tag_v2 = {322: 20_000, 323: 20_000}
    with pytest.raises(ValueError, match="tiles of 400,000,000 pixels, but only 128 in all"):
        images.check_size(image)


def test_a_level_of_gray_that_is_transparent_lies_on_white_in_16_bits_too(tmp_path):
    path = tmp_path / "gray.png"
    levels = np.array([[0, 40_000, 0]], np.uint16)
    Image.fromarray(levels).save(path, transparency=0)
    assert images.read_image(path)[0, :, 0].tolist() == [255, 156, 255]

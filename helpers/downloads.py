"""Fetch one known file from the first of several hosts that delivers it.

The file's checksum decides what is accepted, so every host is as good as any other, and a download
that one host began another may finish. A file without a checksum begins anew each time.

A thread of its own talks to a host, and whoever waits for it waits only so long: time-outs of
sockets count from byte to byte, and a host may send the head of its answer for days.
"""

import collections
import contextlib
import dataclasses
import errno
import http
import os
import pathlib
import queue
import re
import shutil
import sys
import threading
import time
import urllib.parse

import filelock
import pooch
import requests
import tqdm
import urllib3

from helpers import storage, validation

_CHUNK_BYTES = 1 << 16
_CHUNKS_AHEAD = 16  # that a host may send before they are written
_MOST_REDIRECTS = 10
_CHECKSUM = re.compile("sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # disk full, quota reached, file too large


@dataclasses.dataclass(frozen=True)
class RemoteFile:
    """A file that one or several hosts offer, known by its size and its checksum.

    Parameters
    ----------
    name : str
        The name it gets in the cache, without a folder.
    urls : tuple of str
        Where to ask for it, the preferred address first.
    num_bytes : int
    checksum : str or None
        ``"sha256:..."`` or ``"md5:..."``, the rest in lower-case hexadecimal digits. None where
        nobody states any: then the size must do, so the addresses should begin with https, and
        whoever reads the file should check what is in it.

    Raises
    ------
    ValueError
        If `name`, `num_bytes` or `checksum` has another form.
    """

    name: str
    urls: tuple
    num_bytes: int
    checksum: str | None

    def __post_init__(self):
        if self.name in ("", ".", "..") or set(self.name) & set("/\\\0"):
            raise ValueError(f"expected the name of a file without a folder, got {self.name!r}")
        validation.integer(self.num_bytes, "num_bytes", minimum=1)
        for url in [self.urls] if isinstance(self.urls, str) else self.urls:
            if not _is_address(url) or isinstance(self.urls, str):
                raise ValueError(f"{self.name}: expected a tuple of web addresses, got {url!r}")
        if self.checksum is not None and not _CHECKSUM.fullmatch(self.checksum):
            raise ValueError(
                f"{self.name}: expected a checksum such as sha256:... or md5:..., with all its "
                f"digits in lower case, got {self.checksum!r}"
            )


@dataclasses.dataclass(frozen=True)
class Limits:
    """How long a host is waited for. All times are in seconds.

    Parameters
    ----------
    connect_seconds : float
        To make a connection.
    probe_seconds : float
        For a host to begin to deliver: to look up its name, connect, follow redirects and read
        what comes before the file. All hosts are asked at once, so this is the time for all.
    stall_seconds : float
        Without a single byte of the file, once a host delivers.
    measure_seconds : float
        Over which a host's rate is measured, again and again.
    patience_seconds : float
        That the rest of the file may take at the measured rate; a slower host is given up.
    attempts : int
        How often a host is asked whose connections break off halfway.

    Raises
    ------
    ValueError
        If one of them is not positive.
    """

    connect_seconds: float = 5
    probe_seconds: float = 8
    stall_seconds: float = 10
    measure_seconds: float = 10
    patience_seconds: float = 240
    attempts: int = 3

    def __post_init__(self):
        for field in dataclasses.fields(self):
            validation.real(getattr(self, field.name), field.name, above=0)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one host said when asked for a file.

    Parameters
    ----------
    host : str
    problem : str or None
        Why the file cannot be had there; None if it can.
    seconds : float
        How long it took to find out.
    """

    host: str
    problem: str | None
    seconds: float


class DownloadError(RuntimeError):
    """A file could not be had; `reasons` is a dict from host (or folder) to what went wrong."""

    def __init__(self, name, reasons):
        self.reasons = dict(reasons)
        lines = [f"  {place}: {reason}" for place, reason in self.reasons.items()]
        super().__init__("\n".join([f"{name} could not be downloaded", *lines]))


def is_complete(remote, folder):
    """Tell whether `folder` has the file, with the right size and checksum."""
    path = pathlib.Path(folder) / remote.name
    try:
        right_size = path.is_file() and path.stat().st_size == remote.num_bytes
        return right_size and _is_right(path, remote.checksum)
    except OSError:
        return False


def probe(remote, *, limits=None):
    """Ask every host at once whether it has the file, and download nothing.

    Parameters
    ----------
    remote : RemoteFile
    limits : Limits, optional

    Returns
    -------
    answers : list of Answer
        One for each address, in the order of `remote.urls`. All together take at most
        `limits.probe_seconds`.
    """
    answer = _ask_all(remote, limits or Limits())
    return [answer(url) for url in remote.urls]


def fetch(remote, folder, *, patient=False, limits=None, progress=True):
    """Bring the file into `folder`, unless it is there already.

    A download that was interrupted is kept as ``<name>.part`` and taken up again, or begun anew
    where no host sends the rest alone. Two processes that want the same file share one download.
    Nothing but the right file ever gets its name; what else has it is renamed, and a printed line
    says so.

    Parameters
    ----------
    remote : RemoteFile
    folder : str or pathlib.Path
        Made if need be.
    patient : bool
        What to do when every host is too slow: take the fastest, however long it needs, or give
        up.
    limits : Limits, optional
    progress : bool
        Whether to show a bar while bytes arrive.

    Returns
    -------
    path : pathlib.Path

    Raises
    ------
    DownloadError
        If no host delivers, or the folder cannot be written to or is full. The message has a
        line for each.
    """
    folder, limits = pathlib.Path(folder), limits or Limits()
    if is_complete(remote, folder):  # needs no lock, so a read-only cache serves, too
        return folder / remote.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        waiting = None if patient else limits.patience_seconds
        with taking_turns(folder / f".{remote.name}.lock", waiting, what=remote.name):
            if is_complete(remote, folder):  # another process was faster
                return folder / remote.name
            return _Download(remote, folder, limits, progress).run(patient=patient)
    except (OSError, NotImplementedError) as error:  # the latter: no locks on this file system
        raise DownloadError(remote.name, {str(folder): explain_folder(error)}) from error


@contextlib.contextmanager
def taking_turns(lock_path, seconds=None, *, what):
    """Let one process at a time into the block; say so when that means waiting.

    Parameters
    ----------
    lock_path : pathlib.Path
        An empty file that stands for the lock.
    seconds : float, optional
        How long to wait for the other process; without it, as long as it takes.
    what : str
        What is waited for, in the sentence that is printed.

    Raises
    ------
    OSError
        If the lock cannot be made, or is still held after `seconds` (``TimeoutError``).
    """
    storage.refuse_special(lock_path, links=False)
    lock = filelock.FileLock(lock_path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        print(f"Another process is busy with {what}; waiting for it.", flush=True)
        lock.acquire(timeout=-1 if seconds is None else seconds, poll_interval=0.2)
    try:
        yield
    finally:
        lock.release()


def explain_folder(error):
    """Turn an `OSError` of a folder into what can be said of the folder, with a remedy."""
    if isinstance(error, TimeoutError):
        return "is still in use by another process; try again later"
    if isinstance(error, OSError) and error.errno in _FULL:
        return f"is full ({error.strerror}); make room, or set WORKBOOK_CACHE to another folder"
    reason = getattr(error, "strerror", None) or error
    return f"cannot be written to ({reason}); set WORKBOOK_CACHE to a folder of your own"


def _is_right(path, checksum):
    if checksum is None:
        return True
    algorithm, _, digest = checksum.partition(":")
    return pooch.file_hash(str(path), alg=algorithm) == digest


class _HostFailed(Exception):
    """A host did not deliver."""


class _TooSlow(_HostFailed):
    def __init__(self, rate, seconds):
        super().__init__(f"too slow: {_rate(rate)}, would need another {_duration(seconds)}")
        self.rate = rate


class _WrongBytes(_HostFailed):
    def __init__(self):
        super().__init__("sent other bytes: the checksum is wrong")


class _Download:
    """One download: the hosts still to ask, and what became of the others."""

    def __init__(self, remote, folder, limits, progress):
        self.remote, self.folder, self.limits, self.progress = remote, folder, limits, progress
        self.part = folder / f"{remote.name}.part"
        self.reasons = {}  # host -> why it failed last
        self.rates = {}  # url -> bytes per second, for hosts given up as too slow

    def run(self, *, patient):
        """Return the path of the file, or raise `DownloadError`."""
        self._make_way_for_part()
        if self._kept() == self.remote.num_bytes:  # interrupted just before the check
            with contextlib.suppress(_WrongBytes):
                return self._accept()
        self._check_space()
        path = self._first_that_delivers(self._answering(), self.limits.patience_seconds)
        if path is None and patient and self.rates:
            path = self._first_that_delivers(self._fastest_first(), None)
        if path is None:
            raise DownloadError(self.remote.name, self.reasons)
        return path

    def _make_way_for_part(self):
        """Rename what cannot be written to, or would be written to elsewhere, as through a link."""
        try:
            storage.refuse_special(self.part, links=False)
            usable = not self.part.exists() or os.access(self.part, os.R_OK | os.W_OK)
        except OSError:
            usable = False
        if not usable:
            _set_aside(self.part)

    def _kept(self):
        """Count the bytes of the part file that are of use."""
        if self.remote.checksum is None or not self.part.exists():
            return 0  # without a checksum, nothing would tell if the rest is of another version
        size = self.part.stat().st_size
        return size if size <= self.remote.num_bytes else 0

    def _begun(self):
        """Tell at which byte to go on; all bytes together were no good if none is missing."""
        kept = self._kept()
        return kept if kept < self.remote.num_bytes else 0

    def _check_space(self):
        missing = self.remote.num_bytes - self._kept()
        if shutil.disk_usage(self.folder).free < missing:
            raise OSError(errno.ENOSPC, f"{missing / 1e6:,.0f} MB are needed")

    def _answering(self):
        """Yield the hosts that have the file, each as soon as all before it are settled."""
        answer = _ask_all(self.remote, self.limits)
        for url in self.remote.urls:
            said = answer(url)
            if said.problem is None:
                yield url
            else:
                self.reasons[said.host] = said.problem

    def _fastest_first(self):
        urls = sorted(self.rates, key=self.rates.get, reverse=True)
        rate, missing = self.rates[urls[0]], self.remote.num_bytes - self._kept()
        print(
            f"All hosts are slow. Going on with {_host(urls[0])} at {_rate(rate)}: "
            f"about {_duration(missing / rate)}. Interrupt any time, the next run goes on.",
            flush=True,
        )
        return urls

    def _first_that_delivers(self, urls, patience):
        attempts = collections.Counter()
        waiting = collections.deque()
        send_no_rest = set()  # hosts that are to be asked for the whole file
        for url in _then(urls, waiting):
            begun = 0 if url in send_no_rest else self._begun()
            attempts[url] += 1
            pace = _Pace(self.limits.measure_seconds, patience)
            try:
                return self._from_host(url, begun, pace)
            except _HostFailed as failure:
                self.reasons[_host(url)] = str(failure)
                if isinstance(failure, _TooSlow):
                    self.rates[url] = failure.rate
                elif begun and not pace.arrived:
                    send_no_rest.add(url)
                    waiting.append(url)
                elif pace.arrived and pace.missing > 0 and attempts[url] < self.limits.attempts:
                    waiting.append(url)
        return None

    def _from_host(self, url, begun, pace):
        self._stream(url, begun, pace)
        try:
            return self._accept()
        except _WrongBytes:
            if not begun:
                raise
        # Another host may have spoilt the beginning.
        self._stream(url, 0, pace)
        return self._accept()

    def _accept(self):
        """Give the file its name if it is the right one, or else remove it.

        It keeps the name of a part until it has been checked, so an interruption loses nothing.
        """
        if not _is_right(self.part, self.remote.checksum):
            self.part.unlink()
            raise _WrongBytes
        path = self.folder / self.remote.name
        if os.path.lexists(path):
            _set_aside(path)
        os.replace(self.part, path)
        return path

    def _stream(self, url, begun, pace):
        """Write what the host sends to the part file, from the byte number `begun` on."""
        with contextlib.closing(_Request(self.remote, url, self.limits, begun)) as request:
            request.wait_until_begun(self.limits.probe_seconds)
            pace.begin(self.remote.num_bytes - begun)
            with self._writing(begun) as write, self._bar(url, begun) as bar:
                try:
                    for chunk in request.chunks():
                        pace.count(len(chunk))
                        write(chunk)
                        bar.update(len(chunk))
                except _HostFailed:
                    if pace.missing:  # or else it is there, whatever came afterwards
                        raise
        if pace.missing:
            raise _HostFailed("broke off halfway")

    @contextlib.contextmanager
    def _writing(self, begun):
        """Write from `begun` on; what lies beyond, from an earlier run, stays until replaced."""
        try:
            with open(self.part, "r+b" if self.part.exists() else "wb") as file:
                if self._kept() == 0:
                    file.truncate(0)
                file.seek(begun)
                yield file.write
        except OSError as error:
            if error.errno in _FULL:  # give back the room that this took
                self.part.unlink(missing_ok=True)
            raise

    def _bar(self, url, begun):
        return tqdm.tqdm(
            desc=f"{self.remote.name} from {_host(url)}",
            initial=begun,
            total=self.remote.num_bytes,
            unit="B",
            unit_scale=True,
            file=sys.stdout,  # so that a notebook shows no red box
            leave=False,
            disable=not self.progress,
        )


class _Pace:
    """Counts the bytes that arrive, and loses patience."""

    def __init__(self, measure_seconds, patience):
        self.measure_seconds, self.patience = measure_seconds, patience
        self.arrived = False

    def begin(self, missing):
        self.missing, self.arrived = missing, False
        self._measure()

    def _measure(self):
        self.started, self.counted = time.monotonic(), 0

    def count(self, num_bytes):
        self.arrived = True
        self.counted += num_bytes
        self.missing -= num_bytes
        if self.missing < 0:
            raise _HostFailed("sent more bytes than the file has")
        elapsed = time.monotonic() - self.started
        if elapsed < self.measure_seconds:
            return
        rate = self.counted / elapsed
        if self.patience is not None and self.missing / rate > self.patience:
            raise _TooSlow(rate, self.missing / rate)
        self._measure()


class _Request:
    """Asks a host for a file from one byte on, in a thread of its own.

    Nobody waits for the thread, so no host can hold anybody up; it is a daemon, since name look-ups
    and hosts that drip can take longer than Python runs. It alone touches the connection, and
    closes it as soon as it notices that nobody listens any more.
    """

    def __init__(self, remote, url, limits, first_byte=0, *, only_begin=False):
        self.remote, self.url, self.limits, self.first_byte = remote, url, limits, first_byte
        self.only_begin = only_begin
        self.started, self.seconds = time.monotonic(), None  # how long the answer took
        self.arrived = queue.Queue(_CHUNKS_AHEAD)  # None for the head, chunks, b"" for the end
        self.given_up = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def wait_until_begun(self, seconds):
        """Return when the host begins to send what was asked for."""
        self._next(seconds, f"gave no answer within {self.limits.probe_seconds:g} s")

    def chunks(self):
        """Yield bytes as they arrive."""
        seconds = self.limits.stall_seconds
        while chunk := self._next(seconds, f"stopped sending for {seconds:g} s"):
            yield chunk

    def close(self):
        self.given_up.set()
        with contextlib.suppress(queue.Empty):
            while True:  # the thread may be waiting for room
                self.arrived.get_nowait()

    def _next(self, seconds, reason):
        try:
            item = self.arrived.get(timeout=max(seconds, 0))
        except queue.Empty:
            raise _HostFailed(reason) from None
        if isinstance(item, _HostFailed):
            raise item
        return item

    def _run(self):
        try:
            with requests.Session() as session, self._answer(session) as response:
                _check_offer(self.remote, response, self.first_byte)
                self._begin()
                # read1 returns what is there; a plain read would wait for the whole chunk.
                read = getattr(response.raw, "read1", response.raw.read)
                while not (self.only_begin or self.given_up.is_set()):
                    chunk = read(_CHUNK_BYTES, decode_content=False)
                    self.arrived.put(chunk)
                    if not chunk:
                        return
        except _HostFailed as failure:
            self._begin(failure)
        except Exception as error:  # in a thread nobody else would hear of it
            self._begin(_HostFailed(_explain(error, self.limits)))

    def _begin(self, failure=None):
        self.seconds = self.seconds or time.monotonic() - self.started
        self.arrived.put(failure)

    def _answer(self, session):
        """Follow redirects, without a look at what comes with them and never away from https."""
        headers = {"Accept-Encoding": "identity", "User-Agent": "cnn-workbook"}
        if self.first_byte:
            # No If-Range: what one host began another may finish; the checksum has the last word.
            headers["Range"] = f"bytes={self.first_byte}-"
        timeout = self.limits.connect_seconds, self.limits.stall_seconds
        url, find_target = self.url, session.get_redirect_target
        session.get_redirect_target = lambda response: None  # requests reads redirects to the end
        for _ in range(_MOST_REDIRECTS + 1):
            response = session.get(url, headers=headers, stream=True, timeout=timeout)
            target = find_target(response)
            if target is None:
                return response
            response.close()
            previous, url = url, urllib.parse.urljoin(url, target)
            if _scheme(previous) == "https" and _scheme(url) != "https":
                raise _HostFailed("redirects to an address without https")
        raise _HostFailed("redirects without end")


def _check_offer(remote, response, first_byte):
    """Check what a host offers before a byte of it is read, and quote it only in part."""
    status, headers = response.status_code, response.headers
    if status != (requests.codes.partial_content if first_byte else requests.codes.ok):
        raise _HostFailed(f"answered with status {_in_words(status)}")
    if headers.get("Content-Type", "").lower().startswith("text/html"):
        raise _HostFailed("answered with an HTML page, as a proxy or a sign-in page does")
    offered, wanted = headers.get("Content-Length"), remote.num_bytes - first_byte
    if offered is not None and offered != str(wanted):
        raise _HostFailed(f"offers {offered[:20]} bytes, but {wanted} are wanted")
    found = headers.get("Content-Range", "")
    if first_byte and not found.startswith(f"bytes {first_byte}-"):
        found = validation.shown(found)
        raise _HostFailed(f"was asked for the bytes from {first_byte} on, but offers {found}")


def _ask_all(remote, limits):
    """Ask all hosts at once; return a function that waits for one host's answer."""
    end = time.monotonic() + limits.probe_seconds
    requested = {url: _Request(remote, url, limits, only_begin=True) for url in remote.urls}

    def answer(url):
        problem = None
        try:
            requested[url].wait_until_begun(end - time.monotonic())
        except _HostFailed as failure:
            problem = str(failure)
        return Answer(_host(url), problem, requested[url].seconds or limits.probe_seconds)

    return answer


def _explain(error, limits):
    """Put a failed request into words, the most telling class first."""
    connect, stall = limits.connect_seconds, limits.stall_seconds
    table = (
        (requests.exceptions.ProxyError, "the proxy on the way there does not let it through"),
        (requests.exceptions.SSLError, "its certificate does not hold (a proxy may be reading)"),
        (requests.exceptions.ConnectTimeout, f"no connection within {connect:g} s"),
        (requests.exceptions.ReadTimeout, f"gave no answer within {stall:g} s"),
        (requests.exceptions.ConnectionError, "cannot be reached"),
        (urllib3.exceptions.ReadTimeoutError, f"stopped sending for {stall:g} s"),
        (urllib3.exceptions.HTTPError, "broke off halfway"),
    )
    for kind, words in table:
        if isinstance(error, kind):
            return words
    return f"failed with {validation.shown(error)}"


def _set_aside(path):
    aside = storage.set_aside(path)
    print(f"{path} is not the file that is wanted; it is now {aside.name}.", flush=True)


def _then(first, waiting):
    """Yield all of `first`, then what has gathered in the deque `waiting` until it is empty."""
    yield from first
    while waiting:
        yield waiting.popleft()


def _host(url):
    return urllib.parse.urlsplit(url).netloc.rpartition("@")[2]  # a password is not for messages


def _is_address(url):
    try:
        parts = urllib.parse.urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except (TypeError, ValueError, AttributeError):
        return False


def _scheme(url):
    return urllib.parse.urlsplit(url).scheme


def _in_words(status):
    with contextlib.suppress(ValueError):
        return f"{status} ({http.HTTPStatus(status).phrase})"
    return str(status)


def _rate(bytes_per_second):
    return f"{bytes_per_second / 1e6:.2f} MB/s"


def _duration(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"

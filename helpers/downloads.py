"""Fetch one known file from the first of several hosts that delivers it.

The file's checksum decides what is accepted, so every host is as good as any other, and a download
that one host began another may finish. A file without a checksum begins anew each time.
"""

import collections
import concurrent.futures
import contextlib
import dataclasses
import errno
import logging
import os
import pathlib
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

_CHUNK_BYTES = 1 << 16
_CHECKSUM = re.compile("sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # disk full, quota reached, file too large


@dataclasses.dataclass(frozen=True)
class RemoteFile:
    """A file that one or several hosts offer, known by its size and its checksum.

    Parameters
    ----------
    name : str
        The name it gets in the cache.
    urls : tuple of str
        Where to ask for it, the preferred address first.
    num_bytes : int
    checksum : str or None
        ``"sha256:..."`` or ``"md5:..."``, the rest in lower-case hexadecimal digits. None where
        the publisher states none: then the size must do, so the addresses should begin with
        https, and whoever reads the file should check what is in it.

    Raises
    ------
    ValueError
        If `checksum` has another form.
    """

    name: str
    urls: tuple
    num_bytes: int
    checksum: str | None

    def __post_init__(self):
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
        For all hosts together to answer at all. Name look-ups have no time-out of their own, so
        this one covers them.
    stall_seconds : float
        Without a single byte, once a host delivers.
    measure_seconds : float
        Over which a host's rate is measured, again and again.
    patience_seconds : float
        That the rest of the file may take at the measured rate; a slower host is given up.
    attempts : int
        How often a host is asked whose connections break off halfway.
    """

    connect_seconds: float = 5
    probe_seconds: float = 8
    stall_seconds: float = 10
    measure_seconds: float = 10
    patience_seconds: float = 240
    attempts: int = 3


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
        right_size = path.stat().st_size == remote.num_bytes
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
    limits = limits or Limits()
    ask = _ask_all(remote, limits)
    return [ask(url) for url in remote.urls]


def fetch(remote, folder, *, patient=False, limits=None, progress=True):
    """Bring the file into `folder`, unless it is there already.

    A download that was interrupted is kept as ``<name>.part`` and taken up again. Two processes
    that want the same file share one download. Nothing but the right file ever gets its name.

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
    """A host did not deliver; `again` tells whether asking it once more may help."""

    def __init__(self, reason, *, again=False):
        super().__init__(reason)
        self.again = again


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
        if self._kept() == self.remote.num_bytes:  # interrupted just before the check
            with contextlib.suppress(_WrongBytes):
                return self._accept(self.remote.urls[0])
        self._check_space()
        path = self._first_that_delivers(self._answering(), self.limits.patience_seconds)
        if path is None and patient and self.rates:
            path = self._first_that_delivers(self._fastest_first(), None)
        if path is None:
            raise DownloadError(self.remote.name, self.reasons)
        return path

    def _kept(self):
        """Count the bytes of the part file that more can be appended to."""
        if self.remote.checksum is None:
            return 0  # nothing would tell if the rest belonged to another version
        return _size(self.part)

    def _check_space(self):
        missing = self.remote.num_bytes - self._kept()
        if shutil.disk_usage(self.folder).free < missing:
            raise OSError(errno.ENOSPC, f"{missing / 1e6:,.0f} MB are needed")

    def _answering(self):
        """Yield the hosts that have the file, each as soon as all before it are settled."""
        ask = _ask_all(self.remote, self.limits)
        for url in self.remote.urls:
            answer = ask(url)
            if answer.problem is None:
                yield url
            else:
                self.reasons[answer.host] = answer.problem

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
        for url in _then(urls, waiting):
            attempts[url] += 1
            try:
                return self._from_host(url, patience)
            except _HostFailed as failure:
                self.reasons[_host(url)] = str(failure)
                if isinstance(failure, _TooSlow):
                    self.rates[url] = failure.rate
                if failure.again and attempts[url] < self.limits.attempts:
                    waiting.append(url)
        return None

    def _from_host(self, url, patience):
        resumed = self._kept() > 0
        try:
            return self._get(url, patience)
        except _WrongBytes:
            if not resumed:
                raise
            return self._get(url, patience)  # another host may have spoilt the beginning

    def _get(self, url, patience):
        self._stream(url, patience)
        return self._accept(url)

    def _accept(self, url):
        """Let pooch check the checksum and give the file its name; a wrong one is removed."""
        if self.remote.checksum is None:
            return self.part.replace(self.folder / self.remote.name)
        try:
            with _quiet_pooch():
                path = pooch.retrieve(
                    url,
                    known_hash=self.remote.checksum,
                    fname=self.remote.name,
                    path=self.folder,
                    downloader=lambda url, draft, _: os.replace(self.part, draft),
                )
        except ValueError as error:
            raise _WrongBytes from error
        return pathlib.Path(path)

    def _stream(self, url, patience):
        """Append what is missing to the part file."""
        begun = self._kept() if self._kept() < self.remote.num_bytes else 0
        with _open(self.remote, url, self.limits, first_byte=begun) as response:
            if response.status_code != requests.codes.partial_content:
                begun = 0  # this host cannot resume and sends the whole file
            wanted = self.remote.num_bytes - begun
            pace = _Pace(wanted, self.limits.measure_seconds, patience)
            with self._part(begun) as write, self._bar(url, begun) as bar:
                for chunk in _chunks(response, self.limits):
                    pace.count(len(chunk))
                    write(chunk)
                    bar.update(len(chunk))
        if pace.missing:
            raise _HostFailed("broke off halfway", again=pace.missing < wanted)

    @contextlib.contextmanager
    def _part(self, begun):
        try:
            with open(self.part, "ab" if begun else "wb") as file:
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

    def __init__(self, missing, measure_seconds, patience):
        self.missing, self.measure_seconds, self.patience = missing, measure_seconds, patience
        self._restart()

    def _restart(self):
        self.started, self.counted = time.monotonic(), 0

    def count(self, num_bytes):
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
        self._restart()


def _chunks(response, limits):
    """Yield bytes as they arrive."""
    # read1 returns what is there; a plain read would wait for a trickle to fill the whole chunk.
    read = getattr(response.raw, "read1", response.raw.read)
    arrived = False
    try:
        while chunk := read(_CHUNK_BYTES, decode_content=False):
            arrived = True
            yield chunk
    except urllib3.exceptions.ReadTimeoutError as error:
        reason = f"stopped sending for {limits.stall_seconds:g} s"
        raise _HostFailed(reason, again=arrived) from error
    except urllib3.exceptions.HTTPError as error:
        raise _HostFailed("broke off halfway", again=arrived) from error


@contextlib.contextmanager
def _open(remote, url, limits, *, first_byte=0):
    """Ask a host for the file from `first_byte` on, and check what it offers."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "cnn-workbook"}
    if first_byte:
        # No If-Range: what one host began another may finish, and the checksum has the last word.
        headers["Range"] = f"bytes={first_byte}-"
    try:
        response = requests.get(
            url,
            headers=headers,
            stream=True,
            timeout=(limits.connect_seconds, limits.stall_seconds),
        )
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _HostFailed(_explain(error, limits)) from error
    with response:
        _check_offer(remote, response, first_byte)
        yield response


def _check_offer(remote, response, first_byte):
    status = response.status_code
    if status not in (requests.codes.ok, requests.codes.partial_content):
        raise _HostFailed(f"answered with status {status} ({response.reason})")
    if response.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise _HostFailed("answered with an HTML page, as a proxy or a sign-in page does")
    begins = first_byte if status == requests.codes.partial_content else 0
    offered, wanted = response.headers.get("Content-Length"), remote.num_bytes - begins
    if offered is not None and offered != str(wanted):
        raise _HostFailed(f"offers {offered} bytes, but {wanted} are wanted")
    found = response.headers.get("Content-Range", "")
    if begins and not found.startswith(f"bytes {begins}-"):
        raise _HostFailed(f"was asked for the bytes from {begins} on, but offers {found!r}")


def _ask_all(remote, limits):
    """Ask all hosts at once; return a function that waits for one host's answer.

    The threads are daemons, since a name look-up can hang for longer than anybody wants to wait.
    """
    started = time.monotonic()
    pending = {url: concurrent.futures.Future() for url in remote.urls}
    for url, future in pending.items():
        threading.Thread(target=_ask, args=(remote, url, limits, future), daemon=True).start()

    def answer(url):
        left = started + limits.probe_seconds - time.monotonic()
        try:
            return pending[url].result(timeout=max(left, 0))
        except concurrent.futures.TimeoutError:
            seconds = limits.probe_seconds
            return Answer(_host(url), f"gave no answer within {seconds:g} s", seconds)

    return answer


def _ask(remote, url, limits, future):
    started = time.monotonic()
    try:
        with _open(remote, url, limits):
            problem = None
    except _HostFailed as failure:
        problem = str(failure)
    except Exception as error:  # in a thread nobody else would hear of it
        problem = f"failed with {error!r}"
    future.set_result(Answer(_host(url), problem, time.monotonic() - started))


def _explain(error, limits):
    """Put a failed request into words, the most telling class first."""
    connect, stall = limits.connect_seconds, limits.stall_seconds
    table = (
        (requests.exceptions.ProxyError, "the proxy on the way there does not let it through"),
        (requests.exceptions.SSLError, "its certificate does not hold (a proxy may be reading)"),
        (requests.exceptions.ConnectTimeout, f"no connection within {connect:g} s"),
        (requests.exceptions.ReadTimeout, f"gave no answer within {stall:g} s"),
        (requests.exceptions.TooManyRedirects, "redirects without end"),
        (requests.exceptions.ConnectionError, "cannot be reached"),
    )
    for kind, words in table:
        if isinstance(error, kind):
            return words
    return f"failed with {error!r}"


@contextlib.contextmanager
def _quiet_pooch():
    """Keep pooch from logging to stderr, which a notebook shows in red."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _then(first, waiting):
    """Yield all of `first`, then what has gathered in the deque `waiting` until it is empty."""
    yield from first
    while waiting:
        yield waiting.popleft()


def _size(path):
    return path.stat().st_size if path.exists() else 0


def _host(url):
    return urllib.parse.urlsplit(url).netloc


def _rate(bytes_per_second):
    return f"{bytes_per_second / 1e6:.2f} MB/s"


def _duration(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"

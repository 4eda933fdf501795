"""A web server on this machine that behaves as badly as a test asks for."""

import contextlib
import http.server
import threading
import time


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32

    def handle_error(self, request, client_address):
        """Stay silent when a client hangs up, which is what many tests are about."""


class Host:
    """What a test knows about its server: its addresses, and who asked for what."""

    def __init__(self, server):
        self.base = f"http://127.0.0.1:{server.server_address[1]}"
        self.name = self.base.removeprefix("http://")
        self.requests = []  # of each a dict: path, range (None without), sent (bytes so far)
        self.stopping = threading.Event()

    def url(self, path="/file"):
        return self.base + path


@contextlib.contextmanager
def serving(behaviour):
    """Run a server; `behaviour(request, host)` answers each GET through `send` and its like."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.record = {"path": self.path, "range": self.headers.get("Range"), "sent": 0}
            host.requests.append(self.record)
            behaviour(self, host)

        def log_message(self, *args):
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    host = Host(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host
    finally:
        host.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def send_head(request, status=200, **headers):
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), str(value))
    request.end_headers()


def send(payload, *, ranges=True, stop_after=None, bytes_per_second=None, length=True, **headers):
    """Behave well, or stop after some bytes, or send slowly, or know nothing of ranges."""

    def behaviour(request, host):
        wanted, head = request.headers.get("Range"), dict(headers)
        begins = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and ranges else 0
        body = payload[begins:]
        if length:
            head["Content_Length"] = len(body)
        if begins:
            head["Content_Range"] = f"bytes {begins}-{len(payload) - 1}/{len(payload)}"
        send_head(request, 206 if begins else 200, **head)
        _write(request, host, body[:stop_after], bytes_per_second)

    return behaviour


def _write(request, host, body, bytes_per_second):
    step = 4096 if bytes_per_second is None else max(bytes_per_second // 50, 1)
    for start in range(0, len(body), step):
        if host.stopping.is_set():
            return
        piece = body[start : start + step]
        request.wfile.write(piece)
        request.record["sent"] += len(piece)
        if bytes_per_second is not None:
            time.sleep(step / bytes_per_second)


def status(number):
    """Answer with an error status and an HTML page, as servers do."""
    page = b"<html>No.</html>"

    def behaviour(request, host):
        send_head(request, number, Content_Type="text/html", Content_Length=len(page))
        request.wfile.write(page)

    return behaviour


def html_page(page=b"<html>Please sign in.</html>"):
    def behaviour(request, host):
        head = {"Content_Type": "text/html; charset=utf-8", "Content_Length": len(page)}
        send_head(request, 200, **head)
        request.wfile.write(page)

    return behaviour


def redirect(to, *, endless=False):
    """Send elsewhere, perhaps with a page that never ends."""

    def behaviour(request, host):
        send_head(request, 302, Location=to, Content_Length=10**12 if endless else 0)
        while endless and not host.stopping.is_set():
            request.wfile.write(bytes(1 << 16))
            request.record["sent"] += 1 << 16

    return behaviour


def drip(begin, piece, *, seconds=0.05):
    """Write some bytes as they are, and then a piece again and again, never long after the last."""

    def behaviour(request, host):
        request.wfile.write(begin)
        while not host.stopping.wait(seconds):
            request.wfile.write(piece)

    return behaviour


def refuse_ranges(behaviour, refusal):
    """Answer a request for a part of the file in another way than one for all of it."""

    def either(request, host):
        (refusal if request.headers.get("Range") else behaviour)(request, host)

    return either


def stall(payload, *, after):
    """Send some bytes and then nothing, with the connection kept open."""

    def behaviour(request, host):
        send_head(request, 200, Content_Length=len(payload))
        with contextlib.suppress(OSError):
            request.wfile.write(payload[:after])
            request.wfile.flush()
            request.record["sent"] += after
            host.stopping.wait()

    return behaviour


def silence():
    """Accept the connection and never say a word."""

    def behaviour(request, host):
        host.stopping.wait()

    return behaviour


def in_turn(*behaviours):
    """Behave differently from one request to the next; the last behaviour stays.

    The first request of a fetch only asks whether the file is there; the others download.
    """
    lock, count = threading.Lock(), iter(range(1_000_000))

    def behaviour(request, host):
        with lock:
            number = next(count)
        behaviours[min(number, len(behaviours) - 1)](request, host)

    return behaviour


def by_path(**behaviours):
    def behaviour(request, host):
        behaviours[request.path.strip("/")](request, host)

    return behaviour

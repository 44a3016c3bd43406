"""A tiny local site of the sample pages under the real headers, for a browser to look at."""

import mimetypes
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from rendering import PAGES, rendered

from family_portal import assets
from family_portal.web.frame import HEADERS

Fragment = Callable[[], tuple[str, str]]
"""Answers a part's HTML and what is said about it."""


class Site(ThreadingHTTPServer):
    """The running site: `fragments` by path, pages that have `ended`, and a stream that `tell` puts events on.

    `answers` are given to forms, one to each that is sent: 422 and a page, or 303 and where it goes on.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.fragments: dict[str, Fragment] = {}
        self.fetched: list[str] = []
        self.ended: set[str] = set()
        self.answers: list[tuple[int, str]] = []
        self._streams: list[queue.Queue[str]] = []

    def listen(self) -> queue.Queue[str]:
        """A new reader of the stream."""
        stream: queue.Queue[str] = queue.Queue()
        self._streams.append(stream)
        return stream

    def tell(self, event: str) -> None:
        """Send an event to every open page; "" ends the streams."""
        for stream in self._streams:
            stream.put(event)
        if not event:
            self._streams.clear()


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        name = path.strip("/")
        self.server.fetched.append(path)
        if path in self.server.fragments:
            html, said = self.server.fragments[path]()
            self._answer(
                html.encode(), "text/html; charset=utf-8", {"Kith-Said": quote(said)} if said else {}
            )
        elif name.startswith("assets/"):
            self._file(name)
        elif name.endswith("live"):
            self._stream()
        elif name in self.server.ended:
            self._answer(b"<h1>It has ended.</h1>", "text/html; charset=utf-8", {}, 404)
        elif name in PAGES:
            cookie = self.headers.get("Cookie", "")
            self._answer(rendered(name, cookie).encode(), "text/html; charset=utf-8", {})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.server.answers.pop(0)
        if status == 303:
            self._answer(b"", "text/plain", {"Location": answer}, status)
        else:
            self._answer(answer.encode(), "text/html; charset=utf-8", {}, status)

    def _stream(self) -> None:
        stream = self.server.listen()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": here\n\n")
        self.wfile.flush()
        while event := stream.get():
            self.wfile.write(f"event: {event}\ndata:\n\n".encode())
            self.wfile.flush()

    def _file(self, name: str) -> None:
        path = assets.DIST / "assets" / name.split("/", 2)[2]
        kind = "font/woff2" if path.suffix == ".woff2" else mimetypes.guess_type(path.name)[0]
        self._answer(path.read_bytes(), kind or "text/plain", {})

    def _answer(self, body: bytes, kind: str, more: dict[str, str], status: int = 200) -> None:
        self.send_response(status)
        for header, value in {**HEADERS, **more, "Content-Type": kind}.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def site() -> Iterator[Site]:
    """A running site."""
    running = Site()
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield running
    finally:
        running.tell("")
        running.shutdown()
        running.server_close()

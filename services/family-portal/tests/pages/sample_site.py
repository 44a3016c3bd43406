"""A tiny local site of the sample pages under the real headers, for a browser to look at."""

import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rendering import PAGES, rendered

from family_portal import assets
from family_portal.web.frame import HEADERS

_ended = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.partition("?")[0].strip("/")
        if name.startswith("assets/"):
            self._file(name)
        elif name.endswith("live"):
            self._stream()
        elif name in PAGES:
            cookie = self.headers.get("Cookie", "")
            self._answer(rendered(name, cookie).encode(), "text/html; charset=utf-8")
        else:
            self.send_error(404)

    def _stream(self) -> None:
        """A stream on which nothing happens."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": here\n\n")
        self.wfile.flush()
        _ended.wait(60)

    def _file(self, name: str) -> None:
        path = assets.DIST / "assets" / name.split("/", 2)[2]
        kind = "font/woff2" if path.suffix == ".woff2" else mimetypes.guess_type(path.name)[0]
        self._answer(path.read_bytes(), kind or "text/plain")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        for header, value in HEADERS.items():
            self.send_header(header, value)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def site() -> Iterator[str]:
    """The address of a running site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    _ended.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        _ended.set()
        server.shutdown()
        server.server_close()

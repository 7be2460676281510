"""A preview of the site on this machine, as a well-kept host would serve it: gzip, headers, the 404 page.

``make serve`` uses it, and so do the tests and ``make bench``, which measure what a reader would transfer.
"""

import gzip
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from informal_ict.publish.security import HEADERS

LOOPBACK = "127.0.0.1"
COMPRESSED = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
}
LEVEL = 6  # what nginx and GitHub Pages use, near enough


@lru_cache(maxsize=512)
def _compressed(path: Path, changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), LEVEL, mtime=0)


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves a folder with the headers that the site is meant to be served with."""

    protocol_version = "HTTP/1.1"
    own_headers: Mapping[str, str] = HEADERS

    def do_GET(self) -> None:
        """Send a text compressed where the browser takes it; anything else as it is."""
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.partition("?")[0].endswith("/"):
            path /= "index.html"
        kind = COMPRESSED.get(path.suffix)
        if kind is None or not path.is_file() or "gzip" not in self.headers.get("Accept-Encoding", ""):
            super().do_GET()
            return
        self._send(HTTPStatus.OK, kind, _compressed(path, path.stat().st_mtime_ns), encoding="gzip")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The book's own page for an address that leads nowhere."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        self._send(HTTPStatus.NOT_FOUND, COMPRESSED[".html"], page.read_bytes())

    def end_headers(self) -> None:
        """Add the headers that keep a page to itself."""
        for name, value in self.own_headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep no log of what is read."""

    def _send(self, status: HTTPStatus, kind: str, body: bytes, encoding: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        if encoding:
            self.send_header("Content-Encoding", encoding)
            self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class SiteServer(ThreadingHTTPServer):
    """A server that does not mind a browser that leaves before the end of a page."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that the browser closed; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class BareHandler(SiteHandler):
    """The same without the headers of the book, for pages that would not work under its policy."""

    own_headers: Mapping[str, str] = {}


def site_server(folder: Path, port: int = 0, handler: type[SiteHandler] = SiteHandler) -> SiteServer:
    """A server for a folder, reachable from this machine alone; port 0 takes a free one."""
    return SiteServer((LOOPBACK, port), partial(handler, directory=str(folder)))


@contextmanager
def served(folder: Path, handler: type[SiteHandler] = SiteHandler) -> Iterator[str]:
    """Serve a folder while the block runs; gives the address."""
    with site_server(folder, handler=handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}"
        finally:
            server.shutdown()

"""What stands between people and their tracking server: it delays, fails, hangs up and asks who you are."""

from __future__ import annotations

import base64
import contextlib
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Fault = Callable[[int], str]

NO_REDIRECT = {"host", "connection", "transfer-encoding", "content-length"}


class FaultyProxy:
    """Forwards requests to a server, each as `fault` says of its number (1, 2, …).

    ``pass``; ``503`` (answered here); ``hang up`` (never forwarded); ``lose`` (forwarded, the answer is
    lost); ``hold`` (forwarded once `held` is set).
    """

    def __init__(self, target: str) -> None:
        self.fault: Fault = lambda number: "pass"
        self.password: tuple[str, str] | None = None
        self.held = threading.Event()
        self.asked = 0
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each answer waits 40 ms for the client's acknowledgement

            def do(self) -> None:
                try:
                    body = self.body()
                except ValueError:  # whoever sent it was killed half way
                    self.close_connection = True
                    return
                with proxy._lock:
                    proxy.asked += 1
                    what = proxy.fault(proxy.asked)
                if proxy.password and self.headers.get("Authorization") != _basic(*proxy.password):
                    self.answer(401, b"who are you?", {"WWW-Authenticate": "Basic"})
                elif what == "503":
                    self.answer(503, b"try later", {})
                elif what == "hang up":
                    self.close_connection = True
                else:
                    if what == "hold":
                        proxy.held.wait()
                    answered = self.forward(body)
                    if what == "lose":
                        self.close_connection = True
                    else:
                        self.answer(*answered)

            def body(self) -> bytes:
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.all_of(int(self.headers.get("Content-Length") or 0))
                found = b""
                while size := int(self.rfile.readline(), 16):
                    found += self.all_of(size)
                    self.rfile.readline()
                self.rfile.readline()
                return found

            def all_of(self, size: int) -> bytes:
                found = self.rfile.read(size)
                if len(found) < size:
                    raise ValueError
                return found

            def forward(self, body: bytes) -> tuple[int, bytes, dict[str, str]]:
                kept = {
                    name: value for name, value in self.headers.items() if name.lower() not in NO_REDIRECT
                }
                request = urllib.request.Request(target + self.path, body or None, kept, method=self.command)
                try:
                    with urllib.request.urlopen(request, timeout=60) as found:
                        return found.status, found.read(), dict(found.headers)
                except urllib.error.HTTPError as error:
                    return error.code, error.read(), dict(error.headers)
                except OSError:
                    return 502, b"nobody is there", {}

            def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in NO_REDIRECT:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):  # whoever asked may be gone
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
            setattr(Handler, f"do_{method}", Handler.do)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def reset(self) -> None:
        """Forward everything, count from 1, and let nobody wait."""
        self.fault = lambda number: "pass"
        self.password = None
        self.held.clear()
        self.asked = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[FaultyProxy]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.held.set()
            self._server.shutdown()
            self._server.server_close()


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

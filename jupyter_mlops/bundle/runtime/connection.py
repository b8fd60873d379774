"""uvicorn's connection, with a limit for the head of a request, and a short way for quick answers.

Bodies have their limits in `predictions.py`, which is asked once the head is there. A head that never ends
would otherwise fill the memory, or keep a connection, before anybody was asked for a token.

Most requests are small, come in one piece and are answered in microseconds. A task, a scope and messages for
each would cost more than the prediction, so such a request is held back until its body is there, which is
nearly always at once, and answered without them. Everything else goes uvicorn's way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from .http import headers_of

if TYPE_CHECKING:
    import asyncio

    from .app import App
    from .questions import Reply

HEAD_BYTES = 2**16
"""The largest head, beyond the pieces of it that came first, with the end of another request, and last."""
HEAD_SECONDS = 10.0
"""How long one may take, from the connection or its first byte on."""


class Connection(HttpToolsProtocol):
    """Closes what sends no whole head: with 400 if it is large, with nothing if it is slow."""

    app: App
    _head_bytes = 0
    _in_head = True
    _too_late: asyncio.TimerHandle | None = None
    _idle_since: float | None = None
    """When the last answer was written, while nothing has come since."""
    _held: list[bytes] | None = None
    """What is there of the body of a request that may be answered at once."""
    _ended_one = False
    """Whether the piece that came last holds the end of a request: then most of it may be a body."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        self._stop_idle_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; count what is there of a head that has not ended."""
        self._ended_one = False
        super().data_received(data)
        if self._held is not None:
            self._let_go()
        if not self._in_head or self.transport.is_closing():
            return
        if not self._ended_one:
            self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self.send_400_response("The head of the request is too large.")
        elif self._too_late is None:
            self._wait()

    def on_message_begin(self) -> None:
        """The parser saw the first byte of a request."""
        self._in_head = True
        self._head_bytes = 0
        # what uvicorn's callbacks for the head fill; its scope can wait
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """The parser saw the end of a head."""
        self._in_head = False
        self._wait_no_more()
        self._held = []
        if not self._may_be_answered_at_once():
            self._let_go()

    def on_body(self, body: bytes) -> None:
        """The parser saw a piece of a body."""
        if self._held is None:
            super().on_body(body)
        else:
            self._held.append(body)

    def on_message_complete(self) -> None:
        """The parser saw the end of a request."""
        self._ended_one = True
        if self._held is not None:
            body = self._held[0] if len(self._held) == 1 else b"".join(self._held)
            if self.app.answer_at_once(self.url, self.headers, body, self._write):
                self._held = None
                self._after_an_answer()
                return
            self._let_go()
        super().on_message_complete()

    def _may_be_answered_at_once(self) -> bool:
        is_free = self.cycle is None or self.cycle.response_complete
        return (
            self.url in self.app.at_once
            and is_free
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and not self.expect_100_continue
            and not self.parser.should_upgrade()
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def _let_go(self) -> None:
        """Hand what was held back to uvicorn, which goes on with it."""
        url, headers, expects, held = self.url, self.headers, self.expect_100_continue, self._held or ()
        self._held = None
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()
        for piece in held:
            super().on_body(piece)

    def _write(self, reply: Reply) -> None:
        """A whole answer in one piece, as uvicorn would write it in two."""
        headers = headers_of(reply)
        ends = (b"connection", b"close") in headers or not self.parser.should_keep_alive()
        if ends and (b"connection", b"close") not in headers:
            headers.append((b"connection", b"close"))
        lines = [b"%b: %b\r\n" % each for each in (*self.server_state.default_headers, *headers)]
        self.transport.write(b"".join([STATUS_LINE[reply.status], *lines, b"\r\n", reply.body]))
        if ends:
            self.transport.close()

    def _after_an_answer(self) -> None:
        """Wait for the next request, but not for ever: one clock for all, as each costs a microsecond."""
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self._start_idle_clock(self.timeout_keep_alive)

    def on_response_complete(self) -> None:
        """The same after uvicorn's own answers."""
        self._stop_idle_clock()
        super().on_response_complete()
        self._idle_since = None if self.timeout_keep_alive_task is None else self.loop.time()

    def _unset_keepalive_if_required(self) -> None:
        """Uvicorn asks for this with each piece that comes."""
        self._idle_since = None

    def timeout_keep_alive_handler(self) -> None:
        """The clock rang: close what was idle all the time."""
        self.timeout_keep_alive_task = None
        if self._idle_since is not None:
            rest = self._idle_since + self.timeout_keep_alive - self.loop.time()
            if rest > 0:
                self._start_idle_clock(rest)
            else:
                super().timeout_keep_alive_handler()

    def _start_idle_clock(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _stop_idle_clock(self) -> None:
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

    def _wait(self) -> None:
        self._too_late = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None

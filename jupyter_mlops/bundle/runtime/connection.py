"""uvicorn's connection, with a limit for the head of a request: its first line and its headers.

Bodies have their limits in `predictions.py`, which is asked once the head is there. A head that never ends
would otherwise fill the memory, or keep a connection, before anybody was asked for a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

HEAD_BYTES = 2**16
"""The largest head, beyond the piece of it that came last."""
HEAD_SECONDS = 10.0
"""How long one may take, from the connection or its first byte on."""


class Connection(HttpToolsProtocol):
    """Closes what sends no whole head: with 400 if it is large, with nothing if it is slow."""

    _head_bytes = 0
    _in_head = True
    _too_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what is there of a head that has not ended."""
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self.send_400_response("The head of the request is too large.")
        elif self._too_late is None:
            self._wait()

    def on_message_begin(self) -> None:
        """The parser saw the first byte of a request."""
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The parser saw the end of a head."""
        self._in_head = False
        self._wait_no_more()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._too_late = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None

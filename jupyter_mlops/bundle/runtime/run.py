"""Run the application with uvicorn until a signal asks to stop, and finish what was taken on."""

from __future__ import annotations

import gc
import sys
from time import monotonic
from typing import TYPE_CHECKING

import uvicorn

from .connection import Connection
from .memory import give_back

if TYPE_CHECKING:
    import socket
    import ssl
    from types import FrameType

    from .app import App

_FINISH_SECONDS = 25
"""How long requests under way may take after the server was told to stop; platforms kill after 30."""


_IDLE_SECONDS = 75
"""How long an idle connection stays open: longer than load balancers keep theirs, which is mostly 60."""
_NEW_OBJECTS = 20_000
_TURN_SECONDS = 0.0005


def run(app: App, listener: socket.socket, *, drain_seconds: float, tls: ssl.SSLContext | None) -> None:
    """Serve on `listener`, with https if there is a context for it.

    Returns after SIGTERM or SIGINT, when all that was taken on is answered.
    """
    config = uvicorn.Config(
        app,
        http=Connection,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,  # nobody here asks where a client sits
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_FINISH_SECONDS,
        ssl_context_factory=None if tls is None else lambda *_: tls,
    )
    # What is here now stays: no need to look through it again and again for what can go.
    gc.collect()
    gc.freeze()
    give_back()
    # Requests make few objects that refer to each other in a circle: look for those less often.
    gc.set_threshold(_NEW_OBJECTS, 20, 20)
    # A thread behind the answers counts and logs; an answer waits for it no longer than this.
    sys.setswitchinterval(_TURN_SECONDS)
    _Server(config, app, drain_seconds).run(sockets=[listener])


class _Server(uvicorn.Server):
    """uvicorn, but told to stop it first says so to its clients, and only then closes its door.

    A client that keeps its connection open may be sending a request in the moment the server closes it. So
    for a while each answer ends its connection, readiness says no, and new connections are still taken.
    """

    def __init__(self, config: uvicorn.Config, app: App, drain_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_seconds = drain_seconds
        self._close_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal begins the end, the second one hurries."""
        if self._close_at is not None:
            super().handle_exit(sig, frame)
            return
        self._close_at = monotonic() + self._drain_seconds
        self._app.stop_soon()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: is it time to close the door?"""
        if self._close_at is not None and monotonic() >= self._close_at:
            self.should_exit = True
        return await super().on_tick(counter)

"""Which ports of this machine are free."""

from __future__ import annotations

import os
import socket

from jupyter_mlops.errors import ServeError

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """True when a server could listen on `port` now. Raises ServeError when it is no port at all."""
    with socket.socket() as probe:
        if os.name == "posix":  # a port whose last connections are still fading is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            # Binding alone may succeed beside a server; listening does not.
            probe.listen(1)
        except OSError:
            return False
        except OverflowError as error:
            raise ServeError(f"{port} is not a port.", "Use a number from 1024 to 65535.") from error
    return True


def free_port(first: int) -> int:
    """The first free port from `first` upwards. Raises ServeError when there is none."""
    for port in range(first, 65536):
        if is_free(port):
            return port
    raise ServeError(f"No port from {first} upwards is free.", "Stop a server, or name a port with --port.")

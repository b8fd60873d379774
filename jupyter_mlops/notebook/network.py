"""Whether what Python announces to audit hooks leaves this machine: connections, and names to look up.

Loopback addresses and Unix sockets do not, unless a proxy of the environment listens there. Which host it was
is never kept.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from typing import Any
from urllib.parse import urlsplit

NETWORK_EVENTS = frozenset(
    (
        "socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
        "http.client.connect", "urllib.Request",
    )
)  # fmt: skip
_LOCAL_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "")
_PROXIES = [name for kind in ("http", "https", "all") for name in (f"{kind}_proxy", f"{kind}_proxy".upper())]
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


def leaves_machine(event: str, arguments: tuple[Any, ...]) -> bool:
    """True if one of `NETWORK_EVENTS` is about another machine."""
    match event:
        case "urllib.Request":
            return is_remote_address(str(arguments[0]))
        case "http.client.connect":
            return not is_here(arguments[1]) or _is_proxy(arguments[2])
        case "socket.getaddrinfo" | "socket.gethostbyname":
            return not is_here(arguments[0])
    used, address = arguments[0], arguments[1]
    if used.family not in _FAMILIES or type(address) is not tuple:
        return False  # a Unix socket; or a message on a connection that was announced before
    return not is_here(address[0]) or _is_proxy(address[1])


def is_remote_address(text: str) -> bool:
    """True for an address such as ``https://example.org/a.csv`` or ``s3://bucket/a``, not for a file's."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme not in {"file", "data", ""} and "://" in text and not is_here(parts.hostname)


def is_here(host: object) -> bool:
    """True for a name or address of loopback, for this machine's own name, and for none at all."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None:
        return True
    if not isinstance(name, str):
        return False
    name = name.strip("[]").rstrip(".").lower()
    if name in _LOCAL_NAMES or name.endswith(".localhost") or name == socket.gethostname().lower():
        return True
    try:
        found = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback or found.is_unspecified)


def _is_proxy(port: object) -> bool:
    for name in _PROXIES:
        try:
            if port is not None and urlsplit(os.environ.get(name, "")).port == port:
                return True
        except ValueError:  # of a port that is none
            continue
    return False

"""Who may ask what: the token that each address wants, and what is open without any."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from .problems import BadRequest, StartError
from .tokens import ADMIN, PREDICT, Tokens

if TYPE_CHECKING:
    from pathlib import Path

    from .http import Request

_OPEN = re.compile(r"/ping|/health|/docs|/v2/health/(live|ready)|/v2/models/[^/]+(/versions/[^/]+)?/ready")
"""What platforms ask to learn whether the server is well, and a page that is the same for all models."""
_ADMIN = re.compile(r"/(metrics|drift|feedback|admin)(/.*)?")
_CHANGES = re.compile(r"/admin(/.*)?")
_SCHEME = b"bearer "


class Access:
    """Lets a request through, or says what it lacks.

    Args:
        tokens: those that count; None if none were asked for.
        is_local: only programs on this machine can reach the server.
    """

    def __init__(self, tokens: Tokens | None, *, is_local: bool) -> None:
        self._tokens = tokens
        self._is_local = is_local

    def check(self, request: Request) -> None:
        """Without tokens all is open, but nobody from elsewhere may change how the server works.

        Raises:
            BadRequest: 401 without a token that is known, 403 with one for something else.
        """
        if self._tokens is None:
            if not self._is_local and _CHANGES.fullmatch(request.path):
                raise BadRequest(
                    "NO_TOKENS", "this address needs a server with tokens; see --tokens", status=403
                )
            return
        if _OPEN.fullmatch(request.path):
            return
        kinds = _kinds(self._tokens, request)
        if _ADMIN.fullmatch(request.path):
            wanted = {ADMIN}
        elif request.method in {"GET", "HEAD"}:  # about the model: whoever has a token may know
            wanted = {ADMIN, PREDICT}
        else:
            wanted = {PREDICT}
        if not kinds & wanted:
            kind = min(wanted)
            raise BadRequest("WRONG_TOKEN", f"this address needs a token of the kind {kind}", status=403)


def decide(tokens: Path | None, host: str, *, insecure: bool) -> Access:
    """The access that a server on `host` gives.

    Raises:
        StartError: others could reach it and there are no tokens, or their file is no such file.
    """
    is_local = is_loopback(host)
    if tokens is None and not is_local and not insecure:
        raise StartError(
            f"Anybody who reaches {host or 'this machine'} could use the model: there are no tokens.",
            f"Make one with `--new-token {PREDICT} --tokens FILE` and start with `--tokens FILE`; "
            "or type --insecure (in a container: SERVE_TOKENS, SERVE_INSECURE=1).",
        )
    return Access(None if tokens is None else Tokens(tokens), is_local=is_local)


def is_loopback(host: str) -> bool:
    """True for an address that only this machine has."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _kinds(tokens: Tokens, request: Request) -> frozenset[str]:
    given = request.headers.get(b"authorization", b"")
    if given[: len(_SCHEME)].lower() != _SCHEME:
        raise _unknown("expected Authorization: Bearer, and a token", b"Bearer")
    kinds = tokens.kinds_of(given[len(_SCHEME) :].strip())
    if not kinds:
        raise _unknown("this token is not known here", b'Bearer error="invalid_token"')
    return kinds


def _unknown(message: str, scheme: bytes) -> BadRequest:
    return BadRequest("NO_TOKEN", message, status=401, headers=((b"www-authenticate", scheme),))

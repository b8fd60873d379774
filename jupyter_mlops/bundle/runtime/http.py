"""HTTP as the server sees it: an ASGI request, its whole body within limits, and a reply in two messages."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from .problems import BadRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping

    from .questions import Reply

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]


class Gone(Exception):  # noqa: N818 - nothing went wrong here: the client closed the connection
    """The client did not wait for the answer."""


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}


class Request:
    """A request, and a way to its body where that was not read yet.

    Attributes:
        method: GET, POST, …
        path: decoded, without the query.
        headers: by name in lower case; of several with one name, the last.
    """

    __slots__ = ("_receive", "headers", "method", "path")

    def __init__(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[bytes, bytes]],
        receive: Receive = _nothing_more,
    ) -> None:
        self.method = method
        self.path = path
        self.headers = dict(headers)
        self._receive = receive

    async def body(self, limit: int) -> bytes:
        """The whole body, counted while it arrives: Content-Length may be absent.

        Raises:
            BadRequest: it has more than `limit` bytes.
            Gone: the client went away.
        """
        message = await self._receive()
        if (
            message["type"] == "http.request"
            and not message.get("more_body")
            and len(message["body"]) <= limit
        ):
            whole: bytes = message["body"]
            return whole
        chunks: list[bytes] = []
        size = 0
        while True:
            if message["type"] == "http.disconnect":
                raise Gone
            chunk = message.get("body", b"")
            size += len(chunk)
            if size <= limit:
                chunks.append(chunk)
            else:
                # The rest is read and dropped for a while: a client that is still sending would otherwise
                # see a broken connection instead of the answer.
                chunks.clear()
            if not message.get("more_body") or size > 4 * limit:
                break
            message = await self._receive()
        if size > limit:
            raise BadRequest("BODY_TOO_LARGE", f"the body is larger than {limit} bytes", status=413)
        return b"".join(chunks)


def content_kind(headers: Mapping[bytes, bytes]) -> str:
    """The media type in lower case, empty if none was given. Raises BadRequest if it is not plain UTF-8."""
    return _kind(headers.get(b"content-type", b""), headers.get(b"content-encoding", b"identity"))


@functools.lru_cache(maxsize=64)
def _kind(given: bytes, encoding: bytes) -> str:
    kind, _, parameters = given.decode("latin-1").partition(";")
    charset = parameters.partition("charset=")[2].split(";")[0].strip(' "').lower()
    if charset not in {"", "utf-8", "utf8", "us-ascii"} or encoding.lower() != b"identity":
        raise BadRequest(
            "UNSUPPORTED_MEDIA_TYPE", "expected a body in plain UTF-8, not compressed", status=415
        )
    return kind.strip().lower()


def headers_of(reply: Reply) -> list[tuple[bytes, bytes]]:
    """All headers of an answer: its own, and what its body asks for."""
    headers = [(b"content-length", b"%d" % len(reply.body)), *reply.headers]
    if reply.body:
        headers.append((b"content-type", reply.kind))
    return headers


async def answer(send: Send, reply: Reply) -> None:
    """Send a reply."""
    await send({"type": "http.response.start", "status": reply.status, "headers": headers_of(reply)})
    await send({"type": "http.response.body", "body": reply.body})

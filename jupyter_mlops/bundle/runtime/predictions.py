"""What becomes of a request for predictions, from its body to the bytes of the answer."""

from __future__ import annotations

import asyncio
import functools
import itertools
import re
import secrets
import time
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .deadlines import Deadlines
from .http import content_kind
from .problems import BadRequest
from .watch import Answered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .http import Request
    from .questions import Question, Reply
    from .scoring import Scored
    from .versions.versions import Version, Versions
    from .watch import Watch

_SMALL, _LARGE = 2**16, 2**21
"""Up to so many bytes a body may be answered at once. One of more than the other is read in a thread."""
_SERVER, _COUNT = secrets.token_hex(8).encode(), itertools.count(1)
"""Ids of requests: those of this server, one after the other."""
_REQUEST_ID = re.compile(rb"[!-~]{1,128}")


@dataclass(frozen=True)
class Limits:
    """What the server takes on: bytes of a body, seconds of a request, requests under way."""

    body: int = 16 * 2**20
    seconds: float = 60.0
    requests: int = 512


class Predictions:
    """Answers requests for predictions, and tells the watch of them."""

    def __init__(self, versions: Versions, watch: Watch, limits: Limits) -> None:
        self._versions = versions
        self._served = versions.champion.served
        self._watch = watch
        self._limits = limits
        self._deadlines = Deadlines(limits.seconds)

    def handler(
        self, protocol: Any, route: str, only: Version | None = None
    ) -> Callable[[Request], Awaitable[Reply]]:
        """For an address that speaks `protocol`.

        Args:
            protocol: one of ``protocols/``.
            route: the address's pattern, for the figures.
            only: the version that the address names; None where the rollout's rule decides.
        """

        return functools.partial(self._predict, protocol, route, only)

    def at_once(
        self, protocol: Any, route: str, only: Version | None = None
    ) -> Callable[[Request, bytes], Reply | None]:
        """The same for requests whose whole body is here: the reply, or None if it takes any waiting.

        Then the handler has to be asked: it knows all limits.
        """
        return functools.partial(self._predict_at_once, protocol, route, only)

    def _predict_at_once(
        self, protocol: Any, route: str, only: Version | None, request: Request, body: bytes
    ) -> Reply | None:
        if self._watch.inflight >= self._limits.requests or len(body) > min(_SMALL, self._limits.body):
            return None
        start = perf_counter()
        question = protocol.read(body, content_kind(request.headers), self._served.columns, request.headers)
        parsed = perf_counter()
        self._check_methods(question)
        found = self._versions.at_once(question, request, only)
        return found and self._reply(protocol, route, request, question, *found, (start, start, parsed))

    async def _predict(self, protocol: Any, route: str, only: Version | None, request: Request) -> Reply:
        watch = self._watch
        if watch.inflight >= self._limits.requests:
            raise BadRequest("BUSY", "too many requests are under way; try again", status=503)
        watch.inflight += 1
        task = self._deadlines.begin()
        is_read = False
        try:
            start = perf_counter()
            body = await request.body(self._limits.body)
            is_read = True
            return await self._answer(protocol, route, request, body, start, only)
        except asyncio.CancelledError:
            if not self._deadlines.is_late(task):
                raise
            raise self._too_late(is_read) from None
        finally:
            self._deadlines.end(task)
            watch.inflight -= 1

    async def _answer(
        self, protocol: Any, route: str, request: Request, body: bytes, start: float, only: Version | None
    ) -> Reply:
        begin = perf_counter()
        question = await self._read(protocol, body, request)
        parsed = perf_counter()
        self._check_methods(question)
        scored, version = await self._versions(question, request, only)
        return self._reply(protocol, route, request, question, scored, version, (start, begin, parsed))

    def _check_methods(self, question: Question) -> None:
        for method in question.methods:
            if method not in self._served.engine.methods:
                raise BadRequest("BAD_PARAMETER", f"this model has no {method}", "$.params.method")

    def _reply(
        self,
        protocol: Any,
        route: str,
        request: Request,
        question: Question,
        scored: Scored,
        version: Version,
        times: tuple[float, float, float],
    ) -> Reply:
        """The answer in the protocol's words; once it is sent, the watch learns of it.

        `times` are when the request began, when its body was there and when it was understood.
        """
        start, begin, parsed = times
        writing = perf_counter()
        reply: Reply = protocol.write(question, scored.answers)
        encode = perf_counter() - writing
        mark = request_id(request)
        reply.headers = (*reply.headers, version.header, (b"x-request-id", mark))
        stages = (parsed - begin, scored.prepare, scored.predict, encode)

        def sent() -> None:
            answers = dict(zip(question.methods, scored.answers, strict=True))
            method = "predict" if "predict" in answers else question.methods[0]
            self._watch.answered(
                Answered(
                    request_id=mark.decode(),
                    at=time.time(),
                    route=route,
                    protocol=protocol.NAME,
                    version=version.name,
                    method=method,
                    batch=question.batch,
                    answer=answers[method],
                    seconds=perf_counter() - start,
                    stages=stages,
                    probabilities=answers.get("predict_proba") if method == "predict" else None,
                )
            )

        reply.sent = sent
        return reply

    async def _read(self, protocol: Any, body: bytes, request: Request) -> Question:
        kind, columns, headers = content_kind(request.headers), self._served.columns, request.headers
        if len(body) > _LARGE:
            question: Question = await asyncio.to_thread(protocol.read, body, kind, columns, headers)
        else:
            question = protocol.read(body, kind, columns, headers)
        return question

    def _too_late(self, is_read: bool) -> BadRequest:
        seconds = f"{self._limits.seconds:g} s"
        if is_read:
            return BadRequest("TIMEOUT", f"there was no answer within {seconds}", status=503)
        # The rest of the body may still come, so this connection is of no more use.
        close = ((b"connection", b"close"),)
        return BadRequest("SLOW_BODY", f"the body did not arrive within {seconds}", status=408, headers=close)


def request_id(request: Request) -> bytes:
    """The client's own, if it is one that can be told back; true labels come under it."""
    given = request.headers.get(b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given
    return b"%b-%x" % (_SERVER, next(_COUNT))

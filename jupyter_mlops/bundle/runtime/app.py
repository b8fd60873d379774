"""The HTTP side: which address does what, and errors that name the field and never repeat its value."""

from __future__ import annotations

import dataclasses
import functools
import secrets
import sys
import traceback
import urllib.parse
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .help_page import docs_page, help_page
from .http import Gone, Request, answer
from .predictions import Limits, Predictions
from .problems import BadRequest
from .protocols import kserve_v1, mlflow
from .protocols.openapi import openapi
from .protocols.v2 import V2
from .questions import Reply, to_json
from .schema import read_document
from .versions.calls import RolloutCalls
from .watch.calls import WatchCalls

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from pathlib import Path

    from .access import Access
    from .http import Message, Receive, Send
    from .versions.versions import Version, Versions
    from .watch import Watch

    Handler = Callable[[Request], Awaitable[Reply]]

_PATTERNS = {
    "invocations": ("/invocations", "mlflow"),
    "predict": ("/v1/models/{model}:predict", "kserve_v1"),
    "infer": ("/v2/models/{model}/infer", "v2"),
}
"""By the end of an address: under which route and protocol a refusal is counted."""


class App:
    """The ASGI application for one bundle.

    Attributes:
        taken: requests that were read, so far.
        answered: those whose answer was given to the connection, or whose client had gone.
        at_once: addresses, as they are sent, whose requests may be answered by `answer_at_once`.

    Args:
        versions: the loaded model, or two of them.
        folder: the bundle, for its schema.
        access: who may ask what.
        watch: what counts and logs.
        ready: whether the recorded example was predicted; until then the health answers 503.
        limits: what it takes on.
    """

    def __init__(
        self, versions: Versions, folder: Path, *, access: Access, watch: Watch, ready: bool, limits: Limits
    ) -> None:
        self.taken = 0
        self.answered = 0
        served = versions.champion.served
        self._served = served
        self._versions = versions
        self._access = access
        self._watch = watch
        self._watch.ready = self._ready = ready
        self._is_stopping = False
        self._predictions = Predictions(versions, watch, limits)
        self.at_once: dict[bytes, tuple[str, Callable[[Request, bytes], Reply | None]]] = {}
        manifest = served.manifest
        version = {"name": manifest.name, "version": manifest.version, "run_id": manifest.run_id}
        rollout, watched = RolloutCalls(versions), WatchCalls(watch)
        schema = read_document(folder) | {"classes": served.engine.classes}
        self._routes: Mapping[str, Mapping[str, Handler]] = {
            "/invocations": {"POST": self._predicts("/invocations", mlflow, "/invocations")},
            "/ping": {"GET": self._health},
            "/health": {"GET": self._health},
            "/version": {"GET": _always(Reply(200, to_json(version)))},
            "/schema": {"GET": _always(Reply(200, to_json(schema)))},
            "/metrics": {"GET": watched.metrics},
            "/drift": {"GET": watched.drift},
            "/feedback": {"POST": watched.feedback},
            "/admin/rollout": {"GET": rollout.show, "POST": rollout.change},
            "/": {"GET": self._front},
            "/docs": {"GET": _always(docs_page())},
            "/openapi.json": {"GET": self._openapi},
            **self._open_inference(),
        }

    def _open_inference(self) -> dict[str, dict[str, Handler]]:
        """The addresses of KServe's protocols, which have the model's name in them."""
        v2 = V2(self._served, [version.name for version in self._versions.all()])
        name = self._served.manifest.name
        routes: dict[str, dict[str, Handler]] = {
            "/v1/models": {"GET": _always(Reply(200, to_json({"models": [name]})))},
            f"/v1/models/{name}": {"GET": functools.partial(self._readiness, {"name": name})},
            f"/v1/models/{name}:predict": {
                "POST": self._predicts(f"/v1/models/{name}:predict", kserve_v1, "/v1/models/{model}:predict")
            },
            "/v2": {"GET": _always(Reply(200, to_json(v2.server())))},
            "/v2/health/live": {"GET": _always(Reply(200, to_json({"live": True})))},
            "/v2/health/ready": {"GET": functools.partial(self._readiness, {})},
        }
        for only in (None, *self._versions.all()):
            own = v2 if only is None else V2(only.served, [only.name])
            model = f"/v2/models/{name}" + ("" if only is None else f"/versions/{only.name}")
            infer = self._predicts(f"{model}/infer", own, "/v2/models/{model}/infer", only)
            routes[model] = {"GET": _always(Reply(200, to_json(own.model())))}
            routes[f"{model}/ready"] = {"GET": functools.partial(self._readiness, {"name": name})}
            routes[f"{model}/infer"] = {"POST": infer}
        return routes

    def _predicts(self, path: str, protocol: Any, route: str, only: Version | None = None) -> Handler:
        if self._versions.are_quick:
            address = urllib.parse.quote(path, safe="/:").encode()
            self.at_once[address] = path, self._predictions.at_once(protocol, route, only)
        return self._predictions.handler(protocol, route, only)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        self.taken += 1
        request = Request(scope["method"], scope["path"], scope["headers"], receive)
        try:
            reply = self._last_of_its_connection(await self._answer(request))
            await answer(send, reply)
            if reply.sent is not None:
                reply.sent()
        except Gone:
            pass
        self.answered += 1

    def answer_at_once(
        self,
        address: bytes,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
        write: Callable[[Reply], None],
    ) -> bool:
        """Answer a POST to one of `at_once` with `write`, without a task; False if it takes any waiting."""
        start = perf_counter()
        path, predict = self.at_once[address]
        request = Request("POST", path, headers)
        try:
            self._access.check(request)
            reply = predict(request, body)
        except Exception as error:  # noqa: BLE001 - as in _answer
            reply = self._refused(error, request, start)
        if reply is None:
            return False
        self.taken += 1
        write(self._last_of_its_connection(reply))
        if reply.sent is not None:
            reply.sent()
        self.answered += 1
        return True

    def _last_of_its_connection(self, reply: Reply) -> Reply:
        if self._is_stopping:
            reply = dataclasses.replace(reply, headers=(*reply.headers, (b"connection", b"close")))
        return reply

    def stop_soon(self) -> None:
        """From now on readiness answers 503, and each answer ends its connection."""
        self._is_stopping = True
        self._watch.ready = False

    async def _answer(self, request: Request) -> Reply:
        start = perf_counter()
        try:
            self._access.check(request)
            return await self._handler(request)(request)
        except Gone:
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence: no value may reach the client or the log
            return self._refused(error, request, start)

    def _refused(self, error: Exception, request: Request, start: float) -> Reply:
        path = request.path
        reply = refusal(error, path) if isinstance(error, BadRequest) else _hidden(error, path)
        route, protocol = _PATTERNS.get(path.rpartition("/")[2].rpartition(":")[2], ("other", ""))
        self._watch.refused(route, protocol, reply.status, perf_counter() - start)
        return reply

    def _handler(self, request: Request) -> Handler:
        known = self._routes.get(request.path)
        if known is None:
            raise BadRequest("NOT_FOUND", "there is no such address; see GET /", status=404)
        method = "GET" if request.method == "HEAD" else request.method
        if method not in known:
            allowed = (b"allow", ", ".join(known).encode())
            raise BadRequest(
                "METHOD_NOT_ALLOWED",
                "this address takes another method; see GET /",
                status=405,
                headers=(allowed,),
            )
        return known[method]

    async def _health(self, _: Request) -> Reply:
        if self._is_stopping:
            return refusal(BadRequest("STOPPING", "the server is about to stop", status=503))
        if self._ready:
            return Reply(200)
        message = "the recorded example could not be predicted; see the server's log"
        return refusal(BadRequest("NOT_READY", message, status=503))

    async def _front(self, request: Request) -> Reply:
        """A page for people; for programs, what KServe's client takes for a sign of life."""
        if b"text/html" in request.headers.get(b"accept", b""):
            return help_page(self._served)
        return Reply(200, to_json({"status": "alive", "docs": "/docs", "openapi": "/openapi.json"}))

    async def _openapi(self, _: Request) -> Reply:
        return Reply(200, to_json(openapi(self._served, self._routes)))

    async def _readiness(self, told: Mapping[str, str], _: Request) -> Reply:
        is_ready = self._ready and not self._is_stopping
        return Reply(200 if is_ready else 503, to_json({**told, "ready": is_ready}))


def refusal(problem: BadRequest, address: str = "") -> Reply:
    """What a client gets that cannot be answered: a code, what was expected, and where."""
    if address.startswith(("/v1/", "/v2")):  # KServe's and Triton's clients show the text under error
        place = "" if problem.path == "$" else f" ({problem.path})"
        told = {"error": problem.message + place, "error_code": problem.code, "path": problem.path}
        return Reply(problem.status, to_json(told), headers=problem.headers)
    content = {"error_code": problem.code, "message": problem.message, "path": problem.path}
    return Reply(problem.status, to_json(content), headers=problem.headers)


def _always(reply: Reply) -> Handler:
    async def same(_: Request) -> Reply:
        return reply

    return same


def _hidden(error: Exception, address: str) -> Reply:
    """A fixed answer with an id; the log gets the type and the lines, not the message: it may hold values."""
    mark = secrets.token_hex(8)
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    sys.stderr.write(f"request {mark} failed with {type(error).__name__}\n{frames}\n")
    sys.stderr.flush()
    message = f"the model could not answer; the server's log has the id {mark}"
    return refusal(BadRequest("INTERNAL_ERROR", message, status=500), address)

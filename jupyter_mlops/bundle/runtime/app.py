"""The HTTP side: MLflow's scoring protocol, with errors that name the field and never repeat its value."""

from __future__ import annotations

import asyncio
import html
import json
import secrets
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from .problems import BadRequest
from .validate import read_csv, read_json

if TYPE_CHECKING:
    from .model import Served

BODY_LIMIT = 16 * 2**20
_READERS = {"application/json": read_json, "text/csv": read_csv}
_PLACEHOLDERS = {
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "string": "text",
    "datetime": "2026-01-31T12:00:00",
}
_STATUS_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


def build_app(served: Served, folder: Path, *, ready: bool, body_limit: int = BODY_LIMIT) -> Starlette:
    """The application for one model.

    Args:
        served: the loaded model.
        folder: the bundle, for its schema and example.
        ready: whether the recorded example was predicted; until then the health answers 503.
        body_limit: the most bytes a request may have.
    """
    # One thread: scikit-learn holds the interpreter lock anyway, and requests are answered in order.
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")
    manifest = served.manifest
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8")) | {"classes": served.classes}
    page = _help_page(served)

    def predict(body: bytes, kind: str) -> list[Any]:
        return served.score(_READERS[kind](body, served.columns))

    async def invocations(request: Request) -> Response:
        try:
            kind = _content_kind(request)
            body = await _read_body(request, body_limit)
            loop = asyncio.get_running_loop()
            return _json({"predictions": await loop.run_in_executor(worker, predict, body, kind)})
        except BadRequest as problem:
            return _error(problem.status, problem.code, problem.message, problem.path)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:  # noqa: BLE001 - the last line of defence: no value may reach the client or the log
            return _hidden(error)

    async def health(_: Request) -> Response:
        if ready:
            return Response()
        return _error(503, "NOT_READY", "the recorded example could not be predicted; see the server's log")

    async def version(_: Request) -> Response:
        return _json({"name": manifest.name, "version": manifest.version, "run_id": manifest.run_id})

    async def show_schema(_: Request) -> Response:
        return _json(schema)

    async def show_help(_: Request) -> Response:
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(page, media_type="text/html", headers=headers)

    app = Starlette(
        routes=[
            Route("/invocations", invocations, methods=["POST"]),
            Route("/ping", health),
            Route("/health", health),
            Route("/version", version),
            Route("/schema", show_schema),
            Route("/", show_help),
        ],
        exception_handlers={HTTPException: _refused},
    )
    app.router.redirect_slashes = False
    return app


def _content_kind(request: Request) -> str:
    content_type: str = request.headers.get("content-type", "")
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    charset = parameters.partition("charset=")[2].split(";")[0].strip(' "').lower()
    encoding = request.headers.get("content-encoding", "identity").lower()
    if kind not in _READERS or charset not in {"", "utf-8", "utf8", "us-ascii"} or encoding != "identity":
        expected = " or ".join(_READERS)
        raise BadRequest(
            "UNSUPPORTED_MEDIA_TYPE", f"expected Content-Type {expected}, in plain UTF-8", status=415
        )
    return kind


async def _read_body(request: Request, limit: int) -> bytes:
    """The body, counted while it arrives: Content-Length may be absent."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        elif size > 4 * limit:
            break
        else:
            # The rest is read and dropped for a while: a client that is still sending would otherwise see a
            # broken connection instead of the answer.
            chunks.clear()
    if size > limit:
        raise BadRequest("BODY_TOO_LARGE", f"the body is larger than {limit} bytes", status=413)
    if not size:
        raise BadRequest("EMPTY_BODY", "the body is empty")
    return b"".join(chunks)


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(content, allow_nan=False, separators=(",", ":"), default=_plain)
    return Response(text, status_code=status, media_type="application/json", headers=headers)


def _plain(value: Any) -> Any:
    """NumPy scalars inside an array of objects, and labels such as dates."""
    return value.item() if hasattr(value, "item") else str(value)


def _error(
    status: int, code: str, message: str, path: str = "$", headers: dict[str, str] | None = None
) -> Response:
    return _json({"error_code": code, "message": message, "path": path}, status, headers)


async def _refused(_: Request, problem: HTTPException) -> Response:
    code = _STATUS_CODES.get(problem.status_code, "HTTP_ERROR")
    headers = dict(problem.headers) if problem.headers else None
    return _error(problem.status_code, code, "there is no such address or method; see GET /", headers=headers)


def _hidden(error: Exception) -> Response:
    """A fixed answer with an id; the log gets the type and the lines, not the message: it may hold values."""
    mark = secrets.token_hex(8)
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    sys.stderr.write(f"request {mark} failed with {type(error).__name__}\n{frames}\n")
    sys.stderr.flush()
    return _error(500, "INTERNAL_ERROR", f"the model could not answer; the server's log has the id {mark}")


def _help_page(served: Served) -> str:
    template = Template((Path(__file__).parent / "help.html").read_text(encoding="utf-8"))
    # Made-up values: the recorded example may be about a real person.
    record = {column.name: _PLACEHOLDERS[column.type] for column in served.columns}
    request = json.dumps({"dataframe_records": [record]}, ensure_ascii=False, indent=2)
    return template.substitute(
        name=html.escape(served.manifest.name),
        version=html.escape(served.manifest.version),
        run_id=html.escape(served.manifest.run_id),
        request=html.escape(request),
    )

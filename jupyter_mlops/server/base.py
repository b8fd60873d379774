"""What every handler does: who may ask, which project is meant, and how a refusal looks."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, MissingArgumentError

from jupyter_mlops.errors import BadInputError, MlopsError
from jupyter_mlops.server import checked
from jupyter_mlops.server.paths import project_of, root_of
from jupyter_mlops.server.worker import INTERNAL

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.server.desk import Desk
    from jupyter_mlops.server.jobs import Jobs

DESK, JOBS = "mlops_desk", "mlops_jobs"
"""Names of what the handlers find in the application's settings."""
STATUS = {
    "NotFoundError": 404,
    "BadInputError": 400,
    "UsageError": 400,
    "MovedError": 409,
    "BusyError": 409,
    "StoreError": 503,
}
"""Of answers that say no; other errors of ours are 422: understood, and not possible."""
_REFUSED = 422
_OUR_FAULT = 500
_MOST_BYTES = 1 << 16
_UNASKABLE = {
    400: ("the request cannot be understood", "Reload the page and try again."),
    403: ("you are not signed in here, or may not do this", "Reload the page and sign in."),
    404: ("there is no such address", "Reload the page: it may be of another version than the server."),
    405: ("this address does not know that method", "Reload the page and try again."),
}
"""Refusals by Jupyter itself, in words; never its own, which may hold what was asked."""


class MlopsHandler(APIHandler):
    """Base of all handlers. Every method of theirs is ``@authenticated`` and ``@authorized``."""

    auth_resource = "jupyter-mlops"

    @property
    def desk(self) -> Desk:
        """Where quick questions are asked."""
        found: Desk = self.settings[DESK]
        return found

    @property
    def jobs(self) -> Jobs:
        """The long work of this server."""
        found: Jobs = self.settings[JOBS]
        return found

    @property
    def root(self) -> Path:
        """The folder that Jupyter shows; a request names nothing outside of it.

        Raises:
            NotOnDiskError: it shows no folder of this machine.
        """
        return root_of(self.contents_manager)

    @property
    def show_hidden(self) -> bool:
        """Whether Jupyter shows hidden files and folders."""
        return bool(self.contents_manager.allow_hidden)

    async def prepare(self) -> None:  # type: ignore[override] # as in Jupyter's own handlers
        """Who may ask is Jupyter's business. A page that looks every few seconds is not somebody at work."""
        self._track_activity = self.request.method not in {"GET", "HEAD", "OPTIONS"}
        await super().prepare()

    async def project(self) -> Path:
        """The project of the folder that the request names, relative to the server's root.

        Raises:
            BadInputError: the folder is outside of the root.
            NotFoundError: there is no such folder.
            NotOnDiskError: Jupyter shows no folder of this machine.
        """
        folder = self.get_query_argument("folder", "", strip=False)
        # in a thread: a disk on the network may let us wait, and all of Jupyter with us
        return await asyncio.to_thread(project_of, folder, self.root, show_hidden=self.show_hidden)

    def body(self, name: str) -> dict[str, Any]:
        """The request's JSON, held to the schema's definition `name`.

        Raises:
            BadInputError: it is too large, no JSON, not sent as JSON, or not what the schema says.
        """
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip()
        if kind != "application/json":  # a form on somebody's page can send everything else
            raise BadInputError("the request is not JSON", "Send it with Content-Type: application/json.")
        if len(self.request.body) > _MOST_BYTES:
            raise BadInputError("the request is too large", "Send less than 64 kB.")
        try:
            content = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise BadInputError("the request is no JSON", "Send one JSON object.") from None
        checked.hold(content, name)
        found: dict[str, Any] = content
        return found

    def whole_number(self, name: str, default: int, most: int) -> int:
        """A number of the query, between 0 and `most`.

        Raises:
            BadInputError: it is none, or outside of that.
        """
        text = self.get_query_argument(name, str(default))
        small = text.isascii() and text.isdigit() and len(text) <= len(str(most))
        if not small or int(text) > most:
            raise BadInputError(f"{name} is no number up to {most}", f"Give a whole number as {name}.")
        return int(text)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Every refusal is a `Problem` of the schema."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, MlopsError):
            kind, what, fix = getattr(error, "kind", type(error).__name__), error.what, error.fix
            self.set_status(STATUS.get(kind, _REFUSED))
        elif isinstance(error, MissingArgumentError):
            kind, what, fix = "BadInputError", f"the request lacks {error.arg_name}", "Send it as well."
        elif isinstance(error, HTTPError) and status_code < _OUR_FAULT:
            kind, (what, fix) = "HTTPError", _UNASKABLE.get(status_code, _UNASKABLE[400])
        else:
            kind, (what, fix) = "InternalError", INTERNAL
        self.finish(json.dumps({"kind": kind, "what": what, "fix": fix}))

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """Refusals of ours are answers, not errors of the server."""
        if not isinstance(error, MlopsError):
            super().log_exception(kind, error, trace)

    def answer(self, content: Any) -> None:
        """Send JSON, and let no cache keep it."""
        self.answer_text(json.dumps(content, allow_nan=False).encode())

    def answer_text(self, text: bytes) -> None:
        """Send what is JSON already."""
        self.set_header("Cache-Control", "no-store")
        self.finish(text)

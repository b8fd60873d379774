"""What Jupyter's server is given: the routes, and what is stopped with it."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING, Any

from jupyter_server._tz import utcnow
from jupyter_server.utils import url_path_join

from jupyter_mlops.server.base import DESK, JOBS
from jupyter_mlops.server.desk import Desk
from jupyter_mlops.server.jobs import Jobs
from jupyter_mlops.server.routes import ROUTES

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

PREFIX = "jupyter-mlops"


def load(app: ServerApp) -> None:
    """Add the routes to a server. Nothing is started before somebody asks."""
    settings = app.web_app.settings

    def somebody_works() -> None:
        settings["api_last_activity"] = utcnow()

    desk, jobs = Desk(), Jobs(somebody_works, app.log)
    atexit.register(desk.close)
    atexit.register(jobs.close)
    base = settings["base_url"]
    settings |= {DESK: desk, JOBS: jobs}
    handlers: list[tuple[str, Any]] = [
        (url_path_join(base, PREFIX, pattern), handler) for pattern, handler in ROUTES
    ]
    app.web_app.add_handlers(".*$", handlers)  # type: ignore[no-untyped-call]

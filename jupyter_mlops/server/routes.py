"""The routes under ``/jupyter-mlops/``. Each asks a verb, a file of the project, or a job."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from jupyter_mlops.bundle.server import list_servers, stop_one
from jupyter_mlops.errors import BadInputError, NotFoundError
from jupyter_mlops.server import alarms, places
from jupyter_mlops.server.base import MlopsHandler
from jupyter_mlops.server.commands import about, touches, words_of
from jupyter_mlops.server.paths import exists, inside, new_folder, os_path

if TYPE_CHECKING:
    from jupyter_mlops.server.jobs import Job

PAGE = 100
_MOST_RUNS = 1000
_FAR = 1 << 31
_LONGEST_WAIT = 25.0


class RunsHandler(MlopsHandler):
    """``GET runs?folder&notebook&search&offset&limit`` → `RunPage`."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Some of the runs."""
        notebook = self.get_query_argument("notebook", None, strip=False)
        page = await self.desk.ask(
            await self.project(),
            "run_page",
            offset=self.whole_number("offset", 0, _FAR),
            limit=self.whole_number("limit", PAGE, _MOST_RUNS),
            search=self.get_query_argument("search", ""),
            notebook=None if notebook is None else self._file(notebook),
        )
        self.answer_text(page)

    def _file(self, notebook: str) -> str:
        """Spelled as Jupyter tells its kernels, because this is what runs are marked with."""
        path = os_path(notebook, self.root)
        inside(path, self.root)
        return path


class RunHandler(MlopsHandler):
    """``GET runs/ID?folder`` → `RunCard`."""

    @authenticated
    @authorized
    async def get(self, run: str) -> None:
        """One run."""
        self.answer_text(await self.desk.ask(await self.project(), "run_card", run=run))


class ModelsHandler(MlopsHandler):
    """``GET models?folder`` → `ModelList`."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """All registered versions."""
        self.answer_text(await self.desk.ask(await self.project(), "model_list"))


class MovesHandler(MlopsHandler):
    """``GET moves?folder&name`` → `MoveList`."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Who moved which alias of a model."""
        name = self.get_query_argument("name")
        self.answer_text(await self.desk.ask(await self.project(), "move_list", name=name))


class GatesHandler(MlopsHandler):
    """``GET gates?folder&name&version`` → `GateList`."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """How a version's gates ended."""
        name, version = self.get_query_argument("name"), self.get_query_argument("version")
        self.answer_text(await self.desk.ask(await self.project(), "gate_list", name=name, version=version))


class ServersHandler(MlopsHandler):
    """``GET servers?folder`` → `ServerList`."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """The project's running servers."""
        self.answer(await asyncio.to_thread(places.servers, await self.project()))


class ServerHandler(MlopsHandler):
    """``DELETE servers/PORT?folder`` stops a server."""

    @authenticated
    @authorized
    async def delete(self, port: str) -> None:
        """Stop it when it has answered what it is answering."""
        project = await self.project()
        await asyncio.to_thread(places.find_server, project, int(port))
        await asyncio.to_thread(stop_one, places.state_of(project), int(port))
        self.set_status(204)
        self.finish()


class LogHandler(MlopsHandler):
    """``GET servers/PORT/log?folder`` → `ServerLog`."""

    @authenticated
    @authorized
    async def get(self, port: str) -> None:
        """The end of what a server printed."""
        server = await asyncio.to_thread(places.find_server, await self.project(), int(port))
        self.answer(await asyncio.to_thread(places.log_of, server))


class BundlesHandler(MlopsHandler):
    """``GET bundles?folder`` → `BundleList`."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """The bundles in the project's folder."""
        self.answer(await asyncio.to_thread(places.bundles, await self.project(), self.root.resolve()))


class AlarmsHandler(MlopsHandler):
    """``GET alarms?folder`` → `AlarmList`."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """What running servers say about their data."""
        found = await asyncio.to_thread(list_servers, places.state_of(await self.project()))
        self.answer(await alarms.alarms(found))


class JobsHandler(MlopsHandler):
    """``GET jobs?folder`` → `JobList`; ``POST jobs?folder`` with a `JobRequest` → `Job`."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """The jobs of the project."""
        self.answer({"jobs": [job.to_dict() for job in self.jobs.all(await self.project())]})

    @authenticated
    @authorized
    async def post(self) -> None:
        """Begin one."""
        project, request = await self.project(), self.body("JobRequest")
        if "target" in request:
            target = new_folder(request["target"], project, show_hidden=self.show_hidden)
            request["target"] = str(target)  # in full: a `~` in it is a name here, and no home folder
        if request["verb"] == "serve" and exists(project / request["model"]):
            inside(request["model"], project)
        job = self.jobs.start(request["verb"], about(request), words_of(request), project, touches(request))
        self.set_status(202)
        self.answer(job.to_dict())


class JobHandler(MlopsHandler):
    """``GET jobs/ID?wait&seen`` → `Job`; ``DELETE jobs/ID`` cancels it."""

    @authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        """How far it is; with ``wait`` when it is not as it was ``seen``, or after so many seconds."""
        job = await self._job(job_id)
        wait = min(self.whole_number("wait", 0, 60), _LONGEST_WAIT)
        seen = self.whole_number("seen", job.changes, _FAR)
        if wait and not job.is_over and seen == job.changes:
            with contextlib.suppress(TimeoutError):  # nothing has changed: so it says
                await asyncio.wait_for(job.changed.wait(), wait)
        self.answer(job.to_dict())

    @authenticated
    @authorized
    async def delete(self, job_id: str) -> None:
        """Cancel it."""
        job = await self._job(job_id)
        if job.is_over:
            raise BadInputError("the job is over already", "Look at its result.")
        await self.jobs.cancel(job)
        self.answer(job.to_dict())

    async def _job(self, job_id: str) -> Job:
        """With ``folder``, only a job of that project."""
        asked_for = self.get_query_argument("folder", None) is not None
        return self.jobs.find(job_id, await self.project() if asked_for else None)


class NothingHandler(MlopsHandler):
    """Everything else below ``/jupyter-mlops/``: who may not ask is not told that there is nothing."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Say that there is nothing."""
        raise NotFoundError("there is no such address", "Look it up in docs/rest.md.")

    head = post = put = patch = delete = get


ROUTES: list[tuple[str, Any]] = [
    (r"runs", RunsHandler),
    (r"runs/([0-9a-f]{32})", RunHandler),
    (r"models", ModelsHandler),
    (r"moves", MovesHandler),
    (r"gates", GatesHandler),
    (r"servers", ServersHandler),
    (r"servers/(\d{1,5})", ServerHandler),
    (r"servers/(\d{1,5})/log", LogHandler),
    (r"bundles", BundlesHandler),
    (r"alarms", AlarmsHandler),
    (r"jobs", JobsHandler),
    (r"jobs/([0-9a-f]{16})", JobHandler),
    (r".*", NothingHandler),
]

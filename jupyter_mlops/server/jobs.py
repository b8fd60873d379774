"""Long work: one verb as a ``mlops`` command in a process of its own, with progress, and to be cancelled.

It is the command a person would type, so nothing can go another way here than in a shell.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError, NotFoundError
from jupyter_mlops.server.command_process import CommandProcess, end_all

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_mlops.server.command_process import Ended

AT_ONCE = 2
"""Jobs that run side by side; others wait."""
MOST_WAITING = 20
_KEPT = 50
_GRACE_AT_THE_END = 5.0
_STOPPED = 130
_OVER = frozenset({"done", "refused", "failed", "cancelled"})
_UNTOLD = {
    "kind": "InternalError",
    "what": "the command ended without an answer",
    "fix": "The log of Jupyter's server has what it said last.",
}
_KILLED = {
    "kind": "InternalError",
    "what": "the command was killed, most likely because the machine ran out of memory",
    "fix": "Close kernels that are not needed, and try again.",
}
_NOT_STARTED = {
    "kind": "InternalError",
    "what": "the command could not be started",
    "fix": "Check that the project's folder is still there and that the machine has free memory.",
}


class BusyError(MlopsError):
    """The same, or too much, is under way already."""


@dataclass(eq=False)
class Job:
    """One command: what was asked, how far it is, and how it ended."""

    verb: str
    about: str
    words: list[str]
    project: Path
    touches: tuple[str, ...] = ()
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    status: str = "waiting"
    share: float | None = None
    said: str = ""
    result: dict[str, Any] | None = None
    problem: dict[str, str] | None = None
    changes: int = 0
    command: CommandProcess | None = None
    wanted_over: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def to_dict(self) -> dict[str, Any]:
        """As the schema's `Job`."""
        names = ("id", "verb", "about", "status", "share", "said", "result", "problem", "changes")
        return {name: getattr(self, name) for name in names}

    def tell(self, **values: Any) -> None:
        """Change it, and wake those who wait for that."""
        vars(self).update(values, changes=self.changes + 1)
        self.changed.set()
        self.changed = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """True when nothing will change any more."""
        return self.status in _OVER


class Jobs:
    """The jobs of one Jupyter server: those under way, and the last fifty that ended.

    Args:
        on_change: told when something about a job has changed: somebody is at work.
        log: where it is told why a command ended without an answer.
    """

    def __init__(self, on_change: Callable[[], None], log: logging.Logger) -> None:
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._on_change = on_change
        self._log = log

    def start(self, verb: str, about: str, words: list[str], project: Path, touches: tuple[str, ...]) -> Job:
        """Begin a command as soon as there is a place.

        Args:
            verb: its name.
            about: what it is done to, as people call it.
            words: the command's words after ``mlops``.
            project: the folder it runs in.
            touches: no other job of the project that is under way may touch the same.

        Raises:
            BusyError: one does, or too many jobs wait.
        """
        under_way = [each for each in self._jobs.values() if not each.is_over]
        if any((each.project, each.touches) == (project, touches) for each in under_way):
            raise BusyError("the same is under way already", "Wait for its end, or cancel it first.")
        if len(under_way) >= AT_ONCE + MOST_WAITING:
            raise BusyError("too many jobs wait", "Wait until some have ended, or cancel them.")
        job = Job(verb, about, words, project, touches)
        self._jobs[job.id] = job
        for old in [each for each in self._jobs.values() if each.is_over][:-_KEPT]:
            del self._jobs[old.id]
        task = asyncio.create_task(self._run(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def all(self, project: Path) -> list[Job]:
        """The jobs of a project, the oldest first."""
        return [job for job in self._jobs.values() if job.project == project]

    def find(self, job_id: str, project: Path | None) -> Job:
        """The job with this id; of this project, if one is given.

        Raises:
            NotFoundError: there is none, or it ended long ago.
        """
        job = self._jobs.get(job_id)
        if job is None or project not in {None, job.project}:
            raise NotFoundError("there is no such job", "It ended long ago, or the server was restarted.")
        return job

    async def cancel(self, job: Job) -> None:
        """Ask it to stop as Ctrl+C does; one that does not within ten seconds is killed."""
        if job.is_over:
            return
        job.wanted_over = True
        if job.command is None:
            job.tell(status="cancelled", said="")
            return
        job.tell(said="stopping")
        await job.command.stop()

    def close(self) -> None:
        """End what runs, while no event loop runs any more."""
        commands = [job.command for job in self._jobs.values() if job.command is not None]
        end_all(commands, _GRACE_AT_THE_END)

    async def _run(self, job: Job) -> None:
        async with self._places:
            if job.is_over:  # cancelled while it waited
                return
            try:
                job.command = await CommandProcess.start(job.words, job.project)
            except (OSError, ValueError):
                self._log.exception("mlops %s could not be started", job.verb)
                if not job.is_over:  # it may have been cancelled meanwhile
                    job.tell(status="failed", problem=_NOT_STARTED)
                return
            if job.wanted_over:  # cancelled while it was started
                job.command.kill()
            else:
                job.tell(status="running")

            def on_progress(said: str, share: float) -> None:
                self._on_change()
                if not job.wanted_over:
                    job.tell(said=said, share=share)

            try:
                ended = await job.command.end(on_progress)
            except Exception:  # noqa: BLE001 - whatever it is, those who wait for the job hear of it
                job.command.kill()
                self._log.exception("mlops %s could not be followed", job.verb)
                job.tell(status="failed", said="", problem=_UNTOLD)
                return
            self._end(job, ended)
            self._on_change()

    def _end(self, job: Job, ended: Ended) -> None:
        code, answer = ended.code, ended.answer
        if isinstance(answer, dict) and code in {0, 1}:
            status = "done" if code == 0 else "refused"
            job.tell(status=status, share=1.0, said="", result=answer)
        elif job.wanted_over or code in {_STOPPED, -signal.SIGINT}:
            job.tell(status="cancelled", said="")
        elif isinstance(answer, dict) and {"error", "what", "fix"} <= answer.keys():
            problem = {"kind": answer["error"], "what": answer["what"], "fix": answer["fix"]}
            job.tell(status="failed", said="", problem=problem)
        else:
            self._log.warning("mlops %s ended with %s:\n%s", job.verb, code, ended.said)
            job.tell(status="failed", said="", problem=_KILLED if code == -signal.SIGKILL else _UNTOLD)

"""Quick questions, asked of a process of the project that is started when somebody first asks.

A project has two at most: one that lists runs, which needs no MLflow where the store is a database, and one
for everything else, so that the list is there while the other still imports MLflow.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError, StoreError
from jupyter_mlops.server.worker import PROBLEM, VALUE

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 60.0
"""How long an answer may take: the first brings MLflow's import with it, a far server its own time."""
IDLE = 600.0
"""Seconds without a question after which a process ends; the next question starts another."""
MOST_PROCESSES = 8
"""Of all projects; the one that was asked the longest ago ends when another project is asked about."""
MOST_WAITING = 100
"""Different questions that wait for one process."""
_LONGEST_LINE = 64 << 20
_QUICK = frozenset({"run_page"})


class AnsweredError(MlopsError):
    """A problem that the worker answered with, of the class that `kind` names."""

    def __init__(self, kind: str, what: str, fix: str) -> None:
        super().__init__(what, fix)
        self.kind = kind


class Desk:
    """The processes of all projects that were asked about."""

    def __init__(self) -> None:
        self._workers: dict[tuple[Path, bool], _Worker] = {}

    async def ask(self, project: Path, call: str, **arguments: Any) -> bytes:
        """What the function `call` of `questions.py` gives in the project.

        Returns:
            JSON as it came: Jupyter's process, which has others to serve, need not read it.

        Raises:
            AnsweredError: it was refused; why, and what to do.
            StoreError: no answer came.
        """
        key = (project, call in _QUICK)
        worker = self._workers.pop(key, None) or _Worker(project)
        self._workers[key] = worker  # the last one is the one that was asked last
        idle = [each for each, other in self._workers.items() if other.is_idle and each != key]
        for old in idle[: max(0, len(idle) + 1 - MOST_PROCESSES)]:
            self._workers.pop(old).close()
        return await worker.ask(call, arguments)

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()


class _Worker:
    """One process, asked one thing at a time. The same question that waits twice is asked once."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._turn = asyncio.Lock()
        self._waiting: dict[str, asyncio.Task[bytes]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """True when it runs, and nobody waits for it."""
        return self._process is not None and not self._turn.locked()

    async def ask(self, call: str, arguments: dict[str, Any]) -> bytes:
        line = json.dumps({"call": call, "arguments": arguments})
        task = self._waiting.get(line)
        if task is None:
            if len(self._waiting) >= MOST_WAITING:
                raise StoreError("too many questions wait for the tracking store", "Try again in a minute.")
            task = self._waiting[line] = asyncio.create_task(self._in_turn(line))
        return await asyncio.shield(task)

    async def _in_turn(self, line: str) -> bytes:
        try:
            async with self._turn:
                del self._waiting[line]  # who asks from now on wants to know what is true from now on
                return await self._answer(line)
        finally:
            self._put_off_the_end()

    async def _answer(self, line: str) -> bytes:
        for _ in range(2):  # a process that was killed is not missed: questions change nothing
            try:
                return await asyncio.wait_for(self._exchange(line), SECONDS)
            except TimeoutError:
                self.close()
                break
            except (OSError, ValueError):
                self.close()
        raise StoreError(
            "the tracking store gave no answer", "Try again; `mlops doctor` says what is wrong with it."
        )

    async def _exchange(self, line: str) -> bytes:
        if self._process is None:
            self._process = await self._start()
        asks, answers = self._process.stdin, self._process.stdout
        if asks is None or answers is None:
            raise ConnectionResetError
        asks.write(line.encode() + b"\n")
        await asks.drain()
        while text := await answers.readline():
            if text.startswith(VALUE):
                return text.removeprefix(VALUE).rstrip(b"\n")
            if text.startswith(PROBLEM):
                raise AnsweredError(**json.loads(text.removeprefix(PROBLEM)))
            # else something else said it that starts with every Python here
        raise ConnectionResetError

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            # -P: modules that lie in the project's folder are not ours
            *(sys.executable, "-P", "-m", "jupyter_mlops.server.worker"),
            cwd=self._project,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            start_new_session=True,  # Ctrl+C in the terminal of Jupyter's server is a question there
        )

    def _put_off_the_end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE, self._end_if_idle)

    def _end_if_idle(self) -> None:
        if self.is_idle:
            self.close()

    def close(self) -> None:
        """End the process by force: it may be waiting for a store. The next question starts another."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError, RuntimeError):  # the loop may be closed already
                process.kill()

"""Requests that take too long are ended by one clock: a timer for each would cost half of a quick answer."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any


class Deadlines:
    """Ends tasks that are at it for more than `seconds`: it looks ten times in that time, or each second."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._tick = min(1.0, seconds / 10)
        self._began: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._clock: asyncio.TimerHandle | None = None

    def begin(self) -> asyncio.Task[Any]:
        """The time of this task runs from now on."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline is for a task")
        self._began[task] = monotonic()
        if self._clock is None:
            self._clock = asyncio.get_running_loop().call_later(self._tick, self._look)
        return task

    def is_late(self, task: asyncio.Task[Any]) -> bool:
        """Whether it was this clock that cancelled the task; then the task may go on."""
        if task not in self._late:
            return False
        task.uncancel()
        return True

    def end(self, task: asyncio.Task[Any]) -> None:
        """The task is done with what it had a deadline for."""
        self._began.pop(task, None)
        self._late.discard(task)

    def _look(self) -> None:
        latest = monotonic() - self._seconds
        for task in [task for task, began in self._began.items() if began < latest]:
            del self._began[task]
            self._late.add(task)
            task.cancel()
        self._clock = asyncio.get_running_loop().call_later(self._tick, self._look) if self._began else None

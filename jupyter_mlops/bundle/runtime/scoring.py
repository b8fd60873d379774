"""Who computes when: quick answers at once, slow ones together, and never more waiting than can be served.

An estimator of scikit-learn takes nearly as long for one row as for a hundred. So one prediction is under way
at a time, and whatever arrived meanwhile is the next one: no timer, nothing to tune.
"""

from __future__ import annotations

import asyncio
import collections
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .batch import joined
from .problems import BadRequest

if TYPE_CHECKING:
    import numpy as np

    from .engines import Engine
    from .questions import Question

QUICK_ROWS = 1024
"""Up to so many rows a quick engine is asked on the event loop."""
BATCH_ROWS = 4096
"""The most rows of several requests that are predicted together."""


@dataclass(slots=True)
class Scored:
    """Answers, one for each method of the question, and the seconds they took."""

    answers: list[np.ndarray[Any, Any]]
    prepare: float
    predict: float


class Scorer:
    """Asks one engine. At most `most_waiting` questions wait; the next one is told to come back later."""

    def __init__(self, engine: Engine, most_waiting: int) -> None:
        self._engine = engine
        self._most_waiting = most_waiting
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")
        self._waiting: collections.deque[tuple[Question, asyncio.Future[Scored]]] = collections.deque()
        self._pump: asyncio.Task[None] | None = None

    def at_once(self, question: Question) -> Scored | None:
        """The engine's answers, if a quick engine gives them now; None if this takes a while."""
        if self._engine.is_quick and question.batch.rows <= QUICK_ROWS:
            return ask(self._engine, question)
        return None

    async def __call__(self, question: Question) -> Scored:
        """The engine's answers.

        Raises:
            BadRequest: too many questions wait already, or the engine refuses a value.
        """
        if (scored := self.at_once(question)) is not None:
            return scored
        if len(self._waiting) >= self._most_waiting:
            raise BadRequest("BUSY", "too many requests wait for the model; try again", status=503)
        done: asyncio.Future[Scored] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, done))
        if self._pump is None:
            self._pump = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._answer(self._take())
        finally:
            self._pump = None

    def _take(self) -> list[tuple[Question, asyncio.Future[Scored]]]:
        """The oldest question, and those after it that ask for the same and still fit."""
        taken: list[tuple[Question, asyncio.Future[Scored]]] = []
        rows = 0
        while self._waiting:
            question, done = self._waiting[0]
            if taken and (question.methods != taken[0][0].methods or rows + question.batch.rows > BATCH_ROWS):
                break
            self._waiting.popleft()
            if not done.done():  # else its client has gone
                taken.append((question, done))
                rows += question.batch.rows
        return taken

    async def _answer(self, taken: list[tuple[Question, asyncio.Future[Scored]]]) -> None:
        if not taken:
            return
        loop = asyncio.get_running_loop()
        questions = [question for question, _ in taken]
        try:
            scored = await loop.run_in_executor(self._thread, _ask_together, self._engine, questions)
        except Exception as error:  # noqa: BLE001 - whatever the model raises belongs to the one who asked
            if len(taken) > 1:
                for each in taken:  # one of them is to blame: the others shall not suffer
                    await self._answer([each])
            elif not taken[0][1].done():
                taken[0][1].set_exception(error)
            return
        for (_, done), each_scored in zip(taken, scored, strict=True):
            if not done.done():
                done.set_result(each_scored)


def ask(engine: Engine, question: Question) -> Scored:
    """Ask an engine, here and now."""
    start = perf_counter()
    prepared = engine.prepare(question.batch)
    middle = perf_counter()
    answers = [engine.predict(prepared, method) for method in question.methods]
    return Scored(answers, middle - start, perf_counter() - middle)


def _ask_together(engine: Engine, questions: list[Question]) -> list[Scored]:
    from .questions import Question

    together = Question(joined([each.batch for each in questions]), questions[0].methods)
    scored = ask(engine, together)
    found = []
    start = 0
    for each in questions:
        end = start + each.batch.rows
        found.append(Scored([answer[start:end] for answer in scored.answers], scored.prepare, scored.predict))
        start = end
    return found

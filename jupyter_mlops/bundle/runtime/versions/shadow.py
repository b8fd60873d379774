"""A second opinion: another engine scores what was answered already, in a thread of its own."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from ..scoring import BATCH_ROWS, ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engines import Engine
    from ..questions import Question

    Array = np.ndarray[Any, Any]

TOLERANCE = 1e-9
"""How far two numbers may be apart: probabilities in themselves, numbers above 1 in proportion."""
_MOST_WAITING = 64


class Shadow:
    """Compares an engine's answers with those that were given.

    Args:
        engine: the one that is tried.
        by_class: probabilities agree when the likeliest class is the same, as for two versions; otherwise
            when no number is further away than `TOLERANCE`, as for two engines of one version.
    """

    def __init__(self, engine: Engine, *, by_class: bool) -> None:
        self._engine = engine
        self._by_class = by_class
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shadow")
        self._room = threading.BoundedSemaphore(_MOST_WAITING)
        self.rows = 0
        self.disagreements = 0
        self.largest = 0.0
        self.failed = 0
        self.dropped = 0

    def offer(self, question: Question, answers: Sequence[Array]) -> None:
        """Compare when there is time; dropped, and counted, when too much waits already."""
        if question.batch.rows > BATCH_ROWS or not self._room.acquire(blocking=False):
            self.dropped += 1
            return
        self._thread.submit(self._compare, question, answers)

    def counts(self) -> dict[str, Any]:
        """What was found so far, for people and for `exposition`."""
        return {
            "rows": self.rows,
            "disagreements": self.disagreements,
            "largest_difference": self.largest,
            "failed": self.failed,
            "dropped": self.dropped,
        }

    def close(self) -> None:
        """Forget what waits."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _compare(self, question: Question, answers: Sequence[Array]) -> None:
        try:
            scored = ask(self._engine, question)
            differs = np.zeros(question.batch.rows, dtype=bool)
            for method, given, other in zip(question.methods, answers, scored.answers, strict=True):
                is_close = not (self._by_class and method == "predict_proba")
                differs |= self._differs(given, other) if is_close else _likeliest_differs(given, other)
            self.disagreements += int(differs.sum())
            self.rows += question.batch.rows  # last: who reads of these rows reads what was found in them
        except Exception as error:  # noqa: BLE001 - it answers nobody: what it raises is a figure, not a failure
            self.failed += 1
            if self.failed == 1:  # the type only: a message may hold values
                sys.stderr.write(f"the shadow failed with {type(error).__name__}; more of them are counted\n")
                sys.stderr.flush()
        finally:
            self._room.release()

    def _differs(self, given: Array, other: Array) -> Array:
        """For each row, whether two answers are further apart than they may be."""
        same = given == other
        if given.dtype.kind == "f" and other.dtype.kind == "f":
            apart = np.abs(given - other)
            same |= (apart <= TOLERANCE * np.maximum(1.0, np.abs(given))) | (
                np.isnan(given) & np.isnan(other)
            )
            self.largest = max(self.largest, float(np.nanmax(apart, initial=0.0)))
        return np.asarray((~same.astype(bool)).reshape(len(given), -1).any(axis=1))


def _likeliest_differs(given: Array, other: Array) -> Array:
    if given.ndim != 2:  # of several outputs, one list of probabilities each
        return np.array([_classes(one) != _classes(two) for one, two in zip(given, other, strict=True)])
    return np.asarray(given.argmax(axis=1) != other.argmax(axis=1))


def _classes(outputs: Sequence[Sequence[float]]) -> list[int]:
    return [int(np.argmax(each)) for each in outputs]

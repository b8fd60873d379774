"""What the server calls: additions to counters while it answers, and one thread for everything else."""

from __future__ import annotations

import importlib.util
import sys
import threading
import time
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..problems import BadRequest, StartError
from .counters import Counters
from .drift import drift_report
from .gathered import Gathered
from .live import add_column, counts_for, unknown
from .predicted import predicted_for, read_answers
from .reference import read_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ..schema import Column
    from .labels import Labels
    from .log import RequestLog
    from .seen import Answered, EngineInfo, WatchSettings

TICK = 0.25
"""Seconds between two looks at what has come; the more there is, the less each request costs."""
PAUSE = 0.002
"""Seconds of counting and writing after which answers are let out."""
STRETCH = 12 * 3600.0
"""Seconds; the gauges of drift are of the last one to two of these."""
WAKE = 2_000
"""Rows that wait before the next look is due; then it is due."""
TOGETHER = 500
"""Of so many rows on, what has come is counted in several steps, so that none of them takes long."""


class Watch:
    """Counts, logs and compares what a server does, without its answers waiting for any of it.

    Args:
        folder: the bundle, for its ``reference.json``.
        columns: the schema.
        engines: what is served, by version.
        settings: what to log, and how much may wait.

    Attributes:
        inflight: requests that are being answered; the server adds and subtracts.
        ready: whether the server takes requests; the server says so. None leaves it out of the metrics.
        second_opinions: gives for each engine that checks answers the version whose they are, what it is, and
            its counts; the server sets it.

    Raises:
        StartError: a masked column is not in the schema; ``reference.json`` is no profile.
    """

    def __init__(
        self,
        folder: Path,
        columns: Sequence[Column],
        engines: Mapping[str, EngineInfo],
        settings: WatchSettings,
    ) -> None:
        _check(settings, columns)
        if (
            importlib.util.find_spec("prometheus_client") is None
        ):  # imported when /metrics is asked, to start sooner
            raise ModuleNotFoundError(name="prometheus_client")
        self.inflight = 0
        self.ready: bool | None = None
        self.second_opinions: Callable[[], Sequence[tuple[str, str, Mapping[str, int]]]] = tuple
        self._dropped = 0
        self.columns, self.engines = columns, engines
        self.counters = Counters(engines)
        self.reference = read_reference(folder)
        known = self.reference.columns
        self.live = [counts_for(known.get(column.name) or unknown(column)) for column in columns]
        self.rows = 0
        self.predicted = {
            version: predicted_for(engine, self.reference.predictions) for version, engine in engines.items()
        }
        self.log: RequestLog | None = None
        self.labels: Labels | None = None
        if settings.log:
            self.log, self.labels = _files(settings.log, columns, engines, settings)
            self.log.files.pause = self._pause
        self.since = datetime.now(UTC)
        self._queue: deque[Answered] = deque()
        self._most_waiting = settings.queue
        self._waiting = 0
        self._taken = 0
        self._failed = 0
        self._next_pause = 0.0
        self._wake = threading.Event()
        self._stopping = False
        self._complained = False
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Count and write what waits, for at most so many seconds."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def answered(self, seen: Answered) -> None:
        """Count a request that was answered, and leave the rest to the thread. Takes microseconds."""
        self.counters.answered(seen)
        rows = seen.batch.rows
        # Two counters, each with one writer: the event loop adds to the first, the thread to the second.
        waiting = self._waiting - self._taken
        if waiting and waiting + rows > self._most_waiting:
            self._dropped += rows
            return
        self._waiting += rows
        seen.batch.pack()
        self._queue.append(seen)
        if waiting + rows > WAKE:
            self._wake.set()

    def refused(self, route: str, protocol: str, status: int, seconds: float) -> None:
        """Count a request that was not answered."""
        self.counters.refused(route, protocol, status, seconds)

    def metrics(self) -> bytes:
        """All figures for Prometheus, as text of the type `METRICS_TYPE`."""
        from .exposition import expose

        self.counters.count()
        return expose(self)

    def drift(self) -> dict[str, Any]:
        """Counts of live values in the bins of training's, ready for JSON."""
        return drift_report(self)

    def feedback(self, rows: list[dict[str, Any]], at: str = "$") -> int:
        """Keep true labels, ``{"request_id", "label"}`` with an optional ``"row"``; returns how many.

        Args:
            rows: what the client sent.
            at: the JSON path of it in the body.

        Raises:
            BadRequest: a row has another shape, nothing is kept here (409), or too much waits (503).
        """
        if self.labels is None:
            raise BadRequest("NO_LOG", "this server keeps no request log, and so no labels", at, 409)
        return self.labels.take(rows, at)

    @property
    def lost(self) -> int:
        """Rows that the log lacks: too many came at once, or their file could not be written."""
        return self._dropped + self._failed + (self.log.files.dropped if self.log else 0)

    def mark(self) -> None:
        """Begin another stretch of time for the gauges of drift."""
        for live in (*self.live, *(predicted.live for predicted in self.predicted.values())):
            live.mark()

    def _run(self) -> None:
        stretch_ends = time.monotonic() + STRETCH
        while not self._stopping:
            self._wake.wait(TICK)
            self._wake.clear()
            self._work()
            if time.monotonic() >= stretch_ends:
                self.mark()
                stretch_ends += STRETCH
            if self.log and self.labels:
                self.log.files.write_if_due()
                self.labels.files.write_if_due()
        self._work()
        if self.log and self.labels:
            self.log.files.write()
            self.labels.files.write()

    def _work(self) -> None:
        while self._queue:
            requests, rows = self._next()
            try:
                self._take_in(requests)
            except Exception as error:  # noqa: BLE001 - whatever a batch holds, the thread lives on
                self._failed += rows
                self._complain(error)
            self._taken += rows
        if self.labels:
            self.labels.store()

    def _next(self) -> tuple[list[Answered], int]:
        requests: list[Answered] = []
        rows = 0
        while self._queue and rows < TOGETHER:
            seen = self._queue.popleft()
            requests.append(seen)
            rows += seen.batch.rows
        return requests, rows

    def _take_in(self, requests: list[Answered]) -> None:
        rows, answers = Gathered(requests), read_answers(requests, self.engines)
        for index, live in enumerate(self.live):
            add_column(live, rows, index)
            self._pause()
        for each in answers:
            self.predicted[each.version].add(each)
        self.rows += rows.rows
        if self.log:
            kept = self.log.sampled(requests)
            if len(kept) < len(requests):
                rows, answers = Gathered(kept), read_answers(kept, self.engines)
            if kept:
                self.log.add(rows, answers)

    def _pause(self) -> None:
        """Let answers go out: without this one could wait for 5 ms, after which Python hands its lock over.

        Getting the lock back takes as long when the server is busy, so not when more and more waits.
        """
        now = time.perf_counter()
        if now >= self._next_pause:
            if self._waiting - self._taken < self._most_waiting // 4:
                time.sleep(0.0001)
            self._next_pause = time.perf_counter() + PAUSE

    def _complain(self, error: Exception) -> None:
        """Once, and without the message, which could hold a value."""
        if not self._complained:
            self._complained = True
            sys.stderr.write(
                f"rows could not be counted or logged ({type(error).__name__}); they are dropped\n"
            )
            sys.stderr.flush()


def _files(
    folder: Path, columns: Sequence[Column], engines: Mapping[str, EngineInfo], settings: WatchSettings
) -> tuple[RequestLog, Labels]:
    # Only here: a server without a log does not need the Parquet writer, nor its memory.
    try:
        from .labels import Labels
        from .log import RequestLog
    except ImportError as error:
        raise StartError(
            "The request log needs the package arro3-io.",
            "Install requirements.lock, or serve without a log.",
        ) from error
    return RequestLog(folder, columns, engines, settings), Labels(folder, engines, settings)


def _check(settings: WatchSettings, columns: Sequence[Column]) -> None:
    names = {column.name for column in columns}
    for name in settings.mask:
        if name not in names:
            raise StartError(f"There is no column {name!r} to leave out of the log.", "See schema.json.")
    if not 0 <= settings.sample <= 1:
        raise StartError("The share of requests to log is not between 0 and 1.", "Give one, such as 0.1.")

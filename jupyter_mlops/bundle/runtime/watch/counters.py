"""What a request costs: a note of a few numbers, which are counted many at a time.

All of it is called from the server's one event loop.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .seen import Answered

REQUEST_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STAGE_SECONDS = (0.00001, 0.00002, 0.00005, 0.0001, 0.0002, *REQUEST_SECONDS[:-2])
BATCH_ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000)
STAGES = ("parse", "prepare", "predict", "encode")
TOGETHER = 256
"""So many notes wait to be counted: one by one they would cost ten times as much."""
MOST_ROUTES = 500
"""So many kinds of requests are told apart; each is a time series of its own."""


class Histogram:
    """Counts per bucket; a bucket holds its upper bound, as Prometheus wants it."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, values: np.ndarray[Any, Any]) -> None:
        """Count some values."""
        places = np.searchsorted(self.bounds, values)
        found = np.bincount(places, minlength=len(self.counts)).tolist()
        self.counts = [one + more for one, more in zip(self.counts, found, strict=True)]
        self.total += float(values.sum())


class Counters:
    """All that is counted while requests are answered. Its figures are right after a call of `count`."""

    def __init__(self, versions: Iterable[str]) -> None:
        self.requests: dict[tuple[str, str, int], int] = {}
        self.seconds = Histogram(REQUEST_SECONDS)
        self.stages = tuple(Histogram(STAGE_SECONDS) for _ in STAGES)
        # KServe's name for parse and prepare together: two histograms cannot be added up to one of the sums.
        self.preprocess = Histogram(STAGE_SECONDS)
        self.rows = dict.fromkeys(versions, 0)
        self.batch_rows = Histogram(BATCH_ROWS)
        self._answered: list[tuple[tuple[str, str, str], tuple[float, ...]]] = []
        self._refused: list[tuple[tuple[str, str, int], float]] = []

    def answered(self, seen: Answered) -> None:
        """Note a request that was answered."""
        figures = (seen.batch.rows, seen.seconds, *seen.stages)
        self._answered.append(((seen.route, seen.protocol, seen.version), figures))
        if len(self._answered) >= TOGETHER:
            self.count()

    def refused(self, route: str, protocol: str, status: int, seconds: float) -> None:
        """Note a request that was not."""
        self._refused.append(((route, protocol, status), seconds))
        if len(self._refused) >= TOGETHER:
            self.count()

    def count(self) -> None:
        """Count what was noted."""
        answered, self._answered = self._answered, []
        refused, self._refused = self._refused, []
        if answered:
            rows, seconds, *stages = np.array([figures for _, figures in answered]).T
            self.seconds.observe(seconds)
            for histogram, values in zip(self.stages, stages, strict=True):
                histogram.observe(values)
            parse, prepare, *_ = stages
            self.preprocess.observe(parse + prepare)
            self.batch_rows.observe(rows)
            for (_, _, version), (count, *_) in answered:
                self.rows[version] += int(count)
        if refused:
            self.seconds.observe(np.array([seconds for _, seconds in refused]))
        kinds = [(route, protocol, 200) for (route, protocol, _), _ in answered]
        for kind, times in Counter(kinds + [kind for kind, _ in refused]).items():
            known = kind in self.requests or len(self.requests) < MOST_ROUTES
            key = kind if known else ("other", "other", kind[2])
            self.requests[key] = self.requests.get(key, 0) + times

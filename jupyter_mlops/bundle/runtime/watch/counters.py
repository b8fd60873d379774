"""What a request costs: a few additions to plain numbers, made before the first request came."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .seen import Answered

REQUEST_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STAGE_SECONDS = (0.00001, 0.00002, 0.00005, 0.0001, 0.0002, *REQUEST_SECONDS[:-2])
BATCH_ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000)
STAGES = ("parse", "prepare", "predict", "encode")
MOST_ROUTES = 500
"""So many kinds of requests are told apart; each is a time series of its own."""


class Histogram:
    """Counts per bucket; a bucket holds its upper bound, as Prometheus wants it."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Counters:
    """All that is counted while requests are answered; called from the server's one event loop."""

    def __init__(self, versions: Iterable[str]) -> None:
        self.requests: dict[tuple[str, str, int], int] = {}
        self.seconds = Histogram(REQUEST_SECONDS)
        self.stages = tuple(Histogram(STAGE_SECONDS) for _ in STAGES)
        # KServe's name for parse and prepare together: two histograms cannot be added up to one of the sums.
        self.preprocess = Histogram(STAGE_SECONDS)
        self.rows = dict.fromkeys(versions, 0)
        self.batch_rows = Histogram(BATCH_ROWS)

    def answered(self, seen: Answered) -> None:
        """Count a request that was answered."""
        self._request(seen.route, seen.protocol, 200, seen.seconds)
        parse, prepare, predict, encode = seen.stages
        first, second, third, fourth = self.stages
        first.observe(parse)
        second.observe(prepare)
        third.observe(predict)
        fourth.observe(encode)
        self.preprocess.observe(parse + prepare)
        rows = seen.batch.rows
        self.rows[seen.version] += rows
        self.batch_rows.observe(rows)

    def refused(self, route: str, protocol: str, status: int, seconds: float) -> None:
        """Count a request that was not."""
        self._request(route, protocol, status, seconds)

    def _request(self, route: str, protocol: str, status: int, seconds: float) -> None:
        key = (route, protocol, status)
        if key not in self.requests and len(self.requests) >= MOST_ROUTES:
            key = ("other", "other", status)
        self.requests[key] = self.requests.get(key, 0) + 1
        self.seconds.observe(seconds)

"""How far the metrics of runs are apart, with an interval where the predictions behind them were kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.comparison.better import lower_is_better
from jupyter_mlops.comparison.intervals import paired_intervals
from jupyter_mlops.comparison.kept_answers import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from jupyter_mlops.comparison.recorded import Recorded
    from jupyter_mlops.snapshot import SnapshotStore


@dataclass(frozen=True)
class MetricDifference:
    """A metric of a later run less that of the first.

    `low` and `high` are the ends of its 95 % interval over `rows` rows, resampled in pairs; `note` says why
    there is none. All are None where a run does not have the metric.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    rows: int | None = None
    note: str = ""


@dataclass(frozen=True)
class MetricDiff:
    """One metric of all runs, and how far each later run is from the first."""

    name: str
    values: tuple[float | None, ...]
    lower_is_better: bool
    differences: tuple[MetricDifference, ...]


def metric_diffs(store: SnapshotStore, runs: Sequence[Recorded]) -> tuple[MetricDiff, ...]:
    """Compare the metrics of two or three runs; numbers that are not finite count as none."""
    names = dict.fromkeys(name for each in runs for name in each.run.metrics)
    read = reader(store)
    return tuple(_metric(runs, name, read) for name in names)


def _metric(runs: Sequence[Recorded], name: str, read: Callable[[str], Any]) -> MetricDiff:
    values = tuple(_finite(each.run.metrics.get(name)) for each in runs)
    differences = tuple(
        MetricDifference(_less(value, values[0]), *sureness)
        for value, sureness in zip(values[1:], paired_intervals(runs, name, read), strict=True)
    )
    return MetricDiff(name, values, lower_is_better(name), differences)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _less(value: float | None, base: float | None) -> float | None:
    return None if value is None or base is None else value - base

"""How sure the difference of two metrics is: the gates' bootstrap over rows that both were measured on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from jupyter_mlops.comparison.kept_answers import KeptAnswers, kept_answers
from jupyter_mlops.registry.gates.bootstrap import interval, resampled, usual_resamples
from jupyter_mlops.registry.gates.case import some_of
from jupyter_mlops.registry.gates.metrics import METRICS
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from jupyter_mlops.comparison.recorded import Recorded
    from jupyter_mlops.registry.gates.metrics import Statistic

MOST_ROWS = 20_000
"""Of a larger hold-out a sample is drawn, the same each time: a difference is shown within a second."""
_QUICK_ROWS = 5000
"""Up to here as many resamples as the gates take; of more rows 500, for the same reason."""
CONFIDENCE = 0.95


class Sureness(NamedTuple):
    """The ends of an interval and the rows behind it, or why there is none."""

    low: float | None = None
    high: float | None = None
    rows: int | None = None
    note: str = ""


def paired_intervals(runs: Sequence[Recorded], name: str, read: Callable[[str], Any]) -> tuple[Sureness, ...]:
    """For each later run the interval of its metric less that of the first run.

    Rows are drawn for both models at once, so that what makes a row hard for both cancels (Efron and
    Tibshirani 1993).

    Args:
        runs: the base first.
        name: of the metric.
        read: from `kept_answers.reader`.
    """
    if name not in runs[0].run.metrics:
        return tuple(Sureness() for _ in runs[1:])
    try:
        base = kept_answers(runs[0], name, read)
    except Unable as unable:
        return tuple(_none(each, name, unable.reason) for each in runs[1:])
    return tuple(_beside(base, each, name, read) for each in runs[1:])


def _none(run: Recorded, name: str, why: str) -> Sureness:
    return Sureness(note=why if name in run.run.metrics else "")


def _beside(base: KeptAnswers, run: Recorded, name: str, read: Callable[[str], Any]) -> Sureness:
    if name not in run.run.metrics:
        return Sureness()
    try:
        other = kept_answers(run, name, read)
        if other.metric != base.metric:
            raise Unable("computed in another way")
        if other.truth != base.truth:
            raise Unable("other hold-out")
        return _interval(base, other)
    except Unable as unable:
        return Sureness(note=unable.reason)


def _interval(base: KeptAnswers, other: KeptAnswers) -> Sureness:
    rows = some_of(len(base.answers), MOST_ROWS)
    statistics: list[Statistic] = [
        METRICS[base.metric].statistic(each.answers.at(rows)) for each in (other, base)
    ]
    resamples = usual_resamples(len(rows)) if len(rows) <= _QUICK_ROWS else 500
    drawn = resampled(statistics, len(rows), resamples=resamples)
    low, high = interval(drawn[:, 0] - drawn[:, 1], CONFIDENCE)
    if math.isnan(low):  # most resamples have no such figure
        raise Unable("too few rows of a class")
    return Sureness(low, high, len(rows))

"""What the reference says about a metric: the range of its chunks, and how much a sample of n rows errs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from jupyter_mlops.drift.thresholds import TOO_FEW_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.drift.performance.chunks import Chunk
    from jupyter_mlops.drift.performance.sides import Side, Task

NAN = float("nan")
DEVIATIONS = 3.0
SURE = 2.58
FEW_ROWS = 100
DRAWS = 100
MOST_DRAWN = 5000

State = Literal["ok", "alarm", "too few rows", "unknown"]


@dataclass(frozen=True)
class Usual:
    """A metric on the reference.

    Attributes:
        values: realised in each chunk of the reference.
        mean, spread: of these values; the spread is the standard deviation with ddof 0.
        rows: rows of such a chunk, on average.
        error_of_one: the standard error of one row; that of n rows is this over sqrt(n).
        own_error: mean absolute difference between estimated and realised on the reference's chunks, by
            models that have not seen them.
        higher_is_better: on which side an alarm is.
    """

    values: tuple[float, ...]
    mean: float
    spread: float
    rows: float
    error_of_one: float
    own_error: float
    higher_is_better: bool

    @property
    def lower(self) -> float:
        """The lower limit for chunks as large as the reference's."""
        return self.mean - DEVIATIONS * self.spread

    @property
    def upper(self) -> float:
        """The upper limit for chunks as large as the reference's."""
        return self.mean + DEVIATIONS * self.spread

    def error(self, rows: int) -> float:
        """Three standard errors of a sample of that many rows."""
        return DEVIATIONS * self.error_of_one / math.sqrt(rows) if rows else NAN

    def limits(self, rows: int) -> tuple[float, float]:
        """Lower and upper limit for that many rows; a value beyond them is an alarm.

        Wider than `lower` and `upper` for fewer rows than the reference's chunks have: the variance grows by
        what a smaller sample errs more, sd² + e² (1/n - 1/n_reference). And never nearer to the mean than
        2.58 standard errors, e/sqrt(n), the 99 % band: ten chunks may deviate too little by luck. Without
        that 2.2 % of the chunks of shuffled car loans alarm by their labels, with it 1.2 %.
        """
        if rows == 0:
            return -math.inf, math.inf
        more = max(0.0, 1 / rows - 1 / self.rows)
        spread = math.sqrt(self.spread**2 + self.error_of_one**2 * more)
        away = max(DEVIATIONS * spread, SURE * self.error_of_one / math.sqrt(rows))
        return self.mean - away, self.mean + away

    def judge(self, value: float, rows: int) -> State:
        """Whether a value of so many rows is worse than the reference's range, or too few rows to tell."""
        if math.isnan(value) or math.isnan(self.spread):
            return "unknown"
        lower, upper = self.limits(rows)
        low = self.higher_is_better
        if not (value < self.lower if low else value > self.upper):
            return "ok"
        sure = rows >= FEW_ROWS and (value < lower if low else value > upper)
        return "alarm" if sure else TOO_FEW_ROWS  # type: ignore[return-value]


def usual(task: Task, reference: Side, chunks: Sequence[Chunk], metrics: Sequence[str]) -> dict[str, Usual]:
    """Each metric's range on the reference's chunks."""
    realised = [task.realised(reference, chunk.rows) for chunk in chunks]
    estimated = [task.estimated(reference, chunk.rows) for chunk in chunks]
    of_one = _error_of_one(task, reference, round(np.mean([len(chunk.rows) for chunk in chunks])))
    found = {}
    for name in metrics:
        values = np.array([figures[name] for figures in realised])
        off = np.abs(values - [figures[name] for figures in estimated])
        there = values[~np.isnan(values)]
        found[name] = Usual(
            values=tuple(float(value) for value in values),
            mean=float(there.mean()) if len(there) else NAN,
            spread=float(there.std()) if len(there) > 1 else NAN,
            rows=float(np.mean([reference.labelled[chunk.rows].sum() for chunk in chunks])),
            error_of_one=of_one[name],
            own_error=float(np.nanmean(off)) if not np.isnan(off).all() else NAN,
            higher_is_better=task.higher_is_better,
        )
    return found


def _error_of_one(task: Task, reference: Side, rows: int) -> Mapping[str, float]:
    """The deviation of each metric over bootstrap samples of the reference, times the root of their size."""
    from_rows = np.flatnonzero(reference.labelled)
    size = int(min(rows, MOST_DRAWN, len(from_rows)))
    generator = np.random.default_rng(0)
    drawn = [task.realised(reference, generator.choice(from_rows, size)) for _ in range(DRAWS)]
    found = {}
    for name in task.metrics:
        values = np.array([figures[name] for figures in drawn])
        values = values[~np.isnan(values)]
        found[name] = float(values.std() * math.sqrt(size)) if len(values) > 1 else NAN
    return found

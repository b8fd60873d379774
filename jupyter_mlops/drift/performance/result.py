"""The answer: each metric over the chunks, estimated and realised, with its limits and alarms."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from jupyter_mlops.drift.thresholds import TOO_FEW_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from jupyter_mlops.drift.performance.limits import State, Usual
    from jupyter_mlops.drift.thresholds import Verdict

# A chunk is judged by its labels where at least this share of its rows has one.
LABELLED = 0.5


@dataclass(frozen=True)
class ChunkRows:
    """A chunk as the reader knows it: its label, its rows, and how many of them have a score and a label."""

    label: str
    rows: int
    scored: int
    labelled: int

    @property
    def judged_by(self) -> Literal["realised", "estimated"]:
        """Whose alarm counts: that of the labels where most have arrived."""
        return "realised" if self.labelled >= LABELLED * self.rows else "estimated"


@dataclass(frozen=True)
class Metric:
    """One metric over the chunks; all tuples have one entry a chunk.

    Attributes:
        estimated: without labels; NaN where a chunk has no scores or the metric is not defined.
        error: three standard errors of a sample of as many rows.
        realised: by the labels that have arrived; None if there are none at all.
        usual: what the reference's own chunks say: mean, spread, limits, the estimate's own error there.
        estimated_state, realised_state: "ok", "alarm", "too few rows" (worse than the limit for large chunks,
            but not beyond that for so few rows, or fewer than 100) or "unknown".
    """

    name: str
    estimated: tuple[float, ...]
    error: tuple[float, ...]
    realised: tuple[float, ...] | None
    usual: Usual
    estimated_state: tuple[State, ...]
    realised_state: tuple[State, ...]

    @property
    def lower(self) -> float:
        """The reference's mean - 3 standard deviations."""
        return self.usual.lower

    @property
    def upper(self) -> float:
        """The reference's mean + 3 standard deviations."""
        return self.usual.upper


@dataclass(frozen=True, repr=False)
class PerformanceResult:
    """How well a model does, chunk by chunk.

    Attributes:
        task: "binary", "multiclass" or "regression".
        chunks: in the order of time.
        metrics: as asked for.
        assumptions: what the estimate takes for granted.
        notes: what was left out, and signs that the estimate cannot be relied on.
    """

    task: str
    chunks: tuple[ChunkRows, ...]
    metrics: tuple[Metric, ...]
    assumptions: str
    notes: tuple[str, ...] = ()

    def metric(self, name: str) -> Metric:
        """The metric of that name; KeyError if it was not asked for."""
        return {each.name: each for each in self.metrics}[name]

    def states(self, metric: Metric) -> tuple[State, ...]:
        """One state a chunk: of the labels where at least half of its rows have one.

        Elsewhere the estimate's, unless the few labels alone are an alarm.
        """
        found = []
        for chunk, estimated, realised in zip(
            self.chunks, metric.estimated_state, metric.realised_state, strict=True
        ):
            by_labels = chunk.judged_by == "realised" and realised != "unknown"
            found.append(realised if by_labels or realised == "alarm" else estimated)
        return tuple(found)

    def alarms(self, metric: Metric) -> tuple[bool, ...]:
        """Whether a chunk is worse than the reference's range, one entry a chunk."""
        return tuple(state == "alarm" for state in self.states(metric))

    @property
    def verdict(self) -> Verdict:
        """The newest chunk that can be told: drift if a metric alarms there; watch if an older one does."""
        latest: Verdict = "ok"
        for metric in self.metrics:
            known = [state == "alarm" for state in self.states(metric) if state in {"ok", "alarm"}]
            if known and known[-1]:
                return "drift"
            if any(known):
                latest = "watch"
        return latest

    @property
    def summary(self) -> str:
        """One line, for instance "f1 alarms in 5 of 10 chunks, the last is 2019-08-01; estimated"."""
        ways = {chunk.judged_by for chunk in self.chunks}
        if all(metric.realised is None for metric in self.metrics):
            ways = {"estimated"}
        way = " and ".join(sorted(ways))
        total = f"{len(self.chunks)} chunk{'' if len(self.chunks) == 1 else 's'}"
        told = []
        for metric in self.metrics:
            bad = [chunk.label for chunk, bad in zip(self.chunks, self.alarms(metric), strict=True) if bad]
            if bad:
                told.append(f"{metric.name} alarms in {len(bad)} of {total}, the last is {bad[-1]}")
        few = sum(TOO_FEW_ROWS in states for states in zip(*map(self.states, self.metrics), strict=True))
        unsure = f"; {TOO_FEW_ROWS} to tell in {few}" if few else ""
        if told:
            return f"{'; '.join(told)}; {way}{unsure}"
        return f"no alarm in {total}: {', '.join(metric.name for metric in self.metrics)}, {way}{unsure}"

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values; what is not a finite number is None."""
        return {
            "task": self.task,
            "summary": self.summary,
            "verdict": self.verdict,
            "chunks": [
                {"label": each.label, "rows": each.rows, "labelled": each.labelled} for each in self.chunks
            ],
            "metrics": [self._metric(each) for each in self.metrics],
            # who shows one text under a picture shows the doubts first
            "assumptions": " ".join((*self.notes, self.assumptions)),
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """`to_dict` as strict JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def to_frame(self) -> pd.DataFrame:
        """One row for each chunk and metric.

        Columns: chunk, rows, labelled, metric, estimated, error, realised, lower, upper (the limits for so
        many rows), state, alarm.
        """
        import pandas as pd

        rows = []
        for metric in self.metrics:
            for i, (chunk, state) in enumerate(zip(self.chunks, self.states(metric), strict=True)):
                judged = chunk.labelled if chunk.judged_by == "realised" else chunk.scored
                lower, upper = metric.usual.limits(judged)
                rows.append(
                    {
                        "chunk": chunk.label,
                        "rows": chunk.rows,
                        "labelled": chunk.labelled,
                        "metric": metric.name,
                        "estimated": metric.estimated[i],
                        "error": metric.error[i],
                        "realised": metric.realised[i] if metric.realised else math.nan,
                        "lower": lower,
                        "upper": upper,
                        "state": state,
                        "alarm": state == "alarm",
                    }
                )
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.summary})"

    def _metric(self, metric: Metric) -> dict[str, Any]:
        return {
            "name": metric.name,
            "estimated": _plain(metric.estimated),
            "error": _plain(metric.error),
            "realised": None if metric.realised is None else _plain(metric.realised),
            "lower": _plain([metric.lower])[0],
            "upper": _plain([metric.upper])[0],
            "alarm": list(self.alarms(metric)),
            "state": list(self.states(metric)),
            "reference": _plain(metric.usual.values),
            "reference_error": _plain([metric.usual.own_error])[0],
            "higher_is_better": metric.usual.higher_is_better,
        }


def _plain(values: Iterable[float]) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]

"""Drift chunk by chunk: when it began, and whether the reference itself moves as much."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.column import compare_column
from jupyter_mlops.drift.inputs import require_column, too_many
from jupyter_mlops.drift.performance.chunks import Cut, cut_reference, cut_rows
from jupyter_mlops.drift.performance.inputs import in_order
from jupyter_mlops.drift.profile import FrameProfile, profile_frame
from jupyter_mlops.drift.significance import adjust_strictly
from jupyter_mlops.drift.verdicts import judged_apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from jupyter_mlops.drift.findings import Findings
    from jupyter_mlops.drift.thresholds import Thresholds

DEVIATIONS = 3.0
MOST_CHUNKS = 1000


@dataclass(frozen=True)
class ColumnOverTime:
    """One column, one figure a chunk.

    Attributes:
        effect: the size of the difference that decides; NaN where there is none to tell.
        low: the mean over the reference's own chunks less three of their standard deviations.
        high: that mean and three standard deviations.
        alarm: whether the column drifts in the chunk by the usual rule *and* leaves the band upwards.
    """

    effect: tuple[float, ...]
    low: float
    high: float
    alarm: tuple[bool, ...]


@dataclass(frozen=True)
class OverTime:
    """Every column in every chunk.

    Attributes:
        column: the column of the times.
        every: the period, such as "1D"; "" for chunks of equal size.
        labels: what each chunk is called: the start of its period, or its rows.
        rows: how many rows each has.
        columns: by name.
        left_out: rows without a time, which are in no chunk.
    """

    column: str
    every: str
    labels: tuple[str, ...]
    rows: tuple[int, ...]
    columns: Mapping[str, ColumnOverTime]
    left_out: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; what is no number is None."""
        return {
            "column": self.column,
            "every": self.every,
            "chunks": [
                {"label": label, "rows": rows} for label, rows in zip(self.labels, self.rows, strict=True)
            ],
            "columns": {
                name: {
                    "effect": [_or_none(value) for value in each.effect],
                    "low": _or_none(each.low),
                    "high": _or_none(each.high),
                    "alarm": list(each.alarm),
                }
                for name, each in self.columns.items()
            },
            "left_out": self.left_out,
        }


def compare_over_time(
    reference: pd.DataFrame | FrameProfile,
    profile: FrameProfile,
    current: pd.DataFrame,
    names: Sequence[str],
    *,
    time: str,
    every: str | None,
    thresholds: Thresholds,
) -> OverTime:
    """Each chunk of `current` against all of the reference.

    The band comes from the reference's own chunks: of the same periods where it has the column of times and
    enough of them, of equal parts of as many rows else. Of a profile alone there are no chunks, and no band:
    then the usual rule decides.

    Args:
        reference: the rows, or their profile.
        profile: of the reference.
        current: the rows in question.
        names: columns to compare; that of the times is left out.
        time: the column of the times.
        every: a period, such as "1D"; ten chunks of equal size if None.
        thresholds: limits for the verdict on each chunk.

    Raises:
        BadInputError: there is no such column, it has no times, or there are more than 1,000 chunks.
    """
    require_column(current, time, "current")
    names = [name for name in names if name != time and name in profile.columns and name in current.columns]
    ordered, times, left_out = in_order(current, time, "current")
    cut = Cut(every=every)
    parts = cut_rows(len(ordered), cut, times)
    too_many(len(parts), MOST_CHUNKS, "chunks", "Give a longer period: every='7D', for instance.")
    usual = max(1, round(float(np.median([len(part.rows) for part in parts]))))
    effects, alarms = _judged(profile, [ordered.iloc[part.rows] for part in parts], names, thresholds)
    bands = _bands(reference, profile, names, cut, usual, time, thresholds)
    return OverTime(
        time,
        every or "",
        tuple(part.label for part in parts),
        tuple(len(part.rows) for part in parts),
        {
            name: _column(effects[name], alarms[name], *bands.get(name, (math.nan, math.nan)))
            for name in names
        },
        left_out,
    )


def _column(effects: list[float], alarms: list[bool], low: float, high: float) -> ColumnOverTime:
    beyond = [alarm and not effect <= high for effect, alarm in zip(effects, alarms, strict=True)]
    return ColumnOverTime(tuple(effects), low, high, tuple(beyond))


def _judged(
    profile: FrameProfile, parts: Sequence[pd.DataFrame], names: Sequence[str], thresholds: Thresholds
) -> tuple[dict[str, list[float]], dict[str, list[bool]]]:
    """The deciding effect of each column in each part, and whether it drifts there; one family of tests."""
    groups = [_findings(profile, part, names) for part in parts]
    effects: dict[str, list[float]] = {name: [] for name in names}
    alarms: dict[str, list[bool]] = {name: [] for name in names}
    for found, tests in zip(groups, judged_apart(groups, thresholds, adjust_strictly), strict=True):
        drifting = set(tests.loc[tests["verdict"] == "drift", "column"])
        for each in found:
            ratios = [(test.effect / thresholds.limit(test.aspect), test.effect) for test in each.evidence]
            effects[each.column].append(max(ratios, default=(0.0, math.nan))[1])
            alarms[each.column].append(each.least == "drift" or each.column in drifting)
    return effects, alarms


def _findings(profile: FrameProfile, part: pd.DataFrame, names: Sequence[str]) -> list[Findings]:
    of_part = profile_frame(part, names)
    return [compare_column(name, profile.columns[name], of_part.columns[name]) for name in names]


def _bands(
    reference: pd.DataFrame | FrameProfile,
    profile: FrameProfile,
    names: Sequence[str],
    cut: Cut,
    usual: int,
    time: str,
    thresholds: Thresholds,
) -> dict[str, tuple[float, float]]:
    if isinstance(reference, FrameProfile):
        return {}
    rows, times = reference, None
    if time in reference.columns:
        rows, times, _ = in_order(reference, time, "reference")
    names = [name for name in names if name in rows.columns]  # a profile can have a model's answers, too
    parts = cut_reference(len(rows), cut, times, usual)
    effects, _ = _judged(profile, [rows.iloc[part.rows] for part in parts], names, thresholds)
    bands = {}
    for name, values in effects.items():
        known = np.array([value for value in values if not math.isnan(value)])
        if len(known):
            spread = DEVIATIONS * float(known.std())
            bands[name] = (max(0.0, float(known.mean()) - spread), float(known.mean()) + spread)
    return bands


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None

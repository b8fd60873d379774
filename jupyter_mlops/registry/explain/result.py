"""An explanation as plain numbers, in the columns that the model was given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Importance:
    """How much worse the model gets when the values of a column are dealt to other rows.

    `mean` is in units of the metric, above 0 where the column is of use. `low` and `high` are the ends of the
    95 % interval of that mean over repeated dealing; they do not say how other rows would have come out.
    """

    column: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class RowExplanation:
    """One answer, split up: `base` and all `contributions` add up to `output`."""

    row: str
    """Its label in the frame's index."""
    prediction: Any
    explained: str
    """What `output` is of, such as ``probability of >50K``."""
    base: float
    """The mean output, before anything is known of the row."""
    output: float
    contributions: Mapping[str, float]
    values: Mapping[str, Any]
    """What the row holds, by column."""
    probability: float | None = None
    """The same answer as a probability, where `output` is in log-odds."""

    @property
    def ranked(self) -> list[tuple[str, float]]:
        """The contributions, strongest first."""
        return sorted(self.contributions.items(), key=lambda item: -abs(item[1]))


@dataclass(frozen=True)
class Explanation:
    """What a model uses, and why it answered as it did.

    Args:
        metric: what `importance` is measured in, and `score` its value with all columns in place.
        importance: of every column, most important first; empty when there were no rows to measure on.
        measured_on: the rows behind it, in words.
        rows: single answers that were asked about.
        method: how their contributions were found, in words; empty without rows.
        residual: the most by which base and contributions miss an output.
        error: the largest standard error of a contribution; None where they are exact.
        notes: what a reader has to know before relying on it.
        seconds: the time it took.
    """

    metric: str = ""
    score: float = math.nan
    importance: tuple[Importance, ...] = ()
    measured_on: str = ""
    rows: tuple[RowExplanation, ...] = ()
    method: str = ""
    residual: float = 0.0
    error: float | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: a number that is not finite is None."""
        return {
            "metric": self.metric,
            "score": _plain(self.score),
            "importance": [
                {
                    "column": each.column,
                    **{key: _plain(getattr(each, key)) for key in ("mean", "low", "high")},
                }
                for each in self.importance
            ],
            "measured_on": self.measured_on,
            "rows": [
                {
                    "row": each.row,
                    "prediction": _plain(each.prediction),
                    "explained": each.explained,
                    "base": _plain(each.base),
                    "output": _plain(each.output),
                    "probability": _plain(each.probability),
                    "contributions": {name: _plain(value) for name, value in each.contributions.items()},
                    "values": {name: _plain(value) for name, value in each.values.items()},
                }
                for each in self.rows
            ],
            "method": self.method,
            "residual": _plain(self.residual),
            "error": _plain(self.error),
            "notes": list(self.notes),
            "seconds": self.seconds,
        }


def _plain(value: Any) -> Any:
    value = getattr(value, "item", lambda: value)()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)

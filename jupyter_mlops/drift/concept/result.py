"""The answer: where a detector alarmed, and where detectors that look at nothing would have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True)
class Alarm:
    """A change that was detected.

    Attributes:
        row: the position in the frame (from 0) at which the detector noticed; the change was before.
        time: the time of that row, or None.
        before, after: the mean of the stream since the alarm before this one, and until the next.
    """

    row: int
    time: pd.Timestamp | None
    before: float
    after: float


@dataclass(frozen=True, repr=False)
class ConceptDriftResult:
    """Alarms over a stream.

    Attributes:
        what: the stream: "errors", "absolute errors" or the name of a column.
        detector: its name.
        rows: how many values it has seen.
        alarms: in the order of time.
        warnings: rows at which a warning zone began; DDM has one.
        dummies: by name the rows at which a detector that looks at nothing alarms, at the same rate: at a
            fixed interval, and at random. What is claimed for the detector must be better than for these.
        notes: what was left out or done to the values.
    """

    what: str
    detector: str
    rows: int
    alarms: tuple[Alarm, ...]
    warnings: tuple[int, ...]
    dummies: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """One line, for instance "adwin: 2 alarms in 45,312 rows of errors, the last at row 30,011"."""
        number = len(self.alarms)
        line = (
            f"{self.detector}: {number or 'no'} alarm{'' if number == 1 else 's'} in {self.rows:,} rows of "
        )
        return line + self.what + (f", the last at row {self.alarms[-1].row:,}" if number else "")

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values; what is not a finite number is None."""
        return {
            "summary": self.summary,
            "what": self.what,
            "detector": self.detector,
            "rows": self.rows,
            "alarms": [
                {
                    "row": alarm.row,
                    "time": None if alarm.time is None else alarm.time.isoformat(),
                    "before": alarm.before if math.isfinite(alarm.before) else None,
                    "after": alarm.after if math.isfinite(alarm.after) else None,
                }
                for alarm in self.alarms
            ],
            "warnings": list(self.warnings),
            "dummies": {name: list(rows) for name, rows in self.dummies.items()},
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row an alarm, the dummies' below the detector's: detector, row, time, before, after."""
        import pandas as pd

        columns = ["detector", "row", "time", "before", "after"]
        own = [{"detector": self.detector} | vars(alarm) for alarm in self.alarms]
        others = [{"detector": name, "row": row} for name, rows in self.dummies.items() for row in rows]
        return pd.DataFrame([*own, *others], columns=columns)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.summary})"

"""A stream of numbers from a frame: whether a prediction was wrong, by how much, or a column as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.inputs import checked_frame
from jupyter_mlops.drift.performance.inputs import in_order, numbers, require
from jupyter_mlops.drift.performance.labels import hashable, same
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.drift.performance.sides import Floats, Integers


@dataclass(frozen=True, eq=False)
class Stream:
    """Values in the order of time.

    Attributes:
        what: for people, for instance "errors".
        values: (n,) none is missing.
        rows: (n,) the position of each in the frame that was given.
        times: the time of each, or None.
        notes: what was left out.
    """

    what: str
    values: Floats
    rows: Integers
    times: pd.Series | None
    notes: tuple[str, ...]

    @property
    def is_of_errors(self) -> bool:
        """Whether all values are 0 or 1."""
        return bool(np.isin(self.values, (0, 1)).all())

    @property
    def scaled(self) -> Floats:
        """0 and 1 as they are; else in standard deviations from the mean, both of the whole stream.

        Detectors have limits on absolute scales: river's default for Page–Hinkley is 50, whatever the unit.
        """
        spread = self.values.std()
        if self.is_of_errors or spread == 0:
            return self.values
        return np.asarray((self.values - self.values.mean()) / spread)


def stream_of(
    frame: object, *, column: str | None, target: str | None, prediction: str | None, time: str | None
) -> Stream:
    """The stream that is asked for; see `detect_concept_drift`."""
    if (column is None) == (target is None and prediction is None) or (target is None) != (
        prediction is None
    ):
        raise BadInputError(
            "What to watch is not clear.",
            "Give column=, or target= and prediction= for a model's errors; not both.",
        )
    rows = checked_frame(frame, "stream's")
    require(rows, [column, target, prediction, time], "stream's")
    place = "__place__"
    while place in rows.columns:
        place += "_"
    ordered, times, untimed = in_order(rows.assign(**{place: range(len(rows))}), time, "stream's")
    if column is not None:
        what, values = column, _column(ordered[column], column)
    else:
        what, values = _errors(ordered, str(target), str(prediction))
    there = ~np.isnan(values)
    if not there.any():
        raise BadInputError(
            "No row has both a label and a prediction.", "Give rows whose labels have arrived."
        )
    notes = [f"{untimed:,} rows have no time and are left out."] if untimed else []
    if not there.all():
        notes.append(f"{int((~there).sum()):,} rows have a missing value or label and are left out.")
    return Stream(
        what=what,
        values=values[there],
        rows=ordered[place].to_numpy(dtype=np.int64)[there],
        times=None if times is None else times[there].reset_index(drop=True),
        notes=tuple(notes),
    )


def _column(column: pd.Series, name: str) -> Floats:
    from pandas.api.types import is_bool_dtype

    return numbers(column.astype("Float64") if is_bool_dtype(column) else column, name, "stream's")


def _errors(frame: pd.DataFrame, target: str, prediction: str) -> tuple[str, Floats]:
    """1 where the prediction is another label; the absolute error where either column has fractions."""
    import pandas as pd

    # `map` makes floats of whole numbers beside a missing one, which change nothing: 1.0 equals 1
    sides = [hashable(frame[name]).map(same, na_action="ignore") for name in (target, prediction)]
    missing = (sides[0].isna() | sides[1].isna()).to_numpy()
    if missing.all():
        return "errors", np.full(len(frame), np.nan)
    fractions = any(isinstance(same(value), float) for side in sides for value in pd.unique(side.dropna()))
    if fractions:
        truth, said = (numbers(frame[name], name, "stream's") for name in (target, prediction))
        return "absolute errors", np.abs(truth - said)
    wrong = (sides[0] != sides[1]).to_numpy(dtype=float)
    return "errors", np.where(missing, np.nan, wrong)

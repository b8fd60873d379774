"""One column of the frame that is validated, read as far as its expectations need it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.kinds import Family, family_of
from jupyter_mlops.drift.profile.build import microseconds, seconds
from jupyter_mlops.drift.profile.texts import NestedValuesError, of_others
from jupyter_mlops.drift.validate.types import plain_dtype

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from jupyter_mlops.drift.distances import Floats

Mask = Any  # a NumPy array of booleans


@dataclass(frozen=True, eq=False)
class Column:
    """A column of `rows` rows.

    Attributes:
        dtype: its type, in the words of expectations.
        family: what its values are.
        present: which rows have a value; None when all have.
        values: those that are there; of a categorical column as what they are.
    """

    rows: int
    dtype: str
    family: Family
    present: npt.NDArray[np.bool_] | None
    values: pd.Series

    @classmethod
    def of(cls, series: pd.Series) -> Column:
        """Read it."""
        import pandas as pd

        dtype = str(series.dtype)
        if isinstance(series.dtype, pd.CategoricalDtype):
            dtype, series = "category", series.astype(series.cat.categories.dtype)
        here = series.notna().to_numpy(dtype=bool)
        present = None if here.all() else here
        values = series if present is None else series[present]
        family = _readable(values, family_of(values))
        return cls(len(series), plain_dtype(dtype, family), family, present, values)

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Which of all rows have no value."""
        return np.zeros(self.rows, dtype=bool) if self.present is None else ~self.present

    @cached_property
    def numbers(self) -> Floats:
        """The values as numbers: times as microseconds since 1970, durations as seconds."""
        return _as_numbers(self.values, self.family)

    def positions(self, mask: Mask, most: int) -> tuple[int, ...]:
        """Positions in the frame of the first values that a mask over `values` marks."""
        found = np.flatnonzero(mask)[:most]
        if self.present is not None and len(mask) < self.rows:
            found = np.flatnonzero(self.present)[found]
        return tuple(found.tolist())


def _as_numbers(values: pd.Series, family: Family) -> Floats:
    if family in {"time", "time with zone"}:
        return microseconds(values)
    return seconds(values) if family == "duration" else values.to_numpy(dtype=np.float64)


def _readable(values: pd.Series, family: Family) -> Family:
    """The family, or what is wrong with values that only look like it."""
    try:
        if family == "other":
            of_others(values.head(1))
        elif values.dtype == object and family not in {"text", "boolean", "empty"}:
            _as_numbers(values, family)
    except NestedValuesError:
        return "nested"
    except (TypeError, ValueError, OverflowError):  # beyond float64 or the calendar
        return "unsupported"
    return family

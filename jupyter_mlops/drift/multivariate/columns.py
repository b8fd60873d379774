"""Both frames as columns of numbers, and a reason for each column that is left out.

Nothing here knows from which frame a row comes: categories are coded by how often they occur in both
together. With codes taken from the reference alone, values that only the current rows have would be marked
as such, and two halves of one table could be told apart by their rare values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.kinds import Family, common_family, family_of

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

# The most frequent values have codes of their own, all others one for about how often they occur.
NAMED = 63


@dataclass(frozen=True)
class Column:
    """A column of both frames, the reference's rows first; NaN is missing.

    Attributes:
        values: numbers, or whole numbers from 0 that stand for categories.
    """

    name: str
    kind: Literal["number", "category"]
    values: Floats


class LeftOutError(Exception):
    """A column that cannot take part; the message says why and holds none of its values."""


def column_of(name: str, reference: pd.Series, current: pd.Series) -> Column:
    """The column as numbers.

    Raises:
        LeftOutError: it says nothing, or nothing that can be compared with other columns.
    """
    missing = np.concatenate([side.isna().to_numpy(dtype=bool) for side in (reference, current)])
    # When both are categorical their categories become text, even numbers: somebody said so.
    as_text = _is_categorical(reference) and _is_categorical(current)
    ref, cur = (_present(side, as_text=as_text) for side in (reference, current))
    family = common_family(family_of(ref), family_of(cur))
    if family is None:
        raise LeftOutError("type changed")
    try:
        kind, present = _as_numbers(family, ref, cur)
    except (TypeError, ValueError, OverflowError) as error:
        # Numbers beyond float64, durations beyond the calendar; the error itself could hold a value.
        raise LeftOutError("not comparable") from error
    values = np.full(len(missing), np.nan)
    values[~missing] = present
    if len(present) == 0 or ((present == present[0]).all() and not missing.any()):
        raise LeftOutError("constant" if len(present) else "no values")
    return Column(name, kind, values)


def numbers_of(side: pd.Series) -> Floats | None:
    """A numeric column of one frame with NaN for missing values; None for any other column."""
    missing = side.isna().to_numpy(dtype=bool)
    present = _present(side, as_text=True)
    if family_of(present) != "number":
        return None
    values = np.full(len(missing), np.nan)
    try:
        values[~missing] = present.to_numpy(dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    return values


def _is_categorical(side: pd.Series) -> bool:
    """Whether it has pandas' type for categories."""
    import pandas as pd

    return isinstance(side.dtype, pd.CategoricalDtype)


def _present(side: pd.Series, *, as_text: bool) -> pd.Series:
    """The values that are not missing, of categorical columns as text or as what they are."""
    import pandas as pd

    present = side[side.notna()]
    if not _is_categorical(side):
        return present
    categories = side.cat.categories.astype(str) if as_text else side.cat.categories
    return pd.Series(categories.take(present.cat.codes.to_numpy()))


def _as_numbers(
    family: Family, reference: pd.Series, current: pd.Series
) -> tuple[Literal["number", "category"], Floats]:
    """The present values of both sides."""
    import pandas as pd

    both = pd.concat([side for side in (reference, current) if len(side)] or [reference], ignore_index=True)
    if family == "number":
        return "number", np.asarray(both, dtype=np.float64)
    if family == "duration":
        seconds = pd.to_timedelta(both).dt.total_seconds()
        return "number", np.asarray(seconds, dtype=np.float64)
    if family in {"boolean", "text"}:
        return "category", _codes(both)
    if family == "empty":
        return "number", np.empty(0)
    raise LeftOutError("time" if family in {"time", "time with zone"} else "mixed or nested values")


def _codes(values: pd.Series) -> Floats:
    """A code for each of the most frequent values, and one per doubling of the frequency for all others."""
    import pandas as pd

    codes, found = pd.factorize(values)
    if len(found) <= NAMED:
        return codes.astype(np.float64)
    if len(found) == len(values):
        raise LeftOutError("another value in each row")
    counts = np.bincount(codes, minlength=len(found))
    # Equally frequent values are all named or all not: which came first must not matter.
    named = counts > np.partition(counts, -NAMED - 1)[-NAMED - 1]
    code = np.empty(len(found))
    code[named] = np.arange(named.sum())
    code[~named] = named.sum() + np.floor(np.log2(counts[~named]))
    return code[codes]

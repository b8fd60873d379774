"""From a frame to its profile: each column is read once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.inputs import checked_frame
from jupyter_mlops.drift.kinds import Family, family_of
from jupyter_mlops.drift.profile.correlations import correlations_of
from jupyter_mlops.drift.profile.model import ColumnProfile, FrameProfile
from jupyter_mlops.drift.profile.ordered import summary_of
from jupyter_mlops.drift.profile.texts import NestedValuesError, of_booleans, of_others, of_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from jupyter_mlops.drift.distances import Floats

THREADS = 2
WORTH_THREADS = 2_000_000
"""Values in a frame from which on a second thread is started: sorting and counting let others run."""
DAY = 86_400e6  # microseconds
_ONE_TEXT = Lock()


def profile_frame(
    frame: Any,
    columns: Sequence[str] | None = None,
    *,
    side: str = "",
    correlations: bool = False,
) -> FrameProfile:
    """The profile of a frame.

    Args:
        frame: of pandas, polars, Arrow or what else Narwhals reads.
        columns: only these, as far as the frame has them; all when None.
        side: what the frame is called in errors, such as "reference".
        correlations: also those between its numbers.

    Raises:
        BadInputError: it is not a frame, has no rows, or two columns have one name.
    """
    table = checked_frame(frame, side)
    names = [name for name in table.columns if columns is None or name in columns]

    def profiled(name: str) -> ColumnProfile:
        return profile_column(name, table[name])

    if len(names) > 1 and len(names) * len(table) >= WORTH_THREADS:
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(profiled, names))
    else:
        found = [profiled(name) for name in names]
    return FrameProfile(
        len(table),
        {column.name: column for column in found},
        correlations_of(table[names]) if correlations else None,
    )


def profile_column(name: str, series: pd.Series) -> ColumnProfile:
    """The profile of one column."""
    import pandas as pd

    if isinstance(series.dtype, np.dtype) and series.dtype.kind == "f":
        return _floats(name, series)
    if isinstance(series.dtype, pd.StringDtype):
        return _texts(name, series)
    rows, dtype = len(series), str(series.dtype)
    categorical = isinstance(series.dtype, pd.CategoricalDtype)
    series = _plain(series) if categorical else series
    here = series.notna().to_numpy(dtype=bool)
    missing = rows - int(np.count_nonzero(here))
    values = series[here] if missing else series
    family = family_of(values)
    if categorical:
        dtype = "category"
    found = ColumnProfile(name, dtype, family, rows, missing, categorical=categorical)
    if family == "empty":
        return found
    try:
        return _SUMMARIES[family](found, values)
    except NestedValuesError:
        return replace(found, family="nested")
    except (TypeError, ValueError, OverflowError):
        # Numbers beyond float64, times beyond the calendar; the message itself could hold a value.
        return replace(found, family="unsupported")


def seconds(values: pd.Series) -> Floats:
    """Time differences as seconds."""
    import pandas as pd

    return np.asarray(pd.to_timedelta(values).dt.total_seconds(), dtype=np.float64)


def microseconds(values: pd.Series) -> Floats:
    """Points in time as microseconds since 1970, in UTC where they have a zone; periods from their start."""
    import pandas as pd

    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.start_time
    moments = pd.to_datetime(values)
    if moments.dt.tz is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    return moments.to_numpy().astype("datetime64[us]").astype(np.int64).astype(np.float64)


def _floats(name: str, series: pd.Series) -> ColumnProfile:
    """The usual column, without pandas: a mask costs it more than the sorting does."""
    numbers, rows = series.to_numpy(), len(series)
    finite = np.isfinite(numbers)
    known = int(np.count_nonzero(finite))
    missing = 0 if known == rows else int(np.count_nonzero(np.isnan(numbers)))
    family: Family = "empty" if missing == rows else "number"
    found = ColumnProfile(name, str(series.dtype), family, rows, missing)
    if family == "empty":
        return found
    values = summary_of((numbers if known == rows else numbers[finite]).astype(np.float64, copy=False))
    return replace(found, infinite=rows - missing - known, values=values)


def _texts(name: str, series: pd.Series) -> ColumnProfile:
    """Texts in Arrow's memory: what is missing counts as one more value, so no row has to be moved.

    One column at a time: counting very many texts takes the memory of several columns of numbers.
    """
    with _ONE_TEXT:
        values = of_texts(series)
    rows = len(series)
    family: Family = "text" if values.n else "empty"
    found = ColumnProfile(name, str(series.dtype), family, rows, rows - values.n)
    return replace(found, values=values) if values.n else found


def _numbers(found: ColumnProfile, values: pd.Series) -> ColumnProfile:
    numbers = values.to_numpy(dtype=np.float64)
    finite = np.isfinite(numbers)
    infinite = len(numbers) - int(np.count_nonzero(finite))
    summary = summary_of(numbers[finite] if infinite else numbers)
    return replace(found, infinite=infinite, values=summary)


def _times(found: ColumnProfile, values: pd.Series) -> ColumnProfile:
    return replace(found, values=summary_of(microseconds(values), day=DAY))


def _durations(found: ColumnProfile, values: pd.Series) -> ColumnProfile:
    return replace(found, values=summary_of(seconds(values)))


def _others(found: ColumnProfile, values: pd.Series) -> ColumnProfile:
    summary, mixed = of_others(values)
    return replace(found, values=summary, mixed=mixed)


_SUMMARIES: dict[Family, Callable[[ColumnProfile, pd.Series], ColumnProfile]] = {
    "number": _numbers,
    "boolean": lambda found, values: replace(found, values=of_booleans(values)),
    "text": lambda found, values: replace(found, values=of_texts(values)),
    "time": _times,
    "time with zone": _times,
    "duration": _durations,
    "other": _others,
}


def _plain(series: pd.Series) -> pd.Series:
    """The values of a categorical column, missing ones as missing."""
    import pandas as pd

    codes = series.cat.codes.to_numpy()
    if len(series.cat.categories) == 0:
        return pd.Series([None] * len(series), dtype=object)
    plain = pd.Series(series.cat.categories.take(np.maximum(codes, 0)))
    return plain.mask(codes < 0) if (codes < 0).any() else plain

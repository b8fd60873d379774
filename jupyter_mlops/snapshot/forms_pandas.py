"""pandas' frames, series, indexes and arrays as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from jupyter_mlops.snapshot.columns import column_of
from jupyter_mlops.snapshot.forms import Form, register
from jupyter_mlops.snapshot.frames import frame_layout, index_layout, series_layout
from jupyter_mlops.snapshot.layout import Layout
from jupyter_mlops.snapshot.rebuild import bare, rebuild_frame, rebuild_index, rebuild_series

if TYPE_CHECKING:
    from collections.abc import Iterator

register(Form("dataframe", frame_layout, rebuild_frame, has_rows=True), pd.DataFrame)
register(Form("series", series_layout, rebuild_series, has_rows=True), pd.Series)
register(
    Form("index", index_layout, rebuild_index),
    pd.Index,
    pd.RangeIndex,
    pd.MultiIndex,
    pd.CategoricalIndex,
    pd.DatetimeIndex,
    pd.TimedeltaIndex,
    pd.PeriodIndex,
    pd.IntervalIndex,
)


def _array_layout(array: Any) -> Layout:
    return Layout("pandas array", {}, (column_of(array),), len(array), whole=array)


def _rebuild_array(_: dict[str, Any], columns: Iterator[Any]) -> Any:
    return bare(next(columns), None).array


register(
    Form("pandas array", _array_layout, _rebuild_array),
    pd.Categorical,
    pd.arrays.ArrowExtensionArray,
    pd.arrays.ArrowStringArray,
    pd.arrays.BooleanArray,
    pd.arrays.DatetimeArray,
    pd.arrays.FloatingArray,
    pd.arrays.IntegerArray,
    pd.arrays.IntervalArray,
    pd.arrays.NumpyExtensionArray,
    pd.arrays.PeriodArray,
    pd.arrays.SparseArray,
    pd.arrays.StringArray,
    pd.arrays.TimedeltaArray,
)

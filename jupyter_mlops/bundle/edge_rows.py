"""Rows at the edges of what a model may be asked, made from real ones: one column is changed.

Two forms of a model that agree in the middle of the data can differ here: what is missing, what training did
not see, zeros with a sign, the ends of a column and their neighbours, numbers too large for float32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from jupyter_mlops.bundle.runtime.schema import Column

_BASES = 3
"""Real rows that each edge is tried on."""
_WHOLE = (0, 1, -1, 255, 2**31, 2**53 + 1, 2**63 - 1, 1_700_000_000, 987_654_321)
_REAL = (0.0, -0.0, 5e-324, -1.0, 0.1, 1e9 + 0.1, 1_700_000_000.123, 987_654_321.5, 2.0**53 + 2, 1e15, 1e300)
_TEXTS = ("", " ", "not seen in training", "\u2603")


def edge_frames(frame: pd.DataFrame, columns: Sequence[Column]) -> Iterator[pd.DataFrame]:
    """Small frames with the dtypes of training, as far as their values let them.

    Args:
        frame: real rows, with the schema's columns.
        columns: the schema.
    """
    places = np.unique(np.linspace(0, len(frame) - 1, _BASES).astype(int))
    bases = frame.iloc[places]
    for column in columns:
        values = _edges(column, frame[column.name])
        if values:
            yield _with(bases, frame, column.name, values)
        if column.nullable:
            yield _with(bases, frame, column.name, [None])
    nullable = [column.name for column in columns if column.nullable]
    if len(nullable) > 1:
        empty = bases.copy()
        for name in nullable:
            empty[name] = _column(frame[name], [None] * len(bases)).set_axis(empty.index)
        yield empty


def _with(bases: pd.DataFrame, frame: pd.DataFrame, name: str, values: list[Any]) -> pd.DataFrame:
    """Every base row with every value in one column."""
    rows = bases.iloc[np.repeat(np.arange(len(bases)), len(values))].reset_index(drop=True)
    rows[name] = _column(frame[name], values * len(bases))
    return rows


def _edges(column: Column, series: pd.Series[Any]) -> list[Any]:
    known = series.dropna()
    if column.type == "boolean":
        return [True, False]
    if column.type == "string":
        return list(_TEXTS)
    if known.empty:
        return []
    low, high = min(known), max(known)
    if column.type == "datetime":
        return [low, high]
    if column.type == "integer":
        ends = {int(low), int(high), int(low) - 1, int(high) + 1}
        return sorted({*_WHOLE, *(end for end in ends if -(2**63) <= end < 2**63)})
    near = {float(low), float(high), float(np.nextafter(low, -np.inf)), float(np.nextafter(high, np.inf))}
    return [*_REAL, *sorted(end for end in near if np.isfinite(end))]


def _column(like: pd.Series[Any], values: list[Any]) -> pd.Series[Any]:
    """The values as a column of the same dtype, or of the next one that holds them."""
    import pandas as pd

    dtype: Any = like.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        known = list(dtype.categories)
        new = [value for value in dict.fromkeys(values) if value is not None and value not in known]
        return pd.Series(pd.Categorical(values, categories=[*known, *new], ordered=dtype.ordered))
    if dtype.kind in "iub" and None in values:
        return pd.Series([np.nan if value is None else value for value in values])
    if dtype.kind == "O" and not pd.api.types.is_extension_array_dtype(dtype):
        absent = like[like.isna()]
        missing = absent.iloc[0] if len(absent) else np.nan
        return pd.Series([missing if value is None else value for value in values], dtype=object)
    try:
        made: pd.Series[Any] = pd.Series(values, dtype=dtype)
    except (OverflowError, ValueError, TypeError):
        made = pd.Series(values)
    return made

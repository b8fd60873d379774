"""Messy columns as numbers: what a shallow tree, ranks and groups can be made of."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.result import short_name

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.registry.gates.answers import Codes, Floats

FEW = 12
"""A column of at most so many different numbers has groups of its own values."""
MANY = 100
"""Text with more different values than this is free text or an identifier."""


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a frame.

    Attributes:
        numbers: of each row (NaN for a missing one) where values have an order and distance; else None.
        codes: of each row, a position in `labels`; -1 for a missing one. Where there are `numbers`, None.
    """

    name: str
    numbers: Floats | None
    codes: Codes | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Groups:
    """Rows by the value of one column: `codes` (rows) are positions in `names`, -1 is no group."""

    codes: Codes
    names: tuple[str, ...]


def read_column(values: pd.Series[Any], name: str) -> Column | None:
    """A column as numbers or as codes of its texts; None for nested values and the like."""
    import pandas as pd
    from pandas.api import types

    series = values.reset_index(drop=True)
    dtype = series.dtype
    if isinstance(dtype, pd.SparseDtype):
        series = series.astype(dtype.subtype)
    if isinstance(dtype, pd.PeriodDtype):
        series = series.dt.to_timestamp()
    numeric = types.is_numeric_dtype(series.dtype) and not types.is_complex_dtype(series.dtype)
    if numeric and not types.is_bool_dtype(series.dtype):
        return Column(name, np.asarray(series.astype("float64"), np.float64))
    if types.is_datetime64_any_dtype(series.dtype) or types.is_timedelta64_dtype(series.dtype):
        numbers = series.astype("int64").to_numpy().astype(np.float64)
        return Column(name, np.where(series.isna().to_numpy(), np.nan, numbers))
    if types.is_object_dtype(series.dtype):
        kind = types.infer_dtype(series, skipna=True)
        if kind in {"floating", "integer", "mixed-integer-float", "decimal"}:
            return Column(name, np.asarray(pd.to_numeric(series, errors="coerce"), np.float64))
    try:
        codes, labels = pd.factorize(series)
    except TypeError:
        return None
    return Column(name, None, np.asarray(codes, np.int64), tuple(str(label) for label in labels))


def read_columns(frame: pd.DataFrame) -> list[Column]:
    """All columns that can be read so, in their order; several of one name are several."""
    found = (read_column(frame.iloc[:, place], str(name)) for place, name in enumerate(frame.columns))
    return [column for column in found if column is not None]


def groups_of(column: Column, bins: int = 5) -> Groups | None:
    """Rows by category, or by quantiles of numbers; missing ones are a group. None for free text."""
    if column.numbers is None:
        codes = np.zeros(0, np.int64) if column.codes is None else column.codes
        if len(column.labels) > MANY:
            return None
        named = [short_name(label) for label in column.labels]
        return _with_missing(codes, named)
    known = np.isfinite(column.numbers)
    distinct = np.unique(column.numbers[known])
    if len(distinct) <= FEW:
        codes = np.where(known, np.searchsorted(distinct, column.numbers), -1)
        return _with_missing(codes, [f"{value:g}" for value in distinct])
    edges = np.unique(np.quantile(column.numbers[known], np.linspace(0, 1, bins + 1)[1:-1]))
    codes = np.where(known, np.searchsorted(edges, column.numbers, side="left"), -1)
    return _with_missing(codes, _ranges(edges))


def _with_missing(codes: Codes, names: list[str]) -> Groups:
    missing = codes < 0
    if missing.any():
        return Groups(np.where(missing, len(names), codes), (*names, "missing"))
    return Groups(codes, tuple(names))


def _ranges(edges: Floats) -> list[str]:
    ends = [f"{edge:.4g}" for edge in edges]
    between = [f"{low} to {high}" for low, high in itertools.pairwise(ends)]
    return [f"up to {ends[0]}", *between, f"above {ends[-1]}"]

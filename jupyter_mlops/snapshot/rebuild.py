"""Frames, series and indexes from a head and columns: the way back from `frames`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator


def rebuild_frame(head: dict[str, Any], columns: Iterator[Any]) -> pd.DataFrame:
    """The frame with that head; the columns are those of the labels, of the index, then its own."""
    labels = rebuild_index(head["labels"], columns)
    index = rebuild_index(head["index"], columns)
    series = {position: bare(values, index) for position, values in enumerate(columns)}
    frame = pd.DataFrame(series, index=index, copy=False)
    frame.columns = labels
    frame.attrs.update(head["attrs"])
    return frame


def rebuild_series(head: dict[str, Any], columns: Iterator[Any]) -> pd.Series[Any]:
    """The series with that head; the columns are those of the index, then its values."""
    index = rebuild_index(head["index"], columns)
    series = bare(next(columns), index)
    series.name = head["name"]
    series.attrs.update(head["attrs"])
    return series


def bare(values: Any, index: pd.Index[Any] | None) -> pd.Series[Any]:
    """A series without a name."""
    # The dtype is given: pandas would turn objects that are all text into its own text type.
    series: pd.Series[Any] = pd.Series(values, index=index, dtype=values.dtype, copy=False)
    return series


def rebuild_index(head: dict[str, Any], columns: Iterator[Any]) -> Any:
    """The index whose head this is; takes its own columns from the front of `columns`."""
    names = head["names"]
    if head["kind"] == "range":
        start, stop, step = head["bounds"]
        return pd.RangeIndex(start, stop, step, name=names[0])
    if head["kind"] == "multi":
        pairs = [(next(columns), next(columns)) for _ in range(head["levels"])]
        levels = [pd.Index(values, dtype=values.dtype, tupleize_cols=False) for values, _ in pairs]
        return pd.MultiIndex(levels, [codes for _, codes in pairs], names=names, verify_integrity=False)
    values = next(columns)
    index = pd.Index(values, dtype=values.dtype, name=names[0], tupleize_cols=False)
    if head["freq"] is None:
        return index
    timed = pd.TimedeltaIndex if index.dtype.kind == "m" else pd.DatetimeIndex
    return timed(index, freq=head["freq"])

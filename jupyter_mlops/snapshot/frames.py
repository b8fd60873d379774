"""Frames, series and indexes taken apart into a head and columns: what digests and the store share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from jupyter_mlops.snapshot.columns import Column, Raw, column_of
from jupyter_mlops.snapshot.layout import Layout
from jupyter_mlops.snapshot.typed_json import is_plain


def frame_layout(frame: pd.DataFrame) -> Layout:
    """Take a frame apart: labels first, then the index, then the columns by position."""
    labels, label_columns = _index(frame.columns)
    index, index_columns = _index(frame.index)
    rows, width = frame.shape
    columns = [column_of(series.array) for _, series in frame.items()]
    head = {
        "rows": rows,
        "columns": width,
        "labels": labels,
        "index": index,
        "attrs": _plain_attrs(frame.attrs),
    }
    return Layout("dataframe", head, (*label_columns, *index_columns, *columns), rows, width)


def series_layout(series: pd.Series[Any]) -> Layout:
    """Take a series apart: the index, then the values."""
    index, index_columns = _index(series.index)
    head = {"rows": len(series), "name": series.name, "index": index, "attrs": _plain_attrs(series.attrs)}
    return Layout("series", head, (*index_columns, column_of(series.array)), len(series))


def index_layout(index: pd.Index[Any]) -> Layout:
    """Take an index apart."""
    head, columns = _index(index)
    return Layout("index", head, columns)


def _index(index: Any) -> tuple[dict[str, Any], tuple[Column, ...]]:
    names = list(index.names)
    if isinstance(index, pd.RangeIndex):
        return {"kind": "range", "names": names, "bounds": [index.start, index.stop, index.step]}, ()
    if isinstance(index, pd.MultiIndex):
        used = index.remove_unused_levels()  # levels that a filter left behind are no content
        columns: list[Column] = []
        for level, codes in zip(used.levels, used.codes, strict=True):
            columns += (column_of(level.array), Raw(np.asarray(codes)))
        return {"kind": "multi", "names": names, "levels": used.nlevels}, tuple(columns)
    return {"kind": "flat", "names": names, "freq": _freq(index)}, (column_of(index.array),)


def index_width(head: dict[str, Any]) -> int:
    """How many columns an index of that head has in a layout."""
    widths = {"range": 0, "flat": 1, "multi": 2 * int(head.get("levels", 0))}
    return widths[head["kind"]]


def _freq(index: Any) -> str | None:
    # A period's frequency is part of its dtype; calendars with holidays of their own have no name.
    if not isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex) or index.freq is None:
        return None
    try:
        return index.freqstr if to_offset(index.freqstr) == index.freq else None
    except ValueError:
        return None


def _plain_attrs(attrs: dict[Any, Any]) -> dict[Any, Any]:
    # Attrs are notes of the user's or of a library; only what can be restored counts.
    return {key: value for key, value in attrs.items() if is_plain(key) and is_plain(value)}

"""Frames, series and indexes taken apart into a head and columns: what digests and the store share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from jupyter_mlops.snapshot.columns import column_of
from jupyter_mlops.snapshot.layout import Layout
from jupyter_mlops.snapshot.typed_json import is_plain

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk


@dataclass(frozen=True, eq=False)
class Outline:
    """A value as the same head and the arrays of its columns, not yet taken apart."""

    kind: str
    head: dict[str, Any]
    arrays: tuple[Any, ...]
    rows: int | None = None
    width: int | None = None

    def fold(self, walk: Walk, keys: list[bytes]) -> bytes:
        """The same digest as the layout's."""
        return Layout(self.kind, self.head, ()).fold(walk, keys)

    def layout(self) -> Layout:
        """The arrays taken apart."""
        columns = tuple(column_of(array) for array in self.arrays)
        return Layout(self.kind, self.head, columns, self.rows, self.width)


def frame_outline(frame: pd.DataFrame) -> Outline:
    """Outline a frame: labels first, then the index, then the columns by position."""
    whole: Any = frame
    labels, label_columns = _index(frame.columns)
    index, index_columns = _index(frame.index)
    rows, width = frame.shape
    head = {
        "rows": rows,
        "columns": width,
        "labels": labels,
        "index": index,
        "attrs": _plain_attrs(frame.attrs),
    }
    arrays = (*label_columns, *index_columns, *whole._iter_column_arrays())
    return Outline("dataframe", head, arrays, rows, width)


def series_outline(series: pd.Series[Any]) -> Outline:
    """Outline a series: the index, then the values."""
    index, index_columns = _index(series.index)
    head = {"rows": len(series), "name": series.name, "index": index, "attrs": _plain_attrs(series.attrs)}
    return Outline("series", head, (*index_columns, _values(series)), len(series))


def index_outline(index: Any) -> Outline:
    """Outline an index."""
    head, columns = _index(index)
    return Outline("index", head, columns)


def frame_layout(frame: pd.DataFrame) -> Layout:
    """Take a frame apart."""
    return frame_outline(frame).layout()


def series_layout(series: pd.Series[Any]) -> Layout:
    """Take a series apart."""
    return series_outline(series).layout()


def index_layout(index: Any) -> Layout:
    """Take an index apart."""
    return index_outline(index).layout()


def _values(series: Any) -> Any:
    values = series._values
    return values.view() if isinstance(values, np.ndarray) else values  # never the block's own object


def _index(index: Any) -> tuple[dict[str, Any], tuple[Any, ...]]:
    names = list(index.names)
    if isinstance(index, pd.RangeIndex):
        return {"kind": "range", "names": names, "bounds": [index.start, index.stop, index.step]}, ()
    if isinstance(index, pd.MultiIndex):
        used = index.remove_unused_levels()  # levels that a filter left behind are no content
        columns: list[Any] = []
        for level, codes in zip(used.levels, used.codes, strict=True):
            columns += (cast("Any", level)._values, np.asarray(codes))
        return {"kind": "multi", "names": names, "levels": used.nlevels}, tuple(columns)
    return {"kind": "flat", "names": names, "freq": _freq(index)}, (index._values,)


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

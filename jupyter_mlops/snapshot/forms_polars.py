"""Polars' frames and series as data: their columns as Arrow, their data types in the head."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.columns import Arrow
from jupyter_mlops.snapshot.forms import Form, register
from jupyter_mlops.snapshot.layout import Layout
from jupyter_mlops.snapshot.polars_columns import from_arrow, to_arrow, type_form, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_polars: Any = sys.modules["polars"]


def _frame_layout(frame: Any) -> Layout:
    series = frame.get_columns()
    head = {
        "rows": frame.height,
        "fields": [column.name for column in series],
        "types": [type_form(column.dtype) for column in series],
    }
    columns = tuple(Arrow(to_arrow(column)) for column in series)
    return Layout("polars dataframe", head, columns, frame.height, frame.width, whole=frame)


def _rebuild_frame(head: dict[str, Any], columns: Iterator[Any]) -> Any:
    described = zip(head["fields"], columns, head["types"], strict=True)
    return _polars.DataFrame([from_arrow(name, array, type_of(form)) for name, array, form in described])


def _series_layout(series: Any) -> Layout:
    head = {"fields": [series.name], "types": [type_form(series.dtype)]}
    return Layout("polars series", head, (Arrow(to_arrow(series)),), len(series), whole=series)


def _rebuild_series(head: dict[str, Any], columns: Iterator[Any]) -> Any:
    return from_arrow(head["fields"][0], next(columns), type_of(head["types"][0]))


def _keep_rows(value: Any, mask: Any) -> Any:
    stay = _polars.Series(mask)
    left = value.filter(stay)
    if isinstance(value, _polars.Series):
        return _narrow(left, value.filter(~stay))
    gone = value.filter(~stay).get_columns()
    return _polars.DataFrame([_narrow(*pair) for pair in zip(left.get_columns(), gone, strict=True)])


def _narrow(left: Any, gone: Any) -> Any:
    """A series without the categories that only rows that are gone had: an Enum lists them in its type."""
    if not isinstance(left.dtype, _polars.Enum):
        return left
    alone = set(gone.drop_nulls().cast(_polars.String)) - set(left.drop_nulls().cast(_polars.String))
    return left.cast(_polars.Enum([name for name in left.dtype.categories if name not in alone]))


def _form(kind: str, take_apart: Any, rebuild: Any) -> Form:
    return Form(kind, take_apart, rebuild, has_rows=True, keep_rows=_keep_rows)


register(_form("polars dataframe", _frame_layout, _rebuild_frame), _polars.DataFrame)
register(_form("polars series", _series_layout, _rebuild_series), _polars.Series)

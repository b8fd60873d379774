"""A batch as the frame that the model was trained on: its columns, their order and their dtypes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from ..batch import Batch
    from ..schema import Column


def to_frame(batch: Batch) -> pd.DataFrame:
    """The rows as a frame; what is missing is what pandas has for the column's dtype."""
    columns = {column.name: _values(column, batch.array(index)) for index, column in enumerate(batch.columns)}
    return pd.DataFrame(columns, copy=False)


def _values(column: Column, array: Any) -> Any:
    if column.type == "string":
        return pd.array(array, dtype="str")
    if column.type == "boolean" and column.dtype == "boolean":
        return pd.array(array, dtype="boolean")
    if column.type == "boolean" and array.dtype == object:
        array = array.copy()
        array[array == None] = math.nan  # noqa: E711 - each cell is compared
        return array
    if column.type == "datetime":
        stamps = pd.Series(array)
        dtype: Any = column.dtype
        return stamps.dt.tz_localize("UTC").astype(dtype) if "," in column.dtype else stamps
    return array

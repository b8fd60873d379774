"""The canonical form of a column: what its digest is made of and what the store writes.

A pandas array is taken apart into a tree of `Column` parts: raw NumPy memory, an Arrow array, Python
objects, or a composite of those (masked, categorical, datetimes with a zone, periods, intervals, sparse).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jupyter_mlops.snapshot.digest_arrow import fold_arrow, one_array
from jupyter_mlops.snapshot.digest_numpy import fold_array
from jupyter_mlops.snapshot.registry import UnknowableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.snapshot.walk import Walk

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Raw:
    """NumPy values without Python objects."""

    values: Array

    def fold(self, walk: Walk) -> bytes:
        """The digest of the part."""
        return fold_array(walk, self.values)


@dataclass(frozen=True, eq=False)
class Objects:
    """A NumPy array of Python objects."""

    values: Array

    def fold(self, walk: Walk) -> bytes:
        """The digest of the part."""
        return fold_array(walk, self.values)


@dataclass(frozen=True, eq=False)
class Arrow:
    """One Arrow array."""

    values: Any

    def fold(self, walk: Walk) -> bytes:
        """The digest of the part."""
        return fold_arrow(walk, self.values)


@dataclass(frozen=True, eq=False)
class Value:
    """A plain value: what says the rest about a dtype, or a value stored as such."""

    value: object

    def fold(self, walk: Walk) -> bytes:
        """The digest of the part."""
        return walk.node("plain", walk.token(self.value))


@dataclass(frozen=True, eq=False)
class Parts:
    """A column made of others; `meta` holds plain JSON values."""

    kind: str
    meta: Mapping[str, str | bool | int | None] = field(default_factory=dict)
    children: tuple[Column, ...] = ()

    def fold(self, walk: Walk) -> bytes:
        """The digest of the part."""
        return self.combine(walk, [child.fold(walk) for child in self.children])

    def combine(self, walk: Walk, children: list[bytes]) -> bytes:
        """The digest of the part from those of its children."""
        meta = walk.tokens(part for pair in sorted(self.meta.items()) for part in pair)
        return walk.node("column", walk.token(self.kind), meta, *children)


Leaf = Raw | Objects | Arrow | Value
Column = Leaf | Parts


def column_of_numpy(values: Array) -> Column:
    """The part for a NumPy array of any dtype."""
    return Objects(values) if values.dtype == object else Raw(values)


def has_objects(column: Column) -> bool:
    """True if the store must look at the elements to know whether it can write them."""
    if isinstance(column, Parts):
        return any(has_objects(child) for child in column.children)
    if isinstance(column, Raw):
        return bool(column.values.dtype.hasobject)
    return not isinstance(column, Arrow)


@singledispatch
def column_of(array: Any) -> Column:
    """Take a pandas array apart.

    Raises:
        UnknowableError: an extension array this package does not know.
    """
    raise UnknowableError("an extension array of unknown layout")


@column_of.register(np.ndarray)
def _plain_numpy(array: Array) -> Column:
    return column_of_numpy(array)


@column_of.register(pd.arrays.NumpyExtensionArray)
def _numpy(array: Any) -> Column:
    return column_of_numpy(array.to_numpy())


@column_of.register(pd.arrays.DatetimeArray)
def _datetime(array: Any) -> Column:
    values = Raw(array._ndarray)
    return values if array.tz is None else Parts("zoned", {"dtype": str(array.dtype)}, (values,))


@column_of.register(pd.arrays.TimedeltaArray)
def _timedelta(array: Any) -> Column:
    return Raw(array._ndarray)


@column_of.register(pd.arrays.PeriodArray)
def _period(array: Any) -> Column:
    return Parts("period", {"dtype": str(array.dtype)}, (Raw(array.asi8),))


@column_of.register(pd.arrays.IntervalArray)
def _interval(array: Any) -> Column:
    ends = (column_of(array.left.array), column_of(array.right.array))
    return Parts("interval", {"closed": array.closed}, ends)


@column_of.register(pd.arrays.IntegerArray)
@column_of.register(pd.arrays.FloatingArray)
@column_of.register(pd.arrays.BooleanArray)
def _masked(array: Any) -> Column:
    values, mask = array._data, array._mask
    if mask.any():
        values = np.where(mask, values.dtype.type(0), values)  # what lies under a mask is no content
    return Parts("masked", {"dtype": str(array.dtype)}, (Raw(values), Raw(mask)))


@column_of.register(pd.Categorical)
def _categorical(array: Any) -> Column:
    children = (Raw(array.codes), column_of(array.categories.array))
    return Parts("categorical", {"ordered": bool(array.ordered)}, children)


@column_of.register(pd.arrays.StringArray)
def _python_text(array: Any) -> Column:
    return Parts("text", _text_meta(array.dtype), (Objects(array._ndarray),))


@column_of.register(pd.arrays.ArrowStringArray)
def _arrow_text(array: Any) -> Column:
    values = one_array(array._pa_array)
    if values.type != pa.large_string():
        values = values.cast(pa.large_string())
    return Parts("text", _text_meta(array.dtype), (Arrow(values),))


def _text_meta(dtype: Any) -> dict[str, str | bool | int | None]:
    return {"storage": dtype.storage, "missing": "NA" if dtype.na_value is pd.NA else "nan"}


@column_of.register(pd.arrays.ArrowExtensionArray)
def _arrow(array: Any) -> Column:
    return Parts("arrow", {}, (Arrow(one_array(array._pa_array)),))


@column_of.register(pd.arrays.SparseArray)
def _sparse(array: Any) -> Column:
    filled = Raw(np.asarray(array.sp_index.to_int_index().indices))
    children = (Raw(array.sp_values), filled, Value(array.fill_value))
    return Parts("sparse", {"length": len(array)}, children)

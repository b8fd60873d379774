"""Composite columns put together again: the inverse of `columns.column_of`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jupyter_mlops.snapshot.columns import Array

    Meta = Mapping[str, Any]


def build_part(kind: str, meta: Meta, children: Sequence[Any]) -> Any:
    """The pandas array of a composite, from the arrays and values of its children."""
    return _BUILD[kind](meta, *children)


def _dtype(meta: Meta) -> Any:
    return pd.api.types.pandas_dtype(meta["dtype"])


def _build_masked(meta: Meta, values: Array, mask: Array) -> Any:
    return _dtype(meta).construct_array_type()(values, mask)


def _build_zoned(meta: Meta, values: Array) -> Any:
    return pd.DatetimeIndex(values).tz_localize("UTC").tz_convert(_dtype(meta).tz).array


def _build_period(meta: Meta, ordinals: Array) -> Any:
    return pd.arrays.PeriodArray(ordinals, dtype=_dtype(meta))


def _build_categorical(meta: Meta, codes: Array, categories: Any) -> Any:
    index = pd.Index(categories, dtype=categories.dtype)
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(index, ordered=meta["ordered"]))


def _build_text(meta: Meta, values: Any) -> Any:
    dtype: Any = pd.StringDtype(meta["storage"], na_value=pd.NA if meta["missing"] == "NA" else np.nan)
    if isinstance(values, np.ndarray):
        return dtype.construct_array_type()(values, dtype=dtype)
    return dtype.__from_arrow__(values)


# pandas has no public way to give a sparse array its places.
_SparseArray: Any = pd.arrays.SparseArray
_IntIndex: Any = type(_SparseArray([0.0]).sp_index)


def _build_sparse(meta: Meta, values: Array, filled: Array, fill_value: Any) -> Any:
    places = _IntIndex(meta["length"], filled)
    dtype: Any = pd.SparseDtype(values.dtype, fill_value)
    # The public ways changed between pandas 3.0 and 3.1.
    return _SparseArray._simple_new(values, places, dtype)


_BUILD: dict[str, Callable[..., Any]] = {
    "masked": _build_masked,
    "zoned": _build_zoned,
    "period": _build_period,
    "interval": lambda meta, left, right: pd.arrays.IntervalArray.from_arrays(left, right, meta["closed"]),
    "categorical": _build_categorical,
    "text": _build_text,
    "arrow": lambda _, values: pd.arrays.ArrowExtensionArray(values),
    "sparse": _build_sparse,
}

"""Series, frames and indexes of pandas in a model's file, taken apart into arrays and plain values.

This file goes with the model: it needs NumPy and pandas only. What stands for a pandas object in the model's
file is a `Kept`; when the file is read, making the `Kept` gives the object itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

_PLAIN = (str, int, float, bool, type(None))


class Kept:
    """Stands for a pandas object; calling it with the parts gives the object."""

    kind: str
    parts: dict[str, Any]

    def __new__(cls, kind: str, parts: dict[str, Any]) -> Any:
        """The object itself."""
        return _MAKERS[kind](parts)

    def __reduce__(self) -> tuple[Any, ...]:
        return Kept, (self.kind, self.parts)


def kept(value: Any) -> Kept:
    """What stands for a Series, DataFrame or Index.

    Raises:
        TypeError: of another class, or with values that are not plain.
    """
    made = object.__new__(Kept)
    made.kind, made.parts = _taken_apart(value)
    return made


def _taken_apart(value: Any) -> tuple[str, dict[str, Any]]:
    if type(value) is pd.RangeIndex:
        return "range", {"range": [value.start, value.stop, value.step], "name": _plain(value.name)}
    if isinstance(value, pd.DataFrame):
        columns = [_values(value.iloc[:, at]) for at in range(value.shape[1])]
        return "frame", {"columns": columns, "names": _index(value.columns), "index": _index(value.index)}
    parts = {**_values(value), "name": _plain(value.name)}
    return (
        ("series", {**parts, "index": _index(value.index)})
        if isinstance(value, pd.Series)
        else ("index", parts)
    )


def _index(value: Any) -> list[Any]:
    return list(_taken_apart(value))


def _values(column: Any) -> dict[str, Any]:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        codes = np.asarray(pd.Categorical(column).codes, "int64")
        return {"categories": _index(dtype.categories), "codes": codes, "ordered": bool(dtype.ordered)}
    if isinstance(dtype, np.dtype) and dtype.kind in "biufcmM":
        array = np.array(column)
        return {"array": array.view("int64") if dtype.kind in "mM" else array, "dtype": str(dtype)}
    if getattr(dtype, "tz", None) is not None or isinstance(column, pd.MultiIndex):
        raise TypeError(str(dtype))
    missing = column.isna()
    return {
        "list": [None if gone else _plain(one) for one, gone in zip(column, missing, strict=True)],
        "dtype": str(dtype),
    }


def _plain(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    if not isinstance(plain, _PLAIN):
        raise TypeError(type(value).__name__)
    return plain


def _array(parts: dict[str, Any]) -> Any:
    if "codes" in parts:
        dtype = pd.CategoricalDtype(_again(parts["categories"]), parts["ordered"])
        return pd.Categorical.from_codes(parts["codes"], dtype=dtype)
    if "array" in parts:
        dtype = np.dtype(parts["dtype"])
        return parts["array"].view(dtype) if dtype.kind in "mM" else parts["array"].astype(dtype)
    if parts["dtype"] == "object":
        array = np.empty(len(parts["list"]), dtype=object)
        array[:] = parts["list"]
        return array
    return pd.array(parts["list"], dtype=parts["dtype"])


def _again(both: Any) -> Any:
    return _MAKERS[both[0]](both[1])


def _frame(parts: dict[str, Any]) -> pd.DataFrame:
    index = _again(parts["index"])
    made = {at: pd.Series(_array(each), index=index) for at, each in enumerate(parts["columns"])}
    return pd.DataFrame(made, index=index).set_axis(_again(parts["names"]), axis=1)


_MAKERS = {
    "range": lambda parts: pd.RangeIndex(
        parts["range"][0], parts["range"][1], parts["range"][2], name=parts["name"]
    ),
    "index": lambda parts: pd.Index(_array(parts), name=parts["name"]),
    "series": lambda parts: pd.Series(_array(parts), index=_again(parts["index"]), name=parts["name"]),
    "frame": _frame,
}

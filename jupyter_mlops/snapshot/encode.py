"""Columns to the bytes of a chunk and back: a JSON header that describes the parts, then their buffers.

No pickle: NumPy memory as it is, Arrow as an IPC stream, Python objects as typed JSON.
"""

from __future__ import annotations

import ast
import json
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jupyter_mlops.snapshot.columns import Array, Arrow, Column, Objects, Parts, Raw, Value
from jupyter_mlops.snapshot.typed_json import NotPlainError, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Header = dict[str, Any]
Packed = tuple[Header, list[memoryview]]


@singledispatch
def pack(column: Column) -> Packed:
    """The header and the buffers of a column.

    Raises:
        NotPlainError: an element, or the dtype, has no form without pickle.
    """
    raise AssertionError(f"no form for {type(column).__name__}")


@pack.register
def _(column: Raw) -> Packed:
    dtype = column.values.dtype
    if dtype.hasobject or dtype.kind == "T":
        raise NotPlainError(f"numpy.dtype {dtype.kind}")
    raw: Any = np.ascontiguousarray(column.values).reshape(-1).view(np.uint8)
    data = memoryview(raw)
    descr = repr(np.lib.format.dtype_to_descr(dtype))
    return {"part": "raw", "dtype": descr, "shape": list(column.values.shape), "bytes": data.nbytes}, [data]


@pack.register
def _(column: Objects) -> Packed:
    data = _json(to_json(column.values.ravel(order="C").tolist()))
    return {"part": "objects", "shape": list(column.values.shape), "bytes": data.nbytes}, [data]


@pack.register
def _(column: Arrow) -> Packed:
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([column.values], names=["values"])
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    data = memoryview(sink.getvalue())
    return {"part": "arrow", "bytes": data.nbytes}, [data]


@pack.register
def _(column: Value) -> Packed:
    data = _json(to_json(column.value))
    return {"part": "value", "bytes": data.nbytes}, [data]


@pack.register
def _(column: Parts) -> Packed:
    packed = [pack(child) for child in column.children]
    children = [child for child, _ in packed]
    header = {"part": "parts", "kind": column.kind, "meta": dict(column.meta), "children": children}
    return header, [buffer for _, buffers in packed for buffer in buffers]


def _json(data: Any) -> memoryview:
    return memoryview(json.dumps(data, separators=(",", ":")).encode())


def unpack(header: Header, data: memoryview) -> Any:
    """The array or value that was packed: NumPy, pandas or, inside others, Arrow."""
    return _unpack(header, _cut(header, data))


def _cut(header: Header, data: memoryview) -> Iterator[memoryview]:
    start = 0
    for size in _sizes(header):
        yield data[start : start + size]
        start += size


def _sizes(header: Header) -> Iterator[int]:
    if "bytes" in header:
        yield header["bytes"]
    for child in header.get("children", ()):
        yield from _sizes(child)


def _unpack(header: Header, buffers: Iterator[memoryview]) -> Any:
    part = header["part"]
    if part == "parts":
        children = [_unpack(child, buffers) for child in header["children"]]
        return _BUILD[header["kind"]](header["meta"], *children)
    return _READ[part](header, next(buffers))


def _read_raw(header: Header, data: memoryview) -> Array:
    dtype = np.lib.format.descr_to_dtype(ast.literal_eval(header["dtype"]))
    values = np.empty(header["shape"], dtype)
    values.reshape(-1).view(np.uint8)[:] = np.frombuffer(data, np.uint8)
    return values


def _read_objects(header: Header, data: memoryview) -> Array:
    items = from_json(json.loads(bytes(data)))
    values = np.empty(len(items), dtype=object)
    for position, item in enumerate(items):  # not values[:] = items, which would look into nested lists
        values[position] = item
    return values.reshape(header["shape"])


def _read_arrow(header: Header, data: memoryview) -> Any:
    return pa.ipc.open_stream(pa.py_buffer(data)).read_all().column(0)


def _read_value(header: Header, data: memoryview) -> Any:
    return from_json(json.loads(bytes(data)))


_READ: dict[str, Callable[[Header, memoryview], Any]] = {
    "raw": _read_raw,
    "objects": _read_objects,
    "arrow": _read_arrow,
    "value": _read_value,
}


def _dtype(meta: Header) -> Any:
    return pd.api.types.pandas_dtype(meta["dtype"])


def _build_masked(meta: Header, values: Array, mask: Array) -> Any:
    return _dtype(meta).construct_array_type()(values, mask)


def _build_zoned(meta: Header, values: Array) -> Any:
    return pd.DatetimeIndex(values).tz_localize("UTC").tz_convert(_dtype(meta).tz).array


def _build_period(meta: Header, ordinals: Array) -> Any:
    return pd.arrays.PeriodArray(ordinals, dtype=_dtype(meta))


def _build_categorical(meta: Header, codes: Array, categories: Any) -> Any:
    index = pd.Index(categories, dtype=categories.dtype)
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(index, ordered=meta["ordered"]))


def _build_text(meta: Header, values: Any) -> Any:
    dtype: Any = pd.StringDtype(meta["storage"], na_value=pd.NA if meta["missing"] == "NA" else np.nan)
    if isinstance(values, np.ndarray):
        return dtype.construct_array_type()(values, dtype=dtype)
    return dtype.__from_arrow__(values)


# pandas has no public way to give a sparse array its places.
_SparseArray: Any = pd.arrays.SparseArray
_IntIndex: Any = type(_SparseArray([0.0]).sp_index)


def _build_sparse(meta: Header, values: Array, filled: Array, fill_value: Any) -> Any:
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

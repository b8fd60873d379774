"""Chunks back to leaves: the inverse of `encode`."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from jupyter_mlops.snapshot.columns import Array, Arrow, Leaf, Objects, Raw, Value
from jupyter_mlops.snapshot.digest_arrow import one_array
from jupyter_mlops.snapshot.dtypes import dtype_from
from jupyter_mlops.snapshot.typed_json import from_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.snapshot.encode import Header


def unpack(header: Header, buffers: list[memoryview]) -> Leaf:
    """The leaf that was packed. Its memory may be that of the chunk, and then it is read-only."""
    return _READ[header["part"]](header, buffers)


def _raw(header: Header, buffers: list[memoryview]) -> Leaf:
    dtype = dtype_from(header["dtype"])
    if not dtype.itemsize or not buffers[0].nbytes:
        return Raw(np.empty(header["shape"], dtype))
    return Raw(np.frombuffer(buffers[0], np.uint8).view(dtype).reshape(header["shape"]))


def _objects(header: Header, buffers: list[memoryview]) -> Leaf:
    items = from_json(json.loads(bytes(buffers[0])))
    values = np.empty(len(items), dtype=object)
    for position, item in enumerate(items):  # not values[:] = items, which would look into nested lists
        values[position] = item
    return Objects(values.reshape(header["shape"]))


def _strings(header: Header, buffers: list[memoryview]) -> Leaf:
    missing = {"na_object": from_json(header["missing"])} if "missing" in header else {}
    dtype = np.dtypes.StringDType(coerce=header["coerce"], **missing)
    return Raw(np.array(from_json(json.loads(bytes(buffers[0]))), dtype=dtype).reshape(header["shape"]))


def _value(header: Header, buffers: list[memoryview]) -> Leaf:
    return Value(from_json(json.loads(bytes(buffers[0]))))


def _fixed(header: Header, buffers: list[memoryview]) -> Leaf:
    nulls, (data,) = _split(header, buffers)
    kind, rows = type_of(header["type"]), header["rows"]
    return Arrow(pa.Array.from_buffers(kind, rows, [_bitmap(nulls), pa.py_buffer(data)]))


def _text(header: Header, buffers: list[memoryview]) -> Leaf:
    nulls, rest = _split(header, buffers)
    kind = type_of(header["type"])
    if "words" not in header:
        return Arrow(_build(kind, rest[0], rest[1], nulls))
    codes = np.frombuffer(rest[0], header["codes"])
    words = _build(kind, rest[1], rest[2], None)
    return Arrow(words.take(pa.array(codes.astype(np.int64), mask=nulls)))


def _build(kind: Any, lengths: memoryview, text: memoryview, nulls: Array | None) -> Any:
    sizes = np.frombuffer(lengths, np.int64)
    ends = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=ends[1:])
    if not (pa.types.is_large_string(kind) or pa.types.is_large_binary(kind)):
        ends = ends.astype(np.int32)
    parts = [_bitmap(nulls), pa.py_buffer(ends), pa.py_buffer(text)]
    return pa.Array.from_buffers(kind, len(sizes), parts)


def _split(header: Header, buffers: list[memoryview]) -> tuple[Array | None, list[memoryview]]:
    if not header["nulls"]:
        return None, buffers
    bits = np.unpackbits(np.frombuffer(buffers[0], np.uint8), count=header["rows"])
    return bits.astype(bool), buffers[1:]


def _bitmap(nulls: Array | None) -> Any:
    return None if nulls is None else pa.py_buffer(np.packbits(~nulls, bitorder="little"))


def _stream(header: Header, buffers: list[memoryview]) -> Leaf:
    return Arrow(one_array(pa.ipc.open_stream(pa.py_buffer(buffers[0])).read_all().column(0)))


def type_of(text: str) -> Any:
    """The Arrow type that `type_json` wrote."""
    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text))).field(0).type


_READ: dict[str, Callable[[Header, list[memoryview]], Leaf]] = {
    "raw": _raw,
    "objects": _objects,
    "strings": _strings,
    "value": _value,
    "fixed": _fixed,
    "text": _text,
    "stream": _stream,
}

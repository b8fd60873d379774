"""Leaves of columns to the bytes of a chunk: a JSON header that describes them, then their buffers.

No pickle: NumPy memory as it is, text as lengths and bytes (as a dictionary where values repeat), numbers of
Arrow with zeros under their nulls, other Arrow types as an IPC stream, Python objects as typed JSON. The
bytes depend on the content only: not on slices, Arrow chunks or what lies under a mask.
"""

from __future__ import annotations

import base64
import json
from functools import singledispatch
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jupyter_mlops.snapshot.columns import Array, Arrow, Leaf, Objects, Raw, Value
from jupyter_mlops.snapshot.digest_arrow import fixed_bytes, nulls_of, text_bytes, used_words
from jupyter_mlops.snapshot.dtypes import dtype_text, without_padding
from jupyter_mlops.snapshot.leaves import is_fixed, is_text, take
from jupyter_mlops.snapshot.typed_json import NotPlainError, to_json

Header = dict[str, Any]
Packed = tuple[Header, list[memoryview]]
_MANY = 0.5  # from that share of distinct values on, a dictionary costs more than it saves


@singledispatch
def pack(leaf: Leaf) -> Packed:
    """The header and the buffers of a leaf.

    Raises:
        NotPlainError: an element, or the dtype, has no form without pickle.
    """
    raise AssertionError(f"no form for {type(leaf).__name__}")


@pack.register
def _(leaf: Raw) -> Packed:
    dtype: Any = leaf.values.dtype
    shape = list(leaf.values.shape)
    if dtype.kind == "T":
        settings = {"coerce": dtype.coerce}
        if hasattr(dtype, "na_object"):
            settings["missing"] = to_json(dtype.na_object)
        data = _json(to_json(leaf.values.ravel(order="C").tolist()))
        return {"part": "strings", "shape": shape, **settings}, [data]
    if dtype.hasobject:
        raise NotPlainError(f"numpy.dtype {dtype.kind}")
    return {"part": "raw", "dtype": dtype_text(dtype), "shape": shape}, [_bytes(without_padding(leaf.values))]


@pack.register
def _(leaf: Objects) -> Packed:
    data = _json(to_json(leaf.values.ravel(order="C").tolist()))
    return {"part": "objects", "shape": list(leaf.values.shape)}, [data]


@pack.register
def _(leaf: Value) -> Packed:
    return {"part": "value"}, [_json(to_json(leaf.value))]


@pack.register
def _(leaf: Arrow) -> Packed:
    kind = leaf.values.type
    if is_text(kind):
        return _pack_text(leaf.values)
    if is_fixed(kind):
        header = {"part": "fixed", "type": type_json(kind), "rows": len(leaf.values)}
        return _with_nulls(header, leaf.values, [_bytes(fixed_bytes(leaf.values))])
    try:
        return _pack_stream(leaf)
    except pa.ArrowNotImplementedError as error:  # views inside lists, runs
        raise NotPlainError(f"Arrow {kind}") from error


def _pack_text(values: Any) -> Packed:
    header = {"part": "text", "type": type_json(values.type), "rows": len(values)}
    coded = values.dictionary_encode()
    if len(coded.dictionary) >= _MANY * len(values):
        return _with_nulls(header, values, _text(values))
    codes = coded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    few = codes.astype(np.min_scalar_type(len(coded.dictionary)))
    described = {**header, "words": len(coded.dictionary), "codes": few.dtype.str}
    return _with_nulls(described, values, [_bytes(few), *_text(coded.dictionary)])


def _text(values: Any) -> list[memoryview]:
    ends, text = text_bytes(values)
    # Texts of one column have lengths alike, which compress to nothing; their ends do not.
    return [_bytes(np.diff(ends)), text]


def _with_nulls(header: Header, values: Any, buffers: list[memoryview]) -> Packed:
    nulls = nulls_of(values)
    if nulls is None:
        return {**header, "nulls": False}, buffers
    return {**header, "nulls": True}, [_bytes(np.packbits(nulls)), *buffers]


def _pack_stream(leaf: Arrow) -> Packed:
    values = leaf.values
    if pa.types.is_dictionary(values.type):
        # Words that no row uses are no content, and must not outlive the rows that used them.
        values = _only_used_words(values)
    else:
        # A slice in a stream can bring the rows around it along; a gather brings only its own.
        gathered: Any = take(leaf, np.arange(len(values)))
        values = gathered.values
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([values], names=["values"])
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return {"part": "stream"}, [memoryview(sink.getvalue())]


def _only_used_words(values: Any) -> Any:
    kind = values.type
    if kind.ordered:
        used = used_words(values)
        words, indices = values.dictionary.take(used), pc.index_in(values.indices.cast(pa.int64()), used)
    else:
        coded = values.cast(kind.value_type).dictionary_encode()
        words, indices = coded.dictionary, coded.indices
    return pa.DictionaryArray.from_arrays(indices.cast(kind.index_type), words, ordered=kind.ordered)


def type_json(kind: Any) -> str:
    """An Arrow type as text: the base64 of a schema that has it as its only field."""
    return base64.b64encode(pa.schema([("values", kind)]).serialize()).decode()


def _bytes(values: Array) -> memoryview:
    raw: Any = np.ascontiguousarray(values).reshape(-1).view(np.uint8)
    return memoryview(raw)


def _json(data: Any) -> memoryview:
    return memoryview(json.dumps(data, separators=(",", ":")).encode())

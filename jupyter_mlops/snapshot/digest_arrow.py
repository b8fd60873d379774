"""Digests of Arrow arrays and tables.

The same values have the same digest whether they are a slice, in chunks, or have garbage under their nulls.
Imported when the first value of Arrow, or a column of pandas on top of it, is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from jupyter_mlops.snapshot.registry import UnknowableError, handles

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from jupyter_mlops.snapshot.walk import Walk


def one_array(values: Any) -> Any:
    """A chunked array as one array of the same type."""
    if not isinstance(values, pa.ChunkedArray):
        return values
    if values.num_chunks == 1:
        return values.chunk(0)
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], type=values.type)


def fold_arrow(walk: Walk, values: Any) -> bytes:
    """Digest an Arrow array by type, validity and values.

    Raises:
        UnknowableError: a type whose layout is not known here (unions, run-end encoded).
    """
    array = one_array(values)
    head = walk.tokens((str(array.type), len(array)))
    return walk.node("arrow", head, _validity(walk, array), _values(walk, array))


def nulls_of(array: Any) -> NDArray[np.bool_] | None:
    """Which elements are missing, or None if none is."""
    if not array.null_count:
        return None
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False), dtype=bool)


def _validity(walk: Walk, array: Any) -> bytes:
    nulls = nulls_of(array)
    return b"" if nulls is None else walk.buffer(np.packbits(nulls))


def _values(walk: Walk, array: Any) -> bytes:
    fold = next((fold for is_kind, fold in _LAYOUTS if is_kind(array.type)), _fixed_width)
    return fold(walk, array)


def _nothing(walk: Walk, array: Any) -> bytes:
    return b""


def _boolean(walk: Walk, array: Any) -> bytes:
    filled = array.fill_null(False) if array.null_count else array
    return walk.buffer(np.packbits(filled.to_numpy(zero_copy_only=False)))


def _extension(walk: Walk, array: Any) -> bytes:
    return fold_arrow(walk, array.storage)


def _dictionary(walk: Walk, array: Any) -> bytes:
    values = array.dictionary
    if pa.types.is_string_view(values.type):
        values = values.cast(pa.large_string())  # Arrow cannot take from views
    content = fold_arrow(walk, values.take(array.indices))
    return content + fold_arrow(walk, values.take(used_words(array))) if array.type.ordered else content


def used_words(array: Any) -> Any:
    """The positions of the words that the rows of a dictionary array use, in the order of the words."""
    return pa.array(np.unique(array.indices.drop_null().to_numpy(zero_copy_only=False)).astype(np.int64))


def _struct(walk: Walk, array: Any) -> bytes:
    return b"".join(fold_arrow(walk, child) for child in array.flatten())


def _list(walk: Walk, array: Any) -> bytes:
    lengths = array.value_lengths().fill_null(0)
    return fold_arrow(walk, lengths) + fold_arrow(walk, array.flatten())


def _fixed_list(walk: Walk, array: Any) -> bytes:
    return fold_arrow(walk, array.flatten())


def _map(walk: Walk, array: Any) -> bytes:
    pair = pa.struct([("key", array.type.key_type), ("value", array.type.item_type)])
    return _list(walk, array.cast(pa.list_(pair)))


def _view(walk: Walk, array: Any) -> bytes:
    large = pa.large_string() if pa.types.is_string_view(array.type) else pa.large_binary()
    return _text(walk, array.cast(large))


def _fixed_width(walk: Walk, array: Any) -> bytes:
    return walk.buffer(fixed_bytes(array)) if len(array) else b""


def fixed_bytes(array: Any) -> NDArray[np.uint8]:
    """The values of a type whose elements all have the same number of bytes: (rows, width), nulls as zeros.

    Raises:
        UnknowableError: a type whose layout is not known here.
    """
    buffers = array.buffers()
    if len(buffers) != 2 or array.type.bit_width % 8:
        raise UnknowableError("an Arrow type of unknown layout")
    width = array.type.bit_width // 8
    if not len(array):
        return np.empty((0, width), np.uint8)
    raw = np.frombuffer(buffers[1], np.uint8, len(array) * width, array.offset * width)
    raw = raw.reshape(len(array), width)
    nulls = nulls_of(array)
    if nulls is not None:
        raw = raw.copy()
        raw[nulls] = 0
    return raw


def _text(walk: Walk, array: Any) -> bytes:
    if not len(array) or array.buffers()[1] is None:
        return b""
    bounds, text = text_bytes(array)
    return walk.buffer(bounds) + walk.buffer(text)


def text_bytes(array: Any) -> tuple[NDArray[np.int64], memoryview]:
    """Where each text of a string or binary array ends, from 0 on, and all their bytes; nulls are empty."""
    _, ends, data = array.buffers()
    if not len(array) or ends is None:
        return np.zeros(1, np.int64), memoryview(b"")
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    offset, size = (np.int64, 8) if large else (np.int32, 4)
    bounds = np.frombuffer(ends, offset, len(array) + 1, array.offset * size)
    nulls = nulls_of(array)
    if nulls is not None and np.diff(bounds)[nulls].any():
        # Text under a null is allowed and means nothing; this is rare, so it may be slow.
        return text_bytes(pa.array(array.to_pylist(), type=array.type))
    rebased = bounds.astype(np.int64, copy=False)  # no copies of what is from 0 on and wide already
    if bounds[0]:
        rebased = rebased - bounds[0]
    text = memoryview(b"") if data is None else memoryview(data)[int(bounds[0]) : int(bounds[-1])]
    return rebased, text


_types = pa.types
_LAYOUTS: tuple[tuple[Callable[[Any], bool], Callable[[Walk, Any], bytes]], ...] = (
    (lambda kind: isinstance(kind, pa.BaseExtensionType), _extension),
    (_types.is_null, _nothing),
    (_types.is_boolean, _boolean),
    (_types.is_string, _text),
    (_types.is_large_string, _text),
    (_types.is_binary, _text),
    (_types.is_large_binary, _text),
    (_types.is_string_view, _view),
    (_types.is_binary_view, _view),
    (_types.is_dictionary, _dictionary),
    (_types.is_struct, _struct),
    (_types.is_list, _list),
    (_types.is_large_list, _list),
    (_types.is_list_view, _list),
    (_types.is_large_list_view, _list),
    (_types.is_map, _map),
    (_types.is_fixed_size_list, _fixed_list),
)


@handles(pa.Array, whole=True)
def _array(walk: Walk, value: Any) -> bytes:
    return fold_arrow(walk, value)


@handles(pa.ChunkedArray, whole=True)
def _chunks(walk: Walk, value: Any) -> bytes:
    return walk.node("arrow chunks", fold_arrow(walk, value))


@handles(pa.Scalar, whole=True)
def _scalar(walk: Walk, value: Any) -> bytes:
    return walk.node("arrow scalar", fold_arrow(walk, pa.array([value.as_py()], type=value.type)))


@handles(pa.Table, whole=True)
def _table(walk: Walk, value: Any) -> bytes:
    return _fold_table(walk, "arrow table", value)


@handles(pa.RecordBatch, whole=True)
def _batch(walk: Walk, value: Any) -> bytes:
    return _fold_table(walk, "arrow batch", value)


def _fold_table(walk: Walk, kind: str, value: Any) -> bytes:
    # The schema says what the arrays do not: which columns may be null, and the notes of whoever wrote it.
    schema = [str(field.type) for field in value.schema] + [field.nullable for field in value.schema]
    notes = [_notes(field.metadata) for field in value.schema] + [_notes(value.schema.metadata)]
    columns = [fold_arrow(walk, column) for column in value.columns]
    return walk.node(kind, walk.tokens((value.num_rows, *value.schema.names, *schema, *notes)), *columns)


def _notes(metadata: Any) -> dict[bytes, bytes]:
    # What says that a field is of an extension type is in the type already, and not always here.
    return {key: note for key, note in (metadata or {}).items() if not key.startswith(b"ARROW:extension:")}


@handles(pa.DataType, whole=True)
def _type(walk: Walk, value: Any) -> bytes:
    return walk.node("arrow type", walk.token(str(value)))


@handles(pa.Schema, whole=True)
def _schema(walk: Walk, value: Any) -> bytes:
    return walk.node("arrow schema", walk.tokens([*value.names, *value.types]))

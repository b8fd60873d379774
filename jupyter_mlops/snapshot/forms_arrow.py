"""Arrow's tables, record batches and arrays as data, with their whole schema.

The same values in other chunks are the same content, so a table comes back with one chunk in each column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from jupyter_mlops.snapshot.columns import Arrow
from jupyter_mlops.snapshot.digest_arrow import one_array
from jupyter_mlops.snapshot.forms import Form, register
from jupyter_mlops.snapshot.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ARRAY_TYPES = [cls for cls in vars(pa.lib).values() if isinstance(cls, type) and issubclass(cls, pa.Array)]


def _table_form(kind: str, cls: Any) -> Form:
    def take_apart(table: Any) -> Layout:
        head = {"fields": table.schema.names, "schema": table.schema.serialize().to_pybytes()}
        columns = tuple(Arrow(one_array(column)) for column in table.columns)
        return Layout(kind, head, columns, table.num_rows, table.num_columns, whole=table)

    def rebuild(head: dict[str, Any], columns: Iterator[Any]) -> Any:
        return cls.from_arrays(list(columns), schema=pa.ipc.read_schema(pa.py_buffer(head["schema"])))

    return Form(kind, take_apart, rebuild, has_rows=True, keep_rows=_keep_rows)


def _array_form(kind: str, rebuild: Callable[[dict[str, Any], Iterator[Any]], Any]) -> Form:
    def take_apart(array: Any) -> Layout:
        return Layout(kind, {}, (Arrow(one_array(array)),), len(array), whole=array)

    return Form(kind, take_apart, rebuild, has_rows=True, keep_rows=_keep_rows)


def _keep_rows(value: Any, mask: Any) -> Any:
    return value.filter(pa.array(mask))


register(_table_form("arrow table", pa.Table), pa.Table)
register(_table_form("arrow batch", pa.RecordBatch), pa.RecordBatch)
register(_array_form("arrow array", lambda _, columns: next(columns)), *_ARRAY_TYPES)
register(_array_form("arrow chunks", lambda _, columns: pa.chunked_array([next(columns)])), pa.ChunkedArray)

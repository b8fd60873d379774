"""Rows as JSON values become columns: what several protocols have in common.

No message repeats what the client sent, not even its column names: in a body that went wrong, they may be
data.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import numpy as np
import orjson

from .batch import MANY, Batch
from .problems import BadRequest
from .schema import Column, Schema
from .values import Values, checked, kind_of

Columns = Sequence[Column]
_ABSENT = object()


@dataclass(frozen=True)
class Table:
    """Checked in shape, not yet in type: each column's values by name, and the JSON path of any cell."""

    values: Mapping[str, list[Any]]
    where: Callable[[str, int], str]


def to_batch(table: Table, columns: Columns) -> Batch:
    """Check every column. Raises BadRequest naming the first cell that does not fit."""
    values: list[Values] = []
    rows = len(table.values[columns[0].name])
    for column in columns:
        cells = table.values[column.name]
        if rows >= MANY and float in column.plain and (numbers := _numbers(cells)) is not None:
            values.append(numbers)
        elif column.plain.issuperset(map(type, cells)):
            values.append(cells)
        else:
            values.append(checked(column, cells, partial(table.where, column.name)))
    return Batch(columns, values, rows)


def _numbers(cells: list[Any]) -> np.ndarray[Any, Any] | None:
    """A column as float64, in a fifth of the time of a look at all types; None if not all are numbers."""
    try:
        array = np.frombuffer(struct.pack(f"{len(cells)}d", *cells))
    except struct.error:
        return None
    # true and false are packed as 1 and 0
    may_hold_booleans = ((array == 0) | (array == 1)).any()
    return None if may_hold_booleans and bool in set(map(type, cells)) else array


_NAN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|NaN', re.DOTALL)
"""A string, or the word outside of strings. One pass, whatever the text is: the last quote may be missing."""


def plain_row(rows: Any, columns: Columns, kinds: tuple[type, ...] = (dict, list)) -> Batch | None:
    """A batch of the one row that was sent, if there is nothing to look at closer; most requests are such.

    Args:
        rows: what was sent as an array of rows, of any shape.
        columns: the schema.
        kinds: what a row may be: an object, or an array in the schema's order.
    """
    if not isinstance(columns, Schema) or type(rows) is not list or len(rows) != 1:
        return None
    row = rows[0]
    if type(row) not in kinds:
        return None
    if type(row) is dict:
        row = [row.get(name, _ABSENT) for name in columns.names] if len(row) == len(columns) else None
    if type(row) is not list or len(row) != len(columns):
        return None
    return Batch.of_row(columns, row) if columns.takes(row) else None


def plain_split(split: Any, columns: Columns) -> Batch | None:
    """As `plain_row`, of ``{"columns": […], "data": [[…]]}`` whose columns are in the schema's order."""
    if not isinstance(columns, Schema) or type(split) is not dict or split.keys() != {"columns", "data"}:
        return None
    return plain_row(split["data"], columns, (list,)) if split["columns"] == columns.names else None


def parse(body: bytes | memoryview) -> Any:
    """The JSON value in `body`, in which NaN is read as null.

    JSON has no NaN, but Python's own writer has, and clients that send frames have no other word for what is
    missing: MLflow's and Triton's.

    Raises:
        BadRequest: it is no JSON, or no UTF-8.
    """
    try:
        return orjson.loads(body[3:] if body[:3] == b"\xef\xbb\xbf" else body)
    except orjson.JSONDecodeError as error:
        whole = bytes(body)
        text(whole)
        if b"NaN" in whole:
            plain = _NAN.sub(lambda found: b"null" if found[0] == b"NaN" else found[0], whole)
            if plain != whole:
                return parse(plain)
        place = f" at line {error.lineno}, column {error.colno}"
        raise BadRequest("INVALID_JSON", f"the body is not valid JSON{place}") from error


def text(body: bytes) -> str:
    """The body as text. Raises BadRequest if it is not UTF-8."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest("INVALID_TEXT", f"the body is not UTF-8 text at byte {error.start}") from error


def read_records(rows: Any, columns: Columns, at: str) -> Table:
    """``[{"age": 39, …}, …]``: each row names its columns."""
    expect(rows, list, "an array of objects", at)
    expect_rows(len(rows), at)
    names = [column.name for column in columns]
    if not _are(dict, rows) or set(map(len, rows)) != {len(names)}:
        _refuse_records(rows, columns, at)
    try:
        values = {name: [row[name] for row in rows] for name in names}
    except KeyError:
        _refuse_records(rows, columns, at)
    return Table(values, lambda name, row: f"{at}[{row}]{key_of(name)}")


def _refuse_records(rows: list[Any], columns: Columns, at: str) -> NoReturn:
    """Name the first row that is no object, or has other columns."""
    names = {column.name for column in columns}
    for index, row in enumerate(rows):
        expect(row, dict, "an object", f"{at}[{index}]")
        if row.keys() != names:
            refuse_names(list(row), columns, f"{at}[{index}]")
    raise AssertionError("there was a wrong row")


def read_split(split: Any, columns: Columns, at: str) -> Table:
    """``{"columns": […], "data": [[…], …]}``, with an optional index that is passed over."""
    expect(split, dict, "an object", at)
    if not {"columns", "data"} <= split.keys() <= {"columns", "data", "index"}:
        raise BadRequest("BAD_FORMAT", "expected the keys columns and data, and optionally index", at)
    expect(split["columns"], list, "an array of column names", f"{at}.columns")
    if not _are(str, split["columns"]):
        for index, name in enumerate(split["columns"]):
            expect(name, str, "a column name", f"{at}.columns[{index}]")
    return positional(split["columns"], split["data"], columns, f"{at}.data", f"{at}.columns")


def read_instances(rows: Any, columns: Columns, at: str) -> Table:
    """Rows as objects, or as arrays in the schema's order."""
    if type(rows) is list and rows and type(rows[0]) is dict:
        return read_records(rows, columns, at)
    return positional([column.name for column in columns], rows, columns, at, at)


def read_inputs(inputs: Any, columns: Columns, at: str) -> Table:
    """``{"age": [39, …], …}``: each column with its values; or rows, as in instances."""
    if type(inputs) is not dict:
        return read_instances(inputs, columns, at)
    if inputs.keys() != {column.name for column in columns}:
        refuse_names(list(inputs), columns, at)
    for name, values in inputs.items():
        expect(values, list, "an array with one value per row", at + key_of(name))
    rows = len(inputs[columns[0].name])
    expect_rows(rows, at)
    for column in columns:
        if len(inputs[column.name]) != rows:
            raise BadRequest(
                "RAGGED_ROWS",
                f"expected {rows} values, got {len(inputs[column.name])}",
                at + key_of(column.name),
            )
    return Table(inputs, lambda name, row: f"{at}{key_of(name)}[{row}]")


def positional(names: list[str], rows: Any, columns: Columns, at: str, header: str) -> Table:
    """Rows of arrays whose cells are named by `names`."""
    known = [column.name for column in columns]
    if names != known and sorted(names) != sorted(known):
        refuse_names(names, columns, header)
    expect(rows, list, "an array of rows", at)
    expect_rows(len(rows), at)
    if not _are(list, rows) or set(map(len, rows)) != {len(names)}:
        _refuse_rows(rows, len(names), at)
    values = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return Table(values, lambda name, row: f"{at}[{row}][{names.index(name)}]")


def _refuse_rows(rows: list[Any], width: int, at: str) -> NoReturn:
    """Name the first row that is no array, or has another length."""
    for index, row in enumerate(rows):
        expect(row, list, "an array", f"{at}[{index}]")
        if len(row) != width:
            raise BadRequest("RAGGED_ROWS", f"expected {width} values, got {len(row)}", f"{at}[{index}]")
    raise AssertionError("there was a wrong row")


def _are(kind: type, rows: list[Any]) -> bool:
    return {kind}.issuperset(map(type, rows))


def refuse_names(names: list[str], columns: Columns, path: str) -> NoReturn:
    """Raises BadRequest saying in which way `names` are not those of the schema."""
    known = {column.name for column in columns}
    missing = [column.name for column in columns if column.name not in names]
    if missing:
        listed = ", ".join(json.dumps(name) for name in missing[:10]) + (", …" if len(missing) > 10 else "")
        these = (
            "1 column of the schema is" if len(missing) == 1 else f"{len(missing)} columns of the schema are"
        )
        raise BadRequest("MISSING_COLUMN", f"{these} missing: {listed}", path)
    if len(set(names)) != len(names):
        raise BadRequest("DUPLICATE_COLUMN", "a column is named more than once", path)
    unknown = sum(name not in known for name in names)
    these = "1 column is" if unknown == 1 else f"{unknown} columns are"
    raise BadRequest("UNKNOWN_COLUMN", f"{these} not in the schema; see GET /schema", path)


def key_of(name: str) -> str:
    """One step of a JSON path."""
    return f".{name}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f"[{json.dumps(name)}]"


def expect(value: Any, kind: type, expected: str, path: str) -> None:
    """Raises BadRequest, with the words of `expected`, if `value` is of another type."""
    if type(value) is not kind:
        raise BadRequest("BAD_FORMAT", f"expected {expected}, got {kind_of(value)}", path)


def expect_rows(count: int, path: str) -> None:
    """Raises BadRequest if there are none."""
    if count == 0:
        raise BadRequest("NO_ROWS", "expected at least one row", path)

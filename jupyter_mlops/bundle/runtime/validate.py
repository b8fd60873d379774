"""A request body becomes the frame the model was trained on, or a BadRequest that says where it does not fit.

Four JSON forms and CSV are read into the same `Table`, column by column, and checked by the same rules. No
message repeats what the client sent, not even its column names: in a body that went wrong, they may be data.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import pandas as pd

from .columns import convert, kind_of
from .problems import BadRequest
from .schema import Column

Columns = Sequence[Column]
METHODS = ("predict", "predict_proba")


@dataclass(frozen=True)
class Table:
    """Checked in shape, not yet in type: each column's values by name, and the JSON path of any cell."""

    values: Mapping[str, Sequence[Any]]
    where: Callable[[str, int], str]


@dataclass(frozen=True)
class Question:
    """What a request asks: a frame with the schema's columns in their order, and a method of the model."""

    frame: pd.DataFrame
    method: str = "predict"


def read_json(body: bytes, columns: Columns) -> Question:
    """Read one of dataframe_split, dataframe_records, instances or inputs, with optional params."""
    document = _parse(body)
    if type(document) is not dict:
        raise BadRequest("BAD_FORMAT", f"expected an object, got {kind_of(document)}")
    forms = [key for key in document if key in _READERS]
    if len(forms) != 1 or not document.keys() <= {forms[0], "params"}:
        raise BadRequest(
            "BAD_FORMAT", f"expected exactly one of {', '.join(_READERS)}, and optionally params"
        )
    method = _method(document.get("params"))
    table = _READERS[forms[0]](document[forms[0]], columns, f"$.{forms[0]}")
    return Question(to_frame(table, columns), method)


def read_csv(body: bytes, columns: Columns) -> Question:
    """Read CSV in UTF-8 with a header line. An empty cell is a missing value."""
    try:
        lines = [line for line in csv.reader(io.StringIO(_text(body), newline=""), strict=True) if line]
    except csv.Error as error:
        raise BadRequest("INVALID_CSV", "the body is not valid CSV") from error
    if not lines:
        raise BadRequest("EMPTY_BODY", "the body is empty")
    header, rows = lines[0], lines[1:]
    table = _positional(header, rows, columns, "$.csv", "$.csv.header")
    cells = {
        column.name: [_cell(column.type, text) for text in table.values[column.name]] for column in columns
    }
    return Question(to_frame(Table(cells, table.where), columns))


def to_frame(table: Table, columns: Columns) -> pd.DataFrame:
    """Check and convert every column. Raises BadRequest naming the first cell that does not fit."""

    def cells(column: Column) -> Any:
        return convert(column, table.values[column.name], lambda row: table.where(column.name, row))

    return pd.DataFrame({column.name: cells(column) for column in columns}, copy=False)


def read_records(rows: Any, columns: Columns, at: str) -> Table:
    """``[{"age": 39, …}, …]``: each row names its columns."""
    _expect(rows, list, "an array of objects", at)
    _expect_rows(len(rows), at)
    names = {column.name for column in columns}
    for index, row in enumerate(rows):
        _expect(row, dict, "an object", f"{at}[{index}]")
        if row.keys() != names:
            _refuse_names(list(row), columns, f"{at}[{index}]")
    return Table(
        {column.name: [row[column.name] for row in rows] for column in columns},
        lambda name, row: f"{at}[{row}]{_key(name)}",
    )


def _read_split(split: Any, columns: Columns, at: str) -> Table:
    """``{"columns": […], "data": [[…], …]}``, with an optional index that is passed over."""
    _expect(split, dict, "an object", at)
    if not {"columns", "data"} <= split.keys() <= {"columns", "data", "index"}:
        raise BadRequest("BAD_FORMAT", "expected the keys columns and data, and optionally index", at)
    _expect(split["columns"], list, "an array of column names", f"{at}.columns")
    for index, name in enumerate(split["columns"]):
        _expect(name, str, "a column name", f"{at}.columns[{index}]")
    return _positional(split["columns"], split["data"], columns, f"{at}.data", f"{at}.columns")


def _read_instances(rows: Any, columns: Columns, at: str) -> Table:
    """Rows as objects, or as arrays in the schema's order."""
    if type(rows) is list and rows and type(rows[0]) is dict:
        return read_records(rows, columns, at)
    return _positional([column.name for column in columns], rows, columns, at, at)


def _read_inputs(inputs: Any, columns: Columns, at: str) -> Table:
    """``{"age": [39, …], …}``: each column with its values; or rows, as in instances."""
    if type(inputs) is not dict:
        return _read_instances(inputs, columns, at)
    if inputs.keys() != {column.name for column in columns}:
        _refuse_names(list(inputs), columns, at)
    for name, values in inputs.items():
        _expect(values, list, "an array with one value per row", at + _key(name))
    rows = len(inputs[columns[0].name])
    _expect_rows(rows, at)
    for column in columns:
        if len(inputs[column.name]) != rows:
            raise BadRequest(
                "RAGGED_ROWS",
                f"expected {rows} values, got {len(inputs[column.name])}",
                at + _key(column.name),
            )
    return Table(inputs, lambda name, row: f"{at}{_key(name)}[{row}]")


_READERS: Mapping[str, Callable[[Any, Columns, str], Table]] = {
    "dataframe_split": _read_split,
    "dataframe_records": read_records,
    "instances": _read_instances,
    "inputs": _read_inputs,
}


def _positional(names: list[str], rows: Any, columns: Columns, at: str, header: str) -> Table:
    """Rows of arrays whose cells are named by `names`."""
    if len(set(names)) != len(names) or set(names) != {column.name for column in columns}:
        _refuse_names(names, columns, header)
    _expect(rows, list, "an array of rows", at)
    _expect_rows(len(rows), at)
    for index, row in enumerate(rows):
        _expect(row, list, "an array", f"{at}[{index}]")
        if len(row) != len(names):
            raise BadRequest("RAGGED_ROWS", f"expected {len(names)} values, got {len(row)}", f"{at}[{index}]")
    place = {name: index for index, name in enumerate(names)}
    by_column = list(zip(*rows, strict=True))
    return Table(
        {name: by_column[index] for name, index in place.items()},
        lambda name, row: f"{at}[{row}][{place[name]}]",
    )


def _refuse_names(names: list[str], columns: Columns, path: str) -> NoReturn:
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


def _method(params: Any) -> str:
    if params is None:
        return "predict"
    _expect(params, dict, "an object", "$.params")
    if not params.keys() <= {"method"}:
        raise BadRequest("BAD_PARAMETER", "the only parameter is method", "$.params")
    method = params.get("method", "predict")
    if method not in METHODS:
        raise BadRequest("BAD_PARAMETER", f"expected one of {', '.join(METHODS)}", "$.params.method")
    return str(method)


def _parse(body: bytes) -> Any:
    text = _text(body)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        line = (
            f" at line {error.lineno}, column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise BadRequest("INVALID_JSON", f"the body is not valid JSON{line}") from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest("INVALID_TEXT", f"the body is not UTF-8 text at byte {error.start}") from error


def _refuse_constant(_: str) -> NoReturn:
    raise BadRequest("INVALID_JSON", "NaN and Infinity are not JSON; send null for a missing value")


_INTEGER = re.compile(r"[+-]?[0-9]+(\.0*)?")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,5})?")
_BOOLEANS = {"true": True, "false": False, "True": True, "False": False}
_LONGEST_NUMBER = 400

_CELL: Mapping[str, Callable[[str], Any]] = {
    "integer": lambda text: int(text.split(".")[0]) if _INTEGER.fullmatch(text) else text,
    "number": lambda text: float(text) if _NUMBER.fullmatch(text) else text,
    "boolean": lambda text: _BOOLEANS.get(text, text),
    "string": lambda text: text,
    "datetime": lambda text: text,
}


def _cell(kind: str, text: str) -> Any:
    """The value a CSV cell spells; text that does not fit stays text, and the type check names it."""
    if text == "":
        return None
    return text if len(text) > _LONGEST_NUMBER else _CELL[kind](text)


def _key(name: str) -> str:
    return f".{name}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f"[{json.dumps(name)}]"


def _expect(value: Any, kind: type, expected: str, path: str) -> None:
    if type(value) is not kind:
        raise BadRequest("BAD_FORMAT", f"expected {expected}, got {kind_of(value)}", path)


def _expect_rows(count: int, path: str) -> None:
    if count == 0:
        raise BadRequest("NO_ROWS", "expected at least one row", path)

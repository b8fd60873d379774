"""MLflow's scoring protocol, which is also SageMaker's: ``POST /invocations`` with JSON or CSV."""

from __future__ import annotations

import csv
import io
import math
import re
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..problems import BadRequest
from ..questions import METHODS, Question, Reply, to_json
from ..tables import (
    Columns,
    Table,
    expect,
    parse,
    plain_row,
    plain_split,
    positional,
    read_inputs,
    read_instances,
    read_records,
    read_split,
    text,
    to_batch,
)
from ..values import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from ..batch import Batch
    from ..questions import Answers

NAME = "mlflow"


def read(
    body: bytes, kind: str, columns: Columns, headers: Mapping[bytes, bytes] = MappingProxyType({})
) -> Question:
    """What a body asks; `kind` is its Content-Type.

    Raises:
        BadRequest: it is of another type, shape or content than the schema asks for.
    """
    if kind not in _KINDS:
        raise BadRequest(
            "UNSUPPORTED_MEDIA_TYPE",
            f"expected Content-Type {' or '.join(_KINDS)}, in plain UTF-8",
            status=415,
        )
    if not body:
        raise BadRequest("EMPTY_BODY", "the body is empty")
    question = _KINDS[kind](body, columns)
    if b"text/csv" in headers.get(b"accept", b"") and _wants_csv(headers[b"accept"]):
        question.more = {"as_csv": True}
    return question


def write(question: Question, answers: Answers) -> Reply:
    """``{"predictions": [...]}``, one for each row; or a line for each, where only CSV was acceptable."""
    if question.more.get("as_csv"):
        return Reply(200, _as_csv(answers[0]), b"text/csv; charset=utf-8")
    return Reply(200, to_json({"predictions": answers[0]}))


def _read_json(body: bytes, columns: Columns) -> Question:
    document = parse(body)
    if type(document) is not dict:
        raise BadRequest("BAD_FORMAT", f"expected an object, got {kind_of(document)}")
    forms = [key for key in document if key in _READERS]
    if len(forms) != 1 or not document.keys() <= {forms[0], "params"}:
        raise BadRequest(
            "BAD_FORMAT", f"expected exactly one of {', '.join(_READERS)}, and optionally params"
        )
    method = asked_method(document.get("params"))
    if forms[0] in _PLAIN and (batch := _PLAIN[forms[0]](document[forms[0]], columns)) is not None:
        return Question(batch, (method,))
    table = _without_nat(_READERS[forms[0]](document[forms[0]], columns, f"$.{forms[0]}"), columns)
    return Question(to_batch(table, columns), (method,))


def _read_csv(body: bytes, columns: Columns) -> Question:
    """CSV in UTF-8 with a header line. An empty cell is a missing value."""
    try:
        lines = [line for line in csv.reader(io.StringIO(text(body), newline=""), strict=True) if line]
    except csv.Error as error:
        raise BadRequest("INVALID_CSV", "the body is not valid CSV") from error
    if not lines:
        raise BadRequest("EMPTY_BODY", "the body is empty")
    header, rows = lines[0], lines[1:]
    table = positional(header, rows, columns, "$.csv", "$.csv.header")
    cells = {
        column.name: [_cell(column.type, text) for text in table.values[column.name]] for column in columns
    }
    return Question(to_batch(Table(cells, table.where), columns))


_KINDS: Mapping[str, Callable[[bytes, Columns], Question]] = {
    "application/json": _read_json,
    "text/csv": _read_csv,
}

_PLAIN: Mapping[str, Callable[[Any, Columns], Batch | None]] = {
    "dataframe_split": plain_split,
    "dataframe_records": partial(plain_row, kinds=(dict,)),
    "instances": plain_row,
}
"""How the form of most requests, one row of plain values, is read in one look."""

_READERS: Mapping[str, Callable[[Any, Columns, str], Table]] = {
    "dataframe_split": read_split,
    "dataframe_records": read_records,
    "instances": read_instances,
    "inputs": read_inputs,
}


def _without_nat(table: Table, columns: Columns) -> Table:
    """MLflow's client writes NaT for a date that is missing."""
    dates = [column.name for column in columns if column.type == "datetime"]
    if not any("NaT" in table.values[name] for name in dates):
        return table
    cells = {name: [None if cell == "NaT" else cell for cell in table.values[name]] for name in dates}
    return Table({**table.values, **cells}, table.where)


def _wants_csv(accept: bytes) -> bool:
    kinds = {each.partition(b";")[0].strip().lower() for each in accept.split(b",")}
    return b"text/csv" in kinds and not kinds & {b"application/json", b"application/*", b"*/*"}


def _as_csv(answer: np.ndarray[Any, Any]) -> bytes:
    """One line for each row, without a header; null is an empty cell."""
    lines = io.StringIO()
    rows = parse(to_json(answer))
    csv.writer(lines, lineterminator="\n").writerows(row if type(row) is list else [row] for row in rows)
    return lines.getvalue().encode()


def asked_method(params: Any) -> str:
    """The model's method that `params` name. Raises BadRequest if they say anything else."""
    if params is None:
        return "predict"
    expect(params, dict, "an object", "$.params")
    if not params.keys() <= {"method"}:
        raise BadRequest("BAD_PARAMETER", "the only parameter is method", "$.params")
    method = params.get("method", "predict")
    if method not in METHODS:
        raise BadRequest("BAD_PARAMETER", f"expected one of {', '.join(METHODS)}", "$.params.method")
    return str(method)


_INTEGER = re.compile(r"[+-]?[0-9]+(\.0*)?")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,5})?")
_BOOLEANS = {"true": True, "false": False, "True": True, "False": False}
_LONGEST_NUMBER = 400


def _cell(kind: str, cell: str) -> Any:
    """The value a CSV cell spells; text that does not fit stays text, and the type check names it."""
    if cell == "":
        return None
    if len(cell) > _LONGEST_NUMBER:
        return cell
    if kind == "integer":
        return int(cell.split(".", maxsplit=1)[0]) if _INTEGER.fullmatch(cell) else cell
    if kind == "number" and _NUMBER.fullmatch(cell) and math.isfinite(number := float(cell)):
        return number
    return _BOOLEANS.get(cell, cell) if kind == "boolean" else cell

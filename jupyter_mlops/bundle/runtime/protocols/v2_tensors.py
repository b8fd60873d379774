"""Tensors become columns: one tensor for each column, or one matrix with all of them.

Numbers that came as bytes stay arrays all the way; NaN is what is missing there, as null is in JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from ..batch import Batch
from ..problems import BadRequest
from ..tables import expect, expect_rows, refuse_names
from ..values import EXACT, checked
from .v2_binary import DTYPES, numbers, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..schema import Column
    from ..values import Values, Where

_INTEGERS = tuple(name for name in DTYPES if "INT" in name)
_KNOWN = (*DTYPES, "BYTES")
_NUMERIC = ("FP64", "FP32", *_INTEGERS)
_FITS: Mapping[str, Sequence[str]] = {
    "number": _NUMERIC,
    "integer": ("INT64", *_NUMERIC),
    "boolean": ("BOOL",),
    "string": ("BYTES",),
    "datetime": ("BYTES",),
}
"""The datatypes that a column takes, its own one first."""


@dataclass(frozen=True)
class Tensor:
    """One of `inputs`: its shape agrees with how many cells it has.

    Attributes:
        cells: row by row in one line, JSON values or an array of numbers.
        path: of the tensor.
        is_nested: whether the JSON has a list for each row.
    """

    name: str
    datatype: str
    shape: Sequence[int]
    cells: list[Any] | np.ndarray[Any, Any]
    path: str
    is_nested: bool

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return self.shape[1] if len(self.shape) == 2 else 1

    def where(self, row: int, column: int = 0) -> str:
        """The path of a cell."""
        if self.is_nested:
            return f"{self.path}.data[{row}][{column}]"
        return f"{self.path}.data[{row * self.width + column}]"


def datatype_of(column: Column) -> str:
    """The datatype that a column is told to have."""
    return "FP32" if column.dtype == "float32" and column.type == "number" else _FITS[column.type][0]


def read_tensors(inputs: Any, rest: memoryview) -> list[Tensor]:
    """The tensors of a request, whose bytes, where they are binary, are in `rest`.

    Raises:
        BadRequest: one is not what its shape and datatype say.
    """
    expect(inputs, list, "an array of tensors", "$.inputs")
    tensors = []
    for index, each in enumerate(inputs):
        path = f"$.inputs[{index}]"
        expect(each, dict, "a tensor", path)
        size = _binary_size(each, path)
        if size is not None and size > len(rest):
            raise BadRequest("WRONG_SIZE", "the body ends before the bytes of this tensor", path)
        tensors.append(_tensor(each, path, None if size is None else rest[:size]))
        rest = rest[size or 0 :]
    if len(rest):
        raise BadRequest("WRONG_SIZE", "bytes are left after the last tensor", "$.inputs")
    return tensors


def to_batch(tensors: Sequence[Tensor], columns: Sequence[Column]) -> Batch:
    """Check every column. Raises BadRequest naming the first tensor, or cell, that does not fit."""
    names = [tensor.name for tensor in tensors]
    if len(tensors) == 1 and len(tensors[0].shape) == 2 and names[0] not in {each.name for each in columns}:
        return _from_matrix(tensors[0], columns)
    if len(names) != len(columns) or set(names) != {column.name for column in columns}:
        refuse_names(names, columns, "$.inputs")
    by_name = {tensor.name: tensor for tensor in tensors}
    rows = tensors[0].shape[0]
    for tensor in tensors:
        if tensor.shape[0] != rows or tensor.width != 1:
            expected = "expected the shape [n] or [n, 1], with the same n for all tensors"
            raise BadRequest("WRONG_SHAPE", expected, f"{tensor.path}.shape")
    expect_rows(rows, tensors[0].path)
    values = [_column(column, by_name[column.name], by_name[column.name].cells) for column in columns]
    return Batch(columns, values, rows)


def _from_matrix(tensor: Tensor, columns: Sequence[Column]) -> Batch:
    rows, width = tensor.shape
    if width != len(columns):
        expected = f"expected {len(columns)} cells in a row, one for each column"
        raise BadRequest("WRONG_SHAPE", expected, f"{tensor.path}.shape")
    expect_rows(rows, tensor.path)
    values = [
        _column(column, tensor, tensor.cells[index::width], index) for index, column in enumerate(columns)
    ]
    return Batch(columns, values, rows)


def _binary_size(tensor: dict[str, Any], path: str) -> int | None:
    parameters = tensor.get("parameters")
    if parameters is None:
        return None
    expect(parameters, dict, "an object", f"{path}.parameters")
    size = parameters.get("binary_data_size")
    if size is not None and not (type(size) is int and size >= 0):
        raise BadRequest("BAD_FORMAT", "expected a number of bytes", f"{path}.parameters.binary_data_size")
    return size


def _tensor(given: dict[str, Any], path: str, raw: memoryview | None) -> Tensor:
    expect(given.get("name"), str, "a column's name", f"{path}.name")
    datatype: Any = given.get("datatype")
    shape: Any = given.get("shape")
    if type(datatype) is not str or datatype not in _KNOWN:
        raise BadRequest("BAD_FORMAT", f"expected one of {', '.join(_KNOWN)}", f"{path}.datatype")
    expect(shape, list, "an array of one or two whole numbers", f"{path}.shape")
    if len(shape) not in {1, 2} or not all(type(size) is int and size >= 0 for size in shape):
        raise BadRequest("WRONG_SHAPE", "expected one or two whole numbers", f"{path}.shape")
    count = shape[0] * (shape[1] if len(shape) == 2 else 1)
    is_nested = False
    cells: list[Any] | np.ndarray[Any, Any]
    if raw is None:
        cells, is_nested = _listed(given.get("data"), shape, count, path)
    elif datatype == "BYTES":
        cells = texts(raw, count, path)
    else:
        cells = numbers(raw, datatype, count, path)
    return Tensor(given["name"], datatype, shape, cells, path, is_nested)


def _listed(data: Any, shape: list[int], count: int, path: str) -> tuple[list[Any], bool]:
    """The cells in one line, and whether they came row by row."""
    expect(data, list, "an array of cells", f"{path}.data")
    is_nested = len(shape) == 2 and bool(data) and type(data[0]) is list
    if is_nested:
        for row, cells in enumerate(data):
            expect(cells, list, "an array of cells", f"{path}.data[{row}]")
            if len(cells) != shape[1]:
                expected = f"expected as many cells as its shape says, got {len(cells)}"
                raise BadRequest("WRONG_SHAPE", expected, f"{path}.data[{row}]")
        data = list(chain.from_iterable(data))
    if len(data) != count:
        raise BadRequest("WRONG_SHAPE", f"expected as many cells as its shape says, got {len(data)}", path)
    return data, is_nested


def _column(column: Column, tensor: Tensor, cells: Any, index: int = 0) -> Values:
    fitting = _FITS[column.type]
    if tensor.datatype not in fitting:
        expected = f"expected the datatype {datatype_of(column)}, got {tensor.datatype}"
        raise BadRequest("WRONG_TYPE", expected, f"{tensor.path}.datatype")

    def where(row: int) -> str:
        return tensor.where(row, index)

    if isinstance(cells, np.ndarray):
        return _CHECKS[column.type](column, cells, where)
    if tensor.datatype == fitting[0]:
        return cells if column.plain.issuperset(map(type, cells)) else checked(column, cells, where)
    if tensor.datatype in _INTEGERS:
        cells = checked(replace(column, type="integer", dtype=""), cells, where)
        limits = np.iinfo(DTYPES[tensor.datatype])
        for row, cell in enumerate(cells):
            if cell is not None and not limits.min <= cell <= limits.max:
                raise BadRequest("OUT_OF_RANGE", f"expected a number of {tensor.datatype}", where(row))
    elif tensor.datatype == "FP32":
        checked(replace(column, type="number", dtype=""), cells, where)
        with np.errstate(over="ignore"):
            return _CHECKS[column.type](column, np.array(cells, np.float64).astype(np.float32), where)
    return checked(column, cells, where)


def _numbers(column: Column, cells: np.ndarray[Any, Any], where: Where) -> Values:
    if column.dtype == "float32":
        with np.errstate(over="ignore"):
            values = cells.astype(np.float32)
    else:
        values = cells.astype(np.float64)
    if not np.isfinite(values).all():
        _refuse_missing(column, values, where)
        _refuse_first(np.isinf(values), "OUT_OF_RANGE", "expected a finite number", where)
    return values


def _integers(column: Column, cells: np.ndarray[Any, Any], where: Where) -> Values:
    large = "expected an integer of at most 64 bits"
    if cells.dtype.kind != "f":
        if cells.dtype == np.uint64:
            _refuse_first(cells >= 2**63, "OUT_OF_RANGE", large, where)
        return cells.astype(np.int64)
    values = cells.astype(np.float64)
    _refuse_missing(column, values, where)
    # Up to here every whole float is one integer.
    _refuse_first(np.abs(values) > EXACT, "OUT_OF_RANGE", large, where)
    missing = np.isnan(values)
    _refuse_first(~missing & (values != np.floor(values)), "WRONG_TYPE", "expected an integer", where)
    return values if missing.any() else values.astype(np.int64)


def _booleans(_column: Column, cells: np.ndarray[Any, Any], _where: Where) -> Values:
    return cells.astype(bool)


_CHECKS: Mapping[str, Callable[[Column, np.ndarray[Any, Any], Where], Values]] = {
    "number": _numbers,
    "integer": _integers,
    "boolean": _booleans,
}


def _refuse_missing(column: Column, values: np.ndarray[Any, Any], where: Where) -> None:
    if not column.nullable:
        _refuse_first(np.isnan(values), "MISSING_VALUE", "expected a number, got NaN", where)


def _refuse_first(bad: np.ndarray[Any, Any], code: str, expected: str, where: Where) -> None:
    if bad.any():
        raise BadRequest(code, expected, where(int(np.argmax(bad))))

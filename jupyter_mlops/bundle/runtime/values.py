"""One column of a request: its values, checked against the schema's type.

A check looks at the set of types in the column first, so a good column costs one pass; only a bad one is
searched for the cell to name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from .batch import unit_of
from .problems import BadRequest

if TYPE_CHECKING:
    from .schema import Column

Where = Callable[[int], str]
"""The JSON path of a row's cell in one column."""
Values = list[Any] | np.ndarray[Any, Any]
"""What a `Batch` holds for a column."""

_KINDS: Mapping[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "an object",
    type(None): "null",
}
EXACT = 2**53
"""Up to here every whole float is one integer."""


def checked(column: Column, values: list[Any], where: Where) -> Values:
    """`values`, one per row, as a batch holds them. Raises BadRequest naming the first bad cell."""
    if not column.nullable and None in values:
        _refuse(column, None, where(values.index(None)))
    return _CHECKS[column.type](column, values, where)


def kind_of(value: Any) -> str:
    """The JSON kind of a value, with its article: all that an error says about what came."""
    return _KINDS[type(value)]


def _integers(column: Column, values: list[Any], where: Where) -> Values:
    kinds = set(map(type, values))
    if not kinds <= {int, type(None)}:
        # 3.0 is the integer 3, in JSON Schema and in what pandas writes for a column with missing cells.
        _check(column, values, where, lambda value: type(value) is int or _is_whole(value))
        values = [value if value is None else _whole(value, where(row)) for row, value in enumerate(values)]
    present = [value for value in values if value is not None] if type(None) in kinds else values
    if present and not (min(present) >= -(2**63) and max(present) < 2**63):
        row = next(row for row, value in enumerate(values) if value and not -(2**63) <= value < 2**63)
        raise BadRequest("OUT_OF_RANGE", "expected an integer of at most 64 bits", where(row))
    return values


def _numbers(column: Column, values: list[Any], where: Where) -> Values:
    _check_kinds(column, values, where, {int, float})  # and finite: no text form has a word for infinity
    if column.dtype != "float32":
        return values
    # A model trained on float32 has thresholds between float32 values: give it the same rounding.
    with np.errstate(over="ignore"):
        array = np.array(values, dtype=np.float32)
    if np.isinf(array).any():
        raise BadRequest(
            "OUT_OF_RANGE", "expected a number of at most 32 bits", where(int(np.isinf(array).argmax()))
        )
    return array


def _booleans(column: Column, values: list[Any], where: Where) -> Values:
    _check_kinds(column, values, where, {bool})
    return values


def _strings(column: Column, values: list[Any], where: Where) -> Values:
    _check_kinds(column, values, where, {str})
    return values


def _datetimes(column: Column, values: list[Any], where: Where) -> Values:
    _check_kinds(column, values, where, {str})
    with_zone = "," in column.dtype
    unit = unit_of(column)
    moments = [
        None if value is None else _moment(value, with_zone, unit, where(row))
        for row, value in enumerate(values)
    ]
    return np.array(moments, dtype=f"datetime64[{unit}]")


def _moment(text: str, with_zone: bool, unit: str, path: str) -> datetime:
    """In UTC where training had a zone; without a zone always, as NumPy wants it."""
    expected = "an ISO 8601 date-time " + ("with" if with_zone else "without") + " a UTC offset"
    try:
        moment = datetime.fromisoformat(text)
        if (moment.tzinfo is not None) == with_zone:
            moment = moment.astimezone(UTC).replace(tzinfo=None) if with_zone else moment
            # Python's first and last year leave no room for a shift of zone; 64 bits of ns, for less.
            first, last = (1678, 2261) if unit == "ns" else (2, 9998)
            if first <= moment.year <= last:
                return moment
    except (ValueError, OverflowError):
        pass  # no date-time
    raise BadRequest("WRONG_TYPE", f"expected {expected}, got another string", path)


_CHECKS: Mapping[str, Callable[[Column, list[Any], Where], Values]] = {
    "integer": _integers,
    "number": _numbers,
    "boolean": _booleans,
    "string": _strings,
    "datetime": _datetimes,
}

_NAMES = {
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "string": "a string",
    "datetime": "an ISO 8601 date-time",
}


def _check_kinds(column: Column, values: list[Any], where: Where, allowed: set[type]) -> None:
    if not set(map(type, values)) <= allowed | {type(None)}:
        _check(column, values, where, lambda value: type(value) in allowed)


def _check(column: Column, values: list[Any], where: Where, fits: Callable[[Any], bool]) -> None:
    for row, value in enumerate(values):
        if value is not None and not fits(value):
            _refuse(column, value, where(row))


def _refuse(column: Column, value: Any, path: str) -> NoReturn:
    code = "MISSING_VALUE" if value is None else "WRONG_TYPE"
    expected = _NAMES[column.type] + (" or null" if column.nullable else "")
    raise BadRequest(code, f"expected {expected}, got {kind_of(value)}", path)


def _is_whole(value: Any) -> bool:
    return type(value) is float and value.is_integer()


def _whole(value: float, path: str) -> int:
    if type(value) is float and abs(value) > EXACT:
        raise BadRequest("OUT_OF_RANGE", "expected an integer of at most 64 bits", path)
    return int(value)

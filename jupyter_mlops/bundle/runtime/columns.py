"""One column of a request: check its values against the schema's type, then make it what training had.

A check looks at the set of types in the column first, so a good column costs one pass; only a bad one is
searched for the cell to name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pandas as pd

from .problems import BadRequest

if TYPE_CHECKING:
    from .schema import Column

Where = Callable[[int], str]
"""The JSON path of a row's cell in one column."""

_KINDS: Mapping[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def convert(column: Column, values: Sequence[Any], where: Where) -> Any:
    """`values`, one per row, as an array for the frame. Raises BadRequest naming the first bad cell."""
    if not column.nullable and None in values:
        _refuse(column, None, where(values.index(None)))
    return _CONVERT[column.type](column, values, where)


def _integers(column: Column, values: Sequence[Any], where: Where) -> Any:
    kinds = set(map(type, values))
    if not kinds <= {int, type(None)}:
        # 3.0 is the integer 3, in JSON Schema and in what pandas writes for a column with missing cells.
        _check(column, values, where, lambda value: type(value) is int or _is_whole(value))
    try:
        array = np.array([0 if value is None else int(value) for value in values], dtype=np.int64)
    except OverflowError as error:
        row = next(row for row, value in enumerate(values) if value and not -(2**63) <= value < 2**63)
        raise BadRequest("OUT_OF_RANGE", "expected an integer of at most 64 bits", where(row)) from error
    if type(None) in kinds:
        return np.where([value is None for value in values], np.nan, array)
    return array


def _numbers(column: Column, values: Sequence[Any], where: Where) -> Any:
    _check_kinds(column, values, where, {int, float})
    try:
        array = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
        fits = not np.isinf(array).any()
    except OverflowError:
        fits = False
    if not fits:
        row = next(row for row, value in enumerate(values) if value and not _is_finite(value))
        raise BadRequest("OUT_OF_RANGE", "expected a number that fits 64-bit floating point", where(row))
    # A model trained on float32 has thresholds between float32 values: give it the same rounding.
    return array.astype(np.float32) if column.dtype == "float32" else array


def _booleans(column: Column, values: Sequence[Any], where: Where) -> Any:
    _check_kinds(column, values, where, {bool})
    if column.dtype == "boolean":
        return pd.array(list(values), dtype="boolean")
    if None in values:
        return np.array([math.nan if value is None else value for value in values], dtype=object)
    return np.array(values, dtype=bool)


def _strings(column: Column, values: Sequence[Any], where: Where) -> Any:
    _check_kinds(column, values, where, {str})
    # JSON can spell half a surrogate pair, which no text encoding can hold.
    if not _is_encodable("".join(value for value in values if value)):
        row = next(row for row, value in enumerate(values) if value and not _is_encodable(value))
        raise BadRequest("WRONG_TYPE", "expected a string of valid Unicode text", where(row))
    return pd.array(list(values), dtype="str")


def _datetimes(column: Column, values: Sequence[Any], where: Where) -> Any:
    _check_kinds(column, values, where, {str})
    with_zone = "," in column.dtype
    unit = re.search(r"\[(s|ms|us|ns)", column.dtype)
    dtype: Any = column.dtype if unit else "datetime64[us]"
    stamps = [
        None if value is None else _stamp(value, with_zone, unit[1] if unit else "us", where(row))
        for row, value in enumerate(values)
    ]
    return pd.Series(stamps, dtype=dtype)


def _stamp(text: str, with_zone: bool, unit: Any, path: str) -> pd.Timestamp:
    expected = "an ISO 8601 date-time " + ("with" if with_zone else "without") + " a UTC offset"
    try:
        moment = datetime.fromisoformat(text)
        if (moment.tzinfo is not None) == with_zone:
            moment = moment.astimezone(UTC) if with_zone else moment
            # Python's first and last year leave no room for the shift to the training's own zone.
            if 1 < moment.year < 9999:
                return pd.Timestamp(moment).as_unit(unit)
    except (ValueError, OverflowError):
        pass  # no date-time, or one that the training's resolution cannot hold
    raise BadRequest("WRONG_TYPE", f"expected {expected}, got another string", path)


_CONVERT: Mapping[str, Callable[[Column, Sequence[Any], Where], Any]] = {
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


def _check_kinds(column: Column, values: Sequence[Any], where: Where, allowed: set[type]) -> None:
    if not set(map(type, values)) <= allowed | {type(None)}:
        _check(column, values, where, lambda value: type(value) in allowed)


def _check(column: Column, values: Sequence[Any], where: Where, fits: Callable[[Any], bool]) -> None:
    for row, value in enumerate(values):
        if value is not None and not fits(value):
            _refuse(column, value, where(row))


def _refuse(column: Column, value: Any, path: str) -> NoReturn:
    code = "MISSING_VALUE" if value is None else "WRONG_TYPE"
    expected = _NAMES[column.type] + (" or null" if column.nullable else "")
    raise BadRequest(code, f"expected {expected}, got {kind_of(value)}", path)


def kind_of(value: Any) -> str:
    """The JSON kind of a value, with its article: all that an error says about what came."""
    return _KINDS[type(value)]


def _is_whole(value: Any) -> bool:
    return type(value) is float and value.is_integer()


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer of more than 308 digits
        return False


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

"""Plain values as JSON and back, exactly: every type keeps its name, every float its bits, no pickle.

JSON's own null, booleans, strings, finite floats, integers and lists stand for themselves; everything else
is ``{"type": …, "value": …}``, where the value is again in this form. What is not in the table is refused.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import math
import struct
import uuid
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 100
_UNTAGGED_INT = 1 << 1024  # Python refuses to read integers of more than 4,300 digits

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class NotPlainError(Exception):
    """A value has no JSON form here; its only argument is the name of the type."""


@dataclass(frozen=True)
class _Codec:
    name: str
    write: Callable[[Any], Any]  # to values that have a JSON form
    read: Callable[[Any], Any]


def to_json(value: Any, depth: int = 0) -> Json:
    """The JSON form of a plain value.

    Raises:
        NotPlainError: the value, or one inside it, is of another type or nested too deep.
    """
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value  # type: ignore[no-any-return]
    if kind is float and math.isfinite(value):
        return value  # type: ignore[no-any-return]
    if kind is int and abs(value) < _UNTAGGED_INT:
        return value  # type: ignore[no-any-return]
    codec = _codec_for(kind)
    if codec is None and kind is not list:
        raise NotPlainError(f"{kind.__module__}.{kind.__qualname__}")
    if depth > MAX_DEPTH:
        raise NotPlainError(f"{kind.__module__}.{kind.__qualname__}, nested too deep")
    if codec is None:
        return [to_json(item, depth + 1) for item in value]
    return {"type": codec.name, "value": to_json(codec.write(value), depth + 1)}


def from_json(data: Json) -> Any:
    """The value that `to_json` was given."""
    if isinstance(data, list):
        return [from_json(item) for item in data]
    if isinstance(data, dict):
        return _BY_NAME[str(data["type"])].read(from_json(data["value"]))
    return data


def is_plain(value: object) -> bool:
    """True if the value has a JSON form."""
    try:
        to_json(value)
    except NotPlainError:
        return False
    return True


def _codec_for(kind: type) -> _Codec | None:
    codec = _BY_TYPE.get(kind)
    return _SCALAR if codec is None and issubclass(kind, np.generic) else codec


def _text_of(data: bytes) -> str:
    return base64.b85encode(data).decode()


def _bytes_of(text: str) -> bytes:
    return base64.b85decode(text)


def _write_scalar(value: np.generic) -> list[Any]:
    if value.dtype.kind in "OVT":
        raise NotPlainError(f"numpy.{type(value).__name__}")
    return [value.dtype.str, _text_of(value.tobytes())]


def _read_scalar(parts: list[Any]) -> np.generic:
    dtype, data = parts
    return np.frombuffer(_bytes_of(data), dtype)[0]  # type: ignore[no-any-return]


def _write_array(value: np.ndarray[Any, Any]) -> list[Any]:
    if value.dtype == object:
        return ["O", list(value.shape), value.ravel(order="C").tolist()]
    if value.dtype.kind in "VT":
        raise NotPlainError("numpy.ndarray of fields or variable text")
    return [value.dtype.str, list(value.shape), _text_of(value.tobytes())]


def _read_array(parts: list[Any]) -> np.ndarray[Any, Any]:
    dtype, shape, data = parts
    if dtype != "O":
        return np.frombuffer(_bytes_of(data), dtype=dtype).reshape(shape).copy()
    array = np.empty(len(data), dtype=object)
    for position, item in enumerate(data):  # not array[:] = data, which would look into nested lists
        array[position] = item
    return array.reshape(shape)


def _read_zone(parts: list[Any]) -> dt.timezone:
    zone = dt.timezone(*parts)
    return dt.UTC if zone == dt.UTC and parts[1] == "UTC" else zone


def _write_moment(value: pd.Timestamp) -> list[Any]:
    return [int(value.asm8.astype("int64")), value.unit, value.tzinfo]


def _read_moment(parts: list[Any]) -> pd.Timestamp:
    count, unit, zone = parts
    moment = pd.Timestamp(np.datetime64(count, unit))
    return moment if zone is None else moment.tz_localize("UTC").tz_convert(zone)


def _write_datetime(v: dt.datetime) -> list[Any]:
    return [v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond, v.tzinfo, v.fold]


def _read_datetime(parts: list[Any]) -> dt.datetime:
    year, month, day, hour, minute, second, micro, zone, fold = parts
    return dt.datetime(year, month, day, hour, minute, second, micro, zone, fold=fold)


def _write_time(v: dt.time) -> list[Any]:
    return [v.hour, v.minute, v.second, v.microsecond, v.tzinfo, v.fold]


_SCALAR = _Codec("numpy.generic", _write_scalar, _read_scalar)
_BY_TYPE: dict[type, _Codec] = {
    float: _Codec(
        "float", lambda v: struct.pack("<d", v).hex(), lambda v: struct.unpack("<d", bytes.fromhex(v))[0]
    ),
    int: _Codec("int", hex, lambda v: int(v, 16)),
    complex: _Codec("complex", lambda v: [v.real, v.imag], lambda v: complex(*v)),
    bytes: _Codec("bytes", _text_of, _bytes_of),
    tuple: _Codec("tuple", list, tuple),
    set: _Codec("set", list, set),
    frozenset: _Codec("frozenset", list, frozenset),
    dict: _Codec("dict", lambda v: [list(pair) for pair in v.items()], dict),
    decimal.Decimal: _Codec("Decimal", lambda v: list(v.as_tuple()), decimal.Decimal),
    uuid.UUID: _Codec("UUID", lambda v: v.hex, uuid.UUID),
    dt.datetime: _Codec("datetime", _write_datetime, _read_datetime),
    dt.date: _Codec("date", lambda v: [v.year, v.month, v.day], lambda v: dt.date(*v)),
    dt.time: _Codec("time", _write_time, lambda v: dt.time(*v[:5], fold=v[5])),
    dt.timedelta: _Codec(
        "timedelta", lambda v: [v.days, v.seconds, v.microseconds], lambda v: dt.timedelta(*v)
    ),
    dt.timezone: _Codec("timezone", lambda v: [v.utcoffset(None), v.tzname(None)], _read_zone),
    zoneinfo.ZoneInfo: _Codec("ZoneInfo", lambda v: v.key, zoneinfo.ZoneInfo),
    # A slice of NumPy's text is plain text, and keeps the NULs at its end that str() drops.
    np.str_: _Codec("numpy.str_", lambda v: v[:], np.str_),
    np.bytes_: _Codec("numpy.bytes_", lambda v: v[:], np.bytes_),
    np.ndarray: _Codec("numpy.ndarray", _write_array, _read_array),
    pd.Timestamp: _Codec("Timestamp", _write_moment, _read_moment),
    pd.Timedelta: _Codec("Timedelta", lambda v: v.asm8, pd.Timedelta),
    pd.Period: _Codec(
        "Period", lambda v: [v.ordinal, v.freqstr], lambda v: pd.Period(ordinal=v[0], freq=v[1])
    ),
    pd.Interval: _Codec("Interval", lambda v: [v.left, v.right, v.closed], lambda v: pd.Interval(*v)),
    type(pd.NaT): _Codec("NaT", lambda _: None, lambda _: pd.NaT),
    type(pd.NA): _Codec("NA", lambda _: None, lambda _: pd.NA),
}
_BY_NAME = {codec.name: codec for codec in (_SCALAR, *_BY_TYPE.values())}

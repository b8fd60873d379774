"""Digests of Python's own values: scalars, containers, dates, paths and the like.

Methods are taken from the base class (``dict.items(value)``), so that a subclass of the user's that
overrides them is looked at and not called.
"""

from __future__ import annotations

import array
import collections
import dataclasses
import datetime as dt
import decimal
import fractions
import pathlib
import random
import re
import struct
import types
import uuid
import zoneinfo
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.registry import UnknowableError, handles, leaf

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk


_HEAD = struct.Struct("<cQ").pack


def _sized(tag: bytes, data: bytes) -> bytes:
    return _HEAD(tag, len(data)) + data


def int_bytes(value: int) -> bytes:
    """Two's complement, least significant byte first, as short as it goes."""
    return int.to_bytes(value, int.bit_length(value) // 8 + 1, "little", signed=True)


@leaf(type(None))
def _none(_: None) -> bytes:
    return b"N"


@leaf(type(...))
def _ellipsis(_: types.EllipsisType) -> bytes:
    return b"."


@leaf(type(NotImplemented))
def _not_implemented(_: types.NotImplementedType) -> bytes:
    return b"!"


@leaf(bool)
def _bool(value: bool) -> bytes:
    return b"T" if value else b"F"


@leaf(int)
def _int(value: int) -> bytes:
    return _sized(b"i", int_bytes(value))


@leaf(float)
def _float(value: float) -> bytes:
    return b"f" + struct.pack("<d", value)


@leaf(complex)
def _complex(value: complex) -> bytes:
    return b"c" + struct.pack("<dd", value.real, value.imag)


@leaf(str)
def _str(value: str) -> bytes:
    return _sized(b"s", value.encode("utf-8", "surrogatepass"))


@leaf(bytes)
def _bytes(value: bytes) -> bytes:
    return _sized(b"b", value)


# Subclasses of the leaf types: the walk adds their class and attributes.
@handles(int)
def _int_content(walk: Walk, value: int) -> bytes:
    return walk.node("int", int_bytes(value))


@handles(float)
def _float_content(walk: Walk, value: float) -> bytes:
    return walk.node("float", struct.pack("<d", float.__float__(value)))


@handles(complex)
def _complex_content(walk: Walk, value: complex) -> bytes:
    plain = complex.__complex__(value)
    return walk.node("complex", struct.pack("<dd", plain.real, plain.imag))


@handles(str)
def _str_content(walk: Walk, value: str) -> bytes:
    return walk.node("str", str.encode(value, "utf-8", "surrogatepass"))


@handles(bytes)
def _bytes_content(walk: Walk, value: bytes) -> bytes:
    return walk.node("bytes", walk.buffer(value))


@handles(bytearray)
def _bytearray(walk: Walk, value: bytearray) -> bytes:
    return walk.node("bytearray", walk.buffer(value))


@handles(memoryview)
def _memoryview(walk: Walk, value: memoryview) -> bytes:
    layout = (value.format, value.shape)
    return walk.node("memoryview", walk.tokens(layout), walk.buffer(value.tobytes()))


@handles(array.array)
def _array(walk: Walk, value: array.array[Any]) -> bytes:
    return walk.node("array", walk.token(value.typecode), walk.buffer(value))


@handles(list)
def _list(walk: Walk, value: list[Any]) -> bytes:
    return walk.node("list", walk.tokens(list.__iter__(value)))


@handles(tuple)
def _tuple(walk: Walk, value: tuple[Any, ...]) -> bytes:
    return walk.node("tuple", walk.tokens(tuple.__iter__(value)))


@handles(collections.deque)
def _deque(walk: Walk, value: collections.deque[Any]) -> bytes:
    length = _read(walk, collections.deque, value, "maxlen")
    return walk.node("deque", length, walk.tokens(collections.deque.__iter__(value)))


@handles(set)
def _set(walk: Walk, value: set[Any]) -> bytes:
    return walk.node("set", *sorted(walk.token(item) for item in set.__iter__(value)))


@handles(frozenset)
def _frozenset(walk: Walk, value: frozenset[Any]) -> bytes:
    return walk.node("frozenset", *sorted(walk.token(item) for item in frozenset.__iter__(value)))


def _read(walk: Walk, base: type, value: object, *names: str) -> bytes:
    """Tokens of what the base class itself, not a subclass, says under these names."""
    return walk.tokens(getattr(base, name).__get__(value) for name in names)


def _pairs(walk: Walk, items: Any) -> bytes:
    return walk.tokens(part for pair in items for part in pair)


@handles(dict)
def _dict(walk: Walk, value: dict[Any, Any]) -> bytes:
    return walk.node("dict", _pairs(walk, dict.items(value)))


@handles(collections.OrderedDict)
def _ordered(walk: Walk, value: collections.OrderedDict[Any, Any]) -> bytes:
    # Its own order is not the underlying dict's after move_to_end().
    return walk.node("OrderedDict", _pairs(walk, collections.OrderedDict.items(value)))


@handles(collections.defaultdict)
def _defaultdict(walk: Walk, value: collections.defaultdict[Any, Any]) -> bytes:
    factory = _read(walk, collections.defaultdict, value, "default_factory")
    return walk.node("defaultdict", factory, _pairs(walk, dict.items(value)))


@handles(types.SimpleNamespace)
def _namespace(walk: Walk, value: types.SimpleNamespace) -> bytes:
    return walk.node("SimpleNamespace", _pairs(walk, sorted(vars(value).items())))


@handles(range)
def _range(walk: Walk, value: range) -> bytes:
    return walk.node("range", walk.tokens((value.start, value.stop, value.step)))


@handles(slice)
def _slice(walk: Walk, value: slice) -> bytes:
    return walk.node("slice", walk.tokens((value.start, value.stop, value.step)))


@handles(decimal.Decimal)
def _decimal(walk: Walk, value: decimal.Decimal) -> bytes:
    # Not its text: the spelling of the exponent is a setting of the thread.
    return walk.node("Decimal", walk.tokens(decimal.Decimal.as_tuple(value)))


@handles(fractions.Fraction)
def _fraction(walk: Walk, value: fractions.Fraction) -> bytes:
    return walk.node("Fraction", _read(walk, fractions.Fraction, value, "numerator", "denominator"))


@handles(uuid.UUID)
def _uuid(walk: Walk, value: uuid.UUID) -> bytes:
    return walk.node("UUID", _read(walk, uuid.UUID, value, "int"))


@handles(pathlib.PurePath, whole=True)
def _path(walk: Walk, value: pathlib.PurePath) -> bytes:
    # Its attributes are caches, filled by use.
    return walk.node("Path", walk.token(type(value)), walk.token(pathlib.PurePath.__str__(value)))


@handles(re.Pattern)
def _pattern(walk: Walk, value: re.Pattern[Any]) -> bytes:
    return walk.node("Pattern", walk.tokens((value.pattern, value.flags)))


@handles(random.Random)
def _random(walk: Walk, value: random.Random) -> bytes:
    return walk.node("Random", walk.token(random.Random.getstate(value)))


@handles(random.SystemRandom)
def _system_random(walk: Walk, value: random.SystemRandom) -> bytes:
    raise UnknowableError("the system's randomness has no state to look at")


_DAY = ("year", "month", "day")
_CLOCK = ("hour", "minute", "second", "microsecond", "fold", "tzinfo")


@handles(dt.datetime)
def _datetime(walk: Walk, value: dt.datetime) -> bytes:
    return walk.node("datetime", _read(walk, dt.datetime, value, *_DAY, *_CLOCK))


@handles(dt.date)
def _date(walk: Walk, value: dt.date) -> bytes:
    return walk.node("date", _read(walk, dt.date, value, *_DAY))


@handles(dt.time)
def _time(walk: Walk, value: dt.time) -> bytes:
    return walk.node("time", _read(walk, dt.time, value, *_CLOCK))


@handles(dt.timedelta)
def _timedelta(walk: Walk, value: dt.timedelta) -> bytes:
    return walk.node("timedelta", _read(walk, dt.timedelta, value, "days", "seconds", "microseconds"))


@handles(dt.timezone)
def _timezone(walk: Walk, value: dt.timezone) -> bytes:
    return walk.node("timezone", walk.token(value.utcoffset(None)), walk.token(value.tzname(None)))


@handles(zoneinfo.ZoneInfo)
def _zone(walk: Walk, value: zoneinfo.ZoneInfo) -> bytes:
    if not value.key:
        raise UnknowableError("a time zone read from an unnamed file")
    return walk.node("ZoneInfo", walk.token(value.key))


@handles(dataclasses.Field)
def _field(walk: Walk, value: dataclasses.Field[Any]) -> bytes:
    # Its type is an annotation, and annotations do not change what a class does.
    says = (value.name, value.default, value.default_factory, value.init, value.repr, value.hash)
    return walk.node("Field", walk.tokens((*says, value.compare, value.kw_only)))

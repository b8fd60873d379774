"""Digests of Python's own values: scalars, containers, paths and the like.

Methods are taken from the base class (``dict.items(value)``), so that a subclass of the user's that
overrides them is looked at and not called.
"""

from __future__ import annotations

import array
import collections
import dataclasses
import decimal
import fractions
import pathlib
import random
import re
import struct
import types
import uuid
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.looking import read_as
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
    return walk.node("list", walk.tokens(list(list.__iter__(value))))


@handles(tuple)
def _tuple(walk: Walk, value: tuple[Any, ...]) -> bytes:
    return walk.node("tuple", walk.tokens(list(tuple.__iter__(value))))


@handles(collections.deque)
def _deque(walk: Walk, value: collections.deque[Any]) -> bytes:
    length = walk.tokens(read_as(collections.deque, value, "maxlen"))
    return walk.node("deque", length, walk.tokens(list(collections.deque.__iter__(value))))


@handles(set)
def _set(walk: Walk, value: set[Any]) -> bytes:
    return walk.node("set", *sorted(walk.token(item) for item in set.__iter__(value)))


@handles(frozenset)
def _frozenset(walk: Walk, value: frozenset[Any]) -> bytes:
    return walk.node("frozenset", *sorted(walk.token(item) for item in frozenset.__iter__(value)))


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
    factory = walk.tokens(read_as(collections.defaultdict, value, "default_factory"))
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
    return walk.node("Fraction", walk.tokens(read_as(fractions.Fraction, value, "numerator", "denominator")))


@handles(uuid.UUID)
def _uuid(walk: Walk, value: uuid.UUID) -> bytes:
    return walk.node("UUID", walk.tokens(read_as(uuid.UUID, value, "int")))


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


@handles(dataclasses.Field)
def _field(walk: Walk, value: dataclasses.Field[Any]) -> bytes:
    # Its type is an annotation, and annotations do not change what a class does.
    says = (value.name, value.default, value.default_factory, value.init, value.repr, value.hash)
    return walk.node("Field", walk.tokens((*says, value.compare, value.kw_only)))

"""Polars' columns as Arrow arrays, and its data types as plain values: what digests and the store share.

Arrow does not tell an Enum from a Categorical and has no integers of 128 bits, so the types are kept apart.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from jupyter_mlops.snapshot.digest_arrow import one_array
from jupyter_mlops.snapshot.registry import UnknowableError

if TYPE_CHECKING:
    from collections.abc import Callable

_polars: Any = sys.modules["polars"]
_OLDEST: Any = _polars.CompatLevel.oldest()  # long strings and binaries, which Arrow can take rows from
_AS_TEXT = ("Int128", "UInt128")
_SETTINGS: dict[str, Callable[[Any], list[Any]]] = {
    "Datetime": lambda dtype: [dtype.time_unit, dtype.time_zone],
    "Duration": lambda dtype: [dtype.time_unit],
    "Decimal": lambda dtype: [dtype.precision, dtype.scale],
    "Enum": lambda dtype: [dtype.categories.to_list()],
    "List": lambda dtype: [type_form(dtype.inner)],
    "Array": lambda dtype: [type_form(dtype.inner), dtype.size],
    "Struct": lambda dtype: [[[field.name, type_form(field.dtype)] for field in dtype.fields]],
}
_PLAIN = frozenset((
    "Boolean", "String", "Binary", "Null", "Date", "Time", "Categorical", "Float16", "Float32", "Float64",
    "Int8", "Int16", "Int32", "Int64", "Int128", "UInt8", "UInt16", "UInt32", "UInt64", "UInt128",
))  # fmt: skip


def type_form(dtype: Any) -> list[Any]:
    """A data type as its name and settings.

    Raises:
        UnknowableError: a type whose values cannot be seen (Python objects) or that is not known here.
    """
    name = cast("str", dtype.base_type().__name__)
    if name in _SETTINGS:
        return [name, *_SETTINGS[name](dtype)]
    categories = getattr(dtype, "categories", None)
    if name not in _PLAIN or (categories is not None and not categories.is_global()):
        raise UnknowableError(f"a Polars {name}")
    return [name]


def type_of(form: list[Any]) -> Any:
    """The data type that `type_form` described."""
    name, *settings = form
    cls = getattr(_polars, name)
    if name == "List":
        return cls(type_of(settings[0]))
    if name == "Array":
        return cls(type_of(settings[0]), settings[1])
    if name == "Struct":
        return cls([_polars.Field(field, type_of(inner)) for field, inner in settings[0]])
    return cls(*settings)


def to_arrow(series: Any) -> Any:
    """A series as one Arrow array; numbers are not copied.

    Raises:
        UnknowableError: a type that Arrow does not have inside another.
    """
    if series.dtype.base_type().__name__ in _AS_TEXT:
        series = series.cast(_polars.String)
    elif any(name in str(type_form(series.dtype)) for name in _AS_TEXT):
        raise UnknowableError("Polars integers of 128 bits inside another type")
    return one_array(series.to_arrow(compat_level=_OLDEST))


def from_arrow(name: str, array: Any, dtype: Any) -> Any:
    """The series that `to_arrow` was given."""
    if dtype.base_type().__name__ in _AS_TEXT:
        return _polars.Series(name, array).cast(dtype)
    return _polars.Series(name, array, dtype=dtype)

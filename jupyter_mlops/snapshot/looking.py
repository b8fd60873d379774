"""Look at an object without running any of its code: no properties, no ``__getattr__``, no metaclass.

Everything is read through the descriptors of ``type`` itself and through the C descriptors that Python puts
into a class for its slots and its ``__dict__``.
"""

from __future__ import annotations

import sys
from types import GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MRO = type.__dict__["__mro__"]
_DICT = type.__dict__["__dict__"]
_MODULE = type.__dict__["__module__"]
_QUALNAME = type.__dict__["__qualname__"]
_POINTER = object.__basicsize__ // 2  # an object's head is a count and a type: two words


def mro_of(cls: type) -> tuple[type, ...]:
    """The class and its bases in method resolution order."""
    return cast("tuple[type, ...]", _MRO.__get__(cls))


def members_of(cls: type) -> Mapping[str, Any]:
    """What stands in the class body itself."""
    return cast("Mapping[str, Any]", _DICT.__get__(cls))


def module_of(cls: type) -> str:
    """The module a class says it is from, or an empty string."""
    try:
        name = _MODULE.__get__(cls)
    except AttributeError:
        return ""
    return name if type(name) is str else ""


def qualname_of(cls: type) -> str:
    """The dotted name of a class in its module."""
    return cast("str", _QUALNAME.__get__(cls))


def dict_of(value: object) -> dict[str, Any]:
    """The instance's attribute dictionary; empty if it has none."""
    for cls in mro_of(type(value)):
        found = members_of(cls).get("__dict__")
        if type(found) is GetSetDescriptorType:
            attributes = found.__get__(value, type(value))
            return attributes if isinstance(attributes, dict) else {}
    return {}


def slots_of(value: object, below: type = object) -> Iterator[tuple[str, Any]]:
    """Names and values of the filled slots that classes under `below` declare."""
    for cls in mro_of(type(value)):
        if cls is below:
            return
        for name, member in members_of(cls).items():
            if type(member) is MemberDescriptorType and not name.startswith("__"):
                try:
                    found = member.__get__(value, type(value))
                except AttributeError:
                    continue
                yield name, found


def hides_state(cls: type) -> bool:
    """True if instances have memory that neither slots nor the ``__dict__`` show, as C types do.

    The same count that ``object.__reduce_ex__`` makes before it agrees to copy an object.
    """
    slots = {
        id(member)
        for base in mro_of(cls)
        for member in members_of(base).values()
        if type(member) is MemberDescriptorType
    }
    seen = object.__basicsize__ + _POINTER * len(slots)
    for name in ("__dictoffset__", "__weakrefoffset__"):
        # Negative offsets lie in front of the object and take no room in it.
        seen += _POINTER * (_number(cls, name) > 0)
    return _number(cls, "__itemsize__") != 0 or _number(cls, "__basicsize__") > seen


def _number(cls: type, name: str) -> int:
    return cast("int", type.__dict__[name].__get__(cls))


def imported(name: str) -> Any:
    """The module if it is imported whole; None if not, or while a thread still imports it.

    No value of its types is there before that, and it may lack the name that one looks for.
    """
    module = sys.modules.get(name)
    return None if getattr(getattr(module, "__spec__", None), "_initializing", False) else module


def read_as(base: type, value: object, *names: str) -> list[Any]:
    """What the base class itself, not a subclass, says about a value under these names."""
    return [getattr(base, name).__get__(value) for name in names]

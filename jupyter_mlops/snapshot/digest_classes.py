"""Digests of classes: by name if they are installed, by what stands in their body if they are not."""

from __future__ import annotations

import enum
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.digest_code import is_local
from jupyter_mlops.snapshot.looking import members_of, module_of, mro_of, qualname_of
from jupyter_mlops.snapshot.registry import handles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.snapshot.walk import Walk

# What Python derives from the body, or what changes when the cell that holds it moves.
_DERIVED = frozenset(
    (
        "__module__",
        "__qualname__",
        "__annotations__",
        "__annotate__",
        "__annotate_func__",
        "__annotations_cache__",
        "__firstlineno__",
        "__static_attributes__",
        "__slotnames__",  # noted when an instance is first copied or pickled
        "__abstractmethods__",
        "_abc_impl",
        "__dataclass_fields__",  # its content is in the generated methods
        "__dataclass_params__",
        "__weakref__",
        "__dict__",
    )
)
_METHODS = (FunctionType, property, classmethod, staticmethod)


@handles(type, whole=True)
def _class(walk: Walk, value: type) -> bytes:
    name = qualname_of(value)
    if not is_local(module_of(value), name):
        return walk.node("class", walk.tokens((module_of(value), name)))
    bases = walk.tokens(type.__dict__["__bases__"].__get__(value))
    members = members_of(value)
    if "_fields" in members and len(mro_of(value)) == 3 and mro_of(value)[1] is tuple:
        # A named tuple's methods are written by Python from its fields.
        body: Mapping[str, Any] = {k: members.get(k) for k in ("_fields", "_field_defaults")}
    else:
        body = {k: v for k, v in members.items() if k not in _DERIVED and not _is_storage(v)}
    return walk.node("written class", walk.token(name), walk.token(type(value)), bases, _body(walk, body))


@handles(enum.EnumMeta, whole=True)
def _enum_class(walk: Walk, value: enum.EnumMeta) -> bytes:
    name = qualname_of(value)
    if not is_local(module_of(value), name):
        return walk.node("class", walk.tokens((module_of(value), name)))
    members = members_of(value)
    values = [(key, member._value_) for key, member in members["_member_map_"].items()]
    # Of the rest only what the user wrote: Enum keeps its books in the class, and differently by version.
    methods = {k: v for k, v in members.items() if issubclass(type(v), _METHODS) and not k.startswith("_")}
    bases = walk.tokens(type.__dict__["__bases__"].__get__(value))
    return walk.node("written enum", walk.token(name), bases, walk.token(values), _body(walk, methods))


@handles(enum.Enum, whole=True)
def _enum(walk: Walk, value: enum.Enum) -> bytes:
    return walk.node("enum", walk.token(type(value)), walk.tokens((value._name_, value._value_)))


def _is_storage(member: object) -> bool:
    # By identity, as everywhere here: a metaclass may define what == means.
    return type(member) is GetSetDescriptorType or type(member) is MemberDescriptorType


def _body(walk: Walk, members: Mapping[str, Any]) -> bytes:
    return walk.tokens(part for name in sorted(members) for part in (name, members[name]))

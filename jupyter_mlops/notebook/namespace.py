"""The notebook's names while it runs: what code reaches through functions, and which names share memory."""

from __future__ import annotations

import functools
import sys
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_HIDDEN = {"In", "Out", "exit", "quit", "get_ipython", "open"}
_ATOMS = (str, bytes, int, float, complex, bool, type(None), ModuleType, BuiltinFunctionType, range, slice)
_REACH_BUDGET = 2_000
"""Objects looked at per name; containers beyond it are compared by their first elements only."""


def visible(namespace: Mapping[str, Any]) -> Iterator[str]:
    """The user's names: IPython's own and underscored ones left out."""
    return (name for name in list(namespace) if not name.startswith("_") and name not in _HIDDEN)


def through_functions(names: Iterable[str], namespace: Mapping[str, Any]) -> set[str]:
    """`names` and all names that notebook functions and classes among their values use, transitively."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found or name not in namespace:
            continue
        found.add(name)
        waiting.extend(_globals_used(namespace[name], namespace))
    return found


def _globals_used(value: Any, namespace: Mapping[str, Any]) -> set[str]:
    used: set[str] = set()
    for function in _functions(value, namespace):
        used |= _global_names(function.__code__)
        # a helper kept in a closure or a default uses globals too
        for inner in [*(function.__closure__ or ()), *(function.__defaults__ or ())]:
            content = _cell_content(inner)
            if isinstance(content, FunctionType) and content is not function:
                used |= _global_names(content.__code__)
    return used


def _functions(value: Any, namespace: Mapping[str, Any]) -> Iterator[FunctionType]:
    if isinstance(value, functools.partial):
        value = value.func
    if isinstance(value, MethodType):
        value = value.__func__
    value = getattr(value, "__wrapped__", value) if isinstance(value, FunctionType) else value
    if isinstance(value, FunctionType):
        if value.__globals__ is namespace:
            yield value
        return
    owner = value if isinstance(value, type) else type(value)
    if getattr(owner, "__module__", None) == "__main__":
        for base in owner.__mro__:
            if base.__module__ == "__main__":
                members = [getattr(member, "__func__", member) for member in vars(base).values()]
                members += [
                    getter for member in vars(base).values() if (getter := getattr(member, "fget", None))
                ]
                yield from (member for member in members if isinstance(member, FunctionType))


def _global_names(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _global_names(constant)
    return names


def _cell_content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except (AttributeError, ValueError):
        return cell


def sharing(changed: set[str], namespace: Mapping[str, Any]) -> set[str]:
    """Names whose values share mutable memory with the values of `changed` (these left out)."""
    memory: set[int] = set()
    for name in changed:
        if name in namespace:
            memory |= reach(namespace[name])
    if not memory:
        return set()
    return {
        name
        for name in visible(namespace)
        if name not in changed and not memory.isdisjoint(reach(namespace[name]))
    }


def reach(value: Any) -> set[int]:
    """Identities of the mutable objects a value leads to; it only looks, and calls nothing of the user's."""
    found: set[int] = set()
    waiting = [value]
    while waiting and len(found) < _REACH_BUDGET:
        item = waiting.pop()
        if isinstance(item, (*_ATOMS, type)):
            continue
        root = _memory_root(item)
        if id(root) in found:
            continue
        if not isinstance(item, tuple | frozenset):
            found.add(id(root))
        waiting.extend(_inside(item))
    return found


def _memory_root(value: Any) -> Any:
    """The array that owns the memory of a view; the value itself for all else."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        while isinstance(value.base, numpy.ndarray):
            value = value.base
    return value


def _inside(value: Any) -> Iterable[Any]:  # noqa: PLR0911 - one line per kind of value
    if isinstance(value, dict):
        return list(value.values())[:_REACH_BUDGET]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)[:_REACH_BUDGET]
    if isinstance(value, FunctionType):
        inner = [_cell_content(cell) for cell in value.__closure__ or ()]
        return [*inner, *(value.__defaults__ or ())]
    if isinstance(value, MethodType):
        return [value.__self__]
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    module = type(value).__module__
    if module == "__main__" or module.startswith("sklearn."):
        return list(getattr(value, "__dict__", {}).values())
    return ()

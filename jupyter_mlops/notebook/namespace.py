"""The notebook's names while it runs: what code reaches through functions, and what values lead to."""

from __future__ import annotations

import functools
import re
import sys
import weakref
from collections import deque
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.notebook.bytecode import GlobalNames, global_names
from jupyter_mlops.notebook.memory import Place, held_by, owner, places
from jupyter_mlops.snapshot.looking import dict_of, hides_state, members_of, module_of, mro_of, slots_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_HIDDEN = {"In", "Out", "exit", "quit", "get_ipython", "open"}
_IPYTHON = re.compile(r"_+|_i+|_[ido]h|_i?\d+|_exit_code|__\w*__")
_ATOMS = {str, bytes, int, float, complex, bool, type(None), type, ModuleType, range, slice}
_SEQUENCES: tuple[Any, ...] = (list, tuple, set, frozenset, deque)
_LRU_CACHE = type(functools.lru_cache(len))
_PLAIN_PYTHON = {"__main__", "sklearn", *sys.stdlib_module_names} - {"builtins"}
_BUDGET = 2_000
"""Objects looked at per name; containers beyond it are compared by their first elements only."""


@functools.lru_cache(maxsize=1 << 15)  # asked for every name around every cell; each cell adds an `_i7`
def is_visible(name: str) -> bool:
    """True for a name of the user's: IPython's own (``_``, ``_i3``, ``In``) and dunders are not."""
    return name not in _HIDDEN and not (name[:1] == "_" and _IPYTHON.fullmatch(name))


def visible(namespace: Mapping[str, Any]) -> Iterator[str]:
    """The user's names in the namespace."""
    return (name for name in list(namespace) if is_visible(name))


def through_functions(
    names: Iterable[str], namespace: Mapping[str, Any], codes: set[GlobalNames] | None = None
) -> set[str]:
    """`names` and all names that notebook functions and classes among their values use, transitively.

    What these functions mention is added to `codes`.
    """
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found or name not in namespace:
            continue
        found.add(name)
        for item in _walk(namespace[name]):
            for function in _functions(item, namespace):
                used = global_names(function.__code__)
                if codes is not None:
                    codes.add(used)
                waiting.extend(used.loads | used.stores | used.deletes)
    return found


def _functions(value: Any, namespace: Mapping[str, Any]) -> Iterator[FunctionType]:
    """The notebook's functions that a value is or whose class holds them."""
    if type(value) is FunctionType:
        if value.__globals__ is namespace:
            yield value
        return
    for base in mro_of(value if issubclass(type(value), type) else type(value)):
        if module_of(base) == "__main__":
            for member in members_of(base).values():
                for function in (member, *_wrapped(member)):
                    if type(function) is FunctionType:
                        yield function


def _wrapped(member: Any) -> tuple[Any, ...]:
    if type(member) is property:
        return (member.fget, member.fset)
    if type(member) in {classmethod, staticmethod}:
        return (member.__func__,)
    return (member.func,) if type(member) is functools.cached_property else ()


def reach(value: Any) -> set[Place]:
    """The places of the mutable objects a value leads to; it only looks, and calls nothing of the user's."""
    found: set[Place] = set()
    for item in _walk(value):
        if type(item) not in {tuple, frozenset}:
            found.update(places(item))
    return found


def _walk(value: Any) -> list[Any]:
    """The value and what it leads to, each object once, atoms left out; at most `_BUDGET` of them."""
    found: dict[int, Any] = {}
    waiting = [value]
    while waiting and len(found) < _BUDGET:
        item = waiting.pop()
        if type(item) in _ATOMS and not _is_notebook_class(item):
            continue
        item = owner(item)
        if id(item) not in found:
            found[id(item)] = item
            waiting.extend(_inside(item))
    return list(found.values())


def _inside(value: Any) -> Iterable[Any]:  # noqa: PLR0911 - one line per kind of value
    cls = type(value)
    if issubclass(cls, dict):
        return list(dict.values(value))[:_BUDGET]
    for base in _SEQUENCES:
        if issubclass(cls, base):  # iterated as what it is: a subclass may have its own way
            return [item for item in list(base.__iter__(value))[:_BUDGET] if type(item) not in _ATOMS]
    if cls is FunctionType:
        return [*(value.__closure__ or ()), *(value.__defaults__ or ()), *value.__dict__.values()]
    if cls is CellType:
        return _content(value)
    if cls in {MethodType, BuiltinFunctionType}:  # `items.append` leads to `items`
        return [value.__self__]
    if cls is functools.partial:
        return [value.func, *value.args, *value.keywords.values()]
    if cls is _LRU_CACHE:
        return [value.__wrapped__]
    if cls is SimpleNamespace:
        return list(vars(value).values())
    if issubclass(cls, type):
        own = [base for base in mro_of(value) if module_of(base) == "__main__"]
        return [item for base in own for item in members_of(base).values()]
    if cls is weakref.ref:
        return [value()]
    if module_of(cls).partition(".")[0] in _PLAIN_PYTHON and not hides_state(cls):
        return [*dict_of(value).values(), *(item for _, item in slots_of(value))]
    return [item for item in held_by(value) if type(item) not in _ATOMS]


def _is_notebook_class(value: Any) -> bool:
    return issubclass(type(value), type) and module_of(value) == "__main__"


def _content(cell: CellType) -> list[Any]:
    try:
        return [cell.cell_contents]
    except ValueError:  # not filled yet
        return []

"""Which global names compiled code loads, stores and deletes."""

from __future__ import annotations

import dis
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_TEXT = 2_000
_LOADS = {"LOAD_NAME", "LOAD_GLOBAL"}
_LOCAL = {"STORE_NAME", "DELETE_NAME"}  # in a class body these are attributes of the class


@dataclass(frozen=True)
class GlobalNames:
    """Names by what the code does with them."""

    loads: frozenset[str]
    stores: frozenset[str]
    deletes: frozenset[str]
    mentions: frozenset[str] = frozenset()
    """All names in the code, those of attributes and imported modules too."""
    texts: frozenset[str] = frozenset()
    """The text constants, docstrings and the like included, without very long ones."""


@lru_cache(maxsize=1024)
def global_names(code: CodeType) -> GlobalNames:
    """Global names of `code`, the functions and comprehensions inside it included; no ``__dunders__``."""
    used: dict[str, set[str]] = {"LOAD": set(), "STORE": set(), "DELETE": set()}
    for operation, name in _operations(code, is_top=True):
        used[operation.partition("_")[0]].add(name)
    mentions: set[str] = set()
    texts: set[str] = set()
    for part in _parts(code):
        mentions.update(part.co_names)
        for constant in part.co_consts:
            texts.update(_texts(constant))
    return GlobalNames(
        frozenset(used["LOAD"]),
        frozenset(used["STORE"]),
        frozenset(used["DELETE"]),
        frozenset(mentions),
        frozenset(texts),
    )


def _is_dunder(name: str) -> bool:
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


def _parts(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)


def _texts(constant: object) -> Iterator[str]:
    if isinstance(constant, str):
        if len(constant) <= LONGEST_TEXT:
            yield constant
    elif isinstance(constant, tuple | frozenset):
        for item in constant:
            yield from _texts(item)


def _operations(code: CodeType, *, is_top: bool) -> Iterator[tuple[str, str]]:
    kinds = _LOADS | {"STORE_GLOBAL", "DELETE_GLOBAL"} | (_LOCAL if is_top else set())
    for instruction in dis.get_instructions(code):
        name = str(instruction.argval)
        if instruction.opname in kinds and not _is_dunder(name):
            yield instruction.opname, name
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _operations(constant, is_top=False)

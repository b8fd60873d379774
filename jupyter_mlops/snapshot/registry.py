"""Who knows which type: leaves give their bytes, handlers give a digest, libraries are met lazily.

Types are looked up by identity: a metaclass of the user's is never asked for a hash.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_mlops.snapshot.looking import module_of, mro_of

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk

Handler = Callable[["Walk", Any], bytes]
Leaf = Callable[[Any], bytes]
_H = TypeVar("_H", bound=Handler)
_L = TypeVar("_L", bound=Leaf)

leaves: dict[int, Leaf] = {}
_handlers: dict[int, tuple[type, Handler, bool]] = {}
# Modules of ours that know a library's types; imported when a value of that library is first met.
_FAMILIES = {
    "numpy": "digest_numpy",
    "pandas": "digest_pandas",
    "pyarrow": "digest_arrow",
    "polars": "digest_polars",
    "scipy": "digest_scipy",
    "sklearn": "digest_sklearn",
    "sklearn.neighbors": "digest_neighbors",
}
_loaded: set[str] = set()
_lock = threading.RLock()
_is_loading = False


class UnknowableError(Exception):
    """The content of a value cannot be known by looking at it, or not within the budget."""


def leaf(*types: type) -> Callable[[_L], _L]:
    """Register a function from an exact builtin type to its tagged bytes."""

    def register(function: _L) -> _L:
        for cls in types:
            leaves[id(cls)] = function
        return function

    return register


def handles(*types: type, whole: bool = False) -> Callable[[_H], _H]:
    """Register a function from a type (and its subclasses) to a 16-byte digest.

    Args:
        types: they live as long as the process, which is why their ids can be keys.
        whole: the function also covers the class and the attributes of subclasses; otherwise the walk
            adds them to what the function says about the base's content.
    """

    def register(function: _H) -> _H:
        for cls in types:
            _handlers[id(cls)] = (cls, function, whole)
        return function

    return register


def handler_for(cls: type) -> tuple[type, Handler, bool] | None:
    """The nearest base with a handler, the handler, and whether it covers the whole value."""
    if _is_loading:
        with _lock:  # what another thread has not loaded whole cannot be used yet
            pass
    for base in mro_of(cls):
        if base is object:
            return None
        entry = _handlers.get(id(base))
        if entry is None and _load_family(base):
            entry = _handlers.get(id(base))
        if entry is not None:
            return entry
    return None


def has_new() -> bool:
    """True if a library is imported whose values are not known yet."""
    return any(root in sys.modules and root not in _loaded for root in _FAMILIES)


def load_met() -> None:
    """Import what knows the libraries that are imported, before the first value of theirs is met.

    That takes some 20 ms for pandas, which the first cell with a frame need not wait for.
    """
    for root in _FAMILIES:
        if root in sys.modules and root not in _loaded:
            _load(root)


def _load(root: str) -> None:
    global _is_loading  # noqa: PLW0603 - of the process, as what is loaded is
    with _lock:
        _is_loading = True
        try:
            importlib.import_module(f"jupyter_mlops.snapshot.{_FAMILIES[root]}")
            _loaded.add(root)
        finally:
            _is_loading = False


def _load_family(cls: type) -> bool:
    """Import what knows the class's library, and the part of it the class is from; True if that was new."""
    parts = module_of(cls).split(".")
    met = False
    for root in dict.fromkeys((".".join(parts[:2]), parts[0])):
        # A class may claim any module: only what is imported already is worth a handler.
        if root not in _FAMILIES or root in _loaded or root not in sys.modules:
            continue
        _load(root)
        met = True
    return met

"""Modules of the user's own: they keep state and are reloaded, unlike those of libraries."""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_128_hexdigest

from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_NAMES = 500


def is_own_module(module: ModuleType, is_foreign: Callable[[str], bool]) -> bool:
    """True for a module from the user's folders, or one that a cell made; not for packages without a file."""
    held = vars(module)
    file = held.get("__file__")
    if isinstance(file, str):
        return not is_foreign(file)
    return held.get("__spec__") is None and held.get("__name__") != "__main__"


def module_digest(module: ModuleType, masked: Callable[[Any], Any]) -> str:
    """Changes when a name in the module has another content.

    Functions, classes and modules count by identity (a reload makes new ones), as does what has no digest.
    """
    held = vars(module)
    names = [name for name in held if not name.startswith("__")][:_MOST_NAMES]
    parts = [f"{name}={_digest(held[name], masked) or id(held[name])}" for name in sorted(names)]
    return xxh3_128_hexdigest("\n".join(parts))


def _digest(value: Any, masked: Callable[[Any], Any]) -> str | None:
    is_code = issubclass(type(value), type | FunctionType | ModuleType)
    return None if is_code else digest(masked(value))

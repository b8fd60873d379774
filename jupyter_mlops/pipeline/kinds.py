"""Annotations from the classes that values had, and the imports that these need."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBERS = {"float64": "float", "float32": "float", "int64": "int", "int32": "int", "bool": "bool"}
_ALIASES = {"pandas": "pd", "numpy": "np", "polars": "pl", "pyarrow": "pa"}
_ABSTRACT = {"function": "Callable", "builtin_function_or_method": "Callable", "generator": "Iterator"}


@dataclass
class Annotations:
    """Writes annotations with the names that a module has, and notes what else must be imported.

    `names` are the module's own names by what they mean: ``pandas`` for an imported module, ``module:name``
    for a name imported from one. `taken` are all names that mean something in the module.
    """

    names: Mapping[str, str]
    taken: set[str]
    imports: dict[str, None] = field(default_factory=dict)
    """Statements for the block of ``TYPE_CHECKING``, and ``Any``."""

    def of(self, kind: str) -> str:
        """The annotation of a class, given as ``module:name``."""
        module, _, name = kind.partition(":")
        if module == "builtins":
            return self._builtin(name)
        if module == "numpy" and name in _NUMBERS:
            return _NUMBERS[name]
        found = _public(module, name)
        if found is None:
            return self._import("from typing import Any", "Any")
        return self.names.get(f"{found}:{name}") or self._of_library(found, name)

    def _of_library(self, module: str, name: str) -> str:
        if module in self.names:
            return f"{self.names[module]}.{name}"
        if module in _ALIASES:
            alias = _ALIASES[module]
            return f"{self._import(f'import {module} as {alias}', alias)}.{name}"
        return self._import(f"from {module} import {name}", name)

    def result(self, kinds: Mapping[str, str]) -> str:
        """The annotation of what a step returns."""
        found = [self.of(kind) for kind in kinds.values()]
        if not found:
            return "None"
        return found[0] if len(found) == 1 else f"tuple[{', '.join(found)}]"

    def literal(self, value: Any) -> str:
        """The annotation of a parameter: a simple value, or a list or dict of such."""
        if value is None:
            return self._import("from typing import Any", "Any")
        items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        inside = sorted({type(item).__name__ if item is not None else "None" for item in items})
        if not inside:
            return type(value).__name__
        of = " | ".join(inside)
        return f"dict[str, {of}]" if isinstance(value, dict) else f"list[{of}]"

    def _builtin(self, name: str) -> str:
        if name in {"int", "float", "str", "bool", "bytes", "complex", "set", "range", "slice", "object"}:
            return name
        if name in {"list", "dict", "tuple", "frozenset"}:
            inside = {"list": "Any", "dict": "Any, Any", "tuple": "Any, ...", "frozenset": "Any"}[name]
            word = self._import("from typing import Any", "Any")
            return f"{name}[{inside}]" if word == "Any" else name
        if name in _ABSTRACT:
            return self._import(f"from collections.abc import {_ABSTRACT[name]}", _ABSTRACT[name])
        return self._import("from typing import Any", "Any")

    def _import(self, statement: str, name: str) -> str:
        if statement not in self.imports and name in self.taken:
            return "object"  # the notebook means something else by that name
        self.imports[statement] = None
        return name


def _public(module: str, name: str) -> str | None:
    """The module that people import a class from: ``sklearn.linear_model``, not where it is written."""
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        path = ".".join(parts[:length])
        if parts[length - 1].startswith("_"):
            return None
        try:
            found = getattr(importlib.import_module(path), name, None)
        except Exception:  # noqa: BLE001 - an import runs the library's own code
            return None
        if getattr(found, "__module__", None) == module:
            return path
    return None

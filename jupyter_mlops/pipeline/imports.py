"""The imports of a notebook's cells as the head of a module: used ones, merged and sorted."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_WIDTH = 110
_SIDE_EFFECTS = ("sklearn.experimental",)


def imported_names(statements: Iterable[ast.stmt]) -> dict[str, str]:
    """By what is meant (``pandas``, or ``sklearn.linear_model:Ridge``) the name that it has."""
    found: dict[str, str] = {}
    for node in statements:
        if isinstance(node, ast.Import):
            found |= {alias.name: alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}:{alias.name}": alias.asname or alias.name for alias in node.names}
    return found


def import_lines(
    statements: Iterable[ast.stmt], used: Collection[str], own: Collection[str] = ()
) -> list[str]:
    """Imports of what is used: the standard library's, those of packages, and those of `own` modules."""
    plain: set[str] = set()
    names: dict[str, set[tuple[str, str | None]]] = {}
    for node in statements:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if (alias.asname or alias.name).partition(".")[0] in used:
                    shown = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                    plain.add(f"import {shown}")
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) in used or node.module in _SIDE_EFFECTS:
                    names.setdefault(node.module, set()).add((alias.name, alias.asname))
    lines = [(line.split()[1], line) for line in plain]
    late = [(module, _from(module, names[module])) for module in names]
    groups: list[list[str]] = []
    for place in range(3):
        group = [
            line
            for each in (sorted(lines), sorted(late))
            for module, line in each
            if _place(module.partition(".")[0], own) == place
        ]
        groups += [group] if group else []
    return "\n\n".join("\n".join(group) for group in groups).split("\n") if groups else []


def _place(module: str, own: Collection[str]) -> int:
    return 2 if module in own else 0 if module in sys.stdlib_module_names else 1


def _from(module: str, names: set[tuple[str, str | None]]) -> str:
    shown = [f"{name} as {alias}" if alias and alias != name else name for name, alias in _sorted(names)]
    mark = "  # noqa: F401 - importing it is what counts" if module in _SIDE_EFFECTS else ""
    line = f"from {module} import {', '.join(shown)}{mark}"
    if len(line) <= _WIDTH:
        return line
    inside = "".join(f"    {name},\n" for name in shown)
    return f"from {module} import ({mark}\n{inside})"


def _sorted(names: set[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """Constants, then classes, then functions, as sorters of imports do it."""

    def order(pair: tuple[str, str | None]) -> tuple[int, str, str]:
        name = pair[0]
        kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
        return kind, name, pair[1] or ""

    return sorted(names, key=order)

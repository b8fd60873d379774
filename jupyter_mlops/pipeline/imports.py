"""The imports of a notebook's cells as the head of a module: used ones, merged and sorted."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

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
    late = [(module, text) for module in sorted(names) for text in from_lines(module, names[module])]
    groups: list[list[str]] = []
    for place in range(3):
        group = [
            line
            for each in (sorted(lines), late)
            for module, line in each
            if _place(module.partition(".")[0], own) == place
        ]
        groups += [group] if group else []
    return "\n\n".join("\n".join(group) for group in groups).split("\n") if groups else []


def _place(module: str, own: Collection[str]) -> int:
    return 2 if module in own else 0 if module in sys.stdlib_module_names else 1


def from_lines(module: str, names: Collection[tuple[str, str | None]]) -> list[str]:
    """Imports from a module, given names with what they are called: those with another name stand alone."""
    plain = sorted((name for name, other in names if other in {None, name}), key=_order)
    apart = [(name, f"{name} as {other}") for name, other in names if other not in {None, name}]
    pieces = [(plain[0], plain)] if plain else []
    pieces += [(name, [text]) for name, text in apart]
    return [_from(module, shown) for _, shown in sorted(pieces, key=lambda piece: _order(piece[0]))]


def _from(module: str, shown: Sequence[str]) -> str:
    mark = "  # noqa: F401 - importing it is what counts" if module in _SIDE_EFFECTS else ""
    line = f"from {module} import {', '.join(shown)}{mark}"
    if len(line) <= _WIDTH:
        return line
    inside = "".join(f"    {name},\n" for name in shown)
    return f"from {module} import ({mark}\n{inside})"


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as sorters of imports do it."""
    return 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name

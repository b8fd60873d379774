"""What earlier cells showed, read again: ``_``, ``_7``, ``Out[7]``; and their texts: ``_i``, ``In[7]``."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LAST = {"_": 1, "__": 2, "___": 3}
_LAST_TEXT = {"_i": 1, "_ii": 2, "_iii": 3}
_NUMBERED = re.compile(r"_(i?)(\d+)")
_OUT = {"Out", "_oh"}
_IN = {"In", "_ih"}


def earlier_in(names: Iterable[str], tree: ast.AST) -> set[str]:
    """How a cell refers to what was shown or typed before: ``_``, ``_7``, ``Out[7]``, ``In[7]``, ``Out``."""
    found = {name for name in names if name in _LAST or name in _LAST_TEXT or _NUMBERED.fullmatch(name)}
    known: set[int] = set()
    for node in ast.walk(tree) if not (_OUT | _IN).isdisjoint(names) else ():
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            number = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if node.value.id in _OUT | _IN and type(number) is int:
                known.add(id(node.value))
                found.add(f"{'Out' if node.value.id in _OUT else 'In'}[{number}]")
        elif isinstance(node, ast.Name) and node.id in _OUT and id(node) not in known:
            found.add("Out")
    return found


def resolve(references: set[str], namespace: Mapping[str, Any]) -> dict[str, int]:
    """The number of the cell that each reference means just before a cell runs; those to none are left out.

    Args:
        references: as `earlier_in` gives them.
        namespace: the notebook's, in which IPython keeps ``_oh`` and ``_ih``.
    """
    shown: dict[int, Any] = namespace.get("_oh") or {}
    texts = namespace.get("_ih") or []
    found: dict[str, int] = {}
    for reference in references:
        numbered = _NUMBERED.fullmatch(reference)
        inside = reference.partition("[")[2].rstrip("]")
        number = int(inside) if inside else int(numbered[2]) if numbered else None
        if reference in _LAST_TEXT:
            number = len(texts) - _LAST_TEXT[reference]
        elif reference in _LAST:
            number = _shown_as(namespace.get(reference), shown)
        if reference == "Out":
            found |= {f"Out[{each}]": each for each in shown}
        elif number is not None and (is_text(reference) or number in shown):
            found[reference] = number
    return found


def is_text(reference: str) -> bool:
    """True for a reference to what was typed."""
    return reference[:2] in {"_i", "In"}


def _shown_as(value: Any, shown: Mapping[int, Any]) -> int | None:
    """The last cell that showed this very value; None if the user bound ``_`` to something else."""
    return next((count for count in reversed(list(shown)) if shown[count] is value), None)

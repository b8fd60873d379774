"""Modules of the user's own that lie in files: they go with a model whole."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.notebook.file_paths import foreign_folders

if TYPE_CHECKING:
    from collections.abc import Iterable


def own_files(modules: Iterable[str], texts: Iterable[str]) -> dict[str, Path]:
    """By top-level name, the file or the folder of each module of the user's own, and of those they import.

    Args:
        modules: names of modules whose code a model holds.
        texts: code that may import more of them.
    """
    waiting = [*modules, *(name for text in texts for name in imported_in(text))]
    found: dict[str, Path] = {}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop().partition(".")[0]
        place = None if name in seen else _place(name)
        seen.add(name)
        if place is not None:
            found[name] = place
            files = [place] if place.is_file() else sorted(place.rglob("*.py"))
            waiting += [each for file in files for each in imported_in(file.read_text("utf-8", "replace"))]
    return dict(sorted(found.items()))


def imported_in(text: str) -> list[str]:
    """Names of the modules that code imports, wherever in it."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError):
        return []
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return plain + [
        node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level
    ]


def _place(name: str) -> Path | None:
    """Where an imported top-level module of the user's own lies; None for those of libraries."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if name == "__main__" or not isinstance(file, str) or not file.endswith(".py"):
        return None
    if os.path.realpath(file).startswith(foreign_folders()):
        return None
    return Path(file).parent if Path(file).name == "__init__.py" else Path(file)

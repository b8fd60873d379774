"""The syntax tree of a cell, with lines that only IPython knows taken out if they are in the way."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

_ONLY_IPYTHON = re.compile(r"[ \t]*(?:%|!|\?)")


@dataclass(frozen=True)
class CellCode:
    """A cell: its tree (None where it cannot be parsed), the text of that, and which lines are IPython's."""

    tree: ast.Module | None
    python: str
    is_magic: tuple[bool, ...]


def parse_cell(source: str) -> CellCode:
    """Parse a cell; magics and shell commands count as ``pass``."""
    lines = source.splitlines()
    tree = _parsed(source)
    if tree is not None:
        return CellCode(tree, source, (False,) * len(lines))
    is_magic = tuple(bool(_ONLY_IPYTHON.match(line)) for line in lines)
    python = "\n".join(
        re.sub(r"\S.*", "pass", line) if magic else line for line, magic in zip(lines, is_magic, strict=True)
    )
    return CellCode(_parsed(python), python, is_magic)


def _parsed(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings(action="ignore"):  # what Python has to say, it said when the cell ran
            return ast.parse(source)
    except (SyntaxError, ValueError):
        return None

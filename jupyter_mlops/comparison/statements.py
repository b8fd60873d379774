"""The code behind a run as statements, each with a key that formatting and comments do not change."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.comparison.cell_code import parse_cell
from jupyter_mlops.lineage.record import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_mlops.lineage.slice import Slice

_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Statement:
    """One statement of a slice.

    `key` is the same for code of the same meaning to Python, `about` is what it binds or calls, and `cell`
    is what people know its cell by.
    """

    text: str
    key: str
    about: str
    cell: str


def statements_of(code: Slice) -> list[Statement]:
    """The statements of a slice in the order they ran; lines that only IPython knows are statements, too."""
    return [
        Statement(text, key, about, place_of(cell.count))
        for cell in code.cells
        if not cell.outside
        for text, key, about in _split(cell.source)
    ]


def _split(source: str) -> Iterator[tuple[str, str, str]]:
    """Text, key and subject of each statement; of a cell that cannot be parsed, its whole text as one."""
    cell, lines = parse_cell(source), source.splitlines()
    if cell.tree is None:
        if source.strip():
            yield source.strip(), _BLANKS.sub(" ", source.strip()), ""
        return
    for node in cell.tree.body:
        first, last = _first_line(node), node.end_lineno or node.lineno
        if any(cell.is_magic[first - 1 : last]):
            text = "\n".join(lines[first - 1 : last]).strip()
            yield text, _BLANKS.sub(" ", text), ""
        else:
            text = "" if first < last else ast.get_source_segment(cell.python, node) or ""
            yield text or "\n".join(lines[first - 1 : last]).strip(), ast.dump(node), _subject(node)


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _subject(node: ast.stmt) -> str:
    """What a statement binds, or else the function it calls: two with the same are one that was changed."""
    match node:
        case ast.Assign(targets=targets):
            return ", ".join(ast.unparse(target) for target in targets)
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            return ast.unparse(target)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.ImportFrom(module=module):
            return f"from {module}"
        case ast.Expr(value=ast.Call(func=func)):
            return f"{ast.unparse(func)}()"
        case _:
            return ""

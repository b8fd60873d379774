"""A cell's statements one by one, each as text that runs alone; magics that only wrap code are unpacked."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_WRAPPERS = {"time", "prun", "capture"}
"""Magics that run their code once, as it would run without them."""
_DEFINITION = re.compile(r"\A(?:#.*\n)*(?:@|def |class |async def )")
_IMPORT = re.compile(r"(?:#.*\n)*(?:import|from) ")
_TIME_OPTIONS = re.compile(r"^\s*(?:--no-raise-error\s*)?")


@dataclass(frozen=True)
class Part:
    """One statement, or one name of an import.

    `origin` numbers the statements of the cell: the names of one import share it.
    """

    text: str
    origin: int
    is_import: bool = False


def parts_of(source: str, transform: Callable[[str], str]) -> list[Part]:
    """The statements of a cell in order; the cell itself as the only one if it cannot be parsed.

    Args:
        source: the cell's text.
        transform: IPython's, from cell text to Python.
    """
    try:
        texts = list(_texts(source, transform))
    except (SyntaxError, ValueError):
        return [Part(source, 0)]
    return [part for origin, text in enumerate(texts) for part in _parts(text, origin)]


def joined(parts: Sequence[Part]) -> str:
    """The text of some parts of one cell; names of one import stand in one statement again."""
    texts: list[str] = []
    last = -1
    for part in parts:
        if part.is_import and part.origin == last and part.text.startswith("from "):
            texts[-1] = f"{texts[-1]}, {part.text.partition(' import ')[2]}"
        elif part.is_import and part.origin == last:
            texts[-1] = f"{texts[-1]}, {part.text.removeprefix('import ')}"
        else:
            texts.append(part.text)
        last = part.origin
    return "".join(
        f"{_gap(before, text)}{_short(text)}" for before, text in zip(["", *texts], texts, strict=False)
    )


def _gap(before: str, text: str) -> str:
    """The lines between two statements, as formatters leave them."""
    if not before:
        return ""
    if _DEFINITION.search(before) or _DEFINITION.search(text):
        return "\n\n\n"
    return "\n\n" if bool(_IMPORT.match(before)) != bool(_IMPORT.match(text)) else "\n"


def _short(text: str) -> str:
    """An import of many names, as formatters break it."""
    head, found, names = text.partition(" import ")
    if len(text) <= 100 or not found or "\n" in text or not head.startswith("from "):
        return text
    lines = "".join(f"    {name},\n" for name in names.split(", "))
    return f"{head} import (\n{lines})"


def _texts(source: str, transform: Callable[[str], str]) -> Iterator[str]:
    """Texts of the statements, with the comments right above them."""
    text = transform(source)
    lines = text.splitlines(keepends=True)
    end = 0
    for statement in ast.parse(text).body:
        inner = _wrapped(statement)
        if inner is not None:
            yield from _texts(inner, transform)
        else:
            yield _comments(lines, end, _first_line(statement) - 1) + _segment(text, lines, statement)
        end = statement.end_lineno or end


def _wrapped(statement: ast.stmt) -> str | None:
    """The code that a magic such as ``%%time`` wraps; None for anything else."""
    value = getattr(statement, "value", None)
    if not (isinstance(statement, ast.Expr) and isinstance(value, ast.Call)):
        return None
    if not isinstance(value.func, ast.Attribute):
        return None
    texts = [arg.value for arg in value.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if not texts or texts[0] not in _WRAPPERS:
        return None
    if value.func.attr == "run_line_magic" and len(texts) == 2 and texts[0] == "time":
        return _TIME_OPTIONS.sub("", texts[1])
    if value.func.attr == "run_cell_magic" and len(texts) == 3:
        line = texts[1].strip()
        is_plain = line in {"", "--no-raise-error"} if texts[0] == "time" else not line
        return texts[2] if is_plain else None
    return None


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _segment(text: str, lines: list[str], statement: ast.stmt) -> str:
    first = _first_line(statement)
    if first < statement.lineno:
        return "".join(lines[first - 1 : statement.end_lineno]).rstrip()
    return ast.get_source_segment(text, statement) or ast.unparse(statement)


def _comments(lines: list[str], end: int, start: int) -> str:
    """Comment lines right above line `start`, from line `end` on (both counted from 0)."""
    first = start
    while first > end and lines[first - 1].startswith("#"):
        first -= 1
    return "".join(lines[first:start])


def _parts(text: str, origin: int) -> Iterator[Part]:
    statement = ast.parse(text).body[0] if "import" in text else None
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            yield Part(ast.unparse(ast.Import([alias])), origin, is_import=True)
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            single = ast.ImportFrom(statement.module, [alias], statement.level)
            yield Part(ast.unparse(single), origin, is_import=True)
    else:
        yield Part(text, origin)

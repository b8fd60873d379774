"""A small module from the cells of a notebook: definitions, and what they need of imports and constants."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import UnsafeModelError
from jupyter_mlops.notebook.bytecode import global_names
from jupyter_mlops.notebook.parts import Part, joined, parts_of
from jupyter_mlops.registry.own_code.as_code import as_code, imports_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_DEFINES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_COMMAND = re.compile(r"^\s*(?:[%!?]|[\w, ]+=\s*[%!])|\?\s*$")


@dataclass(frozen=True)
class Definition:
    """A statement that can stand in a module: it imports or defines `names`, and uses `needs`."""

    part: Part
    names: frozenset[str]
    needs: frozenset[str]
    is_import: bool = False


@dataclass
class Closed:
    """The text of a module, and the values of the notebook's variables that are written in it."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)


def closed_module(
    wanted: Iterable[str], cells: Sequence[str], values: Mapping[str, Any], title: str
) -> Closed:
    """A module with the definitions of `wanted`, and all that these need.

    Args:
        wanted: names of functions and classes.
        cells: source of the cells that made the model, in the order they ran.
        values: the notebook's variables as the functions see them.
        title: its docstring.

    Raises:
        UnsafeModelError: no cell defines one of them, or one uses a variable that is no plain value.
    """
    statements, last = _statements(cells)
    kept: set[int] = set()
    constants: dict[str, str] = {}
    used_by: dict[str, str] = {}
    waiting = list(wanted)
    for name in waiting:
        if not isinstance(_at(statements, last.get(name)), Definition):
            raise UnsafeModelError(
                f"the model holds {name!r}, but no cell behind it defines it by `def` or `class`",
                "Define it in a cell, run that cell and those after it again, then promote.",
            )
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found = _at(statements, last.get(name))
        if found is not None:
            kept.add(last[name])
            waiting += found.needs
            used_by.update(dict.fromkeys(found.needs - used_by.keys(), name))
        elif name in values and (name in last or not hasattr(builtins, name)):
            constants[name] = _constant(name, values[name], used_by.get(name, name))
    definitions = [statements[at] for at in sorted(kept)]
    return Closed(_text(title, definitions, constants, _stars(statements)), {k: values[k] for k in constants})


def _constant(name: str, value: Any, used_by: str) -> str:
    text = as_code(value)
    if text is None:
        raise UnsafeModelError(
            f"{used_by} uses the notebook's variable {name!r} (a {type(value).__name__}), which cannot be "
            "written as code",
            f"Learn it in `fit` as an attribute, or give it to {used_by} as an argument (kw_args of a "
            "FunctionTransformer); then fit again. Numbers, texts, lists and small frames are fine.",
        )
    return text


def _text(
    title: str, definitions: Sequence[Definition], constants: Mapping[str, str], stars: Sequence[str]
) -> str:
    imports = [each.part for each in definitions if each.is_import]
    others = [each.part for each in definitions if not each.is_import]
    future = [part for part in imports if part.text.startswith("from __future__")]
    blocks = [
        f'"""{title}"""',
        joined(future),
        imports_for(constants.values()),
        "\n".join(stars),
        joined([part for part in imports if part not in future]),
        "\n".join(f"{name} = {text}" for name, text in sorted(constants.items())),
        "\n" + joined(others) if others else "",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _statements(cells: Sequence[str]) -> tuple[list[Definition], dict[str, int]]:
    """All definitions in order, and by name the place of the last one; -1 for what something else bound."""
    found: list[Definition] = []
    last: dict[str, int] = {}
    for number, cell in enumerate(cells):
        for part in parts_of(_plain(cell), str):
            statement = _parsed(part.text)
            if statement is None:
                continue
            definition = _definition(part, statement, number)
            if definition is None:
                last.update(dict.fromkeys(_bound(statement), -1))
            else:
                last.update(dict.fromkeys(definition.names, len(found)))
                found.append(definition)
    return found, last


def _definition(part: Part, statement: ast.stmt, number: int) -> Definition | None:
    if not _is_definition(statement):
        return None
    is_import = isinstance(statement, ast.Import | ast.ImportFrom)
    # numbers of statements are those of a cell: here they tell cells apart, too
    own = Part(part.text, number * 10_000 + part.origin, part.is_import)
    with warnings.catch_warnings(action="ignore"):
        needs = global_names(compile(part.text, "<cell>", "exec", dont_inherit=True)).loads
    names = frozenset(_bound(statement))
    return Definition(own, names, frozenset() if is_import else needs - names, is_import)


def _is_definition(statement: ast.stmt) -> bool:
    """True for imports, definitions, and those of them that stand in ``try`` or ``if``."""
    if isinstance(statement, ast.Try | ast.If):
        parts = [*statement.body, *statement.orelse, *getattr(statement, "finalbody", [])]
        parts += [each for handler in getattr(statement, "handlers", []) for each in handler.body]
        has_import = any(isinstance(each, ast.Import | ast.ImportFrom) for each in parts)
        return has_import and all(_is_definition(each) or _is_literal(each) for each in parts)
    return isinstance(statement, ast.Import | ast.ImportFrom | _DEFINES)


def _is_literal(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)


def _bound(statement: ast.stmt) -> set[str]:
    """Names that a top-level statement binds; ``*`` for a star import."""
    if isinstance(statement, _DEFINES):
        return {statement.name}
    names: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
    return names


def _stars(statements: Sequence[Definition]) -> list[str]:
    return [each.part.text for each in statements if "*" in each.names]


def _at(statements: Sequence[Definition], place: int | None) -> Definition | None:
    return None if place is None or place < 0 else statements[place]


def _parsed(text: str) -> ast.stmt | None:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    return body[0] if body else None


def _plain(cell: str) -> str:
    """The cell without the lines that only IPython knows."""
    try:
        ast.parse(cell)
    except (SyntaxError, ValueError):
        lines = cell.splitlines()
        return "\n".join("" if _COMMAND.search(line) else line for line in lines)
    return cell

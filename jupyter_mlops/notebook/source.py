"""What a cell's code can read and bind, from its source alone."""

from __future__ import annotations

import ast
import dis
import re
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOADS = {"LOAD_NAME", "LOAD_GLOBAL"}
_STORES = {"STORE_NAME", "STORE_GLOBAL"}
_DELETES = {"DELETE_NAME", "DELETE_GLOBAL"}
# Code that can reach any name: every name counts as read.
_REACHES_ALL = {"eval", "exec", "globals", "locals", "vars", "get_ipython"}
# Magics whose argument is code that runs in the notebook's namespace.
_CODE_MAGICS = {"time", "timeit", "prun", "capture"}
_TIMEIT_OPTIONS = re.compile(r"^(?:\s*-\w+(?:\s*\d+)?)+\s*")
_SPLICED = re.compile(r"\{\s*([A-Za-z_]\w*)|\$\{?([A-Za-z_]\w*)")
_QUERIED = re.compile(r"@([A-Za-z_]\w*)")
Simple = int | float | str | bool | None


@dataclass
class CellCode:
    """Names a cell reads before it binds them, binds, deletes; its literals; hidden-state seeds."""

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    literals: dict[str, str] = field(default_factory=dict)
    """Top-level names whose last binding is a literal, with the literal as text: parameters."""
    assigned: set[str] = field(default_factory=set)
    """Names bound by an assignment (not by a loop, an import or a definition)."""
    calls: list[tuple[str, str, str | None]] = field(default_factory=list)
    """(name, method, first argument's name) of calls such as ``model.fit(X_train, y)``."""
    shown_call: str | None = None
    """Name of the function or method whose result the last expression shows."""
    seeds: set[str] = field(default_factory=set)
    """``random``, ``numpy``: seeded with a constant at the top level, so older states do not matter."""
    reaches_all: bool = False


def analyze(source: str, transform: Callable[[str], str]) -> CellCode:
    """Analyse a cell. `transform` is IPython's, from cell text to Python; a syntax error gives no names."""
    code = CellCode()
    try:
        tree = ast.parse(transform(source))
    except (SyntaxError, ValueError):
        return code
    for statement in _statements(tree, transform):
        _add(code, statement)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        code.shown_call = _called(last.value)
    return code


def _statements(tree: ast.Module, transform: Callable[[str], str]) -> Iterator[ast.stmt]:
    """Top-level statements, with the code that sits in strings of `%time` and its like unpacked."""
    for statement in tree.body:
        inner = _magic_code(statement)
        if inner is None:
            yield statement
            continue
        try:
            yield from ast.parse(transform(inner)).body
        except (SyntaxError, ValueError):
            yield statement


def _magic_code(statement: ast.stmt) -> str | None:
    value = getattr(statement, "value", None)
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)):
        return None
    texts = [arg.value for arg in value.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if value.func.attr == "run_line_magic" and len(texts) == 2 and texts[0] in _CODE_MAGICS:
        return _TIMEIT_OPTIONS.sub("", texts[1])
    if value.func.attr == "run_cell_magic" and len(texts) == 3 and texts[0] in _CODE_MAGICS:
        return texts[2]
    return None


def _add(code: CellCode, statement: ast.stmt) -> None:
    loads, stores, deletes = _names(statement)
    for constant in _strings(statement):
        loads |= set(_QUERIED.findall(constant))
        if "get_ipython" in loads:
            loads |= {first or second for first, second in _SPLICED.findall(constant)}
    if loads & (_REACHES_ALL - {"get_ipython"}):
        code.reaches_all = True
    code.reads |= loads - code.binds
    if _always_binds(statement):
        code.binds |= stores
    else:  # a branch or a loop may leave the older value in place: it is both read and bound
        code.reads |= stores - code.binds
        code.binds |= stores
    code.deletes |= deletes
    _add_values(code, statement)


def _always_binds(statement: ast.stmt) -> bool:
    return isinstance(
        statement,
        ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Import | ast.ImportFrom
        | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.With | ast.Expr,
    )  # fmt: skip


def _names(statement: ast.stmt) -> tuple[set[str], set[str], set[str]]:
    module = ast.Module([_without_bodies(statement)], [])
    ast.fix_missing_locations(module)
    try:
        compiled = compile(module, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError):
        return set(), set(), set()
    loads: set[str] = set()
    stores: set[str] = set()
    deletes: set[str] = set()
    for instruction in _instructions(compiled):
        if instruction.opname in _LOADS:
            loads.add(str(instruction.argval))
        elif instruction.opname in _STORES:
            stores.add(str(instruction.argval))
        elif instruction.opname in _DELETES:
            deletes.add(str(instruction.argval))
    return loads, stores, deletes


def _instructions(code: CodeType) -> Iterator[dis.Instruction]:
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _instructions(constant)


def _without_bodies(statement: ast.stmt) -> ast.stmt:
    """A definition reads its decorators and defaults now; what its body reads counts when it is called."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return _copy(statement, body=[ast.Pass()])
    if isinstance(statement, ast.ClassDef):
        return _copy(statement, body=[_without_bodies(inner) for inner in statement.body])
    return statement


def _copy(node: ast.stmt, body: list[ast.stmt]) -> ast.stmt:
    fields = {**dict(ast.iter_fields(node)), "body": body}
    return ast.copy_location(type(node)(**fields), node)


def _strings(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 10_000:
            yield node.value


def _add_values(code: CellCode, statement: ast.stmt) -> None:
    for node in _outside_functions(statement):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                _assign(code, target, node.value)
                _add_chained_call(code, target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            _assign(code, node.target, node.value)
        elif isinstance(node, ast.AugAssign | ast.NamedExpr):
            _assign(code, node.target, None)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            _add_call(code, node, node.func)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = ast.unparse(statement.value.func)
        arguments = statement.value.args
        if arguments and all(isinstance(argument, ast.Constant) for argument in arguments):
            if called in {"np.random.seed", "numpy.random.seed"}:
                code.seeds.add("numpy")
            elif called == "random.seed":
                code.seeds.add("random")


def _add_call(code: CellCode, call: ast.Call, function: ast.Attribute) -> None:
    if isinstance(function.value, ast.Name):
        code.calls.append((function.value.id, function.attr, _first_name(call)))


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those in bodies of functions and classes: their names are not the notebook's."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _outside_functions(child)


def _assign(code: CellCode, target: ast.expr, value: ast.expr | None) -> None:
    if isinstance(target, ast.Tuple | ast.List):
        values = value.elts if isinstance(value, ast.Tuple | ast.List) else [None] * len(target.elts)
        if len(values) == len(target.elts):
            for part, single in zip(target.elts, values, strict=True):
                _assign(code, part, single)
        return
    if not isinstance(target, ast.Name):
        return
    code.assigned.add(target.id)
    text = literal_text(value) if value is not None else None
    if text is None:
        code.literals.pop(target.id, None)
    else:
        code.literals[target.id] = text


def literal_text(value: ast.expr) -> str | None:
    """The text of a literal number, string, boolean, None, or a short flat list or tuple of these."""
    try:
        found = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    if isinstance(found, Simple):
        return str(found)
    if (
        isinstance(found, list | tuple)
        and len(found) <= 20
        and all(isinstance(item, Simple) for item in found)
    ):
        return str(found)
    return None


def _add_chained_call(code: CellCode, target: ast.expr, value: ast.expr) -> None:
    """``model = Ridge().fit(X, y)`` is a call of ``fit`` on what will be ``model``."""
    if isinstance(target, ast.Name) and isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        code.calls.append((target.id, value.func.attr, _first_name(value)))


def _first_name(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "X"), None)
    return first.id if isinstance(first, ast.Name) else None


def _called(value: ast.expr) -> str | None:
    if isinstance(value, ast.Call):
        if isinstance(value.func, ast.Name):
            if value.func.id in {"round", "float"} and value.args:
                return _called(value.args[0])
            return value.func.id
        if isinstance(value.func, ast.Attribute):
            return value.func.attr
    return None

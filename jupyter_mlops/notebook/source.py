"""What a cell's code can read and bind, from its source alone."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mlops.notebook.env_variables import MENTIONS, KeysRead, keys_in
from jupyter_mlops.notebook.flow import DEFINITIONS, Flow
from jupyter_mlops.notebook.memory import WRITES_PAST
from jupyter_mlops.notebook.shown_earlier import earlier_in
from jupyter_mlops.notebook.sizes import is_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Code that can reach any name: every name counts as read.
_REACHES_ALL = {"eval", "exec", "globals", "locals", "vars"}
# Magics whose argument is code that runs in the notebook's namespace.
_CODE_MAGICS = {"time", "timeit", "prun", "capture"}
_TIMEIT_OPTIONS = re.compile(r"^(?:\s*-\w+(?:\s*\d+)?)+\s*")
_SEEDERS = {"np.random.seed": "numpy", "numpy.random.seed": "numpy", "random.seed": "random"}
# Attributes of modules that are settings of their own, see `surroundings.py`.
_SETTINGS = {"environ", "path", "options", "rcParams"}
_SIMPLE = {int, float, str, bool, type(None)}


@dataclass
class CellCode:
    """Names a cell reads before it binds them, binds, deletes; its literals; hidden-state seeds."""

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    """Names that are bound whenever the cell runs to its end."""
    may_bind: set[str] = field(default_factory=set)
    """Names bound in a branch, a loop, a ``with`` or an expression: what happened shows afterwards."""
    bound_first: dict[str, frozenset[str]] = field(default_factory=dict)
    """For each name in `reads`: the names that were bound when it was first read."""
    deletes: set[str] = field(default_factory=set)
    literals: dict[str, str] = field(default_factory=dict)
    """Top-level names whose last binding is a literal, with the literal as text: parameters."""
    assigned: set[str] = field(default_factory=set)
    """Names bound by an assignment (not by a loop, an import or a definition)."""
    sizes: set[str] = field(default_factory=set)
    """Assigned names that hold how much data there is: lengths, shapes and what follows from these alone."""
    calls: list[tuple[str, str, str | None]] = field(default_factory=list)
    """(name, method, first argument's name) of calls such as ``model.fit(X_train, y)``."""
    shown_call: str | None = None
    """Name of the function or method whose result the last expression shows."""
    seeds: set[str] = field(default_factory=set)
    """``random``, ``numpy``: seeded with a constant before anything can have drawn, so that older states
    do not matter."""
    may_draw: bool = False
    """Anything but imports, definitions, literals and seeds: it may have drawn random numbers."""
    mentions: set[str] = field(default_factory=set)
    """All names in the code that runs, those of attributes too."""
    texts: set[str] = field(default_factory=set)
    """Its text constants: they may name files and variables of the environment."""
    environment: KeysRead = field(default_factory=KeysRead)
    """Variables of the environment that its own code reads."""
    earlier: set[str] = field(default_factory=set)
    """How it refers to what earlier cells showed: ``_``, ``Out[7]`` and the like."""
    stored_on: set[str] = field(default_factory=set)
    """Names of which an attribute is set or deleted: of a library's module or class, everybody sees it."""
    reaches_all: bool = False
    is_empty: bool = True
    """No statement at all."""


def analyze(source: str, transform: Callable[[str], str]) -> CellCode:
    """Analyse a cell. `transform` is IPython's, from cell text to Python; a syntax error gives no names."""
    code = CellCode()
    try:
        tree = ast.parse(transform(source))
    except (SyntaxError, ValueError):
        code.is_empty = False
        return code
    flow = Flow()
    may_have_drawn = False
    last: ast.stmt | None = None
    statements: list[ast.stmt] = []
    for statement, is_repeated in _statements(tree, transform):
        code.is_empty = False
        flow.add(statement, binds=not is_repeated)
        _add_values(code, statement)
        if any(_writes_past_pandas(node) for node in ast.walk(statement)):
            flow.mentions.add(WRITES_PAST)
        seed = _seed(statement)
        if seed and not may_have_drawn:
            code.seeds.add(seed)
        may_have_drawn |= not (seed or _only_names(statement))
        last = statement
        statements.append(statement)
    code.may_draw = may_have_drawn
    code.reads, code.bound_first = set(flow.bound_first), flow.bound_first
    code.binds, code.may_bind, code.deletes = set(flow.bound), flow.stores - flow.bound, flow.deletes
    code.mentions, code.texts = flow.mentions, flow.texts
    unpacked = ast.Module(statements, [])
    if not code.mentions.isdisjoint(MENTIONS) or "get_ipython" in code.mentions:
        code.environment = keys_in(unpacked)
    code.stored_on = set(_stored_on(unpacked))
    code.earlier = earlier_in(code.reads, unpacked)
    code.reaches_all = bool(flow.loads & _REACHES_ALL)
    if isinstance(last, ast.Expr):
        code.shown_call = _called(last.value)
    return code


def _stored_on(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        target: ast.AST = node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in {"setattr", "delattr"} and node.args and isinstance(node.args[0], ast.Name):
                yield node.args[0].id
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            attribute = node.attr
            while isinstance(target, ast.Attribute | ast.Subscript):
                attribute = target.attr if isinstance(target, ast.Attribute) else attribute
                target = target.value
            if isinstance(target, ast.Name) and attribute not in _SETTINGS:
                yield target.id


def _writes_past_pandas(node: ast.AST) -> bool:
    """``series.array[0] = 1`` writes into the memory of frames that pandas keeps apart."""
    if not isinstance(node, ast.Subscript) or isinstance(node.ctx, ast.Load):
        return False
    return isinstance(node.value, ast.Attribute) and node.value.attr == "array"


def _statements(tree: ast.Module, transform: Callable[[str], str]) -> Iterator[tuple[ast.stmt, bool]]:
    """Top-level statements, with the code in strings of `%time` and its like unpacked.

    The second value is True for the code of `%timeit`: it runs often, and its names stay its own.
    """
    for statement in tree.body:
        magic, inner = _magic_code(statement)
        try:
            unpacked = ast.parse(transform(inner)).body if inner is not None else [statement]
        except (SyntaxError, ValueError):
            unpacked = [statement]
        for found in unpacked:
            yield found, magic == "timeit"


def _magic_code(statement: ast.stmt) -> tuple[str, str | None]:
    """The name of a magic that runs code, and that code; None when the statement is none."""
    value = getattr(statement, "value", None)
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)):
        return "", None
    texts = [arg.value for arg in value.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if value.func.attr == "run_line_magic" and len(texts) == 2 and texts[0] in _CODE_MAGICS:
        return texts[0], _TIMEIT_OPTIONS.sub("", texts[1])
    if value.func.attr == "run_cell_magic" and len(texts) == 3 and texts[0] in _CODE_MAGICS:
        return texts[0], texts[2]
    return "", None


def _only_names(statement: ast.stmt) -> bool:
    """True for what can draw no random number: imports, definitions, literals."""
    if isinstance(statement, ast.Assign | ast.Expr):
        return literal_text(statement.value) is not None
    return isinstance(statement, ast.Import | ast.ImportFrom | DEFINITIONS)


def _seed(statement: ast.stmt) -> str | None:
    """Which global generator the statement seeds with a constant: ``numpy``, ``random`` or None."""
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return None
    arguments = statement.value.args
    if not arguments or not all(isinstance(argument, ast.Constant) for argument in arguments):
        return None
    return _SEEDERS.get(ast.unparse(statement.value.func))


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
        if isinstance(value, ast.Tuple | ast.List):
            values: list[ast.expr | None] = [*value.elts]
        else:  # `rows, columns = X.shape`: each is one as the whole is
            values = [value if isinstance(value, ast.Attribute) else None] * len(target.elts)
        if len(values) == len(target.elts):
            for part, single in zip(target.elts, values, strict=True):
                _assign(code, part, single)
        return
    if not isinstance(target, ast.Name):
        return
    sizes = is_size(value, older_than=code.assigned, sizes=code.sizes)
    code.assigned.add(target.id)
    (code.sizes.add if sizes else code.sizes.discard)(target.id)
    text = literal_text(value) if value is not None else None
    if text is None:
        code.literals.pop(target.id, None)
    else:
        code.literals[target.id] = text


def literal_text(value: ast.expr) -> str | None:
    """The text of a literal, as `simple_text` gives it; None for any other expression."""
    try:
        return simple_text(ast.literal_eval(value))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def simple_text(value: Any) -> str | None:
    """The text of a number, string, boolean, None, or of a short flat list or tuple of these; else None."""
    if type(value) in _SIMPLE:
        return str(value)
    if type(value) in {list, tuple} and len(value) <= 20 and all(type(item) in _SIMPLE for item in value):
        return str(value)
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

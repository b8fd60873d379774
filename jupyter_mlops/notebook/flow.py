"""Names in the order they are used: what code reads before it has surely bound it, and what it binds."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_mlops.notebook.bytecode import GlobalNames, global_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SPLICED = re.compile(r"\{\s*([A-Za-z_]\w*)|\$\{?([A-Za-z_]\w*)")
_QUERIED = re.compile(r"@([A-Za-z_]\w*)")
_NONE = GlobalNames(frozenset(), frozenset(), frozenset())
DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_ALWAYS_BIND = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Import | ast.ImportFrom | DEFINITIONS
Bound = frozenset[str]


@dataclass
class Flow:
    """Follows statements one after the other; a name bound in a branch only is not surely bound after it."""

    bound: Bound = frozenset()
    """Names that are bound whenever the statements so far ran to their end."""
    stores: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    loads: set[str] = field(default_factory=set)
    """All names that are loaded, whoever bound them."""
    bound_first: dict[str, Bound] = field(default_factory=dict)
    """For each name that is read before it is surely bound: what was bound then."""
    mentions: set[str] = field(default_factory=set)
    """All names in the code that runs, those of attributes too."""
    texts: set[str] = field(default_factory=set)
    """Its text constants."""
    _bodies: dict[str, GlobalNames] = field(default_factory=dict)

    def add(self, statement: ast.stmt, *, binds: bool = True) -> None:
        """Follow one more statement; with `binds` False its names stay its own, as in `%timeit`."""
        after = self._statement(statement, self.bound)
        if binds:
            self.bound = after

    def _block(self, statements: Iterable[ast.stmt], bound: Bound) -> Bound:
        for statement in statements:
            bound = self._statement(statement, bound)
        return bound

    def _statement(self, statement: ast.stmt, bound: Bound) -> Bound:  # noqa: PLR0911 - one per kind
        match statement:
            case ast.If():
                inside = self._expression(statement.test, bound)
                ends = self._block(statement.body, inside) & self._block(statement.orelse, inside)
                return ends - (inside - bound)  # `a and (b := c)` may not get to b
            case ast.For() | ast.AsyncFor():
                inside = self._expression(statement.iter, bound)
                self._block(statement.body, self._target(statement.target, inside))
                self._block(statement.orelse, bound)
                return bound
            case ast.While():
                self._block(statement.body, self._expression(statement.test, bound))
                self._block(statement.orelse, bound)
                return bound
            case ast.With() | ast.AsyncWith():
                inside = bound
                for item in statement.items:
                    inside = self._expression(item.context_expr, inside)
                    inside = self._target(item.optional_vars, inside)
                self._block(statement.body, inside)
                return bound  # a context manager can swallow the error that ended the block
            case ast.Try() | ast.TryStar():
                return self._try(statement, bound)
            case ast.Match():
                inside = self._expression(statement.subject, bound)
                for case in statement.cases:
                    captured = inside | frozenset(_captures(case.pattern))
                    self.stores |= captured - inside
                    self._pattern_loads(case.pattern, inside)
                    self._block(case.body, self._expression(case.guard, captured))
                return bound
        return self._simple(statement, bound)

    def _try(self, statement: ast.Try | ast.TryStar, bound: Bound) -> Bound:
        ends = self._block(statement.orelse, self._block(statement.body, bound))
        for handler in statement.handlers:
            self._expression(handler.type, bound)
            own = frozenset([handler.name] if handler.name else ())
            self.stores |= own
            ends &= self._block(handler.body, bound | own)
        return ends | self._block(statement.finalbody, bound)

    def _simple(self, statement: ast.stmt, bound: Bound) -> Bound:
        names = _names(_without_bodies(statement))
        loads = names.loads | _in_texts(statement, names.loads)
        if isinstance(statement, DEFINITIONS):
            self._bodies[statement.name] = _names(statement)
            if statement.decorator_list:  # a decorator may call it at once
                loads |= self._bodies[statement.name].loads
                self._mention(self._bodies[statement.name])
        self._mention(names)
        self._read(loads, bound)
        self.stores |= names.stores
        self.deletes |= names.deletes
        return bound | names.stores if isinstance(statement, _ALWAYS_BIND) else bound

    def _expression(self, value: ast.expr | None, bound: Bound) -> Bound:
        if value is None:
            return bound
        names = _names(ast.Expr(value))
        self._mention(names)
        self._read(names.loads | _in_texts(value, names.loads), bound)
        self.stores |= names.stores
        return bound | names.stores

    def _target(self, target: ast.expr | None, bound: Bound) -> Bound:
        nodes = [node for node in ast.walk(target) if isinstance(node, ast.Name)] if target else []
        self._read({node.id for node in nodes if isinstance(node.ctx, ast.Load)}, bound)
        stored = frozenset(node.id for node in nodes if isinstance(node.ctx, ast.Store))
        self.stores |= stored
        return bound | stored

    def _pattern_loads(self, pattern: ast.pattern, bound: Bound) -> None:
        self._read({node.id for node in ast.walk(pattern) if isinstance(node, ast.Name)}, bound)

    def _read(self, loads: Iterable[str], bound: Bound) -> None:
        """Note names, and what the functions and classes among them that this cell defined use."""
        waiting = set(loads)
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            seen.add(name)
            self.loads.add(name)
            if name not in bound:
                self.bound_first.setdefault(name, bound)
            if name in self._bodies:
                self._mention(self._bodies[name])
                waiting |= self._bodies[name].loads - seen

    def _mention(self, names: GlobalNames) -> None:
        self.mentions |= names.mentions
        self.texts |= names.texts


def _names(statement: ast.stmt) -> GlobalNames:
    module = ast.fix_missing_locations(ast.Module([statement], []))
    try:
        return global_names(
            compile(module, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        )
    except (SyntaxError, ValueError):  # such as `continue`, taken out of its loop
        return _NONE


def _without_bodies(statement: ast.stmt) -> ast.stmt:
    """A definition reads its decorators and defaults now; what its body reads counts when it is used."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return _copy(statement, body=[ast.Pass()])
    if isinstance(statement, ast.ClassDef):
        return _copy(statement, body=[_without_bodies(inner) for inner in statement.body])
    return statement


def _copy(node: ast.stmt, body: list[ast.stmt]) -> ast.stmt:
    fields = {**dict(ast.iter_fields(node)), "body": body}
    return ast.copy_location(type(node)(**fields), node)


def _captures(pattern: ast.pattern) -> Iterator[str]:
    for node in ast.walk(pattern):
        name = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name", None)
        if isinstance(name, str):
            yield name


def _in_texts(node: ast.AST, loads: Iterable[str]) -> set[str]:
    """Names in texts: ``@limit`` of a query, and what IPython splices into magics and commands."""
    found: set[str] = set()
    spliced = "get_ipython" in loads
    for text in _texts(node):
        found.update(_QUERIED.findall(text))
        if spliced:
            found.update(first or second for first, second in _SPLICED.findall(text))
    return found


def _texts(node: ast.AST) -> Iterator[str]:
    for found in ast.walk(node):
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and len(found.value) < 10_000:
            yield found.value

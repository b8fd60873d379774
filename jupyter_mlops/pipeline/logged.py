"""Calls of MLflow and of ours in a notebook's code, as a project takes them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_mlops.pipeline.edits import Edit, edited
from jupyter_mlops.pipeline.statements import statement_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from jupyter_mlops.pipeline.statements import Statement

_OWN = "jupyter_mlops"


def as_variables(statements: Sequence[Statement]) -> list[Statement]:
    """``jupyter_mlops.log(metrics={"auc": value})`` becomes ``auc = value``, as in a replay."""
    names = _own_names(statements)
    bound = {name for each in statements for name in each.binds}
    found: list[Statement] = []
    for each in statements:
        call = each.node.value if isinstance(each.node, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) in names:
            found += [_bound(each, name, value) for name, value in _metrics(call) if name not in bound]
        else:
            found.append(each)
    return found


def with_nested_runs(each: Statement) -> Statement:
    """Runs of MLflow that the notebook's own code begins go below the project's run."""
    edits = [
        Edit(node.func, f"{ast.unparse(node.func)}(", f"nested=True{', ' if node.keywords else ''}")
        for node in ast.walk(each.node)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "start_run"
        and not node.args
        and not any(word.arg == "nested" for word in node.keywords)
    ]
    return statement_of(edited(each.text, edits), each) if edits else each


def _own_names(statements: Sequence[Statement]) -> Collection[str]:
    """How the code calls our ``log``."""
    found = set()
    for each in statements:
        if isinstance(each.node, ast.Import):
            aliases = [alias for alias in each.node.names if alias.name == _OWN]
            found |= {f"{alias.asname or alias.name}.log" for alias in aliases}
        elif isinstance(each.node, ast.ImportFrom) and each.node.module == _OWN:
            found |= {alias.asname or alias.name for alias in each.node.names if alias.name == "log"}
    return found


def _metrics(call: ast.Call) -> list[tuple[str, ast.expr]]:
    given = next((word.value for word in call.keywords if word.arg == "metrics"), None)
    if not isinstance(given, ast.Dict):
        return []
    pairs = zip(given.keys, given.values, strict=True)
    return [
        (key.value, value)
        for key, value in pairs
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isidentifier()
    ]


def _bound(each: Statement, name: str, value: ast.expr) -> Statement:
    made = statement_of(f"{name} = {ast.unparse(value)}", each)
    return replace(made, changes=frozenset(), kinds={name: "builtins:float"}, digests={})

"""Which variables a metric was computed from, as the code says it: ``auc = roc_auc_score(y_test, proba)``.

Nothing is evaluated here. What is found is tried on the kept values, and counts only if it gives the number
that was recorded.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from jupyter_mlops.comparison.cell_code import parse_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FUNCTIONS = {
    "accuracy_score": "accuracy",
    "average_precision_score": "average_precision",
    "balanced_accuracy_score": "balanced_accuracy",
    "brier_score_loss": "brier",
    "f1_score": "f1",
    "log_loss": "log_loss",
    "mean_absolute_error": "mae",
    "mean_squared_error": "mse",
    "precision_score": "precision",
    "r2_score": "r2",
    "recall_score": "recall",
    "roc_auc_score": "auc",
    "root_mean_squared_error": "rmse",
}
"""scikit-learn's functions, by name, and the metric of the gates that each is."""
_ANSWERS = ("y_pred", "y_score", "y_proba", "y_prob")
_SAME_VALUES = {"values", "to_numpy", "ravel", "copy", "array"}
_MOST_NAMES = 5
"""How often a name is followed to what it was bound to."""


@dataclass(frozen=True)
class Piece:
    """A variable, and the columns taken of it: a text of a frame, a number of an array."""

    name: str
    columns: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Measure:
    """A metric of the gates, what it was computed from, and to how many digits it was rounded, if it was."""

    metric: str
    truth: Piece
    answers: Piece
    digits: int | None = None


def measure_of(sources: tuple[str, ...], name: str) -> Measure | None:
    """How a metric was computed; None if it was not by a known function of two variables.

    Args:
        sources: cells in the order they ran.
        name: what the metric is called in the run.
    """
    functions, cells = _read(sources)
    for bound in reversed(cells):
        expression = bound.get(name)
        for _ in range(_MOST_NAMES):
            if isinstance(expression, ast.Name):
                expression = bound.get(expression.id)
        if expression is not None:
            return _measure(expression, functions)
    return None


@lru_cache(maxsize=8)  # asked for each metric of two or three runs
def _read(sources: tuple[str, ...]) -> tuple[dict[str, str], list[dict[str, ast.expr]]]:
    """The known functions by what the cells call them, and for each cell what it bound to which names."""
    trees = [tree for source in sources if (tree := parse_cell(source).tree) is not None]
    return FUNCTIONS | dict(_renamed(trees)), [dict(_bound(tree)) for tree in trees]


def _renamed(trees: Sequence[ast.Module]) -> Iterator[tuple[str, str]]:
    """Other names that the notebook gave to these functions when it imported them."""
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.asname and alias.name in FUNCTIONS:
                        yield alias.asname, FUNCTIONS[alias.name]


def _bound(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names of metrics and of variables with what they were bound to; of several, the last one counts."""
    if tree.body and isinstance(last := tree.body[-1], ast.Expr) and isinstance(last.value, ast.Call):
        yield _called(last.value), last.value  # what a cell shows is a metric of the function's name
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _assigned(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            yield from _assigned(node.target, node.value)
        elif isinstance(node, ast.Call):
            yield from _logged(node)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
        yield from ((f"{target.id}.{key}", each) for key, each in _entries(value))
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, each in zip(target.elts, value.elts, strict=False):
            yield from _assigned(one, each)


def _entries(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The entries of a mapping that is written out."""
    if isinstance(value, ast.Dict):
        for key, each in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, each
    elif isinstance(value, ast.Call) and _called(value) == "dict":
        yield from ((keyword.arg, keyword.value) for keyword in value.keywords if keyword.arg)


def _logged(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """What ``log(auc=…)``, ``log_metric("auc", …)`` and ``log_metrics({"auc": …})`` name."""
    match _called(call), call.args:
        case "log", _:
            yield from ((keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg)
        case "log_metric", [ast.Constant(value=str(name)), value, *_]:
            yield name, value
        case "log_metrics", [entries, *_]:
            yield from _entries(entries)


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _measure(node: ast.expr, functions: dict[str, str]) -> Measure | None:
    match node:
        case ast.Call(func=ast.Name(id="float"), args=[inner]):
            return _measure(inner, functions)
        case ast.Call(func=ast.Name(id="round"), args=[inner, ast.Constant(value=int(digits))]):
            found = _measure(inner, functions)
            return found and Measure(found.metric, found.truth, found.answers, digits)
        case ast.BinOp(left=inner, op=ast.Pow(), right=ast.Constant(value=0.5)):
            return _root(_measure(inner, functions))
        case ast.Call(args=[inner]) if _called(node) == "sqrt":
            return _root(_measure(inner, functions))
        case ast.Call() if _called(node) in functions:
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            truth = node.args[0] if node.args else named.get("y_true")
            answers = next((named[name] for name in _ANSWERS if name in named), None)
            sides = _piece(truth), _piece(node.args[1] if len(node.args) > 1 else answers)
            if sides[0] is not None and sides[1] is not None:
                return Measure(functions[_called(node)], sides[0], sides[1])
    return None


def _root(found: Measure | None) -> Measure | None:
    is_square = found is not None and found.metric == "mse" and found.digits is None
    return Measure("rmse", found.truth, found.answers) if found is not None and is_square else None


def _piece(node: ast.expr | None) -> Piece | None:
    """A variable or columns of one; None for anything else, such as ``model.predict(X)``."""
    found: Piece | None = None
    match node:
        case ast.Name(id=name):
            found = Piece(name)
        case ast.Attribute(value=inner, attr=what) if what in _SAME_VALUES:
            found = _piece(inner)
        case ast.Call(func=ast.Attribute(value=inner, attr=what), args=[]) if what in _SAME_VALUES:
            found = _piece(inner)
        case ast.Subscript(value=inner, slice=ast.Constant(value=str(column))):
            found = _column(inner, column)
        case ast.Subscript(value=inner, slice=ast.Tuple(elts=[ast.Slice(None, None, None), place])):
            found = _column(inner, _number(place))
    return found


def _column(node: ast.expr, column: str | int | None) -> Piece | None:
    found = _piece(node)
    return Piece(found.name, (*found.columns, column)) if found and column is not None else None


def _number(node: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if type(value) is int else None

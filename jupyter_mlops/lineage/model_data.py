"""Which data a model was fitted on and measured on, as the code says it: expressions over its names.

Only what can be evaluated again without doing anything is taken: names, attributes, subscripts and a few
methods of frames that change nothing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.notebook.facts import LEARNING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_mlops.lineage.slice import Slice

Pair = tuple[str, str | None]
"""Features, and the true answers to them if the code names them."""

_ANSWERS = {"predict", "predict_proba", "predict_log_proba", "decision_function"}
_HARMLESS = {"drop", "copy", "to_numpy", "ravel", "astype", "reset_index", "squeeze", "to_frame"}
_SAFE = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.List, ast.Tuple, ast.Slice, ast.UnaryOp,
    ast.Compare, ast.BinOp, ast.BoolOp, ast.Call, ast.keyword, ast.Load, ast.operator, ast.cmpop, ast.unaryop,
    ast.boolop,
)  # fmt: skip


@dataclass(frozen=True)
class ModelData:
    """What the code gave a model: to learn from, and to be measured by; the newest first."""

    fitted: tuple[Pair, ...] = ()
    measured: tuple[Pair, ...] = ()


def model_data(code: Slice, model: str) -> ModelData:
    """Find the data of a model in the code of its slice.

    Args:
        code: the slice behind it.
        model: the name of its variable.

    Returns:
        Expressions; none where the code hands data over in other ways, as inside functions of its own.
    """
    trees = [tree for cell in code.cells for tree in _parsed(cell.source)]
    names = _names_of(trees, model)
    predicted = {
        target: features
        for tree in trees
        for target, value in _assignments(tree)
        if (features := _predicted_on(value, names, {})) is not None
    }
    fitted: list[Pair] = []
    measured: list[Pair] = []
    for tree in trees:
        for call, target in _calls(tree):
            fitted += _fitted(call, target, names)
            measured += _measured(call, names, predicted)
    known = {features for features, _ in fitted}
    return ModelData(
        tuple(dict.fromkeys(reversed(fitted))),
        tuple(dict.fromkeys(pair for pair in reversed(measured) if pair[0] not in known)),
    )


def names_in(expression: str) -> frozenset[str]:
    """The names that an expression needs.

    Raises:
        BadInputError: it is none, or evaluating it could change something.
    """
    try:
        node = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        node = None
    if node is None or _text(node) is None:
        raise BadInputError(
            f"{expression!r} does not name data",
            "Write a name such as X_test, or columns of one: test[['age', 'hours']], test['income'].",
        )
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _parsed(source: str) -> list[ast.Module]:
    try:
        return [ast.parse(source)]
    except SyntaxError:  # magics; what they hold is not looked into
        return []


def _names_of(trees: Iterable[ast.Module], model: str) -> set[str]:
    """The model's variable and those it was taken from, as in ``model = search.best_estimator_``."""
    names = {model}
    pairs = [pair for tree in trees for pair in _assignments(tree)]
    for target, value in reversed(pairs):
        inner = value.value if isinstance(value, ast.Attribute) else value
        if target in names and isinstance(inner, ast.Name):
            names.add(inner.id)
    return names


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    for one, value in zip(target.elts, node.value.elts, strict=False):
                        if isinstance(one, ast.Name):
                            yield one.id, value


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str | None]]:
    """Every call, with the variable that its result is bound to, if one is."""
    bound = {id(value): name for name, value in _assignments(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, bound.get(id(node))


def _fitted(call: ast.Call, target: str | None, names: set[str]) -> list[Pair]:
    owner = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr in LEARNING else None
    is_ours = target in names or (isinstance(owner, ast.Name) and owner.id in names)
    if owner is None or not is_ours:
        return []
    features, answers = _argument(call, 0, "X"), _argument(call, 1, "y")
    return [(features, answers)] if features else []


def _measured(call: ast.Call, names: set[str], predicted: dict[str, str]) -> list[Pair]:
    """``model.score(X, y)``, ``metric(y, model.predict(X))`` or ``evaluate(model, X, y)``."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in {*LEARNING, *_ANSWERS}:
        return []
    if isinstance(call.func, ast.Attribute) and call.func.attr == "score" and _is_one(call.func.value, names):
        features, answers = _argument(call, 0, "X"), _argument(call, 1, "y")
        return [(features, answers)] if features and answers else []
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    found = [(each, _predicted_on(each, names, predicted)) for each in arguments]
    features = next((features for _, features in found if features), None)
    if features is not None:
        answers = next((text for each, own in found if own is None and (text := _text(each))), None)
        return [(features, answers)] if answers else []
    after = next((at for at, each in enumerate(call.args) if _is_one(each, names)), None)
    given = [_text(each) for each in call.args[after + 1 : after + 3]] if after is not None else []
    return [(given[0], given[1])] if len(given) == 2 and given[0] and given[1] else []


def _is_one(node: ast.expr, names: set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _predicted_on(node: ast.expr, names: set[str], predicted: dict[str, str]) -> str | None:
    """The features whose prediction is in an expression; None if none is."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id in predicted:
            return predicted[each.id]
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in _ANSWERS:
            features = _argument(each, 0, "X")
            if _is_one(each.func.value, names) and features:
                return features
    return None


def _argument(call: ast.Call, at: int, name: str) -> str | None:
    by_name = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    node = by_name or (call.args[at] if at < len(call.args) else None)
    return _text(node) if node is not None else None


def _text(node: ast.expr) -> str | None:
    """The expression, if evaluating it once more changes nothing; a constant is no data."""
    parts = list(ast.walk(node))
    is_safe = all(
        isinstance(part, _SAFE)
        and not (isinstance(part, ast.Attribute) and part.attr.startswith("_"))
        and not (
            isinstance(part, ast.Call)
            and not (isinstance(part.func, ast.Attribute) and part.func.attr in _HARMLESS)
        )
        for part in parts
    )
    has_name = any(isinstance(part, ast.Name) for part in parts)
    return ast.unparse(node) if is_safe and has_name else None

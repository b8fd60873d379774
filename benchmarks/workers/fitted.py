"""Which variable of a notebook holds the model: what the last ``fit`` fitted, as far as it is still there."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def last_fitted(shell: Any, sources: Sequence[str]) -> str | None:
    """The name of the estimator that the last ``.fit(…)`` at the top of a cell fitted.

    If there is none, as where functions of the notebook fit, it is the fitted one that is mentioned last;
    None if no name holds any.
    """
    statements = [each for source in sources for each in ast.parse(shell.transform_cell(source)).body]
    fitted = (name for each in reversed(statements) for name in _fitted_in(each))
    mentioned = (name for each in reversed(statements) for name in _names_in(each))
    found = (name for name in fitted if _is_estimator(shell.user_ns.get(name)))
    others = (name for name in mentioned if _is_fitted(shell.user_ns.get(name)))
    return next(found, None) or next(others, None)


def content(value: Any) -> str | None:
    """The digest of a value; of an object whose class is the notebook's own, that of its attributes.

    ipyflow runs classes in another form, so that their code is not what is compared.
    """
    from jupyter_mlops.snapshot import digest

    if type(value).__module__ == "__main__":
        return digest([type(value).__name__, vars(value)])
    return digest(value)


def _fitted_in(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement may have fitted, the last in the text first."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for node in reversed(list(ast.walk(statement))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fit":
            if isinstance(node.func.value, ast.Name):
                yield node.func.value.id
            else:
                yield from _targets(statement)


def _targets(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _names_in(statement: ast.stmt) -> Iterator[str]:
    return (node.id for node in reversed(list(ast.walk(statement))) if isinstance(node, ast.Name))


def _is_fitted(value: object) -> bool:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(value)
    except (TypeError, NotFittedError):  # no estimator of scikit-learn
        return False
    return _is_estimator(value)


def _is_estimator(value: object) -> bool:
    is_thing = value is not None and not inspect.isclass(value) and not inspect.ismodule(value)
    return is_thing and callable(getattr(value, "fit", None))

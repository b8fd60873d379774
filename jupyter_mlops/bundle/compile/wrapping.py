"""Estimators around one other: searches over parameters, transformed targets, moved thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.labels import labels_node
from jupyter_mlops.bundle.compile.parts import compile_part, name_of
from jupyter_mlops.bundle.compile.problems import CannotCompile
from jupyter_mlops.bundle.compile.scaling import INVERSES
from jupyter_mlops.bundle.compile.shaping import function_node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _best(search: Any, writer: Writer) -> dict[str, Any]:
    if not hasattr(search, "best_estimator_"):
        raise CannotCompile(f"{type(search).__qualname__} has refit=False, so it holds no model")
    return compile_part(search.best_estimator_, writer)


def _transformed_target(model: Any, writer: Writer) -> dict[str, Any]:
    transformer = model.transformer_
    if name_of(transformer) in INVERSES:
        back = INVERSES[name_of(transformer)](transformer, writer)
    elif type(transformer).__qualname__ == "FunctionTransformer":
        back = function_node(transformer.inverse_func, transformer.inv_kw_args, "inverse_func")
    else:
        raise CannotCompile(f"TransformedTargetRegressor undoes a {type(transformer).__qualname__}")
    return {"kind": "back_transformed", "inner": compile_part(model.regressor_, writer), "back": back}


def _fixed_threshold(model: Any, writer: Writer) -> dict[str, Any]:
    method = _method(model)
    threshold = model.threshold
    if threshold == "auto":
        threshold = 0.5 if method == "predict_proba" else 0.0
    return _moved(model, writer, method, threshold, model.pos_label)


def _tuned_threshold(model: Any, writer: Writer) -> dict[str, Any]:
    return _moved(model, writer, _method(model), model.best_threshold_, model._curve_scorer._get_pos_label())


def _method(model: Any) -> str:
    asked = model._get_response_method()
    methods = [asked] if isinstance(asked, str) else asked
    return next(method for method in methods if hasattr(_inner(model), method))


def _inner(model: Any) -> Any:
    return getattr(model, "estimator_", model.estimator)


def _moved(model: Any, writer: Writer, method: str, threshold: float, positive: Any) -> dict[str, Any]:
    classes = model.classes_
    return {
        "kind": "moved_threshold",
        "inner": compile_part(_inner(model), writer),
        "classes": labels_node(classes, model),
        "threshold": float(threshold),
        "place": 1 if positive is None else int(np.flatnonzero(classes == positive)[0]),
        "by": method,
    }


_THRESHOLD = "sklearn.model_selection._classification_threshold."

COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.model_selection._search.GridSearchCV": _best,
    "sklearn.model_selection._search.RandomizedSearchCV": _best,
    "sklearn.compose._target.TransformedTargetRegressor": _transformed_target,
    f"{_THRESHOLD}FixedThresholdClassifier": _fixed_threshold,
    f"{_THRESHOLD}TunedThresholdClassifierCV": _tuned_threshold,
}

"""Exact contributions for models of trees, with the shap package: added back to the columns people know."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.registry.explain.output import Output, log_odds_of, output_of
from jupyter_mlops.registry.explain.sampling import Contributions
from jupyter_mlops.registry.explain.sources import UnclearError, dense, sources, transformed

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.registry.evidence import Task

_OF_PROBABILITIES = frozenset({"DecisionTree", "ExtraTree", "RandomForest", "ExtraTrees"})
_OF_LOG_ODDS = frozenset({"HistGradientBoosting", "GradientBoosting"})
_MOST_OFF = 1e-6
"""Relative to the output: beyond it the contributions are not those of this model."""


def is_trees(model: Any) -> bool:
    """True for trees and ensembles of them in scikit-learn, also behind the steps of a pipeline."""
    return _family(_steps(model)[-1]) in _OF_PROBABILITIES | _OF_LOG_ODDS


def by_trees(model: Any, rows: pd.DataFrame, background: pd.DataFrame, task: Task) -> Contributions:
    """TreeSHAP of the last step, summed up by the columns of `rows`.

    Raises:
        UnclearError: it cannot be said; the reason is for people.
    """
    *steps, last = _steps(model)
    if getattr(last, "is_categorical_", None) is not None and np.any(last.is_categorical_):
        raise UnclearError("its trees split categories by themselves")
    import pandas as pd

    found = sources(steps, pd.concat([rows, background]))
    try:
        shap = importlib.import_module("shap")
    except ImportError as error:
        raise UnclearError(
            "the package shap is missing: `pip install 'jupyter-mlops[explain]'` gives exact ones"
        ) from error
    try:
        explainer = shap.TreeExplainer(last)
        exact = np.asarray(explainer.shap_values(dense(transformed(steps, rows)), check_additivity=False))
        base = np.atleast_1d(np.asarray(explainer.expected_value, dtype=float))
    except UnclearError:
        raise
    except Exception as error:  # shap raises all kinds for kinds of trees that it does not know
        raise UnclearError(f"shap does not know this kind of trees ({type(error).__name__})") from error
    output = _output(model, last, task)
    exact = exact.reshape(*exact.shape[:2], -1)
    if len(output.classes) == 1:
        exact, base = exact[..., -1:], base[-1:]
    values = np.zeros((len(rows), rows.shape[1], exact.shape[2]))
    for place, source in enumerate(found):
        values[:, source] += exact[:, place]
    _check(values, base, output.of(rows))
    method = f"TreeSHAP ({last.__class__.__name__}), exact"
    if steps:
        method += "; what the preparation made of a column is added up"
    return Contributions(values, base, output, method, None)


def _check(values: np.ndarray[Any, Any], base: np.ndarray[Any, Any], output: np.ndarray[Any, Any]) -> None:
    total = values.sum(axis=1) + base
    if total.shape != output.shape:
        raise UnclearError("shap explains another output than the model gives")
    if not (np.abs(total - output) <= _MOST_OFF * (1 + np.abs(output))).all():
        raise UnclearError("what shap says of its trees does not add up to the model's output")


def _output(model: Any, last: Any, task: Task) -> Output:
    is_log_odds = task == "classification" and _family(last) in _OF_LOG_ODDS
    return log_odds_of(model) if is_log_odds else output_of(model, task)


def _steps(model: Any) -> list[Any]:
    """The steps of a pipeline, those of pipelines in it included; the last one predicts."""
    if type(model).__name__ == "Pipeline":
        return [inner for _, step in model.steps for inner in _steps(step)]
    return [model]


def _family(estimator: Any) -> str:
    kind = type(estimator)
    if not kind.__module__.startswith("sklearn."):
        return ""
    return kind.__name__.removesuffix("Classifier").removesuffix("Regressor")

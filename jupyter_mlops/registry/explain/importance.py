"""Permutation importance of the columns that a model is given: how much worse it gets without one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.registry.explain.output import classes_of, output_of, quietly
from jupyter_mlops.registry.explain.result import Importance

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from jupyter_mlops.registry.evidence import Rows, Task

MOST_ROWS = 5_000
REPEATS = 5
_LEVEL = 0.975  # of one side: 95 % between both
_OWN_ANSWERS = "no true answers are known: importance is how much the model's own answers change"


@dataclass(frozen=True)
class Measured:
    """Importances, most important first, and what they were measured with."""

    metric: str
    score: float
    importance: tuple[Importance, ...]
    rows: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Metric:
    name: str
    of: Callable[[pd.DataFrame], float]
    """The metric of the model on a frame with the same rows in the same order."""
    sign: int
    """1 if higher is better."""


def permutation_importance(model: Any, rows: Rows, task: Task, done: Callable[[float], None]) -> Measured:
    """Deal the values of each column to other rows, and measure again; with scikit-learn's random orders.

    Args:
        model: a fitted estimator or pipeline.
        rows: what to measure on; beyond `MOST_ROWS` a fixed sample of them.
        task: chooses the metric: ``auc`` for two classes, ``accuracy`` for more, ``rmse`` for numbers.
        done: told the share that is done.
    """
    features, target, notes = _sample(rows)
    metric, more = _metric(model, features, target, task)
    score = metric.of(features)
    orders = _orders(len(features))
    found = []
    for at, name in enumerate(features.columns):
        losses = []
        for order in orders:
            dealt = features.copy(deep=False)
            dealt.isetitem(at, features.iloc[:, at].array.take(order))
            losses.append(metric.sign * (score - metric.of(dealt)))
        found.append(_with_interval(str(name), np.array(losses)))
        done((at + 1) / features.shape[1])
    found.sort(key=lambda each: -each.mean)
    return Measured(metric.name, score, tuple(found), len(features), (*notes, *more))


def _sample(rows: Rows) -> tuple[pd.DataFrame, pd.Series[Any] | None, tuple[str, ...]]:
    features, target = rows.features, rows.target
    notes: tuple[str, ...] = ()
    if target is not None and len(target) != len(features):
        target = None  # rows of a person were forgotten since: nobody knows which answer is whose
    if target is not None:
        known = target.notna().to_numpy()
        features, target = features[known], target[known]
    if len(features) > MOST_ROWS:
        picked = np.sort(np.random.default_rng(0).choice(len(features), MOST_ROWS, replace=False))
        notes = (
            f"importance is measured on {MOST_ROWS:,} of {len(features):,} rows, drawn with a fixed seed",
        )
        features = features.iloc[picked]
        target = target.iloc[picked] if target is not None else None
    return features, target, notes


def _orders(rows: int) -> list[np.ndarray[Any, Any]]:
    """The orders that ``sklearn.inspection.permutation_importance(random_state=0)`` uses for each column."""
    random = np.random.RandomState(np.random.RandomState(0).randint(np.iinfo(np.int32).max + 1))
    order, dealt, found = np.arange(rows), np.arange(rows), []
    for _ in range(REPEATS):
        random.shuffle(order)
        dealt = dealt[order]  # what was dealt last time is dealt on
        found.append(dealt)
    return found


def _metric(
    model: Any, features: pd.DataFrame, target: pd.Series[Any] | None, task: Task
) -> tuple[_Metric, tuple[str, ...]]:
    """The metric of the task, and what is to be said of it."""
    answers = np.asarray(target) if target is not None else None
    notes: tuple[str, ...] = ()
    if answers is None or not _fits(answers, model, task):
        answers, notes = np.asarray(quietly(model.predict, features)), (_OWN_ANSWERS,)
    if task == "regression":
        truth = answers.astype(float).ravel()
        return _Metric("rmse", lambda frame: _rmse(truth, quietly(model.predict, frame)), -1), notes
    classes = classes_of(model)
    is_last = answers.ravel() == classes[-1] if classes else np.array([])
    if len(classes) == 2 and 0 < is_last.sum() < len(is_last):
        output = output_of(model, task)
        if output.space != "answer":
            return _Metric("auc", lambda frame: _auc(is_last, output.of(frame)[:, 0]), 1), notes
    return _Metric("accuracy", lambda frame: _accuracy(answers, quietly(model.predict, frame)), 1), notes


def _fits(answers: np.ndarray[Any, Any], model: Any, task: Task) -> bool:
    if task == "regression":
        return answers.dtype.kind in "iufb"
    classes = classes_of(model)
    return not classes or set(answers.ravel().tolist()) & set(classes) != set()


def _rmse(truth: np.ndarray[Any, Any], answer: Any) -> float:
    return float(np.sqrt(np.mean((truth - np.asarray(answer, dtype=float).ravel()) ** 2)))


def _auc(truth: np.ndarray[Any, Any], score: np.ndarray[Any, Any]) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, score))


def _accuracy(truth: np.ndarray[Any, Any], answer: Any) -> float:
    return float(np.mean(truth.ravel() == np.asarray(answer).ravel()))


def _with_interval(column: str, losses: np.ndarray[Any, Any]) -> Importance:
    from scipy.stats import t

    mean = float(losses.mean())
    around = float(t.ppf(_LEVEL, len(losses) - 1) * losses.std(ddof=1) / math.sqrt(len(losses)))
    return Importance(column, mean, mean - around, mean + around)

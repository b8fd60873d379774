"""The domain classifier: can a model tell from which frame a row comes?

Small gradient boosting (scikit-learn's histogram trees) learns it on two thirds of the rows and is measured
on the last third, three times. Its area under the ROC curve is 0.5 where nothing changed, in whatever
combination of columns. Lopez-Paz and Oquab 2017, "Revisiting classifier two-sample tests".
"""

from __future__ import annotations

import math
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.multivariate.limits import Z
from jupyter_mlops.drift.multivariate.result import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.multivariate.columns import Column, Floats

FOLDS = 3
# Importances need fewer rows than the verdict: so many held-out rows of each fold.
ROWS_DEALT = 2_000
CELLS_A_CALL = 1_000_000
BINS = 64


def tell_apart(columns: Sequence[Column], n: int, seed: int) -> Finding:
    """The out-of-fold AUC, its band and p, and how much of it is lost when a column's values are dealt anew.

    Args:
        columns: at least one; the first `n` rows of each are the reference's.
        n: rows of the reference.
        seed: decides the folds and what is dealt.
    """
    # The trees put categories first; where they stand so already, the places they name are ours.
    columns = sorted(columns, key=lambda each: each.kind != "category")
    X = np.column_stack([binned(each.values) if each.kind == "number" else each.values for each in columns])
    draws = np.random.default_rng(seed)
    is_current = np.arange(len(X)) >= n
    fold = np.concatenate([draws.permutation(np.arange(side) % FOLDS) for side in (n, len(X) - n)])
    areas, variances = np.empty(FOLDS), np.empty(FOLDS)
    losses = np.zeros((FOLDS, len(columns)))
    with import_module("threadpoolctl").threadpool_limits(1):
        for k in range(FOLDS):
            model = _model([column.kind == "category" for column in columns], seed)
            model.fit(X[fold != k], is_current[fold != k])
            rows, truth = X[fold == k], is_current[fold == k]
            areas[k], variances[k] = area(model.decision_function(rows), truth)
            losses[k] = _losses(model, rows, truth, draws)
    value = float(areas.mean())
    deviation = null_deviation(variances)
    return Finding(
        "domain classifier",
        value=value,
        null_low=0.5 - Z * deviation,
        null_high=0.5 + Z * deviation,
        p_value=0.5 * math.erfc((value - 0.5) / deviation / math.sqrt(2)),
        effect=value - 0.5,
        details=_worst_first(columns, losses.mean(axis=0)),
    )


def binned(values: Floats) -> Floats:
    """The place of each value among at most `BINS` bins that hold equally many; missing stays missing.

    Trees bin by themselves, anew for each fold, which takes most of their time.
    """
    known = ~np.isnan(values)
    cuts = np.unique(np.quantile(values[known], np.arange(1, BINS) / BINS, method="lower"))
    places = np.full(len(values), np.nan)
    places[known] = np.searchsorted(cuts, values[known])
    return places


def area(scores: Floats, truth: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """The area under the ROC curve, and its variance if the scores had nothing to do with the truth.

    Mann–Whitney's U over nm, with ties; its variance is that over all orders of the labels.
    """
    from scipy.stats import rankdata

    ranks = rankdata(scores)
    m, total = int(truth.sum()), len(truth)
    n = total - m
    ties = np.unique(ranks, return_counts=True)[1].astype(np.float64)
    u = float(ranks[truth].sum()) - m * (m + 1) / 2
    spread = total + 1 - float((ties**3 - ties).sum()) / (total * (total - 1))
    return u / (n * m), max(spread, 1e-9) / (12 * n * m)


def null_deviation(variances: Floats) -> float:
    """The standard deviation of the mean area over the folds when nothing changed.

    Each fold's area alone has Mann–Whitney's variance. But a pair of rows that is in the training part of one
    fold and in the held-out part of another is used twice with the same sign, which at most doubles the
    variance of their mean. Taking it as doubled, the test is on the safe side.
    """
    return math.sqrt(2 * float(variances.sum())) / len(variances)


def _model(categories: list[bool], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=40,
        max_leaf_nodes=8,
        min_samples_leaf=30,
        early_stopping=False,
        categorical_features=categories,
        random_state=seed,
    )


def _losses(model: Any, rows: Floats, truth: npt.NDArray[np.bool_], draws: np.random.Generator) -> Floats:
    """How much area is lost for each column when its values go to other held-out rows."""
    if len(rows) > ROWS_DEALT:
        chosen = draws.choice(len(rows), ROWS_DEALT, replace=False)
        rows, truth = rows[chosen], truth[chosen]
    whole, _ = area(model.decision_function(rows), truth)
    order = draws.permutation(len(rows))
    losses = np.zeros(rows.shape[1])
    asked = _asked(model)
    # Several columns a call: what a call costs by itself is more than what the trees cost.
    at_once = max(1, CELLS_A_CALL // rows.size)
    for start in range(0, len(asked), at_once):
        places = asked[start : start + at_once]
        dealt = np.tile(rows, (len(places), 1, 1))
        dealt[np.arange(len(places)), :, places] = rows[order][:, places].T
        scores = model.decision_function(dealt.reshape(-1, rows.shape[1])).reshape(len(places), -1)
        losses[places] = [whole - area(each, truth)[0] for each in scores]
    return losses


def _asked(model: Any) -> npt.NDArray[np.int64]:
    """The places of the columns that the trees ask for; dealing the values of others changes nothing."""
    nodes = [tree.nodes for iteration in model._predictors for tree in iteration]
    return np.unique(np.concatenate([each["feature_idx"][each["is_leaf"] == 0] for each in nodes]))


def _worst_first(columns: Sequence[Column], losses: Floats) -> tuple[tuple[str, float], ...]:
    order = np.argsort(-losses, kind="stable")
    return tuple((columns[j].name, float(losses[j])) for j in order)

"""Figures of a classifier from labels, or from calibrated probabilities in their place (CBPE).

A row with probability p of the positive class counts as p positives and 1 - p negatives. Whatever is a
function of such counts has an expected value without labels; with p of 0 and 1 it is the realised value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.performance.sides import Task

if TYPE_CHECKING:
    from jupyter_mlops.drift.performance.sides import Floats, Integers

NAN = float("nan")
_ASSUMED = (
    "Estimated by CBPE: the reference's labels calibrate the scores, and the calibrated probabilities stand "
    "for the labels that are missing. That holds while a calibrated score means what it meant on the "
    "reference. A changed relation between features and target (concept drift) cannot be seen without labels."
)


def ranked(p: Floats, score: Floats) -> tuple[float, float]:
    """Area under the ROC curve and average precision, rows of equal score taken together.

    Args:
        p: (n,) labels 0 and 1, or probabilities.
        score: (n,) what ranks the rows, greatest first.

    Returns:
        NaN for both where all rows are positive or none is.
    """
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)
    tp = np.cumsum(p[order])[last]
    fp = np.cumsum(1 - p[order])[last]
    if tp[-1] <= 0 or fp[-1] <= 0:
        return NAN, NAN
    area = np.trapezoid(np.r_[0, tp] / tp[-1], np.r_[0, fp] / fp[-1])
    precision = tp / (tp + fp)
    return float(area), float(np.sum(np.diff(np.r_[0, tp]) / tp[-1] * precision))


def binary_figures(values: Floats, scores: Floats, predicted: Integers) -> dict[str, float]:
    """All figures for two classes; shapes (n, 1), (n, 1), (n,)."""
    p, positive = values[:, 0], predicted == 1
    area, average = ranked(p, scores[:, 0])
    tp, fn = float(p[positive].sum()), float(p[~positive].sum())
    fp, tn = float(positive.sum()) - tp, float((~positive).sum()) - fn
    return {
        "roc_auc": area,
        "average_precision": average,
        "f1": _share(2 * tp, 2 * tp + fp + fn),
        "accuracy": (tp + tn) / len(p),
        "precision": _share(tp, tp + fp),
        "recall": _share(tp, tp + fn),
        "specificity": _share(tn, tn + fp),
    }


def multiclass_figures(values: Floats, scores: Floats, predicted: Integers) -> dict[str, float]:
    """Accuracy, and the plain means over the classes of F1 and one-against-rest AUC; (n, K), (n, K), (n,).

    A class that neither occurs nor is predicted has no F1 and is left out of the mean. The mean AUC is not
    defined where a class does not occur.
    """
    classes = range(values.shape[1])
    f1, areas = [], []
    for k in classes:
        areas.append(ranked(values[:, k], scores[:, k])[0])
        here = predicted == k
        hits = values[here, k].sum()
        f1.append(_share(2 * hits, float(here.sum()) + values[:, k].sum()))
    known = [value for value in f1 if not np.isnan(value)]
    return {
        "accuracy": float(np.mean(values[np.arange(len(values)), predicted])),
        "macro_f1": float(np.mean(known)) if known else NAN,
        "macro_roc_auc": float(np.mean(areas)),
    }


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else NAN


BINARY = Task(
    name="binary",
    figures=binary_figures,
    metrics=("roc_auc", "average_precision", "f1", "accuracy", "precision", "recall", "specificity"),
    defaults=("roc_auc", "f1", "accuracy"),
    higher_is_better=True,
    assumptions=_ASSUMED,
)
MULTICLASS = Task(
    name="multiclass",
    figures=multiclass_figures,
    metrics=("accuracy", "macro_f1", "macro_roc_auc"),
    defaults=("accuracy", "macro_f1", "macro_roc_auc"),
    higher_is_better=True,
    assumptions=_ASSUMED,
)

"""Metrics as functions of how often each row counts: one definition serves the figure and its bootstrap.

A metric is prepared once for some answers, and then takes weights (resamples × rows) to values (resamples).
A weight is how often a row was drawn; ones give the plain figure, equal to scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from jupyter_mlops.registry.gates import confusion
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from jupyter_mlops.registry.evidence import Task
    from jupyter_mlops.registry.gates.answers import Answers, Floats

Weights = npt.NDArray[np.float32]
Statistic = Callable[[Weights], "Floats"]
"""Weights (resamples × rows) to values (resamples); NaN where a resample has no value, such as one class."""


@dataclass(frozen=True)
class Metric:
    """A figure of how good answers are.

    `is_share` is True where its unit is known (0 to 1, or R²), and False where it is that of the data.
    """

    name: str
    task: Task
    higher: bool
    is_share: bool
    prepare: Callable[[Answers], Statistic]

    def statistic(self, found: Answers) -> Statistic:
        """Ready for resampling.

        Raises:
            Unable: these answers have no such figure.
        """
        if found.task != self.task:
            raise Unable(f"{self.name} is a metric of {self.task}, and this model does {found.task}")
        if not len(found):
            raise Unable("there are no rows")
        return self.prepare(found)

    def value(self, found: Answers) -> float:
        """The figure over all rows.

        Raises:
            Unable: these answers have no such figure.
        """
        value = float(self.statistic(found)(np.ones((1, len(found)), np.float32))[0])
        if not np.isfinite(value):
            raise Unable(f"{self.name} cannot be computed: {_why_not(found)}")
        return value


def _why_not(found: Answers) -> str:
    if found.task == "classification":
        return "the rows have one class only"
    if not np.isfinite(np.asarray(found.predicted)).all():
        return "some predictions are not finite numbers"
    return "the true answers are all the same"


def _mean(per_row: Floats) -> Statistic:
    def of(weights: Weights) -> Floats:
        result: Floats = (weights @ per_row) / weights.sum(axis=1)
        return result

    return of


def _right(found: Answers) -> Statistic:
    return _mean((found.truth == found.predicted).astype(np.float64))


def _log_loss(found: Answers) -> Statistic:
    """Probabilities are kept an eps from 0 and 1, as scikit-learn does."""
    table = _probabilities(found)
    given = table[np.arange(len(found)), found.truth.astype(np.int64)]
    eps = np.finfo(np.float64).eps
    return _mean(-np.log(np.clip(given, eps, 1 - eps)))


def _brier(found: Answers) -> Statistic:
    _two_classes(found)
    return _mean((_probabilities(found)[:, 1] - (found.truth == 1)) ** 2)


def _auc(found: Answers) -> Statistic:
    """Of two classes, or the mean over classes of one against the rest; ties count half."""
    if found.is_binary:
        return _area(_scores(found), found.truth == 1)
    table = _probabilities(found)
    parts = [_area(table[:, place], found.truth == place) for place in range(len(found.classes))]
    return lambda weights: np.mean([part(weights) for part in parts], axis=0)


def _area(scores: Floats, positive: npt.NDArray[np.bool_]) -> Statistic:
    """Mann–Whitney: the share of pairs in which the positive row has the higher score, ties as half.

    Of the weights, sums over ordered rows of the larger class are read at the places of the smaller one.
    """
    if not np.isfinite(scores).all():
        raise Unable("some scores are not finite numbers")
    ups = 2 * int(positive.sum()) <= len(positive)
    few, many = np.flatnonzero(positive == ups), np.flatnonzero(positive != ups)
    many = many[np.argsort(scores[many], kind="stable")]
    few = few[np.argsort(scores[few], kind="stable")]  # neighbours are read from neighbouring places
    low = np.searchsorted(scores[many], scores[few], side="left")
    high = np.searchsorted(scores[many], scores[few], side="right")
    untied = bool((low == high).all())

    def of(weights: Weights) -> Floats:
        sums = np.zeros((len(weights), len(many) + 1))
        np.cumsum(weights[:, many], axis=1, out=sums[:, 1:])
        below = sums[:, low] if untied else (sums[:, low] + sums[:, high]) / 2
        drawn = weights[:, few]
        total = sums[:, -1]
        with np.errstate(invalid="ignore", divide="ignore"):
            area: Floats = np.einsum("ij,ij->i", drawn, below) / (drawn.sum(axis=1) * total)
        return area if ups else 1 - area

    return of


def _average_precision(found: Answers) -> Statistic:
    """Mean precision at each new recall, over distinct scores from the highest down."""
    _two_classes(found)
    order, starts = _ties(-_scores(found))
    ups = (found.truth == 1)[order].astype(np.float32)

    def of(weights: Weights) -> Floats:
        drawn = np.add.reduceat(weights[:, order], starts, axis=1)
        pos = np.add.reduceat(weights[:, order] * ups, starts, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.cumsum(pos, axis=1, dtype=np.float64) / np.cumsum(drawn, axis=1, dtype=np.float64)
            result: Floats = (pos * np.nan_to_num(precision)).sum(axis=1) / pos.sum(axis=1)
        return result

    return of


def _ties(scores: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The order of rows by score, and where each distinct score begins in it."""
    if not np.isfinite(scores).all():
        raise Unable("some scores are not finite numbers")
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    return order, np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])


def _r2(found: Answers) -> Statistic:
    truth = np.asarray(found.truth, np.float64)
    centred = truth - truth.mean()
    table = np.stack([(truth - found.predicted) ** 2, centred, centred**2], axis=1)

    def of(weights: Weights) -> Floats:
        sums = weights @ table
        spread = sums[:, 2] - sums[:, 1] ** 2 / weights.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            result: Floats = np.where(spread > 1e-12 * len(truth), 1 - sums[:, 0] / spread, np.nan)
        return result

    return of


def _squares(found: Answers) -> Statistic:
    return _mean((np.asarray(found.truth, np.float64) - found.predicted) ** 2)


def _rmse(found: Answers) -> Statistic:
    squares = _squares(found)
    return lambda weights: np.sqrt(squares(weights))


def _mae(found: Answers) -> Statistic:
    return _mean(np.abs(np.asarray(found.truth, np.float64) - found.predicted))


def _probabilities(found: Answers) -> Floats:
    if found.probabilities is None:
        raise Unable("the model gives no probabilities")
    if not np.isfinite(found.probabilities).all():
        raise Unable("some probabilities are not finite numbers")
    return found.probabilities


def _scores(found: Answers) -> Floats:
    _two_classes(found)
    if found.scores is None:
        raise Unable("the model gives neither probabilities nor decision values")
    return found.scores


def _two_classes(found: Answers) -> None:
    if not found.is_binary:
        raise Unable("it is a metric of two classes")
    if len(np.unique(found.truth)) < 2:
        raise Unable("the rows have one class only")


METRICS: dict[str, Metric] = {
    each.name: each
    for each in (
        Metric("accuracy", "classification", True, True, _right),
        Metric("balanced_accuracy", "classification", True, True, confusion.balanced),
        Metric("auc", "classification", True, True, _auc),
        Metric("average_precision", "classification", True, True, _average_precision),
        Metric("log_loss", "classification", False, False, _log_loss),
        Metric("brier", "classification", False, False, _brier),
        Metric("f1", "classification", True, True, confusion.f1),
        Metric("precision", "classification", True, True, confusion.precision),
        Metric("recall", "classification", True, True, confusion.recall),
        Metric("r2", "regression", True, True, _r2),
        Metric("rmse", "regression", False, False, _rmse),
        Metric("mse", "regression", False, False, _squares),
        Metric("mae", "regression", False, False, _mae),
    )
}

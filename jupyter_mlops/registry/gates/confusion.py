"""Metrics of hits, true rows and predicted rows of each class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.registry.gates.answers import Answers, Floats
    from jupyter_mlops.registry.gates.metrics import Statistic, Weights


def _confusion(
    found: Answers, figure: Callable[[Floats, Floats, Floats], Floats], *, macro: bool = False
) -> Statistic:
    """A figure of hits, true rows and predicted rows of a class: of the positive one of two, else the mean
    over classes that occur."""
    size = len(found.classes)
    truth, predicted = found.truth.astype(np.int64), found.predicted.astype(np.int64)
    hits = _sums(np.where(truth == predicted, truth, -1), size)
    real, said = _sums(truth, size), _sums(predicted, size)
    binary = found.is_binary and not macro

    def of(weights: Weights) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            each = figure(hits(weights), real(weights), said(weights))
            known = ~np.isnan(each)
            result: Floats = np.where(known, each, 0).sum(axis=1) / known.sum(axis=1)
        return np.nan_to_num(each[:, -1]) if binary else result

    return of


def _sums(codes: npt.NDArray[np.int64], size: int) -> Statistic:
    """Weights of rows by code (resamples × size); -1 counts nowhere."""
    order = np.argsort(codes, kind="stable")
    order = order[np.searchsorted(codes[order], 0) :]
    present, starts = np.unique(codes[order], return_index=True)

    def of(weights: Weights) -> Floats:
        sums = np.zeros((len(weights), size))
        if len(present):
            sums[:, present] = np.add.reduceat(weights[:, order], starts, axis=1)
        return sums

    return of


def f1(found: Answers) -> Statistic:
    """Of the positive class of two, or the mean over classes."""
    return _confusion(found, lambda hits, real, said: 2 * hits / (real + said))


def precision(found: Answers) -> Statistic:
    """A class that is never predicted has 0, as in scikit-learn; one that never occurs has none."""
    return _confusion(
        found,
        lambda hits, real, said: np.where(real + said > 0, np.where(said > 0, hits / said, 0.0), np.nan),
    )


def recall(found: Answers) -> Statistic:
    """A class that is only predicted has 0, as in scikit-learn."""
    return _confusion(
        found,
        lambda hits, real, said: np.where(real + said > 0, np.where(real > 0, hits / real, 0.0), np.nan),
    )


def balanced(found: Answers) -> Statistic:
    """The mean recall over the classes that there are."""
    return _confusion(found, lambda hits, real, _: hits / real, macro=True)

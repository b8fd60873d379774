"""How much of the answer one feature tells: by ranks, and by what its values mean in other rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jupyter_mlops.registry.gates.bootstrap import SEED
from jupyter_mlops.registry.gates.columns import MANY

if TYPE_CHECKING:
    from jupyter_mlops.registry.evidence import Task
    from jupyter_mlops.registry.gates.answers import Codes, Floats
    from jupyter_mlops.registry.gates.columns import Column

_BINS = 64


def is_copy(column: Column, truth: npt.NDArray[Any], task: Task) -> bool:
    """True if the column and the answer tell each other: equal, renamed, or in the same (or opposite) order.

    A missing value may stand for one answer. Numbers are compared with classes value by value.
    """
    if task == "regression":
        if column.numbers is None or not np.isfinite(column.numbers).all() or len(np.unique(truth)) < 3:
            return False
        ups, ours = _dense(column.numbers), _dense(truth)
        return bool((ups == ours).all() or (ups.max() - ups == ours).all())
    codes = _dense(column.numbers) if column.numbers is not None else column.codes
    if codes is None:
        return False
    values, answers = len(np.unique(codes)), len(np.unique(truth))
    if answers < 2 or values != answers:
        return False
    return len(np.unique((codes + 1) * (truth.max() + 2) + truth + 1)) == values


def score_alone(column: Column, truth: npt.NDArray[Any], task: Task, classes: int) -> float:
    """R², AUC (two classes) or accuracy of the answer told from this column only; 0 if it tells nothing.

    The larger one of ranks (which need no fitting) and of means by value or quantile, learnt in one half of
    the rows and measured in the other, so that an identifier tells nothing.
    """
    by_rank = _by_rank(column, truth, task, classes)
    codes = _binned(column)
    if codes is None:
        return by_rank
    half = np.random.default_rng(SEED).random(len(truth)) < 0.5
    if task == "classification" and classes > 2:
        return max(by_rank, _accuracy(codes, truth, half, classes))
    target = np.asarray(truth if task == "regression" else truth == 1, np.float64)
    return max(by_rank, _by_means(codes, target, half, task))


def _by_rank(column: Column, truth: npt.NDArray[Any], task: Task, classes: int) -> float:
    if column.numbers is None or (task == "classification" and classes > 2):
        return 0.0
    known = np.isfinite(column.numbers)
    if known.mean() < 0.5:
        return 0.0
    ranks = _ranks(column.numbers[known])
    if task == "classification":
        return _area(ranks, truth[known] == 1)
    return _squared_correlation(ranks, _ranks(np.asarray(truth[known], np.float64)))


def _by_means(codes: Codes, target: Floats, half: npt.NDArray[np.bool_], task: Task) -> float:
    size = int(codes.max()) + 1
    counts = np.bincount(codes[half], minlength=size)
    sums = np.bincount(codes[half], target[half], minlength=size)
    overall = float(target[half].mean()) if half.any() else 0.0
    told = np.where(counts > 0, sums / np.maximum(counts, 1), overall)[codes[~half]]
    real = target[~half]
    if task == "classification":
        return _area(_ranks(told), real == 1)
    spread = float(((real - real.mean()) ** 2).sum()) if len(real) else 0.0
    return max(0.0, 1 - float(((real - told) ** 2).sum()) / spread) if spread > 0 else 0.0


def _accuracy(codes: Codes, truth: npt.NDArray[Any], half: npt.NDArray[np.bool_], classes: int) -> float:
    """Of the most frequent answer of each value; 0 if it is not better than always the same answer."""
    size = int(codes.max()) + 1
    known = truth >= 0
    cells = np.bincount((codes * classes + truth)[half & known], minlength=size * classes)
    told = cells.reshape(size, classes).argmax(axis=1)[codes[~half & known]]
    real = truth[~half & known]
    if not len(real):
        return 0.0
    right, usual = float((told == real).mean()), np.bincount(real).max() / len(real)
    return right if right > usual else 0.0


def _binned(column: Column) -> Codes | None:
    """Rows by value, or by quantile of numbers; a missing value is one of its own."""
    if column.numbers is None:
        return None if column.codes is None or len(column.labels) > MANY else column.codes + 1
    known = np.isfinite(column.numbers)
    if not known.any():
        return None
    distinct = np.unique(column.numbers[known])
    if len(distinct) > _BINS:
        distinct = np.unique(np.quantile(column.numbers[known], np.linspace(0, 1, _BINS + 1)[1:-1]))
    return np.where(known, np.searchsorted(distinct, column.numbers) + 1, 0)


def _dense(values: Floats) -> Codes:
    """Ranks without gaps; missing values share the last one."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _ranks(values: Floats) -> Floats:
    """Mean ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse], np.float64)


def _area(ranks: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """AUC of mean ranks, whichever way round."""
    ups, downs = int(positive.sum()), int((~positive).sum())
    if not ups or not downs:
        return 0.0
    area = (float(ranks[positive].sum()) - ups * (ups + 1) / 2) / (ups * downs)
    return max(area, 1 - area)


def _squared_correlation(first: Floats, second: Floats) -> float:
    if len(first) < 3 or first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1] ** 2)

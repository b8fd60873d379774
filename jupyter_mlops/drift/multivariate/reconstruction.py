"""PCA reconstruction: do the current rows still lie where the reference's rows lie?

The principal components that hold 65 % of the variance of one half of the reference are what its columns have
in common. Rows of the other half and of the current frame are put together again from these components; the
length of what is missing is a row's error. Both are new to the components, so their errors are alike where
nothing changed. Then the halves change places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.multivariate.limits import Z
from jupyter_mlops.drift.multivariate.result import Finding
from jupyter_mlops.drift.multivariate.standardised import standardised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.multivariate.columns import Column, Floats

SHARE = 0.65


@dataclass(frozen=True)
class Errors:
    """Errors of rows that the components do not come from.

    Attributes:
        own: of the reference's other half, one a row.
        current: of the current rows.
        changes: growth of each column's part of the mean squared error; NaN where it does not vary.
    """

    own: Floats
    current: Floats
    changes: Floats


def reconstruct(columns: Sequence[Column], n: int, seed: int) -> Finding:
    """The mean error of the current rows, with the reference's own band and p (Welch's test, two-sided).

    Args:
        columns: the first `n` rows of each are the reference's.
        n: rows of the reference.
        seed: decides the halves.
    """
    half = np.random.default_rng(seed).permutation(n) % 2 == 0
    with import_module("threadpoolctl").threadpool_limits(1):
        halves = [_errors(columns, side) for side in (half, ~half)]
    first, second = halves
    if first is None or second is None:
        return Finding("PCA reconstruction", note="fewer than two columns vary in the reference")
    own = np.concatenate([first.own, second.own])
    current = (first.current + second.current) / 2
    expected, value = float(own.mean()), float(current.mean())
    deviation = math.sqrt(float(own.var()) / len(own) + float(current.var()) / len(current))
    return Finding(
        "PCA reconstruction",
        value=value,
        null_low=expected - Z * deviation,
        null_high=expected + Z * deviation,
        p_value=math.erfc(abs(value - expected) / max(deviation, 1e-12) / math.sqrt(2)),
        effect=abs(value - expected) / max(expected, 1e-12),
        details=_worst_first(columns, (first.changes + second.changes) / 2),
    )


def _errors(columns: Sequence[Column], learned: npt.NDArray[np.bool_]) -> Errors | None:
    """None if fewer than two columns vary in the rows of the reference that are `learned` from."""
    n, total = len(learned), len(columns[0].values)
    rows, owners = standardised(columns, np.r_[learned, np.zeros(total - n, dtype=bool)])
    if len(np.unique(owners)) < 2:
        return None
    known = rows[:n][learned]
    variances, directions = np.linalg.eigh(known.T @ known)
    held = np.cumsum(variances[::-1]) / variances.sum()
    # One direction is always left: with all of them there is no error to compare.
    kept = min(int(np.searchsorted(held, SHARE)) + 1, len(owners) - 1)
    components = directions[:, -kept:]
    squares = (rows - rows @ components @ components.T) ** 2
    own, current = squares[:n][~learned], squares[n:]
    changes = np.full(len(columns), np.nan)
    changes[np.unique(owners)] = 0.0
    np.add.at(changes, owners, current.mean(axis=0) - own.mean(axis=0))
    return Errors(np.sqrt(own.sum(axis=1)), np.sqrt(current.sum(axis=1)), changes)


def _worst_first(columns: Sequence[Column], changes: Floats) -> tuple[tuple[str, float], ...]:
    known = [at for at in np.argsort(-np.abs(changes), kind="stable") if np.isfinite(changes[at])]
    return tuple((columns[at].name, float(changes[at])) for at in known)

"""Correlations of normal scores: do two columns still go together as they did?

Values are replaced by the normal quantiles of their ranks in their own frame, so neither outliers nor a moved
or bent distribution of one column counts (van der Waerden 1952). The matrix alone is enough to compare: a
profile can keep it without any rows.
"""

from __future__ import annotations

import math
from importlib import import_module
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.multivariate.columns import numbers_of
from jupyter_mlops.drift.multivariate.limits import ALPHA, FEWEST_ROWS, TOO_FEW_ROWS, judged
from jupyter_mlops.drift.multivariate.result import Finding
from jupyter_mlops.drift.significance import adjust

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from jupyter_mlops.drift.multivariate.columns import Floats
    from jupyter_mlops.drift.multivariate.result import MultivariateTest

# So many rows must be expected in which neither column has its most frequent value: the correlation of two
# columns of zeros hangs on a handful of rows, and is anything but normally distributed.
EXPECTED_ROWS = 25
# A column with fewer values than this share of the rows is left out: it would make all pairs look uncertain.
PRESENT = 0.5
PAIRS_NAMED = 20


def normal_score_correlations(frame: pd.DataFrame) -> tuple[list[str], Floats, int]:
    """The correlations of the normal scores of all numeric columns.

    Each pair uses the rows where both are present. Columns that are constant, or missing in more than half of
    the rows, are left out.

    Returns:
        The columns' names as text, their correlations of shape (names, names), and the number of rows of the
        pair that has the fewest. A pair that varies in too few rows is NaN.
    """
    found = {str(name): numbers_of(side) for name, side in frame.items()}
    numbers = {name: values for name, values in found.items() if values is not None and correlates(values)}
    if not numbers:
        return [], np.empty((0, 0)), 0
    matrix, n = correlations_of(list(numbers.values()))
    return list(numbers), matrix, n


def compare_correlations(
    names: Sequence[str], ref_matrix: npt.ArrayLike, n: int, cur_matrix: npt.ArrayLike, m: int
) -> MultivariateTest:
    """Whether correlations differ, from two matrices of `normal_score_correlations` in the same order.

    Args:
        names: of the columns of both matrices.
        ref_matrix: the reference's correlations, shape (names, names).
        n: rows behind them.
        cur_matrix: the current correlations, shape (names, names).
        m: rows behind them.
    """
    change = correlation_change(names, np.asarray(ref_matrix, float), n, np.asarray(cur_matrix, float), m)
    return judged([change])[0]


def correlation_change(names: Sequence[str], reference: Floats, n: int, current: Floats, m: int) -> Finding:
    """The largest change of a correlation that is not chance, or the largest of all.

    p is two-sided, from the variance 1/(n - 1) + 1/(m - 1) that a difference of correlations has around 0,
    adjusted over all pairs (Benjamini–Hochberg). Fisher's z takes it as smaller the stronger a correlation
    is, which holds for normal distributions only: on halves of real tables z varied up to twice as much.
    """
    from scipy.stats import norm

    pairs = [
        (i, j)
        for i, j in combinations(range(len(names)), 2)
        if math.isfinite(reference[i, j]) and math.isfinite(current[i, j])
    ]
    if not pairs or min(n, m) < FEWEST_ROWS:
        reason = TOO_FEW_ROWS if pairs else "fewer than two numeric columns to correlate"
        return Finding("correlation", note=reason)
    first, second = (np.array(ends) for ends in zip(*pairs, strict=True))
    before, after = reference[first, second], current[first, second]
    deviation = math.sqrt(1 / (n - 1) + 1 / (m - 1))
    change = after - before
    p = np.array(adjust(list(2 * norm.sf(np.abs(change) / deviation))))
    order = np.lexsort((-np.abs(change), p >= ALPHA))
    worst = order[0]
    return Finding(
        "correlation",
        value=float(abs(change[worst])),
        null_low=0.0,
        null_high=min(2.0, float(norm.isf(0.025 / len(pairs))) * deviation),
        p_value=float(p[worst]),
        effect=float(abs(change[worst])),
        details=tuple(
            (f"{names[first[at]]} × {names[second[at]]}", float(change[at])) for at in order[:PAIRS_NAMED]
        ),
        note=f"{len(pairs):,} {'pair' if len(pairs) == 1 else 'pairs'}",
    )


def correlates(values: Floats) -> bool:
    """Whether a column varies and is present in enough rows to have correlations worth comparing."""
    known = values[~np.isnan(values)]
    return len(known) >= PRESENT * len(values) and len(known) > 0 and bool((known != known[0]).any())


def correlations_of(columns: Sequence[Floats]) -> tuple[Floats, int]:
    """Correlations of normal scores, each from the rows where both are present, and the fewest such rows."""
    scores = np.column_stack([_normal_scores(values) for values in columns])
    known = (~np.isnan(scores)).astype(np.float64)
    scores = np.nan_to_num(scores)
    with import_module("threadpoolctl").threadpool_limits(1):
        rows = known.T @ known
        products, sums, squares = scores.T @ scores, scores.T @ known, (scores**2).T @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = products / rows - (sums / rows) * (sums / rows).T
        variance = squares / rows - (sums / rows) ** 2
        matrix = covariance / np.sqrt(variance * variance.T)
    apart = np.array([_share_apart(values) for values in columns])
    matrix[rows * np.outer(apart, apart) < EXPECTED_ROWS] = np.nan
    return np.clip(matrix, -1, 1), int(rows.min())


def _share_apart(values: Floats) -> float:
    """The share of known values that are not the most frequent one."""
    _, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return 1 - int(counts.max()) / int(counts.sum())


def _normal_scores(values: Floats) -> Floats:
    """Normal quantiles of the ranks, rank / (known + 1), equal values sharing their mean rank."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    scores = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    scores[known] = ndtri(rankdata(values[known]) / (known.sum() + 1))
    return scores

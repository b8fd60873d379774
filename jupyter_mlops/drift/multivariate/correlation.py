"""Correlations of normal scores: do two columns still go together as they did?

Values are replaced by the normal quantiles of their ranks in their own frame, so neither outliers nor a moved
or bent distribution of one column counts (van der Waerden 1952). The matrix alone is enough to compare: a
profile can keep it without any rows.
"""

from __future__ import annotations

from importlib import import_module
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
# A column with fewer values than this share of the rows is left out: a profile keeps one number of rows for
# all pairs, the fewest, and such a column would make all of them look uncertain.
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
    matrix, rows = correlations_of(list(numbers.values()))
    return list(numbers), matrix, int(rows[np.isfinite(matrix)].min(initial=len(frame)))


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


def correlation_change(
    names: Sequence[str], reference: Floats, n: int | Floats, current: Floats, m: int | Floats
) -> Finding:
    """The largest change of a correlation that is not chance, or the largest of all.

    p is two-sided, from the variance 1/(n - 1) + 1/(m - 1) that a difference of correlations has around 0,
    adjusted over all pairs (Benjamini–Hochberg). Fisher's z takes it as smaller the stronger a correlation
    is, which holds for normal distributions only: on halves of real tables z varied up to twice as much.

    Args:
        n: rows behind the reference's correlations, of all together or of each pair.
        m: rows behind the current ones.
    """
    from scipy.stats import norm

    first, second = np.triu_indices(len(names), 1)
    before, after = reference[first, second], current[first, second]
    ns, ms = (np.broadcast_to(rows, reference.shape)[first, second] for rows in (n, m))
    both = np.isfinite(before) & np.isfinite(after)
    told = both & (np.minimum(ns, ms) >= FEWEST_ROWS)
    if not told.any():
        reason = TOO_FEW_ROWS if both.any() else "fewer than two numeric columns to correlate"
        return Finding("correlation", note=reason)
    first, second, change = first[told], second[told], (after - before)[told]
    deviation = np.sqrt(1 / (ns[told] - 1) + 1 / (ms[told] - 1))
    p = np.array(adjust(list(2 * norm.sf(np.abs(change) / deviation))))
    order = np.lexsort((-np.abs(change), p >= ALPHA))
    worst = order[0]
    value = float(abs(change[worst]))
    return Finding(
        "correlation",
        value=value,
        null_low=0.0,
        null_high=min(2.0, float(norm.isf(0.025 / len(p)) * deviation.max())),
        p_value=float(p[worst]),
        effect=value,
        details=tuple(
            (f"{names[first[at]]} × {names[second[at]]}", float(change[at])) for at in order[:PAIRS_NAMED]
        ),
        note=f"{len(p):,} {'pair' if len(p) == 1 else 'pairs'}",
    )


def correlates(values: Floats) -> bool:
    """Whether a column varies and is present in enough rows to have correlations worth comparing."""
    known = values[~np.isnan(values)]
    return len(known) >= PRESENT * len(values) and len(known) > 0 and bool((known != known[0]).any())


def correlations_of(columns: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Correlations of normal scores, each from the rows where both are present, and how many these are."""
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
    return np.clip(matrix, -1, 1), rows


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

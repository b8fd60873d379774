"""Numbers, times and durations: all statistics from two summaries."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.bins import decile_cuts
from jupyter_mlops.drift.distances import jensen_shannon, ks_null, psi
from jupyter_mlops.drift.findings import Evidence, Values
from jupyter_mlops.drift.histogram import MAX_CATEGORIES, Histogram, bars_of, bins_of
from jupyter_mlops.drift.significance import ks_p

if TYPE_CHECKING:
    from jupyter_mlops.drift.distances import Floats
    from jupyter_mlops.drift.profile.ordered import Ordered


def compare_ordered(reference: Ordered, current: Ordered, *, times: bool = False) -> Values:
    """KS distance and its p, PSI, Jensen–Shannon, Wasserstein, and a picture."""
    n, m = reference.n, current.n
    if n == 0 and m == 0:
        return Values()
    picture = _picture(reference, current, times=times)
    if n == 0 or m == 0:
        return Values(histogram=picture)
    # Equal ones do no harm, and dropping them takes longer than all that follows.
    points = np.sort(np.concatenate((_corners(reference), _corners(current))))
    # With ties the two functions differ on either side of a value.
    before = reference.counts_below(points) / n - current.counts_below(points) / m
    after = reference.counts_upto(points) / n - current.counts_upto(points) / m
    distance = float(max(np.abs(before).max(), np.abs(after).max()))
    evidence = Evidence("distribution", distance, "KS D", ks_null(n, m), distance, ks_p(distance, n, m), n, m)
    cuts = decile_cuts(reference)
    bins = [side.counts_between(cuts, "upto") for side in (reference, current)]
    return Values(
        (evidence,),
        psi=psi(*bins),
        js=jensen_shannon(*bins),
        wasserstein=_wasserstein(points, after[:-1], before[1:], reference),
        histogram=picture,
    )


def _corners(side: Ordered) -> Floats:
    """Where its distribution function bends."""
    return np.concatenate(([side.minimum], side.knots, [side.maximum]))


def _wasserstein(points: Floats, left: Floats, right: Floats, reference: Ordered) -> float:
    """∫ |F - G| dx over the reference's standard deviation; NaN when that is 0 or not finite.

    F - G runs straight from `left` to `right` in each stretch between two points.
    """
    scale = reference.sd
    with np.errstate(over="ignore", invalid="ignore"):
        a, b = np.abs(left), np.abs(right)
        crossing = left * right < 0
        mean = np.where(crossing, (a**2 + b**2) / np.maximum(2 * (a + b), 1e-300), (a + b) / 2)
        area = float((mean * (points[1:] - points[:-1])).sum())
    if not (math.isfinite(scale) and math.isfinite(area)) or scale <= abs(reference.minimum) * 1e-12:
        return math.nan
    return area / scale


def _picture(reference: Ordered, current: Ordered, *, times: bool) -> Histogram:
    """A bar per value when there are few values, else bins."""
    few = all(side.distinct == len(side.knots) <= MAX_CATEGORIES for side in (reference, current))
    values = np.union1d(reference.knots, current.knots) if few else reference.knots
    if times or not few or len(values) > MAX_CATEGORIES:
        return bins_of(reference, current, times=times)
    counts = [
        np.rint(side.counts_upto(values) - side.counts_below(values)).astype(np.int64)
        for side in (reference, current)
    ]
    return bars_of([f"{value:g}" for value in values], *counts)

"""Numbers, times and durations: sort once, derive everything."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.bins import counts_per_bin, decile_cuts
from jupyter_mlops.drift.distances import Floats, jensen_shannon, ks_null, psi
from jupyter_mlops.drift.findings import Evidence, Values
from jupyter_mlops.drift.histogram import MAX_CATEGORIES, Histogram, bars_of, bins_of
from jupyter_mlops.drift.proportions import share_change
from jupyter_mlops.drift.significance import ks_p

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.drift.significance import Counts


def compare_numbers(reference: pd.Series, current: pd.Series) -> Values:
    """Numbers of any dtype; infinite ones are counted apart, the finite ones compared."""
    ref, cur = (side.to_numpy(dtype=np.float64) for side in (reference, current))
    ref_finite, cur_finite = np.isfinite(ref), np.isfinite(cur)
    infinite = share_change("infinite", ~ref_finite, ~cur_finite)
    values = _compare(np.sort(ref[ref_finite]), np.sort(cur[cur_finite]))
    return Values(
        (*values.evidence, *infinite), values.psi, values.js, values.wasserstein, histogram=values.histogram
    )


def compare_times(reference: pd.Series, current: pd.Series) -> Values:
    """Points in time, all with a zone or none; dates and periods count from their start."""
    return _compare(np.sort(microseconds(reference)), np.sort(microseconds(current)), times=True)


def compare_durations(reference: pd.Series, current: pd.Series) -> Values:
    """Time differences, in seconds."""
    import pandas as pd

    def seconds(side: pd.Series) -> Floats:
        return np.sort(pd.to_timedelta(side).dt.total_seconds().to_numpy(dtype=np.float64))

    return _compare(seconds(reference), seconds(current))


def _compare(reference: Floats, current: Floats, *, times: bool = False) -> Values:
    n, m = len(reference), len(current)
    if n == 0 and m == 0:
        return Values()
    merged = np.concatenate([reference, current])
    # Two sorted runs: a stable sort only merges them.
    order = np.argsort(merged, kind="stable")
    merged = merged[order]
    last = np.append(merged[1:] != merged[:-1], True)
    below = np.cumsum(order < n, dtype=np.int64)
    histogram = _picture(merged, last, below, reference, current, times=times)
    if n == 0 or m == 0:
        return Values(histogram=histogram)
    gap = np.abs(below / n - (np.arange(1, n + m + 1) - below) / m)
    # With ties the two distribution functions may be compared only after the last equal value.
    distance = float(gap[last].max())
    evidence = Evidence("distribution", distance, "KS D", ks_null(n, m), distance, ks_p(distance, n, m), n, m)
    cuts = decile_cuts(reference)
    ref_bins, cur_bins = counts_per_bin(reference, cuts), counts_per_bin(current, cuts)
    return Values(
        (evidence,),
        psi=psi(ref_bins, cur_bins),
        js=jensen_shannon(ref_bins, cur_bins),
        wasserstein=_wasserstein(merged, gap, reference),
        histogram=histogram,
    )


def _wasserstein(merged: Floats, gap: Floats, reference: Floats) -> float:
    """∫ |F - G| dx over the reference's standard deviation; NaN when that is 0 or not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        scale = float(reference.std())
        area = float((gap[:-1] * np.diff(merged)).sum())
    if not (math.isfinite(scale) and math.isfinite(area)) or scale <= abs(float(reference[0])) * 1e-12:
        return math.nan
    return area / scale


def _picture(
    merged: Floats,
    last: npt.NDArray[np.bool_],
    below: Counts,
    reference: Floats,
    current: Floats,
    *,
    times: bool,
) -> Histogram:
    """A bar per value when there are few values, else bins."""
    if times or int(last.sum()) > MAX_CATEGORIES:
        return bins_of(reference, current, times=times)
    ends = np.flatnonzero(last)
    ref = np.diff(np.r_[0, below[ends]])
    cur = np.diff(np.r_[0, ends + 1]) - ref
    return bars_of([f"{value:g}" for value in merged[ends]], ref, cur)


def microseconds(side: pd.Series) -> Floats:
    """Points in time as microseconds since 1970, in UTC where they have a zone; periods from their start."""
    import pandas as pd

    if isinstance(side.dtype, pd.PeriodDtype):
        side = side.dt.start_time
    moments = pd.to_datetime(side)
    if moments.dt.tz is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    return moments.to_numpy().astype("datetime64[us]").astype(np.int64).astype(np.float64)

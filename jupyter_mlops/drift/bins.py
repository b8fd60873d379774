"""The bins that ordered values are counted in: deciles of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jupyter_mlops.drift.distances import Floats
    from jupyter_mlops.drift.significance import Counts

BINS = 10


def decile_cuts(reference: Floats) -> Floats:
    """The inner edges of the decile bins of a sorted array, interpolated linearly; none for an empty one.

    A bin holds its upper edge. Equal edges count once; a constant reference has a bin of its own.
    """
    if len(reference) == 0:
        return np.empty(0)
    place = np.arange(1, BINS) / BINS * (len(reference) - 1)
    left = place.astype(np.int64)
    part = place - left
    right = np.minimum(left + 1, len(reference) - 1)
    low, high = reference[left], reference[right]
    # A weighted mean of equal numbers need not be that number.
    cuts = np.unique(np.where(low == high, low, low * (1 - part) + high * part))
    return cuts if len(cuts) > 1 else np.r_[np.nextafter(cuts, -np.inf), cuts]


def counts_per_bin(side: Floats, cuts: Floats) -> Counts:
    """How many values of a sorted array are in each bin; shape (cuts + 1,)."""
    return np.diff(np.searchsorted(side, cuts, side="right"), prepend=0, append=len(side))

"""Quantiles of many values, and how many values lie below each, without sorting them.

A full sort is the dearest step of a profile: on some processors NumPy's takes 50 ms per million numbers.
Only 1,025 of them are needed. The values are counted in 65,536 equal cells, and only the cells that hold one
of the wanted places are sorted; the result is exactly that of a full sort.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jupyter_mlops.drift.distances import Floats
    from jupyter_mlops.drift.significance import Counts

CELLS = 1 << 16
SAMPLE = 16_384
LEAST = 8 * SAMPLE
"""Of fewer values a sort is as quick."""
AT_ONCE = 8 * SAMPLE
"""So many are placed in one go: their numbers stay in the processor's cache."""
TAIL = 512
"""One of so many values lies beyond the cells at each end, in the outermost one."""


def quantile_knots(values: Floats, most: int, places: int) -> tuple[Floats, Counts, Counts] | None:
    """The values at `places` equal steps through the sorted `values`, and counts below and up to each.

    Args:
        values: finite, in any order.
        most: so many distinct values are to be told one by one instead.
        places: how many quantiles; equal ones count once.

    Returns:
        Knots, ascending, counts below them, and counts up to them; or None where that is not the way: few
        values, maybe at most `most` distinct ones, or a range that has no cells.
    """
    n = len(values)
    if n < LEAST:
        return None
    sample = np.sort(values[:: n // SAMPLE])
    if int(np.count_nonzero(sample[1:] != sample[:-1])) < most:
        return None
    low, high = sample[len(sample) // TAIL], sample[-1 - len(sample) // TAIL]
    with np.errstate(over="ignore", divide="ignore"):
        scale = (CELLS - 2) / (high - low)
    if not (np.isfinite(scale) and scale > 0):
        return None
    cells, counts = np.empty(n, dtype=np.uint16), np.zeros(CELLS, dtype=np.int64)
    for start in range(0, n, AT_ONCE):
        with np.errstate(over="ignore"):  # beyond the range of numbers is beyond the cells
            inside = values[start : start + AT_ONCE] - low
            inside *= scale
        inside += 1.0
        some = np.clip(inside, 0, CELLS - 1, out=inside).astype(np.int64)
        counts += np.bincount(some, minlength=CELLS)
        cells[start : start + AT_ONCE] = some
    ends = np.cumsum(counts)
    ranks = np.linspace(0, n - 1, places).round().astype(np.int64)
    held = np.unique(np.searchsorted(ends, ranks, side="right"))
    wanted = np.zeros(CELLS, dtype=bool)
    wanted[held] = True
    part = np.sort(values[wanted[cells]])
    # How far places in the part are from places among all values, cell by cell.
    starts = np.cumsum(counts[held]) - counts[held]
    before = ends[held] - counts[held] - starts
    cell = np.searchsorted(ends[held], ranks, side="right")
    knots = np.unique(part[ranks - before[cell]])
    below, upto = (np.searchsorted(part, knots, side=side) for side in ("left", "right"))
    cell = np.searchsorted(starts, below, side="right") - 1
    return knots, below + before[cell], upto + before[cell]

"""How many rows may break an expectation that a finite reference gave, before it is more than chance.

This file also goes, as text, into the modules that are written for pandera: one rule, the same verdicts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

CHANCE = 1e-4
"""A count that is less likely than this is not put down to chance."""
SURE = 3.0902
"""99.9 % of a normal distribution lie below so many standard deviations."""
HARD_END = 30
"""An end of the range that so many rows share is a limit: a tail that goes on would have shown."""
FAR = 10
"""Further beyond an end than so many widths of the whole range, one row is enough."""


def rows_by_chance(reference: int, rows: int) -> int:
    """How many of `rows` may lie beyond an end of `reference` rows of the same distribution.

    That the j most extreme of all rows are all among the new ones has a probability of at most
    (m / (n + m))^j, whatever the distribution (Gumbel and von Schelling 1950).
    """
    if reference == 0 or rows == 0:
        return rows
    return min(rows, int(math.log(CHANCE) / math.log(rows / (reference + rows))))


def rows_of_share(share: float, rows: int) -> int:
    """The 99.9 % quantile of a binomial count, or little more (Cornish and Fisher 1938, without its -1/2)."""
    if share <= 0:
        return 0
    skew = (SURE**2 - 1) * (1 - 2 * share) / 6
    most = rows * share + SURE * math.sqrt(rows * share * (1 - share)) + skew
    return min(rows, math.floor(most))


def range_verdict(
    values: npt.NDArray[np.float64], low: float, high: float, at_low: int, at_high: int, reference: int
) -> Literal["pass", "warn", "fail"]:
    """The verdict on finite values; "warn" where a few lie beyond an end as chance lets them.

    Args:
        values: float64 in any order.
        low: the smallest value of the reference.
        high: its largest value.
        at_low: how many of its rows have the smallest value.
        at_high: how many have the largest.
        reference: how many rows with a value it has.
    """
    below, above = values[values < low], values[values > high]
    verdict: Literal["pass", "warn", "fail"] = "pass"
    for beyond, end, at_end in ((below, low, at_low), (above, high, at_high)):
        if len(beyond) == 0:
            continue
        with np.errstate(over="ignore"):
            far = bool(np.abs(beyond - end).max() > FAR * (high - low))
        if far or at_end >= HARD_END or len(beyond) > rows_by_chance(reference, len(values)):
            return "fail"
        verdict = "warn"
    return verdict

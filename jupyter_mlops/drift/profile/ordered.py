"""Numbers, times and durations as a distribution function known at some points: knots.

At a knot two counts are known exactly: of values below it, and of values up to it, so ties are kept. Between
two knots the function runs straight. Up to 4,096 distinct values all of them are knots, and every statistic
is exact; beyond, the knots are 1,025 quantiles, and 257 in a file. Summaries with the same knots are merged
by adding: windows, replicas, days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.profile.grid import quantile_knots

if TYPE_CHECKING:
    from jupyter_mlops.drift.distances import Floats
    from jupyter_mlops.drift.significance import Counts

ALL_KNOTS = 4096
"""So many distinct values are kept as they are while a profile is in memory."""
GRID = 1025
"""So many quantiles are kept of more values than that."""
STORED = 257
"""So many knots go into a file."""


@dataclass(frozen=True, eq=False)
class Ordered:
    """A summary of finite values.

    Attributes:
        knots: float64, ascending, each once; shape (k,). Times are microseconds since 1970, durations
            seconds.
        below: how many values are smaller than each knot; int64, shape (k,).
        upto: how many are smaller or equal.
        n: how many values there are.
        minimum: the smallest value; NaN when there is none. Values below the first knot, which only other
            bins than one's own leave, are taken to lie evenly between the two.
        maximum: the largest value.
        mean: of the values.
        squares: the sum of squared distances from the mean.
        unit: 1.0 if all are whole numbers, a day for times that are all at midnight, else 0.0.
        distinct: how many different values there are; None when that was not counted.
    """

    knots: Floats
    below: Counts
    upto: Counts
    n: int
    minimum: float
    maximum: float
    mean: float
    squares: float
    unit: float
    distinct: int | None

    @property
    def sd(self) -> float:
        """The standard deviation (over n), NaN for none."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return float(np.sqrt(np.float64(self.squares) / self.n)) if self.n else float("nan")

    def counts_below(self, points: Floats) -> Floats:
        """How many values are smaller than each of the `points`; between knots by a straight line."""
        values, counts = self._steps
        # Looked at from the other side, the step at a value lies behind it.
        return np.interp(-points, -values[::-1], counts[::-1])

    def counts_upto(self, points: Floats) -> Floats:
        """How many values are smaller than or equal to each of the `points`."""
        return np.interp(points, *self._steps)

    def counts_between(self, cuts: Floats, side: Literal["below", "upto"]) -> Floats:
        """How many values lie in each of the bins that `cuts` makes.

        Shape (cuts + 1,). "below" counts a value at a cut to the bin above it, "upto" to the one below.
        """
        ends = np.empty(len(cuts) + 2)
        ends[0], ends[-1] = 0, self.n
        ends[1:-1] = self.counts_below(cuts) if side == "below" else self.counts_upto(cuts)
        return ends[1:] - ends[:-1]

    def quantiles(self, shares: Floats) -> Floats:
        """The values at `shares` of the way through the sorted values, interpolated linearly.

        As NumPy's "linear" method, exactly so where all distinct values are knots.
        """
        values, counts = self._steps
        places = counts.copy()
        places[2:-1:2] = np.maximum(counts[2:-1:2] - 1, counts[1:-2:2])
        places[-1] -= 1
        return np.interp(np.asarray(shares) * (self.n - 1), places, values)

    def counted_anew(self, values: Floats) -> Ordered:
        """Sorted finite values counted at these knots, so that the two and other windows can be added."""
        return replace(
            _moments(values, self.unit),
            knots=self.knots,
            below=np.searchsorted(values, self.knots, side="left"),
            upto=np.searchsorted(values, self.knots, side="right"),
        )

    def merged(self, other: Ordered) -> Ordered:
        """Both together: exact with the same knots, else read off both at the knots of either."""
        if other.n == 0 or self.n == 0:
            return self if other.n == 0 else other
        n = self.n + other.n
        apart = other.mean - self.mean
        if np.array_equal(self.knots, other.knots):
            knots, below, upto = self.knots, self.below + other.below, self.upto + other.upto
        else:
            knots = np.union1d(self.knots, other.knots)
            below, upto = (
                np.rint(of(self, knots) + of(other, knots)).astype(np.int64)
                for of in (Ordered.counts_below, Ordered.counts_upto)
            )
        every_value = self.distinct == len(self.knots) and other.distinct == len(other.knots)
        together = Ordered(
            knots,
            below,
            upto,
            n,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            self.mean + apart * other.n / n,
            self.squares + other.squares + apart**2 * self.n * other.n / n,
            min(self.unit, other.unit),
            len(knots) if every_value else None,
        )
        return together if len(knots) <= ALL_KNOTS else together.thinned(GRID)

    def thinned(self, most: int) -> Ordered:
        """At most `most` knots: those where the function passes equal steps."""
        if len(self.knots) <= most:
            return self
        steps = np.linspace(0, self.n - 1, most)
        keep = np.unique(np.minimum(np.searchsorted(self.upto, steps, side="right"), len(self.knots) - 1))
        return replace(self, knots=self.knots[keep], below=self.below[keep], upto=self.upto[keep])

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON, thinned to what is stored; a mean or sum beyond float64 is None."""
        thin = self.thinned(STORED)
        return {
            "n": self.n,
            "knots": thin.knots.tolist(),
            "below": thin.below.tolist(),
            "upto": thin.upto.tolist(),
            "minimum": _or_none(self.minimum),
            "maximum": _or_none(self.maximum),
            "mean": _or_none(self.mean),
            "squares": _or_none(self.squares),
            "unit": self.unit,
            "distinct": self.distinct,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Ordered:
        """What `to_dict` gave."""
        nan = float("nan")
        numbers = {
            key: nan if data[key] is None else float(data[key])
            for key in ("minimum", "maximum", "mean", "squares")
        }
        return cls(
            knots=np.array(data["knots"], dtype=np.float64),
            below=np.array(data["below"], dtype=np.int64),
            upto=np.array(data["upto"], dtype=np.int64),
            n=int(data["n"]),
            unit=float(data["unit"]),
            distinct=data["distinct"],
            **numbers,
        )

    @cached_property
    def _steps(self) -> tuple[Floats, Floats]:
        """Corners of the distribution function: at each knot a step, and the extremes at its ends."""
        if self.n == 0:
            return np.zeros(2), np.zeros(2)
        values = np.concatenate(([self.minimum], np.repeat(self.knots, 2), [self.maximum]))
        counts = np.concatenate(([0], np.stack([self.below, self.upto], 1).ravel(), [self.n]))
        return values, counts.astype(np.float64)


def summary_of(values: Floats, *, day: float = 0.0) -> Ordered:
    """The summary of finite values in any order; `day` is the unit that times may all be whole in.

    Integers beyond 2**53 count as the nearest float64, as everywhere in NumPy.
    """
    quick = quantile_knots(values, ALL_KNOTS, GRID)
    if quick is not None:
        knots, below, upto = quick
        return replace(_moments(values, _unit(values, day)), knots=knots, below=below, upto=upto)
    values = np.sort(values)  # first: a mean depends on the order in its last digit
    found = _moments(values, _unit(values, day))
    if len(values) == 0:
        return found
    new = np.empty(len(values), dtype=bool)
    new[0] = True
    np.not_equal(values[1:], values[:-1], out=new[1:])
    distinct = int(np.count_nonzero(new))
    if distinct <= ALL_KNOTS:
        first = np.flatnonzero(new)
        knots, below, upto = values[first], first, np.append(first[1:], len(values))
    else:
        knots = np.unique(values[np.linspace(0, len(values) - 1, GRID).round().astype(np.int64)])
        below, upto = (np.searchsorted(values, knots, side=side) for side in ("left", "right"))
    return replace(found, knots=knots, below=below, upto=upto, distinct=distinct)


def of_counts(values: npt.ArrayLike, counts: npt.ArrayLike) -> Ordered:
    """The summary of distinct `values`, each as often as `counts` says."""
    numbers, times = np.asarray(values, dtype=np.float64), np.asarray(counts, dtype=np.int64)
    order = np.argsort(numbers)
    numbers, times = numbers[order][times[order] > 0], times[order][times[order] > 0]
    n = int(times.sum())
    if n == 0:
        return summary_of(np.empty(0))
    upto = np.cumsum(times)
    mean = float((numbers * times).sum() / n)
    squares = float((times * (numbers - mean) ** 2).sum())
    low, high = float(numbers[0]), float(numbers[-1])
    return Ordered(
        numbers, upto - times, upto, n, low, high, mean, squares, _unit(numbers, 0.0), len(numbers)
    )


def _moments(values: Floats, unit: float) -> Ordered:
    """A summary of values in any order that has no knots yet."""
    nan, none = float("nan"), np.empty(0, dtype=np.int64)
    if len(values) == 0:
        return Ordered(np.empty(0), none, none, 0, nan, nan, nan, nan, unit, 0)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(values.mean())
        apart = values - mean
        squares = float(apart @ apart)
    low, high = float(values.min()), float(values.max())
    if low == high:  # the mean of equal numbers need not be that number
        mean, squares = low, 0.0
    return Ordered(np.empty(0), none, none, len(values), low, high, mean, squares, unit, None)


def _unit(values: Floats, day: float) -> float:
    for some in (values[:1000], values):  # most columns say so in their first thousand rows
        whole = some % day == 0 if day else np.floor(some) == some
        if not whole.all():
            return 0.0
    return day or 1.0


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None

"""Live values, counted in the bins of the reference: whole numbers that add up over replicas and days."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from .psi import psi
from .reference import Categories, Ordered, Profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema import Column
    from .gathered import Gathered

    Counts = np.ndarray[Any, Any]


class Recent:
    """The part of growing counts that came after the last mark but one."""

    def __init__(self, cells: int) -> None:
        self._marks = (np.zeros(cells, dtype=np.int64),) * 2

    def mark(self, counts: Counts) -> None:
        """From now on counts are newer than these."""
        self._marks = (self._marks[1], counts)

    def of(self, counts: Counts) -> Counts:
        """What is newer than the last mark but one."""
        return np.asarray(counts - self._marks[0])


class OrderedCounts:
    """Numbers or times per bin.

    Attributes:
        counts: per bin of the reference; values that are not finite are in none.
        missing: rows without a value.
        out_of_range: values below or above all that training saw, infinite ones too.
        unseen: always 0: numbers have a range instead.
    """

    unseen = 0

    def __init__(self, reference: Ordered) -> None:
        self.reference = reference
        self.counts = np.zeros(len(reference.cuts) + 1, dtype=np.int64)
        self.missing = 0
        self.out_of_range = 0
        self._recent = Recent(len(self.counts))

    def add(self, values: np.ndarray[Any, Any]) -> None:
        """Count float64 values, NaN where missing."""
        is_finite = np.isfinite(values)
        finite = values if is_finite.all() else values[is_finite]
        if len(finite) != len(values):
            missing = int(np.isnan(values).sum())
            self.missing += missing
            self.out_of_range += len(values) - len(finite) - missing
        places = np.searchsorted(self.reference.cuts, finite, side="left")
        # A new array, not an addition in place: /metrics may be reading the old one.
        self.counts = self.counts + np.bincount(places, minlength=len(self.counts))
        if self.reference.low is not None and self.reference.high is not None and len(finite):
            low, high = self.reference.low, self.reference.high
            if finite.min() < low or finite.max() > high:
                self.out_of_range += int(np.count_nonzero((finite < low) | (finite > high)))

    def describe(self) -> dict[str, Any]:
        """For ``/drift``."""
        reference = self.reference
        return {
            "cuts": reference.cuts.tolist(),
            "minimum": reference.low,
            "maximum": reference.high,
            "reference": {"counts": reference.counts.tolist(), "missing": reference.missing},
            "live": {
                "counts": self.counts.tolist(),
                "missing": self.missing,
                "out_of_range": self.out_of_range,
            },
            "psi": psi(reference.counts, self.counts),
            "recent_psi": self.psi(),
        }

    def mark(self) -> None:
        """Begin another stretch of time."""
        self._recent.mark(self.counts)

    def psi(self) -> float | None:
        """The distance of recent values from the reference; None while there are none."""
        return psi(*self.recent())

    def recent(self) -> tuple[Counts, Counts]:
        """Training's counts and those of recent values, in the same bins."""
        return self.reference.counts, self._recent.of(self.counts)

    def all_values(self) -> int:
        """How many values came since the server started, infinite ones not counted."""
        return int(self.counts.sum())


class CategoryCounts:
    """Values per category.

    Attributes:
        counts: per category of the reference.
        others: values that the reference does not name.
        missing: rows without a value.
        unseen: values that training never saw; 0 where the reference does not name all that it saw.
        out_of_range: always 0.
    """

    out_of_range = 0

    def __init__(self, reference: Categories) -> None:
        self.reference = reference
        self.counts = np.zeros(len(reference.names), dtype=np.int64)
        self.others = 0
        self.missing = 0
        self._cells_of_reference = np.append(reference.counts, reference.others)
        self._recent = Recent(len(self._cells_of_reference))
        self._places = {name: place for place, name in enumerate(reference.names)}

    @property
    def unseen(self) -> int:
        """How many values training never saw."""
        return self.others if self.reference.names and not self.reference.others else 0

    def add(self, values: list[Any], spelled: Callable[[Any], Any] | None = None) -> None:
        """Count values, None where missing; ``spelled`` turns each distinct one into the reference's name."""
        counted = Counter(values)
        self.missing += counted.pop(None, 0)
        counts = self.counts.copy()
        for value, times in counted.items():
            place = self._places.get(spelled(value) if spelled else value)
            if place is None:
                self.others += times
            else:
                counts[place] += times
        self.counts = counts

    def describe(self) -> dict[str, Any]:
        """For ``/drift``: only categories of the reference are named, never a client's."""
        reference = self.reference
        return {
            "categories": list(reference.names),
            "reference": {
                "counts": reference.counts.tolist(),
                "others": reference.others,
                "missing": reference.missing,
            },
            "live": {
                "counts": self.counts.tolist(),
                "others": self.others,
                "missing": self.missing,
                "unseen": self.unseen,
            },
            "psi": psi(self._cells_of_reference, self._cells()),
            "recent_psi": self.psi(),
        }

    def mark(self) -> None:
        """Begin another stretch of time."""
        self._recent.mark(self._cells())

    def psi(self) -> float | None:
        """The distance of recent values from the reference; None while there are none."""
        return psi(*self.recent())

    def recent(self) -> tuple[Counts, Counts]:
        """Training's counts and those of recent values, in the same categories."""
        return self._cells_of_reference, self._recent.of(self._cells())

    def all_values(self) -> int:
        """How many values came since the server started."""
        return int(self.counts.sum()) + self.others

    def _cells(self) -> Counts:
        """All values that the reference does not name are one category."""
        return np.append(self.counts, self.others)


Live = OrderedCounts | CategoryCounts


def counts_for(reference: Profile) -> Live:
    """Empty counts in the reference's bins."""
    return OrderedCounts(reference) if isinstance(reference, Ordered) else CategoryCounts(reference)


def unknown(column: Column) -> Profile:
    """A reference that knows nothing, for bundles without one: only missing values are counted then."""
    if column.type in {"string", "boolean"}:
        return Categories((), np.zeros(0, dtype=np.int64), 0, 0)
    return Ordered(np.empty(0), np.zeros(1, dtype=np.int64), None, None, 0)


def add_column(live: Live, rows: Gathered, index: int) -> None:
    """Count one column of some requests."""
    if isinstance(live, OrderedCounts):
        live.add(rows.floats(index))
    else:
        values = rows.values(index)
        live.add(values if isinstance(values, list) else values.tolist())

"""The small picture of one column: shares per bin or category, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.profile.ordered import Ordered

MAX_BINS = 30
MAX_CATEGORIES = 20
LABEL_LENGTH = 60
DAY = 86_400e6  # microseconds
LARGEST_WHOLE = 2.0**53

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Histogram:
    """Shares of the present values of one column on both sides.

    Attributes:
        axis: "number" (edges are numbers), "time" (edges are ISO times), or "category" (labels).
        edges: one more than there are bins; empty for categories. The two outer bins also hold what lies
            beyond them, so that a long tail does not flatten the picture.
        labels: categories, the last one may stand for all others; empty for bins.
        reference: share of the reference per bin or category.
        current: share of the current frame per bin or category.
        partial: True where there are too many values to show: "new values" come first, on the reference's
            side the share that Good–Turing lets expect, then the known values that moved most. The shares
            do not add up to 1.
    """

    axis: Literal["number", "time", "category"]
    edges: tuple[float | str, ...]
    labels: tuple[str, ...]
    reference: tuple[float, ...]
    current: tuple[float, ...]
    partial: bool = False

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dictionary."""
        places = {"labels": list(self.labels)} if self.axis == "category" else {"edges": list(self.edges)}
        return {
            "axis": self.axis,
            **places,
            "reference": list(self.reference),
            "current": list(self.current),
            "partial": self.partial,
        }


def bins_of(reference: Ordered, current: Ordered, *, times: bool = False) -> Histogram:
    """Equal bins over the bulk of both (one may be empty); `times` are microseconds."""
    edges = _edges([side for side in (reference, current) if side.n], times=times)
    named = np.datetime_as_string(edges.astype("datetime64[us]"), unit="s") if times else edges
    return Histogram(
        axis="time" if times else "number",
        edges=tuple(named.tolist()),
        labels=(),
        reference=_binned(reference, edges),
        current=_binned(current, edges),
    )


def bars_of(labels: Sequence[str], reference: Counts, current: Counts) -> Histogram:
    """A bar per label; beyond 20 the last one stands for all others."""
    if len(labels) > MAX_CATEGORIES:
        keep = MAX_CATEGORIES - 1
        labels = [*labels[:keep], f"other ({len(labels) - keep:,} values)"]
        reference = np.append(reference[:keep], reference[keep:].sum())
        current = np.append(current[:keep], current[keep:].sum())
    return Histogram("category", (), _cut(labels), _rounded(reference), _rounded(current))


def moved_bars(
    labels: Sequence[str], reference: Counts, current: Counts, n: int, m: int, *, expected: float, new: float
) -> Histogram:
    """New values as one bar beside the share `expected` of them, then the known values that moved most."""
    p, q = reference / max(1, n), current / max(1, m)
    known = np.flatnonzero(reference)
    most = known[np.argsort(-np.abs(p - q)[known], kind="stable")[: MAX_CATEGORIES - 1]]
    return Histogram(
        "category",
        (),
        ("new values", *_cut([labels[at] for at in most])),
        tuple(np.round([expected, *p[most]], 6).tolist()),
        tuple(np.round([new, *q[most]], 6).tolist()),
        partial=True,
    )


def _cut(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(label[:LABEL_LENGTH] for label in labels)


def _edges(sides: list[Ordered], *, times: bool) -> Floats:
    low = min(_at(side, 0.002) for side in sides)
    high = max(_at(side, 0.998) for side in sides)
    unit = DAY if times else 1.0
    # A bin with one whole number or day more than its neighbour would make the picture a comb.
    if high - low < LARGEST_WHOLE and all(side.unit == unit for side in sides):
        width = unit * np.ceil((high - low + unit) / unit / MAX_BINS)
        count = int(np.ceil((high - low + unit) / width))
        start = low if times else low - unit / 2
        return np.asarray(start + width * np.arange(count + 1), dtype=np.float64)
    # Halves first: the range of two finite numbers need not be finite.
    steps = np.linspace(0, 1, MAX_BINS + 1)
    edges = low * (1 - steps) + high * steps
    return edges if low < high else np.array([low, np.nextafter(low, np.inf)])


def _at(side: Ordered, share: float) -> float:
    at = float(side.quantiles(np.array([share]))[0])
    return round(at / side.unit) * side.unit if side.unit else at


def _binned(side: Ordered, edges: Floats) -> tuple[float, ...]:
    return _rounded(side.counts_between(edges[1:-1], "below"))


def _rounded(counts: Counts | Floats) -> tuple[float, ...]:
    total = max(1, float(counts.sum()))
    return tuple(np.round(counts / total, 6).tolist())

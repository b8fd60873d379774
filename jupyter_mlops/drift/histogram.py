"""The small picture of one column: shares per bin or category, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

MAX_BINS = 30
MAX_CATEGORIES = 20
LABEL_LENGTH = 60

Floats = npt.NDArray[np.float64]


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
    """

    axis: Literal["number", "time", "category"]
    edges: tuple[float | str, ...]
    labels: tuple[str, ...]
    reference: tuple[float, ...]
    current: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dictionary."""
        places = {"labels": list(self.labels)} if self.axis == "category" else {"edges": list(self.edges)}
        return {
            "axis": self.axis,
            **places,
            "reference": list(self.reference),
            "current": list(self.current),
        }


def bins_of(reference: Floats, current: Floats, *, times: bool = False) -> Histogram:
    """Equal bins over the bulk of two sorted arrays (one may be empty); `times` are microseconds."""
    edges = _edges([side for side in (reference, current) if len(side)])
    named = np.datetime_as_string(edges.astype("datetime64[us]"), unit="s") if times else edges
    return Histogram(
        axis="time" if times else "number",
        edges=tuple(named.tolist()),
        labels=(),
        reference=_binned(reference, edges),
        current=_binned(current, edges),
    )


def bars_of(
    labels: list[str], reference: npt.NDArray[np.int64], current: npt.NDArray[np.int64], others: int = 0
) -> Histogram:
    """Bars in the order given; the last of them stands for `others` values if there are any."""
    if others:
        labels = [*labels, f"other ({others:,} values)"]
    return Histogram(
        axis="category",
        edges=(),
        labels=tuple(label[:LABEL_LENGTH] for label in labels),
        reference=_rounded(reference),
        current=_rounded(current),
    )


def top_bars(
    labels: list[str], reference: npt.NDArray[np.int64], current: npt.NDArray[np.int64], values: int
) -> Histogram:
    """Bars of the first of `labels`; counts are of all `values`, in the same order."""
    if values <= MAX_CATEGORIES:
        return bars_of(labels, reference, current)
    keep = MAX_CATEGORIES - 1
    return bars_of(
        labels[:keep],
        np.r_[reference[:keep], reference[keep:].sum()],
        np.r_[current[:keep], current[keep:].sum()],
        others=values - keep,
    )


def _edges(sides: list[Floats]) -> Floats:
    low = min(_at(side, 0.005) for side in sides)
    high = max(_at(side, 0.995) for side in sides)
    # A bar must not be wider than its neighbour by one whole number, or integers look like a comb.
    if all(bool((side == np.rint(side)).all()) for side in sides):
        width = np.ceil((high - low + 1) / MAX_BINS)
        count = int(np.ceil((high - low + 1) / width))
        return np.asarray(low - 0.5 + width * np.arange(count + 1), dtype=np.float64)
    # Halves first: the range of two finite numbers need not be finite.
    steps = np.linspace(0, 1, MAX_BINS + 1)
    edges = low * (1 - steps) + high * steps
    return edges if low < high else np.array([low, np.nextafter(low, np.inf)])


def _at(side: Floats, share: float) -> float:
    return float(side[round(share * (len(side) - 1))])


def _binned(side: Floats, edges: Floats) -> tuple[float, ...]:
    inner = np.searchsorted(side, edges[1:-1], side="left")
    return _rounded(np.diff(np.r_[0, inner, len(side)]))


def _rounded(counts: npt.NDArray[np.int64]) -> tuple[float, ...]:
    total = max(1, int(counts.sum()))
    return tuple(np.round(counts / total, 6).tolist())

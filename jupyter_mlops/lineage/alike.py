"""When two results count as equal: numbers, predictions, and names of numbers that are never equal."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

TOLERANCE = 1e-9
"""Relative for numbers, absolute for probabilities: sums may be taken in another order."""
_TIMING = re.compile(
    r"(^|_)(times?|timestamp|seconds|secs?|ms|duration|elapsed|latency|took|runtime|clock)($|_)"
    r"|^(start(ed)?|began|begin|end(ed)?|now|tic|toc|t[0-9])$",  # alone: start_loss is no time
    re.IGNORECASE,
)


@dataclass(frozen=True)
class RowsCompared:
    """Predictions of two models for the same rows.

    `differ` counts rows, or is None where the numbers of predictions differ; `largest` is the largest
    difference of a prediction that is a number, and `probabilities` that of a probability (infinite where
    only one model gives them).
    """

    before: int
    after: int
    differ: int | None
    largest: float | None
    probabilities: float

    @property
    def are_equal(self) -> bool:
        """True if no prediction and no probability differs."""
        return self.differ == 0 and self.probabilities <= TOLERANCE


def is_time(name: str) -> bool:
    """True for the name of a number that says when or how long: it is another one each time."""
    return _TIMING.search(name) is not None


def same_number(first: float, second: float) -> bool:
    """Equal but for rounding; two that are not a number are equal."""
    return math.isclose(first, second, rel_tol=TOLERANCE, abs_tol=1e-12) or (
        math.isnan(first) and math.isnan(second)
    )


def same_value(first: Any, second: Any) -> bool:
    """As `same_number` for floats, and plain equality for the rest."""
    if isinstance(first, float) and isinstance(second, float):
        return same_number(first, second)
    return bool(first == second)


def compare_rows(
    before: Sequence[Any],
    after: Sequence[Any],
    probabilities: tuple[list[list[float]] | None, list[list[float]] | None] = (None, None),
) -> RowsCompared:
    """Compare predictions (n) row by row, and probabilities (n × classes) where both models give them."""
    if len(before) != len(after):
        return RowsCompared(len(before), len(after), None, None, math.inf)
    pairs = [(one, two) for one, two in zip(before, after, strict=True) if not same_value(one, two)]
    gaps = [abs(one - two) for one, two in pairs if isinstance(one, float) and isinstance(two, float)]
    return RowsCompared(len(before), len(after), len(pairs), max(gaps, default=None), _gap(*probabilities))


def _gap(before: list[list[float]] | None, after: list[list[float]] | None) -> float:
    if before is None or after is None:
        return 0.0 if before is after else math.inf
    return max(
        (
            abs(one - two)
            for row, again in zip(before, after, strict=True)
            for one, two in zip(row, again, strict=True)
        ),
        default=0.0,
    )

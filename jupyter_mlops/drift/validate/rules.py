"""How each kind of expectation is held against a column: which rows break it, and how bad that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from jupyter_mlops.drift.validate.chance import range_verdict, rows_of_share
from jupyter_mlops.drift.validate.types import of_another_type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.drift.validate.column import Column, Mask
    from jupyter_mlops.drift.validate.expectation import Kind

Verdict = Literal["pass", "warn", "fail"]
FIRST = 5
"""So many rows are pointed at."""
CHANCE = "as few as chance may bring"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        rows_checked: how many rows could break it.
        violations: how many do; 0 exactly when it passes.
        first_positions: where the first of them are in the frame, the first row being 0.
        verdict: before the expectation's severity softens it.
        why: a few words where there is something to say.
    """

    rows_checked: int
    violations: int = 0
    first_positions: tuple[int, ...] = ()
    verdict: Verdict = "pass"
    why: str = ""


def check_type(column: Column, limits: Mapping[str, Any]) -> Finding:
    """The family decides; another type of the same family warns."""
    rows, wanted = len(column.values), limits["family"]
    if column.family == "empty" or (wanted == "empty" and rows == 0):
        return Finding(rows, why="no values to tell it by")
    if wanted == "empty":
        return _found(column, np.ones(rows, dtype=bool), "warn", f"{column.family} now")
    if column.family != wanted:
        mask = of_another_type(column.values, wanted)
        mixed = column.family == "other" or not mask.all()
        return _found(column, mask, "fail", "mixed types now" if mixed else f"{column.family} now")
    if column.dtype != limits["dtype"]:
        everything = np.ones(rows, dtype=bool)
        return _found(column, everything, "warn", f"{column.dtype} now: the same kind of values")
    return Finding(rows)


def check_missing(column: Column, limits: Mapping[str, Any]) -> Finding:
    """At most so many as the reference's share brings."""
    missing = column.missing
    count = int(np.count_nonzero(missing))
    share = f"{100 * count / column.rows:.3g} % are" if count else ""
    if count <= rows_of_share(limits["share"], column.rows):
        return Finding(column.rows, why=share)
    return _found(column, missing, "fail", share)


def check_range(column: Column, limits: Mapping[str, Any]) -> Finding:
    """Finite values between the ends; how far and how many decide, see `range_verdict`."""
    low, high = limits["low"], limits["high"]
    numbers = column.numbers
    with np.errstate(invalid="ignore"):
        below, above = numbers < low, numbers > high
    if column.family == "number":
        finite = np.isfinite(numbers)
        below, above, numbers = below & finite, above & finite, numbers[finite]
    verdict = range_verdict(numbers, low, high, limits["at_low"], limits["at_high"], limits["rows"])
    if verdict == "pass":
        return Finding(len(numbers))
    sides = ((below, "below"), (above, "above"))
    counted = [f"{count} {side}" for mask, side in sides if (count := int(np.count_nonzero(mask)))]
    few = f"; {CHANCE}" if verdict == "warn" else ""
    return _found(column, below | above, verdict, ", ".join(counted) + few, checked=len(numbers))


def check_categories(column: Column, limits: Mapping[str, Any]) -> Finding:
    """None but the named values, or as few others as values that occurred once let expect."""
    mask = ~_known(column, limits["values"])
    count = int(np.count_nonzero(mask))
    if count == 0:
        return Finding(len(mask))
    others = int(column.values[mask].nunique())
    why = f"{others} unknown {'value' if others == 1 else 'values'}"
    if count <= rows_of_share(limits["share"], len(mask)):
        return _found(column, mask, "warn", f"{why}; {CHANCE}")
    return _found(column, mask, "fail", why)


def check_unique(column: Column, limits: Mapping[str, Any]) -> Finding:
    """No value again; the first row with a value is none of the violations."""
    return _found(column, column.values.duplicated().to_numpy(dtype=bool), "fail")


def check_whole(column: Column, limits: Mapping[str, Any]) -> Finding:
    """Whole numbers, and finite ones where the reference's are."""
    if isinstance(column.values.dtype, np.dtype) and column.values.dtype.kind in "iu":
        return Finding(len(column.values))
    numbers = column.numbers
    broken = np.floor(numbers) != numbers
    return _found(column, broken | ~np.isfinite(numbers) if limits["finite"] else broken, "fail")


def check_finite(column: Column, limits: Mapping[str, Any]) -> Finding:
    """Neither inf nor -inf."""
    return _found(column, ~np.isfinite(column.numbers), "fail")


RULES: dict[Kind, Callable[[Column, Mapping[str, Any]], Finding]] = {
    "type": check_type,
    "missing": check_missing,
    "range": check_range,
    "categories": check_categories,
    "unique": check_unique,
    "whole numbers": check_whole,
    "finite": check_finite,
}


def changed_type(column: Column, family: str) -> bool:
    """Whether the other expectations of a column cannot be held against it."""
    return column.family not in {family, "empty"} or family in {"nested", "unsupported", "other"}


def _known(column: Column, names: list[Any]) -> Mask:
    if column.family == "boolean":
        values = column.values.to_numpy(dtype=bool)
        return np.isin(values, names)
    known = column.values.isin(names).to_numpy(dtype=bool, copy=True)
    if column.values.dtype == object and not known.all():  # lone surrogates are kept as "?"
        readable = column.values[~known].map(lambda text: text.encode("utf-8", "replace").decode())
        known[~known] = readable.isin(names).to_numpy(dtype=bool)
    return known


def _found(
    column: Column, mask: Mask, verdict: Verdict, why: str = "", *, checked: int | None = None
) -> Finding:
    count = int(np.count_nonzero(mask))
    rows = len(mask) if checked is None else checked
    if count == 0:
        return Finding(rows)
    return Finding(rows, count, column.positions(mask, FIRST), verdict, why)

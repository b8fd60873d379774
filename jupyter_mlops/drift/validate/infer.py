"""From a reference's profile to expectations: only what carries, a line a column and kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.profile.categories import Categories
from jupyter_mlops.drift.profile.ordered import Ordered
from jupyter_mlops.drift.validate.expectation import Expectation, Expectations
from jupyter_mlops.drift.validate.types import plain_dtype

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from jupyter_mlops.drift.profile import ColumnProfile, FrameProfile
    from jupyter_mlops.drift.validate.expectation import Severity

FEW_ROWS = 100
"""With fewer rows the reference's values say little: what is inferred from them only warns."""
REPEATS = 7.0
"""Whole numbers drawn at random would repeat at least so often, on average, if that is to say anything:
the chance that none does is e^-7, a thousandth."""
MOSTLY_NEW = 0.5
"""Where more of the rows have a value that occurs once, names are no categories."""
SURE = 0.999

NOTHING_ELSE: dict[str, str] = {
    "nested": "nested values: nothing else can be said of them",
    "unsupported": "values that cannot be read as numbers or times: nothing else can be said of them",
    "other": "mixed types: nothing else is expected",
}


def expectations_of(profile: FrameProfile, columns: Collection[str] | None = None) -> Expectations:
    """What the profile of a reference lets expect of other frames.

    Args:
        profile: of the reference.
        columns: only these, as far as the profile has them; all when None.
    """
    names = [name for name in profile.columns if columns is None or name in columns]
    frame = [
        Expectation("", "rows", "at least one row"),
        Expectation("", "columns", f"{len(names)} {'column' if len(names) == 1 else 'columns'}, by name"),
    ]
    each = [one for name in names for one in _of_column(profile.columns[name])]
    return Expectations(profile.rows, tuple(names), (*frame, *each))


def _of_column(column: ColumnProfile) -> Iterator[Expectation]:
    name, known = column.name, column.rows - column.missing
    severity: Severity = "warn" if known < FEW_ROWS else "fail"
    why = f"the reference has only {known} rows with a value" if severity == "warn" else ""
    yield _type(column)
    if column.family == "empty":
        return
    missing = _missing(column, severity, why)
    if missing:
        yield missing
    if isinstance(column.values, Categories) and column.family != "other":
        yield from _of_categories(column, column.values, severity, why)
    elif isinstance(column.values, Ordered) and column.values.n:
        numbers = column.family == "number" and not column.infinite
        unique = _unique_numbers(name, column.values) if numbers else None
        yield _range(column, column.values, severity, why, is_key=unique is not None)
        if unique:
            yield unique
        if column.family == "number" and column.values.unit == 1:
            limits = {"finite": not column.infinite}
            yield Expectation(name, "whole numbers", "whole numbers", severity, why, limits)
        elif numbers:
            yield Expectation(name, "finite", "no infinite values", severity, why)


def _type(column: ColumnProfile) -> Expectation:
    dtype = plain_dtype(column.dtype, column.family)
    limits = {"family": column.family, "dtype": dtype}
    if column.family == "empty":
        why = "the reference has no value: nothing else can be said"
        return Expectation(column.name, "type", "no values", "warn", why, limits)
    expected = column.family if column.family == dtype else f"{column.family} ({dtype})"
    why = NOTHING_ELSE.get(column.family, "")
    severity: Severity = "warn" if column.family in {"other", "unsupported"} else "fail"
    return Expectation(column.name, "type", expected, severity, why, limits)


def _missing(column: ColumnProfile, severity: Severity, why: str) -> Expectation | None:
    if column.missing == 0:
        return Expectation(column.name, "missing", "none missing", severity, why, {"share": 0.0})
    most = _upper(column.missing, column.rows)
    if most >= 1:
        return None
    expected = f"at most {100 * most:.3g} % missing"
    why = why or f"{100 * column.missing / column.rows:.3g} % of the reference's rows are"
    return Expectation(column.name, "missing", expected, severity, why, {"share": most})


def _of_categories(
    column: ColumnProfile, values: Categories, severity: Severity, why: str
) -> Iterator[Expectation]:
    if column.family == "text" and values.n >= FEW_ROWS and values.distinct == values.once == values.n:
        why = "no value of the reference repeats"
        yield Expectation(column.name, "unique", "no value twice", "fail", why)
        return
    if not values.all_named or values.once > MOSTLY_NEW * values.n:
        return
    if column.family == "boolean" and values.distinct == 2:
        return  # its type says it all
    share = _upper(values.once, values.n) if values.once else 0.0
    if share:
        why = why or f"{values.once} of the reference's values occur once, so new ones are to come"
    expected = f"one of {values.distinct} values" if values.distinct > 1 else "one value"
    boolean = column.family == "boolean"
    named = [name == "True" for name in values.names] if boolean else list(values.names)
    limits = {"values": named, "share": share}
    yield Expectation(column.name, "categories", expected, severity, why, limits)


def _unique_numbers(name: str, values: Ordered) -> Expectation | None:
    if values.unit != 1 or values.n < FEW_ROWS or values.distinct != values.n:
        return None
    if values.n**2 / (2 * (values.maximum - values.minimum + 1)) >= REPEATS:
        return Expectation(name, "unique", "no value twice", "fail", "no value of the reference repeats")
    why = "no value of the reference repeats, which among so many numbers may be chance"
    return Expectation(name, "unique", "no value twice", "warn", why)


def _range(
    column: ColumnProfile, values: Ordered, severity: Severity, why: str, *, is_key: bool
) -> Expectation:
    low, high = values.minimum, values.maximum
    if column.family in {"time", "time with zone"}:
        severity, why = "warn", "later rows have later times"
    elif is_key:
        severity, why = "warn", "no value repeats: others are to come"
    ends = np.array([low, high])
    at_low = int(values.counts_upto(ends)[0])
    at_high = values.n - int(values.counts_below(ends)[1])
    limits: dict[str, Any] = {
        "low": low,
        "high": high,
        "at_low": at_low,
        "at_high": at_high,
        "rows": values.n,
        "family": column.family,
    }
    said = [_said(end, column.family) for end in (low, high)]
    expected = " to ".join(said) if low < high else f"always {said[0]}"
    return Expectation(column.name, "range", expected, severity, why, limits)


def _said(value: float, family: str) -> str:
    if family in {"time", "time with zone"}:
        text = str(np.datetime64(int(value), "us")).replace("T", " ").removesuffix(".000000")
        return text.removesuffix(" 00:00:00") + (" UTC" if family == "time with zone" else "")
    if family == "duration":
        import pandas as pd

        return str(pd.Timedelta(value, unit="s"))
    whole = value == int(value) and abs(value) < 1e15
    return f"{int(value):,}" if whole else f"{value:.6g}"


def _upper(count: int, rows: int) -> float:
    """The upper end of a one-sided binomial interval (Clopper and Pearson 1934)."""
    from scipy.special import betaincinv

    return float(betaincinv(count + 1, rows - count, SURE)) if count < rows else 1.0

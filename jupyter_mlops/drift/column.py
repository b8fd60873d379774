"""One column on both sides: what it holds, what is missing, how its values differ."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.categories import compare_categories
from jupyter_mlops.drift.findings import Findings, Values
from jupyter_mlops.drift.kinds import Family, common_family
from jupyter_mlops.drift.ordered import compare_ordered
from jupyter_mlops.drift.profile.categories import Categories, categories_of
from jupyter_mlops.drift.profile.ordered import Ordered, of_counts
from jupyter_mlops.drift.proportions import share_change

if TYPE_CHECKING:
    from jupyter_mlops.drift.profile import ColumnProfile

KINDS: dict[Family, str] = {
    "number": "numeric",
    "boolean": "boolean",
    "text": "category",
    "time": "datetime",
    "time with zone": "datetime",
    "duration": "duration",
    "other": "category",
    "empty": "empty",
}

FEWEST_COUNTED = 100
"""Of fewer rows, whole numbers of which none comes twice may be anything."""


def compare_column(name: str, reference: ColumnProfile, current: ColumnProfile) -> Findings:
    """All about one column that both frames have; both sides have rows."""
    shares = reference.missing / reference.rows, current.missing / current.rows
    missing = share_change("missing", reference.missing, reference.rows, current.missing, current.rows)
    families = reference.family, current.family
    if "nested" in families or "unsupported" in families:
        of_what = next((family for family in families if family not in {"nested", "unsupported"}), "number")
        note = "nested values" if "nested" in families else f"values not comparable as {of_what}"
        return Findings(name, "unsupported", *shares, evidence=missing, least="watch", note=note)
    family = common_family(*families)
    ref, cur = _alike(reference, current, family)
    if family is None or (ref is None and families[0] != "empty") or (cur is None and families[1] != "empty"):
        note = f"type changed: {families[0]} to {families[1]}"
        return Findings(name, "type changed", *shares, evidence=missing, least="drift", note=note)
    if isinstance(ref, Ordered) and isinstance(cur, Ordered) and counts_rows(ref) and counts_rows(cur):
        # Its values are other ones whatever happens: there is nothing to be told from them.
        return Findings(name, "identifier", *shares, evidence=missing, note="counts rows")
    values = _compared(ref, cur, times=family in {"time", "time with zone"})
    evidence = (*values.evidence, *missing)
    if family == "number":
        n, m = reference.rows - reference.missing, current.rows - current.missing
        infinite = share_change("infinite", reference.infinite, n, current.infinite, m)
        evidence = (*values.evidence, *infinite, *missing)
    if family == "boolean":
        kept = tuple(each for each in evidence if each.aspect != "unseen")
        evidence, values = kept, replace(values, unseen=nan, kind=None)
    note = "mixed types" if reference.mixed or current.mixed else ""
    if "empty" in families and family != "empty":
        note = f"no values in {'reference' if families[0] == 'empty' else 'current'}"
    kind = values.kind or KINDS[family]
    return Findings(name, kind, *shares, evidence=evidence, values=values, note=note)


def counts_rows(values: Ordered) -> bool:
    """Whether these are whole numbers that number the rows: none comes twice, and few are left out."""
    span = values.maximum - values.minimum + 1
    is_dense = values.unit == 1 and values.n >= FEWEST_COUNTED and values.n >= span / 2
    # Where some came twice, so would some of a thousand knots.
    return bool(is_dense and (values.upto - values.below).max() == 1)


def one_sided(name: str, only: ColumnProfile, side: str) -> Findings:
    """A column that one frame lacks: drift without a test; `side` is the frame that has it."""
    share = only.missing / only.rows
    shares = (share, nan) if side == "reference" else (nan, share)
    return Findings(name, "one-sided", *shares, least="drift", note=f"only in {side}")


def _compared(ref: Ordered | Categories | None, cur: Ordered | Categories | None, *, times: bool) -> Values:
    if isinstance(ref, Ordered) or isinstance(cur, Ordered):
        nothing = of_counts([], [])
        return compare_ordered(
            ref if isinstance(ref, Ordered) else nothing,
            cur if isinstance(cur, Ordered) else nothing,
            times=times,
        )
    if ref is None and cur is None:
        return Values()
    none = categories_of([], np.empty(0, dtype=np.int64))
    return compare_categories(ref or none, cur or none)


def _alike(
    reference: ColumnProfile, current: ColumnProfile, family: Family | None
) -> tuple[Ordered | Categories | None, Ordered | Categories | None]:
    """The values of both in one form, None for none or where there is no such form."""
    ref, cur = reference.values, current.values
    if family == "number" and reference.categorical and current.categorical:
        # Somebody said that these numbers are categories.
        return _as_categories(ref), _as_categories(cur)
    if family == "number":
        return _as_numbers(ref), _as_numbers(cur)
    return ref, cur


def _as_numbers(values: Ordered | Categories | None) -> Ordered | None:
    if not isinstance(values, Categories):
        return values
    return of_counts([name == "True" for name in values.names], values.counts)


def _as_categories(values: Ordered | Categories | None) -> Categories | None:
    if not isinstance(values, Ordered):
        return values
    return categories_of([f"{knot:g}" for knot in values.knots], values.upto - values.below)

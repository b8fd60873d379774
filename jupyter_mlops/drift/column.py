"""One column on both sides: what it holds, what is missing, how its values differ."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

from jupyter_mlops.drift.categories import compare_booleans, compare_text
from jupyter_mlops.drift.findings import Findings, Values
from jupyter_mlops.drift.kinds import Family, common_family, family_of, without_categories
from jupyter_mlops.drift.mixed import NestedValuesError, compare_others
from jupyter_mlops.drift.ordered import compare_durations, compare_numbers, compare_times
from jupyter_mlops.drift.proportions import share_change

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """How values of a family are compared, and what the column is then called."""

    kind: str
    compare: Callable[[pd.Series, pd.Series], Values]


COMPARISONS: dict[Family, Comparison] = {
    "number": Comparison("numeric", compare_numbers),
    "boolean": Comparison("boolean", compare_booleans),
    "text": Comparison("category", compare_text),
    "time": Comparison("datetime", compare_times),
    "time with zone": Comparison("datetime", compare_times),
    "duration": Comparison("duration", compare_durations),
    "other": Comparison("category", compare_others),
    "empty": Comparison("empty", lambda _reference, _current: Values()),
}


def compare_column(name: str, reference: pd.Series, current: pd.Series) -> Findings:
    """All about one column that both frames have; both sides have rows."""
    ref_missing, cur_missing = (side.isna().to_numpy(dtype=bool) for side in (reference, current))
    shares = float(ref_missing.mean()), float(cur_missing.mean())
    missing = share_change("missing", ref_missing, cur_missing)
    ref, cur = without_categories(reference[~ref_missing], current[~cur_missing])
    families = family_of(ref), family_of(cur)
    family = common_family(*families)
    if family is None:
        note = f"type changed: {families[0]} to {families[1]}"
        return Findings(name, "type changed", *shares, evidence=missing, least="drift", note=note)
    way = COMPARISONS[family]
    try:
        values = way.compare(ref, cur)
    except NestedValuesError:
        return Findings(name, "unsupported", *shares, evidence=missing, least="watch", note="nested values")
    except (TypeError, ValueError, OverflowError):
        # Numbers beyond float64, times beyond the calendar; the message itself could hold a value.
        note = f"values not comparable as {family}"
        return Findings(name, "unsupported", *shares, evidence=missing, least="watch", note=note)
    note = values.note
    if "empty" in families and family != "empty":
        note = f"no values in {'reference' if families[0] == 'empty' else 'current'}"
    evidence = (*values.evidence, *missing)
    return Findings(name, values.kind or way.kind, *shares, evidence=evidence, values=values, note=note)


def one_sided(name: str, only: pd.Series, side: str) -> Findings:
    """A column that one frame lacks: drift without a test; `side` is the frame that has it."""
    share = float(only.isna().mean())
    shares = (share, nan) if side == "reference" else (nan, share)
    return Findings(name, "one-sided", *shares, least="drift", note=f"only in {side}")

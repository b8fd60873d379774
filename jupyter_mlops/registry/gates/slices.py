"""Groups of rows for which the model does much worse: those of named columns, or found by a shallow tree.

What is found by looking must be measured elsewhere: half of the rows find the groups, the other half measures
them, and the p-values of all groups are taken together (Holm 1979), so that noise is not reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.result import short_name
from jupyter_mlops.registry.gates.case import named_column
from jupyter_mlops.registry.gates.columns import groups_of, read_column
from jupyter_mlops.registry.gates.figures import number
from jupyter_mlops.registry.gates.find_slices import find_slices
from jupyter_mlops.registry.gates.outcome import gate, listed
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from jupyter_mlops.registry.evidence import Gate
    from jupyter_mlops.registry.gates.answers import Answers, Floats
    from jupyter_mlops.registry.gates.case import Case

_SURE = 0.05
_KEPT = 50  # groups in the details, worst first


@dataclass(frozen=True)
class Group:
    """Rows that share something, and how the model does for them.

    `value` is the accuracy, or the mean absolute error; `gap` is how much worse that is than for all rows:
    in accuracy, or relative to the error of all rows. `p` is that of being as bad by chance, one-sided.
    """

    name: str
    rows: int
    value: float
    gap: float
    p: float


def slices(case: Case) -> list[Gate]:
    """Is there a group for which the model does much worse?"""
    rule = case.rules.slices
    found = case.answers
    errors = errors_of(found)
    is_share = found.task == "classification"
    limit = rule.max_gap if rule.max_gap is not None else (0.1 if is_share else 0.5)
    if rule.columns is not None:
        members = _named(case, rule.columns)
        how = "named"
    else:
        members, measured = find_slices(case.holdout.features, errors, rule.min_rows)
        errors = np.where(measured, errors, np.nan)
        how = "found by a tree of depth 2 on half of the rows, measured on the others"
    overall = float(np.nanmean(errors))
    groups = [
        _measure(name, errors[rows], errors, is_share=is_share)
        for name, rows in members
        if int((~np.isnan(errors[rows])).sum()) >= rule.min_rows
    ]
    if not groups and rule.columns is not None:
        raise Unable(f"no group of {listed(rule.columns)} has {rule.min_rows} rows")
    groups.sort(key=lambda group: -group.gap)
    bad = [group for group, sure in zip(groups, _holm(groups), strict=True) if sure and group.gap > limit]
    worse = [group for group in groups if group.gap > 0]
    what = "accuracy" if is_share else "mean absolute error"
    whole = 1 - overall if is_share else overall
    details = {
        "metric": what, "overall": whole, "max_gap": limit, "how": how,
        "rows": int((~np.isnan(errors)).sum()),
        "groups": [vars(group) | {"is_bad": group in bad} for group in groups[:_KEPT]],
    }  # fmt: skip
    told = listed(
        [f"{group.name}: {number(group.value)} ({group.rows:,} rows)" for group in bad or worse[:1]]
    )
    all_rows = f"{what} {number(whole)} over all{case.holdout.note}"
    if bad:
        return [gate("slices", rule.bad("warn"), f"{told}; {all_rows}", **details)]
    if not worse:
        return [gate("slices", "passed", f"no group stands out; {all_rows}", **details)]
    return [gate("slices", "passed", f"worst is {told}; {all_rows}", **details)]


def errors_of(found: Answers) -> Floats:
    """Of each row: 1 for a wrong label, or how far a number is off."""
    if found.task == "classification":
        return np.asarray(found.truth != found.predicted, np.float64)
    errors = np.asarray(np.abs(found.truth - found.predicted), np.float64)
    if not np.isfinite(errors).all():
        raise Unable("some predictions are not finite numbers")
    return errors


def _named(case: Case, columns: tuple[str, ...]) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    members = []
    for name in columns:
        column = read_column(named_column(case.holdout.features, name, case.holdout.said), name)
        groups = None if column is None else groups_of(column)
        if groups is None:
            raise Unable(f"the column {short_name(name)!r} has too many different values to be groups")
        for place, value in enumerate(groups.names):
            members.append((f"{name} = {value}", groups.codes == place))
    return members


def _measure(name: str, inside: Floats, errors: Floats, *, is_share: bool) -> Group:
    """Beside all rows; p against the rows outside."""
    inside = inside[~np.isnan(inside)]
    every = errors[~np.isnan(errors)]
    overall, mean = float(every.mean()), float(inside.mean())
    gap = mean - overall
    if not is_share:
        gap = gap / overall if overall > 0 else 0.0
    value = 1 - mean if is_share else mean
    return Group(name, len(inside), value, gap, _chance(inside, every))


def _chance(inside: Floats, every: Floats) -> float:
    """One-sided p of a mean as high as that inside, against the rest: normal, with unequal variances (Welch).

    One error and one right row are added to both sides (Agresti and Caffo 2000), so that a small group
    without any variance is not sure.
    """
    from scipy.stats import norm

    n, m = len(inside), len(every) - len(inside)
    if m < 2:
        return 1.0
    total, squares = float(every.sum()), float((every**2).sum())
    own, own_squares = float(inside.sum()), float((inside**2).sum())
    pad = float(every.max())
    means, variances = [], []
    for count, added, squared in ((n, own, own_squares), (m, total - own, squares - own_squares)):
        size = count + 2
        mean = (added + pad) / size
        means.append(mean)
        variances.append(max(0.0, (squared + pad**2) / size - mean**2) / size)
    spread = np.sqrt(sum(variances))
    return float(norm.sf((means[0] - means[1]) / spread)) if spread > 0 else 1.0


def _holm(groups: list[Group]) -> list[bool]:
    """For each group, if it is surely worse than the rest when all groups are looked at."""
    order = sorted(range(len(groups)), key=lambda place: groups[place].p)
    sure = [False] * len(groups)
    for rank, place in enumerate(order):
        if groups[place].p * (len(groups) - rank) >= _SURE:
            break
        sure[place] = True
    return sure

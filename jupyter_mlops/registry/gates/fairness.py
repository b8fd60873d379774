"""Differences between groups of people, by fairlearn's metrics (its user guide, "Disparity metrics").

A difference between small groups may be noise, so a test of independence stands beside it: what it cannot
tell from chance asks a person to look, and does not decide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.result import short_name
from jupyter_mlops.registry.gates.case import named_column
from jupyter_mlops.registry.gates.columns import groups_of, read_column
from jupyter_mlops.registry.gates.figures import number
from jupyter_mlops.registry.gates.outcome import gate
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.registry.evidence import Gate
    from jupyter_mlops.registry.gates.answers import Answers, Codes
    from jupyter_mlops.registry.gates.case import Case

_PEOPLE = {
    *("sex", "gender", "race", "ethnicity", "ethnic", "religion", "disability", "disabled", "nationality"),
    *("caste", "orientation"),
}
_SURE = 0.05
_NEEDED = {"equalized_odds": (0, 1), "equal_opportunity": (1,)}
_FEWEST = 10  # rows with a true answer that a rate is made of: a rate of three rows says nothing
Mask = npt.NDArray[np.bool_]


def fairness(case: Case) -> list[Gate]:
    """One gate for each column: do groups get different answers, or different errors?"""
    rule = case.rules.fairness
    found = case.answers
    names = rule.columns or tuple(
        str(name) for name in case.holdout.features.columns if set(_words(str(name))) & _PEOPLE
    )
    if not names:
        raise Unable(
            "no column is named in the gate file, and none is called sex, gender, race, …", applies=False
        )
    metric = rule.metric or _usual(found)
    gates = []
    for name in names:
        try:
            gates.append(_between(case, found, name, metric))
        except Unable as unable:
            outcome = rule.bad("warn") if rule.columns is not None else "skipped"
            gates.append(gate(f"fairness: {short_name(name)}", outcome, unable.reason))
    return gates


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())


def _usual(found: Answers) -> str:
    if found.task == "regression":
        return "mae"
    return "equalized_odds" if found.is_binary else "accuracy"


def _between(case: Case, found: Answers, name: str, metric: str) -> Gate:
    rule = case.rules.fairness
    column = read_column(named_column(case.holdout.features, name, case.holdout.said), name)
    groups = None if column is None else groups_of(column)
    if groups is None:
        raise Unable("the column has too many different values to be groups")
    sizes = np.bincount(groups.codes, minlength=len(groups.names))
    large = [place for place, count in enumerate(sizes) if count >= rule.min_rows]
    for answer in _NEEDED.get(_known(metric, found), ()):
        counts = np.bincount(groups.codes[found.truth == answer], minlength=len(sizes))
        large = [place for place in large if counts[place] >= _FEWEST]
    if len(large) < 2:
        raise Unable(f"fewer than two groups have {rule.min_rows} rows, with enough of each true answer")
    rows = np.isin(groups.codes, large)
    codes, some = groups.codes[rows], found.at(rows)
    by_group, difference, p = _MEASURES[metric](some, codes)
    told = {groups.names[int(place)]: values for place, values in by_group.items()}
    details = {
        "column": name, "metric": metric, "difference": difference, "max_difference": rule.max_difference,
        "p": p, "groups": told, "rows": {groups.names[place]: int(sizes[place]) for place in large},
        "left_out": [each for place, each in enumerate(groups.names) if sizes[place] and place not in large],
    }  # fmt: skip
    label = f"fairness: {short_name(name)}"
    figure = f"{metric.replace('_', ' ')} differs by {number(difference)}: {_ends(told)}{case.holdout.note}"
    if difference <= rule.max_difference:
        return gate(label, "passed", figure, **details)
    figure += f", more than {rule.max_difference:g}"
    if p >= _SURE:
        return gate(label, "warned", f"{figure}; too few rows to be sure", **details)
    return gate(label, rule.bad("warn"), figure, **details)


def _ends(told: dict[str, dict[str, float]]) -> str:
    """The figure that differs most, of the groups where it is lowest and highest."""
    ends = []
    for figure in next(iter(told.values())):
        groups = sorted(told, key=lambda group: told[group][figure])
        low, high = told[groups[0]][figure], told[groups[-1]][figure]
        words = f"{figure.replace('_', ' ')} {number(low)} for {groups[0]}, {number(high)} for {groups[-1]}"
        ends.append((high - low, words))
    return max(ends)[1]


def _known(metric: str, found: Answers) -> str:
    """The metric itself, if these answers have it."""
    if metric in {"demographic_parity", "equalized_odds", "equal_opportunity"} and not found.is_binary:
        raise Unable(f"{metric} needs a classification with two classes")
    if metric == "accuracy" and found.task != "classification":
        raise Unable("accuracy needs a classification")
    if metric in {"mae", "mean_prediction"} and found.task != "regression":
        raise Unable(f"{metric} needs a model that predicts numbers")
    return metric


Measured = tuple[dict[Any, dict[str, float]], float, float]
"""Figures by group, the difference, and p of one as large by chance."""


def _frame(found: Answers, codes: Codes, measures: dict[str, Any]) -> Any:
    from fairlearn.metrics import MetricFrame

    return MetricFrame(metrics=measures, y_true=found.truth, y_pred=found.predicted, sensitive_features=codes)


def _by_group(frame: Any) -> dict[Any, dict[str, float]]:
    return {place: dict(values) for place, values in frame.by_group.to_dict("index").items()}


def _parity(found: Answers, codes: Codes) -> Measured:
    from fairlearn.metrics import demographic_parity_difference, selection_rate

    frame = _frame(found, codes, {"selected": selection_rate})
    difference = demographic_parity_difference(found.truth, found.predicted, sensitive_features=codes)
    return _by_group(frame), float(difference), _independent(found.predicted == 1, codes)


def _odds(found: Answers, codes: Codes) -> Measured:
    from fairlearn.metrics import equalized_odds_difference, false_positive_rate, true_positive_rate

    frame = _frame(
        found, codes, {"true_positive_rate": true_positive_rate, "false_positive_rate": false_positive_rate}
    )
    difference = equalized_odds_difference(found.truth, found.predicted, sensitive_features=codes)
    parts = [_independent_where(found, codes, answer) for answer in (0, 1)]
    return _by_group(frame), float(difference), min(1.0, 2 * min(parts))


def _opportunity(found: Answers, codes: Codes) -> Measured:
    from fairlearn.metrics import equal_opportunity_difference, true_positive_rate

    frame = _frame(found, codes, {"true_positive_rate": true_positive_rate})
    difference = equal_opportunity_difference(found.truth, found.predicted, sensitive_features=codes)
    return _by_group(frame), float(difference), _independent_where(found, codes, 1)


def _accuracy(found: Answers, codes: Codes) -> Measured:
    from sklearn.metrics import accuracy_score

    frame = _frame(found, codes, {"accuracy": accuracy_score})
    right = found.truth == found.predicted
    return _by_group(frame), float(frame.difference()["accuracy"]), _independent(right, codes)


def _error(found: Answers, codes: Codes) -> Measured:
    from sklearn.metrics import mean_absolute_error

    frame = _frame(found, codes, {"mae": mean_absolute_error})
    over_all = float(frame.overall["mae"])
    difference = float(frame.difference()["mae"]) / over_all if over_all > 0 else 0.0
    return _by_group(frame), difference, _same_means(np.abs(found.truth - found.predicted), codes)


def _level(found: Answers, codes: Codes) -> Measured:
    from fairlearn.metrics import mean_prediction

    frame = _frame(found, codes, {"mean_prediction": mean_prediction})
    over_all = abs(float(frame.overall["mean_prediction"]))
    difference = float(frame.difference()["mean_prediction"]) / over_all if over_all > 0 else 0.0
    return _by_group(frame), difference, _same_means(np.asarray(found.predicted, np.float64), codes)


_MEASURES: dict[str, Callable[[Answers, Codes], Measured]] = {
    "demographic_parity": _parity,
    "equalized_odds": _odds,
    "equal_opportunity": _opportunity,
    "accuracy": _accuracy,
    "mae": _error,
    "mean_prediction": _level,
}


def _independent_where(found: Answers, codes: Codes, answer: int) -> float:
    rows = found.truth == answer
    return _independent(found.predicted[rows] == 1, codes[rows])


def _independent(event: Mask, codes: Codes) -> float:
    """p of Pearson's chi-square over groups × (yes, no)."""
    from scipy.stats import chi2_contingency

    present = np.unique(codes)
    table = np.array(
        [[(event & (codes == place)).sum(), (~event & (codes == place)).sum()] for place in present]
    )
    if len(present) < 2 or (table.sum(axis=0) == 0).any():
        return 1.0
    return float(chi2_contingency(table, correction=False).pvalue)


def _same_means(values: Any, codes: Codes) -> float:
    """p of the Kruskal–Wallis test: do groups have the same level?"""
    from scipy.stats import kruskal

    try:
        return float(kruskal(*(values[codes == place] for place in np.unique(codes))).pvalue)
    except ValueError:
        return 1.0

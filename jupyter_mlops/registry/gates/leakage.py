"""Answers that stand among the features, and rows on both sides of the split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.result import short_name
from jupyter_mlops.registry.gates.answers import codes_of
from jupyter_mlops.registry.gates.figures import number
from jupyter_mlops.registry.gates.one_feature import is_copy, score_alone
from jupyter_mlops.registry.gates.outcome import gate, listed, percent
from jupyter_mlops.registry.gates.twins import row_hashes
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    import numpy.typing as npt

    from jupyter_mlops.registry.evidence import Gate
    from jupyter_mlops.registry.gates.case import Case

_FEWEST_ROWS = 20
_FEWEST_ALONE = 50


def target_leak(case: Case) -> list[Gate]:
    """Is a feature the answer itself, or the answer in other words or units?"""
    sample, truth = _truth(case)
    copies = [
        short_name(column.name) for column in case.some_columns if is_copy(column, truth, case.evidence.task)
    ]
    if copies:
        figure = f"the answer stands in {listed(copies)}{sample.note}"
        return [gate("target leak", case.rules.leakage.bad("block"), figure, columns=copies)]
    figure = f"none of {sample.features.shape[1]} features is the answer in other words{sample.note}"
    return [gate("target leak", "passed", figure, columns=[])]


def near_perfect(case: Case) -> list[Gate]:
    """Does one feature alone tell the answer nearly always?"""
    rule = case.rules.leakage
    sample, truth = _truth(case)
    task, count = case.evidence.task, len(case.classes)
    if len(truth) < _FEWEST_ALONE or (task == "classification" and _rarest(truth, count) < _FEWEST_ROWS):
        raise Unable("too few rows of an answer: one of many features would tell it by chance")
    what = "R²" if task == "regression" else ("AUC" if count <= 2 else "accuracy")
    scores = {
        short_name(column.name): score_alone(column, truth, task, count) for column in case.some_columns
    }
    if not scores:
        raise Unable("no feature can be looked at alone")
    ranked = sorted(scores, key=lambda name: -scores[name])
    details = {
        "metric": what,
        "limit": rule.near_perfect,
        "best": {name: scores[name] for name in ranked[:10]},
    }
    best = f"{ranked[0]} alone has {what} {number(scores[ranked[0]])}"
    found = [name for name in ranked if scores[name] >= rule.near_perfect]
    if found:
        told = listed([f"{name} ({what} {number(scores[name])})" for name in found])
        figure = f"alone nearly perfect: {told}{sample.note}"
        return [gate("single feature", rule.bad("warn"), figure, **details)]
    return [gate("single feature", "passed", f"{best}{sample.note}", **details)]


def duplicates(case: Case) -> list[Gate]:
    """Are rows of the hold-out in the training data?"""
    rule, holdout = case.rules.leakage, case.evidence.holdout
    if holdout is None or not len(holdout.features):
        raise Unable("no hold-out is known")
    training = case.evidence.training
    mine, theirs = row_hashes(training.features, holdout.features)
    shared = np.isin(theirs, mine)
    share = float(shared.mean())
    counts = np.unique(mine, return_counts=True)[1]
    within = float(counts[counts > 1].sum() / len(mine)) if len(mine) else 0.0
    figure = f"{percent(share)} of the rows of {holdout.said} stand in {training.said}, too"
    figure += f" ({percent(within)} of its rows have a twin within it)" if shared.any() else ""
    details = {
        "share": share, "rows": int(shared.sum()),
        "twins_in_training": within, "limit": rule.duplicates_share,
    }  # fmt: skip
    if share <= rule.duplicates_share:
        return [gate("duplicate rows", "passed", figure, **details)]
    # a hold-out that was trained on measures nothing
    usually = rule.bad("block" if share > 0.5 else "warn")
    return [gate("duplicate rows", usually, figure, **details)]


def _rarest(truth: npt.NDArray[Any], classes: int) -> int:
    """Rows of the second most frequent answer: of two classes, the rarer one."""
    counts = np.sort(np.bincount(truth[truth >= 0], minlength=max(2, classes)))
    return int(counts[-2])


def _truth(case: Case) -> tuple[Any, npt.NDArray[Any]]:
    sample = case.some_answers
    if len(sample.target) < _FEWEST_ROWS:
        raise Unable(f"{len(sample.target)} rows are too few to tell")
    if case.evidence.task == "classification":
        return sample, codes_of(sample.target, case.classes)
    try:
        return sample, sample.target.astype("float64").to_numpy()
    except (TypeError, ValueError):
        raise Unable("the true answers are not numbers") from None

"""Does the model do what models do: answers that differ, results to believe, training rows not far ahead?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.registry.gates.case import some_of
from jupyter_mlops.registry.gates.figures import Interval, intervals_of, number
from jupyter_mlops.registry.gates.metrics import METRICS
from jupyter_mlops.registry.gates.outcome import gate
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from jupyter_mlops.registry.evidence import Gate
    from jupyter_mlops.registry.gates.answers import Answers
    from jupyter_mlops.registry.gates.case import Case

_BELIEVABLE = 0.995
"""Where the whole interval lies above this, a result asks for a second look."""
_RESAMPLES = 300
_MOST_ROWS = 20_000  # for intervals


def constant(case: Case) -> list[Gate]:
    """Does the model answer all rows alike, or with what is no answer?"""
    rule, found = case.rules.sanity, case.answers
    said = np.asarray(found.predicted, np.float64)
    lost = int((~np.isfinite(said)).sum() if found.task == "regression" else (said < 0).sum())
    if lost:
        figure = f"{lost:,} of {len(said):,} predictions are missing or not finite"
        return [gate("different answers", rule.bad("block"), figure, missing=lost)]
    different = len(np.unique(said))
    if different > 1:
        kind = "labels" if found.task == "classification" else "values"
        return [gate("different answers", "passed", f"{different:,} different {kind}", different=different)]
    if len(np.unique(found.truth)) < 2:
        raise Unable("the hold-out has one answer only")
    ranks = found.scores is not None and len(np.unique(found.scores)) > 1
    if ranks or (found.probabilities is not None and len(np.unique(found.probabilities, axis=0)) > 1):
        figure = "always the same label, though its scores differ: look at the threshold"
        return [gate("different answers", rule.bad("warn"), figure, different=1)]
    return [gate("different answers", rule.bad("block"), "always the same answer", different=1)]


def gap(case: Case) -> list[Gate]:
    """How much better are training rows, and is the hold-out too good?"""
    rule = case.rules.sanity
    held, trained = case.answers, case.training_answers
    name = _score(held, trained)
    here, there = (_interval(found, name) for found in (held, trained))
    lead = there.value - here.value
    figure = (
        f"{name} {number(there.value)} in training, {number(here.value)} in the hold-out{case.training.note}"
    )
    details = {
        "metric": name, "training": there.value, "holdout": here.value, "gap": lead,
        "limit": rule.max_train_gap, "holdout_low": here.low, "holdout_high": here.high,
    }  # fmt: skip
    if lead > rule.max_train_gap and there.value > here.high:
        outcome = rule.bad("warn")
        return [gate("training gap", outcome, f"{figure}: more than {rule.max_train_gap:g} ahead", **details)]
    if here.low > there.high and here.value - there.value > 0.02:
        said = f"{figure}: new rows are rarely easier, look at the split"
        return [gate("training gap", rule.bad("warn"), said, **details)]
    if here.low > _BELIEVABLE:
        said = f"{figure}: too good to be true? look for the answer among the features"
        return [gate("training gap", rule.bad("warn"), said, **details)]
    return [gate("training gap", "passed", figure, **details)]


def _interval(found: Answers, name: str) -> Interval:
    """Of many rows, the figure of all and the somewhat wider interval of a sample."""
    some = found.at(some_of(len(found), _MOST_ROWS))
    ends = intervals_of(some, [name], resamples=_RESAMPLES)[name]
    return Interval(METRICS[name].value(found), ends.low, ends.high)


def _score(held: Answers, trained: Answers) -> str:
    """A metric from 0 to 1, so that one limit fits all."""
    names = ["r2"] if held.task == "regression" else ["auc", "accuracy"] if held.is_binary else ["accuracy"]
    for name in names:
        try:
            METRICS[name].value(held), METRICS[name].value(trained)
        except Unable as unable:
            reason = unable.reason
            continue
        return name
    raise Unable(reason)

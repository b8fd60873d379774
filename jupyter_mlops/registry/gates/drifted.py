"""Training data against the champion's: the statistics are those of `drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.drift import Thresholds, compare_frames
from jupyter_mlops.drift.result import short_name
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.registry.gates.case import some_of
from jupyter_mlops.registry.gates.outcome import gate
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from jupyter_mlops.registry.evidence import Gate
    from jupyter_mlops.registry.gates.case import Case

_MOST_ROWS = 50_000
_SHOWN_COLUMNS = 50


def drift(case: Case) -> list[Gate]:
    """Was the model trained on data like the champion's?"""
    rule, champion = case.rules.drift, case.evidence.champion
    if champion is None:
        raise Unable("there is no champion yet", applies=False)
    if champion.training is None:
        raise Unable("the champion's training data is not kept")
    before, now = champion.training, case.evidence.training.features
    if before is now or before.equals(now):
        return [gate("drift", "passed", f"the same {len(now):,} training rows as the champion's", drifted=[])]
    limits = Thresholds(
        distribution=rule.distribution, missing=rule.missing, unseen=rule.unseen, alpha=rule.alpha
    )
    sides = [frame.iloc[some_of(len(frame), _MOST_ROWS)] for frame in (before, now)]
    try:
        result = compare_frames(sides[0], sides[1], rule.columns, thresholds=limits)
    except BadInputError as error:
        raise Unable(error.what.rstrip(".")) from None
    taken = [f"{len(side):,} of {len(frame):,}" for side, frame in zip(sides, (before, now), strict=True)]
    sampled = any(len(side) < len(frame) for side, frame in zip(sides, (before, now), strict=True))
    note = f" ({taken[0]} and {taken[1]} rows)" if sampled else ""
    columns = [
        {
            "column": short_name(str(row["column"])), "verdict": row["verdict"], "reason": row["reason"],
            "effect": row["effect"], "limit": row["limit"], "p_adjusted": row["p_adjusted"],
        }
        for row in result.ranked.head(_SHOWN_COLUMNS).to_dict("records")
    ]  # fmt: skip
    outcome = rule.bad("warn") if result.drifted else "passed"
    figure = f"{result.summary}, against the champion's training data{note}"
    return [gate("drift", outcome, figure, drifted=result.drifted, watched=result.watched, columns=columns)]

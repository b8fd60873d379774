"""Not worse than the champion, or better: the same hold-out rows, the same resamples, one interval.

The difference of a metric is resampled in pairs (Efron and Tibshirani 1993), so what makes a row hard for
both models cancels. A difference that the rows cannot tell from the allowed one is said to be open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.result import short_name
from jupyter_mlops.registry.gates.answers import all_classes
from jupyter_mlops.registry.gates.bootstrap import interval, resampled, usual_resamples
from jupyter_mlops.registry.gates.case import named_column
from jupyter_mlops.registry.gates.figures import default_metrics, number
from jupyter_mlops.registry.gates.metrics import METRICS, Metric
from jupyter_mlops.registry.gates.outcome import gate, listed, percent
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from jupyter_mlops.registry.evidence import Champion, Gate
    from jupyter_mlops.registry.gates.answers import Answers, Codes
    from jupyter_mlops.registry.gates.case import Case
    from jupyter_mlops.registry.gates.rules import Against


def against_champion(case: Case) -> list[Gate]:
    """Compare with the champion on the hold-out; where that cannot be, compare what was recorded."""
    champion = case.evidence.champion
    if champion is None:
        raise Unable("there is no champion yet", applies=False)
    try:
        new, old = _both(case, champion)
        return [_measured(case, new, old)]
    except Unable as unable:
        return [_recorded(case, champion, unable.reason)]


def _both(case: Case, champion: Champion) -> tuple[Answers, Answers]:
    """Answers of the model and of the champion for the same rows, with the same classes."""
    if champion.model is None:
        raise Unable(champion.why or "the champion cannot be loaded")
    said = case.ask(champion.model, case.holdout.features, "the champion")
    if case.evidence.task == "regression":
        return case.answers, case.put(case.holdout, said)
    if said.classes and not set(said.classes) & set(all_classes([case.holdout.target])):
        raise Unable("the champion answers with other labels")
    classes = case.classes_with(case.predicted, said)
    return case.put(case.holdout, case.predicted, classes), case.put(case.holdout, said, classes)


def _measured(case: Case, new: Answers, old: Answers) -> Gate:
    rule = case.rules.champion
    metric, (now, before) = _metric(rule, new, old)
    turn = 1.0 if metric.higher else -1.0
    rows = len(new)
    clusters = _clusters(case, rule)
    units = rows if clusters is None else int(clusters.max()) + 1
    resamples = rule.resamples or usual_resamples(units)
    drawn = resampled(
        [metric.statistic(new), metric.statistic(old)], rows, resamples=resamples, clusters=clusters
    )
    low, high = interval(drawn[:, 0] - drawn[:, 1], rule.confidence)
    gain = turn * (now - before)
    best, worst = (high, low) if metric.higher else (-low, -high)
    margin = _margin(rule, metric, before)
    details = {
        "metric": metric.name, "value": now, "champion": before, "difference": now - before,
        "low": low, "high": high, "confidence": rule.confidence, "rows": rows, "resamples": resamples,
        "not_worse_by": None if rule.better else margin, "higher_is_better": metric.higher,
        "clusters": None if clusters is None else units,
    }  # fmt: skip
    figure = (
        f"{metric.name} {number(now)}, champion {number(before)}: {_signed(now - before)} "
        f"({percent(rule.confidence)} {number(low)} to {number(high)}){case.holdout.note}"
    )
    if not np.isfinite(low):
        raise Unable("most resamples of the hold-out have no such figure: too few rows of a class")
    if rule.better:
        if worst > 0:
            return gate("champion", "passed", figure, **details)
        return gate("champion", rule.bad("block"), f"{figure}, not surely better", **details)
    if worst >= -margin:
        return gate("champion", "passed", figure, **details)
    if gain < -margin and best < 0:
        return gate(
            "champion", rule.bad("block"), f"{figure}, worse by more than {number(margin)}", **details
        )
    outcome = rule.bad("block") if rule.must_be_shown else "warned"
    told = f"{figure}; {units:,} rows leave open if it is worse by more than {number(margin)}"
    return gate("champion", outcome, told, **details)


def _metric(rule: Against, new: Answers, old: Answers) -> tuple[Metric, tuple[float, float]]:
    """The metric that the file names, or the first usual one that both models have."""
    if rule.metric is not None:
        metric = METRICS[rule.metric]
        return metric, (metric.value(new), metric.value(old))
    theirs = default_metrics(old)
    shared = next((METRICS[name] for name in default_metrics(new) if name in theirs), None)
    if shared is None:
        raise Unable("no usual metric can be computed for both models")
    return shared, (shared.value(new), shared.value(old))


def _margin(rule: Against, metric: Metric, before: float) -> float:
    if rule.not_worse_by is not None:
        return rule.not_worse_by
    return 0.005 if metric.is_share else 0.01 * abs(before)


def _clusters(case: Case, rule: Against) -> Codes | None:
    """Rows of one value are drawn together; each row without one alone."""
    import pandas as pd

    if rule.clusters is None:
        return None
    column = named_column(case.holdout.features, rule.clusters, case.holdout.said)
    codes, distinct = pd.factorize(column.reset_index(drop=True))
    alone = codes < 0
    codes = np.asarray(codes, np.int64)
    codes[alone] = len(distinct) + np.arange(int(alone.sum()))
    return codes


def _recorded(case: Case, champion: Champion, why: str) -> Gate:
    """What both notebooks measured under one name, perhaps on other rows: a person has to look."""
    before, now = champion.version.metrics, case.evidence.metrics
    wanted = case.rules.champion.metric
    shared = [name for name in now if name in before and wanted in {None, name}]
    if not shared:
        raise Unable(f"{why}; and no metric of the same name is recorded of both")
    told = [f"{short_name(name)} {number(now[name])}, champion {number(before[name])}" for name in shared]
    figure = f"{why}; as recorded, perhaps of other rows: {listed(told)}"
    recorded = {name: {"value": now[name], "champion": before[name]} for name in shared}
    return gate("champion", case.rules.champion.bad("warn"), figure, why=why, recorded=recorded)


def _signed(value: float) -> str:
    return ("+" if value >= 0 else "−") + number(abs(value))

"""Gates over what is known already: the replay, metrics with a limit, a person's approval, size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jupyter_mlops.drift.result import short_name
from jupyter_mlops.errors import did_you_mean
from jupyter_mlops.registry.gates.figures import number
from jupyter_mlops.registry.gates.metrics import METRICS
from jupyter_mlops.registry.gates.outcome import gate, listed
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from jupyter_mlops.registry.evidence import Gate
    from jupyter_mlops.registry.gates.case import Case
    from jupyter_mlops.registry.gates.requirement import Requirement

_OURS = "holdout."
"""Before a metric: not the notebook's figure of that name, but ours on the hold-out."""


def reproduced(case: Case) -> list[Gate]:
    """Did the code behind the model give it again?"""
    checks = case.evidence.checks
    if not checks:
        raise Unable("the code behind the model was not run again")
    details = {check.what: {"outcome": check.outcome, "figure": check.figure} for check in checks}
    failed = [check for check in checks if check.outcome == "failed"]
    warned = [check for check in checks if check.outcome == "warned"]
    if failed:
        told = listed([f"{check.what}: {check.figure}" for check in failed])
        return [gate("reproduced", case.rules.reproduced.bad("block"), told, checks=details)]
    told = f"{len(checks) - len(warned)} of {len(checks)} checks are equal"
    if warned:
        told += f"; {listed([f'{check.what}: {check.figure}' for check in warned])}"
    return [gate("reproduced", "passed", told, checks=details)]


def metrics(case: Case) -> list[Gate]:
    """One gate for each required metric."""
    if not case.rules.metrics.require:
        raise Unable("no metric is required: `metrics:` in the gate file", applies=False)
    return [_required(case, each) for each in case.rules.metrics.require]


def _required(case: Case, wanted: Requirement) -> Gate:
    """The notebook's figure decides where it has one of that name; ours beside it may only warn."""
    bad = case.rules.metrics.bad("block")
    name = wanted.metric.removeprefix(_OURS)
    recorded = case.evidence.metrics.get(wanted.metric)
    try:
        ours, why = _on_holdout(case, name), ""
    except Unable as unable:
        ours, why = None, unable.reason
    if recorded is None and ours is None:
        return gate(wanted.text, bad, f"not known: {why}", limit=wanted.limit, value=None)
    value = ours if recorded is None else recorded
    said = case.evidence.holdout.said if case.evidence.holdout else ""
    where = f" on {said}" if recorded is None else ""
    figure = f"{short_name(name)} {number(value or 0.0) if _is_number(value) else 'is not a number'}{where}"
    details = {"limit": wanted.limit, "sign": wanted.sign, "value": value, "holdout": ours}
    if value is None or not wanted.is_met(value):
        return gate(wanted.text, bad, f"{figure}, not {wanted.sign} {wanted.limit:g}", **details)
    if recorded is not None and ours is not None and not wanted.is_met(ours):
        return gate(wanted.text, "warned", f"{figure} as recorded, but {number(ours)} on {said}", **details)
    return gate(wanted.text, "passed", figure, **details)


def _on_holdout(case: Case, name: str) -> float:
    if name not in METRICS:
        known = [*case.evidence.metrics, *METRICS]
        raise Unable(f"neither the notebook nor the hold-out has it.{did_you_mean(name, known)}")
    return METRICS[name].value(case.answers)


def _is_number(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def approval(case: Case) -> list[Gate]:
    """Has a person agreed?"""
    rule = case.rules.approval
    if case.approved_by and case.approved_by.strip():
        who = short_name(case.approved_by.strip())
        return [gate("approval", "passed", f"approved by {who}", approved_by=who)]
    if not rule.required:
        raise Unable("not required: `approval: {required: true}` in the gate file", applies=False)
    return [gate("approval", rule.bad("block"), "nobody has approved it: --approve-by WHO", approved_by=None)]


def size(case: Case) -> list[Gate]:
    """Are the files small enough?"""
    megabytes = case.evidence.size_bytes / 1e6
    limit = case.rules.size.max_mb
    outcome = "passed" if megabytes <= limit else case.rules.size.bad("warn")
    more = "" if outcome == "passed" else f", more than {limit:g} MB"
    return [gate("size", outcome, f"{megabytes:.3g} MB{more}", megabytes=megabytes, limit=limit)]

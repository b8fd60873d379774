"""All gates of a model, one after the other. None stops another, and none fails by its own trouble."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.registry.gates.case import Case
from jupyter_mlops.registry.gates.champion import against_champion
from jupyter_mlops.registry.gates.drifted import drift
from jupyter_mlops.registry.gates.fairness import fairness
from jupyter_mlops.registry.gates.latency import latency
from jupyter_mlops.registry.gates.leakage import duplicates, near_perfect, target_leak
from jupyter_mlops.registry.gates.outcome import gate
from jupyter_mlops.registry.gates.required import approval, metrics, reproduced, size
from jupyter_mlops.registry.gates.sanity import constant, gap
from jupyter_mlops.registry.gates.slices import slices
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.registry.evidence import Evidence, Gate
    from jupyter_mlops.registry.gates.rules import Rule, Rules

_GATES: tuple[tuple[str, str, Callable[[Case], list[Gate]]], ...] = (
    ("reproduced", "reproduced", reproduced),
    ("metrics", "metrics", metrics),
    ("champion", "champion", against_champion),
    ("slices", "slices", slices),
    ("fairness", "fairness", fairness),
    ("drift", "drift", drift),
    ("target leak", "leakage", target_leak),
    ("single feature", "leakage", near_perfect),
    ("duplicate rows", "leakage", duplicates),
    ("different answers", "sanity", constant),
    ("training gap", "sanity", gap),
    ("latency", "latency", latency),
    ("size", "size", size),
    ("approval", "approval", approval),
)
"""Name, the section of the gate file that it is told by, and what it does."""


def run_gates(
    evidence: Evidence,
    rules: Rules,
    *,
    approved_by: str | None = None,
    progress: Callable[[str, float], None] = lambda text, share: None,
) -> tuple[Gate, ...]:
    """Measure a model against its rules.

    A gate that cannot be computed is ``skipped`` with its reason, and ``failed`` if the gate file names it.

    Args:
        evidence: what is known of the model.
        rules: what it must hold, from `load_rules`.
        approved_by: the person who agreed, if anybody did.
        progress: told a short text and the share done, from 0 to 1.
    """
    case = Case(evidence, rules, approved_by)
    found: list[Gate] = []
    for place, (name, section, function) in enumerate(_GATES):
        progress(f"gate: {name}", place / len(_GATES))
        found += _run(case, name, getattr(rules, section), function)
    return tuple(found)


def _run(case: Case, name: str, rule: Rule, function: Callable[[Case], list[Gate]]) -> list[Gate]:
    if rule.level == "off":
        return [gate(name, "skipped", "turned off in the gate file", applies=False)]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return function(case)
    except Unable as unable:
        reason, applies = unable.reason, unable.applies
    except Exception as error:  # noqa: BLE001 - data and models are anybody's; their message may hold values
        reason, applies = f"could not be computed ({type(error).__name__})", True
    required = rule.asked and applies
    return [
        gate(name, rule.bad("warn") if required else "skipped", reason, required=required, applies=applies)
    ]

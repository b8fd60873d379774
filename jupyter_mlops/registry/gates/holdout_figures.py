"""The usual figures of a model on its hold-out, for a model card."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from jupyter_mlops.registry.gates.case import Case
from jupyter_mlops.registry.gates.figures import default_metrics, intervals_of
from jupyter_mlops.registry.gates.rules import Rules
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from jupyter_mlops.registry.evidence import Evidence
    from jupyter_mlops.registry.gates.figures import Interval


def holdout_figures(evidence: Evidence, *, confidence: float = 0.95) -> dict[str, Interval]:
    """By metric, its value and the ends of its interval; empty where there is no hold-out to measure on."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = Case(evidence, Rules()).answers
            return intervals_of(found, default_metrics(found), confidence=confidence)
    except Unable:
        return {}

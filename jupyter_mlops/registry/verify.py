"""Does the replay agree with the record? One check per kind of evidence, each with its figure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from jupyter_mlops.lineage.alike import compare_rows, is_time, same_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.lineage.replay import Replayed

Outcome = Literal["passed", "warned", "failed"]


@dataclass(frozen=True)
class Check:
    """One thing compared: its outcome and the figure behind it."""

    outcome: Outcome
    what: str
    figure: str


@dataclass(frozen=True)
class Recorded:
    """What is known of the model to promote.

    `predictions` and `probabilities` are those of the object in the notebook, where there is one.
    """

    digest: str | None
    metrics: Mapping[str, float]
    predictions: list[Any] | None = None
    probabilities: list[list[float]] | None = None


def verify(recorded: Recorded, replayed: Replayed) -> list[Check]:
    """Compare fitted state, metrics and predictions; say where random numbers were set back."""
    checks = [_state(recorded, replayed), *_metrics(recorded, replayed)]
    if recorded.predictions is not None:
        checks.append(_predictions(recorded, replayed))
    if replayed.restored:
        checks.append(_randomness(replayed))
    return checks


def _randomness(replayed: Replayed) -> Check:
    """The code alone does not give these numbers again: say so, whatever the other checks say."""
    later = [found for found in replayed.restored if not found.is_start]
    if later:
        places = ", ".join(f"{found.name} before {found.cell}" for found in later)
        return Check("warned", "random numbers", f"the code alone gives others; set back: {places}")
    places = ", ".join(f"{found.name} from {found.cell} on" for found in replayed.restored)
    return Check("passed", "random numbers", f"no seed; started from the recorded state: {places}")


def _state(recorded: Recorded, replayed: Replayed) -> Check:
    if recorded.digest is None or replayed.model_digest is None:
        return Check("warned", "fitted state", "cannot be compared for this kind of model")
    if recorded.digest == replayed.model_digest:
        return Check("passed", "fitted state", "equal, by content digest")
    return Check("warned", "fitted state", "differs; metrics and predictions decide")


def _metrics(recorded: Recorded, replayed: Replayed) -> list[Check]:
    checks = []
    for name, value in recorded.metrics.items():
        again = replayed.metrics.get(name, math.nan)
        if same_number(value, again):
            checks.append(Check("passed", name, f"{value:.6g} again"))
        elif is_time(name):
            checks.append(Check("warned", name, "a time: not compared"))
        elif math.isnan(again):
            checks.append(Check("failed", name, f"recorded {value:.6g}, not computed again"))
        else:
            checks.append(Check("failed", name, f"recorded {value:.6g}, now {again:.6g}"))
    return checks


def _predictions(recorded: Recorded, replayed: Replayed) -> Check:
    found = compare_rows(
        recorded.predictions or [],
        replayed.predictions,
        (recorded.probabilities, replayed.probabilities),
    )
    if found.differ is None:
        return Check("failed", "predictions", f"{found.before} rows against {found.after}")
    if found.differ:
        return Check("failed", "predictions", f"{found.differ:,} of {found.before:,} rows differ")
    if not found.are_equal:
        return Check("failed", "probabilities", f"differ by up to {found.probabilities:.2g}")
    return Check("passed", "predictions", f"{found.before:,} rows equal")

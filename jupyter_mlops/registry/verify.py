"""Does the replay agree with the record? One check per kind of evidence, each with its figure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.lineage.replay import Replayed

Outcome = Literal["passed", "warned", "failed"]
_TOLERANCE = 1e-9
"""Relative for metrics, absolute for probabilities: sums may be taken in another order."""
_TIMING = re.compile(
    r"(^|_)(times?|timestamp|seconds|secs?|ms|duration|elapsed|latency|took|runtime|clock)($|_)"
    r"|^(start(ed)?|began|begin|end(ed)?|now|tic|toc|t[0-9])$",  # alone: start_loss is no time
    re.IGNORECASE,
)


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
        same = math.isclose(value, again, rel_tol=_TOLERANCE, abs_tol=1e-12) or (
            math.isnan(value) and math.isnan(again)
        )
        if same:
            checks.append(Check("passed", name, f"{value:.6g} again"))
        elif _TIMING.search(name):
            checks.append(Check("warned", name, "a time: not compared"))
        elif math.isnan(again):
            checks.append(Check("failed", name, f"recorded {value:.6g}, not computed again"))
        else:
            checks.append(Check("failed", name, f"recorded {value:.6g}, now {again:.6g}"))
    return checks


def _predictions(recorded: Recorded, replayed: Replayed) -> Check:
    before, after = recorded.predictions or [], replayed.predictions
    if len(before) != len(after):
        return Check("failed", "predictions", f"{len(before)} rows against {len(after)}")
    differ = sum(not _equal(first, second) for first, second in zip(before, after, strict=True))
    if differ:
        return Check("failed", "predictions", f"{differ:,} of {len(before):,} rows differ")
    gap = _largest_gap(recorded.probabilities, replayed.probabilities)
    if gap > _TOLERANCE:
        return Check("failed", "probabilities", f"differ by up to {gap:.2g}")
    return Check("passed", "predictions", f"{len(before):,} rows equal")


def _equal(first: Any, second: Any) -> bool:
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=_TOLERANCE, abs_tol=1e-12) or (
            math.isnan(first) and math.isnan(second)
        )
    return bool(first == second)


def _largest_gap(before: list[list[float]] | None, after: list[list[float]] | None) -> float:
    if before is None or after is None:
        return 0.0 if before is after else math.inf
    return max(
        (
            abs(one - two)
            for row, again in zip(before, after, strict=True)
            for one, two in zip(row, again, strict=True)
        ),
        default=0.0,
    )

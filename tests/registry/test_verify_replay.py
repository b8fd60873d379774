"""What counts as the same result."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.lineage.replay import Replayed
from jupyter_mlops.registry.verify import Recorded, verify


def outcomes(recorded: Recorded, **replayed: Any) -> dict[str, str]:
    given = {"model_digest": "d", "metrics": {}, "predictions": [], "probabilities": None, **replayed}
    again = Replayed(**given, seconds=1.0, model_file=Path("model.pkl"))
    return {check.what: check.outcome for check in verify(recorded, again)}


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (0.9, 0.9, "passed"),
        (0.9, 0.9 * (1 + 1e-12), "passed"),
        (0.9, 0.9001, "failed"),
        (0.0, 0.0, "passed"),
        (math.nan, math.nan, "passed"),
        (0.9, math.nan, "failed"),
        (math.nan, 0.9, "failed"),
    ],
)
def test_a_metric_must_come_out_again(before: float, after: float, outcome: str) -> None:
    assert outcomes(Recorded("d", {"auc": before}), metrics={"auc": after})["auc"] == outcome


@pytest.mark.parametrize("name", ["fit_seconds", "time", "start", "t0", "elapsed_ms", "Latency"])
def test_a_time_is_not_compared(name: str) -> None:
    assert outcomes(Recorded("d", {name: 1.0}), metrics={name: 2.0})[name] == "warned"


@pytest.mark.parametrize("name", ["start_loss", "rms", "items", "auc_end", "t_statistic", "timeliness"])
def test_a_name_that_only_resembles_a_time_is_compared(name: str) -> None:
    assert outcomes(Recorded("d", {name: 1.0}), metrics={name: 2.0})[name] == "failed"


def test_a_metric_that_was_not_computed_again_is_a_failure() -> None:
    assert outcomes(Recorded("d", {"auc": 0.9}))["auc"] == "failed"


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (["a", "b"], ["a", "b"], "passed"),
        (["a", "b"], ["a", "c"], "failed"),
        (["a"], ["a", "b"], "failed"),
        ([1.0, math.nan], [1.0 + 1e-12, math.nan], "passed"),
        ([[1, 0]], [[1, 0]], "passed"),
    ],
)
def test_predictions_must_be_equal_row_by_row(before: list[Any], after: list[Any], outcome: str) -> None:
    assert outcomes(Recorded("d", {}, predictions=before), predictions=after)["predictions"] == outcome


def test_probabilities_may_differ_by_rounding_only() -> None:
    recorded = Recorded("d", {}, predictions=[1], probabilities=[[0.4, 0.6]])
    assert outcomes(recorded, predictions=[1], probabilities=[[0.4 + 1e-12, 0.6]])["predictions"] == "passed"
    assert outcomes(recorded, predictions=[1], probabilities=[[0.39, 0.61]])["probabilities"] == "failed"
    assert outcomes(recorded, predictions=[1], probabilities=None)["probabilities"] == "failed"


def test_another_fitted_state_is_a_warning_because_metrics_and_predictions_decide() -> None:
    assert outcomes(Recorded("other", {}))["fitted state"] == "warned"
    assert outcomes(Recorded(None, {}))["fitted state"] == "warned"
    assert outcomes(Recorded("d", {}))["fitted state"] == "passed"

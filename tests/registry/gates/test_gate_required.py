"""Gates over what is known already: the replay, required metrics, approval, size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.registry.verify import Check

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Told

    from jupyter_mlops.registry.gates import Rules


def test_a_model_that_was_reproduced_passes(line: Told) -> None:
    found = line.gate("reproduced")
    assert (found.outcome, found.figure) == ("passed", "2 of 2 checks are equal")
    warned = line.but(checks=(*line.evidence.checks, Check("warned", "fitted state", "differs")))
    assert warned.gate("reproduced").outcome == "passed"
    assert "fitted state: differs" in warned.gate("reproduced").figure


def test_one_that_was_not_fails_and_one_that_was_not_run_is_skipped(line: Told) -> None:
    failed = line.but(checks=(*line.evidence.checks, Check("failed", "auc", "recorded 0.9, now 0.8")))
    assert failed.gate("reproduced").outcome == "failed"
    assert failed.gate("reproduced").figure == "auc: recorded 0.9, now 0.8"
    assert line.but(checks=()).gate("reproduced").outcome == "skipped"


def test_a_required_metric_is_the_recorded_one_or_ours(line: Told, rules: Callable[[str], Rules]) -> None:
    found = line.gates(
        rules('metrics: ["auc >= 0.85", "accuracy > 0.8", "holdout.auc >= 0.85", "log_loss < 0.5"]'),
        of="metrics",
    )
    assert found["auc >= 0.85"].figure == "auc 0.900"
    assert found["accuracy > 0.8"].figure.startswith("accuracy 0.8")
    assert found["accuracy > 0.8"].figure.endswith("on X_test")
    named = ("auc >= 0.85", "accuracy > 0.8", "holdout.auc >= 0.85", "log_loss < 0.5")
    assert {found[name].outcome for name in named} == {"passed"}


def test_a_required_metric_that_is_not_met_fails(line: Told, rules: Callable[[str], Rules]) -> None:
    found = line.gates(rules('metrics: ["auc >= 0.95", "holdout.auc >= 0.95"]'), of="metrics")
    assert found["auc >= 0.95"].outcome == "failed"
    assert found["auc >= 0.95"].figure == "auc 0.900, not >= 0.95"
    assert found["holdout.auc >= 0.95"].outcome == "failed"
    warned = line.gates(rules('metrics: {require: ["auc >= 0.95"], level: warn}'), of="metrics")
    assert warned["auc >= 0.95"].outcome == "warned"


def test_a_recorded_metric_that_the_hold_out_contradicts_warns(
    line: Told, rules: Callable[[str], Rules]
) -> None:
    found = line.but(metrics={"auc": 0.99}).gates(rules('metrics: ["auc >= 0.95"]'), of="metrics")[
        "auc >= 0.95"
    ]
    assert found.outcome == "warned"
    assert found.figure.startswith("auc 0.990 as recorded, but 0.905")


def test_a_required_metric_that_nobody_knows_fails(line: Told, rules: Callable[[str], Rules]) -> None:
    found = line.gates(rules('metrics: ["acuracy >= 0.5", "rmse < 3"]'), of="metrics")
    assert found["acuracy >= 0.5"].outcome == "failed"
    assert "Did you mean 'accuracy'?" in found["acuracy >= 0.5"].figure
    assert found["rmse < 3"].outcome == "failed"
    no_rows = line.but(holdout=None).gates(rules('metrics: ["accuracy >= 0.5", "auc >= 0.5"]'), of="metrics")
    assert no_rows["accuracy >= 0.5"].outcome == "failed"
    assert no_rows["auc >= 0.5"].outcome == "passed"
    lost = line.but(metrics={"auc": float("nan")}).gates(rules('metrics: ["auc >= 0.5"]'), of="metrics")
    assert (lost["auc >= 0.5"].outcome, lost["auc >= 0.5"].details["value"]) == ("failed", None)
    assert line.gate("metrics").outcome == "skipped"


def test_an_approval_is_asked_for_only_where_the_file_does(line: Told, rules: Callable[[str], Rules]) -> None:
    required = rules("approval: {required: true}")
    assert line.gate("approval", required).outcome == "failed"
    assert line.gate("approval", required, approved_by=" ").outcome == "failed"
    assert line.gate("approval", required, approved_by="Ann").figure == "approved by Ann"
    assert line.gate("approval").outcome == "skipped"
    assert line.gate("approval", approved_by="Ann").outcome == "passed"


def test_files_have_a_largest_size(line: Told, rules: Callable[[str], Rules]) -> None:
    assert line.gate("size").figure == "1 MB"
    small = line.gate("size", rules("size: {max_mb: 0.5}"))
    assert (small.outcome, small.figure) == ("failed", "1 MB, more than 0.5 MB")
    assert line.but(size_bytes=10**9).gate("size").outcome == "warned"

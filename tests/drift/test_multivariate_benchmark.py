"""The benchmark's table of errors counts what it says it counts."""

from typing import Any

from benchmarks.drift_multivariate import splits_table


def report(p: float | None, verdict: str) -> dict[str, Any]:
    return {"cpu": 1.0, "tests": [{"p_value": p, "verdict": verdict}, *[{"p_value": p, "verdict": "ok"}] * 2]}


def test_reports_are_counted_by_p_and_by_their_worst_verdict() -> None:
    splits = {"halves": [report(0.01, "drift"), report(0.03, "watch"), report(0.5, "ok"), report(None, "ok")]}
    row = splits_table({"data": splits | {"80:20": [report(None, "ok")]}}).rows[0]
    assert row == ("data, halves", "3 of 4", "2", "2", "2", "1 (2)", "0.8–90.6 %")

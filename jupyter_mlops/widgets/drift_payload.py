"""What the drift widget and the saved page draw: one JSON-ready dictionary, counts and never rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_mlops.widgets.drift_parts import said
from jupyter_mlops.widgets.drift_static import compared

if TYPE_CHECKING:
    from jupyter_mlops.drift import DriftResult

FIGURES = ("effect", "limit", "null_level", "statistic", "p_value", "p_adjusted", "psi", "js", "wasserstein")
SHARES = ("missing_reference", "missing_current", "unseen")
PARTS = ("over_time", "segments", "multivariate", "performance")


def payload_of(result: DriftResult) -> dict[str, Any]:
    """The picture of `result`: columns worst first, None where there is no figure or no such part."""
    told = result.to_dict()
    by_name = {row["column"]: row for row in told["columns"]}
    rows = [by_name[str(name)] for name in result.ranked["column"]]
    counts = _counts(told["tests"])
    return {
        "summary": result.summary,
        "headline": result.headline,
        "compared": compared(result),
        "verdict": result.dataset_verdict,
        "thresholds": told["thresholds"],
        "columns": [_column(row, counts) for row in rows],
        "histograms": {name: _histogram(picture) for name, picture in told["histograms"].items()},
        "notes": said(result),
        **{part: _shortened(told[part]) for part in PARTS},
    }


def _column(row: dict[str, Any], counts: dict[tuple[Any, ...], dict[str, int]]) -> dict[str, Any]:
    figures = {name: _short(row[name]) for name in (*FIGURES, *SHARES)}
    return row | figures | counts.get(_test_key(row), {"reference_n": None, "current_n": None})


def _counts(tests: list[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, int]]:
    """How many values each test had on both sides."""
    return {
        _test_key(test): {"reference_n": test["reference_n"], "current_n": test["current_n"]}
        for test in reversed(tests)
    }


def _test_key(row: dict[str, Any]) -> tuple[Any, ...]:
    """What leads from a column to the test that decides it."""
    return row["column"], row["effect_name"], row["effect"]


def _histogram(picture: dict[str, Any]) -> dict[str, Any]:
    shares = {side: [_short(value, 4) for value in picture[side]] for side in ("reference", "current")}
    edges = picture.get("edges")
    if edges and not isinstance(edges[0], str):
        shares["edges"] = [_short(edge, 12) for edge in edges]
    return picture | shares


def _short(value: float | None, digits: int = 6) -> float | None:
    """As many digits as a picture shows: half the weight."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def _shortened(value: Any) -> Any:
    """The same with the digits that a picture shows."""
    if isinstance(value, dict):
        return {key: _shortened(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shortened(each) for each in value]
    return _short(value) if isinstance(value, float) else value

"""What the drift widget draws: ranked columns with figures, histograms, and the other parts of a result."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops import drift
from jupyter_mlops.drift import compare_frames
from jupyter_mlops.drift.multivariate import MultivariateTest
from jupyter_mlops.drift.performance import estimate_performance
from jupyter_mlops.drift.with_itself import SelfComparison
from jupyter_mlops.widgets.drift import DriftReport
from jupyter_mlops.widgets.drift_static import as_html
from jupyter_mlops.widgets.static import esc

ADULTS = Path(__file__).parents[2] / "example_notebooks" / "data" / "adult.csv"


@pytest.fixture(scope="module")
def report() -> DriftReport:
    g = np.random.default_rng(3)
    n = 500
    reference = pd.DataFrame({"same": g.normal(size=n), "moved": g.normal(size=n), "city": ["a", "b"] * 250})
    current = reference.assign(moved=reference["moved"] + 1, new=1)[:400]
    current.loc[:49, "same"] = np.nan
    return DriftReport.from_result(compare_frames(reference, current))


def test_columns_are_ranked_worst_first_with_the_figures_of_the_test_that_decides(
    report: DriftReport,
) -> None:
    payload = report.payload()
    rows = {row["column"]: row for row in payload["columns"]}
    assert list(rows) == list(report.ranked["column"])
    assert rows["moved"] | {"effect_name": "KS D", "reference_n": 500, "current_n": 400} == rows["moved"]
    assert rows["same"]["missing_current"] == 0.125
    assert (rows["new"]["effect"], rows["new"]["reference_n"], rows["new"]["reason"]) == (
        None,
        None,
        "only in current",
    )
    assert payload["verdict"] == "drift"
    json.dumps(payload, allow_nan=False)


def test_parts_that_were_not_asked_for_are_none(report: DriftReport) -> None:
    payload = report.payload()
    assert [payload[part] for part in ("over_time", "segments", "multivariate", "performance")] == [None] * 4


def test_every_part_is_drawn_and_said_in_a_line() -> None:
    g = np.random.default_rng(5)
    n = 2000
    score = g.uniform(size=n)
    reference = pd.DataFrame(
        {
            "x": g.normal(size=n),
            "city": np.where(np.arange(n) % 50 == 0, "Ulm", "Oslo"),
            "day": pd.date_range("2024-01-01", periods=n, freq="h"),
            "score": score,
            "label": (g.uniform(size=n) < score).astype(int),
        }
    )
    current = reference.assign(x=reference["x"] + (np.arange(n) > 1000))
    found = replace(
        drift(reference, current, by="city", time="day"),
        performance=estimate_performance(reference, current, target="label", score="score"),
        multivariate=(
            MultivariateTest("correlation", 0.25, "change", 0, np.nan, 0.001, "drift", (("x", 0.2),), ""),
        ),
        with_itself=SelfComparison(20, 500, 1, {"x": 0.01}),
    )
    payload = found.payload()
    json.dumps(payload, allow_nan=False)
    assert len(payload["over_time"]["columns"]["x"]["effect"]) == len(payload["over_time"]["chunks"]) == 10
    assert [each["label"] for each in payload["segments"]["segments"]] == ["Oslo", "Ulm"]
    assert payload["multivariate"][0]["details"] == [["x", 0.2]]
    assert payload["performance"]["metrics"][0]["lower"] < payload["performance"]["metrics"][0]["upper"]
    lines = str(found).splitlines()
    assert lines[2] == "over time: alarms in x (first in rows 1001–1200)"
    assert lines[3] == "by city: 1 of 2 segments drift: Oslo"
    assert lines[4] == "together: correlation drift (change 0.25)"
    assert lines[5].startswith("performance: no alarm in 10 chunks")
    assert [lines[6]] == payload["notes"] == ["1 of 20 random parts of the reference were flagged"]
    assert all(esc(line) in as_html(found) for line in lines[2:7])


def test_bins_of_large_numbers_stay_apart() -> None:
    frame = pd.DataFrame({"code": np.random.default_rng(0).integers(4_000_000_000, 4_000_000_300, 999)})
    payload = DriftReport.from_result(compare_frames(frame, frame)).payload()
    edges = payload["histograms"]["code"]["edges"]
    assert len(set(edges)) == len(edges) > 10


def test_two_thousand_columns_make_a_small_table_and_counts_only(report: DriftReport) -> None:
    def repeated(table: pd.DataFrame) -> pd.DataFrame:
        many = pd.concat([table] * 500, ignore_index=True)
        return many.assign(column=many["column"] + " " + (many.index // len(table)).astype(str))

    many = replace(
        report,
        columns=repeated(report.columns),
        tests=repeated(report.tests),
        histograms={f"{name} {i}": each for name, each in report.histograms.items() for i in range(500)},
    )
    assert len(as_html(many)) < 30_000
    payload = many.payload()
    assert len(payload["columns"]) == 2000
    assert len(json.dumps(payload)) < 3_000_000


def test_a_real_frame_is_drawn_from_a_few_kilobytes() -> None:
    people = pd.read_csv(ADULTS, header=None, nrows=10_000)
    half = len(people) // 2
    report = DriftReport.from_result(compare_frames(people[:half], people[half:]))
    assert len(json.dumps(report.payload())) < 2_000 * len(report.columns)

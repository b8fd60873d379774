"""What the drift widget draws: ranked columns with figures, histograms, and the other parts of a result."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.drift import compare_frames
from jupyter_mlops.widgets.drift import DriftReport
from jupyter_mlops.widgets.drift_payload import ready
from jupyter_mlops.widgets.drift_static import as_html

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


def test_parts_become_plain_json_whatever_they_are_made_of() -> None:
    @dataclass(frozen=True)
    class Test:
        value: float
        details: tuple[tuple[str, float], ...]

    found = ready((Test(np.float64("nan"), (("a", np.float64(1 / 3)),)), {1: np.bool_(True)}))
    assert found == [{"value": None, "details": [["a", 0.333333]]}, {"1": True}]


def test_bins_of_large_numbers_stay_apart() -> None:
    frame = pd.DataFrame({"id": np.arange(4_000_000_000, 4_000_000_300)})
    payload = DriftReport.from_result(compare_frames(frame, frame)).payload()
    edges = payload["histograms"]["id"]["edges"]
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

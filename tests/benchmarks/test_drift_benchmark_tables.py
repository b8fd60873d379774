from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.drift_accuracy import PLACES, false_flags
from benchmarks.drift_frame import COLUMNS, MATERIAL, NEGLIGIBLE, TEN, benchmark_frame, judged
from benchmarks.drift_sides import EVIDENTLY, LOADS, OURS, SIDES, Load, columns_of
from benchmarks.drift_splits import above_level, interval, splits_table
from benchmarks.drift_tables import bars_table, side_table
from benchmarks.workers import drift_own, drift_splits
from benchmarks.workers.drift_measured import measured

if TYPE_CHECKING:
    from pathlib import Path

TENTH = Load(1_000_000, TEN, (EVIDENTLY, OURS))


def sample(cpu: float, flagged: list[str]) -> dict[str, Any]:
    return {"cpu": cpu, "memory": 5e7, "flagged": flagged, "payload": 30_000} | {
        "profile": cpu / 2,
        "compare": 0.01,
    }


def rounds() -> dict[str, list[dict[str, Any]]]:
    theirs = ["num_00", "num_07", "low_09"]
    ours = ["num_00", "num_07", "num_14", "low_03"]
    return {
        EVIDENTLY: [sample(40, theirs), sample(80, theirs)],
        OURS: [sample(0.5, ours), sample(0.5, ours)],
    }


def asked(place: Path, **task: Any) -> None:
    (place / "task.json").write_text(json.dumps(task), "utf-8")


def result(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "result.json").read_text("utf-8"))
    return found


def test_the_frame_has_the_columns_that_are_judged() -> None:
    assert tuple(benchmark_frame(100, 1, current=True)) == COLUMNS
    assert len(MATERIAL) == 6
    assert len(NEGLIGIBLE) == 10
    assert judged(["num_00", "num_01", "low_09"], TEN) == {
        "found": ["num_00"],
        "missed": ["low_03", "num_07", "num_14"],
        "negligible": ["num_01"],
        "identical": ["low_09"],
    }


def test_a_side_without_columns_of_many_values_is_not_blamed_for_them() -> None:
    columns = columns_of(LOADS[0], EVIDENTLY)
    assert len(columns) == 45
    assert judged([], columns)["missed"] == sorted(MATERIAL - {"high_01"})
    assert len(columns_of(LOADS[0], OURS)) == 50
    assert not SIDES[OURS].home


def test_our_report_is_measured_on_the_files_and_columns_of_the_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for side, seed in (("reference", 1), ("current", 2)):
        frame = benchmark_frame(5_000, seed, current=side == "current")
        frame.to_parquet(tmp_path / f"{side}.parquet")
    asked(tmp_path, reference="reference.parquet", current="current.parquet", columns=list(TEN))
    drift_own.main()
    found = result(tmp_path)
    assert judged(found["flagged"], TEN)["found"] == sorted(MATERIAL & set(TEN))
    assert found["cpu"] > 0
    assert 1_000 < found["payload"] < 100_000


def test_memory_is_the_peak_and_not_what_is_left() -> None:
    done = measured(lambda: float(np.ones(10_000_000).sum()))
    assert done.result == 1e7
    assert done.cpu > 0
    assert done.memory is None or 7e7 < done.memory < 1.2e8


def test_splits_of_one_table_are_compared_by_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame({"a": range(400), "b": ["x", "y"] * 200})
    table.to_csv(tmp_path / "blood_transfusion.csv", index=False)
    asked(tmp_path, folder=str(tmp_path), name="blood_transfusion.csv", share=0.8, seeds=[4, 5])
    drift_splits.main()
    found = result(tmp_path)
    assert (found["rows"], found["columns"]) == (400, 2)
    assert [report["seed"] for report in found["reports"]] == [4, 5]


def test_false_reports_are_held_against_the_level_by_their_interval() -> None:
    assert interval(0, 200) == pytest.approx((0, 0.01828), abs=1e-5)

    def reports(hits: int) -> dict[str, Any]:
        told = [{place: {"drifted": ["a"] if at < hits else []} for place in PLACES} for at in range(200)]
        return {"rows": 1000, "columns": 5, "reports": told}

    found = {"few": {"halves": reports(10), "80:20": reports(0)}}
    found["many"] = {"halves": reports(40), "80:20": reports(14)}
    assert above_level(found) == ["many (halves)"]
    assert splits_table(found).rows[-2][:4] == ("all", "", "50 of 400", "9.4–16.1 %")


def test_bars_are_judged_by_ratios_of_the_same_round() -> None:
    table = side_table(TENTH, rounds())
    assert table.rows[0][2] == "120 (80–160)"
    assert table.rows[0][5:9] == ("2 of 4", "low_03, num_14", "0 of 3", "1")
    pair = {"found": sorted(MATERIAL), "missed": [], "negligible": ["num_01"], "identical": []}
    assert false_flags([pair, pair]) == 1
    both = dict.fromkeys(PLACES, pair)
    told = {row[0]: row[2:] for row in bars_table({TENTH: rounds()}, {100_000: [both]}, {}).rows}
    assert told["CPU beside Evidently's default, 1,000,000 × 10"] == ("120 (80–160)", "met")
    assert told["material found, 100,000 rows"] == ("6 of 6", "met")
    assert told["false flags a report, 100,000 rows"] == ("1.00", "**missed**")
    assert told["memory, 1,000,000 × 10"] == ("50.00 MB", "met")

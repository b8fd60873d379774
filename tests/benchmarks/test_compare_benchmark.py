from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.compare_measured import growth, notebook_of
from benchmarks.compare_sides import OURS, SIDES
from benchmarks.compare_store import COLD, SEARCH, WARM, store_table
from benchmarks.compare_tables import bars_table, widget_tables
from benchmarks.many_runs import make_runs
from benchmarks.processes import open_bench

if TYPE_CHECKING:
    from collections.abc import Callable


def shown(seconds: float, **more: Any) -> dict[str, Any]:
    return {"whole": seconds, "after_cell": seconds / 2, "longest": seconds / 4, "nodes": 1000} | more


def opened(seconds: float) -> dict[str, Any]:
    taken = {"wall": seconds, "cpu": seconds}
    return {"imports": taken, "first": taken, "again": taken, "runs": 10_000, "peak": 2e8}


def ours(**more: Any) -> dict[str, Any]:
    return shown(0.4, filter=0.05, sort=0.2, frames=59.9, slow_frames=30, saved=9e5, executed=2e6) | more


def test_every_side_gets_the_same_frame_and_only_peers_their_kernel() -> None:
    for name, side in SIDES.items():
        notebook = notebook_of(name, 1_000)
        prepare, show, close = (cell.source for cell in notebook.cells)
        assert "runs = frame(1000)" in prepare
        assert "runs" in show
        assert "close_all" in close
        assert (notebook.metadata.kernelspec.name == "python3") is not side.is_peer
    assert not SIDES[OURS].is_peer


def test_a_notebook_grows_by_outputs_and_states_and_not_by_its_cells() -> None:
    notebook = notebook_of(OURS, 10)
    assert growth(notebook) == 0
    notebook.cells[1].outputs = [{"output_type": "stream", "name": "stdout", "text": "x" * 500}]
    notebook.metadata["widgets"] = {"state": "y" * 1000}
    assert 1500 < growth(notebook) < 1700


def test_our_verb_is_measured_in_a_process_of_its_own_that_sees_every_run() -> None:
    with open_bench() as bench:
        project = bench.project()
        make_runs(f"sqlite:///{project / 'mlflow.db'}", 12, metrics=3, params=2)
        found = bench.measure_in(project, "compare_open")
    assert found["runs"] == 12
    assert found["first"]["wall"] > 0


def test_sides_are_compared_within_a_round_and_a_failed_one_is_told() -> None:
    rounds = {OURS: [ours(), ours(whole=0.2)], "quak": [shown(2.0), {"problem": "sort: Timeout | 40 s"}]}
    show, use = widget_tables(1_000, rounds)
    assert show.rows[0][1:3] == ("0.30 (0.20–0.40)", "1.0 (1.0–1.0)")
    assert show.rows[1][1:3] == ("2.00 (2.00–2.00)", "5.0 (5.0–5.0)")
    assert show.rows[1][-1] == "–"
    assert use.rows[0][1:5] == ("50 (50–50)", "200 (200–200)", "60", "30")
    assert use.rows[1][-1] == "1 of 2: sort: Timeout / 40 s"


@pytest.fixture
def bars() -> Callable[..., dict[str, tuple[str, ...]]]:
    store = {COLD: [opened(1.5)], WARM: [opened(0.3)], SEARCH: [opened(30.0)]}

    def told(sample: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        table = bars_table({1_000: {OURS: [sample]}, 10_000: {OURS: [sample]}}, store)
        return {row[0]: row[2:] for row in table.rows}

    assert store_table(store).rows[2][5] == "100 (100–100)"
    return told


def test_bars_are_judged_in_their_direction(bars: Callable[..., dict[str, tuple[str, ...]]]) -> None:
    told = bars(ours())
    assert told["on screen after the cell, 10,000 runs"] == ("0.20 s", "met")
    assert told["sort, 10,000 runs"] == ("0.20 s", "**missed**")
    assert told["scrolling, frames/s, 10,000 runs"] == ("60", "met")
    assert told["the notebook grows, 1,000 runs, Lab"] == ("900 kB", "**missed**")
    assert told["the notebook grows, 10,000 runs, Lab"] == ("900 kB", "met")
    assert told["open 10,000 runs of MLflow, no index"] == ("1.50 s", "met")
    assert told["open 10,000 runs of MLflow, index"] == ("0.30 s", "**missed**")
    assert bars(ours(frames=30))["scrolling, frames/s, 10,000 runs"] == ("30", "**missed**")


def test_what_could_not_be_measured_is_not_met(bars: Callable[..., dict[str, tuple[str, ...]]]) -> None:
    assert bars({"problem": "show: no"})["filter, 10,000 runs"] == ("–", "**not measured**")

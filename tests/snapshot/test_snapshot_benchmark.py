"""The versions of the benchmark, small: each is stored by the recipe that fits, and every one comes back."""

from __future__ import annotations

from benchmarks.snapshots import run


def test_twenty_steps_of_a_notebook_all_come_back_and_take_less_than_files() -> None:
    steps, restored, _ = run(4000)
    assert restored == len(steps) == 21
    moved = {5: "take", 7: "take", 8: "concat", 15: "take", 16: "concat", 19: "take", 3: "patch", 20: "same"}
    assert {number: steps[number].recipe for number in moved} == moved
    later = steps[1:]
    assert sum(step.snapshot.size for step in later) < sum(step.parquet.size for step in later) / 10

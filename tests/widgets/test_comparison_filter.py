"""The filter language, read in Python; the browser's reader is held by the same cases in tests/browser."""

import json
from pathlib import Path

import pytest

from jupyter_mlops.tracking.run_table import RunTable
from jupyter_mlops.widgets.compare_columns import columns_of
from jupyter_mlops.widgets.compare_filter import read_filter

CASES = json.loads((Path(__file__).parent / "filter_cases.json").read_text(encoding="utf-8"))
RUNS = CASES["runs"]
COLUMNS = columns_of(
    RunTable(
        names=RUNS["names"],
        run_ids=["a", "b", "c", "d"],
        metrics={name: [float(value) for value in values] for name, values in RUNS["metrics"].items()},
        params=RUNS["params"],
        info=RUNS["info"],
    )
)


@pytest.mark.parametrize(("text", "rows"), CASES["kept"])
def test_a_filter_keeps_the_runs_it_names(text: str, rows: list[int]) -> None:
    kept = read_filter(text, COLUMNS)
    assert kept.problem == ""
    assert kept.keep.nonzero()[0].tolist() == rows


@pytest.mark.parametrize(("text", "problem"), CASES["problems"])
def test_a_filter_that_cannot_be_read_says_why_and_keeps_every_run(text: str, problem: str | None) -> None:
    kept = read_filter(text, COLUMNS)
    assert kept.problem
    assert problem is None or kept.problem == problem
    assert kept.keep.all()


def test_a_misspelt_column_gets_a_suggestion() -> None:
    assert "'depth'" in read_filter("detph > 1", COLUMNS).problem


@pytest.mark.parametrize(
    "text", ["(" * 10_000, "not " * 10_000 + "a", "x " * 10_000, "a and " * 10_000 + "a"]
)
def test_a_filter_of_any_length_is_answered(text: str) -> None:
    assert len(read_filter(text, COLUMNS).keep) == 4

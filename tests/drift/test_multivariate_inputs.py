"""Odd columns for the tests of several columns: left out and named, never a crash and never an alarm."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.drift.multivariate import compare_together
from jupyter_mlops.errors import BadInputError

N = 600
draws = np.random.default_rng(0)
normal = draws.standard_normal(2 * N)


def beside(values: Any, *, ok: bool = True) -> str:
    """The note on a column of 1,200 rows, the first half of which is the reference, beside two others."""
    frame = pd.DataFrame({"a": normal, "b": np.roll(normal, 7)})
    frame["x"] = values
    tests = compare_together(frame[:N], frame[N:])
    assert not ok or [test.verdict for test in tests] == ["ok", "ok", "ok"]
    assert all(np.isfinite(test.value) for test in tests)
    return tests[0].note.partition("rows; left out: ")[2]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (7, "constant"),
        ("same", "constant"),
        (np.nan, "no values"),
        (pd.Series([None] * 2 * N, dtype=object), "no values"),
        (pd.Series([[1], [2]] * N), "mixed or nested values"),
        (pd.Series([{"k": 1}, "text"] * N, dtype=object), "mixed or nested values"),
        (pd.Series([1, "1"] * N, dtype=object), "mixed or nested values"),
        (pd.date_range("2026-01-01", periods=2 * N, freq="h"), "time"),
        (pd.date_range("2026-01-01", periods=2 * N, freq="h", tz="UTC"), "time"),
        (pd.Series([dt.date(2026, 1, 1) + dt.timedelta(at) for at in range(2 * N)]), "time"),
        (np.arange(2 * N) + 5_000, "counts rows"),
        (draws.permutation(10 * N)[: 2 * N], "counts rows"),
        ([f"user {at}" for at in range(2 * N)], "another value in each row"),
        (pd.Series([10**400, 2] * N, dtype=object), "not comparable"),
        (pd.Series(["a"] * N + [1] * N, dtype=object), "type changed"),
    ],
)
def test_what_says_nothing_is_left_out_and_named(values: Any, reason: str) -> None:
    assert beside(values) == f"x ({reason})"


@pytest.mark.parametrize(
    "values",
    [
        np.where(draws.random(2 * N) < 0.3, np.nan, 1.0),
        np.where(draws.random(2 * N) < 0.01, np.inf, normal),
        np.where(draws.random(2 * N) < 0.01, 1e308, normal),
        draws.random(2 * N) < 0.3,
        pd.Series(draws.integers(0, 3, 2 * N)).astype("category"),
        pd.Series(draws.integers(0, 3, 2 * N), dtype="Int64").mask(draws.random(2 * N) < 0.5),
        pd.to_timedelta(draws.integers(0, 10**6, 2 * N), unit="s"),
        [f"{at:x}" for at in draws.integers(0, 500, 2 * N)],
    ],
)
def test_what_can_be_used_is_used(values: Any) -> None:
    assert beside(values) == ""


def test_a_column_that_only_the_current_rows_vary_in_is_found() -> None:
    """As three columns of the electricity market are for years: a deviation of 0 must not divide."""
    assert beside(np.r_[np.zeros(N), draws.random(N)], ok=False) == ""


def test_a_column_gone_missing_is_found_without_its_correlations() -> None:
    before = pd.DataFrame({"a": normal, "b": np.roll(normal, 7), "c": np.roll(normal, 9)})
    classifier, _, correlation = compare_together(before, before.assign(c=np.nan))
    assert (classifier.verdict, classifier.details[0][0]) == ("drift", "c")
    assert correlation.verdict == "ok"
    assert "c (constant or mostly missing in one frame)" in correlation.note


def test_columns_of_one_frame_are_named_with_it() -> None:
    before = pd.DataFrame({"a": normal, "b": normal[::-1], "old": normal})
    note = compare_together(before, before.drop(columns="old").assign(new=normal))[0].note
    assert note.endswith("left out: old (only in reference); new (only in current)")


@pytest.mark.parametrize("values", [{"x": np.arange(N)}, {"x": [1] * N, "y": [None] * N}])
def test_nothing_to_compare_is_said(values: dict[str, Any]) -> None:
    tests = compare_together(pd.DataFrame(values), pd.DataFrame(values))
    assert [test.verdict for test in tests] == ["ok"] * 3
    assert all(test.note.startswith("no column to compare") for test in tests)


def test_one_column_has_a_classifier_and_words_for_the_rest() -> None:
    classifier, reconstruction, correlation = compare_together(
        pd.DataFrame({"x": normal}), pd.DataFrame({"x": normal + 1})
    )
    assert classifier.verdict == "drift"
    assert reconstruction.note.startswith("fewer than two columns vary")
    assert correlation.note.startswith("fewer than two numeric columns")


def test_too_few_rows_never_alarm() -> None:
    few, other = pd.DataFrame({"a": normal, "b": normal}), pd.DataFrame({"a": normal + 9, "b": normal})
    for tests in (compare_together(few[:199], other), compare_together(few, other[:1])):
        assert [(test.verdict, test.note[:20]) for test in tests] == [("ok", "too few rows to tell")] * 3


def test_wrong_arguments_are_named() -> None:
    frame = pd.DataFrame({"a": normal})
    with pytest.raises(BadInputError, match="No column of either frame is named 'z'"):
        compare_together(frame, frame, columns=["a", "z"])
    with pytest.raises(BadInputError, match="199 rows of each frame are too few"):
        compare_together(frame, frame, rows=199)
    with pytest.raises(BadInputError, match="current data is a list"):
        compare_together(frame, [1])

"""Odd columns and wrong arguments: each has a row or an error that says so, none is skipped."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.drift import DriftResult, Thresholds, compare_frames
from jupyter_mlops.errors import BadInputError

N = 400


def objects(values: list[Any]) -> pd.Series:
    return pd.Series(values, dtype=object)


def normal(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=N)


def compare(reference: Any, current: Any) -> DriftResult:
    """One column beside one that stays, so that there is always something in common."""
    stays = {"stays": np.arange(N)}
    result = compare_frames(pd.DataFrame({"x": reference} | stays), pd.DataFrame({"x": current} | stays))
    assert result.columns["column"].tolist() == ["x", "stays"]
    json.loads(result.to_json())
    return result


def row(result: DriftResult) -> dict[str, Any]:
    return dict(result.columns.iloc[0])


@pytest.mark.parametrize(
    ("values", "named"),
    [([1, 2], "list"), (pd.Series([1]), "Series"), (np.ones((2, 2)), "ndarray"), (None, "NoneType")],
)
def test_what_is_not_a_frame_is_named_by_its_type(values: Any, named: str) -> None:
    with pytest.raises(BadInputError, match=f"current data is a {named}"):
        compare_frames(pd.DataFrame({"x": [1]}), values)


def test_duplicate_names_are_named() -> None:
    twice = pd.DataFrame([[1, 2, 3]], columns=["age", "age", "b"])
    with pytest.raises(BadInputError, match="reference frame has several columns of one name: 'age'"):
        compare_frames(twice, twice)


def test_frames_without_a_common_column_are_refused() -> None:
    with pytest.raises(BadInputError, match="no column in common"):
        compare_frames(pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}))


def test_a_frame_without_rows_is_refused() -> None:
    frame = pd.DataFrame({"a": [1.0]})
    with pytest.raises(BadInputError, match="current frame has no rows"):
        compare_frames(frame, frame.head(0))


def test_an_unknown_column_is_refused_with_the_nearest_name() -> None:
    frame = pd.DataFrame({"age": [1.0]})
    with pytest.raises(BadInputError, match="Did you mean 'age'"):
        compare_frames(frame, frame, columns=["agee"])


@pytest.mark.parametrize("bad", [{"alpha": 0}, {"distribution": 1.5}, {"few_rows": -1}])
def test_thresholds_out_of_range_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(BadInputError, match=repr(next(iter(bad)))):
        Thresholds(**bad)


def test_only_the_columns_asked_for_are_reported() -> None:
    frame = pd.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]})
    assert compare_frames(frame, frame, columns=["c", "a"]).columns["column"].tolist() == ["c", "a"]


def test_names_that_are_not_text_are_shown_as_text() -> None:
    frame = pd.DataFrame({1: normal(0), ("a", 2): normal(1)})
    result = compare_frames(frame, frame.rename(columns={1: "1"}))
    assert result.columns["column"].tolist() == ["1", "('a', 2)"]
    assert result.dataset_verdict == "ok"


def test_one_row_is_too_few_to_tell() -> None:
    result = compare_frames(pd.DataFrame({"a": [1.0], "b": ["x"]}), pd.DataFrame({"a": [2.0], "b": ["y"]}))
    assert result.columns["verdict"].tolist() == ["watch", "watch"]
    assert result.columns["reason"].str.contains("too few rows").all()
    assert result.summary == "no drift in 2 columns; too few rows to tell in 2"


def test_columns_without_any_value_are_alike() -> None:
    found = row(compare([None] * N, [np.nan] * N))
    assert (found["kind"], found["verdict"], found["missing_current"]) == ("empty", "ok", 1.0)


@pytest.mark.parametrize("values", [normal(0), ["a", "b"] * (N // 2), pd.date_range("2020", periods=N)])
def test_a_column_that_lost_all_its_values_drifts(values: Any) -> None:
    found = row(compare(values, [None] * N))
    assert (found["verdict"], found["reason"]) == ("drift", "no values in current; missing")
    assert (found["missing_reference"], found["missing_current"]) == (0.0, 1.0)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e300, "a", True])
def test_constant_columns_are_alike(value: Any) -> None:
    assert row(compare([value] * N, [value] * N))["verdict"] == "ok"


@pytest.mark.parametrize("direction", [1, -1])
def test_a_constant_that_starts_to_vary_drifts(direction: int) -> None:
    found = row(compare([0.0034] * N, 0.0034 + direction * np.abs(normal(1))))
    assert found["verdict"] == "drift"
    assert found["psi"] > 1
    assert np.isnan(found["wasserstein"])


def test_infinite_values_are_counted_apart() -> None:
    current = normal(1)
    current[:40], current[40:50] = np.inf, -np.inf
    result = compare(normal(2), current)
    assert (row(result)["verdict"], row(result)["reason"]) == ("drift", "infinite")
    assert row(result)["effect"] == pytest.approx(0.125)
    assert row(result)["missing_current"] == 0
    assert np.isfinite(row(result)["wasserstein"])


def test_values_of_mixed_types_are_compared_by_type_and_text() -> None:
    numbers_became_text = compare(objects([1, "a", None, 2.5] * 100), objects([1, "a", None, "2.5"] * 100))
    found = row(numbers_became_text)
    assert (found["verdict"], found["reason"]) == ("drift", "mixed types; distribution, unseen")
    assert found["effect"] == pytest.approx(1 / 3)
    unchanged = row(compare(objects([1, True, 1.0, "1"] * 100), objects([1, True, 1.0, "1"] * 100)))
    assert (unchanged["verdict"], unchanged["reason"]) == ("ok", "mixed types")


@pytest.mark.parametrize("value", [[1], {"a": 1}, {1}, (1, 2), np.ones(2)])
def test_nested_values_are_to_be_watched(value: Any) -> None:
    found = row(compare(objects([value] * N), objects([value] * N)))
    assert (found["kind"], found["verdict"], found["reason"]) == ("unsupported", "watch", "nested values")


def test_numbers_too_big_for_a_float_are_to_be_watched() -> None:
    found = row(compare(objects([10**400] * N), objects([1] * N)))
    assert (found["kind"], found["verdict"]) == ("unsupported", "watch")


DAYS = pd.date_range("2020", periods=N)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (normal(0), normal(0).astype(str), "number to text"),
        (normal(0).astype(str), normal(0), "text to number"),
        (DAYS, DAYS.tz_localize("UTC"), "time to time with zone"),
        (DAYS, DAYS.astype(str), "time to text"),
    ],
)
def test_a_changed_type_drifts(before: Any, after: Any, words: str) -> None:
    found = row(compare(before, after))
    assert (found["verdict"], found["reason"]) == ("drift", f"type changed: {words}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DAYS.tz_localize("UTC"), DAYS.tz_localize("UTC").tz_convert("Asia/Tokyo")),
        (objects(list(DAYS.date)), DAYS),
        (DAYS.to_period("D"), DAYS),
        (pd.array(range(N), dtype="Int64"), np.arange(N, dtype=float)),
        (objects([Decimal(i) for i in range(N)]), np.arange(N)),
        (pd.Categorical(["a", "b"] * 200), ["a", "b"] * 200),
        (pd.Categorical([1, 2] * 200), [1, 2] * 200),
        ([True, False] * 200, [1, 0] * 200),
        (DAYS - DAYS[0], DAYS - DAYS[0]),
        (objects([dt.time(1)] * N), objects([dt.time(1)] * N)),
    ],
)
def test_the_same_values_in_another_type_are_alike(before: Any, after: Any) -> None:
    assert row(compare(before, after))["verdict"] == "ok"


def test_later_times_drift() -> None:
    found = row(compare(DAYS, DAYS + pd.Timedelta("200D")))
    assert (found["kind"], found["verdict"]) == ("datetime", "drift")
    assert found["effect"] == pytest.approx(0.5)


def test_columns_on_one_side_only_drift() -> None:
    result = compare_frames(pd.DataFrame({"a": [1], "old": [1]}), pd.DataFrame({"new": [1], "a": [1]}))
    reasons = dict(zip(result.columns["column"], result.columns["reason"], strict=True))
    assert reasons == {"a": "", "old": "only in reference", "new": "only in current"}
    assert result.drifted == ["old", "new"]


@pytest.mark.parametrize("rows", [200, 200_000])
def test_a_number_that_counts_the_rows_tells_nothing(rows: int) -> None:
    before, after = pd.DataFrame({"row": np.arange(rows)}), pd.DataFrame({"row": np.arange(rows) + rows})
    found = row(compare_frames(before, after))
    assert (found["kind"], found["verdict"], found["reason"]) == ("identifier", "ok", "counts rows")
    codes = pd.DataFrame({"row": np.random.default_rng(0).integers(0, rows, rows)})
    assert row(compare_frames(codes, after))["verdict"] == "drift"


def test_an_identifier_of_all_new_values_is_no_drift() -> None:
    found = row(compare([f"id{i}" for i in range(N)], [f"id{i + N}" for i in range(N)]))
    assert (found["kind"], found["verdict"], found["unseen"]) == ("high-cardinality", "ok", 1.0)

"""Validation: what a reference lets expect, which rows break it, and what chance may do."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats

from jupyter_mlops.drift.profile import FrameProfile, profile_frame
from jupyter_mlops.drift.validate import Expectations, ValidationResult, expectations_of, validate_frame
from jupyter_mlops.drift.validate.chance import rows_by_chance, rows_of_share
from jupyter_mlops.errors import BadInputError

G = np.random.default_rng(6)
N = 400
DATA = Path(__file__).parents[2] / "example_notebooks" / "data"
LOANS = Path(__file__).parent / "data" / "car_loans.parquet"
DAYS = pd.date_range("2024", periods=N)


def objects(values: Any) -> pd.Series:
    return pd.Series(list(values), dtype=object)


def held(reference: Any, current: Any) -> dict[str, Any]:
    """The checks of one column, by kind."""
    before = expectations_of(profile_frame(pd.DataFrame({"x": reference})))
    found = validate_frame(pd.DataFrame({"x": current}), Expectations.from_dict(before.to_dict()))
    json.loads(found.to_json())
    rows = found.checks.set_index("column").loc[["x"]]
    assert ((rows["violations"] > 0) == (rows["verdict"] != "pass")).all()
    return {row["expectation"]: row for row in rows.to_dict("records")}


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {kind: row["verdict"] for kind, row in found.items()}


def test_each_kind_of_violation_is_counted_and_pointed_at() -> None:
    reference = pd.DataFrame(
        {
            "age": G.integers(0, 5, N) * 10,
            "price": G.normal(size=N),
            "city": G.choice(["Ulm", "Rome"], N),
            "id": np.arange(N),
            "code": [f"c{i}" for i in range(N)],
            "old": 1,
        }
    )
    current = reference.drop(columns="old").assign(new=1)
    current["age"] = current["age"].astype(float)
    current.loc[[3, 9], "age"] = [-10, 12.5]
    current.loc[5:14, "price"] = np.inf
    current.loc[[0, 7], "city"] = [None, "Oslo"]
    current.loc[[2, 4], "id"] = 1
    current.loc[399, "code"] = "c0"
    result = validate_frame(current, expectations_of(profile_frame(reference)))
    table = result.checks[result.checks["verdict"] != "pass"]
    found = {
        (row.column, row.expectation): (row.violations, row.first_positions, row.verdict)
        for row in table.itertuples()
    }
    assert found == {
        ("old", "columns"): (N, [], "fail"),
        ("new", "columns"): (N, [], "warn"),
        ("age", "type"): (N, [0, 1, 2, 3, 4], "warn"),
        ("age", "range"): (1, [3], "fail"),
        ("age", "whole numbers"): (1, [9], "fail"),
        ("price", "finite"): (10, [5, 6, 7, 8, 9], "fail"),
        ("city", "missing"): (1, [0], "fail"),
        ("city", "categories"): (1, [7], "fail"),
        ("id", "unique"): (2, [2, 4], "fail"),
        ("code", "unique"): (1, [399], "fail"),
    }
    assert not result.ok
    assert result.summary.startswith("8 of 22 checks fail: old (columns)")
    assert "Oslo" not in result.to_json()
    assert "12.5" not in result.to_json()


def test_a_frame_holds_what_it_lets_expect() -> None:
    loans = pd.read_parquet(LOANS)
    result = validate_frame(loans, expectations_of(profile_frame(loans)))
    assert result.ok
    assert set(result.checks["verdict"]) == {"pass"}


@pytest.mark.parametrize("seed", range(5))
def test_halves_of_real_tables_fail_by_no_more_than_a_value_nobody_could_know(seed: int) -> None:
    census = pd.read_csv(DATA / "adult.csv", header=None, skipinitialspace=True, na_values="?")
    for table in (census, pd.read_parquet(LOANS)):
        mixed = table.sample(frac=1, random_state=seed)
        half = len(mixed) // 2
        stored = FrameProfile.from_json(profile_frame(mixed[:half]).to_json())
        result = validate_frame(mixed[half:], expectations_of(stored))
        failed = [check for check in result.each if check.verdict == "fail"]
        assert {(each.expectation.column, each.expectation.kind) for each in failed} <= {("13", "categories")}
        assert sum(each.finding.violations for each in failed) <= 1


def test_a_few_rows_beyond_are_chance_and_many_or_far_ones_are_not() -> None:
    reference = G.normal(size=2_000)
    top = reference.max()

    def with_beyond(values: list[float]) -> str:
        current = np.r_[G.choice(reference, 2_000 - len(values)), values]
        return str(held(reference, current)["range"]["verdict"])

    assert with_beyond([top]) == "pass"
    assert with_beyond([top + 0.1] * 3) == "warn"
    assert with_beyond([top + 0.1] * 14) == "fail"
    assert with_beyond([-999.0]) == "fail"
    assert held([-1.7e308] * N, [1.7e308] * N)["range"]["verdict"] == "fail"
    hours = np.minimum(G.poisson(90, 2_000), 99.0)  # 99 is as much as can be written down
    assert held(hours, np.r_[hours, 100.0])["range"]["verdict"] == "fail"


def test_the_rules_of_chance_are_those_of_the_distributions() -> None:
    for share in (1e-4, 0.003, 0.02, 0.3, 0.9):
        for rows in (50, 1_000, 100_000):
            exact = stats.binom.ppf(0.999, rows, share)
            assert -1 <= rows_of_share(share, rows) - exact <= 1 + 0.002 * exact
    assert rows_of_share(0.0, 10**6) == 0
    # Of the j largest of n + m rows all are new: hypergeometric.
    for n, m in ((1_000, 1_000), (10_000, 100), (200, 5_000)):
        most = rows_by_chance(n, m)
        assert stats.hypergeom.sf(most, n + m, m, most + 1) < 1e-4


def test_missing_values_may_be_as_many_as_the_reference_lets_expect() -> None:
    gaps = np.where(np.arange(5_000) % 50 == 0, np.nan, 1.5)  # 2 %
    small = np.where(np.arange(100) % 20 == 0, np.nan, 1.5)  # 5 of 100 are no news
    assert held(gaps, small)["missing"]["verdict"] == "pass"
    many = held(gaps, np.where(np.arange(5_000) % 25 == 0, np.nan, 1.5))["missing"]
    assert (many["violations"], many["share"], many["verdict"]) == (200, 0.04, "fail")
    assert held(np.ones(N), [None, *np.ones(9_999)])["missing"]["violations"] == 1


def test_new_values_are_to_be_expected_where_values_occur_once() -> None:
    closed, open_ = ["a", "b"] * 500, ["a", "b"] * 495 + [f"rare {i}" for i in range(10)]
    assert held(closed, [*closed, "new"])["categories"]["verdict"] == "fail"
    assert held(open_, [*open_, "new"])["categories"]["verdict"] == "warn"
    assert held(open_, [*closed, *["new"] * 60])["categories"]["verdict"] == "fail"
    assert "categories" not in held([f"n{i}" for i in range(50)], ["x"] * 50)


def test_little_is_expected_of_a_small_reference() -> None:
    found = held([1, 2, 3], [1.5, None, 900])
    assert verdicts(found) == {"type": "warn", "missing": "warn", "range": "warn", "whole numbers": "warn"}
    assert "only 3 rows" in found["range"]["why"]


def test_unique_numbers_that_may_be_so_by_chance_only_warn() -> None:
    keys = G.choice(2**50, N, replace=False)
    assert held(keys, np.r_[keys, keys[0]])["unique"]["verdict"] == "warn"
    assert "unique" not in held(G.normal(size=N), G.normal(size=N))


def test_later_times_warn_and_say_no_value() -> None:
    found = held(DAYS, DAYS + pd.Timedelta("3D"))["range"]
    assert (found["verdict"], found["violations"], found["expected"]) == (
        "warn",
        3,
        "2024-01-01 to 2025-02-03",
    )


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (np.arange(N), objects(map(str, range(N))), "text now; not checked: range, unique, whole numbers"),
        (DAYS, DAYS.tz_localize("UTC"), "time with zone now; not checked: range"),
        (DAYS, DAYS.astype(str), "text now; not checked: range"),
        (np.arange(N), objects([[1]] * N), "nested now; not checked: range, unique, whole numbers"),
        (np.arange(N), objects([10**400] * N), "unsupported now; not checked: range, unique, whole numbers"),
        ([True, False] * 200, [1, 0] * 200, "number now"),
    ],
)
def test_a_changed_type_fails_and_says_what_was_not_checked(before: Any, after: Any, why: str) -> None:
    found = held(before, after)["type"]
    assert (found["verdict"], found["violations"], found["why"]) == ("fail", N, why)


def test_of_mixed_values_those_of_another_type_are_pointed_at() -> None:
    found = held(np.arange(N), objects([*range(7), "seven", True, *range(9, N)]))["type"]
    assert (found["verdict"], found["violations"], found["first_positions"]) == ("fail", 2, [7, 8])
    mixed = objects([1, "a", 2.5, None] * 100)
    assert verdicts(held(mixed, mixed)) == {"type": "pass", "missing": "pass"}


@pytest.mark.parametrize(
    "values",
    [
        [None] * N,
        [np.inf] * N,
        [7] * N,
        [True] * N,
        objects([{"a": 1}] * N),
        objects([10**400] * N),
        objects([dt.time(1)] * N),
        objects([Decimal(i) / 3 for i in range(N)]),
        objects(["\ud800", "b"] * 200),
        DAYS.to_period("D"),
        DAYS - DAYS[0],
        objects(DAYS.date),
        DAYS.tz_localize("Asia/Tokyo"),
        pd.Categorical(["a", None] * 200),
        pd.Categorical([1, 2] * 200),
        pd.array([1, None] * 200, dtype="Int64"),
        np.where(np.arange(N) < 3, np.inf, np.arange(N)),
        [f"person {i}" for i in range(N)],
    ],
)
def test_odd_columns_are_as_they_let_expect(values: Any) -> None:
    found = held(values, values)
    assert set(verdicts(found).values()) == {"pass"}
    assert "type" in found


def test_a_column_without_values_fails_as_missing_and_one_that_had_none_warns() -> None:
    assert verdicts(held(np.arange(N), [None] * N)) == {
        "type": "pass",
        "missing": "fail",
        "range": "pass",
        "unique": "pass",
        "whole numbers": "pass",
    }
    assert held([None] * N, np.arange(N))["type"]["why"] == (
        "number now; the reference has no value: nothing else can be said"
    )


def test_the_same_values_in_other_libraries_hold() -> None:
    frame = pd.read_parquet(LOANS).head(2_000)
    frame["when"] = pd.date_range("2024", periods=len(frame), tz="UTC")
    expected = expectations_of(profile_frame(frame))
    for other in (pl.from_pandas(frame), pl.from_pandas(frame).lazy(), pa.Table.from_pandas(frame)):
        assert set(validate_frame(other, expected).checks["verdict"]) == {"pass"}


@pytest.mark.parametrize("empty", [pd.DataFrame({"x": []}), pl.DataFrame({"x": []}), pa.table({"x": []})])
def test_a_frame_without_rows_fails(empty: Any) -> None:
    result = validate_frame(empty, expectations_of(profile_frame(pd.DataFrame({"x": range(N)}))))
    assert result.summary == "1 of 2 checks fails: (frame) (rows)"
    assert not result.ok


def test_nothing_in_common_is_a_column_that_is_missing() -> None:
    result = validate_frame(
        pd.DataFrame({"b": [1]}), expectations_of(profile_frame(pd.DataFrame({"a": [1]})))
    )
    assert result.summary == "1 of 3 checks fails: a (columns); 1 warns"


@pytest.mark.parametrize(
    ("frame", "columns", "words"),
    [
        ([1, 2], None, "list, not a data frame"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), None, "several columns of one name: 'a'"),
        (pd.DataFrame({"a": [1]}), ["aa"], "Did you mean 'a'"),
        (pd.DataFrame({"a": [1]}), [], "named at all"),
    ],
)
def test_what_cannot_be_checked_is_an_error(frame: Any, columns: Any, words: str) -> None:
    expected = expectations_of(profile_frame(pd.DataFrame({"a": [1]})))
    with pytest.raises(BadInputError, match=words):
        validate_frame(frame, expected, columns)


def test_only_the_columns_asked_for_are_checked() -> None:
    frame = pd.DataFrame({"a": [1], "b": [2]})
    result = validate_frame(frame[["a"]], expectations_of(profile_frame(frame)), ["a"])
    assert set(result.checks["column"]) == {"(frame)", "a"}
    assert result.ok


def edited(change: Any) -> ValidationResult:
    frame = pd.DataFrame({"x": np.arange(N) % 7})
    data = json.loads(expectations_of(profile_frame(frame)).to_json())
    change(data)
    return validate_frame(frame, Expectations.from_dict(data))


def test_edited_expectations_are_held() -> None:
    def narrower(data: Any) -> None:
        next(one for one in data["checks"] if one["kind"] == "range")["limits"]["high"] = 5

    assert edited(narrower).summary == "1 of 6 checks fails: x (range)"
    assert edited(lambda data: data["checks"].clear()).summary == "none of 0 checks fails"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.pop("rows"), "no file of expectations"),
        (lambda data: data.update(expectations=99), "later version"),
        (lambda data: data["checks"][0].update(kind="magic"), "unknown kind or severity"),
        (lambda data: data["checks"][2]["limits"].clear(), "column 'x' has no usable limit 'family'"),
        (lambda data: data["checks"].append([]), "no file of expectations"),
    ],
)
def test_expectations_that_cannot_be_read_are_refused(change: Any, words: str) -> None:
    with pytest.raises(BadInputError, match=words):
        edited(change)

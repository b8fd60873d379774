"""What a result says: one line, tables, pictures, JSON."""

import json

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.drift import DriftResult, Thresholds, compare_frames


@pytest.fixture(scope="module")
def result() -> DriftResult:
    g = np.random.default_rng(1)
    n = 2000
    reference = pd.DataFrame(
        {
            "age": g.integers(18, 90, n),
            "tail": g.lognormal(0, 2, n),
            "city": g.choice(list("abcdefghijklmnopqrstuvwxy"), n),
            "dice": g.integers(1, 7, n),
            "key": [f"k{i}" for i in g.integers(0, 900, n)],
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(g.integers(0, 300, n), unit="D"),
        }
    )
    current = reference.sample(1500, random_state=1).assign(age=lambda frame: frame["age"] + 9)
    return compare_frames(reference, current)


def test_the_summary_names_the_columns_that_drift(result: DriftResult) -> None:
    assert result.summary == "1 of 6 columns drifts: age"
    assert result.headline == "1 of 6 columns drifts"
    assert (result.reference_rows, result.current_rows) == (2000, 1500)


def test_a_small_and_certain_change_is_to_be_watched() -> None:
    values = np.arange(100_000) % 1000
    strict = compare_frames(pd.DataFrame({"x": values}), pd.DataFrame({"x": values + 15}))
    assert (strict.dataset_verdict, strict.watched) == ("watch", ["x"])
    assert strict.summary == "no drift in 1 column; 1 to watch: x"
    relaxed = compare_frames(
        pd.DataFrame({"x": values}), pd.DataFrame({"x": values + 15}), thresholds=Thresholds(distribution=0.1)
    )
    assert relaxed.dataset_verdict == "ok"


def test_the_summary_stays_one_line_whatever_the_names() -> None:
    frame = pd.DataFrame({f"a\n{'b' * 90}{i}": [i] for i in range(30)})
    summary = compare_frames(frame.assign(both=1), pd.DataFrame({"both": [1]})).summary
    assert "\n" not in summary
    assert "and 22 more" in summary


def test_columns_are_ranked_worst_first(result: DriftResult) -> None:
    ranked = result.ranked
    assert ranked["column"].iloc[0] == "age"
    assert ranked["effect"].iloc[1:].is_monotonic_decreasing


def test_pictures_are_small_and_hold_all_rows(result: DriftResult) -> None:
    assert set(result.histograms) == set(result.columns["column"])
    for name, picture in result.histograms.items():
        bars = len(picture.reference)
        assert bars == len(picture.current)
        assert bars <= (20 if picture.axis == "category" else 30)
        assert len(picture.edges) == (0 if picture.axis == "category" else bars + 1)
        if not picture.partial:
            assert sum(picture.reference) == pytest.approx(1, abs=1e-4), name
            assert sum(picture.current) == pytest.approx(1, abs=1e-4), name


def test_pictures_show_the_values_in_their_order(result: DriftResult) -> None:
    assert result.histograms["dice"].labels == ("1", "2", "3", "4", "5", "6")
    assert result.histograms["day"].axis == "time"
    assert str(result.histograms["day"].edges[0]).startswith("2024-01-01")
    assert result.histograms["city"].labels[-1] == "other (6 values)"
    assert result.histograms["key"].labels[0] == "new values"


def test_json_is_strict_and_complete(result: DriftResult) -> None:
    data = json.loads(result.to_json(), parse_constant=pytest.fail)
    assert data["summary"] == result.summary
    assert data["drifted"] == ["age"]
    assert data["thresholds"]["distribution"] == 0.02
    assert [each["column"] for each in data["columns"]] == result.columns["column"].tolist()
    assert data["columns"][0]["unseen"] is None
    assert len(data["tests"]) == len(result.tests)
    assert set(data["histograms"]) == set(result.histograms)


def test_the_frames_are_left_as_they_were() -> None:
    reference, current = pd.DataFrame({1: [3, 1, 2], "b": list("xyz")}), pd.DataFrame({1: [1], "b": ["x"]})
    before = reference.copy(), current.copy()
    compare_frames(reference, current)
    pd.testing.assert_frame_equal(reference, before[0])
    pd.testing.assert_frame_equal(current, before[1])


def test_the_order_of_rows_does_not_matter(result: DriftResult) -> None:
    g = np.random.default_rng(3)
    a, b = pd.DataFrame({"x": g.normal(size=500)}), pd.DataFrame({"x": g.normal(size=400)})
    shuffled = compare_frames(a.sample(frac=1, random_state=1), b.sample(frac=1, random_state=2))
    assert shuffled.to_dict() == compare_frames(a, b).to_dict()

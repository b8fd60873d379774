"""Drift by time, by segment, and of the reference against itself."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.drift import Thresholds
from jupyter_mlops.drift.over_time import OverTime, compare_over_time
from jupyter_mlops.drift.profile import profile_frame
from jupyter_mlops.drift.segments import FEWEST_ROWS, compare_segments
from jupyter_mlops.drift.significance import adjust, adjust_strictly
from jupyter_mlops.drift.with_itself import compare_with_itself
from jupyter_mlops.errors import BadInputError

LIMITS = Thresholds()
DAYS = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(40_000) // 1000, unit="D")


def table(seed: int, rows: int = 40_000) -> pd.DataFrame:
    g = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "when": DAYS[:rows],
            "x": g.normal(size=rows),
            "still": g.normal(size=rows),
            "shop": g.choice(["north", "south", "east"], rows),
        }
    )


def over_time(reference: object, current: pd.DataFrame, every: str | None = "5D") -> OverTime:
    profile = profile_frame(reference) if isinstance(reference, pd.DataFrame) else reference
    names = ["when", "x", "still", "shop"]
    found = compare_over_time(reference, profile, current, names, time="when", every=every, thresholds=LIMITS)
    json.dumps(found.to_dict(), allow_nan=False)
    return found


def test_the_chunk_where_drift_began_is_the_first_to_alarm() -> None:
    current = table(1)
    current.loc[current["when"] >= "2024-01-21", "x"] += 0.5
    found = over_time(table(0), current)
    assert found.labels[4] == "2024-01-21"
    assert found.columns["x"].alarm == (False,) * 4 + (True,) * 4
    assert not any(found.columns["still"].alarm)
    assert found.columns["x"].high < 0.05 < found.columns["x"].effect[4]
    assert "when" not in found.columns


def test_certain_drift_later_does_not_make_earlier_chance_an_alarm() -> None:
    p_values = [*[1e-40] * 10, 0.024, *[0.5] * 11]
    assert adjust(p_values)[10] == pytest.approx(0.048)
    assert adjust_strictly(p_values)[10] == pytest.approx(12 * 0.024)
    assert max(adjust_strictly(p_values)[:10]) < 1e-38
    assert adjust_strictly([]) == []


def test_a_column_that_always_moves_as_much_does_not_alarm() -> None:
    def seasonal(seed: int) -> pd.DataFrame:
        frame = table(seed)
        return frame.assign(x=frame["x"] + np.sin(np.arange(len(frame)) / 2500))

    found = over_time(seasonal(0), seasonal(1))
    assert max(found.columns["x"].effect) > LIMITS.distribution
    assert not any(found.columns["x"].alarm)


def test_a_profile_has_no_chunks_and_so_no_band() -> None:
    current = table(1).assign(x=lambda frame: frame["x"] + 0.5)
    found = over_time(profile_frame(table(0)), current, every=None)
    assert len(found.labels) == 10
    assert np.isnan(found.columns["x"].high)
    assert all(found.columns["x"].alarm)


def test_a_row_on_the_boundary_belongs_to_the_later_chunk_and_none_is_lost() -> None:
    current = table(1)
    found = over_time(table(0), current, every="7D")
    assert sum(found.rows) + found.left_out == len(current)
    assert found.rows == (7000, 7000, 7000, 7000, 7000, 5000)
    current.loc[:9, "when"] = pd.NaT
    assert over_time(table(0), current, every="7D").left_out == 10


@pytest.mark.parametrize(("column", "every"), [("when", "1s"), ("nowhere", "1D"), ("when", "soon")])
def test_what_cannot_be_cut_is_refused(column: str, every: str) -> None:
    current = table(1, 3000)
    current["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(3000), unit="s")
    reference = table(0, 3000)
    with pytest.raises(BadInputError):
        compare_over_time(
            reference, profile_frame(reference), current, ["x"], time=column, every=every, thresholds=LIMITS
        )


def test_drift_inside_one_segment_is_found_there_and_only_there() -> None:
    reference, current = table(0), table(1)
    current.loc[current["shop"] == "south", "x"] += 0.4
    found = compare_segments(reference, current, ["x", "still"], by="shop", thresholds=LIMITS)
    assert (found.segments[0].label, found.segments[0].verdict) == ("south", "drift")
    assert {each.verdict for each in found.segments[1:]} == {"ok"}
    assert found.segments[0].columns["column"].iloc[0] == "x"
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [each["column"] for each in told["segments"][0]["columns"]] == ["x"]


def test_a_small_segment_says_so_and_never_drifts() -> None:
    reference, current = table(0), table(1)
    current.loc[: FEWEST_ROWS - 2, "shop"] = "new"
    current.loc[current["shop"] == "new", "x"] = 99.0
    found = compare_segments(reference, current, ["x"], by="shop", thresholds=LIMITS)
    new = next(each for each in found.segments if each.label == "new")
    assert (new.verdict, new.reference_rows, len(new.columns)) == ("watch", 0, 0)


def test_numbers_are_cut_at_quartiles_and_missing_ones_are_a_segment() -> None:
    reference, current = table(0), table(1)
    current.loc[:999, "still"] = np.nan
    reference.loc[:999, "still"] = np.nan
    labels = [
        each.label
        for each in compare_segments(reference, current, ["x"], by="still", thresholds=LIMITS).segments
    ]
    assert len(labels) == 5
    assert "(missing)" in labels
    with pytest.raises(BadInputError, match="no column 'shopp'"):
        compare_segments(reference, current, ["x"], by="shopp", thresholds=LIMITS)


def test_many_values_become_twenty_segments_that_hold_all_rows() -> None:
    g = np.random.default_rng(2)
    reference, current = (
        side.assign(key=g.integers(0, 60, len(side)).astype(str)) for side in (table(0), table(1))
    )
    found = compare_segments(reference, current, ["x"], by="key", thresholds=LIMITS).segments
    assert len(found) == 20
    assert sum(each.current_rows for each in found) == len(current)


@pytest.mark.parametrize("name", ["adult.csv", "penguins.csv"])
def test_random_parts_of_real_data_are_rarely_flagged(name: str) -> None:
    frame = pd.read_csv(Path(__file__).parents[2] / "example_notebooks" / "data" / name)
    found = compare_with_itself(frame, list(frame.columns), rows=150, thresholds=LIMITS, splits=10)
    assert (found.splits, found.rows) == (10, 150)
    assert found.flagged <= 1
    assert set(found.null_effects) == set(frame.columns)

"""Detectors over streams whose changes are known: planted, or marked by people."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.drift.concept import Score, change_point_score, detect_concept_drift
from jupyter_mlops.errors import BadInputError

pytest.importorskip("river")

DATA = Path(__file__).parent / "data"
SECRET = "Zanzibar"
# The five annotators of jfk_passengers in the Turing Change Point Dataset.
MARKS = [[299], [], [302], [326, 382], [296]]


@pytest.fixture(scope="module")
def errors() -> pd.DataFrame:
    """0 and 1, of which 20 % are 1 at first and 30 % from row 50,000 on."""
    g = np.random.default_rng(0)
    return pd.DataFrame({"wrong": np.r_[g.random(50_000) < 0.2, g.random(50_000) < 0.3].astype(int)})


@pytest.mark.parametrize(("detector", "delay"), [("adwin", 751), ("ddm", 1772)])
def test_a_rate_of_errors_that_grows_is_noticed_once(errors: pd.DataFrame, detector: str, delay: int) -> None:
    result = detect_concept_drift(errors, column="wrong", detector=detector)
    (alarm,) = result.alarms
    assert alarm.row == 50_000 + delay
    assert (alarm.before, alarm.after) == pytest.approx((0.2, 0.3), abs=0.005)
    assert result.notes == ()
    assert result.summary == f"{detector}: 1 alarm in 100,000 rows of wrong, the last at row {alarm.row:,}"
    assert (
        detect_concept_drift(errors.astype(bool), column="wrong", detector=detector).alarms == result.alarms
    )
    assert any(50_000 <= row < alarm.row for row in result.warnings) == (detector == "ddm")


def test_false_alarms_are_shown_beside_dummies_of_the_same_rate(errors: pd.DataFrame) -> None:
    result = detect_concept_drift(errors, column="wrong", detector="page-hinkley", seed=1)
    rows = [alarm.row for alarm in result.alarms]
    assert len([row for row in rows if row < 50_000]) == 3
    fixed, random = result.dummies["fixed interval"], result.dummies["random"]
    assert len(fixed) == len(random) == len(rows)
    assert np.ptp(np.diff((0, *fixed, 100_000))) <= 1
    assert list(random) == sorted(set(random))
    again = detect_concept_drift(errors, column="wrong", detector="page-hinkley", seed=1)
    other = detect_concept_drift(errors, column="wrong", detector="page-hinkley", seed=2)
    assert again.dummies == result.dummies
    assert other.dummies["random"] != random
    table = result.to_frame()
    assert table["detector"].value_counts().to_dict() == dict.fromkeys(
        ("page-hinkley", "fixed interval", "random"), len(rows)
    )
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["dummies"]["random"] == list(random)


def test_a_models_errors_are_told_by_what_labels_say_in_the_order_of_time(errors: pd.DataFrame) -> None:
    wrong = errors["wrong"][47_000:53_000].to_numpy()
    g = np.random.default_rng(1)
    said = g.integers(0, 2, len(wrong))
    frame = pd.DataFrame(
        {
            "at": pd.date_range("2026-01-01", periods=len(wrong), freq="min"),
            "said": said,
            "label": np.abs(said - wrong).astype(float),
        }
    )
    straight = detect_concept_drift(pd.DataFrame({"wrong": wrong}), column="wrong")
    frame.loc[len(frame)] = [frame["at"].iloc[0], 1, np.nan]
    mixed = frame.sample(frac=1, random_state=0)
    result = detect_concept_drift(mixed, target="label", prediction="said", time="at")
    assert result.what == "errors"
    assert len(result.alarms) == len(straight.alarms) == 1
    assert result.alarms[0].time == frame["at"].iloc[straight.alarms[0].row]
    assert mixed["at"].iloc[result.alarms[0].row] == result.alarms[0].time
    assert result.notes == ("1 rows have a missing value or label and are left out.",)


@pytest.mark.parametrize("detector", ["adwin", "page-hinkley"])
def test_a_change_is_found_whatever_the_unit(detector: str) -> None:
    g = np.random.default_rng(0)
    off = np.r_[g.normal(0, 1, 2000), g.normal(0, 3, 2000)]
    prices = pd.DataFrame({"said": 7.5, "paid": 7.5 + off})
    in_cents = prices * 1e6
    first, second = (
        detect_concept_drift(each, target="paid", prediction="said", detector=detector)
        for each in (prices, in_cents)
    )
    assert first.what == "absolute errors"
    assert [alarm.row for alarm in first.alarms] == [alarm.row for alarm in second.alarms]
    assert 2000 <= first.alarms[0].row < 2150
    assert first.alarms[0].after > 2 * first.alarms[0].before
    assert "standard deviations" in first.notes[0]


def test_nothing_happens_in_a_stream_that_does_not_change() -> None:
    for values in ([3.5] * 500, [0] * 500):
        result = detect_concept_drift(pd.DataFrame({"x": values}), column="x")
        assert result.summary == "adwin: no alarms in 500 rows of x"
        assert result.to_frame().empty
        assert result.dummies == {"fixed interval": (), "random": ()}


@pytest.mark.parametrize(
    ("marks", "found", "f1"),
    [
        ([[10, 20], [11, 20], [10], [0, 5]], [10, 20], 1.0),
        ([[], [10], [50]], [10], 0.9090909090909091),
        ([[], [10], [50]], [], 0.8),
    ],
)
def test_scores_are_those_of_the_change_point_benchmark(
    marks: list[list[int]], found: list[int], f1: float
) -> None:
    assert change_point_score(found, marks).f1 == pytest.approx(f1)


def test_an_alarm_stands_for_one_mark_and_late_ones_for_none() -> None:
    assert change_point_score([100], [[97, 103]]) == Score(precision=1.0, recall=2 / 3)
    assert change_point_score([105], [[100]]).recall == 1
    assert change_point_score([106], [[100]]) == Score(precision=0.5, recall=0.5)


def test_on_the_passengers_of_jfk_a_detector_that_is_silent_scores_higher() -> None:
    series = pd.read_csv(DATA / "airline_passengers.csv")
    # what most annotators saw is the autumn of 2001
    assert series["date"][296] == "2001-Sep"
    result = detect_concept_drift(series, column="Total Passengers")
    assert [series["date"][alarm.row] for alarm in result.alarms] == ["2000-Dec", "2008-Dec"]
    own = change_point_score([alarm.row for alarm in result.alarms], MARKS)
    dummy = change_point_score(result.dummies["fixed interval"], MARKS)
    assert (own.f1, dummy.f1) == pytest.approx((0.65, 0.42), abs=0.005)
    assert change_point_score([], MARKS).f1 == pytest.approx(0.723, abs=0.001)


FRAME = pd.DataFrame({"x": [0.5, 1.0, 2.0], "word": SECRET, "none": np.nan})
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "What to watch is not clear"),
    "half of it": ({"target": "x"}, "What to watch is not clear"),
    "both": ({"column": "x", "target": "x", "prediction": "word"}, "What to watch is not clear"),
    "no column": ({"column": "words"}, "Did you mean 'word'"),
    "text": ({"column": "word"}, "holds no numbers"),
    "text beside fractions": ({"target": "x", "prediction": "word"}, "holds no numbers"),
    "missing values": ({"column": "none"}, "missing values only"),
    "missing labels": ({"target": "none", "prediction": "x"}, "both a label and a prediction"),
    "nested labels": (
        {"frame": FRAME.assign(said=[[1]] * 3), "target": "said", "prediction": "x"},
        "nested values",
    ),
    "no detector": ({"column": "x", "detector": "adwim"}, "Did you mean 'adwin'"),
    "no option": ({"column": "x", "treshold": 3}, "does not take these options: treshold"),
    "not 0 and 1": ({"column": "x", "detector": "ddm"}, "is for errors, 0 and 1"),
    "no rows": ({"frame": FRAME[:0], "column": "x"}, "has no rows"),
}


@pytest.mark.parametrize(("given", "told"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_watched_is_told(given: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInputError) as caught:
        detect_concept_drift(**({"frame": FRAME} | given))
    assert told in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2
    assert SECRET not in str(caught.value)


def test_without_river_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "river.drift", None)
    with pytest.raises(BadInputError, match=r"pip install 'jupyter-mlops\[concept\]'"):
        detect_concept_drift(FRAME, column="x")

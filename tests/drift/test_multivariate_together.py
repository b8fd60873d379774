"""Several columns at once: what no single column shows is found, and halves of one table are alike."""

import json
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from test_drift_real_data import ADULT, HERE, NAMES

from jupyter_mlops.drift import compare_frames
from jupyter_mlops.drift.multivariate import MultivariateTest, compare_together


def normals(rows: int, seed: int, correlation: float = 0.0) -> pd.DataFrame:
    """Five standard normal columns, of which only a and b can go together."""
    draws = np.random.default_rng(seed).standard_normal((rows, 5))
    draws[:, 1] = correlation * draws[:, 0] + np.sqrt(1 - correlation**2) * draws[:, 1]
    return pd.DataFrame(draws, columns=list("abcde"))


def verdicts(tests: tuple[MultivariateTest, ...]) -> list[str]:
    return [test.verdict for test in tests]


def test_a_changed_correlation_is_found_where_each_column_stays_as_it_was() -> None:
    before, after = normals(5_000, 0), normals(5_000, 1, correlation=0.6)
    assert compare_frames(before, after).dataset_verdict == "ok"
    classifier, reconstruction, correlation = compare_together(before, after)
    assert classifier.verdict == reconstruction.verdict == correlation.verdict == "drift"
    # 0.650 is the figure published for such frames.
    assert classifier.value == pytest.approx(0.65, abs=0.015)
    assert classifier.null_low < 0.5 < classifier.null_high < 0.52
    assert {name for name, _ in classifier.details[:2]} == {"a", "b"}
    assert classifier.details[1][1] > 0.1
    assert classifier.details[2][1] < 0.02
    assert reconstruction.value > reconstruction.null_high
    assert correlation.details[0] == ("a × b", pytest.approx(0.6, abs=0.03))
    assert correlation.p_value < 1e-100


def test_a_thin_column_leaves_the_other_pairs_as_sure_as_they_are() -> None:
    before, after = normals(400, 0), normals(400, 1, correlation=0.6)
    for frame in (before, after):
        frame["thin"] = frame["c"].where(np.arange(400) % 2 == 0)
    *_, correlation = compare_together(before, after, columns=["a", "b", "c", "thin"])
    assert (correlation.verdict, correlation.details[0][0]) == ("drift", "a × b")
    assert correlation.null_high > 0.2
    *_, alone = compare_together(before, after, columns=["a", "b", "c"])
    assert alone.details[0] == correlation.details[0]
    assert alone.null_high < correlation.null_high


def test_of_very_many_columns_fewer_rows_are_drawn_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("jupyter_mlops.drift.multivariate.compare"), "CELLS", 2_000)
    tests = compare_together(normals(1_000, 0), normals(300, 1))
    assert [test.note.rpartition("; ")[2] for test in tests] == [
        "400 of 1,000 reference and 300 current rows"
    ] * 3


def test_frames_of_one_kind_are_alike_and_stay_inside_the_bands() -> None:
    tests = compare_together(normals(5_000, 0), normals(5_000, 1))
    assert verdicts(tests) == ["ok", "ok", "ok"]
    assert all(test.null_low <= test.value <= test.null_high for test in tests)


def test_a_negligible_difference_is_none_however_sure_it_is() -> None:
    before, after = normals(20_000, 0), normals(20_000, 1, correlation=0.04) + 0.04
    tests = compare_together(before, after)
    assert min(test.p_value for test in tests) < 1e-4
    assert verdicts(tests) == ["ok", "ok", "ok"]


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_parts_of_the_census_are_alike(share: float) -> None:
    adult = pd.read_csv(ADULT, header=None, names=NAMES, skipinitialspace=True, na_values="?")
    mixed = adult.sample(frac=1, random_state=0)
    cut = int(len(mixed) * share)
    assert verdicts(compare_together(mixed[:cut], mixed[cut:], rows=5_000)) == ["ok", "ok", "ok"]


def test_the_car_loans_that_moved_are_named() -> None:
    loans = pd.read_parquet(HERE / "data" / "car_loans.parquet")
    before, after = (loans[loans["period"] == period] for period in ("reference", "later"))
    tests = compare_together(before, after, columns=[name for name in loans if name != "period"], rows=5_000)
    assert verdicts(tests)[0] == "drift"
    assert [name for name, _ in tests[0].details[:2]] == ["car_value", "repaid_loan_on_prev_car"]


def test_values_that_hardly_repeat_do_not_tell_halves_apart() -> None:
    """Codes learned from one side would mark its own values, and the other's as unseen."""
    draws = np.random.default_rng(0)
    keys = pd.DataFrame({"key": [f"k{at}" for at in draws.integers(0, 4_000, 8_000)]})
    keys["region"] = keys["key"].str[-2:]
    classifier, *_ = compare_together(keys[:4_000], keys[4_000:])
    assert classifier.null_low < classifier.value < classifier.null_high


def test_rows_are_drawn_by_the_seed_and_the_note_says_how_many() -> None:
    before, after = normals(3_000, 0), normals(1_000, 1)
    once = compare_together(before, after, rows=2_000, seed=5)
    assert once == compare_together(before, after, rows=2_000, seed=5)
    assert once[0].value != compare_together(before, after, rows=2_000, seed=6)[0].value
    assert once[0].note == "2,000 of 3,000 reference and 1,000 current rows"


def test_all_of_it_is_strict_json() -> None:
    few = compare_together(normals(100, 0), normals(3_000, 1))
    made = compare_together(normals(1_000, 0), normals(1_000, 1))
    plain = json.loads(json.dumps([test.to_dict() for test in (*few, *made)], allow_nan=False))
    assert plain[0] == {
        "name": "domain classifier",
        "value": None,
        "value_name": "AUC",
        "null_low": None,
        "null_high": None,
        "p_value": None,
        "verdict": "ok",
        "details": [],
        "note": "too few rows to tell; 100 reference and 3,000 current rows",
    }
    assert [type(each["details"][0][1]) for each in plain[3:]] == [float] * 3

"""Real tables: drift that is there is found, halves of one table are alike."""

from pathlib import Path

import pandas as pd
import pytest

from jupyter_mlops.drift import compare_frames

HERE = Path(__file__).parent
ADULT = HERE.parents[1] / "example_notebooks" / "data" / "adult.csv"
NAMES = [
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation"),
    *("relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country"),
    "income",
]


@pytest.fixture(scope="module")
def adult() -> pd.DataFrame:
    return pd.read_csv(ADULT, header=None, names=NAMES, skipinitialspace=True, na_values="?")


def test_men_and_women_of_the_census_differ(adult: pd.DataFrame) -> None:
    result = compare_frames(adult[adult["sex"] == "Male"], adult[adult["sex"] == "Female"])
    assert result.drifted[:3] == ["sex", "relationship", "marital-status"]
    assert {"age", "hours-per-week", "income"} <= set(result.drifted)
    reasons = result.columns.set_index("column")["reason"]
    assert reasons["sex"] == "distribution, unseen"
    assert reasons["workclass"] == "distribution, missing"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_random_halves_of_the_census_are_alike(adult: pd.DataFrame, seed: int) -> None:
    mixed = adult.sample(frac=1, random_state=seed)
    half = len(mixed) // 2
    assert compare_frames(mixed[:half], mixed[half:]).summary == "no drift in 15 columns"


def test_the_four_car_loan_features_that_moved_are_found() -> None:
    loans = pd.read_parquet(HERE / "data" / "car_loans.parquet")
    before, after = (
        loans[loans["period"] == period].drop(columns="period") for period in ("reference", "later")
    )
    result = compare_frames(before, after)
    assert result.drifted == ["car_value", "repaid_loan_on_prev_car", "loan_length", "salary_range"]
    effects = result.columns.set_index("column")["effect"]
    assert effects[result.drifted].tolist() == pytest.approx([0.434, 0.249, 0.187, 0.091], abs=0.01)

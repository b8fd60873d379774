"""The real data sets that drift is tried on: how each file is read.

They lie in the folder that ``MLOPS_DRIFT_DATA`` names.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_ADULT = [
    "age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation",
    "relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country",
    "income",
]  # fmt: skip

DATA: Mapping[str, Callable[[Path], pd.DataFrame]] = {
    "adult_income_data.csv": partial(
        pd.read_csv, header=None, names=_ADULT, skipinitialspace=True, na_values="?"
    ),
    "bike_rides.csv": pd.read_csv,
    "blood_transfusion.csv": pd.read_csv,
    "car_loan_analysis.parquet": pd.read_parquet,
    "car_loan_reference.parquet": pd.read_parquet,
    "car_loan_targets.parquet": pd.read_parquet,
    "change_points/airline_passengers.csv": pd.read_csv,
    "change_points/brent_crude_oil.csv": pd.read_csv,
    "change_points/run_log.csv": pd.read_csv,
    "change_points/uk_coal_employment.csv": pd.read_csv,
    "customer_churn.csv": pd.read_csv,
    "electricity.parquet": pd.read_parquet,
    "house_prices.csv": partial(pd.read_csv, na_values="?"),
    "penguins.csv": pd.read_csv,
}


def read(folder: Path, name: str) -> pd.DataFrame:
    """One data set as a frame."""
    return DATA[name](folder / name)

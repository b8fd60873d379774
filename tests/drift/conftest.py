"""The 100,000-row comparison of the benchmark frame, made once."""

import pandas as pd
import pytest

from benchmarks.drift_frame import benchmark_frame
from jupyter_mlops.drift import DriftResult, compare_frames

ROWS = 100_000


@pytest.fixture(scope="session")
def benchmark_reference() -> pd.DataFrame:
    return benchmark_frame(ROWS, 1, current=False)


@pytest.fixture(scope="session")
def benchmark_current() -> pd.DataFrame:
    return benchmark_frame(ROWS, 2, current=True)


@pytest.fixture(scope="session")
def benchmark_result(benchmark_reference: pd.DataFrame, benchmark_current: pd.DataFrame) -> DriftResult:
    return compare_frames(benchmark_reference, benchmark_current)

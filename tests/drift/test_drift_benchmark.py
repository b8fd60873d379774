"""What the rule finds in 50 columns of 100,000 rows, and the published figures of each statistic."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance

from benchmarks.drift_frame import MATERIAL, NEGLIGIBLE, benchmark_frame
from jupyter_mlops.drift import DriftResult, compare_frames


def evidence(result: DriftResult, column: str, aspect: str = "distribution") -> pd.Series:
    tests = result.tests
    return tests[(tests["column"] == column) & (tests["aspect"] == aspect)].iloc[0]


def row_of(result: DriftResult, column: str) -> pd.Series:
    return result.columns.set_index("column").loc[column]


def test_every_material_change_is_found_and_nothing_else(benchmark_result: DriftResult) -> None:
    drifted = set(benchmark_result.drifted)
    assert drifted >= MATERIAL
    assert not drifted & NEGLIGIBLE
    assert drifted == MATERIAL
    assert benchmark_result.dataset_verdict == "drift"


def test_the_reason_says_what_changed(benchmark_result: DriftResult) -> None:
    reasons = {name: row_of(benchmark_result, name)["reason"] for name in MATERIAL}
    assert reasons == {
        "num_00": "distribution",
        "num_07": "distribution",
        "num_14": "distribution",
        "num_21": "missing",
        "low_03": "distribution",
        "high_01": "unseen",
    }


def test_two_samples_of_one_source_are_ok_in_all_columns(benchmark_reference: pd.DataFrame) -> None:
    again = benchmark_frame(len(benchmark_reference), 3, current=False)
    result = compare_frames(benchmark_reference, again)
    assert result.dataset_verdict == "ok"
    assert result.summary == "no drift in 50 columns"


@pytest.mark.parametrize("rows", [1000, 200])
def test_small_windows_of_one_source_are_ok(benchmark_reference: pd.DataFrame, rows: int) -> None:
    assert compare_frames(benchmark_reference, benchmark_frame(rows, 7, current=False)).drifted == []


@pytest.mark.parametrize(
    ("column", "d", "p", "w", "psi", "js", "missing"),
    [
        ("num_00", 0.19994, 0, 0.5051, 0.24237, 0.20667, -0.0002),
        ("num_07", 0.06513, 4e-181, 0.2412, 0.08683, 0.12467, 0.0009),
        ("num_14", 0.04224, 2e-76, 0.1046, 0.01040, 0.04329, -0.0006),
        ("num_21", 0.00489, 0.212, 0.0070, 0.00014, 0.00505, 0.0812),
        ("num_01", 0.00971, 1.9e-4, 0.0218, 0.00076, 0.01171, 0.0005),
        ("num_05", 0.00165, 0.999, 0.0028, 0.00010, 0.00416, -0.0003),
    ],
)
def test_numbers_have_the_golden_statistics(
    benchmark_result: DriftResult,
    column: str,
    d: float,
    p: float,
    w: float,
    psi: float,
    js: float,
    missing: float,
) -> None:
    test, row = evidence(benchmark_result, column), row_of(benchmark_result, column)
    # 100,000 values are known by 1,025 quantiles: these are the errors that the docs promise.
    assert test["effect"] == pytest.approx(d, abs=3e-4)
    exponents = (math.log10(max(each, 1e-300)) for each in (test["p_value"], p))
    assert next(exponents) == pytest.approx(next(exponents), rel=0.02, abs=0.05)
    assert row["wasserstein"] == pytest.approx(w, abs=2e-3)
    # The golden values are raw, ours net of 9 (1/n + 1/m) for ten bins; the rule that places the bins' edges
    # (which of ten quantile definitions) shows in the fourth digit.
    noise = (1 / test["reference_n"] + 1 / test["current_n"]) * 9
    assert row["psi"] == pytest.approx(max(0, psi - noise), abs=3e-4)
    assert row["js"] == pytest.approx(math.sqrt(max(0, js**2 - noise / (8 * math.log(2)))), abs=4e-4)
    assert row["missing_current"] - row["missing_reference"] == pytest.approx(missing, abs=6e-5)


@pytest.mark.parametrize(
    ("column", "effect", "chi2", "p"),
    [
        ("low_03", 0.15097, 13321.7, 0),
        ("low_00", 0.00491, 7.895, 0.0193),
        ("low_05", 0.00662, 43.88, 1.6e-5),
        ("low_01", None, 13.206, 0.0103),
        ("low_09", None, 21.108, 0.391),
    ],
)
def test_categories_have_the_golden_statistics(
    benchmark_result: DriftResult, column: str, effect: float | None, chi2: float, p: float
) -> None:
    test = evidence(benchmark_result, column)
    assert effect is None or test["effect"] == pytest.approx(effect, abs=5e-6)
    assert test["statistic"] == pytest.approx(chi2, abs=0.05)
    assert test["p_value"] == pytest.approx(p, rel=0.02, abs=1e-300)


@pytest.mark.parametrize(
    ("column", "unseen", "expected"),
    [
        ("high_00", 0.0, 0.0),
        ("high_01", 0.1184, 0.0205),
        ("high_02", 0.1528, 0.1540),
        ("high_03", 0.3333, 0.3318),
        ("high_04", 0.8225, 0.8225),
    ],
)
def test_unseen_values_are_judged_beyond_good_turing(
    benchmark_result: DriftResult, column: str, unseen: float, expected: float
) -> None:
    assert row_of(benchmark_result, column)["kind"] == "high-cardinality"
    # Of the last column's 90,000 values not all are known.
    error = 6e-5 if column != "high_04" else 4e-3
    assert row_of(benchmark_result, column)["unseen"] == pytest.approx(unseen, abs=error)
    beyond = evidence(benchmark_result, column, "unseen")["effect"]
    assert beyond == pytest.approx(max(0, unseen - expected), abs=2e-4 + error)


def test_psi_and_js_are_those_of_the_reference_deciles_net_of_their_null_level() -> None:
    g = np.random.default_rng(8)
    a, b = g.normal(size=4000), g.normal(0.4, 1, size=2500)
    edges = np.quantile(a, np.linspace(0, 1, 11))
    edges[[0, -1]] = -np.inf, np.inf
    p, q = np.histogram(a, edges)[0] / 4000, np.histogram(b, edges)[0] / 2500
    noise = 9 * (1 / 4000 + 1 / 2500)
    row = row_of(compare_frames(pd.DataFrame({"x": a}), pd.DataFrame({"x": b})), "x")
    assert row["psi"] == pytest.approx(((q - p) * np.log(q / p)).sum() - noise)
    divergence = jensenshannon(p, q, base=2) ** 2 - noise / (8 * math.log(2))
    assert row["js"] == pytest.approx(math.sqrt(divergence))


@pytest.mark.parametrize("round_to", [8, 1, 0])
def test_numbers_agree_with_scipy_with_and_without_ties(round_to: int) -> None:
    g = np.random.default_rng(5)
    a, b = g.normal(size=3000).round(round_to), g.normal(0.05, 1.1, size=1700).round(round_to)
    result = compare_frames(pd.DataFrame({"x": a}), pd.DataFrame({"x": b}))
    theirs = ks_2samp(a, b, method="asymp")
    assert evidence(result, "x")["effect"] == pytest.approx(theirs.statistic)
    assert evidence(result, "x")["p_value"] == pytest.approx(theirs.pvalue, rel=0.15)
    assert row_of(result, "x")["wasserstein"] == pytest.approx(wasserstein_distance(a, b) / a.std())


def test_categories_agree_with_scipy() -> None:
    g = np.random.default_rng(6)
    a, b = g.choice(list("abcdef"), 2000), g.choice(list("abcdef"), 900)
    result = compare_frames(pd.DataFrame({"x": a}), pd.DataFrame({"x": b}))
    theirs = chi2_contingency(pd.crosstab(np.r_[a, b], np.r_[np.zeros(2000), np.ones(900)]))
    assert evidence(result, "x")["statistic"] == pytest.approx(theirs.statistic)
    assert evidence(result, "x")["p_value"] == pytest.approx(theirs.pvalue)


def test_adjusted_p_is_benjamini_hochberg_over_all_tests(benchmark_result: DriftResult) -> None:
    tests = benchmark_result.tests.sort_values("p_value", ascending=False)
    raw = tests["p_value"].to_numpy()
    ranks = np.arange(len(raw), 0, -1)
    by_hand = np.minimum.accumulate(np.minimum(1, raw * len(raw) / ranks))
    np.testing.assert_allclose(tests["p_adjusted"], by_hand)

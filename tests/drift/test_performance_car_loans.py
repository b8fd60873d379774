"""The car loans that come with NannyML: published figures, and what is told while labels arrive."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.drift.performance import Metric, PerformanceResult, estimate_performance

LOANS = Path(__file__).parent / "data" / "car_loan_scores.parquet"
AUC = [0.9707, 0.9710, 0.9714, 0.9711, 0.9711, 0.9611, 0.9618, 0.9611, 0.9625, 0.9613]
AUC_REALISED = [0.9710, 0.9702, 0.9763, 0.9677, 0.9699, 0.9600, 0.9585, 0.9590, 0.9631, 0.9576]
F1 = [0.9430, 0.9413, 0.9436, 0.9432, 0.9442, 0.9118, 0.9118, 0.9117, 0.9138, 0.9148]
F1_REALISED = [0.9433, 0.9402, 0.9482, 0.9421, 0.9405, 0.9137, 0.9150, 0.9134, 0.9206, 0.9135]
SECOND_HALF = (False,) * 5 + (True,) * 5


@pytest.fixture(scope="module")
def reference() -> pd.DataFrame:
    return pd.read_parquet(LOANS)[:50_000].astype({"repaid": float})


@pytest.fixture(scope="module")
def labels() -> pd.DataFrame:
    """As they arrive: in another order, and whole numbers where the reference has floats."""
    return pd.read_parquet(LOANS)[50_000:].sample(frac=1, random_state=0)[["id", "repaid"]]


@pytest.fixture(scope="module")
def current() -> pd.DataFrame:
    return pd.read_parquet(LOANS)[50_000:].drop(columns="repaid")


def estimated(reference: pd.DataFrame, current: pd.DataFrame, **more: object) -> PerformanceResult:
    return estimate_performance(
        reference, current, target="repaid", score="y_pred_proba", prediction="y_pred", key="id", **more
    )


def alarms(states: tuple[str, ...]) -> tuple[bool, ...]:
    return tuple(state == "alarm" for state in states)


def test_the_published_table_comes_out(
    reference: pd.DataFrame, current: pd.DataFrame, labels: pd.DataFrame
) -> None:
    result = estimated(reference, current, labels=labels, chunk_rows=5000)
    auc, f1, accuracy = (result.metric(name) for name in ("roc_auc", "f1", "accuracy"))
    assert auc.estimated == pytest.approx(AUC, abs=5e-5)
    assert auc.realised == pytest.approx(AUC_REALISED, abs=5e-5)
    assert f1.estimated == pytest.approx(F1, abs=5e-5)
    assert f1.realised == pytest.approx(F1_REALISED, abs=5e-5)
    off = {each.name: np.abs(np.subtract(each.estimated, each.realised)).mean() for each in result.metrics}
    assert {name: round(value, 4) for name, value in off.items()} == {
        "roc_auc": 0.0021,
        "f1": 0.0026,
        "accuracy": 0.0031,
    }
    assert auc.lower == pytest.approx(0.963317, abs=5e-7)
    assert alarms(auc.estimated_state) == alarms(auc.realised_state) == SECOND_HALF
    assert result.alarms(f1) == result.alarms(accuracy) == SECOND_HALF
    assert result.verdict == "drift"


def test_labels_that_have_not_arrived_leave_the_estimate_to_judge(
    reference: pd.DataFrame, current: pd.DataFrame, labels: pd.DataFrame
) -> None:
    so_far = labels[labels["id"] < 50_000 + 27_500 - 200]
    result = estimated(reference, current, labels=so_far, chunk_rows=5000)
    whole = estimated(reference, current, chunk_rows=5000).metric("roc_auc")
    auc = result.metric("roc_auc")
    assert auc.estimated == whole.estimated
    assert whole.realised is None
    assert [chunk.labelled for chunk in result.chunks] == [5000] * 5 + [2300] + [0] * 4
    assert [chunk.judged_by for chunk in result.chunks] == ["realised"] * 5 + ["estimated"] * 5
    assert auc.realised is not None
    assert auc.realised[:5] == pytest.approx(AUC_REALISED[:5], abs=5e-5)
    assert np.isnan(auc.realised[6:]).all()
    assert result.alarms(auc) == SECOND_HALF
    assert result.to_dict()["metrics"][0]["realised"][6:] == [None] * 4


def test_a_small_last_chunk_stays_has_wider_limits_and_does_not_alarm(
    reference: pd.DataFrame, current: pd.DataFrame
) -> None:
    result = estimated(reference, current[:25_060], chunk_rows=5000, metrics=["accuracy"])
    table = result.to_frame()
    assert table["rows"].tolist() == [5000] * 5 + [60]
    assert table["state"].tolist()[:5] == ["ok"] * 5
    assert (table["upper"] - table["lower"]).iloc[5] > 5 * (table["upper"] - table["lower"]).iloc[4]
    # the same 60 rows again and again are enough to tell
    unlucky = current[25_000:].query("0.3 < y_pred_proba < 0.7")
    few = estimated(reference, unlucky[:60], chunks=1, metrics=["accuracy"])
    many = estimated(reference, pd.concat([unlucky[:60]] * 10), chunks=1, metrics=["accuracy"])
    assert few.metric("accuracy").estimated == pytest.approx(many.metric("accuracy").estimated)
    assert few.to_frame()["state"].tolist() == ["too few rows"]
    assert "too few rows to tell in 1" in few.summary
    assert many.to_frame()["state"].tolist() == ["alarm"]


def test_the_band_is_the_error_of_a_sample(reference: pd.DataFrame, current: pd.DataFrame) -> None:
    def band(rows: int) -> Metric:
        return estimated(reference, current[: 4 * rows], chunks=4, metrics=["accuracy"]).metric("accuracy")

    small, large = band(500), band(2000)
    binomial = 3 * np.sqrt(small.usual.mean * (1 - small.usual.mean) / 500)
    assert small.error[0] == pytest.approx(binomial, rel=0.2)
    assert small.error[0] / large.error[0] == pytest.approx(2, rel=0.2)


def test_of_shuffled_loans_next_to_no_chunk_alarms(reference: pd.DataFrame) -> None:
    alarmed = []
    for seed in range(6):
        mixed = reference.sample(frac=1, random_state=seed)
        result = estimated(mixed[:25_000], mixed[25_000:], chunks=10)
        alarmed += [bad for metric in result.metrics for bad in result.alarms(metric)]
        assert not any("alarm" in metric.estimated_state for metric in result.metrics)
    assert len(alarmed) == 180
    assert sum(alarmed) <= 0.02 * len(alarmed)


def test_a_sampled_third_of_the_labels_still_gives_the_realised_figure_beside_the_estimate(
    reference: pd.DataFrame, current: pd.DataFrame, labels: pd.DataFrame
) -> None:
    result = estimated(reference, current, labels=labels[: len(labels) // 3], chunks=10, metrics=["roc_auc"])
    auc = result.metric("roc_auc")
    assert auc.realised is not None
    assert auc.realised == pytest.approx(AUC_REALISED, abs=0.012)
    assert {chunk.judged_by for chunk in result.chunks} == {"estimated"}
    assert result.alarms(auc) == SECOND_HALF

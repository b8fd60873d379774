"""Several classes and regressions, labels of any kind, chunks by time: planted truths come back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, precision_score, recall_score
from sklearn.metrics import roc_auc_score as auc_score

from jupyter_mlops.drift.performance import estimate_performance
from jupyter_mlops.drift.performance.chunks import Cut, cut_rows
from jupyter_mlops.drift.performance.classification import binary_figures, multiclass_figures


@pytest.mark.parametrize("decimals", [1, 9], ids=["ties", "no ties"])
def test_realised_figures_are_those_of_scikit_learn(decimals: int) -> None:
    g = np.random.default_rng(decimals)
    score = g.random(400).round(decimals)
    truth, said = (g.random(400) < score).astype(int), (score >= 0.4).astype(int)
    found = binary_figures(truth[:, None].astype(float), score[:, None], said)
    assert found == pytest.approx(
        {
            "roc_auc": auc_score(truth, score),
            "average_precision": average_precision_score(truth, score),
            "f1": f1_score(truth, said),
            "accuracy": accuracy_score(truth, said),
            "precision": precision_score(truth, said),
            "recall": recall_score(truth, said),
            "specificity": recall_score(truth, said, pos_label=0),
        }
    )


def test_realised_figures_of_three_classes_are_those_of_scikit_learn() -> None:
    g = np.random.default_rng(0)
    scores = g.dirichlet([1, 2, 3], 300)
    truth = np.array([g.choice(3, p=row) for row in scores])
    said = scores.argmax(axis=1)
    found = multiclass_figures(np.eye(3)[truth], scores, said)
    assert found == pytest.approx(
        {
            "accuracy": accuracy_score(truth, said),
            "macro_f1": f1_score(truth, said, average="macro"),
            "macro_roc_auc": auc_score(truth, scores, multi_class="ovr"),
        }
    )


def three_classes(rows: int, seed: int, doubt: float) -> pd.DataFrame:
    """Scores that are too sure; the greater `doubt`, the nearer the classes are to each other."""
    g = np.random.default_rng(seed)
    chances = g.dirichlet(np.full(3, doubt), rows)
    label = np.array(["ash", "birch", "oak"])[(chances.cumsum(axis=1) < g.random((rows, 1))).sum(axis=1)]
    scores = chances**2 / (chances**2).sum(axis=1, keepdims=True)
    return pd.DataFrame(scores, columns=["p_ash", "p_birch", "p_oak"]).assign(tree=label)


def test_three_classes_are_estimated_from_scores_that_are_too_sure() -> None:
    names = {"oak": "p_oak", "ash": "p_ash", "birch": "p_birch"}
    before = three_classes(20_000, 0, 0.3)
    later = pd.concat([three_classes(5000, 1, 0.3), three_classes(5000, 2, 0.8)])
    result = estimate_performance(before, later, target="tree", scores=names, chunk_rows=2500)
    assert result.task == "multiclass"
    for metric in result.metrics:
        assert metric.realised is not None
        assert metric.estimated == pytest.approx(metric.realised, abs=0.03)
        assert result.alarms(metric) == (False, False, True, True), metric.name
    raw = later[["p_ash", "p_birch", "p_oak"]].max(axis=1).mean()
    realised = np.mean(result.metric("accuracy").realised or ())
    # the scores taken as they are would be off by far more
    assert raw - realised > 0.05


def prices(rows: int, seed: int, noise: float) -> pd.DataFrame:
    g = np.random.default_rng(seed)
    size, kind = g.uniform(1, 10, rows), g.choice(["new", "old"], rows)
    off = g.normal(0, noise * size * np.where(kind == "old", 2, 1))
    return pd.DataFrame({"size": size, "kind": kind, "said": 3 * size, "price": 3 * size + off})


def test_the_error_of_a_regression_is_estimated_from_what_it_depends_on() -> None:
    before, usual, larger = prices(6000, 0, 0.2), prices(1000, 1, 0.2), prices(4000, 2, 0.2)
    larger = larger[(larger["size"] > 6) & (larger["kind"] == "old")][:500]
    later = pd.concat([usual, larger])
    result = estimate_performance(before, later, target="price", prediction="said", chunk_rows=500)
    mae, rmse = result.metric("mae"), result.metric("rmse")
    for metric in (mae, rmse):
        assert metric.realised is not None
        assert metric.estimated == pytest.approx(metric.realised, rel=0.08)
        assert result.alarms(metric) == (False, False, True)
    assert mae.estimated[2] > 1.7 * mae.estimated[0]
    # out of fold it errs on the reference as it does later; in-sample it would seem to know
    assert mae.usual.own_error == pytest.approx(np.abs(mae.estimated[0] - mae.realised[0]), abs=0.04)


def test_what_no_one_can_see_without_labels_is_said_and_seen_with_them() -> None:
    before, later = prices(3000, 0, 0.2), prices(1000, 1, 0.6)
    without = estimate_performance(
        before, later.drop(columns="price"), target="price", prediction="said", chunks=2
    )
    with_labels = estimate_performance(before, later, target="price", prediction="said", chunks=2)
    assert without.verdict == "ok"
    assert with_labels.verdict == "drift"
    assert "concept drift" in without.assumptions
    assert without.summary.endswith("estimated")
    assert with_labels.summary.endswith("realised")


def test_an_estimate_that_is_too_good_or_far_off_says_so() -> None:
    g = np.random.default_rng(0)
    unsure, sure = g.uniform(0.2, 0.8, 4000), g.choice([0.02, 0.98], 2000)
    before = pd.DataFrame({"score": np.r_[unsure, g.choice([0.02, 0.98], 400)]}).sample(
        frac=1, random_state=0
    )
    before["hit"] = g.random(len(before)) < before["score"]
    # the model grows sure of itself, and is right half of the time
    later = pd.DataFrame({"score": sure, "hit": g.random(2000) < 0.5})
    asked = {"target": "hit", "score": "score", "chunks": 4, "metrics": ["accuracy"]}
    without = estimate_performance(before, later.drop(columns="hit"), **asked)
    assert without.verdict == "ok"
    assert "better than the reference's range in 4 of 4 chunks (accuracy)" in without.notes[0]
    with_labels = estimate_performance(before, later, **asked)
    assert with_labels.verdict == "drift"
    assert with_labels.notes[0] == without.notes[0]
    assert with_labels.notes[1].endswith("(accuracy): do not rely on it.")
    assert with_labels.to_dict()["assumptions"].startswith(with_labels.notes[0])
    alike = estimate_performance(before[:2200], before[2200:], **asked)
    assert alike.notes == ()


def test_labels_are_told_by_what_they_say_and_not_by_their_type() -> None:
    g = np.random.default_rng(0)
    score = g.random(2000)
    hit = g.random(2000) < score
    spelled = {
        "float": hit.astype(float),
        "bool": hit,
        "object": hit.astype(object),
        "nullable": pd.array(hit.astype(int), dtype="Int64"),
        "category": pd.Categorical(hit.astype(int)),
    }
    frames = {name: pd.DataFrame({"score": score, "hit": values}) for name, values in spelled.items()}
    results = [
        estimate_performance(before[:1000], later[1000:], target="hit", score="score", chunks=2).to_dict()
        for before, later in pairwise(frames.values())
    ]
    assert all(result == results[0] for result in results)
    words = pd.DataFrame({"score": score, "hit": np.where(hit, "bad", "good")})
    named = estimate_performance(
        words[:1000], words[1000:], target="hit", score="score", positive="bad", chunks=2
    )
    assert named.to_dict()["metrics"] == results[0]["metrics"]


def test_tables_of_others_give_the_same() -> None:
    import polars as pl

    g = np.random.default_rng(0)
    score = g.random(600)
    frame = pd.DataFrame({"score": score, "hit": (g.random(600) < score).astype(int)})
    found = [
        estimate_performance(make(frame[:300]), make(frame[300:]), target="hit", score="score").to_json()
        for make in (pd.DataFrame, pl.from_pandas, pa.Table.from_pandas)
    ]
    assert found[0] == found[1] == found[2]


def test_rows_are_taken_in_the_order_of_time_and_a_boundary_belongs_to_the_later_period() -> None:
    g = np.random.default_rng(0)
    times = pd.date_range("2026-01-01", periods=2400, freq="h")
    score = g.random(2400)
    frame = pd.DataFrame({"at": times, "score": score, "hit": g.random(2400) < score})
    mixed = frame.sample(frac=1, random_state=0)
    result = estimate_performance(mixed, mixed, target="hit", score="score", time="at", every="7D")
    assert [chunk.label for chunk in result.chunks][:2] == ["2026-01-01", "2026-01-08"]
    assert [chunk.rows for chunk in result.chunks] == [168] * 14 + [48]
    first = result.metric("accuracy").realised
    assert first is not None
    week = frame[:168]
    assert first[0] == pytest.approx(((week["score"] >= 0.5) == week["hit"]).mean())
    # a last period of less than half the usual rows is no measure
    assert len(result.metric("accuracy").usual.values) == 14


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=60),
    st.sampled_from(["1D", "7D", "M", "2M", "Q", "12h"]),
    st.sampled_from([None, "Europe/Berlin"]),
)
def test_periods_hold_every_row_once_and_in_its_own_time(
    hours: list[int], every: str, zone: str | None
) -> None:
    start = pd.Timestamp("2026-03-25", tz=zone)
    times = pd.Series(sorted(start + pd.Timedelta(hours=7 * each) for each in hours))
    chunks = cut_rows(len(times), Cut(every=every), times)
    assert np.concatenate([chunk.rows for chunk in chunks]).tolist() == list(range(len(times)))
    labels = [chunk.label for chunk in chunks]
    assert len(set(labels)) == len(labels)
    starts = [pd.Timestamp(label, tz="UTC" if every == "12h" and zone else zone) for label in labels]
    for i, chunk in enumerate(chunks):
        inside = times[chunk.rows]
        assert inside.min() >= starts[i]
        assert i + 1 == len(chunks) or inside.max() < starts[i + 1]

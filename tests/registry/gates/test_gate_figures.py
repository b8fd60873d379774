"""Figures equal scikit-learn's, and their intervals hold what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn import metrics as reference

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.registry.gates import holdout_figures
from jupyter_mlops.registry.gates.answers import Prediction, answers
from jupyter_mlops.registry.gates.bootstrap import interval, resampled
from jupyter_mlops.registry.gates.figures import Interval, default_metrics, metric_interval
from jupyter_mlops.registry.gates.metrics import METRICS
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Told

    from jupyter_mlops.registry.gates.answers import Answers


def guesses(rows: int, classes: int, seed: int, digits: int = 12) -> tuple[Any, Prediction]:
    """Labels with probabilities that know something of them; few digits make ties."""
    rng = np.random.default_rng(seed)
    labels = np.array(["a", "b", "c", "d", "e"][:classes])
    truth = rng.integers(0, classes, rows)
    table = rng.dirichlet(np.ones(classes), rows) + 0.4 * np.eye(classes)[truth]
    table = np.floor(table / table.sum(axis=1, keepdims=True) * 10**digits) / 10**digits
    table[:, -1] = 1 - table[:, :-1].sum(axis=1)
    return labels[truth], Prediction(labels[table.argmax(axis=1)], table, None, tuple(labels))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("digits", [1, 12])
@pytest.mark.parametrize("classes", [2, 4])
def test_figures_of_labels_equal_those_of_scikit_learn(classes: int, digits: int, seed: int) -> None:
    truth, said = guesses(200, classes, seed, digits)
    assert said.probabilities is not None
    found = answers(truth, said, "classification")
    binary = classes == 2
    average = {"average": "binary" if binary else "macro"} | ({"pos_label": "b"} if binary else {})
    scores = said.probabilities[:, 1] if binary else said.probabilities
    wanted = {
        "accuracy": reference.accuracy_score(truth, said.labels),
        "balanced_accuracy": reference.balanced_accuracy_score(truth, said.labels),
        "auc": reference.roc_auc_score(truth, scores, multi_class="ovr"),
        "log_loss": reference.log_loss(truth, said.probabilities),
        "f1": reference.f1_score(truth, said.labels, **average),
        "precision": reference.precision_score(truth, said.labels, **average),
        "recall": reference.recall_score(truth, said.labels, **average),
    }
    if binary:
        wanted["average_precision"] = reference.average_precision_score(truth, scores, pos_label="b")
        wanted["brier"] = reference.brier_score_loss(truth, scores, pos_label="b")
    for name, value in wanted.items():
        assert METRICS[name].value(found) == pytest.approx(value, abs=1e-9), name


def test_figures_of_numbers_equal_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(1e6, 10, 300)
    said = truth + rng.normal(0, 5, 300)
    found = answers(truth, Prediction(said), "regression")
    wanted = {
        "r2": reference.r2_score(truth, said),
        "rmse": reference.root_mean_squared_error(truth, said),
        "mse": reference.mean_squared_error(truth, said),
        "mae": reference.mean_absolute_error(truth, said),
    }
    for name, value in wanted.items():
        assert METRICS[name].value(found) == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("classes", [2, 3])
def test_weights_are_rows_repeated(classes: int) -> None:
    """The slow way: take the drawn rows and compute the figure anew."""
    truth, said = guesses(60, classes, 1, digits=1)
    found = answers(truth, said, "classification")
    drawn = np.random.default_rng(2).integers(0, 60, (25, 60))
    weights = np.stack([np.bincount(rows, minlength=60) for rows in drawn]).astype(np.float32)
    for name in ("accuracy", "balanced_accuracy", "auc", "log_loss", "f1", "precision", "recall"):
        slow = [METRICS[name].value(found.at(rows)) for rows in drawn]
        assert METRICS[name].statistic(found)(weights) == pytest.approx(slow, abs=1e-6), name


def test_a_paired_interval_equals_the_slow_one() -> None:
    truth, said = guesses(80, 2, 3)
    _, other = guesses(80, 2, 4)
    pair = [answers(truth, each, "classification") for each in (said, other)]
    auc = METRICS["auc"]
    table = resampled([auc.statistic(each) for each in pair], 80, resamples=4000)
    fast = interval(table[:, 0] - table[:, 1], 0.95)
    rng = np.random.default_rng(0)
    slow = []
    for _ in range(2000):
        rows = rng.integers(0, 80, 80)
        slow.append(auc.value(pair[0].at(rows)) - auc.value(pair[1].at(rows)))
    assert fast == pytest.approx(np.quantile(slow, [0.025, 0.975]), abs=0.02)
    again = resampled([auc.statistic(each) for each in pair], 80, resamples=4000)
    assert (table == again).all()


def test_many_rows_have_the_interval_that_theory_gives() -> None:
    rng = np.random.default_rng(0)
    off = rng.normal(0, 1, 60_000)
    found = metric_interval("mae", np.zeros(60_000), Prediction(off), task="regression")
    half = 1.96 * np.abs(off).std() / np.sqrt(60_000)
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half), abs=half / 5)


@pytest.mark.parametrize(
    ("draw", "name", "true"),
    [
        (lambda rng: _shares(rng, 120, 0.8), "f1", 0.8),
        (lambda rng: _shares(rng, 40, 0.9), "accuracy", 0.9),
        (lambda rng: _two_normals(rng, 120), "auc", 0.7602),
    ],
)
def test_nineteen_of_twenty_intervals_hold_the_truth(
    draw: Callable[[np.random.Generator], tuple[Any, Prediction]], name: str, true: float
) -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(300):
        truth, said = draw(rng)
        found = metric_interval(name, truth, said, resamples=400)
        held += found.low <= true <= found.high
    assert 0.91 <= held / 300 <= 0.985  # 0.95, give or take three standard errors


def test_nineteen_of_twenty_paired_intervals_hold_the_true_difference() -> None:
    """Two models that are right for 80 % and 70 % of the rows, and for many of the same ones."""
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(300):
        truth, hard = rng.integers(0, 2, 100), rng.random(100)
        said = [Prediction(np.where(hard < right, truth, 1 - truth), classes=(0, 1)) for right in (0.8, 0.7)]
        pair = [METRICS["accuracy"].statistic(answers(truth, each, "classification")) for each in said]
        table = resampled(pair, 100, resamples=400)
        low, high = interval(table[:, 0] - table[:, 1], 0.95)
        held += low <= 0.1 <= high
    assert 0.91 <= held / 300 <= 0.985


def _shares(rng: np.random.Generator, rows: int, right: float) -> tuple[Any, Prediction]:
    """Two classes of equal size, told rightly with this share, whichever it is: F1 is that share, too."""
    truth = rng.integers(0, 2, rows)
    return truth, Prediction(np.where(rng.random(rows) < right, truth, 1 - truth), classes=(0, 1))


def _two_normals(rng: np.random.Generator, rows: int) -> tuple[Any, Prediction]:
    """Scores one standard deviation apart: AUC is Φ(1/√2)."""
    truth = rng.integers(0, 2, rows)
    scores = rng.normal(truth, 1)
    return truth, Prediction((scores > 0.5).astype(int), None, scores, (0, 1))


def test_rows_that_belong_together_are_drawn_together() -> None:
    """Each row ten times over tells no more than once."""
    truth, said = guesses(50, 2, 5)
    assert said.probabilities is not None
    ten = Prediction(
        np.repeat(said.labels, 10), np.repeat(said.probabilities, 10, axis=0), None, said.classes
    )
    accuracy = METRICS["accuracy"].statistic(answers(np.repeat(truth, 10), ten, "classification"))
    alone = METRICS["accuracy"].statistic(answers(truth, said, "classification"))
    together = resampled([accuracy], 500, resamples=500, clusters=np.repeat(np.arange(50), 10))
    assert (together == resampled([alone], 50, resamples=500)).all()
    assert resampled([accuracy], 500, resamples=500).std() < together.std() / 2


def test_usual_metrics_are_those_that_can_be_had() -> None:
    truth, said = guesses(100, 2, 0)

    def usual(truth: Any, said: Prediction) -> str:
        return default_metrics(answers(truth, said, "classification"))[0]

    assert usual(truth, said) == "auc"
    assert usual(truth, Prediction(said.labels)) == "accuracy"
    assert usual(np.full(100, "a"), said) == "log_loss"
    rare = np.where(np.arange(100) < 5, "b", "a")
    assert usual(rare, Prediction(rare)) == "balanced_accuracy"
    assert usual(*guesses(100, 4, 0)) == "accuracy"
    assert default_metrics(answers([1.0, 2.0], Prediction(np.array([1, 2])), "regression"))[0] == "rmse"


def test_labels_of_other_types_are_the_same_labels() -> None:
    import pandas as pd

    truth = pd.Series([True, False, True, None], dtype="boolean")
    found: Answers = answers(
        truth, Prediction(np.array([1.0, 0.0, 0.0, 1.0]), classes=(0, 1)), "classification"
    )
    assert found.truth.tolist() == [1, 0, 1, -1]
    assert found.predicted.tolist() == [1, 0, 0, 1]


def test_a_perfect_result_of_few_rows_is_not_certain() -> None:
    truth = np.array([0, 1] * 10)
    assert metric_interval("accuracy", truth, Prediction(truth)) == Interval(
        1.0, pytest.approx(0.839, abs=0.001), 1.0
    )


def test_what_has_no_such_figure_says_why() -> None:
    truth, said = guesses(50, 2, 0)
    with pytest.raises(BadInputError, match="Did you mean 'log_loss'"):
        metric_interval("logloss", truth, said)
    for name, target, prediction, why in (
        ("rmse", truth, said, "metric of regression"),
        ("log_loss", truth, Prediction(said.labels), "no probabilities"),
        ("auc", np.full(50, "a"), said, "one class only"),
        ("auc", *guesses(50, 3, 0)[:1], Prediction(said.labels), "no probabilities"),
    ):
        with pytest.raises(Unable, match=why):
            metric_interval(name, target, prediction)


def test_the_card_is_given_the_usual_figures_with_intervals(line: Told, mass: Told) -> None:
    found = holdout_figures(line.evidence)
    assert list(found) == ["auc", "log_loss", "balanced_accuracy", "accuracy", "f1"]
    value, low, high = found["auc"]
    assert low < value < high
    assert value == pytest.approx(0.905, abs=0.001)
    assert list(holdout_figures(mass.evidence)) == ["rmse", "mae", "r2"]
    assert holdout_figures(line.but(holdout=None).evidence) == {}

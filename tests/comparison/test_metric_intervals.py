"""The difference of two metrics has an interval where true answers and predictions were kept as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from jupyter_mlops.comparison.measured_by import Measure, Piece, measure_of
from jupyter_mlops.comparison.run_diff import run_diff
from jupyter_mlops.registry.gates.answers import Answers, Prediction, answers
from jupyter_mlops.registry.gates.bootstrap import interval, resampled, usual_resamples
from jupyter_mlops.registry.gates.metrics import METRICS

if TYPE_CHECKING:
    from verbs.notebook_in_process import Notebook

    from jupyter_mlops.comparison.metrics import MetricDifference
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.read_runs import Run


def differences(settings: Settings, *runs: Run) -> dict[str, MetricDifference]:
    """By metric, that of the second run."""
    return {each.name: each.differences[0] for each in run_diff(settings, runs).metrics}


@pytest.mark.parametrize(
    ("name", "metric"), [("auc", "auc"), ("loss", "log_loss"), ("f1", "f1"), ("error", "rmse")]
)
def test_the_interval_is_that_of_the_gates(
    census: Notebook, settings: Settings, first: Run, second: Run, name: str, metric: str
) -> None:
    def of(proba: np.ndarray) -> Answers:
        if metric == "rmse":
            return answers(census["y_test"], Prediction(proba), "regression")
        said = Prediction((proba > 0.5).astype(int), np.stack([1 - proba, proba], axis=1), None, (0, 1))
        return answers(census["y_test"], said, "classification")

    both = [METRICS[metric].statistic(of(census[f"{which}_proba"])) for which in ("second", "first")]
    drawn = resampled(both, 500, resamples=usual_resamples(500))
    low, high = interval(drawn[:, 0] - drawn[:, 1], 0.95)
    found = differences(settings, first, second)[name]
    assert (found.low, found.high, found.rows, found.note) == (low, high, 500, "")
    assert low < second.metrics[name] - first.metrics[name] < high


def test_without_kept_predictions_it_says_so(settings: Settings, first: Run, second: Run) -> None:
    found = differences(settings, first, second)
    for name in ("accuracy", "score"):
        assert found[name].value == second.metrics[name] - first.metrics[name]
        assert (found[name].low, found[name].note) == (None, "no predictions kept")


def test_other_true_answers_are_another_hold_out(settings: Settings, first: Run, third: Run) -> None:
    found = differences(settings, first, third)
    assert (found["auc"].low, found["auc"].note) == (None, "other hold-out")
    assert (found["accuracy"].value, found["accuracy"].note) == (None, "")


@pytest.mark.parametrize(
    ("code", "name", "found"),
    [
        ("auc = roc_auc_score(y, p)", "auc", Measure("auc", Piece("y"), Piece("p"))),
        ("auc = metrics.roc_auc_score(y, p[:, 1])", "auc", Measure("auc", Piece("y"), Piece("p", (1,)))),
        (
            "%%time\nroc_auc_score(y_score=p, y_true=y)",
            "roc_auc_score",
            Measure("auc", Piece("y"), Piece("p")),
        ),
        ("m = {'a': accuracy_score(t['y'], p)}", "m.a", Measure("accuracy", Piece("t", ("y",)), Piece("p"))),
        ("s = round(f1_score(y.values, p), 3)", "s", Measure("f1", Piece("y"), Piece("p"), 3)),
        ("e = mean_squared_error(y, p) ** 0.5", "e", Measure("rmse", Piece("y"), Piece("p"))),
        ("mlflow.log_metric('a', auc(y, p))", "a", Measure("auc", Piece("y"), Piece("p"))),
        ("a = auc(y, p)\njupyter_mlops.log(best=a)", "best", Measure("auc", Piece("y"), Piece("p"))),
        ("auc = auc(y, model.predict(X))", "auc", None),
        ("a, b = r2_score(y, p), cross_val_score(m, X, y).mean()", "b", None),
    ],
)
def test_what_a_metric_was_computed_from_stands_in_the_code(
    code: str, name: str, found: Measure | None
) -> None:
    assert measure_of(("from sklearn.metrics import roc_auc_score as auc", code), name) == found

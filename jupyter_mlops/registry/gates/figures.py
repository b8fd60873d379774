"""Figures of a model with their intervals, and which figures are usual for a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from jupyter_mlops.errors import BadInputError, did_you_mean
from jupyter_mlops.registry.gates.answers import answers
from jupyter_mlops.registry.gates.bootstrap import SEED, interval, resampled, usual_resamples
from jupyter_mlops.registry.gates.metrics import METRICS
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.registry.evidence import Task
    from jupyter_mlops.registry.gates.answers import Answers, Prediction


class Interval(NamedTuple):
    """A figure and the ends of its confidence interval (NaN where none can be told)."""

    value: float
    low: float
    high: float


def metric_interval(
    name: str,
    y: Any,
    prediction: Prediction,
    *,
    task: Task = "classification",
    confidence: float = 0.95,
    resamples: int | None = None,
    seed: int = SEED,
) -> Interval:
    """A metric and its bootstrap interval; that of `accuracy` is Wilson's, which holds for few rows, too.

    Args:
        name: one of `METRICS`, such as ``auc``.
        y: the true answers (rows).
        prediction: what the model said, from `answers.predict_rows`.
        task: what kind of answers these are.
        confidence: of the interval, such as 0.95.
        resamples: how often rows are drawn; by the number of rows if None.
        seed: the same seed gives the same interval.

    Raises:
        BadInputError: an unknown metric.
        Unable: these answers have no such figure.
    """
    if name not in METRICS:
        raise BadInputError(
            f"There is no metric {name!r}.{did_you_mean(name, METRICS)}", f"One of {', '.join(METRICS)}."
        )
    found = answers(y, prediction, task)
    return intervals_of(found, [name], confidence=confidence, resamples=resamples, seed=seed)[name]


def intervals_of(
    found: Answers,
    names: Sequence[str],
    *,
    confidence: float = 0.95,
    resamples: int | None = None,
    seed: int = SEED,
) -> dict[str, Interval]:
    """Several metrics over the same resamples.

    Raises:
        Unable: these answers have no such figure.
    """
    values = [METRICS[name].value(found) for name in names]
    rows = len(found)
    statistics = [METRICS[name].statistic(found) for name in names]
    table = resampled(statistics, rows, resamples=resamples or usual_resamples(rows), seed=seed)
    ends = [
        _wilson(value, rows, confidence) if name == "accuracy" else interval(table[:, place], confidence)
        for place, (name, value) in enumerate(zip(names, values, strict=True))
    ]
    return {name: Interval(value, *end) for name, value, end in zip(names, values, ends, strict=True)}


def default_metrics(found: Answers) -> tuple[str, ...]:
    """Usual metrics that these answers have, the one to compare models by first.

    Two classes: AUC, else log loss, else accuracy (balanced where one class holds more than 60 %). More
    classes: accuracy, or balanced accuracy likewise. Numbers: the root of the mean squared error.
    """
    if found.task == "regression":
        wanted = ["rmse", "mae", "r2"]
    else:
        counts = np.bincount(found.truth[found.truth >= 0].astype(np.int64))
        uneven = len(counts) > 0 and counts.max() > 0.6 * counts.sum()
        plain = ["balanced_accuracy", "accuracy"] if uneven else ["accuracy", "balanced_accuracy"]
        wanted = ["auc", "log_loss", *plain, "f1"] if found.is_binary else [*plain, "log_loss", "f1"]
    return tuple(name for name in wanted if _has(found, name))


def number(value: float) -> str:
    """A figure for people: 0.927, 12.35, 28,431."""
    size = abs(value)
    if size >= 1000:
        told = f"{size:,.0f}"
    elif size >= 1:
        told = f"{size:.4g}"
    else:
        told = f"{size:.3f}" if size >= 0.01 or size == 0 else f"{size:.2g}"
    return f"−{told}" if value < 0 else told


def _has(found: Answers, name: str) -> bool:
    try:
        METRICS[name].value(found)
    except Unable:
        return False
    return True


def _wilson(share: float, rows: int, confidence: float) -> tuple[float, float]:
    """Wilson's score interval of a share (1927)."""
    from scipy.stats import norm

    z = float(norm.ppf((1 + confidence) / 2))
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))

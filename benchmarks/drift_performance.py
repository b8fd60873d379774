"""Performance without labels: how far the estimates are off, and how often they alarm for nothing.

Each case has a reference, later rows and their labels, which only the realised figures see. Beside the
estimate stands one that looks at nothing: the figure of the reference. The car loans, the cyclist's rides and
the electricity market are read from the folder that ``MLOPS_DRIFT_DATA`` names; without it there are only the
digits of scikit-learn and a planted regression.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.drift_performance_cases import car_loans, cases, undrifted
from benchmarks.runner import Report
from benchmarks.tables import Table
from jupyter_mlops.drift.performance import estimate_performance
from jupyter_mlops.drift.performance.classification import BINARY, binary_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.drift_performance_cases import Case
    from benchmarks.runner import Options
    from jupyter_mlops.drift.performance import Metric, PerformanceResult

_SEEDS, _QUICK_SEEDS = 40, 2
_NOTES = (
    "off: mean over the chunks of |estimated - realised|; constant: of |the reference's mean - realised|.",
    "alarms: chunks worse than the reference's range, by the estimate and by the labels.",
    "CPU: of all threads, one call of estimate_performance with the labels.",
    "shuffled: the second half in ten chunks; beyond: worse than the mean of the first's by 3 deviations.",
)
_NO_DATA = "MLOPS_DRIFT_DATA names no folder: no car loans, rides or electricity."


def measure(options: Options) -> Report:
    """Estimate all cases, then shuffled halves."""
    folder = os.environ.get("MLOPS_DRIFT_DATA")
    place = Path(folder).expanduser() if folder else None
    tables, data = [], {}
    if place:
        options.say("car loans")
        loans = car_loans(place)
        result = loans.estimated()
        tables += [chunks_table(result), uncalibrated_table(loans, result)]
        data["car loans"] = result.to_dict()
    rows = []
    for case in cases(place):
        options.say(case.name)
        before = time.process_time()
        result = case.estimated()
        spent = time.process_time() - before
        rows += case_rows(case, result, spent)
        data[case.name] = result.to_dict() | {"cpu": spent}
    tables.append(
        Table(
            "Estimated and realised",
            ("data, metric", "reference", "realised", "estimated", "off", "constant", "alarms", "CPU s"),
            tuple(rows),
        )
    )
    if place:
        options.say("shuffled rows")
        tables.append(shuffled_table(undrifted(place), _QUICK_SEEDS if options.is_quick else _SEEDS))
    return Report(tuple(tables), _NOTES if place else (*_NOTES, _NO_DATA), data)


def chunks_table(result: PerformanceResult) -> Table:
    """Figures of the car loans, a column a chunk."""
    rows = []
    for name in ("roc_auc", "f1", "accuracy"):
        metric = result.metric(name)
        for what, values, states in (
            ("estimated", metric.estimated, metric.estimated_state),
            ("realised", metric.realised or (), metric.realised_state),
        ):
            cells = [f"{v:.4f}{'!' * (s == 'alarm')}" for v, s in zip(values, states, strict=True)]
            rows.append((f"{name} {what}", *cells))
    numbers = tuple(str(i + 1) for i in range(len(result.chunks)))
    return Table("Car loans: chunks of 5,000 rows, ! is an alarm", ("chunk", *numbers), tuple(rows))


def uncalibrated_table(case: Case, result: PerformanceResult) -> Table:
    """How far the estimates are off, beside the scores taken as they are and the constant."""
    raw: dict[str, list[float]] = {name: [] for name in BINARY.metrics}
    for start in range(0, len(case.current), 5000):
        chunk = case.current[start : start + 5000]
        score = chunk[["y_pred_proba"]].to_numpy()
        for name, value in binary_figures(score, score, chunk["y_pred"].to_numpy()).items():
            raw[name].append(value)
    rows = [
        (
            metric.name,
            f"{off(metric, metric.estimated):.4f}",
            f"{off(metric, raw[metric.name]):.4f}",
            f"{off(metric, [metric.usual.mean] * len(result.chunks)):.4f}",
            f"{metric.usual.own_error:.4f}",
        )
        for metric in result.metrics
    ]
    columns = ("mean absolute error", "calibrated", "scores as they are", "constant", "on the reference")
    return Table("Car loans: how far the estimates are off", columns, tuple(rows))


def case_rows(case: Case, result: PerformanceResult, spent: float) -> list[tuple[str, ...]]:
    """One row a metric."""
    rows = []
    for metric in result.metrics:
        by_estimate, by_labels = (
            states.count("alarm") for states in (metric.estimated_state, metric.realised_state)
        )
        rows.append(
            (
                f"{case.name}: {metric.name}",
                f"{metric.usual.mean:.3f}",
                f"{np.nanmean(metric.realised or ()):.3f}",
                f"{np.nanmean(metric.estimated):.3f}",
                f"{off(metric, metric.estimated):.3f}",
                f"{off(metric, [metric.usual.mean] * len(result.chunks)):.3f}",
                f"{by_estimate}, {by_labels} of {len(result.chunks)}",
                f"{spent:.1f}",
            )
        )
    return rows


def shuffled_table(shuffled: Sequence[Case], seeds: int) -> Table:
    """Of halves of shuffled rows, how many chunks are beyond 3 deviations, and how many alarm."""
    rows = []
    for case in shuffled:
        beyond, alarms, total = Counter[str](), Counter[str](), 0
        for seed in range(seeds):
            mixed = case.reference.sample(frac=1, random_state=seed)
            half = len(mixed) // 2
            for metric in estimate_performance(mixed[:half], mixed[half:], **case.asked).metrics:
                total += len(metric.estimated)
                both = {"estimated": metric.estimated_state, "realised": metric.realised_state}
                for by, states in both.items():
                    alarms[by] += states.count("alarm")
                    beyond[by] += states.count("alarm") + states.count("too few rows")
        for by in ("estimated", "realised"):
            shares = (f"{count} ({count / total:.1%})" for count in (beyond[by], alarms[by]))
            rows.append((f"{case.name}, {by}", f"{total:,}", *shares))
    columns = ("shuffled", "chunks × metrics", "beyond 3 deviations", "alarms")
    return Table("Halves of shuffled rows: every alarm is false", columns, tuple(rows))


def off(metric: Metric, said: Any) -> float:
    """Mean absolute difference to the realised values."""
    return float(np.nanmean(np.abs(np.subtract(said, metric.realised))))

"""Estimate how well a model does on rows without labels, and say it where the labels are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.inputs import checked_frame
from jupyter_mlops.drift.performance import inputs
from jupyter_mlops.drift.performance.chunks import Cut, cut_reference, cut_rows
from jupyter_mlops.drift.performance.labels import joined
from jupyter_mlops.drift.performance.limits import usual
from jupyter_mlops.drift.performance.result import ChunkRows, Metric, PerformanceResult
from jupyter_mlops.drift.performance.tasks import Columns, sides_of
from jupyter_mlops.drift.performance.trust import doubts
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.drift.performance.chunks import Chunk
    from jupyter_mlops.drift.performance.limits import Usual
    from jupyter_mlops.drift.performance.sides import Side, Task


def estimate_performance(
    reference: object,
    current: object,
    *,
    target: str,
    score: str | None = None,
    scores: Mapping[object, str] | None = None,
    prediction: str | None = None,
    labels: object = None,
    key: str | None = None,
    time: str | None = None,
    every: str | None = None,
    chunk_rows: int | None = None,
    chunks: int | None = None,
    metrics: Sequence[str] | None = None,
    task: str = "auto",
    positive: object = None,
    features: Sequence[str] | None = None,
) -> PerformanceResult:
    """How well a model does on `current`, chunk by chunk, beside its range on `reference`.

    Classifiers are estimated by CBPE (expected figures from calibrated scores), regressions by DLE (a second
    model of the error). Neither sees concept drift; see `PerformanceResult.assumptions`. A chunk alarms where
    its value is worse than the mean of the reference's chunks by more than 3 standard deviations of them
    (ddof 0) and by more than a sample of its size errs; below 100 rows it says "too few rows" instead.

    Args:
        reference: rows with labels that the model was not fitted on: a test set, or an earlier period.
        current: the rows in question, in the order of time unless `time` is given. Its own `target` column,
            if any, is taken for the labels.
        target: the column of the labels.
        score: for two classes, the column with the probability of the positive one.
        scores: for more classes, the column of each class: ``{"setosa": "p_setosa", …}``.
        prediction: the predicted label (default: a score of at least 0.5, or the class with the highest
            score), or the predicted number.
        labels: labels that have arrived so far: a table with `key` and `target`, or without `key` one for
            each current row.
        key: the column that joins `labels` to `current`.
        time: a column with times; sorts both frames.
        every: a period ("7D", "1M"), for chunks of the column `time`; half-open.
        chunk_rows: rows of a chunk. The last chunk may have fewer.
        chunks: how many chunks of equal size; 10 if nothing is said.
        metrics: of two classes roc_auc, average_precision, f1, accuracy, precision, recall, specificity; of
            more accuracy, macro_f1, macro_roc_auc; of a regression mae, rmse.
        task: "binary", "multiclass" or "regression", where more should be checked than what is given.
        positive: the positive label of two that are not 0 and 1.
        features: for a regression, what the model of the error may use; by default all common columns.

    Raises:
        BadInputError: columns, labels, scores or chunks that do not fit.
    """
    cut = Cut(chunks, chunk_rows, every)
    inputs.require_names(target, scores)
    columns = Columns(target, score, scores, prediction, positive, features)
    kind = inputs.task_of(task, score, scores, prediction)
    left, right = checked_frame(reference, "reference"), checked_frame(current, "current")
    inputs.require_different({"target": target, **columns.said, "key": key, "time": time})
    inputs.require(left, [target, *columns.said.values()], "reference")
    inputs.require(right, [*columns.said.values(), time], "current")
    if every is not None and time is None:
        raise BadInputError("every= needs times.", "Name the column that has them: time='timestamp'.")
    left, left_times, untimed_left = inputs.in_order(left, time, "reference")
    right, right_times, untimed_right = inputs.in_order(right, time, "current")
    arrived = joined(right, inputs.table_or_series(labels), target, key)

    what, before, now, kept, notes = sides_of(kind, left, right, arrived, columns, leave_out={key, time})
    inputs.some_said(now.scored)
    names = inputs.chosen_metrics(metrics, what)
    for side, count in (("reference", untimed_left), ("current", untimed_right)):
        if count:
            notes.append(f"{count:,} {side} rows have no time and are in no chunk.")
    parts = cut_rows(len(now), cut, right_times)
    typical = max(1, round(float(np.median([len(part.rows) for part in parts]))))
    times = None if left_times is None else left_times[kept].reset_index(drop=True)
    ranges = usual(what, before, cut_reference(len(before), cut, times, typical), names)
    told = tuple(_told(now, part) for part in parts)
    found = _metrics(what, now, parts, ranges, labelled=arrived is not None)
    return PerformanceResult(
        task=what.name,
        chunks=told,
        metrics=found,
        assumptions=what.assumptions,
        notes=(*notes, *doubts(told, found)),
    )


def _told(side: Side, chunk: Chunk) -> ChunkRows:
    scored, labelled = side.scored[chunk.rows], side.labelled[chunk.rows]
    return ChunkRows(chunk.label, len(chunk.rows), int(scored.sum()), int(labelled.sum()))


def _metrics(
    task: Task, side: Side, chunks: Sequence[Chunk], ranges: Mapping[str, Usual], *, labelled: bool
) -> tuple[Metric, ...]:
    expected = [task.estimated(side, chunk.rows) for chunk in chunks]
    real = [task.realised(side, chunk.rows) for chunk in chunks]
    told = [_told(side, chunk) for chunk in chunks]
    found = []
    for name, range_ in ranges.items():
        estimated = tuple(float(figures[name]) for figures in expected)
        realised = tuple(float(figures[name]) for figures in real)
        found.append(
            Metric(
                name=name,
                estimated=estimated,
                error=tuple(range_.error(chunk.scored) for chunk in told),
                realised=realised if labelled else None,
                usual=range_,
                estimated_state=tuple(
                    range_.judge(value, chunk.scored) for value, chunk in zip(estimated, told, strict=True)
                ),
                realised_state=tuple(
                    range_.judge(value, chunk.labelled) for value, chunk in zip(realised, told, strict=True)
                ),
            )
        )
    return tuple(found)

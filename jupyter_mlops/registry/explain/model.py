"""A model explained: its columns on rows with answers, and single answers that somebody asks about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.registry.explain.columns import input_of
from jupyter_mlops.registry.explain.importance import permutation_importance
from jupyter_mlops.registry.explain.output import output_of, quietly
from jupyter_mlops.registry.explain.related import related_note
from jupyter_mlops.registry.explain.result import Explanation, RowExplanation
from jupyter_mlops.registry.explain.sampling import Contributions, sampled
from jupyter_mlops.registry.explain.sources import UnclearError
from jupyter_mlops.registry.explain.trees import by_trees, is_trees

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.registry.evidence import Rows, Task

MOST_EXPLAINED = 200
_LEAST_MEASURED = 20
Progress = Callable[[str, float], None]


def _silent(text: str, share: float) -> None:
    """Nobody waits."""


def importance_of(model: Any, rows: Rows, task: Task, progress: Progress = _silent) -> Explanation:
    """What the model uses, measured on these rows; the model card's part of an explanation."""
    return explain_model(model, task, rows, None, progress)


def explain_model(
    model: Any,
    task: Task,
    measured: Rows,
    asked: pd.DataFrame | None,
    progress: Progress = _silent,
) -> Explanation:
    """Permutation importance on `measured`, and contributions to the answers for `asked`.

    Args:
        model: a fitted estimator, pipeline, or a search over them.
        task: what it was trained for.
        measured: rows that it was not trained on where there are any; columns it does not know are left out.
            With fewer than 20 rows nothing is measured, and they are only what answers are compared with.
        asked: rows of the columns and dtypes that it was trained on; the first 200 are explained.
        progress: told what happens and the share that is done.

    Raises:
        BadInputError: the model gives several answers for each row, or `measured` lacks a column.
    """
    began = time.perf_counter()
    model = getattr(model, "best_estimator_", model)
    measured = input_of(model, measured)
    features = measured.features
    output_of(model, task).of(features.head(1))  # refused at once, not after a minute
    found = Explanation()
    share = 0.7 if asked is not None else 1.0
    notes: list[str] = []
    if len(features) >= _LEAST_MEASURED:
        told = f"importance on {measured.said}"
        importance = permutation_importance(model, measured, task, lambda at: progress(told, share * at))
        notes += importance.notes
        notes += related_note(features, [each.column for each in importance.importance])
        found = Explanation(
            importance.metric,
            importance.score,
            importance.importance,
            f"{importance.rows:,} rows of {measured.said}",
        )
    else:
        notes.append(f"{len(features)} rows are too few to measure importance on")
    if asked is None:
        return _done(found, notes, began)
    if len(asked) > MOST_EXPLAINED:
        notes.append(f"the first {MOST_EXPLAINED} of {len(asked):,} rows are explained")
        asked = asked.head(MOST_EXPLAINED)
    contributions, why = _contributions(
        model,
        task,
        asked,
        features,
        lambda at: progress("contributions to each answer", share + (1 - share) * at),
    )
    notes += why
    rows, residual = _rows(contributions, model, asked)
    found = Explanation(
        found.metric,
        found.score,
        found.importance,
        found.measured_on,
        rows,
        contributions.method,
        residual,
        contributions.error,
    )
    return _done(found, notes, began)


def _contributions(
    model: Any, task: Task, asked: pd.DataFrame, background: pd.DataFrame, done: Callable[[float], None]
) -> tuple[Contributions, list[str]]:
    """Exact ones where the model is made of trees, else sampled ones; and why not exact."""
    why = []
    if is_trees(model):
        sample = background.sample(min(len(background), 100), random_state=0)
        try:
            return by_trees(model, asked, sample, task), []
        except UnclearError as error:
            why = [f"contributions are sampled although the model is made of trees: {error}"]
    return sampled(output_of(model, task), asked, background, done), why


def _rows(found: Contributions, model: Any, asked: pd.DataFrame) -> tuple[tuple[RowExplanation, ...], float]:
    """One explanation for each row: of the only output, or of that of the class which is answered."""
    outputs = found.output.of(asked)
    residual = float(np.abs(found.values.sum(axis=1) + found.base - outputs).max())
    predictions = np.asarray(quietly(model.predict, asked)).ravel().tolist()
    parts = outputs.argmax(axis=1)
    names = [str(name) for name in asked.columns]
    is_log_odds = found.output.space == "log-odds"
    probabilities = output_of(model, "classification").of(asked) if is_log_odds else None
    rows = tuple(
        RowExplanation(
            row=str(label),
            prediction=predictions[at],
            explained=found.output.name(int(parts[at])),
            base=float(found.base[parts[at]]),
            output=float(outputs[at, parts[at]]),
            contributions=dict(zip(names, found.values[at, :, parts[at]].tolist(), strict=True)),
            values=dict(zip(names, asked.iloc[at].tolist(), strict=True)),
            probability=None if probabilities is None else float(probabilities[at, parts[at]]),
        )
        for at, label in enumerate(asked.index)
    )
    return rows, residual


def _done(found: Explanation, notes: list[str], began: float) -> Explanation:
    from dataclasses import replace

    return replace(found, notes=tuple(notes), seconds=time.perf_counter() - began)

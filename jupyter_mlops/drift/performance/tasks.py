"""Each kind of model, from two frames to two sides: what is true, and what to believe without labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.performance import inputs
from jupyter_mlops.drift.performance.calibration import calibrated, calibrated_out_of_fold
from jupyter_mlops.drift.performance.classification import BINARY, MULTICLASS
from jupyter_mlops.drift.performance.labels import MISSING, Classes, classes_of, same
from jupyter_mlops.drift.performance.regression import (
    REGRESSION,
    alike,
    errors,
    expected_errors,
    expected_out_of_fold,
)
from jupyter_mlops.drift.performance.sides import Booleans, Side, Task, missing
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from jupyter_mlops.drift.performance.sides import Floats, Integers

Found = tuple[Task, Side, Side, Booleans, list[str]]


@dataclass(frozen=True)
class Columns:
    """Which columns are what."""

    target: str
    score: str | None
    scores: Mapping[object, str] | None
    prediction: str | None
    positive: object
    features: Sequence[str] | None

    @property
    def said(self) -> dict[str, str]:
        """What the model said, by role."""
        named = {"score": self.score, "prediction": self.prediction}
        by_class = {f"scores[{i}]": name for i, name in enumerate((self.scores or {}).values(), 1)}
        return {role: name for role, name in named.items() if name is not None} | by_class


def sides_of(
    task: str,
    reference: pd.DataFrame,
    current: pd.DataFrame,
    arrived: pd.Series | None,
    columns: Columns,
    leave_out: set[str | None],
) -> Found:
    """The task, both sides, which rows of the reference were kept, and notes on what was left out."""
    if task == "regression":
        return _regression(reference, current, arrived, columns, leave_out)
    return _classification(reference, current, arrived, columns)


def _classification(
    reference: pd.DataFrame, current: pd.DataFrame, arrived: pd.Series | None, columns: Columns
) -> Found:
    classes = classes_of(reference[columns.target], columns.positive)
    names = _score_columns(classes, columns)
    scores = [
        inputs.probabilities(frame, names, side)
        for frame, side in ((reference, "reference"), (current, "current"))
    ]
    predicted = [
        _predicted(frame, found, classes, columns.prediction, side)
        for frame, found, side in zip((reference, current), scores, ("reference", "current"), strict=True)
    ]
    for found, said in zip(scores, predicted, strict=True):
        found[said == MISSING] = np.nan
    truth = classes.truth(reference[columns.target], "reference labels")
    kept = ~missing(truth) & ~missing(scores[0])
    inputs.enough(int(kept.sum()))
    truth, known = truth[kept], scores[0][kept]
    if len(classes.values) == 2 and len(np.unique(truth)) < 2:
        raise BadInputError(
            "Of the reference's rows with a score, all have one label.",
            "Give a reference with scores for both classes.",
        )
    before = Side(truth, calibrated_out_of_fold(truth, known), known, predicted[0][kept])
    later = _no_labels(len(current), truth) if arrived is None else classes.truth(arrived, "labels")
    now = Side(later, calibrated(truth, known, scores[1]), scores[1], predicted[1])
    what = BINARY if len(classes.values) == 2 else MULTICLASS
    return what, before, now, kept, _left_out(kept, now)


def _regression(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    arrived: pd.Series | None,
    columns: Columns,
    leave_out: set[str | None],
) -> Found:
    name = str(columns.prediction)
    said = [
        inputs.numbers(frame[name], name, side)
        for frame, side in ((reference, "reference"), (current, "current"))
    ]
    truth = errors(inputs.numbers(reference[columns.target], columns.target, "reference"), said[0])
    kept = ~missing(truth)
    inputs.enough(int(kept.sum()))
    truth = truth[kept]
    if columns.features is None:
        skipped = {columns.target, name, *leave_out}
        used = [each for each in reference.columns if each in current.columns and each not in skipped]
    else:
        used = [each for each in dict.fromkeys(columns.features) if each != name]
        for frame, side in ((reference, "reference"), (current, "current")):
            inputs.require(frame, used, side)
        if columns.target in used:
            raise BadInputError(
                "features= names the target.", "Leave it out: it is not there to estimate from."
            )
    left, right, out = alike(
        reference.loc[kept, [*used, name]].reset_index(drop=True), current[[*used, name]]
    )
    later = (
        _no_labels(len(current), truth)
        if arrived is None
        else errors(inputs.numbers(arrived, columns.target, "labels"), said[1])
    )
    believed = expected_errors(left, truth, right)
    believed[np.isnan(said[1])] = np.nan
    before = Side(truth, expected_out_of_fold(left, truth), _nothing(len(truth)), _zeros(len(truth)))
    now = Side(later, believed, _nothing(len(current)), _zeros(len(current)))
    notes = _left_out(kept, now)
    if out:
        notes.append(f"The model of the error does without {', '.join(map(repr, out))}: no numbers or texts.")
    return REGRESSION, before, now, kept, notes


def _score_columns(classes: Classes, columns: Columns) -> list[str]:
    if columns.score is not None:
        if len(classes.values) > 2:
            raise BadInputError(
                f"The target has {len(classes.values)} classes, and score= is one column.",
                "Give a column for each class: scores={label: column, …}.",
            )
        return [columns.score]
    named = {same(label): column for label, column in (columns.scores or {}).items()}
    if set(named) != set(classes.values):
        missing = len(set(classes.values) - set(named))
        strange = len(set(named) - set(classes.values))
        raise BadInputError(
            f"scores= leaves out {missing} and adds {strange} of the target's {len(classes.values)} classes.",
            "Give one column for each label of the target, by the label as it is in the column.",
        )
    return [named[value] for value in (classes.values if len(named) > 2 else classes.values[1:])]


def _predicted(
    frame: pd.DataFrame, scores: Floats, classes: Classes, prediction: str | None, side: str
) -> Integers:
    if prediction is not None:
        return classes.checked_numbers(frame[prediction], f"{side} predictions")
    if scores.shape[1] == 1:
        found = (scores[:, 0] >= 0.5).astype(np.int64)
    else:
        found = np.where(np.isnan(scores), 0, scores).argmax(axis=1).astype(np.int64)
    return np.where(missing(scores), MISSING, found)


def _left_out(kept: Booleans, now: Side) -> list[str]:
    notes = []
    if not kept.all():
        notes.append(f"{int((~kept).sum()):,} reference rows lack a label or a prediction and do not count.")
    if not now.scored.all():
        notes.append(f"{int((~now.scored).sum()):,} current rows lack a prediction and do not count.")
    return notes


def _no_labels(rows: int, like: Floats) -> Floats:
    return np.full((rows, like.shape[1]), np.nan)


def _nothing(rows: int) -> Floats:
    return np.empty((rows, 0))


def _zeros(rows: int) -> Integers:
    return np.zeros(rows, dtype=np.int64)

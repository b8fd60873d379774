"""What may be asked: tables with the named columns, scores that are probabilities, a task that fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.inputs import checked_frame
from jupyter_mlops.errors import BadInputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from jupyter_mlops.drift.performance.sides import Booleans, Floats, Task

TASKS = ("auto", "binary", "multiclass", "regression")
LEAST_ROWS = 50


def table_or_series(labels: object) -> pd.DataFrame | pd.Series | None:
    """Any eager table as one of pandas, or a pandas series of labels as it is; None if none has arrived."""
    import pandas as pd

    if labels is None or (hasattr(labels, "__len__") and len(labels) == 0):
        return None
    return labels if isinstance(labels, pd.Series) else checked_frame(labels, "labels")


def require(frame: pd.DataFrame, names: Iterable[str | None], side: str) -> None:
    """Raise the error for the first of `names` that is no column."""
    for name in names:
        if name is not None and name not in frame.columns:
            raise BadInputError(
                f"The {side} data has no column {name!r}.{did_you_mean(str(name), frame.columns)}",
                "Name columns of the frames: target=, score= or scores=, prediction=, key=, time=.",
            )


def require_different(roles: Mapping[str, str | None]) -> None:
    """Raise the error for two roles that one column would have."""
    seen: dict[str, str] = {}
    for role, name in roles.items():
        if name is not None and name in seen:
            raise BadInputError(
                f"{seen[name]}= and {role}= name the same column {name!r}.",
                "Give each its own column: a target that is also a score tells nothing.",
            )
        if name is not None:
            seen[name] = role


def require_names(target: object, scores: object) -> None:
    """Raise the error for a target that is no name, or scores that do not say which class is which."""
    if not isinstance(target, str):
        raise BadInputError(
            "target= is not the name of a column.", "Give the name of the labels' column: target='repaid'."
        )
    if scores is not None and not isinstance(scores, Mapping):
        raise BadInputError(
            "scores= does not say which column belongs to which class.", "Give scores={label: column, …}."
        )


def task_of(task: str, score: str | None, scores: Mapping[object, str] | None, prediction: str | None) -> str:
    """The name of the task: asked for, or told by what is given."""
    if task not in TASKS:
        raise BadInputError(
            f"The task is none of {', '.join(TASKS)}.", "Leave it out: it is told by the columns."
        )
    if score is not None and scores is not None:
        raise BadInputError(
            "score= and scores= are both given.", "Give score= for two classes, scores= for more."
        )
    if score is None and scores is None and prediction is None:
        raise BadInputError(
            "Nothing of what the model said is named.",
            "Give score= (two classes), scores= (more classes) or prediction= (a number).",
        )
    told = "binary" if score is not None else "multiclass" if scores is not None else "regression"
    if task not in ("auto", told):
        raise BadInputError(
            f"The task {task} does not go with what is given.",
            "binary goes with score=, multiclass with scores= by class, regression with prediction= alone.",
        )
    return told


def in_order(frame: pd.DataFrame, time: str | None, side: str) -> tuple[pd.DataFrame, pd.Series | None, int]:
    """The frame in the order of time, its times, and how many rows without a time were left out."""
    import pandas as pd

    if time is None or time not in frame.columns:
        return frame.reset_index(drop=True), None, 0
    times = frame[time]
    if not pd.api.types.is_datetime64_any_dtype(times):
        if pd.api.types.is_numeric_dtype(times):
            raise BadInputError(
                f"The {side} column {time!r} holds numbers, not times.",
                "Convert it and say the unit: pd.to_datetime(column, unit='s').",
            )
        try:
            times = pd.to_datetime(times)
        except (ValueError, TypeError) as error:
            raise BadInputError(
                f"The {side} column {time!r} cannot be read as times.", "Convert it: pd.to_datetime(column)."
            ) from error
    # a time of Arrow has no periods
    times = pd.Series(pd.DatetimeIndex(times))
    known = times.notna().to_numpy()
    if not known.any():
        raise BadInputError(f"The {side} column {time!r} has no time at all.", "Name a column with times.")
    order = times[known].reset_index(drop=True).sort_values(kind="stable")
    rows = frame[known].iloc[order.index].reset_index(drop=True)
    return rows, order.reset_index(drop=True), int((~known).sum())


def probabilities(frame: pd.DataFrame, columns: Sequence[str], side: str) -> Floats:
    """(n, K) scores, NaN where one of a row's is missing.

    Raises:
        BadInputError: not numbers, all missing, infinite, or outside of 0 to 1.
    """
    found = np.column_stack([numbers(frame[name], name, side) for name in columns])
    with np.errstate(invalid="ignore"):
        outside = int(((found < 0) | (found > 1)).any(axis=1).sum())
    if outside:
        raise BadInputError(
            f"{outside:,} of {len(found):,} scores of the {side} data lie outside of 0 to 1.",
            "Give probabilities (predict_proba), not margins: 1 / (1 + exp(-margin)) makes them.",
        )
    found[np.isnan(found).any(axis=1)] = np.nan
    return found


def numbers(column: pd.Series, name: str, side: str) -> Floats:
    """(n,) a column of numbers with at least one that is not missing, as floats."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    values = column.infer_objects()
    if values.isna().all():
        raise BadInputError(
            f"The {side} column {name!r} has missing values only.", "Name a column with values."
        )
    if not is_numeric_dtype(values) or is_bool_dtype(values):
        raise BadInputError(
            f"The {side} column {name!r} holds no numbers.", "Convert it: pd.to_numeric(column)."
        )
    found = np.asarray(values.astype("Float64").to_numpy("float64", na_value=np.nan), dtype=np.float64)
    if np.isinf(found).any():
        raise BadInputError(
            f"The {side} column {name!r} has infinite values.", "Take these rows out, or set them to missing."
        )
    return found


def chosen_metrics(metrics: Sequence[str] | None, task: Task) -> tuple[str, ...]:
    """The metrics asked for, each once, or the usual ones of the task."""
    if metrics is None:
        return task.defaults
    asked = tuple(dict.fromkeys([metrics] if isinstance(metrics, str) else metrics))
    for name in asked:
        if name not in task.metrics:
            raise BadInputError(
                f"No metric of a {task.name} task is named {name!r}.{did_you_mean(str(name), task.metrics)}",
                f"Choose of {', '.join(task.metrics)}.",
            )
    if not asked:
        raise BadInputError("metrics= is empty.", "Leave it out, or name at least one.")
    return asked


def some_said(scored: Booleans) -> None:
    """Raise the error for current rows of which none has all that the model said."""
    if not scored.any():
        raise BadInputError(
            "No current row has both a score and a prediction.", "Give rows that the model has answered."
        )


def enough(rows: int) -> None:
    """Raise the error for a reference with too few rows to learn from."""
    if rows < LEAST_ROWS:
        raise BadInputError(
            f"The reference has {rows} rows with a label and a prediction; at least {LEAST_ROWS} are needed.",
            "Give a longer period: limits and calibration are learned from it.",
        )

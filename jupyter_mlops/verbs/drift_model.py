"""A model's part in a drift report: its answers as columns, and how well it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.performance import PerformanceResult, estimate_performance
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.registry.explain.columns import as_trained, input_of
from jupyter_mlops.registry.version_profile import PREDICTION, SCORE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from jupyter_mlops.verbs.drift_sides import Model

_CLASS = "probability of class "


def performance_of(
    model: Model, current: pd.DataFrame, target: str | None, time: str | None, every: str | None
) -> tuple[PerformanceResult | None, str]:
    """How well the model does on `current`, by its hold-out; or None, and why.

    Args:
        model: with the hold-out that was kept when it was promoted.
        current: rows, with the true answers in `target` where they are known.
        target: the column of the true answers; by default as in training.
        time: a column of times, for chunks by period.
        every: the period.
    """
    rows = model.holdout
    if rows is None or rows.target is None:
        return None, "no hold-out with true answers was kept with the model, so its performance is not told"
    name = target or str(rows.target.name or "target")
    try:
        reference, said = _told(model, rows.features, rows.features)
        reference[name] = rows.target.to_numpy()
        given, _ = _told(model, current, rows.features)
        if name in current.columns:
            given[name] = current[name].to_numpy()
        timed = time is not None and time in current.columns
        if timed:
            given[time] = current[time].to_numpy()
        when: dict[str, Any] = {"time": time, "every": every} if timed else {}
        return estimate_performance(reference, given, target=name, **said, **when), ""
    except BadInputError as error:
        return None, f"the performance is not told: {error}"


def _told(model: Model, rows: pd.DataFrame, like: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The rows with the model's answers, and which columns these are."""
    from jupyter_mlops.registry.evidence import Rows

    given = as_trained(rows, input_of(model.estimator, Rows(like, None, "")).features).reset_index(drop=True)
    scores = model.probabilities(given)
    answers = np.asarray(model.estimator.predict(given))
    told: dict[str, Any] = {PREDICTION: answers}
    said: dict[str, Any] = {"prediction": PREDICTION}
    if scores is not None:
        classes = list(model.estimator.classes_)
        if len(classes) == 2:
            told[SCORE] = scores[:, 1]
            said |= {"score": SCORE, "positive": classes[1]}
        else:
            names: Mapping[Any, str] = {each: f"{_CLASS}{each}" for each in classes}
            told |= {names[each]: scores[:, at] for at, each in enumerate(classes)}
            said["scores"] = names
    return given.assign(**told), said

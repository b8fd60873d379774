"""What a model answers for rows, beside the true answers: labels become numbers of classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.result import short_name
from jupyter_mlops.registry.gates.outcome import listed
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from jupyter_mlops.registry.evidence import Task

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model said about rows.

    `labels` are what ``predict`` gave (rows). `probabilities` (rows × classes) and `decision` (rows), where
    the model gives them, belong to `classes`, in their order.
    """

    labels: npt.NDArray[Any]
    probabilities: Floats | None = None
    decision: Floats | None = None
    classes: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Answers:
    """True and predicted answers of the same rows.

    For classification both are positions in `classes` (-1 for a missing one), whose second is the positive
    one of two; `probabilities` has a column for each of them and `scores` ranks rows of two classes. For
    regression both are numbers.
    """

    task: Task
    truth: Codes | Floats
    predicted: Codes | Floats
    classes: tuple[Any, ...] = ()
    probabilities: Floats | None = None
    scores: Floats | None = None

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def is_binary(self) -> bool:
        """True for a classification with two classes (or one, where rows have no other)."""
        return self.task == "classification" and len(self.classes) <= 2

    def at(self, rows: npt.NDArray[Any]) -> Answers:
        """Those of some rows, by position or mask."""
        return replace(
            self,
            truth=self.truth[rows],
            predicted=self.predicted[rows],
            probabilities=None if self.probabilities is None else self.probabilities[rows],
            scores=None if self.scores is None else self.scores[rows],
        )


def predict_rows(model: Any, features: pd.DataFrame, task: Task, said: str = "the model") -> Prediction:
    """Ask a model for labels and, where it gives them, probabilities or decision values.

    Raises:
        Unable: it fails on these rows, or answers with something else than one value a row.
    """
    labels = _called(model, "predict", features, said)
    labels = labels.ravel() if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.shape != (len(features),):
        raise Unable(f"{said} does not answer with one value a row")
    if task == "regression":
        return Prediction(labels)
    classes = tuple(_plain(getattr(model, "classes_", ())))
    probabilities = _optional(model, "predict_proba", features)
    if probabilities is not None and probabilities.shape != (len(features), len(classes)):
        probabilities = None
    decision = None
    if probabilities is None and len(classes) == 2:
        decision = _optional(model, "decision_function", features)
        decision = decision if decision is not None and decision.shape == (len(features),) else None
    return Prediction(labels, probabilities, decision, classes)


def columns_for(model: Any, features: pd.DataFrame, said: str = "the model") -> pd.DataFrame:
    """The columns that a model was fitted on; there may be more, such as groups that it must not know.

    Raises:
        Unable: one is missing.
    """
    wanted = getattr(model, "feature_names_in_", None)
    if wanted is None or list(wanted) == list(features.columns):
        return features
    missing = [short_name(str(name)) for name in wanted if name not in set(features.columns)]
    if missing:
        raise Unable(f"{said} needs columns that are not among the rows: {listed(missing)}")
    return features[list(wanted)]


def answers(
    target: Any, prediction: Prediction, task: Task, classes: tuple[Any, ...] | None = None
) -> Answers:
    """Put true and predicted answers side by side.

    Args:
        target: the true answers (rows), in the order of the prediction.
        prediction: what the model said.
        task: what kind of answers these are.
        classes: their order; that of the model, then what else occurs, if None.

    Raises:
        Unable: numbers are wanted and there are none.
    """
    if task == "regression":
        return Answers(task, _numbers(target, "true"), _numbers(prediction.labels, "predicted"))
    classes = classes or all_classes([prediction.classes, target, prediction.labels])
    probabilities, scores = _aligned(prediction, classes)
    return Answers(
        task, codes_of(target, classes), codes_of(prediction.labels, classes), classes, probabilities, scores
    )


def all_classes(several: Iterable[Any]) -> tuple[Any, ...]:
    """Each label once: in the given order where they are a model's classes (a tuple), else sorted."""
    found: dict[Any, None] = {}
    for labels in several:
        new = _plain(labels) if isinstance(labels, tuple) else _sorted(_distinct(labels))
        found.update((label, None) for label in new if label not in found)
    return tuple(found)


def codes_of(labels: Any, classes: tuple[Any, ...]) -> Codes:
    """Positions of labels in `classes`; -1 for what is none of them, such as a missing one."""
    import pandas as pd

    codes, distinct = pd.factorize(pd.Series(_column(labels)).reset_index(drop=True))
    places = {label: place for place, label in enumerate(classes)}
    known = np.asarray([places.get(label, -1) for label in _plain(distinct)] + [-1], np.int64)
    return known[codes]


def _aligned(prediction: Prediction, classes: tuple[Any, ...]) -> tuple[Floats | None, Floats | None]:
    """Probabilities with a column for each class, and scores of the second of two classes."""
    if prediction.probabilities is not None:
        aligned = np.zeros((len(prediction.labels), len(classes)))
        for column, label in enumerate(prediction.classes):
            aligned[:, classes.index(label)] = prediction.probabilities[:, column]
        return aligned, (aligned[:, 1] if len(classes) == 2 else None)
    fits = prediction.decision is not None and prediction.classes == classes
    return None, prediction.decision if fits else None


def _called(model: Any, name: str, features: pd.DataFrame, said: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(getattr(model, name)(features))
    except Exception as error:  # noqa: BLE001 - a model is anybody's code; its message may hold values
        raise Unable(f"{name}() of {said} fails on these rows ({type(error).__name__})") from None


def _optional(model: Any, name: str, features: pd.DataFrame) -> Floats | None:
    if not hasattr(model, name):
        return None
    try:
        return _called(model, name, features, name).astype(np.float64)
    except (Unable, TypeError, ValueError):
        return None


def _numbers(values: Any, which: str) -> Floats:
    import pandas as pd

    try:
        numbers = pd.Series(_column(values)).astype("float64").to_numpy()
    except (TypeError, ValueError):
        raise Unable(f"the {which} answers are not numbers") from None
    return np.asarray(numbers, np.float64)


def _column(values: Any) -> Any:
    """A series or array as it is; what else comes, as an array."""
    return values if hasattr(values, "dtype") else np.asarray(values)


def _distinct(labels: Any) -> list[Any]:
    import pandas as pd

    return _plain(pd.Series(_column(labels)).dropna().unique())


def _plain(labels: Any) -> list[Any]:
    return [label.item() if isinstance(label, np.generic) else label for label in labels]


def _sorted(labels: list[Any]) -> list[Any]:
    try:
        return sorted(labels)
    except TypeError:
        return sorted(labels, key=str)

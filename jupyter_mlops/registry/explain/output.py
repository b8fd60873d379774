"""What of a model is explained: a probability, a score or a value, as one array."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.registry.evidence import Task

Method = Callable[["pd.DataFrame"], Any]


@dataclass(frozen=True)
class Output:
    """A model's answer in numbers, rows × parts: one part for two classes or a value, else one per class."""

    space: str
    """``probability``, ``log-odds``, ``score``, ``answer`` (1 where a class is the answer) or ``value``."""
    classes: tuple[Any, ...]
    """The class of each part; empty for values."""
    method: Method

    def of(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """The output for these rows.

        Raises:
            BadInputError: the model answers with several values for each row.
        """
        found = np.asarray(quietly(self.method, frame))
        if found.ndim > 2 or (not self.classes and found.ndim == 2 and found.shape[1] > 1):
            raise BadInputError(
                "the model gives several answers for each row",
                "Explain models with one answer: one class or one number for a row.",
            )
        found = found.reshape(len(frame), -1).astype(float)
        return found[:, -1:] if len(self.classes) == 1 else found

    def name(self, part: int) -> str:
        """Such as ``probability of >50K``."""
        return f"{self.space} of {self.classes[part]}" if self.classes else self.space


def output_of(model: Any, task: Task) -> Output:
    """The output that people understand best: a probability where there is one."""
    if task == "regression":
        return Output("value", (), model.predict)
    classes = classes_of(model)
    if hasattr(model, "predict_proba"):
        return Output("probability", _parts(classes), model.predict_proba)
    if classes and hasattr(model, "decision_function"):
        return Output("score", _parts(classes), model.decision_function)
    return Output("answer", classes, lambda frame: _answers(model.predict(frame), classes))


def log_odds_of(model: Any) -> Output:
    """The sums of trees before they become probabilities."""
    return Output("log-odds", _parts(classes_of(model)), model.decision_function)


def classes_of(model: Any) -> tuple[Any, ...]:
    """The classes a model tells apart; empty if it names none, or several sets of them."""
    found = getattr(model, "classes_", ())
    return () if isinstance(found, list) else tuple(np.asarray(found).tolist())


def quietly(method: Method, frame: pd.DataFrame) -> Any:
    """What `method` answers; a model trained on a plain array is asked with a frame here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return method(frame)


def _parts(classes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of two classes the second says all."""
    return classes[-1:] if len(classes) <= 2 else classes


def _answers(predicted: Any, classes: tuple[Any, ...]) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = np.asarray(predicted, object).reshape(-1, 1) == np.asarray(classes, object)
    return found

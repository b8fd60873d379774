"""Predictors around one other: a target that was transformed, a threshold that was moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import as_matrix
from .labels import labels_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .blocks import Block
    from .links import Floats
    from .read import Reader


class BackTransformed:
    """Predictions on the scale that training saw, brought back to the target's own."""

    classes = None
    methods = ("predict",)
    takes_columns = True

    def __init__(self, node: Any, reader: Reader) -> None:
        self._inner = reader.part(node["inner"])
        self._back = reader.part(node["back"])

    def predict(self, block: Block) -> Floats:
        """(rows,) numbers, or (rows, outputs) of them."""
        given = self._inner.predict(block)
        made = as_matrix(self._back.transform(given.reshape(len(given), -1)))
        return made[:, 0] if given.ndim == 1 else made


class MovedThreshold:
    """Of two classes, one of them where its score reaches a number."""

    takes_columns = True

    def __init__(self, node: Any, reader: Reader) -> None:
        self._inner = reader.part(node["inner"])
        self.classes, self._labels = labels_of(node["classes"])
        self._threshold: float = node["threshold"]
        self._place: int = node["place"]
        self._by_probability = node["by"] == "predict_proba"
        self.methods = self._inner.methods

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """One label per row."""
        if self._by_probability:
            scores = self._inner.predict_proba(block)[:, self._place]
        else:
            scores = self._inner.decision(block) * (1 if self._place == 1 else -1)
        chosen = np.where(scores >= self._threshold, self._place, 1 - self._place)
        labels: np.ndarray[Any, Any] = self._labels[chosen]
        return labels

    def predict_proba(self, block: Block) -> Floats:
        """The inner model's probabilities."""
        answer: Floats = self._inner.predict_proba(block)
        return answer


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {
    "back_transformed": BackTransformed,
    "moved_threshold": MovedThreshold,
}

"""Several classes by models that know two each: one class against the rest, or one against another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import rows_in
from .labels import labels_of
from .meta import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .blocks import Block
    from .links import Floats
    from .read import Reader


def _surest(scores: Floats, threshold: float, labels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The label with the highest score; of two, the second where its score is above the threshold."""
    is_binary = scores.ndim == 1
    places = (scores > threshold).astype(np.intp) if is_binary else scores.argmax(axis=1)
    chosen: np.ndarray[Any, Any] = labels[places]
    return chosen


class OneAgainstRest:
    """The class whose model is surest; the first of equals."""

    takes_columns = True

    def __init__(self, node: Any, reader: Reader) -> None:
        self._asked = [Asked(each, reader) for each in node["asked"]]
        self._threshold: float = node["threshold"]
        self.classes, self._labels = labels_of(node["classes"])
        self.methods = ("predict", "predict_proba") if node["has_probabilities"] else ("predict",)

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """One label per row."""
        return _surest(self.decision(block), self._threshold, self._labels)

    def predict_proba(self, block: Block) -> Floats:
        """Each model's probability of its class, made to sum to 1; all zeros stay zeros."""
        each = np.stack([ask.part.predict_proba(block)[:, 1] for ask in self._asked], axis=1)
        if len(self._asked) == 1:
            each = np.concatenate([1 - each, each], axis=1)
        sums = each.sum(axis=1)[:, None]
        shares: Floats = np.divide(each, sums, out=each, where=sums != 0)
        return shares

    def decision(self, block: Block) -> Floats:
        """(rows, classes), or (rows,) where there are two."""
        scores = np.concatenate([ask(block) for ask in self._asked], axis=1)
        return scores[:, 0] if len(self._asked) == 1 else scores


class OneAgainstOne:
    """The class that wins most pairs; how sure the models are decides between equals."""

    takes_columns = True
    methods = ("predict",)

    def __init__(self, node: Any, reader: Reader) -> None:
        self._asked = [Asked(each, reader) for each in node["asked"]]
        self._threshold: float = node["threshold"]
        self.classes, self._labels = labels_of(node["classes"])

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """One label per row."""
        return _surest(self.decision(block), self._threshold, self._labels)

    def decision(self, block: Block) -> Floats:
        """Votes, and less than a third for the sureness: (rows, classes), or (rows,) where there are two."""
        count = len(self.classes)
        pairs = [(first, second) for first in range(count) for second in range(first + 1, count)]
        votes, sureness = np.zeros((2, rows_in(block), count))
        for ask, (first, second) in zip(self._asked, pairs, strict=True):
            winner, score = ask.part.predict(block), ask(block)[:, 0]
            sureness[:, first] -= score
            sureness[:, second] += score
            votes[winner == 0, first] += 1
            votes[winner == 1, second] += 1
        scores: Floats = votes + sureness / (3 * (np.abs(sureness) + 1))
        return scores[:, 1] if count == 2 else scores


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {
    "one_against_rest": OneAgainstRest,
    "one_against_one": OneAgainstOne,
}

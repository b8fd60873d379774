"""AdaBoost over trees: the votes and the answers of all of them are sums of leaves as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .labels import labels_of
from .links import softmax
from .trees import read_forest, refuse_beyond_float32

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .links import Floats
    from .read import Reader


class VotingTrees:
    """Each tree votes for a class with its weight, and against the others with the same weight in all."""

    methods = ("predict", "predict_proba")

    def __init__(self, node: Any, reader: Reader) -> None:
        self._forest = read_forest(node["forest"], reader)
        self._weight: float = node["weight"]
        self.classes, self._labels = labels_of(node["classes"])

    def predict(self, matrix: Floats) -> np.ndarray[Any, Any]:
        """One label per row."""
        scores = self.decision(matrix)
        places = (scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)
        labels: np.ndarray[Any, Any] = self._labels[places]
        return labels

    def predict_proba(self, matrix: Floats) -> Floats:
        """One probability per class and row."""
        scores = self.decision(matrix)
        if scores.ndim == 1:
            return softmax(np.stack([-scores, scores], axis=1) / 2)
        return softmax(scores / (len(self.classes) - 1))

    def decision(self, matrix: Floats) -> Floats:
        """Votes by the sum of weights: (rows, classes), or (rows,) where there are two."""
        refuse_beyond_float32(matrix, takes_missing=False)
        votes = np.zeros((len(matrix), self._forest.outputs))
        self._forest.add_to(votes, matrix)
        votes /= self._weight
        return votes[:, 1] - votes[:, 0] if len(self.classes) == 2 else votes


class MedianTree:
    """The answer that half of the trees' weight reaches, smallest answers first."""

    classes = None
    methods = ("predict",)

    def __init__(self, node: Any, reader: Reader) -> None:
        self._forest = read_forest(node["forest"], reader)  # each tree adds to a column of its own
        self._weights = reader.array(node["weights"])

    def predict(self, matrix: Floats) -> Floats:
        """One number per row."""
        refuse_beyond_float32(matrix, takes_missing=False)
        each = np.zeros((len(matrix), self._forest.outputs))
        self._forest.add_to(each, matrix)
        order = np.argsort(each, axis=1)
        reached = np.cumsum(self._weights[order], axis=1)
        first = (reached >= 0.5 * reached[:, -1:]).argmax(axis=1)
        rows = np.arange(len(matrix))
        medians: Floats = each[rows, order[rows, first]]
        return medians


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {
    "voting_trees": VotingTrees,
    "median_tree": MedianTree,
}

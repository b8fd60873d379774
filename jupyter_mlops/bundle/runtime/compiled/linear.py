"""Linear models: one matrix product and a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import no_place_for_missing
from .labels import labels_of
from .links import expit, normalized, softmax, two_sided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .links import Floats
    from .read import Reader


class LinearClassifier:
    """The label whose score is largest; of two, the second if its score is above 0."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.classes, self._labels = labels_of(node["classes"])
        self._scores = Scores(node, reader)
        self._is_binary = node["binary"]
        self._link = _LINKS.get(node["link"], _no_link)
        self.methods = ("predict", "predict_proba") if node["link"] else ("predict",)

    def predict(self, matrix: Floats) -> np.ndarray[Any, Any]:
        """One label per row."""
        scores = self.decision(matrix)
        places = (scores > 0).astype(np.intp) if self._is_binary else scores.argmax(axis=1)
        labels: np.ndarray[Any, Any] = self._labels[places]
        return labels

    def predict_proba(self, matrix: Floats) -> Floats:
        """One probability per class and row."""
        return self._link(self.decision(matrix))

    def decision(self, matrix: Floats) -> Floats:
        """The scores: (rows,) of two classes, (rows, classes) of more."""
        scores = self._scores.of(matrix)
        return scores.reshape(-1) if self._is_binary else scores


class LinearRegressor:
    """The sum itself, or its exponential where training saw a logarithm."""

    classes = None
    methods = ("predict",)

    def __init__(self, node: Any, reader: Reader) -> None:
        self._scores = Scores(node, reader)
        self._is_one: bool = node["one"]
        self._is_log = node["link"] == "log"

    def predict(self, matrix: Floats) -> Floats:
        """(rows,) numbers, or (rows, outputs) of them."""
        scores = self._scores.of(matrix)
        made: Floats = np.exp(scores) if self._is_log else scores
        return made.reshape(-1) if self._is_one else made


class Scores:
    """Weighted sums of a matrix's columns, (rows, outputs)."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self._coefficients = np.ascontiguousarray(reader.array(node["coefficients"]).T)
        self._intercept = reader.array(node["intercept"])

    def of(self, matrix: Floats) -> Floats:
        """The sums of each row. Raises BadRequest if something is missing: it shows in every sum it is in."""
        scores: Floats = matrix @ self._coefficients + self._intercept
        if not np.isfinite(scores).all():
            raise no_place_for_missing()
        return scores


def _no_link(scores: Floats) -> Floats:
    raise AttributeError("this model has no probabilities")


def _sigmoid(scores: Floats) -> Floats:
    each = expit(scores)
    return two_sided(each) if each.ndim == 1 else normalized(each)


def _huber(scores: Floats) -> Floats:
    each = (np.clip(scores, -1, 1) + 1.0) / 2.0
    return two_sided(each) if each.ndim == 1 else normalized(each)


_LINKS: Mapping[str, Callable[[Floats], Floats]] = {
    "sigmoid": _sigmoid,
    "softmax": softmax,
    "modified_huber": _huber,
}

BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {
    "linear_classifier": LinearClassifier,
    "linear_regressor": LinearRegressor,
}

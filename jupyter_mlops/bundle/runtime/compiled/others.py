"""Predictors that are neither linear nor trees: bell curves, layers of neurons, constants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import refuse_missing, rows_in
from .labels import labels_of
from .links import expit, softmax, two_sided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .blocks import Block
    from .links import Floats
    from .read import Reader


class Bells:
    """Naive Bayes: in each class, each feature has a normal distribution of its own."""

    methods = ("predict", "predict_proba")

    def __init__(self, node: Any, reader: Reader) -> None:
        self.classes, self._labels = labels_of(node["classes"])
        self._means, self._variances = reader.array(node["means"]), reader.array(node["variances"])
        priors = reader.array(node["priors"])
        heights = -0.5 * np.sum(np.log(2.0 * np.pi * self._variances), axis=1)
        self._curves = list(zip(np.log(priors), heights, self._means, self._variances, strict=True))

    def predict(self, matrix: Floats) -> np.ndarray[Any, Any]:
        """The likeliest label of each row."""
        labels: np.ndarray[Any, Any] = self._labels[self._logs(matrix).argmax(axis=1)]
        return labels

    def predict_proba(self, matrix: Floats) -> Floats:
        """One probability per class and row."""
        logs = self._logs(matrix)
        largest = logs.max(axis=1, keepdims=True)
        sums = np.log(np.exp(logs - largest).sum(axis=1, keepdims=True)) + largest
        shares: Floats = np.exp(logs - sums)
        return shares

    def _logs(self, matrix: Floats) -> Floats:
        refuse_missing(matrix)
        return np.stack(
            [
                prior + (height - 0.5 * np.sum((matrix - mean) ** 2 / variance, axis=1))
                for prior, height, mean, variance in self._curves
            ],
            axis=1,
        )


class _Layers:
    """A network of neurons, layer after layer."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self._layers = [
            (reader.array(layer["weights"]), reader.array(layer["bias"])) for layer in node["layers"]
        ]
        self._hidden, self._last = _ACTIVATIONS[node["hidden"]], _ACTIVATIONS[node["output"]]

    def of(self, matrix: Floats) -> Floats:
        """What the last layer gives, (rows, outputs)."""
        refuse_missing(matrix)
        for index, (weights, bias) in enumerate(self._layers):
            matrix = matrix @ weights + bias
            if index < len(self._layers) - 1:
                matrix = self._hidden(matrix)
        return self._last(matrix)


_ACTIVATIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "identity": lambda values: values,
    "exp": np.exp,
    "tanh": np.tanh,
    "logistic": expit,
    "relu": lambda values: np.maximum(values, 0),
    "softmax": softmax,
}


class NeuralClassifier:
    """The class whose neuron answers most; of two, the second if its neuron gives more than a half."""

    methods = ("predict", "predict_proba")

    def __init__(self, node: Any, reader: Reader) -> None:
        self.classes, self._labels = labels_of(node["classes"])
        self._layers = _Layers(node, reader)

    def predict(self, matrix: Floats) -> np.ndarray[Any, Any]:
        """One label per row."""
        given = self._layers.of(matrix)
        places = given.argmax(axis=1) if given.shape[1] > 1 else (given[:, 0] > 0.5).astype(np.intp)
        labels: np.ndarray[Any, Any] = self._labels[places]
        return labels

    def predict_proba(self, matrix: Floats) -> Floats:
        """One probability per class and row."""
        given = self._layers.of(matrix)
        return given if given.shape[1] > 1 else two_sided(given[:, 0])


class NeuralRegressor:
    """What the last neurons give."""

    classes = None
    methods = ("predict",)

    def __init__(self, node: Any, reader: Reader) -> None:
        self._layers = _Layers(node, reader)

    def predict(self, matrix: Floats) -> Floats:
        """(rows,) numbers, or (rows, outputs) of them."""
        given = self._layers.of(matrix)
        return given if given.shape[1] > 1 else given[:, 0]


class ConstantClassifier:
    """The same answer to every row."""

    methods = ("predict", "predict_proba")
    takes_columns = True

    def __init__(self, node: Any, reader: Reader) -> None:
        self.classes, self._labels = labels_of(node["classes"])
        self._place: int = node["place"]
        self._shares = reader.array(node["shares"])

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """One label per row."""
        return np.repeat(self._labels[self._place : self._place + 1], rows_in(block))

    def predict_proba(self, block: Block) -> Floats:
        """One probability per class and row."""
        return np.tile(self._shares, (rows_in(block), 1))


class ConstantRegressor:
    """The same number, or numbers, for every row."""

    classes = None
    methods = ("predict",)
    takes_columns = True

    def __init__(self, node: Any, reader: Reader) -> None:
        self._values = reader.array(node["values"])

    def predict(self, block: Block) -> Floats:
        """(rows,) numbers, or (rows, outputs) of them."""
        made = np.tile(self._values, (rows_in(block), 1))
        return made[:, 0] if made.shape[1] == 1 else made


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {
    "bells": Bells,
    "neural_classifier": NeuralClassifier,
    "neural_regressor": NeuralRegressor,
    "constant_classifier": ConstantClassifier,
    "constant_regressor": ConstantRegressor,
}

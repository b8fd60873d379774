"""Trees whose leaves are added up in float32, as XGBoost does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .labels import labels_or_none
from .trees import read_forest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .links import Floats
    from .read import Reader

    Floats32 = np.ndarray[Any, np.dtype[np.float32]]

_ONE, _TINY, _LARGEST = np.float32(1), np.float32(1e-16), np.float32(88.7)


class Float32Trees:
    """Sums, and labels by their probabilities. The answers are float32 numbers, kept as float64."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self._forest = read_forest(node["forest"], reader)  # each tree adds to a column of its own
        self._start = reader.array(node["start"]).astype(np.float32)
        self._link = _LINKS[node["link"]]
        self.classes, self._labels = labels_or_none(node["classes"])
        self.methods = ("predict", "predict_proba") if self.classes else ("predict",)

    def predict(self, matrix: Floats) -> np.ndarray[Any, Any]:
        """One label or number per row."""
        answer = self._link(self._sums(matrix))
        if self._labels is None:
            return answer[:, 0].astype(np.float64)
        places = (answer[:, 0] > 0.5).astype(np.intp) if answer.shape[1] == 1 else answer.argmax(axis=1)
        labels: np.ndarray[Any, Any] = self._labels[places]
        return labels

    def predict_proba(self, matrix: Floats) -> Floats:
        """One probability per class and row."""
        shares = self._link(self._sums(matrix))
        if shares.shape[1] == 1:
            shares = np.concatenate([_ONE - shares, shares], axis=1)
        return shares.astype(np.float64)

    def _sums(self, matrix: Floats) -> Floats32:
        """One after the other, in float32: (rows, outputs)."""
        leaves = np.zeros((len(matrix), self._forest.outputs))
        self._forest.add_to(leaves, matrix)
        addends = np.empty(
            (len(matrix), 1 + leaves.shape[1] // len(self._start), len(self._start)), np.float32
        )
        addends[:, 0] = self._start
        addends[:, 1:] = leaves.reshape(len(matrix), -1, len(self._start))
        return np.add.accumulate(addends, axis=1)[:, -1]


# exp of a float32 as the usual C library on Linux computes it, in float64: 2 ** (whole + part/32) by a table
# and the rest by a polynomial. NumPy's own is another in the last bit of every third number.
_PARTS = 2.0 ** (np.arange(32) / 32)
_CUBIC, _SQUARE, _LINEAR = (
    float.fromhex(text) / 32**power
    for text, power in (("0x1.c6af84b912394p-5", 3), ("0x1.ebfce50fac4f3p-3", 2), ("0x1.62e42ff0c52d6p-1", 1))
)
_BY_LOG2 = float.fromhex("0x1.71547652b82fep+0") * 32


def exp32(numbers: Floats32) -> Floats32:
    """exp() of float32 numbers between -100 and 100 or so, to the last bit."""
    scaled = np.clip(numbers.astype(np.float64), -200, 200) * _BY_LOG2
    whole = np.rint(scaled)
    rest, steps = scaled - whole, whole.astype(np.int64)
    power = np.ldexp(_PARTS[steps % 32], steps // 32)
    polynomial = (_CUBIC * rest + _SQUARE) * (rest * rest) + (_LINEAR * rest + 1)
    with np.errstate(over="ignore", under="ignore"):
        raised: Floats32 = (polynomial * power).astype(np.float32)
    return raised


def _sigmoid(sums: Floats32) -> Floats32:
    return _ONE / (exp32(np.minimum(-sums, _LARGEST)) + _ONE + _TINY)


def _softmax(sums: Floats32) -> Floats32:
    raised = exp32(sums - sums.max(axis=1, keepdims=True))
    total = np.add.accumulate(raised, axis=1, dtype=np.float64)[:, -1:].astype(np.float32)
    shares: Floats32 = np.divide(raised, total)
    return shares


_LINKS: Mapping[str, Callable[[Floats32], Floats32]] = {
    "identity": lambda sums: sums,
    "exp": exp32,
    "sigmoid": _sigmoid,
    "softmax": _softmax,
}

BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {"float32_trees": Float32Trees}

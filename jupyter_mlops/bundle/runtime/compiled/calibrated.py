"""Scores made probabilities by what was learned on other rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import rows_in
from .labels import labels_of
from .links import expit, normalized, two_sided
from .meta import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .blocks import Block
    from .links import Floats
    from .read import Reader

    Curve = Callable[[Floats], Floats]


class Calibrated:
    """The mean of models, the scores of each through its own curves: one per class, or one for two."""

    takes_columns = True
    methods = ("predict", "predict_proba")

    def __init__(self, node: Any, reader: Reader) -> None:
        self._fits = [
            (Asked(each, reader), [_curve(curve, reader) for curve in each["curves"]])
            for each in node["fits"]
        ]
        self.classes, self._labels = labels_of(node["classes"])

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """The likeliest label."""
        labels: np.ndarray[Any, Any] = self._labels[self.predict_proba(block).argmax(axis=1)]
        return labels

    def predict_proba(self, block: Block) -> Floats:
        """One probability per class and row."""
        sums = np.zeros((rows_in(block), len(self.classes)))
        for ask, curves in self._fits:
            scores = ask(block).T
            each = [curve(score) for curve, score in zip(curves, scores, strict=True)]
            sums += two_sided(each[0]) if len(self.classes) == 2 else normalized(np.stack(each, axis=1))
        return np.divide(sums, len(self._fits), out=sums)


def _curve(node: Any, reader: Reader) -> Curve:
    if "slope" in node:
        slope, shift = node["slope"], node["shift"]
        return lambda scores: expit(-(slope * scores + shift))
    x, y = reader.array(node["x"]), reader.array(node["y"])
    return lambda scores: np.interp(scores, x, y)  # outside it stays where it ends


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {"calibrated": Calibrated}

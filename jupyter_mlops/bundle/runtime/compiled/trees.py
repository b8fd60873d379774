"""Predictors made of trees: what becomes of the sums of their leaves."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import no_place_for_missing
from .forest import NODE, Forest
from .kernel import load_kernel
from .labels import labels_or_none
from .links import expit, softmax, two_sided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .links import Floats
    from .read import Reader

_TOO_LARGE = 2.0**128 - 2.0**103
"""The smallest number that float32 rounds to infinity."""

_kernel = cache(load_kernel)


def read_forest(node: Any, reader: Reader) -> Forest:
    """The trees of a node, with the C function of this machine where there is one."""
    names = ("nodes", "leaf", "values", "root", "depth", "sets")
    nodes, *others = (reader.array(node[name]) for name in names)
    return Forest(
        nodes.view(NODE).reshape(-1),
        *others,
        features=node["features"],
        outputs=node["outputs"],
        functions=None if reader.library is None else _kernel(reader.library),
    )


def refuse_beyond_float32(matrix: Floats, *, takes_missing: bool) -> None:
    """Say no where scikit-learn's own trees do: they see float32, and not all know missing values."""
    size = np.abs(matrix)
    fine = size < _TOO_LARGE
    if takes_missing:
        fine |= np.isnan(size)
    if not fine.all():
        raise no_place_for_missing()


class AveragedTrees:
    """The mean of the trees: decision trees, random forests, extra trees."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self._forest = read_forest(node["forest"], reader)
        self._count = len(self._forest.root)
        self._takes_missing: bool = node["takes_missing"]
        self.classes, self._labels = labels_or_none(node["classes"])
        self.methods = ("predict", "predict_proba") if self.classes else ("predict",)

    def predict(self, matrix: Floats) -> np.ndarray[Any, Any]:
        """The likeliest label, the first of equals; or the mean."""
        means = self.predict_proba(matrix)
        return means[:, 0] if self._labels is None else self._labels[means.argmax(axis=1)]

    def predict_proba(self, matrix: Floats) -> Floats:
        """Shares of the classes; in a regression (rows, 1) means."""
        refuse_beyond_float32(matrix, takes_missing=self._takes_missing)
        sums = np.zeros((len(matrix), self._forest.outputs))
        self._forest.add_to(sums, matrix)
        return np.divide(sums, self._count, out=sums)


class BoostedTrees:
    """Trees that add to where the one before them ended: both kinds of gradient boosting."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self._forest = read_forest(node["forest"], reader)
        self._start = reader.array(node["start"])
        self._is_float32 = node["float32"]
        self._link = _LINKS[node["link"]]
        self._labels_by = node["labels_by"]
        self.classes, self._labels = labels_or_none(node["classes"])
        self.methods = ("predict", "predict_proba") if self.classes else ("predict",)

    def predict(self, matrix: Floats) -> np.ndarray[Any, Any]:
        """The label with the highest sum or probability, as in training; or the sum through its link."""
        sums = self.decision(matrix)
        if self._labels is None:
            return self._link(sums)
        if self._labels_by == "probability":
            places = self._link(sums).argmax(axis=1)
        elif sums.ndim == 2:
            places = sums.argmax(axis=1)
        else:
            places = (sums > 0 if self._labels_by == "sum above 0" else sums >= 0).astype(np.intp)
        labels: np.ndarray[Any, Any] = self._labels[places]
        return labels

    def predict_proba(self, matrix: Floats) -> Floats:
        """One probability per class and row."""
        return self._link(self.decision(matrix))

    def decision(self, matrix: Floats) -> Floats:
        """The sums: (rows,), or (rows, classes) of three classes and more."""
        if self._is_float32:
            refuse_beyond_float32(matrix, takes_missing=False)
        sums = np.empty((len(matrix), self._forest.outputs))
        sums[:] = self._start
        self._forest.add_to(sums, matrix)
        return sums[:, 0] if self._forest.outputs == 1 else sums


class IsolatingTrees:
    """1 for rows that lie among the others, -1 for those that few cuts set apart."""

    classes = None
    methods = ("predict",)

    def __init__(self, node: Any, reader: Reader) -> None:
        self._forest = read_forest(node["forest"], reader)
        self._expected: float = node["expected"]
        self._offset: float = node["offset"]

    def predict(self, matrix: Floats) -> np.ndarray[Any, Any]:
        """1 or -1 per row."""
        return np.where(self.decision(matrix) < 0, -1, 1)

    def decision(self, matrix: Floats) -> Floats:
        """Below 0 for what is set apart."""
        depths = np.zeros((len(matrix), 1))
        self._forest.add_to(depths, matrix)
        scores: Floats = -(2 ** (-depths[:, 0] / self._expected)) - self._offset
        return scores


_LINKS: Mapping[str, Callable[[Floats], Floats]] = {
    "identity": lambda sums: sums,
    "log": np.exp,
    "logit": lambda sums: two_sided(expit(sums)),
    "each_logit": expit,
    "half_logit": lambda sums: two_sided(expit(2 * sums)),
    "multinomial_logit": softmax,
}

BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {
    "averaged_trees": AveragedTrees,
    "boosted_trees": BoostedTrees,
    "isolating_trees": IsolatingTrees,
}

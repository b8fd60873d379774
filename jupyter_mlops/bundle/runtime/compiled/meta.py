"""Models that ask several others: votes, stacks, bags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import as_matrix, rows_in, select
from .labels import labels_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .blocks import Block
    from .links import Floats
    from .read import Reader


class Asked:
    """A model with the method by which another one asks it: predict, predict_proba or decision."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.part = reader.part(node["part"])
        self._answer = getattr(self.part, node["by"])
        self._from = node["from"]  # 1 leaves out the first of two probabilities, which says nothing more

    def __call__(self, block: Block) -> Floats:
        """Its answers as (rows, columns)."""
        answer: Floats = self._answer(block)
        return answer[:, self._from :] if answer.ndim == 2 else answer.reshape(-1, 1)


class Vote:
    """The label that most name, or the one with the highest mean probability; in a regression the mean."""

    takes_columns = True

    def __init__(self, node: Any, reader: Reader) -> None:
        self._parts = [reader.part(each) for each in node["parts"]]
        self._weights: list[float] | None = node["weights"]
        self._is_hard = node["hard"]
        self.classes, self._labels = labels_or_none(node["classes"])
        self.methods = ("predict",) if self._is_hard or self._labels is None else ("predict", "predict_proba")

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """One label or number per row."""
        if self._labels is None:
            each = np.array([part.predict(block) for part in self._parts]).T
            means: np.ndarray[Any, Any] = np.average(each, axis=1, weights=self._weights)
            return means
        shares = self._votes(block) if self._is_hard else self.predict_proba(block)
        labels: np.ndarray[Any, Any] = self._labels[shares.argmax(axis=1)]
        return labels

    def predict_proba(self, block: Block) -> Floats:
        """Mean probabilities."""
        each = np.array([part.predict_proba(block) for part in self._parts])
        means: Floats = np.average(each, axis=0, weights=self._weights)
        return means

    def _votes(self, block: Block) -> Floats:
        votes = np.zeros((rows_in(block), len(self.classes or ())))
        for part, weight in zip(self._parts, self._weights or [1.0] * len(self._parts), strict=True):
            votes[np.arange(len(votes)), part.predict(block)] += weight
        return votes


class Stack:
    """The last model predicts from what the others predict."""

    takes_columns = True

    def __init__(self, node: Any, reader: Reader) -> None:
        self._asked = [Asked(each, reader) for each in node["asked"]]
        self._last = reader.part(node["last"])
        self._passes_on = node["passthrough"]
        self.classes, self._labels = labels_or_none(node["classes"])
        self.methods = self._last.methods

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """One label or number per row."""
        answer: np.ndarray[Any, Any] = self._last.predict(self._answers(block))
        return answer if self._labels is None else self._labels[answer]

    def predict_proba(self, block: Block) -> Floats:
        """One probability per class and row."""
        answer: Floats = self._last.predict_proba(self._answers(block))
        return answer

    def decision(self, block: Block) -> Floats:
        """The last one's scores."""
        answer: Floats = self._last.decision(self._answers(block))
        return answer

    def _answers(self, block: Block) -> Floats:
        answers = [ask(block) for ask in self._asked]
        return np.concatenate([*answers, as_matrix(block)] if self._passes_on else answers, axis=1)


class Bag:
    """The mean of models that know some of the columns and some of the classes each."""

    takes_columns = True

    def __init__(self, node: Any, reader: Reader) -> None:
        self._asked = [(Asked(each, reader), each["columns"], each["places"]) for each in node["asked"]]
        self.classes, self._labels = labels_or_none(node["classes"])
        self.methods = ("predict", "predict_proba") if self.classes else ("predict",)

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """One label or number per row."""
        means = self.predict_proba(block)
        return means[:, 0] if self._labels is None else self._labels[means.argmax(axis=1)]

    def predict_proba(self, block: Block) -> Floats:
        """Mean probabilities; in a regression (rows, 1) means."""
        sums = np.zeros((rows_in(block), len(self.classes or (None,))))
        for ask, columns, places in self._asked:
            answer = ask(select(block, columns))
            if places == "vote":
                sums[np.arange(len(sums)), answer[:, 0]] += 1
            else:
                sums[:, places] += answer
        return sums / len(self._asked)

    def decision(self, block: Block) -> Floats:
        """Mean scores, where all models have them."""
        each = [ask.part.decision(select(block, columns)) for ask, columns, _ in self._asked]
        means: Floats = sum(each) / len(each)
        return means


class Outputs:
    """Several numbers per row, each by a model of its own."""

    takes_columns = True
    classes = None
    methods = ("predict",)

    def __init__(self, node: Any, reader: Reader) -> None:
        self._parts = [reader.part(each) for each in node["parts"]]

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """(rows, outputs)."""
        return np.stack([part.predict(block) for part in self._parts], axis=1)


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {
    "vote": Vote,
    "stack": Stack,
    "bag": Bag,
    "outputs": Outputs,
}

"""What a model answered: labels or numbers to count and to log."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from .live import CategoryCounts, OrderedCounts
from .reference import Categories, Ordered, Profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .seen import Answered, EngineInfo

LADDER = (-1e6, -1e5, -1e4, -1e3, -100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
"""Bins for predicted numbers where the reference has none."""


class Answers:
    """The answers of requests that follow each other, of one version and method, as one array.

    Attributes:
        predictions: a label or number per row; None where a row has several numbers.
        probabilities: shape (rows, classes); None where they were not asked for.
        outputs: shape (rows, k) of a model that predicts several numbers at once, else None.
    """

    def __init__(self, requests: Sequence[Answered], classes: list[Any] | None) -> None:
        first = requests[0]
        array = first.answer if len(requests) == 1 else np.concatenate([each.answer for each in requests])
        self.version = first.version
        self.method = first.method
        self.rows = len(array)
        self.array = array
        self.probabilities: np.ndarray[Any, Any] | None = None
        self.outputs: np.ndarray[Any, Any] | None = None
        self.predictions: list[Any]
        if first.method == "predict_proba" and _is_of(classes, array):
            self.probabilities = array
            self.predictions = [classes[place] for place in array.argmax(axis=1).tolist()]  # type: ignore[index]
            return
        if _is_of(classes, first.probabilities):
            self.probabilities = np.concatenate([each.probabilities for each in requests])
        if array.ndim > 1:
            self.outputs = array
            self.predictions = [None] * self.rows
        else:
            self.predictions = array.tolist()


def read_answers(requests: Sequence[Answered], engines: Mapping[str, EngineInfo]) -> list[Answers]:
    """The answers in the order of the requests."""

    def kind(seen: Answered) -> tuple[str, str, tuple[int, ...], bool]:
        return seen.version, seen.method, seen.answer.shape[1:], seen.probabilities is None

    return [
        Answers(list(group), engines[version].classes) for (version, *_), group in groupby(requests, key=kind)
    ]


class PredictedLabels:
    """How often each class was predicted; the likeliest one where probabilities were asked for."""

    def __init__(self, classes: list[Any], reference: Profile | None) -> None:
        known = _by_name(reference)
        named = np.array([known.pop(_plain(label), 0) for label in classes], dtype=np.int64)
        others = sum(known.values())
        self.live = CategoryCounts(Categories(tuple(map(_plain, classes)), named, others, 0))

    def add(self, answers: Answers) -> None:
        """Count them."""
        self.live.add(answers.predictions, _plain)


class PredictedNumbers:
    """How often predicted numbers fell into each bin, and their sum."""

    def __init__(self, reference: Profile | None) -> None:
        if not isinstance(reference, Ordered):
            reference = Ordered(np.array(LADDER), np.zeros(len(LADDER) + 1, dtype=np.int64), None, None, 0)
        self.live = OrderedCounts(reference)
        self.total = 0.0

    def add(self, answers: Answers) -> None:
        """Count them; several numbers a row, and what is no number, are in no bin."""
        if answers.array.ndim == 1 and answers.array.dtype.kind in "fiub":
            numbers = answers.array.astype(np.float64)
            self.live.add(numbers)
            self.total += float(numbers[np.isfinite(numbers)].sum())


Predicted = PredictedLabels | PredictedNumbers


def predicted_for(engine: EngineInfo, reference: Profile | None) -> Predicted:
    """Empty counts for one version."""
    if engine.classes is None:
        return PredictedNumbers(reference)
    return PredictedLabels(engine.classes, reference)


def _is_of(classes: list[Any] | None, array: np.ndarray[Any, Any] | None) -> bool:
    """Whether an array has one probability a class."""
    return classes is not None and array is not None and array.shape[1:] == (len(classes),)


def _by_name(reference: Profile | None) -> dict[Any, int]:
    if not isinstance(reference, Categories):
        return {}
    known: dict[Any, int] = dict(zip(map(_plain, reference.names), reference.counts.tolist(), strict=True))
    # What the reference does not name stays beside the classes; no label is None.
    known[None] = reference.others
    return known


def _plain(label: Any) -> Any:
    """A label as JSON can spell it: others, such as dates, by their text."""
    return label if isinstance(label, str | int | float) or label is None else str(label)

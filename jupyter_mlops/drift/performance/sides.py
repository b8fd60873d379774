"""What the reference and the current rows come down to, whatever the task: truth, belief and prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


def missing(values: Floats) -> Booleans:
    """(n,) the rows of (n, K) in which something is missing."""
    return np.asarray(np.isnan(values).any(axis=1), dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Side:
    """The rows of one frame, in the order of time; K is 1 for two classes, 2 for regression.

    Attributes:
        truth: (n, K) what is true: 1 in the column of a row's class, or its absolute and squared error; NaN
            in rows without a label.
        believed: (n, K) the expected value of `truth` for somebody without labels; NaN in rows without a
            score.
        scores: (n, K) the model's scores as they came, which rank the rows; (n, 0) for regression.
        predicted: (n,) the predicted class as a number.
    """

    truth: Floats
    believed: Floats
    scores: Floats
    predicted: Integers

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def scored(self) -> Booleans:
        """(n,) whether there is something to estimate from."""
        return ~missing(self.believed)

    @property
    def labelled(self) -> Booleans:
        """(n,) whether a row is scored and has a label."""
        return self.scored & ~missing(self.truth)


@dataclass(frozen=True, eq=False)
class Task:
    """A kind of model: its figures, and in which direction they are good.

    `figures` takes truth or belief (n, K), scores (n, K) and predicted (n,) and gives each metric, NaN where
    it is not defined. The same function serves both: what is expected is what is realised, with
    probabilities in the place of labels.
    """

    name: str
    figures: Callable[[Floats, Floats, Integers], Mapping[str, float]]
    metrics: tuple[str, ...]
    defaults: tuple[str, ...]
    higher_is_better: bool
    assumptions: str

    def estimated(self, side: Side, rows: Integers) -> Mapping[str, float]:
        """The figures to expect in these rows."""
        used = rows[side.scored[rows]]
        return self._of(side, side.believed, used)

    def realised(self, side: Side, rows: Integers) -> Mapping[str, float]:
        """The figures of these rows by their labels."""
        used = rows[side.labelled[rows]]
        return self._of(side, side.truth, used)

    def _of(self, side: Side, values: Floats, rows: Integers) -> Mapping[str, float]:
        if len(rows) == 0:
            return dict.fromkeys(self.metrics, float("nan"))
        return self.figures(values[rows], side.scores[rows], side.predicted[rows])

"""How the numbers of a frame go together: the correlations of their normal scores, kept with a profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd

    from jupyter_mlops.drift.distances import Floats

MOST_ROWS = 20_000
"""Evenly spaced rows that they are computed of: ranks of a million take seconds."""


@dataclass(frozen=True, eq=False)
class Correlations:
    """Of pairs of columns.

    Attributes:
        names: of the columns.
        matrix: shape (names, names); NaN where a pair varies in too few rows.
        rows: of the pair that has the fewest.
    """

    names: tuple[str, ...]
    matrix: Floats
    rows: int

    def of(self, names: Sequence[str]) -> Floats:
        """The part of the matrix for some of the columns, in their order."""
        places = [self.names.index(name) for name in names]
        return self.matrix[np.ix_(places, places)]

    def without(self, masked: Collection[str]) -> Correlations:
        """Those of other columns only."""
        names = tuple(name for name in self.names if name not in masked)
        return Correlations(names, self.of(names), self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: the upper triangle to four digits."""
        upper = self.matrix[np.triu_indices(len(self.names), 1)]
        return {
            "names": list(self.names),
            "rows": self.rows,
            "upper": [round(value, 4) if np.isfinite(value) else None for value in upper.tolist()],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Correlations:
        """What `to_dict` gave."""
        matrix = np.eye(len(data["names"]))
        places = np.triu_indices(len(matrix), 1)
        matrix[places] = np.array(data["upper"], dtype=np.float64)
        matrix.T[places] = matrix[places]
        return cls(tuple(data["names"]), matrix, int(data["rows"]))


def correlations_of(frame: pd.DataFrame) -> Correlations | None:
    """Those of the columns of numbers; None where fewer than two vary."""
    from jupyter_mlops.drift.multivariate.correlation import normal_score_correlations

    step = -(-len(frame) // MOST_ROWS)
    names, matrix, rows = normal_score_correlations(frame.iloc[::step])
    return Correlations(tuple(names), matrix, rows) if len(names) > 1 else None

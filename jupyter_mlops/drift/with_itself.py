"""How often this data is flagged when nothing changed: the reference against itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.column import compare_column
from jupyter_mlops.drift.profile import profile_frame
from jupyter_mlops.drift.verdicts import judged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from jupyter_mlops.drift.thresholds import Thresholds

MOST_ROWS = 20_000


@dataclass(frozen=True)
class SelfComparison:
    """What random parts of the reference look like beside the rest of it.

    Attributes:
        splits: how many were drawn.
        rows: how many rows each part had.
        flagged: in how many of them some column drifted: all of these are false alarms.
        null_effects: by column, the effect that 95 % of the splits stayed below.
    """

    splits: int
    rows: int
    flagged: int
    null_effects: Mapping[str, float]

    @property
    def summary(self) -> str:
        """One line, for instance "0 of 20 random parts of the reference were flagged"."""
        return f"{self.flagged} of {self.splits} random parts of the reference were flagged"

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "splits": self.splits,
            "rows": self.rows,
            "flagged": self.flagged,
            "null_effects": dict(self.null_effects),
            "summary": self.summary,
        }


def compare_with_itself(
    reference: pd.DataFrame,
    names: Sequence[str],
    *,
    rows: int,
    thresholds: Thresholds,
    splits: int = 20,
    seed: int = 0,
) -> SelfComparison:
    """Random parts of the reference against the rest (A/A splits).

    Args:
        reference: the rows.
        names: columns to compare.
        rows: of a part: as many as the current data has, at most half of the reference and 20,000.
        thresholds: the limits that are tried.
        splits: how many parts are drawn.
        seed: decides which.
    """
    draws = np.random.default_rng(seed)
    part = max(1, min(rows, len(reference) // 2, MOST_ROWS))
    rest = min(len(reference) - part, 2 * MOST_ROWS)
    flagged = 0
    effects: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(splits):
        order = draws.permutation(len(reference))
        one = profile_frame(reference.iloc[order[:part]], names)
        other = profile_frame(reference.iloc[order[part : part + rest]], names)
        found = [compare_column(name, other.columns[name], one.columns[name]) for name in names]
        flagged += bool((judged(found, thresholds)["verdict"] == "drift").any())
        for each in found:
            effects[each.column].append(max((test.effect for test in each.evidence), default=0.0))
    return SelfComparison(
        splits, part, flagged, {name: float(np.quantile(values, 0.95)) for name, values in effects.items()}
    )

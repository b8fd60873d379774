"""Compare two frames as a whole: three tests, judged together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.inputs import checked_frame, chosen_columns
from jupyter_mlops.drift.multivariate.classifier import tell_apart
from jupyter_mlops.drift.multivariate.correlation import correlates, correlation_change, correlations_of
from jupyter_mlops.drift.multivariate.limits import FEWEST_ROWS, LIMITS, TOO_FEW_ROWS, judged
from jupyter_mlops.drift.multivariate.reconstruction import reconstruct
from jupyter_mlops.drift.multivariate.result import Finding
from jupyter_mlops.drift.multivariate.shared import shared_columns, told
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from jupyter_mlops.drift.multivariate.result import MultivariateTest
    from jupyter_mlops.drift.multivariate.shared import Shared


# Cells of a frame that are looked at: beyond 100 columns fewer rows are drawn.
CELLS = 2_000_000


def compare_together(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    rows: int = 20_000,
    seed: int = 0,
) -> tuple[MultivariateTest, ...]:
    """Whether the columns of `current` go together as those of `reference` do.

    A domain classifier, PCA reconstruction and the change of correlations, always in this order. Times and
    running numbers separate any two periods and are left out, as is what is constant, nested or in one frame
    only; each note says what was left out and how many rows were used.

    Args:
        reference: the data to compare with.
        current: the data in question.
        columns: names to use, all of both frames by default. Names are compared as text.
        rows: at most so many rows of each frame are drawn, at least 200; fewer of more than 100 columns.
        seed: decides the rows, folds and halves: equal arguments give equal results.

    Raises:
        BadInputError: not a frame, no rows, two columns of one name, an unknown name in `columns`, no column
            in common, or fewer than 200 `rows`.
    """
    if rows < FEWEST_ROWS:
        raise BadInputError(
            f"{rows} rows of each frame are too few to compare columns together.",
            f"Let `rows` be {FEWEST_ROWS} or more; 20,000 is the default.",
        )
    ref, cur = checked_frame(reference, "reference"), checked_frame(current, "current")
    names = chosen_columns(list(ref.columns), list(cur.columns), columns)
    affordable = max(FEWEST_ROWS, CELLS // len(names))
    shared = shared_columns(ref, cur, names, min(rows, affordable), seed)
    return judged([_noted(finding, shared) for finding in _findings(shared, seed)])


def _findings(shared: Shared, seed: int) -> list[Finding]:
    if not shared.columns:
        return [Finding(name, note="no column to compare") for name in LIMITS]
    if min(shared.n, shared.m) < FEWEST_ROWS:
        return [Finding(name, note=TOO_FEW_ROWS) for name in LIMITS]
    return [
        tell_apart(shared.columns, shared.n, seed),
        reconstruct(shared.columns, shared.n, seed),
        _correlation(shared),
    ]


def _correlation(shared: Shared) -> Finding:
    numbers = {
        each.name: np.split(each.values, [shared.n]) for each in shared.columns if each.kind == "number"
    }
    names = [name for name, sides in numbers.items() if all(map(correlates, sides))]
    if not names:
        return correlation_change([], np.empty((0, 0)), 0, np.empty((0, 0)), 0)
    (before, n), (after, m) = (correlations_of([numbers[name][side] for name in names]) for side in (0, 1))
    found = correlation_change(names, before, n, after, m)
    unused = [name for name in numbers if name not in names]
    return replace(
        found, note=found.note + told({"constant or mostly missing in one frame": unused} if unused else {})
    )


def _noted(finding: Finding, shared: Shared) -> Finding:
    return replace(finding, note="; ".join(part for part in (finding.note, shared.note) if part))

"""Compare two frames column by column, then judge all tests as one family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.drift.column import compare_column, one_sided
from jupyter_mlops.drift.inputs import checked_frame, chosen_columns
from jupyter_mlops.drift.result import DriftResult
from jupyter_mlops.drift.thresholds import Thresholds
from jupyter_mlops.drift.verdicts import column_table, judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from jupyter_mlops.drift.findings import Findings

DEFAULTS = Thresholds()


def compare_frames(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    thresholds: Thresholds = DEFAULTS,
) -> DriftResult:
    """Whether and how `current` differs from `reference`, column by column.

    A column drifts when the size of a difference reaches its limit *and* its p-value, adjusted over all
    tests of all columns, is below `alpha`: p alone flags everything at a million rows, size alone flags
    noise in small samples. See `Thresholds` for the exact rule. No row is sampled away and no column
    skipped: what cannot be compared has a row that says so.

    Args:
        reference: the data to compare with, for instance what a model was trained on.
        current: the data in question; types and row counts may differ.
        columns: names to report on, all of both frames by default. Names are compared as text.
        thresholds: limits on effects and on adjusted p.

    Raises:
        BadInputError: not a frame, no rows, two columns of one name, an unknown name in `columns`, or no
            column in common.
    """
    ref, cur = checked_frame(reference, "reference"), checked_frame(current, "current")
    findings = [_findings(name, ref, cur) for name in chosen_columns(ref, cur, columns)]
    tests = judged(findings, thresholds)
    return DriftResult(
        columns=column_table(findings, tests),
        tests=tests,
        histograms={each.column: each.values.histogram for each in findings if each.values.histogram},
        thresholds=thresholds,
        reference_rows=len(ref),
        current_rows=len(cur),
    )


def _findings(name: str, reference: pd.DataFrame, current: pd.DataFrame) -> Findings:
    if name not in current.columns:
        return one_sided(name, reference[name], "reference")
    if name not in reference.columns:
        return one_sided(name, current[name], "current")
    return compare_column(name, reference[name], current[name])

"""Compare two frames column by column, then judge all tests as one family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.drift.column import compare_column, one_sided
from jupyter_mlops.drift.inputs import checked_frame, chosen_columns
from jupyter_mlops.drift.profile import FrameProfile, profile_frame
from jupyter_mlops.drift.result import DriftResult
from jupyter_mlops.drift.thresholds import Thresholds
from jupyter_mlops.drift.verdicts import column_table, judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.findings import Findings
    from jupyter_mlops.drift.multivariate import MultivariateTest
    from jupyter_mlops.drift.profile.correlations import Correlations

DEFAULTS = Thresholds()


def compare_frames(
    reference: Any,
    current: Any,
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
        reference: the data to compare with, for instance what a model was trained on: a frame of pandas,
            polars or Arrow, or its profile.
        current: the data in question, likewise; types and row counts may differ.
        columns: names to report on, all of both frames by default. Names are compared as text.
        thresholds: limits on effects and on adjusted p.

    Raises:
        BadInputError: not a frame, no rows, two columns of one name, an unknown name in `columns`, or no
            column in common.
    """
    ref, cur = _checked(reference, "reference"), _checked(current, "current")
    names = chosen_columns(_names(ref), _names(cur), columns)
    before, after = (
        side if isinstance(side, FrameProfile) else profile_frame(side, names, side=called)
        for side, called in ((ref, "reference"), (cur, "current"))
    )
    return compare_profiles(before, after, columns, thresholds=thresholds)


def compare_profiles(
    reference: FrameProfile,
    current: FrameProfile,
    columns: Sequence[str] | None = None,
    *,
    thresholds: Thresholds = DEFAULTS,
) -> DriftResult:
    """The same of two profiles; see `compare_frames`.

    Raises:
        BadInputError: an unknown name in `columns`, or no column in common.
    """
    names = chosen_columns(reference.columns, current.columns, columns)
    findings = [_findings(name, reference, current) for name in names]
    tests = judged(findings, thresholds)
    return DriftResult(
        columns=column_table(findings, tests),
        tests=tests,
        histograms={each.column: each.values.histogram for each in findings if each.values.histogram},
        thresholds=thresholds,
        reference_rows=reference.rows,
        current_rows=current.rows,
        multivariate=_correlations(reference.correlations, current.correlations, names),
    )


def _correlations(
    reference: Correlations | None, current: Correlations | None, names: Sequence[str]
) -> tuple[MultivariateTest, ...] | None:
    """The one test of columns together that needs no rows, where both profiles have what it needs."""
    if reference is None or current is None:
        return None
    from jupyter_mlops.drift.multivariate import compare_correlations

    both = [name for name in reference.names if name in current.names and name in names]
    sides = reference.of(both), reference.rows, current.of(both), current.rows
    return (compare_correlations(both, *sides),)


def _checked(side: Any, called: str) -> Any:
    return side if isinstance(side, FrameProfile) else checked_frame(side, called)


def _names(side: Any) -> list[str]:
    return list(side.columns)


def _findings(name: str, reference: FrameProfile, current: FrameProfile) -> Findings:
    if name not in current.columns:
        return one_sided(name, reference.columns[name], "reference")
    if name not in reference.columns:
        return one_sided(name, current.columns[name], "current")
    return compare_column(name, reference.columns[name], current.columns[name])

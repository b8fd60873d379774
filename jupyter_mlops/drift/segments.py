"""Drift per segment: a column can stay as it was while it moves among some of the rows."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.column import compare_column
from jupyter_mlops.drift.inputs import require_column
from jupyter_mlops.drift.profile import profile_frame
from jupyter_mlops.drift.thresholds import SEVERITY, Thresholds, Verdict
from jupyter_mlops.drift.verdicts import column_table, judged_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

MOST_SEGMENTS = 20
PARTS = 4
NONE = "(missing)"
OTHERS = "(all others)"
FEWEST_ROWS = 30
"""A segment with fewer rows on a side is too small to tell anything of it."""


@dataclass(frozen=True, eq=False)
class Segment:
    """One part of the rows.

    Attributes:
        label: the value of the column, or the range of its values.
        reference_rows: of the reference in it.
        current_rows: of the current frame in it.
        verdict: the worst of its columns'; "watch" where it has too few rows to tell.
        columns: column, verdict, reason, effect, p_adjusted; worst first; empty where there are too few rows.
    """

    label: str
    reference_rows: int
    current_rows: int
    verdict: Verdict
    columns: pd.DataFrame


@dataclass(frozen=True)
class Segments:
    """All of them, by one column; all p-values of all segments are one family."""

    by: str
    segments: tuple[Segment, ...]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; of each segment the columns that are not ok."""
        return {
            "by": self.by,
            "segments": [
                {
                    "label": each.label,
                    "rows": each.current_rows,
                    "reference_rows": each.reference_rows,
                    "verdict": each.verdict,
                    "columns": [
                        {"column": name, "verdict": verdict, "reason": reason, "effect": effect}
                        for name, verdict, reason, effect in zip(
                            each.columns["column"],
                            each.columns["verdict"],
                            each.columns["reason"],
                            each.columns["effect"].replace(np.nan, None).tolist(),
                            strict=True,
                        )
                        if verdict != "ok"
                    ],
                }
                for each in self.segments
            ],
        }


def compare_segments(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    names: Sequence[str],
    *,
    by: str,
    thresholds: Thresholds,
) -> Segments:
    """Both frames in parts, each compared with its own.

    The segments are the most common values of the column, at most 20 with all others as one; numbers with
    more values than that are cut at the reference's quartiles. A segment that is small says "too few rows"
    and never drifts.

    Args:
        reference: the data to compare with.
        current: the data in question.
        names: columns to compare; `by` itself is left out.
        by: the column whose values are the segments.
        thresholds: limits for the verdicts.

    Raises:
        BadInputError: a frame has no such column.
    """
    require_column(reference, by, "reference")
    require_column(current, by, "current")
    names = [name for name in names if name != by and name in reference.columns and name in current.columns]
    left, right = _labels(reference[by], current[by])
    found, sizes = {}, {}
    for label in dict.fromkeys([*_by_size(left), *_by_size(right)]):
        ref, cur = reference[left == label], current[right == label]
        sizes[label] = len(ref), len(cur)
        if min(len(ref), len(cur)) >= FEWEST_ROWS:
            before, after = profile_frame(ref, names), profile_frame(cur, names)
            found[label] = [compare_column(name, before.columns[name], after.columns[name]) for name in names]
    return Segments(by, tuple(_judged(found, sizes, thresholds)))


def _judged(
    found: dict[str, list[Any]], sizes: dict[str, tuple[int, int]], thresholds: Thresholds
) -> list[Segment]:
    groups = [found.get(label, []) for label in sizes]
    segments = []
    for (label, rows), findings, tests in zip(
        sizes.items(), groups, judged_apart(groups, thresholds), strict=True
    ):
        table = column_table(findings, tests)
        verdict: Verdict = "watch"
        if findings:
            verdict = max(table["verdict"], key=SEVERITY.__getitem__)
            order = table.assign(_worst=-table["verdict"].map(SEVERITY), _size=-table["effect"].fillna(0))
            table = table.loc[order.sort_values(["_worst", "_size"], kind="stable").index]
        segments.append(Segment(label, *rows, verdict, table))
    return sorted(segments, key=lambda each: -SEVERITY[each.verdict])


def _labels(reference: pd.Series, current: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The segment of each row of both."""
    import pandas as pd

    numbers = pd.api.types.is_numeric_dtype(reference) and pd.api.types.is_numeric_dtype(current)
    if numbers and not pd.api.types.is_bool_dtype(reference) and reference.nunique() > MOST_SEGMENTS:
        finite = reference.astype("float64").replace([np.inf, -np.inf], np.nan).dropna()
        cuts = np.unique(np.quantile(finite, np.arange(1, PARTS) / PARTS))
        return _in_parts(reference, cuts), _in_parts(current, cuts)
    texts = [_texts(side) for side in (reference, current)]
    counts = pd.Series(np.concatenate(texts)).value_counts()
    if len(counts) > MOST_SEGMENTS:
        kept = set(counts.index[: MOST_SEGMENTS - 1])
        texts = [np.array([text if text in kept else OTHERS for text in side], object) for side in texts]
    return texts[0], texts[1]


def _in_parts(side: pd.Series, cuts: np.ndarray) -> np.ndarray:
    numbers = side.to_numpy(dtype=np.float64, na_value=np.nan)
    ends = [f"{cut:.6g}" for cut in cuts]
    names = [f"up to {ends[0]}", *(f"{a} to {b}" for a, b in itertools.pairwise(ends))]
    names.append(f"above {ends[-1]}")
    places = np.searchsorted(cuts, numbers, side="left")
    labels: np.ndarray = np.array(names, dtype=object)[np.minimum(places, len(cuts))]
    labels[np.isnan(numbers)] = NONE
    return labels


def _texts(side: pd.Series) -> np.ndarray:
    texts: np.ndarray = side.astype(object).where(side.notna(), NONE).map(str).to_numpy(dtype=object)
    return texts


def _by_size(labels: np.ndarray) -> list[str]:
    import pandas as pd

    return list(pd.Series(labels).value_counts().index)

"""Which columns are distributed otherwise than before: from profiles, with the verdicts of `drift`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.drift import compare_profiles
from jupyter_mlops.drift.profile import profile_frame
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.tracking.frame_profiles import KINDS, stored_profile

if TYPE_CHECKING:
    from jupyter_mlops.drift.profile import FrameProfile
    from jupyter_mlops.snapshot import SnapshotStore

NAMELESS = "values"
"""What the content of a series or array without a name is called."""
_MOST_COLUMNS = 200


@dataclass(frozen=True)
class ColumnShift:
    """How far the distribution of a column moved; see `DriftResult.columns`.

    `effect` (0 to 1, named by `effect_name`) is None where nothing could be measured, and `reason` says what
    the verdict rests on.
    """

    column: str
    effect: float | None
    effect_name: str
    verdict: str
    reason: str


def shifts(
    store: SnapshotStore, before: str, after: str, *, may_read: bool
) -> tuple[tuple[ColumnShift, ...], list[str]]:
    """The columns that two stored values have in common, worst first, and why there are none or not all.

    Args:
        store: holds both.
        before: digest of the earlier value.
        after: digest of the later one.
        may_read: whether profiles may be made from rows; else only those that were kept serve.

    Raises:
        StoreError: a file of a snapshot is missing or damaged.
    """
    profiles = [_profile(store, digest, may_read=may_read) for digest in (before, after)]
    if profiles[0] is None or profiles[1] is None:
        return (), ["no profile to tell shifts from"]
    both = [name for name in profiles[0].columns if name in profiles[1].columns]
    if not both:
        return (), []
    ranked = compare_profiles(profiles[0], profiles[1], both).ranked
    found = tuple(
        ColumnShift(
            str(row["column"]),
            None if math.isnan(row["effect"]) else float(row["effect"]),
            str(row["effect_name"]),
            str(row["verdict"]),
            str(row["reason"]),
        )
        for row in ranked.head(_MOST_COLUMNS).to_dict("records")
    )
    cut = len(ranked) > _MOST_COLUMNS
    return found, [f"shifts of the {_MOST_COLUMNS} worst of {len(ranked)} columns"] if cut else []


def _profile(store: SnapshotStore, digest: str, *, may_read: bool) -> FrameProfile | None:
    if store.describe(digest).kind in KINDS:
        is_kept = store.profile(store.newest(digest)) is not None
        return stored_profile(store, digest) if is_kept or may_read else None
    if not may_read:
        return None
    frame = _as_frame(store.get(digest))
    try:
        return None if frame is None else profile_frame(frame)
    except BadInputError:  # without rows
        return None


def _as_frame(value: Any) -> Any:
    """A series, or an array of one dimension, as a frame of one column; None for what has none."""
    import pandas as pd

    if isinstance(value, pd.Series):
        return value.to_frame(NAMELESS if value.name is None else str(value.name))
    return pd.DataFrame({NAMELESS: value}) if getattr(value, "ndim", None) == 1 else None

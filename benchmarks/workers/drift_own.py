"""Our drift report with the data of its pictures: a profile of each frame, and the two compared."""

from __future__ import annotations

import gzip
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.workers.drift_measured import WARM_ROWS, answer, frames, measured, task
from jupyter_mlops.drift import compare_profiles
from jupyter_mlops.drift.profile import FrameProfile, profile_frame

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.drift import DriftResult

_COMPARISONS = 9
"""One takes milliseconds: shown is their median."""


def main() -> None:
    """Warm up, profile, compare, name the columns that drift."""
    asked = task()
    reference, current = frames(asked)
    report(profile_frame(reference.head(WARM_ROWS)), profile_frame(current.head(WARM_ROWS)))
    before = measured(lambda: profile_frame(reference))
    after = measured(lambda: profile_frame(current))
    both = measured(lambda: report(before.result, after.result))
    again = [measured(lambda: compare_profiles(before.result, after.result)).cpu for _ in range(_COMPARISONS)]
    steps = [before, after, both]
    result, payload = both.result
    answer(
        {
            "flagged": result.drifted,
            "cpu": sum(step.cpu for step in steps),
            "wall": sum(step.wall for step in steps),
            "memory": None if both.memory is None else max(step.memory or 0 for step in steps),
            "profile": (before.cpu + after.cpu) / 2,
            "compare": median(again),
            "payload": _zipped(payload),
            "stored": _zipped(before.result.to_json()),
        }
    )


def report(reference: FrameProfile, current: FrameProfile) -> tuple[DriftResult, str]:
    """The verdicts, and all that is shown of them as JSON."""
    result = compare_profiles(reference, current)
    return result, result.to_json()


def verdicts(reference: pd.DataFrame, current: pd.DataFrame) -> dict[str, DriftResult]:
    """By where the reference's profile comes from: from memory, or from the file that it is kept in."""
    before, after = profile_frame(reference), profile_frame(current)
    kept = FrameProfile.from_json(before.to_json())
    return {"memory": compare_profiles(before, after), "file": compare_profiles(kept, after)}


def _zipped(text: str) -> int:
    return len(gzip.compress(text.encode()))


if __name__ == "__main__":
    main()

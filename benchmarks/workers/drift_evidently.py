"""Evidently's drift report with the data of its pictures. Runs in an environment of its own.

`settings` of the task are those of its ``DataDriftPreset``.
"""

from __future__ import annotations

import os

os.environ["DO_NOT_TRACK"] = "1"  # it reads this when it is imported

from typing import Any

from evidently import Report  # type: ignore[import-not-found]
from evidently.presets import DataDriftPreset  # type: ignore[import-not-found]

from benchmarks.workers.drift_measured import WARM_ROWS, answer, frames, measured, task

_P_VALUES = ("ks", "chisquare")


def main() -> None:
    """Warm up, compare, name the columns that it says drift."""
    asked = task()
    reference, current = frames(asked)
    report = Report([DataDriftPreset(**asked["settings"])])
    report.run(current.head(WARM_ROWS), reference.head(WARM_ROWS))
    # `run` makes the pictures' data as well; the page is only put together from it
    done = measured(lambda: report.run(current, reference))
    count, *values = done.result.dict()["metrics"]
    flagged = [value["config"]["column"] for value in values if _drifts(value)]
    if len(flagged) != count["value"]["count"]:
        raise SystemExit("the columns that drift are not as many as Evidently counts")
    answer(done.costs() | {"flagged": flagged})


def _drifts(metric: dict[str, Any]) -> bool:
    """A p-value drifts below its threshold, a distance from it on."""
    limit: float = metric["config"]["threshold"]
    value: float = metric["value"]
    return value < limit if metric["config"]["method"] in _P_VALUES else value >= limit


if __name__ == "__main__":
    main()

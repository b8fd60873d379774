"""Our verdict on random splits of one data set: nothing differs, so whatever is flagged is false.

Reads ``task.json``: the `folder` of the data sets, the `name` of one, the `share` of rows that is the
reference, and the `seeds`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.drift_data import read
from benchmarks.workers.drift_measured import answer, task
from benchmarks.workers.drift_own import verdicts

if TYPE_CHECKING:
    from jupyter_mlops.drift import DriftResult

_SHOWN = ["column", "aspect", "effect", "p_value", "p_adjusted", "reference_n", "current_n"]


def main() -> None:
    """Split, compare, and keep the evidence of what was flagged."""
    asked = task()
    frame = read(Path(asked["folder"]), asked["name"])
    reports: list[dict[str, Any]] = []
    for seed in asked["seeds"]:
        mixed = frame.sample(frac=1, random_state=seed)
        middle = round(len(mixed) * asked["share"])
        both = verdicts(mixed[:middle], mixed[middle:])
        reports.append({"seed": seed} | {place: _told(result) for place, result in both.items()})
    answer({"rows": len(frame), "columns": frame.shape[1], "reports": reports})


def _told(result: DriftResult) -> dict[str, Any]:
    tests = result.tests
    flagged = tests[tests["verdict"] == "drift"][_SHOWN]
    return {"drifted": result.drifted, "evidence": flagged.to_dict("records")}


if __name__ == "__main__":
    main()

"""Our verdict on random splits of one data set: nothing differs, so whatever is flagged is false.

Reads ``task.json``: the `folder` of the data sets, the `name` of one, the `share` of rows that is the
reference, and the `seeds`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.drift_data import read
from benchmarks.workers.drift_measured import answer, task
from benchmarks.workers.drift_own import report

_SHOWN = ["column", "aspect", "effect", "p_value", "p_adjusted", "reference_n", "current_n"]


def main() -> None:
    """Split, compare, and keep the evidence of what was flagged."""
    asked = task()
    frame = read(Path(asked["folder"]), asked["name"])
    reports: list[dict[str, Any]] = []
    for seed in asked["seeds"]:
        mixed = frame.sample(frac=1, random_state=seed)
        middle = round(len(mixed) * asked["share"])
        result, _ = report(mixed[:middle], mixed[middle:])
        tests = result.tests
        flagged = tests[tests["verdict"] == "drift"][_SHOWN]
        told = {"drifted": result.drifted, "watched": result.watched, "evidence": flagged.to_dict("records")}
        reports.append({"seed": seed, **told})
    answer({"rows": len(frame), "columns": frame.shape[1], "reports": reports})


if __name__ == "__main__":
    main()

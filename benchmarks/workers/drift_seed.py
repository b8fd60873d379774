"""Our verdict on one pair of benchmark frames, and the evidence where it is wrong.

Reads ``task.json``: `rows` and `seed`; the frames have the seeds after twice that number.
"""

from __future__ import annotations

from typing import Any

from benchmarks.drift_frame import benchmark_frame, judged
from benchmarks.workers.drift_measured import answer, task
from benchmarks.workers.drift_own import report

_SHOWN = ["column", "aspect", "effect", "null_level", "p_value", "p_adjusted", "verdict"]


def main() -> None:
    """Make the frames, compare them."""
    asked = task()
    first = 2 * asked["seed"] + 1
    reference = benchmark_frame(asked["rows"], first, current=False)
    current = benchmark_frame(asked["rows"], first + 1, current=True)
    result, _ = report(reference, current)
    found: dict[str, Any] = judged(result.drifted)
    wrong = [name for key in ("missed", "negligible", "identical") for name in found[key]]
    evidence = result.tests[result.tests["column"].isin(wrong)][_SHOWN]
    answer(found | {"watched": result.watched, "evidence": evidence.to_dict("records")})


if __name__ == "__main__":
    main()

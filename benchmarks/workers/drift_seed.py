"""Our verdict on one pair of benchmark frames, from memory and from a file, and why where it is wrong.

Reads ``task.json``: `rows` and `seed`; the frames have the seeds after twice that number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.drift_frame import benchmark_frame, judged
from benchmarks.workers.drift_measured import answer, task
from benchmarks.workers.drift_own import verdicts

if TYPE_CHECKING:
    from jupyter_mlops.drift import DriftResult

_SHOWN = ["column", "aspect", "effect", "null_level", "p_value", "p_adjusted", "verdict"]


def main() -> None:
    """Make the frames, compare them."""
    asked = task()
    first = 2 * asked["seed"] + 1
    reference = benchmark_frame(asked["rows"], first, current=False)
    current = benchmark_frame(asked["rows"], first + 1, current=True)
    answer({place: _told(result) for place, result in verdicts(reference, current).items()})


def _told(result: DriftResult) -> dict[str, Any]:
    found: dict[str, Any] = judged(result.drifted)
    wrong = [name for key in ("missed", "negligible", "identical") for name in found[key]]
    evidence = result.tests[result.tests["column"].isin(wrong)][_SHOWN]
    return found | {"watched": result.watched, "evidence": evidence.to_dict("records")}


if __name__ == "__main__":
    main()

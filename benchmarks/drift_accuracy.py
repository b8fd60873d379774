"""What our report finds in twenty pairs of the benchmark frame, at two sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.drift_frame import MATERIAL
from benchmarks.tables import Table

if TYPE_CHECKING:
    from benchmarks.processes import Bench
    from benchmarks.runner import Options

SEEDS, QUICK_SEEDS = 20, 1
SIZES = (100_000, 1_000_000)
Pairs = dict[int, list[dict[str, Any]]]
"""By rows, one for each seed: by where the reference's profile comes from, its memory or its file."""
PLACES = {"memory": "", "file": ", reference from its file"}


def measure_accuracy(bench: Bench, options: Options) -> Pairs:
    """Compare all pairs, each in a process of its own."""
    found: Pairs = {}
    for rows in SIZES[:1] if options.is_quick else SIZES:
        found[rows] = []
        for seed in range(QUICK_SEEDS if options.is_quick else SEEDS):
            options.say(f"{rows:,} rows, pair {seed + 1}")
            answer, _ = bench.ask("drift_seed", {"rows": rows, "seed": seed})
            found[rows].append(answer)
    return found


def false_flags(pairs: list[dict[str, Any]]) -> float:
    """Columns flagged without a cause worth it, per report."""
    return sum(len(pair["negligible"]) + len(pair["identical"]) for pair in pairs) / len(pairs)


def accuracy_table(found: Pairs) -> Table:
    """One row a size and place."""
    rows = []
    for size, by_place in found.items():
        for place, words in PLACES.items():
            pairs = [pair[place] for pair in by_place]
            rows.append(
                (
                    f"{size:,}{words}",
                    str(len(pairs)),
                    f"{sum(len(pair['found']) for pair in pairs)} of {len(pairs) * len(MATERIAL)}",
                    _names(pairs, "missed"),
                    _names(pairs, "negligible"),
                    _names(pairs, "identical"),
                    f"{false_flags(pairs):.2f}",
                )
            )
    columns = (
        "rows", "reports", "material found", "missed", "negligible flagged", "identical flagged",
        "false a report",
    )  # fmt: skip
    return Table("Accuracy over all pairs of frames", columns, tuple(rows))


def _names(pairs: list[dict[str, Any]], key: str) -> str:
    """How many, and which."""
    names = [name for pair in pairs for name in pair[key]]
    return f"{len(names)} ({', '.join(sorted(set(names)))})" if names else "0"

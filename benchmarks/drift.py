"""Drift reports beside Evidently and NannyML: what they find, what they cost, and how often they err.

The frame has 50 columns, 6 of which drift. All tools compare the same files, each repetition in a fresh
process; Evidently and NannyML run in environments of their own in ``.venv-drift``, which the first call makes
(this needs a package index and Python 3.11 or 3.12), with their usage reports turned off. Then our report
alone: twenty pairs of the frame at two sizes, and random splits of the data sets in the folder that
``MLOPS_DRIFT_DATA`` names, in which nothing drifts. With ``--quick`` nothing is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.drift_accuracy import accuracy_table, measure_accuracy
from benchmarks.drift_sides import measure_sides
from benchmarks.drift_splits import measure_splits, splits_table
from benchmarks.drift_tables import bars_table, side_table
from benchmarks.processes import open_bench
from benchmarks.runner import Report

if TYPE_CHECKING:
    from benchmarks.runner import Options

_NOTES = (
    "CPU: of all threads, after a warm-up on 2,000 rows; files are read before. median (least–greatest).",
    "×: how many times the CPU of ours in the same round.",
    "memory: the peak above what the process held with both frames read.",
    "ours and Evidently's include the data of all pictures, NannyML's has none.",
    "NannyML compares ten chunks: flagged is what has an alert in most of them.",
    "flagged in any chunk: material + negligible + identical.",
    "Evidently gets no columns of many values: with them it was stopped after minutes.",
)
_NO_DATA = "MLOPS_DRIFT_DATA names no folder: there were no splits of real data."


def measure(options: Options) -> Report:
    """Run all sides, then ours on many pairs and splits."""
    with open_bench() as bench:
        sides = measure_sides(bench, options)
        pairs = measure_accuracy(bench, options)
        splits = measure_splits(bench, options)
    tables = [side_table(load, rounds) for load, rounds in sides.items()]
    tables += [accuracy_table(pairs), *([splits_table(splits)] if splits else [])]
    tables.append(bars_table(sides, pairs, splits))
    data = {
        "sides": {str(load): rounds for load, rounds in sides.items()},
        "pairs": pairs,
        "splits": splits,
    }
    return Report(tuple(tables), _NOTES if splits else (*_NOTES, _NO_DATA), data)

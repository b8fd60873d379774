"""Several columns at once: what the tests find, what they cost, and how often they err where nothing drifts.

Ours alone, in this process. The found: five normal columns of which only one correlation changed, the frame
of 50 columns, and the car loans before and after they moved. The errors: random splits of the data sets in
the folder that ``MLOPS_DRIFT_DATA`` names. With ``--quick`` it is two splits of each.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.drift_data import DATA, read
from benchmarks.drift_frame import benchmark_frame
from benchmarks.drift_splits import LEVEL, SHARES, interval
from benchmarks.runner import Report
from benchmarks.stopwatch import Stopwatch
from benchmarks.tables import Table
from jupyter_mlops.drift.multivariate import compare_together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.runner import Options

_SPLITS, _QUICK_SPLITS = 30, 2
_SPLIT_ROWS = 5_000
_TESTS = ("domain classifier", "PCA reconstruction", "correlation")
_MOVED_AT = 25_000
"""The row at which the car loans move."""
_NOTES = (
    f"splits: at most {_SPLIT_ROWS:,} rows a side, otherwise 20,000; none of fewer than 200.",
    f"p < {LEVEL}: before the adjustment over the three tests and without the limits on effects.",
    "flagged: reports in which a test says drift; in brackets with those that say watch.",
    "CPU: of all threads, of one comparison, after a warm-up.",
)
_NO_DATA = "MLOPS_DRIFT_DATA names no folder: there were no car loans and no splits of real data."
Frames = tuple[pd.DataFrame, pd.DataFrame]
Measured = dict[str, Any]
"""The tests of one comparison as plain data, and its CPU seconds."""


def measure(options: Options) -> Report:
    """Compare all pairs, then all splits."""
    named = os.environ.get("MLOPS_DRIFT_DATA")
    folder = Path(named).expanduser() if named else None
    _compared(_normals(0.0), 20_000, 0)
    found = {}
    for name, pair in _pairs(folder).items():
        options.say(name)
        found[name] = _compared(pair(), 20_000, 0)
    splits: dict[str, dict[str, list[Measured]]] = {}
    for name in DATA if folder else ():
        options.say(f"splits of {name}")
        frame = read(Path(folder or ""), name)
        seeds = range(_QUICK_SPLITS if options.is_quick else _SPLITS)
        splits[name] = {
            split: [_split(frame, share, seed) for seed in seeds] for split, share in SHARES.items()
        }
    tables = (found_table(found), *([splits_table(splits)] if splits else []))
    return Report(tables, _NOTES if folder else (*_NOTES, _NO_DATA), {"found": found, "splits": splits})


def found_table(found: Mapping[str, Measured]) -> Table:
    """One row a pair of frames: each test's value, the band without drift, and the verdict."""
    rows = []
    for name, measured in found.items():
        cells = [name]
        for test in measured["tests"]:
            band = f"{test['null_low']:.3f}–{test['null_high']:.3f}"
            cells.append(f"{test['value']:.3f} ({band}) {test['verdict']}")
        rows.append((*cells, f"{measured['cpu']:.1f}"))
    columns = ("frames", "AUC", "PCA error", "correlation", "CPU s")
    return Table("Several columns at once: value, band without drift, verdict", columns, tuple(rows))


def splits_table(splits: Mapping[str, Mapping[str, list[Measured]]]) -> Table:
    """One row a data set and split: how often p is small, and how often a report is flagged."""
    rows = [
        (f"{name}, {split}", *_cells(reports))
        for name, by_split in splits.items()
        for split, reports in by_split.items()
    ]
    for split in SHARES:
        everything = [report for by_split in splits.values() for report in by_split[split]]
        rows.append((f"all, {split}", *_cells(everything)))
    columns = ("data set, split", "reports", *(f"{test}, p < {LEVEL}" for test in _TESTS), "flagged", "95 %")
    return Table("Random splits of real data: tests of several columns", columns, tuple(rows))


def _cells(reports: list[Measured]) -> tuple[str, ...]:
    made = [report["tests"] for report in reports if report["tests"][0]["p_value"] is not None]
    if not made:
        return (f"0 of {len(reports)}", *("–" for _ in range(len(_TESTS) + 2)))
    small = [sum((tests[at]["p_value"] or 1.0) < LEVEL for tests in made) for at in range(len(_TESTS))]
    worst = [{test["verdict"] for test in tests} for tests in made]
    drifted = sum("drift" in verdicts for verdicts in worst)
    told = sum(verdicts != {"ok"} for verdicts in worst)
    low, high = interval(drifted, len(made))
    share = f"{100 * low:.1f}–{100 * high:.1f} %"
    return (f"{len(made)} of {len(reports)}", *map(str, small), f"{drifted} ({told})", share)


def _pairs(folder: Path | None) -> dict[str, Callable[[], Frames]]:
    pairs: dict[str, Callable[[], Frames]] = {
        "5 normals, nothing changed": lambda: _normals(0.0),
        "5 normals, one correlation 0 to 0.6": lambda: _normals(0.6),
        "50 columns, nothing changed": lambda: _fifty(current=False),
        "50 columns, 6 moved": lambda: _fifty(current=True),
    }
    if folder:
        place = folder
        pairs["car loans, before"] = lambda: _loans(place, moved=False)
        pairs["car loans, moved"] = lambda: _loans(place, moved=True)
    return pairs


def _normals(correlation: float) -> Frames:
    draws = np.random.default_rng(0)
    before, after = draws.standard_normal((2, 5_000, 5))
    after[:, 1] = correlation * after[:, 0] + np.sqrt(1 - correlation**2) * after[:, 1]
    return pd.DataFrame(before, columns=list("abcde")), pd.DataFrame(after, columns=list("abcde"))


def _fifty(*, current: bool) -> Frames:
    return benchmark_frame(100_000, 1, current=False), benchmark_frame(100_000, 2, current=current)


def _loans(folder: Path, *, moved: bool) -> Frames:
    reference, later = (read(folder, f"car_loan_{side}.parquet") for side in ("reference", "analysis"))
    return reference, later[_MOVED_AT:] if moved else later[:_MOVED_AT]


def _split(frame: pd.DataFrame, share: float, seed: int) -> Measured:
    mixed = frame.sample(frac=1, random_state=seed)
    middle = round(len(mixed) * share)
    return _compared((mixed[:middle], mixed[middle:]), _SPLIT_ROWS, seed)


def _compared(frames: Frames, rows: int, seed: int) -> Measured:
    watch = Stopwatch()
    tests = compare_together(*frames, rows=rows, seed=seed)
    return {"cpu": watch.took().cpu, "tests": [test.to_dict() for test in tests]}

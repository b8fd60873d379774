"""Random splits of real data sets, in which nothing drifts: how many reports say that something does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.drift_accuracy import PLACES
from benchmarks.drift_data import DATA
from benchmarks.tables import Table

if TYPE_CHECKING:
    from benchmarks.processes import Bench
    from benchmarks.runner import Options

LEVEL = 0.05
"""What the thresholds state: all tests of a report are adjusted together, so no more reports are false."""
SHARES = {"halves": 0.5, "80:20": 0.8}
_SEEDS, _QUICK_SEEDS, _AT_ONCE = 200, 2, 25
Splits = dict[str, dict[str, dict[str, Any]]]
"""By data set, by split."""


def measure_splits(bench: Bench, options: Options) -> Splits:
    """Compare random splits of all data sets; none where ``MLOPS_DRIFT_DATA`` names no folder."""
    folder = os.environ.get("MLOPS_DRIFT_DATA")
    if not folder:
        return {}
    place = str(Path(folder).expanduser().resolve())
    seeds = list(range(_QUICK_SEEDS if options.is_quick else _SEEDS))
    found: Splits = {}
    for name in DATA:
        options.say(f"splits of {name}")
        found[name] = {}
        for split, share in SHARES.items():
            task = {"folder": place, "name": name, "share": share}
            parts = [
                bench.ask("drift_splits", {**task, "seeds": seeds[at : at + _AT_ONCE]})[0]
                for at in range(0, len(seeds), _AT_ONCE)
            ]
            reports = [report for part in parts for report in part["reports"]]
            found[name][split] = {**parts[0], "reports": reports}
    return found


def interval(hits: int, of: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper and Pearson 1934)."""
    from scipy.stats import binomtest

    told = binomtest(hits, of).proportion_ci(0.95, "exact")
    return float(told.low), float(told.high)


def splits_table(found: Splits) -> Table:
    """One row a data set: reports that are false, with the interval of their share."""
    rows = []
    for name, by_split in found.items():
        first = next(iter(by_split.values()))
        cells = [name, f"{first['rows']:,} × {first['columns']}"]
        for split in SHARES:
            cells += _cells(by_split[split]["reports"])
        rows.append(tuple(cells))
    everything = [
        [report for by_split in found.values() for report in by_split[split]["reports"]] for split in SHARES
    ]
    for place, words in PLACES.items():
        rows.append((f"all{words}", "", *(cell for each in everything for cell in _cells(each, place))))
    columns = ("data set", "size", *(f"{split}, {what}" for split in SHARES for what in ("false", "95 %")))
    return Table("Random splits of real data: reports that name a column", columns, tuple(rows))


def _cells(reports: list[dict[str, Any]], place: str = "memory") -> list[str]:
    hits = sum(bool(report[place]["drifted"]) for report in reports)
    low, high = interval(hits, len(reports))
    return [f"{hits} of {len(reports):,}", f"{100 * low:.1f}–{100 * high:.1f} %"]


def above_level(found: Splits) -> list[str]:
    """Data sets and splits whose false reports are surely more than the level."""
    names = []
    for name, by_split in found.items():
        for split, told in by_split.items():
            hits = sum(bool(report["memory"]["drifted"]) for report in told["reports"])
            if interval(hits, len(told["reports"]))[0] > LEVEL:
                names.append(f"{name} ({split})")
    return names

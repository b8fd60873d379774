"""Runs side by side in a real JupyterLab, beside itables, ipydatagrid, quak and plotly.

All widgets show the same frame, in one JupyterLab and one Chromium (without a GPU), each time on a new page;
sides take turns. The peers run in ``.venv-peers``, which the first call makes (this needs a package index).
A peer that fails is told with its problem and not tried again at that size. Then `%mlops compare` on an
MLflow store of 10,000 runs, in fresh processes. With ``--quick`` only ours is shown, and fewer runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.compare_lab import lab_and_browser
from benchmarks.compare_measured import Place, executed, measured
from benchmarks.compare_sides import OURS, SIDES
from benchmarks.compare_store import measure_store, store_table
from benchmarks.compare_tables import bars_table, widget_tables
from benchmarks.peers import interpreter
from benchmarks.processes import open_bench
from benchmarks.runner import Report, interleave

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.compare_tables import Rounds
    from benchmarks.runner import Options

_SIZES, _QUICK_SIZES = (1_000, 10_000), (50,)
_NOTES = (
    "median (least–greatest); ×: how many times ours in the same round.",
    "run to screen: from running the cell to two frames after runs can be read. Imports are done before.",
    "longest task: of the page's main thread, until it is quiet; tasks below 0.05 s are not told.",
    "filter and sort: from the key or click to the frame after that which shows other rows.",
    "scrolling: 3,000 pixels a second for two seconds; shown are the median and the slowest 5 % of frames.",
    "saved: what outputs and states add to the notebook's file. Lab saves states only if it is told to.",
    "–: there is no such thing, or it is in a menu (ipydatagrid) or in pages (itables).",
)


def measure(options: Options) -> Report:
    """All sides in turn, then the store."""
    sides = (OURS,) if options.is_quick else tuple(SIDES)
    peers = "" if options.is_quick else interpreter(options)
    with open_bench() as bench:
        sizes = _widgets(bench.folder / "compare", peers, sides, options)
        opened = measure_store(bench, options)
    tables = [table for rows, rounds in sizes.items() for table in widget_tables(rows, rounds)]
    tables += [store_table(opened), bars_table(sizes, opened)]
    return Report(tuple(tables), _NOTES, {"widgets": sizes, "store": opened})


def _widgets(folder: Path, peers: str, sides: tuple[str, ...], options: Options) -> dict[int, Rounds]:
    found: dict[int, Rounds] = {}
    with lab_and_browser(folder, peers) as (lab, browser):
        place = Place(lab, browser)
        for rows in _QUICK_SIZES if options.is_quick else _SIZES:
            turns = {name: _Turns(place, name, rows, options) for name in sides}
            found[rows] = interleave(turns, options.repeats)
    return found


class _Turns:
    """One side at one size. What has failed would only take time again."""

    def __init__(self, place: Place, name: str, rows: int, options: Options) -> None:
        self._place, self._name, self._rows, self._say = place, name, rows, options.say
        self._sample: dict[str, Any] | None = None

    def __call__(self) -> dict[str, Any]:
        if self._sample and "problem" in self._sample:
            return {"problem": self._sample["problem"]}
        self._say(f"{self._rows:,} runs: {SIDES[self._name].title}")
        is_first = self._sample is None
        self._sample = measured(self._place, self._name, self._rows)
        if is_first:
            self._sample |= executed(self._place, self._name, self._rows)
        return self._sample

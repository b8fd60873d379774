"""Slices beside ipyflow's: whether they give the result again, and how much they keep.

First small cases, of which each cell is known to be needed or not: those in ``slice_cases.json``, or in the
file that ``MLOPS_SLICE_CASES`` names. Then, where ``MLOPS_NOTEBOOKS`` names a folder with clones of the
repositories in ``notebooks.txt``, the last model of each notebook. ipyflow runs in the environment of
``peers``. With ``--quick`` it is two cases without ipyflow, and nothing is installed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import peers
from benchmarks.processes import open_bench
from benchmarks.runner import Report
from benchmarks.slice_cases import CASES, measure_cases
from benchmarks.slice_notebooks import measure_notebooks

if TYPE_CHECKING:
    from benchmarks.runner import Options

_NOTES = (
    "right: the slice, run in a clean process, gives an equal value, by content digest.",
    "exact: right, and of no execution that is not needed anything is kept.",
    "statements: those at the top of cells; lines that set a recorded random state are not counted.",
)


def measure(options: Options) -> Report:
    """Slice the cases, and the notebooks if they are there."""
    chosen = os.environ.get("MLOPS_SLICE_CASES")
    clones = os.environ.get("MLOPS_NOTEBOOKS")
    peer = None if options.is_quick else peers.interpreter(options)
    with open_bench() as bench:
        cases = measure_cases(bench, options, Path(chosen) if chosen else CASES, peer)
        if not clones or options.is_quick:
            return Report(cases.tables, (*_NOTES, *cases.notes), {"cases": cases.data})
        public = measure_notebooks(bench, options, Path(clones).expanduser().resolve(), peer)
    return Report(
        (*cases.tables, *public.tables),
        (*_NOTES, *cases.notes, *public.notes),
        {"cases": cases.data, "notebooks": public.data},
    )

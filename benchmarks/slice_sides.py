"""One variable of executed cells, sliced by each side, and the slice run in a clean process."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.processes import Bench


@dataclass(frozen=True)
class Sliced:
    """What one side made of it."""

    is_right: bool
    """Run in a clean process, the slice gives an equal value."""
    kept: tuple[int, ...] = ()
    """Numbers of the executions of which it keeps something, counted from 1."""
    statements: int = 0
    wall: float = 0.0
    """Seconds that finding and checking the slice took; 0 for a side that does not check."""
    cpu: float = 0.0
    """Of all threads and processes."""
    rung: str | None = None
    """How much a checked slice had to keep to be right."""
    why: str = ""
    """What went wrong."""


@dataclass(frozen=True)
class Work:
    """Cells to execute, the variable that counts, and how to make the folder they run in."""

    cells: Sequence[str]
    target: str
    make_folder: Callable[[Path], Path]
    seeded: bool = False
    """For a side that keeps no random states: seed before each cell, and again in its slice."""
    to_the_end: bool = False
    """Go on after a cell that fails."""
    slice_elsewhere: bool = False
    """Run the slice in a folder in which the cells have not run."""


def by_tracking(bench: Bench, work: Work) -> Sliced:
    """The slice as the verb `slice` finds and checks it."""
    with tempfile.TemporaryDirectory(prefix="folder-", dir=bench.folder) as scratch:
        ran = work.make_folder(Path(scratch) / "ran")
        again = work.make_folder(Path(scratch) / "again") if work.slice_elsewhere else ran
        found = _ask(bench, "own_slice", sys.executable, work, folder=str(ran), elsewhere=str(again))
    return Sliced(**{**found, "kept": tuple(found.get("kept", ()))})


def by_ipyflow(bench: Bench, work: Work, python: str) -> Sliced:
    """The slice that ipyflow's `code` gives, run here to see whether it is right."""
    with tempfile.TemporaryDirectory(prefix="folder-", dir=bench.folder) as scratch:
        ran = work.make_folder(Path(scratch) / "ran")
        found = _ask(bench, "ipyflow_slice", python, work, folder=str(ran))
        if "chunks" not in found:
            return Sliced(**found)
        again = work.make_folder(Path(scratch) / "again")
        value = _ask(bench, "run_again", python, work, folder=str(again), chunks=found["chunks"])
    is_right = found["digest"] is not None and found["digest"] == value.get("digest")
    kept = tuple(dict.fromkeys(number for number, _ in found["chunks"]))
    return Sliced(is_right, kept, found["statements"], why=value["why"])


def _ask(bench: Bench, worker: str, python: str, work: Work, **more: Any) -> dict[str, Any]:
    task = {
        "cells": list(work.cells),
        "target": work.target,
        "seeded": work.seeded,
        "to_the_end": work.to_the_end,
        **more,
    }
    try:
        found, _ = bench.ask(worker, task, python=python)
    except SystemExit as error:  # it counts against this side, and the next one is asked
        return {"is_right": False, "why": str(error)}
    return found

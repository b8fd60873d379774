"""Small notebooks of executed cells, each with one thing that slices lose easily, sliced by each side."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.runner import Report
from benchmarks.slice_sides import Sliced, Work, by_ipyflow, by_tracking
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.processes import Bench
    from benchmarks.runner import Options

CASES = Path(__file__).with_name("slice_cases.json")
"""Cases by name: lists of cells, with whether a smallest slice for ``out`` needs each."""
_QUICK = 2
Found = dict[str, dict[str, Sliced]]
"""What was found: by case, by side."""


def measure_cases(bench: Bench, options: Options, file: Path, peer: str | None) -> Report:
    """Slice ``out`` of each case.

    Args:
        bench: where to work.
        options: of the command.
        file: the cases.
        peer: Python of the peers' environment; None leaves ipyflow out.
    """
    cases: dict[str, list[dict[str, Any]]] = json.loads(file.read_text("utf-8"))["cases"]
    names = list(cases)[: _QUICK if options.is_quick else None]
    sides: dict[str, Callable[[Work], Sliced]] = {"tracking": partial(by_tracking, bench)}
    if peer:
        sides["ipyflow"] = partial(by_ipyflow, bench, python=peer)
    found: Found = {}
    for name in names:
        options.say(name)
        sources = [cell["source"] for cell in cases[name]]
        work = Work(sources, "out", _empty, to_the_end=True, slice_elsewhere=True)
        found[name] = {side: slice_(work) for side, slice_ in sides.items()}
    needed = {
        name: tuple(n for n, cell in enumerate(cases[name], start=1) if cell["needed"]) for name in names
    }
    return Report((_table(found, needed),), _notes(found, needed), _data(found))


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _is_exact(sliced: Sliced, needed: tuple[int, ...]) -> bool:
    return sliced.is_right and set(sliced.kept) == set(needed)


def _table(found: Found, needed: dict[str, tuple[int, ...]]) -> Table:
    sides = list(next(iter(found.values()), {}))
    both = [slices for slices in found.values() if all(sliced.is_right for sliced in slices.values())]
    rows = tuple(
        (
            side,
            str(sum(slices[side].is_right for slices in found.values())),
            str(sum(_is_exact(slices[side], needed[name]) for name, slices in found.items())),
            str(sum(slices[side].statements for slices in both)),
        )
        for side in sides
    )
    where = f"statements kept, in the {len(both)} where all are right"
    return Table(f"{len(found)} small cases", ("", "right", "exact", where), rows)


def _notes(found: Found, needed: dict[str, tuple[int, ...]]) -> tuple[str, ...]:
    notes = []
    for side in next(iter(found.values()), {}):
        wrong = [name for name, slices in found.items() if not slices[side].is_right]
        spare = [
            name
            for name, slices in found.items()
            if slices[side].is_right and not _is_exact(slices[side], needed[name])
        ]
        notes += [f"{side} is wrong on: {', '.join(wrong)}."] if wrong else []
        notes += [f"{side} keeps more than is needed of: {', '.join(spare)}."] if spare else []
    return tuple(notes)


def _data(found: Found) -> dict[str, Any]:
    return {name: {side: asdict(sliced) for side, sliced in slices.items()} for name, slices in found.items()}

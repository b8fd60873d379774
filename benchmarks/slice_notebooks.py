"""The last model of public notebooks, sliced by each side; see ``docs/benchmarks.md`` for how to get them."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

from benchmarks.runner import Report
from benchmarks.slice_sides import Sliced, Work, by_ipyflow, by_tracking
from benchmarks.tables import Table

if TYPE_CHECKING:
    from benchmarks.processes import Bench
    from benchmarks.runner import Options
    from benchmarks.stopwatch import Took

LIST = Path(__file__).with_name("notebooks.txt")
"""Lines of a repository's address, the commit, and a notebook's path in it."""
_SECONDS = 90.0
"""Longer notebooks are left out."""


@dataclass(frozen=True)
class Public:
    """A notebook that runs, and what the sides made of its last model."""

    path: str
    model: str
    statements: int
    took: Took
    """A plain run, from the start of the process to its end."""
    sides: dict[str, Sliced]


def measure_notebooks(bench: Bench, options: Options, clones: Path, peer: str | None) -> Report:
    """Run each notebook of the list plainly, tracked and under ipyflow, and slice its last model."""
    found: list[Public] = []
    out: dict[str, str] = {}
    for line in LIST.read_text("utf-8").splitlines():
        address, _, path = line.split(" ", 2)
        repository = clones / address.rpartition("/")[2]
        options.say(path)
        made = _measure(bench, repository, path, peer)
        if isinstance(made, str):
            out[path] = made
        else:
            found.append(made)
    notes = (*_notes(found), *(f"left out: {path} ({why})." for path, why in out.items()))
    tables = (_shares(found), _times(found)) if found else ()
    return Report(tables, notes, {"found": [asdict(each) for each in found], "left out": out})


def cells_of(notebook: Path) -> list[str]:
    """The sources of a notebook's code cells, from the top to the bottom."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return [source for source in sources if source.strip()]


def _measure(bench: Bench, repository: Path, path: str, peer: str | None) -> Public | str:
    """One notebook; or why it is left out."""
    if not (repository / path).is_file():
        return f"not in {repository.name}"
    cells = cells_of(repository / path)
    make_folder = partial(_own_folder, repository, path)
    folder = make_folder(bench.folder / "plain")
    try:
        plain, took = bench.ask("plain_cells", {"cells": cells, "folder": str(folder)})
    except SystemExit as error:
        return str(error)
    finally:
        shutil.rmtree(bench.folder / "plain")
    if plain["failed"] or not plain["model"]:
        return plain["failed"] or "no model is left at the end"
    if took.wall > _SECONDS:
        return f"took more than {_SECONDS:.0f} s"
    sides = {"tracking": by_tracking(bench, Work(cells, plain["model"], make_folder))}
    if peer:
        sides["ipyflow"] = by_ipyflow(bench, Work(cells, plain["model"], make_folder, seeded=True), peer)
    return Public(path, plain["model"], plain["statements"], took, sides)


def _own_folder(repository: Path, path: str, into: Path) -> Path:
    """A copy of the repository's folder that the notebook is in, beside links to the rest of it."""
    into.mkdir()
    top = Path(path).parts[0]
    for entry in repository.iterdir():
        if entry.name == top and entry.is_dir():
            shutil.copytree(entry, into / top, symlinks=True)
        elif entry.name != ".git":
            (into / entry.name).symlink_to(entry)
    return (into / path).parent


def _shares(found: list[Public]) -> Table:
    both = [each for each in found if all(sliced.is_right for sliced in each.sides.values())]
    rows = []
    for side in found[0].sides:
        right = sum(each.sides[side].is_right for each in found)
        kept = [each.sides[side].statements / each.statements for each in both]
        rows.append(
            (
                side,
                f"{right} of {len(found)}",
                f"{100 * right / len(found):.0f} %",
                f"{100 * median(kept):.0f} % / {100 * mean(kept):.0f} %" if kept else "–",
                str(sum(each.sides[side].statements for each in both)),
            )
        )
    total = sum(each.statements for each in both)
    where = f"of {total:,} statements, in the {len(both)} where all are right"
    columns = ("", "right", "share", "kept, median / mean", where)
    return Table(f"The last model of {len(found)} public notebooks", columns, tuple(rows))


def _times(found: list[Public]) -> Table:
    sides = [(each, each.sides["tracking"]) for each in found]
    rungs = Counter(sliced.rung or "none" for _, sliced in sides)
    rows = [(f"right with: {rung}", str(count)) for rung, count in rungs.most_common()]
    right = [(each, sliced) for each, sliced in sides if sliced.is_right]
    for clock in ("wall", "cpu") if right else ():
        ratios = [getattr(sliced, clock) / getattr(each.took, clock) for each, sliced in right]
        rows.append((f"finding and checking, {clock}, median", f"{median(ratios):.2f} ×"))
        rows.append((f"finding and checking, {clock}, worst", f"{max(ratios):.2f} ×"))
    return Table("Tracking's slices", ("", "notebooks, or × a plain run"), tuple(rows))


def _notes(found: list[Public]) -> tuple[str, ...]:
    return tuple(
        f"{side}: not the same model: {each.path} ({sliced.why or 'another value'})."
        for side in (found[0].sides if found else ())
        for each in found
        if not (sliced := each.sides[side]).is_right
    )

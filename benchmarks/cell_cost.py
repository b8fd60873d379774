"""What a cell costs more: with tracking on, and with MLflow runs written by hand, against plain IPython.

Every repetition of every side is a fresh process. Per cell, the clocks go around `run_cell`: what the user
waits for (wall), and the CPU time of the thread that runs the cells. Background work shows in the wall
clock where it is in the way, and in full in the last table.
"""

from __future__ import annotations

import shutil
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.processes import Bench, open_bench
from benchmarks.runner import Report, interleave
from benchmarks.sessions import RIDGES, SESSIONS, Session
from benchmarks.tables import Table, mb, ms, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.runner import Options

Sample = dict[str, Any]
Samples = dict[str, list[Sample]]

_NOTES = (
    "tracked: after `%mlops track on`; snapshots of the data and slices of the code are kept too.",
    "by hand: `start_run`, `log_params`, `log_metrics` and `log_input` of MLflow in the cells that are runs.",
    "added: per cell, the median over the repetitions of the paired difference; then median and worst cell.",
    "total ×: all cells of a session against plain IPython, median (least–greatest) over the repetitions.",
    "CPU: of the thread that runs the cells; `all threads` adds the one that stores snapshots meanwhile.",
)


def measure(options: Options) -> Report:
    """Run all sessions on all sides, then the projection of waiting runs."""
    found: dict[str, Samples] = {}
    with open_bench() as bench:
        for name, session in SESSIONS.items():
            options.say(f"{name}: {session.what}")
            found[name] = interleave(_sides(bench, session), options.repeats)
            _check(session, found[name])
        options.say("bringing waiting runs to MLflow, in a measured process")
        projected = _project(bench)
    tables = (
        cells_table(found, "wall", "Wall clock, ms", {"total ×": "wall"}),
        cells_table(found, "thread", "CPU, ms", {"total ×": "thread", "total ×, all threads": "cpu"}),
        _runs(found),
        _places(found),
        _beside(found, projected),
    )
    what = tuple(f"{name}: {session.what}; {len(session.cells)} cells." for name, session in SESSIONS.items())
    return Report(tables, (*what, *_NOTES), {"sessions": found, "projection": projected})


def _sides(bench: Bench, session: Session) -> Mapping[str, Callable[[], Sample]]:
    sides = ["plain", "tracked", *(["by_hand"] if session.logs else [])]
    return {side: partial(bench.measure, side, session.name) for side in sides}


def _check(session: Session, samples: Samples) -> None:
    """Sides that did not log the same runs cannot be compared."""
    expected = {"plain": 0, "tracked": session.runs, "by_hand": session.runs}
    for side, found in samples.items():
        logged = {sample["runs"] for sample in found}
        if logged != {expected[side]}:
            raise SystemExit(f"{session.name}, {_spoken(side)}: {logged} runs logged, not {expected[side]}")


def _project(bench: Bench) -> Sample:
    """Track the session of twenty runs while projection is kept away, then project them all."""
    project = bench.project()
    try:
        bench.measure_in(project, "tracked", RIDGES.name, "alone")
        return bench.measure_in(project, "projection")
    finally:
        shutil.rmtree(project)


def cells_table(found: Mapping[str, Samples], clock: str, heading: str, totals: Mapping[str, str]) -> Table:
    """`clock` for the cells; `totals` from a column's name to the clock whose total it compares."""
    rows = []
    for name, samples in found.items():
        plain = [[cell[clock] for cell in sample["cells"]] for sample in samples["plain"]]
        cells = [median(times) for times in zip(*plain, strict=True)]
        for side in list(samples)[1:]:
            added = _added(samples, side, clock)
            worst = max(range(len(added)), key=added.__getitem__)
            rows.append(
                (
                    f"{name}, {_spoken(side)}",
                    ms(median(map(sum, plain))),
                    ms(median(cells)),
                    ms(median(added)),
                    f"{ms(added[worst])} (cell {worst + 1})",
                    *(_total_ratio(samples, side, other) for other in totals.values()),
                )
            )
    columns = ("session", "plain total", "plain median cell", "added, median", "added, worst cell", *totals)
    return Table(heading, columns, tuple(rows))


def _added(samples: Samples, side: str, clock: str) -> list[float]:
    """Per cell: the median of what this side took longer than the plain run just before it."""
    pairs = zip(samples["plain"], samples[side], strict=True)
    differences = [
        [there[clock] - here[clock] for here, there in zip(plain["cells"], other["cells"], strict=True)]
        for plain, other in pairs
    ]
    return [median(cell) for cell in zip(*differences, strict=True)]


def _total_ratio(samples: Samples, side: str, clock: str) -> str:
    ratios = [
        sum(cell[clock] for cell in other["cells"]) / sum(cell[clock] for cell in plain["cells"])
        for plain, other in zip(samples["plain"], samples[side], strict=True)
    ]
    return ratio(median(ratios), min(ratios), max(ratios))


def _runs(found: Mapping[str, Samples]) -> Table:
    rows = []
    for name, samples in found.items():
        logs = SESSIONS[name].logs
        if logs:
            plain = [median(sample["cells"][at]["wall"] for sample in samples["plain"]) for at in logs]
            tracked, by_hand = (
                [_added(samples, side, "wall")[at] for at in logs] for side in ("tracked", "by_hand")
            )
            rows.append(
                (
                    name,
                    str(len(logs)),
                    ms(median(plain)),
                    ms(median(tracked)),
                    ms(median(by_hand)),
                    f"{median(by_hand) / median(tracked):.1f}",
                )
            )
    columns = (
        "session",
        "runs",
        "plain cell",
        "added by tracking",
        "added by hand",
        "ratio",
    )
    return Table("The cells that are runs: median cell, wall, ms", columns, tuple(rows))


def _places(found: Mapping[str, Samples]) -> Table:
    rows = []
    for name, samples in found.items():
        tracked, by_hand = samples["tracked"], samples.get("by_hand")
        plain = _middle(samples["plain"], "peak")
        rows.append(
            (
                name,
                *(mb(_middle(tracked, place)) for place in ("snapshots", "journal", "store")),
                mb(_middle(by_hand, "store")) if by_hand else "–",
                mb(_middle(tracked, "peak") - plain),
                mb(_middle(by_hand, "peak") - plain) if by_hand else "–",
            )
        )
    columns = (
        "session", "snapshots", "journal", "MLflow store", "by hand: MLflow store", "memory peak, added",
        "by hand: memory peak, added",
    )  # fmt: skip
    return Table("Disk and memory, MB", columns, tuple(rows))


def _beside(found: Mapping[str, Samples], projected: Sample) -> Table:
    tracked = [sample for samples in found.values() for sample in samples["tracked"]]
    rows = [
        ("`%load_ext jupyter_mlops`", *_both(tracked, "loading")),
        ("`%mlops track on`", *_both(tracked, "starting")),
    ]
    for name, samples in found.items():
        rows.append((f"{name}: end of the session (snapshots drained)", *_both(samples["tracked"], "ending")))
        rows.append((f"{name}: background process", "–", ms(_middle(samples["tracked"], "background"))))
    runs = projected["runs"]
    rows += [
        ("projection, once: import MLflow, open its store", "–", ms(projected["connecting"])),
        (f"projection, once: each of {runs} runs", "–", ms(projected["writing"] / runs)),
    ]
    return Table("Beside the cells, ms", ("what", "wall", "CPU"), tuple(rows))


def _both(samples: list[Sample], part: str) -> tuple[str, str]:
    return ms(median(sample[part]["wall"] for sample in samples)), ms(
        median(sample[part]["cpu"] for sample in samples)
    )


def _middle(samples: list[Sample], key: str) -> float:
    return float(median(sample[key] for sample in samples))


def _spoken(side: str) -> str:
    return side.replace("_", " ")

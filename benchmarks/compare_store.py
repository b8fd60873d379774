"""To open a comparison of all runs in an MLflow store: with and without an index, and MLflow's own search."""

from __future__ import annotations

import shutil
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.many_runs import make_runs
from benchmarks.runner import interleave
from benchmarks.tables import Table, mb

if TYPE_CHECKING:
    from benchmarks.processes import Bench
    from benchmarks.runner import Options

Opened = dict[str, list[dict[str, Any]]]
"""What was measured, by the way the runs were opened."""

COLD, WARM, SEARCH = "no index", "index", "mlflow.search_runs"
RUNS, QUICK_RUNS = 10_000, 200
_METRICS, _PARAMS = 30, 10


def measure_store(bench: Bench, options: Options) -> Opened:
    """Fresh processes in turn; what the first has left is what the second finds.

    Raises:
        SystemExit: a side did not see all runs.
    """
    count = QUICK_RUNS if options.is_quick else RUNS
    project = bench.project()
    options.say(f"making {count:,} runs")
    make_runs(f"sqlite:///{project / 'mlflow.db'}", count, _METRICS, _PARAMS, seed=0)

    def side(name: str) -> dict[str, Any]:
        options.say(f"{count:,} runs: {name}")
        if name == COLD:
            shutil.rmtree(project / ".mlops", ignore_errors=True)
        worker = "compare_search" if name == SEARCH else "compare_open"
        found = bench.measure_in(project, worker)
        if found["runs"] != count:
            raise SystemExit(f"{name}: {found['runs']:,} of {count:,} runs")
        return found

    return interleave({name: lambda name=name: side(name) for name in (COLD, WARM, SEARCH)}, options.repeats)


def store_table(opened: Opened) -> Table:
    """Seconds of imports, and of the first and of the second time in a process."""
    rows = [
        (
            f"%mlops compare, {name}" if name != SEARCH else name,
            spread(_each(samples, "imports", "wall")),
            spread(_each(samples, "first", "wall")),
            spread(_each(samples, "first", "cpu")),
            spread(_each(samples, "again", "wall")) if "again" in samples[0] else "–",
            times(_each(samples, "first", "wall"), _each(opened[WARM], "first", "wall")),
            mb(median(sample["peak"] for sample in samples)),
        )
        for name, samples in opened.items()
    ]
    runs = opened[WARM][0]["runs"]
    columns = ("", "imports, s", "first, s", "first, CPU, s", "again, s", "first, × index", "process, MB")
    heading = f"{runs:,} runs × {_METRICS} metrics + {_PARAMS} parameters in SQLite, fresh processes"
    return Table(heading, columns, tuple(rows))


def first_seconds(opened: Opened, name: str) -> float:
    """The median of the first time in a process."""
    return median(_each(opened[name], "first", "wall"))


def spread(values: list[float], digits: int = 2) -> str:
    """Median (least–greatest)."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def times(theirs: list[float], own: list[float]) -> str:
    """How many times ours, round by round: median (least–greatest)."""
    ratios = [a / b for a, b in zip(theirs, own, strict=True)]
    return spread(ratios, 1 if median(ratios) < 20 else 0)


def _each(samples: list[dict[str, Any]], which: str, clock: str) -> list[float]:
    return [float(sample[which][clock]) for sample in samples]

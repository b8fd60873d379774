"""`runs`: a plain list of what was tracked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.run_index import open_index
from jupyter_mlops.verbs.answers import DataTable, run_data
from jupyter_mlops.verbs.command import current_place, verb
from jupyter_mlops.verbs.known import remember
from jupyter_mlops.verbs.place import Progress, silent

if TYPE_CHECKING:
    from jupyter_mlops.tracking.run import Run

_MOST_METRICS = 6


def runs(*, limit: int = 20, experiment: str | None = None, progress: Progress = silent) -> DataTable:
    """The newest runs of the store, oldest first.

    Args:
        limit: at most this many.
        experiment: of this experiment only.
        progress: told when many runs have to be read, and the share that is done.

    Raises:
        NotFoundError: no such experiment.
        StoreError: the tracking store cannot be used.
    """
    settings = load_settings()
    sync(settings)
    found = open_index(settings, progress=progress).newest(limit, experiment)
    remember(settings, "runs", [run.name for run in found])
    metrics = list(dict.fromkeys(name for run in reversed(found) for name in run.metrics))[:_MOST_METRICS]
    return DataTable(
        title=f"{len(found)} run{'s' if len(found) != 1 else ''}",
        headers=("run", "status", *metrics, "id", "started (UTC)"),
        rows=tuple(_row(run, metrics) for run in found),
        note="" if found else "Nothing is tracked yet: `%mlops track on`, then run a cell that fits a model.",
        volatile=frozenset({len(metrics) + 2, len(metrics) + 3}),
        data={"runs": [run_data(run) for run in found]},
    )


def _row(run: Run, metrics: list[str]) -> tuple[str, ...]:
    numbers = [f"{run.metrics[name]:.4g}" if name in run.metrics else "" for name in metrics]
    return (run.name, run.status.lower(), *numbers, run.run_id[:8], run.started.strftime("%Y-%m-%d %H:%M"))


@verb("runs")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    metavar="N",
    default=20,
    help="At most this many; 20 if left out.",
)
@click.option("--experiment", metavar="NAME", help="Of this experiment only.")
def command(limit: int, experiment: str | None) -> DataTable:
    """List the newest runs with their metrics, the newest last."""
    return runs(limit=limit, experiment=experiment, progress=current_place().progress)

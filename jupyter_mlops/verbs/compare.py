"""`compare`: runs side by side in a table that sorts, filters and shows only what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import as_table, find_run, search_runs
from jupyter_mlops.verbs.command import Known, verb
from jupyter_mlops.verbs.known import remember
from jupyter_mlops.widgets.compare import Comparison

if TYPE_CHECKING:
    from collections.abc import Sequence


def compare(
    *references: str,
    sort: str | None = None,
    filter: str | None = None,  # noqa: A002 - the word people type
    experiment: str | None = None,
) -> Comparison:
    """Runs side by side.

    Args:
        references: runs by name or id; all when none is given.
        sort: a metric or parameter, best first.
        filter: such as ``auc > 0.9 and max_depth < 6``.
        experiment: of this experiment only.

    Raises:
        NotFoundError: no such run or experiment.
        BadInputError: a filter that cannot be read, or a sort by a column there is not.
        StoreError: the tracking store cannot be used.
    """
    settings = load_settings()
    sync(settings)
    if references:
        chosen = {run.run_id: run for run in (find_run(settings, reference) for reference in references)}
        found = list(chosen.values())
    else:
        found = search_runs(settings, experiment=experiment)
        remember(settings, "runs", [run.name for run in found])
    return Comparison(as_table(found), sort=sort, filter=filter)


@verb("compare")
@click.argument("references", nargs=-1, metavar="[RUN]...", type=Known("runs"))
@click.option("--sort", metavar="COLUMN", help="A metric or parameter, best first.")
@click.option("--filter", "where", metavar="TEXT", help="Such as 'auc > 0.9 and max_depth < 6'.")
@click.option("--experiment", metavar="NAME", help="Of this experiment only.")
def command(
    references: Sequence[str], sort: str | None, where: str | None, experiment: str | None
) -> Comparison:
    """Compare runs: sort, filter, and see only what differs."""
    return compare(*references, sort=sort, filter=where, experiment=experiment)

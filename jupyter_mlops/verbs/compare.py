"""`compare`: runs side by side in a table that sorts, filters and shows only what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import as_table, find_run, search_runs
from jupyter_mlops.verbs.answers import run_data
from jupyter_mlops.verbs.command import Known, verb
from jupyter_mlops.verbs.known import remember
from jupyter_mlops.widgets.compare import Comparison
from jupyter_mlops.widgets.compare_columns import columns_of
from jupyter_mlops.widgets.compare_filter import read_filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.tracking.read_runs import Run


class RunComparison(Comparison):
    """A comparison that knows its runs; `Comparison` knows only their columns."""

    def __init__(self, runs: Sequence[Run], **choice: Any) -> None:
        self.runs = {run.run_id: run for run in runs}
        super().__init__(as_table(runs), **choice)

    def to_dict(self) -> dict[str, Any]:
        """The runs that the filter keeps, in the order shown, as plain data."""
        return {"runs": [run_data(self.runs[run_id]) for run_id in self.to_frame()["run_id"]]}


def compare(
    *references: str,
    sort: str | None = None,
    filter: str | None = None,  # noqa: A002 - the word people type
    experiment: str | None = None,
) -> RunComparison:
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
    problem = read_filter(filter or "", columns_of(as_table(found))).problem
    if problem:
        raise BadInputError(f"the filter cannot be read: {problem}", "Write e.g. 'auc > 0.9 and C < 1'.")
    return RunComparison(found, sort=sort, filter=filter)


@verb("compare")
@click.argument("references", nargs=-1, metavar="[RUN]...", type=Known("runs"))
@click.option("--sort", metavar="COLUMN", help="A metric or parameter, best first.")
@click.option("--filter", "where", metavar="TEXT", help="Such as 'auc > 0.9 and max_depth < 6'.")
@click.option("--experiment", metavar="NAME", help="Of this experiment only.")
def command(
    references: Sequence[str], sort: str | None, where: str | None, experiment: str | None
) -> RunComparison:
    """Compare runs: sort, filter, and see only what differs.

    RUN is a run's name or id; all runs are compared when none is named.
    """
    return compare(*references, sort=sort, filter=where, experiment=experiment)

"""`compare`: runs side by side in a table that sorts, filters and shows only what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.verbs.answers import run_data
from jupyter_mlops.verbs.command import Known, current_place, verb
from jupyter_mlops.verbs.compare_answers import answers_of, diff_of
from jupyter_mlops.verbs.compare_frame import table_of_frame
from jupyter_mlops.verbs.compare_stores import Stores, choose, open_stores
from jupyter_mlops.verbs.known import remember
from jupyter_mlops.verbs.pinned import pinned
from jupyter_mlops.verbs.place import Progress, silent
from jupyter_mlops.verbs.selected_runs import ActsOnSelected
from jupyter_mlops.widgets.compare import Comparison

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.widgets.run_diff import RunDiffReport


class RunComparison(ActsOnSelected, Comparison):
    """A comparison that knows its runs; `Comparison` knows only their columns."""

    def __init__(self, settings: Settings, stores: Stores, **choice: Any) -> None:
        self._settings, self._stores = settings, stores
        super().__init__(stores.table, answers=answers_of(settings, stores), **choice)
        rows = {run_id: row for row, run_id in enumerate(stores.table.run_ids)}
        self._pins = [rows[run_id] for run_id in pinned(settings) if run_id in rows]

    def diff(self, *references: str) -> RunDiffReport:
        """What two or three runs differ in; the ticked ones when none is named.

        Args:
            references: names or ids of runs of this comparison, the base first.

        Raises:
            BadInputError: other than two or three runs.
            NotFoundError: no such run here.
            StoreError: the tracking store cannot be used.
        """
        run_ids = [self.run_id_of(reference) for reference in references] or list(self.selected)
        from jupyter_mlops.widgets.run_diff import RunDiffReport

        return RunDiffReport.from_diff(diff_of(self._settings, self._stores, run_ids))

    def to_dict(self) -> dict[str, Any]:
        """The runs that the filter keeps, in the order shown, as plain data."""
        return {"runs": [run_data(run) for run in self._stores.runs(self.shown)]}


def compare(
    *references: Any,
    sort: str | None = None,
    filter: str | None = None,  # noqa: A002 - the word people type
    experiment: str | Sequence[str] | None = None,
    stores: Sequence[str] = (),
    archived: bool = False,
    refresh: bool = False,
    progress: Progress = silent,
) -> Comparison:
    """Runs side by side.

    Args:
        references: runs by name or id; all when none is given. Or one frame of pandas or polars with a row
            for each run: numbers are metrics, texts parameters; what ``mlflow.search_runs`` gives is
            understood.
        sort: a metric or parameter, best first.
        filter: such as ``auc > 0.9 and max_depth < 6``.
        experiment: of this experiment only, or of these.
        stores: other MLflow stores, whose runs stand beside ours.
        archived: archived runs, too.
        refresh: read the stores anew, also what is known of them.
        progress: told when many runs have to be read.

    Raises:
        NotFoundError: no such run or experiment.
        BadInputError: a filter that cannot be read, a sort by a column there is not, or a frame that is none.
        StoreError: a tracking store cannot be used.
    """
    if len(references) == 1 and not isinstance(references[0], str):
        return _readable(Comparison(table_of_frame(references[0]), sort=sort, filter=filter))
    settings = load_settings()
    sync(settings)
    opened = open_stores(settings, stores, progress=progress, refresh=refresh)
    experiments = [experiment] if isinstance(experiment, str) else list(experiment or ())
    found = choose(opened, references, experiments, archived=archived)
    if not references:
        remember(settings, "runs", list(found.table.names))
    return _readable(RunComparison(settings, found, sort=sort, filter=filter))


def _readable(comparison: Comparison) -> Comparison:
    if problem := comparison.filter_problem:
        raise BadInputError(f"the filter cannot be read: {problem}", "Write e.g. 'auc > 0.9 and C < 1'.")
    return comparison


@verb("compare")
@click.argument("references", nargs=-1, metavar="[RUN]...", type=Known("runs"))
@click.option("--sort", metavar="COLUMN", help="A metric or parameter, best first.")
@click.option("--filter", "where", metavar="TEXT", help="Such as 'auc > 0.9 and max_depth < 6'.")
@click.option("--experiment", "experiments", multiple=True, metavar="NAME", help="Of this experiment only.")
@click.option("--store", "stores", multiple=True, metavar="URI", help="Runs of this MLflow store, too.")
@click.option("--archived", is_flag=True, help="Archived runs, too.")
@click.option("--refresh", is_flag=True, help="Read the store anew.")
@click.option("--diff", "as_diff", is_flag=True, help="Only what two or three runs differ in.")
def command(
    references: Sequence[str],
    sort: str | None,
    where: str | None,
    experiments: Sequence[str],
    stores: Sequence[str],
    archived: bool,
    refresh: bool,
    as_diff: bool,
) -> Comparison | RunDiffReport:
    """Compare runs: sort, filter, and see only what differs.

    RUN is a run's name or id; all runs are compared when none is named. Repeat --experiment and --store for
    several.
    """
    found = compare(
        *references,
        sort=sort,
        filter=where,
        experiment=experiments,
        stores=stores,
        archived=archived,
        refresh=refresh,
        progress=current_place().progress,
    )
    if not as_diff:
        return found
    if not isinstance(found, RunComparison):
        raise TypeError(type(found).__name__)
    return found.diff(*references)

"""What two or three runs differ in: parameters, metrics, data, code, environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.comparison.code import CodeDiff, code_diff
from jupyter_mlops.comparison.data import DataDiff, data_diffs
from jupyter_mlops.comparison.environment import EnvironmentDiff, environment_diff
from jupyter_mlops.comparison.metrics import MetricDiff, metric_diffs
from jupyter_mlops.comparison.plain_data import plain_data
from jupyter_mlops.comparison.recorded import Recorded, read_recorded
from jupyter_mlops.comparison.texts import TextDiff, text_diffs
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.snapshot.shared import project_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.read_runs import Run

    Progress = Callable[[str, float], None]

MOST_RUNS = 3


@dataclass(frozen=True)
class RunHead:
    """What a run is called and when it ran: `started` as ISO 8601, `seconds` None while it runs."""

    name: str
    experiment: str
    status: str
    started: str
    seconds: float | None


@dataclass(frozen=True)
class RunDiff:
    """What runs differ in, seen from the first; every part lists what agrees, too."""

    runs: tuple[RunHead, ...]
    params: tuple[TextDiff, ...]
    metrics: tuple[MetricDiff, ...]
    data: tuple[DataDiff, ...]
    code: CodeDiff
    environment: EnvironmentDiff

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        plain: dict[str, Any] = plain_data(self)
        return plain


def run_diff(
    settings: Settings,
    runs: Sequence[Run],
    progress: Progress = lambda text, share: None,
    *,
    homes: Sequence[Settings] | None = None,
) -> RunDiff:
    """Compare two or three runs with the first of them.

    Nothing of the user's code runs and nothing is unpickled. What is gone or was never recorded is said in
    the notes of the parts.

    Args:
        settings: of the project.
        runs: the base, and one or two others.
        progress: told what happens and the share that is done.
        homes: for each run the settings that lead to its store, where that is not the project's.

    Raises:
        BadInputError: other than two or three different runs.
        NotFoundError: a run is no longer in the store.
        StoreError: the tracking store cannot be used.
    """
    if not 2 <= len(runs) <= MOST_RUNS or len({run.run_id for run in runs}) < len(runs):
        raise BadInputError(
            f"A diff shows two or three different runs, and these are {len({run.run_id for run in runs})}.",
            "Tick two or three runs, the one to compare with first.",
        )
    progress("reading runs", 0.0)
    places = [settings] * len(runs) if homes is None else homes
    recorded = [read_recorded(place, run) for place, run in zip(places, runs, strict=True)]
    store = project_store(settings)
    progress("comparing metrics", 0.1)
    metrics = metric_diffs(store, recorded)
    data = data_diffs(store, recorded, lambda name, share: progress(f"comparing {name}", 0.3 + 0.6 * share))
    progress("comparing code", 0.9)
    code = code_diff(recorded)
    environment = environment_diff(recorded)
    progress("done", 1.0)
    return RunDiff(
        tuple(_head(each) for each in recorded),
        text_diffs([each.run.params for each in recorded]),
        metrics,
        data,
        code,
        environment,
    )


def _head(each: Recorded) -> RunHead:
    run = each.run
    return RunHead(run.name, each.experiment, run.status.lower(), run.started.isoformat(), run.seconds)

"""A whole run as MLflow has it now: all its tags, its experiment, and its data with what they were for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.tracking.client import connect, store_errors
from jupyter_mlops.tracking.read_runs import Run, run_from

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

    from jupyter_mlops.settings import Settings

_CONTEXT = "mlflow.data.context"


@dataclass(frozen=True)
class RunInput:
    """Data that a run read.

    `context` is what it was for: ``training``, ``evaluation``, or what else was said; of data that we
    recorded the latter is its name. `kind` is ``frame``, ``series``, ``array`` and the like for our own data,
    for other data the type of its source.
    """

    name: str
    digest: str
    kind: str
    context: str | None = None
    rows: int | None = None


@dataclass(frozen=True)
class WholeRun:
    """A run, the name of its experiment, and its data in the order they were logged."""

    run: Run
    experiment: str
    data: tuple[RunInput, ...]


def read_whole_run(settings: Settings, run: Run) -> WholeRun:
    """Ask MLflow for a run of which a part is known, as an index of runs knows it.

    Raises:
        NotFoundError: the run is gone from the store.
        StoreError: the store cannot be used.
    """
    from mlflow.exceptions import MlflowException

    client = connect(settings)
    with store_errors(settings.tracking_uri):
        try:
            found = client.get_run(run.run_id)
            experiment = client.get_experiment(found.info.experiment_id)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            raise NotFoundError(
                f"the run {run.name!r} is no longer in the tracking store",
                "`%mlops runs` lists those that are.",
            ) from error
        inputs = found.inputs.dataset_inputs if found.inputs else []
    return WholeRun(run_from(found), str(experiment.name), tuple(_input(each) for each in inputs))


def _input(found: DatasetInput) -> RunInput:
    data = found.dataset
    shape = _shape(data.profile)
    context = next((tag.value for tag in found.tags if tag.key == _CONTEXT), None)
    rows = shape.get("num_rows")
    return RunInput(
        name=str(data.name),
        digest=str(data.digest),
        kind=str(shape.get("kind") or data.source_type),
        context=context,
        rows=rows if isinstance(rows, int) else None,
    )


def _shape(profile: str | None) -> dict[str, Any]:
    """The profile of a dataset, which anybody may have written: empty if it is no mapping."""
    try:
        shape = json.loads(profile or "{}")
    except ValueError:
        return {}
    return shape if isinstance(shape, dict) else {}

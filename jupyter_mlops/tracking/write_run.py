"""One recorded execution as one MLflow run: parameters, metrics, datasets, code. Safe to repeat."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeVar

from jupyter_mlops.lineage.record import CellRecord, Dataset, RunFacts
from jupyter_mlops.lineage.slice import slice_cell
from jupyter_mlops.tracking.client import asked_once
from jupyter_mlops.tracking.dataset_uri import SOURCE_TYPE, source_json
from jupyter_mlops.tracking.run_figures import log_run_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mlflow import MlflowClient

    from jupyter_mlops.lineage.slice import Slice

# MLflow's limits per batch and per key
_PARAMS_PER_BATCH = 100
_METRICS_PER_BATCH = 1000
_KEY_CHARS = 250
_TAG_CHARS = 5000
_NOT_IN_KEYS = re.compile(r"[^/\w.\- :]")
STATUS = {"ok": "FINISHED", "error": "FAILED", "interrupted": "KILLED"}
T = TypeVar("T")

RECORD_FILE = "mlops/record.json"
SLICE_FILE = "mlops/slice.json"


def slice_file(serial: int) -> str:
    """Where the slice of one execution is, in a run that has the records of several."""
    return f"mlops/slice-{serial}.json"


def find_started(client: MlflowClient, experiment: str, session: str, serial: int) -> str | None:
    """The run that a crashed projection made for this execution, if it got that far."""
    found = client.search_runs(
        [experiment],
        f"tags.`mlops.session` = '{session}' and tags.`mlops.serial` = '{serial}'",
        max_results=1,
    )
    return str(found[0].info.run_id) if found else None


def make_run(
    client: MlflowClient, experiment: str, record: CellRecord, tags: Mapping[str, str], parent: str
) -> str:
    """Create the (still running) MLflow run of a record; returns its id."""
    written = {
        **tags,
        **own_tags(record),
        "mlops.kind": "cell",
        "mlops.serial": str(record.serial),
        "mlops.cell": f"In[{record.count}]" if record.count else "outside the history",
        "mlflow.runName": _facts(record).name,
        "mlflow.parentRunId": parent,
    }
    with asked_once():
        run = client.create_run(experiment, int(record.started * 1000), tags=written)
    return str(run.info.run_id)


def own_tags(record: CellRecord) -> dict[str, str]:
    """What the user said about the cell, and the error it ended with, as tags."""
    facts = _facts(record)
    own = {f"user.{key_of(key)}": value for key, value in facts.tags.items()}
    if facts.hypothesis:
        own |= {"mlops.hypothesis": facts.hypothesis, "mlflow.note.content": facts.hypothesis}
    if record.error:
        own["mlops.error"] = record.error
    return {key: value[:_TAG_CHARS] for key, value in own.items()}


def write_run(
    client: MlflowClient, run_id: str, record: CellRecord, records: Sequence[CellRecord], figures: Path
) -> None:
    """Write everything a run holds, then end it with the cell's own status and times.

    Args:
        client: of the store.
        run_id: the run that was made for the record.
        record: the execution.
        records: of the whole session, for the slice.
        figures: the folder that holds what cells drew.
    """
    log_facts(client, run_id, record, _facts(record))
    log_files(client, run_id, record, slice_cell(records, record.serial))
    log_run_figures(client, run_id, record, figures)
    client.set_terminated(run_id, STATUS[record.status], end_time=ended_at(record))


def ended_at(record: CellRecord) -> int:
    """When the cell ended, in milliseconds as MLflow counts."""
    return int((record.started + record.seconds) * 1000)


def log_facts(client: MlflowClient, run_id: str, record: CellRecord, facts: RunFacts) -> None:
    """Log parameters, metrics and data of a record."""
    from mlflow.entities import Metric, Param

    ended = ended_at(record)
    params = [Param(key_of(key), value) for key, value in facts.params.items()]
    metrics = [Metric(key_of(key), value, ended, record.serial) for key, value in facts.metrics.items()]
    for batch in _batches(params, _PARAMS_PER_BATCH):
        client.log_batch(run_id, params=batch)
    for metric_batch in _batches(metrics, _METRICS_PER_BATCH):
        client.log_batch(run_id, metrics=metric_batch)
    if facts.datasets:
        client.log_inputs(run_id, datasets=[_input(found, facts) for found in facts.datasets])


def log_files(client: MlflowClient, run_id: str, record: CellRecord, needed: Slice) -> None:
    """Write the record and the code behind it as the run's files."""
    client.log_text(run_id, json.dumps(record.to_dict(), indent=1), RECORD_FILE)
    client.log_text(run_id, needed.to_json(), SLICE_FILE)
    client.log_text(run_id, needed.code, "code/slice.py")


def end_refused_run(client: MlflowClient, run_id: str, record: CellRecord, why: str, *, ends: bool) -> None:
    """Keep what MLflow did not take of a run in its record, and end the run if that is ours to do."""
    client.log_text(run_id, json.dumps(record.to_dict(), indent=1), RECORD_FILE)
    client.set_tag(
        run_id, "mlops.incomplete", f"MLflow refused a part of this run ({why}); see {RECORD_FILE}"
    )
    if ends:
        client.set_terminated(run_id, STATUS[record.status], end_time=ended_at(record))


def _facts(record: CellRecord) -> RunFacts:
    return record.run or RunFacts(name=f"In[{record.count}]")


def _input(found: Dataset, facts: RunFacts) -> object:
    from mlflow.entities import Dataset as Entity
    from mlflow.entities import DatasetInput, InputTag

    entity = Entity(
        name=found.name,
        digest=found.digest,
        source_type=SOURCE_TYPE,
        source=source_json(found.digest),
        profile=json.dumps({"num_rows": found.rows, "num_columns": len(found.columns), "kind": found.kind}),
    )
    return DatasetInput(entity, tags=[InputTag("mlflow.data.context", _context(found.name, facts))])


def _context(name: str, facts: RunFacts) -> str:
    """What the data was for, in MLflow's words; its name where the cell does not show it."""
    if any(name == estimator.fit_on for estimator in facts.estimators):
        return "training"
    if any(name == estimator.scored_on for estimator in facts.estimators):
        return "evaluation"
    return name


def key_of(name: str) -> str:
    """The name of a parameter, metric or tag in the characters and length that MLflow takes."""
    return _NOT_IN_KEYS.sub("_", name)[:_KEY_CHARS]


def _batches(items: Sequence[T] | Iterable[T], size: int) -> Iterator[list[T]]:
    items = list(items)
    for start in range(0, len(items), size):
        yield items[start : start + size]

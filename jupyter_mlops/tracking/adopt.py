"""The user's own runs: a cell that made one, or logged to one, has its record there and no second run.

One run of the cell's own, or the one it logged to, takes in what we found: what the user logged goes before
it, and it is ended only if MLflow had opened it by itself. Of several runs that a cell made side by side, as
a loop over ``start_run`` does, a run of ours becomes the parent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jupyter_mlops.lineage.record import CellRecord, RunFacts, label
from jupyter_mlops.lineage.slice import slice_cells
from jupyter_mlops.notebook.user_mlflow import EXECUTION_TAG, SESSION_TAG
from jupyter_mlops.tracking.run_figures import FIGURES, FIGURES_TAG, log_run_figures
from jupyter_mlops.tracking.write_run import (
    STATUS,
    ended_at,
    key_of,
    log_facts,
    log_files,
    own_tags,
    slice_file,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlflow import MlflowClient
    from mlflow.entities import Run

    from jupyter_mlops.tracking.owed import Owed

RECORDED_IN = "mlops.recorded_in"
_PARENT = "mlflow.parentRunId"
_SOURCE = ("mlflow.source.name", "mlflow.source.type")
_MOST = 1000


@dataclass(frozen=True)
class UsersRuns:
    """What is to become of the runs a cell made: `home` takes its record, or `side_by_side` get a parent."""

    home: Run | None = None
    side_by_side: tuple[Run, ...] = ()


def find_users_runs(client: MlflowClient, session: str, record: CellRecord) -> UsersRuns:
    """The user's runs that belong to a record; none where the cell did not use MLflow."""
    logged = record.logged
    if logged is None:
        return UsersRuns()
    made = _search(client, session, f"tags.`{EXECUTION_TAG}` = '{logged.execution}'") if logged.made else []
    ids = {run.info.run_id for run in made}
    outer = [run for run in made if run.data.tags.get(_PARENT) not in ids]
    if len(outer) == 1:
        return UsersRuns(outer[0])
    if logged.into and all(run.data.tags.get(_PARENT) == logged.into for run in outer):
        return UsersRuns(_may_take(client, session, logged.into), tuple(outer))
    return UsersRuns(None, tuple(outer))


def _may_take(client: MlflowClient, session: str, run_id: str) -> Run | None:
    """The run, unless it is gone or holds the record of another session."""
    from mlflow.exceptions import MlflowException

    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    is_free = run.data.tags.get(SESSION_TAG, session) == session
    return run if is_free and run.info.lifecycle_stage == "active" else None


def write_to_users_run(
    client: MlflowClient,
    run: Run,
    record: CellRecord,
    earlier: Sequence[CellRecord],
    owed: Owed,
    tags: Mapping[str, str],
    figures: Path,
) -> None:
    """Add a record to a run of the user's; safe to repeat.

    Args:
        client: of the run's store.
        run: as it is now.
        record: what to add.
        earlier: records that were added to the same run before.
        owed: the whole session, for the slice.
        tags: those of the session.
        figures: the folder that holds what cells drew.
    """
    run_id, logged = run.info.run_id, record.logged
    together = [*earlier, record]
    facts = record.run or RunFacts(label(record.count))
    log_facts(client, run_id, record, _without_theirs(client, run, facts, together))
    drawn = tuple(figure for each in together for figure in each.figures)
    whole = replace(record, run=_joined(together), figures=drawn)
    telling = [each for each in together if each.run and (each.run.estimators or each.run.metrics)]
    needed = slice_cells(owed.records, {each.serial for each in telling or [record]})
    log_files(client, run_id, whole, needed)
    if FIGURES_TAG in run.data.tags or not (drawn and client.list_artifacts(run_id, FIGURES)):
        log_run_figures(client, run_id, whole, figures)  # never over the user's own files
    if len(together) > 1:
        for each in together:
            text = slice_cells(owed.records, {each.serial}).to_json()
            client.log_text(run_id, text, slice_file(each.serial))
    is_new = logged is not None and logged.made > 0
    _set_tags(client, run, {**tags, **own_tags(record)}, together, with_error=is_new)
    if is_new and re.fullmatch(rf"{re.escape(label(record.count))}( \d+)?", run.info.run_name or ""):
        client.update_run(run_id, name=facts.name)  # the user gave it no name
    if logged is not None and logged.ends == run_id:
        client.set_terminated(run_id, STATUS[record.status], end_time=ended_at(record))


def write_beside_users_runs(
    client: MlflowClient, run_id: str, record: CellRecord, runs: Sequence[Run]
) -> None:
    """Make a cell's run the parent of the user's runs, and name those it cannot be a parent of."""
    from mlflow.entities import RunTag

    name = record.run.name if record.run else label(record.count)
    for run in runs:
        if run.info.run_name in {name, label(record.count)}:  # the first that the user gave no name
            client.update_run(run.info.run_id, name=f"{run.info.run_name} 1")
        own = {RECORDED_IN: run_id, "mlops.cell": label(record.count)}
        if _PARENT not in run.data.tags:
            own[_PARENT] = run_id
        client.log_batch(run.info.run_id, tags=[RunTag(key, value) for key, value in own.items()])
        if record.logged and record.logged.ends == run.info.run_id:
            client.set_terminated(run.info.run_id, STATUS[record.status], end_time=ended_at(record))
    logged = record.logged
    links = {
        "mlops.logged_to": (logged.other_run or logged.into) if logged and not runs else None,
        "mlops.logged_to_store": logged.other_store if logged else None,
    }
    found = [RunTag(key, value) for key, value in links.items() if value]
    if found:
        client.log_batch(run_id, tags=found)


def end_left_open(client: MlflowClient, session: str, status: str, time: int) -> None:
    """End the user's runs of a session whose process is gone: nobody else will.

    Args:
        client: of the session's store.
        session: its id.
        status: MLflow's word for how they ended.
        time: when, in milliseconds; a run that began later ends when it began.
    """
    for run in _search(client, session, "attributes.status = 'RUNNING'"):
        if run.data.tags.get("mlops.kind") == "session":
            continue
        children = f"tags.`{_PARENT}` = '{run.info.run_id}' and attributes.status = 'RUNNING'"
        for each in [run, *client.search_runs([run.info.experiment_id], children, max_results=_MOST)]:
            client.set_terminated(each.info.run_id, status, end_time=max(time, each.info.start_time))


def _search(client: MlflowClient, session: str, also: str) -> list[Run]:
    """Runs of a session in all experiments, as the user can choose one; oldest first."""
    experiments = [found.experiment_id for found in client.search_experiments()]
    found = client.search_runs(
        experiments, f"tags.`{SESSION_TAG}` = '{session}' and {also}", max_results=_MOST
    )
    return sorted(found, key=lambda run: run.info.start_time)


def _without_theirs(
    client: MlflowClient, run: Run, facts: RunFacts, together: Sequence[CellRecord]
) -> RunFacts:
    """The facts without parameters and metrics that the user's code has logged under the same names."""
    theirs = run.data
    times = {ended_at(record) for record in together}

    def is_theirs(name: str) -> bool:
        history = client.get_metric_history(run.info.run_id, name) if name in theirs.metrics else []
        return any(point.timestamp not in times for point in history)

    return replace(
        facts,
        params={name: text for name, text in facts.params.items() if key_of(name) not in theirs.params},
        metrics={name: value for name, value in facts.metrics.items() if not is_theirs(key_of(name))},
    )


def _joined(together: Sequence[CellRecord]) -> RunFacts:
    """The facts of all records of a run: of parameters of one name the first, of all else the last."""
    facts = [record.run for record in together if record.run]
    params: dict[str, str] = {}
    for each in reversed(facts):
        params |= each.params
    return replace(
        facts[-1],
        params=params,
        metrics={name: value for each in facts for name, value in each.metrics.items()},
        datasets=tuple(
            {(found.name, found.digest): found for each in facts for found in each.datasets}.values()
        ),
        estimators=tuple({found.name: found for each in facts for found in each.estimators}.values()),
    )


def _set_tags(
    client: MlflowClient,
    run: Run,
    tags: Mapping[str, str],
    together: Sequence[CellRecord],
    *,
    with_error: bool,
) -> None:
    from mlflow.entities import RunTag

    theirs = run.data.tags
    ours = {
        **{
            key: value
            for key, value in tags.items()
            if key.startswith(("mlops.", *_SOURCE)) or key not in theirs
        },
        "mlops.kind": "cell",
        "mlops.serial": str(together[-1].serial),
        "mlops.serials": " ".join(str(record.serial) for record in together),
        "mlops.cell": ", ".join(dict.fromkeys(label(record.count) for record in together)),
    }
    if not with_error:
        ours.pop("mlops.error", None)
    client.log_batch(run.info.run_id, tags=[RunTag(key, value) for key, value in ours.items()])

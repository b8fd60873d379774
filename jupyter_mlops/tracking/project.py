"""From journals to MLflow: idempotent, so that a crash at any point neither loses nor doubles a run.

Beside each journal ``S.jsonl`` stands ``S.projected``, in the same format: which executions have become
which runs. A run that is not noted there is looked up in MLflow by its tags before it is made, so that one
which a crash left half done is completed.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from jupyter_mlops.errors import StoreError
from jupyter_mlops.files import write_atomically
from jupyter_mlops.notebook.journal import Journal
from jupyter_mlops.notebook.notices import PROBLEM_FILE
from jupyter_mlops.settings import local_uri, without_secrets
from jupyter_mlops.tracking.adopt import (
    end_left_open,
    find_users_runs,
    write_beside_users_runs,
    write_to_users_run,
)
from jupyter_mlops.tracking.client import asked_once, check_reachable, connect, experiment_id, store_errors
from jupyter_mlops.tracking.environment import session_tags
from jupyter_mlops.tracking.owed import Journals, Owed, marks_of
from jupyter_mlops.tracking.run_figures import log_other_figures
from jupyter_mlops.tracking.session_files import log_cells, log_environment
from jupyter_mlops.tracking.write_run import end_refused_run, find_started, make_run, write_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflow import MlflowClient

    from jupyter_mlops.lineage.record import CellRecord
    from jupyter_mlops.settings import Settings

_LOCK_SECONDS = 60.0
_NOTE = (
    "One session of a notebook; the runs of its cells are its children. "
    "`mlops/cells.jsonl` has every executed cell, `notebook/` the notebook as it was."
)
_GROWN = 1.1
"""Cells are sent again when there are so many times as many: what is sent in all stays a multiple of them."""


def waiting_runs(settings: Settings) -> int:
    """How many runs are in journals but not in MLflow."""
    return Journals(settings.journals).count_waiting()


def sync(
    settings: Settings, *, lock_seconds: float = _LOCK_SECONDS, journals: Journals | None = None
) -> None:
    """Bring every journal of the project into MLflow, in the order of the sessions.

    A session whose store cannot be used does not hold up the others.

    Args:
        settings: which project.
        lock_seconds: how long to wait for another process that does the same.
        journals: the project's journals; those that this process looked at before when None.

    Raises:
        StoreError: a store cannot be used; what is waiting stays in the journal.
    """
    if not settings.journals.is_dir():
        return
    journals = journals or _journals(settings.journals)
    problem = None
    try:
        with FileLock(settings.journals / ".lock", timeout=lock_seconds):
            for owed in journals.open():
                try:
                    _project(owed, settings)
                except StoreError as error:
                    problem = problem or error
                except Exception as error:  # noqa: BLE001 - whatever it is, the other sessions go on
                    problem = problem or _unexpected(owed, error)
            _tell(settings, problem, journals)
    except Timeout as error:
        raise StoreError(
            "another process has been writing runs to MLflow for a minute",
            "Try again soon; `mlops track status` tells what is waiting.",
        ) from error
    except OSError as error:
        raise StoreError(
            f"the folder {settings.journals} cannot be written ({error.strerror or type(error).__name__})",
            "Free space or make it writable; cells run meanwhile.",
        ) from error
    if problem is not None:
        raise problem


@lru_cache(maxsize=4)
def _journals(folder: Path) -> Journals:
    """Kept, because a long session's journal takes tenths of a second to read, and only grows."""
    return Journals(folder)


def give_up(owed: Owed) -> None:
    """Take the user's word that the session's process, on another host, is gone: `sync` closes it.

    Should it live after all, its next cell opens the session again.

    Raises:
        StoreError: the word cannot be written down.
    """
    marks = Journal(marks_of(owed))
    try:
        marks.append({"type": "given up"})
    finally:
        marks.close()


def _unexpected(owed: Owed, error: Exception) -> StoreError:
    return StoreError(
        f"the session {owed.session['id']} cannot be brought to MLflow ({type(error).__name__})",
        "Its journal keeps everything; bring it with the version of jupyter-mlops that wrote it.",
    )


def _project(owed: Owed, settings: Settings) -> None:
    if not owed.waiting and not owed.is_over:
        return
    marks = Journal(marks_of(owed))
    try:
        if not (owed.waiting or owed.session_run or owed.has_user_runs):
            is_done = owed.is_complete
        else:
            own = replace(
                settings,
                tracking_uri=_address(owed, settings),
                experiment=owed.session["experiment"],
            )
            client = connect(own)
            with store_errors(own.tracking_uri):
                parent = None
                if owed.waiting or owed.session_run:
                    parent = _project_runs(owed, own, client, marks)
                is_done = owed.is_complete
                if is_done:
                    _close_session(owed, own, client, parent)
        if is_done:
            marks.append({"type": "closed", "size": owed.size})
    finally:
        marks.close()


def _address(owed: Owed, settings: Settings) -> str:
    """The store of a session. Its password is not in the journal: it is asked for where it was set."""
    written = owed.session["tracking_uri"]
    if written is None:
        return local_uri(settings.project)
    for known in (settings.tracking_uri, os.environ.get("MLFLOW_TRACKING_URI", "")):
        if without_secrets(known) == without_secrets(written):
            return known
    return str(written)


def _project_runs(owed: Owed, settings: Settings, client: MlflowClient, marks: Journal) -> str:
    """Make the runs that wait; returns the id of the session's run, their parent."""
    experiment = experiment_id(client, settings)
    tags = session_tags(owed.session)
    parent = owed.session_run or _session_run(owed, client, experiment, tags, marks)
    run_ids = dict(owed.run_ids)
    for record in owed.waiting:
        check_reachable(settings.tracking_uri)
        users = find_users_runs(client, owed.session["id"], record)
        if users.home is not None:
            run_id = users.home.info.run_id
            earlier = [each for each in owed.records if run_ids.get(each.serial) == run_id]
            ends = record.logged is not None and record.logged.ends == run_id
            with _whatever_is_refused(settings, client, run_id, record, ends=ends):
                write_to_users_run(client, users.home, record, earlier, owed, tags, settings.figures)
        else:
            found = find_started(client, experiment, owed.session["id"], record.serial)
            run_id = found or make_run(client, experiment, record, tags, parent)
            with _whatever_is_refused(settings, client, run_id, record, ends=True):
                write_run(client, run_id, record, owed.records, settings.figures)
            write_beside_users_runs(client, run_id, record, users.side_by_side)
        run_ids[record.serial] = run_id
        marks.append({"type": "run", "serial": record.serial, "run_id": run_id})
    if len(owed.records) > owed.cells_sent * _GROWN and not owed.is_complete and _is_kept(client, parent):
        log_cells(client, parent, owed)
        marks.append({"type": "cells", "count": len(owed.records)})
    return parent


@contextlib.contextmanager
def _whatever_is_refused(
    settings: Settings, client: MlflowClient, run_id: str, record: CellRecord, *, ends: bool
) -> Iterator[None]:
    """What MLflow refuses of a run must not hold up the runs behind it for ever."""
    from mlflow.exceptions import MlflowException

    try:
        with store_errors(settings.tracking_uri):
            yield
    except MlflowException as error:
        if _is_kept(client, run_id):  # else the user has just deleted it
            end_refused_run(client, run_id, record, str(error.error_code), ends=ends)


def _session_run(
    owed: Owed, client: MlflowClient, experiment: str, tags: Mapping[str, str], marks: Journal
) -> str:
    """The parent of a session's runs: one per kernel, made when its first run arrives."""
    session = owed.session
    run_id = find_started(client, experiment, session["id"], serial=0)
    if run_id is None:
        notebook = Path(session.get("notebook") or session["folder"]).name
        own = {
            "mlops.kind": "session",
            "mlops.serial": "0",
            "mlflow.runName": f"session {notebook}",
            "mlflow.note.content": _NOTE,
        }
        with asked_once():
            run = client.create_run(experiment, int(session["time"] * 1000), tags={**tags, **own})
        run_id = str(run.info.run_id)
    log_environment(client, run_id, owed)
    marks.append({"type": "session_run", "run_id": run_id})
    return run_id


def _close_session(owed: Owed, settings: Settings, client: MlflowClient, run_id: str | None) -> None:
    status = "FINISHED" if owed.ended else "KILLED"
    last = max((record.started + record.seconds for record in owed.records), default=owed.session["time"])
    if owed.has_user_runs:
        end_left_open(client, owed.session["id"], status, int(last * 1000))
    if run_id is None or not _is_kept(client, run_id):
        return
    log_cells(client, run_id, owed)
    log_other_figures(client, run_id, [record for record in owed.records if not record.run], settings.figures)
    client.set_terminated(run_id, status, end_time=int(last * 1000))


def _is_kept(client: MlflowClient, run_id: str) -> bool:
    """False for a run that the user deleted: it cannot be written any more."""
    from mlflow.exceptions import MlflowException

    try:
        return bool(client.get_run(run_id).info.lifecycle_stage == "active")
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return False


def _tell(settings: Settings, problem: StoreError | None, journals: Journals) -> None:
    """Leave word for the kernels of this project, which look at the file after each cell."""
    path = settings.journals / PROBLEM_FILE
    if problem is None:
        path.unlink(missing_ok=True)
        return
    count = journals.count_waiting()
    text = f"{problem.what}; {count} {'run waits' if count == 1 else 'runs wait'}."
    with contextlib.suppress(OSError):  # a full disk; the problem itself is raised
        write_atomically(path, json.dumps({"problem": text}))

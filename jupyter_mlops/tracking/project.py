"""From journals to MLflow: idempotent, so that a crash at any point neither loses nor doubles a run.

Beside each journal ``S.jsonl`` stands ``S.projected``, in the same format: which executions have become
which runs. A run is announced there before it is made; what was announced but not finished is looked up
in MLflow by its tags and completed.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from filelock import FileLock, Timeout

from jupyter_mlops.errors import StoreError
from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.notebook.journal import Journal, read_journal
from jupyter_mlops.notebook.notices import PROBLEM_FILE
from jupyter_mlops.tracking.client import check_reachable, connect, experiment_id, store_errors
from jupyter_mlops.tracking.environment import packages, session_tags
from jupyter_mlops.tracking.write_run import find_started, make_run, write_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings

_LOCK_SECONDS = 60.0


@dataclass(frozen=True)
class Progress:
    """What a journal still owes to MLflow."""

    journal: Path
    session: Mapping[str, Any]
    records: tuple[CellRecord, ...]
    ended: bool
    run_ids: Mapping[int, str]
    announced: frozenset[int]
    session_run: str | None
    closed: bool

    @property
    def waiting(self) -> list[CellRecord]:
        """Runs that are not in MLflow yet."""
        return [record for record in self.records if record.run and record.serial not in self.run_ids]

    @property
    def is_over(self) -> bool:
        """True when the session ended, or its process is gone from this host."""
        return self.ended or not _owner_lives(self.session)


def waiting_runs(settings: Settings) -> int:
    """How many runs are in journals but not in MLflow."""
    return sum(len(progress.waiting) for progress in _open_journals(settings))


def unfinished(settings: Settings) -> int | None:
    """How many journals have something to bring to MLflow now; None when no session is open any more."""
    open_journals = list(_open_journals(settings))
    if not open_journals:
        return None
    return sum(bool(progress.waiting) or progress.is_over for progress in open_journals)


def sync(settings: Settings, *, lock_seconds: float = _LOCK_SECONDS) -> None:
    """Bring every journal of the project into MLflow, in the order of the sessions.

    Raises:
        StoreError: a store cannot be used; what is waiting stays in the journal.
    """
    if not settings.journals.is_dir():
        return
    try:
        with FileLock(settings.journals / ".lock", timeout=lock_seconds):
            try:
                for progress in _open_journals(settings):
                    _project(progress, settings)
            except StoreError as error:
                _tell(settings, f"{error.what}; {waiting_runs(settings)} runs wait.")
                raise
            _tell(settings, None)
    except Timeout as error:
        raise StoreError(
            "another process has been writing runs to MLflow for a minute",
            "Try again soon; `mlops track status` tells what is waiting.",
        ) from error
    except PermissionError as error:
        raise StoreError(
            f"the folder {settings.journals} cannot be written", "Make it writable; cells run meanwhile."
        ) from error


def _open_journals(settings: Settings) -> Iterator[Progress]:
    for path in sorted(settings.journals.glob("*.jsonl")):
        progress = _read(path)
        if progress is not None and not progress.closed:
            yield progress


def _read(path: Path) -> Progress | None:
    events = list(read_journal(path))
    if not events or events[0].get("type") != "session":
        return None
    run_ids: dict[int, str] = {}
    announced: set[int] = set()
    session_run, closed = None, False
    for event in read_journal(path.with_suffix(".projected")):
        closed = closed or event["type"] == "closed"
        if event["type"] == "session_run":
            session_run = event["run_id"]
        elif event["type"] == "announced":
            announced.add(event["serial"])
        elif event["type"] == "run":
            run_ids[event["serial"]] = event["run_id"]
    return Progress(
        journal=path,
        session=events[0],
        records=tuple(CellRecord.from_dict(event) for event in events if event["type"] == "cell"),
        ended=any(event["type"] == "end" for event in events),
        run_ids=run_ids,
        announced=frozenset(announced),
        session_run=session_run,
        closed=closed,
    )


def _project(progress: Progress, settings: Settings) -> None:
    if not progress.waiting and not progress.is_over:
        return
    marks = Journal(progress.journal.with_suffix(".projected"))
    try:
        if progress.waiting or progress.session_run:
            own = replace(
                settings,
                tracking_uri=progress.session["tracking_uri"],
                experiment=progress.session["experiment"],
            )
            client = connect(own)
            with store_errors(own.tracking_uri):
                _project_runs(progress, own, client, marks)
        if progress.is_over:
            marks.append({"type": "closed"})
    finally:
        marks.close()


def _project_runs(progress: Progress, settings: Settings, client: MlflowClient, marks: Journal) -> None:
    experiment = experiment_id(client, settings)
    tags = session_tags(progress.session)
    parent = progress.session_run or _session_run(progress, client, experiment, tags, marks)
    for record in progress.waiting:
        check_reachable(settings.tracking_uri)
        run_id = None
        if record.serial in progress.announced:
            run_id = find_started(client, experiment, progress.session["id"], record.serial)
        else:
            marks.append({"type": "announced", "serial": record.serial})
        run_id = run_id or make_run(client, experiment, record, tags, parent)
        write_run(client, run_id, record, progress.records)
        marks.append({"type": "run", "serial": record.serial, "run_id": run_id})
    if progress.is_over:
        _close_session(progress, client, parent)


def _session_run(
    progress: Progress, client: MlflowClient, experiment: str, tags: Mapping[str, str], marks: Journal
) -> str:
    """The parent of a session's runs: one per kernel, made when its first run arrives."""
    session = progress.session
    run_id = find_started(client, experiment, session["id"], serial=0)
    if run_id is None:
        notebook = Path(session.get("notebook") or session["folder"]).name
        run = client.create_run(
            experiment,
            start_time=int(session["time"] * 1000),
            tags={
                **tags,
                "mlops.kind": "session",
                "mlops.serial": "0",
                "mlflow.runName": f"session {notebook}",
            },
        )
        run_id = str(run.info.run_id)
        client.log_dict(run_id, packages(), "mlops/packages.json")
    marks.append({"type": "session_run", "run_id": run_id})
    return run_id


def _close_session(progress: Progress, client: MlflowClient, run_id: str) -> None:
    cells = "\n".join(json.dumps(record.to_dict()) for record in progress.records)
    client.log_text(run_id, cells + "\n", "mlops/cells.jsonl")
    last = max(
        (record.started + record.seconds for record in progress.records), default=progress.session["time"]
    )
    client.set_terminated(run_id, "FINISHED" if progress.ended else "KILLED", end_time=int(last * 1000))


def _owner_lives(session: Mapping[str, Any]) -> bool:
    """True for a living process, and for one on another host, about which nothing can be known here."""
    if session["host"] != socket.gethostname():
        return True
    try:
        return bool(abs(psutil.Process(session["pid"]).create_time() - session["process_started"]) < 1.0)
    except psutil.Error:
        return False


def _tell(settings: Settings, problem: str | None) -> None:
    """Leave word for the kernels of this project, which look at the file after each cell."""
    path = settings.journals / PROBLEM_FILE
    if problem is None:
        path.unlink(missing_ok=True)
        return
    waiting = path.with_name(f".{PROBLEM_FILE}.{os.getpid()}")
    waiting.write_text(json.dumps({"problem": problem}), "utf-8")
    waiting.replace(path)

"""All cell records of a session: from its journal, or from the run it left in MLflow.

The marks beside a journal say which executions became which runs, so that a run of this project leads to its
records without MLflow, whose import alone takes seconds.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.notebook.journal import read_journal
from jupyter_mlops.tracking.client import connect, store_errors
from jupyter_mlops.tracking.session_files import CELLS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_mlops.settings import Settings

_SESSION = re.compile(r"[\w-]{1,100}")  # it names a file: no ways out of the folder


@dataclass(frozen=True)
class RecordedHere:
    """Where a run is recorded in this project: its session, the folder that ran in, and the executions."""

    session: str
    folder: Path
    serials: frozenset[int]


def recorded_here(settings: Settings, run_id: str) -> RecordedHere | None:
    """The journal that a run came from; None if it is not in this project. Newest sessions first."""
    for marks in sorted(settings.journals.glob("*.projected"), reverse=True):
        journal = marks.with_suffix(".jsonl")
        try:
            if run_id.encode() not in marks.read_bytes():
                continue
            events = [event for event in read_journal(marks) if event.get("type") == "run"]
            serials = frozenset(event["serial"] for event in events if event["run_id"] == run_id)
            begun = next(iter(read_journal(journal)), {}) if serials else {}
        except (OSError, ValueError, KeyError, TypeError):  # of another user, or of another version of this
            continue
        if begun.get("type") == "session":
            return RecordedHere(str(begun["id"]), Path(begun["folder"]), serials)
    return None


def session_records(settings: Settings, session: str) -> tuple[CellRecord, ...]:
    """The executions of a session in the order they ran; empty if nothing of it can be read.

    Args:
        settings: the project, and which store.
        session: its id, as in the tag ``mlops.session`` of its runs.

    Raises:
        StoreError: the tracking store cannot be used.
    """
    if not _SESSION.fullmatch(session):
        return ()
    return _of_journal(settings.journals / f"{session}.jsonl") or _of_run(settings, session)


def _of_journal(path: Path) -> tuple[CellRecord, ...]:
    try:
        return _records(event for event in read_journal(path) if event.get("type") == "cell")
    except (OSError, ValueError, KeyError, TypeError):  # of another user, or of another version of this
        return ()


def _of_run(settings: Settings, session: str) -> tuple[CellRecord, ...]:
    client = connect(settings)
    where = f"tags.`mlops.session` = '{session}' and tags.`mlops.kind` = 'session'"
    with store_errors(settings.tracking_uri), tempfile.TemporaryDirectory() as folder:
        ids = [found.experiment_id for found in client.search_experiments()]
        found = client.search_runs(ids, where, max_results=1)
        if not found:
            return ()
        try:
            path = client.download_artifacts(found[0].info.run_id, CELLS_FILE, folder)
        except FileNotFoundError:
            return ()
        lines = Path(path).read_text("utf-8").splitlines()
    try:
        return _records(map(json.loads, filter(None, lines)))
    except (ValueError, KeyError, TypeError):
        return ()


def _records(events: Iterable[dict[str, Any]]) -> tuple[CellRecord, ...]:
    """One of each serial: a record is written twice if it was not sure that it had reached the disk."""
    found: dict[int, CellRecord] = {}
    for event in events:
        record = CellRecord.from_dict(event)
        found.setdefault(record.serial, record)
    return tuple(found[serial] for serial in sorted(found))

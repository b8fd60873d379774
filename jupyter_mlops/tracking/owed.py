"""What the journals of a project still owe to MLflow."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil

from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.notebook.journal import read_journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Owed:
    """What one journal still owes."""

    journal: Path
    session: Mapping[str, Any]
    records: tuple[CellRecord, ...]
    ended: bool
    run_ids: Mapping[int, str]
    session_run: str | None
    size: int
    """Bytes of the journal when it was read."""

    @property
    def waiting(self) -> list[CellRecord]:
        """Runs that are not in MLflow yet."""
        return [record for record in self.records if record.run and record.serial not in self.run_ids]

    @property
    def is_over(self) -> bool:
        """True when the session ended, or its process is gone from this host."""
        return self.ended or (self._is_of_this_host and not self.is_alive)

    @property
    def is_complete(self) -> bool:
        """True when the session is over and nothing was written since the journal was read.

        In this order: a kernel may finish one more cell and die while its journal is being projected.
        """
        return self.is_over and _size(self.journal) == self.size

    @property
    def is_alive(self) -> bool:
        """True when the session goes on in a process of this host."""
        session = self.session
        if self.ended or not self._is_of_this_host:
            return False
        try:
            started = psutil.Process(session["pid"]).create_time()
        except psutil.Error:
            return False
        return bool(abs(started - session["process_started"]) < 1.0)

    @property
    def _is_of_this_host(self) -> bool:
        return bool(self.session["host"] == socket.gethostname())


@dataclass
class Journals:
    """The journals in a folder; one that did not grow is not read again."""

    folder: Path
    _known: dict[Path, tuple[tuple[int, int], Owed | None]] = field(default_factory=dict)

    def open(self) -> Iterator[Owed]:
        """Those that are not closed, oldest session first."""
        for path in sorted(self.folder.glob("*.jsonl")):
            sizes = (_size(path), _size(_marks(path)))
            known = self._known.get(path)
            if known is None or known[0] != sizes:
                known = self._known[path] = (sizes, _read(path))
            if known[1] is not None:
                yield known[1]


def marks_of(owed: Owed) -> Path:
    """The file beside a journal that says which executions have become which runs."""
    return _marks(owed.journal)


def _marks(journal: Path) -> Path:
    return journal.with_suffix(".projected")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _read(path: Path) -> Owed | None:
    """None for a journal that is closed, or whose first line is missing."""
    run_ids: dict[int, str] = {}
    session_run = None
    for event in read_journal(_marks(path)):
        if event["type"] == "closed":
            return None
        if event["type"] == "session_run":
            session_run = event["run_id"]
        elif event["type"] == "run":
            run_ids[event["serial"]] = event["run_id"]
    size = _size(path)  # before the events: what comes in between is found next time
    events = list(read_journal(path))
    if not events or events[0].get("type") != "session":
        return None
    return Owed(
        journal=path,
        session=events[0],
        records=tuple(CellRecord.from_dict(event) for event in events if event["type"] == "cell"),
        ended=any(event["type"] == "end" for event in events),
        run_ids=run_ids,
        session_run=session_run,
        size=size,
    )

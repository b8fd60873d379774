"""What the journals of a project still owe to MLflow."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.notebook.journal import JournalReader, read_journal
from jupyter_mlops.notebook.owner import is_alive, is_of_this_host

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

STALE_SECONDS = 600.0
"""A session of another host of which nothing was heard for so long may be closed, if the user says so."""


@dataclass(frozen=True)
class Owed:
    """What one journal still owes."""

    journal: Path
    session: Mapping[str, Any]
    records: tuple[CellRecord, ...]
    ended: bool
    run_ids: Mapping[int, str]
    session_run: str | None
    keeps_outputs: bool
    """False if the user wants no contents of outputs to be kept."""
    forgot: bool
    """True if rows of a person were forgotten in this session: its notebook's file may name them."""
    cells_sent: int
    """How many records the session's run had when they were last sent."""
    size: int
    """Bytes of the journal when it was read."""
    given_up: bool = False
    """The user said that its process, on another host, is gone."""
    has_user_runs: bool = False
    """The user's own MLflow code made runs, which its process ends; who is gone leaves them open."""

    @property
    def waiting(self) -> list[CellRecord]:
        """Runs that are not in MLflow yet."""
        return [record for record in self.records if record.run and record.serial not in self.run_ids]

    @property
    def is_over(self) -> bool:
        """True when the session ended, or its process is gone from this host or was given up."""
        return (self.ended or self.given_up or self.is_of_this_host) and not self.is_alive

    @property
    def is_complete(self) -> bool:
        """True when the session is over and nothing was written since the journal was read.

        In this order: a kernel may finish one more cell and die while its journal is being projected.
        """
        return self.is_over and _size(self.journal) == self.size

    @property
    def is_alive(self) -> bool:
        """True when the session, or a run of the user's that it made, goes on in a process of this host."""
        return (not self.ended or self.has_user_runs) and is_alive(self.session)

    @property
    def is_of_this_host(self) -> bool:
        """True when the session's process can be looked for here."""
        return is_of_this_host(self.session)

    @property
    def silent_seconds(self) -> float:
        """How long ago the session was last heard of; see `heartbeat`."""
        try:
            return max(0.0, time.time() - self.journal.stat().st_mtime)
        except OSError:
            return 0.0


@dataclass
class Journals:
    """The journals in a folder; what was read of one is not read again."""

    folder: Path
    unreadable: dict[Path, str] = field(default_factory=dict)
    """Journals that could not be read at the last look, and why."""
    _known: dict[Path, _Known] = field(default_factory=dict)

    def open(self) -> Iterator[Owed]:
        """Those that are not closed, oldest session first; what cannot be read is left out, and noted."""
        for path in sorted(self.folder.glob("*.jsonl")):
            try:
                owed = self._read(path)
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                # of another user, on a failing disk, or of a version of this package that is not known here
                self.unreadable[path] = getattr(error, "strerror", None) or type(error).__name__
                self._known.pop(path, None)
                continue
            self.unreadable.pop(path, None)
            if owed is not None:
                yield owed

    def count_waiting(self) -> int:
        """How many runs are not in MLflow yet: a quick look, for who asks once."""
        count = 0
        for path in self.folder.glob("*.jsonl"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                count += _count_waiting(path)
        return count

    def _read(self, path: Path) -> Owed | None:
        known = self._known.get(path)
        if known is None or not known.goes_on():
            known = self._known[path] = _Known(path)
        return known.look()


class _Known:
    """What was read of one journal and of its marks so far."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = _inode(path)
        self._journal, self._marks = JournalReader(path), JournalReader(_marks(path))
        self._session: dict[str, Any] | None = None
        self._records: dict[int, CellRecord] = {}
        self._ended = self._given_up = self._has_user_runs = self._forgot = False
        self._run_ids: dict[int, str] = {}
        self._session_run: str | None = None
        self._keeps_outputs = True
        self._cells_sent = 0
        self._closed_at: int | None = None
        self._owed: Owed | None = None

    def goes_on(self) -> bool:
        """False if the files are not the ones that were read, only longer."""
        grown = _size(self._path) >= self._journal.size and _size(_marks(self._path)) >= self._marks.size
        return grown and _inode(self._path) == self._inode

    def look(self) -> Owed | None:
        """None for a journal that is closed, or whose first line is missing."""
        news = False
        if _size(_marks(self._path)) != self._marks.size:
            news = True
            for event in self._marks.new_events():
                self._mark(event)
        size = _size(self._path)
        if self._closed_at is not None and size <= self._closed_at:
            return None
        if size != self._journal.size:  # also a closed one: its kernel was only taken for dead
            news = True
            for event in self._journal.new_events():
                self._event(event)
        if news and self._session is not None:
            self._owed = Owed(
                journal=self._path,
                session=self._session,
                records=tuple(self._records.values()),
                ended=self._ended,
                run_ids=dict(self._run_ids),
                session_run=self._session_run,
                keeps_outputs=self._keeps_outputs,
                forgot=self._forgot,
                cells_sent=self._cells_sent,
                size=self._journal.size,
                given_up=self._given_up,
                has_user_runs=self._has_user_runs,
            )
        return self._owed

    def _mark(self, event: Mapping[str, Any]) -> None:
        kind = event["type"]
        if kind == "closed":
            self._closed_at = event.get("size", 1 << 62)  # before sizes were noted, closed was for good
        elif kind == "given up":
            self._given_up = True
        elif kind == "session_run":
            self._session_run = event["run_id"]
        elif kind == "cells":
            self._cells_sent = event["count"]
        elif kind == "run":
            self._run_ids[event["serial"]] = event["run_id"]

    def _event(self, event: dict[str, Any]) -> None:
        if event["type"] == "session" and self._session is None:
            self._session = event
            self._keeps_outputs = _keeps_outputs(event)
        elif event["type"] == "cell":  # written twice if it was not sure that it had reached the disk
            record = CellRecord.from_dict(event)
            self._records.setdefault(record.serial, record)
        elif event["type"] == "privacy":
            self._keeps_outputs = _keeps_outputs(event)
            self._forgot |= event.get("forgot", False)
        elif event["type"] == "user runs":
            self._has_user_runs = True
        elif event["type"] == "end":
            self._ended = True


def _keeps_outputs(event: Mapping[str, Any]) -> bool:
    """What the user asked for when this was written; see `Privacy`."""
    return bool(event.get("keeps_data", True)) and not event.get("masked")


def _count_waiting(path: Path) -> int:
    marks = list(read_journal(_marks(path)))
    closed = [event.get("size", 1 << 62) for event in marks if event["type"] == "closed"]
    if closed and _size(path) <= closed[-1]:
        return 0
    events = read_journal(path)
    runs = {event["serial"] for event in events if event["type"] == "cell" and event.get("run")}
    return len(runs - {event["serial"] for event in marks if event["type"] == "run"})


def marks_of(owed: Owed) -> Path:
    """The file beside a journal that says which executions have become which runs."""
    return _marks(owed.journal)


def run_ids_of(journal: Path) -> dict[int, str]:
    """By serial the ids of the runs that executions of this journal have become so far."""
    marks = read_journal(_marks(journal)) if _marks(journal).exists() else ()
    return {event["serial"]: event["run_id"] for event in marks if event["type"] == "run"}


def heartbeat(owed: Owed) -> None:
    """Say to other hosts that the session lives: the time of its journal is the time it was last heard of."""
    os.utime(owed.journal)


def _marks(journal: Path) -> Path:
    return journal.with_suffix(".projected")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0

"""MLflow's tables in a SQLite file, read without MLflow, which takes longer to import than many runs to read.

Rows that MLflow adds get a higher number than all before, so what was logged since is found by the last
number. A row in place of a removed one could get its number: then the row that was last is another one, or
the runs that had it are gone, and everything is read anew.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jupyter_mlops.tracking.run_index.known import ACTIVE, KEPT_TAGS, RUN_NAME, USERS, Experiment, RunRow
from jupyter_mlops.tracking.run_index.tables import NotAsExpectedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from jupyter_mlops.tracking.run_index.known import Triple

_WAIT_SECONDS = 20.0
_PART = 50_000
_ASKED_TOGETHER = 500
"""Below SQLite's limit of values in one question, which was 999 for long."""
_SETTLED_NANOSECONDS = 2 * 10**9
_COLUMNS = {
    "experiments": {"experiment_id", "name", "lifecycle_stage"},
    "runs": {"run_uuid", "name", "status", "start_time", "end_time", "lifecycle_stage", "experiment_id"},
    "metrics": {"run_uuid", "key", "timestamp", "step"},
    "latest_metrics": {"run_uuid", "key", "value", "is_nan"},
    "params": {"run_uuid", "key", "value"},
    "tags": {"run_uuid", "key", "value"},
    "inputs": {"input_uuid", "source_type", "source_id", "destination_type", "destination_id"},
    "datasets": {"dataset_uuid", "name", "digest"},
}
_HIGHEST = {
    "metrics": "SELECT max(rowid) FROM metrics",
    "params": "SELECT max(rowid) FROM params",
    "data": "SELECT max(rowid) FROM inputs",
    "values of metrics": "SELECT max(rowid) FROM latest_metrics",
}
_LAST = {
    "metrics": "SELECT rowid, run_uuid, key, timestamp, step FROM metrics WHERE rowid = ?",
    "params": "SELECT rowid, run_uuid, key FROM params WHERE rowid = ?",
    "data": "SELECT rowid, input_uuid, destination_id FROM inputs WHERE rowid = ?",
}
"""What identifies the last row of each table that only grows."""
_CHANGED = {
    "metrics": "SELECT DISTINCT run_uuid FROM metrics NOT INDEXED WHERE rowid > ?",
    "params": "SELECT DISTINCT run_uuid FROM params NOT INDEXED WHERE rowid > ?",
    "data": "SELECT DISTINCT destination_id FROM inputs NOT INDEXED "
    "WHERE rowid > ? AND destination_type = 'RUN'",
}
"""Not through an index: SQLite would rather walk through all of one that holds run ids."""
_VALUES = {
    "metrics": "SELECT run_uuid, key, CASE WHEN is_nan THEN NULL ELSE value END "
    "FROM latest_metrics AS here {}",
    "params": "SELECT run_uuid, key, value FROM params AS here {}",
    "data": "SELECT here.destination_id, datasets.name, datasets.digest FROM inputs AS here {} "
    "JOIN datasets ON datasets.dataset_uuid = here.source_id "
    "AND here.source_type = 'DATASET' AND here.destination_type = 'RUN'",
}
_RUN_ID = {"metrics": "here.run_uuid", "params": "here.run_uuid", "data": "here.destination_id"}


def path_of(uri: str) -> Path | None:
    """The file that a ``sqlite:///…`` address names; None for other addresses."""
    scheme, slashes, rest = uri.partition(":///")
    path = rest.partition("?")[0]
    if scheme.partition("+")[0] != "sqlite" or not slashes or not path or path.startswith(":"):
        return None
    return Path(path)


def stamp(path: Path) -> list[int] | None:
    """What tells that a file is as it was; None if it cannot be told yet.

    Beside sizes and times it is the counter in the file's header, which each transaction moves on. Where
    transactions go to a log beside the file (``-wal``) there is only the time: one that has just been written
    could be written once more within the same tick of the clock.
    """
    told: list[int] = []
    try:
        about = path.stat()
        told += [about.st_ino, about.st_size, about.st_mtime_ns]
        with path.open("rb") as file:
            header = file.read(28)
            told.append(int.from_bytes(header[24:28], "big"))
        with contextlib.suppress(FileNotFoundError):
            log = path.with_name(f"{path.name}-wal").stat()
            if log.st_size and time.time_ns() - log.st_mtime_ns < _SETTLED_NANOSECONDS:
                return None
            told += [log.st_size, log.st_mtime_ns]
    except OSError:
        return None
    return told


class SqliteTables:
    """MLflow's tables in an open SQLite file.

    Args:
        store: the connection.
        told: the file's stamp, taken before.
    """

    def __init__(self, store: sqlite3.Connection, told: list[int] | None) -> None:
        self._store = store
        self._stamp = told
        for table, columns in _COLUMNS.items():
            there = {name for (name,) in store.execute(f"SELECT name FROM pragma_table_info('{table}')")}  # noqa: S608
            if not columns <= there:
                raise NotAsExpectedError(table)

    def changes(
        self, marks: Mapping[str, Any]
    ) -> tuple[Mapping[str, Collection[str]] | None, dict[str, Any]]:
        """See `Tables`."""
        last = {group: self._row(_LAST[group], self._highest(group)) for group in _LAST}
        found = {}
        new = {"stamp": self._stamp, "last": last}
        for group, question in _LAST.items():
            before = marks.get("last", {}).get(group)
            number = before[0] if before else 0
            if before is None or self._row(question, number) != before:
                return None, new
            found[group] = {run_id for (run_id,) in self._store.execute(_CHANGED[group], (number,))}
        return found, new

    def experiments(self) -> dict[str, Experiment]:
        """See `Tables`."""
        rows = self._store.execute("SELECT experiment_id, name, lifecycle_stage FROM experiments")
        return {str(key): Experiment(name, stage == ACTIVE) for key, name, stage in rows}

    def runs(self) -> list[RunRow]:
        """See `Tables`."""
        rows = self._store.execute(
            "SELECT run_uuid, name, status, start_time, end_time, lifecycle_stage, experiment_id FROM runs "
            "ORDER BY rowid"
        ).fetchall()
        names = {}
        if not all(row[1] for row in rows):  # written by old versions, with the name in a tag
            names = dict(self._store.execute("SELECT run_uuid, value FROM tags WHERE key = ?", (RUN_NAME,)))
        return [
            RunRow(key, name or names.get(key) or key[:8], status or "", start or 0, end, stage, str(home))
            for key, name, status, start, end, stage, home in rows
        ]

    def values(self, group: str, run_ids: Collection[str] | None) -> Iterator[tuple[Sequence[Triple], float]]:
        """See `Tables`."""
        if group == "tags":
            yield self._tags(), 1.0
        elif run_ids is None:
            yield from self._all_values(group)
        else:
            chosen = sorted(run_ids)
            for start in range(0, len(chosen), _ASKED_TOGETHER):
                some = chosen[start : start + _ASKED_TOGETHER]
                marks = ", ".join("?" * len(some))
                question = (
                    f"{_VALUES[group].format('')} WHERE {_RUN_ID[group]} IN ({marks}) ORDER BY here.rowid"
                )
                yield self._store.execute(question, some).fetchall(), (start + len(some)) / len(chosen)

    def _all_values(self, group: str) -> Iterator[tuple[Sequence[Triple], float]]:
        """In parts, so that writers never wait for long."""
        highest = self._highest("values of metrics" if group == "metrics" else group)
        values = _VALUES[group].format("NOT INDEXED")
        question = f"{values} WHERE here.rowid > ? AND here.rowid <= ? ORDER BY here.rowid"
        for start in range(0, highest, _PART):
            part = self._store.execute(question, (start, start + _PART)).fetchall()
            yield part, (start + _PART) / highest

    def _tags(self) -> list[Triple]:
        marks = ", ".join("?" * len(KEPT_TAGS))
        after = USERS[:-1] + chr(ord(USERS[-1]) + 1)
        return self._store.execute(
            f"SELECT run_uuid, key, value FROM tags WHERE key IN ({marks}) OR (key >= ? AND key < ?)",  # noqa: S608
            (*KEPT_TAGS, USERS, after),
        ).fetchall()

    def _highest(self, table: str) -> int:
        return self._store.execute(_HIGHEST[table]).fetchone()[0] or 0

    def _row(self, question: str, number: int) -> list[Any]:
        """The row with that number; empty if there is none."""
        return list(self._store.execute(question, (number,)).fetchone() or ())


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads.

    Raises:
        sqlite3.Error: the file cannot be read, or is no database.
    """
    with contextlib.closing(_opened(path)) as store:
        yield store


def _opened(path: Path) -> sqlite3.Connection:
    """For reading only if possible: after a writer's death the file must be put right first.

    A file whose changes go to a log beside it needs a folder that can be written, even to be read; where
    there is no log, and none can be made, nothing changes it.
    """
    problem: sqlite3.Error | None = None
    ways = ["mode=ro", "mode=rw"]
    if not path.with_name(f"{path.name}-wal").exists():
        ways.append("mode=ro&immutable=1")
    for way in ways:
        try:
            return _opened_as(path, way)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise
            problem = problem or error
    raise problem or sqlite3.OperationalError


def _opened_as(path: Path, way: str) -> sqlite3.Connection:
    store = sqlite3.connect(f"file:{quote(str(path))}?{way}", uri=True, timeout=_WAIT_SECONDS)
    try:
        store.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        store.close()
        raise
    return store

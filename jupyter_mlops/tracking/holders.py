"""Who has a value: versions of names, runs, sessions and figures that know it by its digest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.notebook.journal import read_journal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from jupyter_mlops.settings import Settings


@dataclass
class Holders:
    """Of each digest: versions as people name them, runs as (session, serial), sessions, files of figures."""

    versions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    cells: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    sessions: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    figures: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    session_runs: dict[str, str] = field(default_factory=dict)
    """The run of each session that has one."""
    made: list[tuple[frozenset[str], frozenset[str]]] = field(default_factory=list)
    """Of each cell, in order: the values that it read, and those that it made or changed."""
    columns: set[str] = field(default_factory=set)

    def made_from(self, digests: Iterable[str], among: Collection[str]) -> list[str]:
        """Those values of `among` that cells made of `digests`, or of values made so."""
        known, found = set(digests), []
        for read, written in self.made:
            if not known.isdisjoint(read):
                new = [digest for digest in written if digest in among and digest not in known]
                known.update(new)
                found += new
        return found

    def named(self, digests: Iterable[str], most: int = 6) -> str:
        """The versions of several values in one line."""
        found = list(dict.fromkeys(name for digest in digests for name in self.versions.get(digest, [])))
        more = f" and {len(found) - most} more" if len(found) > most else ""
        return ", ".join(found[:most]) + more


def find_holders(settings: Settings) -> Holders:
    """Read every journal of the project."""
    found = Holders()
    for path in sorted(settings.journals.glob("*.jsonl")):
        notebook, seen = "", _Seen()
        for mark in read_journal(path.with_suffix(".projected")):
            if mark["type"] == "session_run":
                found.session_runs[path.stem] = mark["run_id"]
        for event in read_journal(path):
            if event["type"] == "session":
                notebook = Path(event.get("notebook") or event.get("folder") or "").name
            elif event["type"] == "cell":
                _add(found, CellRecord.from_dict(event), path.stem, notebook, seen)
    return found


_Seen = dict[tuple[str, int], str]
"""The digests of a session's versions of names."""


def _add(found: Holders, record: CellRecord, session: str, notebook: str, seen: _Seen) -> None:
    read = {seen[version] for version in record.reads.items() if version in seen}
    cell = f"In[{record.count}]" if record.count else "a cell"
    for name, write in record.writes.items():
        if write.digest is not None and write.kind != "delete":
            found.versions[write.digest].append(f"{name}@{write.version} ({cell} of {notebook})")
            found.sessions[write.digest].add(session)
            seen[name, write.version] = write.digest
            read.add(write.digest)
    for data in record.run.datasets if record.run else ():
        found.columns.update(data.columns)
        found.cells[data.digest].append((session, record.serial))
        found.sessions[data.digest].add(session)
        read.add(data.digest)
        if data.digest not in found.versions:
            found.versions[data.digest].append(f"{data.name} ({cell} of {notebook})")
    estimators = {each.digest for each in record.run.estimators if each.digest} if record.run else set()
    written = {write.digest for write in record.writes.values() if write.digest is not None} | estimators
    found.made.append((frozenset(read), frozenset(written)))
    for digest in read if record.figures else ():
        found.figures[digest].update(figure.file_name for figure in record.figures if figure.digest)

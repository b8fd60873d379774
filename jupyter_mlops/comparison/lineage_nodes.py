"""What to know of one node of a lineage: facts, source, first rows and profile."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.comparison.lineage_drawn import kind_words, metric_words
from jupyter_mlops.comparison.lineage_trace import cell_label
from jupyter_mlops.comparison.lineage_values import MOST_COLUMNS, head_of, profile_of, size_words
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.lineage.record import file_path
from jupyter_mlops.notebook.files_used import is_unchanged
from jupyter_mlops.tracking.not_kept import why_not_kept

if TYPE_CHECKING:
    from jupyter_mlops.comparison.lineage_subject import Subject
    from jupyter_mlops.comparison.lineage_trace import Thing, Trace
    from jupyter_mlops.lineage.record import CellRecord, Output
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.snapshot import SnapshotStore
    from jupyter_mlops.tracking.read_runs import Run

_DIGITS = 12
_MOST_SOURCE = 100_000
_MOST_LISTED = 12

Detail = dict[str, Any]
Facts = list[tuple[str, str]]


def cell_detail(found: Trace, thing: Thing) -> Detail:
    """An execution: when it ran, how it ended, what it showed, and its source."""
    record = thing.record
    if record is None:
        return _detail("cell", "a cell", [])
    facts: Facts = [("status", record.status if record.error is None else f"{record.status}: {record.error}")]
    if record.started:
        facts.append(("started", _moment(record.started)))
        facts.append(("took", _seconds(record.seconds)))
    facts.append(("execution", str(record.serial)))
    if imports := found.imports.get(record.serial):
        facts.append(("imported before", _listed(list(imports))))
    hidden = sorted({name for (_, end), names in found.hidden.items() if end == thing.id for name in names})
    if hidden:
        facts.append(("hidden state", _listed([hidden_words(name) for name in hidden])))
    facts += [("showed", _shown(output)) for output in record.outputs[:_MOST_LISTED]]
    if record.figures:
        facts.append(("figures", str(len(record.figures))))
    if record.asked:
        facts.append(("asked for", ", ".join(record.asked)))
    note = (
        "" if record.exact else "It ran before tracking began: what it read and made is known from its code."
    )
    if record.kind == "outside":
        note = "A callback, a thread or a task changed something between two cells."
    return _detail("cell", cell_label(record), facts, source=record.source[:_MOST_SOURCE], note=note)


def value_detail(settings: Settings, subject: Subject, store: SnapshotStore, thing: Thing) -> Detail:
    """A version of a variable: who made it, how large it is, its first rows and its columns."""
    title = thing.name if thing.name.startswith("Out[") else f"{thing.name}@{thing.version}"
    facts: Facts = [("made by", _maker(thing.record))]
    if words := kind_words(thing.record, thing.name):
        facts.append(("value" if words.startswith("=") else "kind", words.removeprefix("= ")))
    if title == thing.name:
        return _detail("value", title, facts, note="What a cell showed is not kept as a value.")
    if thing.digest is None:
        said = "It was made before tracking began." if thing.record is None else "Its content was not seen."
        return _detail("value", title, facts, note=said)
    facts.append(("digest", thing.digest[:_DIGITS]))
    try:
        if thing.digest not in store:
            journal = settings.journals / f"{subject.session}.jsonl"
            why = why_not_kept(journal, thing.digest)
            return _detail("value", title, facts, note=f"Only its digest is known: {why}.")
        facts.append(("content", size_words(store, thing.digest)))
        notes = []
        if store.newest(thing.digest) != thing.digest:
            notes.append("Rows were forgotten since: this is what is left of it.")
        head, profile = head_of(store, thing.digest), profile_of(store, thing.digest)
        columns = store.describe(thing.digest).columns or 0
        if columns > MOST_COLUMNS:
            notes.append(f"The first {MOST_COLUMNS} of {columns:,} columns.")
    except MlopsError as error:
        return _detail("value", title, facts, note=f"{error.what}.")
    return _detail("value", title, facts, head=head, profile=profile, note=" ".join(notes))


def linked_detail(thing: Thing) -> Detail:
    """Data or a model that MLflow knows of."""
    return _detail(thing.kind, thing.name, list(thing.facts), note="As MLflow keeps it.")


def file_detail(subject: Subject, thing: Thing) -> Detail:
    """A file: where it lies, who made it, and whether it still holds the same."""
    facts: Facts = [("path", thing.name), ("made by", _maker(thing.record))]
    if thing.digest is None:
        return _detail("file", thing.name, facts, note="Its content was not seen.")
    facts.append(("digest", thing.digest[:_DIGITS]))
    path = Path(subject.folder, thing.name)
    if thing.record is not None and _is_written_later(subject, thing):
        now = "cells wrote to it later"
    elif not path.exists():
        now = "not there (any more)"
    else:
        now = "as it was" if is_unchanged(str(path), thing.digest) else "holds something else"
    facts.append(("now", now))
    return _detail("file", thing.name, facts)


def run_detail(run: Run | None, title: str) -> Detail:
    """The run itself."""
    if run is None:
        return _detail("run", title, [])
    facts: Facts = [("status", run.status.lower()), ("started", _moment(run.started.timestamp()))]
    if run.hypothesis:
        facts.append(("hypothesis", run.hypothesis))
    facts += [(name, f"{value:.6g}") for name, value in run.metrics.items()]
    facts += list(run.params.items())
    return _detail("run", run.name, facts, note="" if metric_words(run) else "It measured nothing.")


def hidden_words(name: str) -> str:
    """A name in angle brackets, for people."""
    inner = name.strip("<>")
    known = {"random": "Python's random numbers", "numpy.random": "NumPy's random numbers"}
    if inner.startswith("environ "):
        return f"the variable {inner.removeprefix('environ ')} of the environment"
    return known.get(inner, inner if inner.startswith("the ") else f"the {inner}")


def _is_written_later(subject: Subject, thing: Thing) -> bool:
    writes = [
        write.version
        for record in subject.records
        for name, write in record.writes.items()
        if file_path(name) == thing.name
    ]
    return any(version > thing.version for version in writes)


def _detail(
    kind: str,
    title: str,
    facts: Facts,
    *,
    source: str | None = None,
    head: dict[str, Any] | None = None,
    profile: list[dict[str, Any]] | None = None,
    note: str = "",
) -> Detail:
    return {
        "kind": kind,
        "title": title,
        "facts": [list(fact) for fact in facts if fact[1]],
        "source": source,
        "head": head,
        "profile": profile,
        "note": note,
    }


def _maker(record: CellRecord | None) -> str:
    return "no tracked cell" if record is None else cell_label(record)


def _shown(output: Output) -> str:
    what = output.type or (output.mimes[0] if output.mimes else "")
    shape = " × ".join(f"{size:,}" for size in output.shape or ())
    times = f"{output.count} times" if output.count > 1 else ""
    return ", ".join(filter(None, (output.kind, what, shape, f"{output.bytes:,} bytes", times)))


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"

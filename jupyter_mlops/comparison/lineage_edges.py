"""What to know of one line of a lineage: what was read, what was made, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.comparison.lineage_nodes import hidden_words
from jupyter_mlops.comparison.lineage_trace import cell_label, is_newer
from jupyter_mlops.comparison.plain_data import plain_data

if TYPE_CHECKING:
    from jupyter_mlops.comparison.lineage_subject import Subject
    from jupyter_mlops.comparison.lineage_trace import Thing, Trace
    from jupyter_mlops.snapshot import SnapshotStore

_SAID = {"read": "read", "write": "made", "change": "changed in place"}


def edge_detail(
    subject: Subject, found: Trace, store: SnapshotStore, source: Thing, target: Thing
) -> dict[str, Any]:
    """What the line from `source` to `target` stands for; for a new version, what differs from the last."""
    kind = found.links[source.id, target.id]
    change, note = None, ""
    if hidden := found.hidden.get((source.id, target.id)):
        names = ", ".join(sorted(set(map(hidden_words, hidden))))
        title = f"{called(target)} used what {called(source)} left behind"
        facts = [["left behind", names]]
    elif kind == "read":
        title = f"{called(target)} read {called(source)}"
        facts = [["read", called(source)], ["by", called(target)]]
    else:
        title = f"{called(source)} {_SAID[kind]} {called(target)}"
        facts = [["by", called(source)], ["made" if kind == "write" else "changed", called(target)]]
        if target.kind == "run":
            title = f"{called(source)} is the cell of the run {subject.title}"
            facts = [["cell", called(source)], ["run", subject.title]]
        elif is_newer(target):
            change, note = _change(store, _digest(subject, target, target.version - 1), target.digest)
            title = f"What {called(source)} changed: {target.name}@{target.version - 1} → {called(target)}"
        elif target.kind == "value":
            note = "It is the first version of that name, so there is nothing to compare it with."
    cell = source if source.kind == "cell" else target
    text = cell.record.source if cell.kind == "cell" and cell.record is not None else None
    return {"title": title, "facts": facts, "change": change, "source": text, "note": note}


def _change(store: SnapshotStore, before: str | None, after: str | None) -> tuple[dict[str, Any] | None, str]:
    """The change in the form of a diff of runs, or why there is none."""
    from jupyter_mlops.comparison.data_change import data_change

    if before is None or after is None:
        return None, "The content of one of the two was not seen."
    if before == after:
        return None, "Its content is the same as before."
    return plain_data(data_change(store, before, after)), ""


def called(thing: Thing) -> str:
    """What people know a thing by."""
    if thing.kind == "cell" and thing.record is not None:
        return cell_label(thing.record)
    if thing.kind == "value" and not (thing.facts or thing.name.startswith("Out[")):
        return f"{thing.name}@{thing.version}"
    return thing.name or "the run"


def _digest(subject: Subject, thing: Thing, version: int) -> str | None:
    for record in subject.records:
        write = record.writes.get(thing.name)
        if write is not None and write.version == version:
            return write.digest
    return None

"""A trace as a graph: labels, a few words for each thing, and a place."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from jupyter_mlops.comparison.lineage_graph import Edge, Graph, Node
from jupyter_mlops.comparison.lineage_layout import levels_of, rows_of
from jupyter_mlops.comparison.lineage_trace import cell_label, is_newer
from jupyter_mlops.comparison.lineage_values import size_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from jupyter_mlops.comparison.lineage_subject import Subject
    from jupyter_mlops.comparison.lineage_trace import Thing, Trace
    from jupyter_mlops.lineage.record import CellRecord
    from jupyter_mlops.snapshot import SnapshotStore
    from jupyter_mlops.tracking.read_runs import Run

_MOST_DETAIL = 80
_WORD = re.compile(r"\w+")
_METRICS = 2


def drawn(subject: Subject, found: Trace, store: SnapshotStore) -> Graph:
    """Place the things of a trace and say of each what it is.

    Args:
        subject: what it is about.
        found: the things and links.
        store: the snapshots; only asked for what lies in the project's own folder.
    """
    links = list(found.links)
    levels = levels_of(list(found.things), links)
    rows, via = rows_of(list(found.things), links, levels)
    made: defaultdict[str, set[str]] = defaultdict(set)
    for source, target in links:
        made[source].add(found.things[target].name)
    nodes = []
    for thing in found.things.values():
        label, detail, status = _SAID[thing.kind](subject, thing, store)
        if thing.kind == "cell" and thing.record is not None and thing.record.kind == "cell":
            detail = first_line(thing.record.source, made[thing.id])
        place = levels[thing.id], rows[thing.id]
        order = thing.record.serial if thing.record is not None else 0
        nodes.append(Node(thing.id, thing.kind, label, _cut(detail), status, order, *place))
    nodes.sort(key=lambda node: (node.level, node.row))
    edges = [
        Edge(
            edge_id(source, target),
            source,
            target,
            kind,
            kind != "read" and is_newer(found.things[target]),
            via[source, target],
        )
        for (source, target), kind in found.links.items()
    ]
    return Graph(subject.title, found.focus, tuple(nodes), tuple(edges), found.left_out, subject.note)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_DETAIL else f"{text[: _MOST_DETAIL - 1]}…"


def edge_id(source: str, target: str) -> str:
    """The id of a link in its graph."""
    return f"{source} > {target}"


def _of_cell(subject: Subject, thing: Thing, store: SnapshotStore) -> tuple[str, str, str]:
    record = thing.record
    if record is None:
        return "cell", "", ""
    detail = "" if record.kind == "cell" else "a callback, a thread or a task"
    return cell_label(record), detail, record.status


def _of_value(subject: Subject, thing: Thing, store: SnapshotStore) -> tuple[str, str, str]:
    if thing.facts:
        told = dict(thing.facts)
        return thing.name, told.get("context") or told.get("type") or "", ""
    if thing.name.startswith("Out["):
        return thing.name, "what the cell showed", ""
    words = kind_words(thing.record, thing.name)
    size = size_words(store, thing.digest) if thing.digest else ""
    return f"{thing.name}@{thing.version}", size or words, value_status(thing, is_kept=bool(size))


def _of_file(subject: Subject, thing: Thing, store: SnapshotStore) -> tuple[str, str, str]:
    path = PurePath(thing.name)
    folder = str(path.parent)
    return path.name or thing.name, "" if folder == "." else folder, ""


def _of_run(subject: Subject, thing: Thing, store: SnapshotStore) -> tuple[str, str, str]:
    run = subject.run
    if run is None:
        return subject.title, "", ""
    return run.name, metric_words(run), run.status.lower()


_SAID: dict[str, Callable[[Subject, Thing, SnapshotStore], tuple[str, str, str]]] = {
    "cell": _of_cell,
    "value": _of_value,
    "file": _of_file,
    "run": _of_run,
}


def metric_words(run: Run) -> str:
    """Its first metrics, such as ``auc 0.91, accuracy 0.85``."""
    return ", ".join(f"{name} {value:.4g}" for name, value in list(run.metrics.items())[:_METRICS])


def value_status(thing: Thing, *, is_kept: bool) -> str:
    """How much of a value is there still."""
    if is_kept:
        return "kept"
    if thing.record is None and thing.digest is None:
        return "before tracking"
    return "digest only" if thing.digest else "not seen"


def kind_words(record: CellRecord | None, name: str) -> str:
    """What a record tells of a value that it made: a number, an estimator, a function."""
    if record is None:
        return ""
    facts = record.run
    if facts is not None:
        estimators = {each.name: each.kind for each in facts.estimators}
        numbers = {**facts.params, **{key: f"{value:.6g}" for key, value in facts.metrics.items()}}
        if name in estimators:
            return estimators[name].rpartition(".")[2]
        if name in numbers:
            return f"= {numbers[name]}"
    return _defined(record.source).get(name, "")


@lru_cache(maxsize=1024)
def _defined(source: str) -> dict[str, str]:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return {}
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return {
        each.name: "function" if isinstance(each, functions) else "class"
        for each in body
        if isinstance(each, functions | ast.ClassDef)
    }


def first_line(source: str, names: Collection[str] = ()) -> str:
    """The line that tells the most: one that makes one of `names`, else the first that does something."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("%", "#"))]
    done = [line for line in told if not line.startswith(("import ", "from "))]
    makes = [line for line in done if any(name in names for name in _WORD.findall(line.partition("=")[0]))]
    return next(iter(makes or done or told or lines), "")

"""From cell records to the things behind a result, and what came of what."""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from jupyter_mlops.lineage.record import file_path, label, shown_count
from jupyter_mlops.lineage.slice import walk_back
from jupyter_mlops.lineage.starts import without_unseeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jupyter_mlops.comparison.lineage_graph import EdgeKind, NodeKind
    from jupyter_mlops.lineage.record import CellRecord

MOST_NODES = 200
RUN = "run"
"""The id of a run's node."""


@dataclass(frozen=True)
class Wanted:
    """What a lineage is asked for: executions, versions of names, or both; and if these made a run."""

    serials: frozenset[int] = frozenset()
    versions: frozenset[tuple[str, int]] = frozenset()
    has_run: bool = False


@dataclass(frozen=True)
class Thing:
    """A node before it is placed: an execution, a version of a name or a file, or the run.

    `record` is the execution itself, or the one that made the version; None for what no execution made.
    `facts` is what MLflow knows of data and models of a run that has no records.
    """

    id: str
    kind: NodeKind
    name: str = ""
    version: int = 0
    record: CellRecord | None = None
    digest: str | None = None
    facts: tuple[tuple[str, str], ...] = ()


@dataclass
class Trace:
    """The things behind a result by id, the links between them, and what is not drawn."""

    focus: str
    things: dict[str, Thing] = field(default_factory=dict)
    links: dict[tuple[str, str], EdgeKind] = field(default_factory=dict)
    hidden: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Of links between executions: names of the hidden state that the one left to the other."""
    imports: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """By serial of an execution: what it read that others imported; that is not drawn."""
    left_out: int = 0


def trace(records: Sequence[CellRecord], wanted: Wanted) -> Trace:
    """Walk back over `records`, as a slice does, and note what each execution read and made.

    Args:
        records: all executions of a session, in the order they ran.
        wanted: what must come out.
    """
    linked, imports = _without_imports(without_unseeded(records))
    needed, kept = set(wanted.versions), set(wanted.serials)
    if wanted.serials:
        needed |= {read for each in linked if each.serial in wanted.serials for read in each.reads.items()}
    last = max((record.serial for record in records), default=0)
    walk_back(linked, needed, kept, before=last + 1 if wanted.versions else max(wanted.serials, default=0))
    return _Tracer([record for record in linked if record.serial in kept], wanted, imports).trace()


def _without_imports(records: Sequence[CellRecord]) -> tuple[list[CellRecord], dict[int, list[str]]]:
    """The records without reads of what others imported, and these names by serial.

    A cell that imports would have a line to nearly every other one. Data that a module brings is no import.
    """
    data = {each.name for record in records if record.run for each in record.run.datasets}
    brought = {
        (name, write.version)
        for record in records
        for name, write in record.writes.items()
        if name not in data and name in imported(record.source)
    }
    imports = {
        record.serial: sorted(name for name, version in record.reads.items() if (name, version) in brought)
        for record in records
    }
    kept = [
        replace(record, reads={name: v for name, v in record.reads.items() if (name, v) not in brought})
        for record in records
    ]
    return kept, imports


class _Tracer:
    """Builds one `Trace` of the executions that are kept."""

    def __init__(
        self, taken: Sequence[CellRecord], wanted: Wanted, imports: Mapping[int, Sequence[str]]
    ) -> None:
        self._taken = taken
        self._wanted = wanted
        self._makers = {(name, write.version): each for each in taken for name, write in each.writes.items()}
        self._shown = {record.count: record for record in taken if record.count}
        self._made = Trace(self._focus(), imports=imports)

    def _focus(self) -> str:
        if self._wanted.has_run:
            return RUN
        if self._wanted.versions:
            name, version = max(self._wanted.versions)
            return f"{name}@{version}"
        return _cell_id(max(self._wanted.serials))

    def trace(self) -> Trace:
        """See the function of that name."""
        for record in self._taken:
            self._made.things[_cell_id(record.serial)] = Thing(_cell_id(record.serial), "cell", record=record)
        for name, version in sorted(self._wanted.versions):
            self._version(name, version)
        for record in self._taken:
            self._reads(record)
        for record in self._taken:
            self._writes(record)
        if self._wanted.has_run:
            self._made.things[RUN] = Thing(RUN, "run")
            for serial in sorted(self._wanted.serials):
                self._made.links[_cell_id(serial), RUN] = "write"
        self._leave_far_out()
        return self._made

    def _reads(self, record: CellRecord) -> None:
        cell = _cell_id(record.serial)
        before = {(name, w.version - 1) for name, w in record.writes.items() if w.kind == "change"}
        for name, version in sorted({*record.reads.items(), *(each for each in before if each[1] > 0)}):
            maker = self._makers.get((name, version))
            if _is_hidden(name):
                if maker is not None and maker is not record:
                    link = _cell_id(maker.serial), cell
                    self._made.links.setdefault(link, "read")
                    self._made.hidden.setdefault(link, []).append(name)
            else:
                self._made.links[self._version(name, version), cell] = "read"

    def _writes(self, record: CellRecord) -> None:
        cell, is_wanted = _cell_id(record.serial), record.serial in self._wanted.serials
        models = {found.name for found in record.run.estimators if found.fitted_here} if record.run else set()
        own = imported(record.source)
        for name, write in sorted(record.writes.items()):
            node = _version_id(name, write.version)
            is_result = is_wanted and (not self._wanted.has_run or name in models or file_path(name))
            if is_result and not (_is_hidden(name) or name in own or write.kind == "delete"):
                self._version(name, write.version)
            if node in self._made.things and write.kind != "delete":
                self._made.links[cell, node] = "change" if write.kind == "change" else "write"
        count = shown_id(record.count)
        if count in self._made.things:
            self._made.links[cell, count] = "write"

    def _version(self, name: str, version: int) -> str:
        """The node of a version, made if it is not there yet."""
        path, shown = file_path(name), shown_count(name)
        node = _version_id(name, version)
        if node in self._made.things:
            return node
        maker = self._makers.get((name, version))
        if shown is not None:
            maker = self._shown.get(shown)
            thing = Thing(node, "value", f"Out[{shown}]", version, maker)
        elif path is not None:
            thing = Thing(node, "file", path, version, maker, self._file_digest(path, name, version))
        else:
            digest = maker.writes[name].digest if maker else self._read_digest(name, version)
            thing = Thing(node, "value", name, version, maker, digest)
        self._made.things[node] = thing
        return node

    def _file_digest(self, path: str, name: str, version: int) -> str | None:
        maker = self._makers.get((name, version))
        if maker is not None:
            return maker.writes[name].digest
        readers = [each for each in self._taken if each.reads.get(name) == version]
        used = [use for each in readers for use in each.files if use.path == path and use.mode == "read"]
        return used[0].digest if used else None

    def _read_digest(self, name: str, version: int) -> str | None:
        """Of a value that no execution made: a run that read it says what it was."""
        for record in self._taken:
            for data in record.run.datasets if record.run else ():
                if data.name == name and record.reads.get(name) == version:
                    return data.digest
        return None

    def _leave_far_out(self) -> None:
        """Keep the nearest to the focus."""
        beside: dict[str, list[str]] = defaultdict(list)
        for source, target in self._made.links:
            beside[target].insert(0, source)
            beside[source].append(target)
        near, waiting = {self._made.focus}, deque([self._made.focus])
        while waiting and len(near) < MOST_NODES:
            for other in beside[waiting.popleft()]:
                if other not in near and len(near) < MOST_NODES:
                    near.add(other)
                    waiting.append(other)
        if len(near) < MOST_NODES:  # islands, such as a wanted execution that read nothing of the others
            near |= set(list(self._made.things)[: MOST_NODES - len(near)])
        self._made.left_out = len(self._made.things) - len(near & self._made.things.keys())
        self._made.things = {node: thing for node, thing in self._made.things.items() if node in near}
        self._made.links = {
            link: kind for link, kind in self._made.links.items() if link[0] in near and link[1] in near
        }


def _is_hidden(name: str) -> bool:
    return name[:1] == "<" and file_path(name) is None and shown_count(name) is None


def _cell_id(serial: int) -> str:
    return f"cell {serial}"


def _version_id(name: str, version: int) -> str:
    return f"{name}@{version}"


def shown_id(count: int | None) -> str:
    """The id of the node of what the cell with this number showed."""
    return f"<Out {count}>@1"


@lru_cache(maxsize=4096)
def imported(source: str) -> frozenset[str]:
    """Names that a cell's import statements bind, also where magics keep it from being parsed as a whole."""
    with warnings.catch_warnings(action="ignore"):  # what it has to say, it said when the cell ran
        trees = [tree for text in (source, *_import_lines(source)) if (tree := _parsed(text)) is not None]
    statements = [each for tree in trees for each in ast.walk(tree)]
    found = [each for each in statements if isinstance(each, ast.Import | ast.ImportFrom)]
    return frozenset(alias.asname or alias.name.partition(".")[0] for each in found for alias in each.names)


def _import_lines(source: str) -> Iterable[str]:
    return (line for line in source.splitlines() if line.startswith(("import ", "from ")))


def _parsed(text: str) -> ast.AST | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def is_newer(thing: Thing) -> bool:
    """True for a version of a variable that another version came before."""
    return thing.kind == "value" and thing.version > 1 and not thing.facts


def cell_label(record: CellRecord) -> str:
    """What people know an execution by."""
    if record.kind == "outside":
        return "outside cells"
    return label(record.count)

"""The lineage of one thing: its graph, and what to know of each node and line of it when somebody asks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from jupyter_mlops.comparison.lineage_drawn import drawn, edge_id
from jupyter_mlops.comparison.lineage_edges import edge_detail
from jupyter_mlops.comparison.lineage_nodes import (
    cell_detail,
    file_detail,
    linked_detail,
    run_detail,
    value_detail,
)
from jupyter_mlops.comparison.lineage_trace import RUN, Thing, Trace, trace
from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.tracking.run_links import run_links

if TYPE_CHECKING:
    from jupyter_mlops.comparison.lineage_graph import Graph
    from jupyter_mlops.comparison.lineage_subject import Subject
    from jupyter_mlops.settings import Settings


class Lineage:
    """What is behind a run, a version of a variable, or a cell.

    Args:
        settings: the project.
        subject: what it is about.

    Raises:
        StoreError: the run has no records, and MLflow cannot be asked.
    """

    def __init__(self, settings: Settings, subject: Subject) -> None:
        self._settings = settings
        self._subject = subject
        self._trace = trace(subject.records, subject.wanted) if subject.records else self._linked()

    @cached_property
    def graph(self) -> Graph:
        """The nodes and lines, and where they stand; what a shared place has is not asked for."""
        return drawn(self._subject, self._trace, SnapshotStore(self._settings.snapshots))

    @cached_property
    def _store(self) -> SnapshotStore:
        return project_store(self._settings)

    def node(self, node: str) -> dict[str, Any]:
        """A node's facts, and its source, first rows and profile, where it has these.

        Raises:
            NotFoundError: the graph has no such node.
        """
        thing = self._thing(node)
        if thing.facts:
            return linked_detail(thing)
        if thing.kind == "cell":
            return cell_detail(self._trace, thing)
        if thing.kind == "value":
            return value_detail(self._settings, self._subject, self._store, thing)
        if thing.kind == "file":
            return file_detail(self._subject, thing)
        return run_detail(self._subject.run, self._subject.title)

    def edge(self, edge: str) -> dict[str, Any]:
        """What a line stands for, and what changed along it.

        Raises:
            NotFoundError: the graph has no such line.
        """
        ends = next((link for link in self._trace.links if edge_id(*link) == edge), None)
        if ends is None:
            raise NotFoundError("this lineage has no such line", "Draw the lineage again.")
        return edge_detail(self._subject, self._trace, self._store, *map(self._thing, ends))

    def _thing(self, node: str) -> Thing:
        found = self._trace.things.get(node)
        if found is None:
            raise NotFoundError("this lineage has no such node", "Draw the lineage again.")
        return found

    def _linked(self) -> Trace:
        """Of a run without records: the data that MLflow knows it read, and the models it logged."""
        made = Trace(RUN, {RUN: Thing(RUN, "run")})
        if self._subject.run is None:
            return made
        links = run_links(self._settings, self._subject.run)
        for at, each in enumerate(links.data):
            made.things[f"data {at}"] = Thing(f"data {at}", "value", each.name, facts=each.facts)
            made.links[f"data {at}", RUN] = "read"
        for at, each in enumerate(links.models):
            made.things[f"model {at}"] = Thing(f"model {at}", "value", each.name, facts=each.facts)
            made.links[RUN, f"model {at}"] = "write"
        return made

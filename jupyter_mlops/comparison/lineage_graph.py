"""A lineage as plain data: cells, values, files and a run, the lines between them, and where to draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

NodeKind = Literal["cell", "value", "file", "run"]
EdgeKind = Literal["read", "write", "change"]


@dataclass(frozen=True)
class Node:
    """One thing. `status` is empty where there is nothing to say.

    Attributes:
        id: unique in its graph, and the same whenever the graph is made again.
        kind: what it is.
        label: what people know it by, such as ``In[7]`` or ``df@3``; of users, so only ever text.
        detail: a few words more.
        status: of a cell ``ok``, ``error`` or ``interrupted``; of a value ``kept``, ``digest only``,
            ``not seen`` or ``before tracking``; of a run its status.
        order: of a cell or what one made, the place of that execution among all; else 0.
        level: its column, from 0 for where it all starts.
        row: its place in the column; 0 is the topmost of all, 1 a node further down.
    """

    id: str
    kind: NodeKind
    label: str
    detail: str = ""
    status: str = ""
    order: int = 0
    level: int = 0
    row: float = 0.0


@dataclass(frozen=True)
class Edge:
    """A line from what was there before to what came of it.

    Attributes:
        id: unique in its graph.
        source: id of the node it starts at.
        target: id of the node it ends at.
        kind: a cell reads a value, writes one, or changes one in place.
        changed: it leads to a newer version of a value, and its detail tells what changed.
        via: rows that it goes through in the columns between, so that it passes by the nodes there.
    """

    id: str
    source: str
    target: str
    kind: EdgeKind
    changed: bool = False
    via: tuple[float, ...] = ()


@dataclass(frozen=True)
class Graph:
    """What is behind one thing, drawn from left to right.

    Attributes:
        title: what was asked for.
        focus: id of its node.
        nodes: by column, and within it from above.
        edges: between nodes that are both here.
        left_out: how many nodes, the farthest ones, are not.
        note: what to know of it, in a sentence or more; may be empty.
    """

    title: str
    focus: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int = 0
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "title": self.title,
            "focus": self.focus,
            "nodes": [{**vars(node), "row": round(node.row, 2)} for node in self.nodes],
            "edges": [
                {
                    "id": edge.id,
                    "from": edge.source,
                    "to": edge.target,
                    "kind": edge.kind,
                    "changed": edge.changed,
                    "via": [round(row, 2) for row in edge.via],
                }
                for edge in self.edges
            ],
            "left_out": self.left_out,
            "note": self.note,
        }

    @property
    def counts(self) -> str:
        """How much there is of each kind, such as ``4 cells, 6 values, 1 file``."""
        words = {"cell": "cell", "value": "value", "file": "file", "run": "run"}
        parts = []
        for kind, word in words.items():
            count = sum(node.kind == kind for node in self.nodes)
            if count and kind != "run":
                parts.append(f"{count:,} {word}{'' if count == 1 else 's'}")
        return ", ".join(parts) or "nothing is known"

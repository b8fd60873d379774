"""A lineage as an indented text: what was asked for at the top, below each thing what it came from."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.comparison.lineage_graph import Graph, Node

MOST_LINES = 120
_NAMES = 6


def as_tree(graph: Graph, shown: Callable[[str, int], str]) -> list[str]:
    """Lines of text; what was told already is named again and not told again.

    Values that one cell read and one other made stand in one line.

    Args:
        graph: the lineage.
        shown: makes a user's text fit for one line of so many characters.
    """
    return _Tree(graph, shown).lines


class _Tree:
    def __init__(self, graph: Graph, shown: Callable[[str, int], str]) -> None:
        self.lines: list[str] = []
        self._shown = shown
        self._nodes = {node.id: node for node in graph.nodes}
        self._into: defaultdict[str, list[str]] = defaultdict(list)
        for edge in graph.edges:
            self._into[edge.target].append(edge.source)
        self._told: set[str] = set()
        self._left = 0
        after = [edge.target for edge in graph.edges if edge.source == graph.focus]
        if graph.focus in self._nodes:
            self._tell([graph.focus], "", "")
        self._made(after)
        if self._left:
            self.lines.append(f"… and {self._left:,} more lines")

    def _made(self, after: list[str]) -> None:
        if after:
            names = ", ".join(self._name(self._nodes[node]) for node in after[:_NAMES])
            more = f" and {len(after) - _NAMES} more" if len(after) > _NAMES else ""
            self.lines.append(f"It made {names}{more}.")

    def _tell(self, together: list[str], first: str, rest: str) -> None:
        """One line for the nodes `together`, and below it what they came from."""
        seen = [node for node in together if node in self._told]
        text = self._line(together)
        if len(self.lines) >= MOST_LINES:
            self._left += 1
            return
        before = self._groups(together)
        if seen and before:
            self.lines.append(f"{first}{text} (told above)")
            return
        self.lines.append(f"{first}{text}")
        self._told |= set(together)
        if len(before) == 1:  # a chain goes straight down
            self._tell(before[0], f"{rest}← ", rest)
            return
        for at, group in enumerate(before):
            is_last = at == len(before) - 1
            self._tell(group, f"{rest}{'└─ ' if is_last else '├─ '}", f"{rest}{'   ' if is_last else '│  '}")

    def _groups(self, together: list[str]) -> list[list[str]]:
        """What nodes came from: those values together that one cell made."""
        sources = list(dict.fromkeys(each for node in together for each in self._into[node]))
        groups: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for node in sorted(sources, key=lambda each: (self._nodes[each].row, each)):
            is_value = self._nodes[node].kind == "value" and self._into[node]
            groups[tuple(self._into[node]) if is_value else (node, "")].append(node)
        return list(groups.values())

    def _line(self, together: list[str]) -> str:
        nodes = [self._nodes[node] for node in together]
        if len(nodes) > 1:
            names = ", ".join(self._name(node) for node in nodes[:_NAMES])
            return names + (f" and {len(nodes) - _NAMES} more" if len(nodes) > _NAMES else "")
        node = nodes[0]
        status = node.status if node.status not in {"", "ok", "kept", "finished"} else ""
        told = "; ".join(filter(None, (self._shown(node.detail, 60), status)))
        return f"{self._name(node)}{'  ' if told else ''}{told}"

    def _name(self, node: Node) -> str:
        kinds = {"run": "run ", "file": "file "}
        return kinds.get(node.kind, "") + self._shown(node.label, 60)

"""A lineage that shows itself: a widget in a notebook, a drawing elsewhere, a text in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import StoreError
from jupyter_mlops.files import write_atomically
from jupyter_mlops.widgets.lineage_static import as_html, as_text

if TYPE_CHECKING:
    from jupyter_mlops.comparison.lineage import Lineage
    from jupyter_mlops.comparison.lineage_graph import Graph


class LineageReport:
    """What is behind a run, a variable or a cell.

    Args:
        lineage: the graph, and what answers for its nodes and lines.
    """

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage

    @property
    def graph(self) -> Graph:
        """The nodes and the lines between them."""
        return self._lineage.graph

    def node(self, node: str) -> dict[str, Any]:
        """Facts of a node, and its source, first rows and profile, where it has these.

        Raises:
            NotFoundError: there is no such node.
        """
        return self._lineage.node(node)

    def edge(self, edge: str) -> dict[str, Any]:
        """What a line stands for; of one to a newer version also what changed.

        Raises:
            NotFoundError: there is no such line.
        """
        return self._lineage.edge(edge)

    def to_dict(self) -> dict[str, Any]:
        """The graph, ready for JSON."""
        return self.graph.to_dict()

    def to_html(self, path: str | Path, *, rows: bool = False) -> Path:
        """Write one page with the drawing and what is known of all in it, that needs no network.

        Args:
            path: the file.
            rows: write the first rows of values, too; without, only names, counts and profiles of columns.

        Raises:
            StoreError: the page cannot be written there.
        """
        from jupyter_mlops.widgets.lineage_widget import page

        details = {node.id: self.node(node.id) for node in self.graph.nodes}
        if not rows:
            details = {node: {**detail, "head": None} for node, detail in details.items()}
        details |= {edge.id: self.edge(edge.id) for edge in self.graph.edges}
        target = Path(path)
        try:
            write_atomically(target, page(self.to_dict(), details, as_html(self.graph)))
        except OSError as error:
            raise StoreError(
                f"The lineage could not be written to {target}: {error.strerror}.",
                "Name a file in a folder that exists and can be written.",
            ) from error
        return target

    def __repr__(self) -> str:
        return as_text(self.graph)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new widget, and for viewers without one the drawing, the steps and the text."""
        from jupyter_mlops.widgets.lineage_widget import LineageWidget

        answers = {
            "lineage_node": lambda asked: self.node(str(asked["node"])),
            "lineage_edge": lambda asked: self.edge(str(asked["edge"])),
        }
        focus = next((node for node in self.graph.nodes if node.id == self.graph.focus), None)
        # what is opened first; rows of values stay out of the saved notebook
        first = {focus.id: self.node(focus.id)} if focus and focus.kind in {"run", "cell"} else {}
        data, metadata = LineageWidget(self.to_dict(), answers, first)._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": repr(self), "text/html": as_html(self.graph)}, metadata

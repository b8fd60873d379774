"""A lineage in a notebook: an anywidget that draws the graph, and asks the kernel for what one looks into."""

from __future__ import annotations

from typing import Any

import traitlets

from jupyter_mlops.widgets.asking import AnsweringWidget, Answers
from jupyter_mlops.widgets.modules import joined, style
from jupyter_mlops.widgets.page import embedded
from jupyter_mlops.widgets.page import page as whole_page

MODULE = joined("lineage")
STYLE = style("compare_diff", "lineage")


class LineageWidget(AnsweringWidget):
    """A view of a lineage.

    Args:
        payload: what `Graph.to_dict` gives.
        answers: ``lineage_node`` of a ``node`` and ``lineage_edge`` of an ``edge``.
        details: by id of node and line, what need not be asked for.
    """

    _esm = MODULE
    _css = STYLE

    _payload = traitlets.Dict().tag(sync=True)
    _details = traitlets.Dict().tag(sync=True)

    def __init__(self, payload: dict[str, Any], answers: Answers, details: dict[str, Any]) -> None:
        super().__init__(answers, _payload=payload, _details=details)


def page(payload: dict[str, Any], details: dict[str, Any], table: str) -> str:
    """One HTML page that needs neither kernel nor network.

    Args:
        payload: the graph.
        details: by id of node and line, what to know of it.
        table: HTML for where scripts do not run.
    """
    state = {"_payload": payload, "_details": details, "_asks": []}
    return whole_page(
        f"What led to {payload['title']}",
        "lineage_page",
        STYLE,
        table=table,
        state=embedded(state),
        module=MODULE,
    )

"""What the parts of the drift figure share: colours for both themes, and text that is only text."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlops.widgets.static import cut, plain

NOTHING = "rgba(0,0,0,0)"
# About 4.3:1 on white and on Jupyter's dark background alike: plotly knows no CSS variables.
GREY, LINES = "#7a7a7a", "rgba(128,128,128,0.22)"
FILL = "rgba(72,145,212,0.6)"


@dataclass(frozen=True)
class Part:
    """Traces of a part of the figure, and its axes, shapes and annotations in the layout."""

    traces: list[dict[str, Any]]
    axes: dict[str, Any]
    shapes: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)


def label(text: str, limit: int) -> str:
    """User text for plotly, which reads a little HTML in every text."""
    return html.escape(cut(plain(text), limit), quote=False)


def words(text: str, x: float, y: float, yref: str = "paper") -> dict[str, Any]:
    """An annotation that starts at `x`, a share of the width."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": yref,
        "xanchor": "left",
        "yanchor": "middle",
        "align": "left",
        "showarrow": False,
    }

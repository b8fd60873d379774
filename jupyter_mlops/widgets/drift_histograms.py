"""One small histogram of the drift figure: the reference as an outline, the current data filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.widgets.drift_ink import FILL, GREY, LINES, NOTHING, Part, label

if TYPE_CHECKING:
    from jupyter_mlops.drift.histogram import Histogram

CATEGORIES, UPRIGHT_TICKS = 8, 8


def histogram_axes(
    picture: Histogram, number: int, place: tuple[float, float, float, float], *, first: bool, upright: bool
) -> Part:
    """Draw `picture` on the axes `number` in `place` (x0, x1, y0, y1); the `first` one fills the legend.

    Categories are lying bars, so that their names can be read; `upright` ones (numbers with few values)
    stand in their order.
    """
    x = {"domain": list(place[:2]), "anchor": f"y{number}", "gridcolor": LINES, "zeroline": False}
    y = {"domain": list(place[2:]), "anchor": f"x{number}", "gridcolor": LINES, "zeroline": False}
    share = {"tickformat": ".0%", "nticks": 4, "rangemode": "tozero", "tickfont": {"size": 10}}
    values = {"showgrid": False, "tickfont": {"size": 10}, "nticks": 4, "tickangle": 0}
    if picture.axis != "category":
        traces = _steps(picture)
        dates = {"type": "date", "nticks": 3} if picture.axis == "time" else {"type": "linear"}
        x, y = x | values | dates, y | share
    else:
        labels, reference, current = _folded(picture, None if upright else CATEGORIES)
        places = list(range(len(labels)))
        every = -(-len(labels) // UPRIGHT_TICKS) if upright else 1
        ticks = {"tickvals": places[::every], "ticktext": labels[::every]}
        names = values | ticks | ({} if upright else {"autorange": "reversed", "ticklabelstandoff": 3})
        traces = _bars(labels, reference, current, upright=upright)
        x, y = (x | names, y | share) if upright else (x | share, y | names)
    for trace, name in zip(traces, ("current (filled)", "reference (outline)"), strict=True):
        trace |= {"xaxis": f"x{number}", "yaxis": f"y{number}", "name": name, "showlegend": first}
        trace |= {"legendgroup": name, "hoverinfo": "text"}
    return Part(traces, {f"xaxis{number}": x, f"yaxis{number}": y})


def _steps(picture: Histogram) -> list[dict[str, Any]]:
    edges = [float(f"{edge:.6g}") if isinstance(edge, float) else edge for edge in picture.edges]
    words = [
        f"{_edge(low)} to {_edge(high)}<br>{_both(before, after)}"
        for low, high, before, after in zip(
            edges, edges[1:], picture.reference, picture.current, strict=False
        )
    ]

    def steps(shares: tuple[float, ...]) -> dict[str, Any]:
        return {
            "type": "scatter",
            "mode": "lines",
            "x": [edges[0], *edges, edges[-1]],
            "y": [0, *shares, shares[-1], 0],
            "hovertext": ["", *words, "", ""],
        }

    current = steps(picture.current) | {
        "fill": "tozeroy",
        "fillcolor": FILL,
        "line": {"shape": "hv", "width": 0},
    }
    return [current, steps(picture.reference) | {"line": {"shape": "hv", "width": 1.6, "color": GREY}}]


def _bars(
    labels: list[str], reference: list[float], current: list[float], *, upright: bool
) -> list[dict[str, Any]]:
    places = list(range(len(labels)))
    words = [
        f"{name}<br>{_both(before, after)}"
        for name, before, after in zip(labels, reference, current, strict=True)
    ]

    def bars(shares: list[float], fill: str, line: float) -> dict[str, Any]:
        ends = {"x": places, "y": shares} if upright else {"x": shares, "y": places}
        marker = {"color": fill, "line": {"color": GREY, "width": line}}
        way = {
            "type": "bar",
            "orientation": "v" if upright else "h",
            "width": min(0.78, 0.2 + 0.15 * len(labels)),
        }
        return way | ends | {"marker": marker, "hovertext": words}

    return [bars(current, FILL, 0), bars(reference, NOTHING, 1.6)]


def _folded(picture: Histogram, limit: int | None) -> tuple[list[str], list[float], list[float]]:
    """Labels and shares; beyond `limit` the rest becomes one bar, or goes if it was not all anyway."""
    labels = [label(name, 15) or "(blank)" for name in picture.labels]
    reference, current = list(picture.reference), list(picture.current)
    if limit is None or len(labels) <= limit:
        return labels, reference, current
    if picture.partial:
        return labels[:limit], reference[:limit], current[:limit]
    keep = limit - 1
    fold = [round(sum(shares[keep:]), 6) for shares in (reference, current)]
    return [*labels[:keep], "all others"], [*reference[:keep], fold[0]], [*current[:keep], fold[1]]


def _edge(edge: float | str) -> str:
    return edge if isinstance(edge, str) else f"{edge:g}"


def _both(before: float, after: float) -> str:
    return f"reference {before:.1%}, current {after:.1%}"

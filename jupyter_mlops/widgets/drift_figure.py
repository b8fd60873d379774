"""The drift figure as plain plotly JSON: bars of effects above, histograms of the worst columns below.

Built from counts and never from rows. Shapes and annotations are lists given once: plotly's add_shape and
add_annotation validate all earlier ones again at each call.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_mlops.widgets.drift_bars import effect_axes
from jupyter_mlops.widgets.drift_histograms import histogram_axes
from jupyter_mlops.widgets.drift_ink import GREY, NOTHING, label, words
from jupyter_mlops.widgets.drift_static import change_text, compared

if TYPE_CHECKING:
    from jupyter_mlops.drift import DriftResult

BARS, HISTOGRAMS, ACROSS = 15, 6, 3
# Pixels. A bar with its label takes 23; under the bars come their axis, the legend and titles.
TOP, BAR, BETWEEN, BOTTOM = 78, 23, 112, 36
# A histogram, and below it its ticks and the title of the next.
PICTURE, UNDER = 122, 72
LETTER, LEAST_LEFT, RIGHT = 7, 112, 24
# Share of the width between two histograms: room for the names of categories.
GAP = 0.15


def figure_spec(result: DriftResult) -> dict[str, Any]:
    """`data` and `layout` of the figure."""
    rows = [{str(k): v for k, v in row.items()} for row in result.ranked.to_dict("records")]
    worst = rows[:BARS]
    pictured = [row for row in rows if row["column"] in result.histograms][:HISTOGRAMS]
    lines = math.ceil(len(pictured) / ACROSS)
    inner = BAR * len(worst) + (BETWEEN + (PICTURE + UNDER) * lines - UNDER if lines else 40)
    floor = 1 - BAR * len(worst) / inner
    bars = effect_axes(worst, floor)
    traces = list(bars.traces)
    layout = _frame(result, inner, worst) | bars.axes
    layout["shapes"], layout["annotations"] = list(bars.shapes), list(bars.annotations)
    layout["legend"] |= {"y": floor - 58 / inner}
    for at, row in enumerate(pictured):
        column, line = at % ACROSS, at // ACROSS
        wide = (1 - GAP * (ACROSS - 1)) / ACROSS
        left, top = column * (wide + GAP), floor - (BETWEEN + (PICTURE + UNDER) * line) / inner
        place = (left, left + wide, max(0.0, top - PICTURE / inner), top)
        upright = row["kind"] in {"numeric", "duration"}
        picture = histogram_axes(
            result.histograms[row["column"]], at + 2, place, first=at == 0, upright=upright
        )
        traces += picture.traces
        layout |= picture.axes
        title = words(_title(row, result.thresholds.missing / 2), left, top)
        layout["annotations"].append(title | {"yanchor": "bottom", "yshift": 4})
    return {"data": traces, "layout": layout}


def _title(row: dict[str, Any], worth_telling: float) -> str:
    before, after = row["missing_reference"], row["missing_current"]
    text = f"<b>{label(row['column'], 17)}</b> · {row['verdict']}"
    return text + (
        f"<br>missing {change_text(before, after)}" if abs(after - before) >= worth_telling else ""
    )


def _frame(result: DriftResult, inner: float, rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = max(len(label(row["column"], 24)) for row in rows)
    headline = result.headline + (f" ({BARS} shown, worst first)" if len(result.columns) > BARS else "")
    under = f"<span style='font-size:12px'>{label(compared(result), 200)}</span>"
    return {
        "title": {
            "text": f"<b>{headline}</b><br>{under}",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 14, "t": 14},
            "font": {"size": 16},
        },
        "template": {},
        "autosize": True,
        "height": round(TOP + inner + BOTTOM),
        "margin": {"l": max(LEAST_LEFT, LETTER * names + 14), "r": RIGHT, "t": TOP, "b": BOTTOM},
        "font": {"size": 12, "color": GREY, "family": "system-ui, sans-serif"},
        "paper_bgcolor": NOTHING,
        "plot_bgcolor": NOTHING,
        "barmode": "overlay",
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "yanchor": "middle", "bgcolor": NOTHING},
    }

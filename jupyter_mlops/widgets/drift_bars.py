"""The upper half of the drift figure: a bar per column against its limit, with the verdict in words."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

from jupyter_mlops.widgets.drift_ink import GREY, LINES, Part, label, words
from jupyter_mlops.widgets.drift_static import change_text, effect_text, p_text, share_text

# Share of the width that the bars leave to the words beside them.
WORDS = 0.30
# A pattern beside the colour: full, hatched, outlined.
LOOKS = {
    "drift": {"color": "#d1493f"},
    "watch": {
        "color": "#c98a12",
        "pattern": {"shape": "/", "size": 6},
        "line": {"color": "#c98a12", "width": 1},
    },
    "ok": {"color": "rgba(128,138,150,0.30)", "line": {"color": "#808a96", "width": 1}},
}


def effect_axes(rows: list[dict[str, Any]], floor: float) -> Part:
    """Bars for `rows`, worst first, from `floor` (a share of the height) to the top."""
    effects = [0.0 if math.isnan(row["effect"]) else row["effect"] for row in rows]
    limits = [row["limit"] for row in rows if not math.isnan(row["limit"])]
    reach = 1.06 * max([*effects, *(1.5 * limit for limit in limits), 0.03])
    axes = {
        "xaxis": {
            "domain": [0, 1 - WORDS],
            "range": [0, reach],
            "gridcolor": LINES,
            "zerolinecolor": LINES,
            "title": {
                "text": "effect (0 the same, 1 nothing in common)",
                "font": {"size": 11},
                "standoff": 4,
            },
            "nticks": 6,
            "fixedrange": True,
            "anchor": "y",
        },
        "yaxis": {
            "domain": [floor, 1],
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [label(row["column"], 24) for row in rows],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "ticklabelstandoff": 6,
            "anchor": "x",
        },
    }
    said = [words(_verdict(row), 1 - WORDS + 0.015, at, "y") for at, row in enumerate(rows)]
    said += [_limit_words(limits)] if limits else []
    return Part([*_bars(rows, effects), _noise(rows)], axes, _limit_lines(rows), said)


def _bars(rows: list[dict[str, Any]], effects: list[float]) -> list[dict[str, Any]]:
    """One trace a verdict: plotly.js does not take patterns with a list of colours."""
    traces = []
    for verdict, look in LOOKS.items():
        at = [i for i, row in enumerate(rows) if row["verdict"] == verdict]
        if at:
            trace = {"type": "bar", "orientation": "h", "y": at, "width": 0.62, "marker": look}
            trace |= {"x": [round(effects[i], 6) for i in at], "hovertext": [_hover(rows[i]) for i in at]}
            traces.append(trace | {"hoverinfo": "text", "showlegend": False, "name": verdict})
    return traces


def _noise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    shown = [at for at, row in enumerate(rows) if row["null_level"] > 0]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [round(rows[at]["null_level"], 6) for at in shown],
        "y": shown,
        "marker": {"symbol": "line-ns", "size": 13, "line": {"width": 2, "color": GREY}},
        "name": "effect to expect without drift",
        "hoverinfo": "skip",
        "showlegend": bool(shown),
    }


def _limit_lines(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One line through all rows that follow each other and have the same limit."""
    lines = []
    for limit, group in groupby(range(len(rows)), key=lambda at: rows[at]["limit"]):
        places = list(group)
        if not math.isnan(limit):
            ends = {"x0": limit, "x1": limit, "y0": places[0] - 0.5, "y1": places[-1] + 0.5}
            lines.append({"type": "line", **ends, "line": {"color": GREY, "width": 1.5, "dash": "dash"}})
    return lines


def _limit_words(limits: list[float]) -> dict[str, Any]:
    text = f"limit {limits[0]:g}" if len(set(limits)) == 1 else "limit"
    return words(text, limits[0], 1) | {"xref": "x", "yanchor": "bottom", "font": {"size": 11}}


def _verdict(row: dict[str, Any]) -> str:
    """The word, the figure and the reason, beside the bar."""
    figure = "" if math.isnan(row["effect"]) else f" {effect_text(row['effect'])}"
    reason = f" · {label(row['reason'], 30)}" if row["reason"] else ""
    return f"<b>{row['verdict']}</b>{figure}{reason}"


def _hover(row: dict[str, Any]) -> str:
    lines = [f"<b>{label(row['column'], 60)}</b> ({row['kind']}): {row['verdict']}"]
    lines += [label(row["reason"], 80)] if row["reason"] else []
    if not math.isnan(row["effect"]):
        measured = f"{row['effect_name']} {effect_text(row['effect'])}"
        lines.append(f"{measured}, adjusted p {p_text(row['p_adjusted'])}")
    lines.append(f"missing {change_text(row['missing_reference'], row['missing_current'])}")
    lines += [] if math.isnan(row["unseen"]) else [f"unseen {share_text(row['unseen'])}"]
    return "<br>".join(lines)

"""Differences with their intervals as a small drawing, beside zero and beside what is allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from jupyter_mlops.widgets.static import MUTED, esc

_WIDTH, _ROW, _LEFT, _RIGHT = 460, 26, 150, 12
_INK = "var(--jp-content-font-color1,#1f2328)"
_LINE = "var(--jp-border-color1,#afb8c1)"
_COLOURS = {
    "passed": "var(--jp-success-color1,#1a7f37)",
    "warned": "var(--jp-warn-color1,#9a6700)",
    "failed": "var(--jp-error-color1,#d1242f)",
}


@dataclass(frozen=True)
class Difference:
    """A difference of a figure, the ends of its interval, and the worst that is allowed, if that is said.

    `outcome` is ``passed``, ``warned`` or ``failed``: its colour repeats what the checklist says in words.
    """

    label: str
    value: float
    low: float
    high: float
    allowed: float | None
    outcome: str


def draw_differences(title: str, differences: tuple[Difference, ...]) -> str:
    """An SVG that follows the theme; empty where there is nothing finite to draw."""
    shown = [each for each in differences if all(map(math.isfinite, (each.low, each.value, each.high)))]
    if not shown:
        return ""
    ends = [0.0, *(end for each in shown for end in (each.low, each.high, each.allowed or 0.0))]
    low, high = min(ends), max(ends)
    pad = (high - low or 1.0) * 0.08
    low, high = low - pad, high + pad

    def x(value: float) -> float:
        return round(_LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT), 1)

    height = _ROW * len(shown) + 24
    parts = [
        f'<line x1="{x(0)}" x2="{x(0)}" y1="4" y2="{height - 20}" stroke="{_INK}"/>',
        f'<text x="{x(0)}" y="{height - 6}" text-anchor="middle" font-size="11" fill="{_INK}">0</text>',
    ]
    said = []
    for place, each in enumerate(shown):
        y, colour = place * _ROW + 16, _COLOURS.get(each.outcome, _INK)
        parts.append(
            f'<text x="0" y="{y + 4}" font-size="12" fill="{_INK}">{esc(each.label)}</text>'
            f'<line x1="{x(each.low)}" x2="{x(each.high)}" y1="{y}" y2="{y}" stroke="{colour}" '
            'stroke-width="3"/>'
            f'<circle cx="{x(each.value)}" cy="{y}" r="5" fill="{colour}"/>'
        )
        if each.allowed is not None:
            at = x(each.allowed)
            parts.append(
                f'<line x1="{at}" x2="{at}" y1="{y - 10}" y2="{y + 10}" stroke="{_LINE}" stroke-width="2" '
                'stroke-dasharray="3 2"/>'
            )
        said.append(f"{each.label} {each.value:+.4g}, interval {each.low:+.4g} to {each.high:+.4g}")
    label = esc(f"{title}: {'; '.join(said)}")
    return (
        f'<figure style="margin:8px 0 0"><svg role="img" aria-label="{label}" width="{_WIDTH}" '
        f'height="{height}" viewBox="0 0 {_WIDTH} {height}" style="max-width:100%">{"".join(parts)}</svg>'
        f'<figcaption style="{MUTED}">{esc(title)}</figcaption></figure>'
    )

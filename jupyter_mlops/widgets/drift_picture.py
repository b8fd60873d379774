"""The static picture of a drift report: effects of the worst columns, both histograms of the worst.

Plain SVG with inline styles, so that it is right where no script runs and no style element is kept.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_mlops.widgets.static import cut, esc, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.drift.histogram import Histogram

WIDTH, ROW, TOP = 760, 20, 22
NAMES, BARS, RIGHT = 150, 330, 400  # px: where names end, where bars end, where the histogram starts
LETTERS, CATEGORIES, LEAST_HEIGHT = 21, 8, 170

TEXT = "fill:var(--jp-content-font-color1,#1f2328);font-size:12px;font-family:inherit"
QUIET = "fill:var(--jp-ui-font-color2,#59636e);font-size:11px;font-family:inherit"
LINE = "fill:none;stroke:var(--jp-content-font-color1,#1f2328);stroke-width:1.3"
CURRENT = "fill:var(--jp-brand-color1,#0969da);fill-opacity:0.5"
NULL = "fill:var(--jp-ui-font-color2,#59636e);fill-opacity:0.28"
COLOURS = {
    "ok": "fill:var(--jp-ui-font-color2,#59636e)",
    "watch": "fill:var(--jp-warn-color1,#9a6700)",
    "drift": "fill:var(--jp-error-color1,#d1242f)",
}


def picture(rows: Sequence[Mapping[str, Any]], histograms: Mapping[str, Histogram]) -> str:
    """One SVG for `rows`, worst first."""
    worst = next((row for row in rows if row["column"] in histograms), None)
    parts = _effects(rows)
    if worst is not None:
        drawn = _Both(histograms[worst["column"]], worst, max(LEAST_HEIGHT, TOP + ROW * len(rows)))
        parts += drawn.parts()
    label = "Effects of the columns shown, and both histograms of the worst"
    height = max(LEAST_HEIGHT if worst is not None else 0, TOP + ROW * len(rows)) + 4
    return (
        f'<svg role="img" aria-label="{label}" xmlns="http://www.w3.org/2000/svg" '
        f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'style="display:block;max-width:100%;height:auto;margin:8px 0">{"".join(parts)}</svg>'
    )


def _effects(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A bar a column by the square root of its effect, its limit as a line, the null level in grey."""
    known = [row for row in rows if not math.isnan(row["effect"])]
    most = max([0.04, *(row["effect"] for row in known), *(2 * row["limit"] for row in known)])

    def reach(value: float) -> float:
        return (BARS - NAMES) * math.sqrt(max(0.0, value) / most)

    parts = [_text(NAMES, 12, "effect (by square roots), limit, without drift", QUIET)]
    for at, row in enumerate(rows):
        y = TOP + at * ROW
        parts.append(_text(NAMES - 8, y + 13, cut(plain(row["column"]), LETTERS), TEXT, "end"))
        if math.isnan(row["effect"]):
            parts.append(_text(NAMES, y + 13, cut(plain(row["reason"]), 40), QUIET))
            continue
        limit = NAMES + reach(row["limit"])
        parts += [
            _rect(NAMES, y + 1, reach(row["null_level"]), ROW - 4, NULL),
            _rect(NAMES, y + 5, reach(row["effect"]), ROW - 12, COLOURS[row["verdict"]]),
            f'<path d="M{limit:.1f} {y + 1}v{ROW - 4}" style="{LINE}"/>',
            _text(BARS + 8, y + 13, f"{row['effect']:.3f}", QUIET),
        ]
    return parts


class _Both:
    """Both histograms of one column, in shares of all rows; missing is a bar of its own."""

    def __init__(self, histogram: Histogram, row: Mapping[str, Any], bottom: float) -> None:
        before, after = ((0.0 if math.isnan(x) else x) for x in _missing(row))
        self.histogram, self.row, self.bottom = histogram, row, bottom - 16
        self.reference = [share * (1 - before) for share in histogram.reference]
        self.current = [share * (1 - after) for share in histogram.current]
        self.missing = (before, after)
        self.most = max([1e-6, *self.reference, *self.current, *self.missing])

    def parts(self) -> list[str]:
        name = cut(plain(self.row["column"]), 30)
        title = _text(RIGHT, 12, f"{name}: reference outlined, current filled", QUIET)
        category = self.histogram.axis == "category"
        return [title, *(self._lying() if category else self._standing())]

    def _standing(self) -> list[str]:
        room = 44 if any(self.missing) else 0
        wide = (WIDTH - RIGHT - room - 2) / max(1, len(self.current))

        def y(share: float) -> float:
            return self.bottom - (self.bottom - TOP - 4) * share / self.most

        def path(shares: list[float]) -> str:
            steps = "".join(
                f"V{y(share):.1f}H{RIGHT + (at + 1) * wide:.1f}" for at, share in enumerate(shares)
            )
            return f"M{RIGHT} {self.bottom:.1f}{steps}V{self.bottom:.1f}"

        low, high = (_edge(self.histogram.edges[at]) for at in (0, -1))
        end = RIGHT + wide * len(self.current)
        parts = [
            f'<path d="{path(self.current)}Z" style="{CURRENT}"/>',
            f'<path d="{path(self.reference)}" style="{LINE}"/>',
            _text(RIGHT, self.bottom + 14, low, QUIET),
            _text(end, self.bottom + 14, high, QUIET, "end"),
        ]
        if room:
            before, after = self.missing
            parts += [
                _rect(end + 16, y(after), 22, self.bottom - y(after), CURRENT),
                _rect(end + 16, y(before), 22, self.bottom - y(before), LINE),
                _text(WIDTH, self.bottom + 14, "missing", QUIET, "end"),
            ]
        return parts

    def _lying(self) -> list[str]:
        places = list(zip(self.histogram.labels, self.reference, self.current, strict=True))[:CATEGORIES]
        places += [("missing", *self.missing)] if any(self.missing) else []
        start = RIGHT + 120
        scale = (WIDTH - start - 2) / self.most
        row = min(24, (self.bottom + 16 - TOP) / max(1, len(places)))
        parts = []
        for at, (label, before, after) in enumerate(places):
            middle = TOP + (at + 0.5) * row
            name = cut(plain(label), 16) or "(blank)"
            parts += [
                _text(start - 8, middle + 4, name, TEXT, "end"),
                _rect(start, middle - row * 0.38, before * scale, row * 0.38, LINE),
                _rect(start, middle, after * scale, row * 0.38, CURRENT),
            ]
        return parts


def _missing(row: Mapping[str, Any]) -> tuple[float, float]:
    return row["missing_reference"], row["missing_current"]


def _edge(edge: float | str) -> str:
    if isinstance(edge, str):
        return edge[:10]
    return f"{edge:,.0f}" if 1e3 <= abs(edge) < 1e9 else f"{edge:.4g}"


def _rect(x: float, y: float, width: float, height: float, style: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" style="{style}"/>'


def _text(x: float, y: float, text: str, style: str, anchor: str = "start") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {where} style="{style}">{esc(text)}</text>'

"""A drift report without a browser: the verdict and the worst columns, as aligned text and static HTML."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_mlops.widgets.drift_parts import part_lines
from jupyter_mlops.widgets.drift_picture import picture
from jupyter_mlops.widgets.static import MUTED, PANEL, aligned, cell_html, esc, plain, table_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.drift import DriftResult

ROWS = 10
NONE = "–"
HEADERS = ("column", "kind", "effect", "measure", "adjusted p", "missing", "unseen", "verdict")
RIGHT = frozenset({2, 4, 5, 6})

# Mark and colour repeat what the word says: nobody depends on the colour.
_MARKS = {
    "ok": ("✓", "var(--jp-success-color1,#1a7f37)"),
    "watch": ("!", "var(--jp-warn-color1,#9a6700)"),
    "drift": ("✗", "var(--jp-error-color1,#d1242f)"),
}


def as_text(result: DriftResult, rows: int = ROWS) -> str:
    """The summary, what was compared, and the worst columns."""
    table = [[*_cells(row), row["reason"]] for row in _worst(result, rows)]
    lines = [plain(result.summary), compared(result), *part_lines(result)]
    lines += [f"  {line}" for line in aligned([[*HEADERS, ""], *table], RIGHT, limit=48)]
    return "\n".join(lines + _rest(result, rows))


def as_html(result: DriftResult, rows: int = ROWS) -> str:
    """The same with a picture and inline styles, readable in both themes and without script."""
    worst = _worst(result, rows)
    cells = [[*(cell_html(cell) for cell in _cells(row)[:-1]), _verdict_html(row)] for row in worst]
    under = [compared(result), *part_lines(result)]
    caption = cell_html(result.summary, limit=400) + "".join(
        f'<div style="{MUTED};font-weight:400">{esc(line)}</div>' for line in under
    )
    notes = "".join(f'<div style="{MUTED};padding-top:6px">{esc(note)}</div>' for note in _rest(result, rows))
    drawn = picture(worst[:ROWS], result.histograms)
    return f'<div style="{PANEL}">{table_html(HEADERS, cells, caption, RIGHT)}{notes}{drawn}</div>'


def compared(result: DriftResult) -> str:
    """How many rows were compared, and what counts as drift."""
    limits = result.thresholds
    sides = f"{result.current_rows:,} current against {result.reference_rows:,} reference rows"
    return (
        f"{sides}; drift is an effect of {limits.distribution:g} or more with adjusted p < {limits.alpha:g}"
    )


def effect_text(value: float) -> str:
    """Three decimals; a dash where nothing could be measured."""
    return NONE if math.isnan(value) else f"{value:.3f}"


def p_text(value: float) -> str:
    """Three decimals; below that only that it is below."""
    if math.isnan(value):
        return NONE
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def change_text(before: float, after: float) -> str:
    """Both shares with an arrow between; one where both read the same or one side has none."""
    ends = [share_text(value) for value in (before, after) if not math.isnan(value)]
    return " → ".join(dict.fromkeys(ends)) or NONE


def share_text(value: float) -> str:
    """A share in per cent; small ones are not rounded to nothing."""
    if math.isnan(value):
        return NONE
    return "0 %" if value == 0 else "<0.1 %" if value < 0.001 else f"{100 * value:.1f} %"


def _worst(result: DriftResult, rows: int) -> list[dict[str, Any]]:
    records = result.ranked.head(rows).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in records]


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [
        row["column"],
        row["kind"],
        effect_text(row["effect"]),
        row["effect_name"] or NONE,
        p_text(row["p_adjusted"]),
        change_text(row["missing_reference"], row["missing_current"]),
        share_text(row["unseen"]),
        row["verdict"],
    ]


def _verdict_html(row: Mapping[str, Any]) -> str:
    mark, colour = _MARKS[row["verdict"]]
    why = f' <span style="{MUTED}">{cell_html(row["reason"])}</span>' if row["reason"] else ""
    return (
        f'<span style="color:{colour};font-weight:600"><span aria-hidden="true">{mark}</span> '
        f"{row['verdict']}</span>{why}"
    )


def _rest(result: DriftResult, rows: int) -> list[str]:
    left = result.ranked["verdict"].iloc[rows:].value_counts()
    if left.empty:
        return []
    counts = ", ".join(
        f"{left[verdict]} {verdict}" for verdict in ("drift", "watch", "ok") if verdict in left
    )
    return [f"And {int(left.sum())} more: {counts}."]

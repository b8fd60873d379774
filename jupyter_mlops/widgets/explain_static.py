"""An explanation as static HTML: bars without script, right in light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.widgets.explain_words import (
    MOST_COLUMNS,
    MOST_ROWS,
    importance_title,
    interval,
    left_out,
    method_text,
    row_title,
    shown_contributions,
    signed,
    value_text,
)
from jupyter_mlops.widgets.static import CODE, MUTED, PANEL, TITLE, cell_html, esc, plain, table_html

if TYPE_CHECKING:
    from jupyter_mlops.registry.explain.result import Explanation, RowExplanation
    from jupyter_mlops.widgets.explain import ExplainReport, Section

_WORDS = 400
# The side of a bar repeats what its sign says: nobody depends on the colour.
_UP, _DOWN = "var(--jp-brand-color1,#1976d2)", "var(--jp-warn-color1,#c77700)"
_AT = "position:absolute"
_LINE = "left:50%;top:-2px;bottom:-2px;border-left:1px solid currentColor;opacity:.4"
_MIDDLE = f'<span style="{_AT};{_LINE}"></span>'
_TRACK = "position:relative;display:block;width:220px;height:12px;margin-top:5px"
_GRID = "display:grid;grid-template-columns:max-content minmax(0,max-content);gap:2px 16px;margin:0"
_CELL = "margin:0;padding:0;float:none;width:auto;max-width:none;min-width:0"


def as_html(report: ExplainReport) -> str:
    """What the model uses, the rows, and where it comes from, below each other."""
    found = report.explanation
    parts = [f'<div style="{TITLE}">{cell_html(report.title, _WORDS)}</div>']
    if found.importance:
        parts.append(_importance(found))
    parts += [_row(row) for row in found.rows[:MOST_ROWS]]
    notes = [*left_out(found), *([method_text(found)] if found.rows else [])]
    notes += [f"Note: {note}." for note in found.notes]
    parts += [
        f'<div style="{MUTED};margin-top:6px;max-width:70em">{esc(plain(note))}</div>' for note in notes
    ]
    parts += [_section(section) for section in report.sections]
    return f'<div style="{PANEL}">{"".join(parts)}</div>'


def _importance(found: Explanation) -> str:
    shown = found.importance[:MOST_COLUMNS]
    longest = max(*(each.high for each in shown), 0.0) or 1.0
    cells = [
        [
            cell_html(each.column),
            _track(
                _box(0, max(each.mean, 0.0) / longest, _UP)
                + _whisker(each.low / longest, each.high / longest)
            ),
            esc(interval(each)),
        ]
        for each in shown
    ]
    return table_html(("column", "", "importance"), cells, cell_html(importance_title(found), _WORDS))


def _row(row: RowExplanation) -> str:
    shown, (others, rest) = shown_contributions(row)
    strongest = max((abs(value) for _, value in [*shown, ("", rest)]), default=0.0) or 1.0
    cells = [
        [
            cell_html(name),
            cell_html(value_text(row.values[name])),
            _both_ways(value / strongest),
            signed(value),
        ]
        for name, value in shown
    ]
    if others:
        cells.append([f"{others} others", "", _both_ways(rest / strongest), signed(rest)])
    table = table_html(
        ("column", "value", "", "contribution"), cells, cell_html(row_title(row), _WORDS), frozenset({3})
    )
    return f'<div style="margin-top:12px">{table}</div>'


def _both_ways(share: float) -> str:
    """A bar to the right of the middle, or to the left, from −1 to 1."""
    left, wide = (0.5, share / 2) if share >= 0 else (0.5 + share / 2, -share / 2)
    return _track(_box(left, wide, _UP if share >= 0 else _DOWN) + _MIDDLE)


def _track(inside: str) -> str:
    return f'<span aria-hidden="true" style="{_TRACK}">{inside}</span>'


def _box(left: float, wide: float, colour: str) -> str:
    place = f"left:{100 * left:.1f}%;width:{100 * wide:.1f}%;top:0;bottom:0"
    return f'<span style="{_AT};{place};background:{colour};border-radius:2px"></span>'


def _whisker(low: float, high: float) -> str:
    """The interval, as far as it is above nothing."""
    left, right = max(low, 0.0), max(high, 0.0)
    place = f"left:{100 * left:.1f}%;width:{100 * (right - left):.1f}%;top:5px"
    return f'<span style="{_AT};{place};border-top:2px solid currentColor;opacity:.7"></span>'


def _section(section: Section) -> str:
    facts = "".join(
        f'<dt style="{MUTED};font-weight:400;{_CELL};white-space:nowrap">{cell_html(label)}</dt>'
        f'<dd style="{_CELL};overflow-wrap:break-word">{cell_html(value, _WORDS)}</dd>'
        for label, value in section.lines
    )
    commands = "\n".join(section.commands)
    code = f'<pre style="{CODE}">{esc(commands)}</pre>' if commands else ""
    return (
        f'<div style="{TITLE};margin-top:14px">{cell_html(section.title, _WORDS)}</div>'
        f'<dl style="{_GRID}">{facts}</dl>{code}'
    )

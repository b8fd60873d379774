"""A comparison without a browser: the rows and columns to show, as aligned text and as static HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.widgets.compare_columns import Column, NumberColumn, Rows, by_reference, ordered
from jupyter_mlops.widgets.compare_filter import read_filter
from jupyter_mlops.widgets.static import (
    HIDDEN,
    MUTED,
    PANEL,
    TABLE,
    TITLE,
    aligned,
    cell_html,
    cut,
    esc,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = 20
COLUMNS_IN_TEXT = 12
COLUMNS_IN_HTML = 40
SAME_LIMIT = 300
_HEAD = f"border-bottom:1px solid var(--jp-border-color1,#afb8c1);{MUTED}"
NO_RUNS = "No runs yet. Track a cell and its run appears here."


@dataclass(frozen=True)
class Choice:
    """What a person chose to see: filter, order, and columns."""

    filter: str = ""
    sort: str | None = None
    reverse: bool = False
    only_differences: bool = True
    hidden: frozenset[str] = frozenset()
    gone: frozenset[int] = frozenset()
    """Rows of runs that were archived or deleted meanwhile."""


@dataclass(frozen=True)
class Shown:
    """What a choice leaves: rows in order, columns that differ, columns in which all shown runs agree."""

    total: int
    rows: Rows
    columns: list[Column]
    same: list[Column]
    choice: Choice
    problem: str


def shown_rows(columns: Sequence[Column], choice: Choice) -> tuple[Rows, str]:
    """The rows that the filter keeps, in the chosen order, and what is wrong with the filter if it is."""
    kept = read_filter(choice.filter, columns)
    rows = np.flatnonzero(kept.keep)
    if choice.gone:
        rows = rows[~np.isin(rows, list(choice.gone))]
    if choice.sort is not None:
        rows = ordered(rows, by_reference(columns)[choice.sort], choice.reverse)
    return rows, kept.problem


def look(columns: Sequence[Column], choice: Choice, without: frozenset[str] = frozenset()) -> Shown:
    """Apply `choice`; columns named in `without` are left out. One run has nothing to differ from."""
    rows, problem = shown_rows(columns, choice)
    visible = [
        column
        for column in columns
        if f"{column.group}.{column.name}" not in choice.hidden and column.name not in without
    ]
    same: list[Column] = []
    if choice.only_differences and len(rows) > 1:
        same = [column for column in visible if column.group in {"params", "info"} and column.same(rows)]
    return Shown(
        len(columns[0]) - len(choice.gone), rows, [c for c in visible if c not in same], same, choice, problem
    )


def as_text(shown: Shown) -> str:
    """At most 20 rows and 12 columns; the best of each metric carries an asterisk."""
    if not shown.total:
        return NO_RUNS
    rows, columns = _first(shown, ROWS), shown.columns[:COLUMNS_IN_TEXT]
    best = _best(shown, columns)
    cells = [
        [
            f"{'*' if row in marked else ''}{column.text(row)}"
            for column, marked in zip(columns, best, strict=True)
        ]
        for row in rows
    ]
    lines = [_caption(shown, len(rows))]
    if rows:
        lines += aligned([[column.name for column in columns], *cells], right=_right(columns))
    if any(best):
        lines.append("* best")
    return "\n".join(lines + _notes(shown, COLUMNS_IN_TEXT))


def as_html(shown: Shown, limit: int = ROWS) -> str:
    """At most `limit` rows with inline styles; the best of each metric is bold, starred and called best."""
    if not shown.total:
        return f'<div style="{PANEL}">{esc(NO_RUNS)}</div>'
    rows, columns = _first(shown, limit), shown.columns[:COLUMNS_IN_HTML]
    best = _best(shown, columns)
    table = _table(shown, rows, columns, best)
    notes = "".join(
        f'<div style="{MUTED};padding-top:6px">{esc(note)}</div>' for note in _notes(shown, COLUMNS_IN_HTML)
    )
    return f'<div style="{PANEL}">{table}{notes}</div>'


def _table(
    shown: Shown, rows: Sequence[int], columns: Sequence[Column], best: Sequence[frozenset[int]]
) -> str:
    """Styles stand where they are inherited from, not in each cell: a notebook keeps every byte."""
    right = _right(columns)
    heads = (
        f"<th scope=col{_side(i in right)}>{cell_html(column.name)}</th>" for i, column in enumerate(columns)
    )
    lines = []
    for row in rows:
        cells = (
            f"<td{_side(i in right)}>{_value_html(column, row, row in best[i])}</td>"
            for i, column in enumerate(columns)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<table cellpadding="4" style="{TABLE};font-variant-numeric:tabular-nums;white-space:nowrap">'
        f'<caption style="{TITLE}">{esc(_caption(shown, len(rows)))}</caption>'
        f'<thead style="{_HEAD}"><tr>{"".join(heads)}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
    )


def _side(is_right: bool) -> str:
    """Jupyter aligns cells to the right and others to the left, so both are said."""
    return " align=right" if is_right else ' style="text-align:left"'


def _value_html(column: Column, row: int, is_best: bool) -> str:
    text = column.text(row)
    if is_best:
        return _best_html(text)
    return esc(text) if isinstance(column, NumberColumn) else cell_html(text)


def _first(shown: Shown, limit: int) -> list[int]:
    """The best rows, or the newest where no order was asked for."""
    rows = shown.rows[:limit] if shown.choice.sort is not None else shown.rows[-limit:]
    return [int(row) for row in rows]


def _best(shown: Shown, columns: Sequence[Column]) -> list[frozenset[int]]:
    return [c.best(shown.rows) if isinstance(c, NumberColumn) else frozenset() for c in columns]


def _right(columns: Sequence[Column]) -> frozenset[int]:
    return frozenset(i for i, column in enumerate(columns) if column.numeric)


def _best_html(text: str) -> str:
    return (
        f'<b><span aria-hidden="true" style="color:var(--jp-brand-color1,#0969da)">★</span> {esc(text)}</b>'
        f'<span style="{HIDDEN}"> best</span>'
    )


def _caption(shown: Shown, count: int) -> str:
    choice = shown.choice
    matching = len(shown.rows)
    runs = "1 run" if shown.total == 1 else f"{shown.total:,} runs"
    parts = [runs if count == shown.total else f"{count:,} of {runs}"]
    if choice.filter.strip():
        told = cut(plain(choice.filter), 100)
        if shown.problem:
            parts.append(f"filter “{told}” ignored: {cut(plain(shown.problem), 200)}")
        else:
            parts.append(f"filter “{told}”" + (f" matches {matching:,}" if matching != count else ""))
    if choice.sort is not None:
        order = "worst first" if choice.reverse else "best first"
        parts.append(f"sorted by {cut(plain(choice.sort))}, {order}")
    elif count < matching:
        parts.append("the newest")
    return ", ".join(parts)


def _notes(shown: Shown, limit: int) -> list[str]:
    notes = []
    more = len(shown.columns) - limit
    if more > 0:
        notes.append(f"And {more} more column{'s' if more > 1 else ''}.")
    if shown.same:
        agreed = ", ".join(
            f"{cut(plain(column.name))} = {cut(plain(column.text(shown.rows[0]))) or 'none'}"
            for column in shown.same
        )
        notes.append(
            f"Same in all: {agreed if len(agreed) <= SAME_LIMIT else agreed[: SAME_LIMIT - 1] + '…'}"
        )
    return notes

"""What runs differ in without a browser: aligned text, and static HTML with inline styles."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from jupyter_mlops.widgets.diff_words import (
    CHANGES_BETWEEN_EXECUTIONS,
    NONE,
    changed_data,
    code_counts,
    data_text,
    difference_text,
    differing_facts,
    how_many,
    number_text,
    title_of,
)
from jupyter_mlops.widgets.static import (
    CELL_LIMIT,
    CODE,
    MUTED,
    PANEL,
    TITLE,
    aligned,
    cell_html,
    cut,
    esc,
    plain,
    table_html,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.comparison.code import StatementDiff
    from jupyter_mlops.comparison.run_diff import RunDiff

ROWS = 40
"""Rows of a part that are shown at most."""
_WIDE = 160
_BROKEN = "white-space:normal;min-width:22em;max-width:44em"
_LINES = 30
_TONES = {
    "+": "var(--jp-success-color0,#116329)",
    "−": "var(--jp-error-color0,#a40e26)",
}


def as_text(diff: RunDiff) -> str:
    """Every part that differs, without what changes when a notebook is run again."""
    lines = [plain(title_of(diff))]
    for title, headers, rows in _tables(diff, CHANGES_BETWEEN_EXECUTIONS):
        lines.append(title)
        if rows:
            lines += [f"  {line}" for line in aligned([headers, *rows[:ROWS]], limit=_WIDE)]
        lines += [f"  {_more(len(rows))}"] if len(rows) > ROWS else []
    lines.append(f"code: {code_counts(diff)}")
    shown = [each for each in diff.code.statements if each.kind != "same"]
    for each in shown[:ROWS]:
        for sign, text, cell in _sides(diff, each):
            first, *rest = _safe(text).split("\n")
            lines.append(f"  {sign} {first}  # {plain(cell)}")
            lines += [f"    {line}" for line in rest]
    lines += [f"  {_more(len(shown))}"] if len(shown) > ROWS else []
    return "\n".join(line.rstrip() for line in lines)


def as_html(diff: RunDiff) -> str:
    """The same with all that is known, readable in both themes and without script."""
    parts = [f'<div style="{TITLE}">{cell_html(title_of(diff), limit=200)}</div>']
    parts += [f'<div style="{MUTED}">{cell_html(_when(diff), limit=400)}</div>']
    for title, headers, rows in _tables(diff, frozenset()):
        if rows:
            cells = [[_cell_html(cell) for cell in row] for row in rows[:ROWS]]
            caption = f'<span style="white-space:nowrap">{esc(plain(title))}</span>'
            parts.append(_part(table_html([cell_html(head) for head in headers], cells, caption)))
        else:
            parts.append(_part(f'<div style="{TITLE}">{esc(plain(title))}</div>'))
        parts += [_muted(_more(len(rows)))] if len(rows) > ROWS else []
    parts.append(_part(f'<div style="{TITLE}">code: {esc(plain(code_counts(diff)))}</div>{_code(diff)}'))
    return f'<div style="{PANEL}">{"".join(parts)}</div>'


def _tables(diff: RunDiff, volatile: frozenset[str]) -> list[tuple[str, Sequence[str], list[list[str]]]]:
    """Title, headers and rows of each part but the code."""
    names = [run.name for run in diff.runs]
    later = names[1:]
    params = [row for row in diff.params if not row.same]
    data = changed_data(diff)
    facts = differing_facts(diff.environment, volatile)
    return [
        (
            f"parameters: {how_many(len(params), len(diff.params))}",
            ["", *names],
            [[row.name, *(_or_none(value) for value in row.values)] for row in params],
        ),
        (
            f"metrics: {len(diff.metrics) or 'none'}",
            ["", *names, *(f"{name}: difference (95 % interval)" for name in later)],
            [
                [
                    row.name,
                    *(number_text(value) for value in row.values),
                    *(difference_text(row, each) for each in row.differences),
                ]
                for row in diff.metrics
            ],
        ),
        (
            f"data: {how_many(len(data), len(diff.data))}",
            ["", *later],
            [[row.name, *(data_text(row, at) for at in range(len(later)))] for row in data],
        ),
        (
            f"environment: {diff.environment.note or 'nothing differs'}",
            ["", *names],
            [[name, *(_or_none(value) for value in values)] for name, values in facts],
        ),
    ]


def _code(diff: RunDiff) -> str:
    """Statements that differ, each as its runs have it; the same ones between them are counted."""
    lines: list[str] = []
    same = shown = left = 0
    for each in diff.code.statements:
        if each.kind == "same":
            same += 1
        elif shown == ROWS:
            left += 1
        else:
            lines += [_same(same)] if same else []
            lines += [_side_html(*side) for side in _sides(diff, each)]
            same, shown = 0, shown + 1
    if not shown:
        return ""
    lines += [_same(same)] if same and not left else []
    more = _muted(_more(shown + left)) if left else ""
    return f'<pre style="{CODE}">{"".join(lines)}</pre>{more}'


def _sides(diff: RunDiff, each: StatementDiff) -> list[tuple[str, str, str]]:
    """Sign, text and places of a statement, once for all runs that say it alike."""
    found: dict[str, tuple[str, str, list[str]]] = {}
    for at, (text, cell) in enumerate(zip(each.texts, each.cells, strict=True)):
        if text is not None:
            key = " ".join(text.split())
            sign, first, places = found.get(key, ("−" if at == 0 else "+", text, []))
            places.append(cell or "" if len(diff.runs) == 2 else f"{diff.runs[at].name} {cell}")
            found[key] = sign, first, places
    return [(sign, text, ", ".join(places)) for sign, text, places in found.values()]


def _side_html(sign: str, text: str, cell: str) -> str:
    kept = _safe(text).split("\n")
    shown = "\n".join([*(cut(line, 400) for line in kept[:_LINES]), *(["…"] if len(kept) > _LINES else [])])
    body = shown.replace("\n", "\n  ")
    tone = f"color:{_TONES[sign]};font-weight:600"
    return (
        f'<span style="{tone}">{sign}</span> {esc(body)}  <span style="{MUTED}"># {esc(plain(cell))}</span>\n'
    )


def _same(count: int) -> str:
    return f'<span style="{MUTED}">  {count} the same</span>\n'


def _safe(text: str) -> str:
    """Code without what turns its direction or moves the cursor: it is seen as it is read by Python."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"} else "�" for c in text
    ).expandtabs(4)


def _when(diff: RunDiff) -> str:
    return " · ".join(
        f"{run.name}: {run.experiment}, {run.status}, {run.started[:19].replace('T', ' ')} UTC"
        for run in diff.runs
    )


def _or_none(value: str | None) -> str:
    return NONE if value is None else value


def _cell_html(text: str) -> str:
    """A cell whose text is broken into lines where it is long."""
    shown = cell_html(text, _WIDE)
    return shown if len(text) <= CELL_LIMIT else f'<div style="{_BROKEN}">{shown}</div>'


def _part(inside: str) -> str:
    return f'<div style="margin-top:12px">{inside}</div>'


def _muted(text: str) -> str:
    return f'<div style="{MUTED};padding-top:4px">{esc(text)}</div>'


def _more(count: int) -> str:
    return f"and {count - ROWS} more"

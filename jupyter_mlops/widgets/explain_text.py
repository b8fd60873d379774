"""An explanation in a terminal."""

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
from jupyter_mlops.widgets.static import aligned, plain

if TYPE_CHECKING:
    from jupyter_mlops.registry.explain.result import RowExplanation
    from jupyter_mlops.widgets.explain import ExplainReport, Section

_WIDE = 20
_VALUES = 200


def as_text(report: ExplainReport) -> str:
    """Importance with bars of blocks, then each row, then where the model comes from."""
    found = report.explanation
    parts = [plain(report.title)]
    if found.importance:
        parts += ["", plain(importance_title(found))]
        longest = max(*(each.mean for each in found.importance), 0.0)
        table = [
            (each.column, _bar(each.mean, longest), interval(each))
            for each in found.importance[:MOST_COLUMNS]
        ]
        parts += [f"  {line}" for line in aligned(table)]
    for row in found.rows[:MOST_ROWS]:
        parts += ["", *_row(row)]
    parts += [*([""] if found.rows else []), *left_out(found)]
    if found.rows:
        parts.append(plain(method_text(found)))
    parts += [plain(f"Note: {note}.") for note in found.notes]
    for section in report.sections:
        parts += ["", *_section(section)]
    return "\n".join(parts)


def _row(row: RowExplanation) -> list[str]:
    shown, (others, rest) = shown_contributions(row)
    table = [(name, value_text(row.values[name]), signed(value)) for name, value in shown]
    if others:
        table.append((f"{others} others", "", signed(rest)))
    return [plain(row_title(row)), *(f"  {line}" for line in aligned(table, frozenset({2})))]


def _section(section: Section) -> list[str]:
    lines = [line for line in section.lines if line[0] not in section.volatile]
    told = [f"  {line}" for line in aligned(lines, limit=_VALUES)] if lines else []
    return [plain(section.title), *told, *(f"  {plain(command)}" for command in section.commands)]


def _bar(value: float, longest: float) -> str:
    return "█" * round(_WIDE * max(value, 0.0) / longest) if longest else ""

"""A validation without a browser: the verdict and what breaks it, as aligned text and static HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.widgets.static import MUTED, PANEL, aligned, cell_html, esc, plain, table_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.validate import ValidationResult
    from jupyter_mlops.drift.validate.result import Check

ROWS = 12
HEADERS = ("column", "check", "expected", "checked", "violations", "first rows", "verdict")
RIGHT = frozenset({3, 4})

# Mark and colour repeat what the word says: nobody depends on the colour.
_MARKS = {
    "pass": ("✓", "var(--jp-success-color1,#1a7f37)"),
    "warn": ("!", "var(--jp-warn-color1,#9a6700)"),
    "fail": ("✗", "var(--jp-error-color1,#d1242f)"),
}


def as_text(result: ValidationResult, rows: int = ROWS) -> str:
    """The summary, what was checked, and what is not as expected."""
    shown = worst(result, rows)
    lines = [plain(result.summary), checked(result)]
    if shown:
        table = [[*_cells(check), check.why] for check in shown]
        lines += [f"  {line}" for line in aligned([[*HEADERS, ""], *table], RIGHT, limit=48)]
    return "\n".join(lines + _rest(result, len(shown)))


def as_html(result: ValidationResult, shown: Sequence[Check] | None = None) -> str:
    """The same with inline styles, readable in both themes and without script."""
    shown = worst(result) if shown is None else shown
    caption = (
        f"{cell_html(result.summary, limit=400)}"
        f'<div style="{MUTED};font-weight:400">{esc(checked(result))}</div>'
    )
    cells = [[*(cell_html(cell) for cell in _cells(check)[:-1]), _verdict_html(check)] for check in shown]
    inside = table_html(HEADERS, cells, caption, RIGHT) if cells else f"<strong>{caption}</strong>"
    notes = "".join(
        f'<div style="{MUTED};padding-top:6px">{esc(note)}</div>' for note in _rest(result, len(shown))
    )
    return f'<div style="{PANEL}">{inside}{notes}</div>'


def worst(result: ValidationResult, rows: int = ROWS) -> list[Check]:
    """The first checks that do not pass, worst first."""
    return [check for check in result.ranked if check.verdict != "pass"][:rows]


def checked(result: ValidationResult) -> str:
    """How many rows were checked against how many."""
    return f"{result.rows:,} rows against what {result.expectations.rows:,} reference rows let expect"


def _cells(check: Check) -> list[str]:
    row = check.to_dict()
    return [
        row["column"],
        row["expectation"],
        row["expected"],
        f"{row['rows_checked']:,}",
        f"{row['violations']:,}",
        ", ".join(map(str, row["first_positions"])),
        row["verdict"],
    ]


def _verdict_html(check: Check) -> str:
    mark, colour = _MARKS[check.verdict]
    why = f' <span style="{MUTED}">{cell_html(check.why, limit=120)}</span>' if check.why else ""
    return (
        f'<span style="color:{colour};font-weight:600"><span aria-hidden="true">{mark}</span> '
        f"{check.verdict}</span>{why}"
    )


def _rest(result: ValidationResult, shown: int) -> list[str]:
    left = [check.verdict for check in result.ranked[shown:]]
    if not left or shown == 0:
        return []
    counts = ", ".join(f"{left.count(word)} {word}" for word in ("fail", "warn", "pass") if word in left)
    return [f"And {len(left)} more: {counts}."]

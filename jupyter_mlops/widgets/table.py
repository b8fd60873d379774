"""A small table that shows itself: what verbs such as ``runs`` and ``models`` return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.widgets.static import MUTED, PANEL, aligned, cell_html, esc, plain, table_html


@dataclass(frozen=True)
class TableView:
    """A titled table of text; HTML in a notebook, aligned text elsewhere.

    Args:
        title: what the rows are.
        headers: one per column.
        rows: cells as they are shown.
        note: a sentence under the table.
        volatile: indices of columns that change between runs (ids, ages, ports). They are in the HTML and
            in `to_dict`, but not in the text, which stays the same when a notebook is run again.

    Raises:
        BadInputError: a row has not one cell per header.
    """

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    volatile: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        for at, row in enumerate(self.rows):
            if len(row) != len(self.headers):
                raise BadInputError(
                    f"Row {at} of the table {self.title!r} has {len(row)} cells, not {len(self.headers)}.",
                    "Give each row one cell per header.",
                )

    def __str__(self) -> str:
        kept = [i for i in range(len(self.headers)) if i not in self.volatile]
        parts = [plain(self.title)]
        if self.rows and kept:
            parts += aligned([[row[i] for i in kept] for row in (self.headers, *self.rows)])
        if self.note:
            parts.append(plain(self.note))
        return "\n".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Title, note, and the rows as mappings from header to cell, ready for JSON."""
        rows = [dict(zip(self.headers, row, strict=True)) for row in self.rows]
        return {"title": self.title, "rows": rows, "note": self.note}

    def _html(self) -> str:
        caption = cell_html(self.title, limit=200)
        if self.rows:
            headers = [cell_html(header) for header in self.headers]
            inside = table_html(headers, [[cell_html(c) for c in row] for row in self.rows], caption)
        else:
            inside = f"<strong>{caption}</strong>"
        note = f'<div style="{MUTED};padding-top:6px">{esc(plain(self.note))}</div>' if self.note else ""
        return f'<div style="{PANEL}">{inside}{note}</div>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Static HTML and stable text; IPython applies `include` and `exclude` itself."""
        return {"text/plain": str(self), "text/html": self._html()}

"""Tables as aligned text, which is valid Markdown too: the documentation shows what the command printed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A heading, column names and rows of text."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        widths = [max(map(len, cells)) for cells in zip(self.columns, *self.rows, strict=True)]
        # the first column names the row; the others are figures
        rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
        lines = [_line(self.columns, widths), f"|{rule}|", *(_line(row, widths) for row in self.rows)]
        return "\n".join([f"### {self.heading}", "", *lines])


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    first, *rest = cells
    texts = [
        first.ljust(widths[0]),
        *(text.rjust(width) for text, width in zip(rest, widths[1:], strict=True)),
    ]
    return f"| {' | '.join(texts)} |"


def ms(seconds: float) -> str:
    """Milliseconds, with a decimal where it means something."""
    value = seconds * 1000
    return f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"


def mb(count: float) -> str:
    """Megabytes (10^6 bytes)."""
    return f"{count / 1e6:,.2f}"


def ratio(middle: float, low: float, high: float) -> str:
    """A median with the least and the greatest."""
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"

"""What every static view shares: escaping, cutting, aligned text, and styles that follow the theme.

Styles are inline because notebook viewers drop style elements; colours are Jupyter's CSS variables with a
fallback, so the same HTML is right in light and dark and readable where there is no theme.
"""

from __future__ import annotations

import html
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CELL_LIMIT = 60
TITLE_LIMIT = 500

_FONT = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:var(--jp-ui-font-size1,13px)"
PANEL = (
    f"{_FONT};line-height:1.5;display:inline-block;max-width:100%;overflow-x:auto;box-sizing:border-box;"
    "padding:10px 14px;color:var(--jp-content-font-color1,#1f2328);background:var(--jp-layout-color1,#fff);"
    "border:1px solid var(--jp-border-color2,#d8dee4);border-radius:6px"
)
TITLE = "font-weight:600;text-align:left;caption-side:top;padding:0 0 6px;color:inherit"
MUTED = "color:var(--jp-ui-font-color2,#59636e)"
TABLE = "border-collapse:collapse;margin:0;border:0;font-size:inherit;color:inherit;background:none"
_CELL = "padding:3px 12px 3px 0;border:0;white-space:nowrap;background:none;vertical-align:top"
_HEAD = f"{_CELL};font-weight:600;border-bottom:1px solid var(--jp-border-color1,#afb8c1);{MUTED}"
CODE = (
    "margin:8px 0 0;padding:8px 10px;border-radius:4px;overflow-x:auto;color:inherit;"
    "background:var(--jp-layout-color2,#f3f4f6);font-family:var(--jp-code-font-family,monospace)"
)
LINK = "color:var(--jp-content-link-color,#0969da)"
HIDDEN = "position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%)"


def esc(text: str) -> str:
    """`text` safe between tags and inside quoted attributes."""
    return html.escape(text, quote=True)


def plain(text: str) -> str:
    """`text` on one line without control characters: no terminal escapes, no direction overrides.

    The zero-width joiner stays: emoji are built with it.
    """
    kept = (c if c == "\u200d" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"} else " " for c in text)
    return " ".join("".join(kept).split())


def cut(text: str, limit: int = CELL_LIMIT) -> str:
    """`text` with its middle replaced by an ellipsis beyond `limit` characters: endings tell names apart."""
    if len(text) <= limit:
        return text
    tail = limit // 3
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"


def cell_html(text: str, limit: int = CELL_LIMIT) -> str:
    """One escaped piece of user text, isolated from its surroundings' direction, in full in its title."""
    shown = plain(text)
    title = f' title="{esc(cut(shown, TITLE_LIMIT))}"' if len(shown) > limit else ""
    return f"<bdi{title}>{esc(cut(shown, limit))}</bdi>"


def table_html(
    headers: Sequence[str], rows: Sequence[Sequence[str]], caption: str, right: frozenset[int] = frozenset()
) -> str:
    """A table from cells that are HTML already; the columns in `right` are aligned to the right."""

    def line(tag: str, style: str, cells: Sequence[str]) -> str:
        scope = ' scope="col"' if tag == "th" else ""
        sides = ["right" if i in right else "left" for i in range(len(cells))]
        return "".join(
            f'<{tag}{scope} style="{style};text-align:{side}">{cell}</{tag}>'
            for cell, side in zip(cells, sides, strict=True)
        )

    head = line("th", _HEAD, headers)
    body = "".join(f"<tr>{line('td', _CELL, row)}</tr>" for row in rows)
    return (
        f'<table style="{TABLE};font-variant-numeric:tabular-nums">'
        f'<caption style="{TITLE}">{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def width(text: str) -> int:
    """Columns `text` takes in a terminal: wide characters take two, combining marks none."""
    return sum(
        0
        if unicodedata.combining(c) or c == "\u200d"
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


def aligned(
    rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset(), limit: int = CELL_LIMIT
) -> list[str]:
    """`rows` as lines of text, two blanks between columns and none at the ends of lines."""
    lines = [[cut(plain(cell), limit) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]

    def pad(cell: str, i: int) -> str:
        blanks = " " * (widths[i] - width(cell))
        return blanks + cell if i in right else cell + blanks

    return ["  ".join(pad(cell, i) for i, cell in enumerate(line)).rstrip() for line in lines]

"""Markdown from text of people: whatever it holds, it is shown as it was written."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 500
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# what means something within a line; a colon and a dot only where they would make a link, and an underscore
# not inside of a word
_MARKS = re.compile(
    r"[\\`*\[\]|~!#$^@]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.|(?<=mailto):|(?<=xmpp):", re.IGNORECASE
)

# what would make a list, a line or a heading of what begins with it
_BEGIN = re.compile(r"^(?:[-+=]+|\d{1,9}[.)])(?=\s|$)")


def words(text: object, most: int = _MOST) -> str:
    """Text for the inside of a line or a cell of a table: no markup, no link, no HTML, no control characters.

    What is longer than `most` characters loses its end.
    """
    kept = (
        c if c == "\u200d" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"} else " " for c in str(text)
    )
    line = " ".join("".join(kept).split())
    line = line if len(line) <= most else f"{line[: most - 1]}…"
    line = _MARKS.sub(lambda found: "\\" + found[0], line).translate(_ENTITIES)
    return _BEGIN.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", line)


def table(
    headers: Sequence[str], rows: Sequence[Sequence[object]], right: frozenset[int] = frozenset()
) -> str:
    """A table of GitHub's kind; the columns in `right` are aligned to the right."""
    rule = ["---:" if at in right else "---" for at in range(len(headers))]
    lines = [[words(cell) for cell in row] for row in (headers, *rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (lines[0], rule, *lines[1:]))


def facts(pairs: Sequence[tuple[str, object]]) -> str:
    """Labels and values as a list; values that are None or empty are left out."""
    return "\n".join(
        f"- **{words(label)}:** {words(value)}" for label, value in pairs if value is not None and value != ""
    )


def code_block(text: str, language: str = "") -> str:
    """Code in a fence that no line of it can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"

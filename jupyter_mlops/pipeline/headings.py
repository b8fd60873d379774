"""What a notebook's Markdown says of its cells: the heading of their section, and the text right above."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.secrets import secrets_in
from jupyter_mlops.pipeline.partition import Told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.lineage.record import CellRecord

_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"(\*\*|__|\*|(?<!\w)_|_(?!\w)|`|</?\w[^>]*>)")
_MOST_CHARS = 600


def told_above(notebook: Mapping[str, Any], records: Sequence[CellRecord]) -> dict[int, Told]:
    """By the serial of an execution, what is written above its cell.

    Cells are known by their ids, and where the front end did not tell them by their text.

    Args:
        notebook: the content of the notebook's file.
        records: executions of its session.
    """
    by_id: dict[str, Told] = {}
    by_source: dict[str, Told] = {}
    heading, texts = "", list[str]()
    for cell in notebook.get("cells", ()):
        source = _text(cell.get("source", ""))
        if cell.get("cell_type") == "markdown":
            heading, more = _read(source, heading)
            texts += more
        elif cell.get("cell_type") == "code":
            told = Told(heading, "\n\n".join(texts)[:_MOST_CHARS])
            texts = []
            by_id[str(cell.get("id", ""))] = told
            by_source.setdefault(source.strip(), told)
    found = {}
    for record in records:
        known = by_id.get(record.cell_id or "-") or by_source.get(record.source.strip())
        if known is not None and known != Told():
            found[record.serial] = known
    return found


def _text(source: Any) -> str:
    return "".join(source) if isinstance(source, list) else str(source)


def _read(source: str, heading: str) -> tuple[str, list[str]]:
    """The last heading of a Markdown cell (or the one before), and its paragraphs of plain words."""
    texts = []
    for paragraph in re.split(r"\n\s*\n", source):
        lines = []
        for line in paragraph.splitlines():
            found = _HEADING.fullmatch(line)
            if found:
                heading = _plain(found[1])
            else:
                lines.append(line)
        words = _plain(" ".join(" ".join(lines).split()))
        if words and not secrets_in(words, os.environ) and not words.startswith(("|", "$$", "```", "---")):
            texts.append(words)
    return heading, texts


def _plain(text: str) -> str:
    return _MARKS.sub("", _LINK.sub(r"\1", text)).strip()

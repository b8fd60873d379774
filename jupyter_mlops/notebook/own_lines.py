"""Our own lines in a cell: found, taken out of recorded code, and `%%mlops track` turned into a plain cell.

The user's code must run as it would without us, so ``%%mlops track`` does not execute the body itself:
its line is replaced by ``%mlops track --this-cell …`` and the body stays where it was. Line numbers,
tracebacks, ``await``, ``Out`` and display are therefore IPython's own.
"""

from __future__ import annotations

import re

_CELL = re.compile(r"^%%mlops[ \t]+track\b(?P<options>.*)$")
_LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?:[\w., \t]+=[ \t]*)?%(?:mlops\b|(?:load_ext|reload_ext)[ \t]+jupyter_mlops\b).*$"
)


def rewrite_cell(lines: list[str]) -> list[str]:
    """An IPython input transformer (`input_transformers_cleanup`): pure, line count unchanged."""
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        found = _CELL.match(line.rstrip("\n"))
        if found:
            return [*lines[:number], f"%mlops track --this-cell{found['options']}\n", *lines[number + 1 :]]
        break
    return lines


def without_own_lines(source: str) -> str:
    """The user's code of a cell: our magics and the line that loads us become comments or ``pass``."""
    kept = []
    for line in source.splitlines():
        if _CELL.match(line):
            continue
        found = _LINE.match(line)
        if not found:
            kept.append(line)
        elif found["indent"]:
            kept.append(f"{found['indent']}pass")
    return "\n".join(kept).strip("\n")

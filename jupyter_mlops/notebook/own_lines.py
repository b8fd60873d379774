"""Our own lines in a cell: found, taken out of recorded code, and `%%mlops track` turned into a plain cell.

The user's code must run as it would without us, so ``%%mlops track`` does not execute the body itself:
its line is replaced by ``%mlops track --this-cell …`` and the body stays where it was. Line numbers,
tracebacks, ``await``, ``Out`` and display are therefore IPython's own.
"""

from __future__ import annotations

import re

_CODE_MAGIC = re.compile(r"^%%(?:time|capture|prun)\b")
_CELL = re.compile(r"^%%mlops[ \t]+track\b(?P<options>.*)$")
_LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?:[\w., \t]+=[ \t]*)?%(?:mlops\b|(?:load_ext|reload_ext)[ \t]+jupyter_mlops\b).*$"
)


def rewrite_cell(lines: list[str]) -> list[str]:
    """An IPython input transformer (`input_transformers_cleanup`): pure, line count unchanged."""
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        found = _CELL.match(line.rstrip("\r\n"))
        if found:
            first, rest = [f"%mlops track --this-cell{found['options']}\n"], lines[number + 1 :]
            if rest and _CODE_MAGIC.match(rest[0]):  # it must stay first, and runs what follows it
                first, rest = [rest[0], *first], rest[1:]
            return [*lines[:number], *first, *rest]
        break
    return lines


def without_own_lines(source: str) -> str:
    """The user's code of a cell: our magics and the line that loads us go, indented ones become ``pass``."""
    kept = []
    continued = False  # the line before was ours and ended in a backslash
    for line in source.split("\n"):  # no other line break: a form feed in a text is the user's
        ours = _CELL.match(line) or _LINE.match(line)
        if ours and ours.groupdict().get("indent"):
            kept.append(f"{ours['indent']}pass")
        elif not (ours or continued):
            kept.append(line)
        continued = bool(ours or continued) and line.rstrip().endswith("\\")
    return "\n".join(kept).strip("\n")

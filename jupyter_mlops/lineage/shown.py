"""Values that a cell showed and a later one used as ``_`` or ``Out[7]`` get a name, so that code can move."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from jupyter_mlops.lineage.record import shown_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.lineage.record import CellRecord

_TIMED = re.compile(r"(\s*%%time[^\n]*\n)(.*)", re.DOTALL)
_TIMED_LINE = re.compile(r"((?:.*\n)?)%time\s+([^\n]+)\s*", re.DOTALL)
_OUTSIDE = r"(?<![\w.'\"\[]){}(?![\w'\"])"


def sources_of(taken: Sequence[CellRecord], records: Sequence[CellRecord]) -> dict[int, str]:
    """The source of each execution by its serial, with names for what others showed.

    A cell whose value is used later ends with ``shown_7 = …`` and ``shown_7``; ``_`` and ``Out[7]`` become
    ``shown_7``; ``In[7]`` becomes the text that was typed. Magics are left as they are where this cannot be
    done: in IPython, under the same numbers, they mean the same.
    """
    used = {count for record in taken for name in record.reads if (count := shown_count(name)) is not None}
    typed = {record.count: record.source for record in records if record.count}
    sources = {}
    for record in taken:
        source = record.source
        if record.earlier:
            source = _with_names(source, record.earlier, typed)
        if record.count in used:
            source = _with_result(source, f"shown_{record.count}")
        sources[record.serial] = source
    return sources


def _with_result(source: str, name: str) -> str:
    if timed := _TIMED.fullmatch(source):  # `%%time` above the code, `%time` before its last line
        return timed[1] + _with_result(timed[2], name)
    if timed := _TIMED_LINE.fullmatch(source):
        return f"{timed[1]}%time {name} = {timed[2]}\n{name}"
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return source
    if not body or not isinstance(body[-1], ast.Expr):
        return source
    value = body[-1].value
    start, end = (
        _offset(source, value.lineno, value.col_offset),
        _offset(source, value.end_lineno or 1, value.end_col_offset or 0),
    )
    while start > 0 and (opened := source[:start].rstrip()).endswith("(") and _closes(source[end:]):
        start, end = len(opened) - 1, end + source[end:].index(")") + 1  # `(a\n + b)`
    return f"{source[:start]}{name} = ({source[start:end]})\n{name}"


def _closes(rest: str) -> bool:
    return rest.lstrip().startswith(")")


def _with_names(source: str, earlier: Mapping[str, int], typed: Mapping[int, str]) -> str:
    new = {
        reference: repr(typed.get(count, "")) if reference[:2] in {"_i", "In"} else f"shown_{count}"
        for reference, count in earlier.items()
    }
    try:
        tree = ast.parse(source)
    except SyntaxError:
        for reference in sorted(new, key=len, reverse=True):
            pattern = re.compile(_OUTSIDE.format(re.escape(reference)))
            source = pattern.sub(new[reference].replace("\\", "\\\\"), source)
        return source
    places = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Subscript) and isinstance(node.ctx, ast.Load):
            text = ast.unparse(node).replace("_oh[", "Out[").replace("_ih[", "In[")
            if text in new:
                start = _offset(source, node.lineno, node.col_offset)
                end = _offset(source, node.end_lineno or 1, node.end_col_offset or 0)
                places.append((start, end, new[text]))
    for start, end, text in sorted(places, reverse=True):
        source = source[:start] + text + source[end:]
    return source


def _offset(source: str, line: int, column: int) -> int:
    """Characters before a place that the parser gives as a line and UTF-8 bytes in it."""
    lines = source.split("\n")
    before = sum(len(text) + 1 for text in lines[: line - 1])
    return before + len(lines[line - 1].encode()[:column].decode(errors="ignore"))

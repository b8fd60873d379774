"""Changes in the text of a statement that leave the rest of it, its layout and comments, as they are."""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence


@dataclass(frozen=True)
class Edit:
    """Put `text` in the place of an expression.

    Of the function of a call, `after_parenthesis` takes the place of the parenthesis after it.
    """

    node: ast.expr
    text: str
    after_parenthesis: str | None = None


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with all edits; they must not overlap."""
    lines = text.encode().splitlines(keepends=True)
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line))
    content = text.encode()
    for edit in sorted(edits, key=lambda edit: (edit.node.lineno, edit.node.col_offset), reverse=True):
        node = edit.node
        begin = begins[node.lineno - 1] + node.col_offset
        end = begins[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        new = edit.text
        if edit.after_parenthesis is not None:
            end = content.index(b"(", end) + 1
            new += edit.after_parenthesis
        content = content[:begin] + new.encode() + content[end:]
    return content.decode()


def indented(text: str, by: str = "    ") -> str:
    """The text with all lines indented, but for those that begin inside of a string."""
    inside: set[int] = set()
    kinds = ("STRING", "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if tokenize.tok_name[token.type] in kinds:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    lines = text.splitlines()
    return "\n".join(
        line if number in inside or not line.strip() else by + line
        for number, line in enumerate(lines, start=1)
    )

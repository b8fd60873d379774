"""The filter of a comparison: ``auc > 0.9 and depth < 6``, read by hand, never evaluated as code.

The browser reads the same language in `compare_filter.js`; `tests/widgets/filter_cases.json` holds both to
it. This one serves where there is no browser: static views and `to_frame`.

    filter     = any of: all {"or" all}
    all        = each of: one {["and"] one}
    one        = "not" one | "(" filter ")" | column sign value | word
    sign       = < | <= | > | >= | = | == | != | contains
    column     = word | `quoted` | "quoted" | 'quoted'

A word alone is searched in run names, in either case. A run without a value meets no condition on it.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jupyter_mlops.errors import did_you_mean
from jupyter_mlops.widgets.compare_columns import (
    Column,
    NumberColumn,
    TextColumn,
    by_reference,
    read_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Mask = npt.NDArray[np.bool_]
"""One value per run: whether it is kept."""

DEPTH = 50
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>`[^`]*`|"[^"]*"|'[^']*')|(?P<sign><=|>=|!=|==|[<>=()])|(?P<word>[^\s<>=!()`"']+))"""
)
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Filter:
    """Which runs to keep; with a `problem` (a sentence) every run is kept."""

    keep: Mask
    problem: str = ""


class _UnreadableError(Exception):
    """The text is no filter; the message says why and never leaves this module as an exception."""


def read_filter(text: str, columns: Sequence[Column]) -> Filter:
    """The filter that `text` spells; an empty text keeps every run."""
    try:
        return Filter(_Reader(text, columns).read())
    except _UnreadableError as error:
        return Filter(np.ones(len(columns[0]), dtype=bool), str(error))


class _Reader:
    def __init__(self, text: str, columns: Sequence[Column]) -> None:
        self.tokens = _split(text)
        self.at = 0
        self.columns = by_reference(columns)
        self.names = columns[0]

    def read(self) -> Mask:
        if not self.tokens:
            return np.ones(len(self.names), dtype=bool)
        kept = self.any_of(0)
        if self.at < len(self.tokens):
            raise _UnreadableError(f"“{self.tokens[self.at][1]}” is not expected here.")
        return kept

    def any_of(self, depth: int) -> Mask:
        kept = self.each_of(depth)
        while self.take("or"):
            kept = kept | self.each_of(depth)
        return kept

    def each_of(self, depth: int) -> Mask:
        kept = self.one(depth)
        while self.take("and") or self.starts_one():
            kept = kept & self.one(depth)
        return kept

    def one(self, depth: int) -> Mask:
        if depth > DEPTH:
            raise _UnreadableError("There are too many brackets inside each other.")
        if self.take("not"):
            return ~self.one(depth + 1)
        if self.take("("):
            kept = self.any_of(depth + 1)
            if not self.take(")"):
                raise _UnreadableError("A closing bracket is missing.")
            return kept
        if self.at == len(self.tokens):
            raise _UnreadableError("The filter stops in the middle.")
        kind, text = self.tokens[self.at]
        if kind == "sign" or (kind == "word" and text.lower() in {"and", "or"}):
            raise _UnreadableError(f"“{text}” is not expected here.")
        self.at += 1
        sign = self.take_sign()
        return self.comparison(text, sign) if sign else self.search(text)

    def comparison(self, name: str, sign: str) -> Mask:
        if name not in self.columns:
            raise _UnreadableError(f"No column is called “{name}”.{did_you_mean(name, self.columns)}")
        if self.at == len(self.tokens) or self.tokens[self.at][0] == "sign":
            raise _UnreadableError(f"A value is missing after “{sign}”.")
        value = self.tokens[self.at][1]
        self.at += 1
        return _condition(self.columns[name], sign, value)

    def search(self, text: str) -> Mask:
        return _condition(self.names, "contains", text)

    def take(self, word: str) -> bool:
        if self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind != "quoted" and text.lower() == word:
                self.at += 1
                return True
        return False

    def take_sign(self) -> str:
        for sign in (*_COMPARE, "contains"):
            if self.take(sign):
                return sign
        return ""

    def starts_one(self) -> bool:
        if self.at == len(self.tokens):
            return False
        kind, text = self.tokens[self.at]
        return kind == "quoted" or text == "(" or (kind == "word" and text.lower() != "or")


def _split(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    text = text.strip()
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            rest = text[at:].lstrip()
            is_quote = rest[:1] in "`\"'"
            raise _UnreadableError(
                f"The quote {rest[:1]} is not closed." if is_quote else f"“{rest[:1]}” is not expected here."
            )
        kind = str(found.lastgroup)
        token = found.group(kind)
        tokens.append((kind, token[1:-1] if kind == "quoted" else token))
        at = found.end()
    return tokens


@singledispatch
def _condition(column: object, sign: str, value: str) -> Mask:
    raise TypeError(type(column).__name__)


@_condition.register
def _(column: NumberColumn, sign: str, value: str) -> Mask:
    number = read_number(value)
    if sign == "contains":
        raise _UnreadableError(f"“{column.name}” holds numbers; contains is for text.")
    if number is None:
        raise _UnreadableError(f"“{column.name}” holds numbers, and “{value}” is none.")
    return np.asarray(_COMPARE[sign](column.values, number)) & ~np.isnan(column.values)


@_condition.register
def _(column: TextColumn, sign: str, value: str) -> Mask:
    kept = [_meets(word, sign, value) for word in column.words]
    return np.array([*kept, False])[column.codes]  # the last is what a code of -1 finds


def _meets(word: str, sign: str, value: str) -> bool:
    if sign == "contains":
        return value.lower() in word.lower()
    left, right = read_number(word), read_number(value)
    if left is not None and right is not None:
        return bool(_COMPARE[sign](left, right))
    if right is not None and sign in {"<", "<=", ">", ">="}:
        return False  # a text is neither above nor below a number
    return bool(_COMPARE[sign](word.lower(), value.lower()))

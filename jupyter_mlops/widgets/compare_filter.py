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

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch

from jupyter_mlops.errors import did_you_mean
from jupyter_mlops.widgets.compare_columns import (
    Column,
    NumberColumn,
    TextColumn,
    by_reference,
    read_number,
)

Test = Callable[[int], bool]

DEPTH = 50
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>`[^`]*`|"[^"]*"|'[^']*')|(?P<sign><=|>=|!=|==|[<>=()])|(?P<word>[^\s<>=!()`"']+))"""
)
_COMPARE: dict[str, Callable[[float | str, float | str], bool]] = {
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
    """Which rows to keep; with a `problem` (a sentence) every row is kept."""

    keep: Test
    problem: str = ""


class _UnreadableError(Exception):
    """The text is no filter; the message says why and never leaves this module as an exception."""


def read_filter(text: str, columns: Sequence[Column]) -> Filter:
    """The filter that `text` spells; an empty text keeps every run."""
    try:
        return Filter(_Reader(text, columns).read())
    except _UnreadableError as error:
        return Filter(lambda row: True, str(error))


class _Reader:
    def __init__(self, text: str, columns: Sequence[Column]) -> None:
        self.tokens = _split(text)
        self.at = 0
        self.columns = by_reference(columns)
        self.names = columns[0]

    def read(self) -> Test:
        if not self.tokens:
            return lambda row: True
        test = self.any_of(0)
        if self.at < len(self.tokens):
            raise _UnreadableError(f"“{self.tokens[self.at][1]}” is not expected here.")
        return test

    def any_of(self, depth: int) -> Test:
        tests = [self.each_of(depth)]
        while self.take("or"):
            tests.append(self.each_of(depth))
        return lambda row: any(test(row) for test in tests)

    def each_of(self, depth: int) -> Test:
        tests = [self.one(depth)]
        while self.take("and") or self.starts_one():
            tests.append(self.one(depth))
        return lambda row: all(test(row) for test in tests)

    def one(self, depth: int) -> Test:
        if depth > DEPTH:
            raise _UnreadableError("There are too many brackets inside each other.")
        if self.take("not"):
            test = self.one(depth + 1)
            return lambda row: not test(row)
        if self.take("("):
            test = self.any_of(depth + 1)
            if not self.take(")"):
                raise _UnreadableError("A closing bracket is missing.")
            return test
        if self.at == len(self.tokens):
            raise _UnreadableError("The filter stops in the middle.")
        kind, text = self.tokens[self.at]
        if kind == "sign" or (kind == "word" and text.lower() in {"and", "or"}):
            raise _UnreadableError(f"“{text}” is not expected here.")
        self.at += 1
        sign = self.take_sign()
        return self.comparison(text, sign) if sign else self.search(text)

    def comparison(self, name: str, sign: str) -> Test:
        if name not in self.columns:
            raise _UnreadableError(f"No column is called “{name}”.{did_you_mean(name, self.columns)}")
        if self.at == len(self.tokens) or self.tokens[self.at][0] == "sign":
            raise _UnreadableError(f"A value is missing after “{sign}”.")
        value = self.tokens[self.at][1]
        self.at += 1
        return _condition(self.columns[name], sign, value)

    def search(self, text: str) -> Test:
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
def _condition(column: object, sign: str, value: str) -> Test:
    raise TypeError(type(column).__name__)


@_condition.register
def _(column: NumberColumn, sign: str, value: str) -> Test:
    number = read_number(value)
    if sign == "contains":
        raise _UnreadableError(f"“{column.name}” holds numbers; contains is for text.")
    if number is None:
        raise _UnreadableError(f"“{column.name}” holds numbers, and “{value}” is none.")
    compare = _COMPARE[sign]
    return lambda row: not math.isnan(column.values[row]) and compare(column.values[row], number)


@_condition.register
def _(column: TextColumn, sign: str, value: str) -> Test:
    kept = {i for i, word in enumerate(column.words) if _meets(word, sign, value)}
    return lambda row: column.codes[row] in kept


def _meets(word: str, sign: str, value: str) -> bool:
    if sign == "contains":
        return value.lower() in word.lower()
    left, right = read_number(word), read_number(value)
    if left is not None and right is not None:
        return _COMPARE[sign](left, right)
    if right is not None and sign in {"<", "<=", ">", ">="}:
        return False  # a text is neither above nor below a number
    return _COMPARE[sign](word.lower(), value.lower())

"""Two or three pieces of code side by side: which statement of one stands where in the others."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_mlops.comparison.statements import Statement

Row = tuple["Statement | None", ...]
"""One statement of each code, or None where a code has none there."""

_ALIKE = 0.6
"""From this share of common words on, two statements are one that was changed."""
_SAME_SUBJECT = 0.4
"""What binding or calling the same adds to that share."""
_MOST_PAIRS = 40_000
"""Of larger parts without a common statement, only what binds the same is paired: each pair is compared."""
_MOST_WORDS = 2000
"""Of longer statements the words in common count in any order: the time grows with their product."""
_WORDS = re.compile(r"\w+|[^\w\s]")


def aligned(codes: Sequence[Sequence[Statement]]) -> list[Row]:
    """Rows in the order of the first code, with what later ones have more of where they have it.

    Args:
        codes: two or three; the first is the base.
    """
    base, *others = codes
    rows: list[Row] = [(each,) for each in base]
    for width, other in enumerate(others, start=1):
        rows = list(_joined(rows, width, other))
    return rows


def _joined(rows: Sequence[Row], width: int, other: Sequence[Statement]) -> Iterator[Row]:
    """The rows of `width` codes with one code more, aligned by the first statement of each row."""
    heads = [next(each for each in row if each is not None) for row in rows]
    nothing: Row = (None,) * width
    for left, right in _pairs(heads, other):
        yield (*(nothing if left is None else rows[left]), None if right is None else other[right])


def _pairs(one: Sequence[Statement], other: Sequence[Statement]) -> Iterator[tuple[int | None, int | None]]:
    """Positions side by side: equal statements first, and between them those that are alike."""
    keys = [each.key for each in one], [each.key for each in other]
    for tag, i, i_end, j, j_end in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(range(i, i_end), range(j, j_end), strict=True)
        else:
            for left, right in _alike(one[i:i_end], other[j:j_end]):
                yield (None if left is None else left + i), (None if right is None else right + j)


def _alike(one: Sequence[Statement], other: Sequence[Statement]) -> Iterator[tuple[int | None, int | None]]:
    """The best sum of likenesses, in order (Needleman and Wunsch 1970, gaps cost nothing)."""
    few = len(one) * len(other) <= _MOST_PAIRS
    best = [[0.0] * (len(other) + 1) for _ in range(len(one) + 1)]
    like = [[_likeness(a, b, few=few) for b in other] for a in one]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(other) - 1, -1, -1):
            paired = like[i][j] + best[i + 1][j + 1] if like[i][j] else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < len(one) or j < len(other):
        if i < len(one) and j < len(other) and like[i][j] and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif i < len(one) and (j == len(other) or best[i][j] == best[i + 1][j]):
            yield i, None
            i += 1
        else:
            yield None, j
            j += 1


def _likeness(one: Statement, other: Statement, *, few: bool) -> float:
    """0 for two statements that have nothing to do with each other, else above it."""
    bonus = _SAME_SUBJECT if one.about and one.about == other.about else 0.0
    if not few:
        return bonus
    ours, theirs = _words(one.text), _words(other.text)
    size = len(ours) + len(theirs)
    if not size or 2 * min(len(ours), len(theirs)) / size + bonus < _ALIKE:
        return 0.0
    words = SequenceMatcher(None, ours, theirs, autojunk=False)
    share = words.quick_ratio()
    if size <= _MOST_WORDS and share + bonus >= _ALIKE:
        share = words.ratio()
    return share + bonus if share + bonus >= _ALIKE else 0.0


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(text))

"""Texts of runs by name, such as their parameters, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class TextDiff:
    """One name with a text of each run, None where a run has none; `same` if all agree."""

    name: str
    values: tuple[str | None, ...]
    same: bool


def text_diffs(runs: Sequence[Mapping[str, str]]) -> tuple[TextDiff, ...]:
    """Compare texts by name, in the order in which the names first appear."""
    names = dict.fromkeys(name for texts in runs for name in texts)
    rows = ((name, tuple(texts.get(name) for texts in runs)) for name in names)
    return tuple(TextDiff(name, values, len(set(values)) == 1) for name, values in rows)

"""The columns of a comparison: how a column is sorted, shown, marked and sent to the browser.

The browser repeats only what must react to a key press (`compare_columns.js`). What can be decided once is
decided here and sent along: which direction is better, and the order of texts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_mlops.tracking.run_table import RunTable

LOWER_IS_BETTER = frozenset(
    (
        *("loss", "losses", "error", "errors", "err", "rmse", "rmsle", "mae", "mse", "mape", "logloss"),
        *("brier", "deviance", "perplexity", "time", "latency", "seconds", "duration"),
    )
)
# A whole word that float() reads, but none of its oddities (nan, 1_000): the browser has the same rule.
NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf)", re.IGNORECASE | re.ASCII)


class Column(Protocol):
    """One column of runs."""

    @property
    def group(self) -> str:
        """Where it comes from: run, metrics, params or info."""

    @property
    def name(self) -> str:
        """What its header says."""

    @property
    def rank(self) -> Sequence[float]:
        """Per run, a number that sorts it best first; NaN where the run has no value."""

    @property
    def numeric(self) -> bool:
        """True if every value is a number, to be aligned to the right."""

    def text(self, row: int) -> str:
        """The value as it is shown; empty where there is none."""

    def data(self) -> Sequence[object]:
        """The values for a data frame."""

    def same(self, rows: Sequence[int]) -> bool:
        """True if `rows` (at least one) agree; having no value is a value here."""

    def packed(self) -> dict[str, Any]:
        """What the browser needs, with the values as bytes."""


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A metric: float64, NaN where a run did not measure it."""

    group: str
    name: str
    values: Sequence[float]

    @cached_property
    def lower(self) -> bool:
        """True if smaller is better."""
        return lower_is_better(self.name)

    @property
    def numeric(self) -> bool:
        """Always."""
        return True

    @cached_property
    def whole(self) -> bool:
        """True if every value is an integer, to be shown without decimals."""
        return all(value.is_integer() for value in self.values if math.isfinite(value))

    @cached_property
    def rank(self) -> Sequence[float]:
        """Smaller is earlier: the value itself, or its negative where higher is better."""
        return [float(v) if self.lower else -float(v) for v in self.values]

    def text(self, row: int) -> str:
        """Four significant digits, or whole numbers."""
        return number_text(self.values[row], self.whole)

    def data(self) -> Sequence[object]:
        """The floats themselves."""
        return self.values

    def same(self, rows: Sequence[int]) -> bool:
        """NaN equals NaN: neither run measured it."""
        return len({"" if math.isnan(self.values[row]) else self.values[row] for row in rows}) == 1

    def best(self, rows: Sequence[int]) -> frozenset[int]:
        """The rows with the best finite value; none if all measured rows are equally good."""
        finite = {row: self.rank[row] for row in rows if math.isfinite(self.values[row])}
        if len(set(finite.values())) < 2:
            return frozenset()
        top = min(finite.values())
        return frozenset(row for row, rank in finite.items() if rank == top)

    def packed(self) -> dict[str, Any]:
        """Little-endian float64."""
        data = np.asarray(self.values, dtype="<f8").tobytes()
        return {
            "group": self.group,
            "name": self.name,
            "lower": self.lower,
            "whole": self.whole,
            "numbers": data,
        }


@dataclass(frozen=True, eq=False)
class TextColumn:
    """Names, parameters and information: text or None."""

    group: str
    name: str
    values: Sequence[str | None]

    @cached_property
    def words(self) -> list[str]:
        """The different values in order: numbers by size, then texts."""
        return sorted({value for value in self.values if value is not None}, key=_text_key)

    @cached_property
    def codes(self) -> list[int]:
        """Per run the index of its value in `words`; -1 where it has none."""
        at = {word: i for i, word in enumerate(self.words)}
        return [-1 if value is None else at[value] for value in self.values]

    @cached_property
    def rank(self) -> Sequence[float]:
        """The order of `words`."""
        return [math.nan if code < 0 else float(code) for code in self.codes]

    def text(self, row: int) -> str:
        """The text itself."""
        return self.values[row] or ""

    @cached_property
    def numeric(self) -> bool:
        """True if every value there is spells a number."""
        return bool(self.words) and all(read_number(word) is not None for word in self.words)

    def data(self) -> Sequence[object]:
        """Numbers if the column is numeric, else the texts; None where there is no value."""
        if not self.numeric:
            return self.values
        return [None if value is None else read_number(value) for value in self.values]

    def same(self, rows: Sequence[int]) -> bool:
        """None equals None."""
        return len({self.codes[row] for row in rows}) == 1

    def packed(self) -> dict[str, Any]:
        """Each text once, and little-endian int32 codes."""
        data = np.asarray(self.codes, dtype="<i4").tobytes()
        return {
            "group": self.group,
            "name": self.name,
            "numeric": self.numeric,
            "words": self.words,
            "codes": data,
        }


def columns_of(table: RunTable) -> list[Column]:
    """The columns in the order they are shown: run name, metrics, parameters, information."""
    return [
        TextColumn("run", "name", table.names),
        *(
            NumberColumn("metrics", name, [float(v) for v in values])
            for name, values in table.metrics.items()
        ),
        *(TextColumn("params", name, values) for name, values in table.params.items()),
        *(TextColumn("info", name, values) for name, values in table.info.items()),
    ]


def by_reference(columns: Sequence[Column]) -> dict[str, Column]:
    """Columns by the names a filter or `sort` may use: ``lr``, or ``params.lr`` if a metric is called so."""
    found: dict[str, Column] = {}
    named = [*columns[1:], columns[0]]  # a parameter called "name" comes before the run's name
    for column in named:
        found.setdefault(column.name, column)
    for column in named:
        found.setdefault(f"{column.group}.{column.name}", column)
    return found


def ordered(rows: Iterable[int], column: Column, reverse: bool) -> list[int]:
    """`rows` best first (or last); equals keep their order, and runs without a value come last either way."""
    rank = column.rank
    present: list[int] = []
    absent: list[int] = []
    for row in rows:
        (absent if math.isnan(rank[row]) else present).append(row)
    return sorted(present, key=rank.__getitem__, reverse=reverse) + absent


def lower_is_better(name: str) -> bool:
    """True if a metric's name reads like a loss, an error or a time (``val_loss``, ``trainRMSE``).

    scikit-learn's ``neg_…`` scores are negated losses: higher is better.
    """
    parts = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name).lower()
    words = [word for word in re.split(r"[^a-z]+", parts) if word]
    if words[:1] == ["neg"]:
        return False
    return any(word in LOWER_IS_BETTER or word.endswith(("loss", "error", "rmse")) for word in words)


def number_text(value: float, whole: bool) -> str:
    """`value` with four significant digits, never fewer than its integer part below a billion has."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    size = abs(value)
    if (whole or size >= 9999.5) and size < 1e9:
        return f"{value:.0f}"
    return f"{value:#.4g}".rstrip(".") if value else "0.000"


def read_number(text: str) -> float | None:
    """The number that `text` spells, or None."""
    return float(text) if NUMBER.fullmatch(text) else None


def _text_key(text: str) -> tuple[bool, float, str, str]:
    number = read_number(text)
    return (number is None, number or 0.0, text.casefold(), text)

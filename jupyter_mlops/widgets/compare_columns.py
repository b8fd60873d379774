"""The columns of a comparison: how a column is sorted, shown and marked.

The browser repeats only what must react to a key press (`compare_columns.js`). What can be decided once is
decided here and sent along (`compare_packing.py`): which direction is better, and the order of texts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from jupyter_mlops.comparison.better import lower_is_better
from jupyter_mlops.tracking.run_table import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_mlops.tracking.run_table import RunTable

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
# A whole word that float() reads, but none of its oddities (nan, 1_000): the browser has the same rule.
NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf)", re.IGNORECASE | re.ASCII)

_BEGINS = frozenset("0123456789.+-iI")
"""Most texts are told from numbers by their first letter."""


class Column(Protocol):
    """One column of runs."""

    @property
    def group(self) -> str:
        """Where it comes from: run, metrics, params or info."""

    @property
    def name(self) -> str:
        """What its header says."""

    @property
    def rank(self) -> Floats:
        """Per run, a number that sorts it best first; NaN where the run has no value."""

    @property
    def numeric(self) -> bool:
        """True if every value is a number, to be aligned to the right."""

    def text(self, row: int) -> str:
        """The value as it is shown; empty where there is none."""

    def data(self, rows: Rows) -> Sequence[object] | Floats:
        """The values of `rows` for a data frame."""

    def same(self, rows: Rows) -> bool:
        """True if `rows` (at least one) agree; having no value is a value here."""

    def __len__(self) -> int:
        """How many runs."""


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A metric: float64, NaN where a run did not measure it."""

    group: str
    name: str
    values: Floats

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
        finite = self.values[np.isfinite(self.values)]
        return bool((finite == np.floor(finite)).all())

    @cached_property
    def rank(self) -> Floats:
        """Smaller is earlier: the value itself, or its negative where higher is better."""
        return self.values if self.lower else -self.values

    def text(self, row: int) -> str:
        """Four significant digits, or whole numbers."""
        return number_text(float(self.values[row]), self.whole)

    def data(self, rows: Rows) -> Floats:
        """The floats themselves."""
        return self.values[rows]

    def same(self, rows: Rows) -> bool:
        """NaN equals NaN: neither run measured it."""
        values = self.values[rows]
        return bool(((values == values[0]) | (np.isnan(values) & np.isnan(values[0]))).all())

    def best(self, rows: Rows) -> frozenset[int]:
        """The rows with the best finite value; none if all measured rows are equally good."""
        measured = rows[np.isfinite(self.values[rows])]
        rank = self.rank[measured]
        if not len(rank) or rank.min() == rank.max():
            return frozenset()
        return frozenset(measured[rank == rank.min()].tolist())

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, eq=False)
class TextColumn:
    """Names, parameters and information: text or None."""

    group: str
    name: str
    values: Sequence[str | None]

    @property
    def words(self) -> list[str]:
        """The different values in order: numbers by size, then texts."""
        return self._coded[0]

    @property
    def codes(self) -> Rows:
        """Per run the index of its value in `words`; -1 where it has none."""
        return self._coded[1]

    @cached_property
    def _coded(self) -> tuple[list[str], Rows]:
        values = self.values
        if isinstance(values, Texts):  # its words are those of many columns
            used = {values.words[code]: code for code in np.unique(values.codes).tolist() if code >= 0}
            words = _in_order(used)
            places = np.full(len(values.words) + 1, -1, dtype=np.int64)  # the last is what -1 finds
            places[[used[word] for word in words]] = np.arange(len(words))
            return words, places[values.codes]
        words = _in_order({value for value in values if value is not None})
        at: dict[str | None, int] = {word: i for i, word in enumerate(words)}
        at[None] = -1
        return words, np.fromiter((at[value] for value in values), dtype=np.int64, count=len(values))

    @cached_property
    def rank(self) -> Floats:
        """The order of `words`."""
        return np.where(self.codes < 0, np.nan, self.codes.astype(np.float64))

    def text(self, row: int) -> str:
        """The text itself."""
        return self.values[row] or ""

    @cached_property
    def numeric(self) -> bool:
        """True if every value there is spells a number."""
        return bool(self.words) and read_number(self.words[-1]) is not None  # texts come after numbers

    def data(self, rows: Rows) -> Sequence[object]:
        """Numbers if the column is numeric, else the texts; None where there is no value."""
        data: list[object] = [read_number(word) for word in self.words] if self.numeric else [*self.words]
        data.append(None)  # what a code of -1 finds
        return [data[code] for code in self.codes[rows].tolist()]

    def same(self, rows: Rows) -> bool:
        """None equals None."""
        codes = self.codes[rows]
        return bool((codes == codes[0]).all())

    def with_text(self, row: int, text: str | None) -> TextColumn:
        """This column with another text in one row."""
        return replace(self, values=[*self.values[:row], text, *self.values[row + 1 :]])

    def __len__(self) -> int:
        return len(self.values)


def columns_of(table: RunTable) -> list[Column]:
    """The columns in the order they are shown: run name, metrics, parameters, information."""
    return [
        TextColumn("run", "name", table.names),
        *(
            NumberColumn("metrics", name, np.asarray(values, dtype=np.float64))
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


def ordered(rows: Rows, column: Column, reverse: bool) -> Rows:
    """`rows` best first (or last); equals keep their order, and runs without a value come last either way."""
    rank = column.rank[rows]
    absent = np.isnan(rank)
    present = rows[~absent]
    order = np.argsort(-rank[~absent] if reverse else rank[~absent], kind="stable")
    return np.concatenate([present[order], rows[absent]])


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
    return float(text) if text[:1] in _BEGINS and NUMBER.fullmatch(text) else None


def _in_order(words: Iterable[str]) -> list[str]:
    """Different texts in order: numbers by size, then texts without regard to case.

    Sorted again and again by what counts more each time: such keys are compared without Python.
    """
    texts = sorted(words)
    texts.sort(key=str.casefold)
    sizes = {word: size for word in texts if (size := read_number(word)) is not None}
    return sorted(sizes, key=sizes.__getitem__) + [word for word in texts if word not in sizes]

"""Categories as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import Row, as_columns, numbers, rows_in
from .lookup import NOWHERE, Lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .blocks import Block
    from .read import Reader


class OneHot:
    """A 1 in the place of each column's category; a category without a place gives no 1."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.lookups = [Lookup(column) for column in node["columns"]]
        self.width: int = node["width"]
        self._zeros = numbers([0.0] * self.width)
        self._gets = [(lookup.numbers.get, lookup.one) for lookup in self.lookups]

    def transform(self, block: Block) -> Block:
        """One column of zeros and ones per category that has a place."""
        if type(block) is Row:
            row = self._zeros[:]
            for (get, one), value in zip(self._gets, block, strict=True):
                place = get(value, NOWHERE)
                if place < 0:  # unknown or missing
                    place = one(value)
                if place >= 0:
                    row[place] = 1.0
            return row
        made = np.zeros((rows_in(block), self.width))
        cells, starts = made.reshape(-1), np.arange(len(made)) * self.width
        for lookup, column in zip(self.lookups, as_columns(block), strict=True):
            places = lookup.many(column)
            has_place = places >= 0
            ones = starts + places
            cells[ones if has_place.all() else ones[has_place]] = 1.0
        return made


class Table:
    """Each column's category becomes the numbers that stand in its row of a table."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.lookups = [Lookup(column) for column in node["columns"]]
        self.tables = [reader.array(index) for index in node["tables"]]
        self._rows: list[list[list[float]]] = [table.tolist() for table in self.tables]

    def transform(self, block: Block) -> Block:
        """The tables' rows side by side."""
        if type(block) is Row:
            row = Row()
            for lookup, rows, value in zip(self.lookups, self._rows, block, strict=True):
                row += rows[lookup.one(value)]
            return row
        columns = zip(self.lookups, self.tables, as_columns(block), strict=True)
        return np.concatenate([table[lookup.many(column)] for lookup, table, column in columns], axis=1)


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {"one_hot": OneHot, "table": Table}

"""From a value to its number: the categories that training saw."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from ..problems import BadRequest

if TYPE_CHECKING:
    from .blocks import Column

NOWHERE = -1
"""The number of a value that has no place of its own."""
REFUSED = -2
"""The number of a value that the model does not take."""


class Lookup:
    """One column's categories. Numbers are 0 and up, `NOWHERE` for none, `REFUSED` for what is not taken."""

    def __init__(self, node: Any) -> None:
        self.missing: int = node["missing"]
        self.unknown: int = node["unknown"]
        self._name: str | None = node["name"]
        self.numbers: dict[Any, int] = dict(zip(node["values"], node["numbers"], strict=True))
        self.numbers[None] = self.missing
        self._may_refuse = REFUSED in {self.missing, self.unknown}

    def one(self, value: Any) -> int:
        """The number of one value."""
        number = self.numbers.get(value)
        if number is None:
            # NaN is the one value that is not itself.
            number = self.missing if value != value else self.unknown  # noqa: PLR0124
        if number == REFUSED:
            raise self._unseen()
        return number

    def many(self, column: Column) -> np.ndarray[Any, Any]:
        """The numbers of a column's values: int64, (rows,)."""
        values = column if isinstance(column, list) else column.tolist()
        get, unknown = self.numbers.get, self.unknown
        numbers = np.fromiter(map(get, values, repeat(unknown)), np.int64, len(values))
        if isinstance(column, np.ndarray) and column.dtype.kind == "f" and self.missing != unknown:
            numbers[np.isnan(column)] = self.missing
        if self._may_refuse and (numbers == REFUSED).any():
            raise self._unseen()
        return numbers

    def _unseen(self) -> BadRequest:
        where = "a column" if self._name is None else f'column "{self._name}"'
        return BadRequest("UNSEEN_CATEGORY", f"{where} has a value that training did not have")

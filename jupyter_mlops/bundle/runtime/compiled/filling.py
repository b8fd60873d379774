"""Missing values: filled in, or shown as columns of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..problems import BadRequest
from .blocks import Row, as_columns, as_matrix, no_place_for_missing, select, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .blocks import Block, Column
    from .read import Reader


class Fill:
    """Puts what training found in the place of missing values, column by column."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.fills: list[Any] = node["fills"]
        self.kept: list[int] | None = node["kept"]
        self.gaps = Gaps(node["gaps"], reader) if node["gaps"] else None
        self.sentinel = node["sentinel"]
        self.numbers = np.array(self.fills, dtype=np.float64) if node["numeric"] else None

    def transform(self, block: Block) -> Block:
        """The block without missing values; then, where the imputer adds them, where they were."""
        shown = self.gaps.transform(block) if self.gaps else None
        kept = block if self.kept is None else select(block, self.kept)
        if type(kept) is Row:
            filled: Block = Row(
                [
                    fill if self._is_missing(value) else value
                    for value, fill in zip(kept, self.fills, strict=True)
                ]
            )
        elif self.numbers is not None:
            matrix = as_matrix(kept)
            filled = np.where(_gaps_in(matrix, self.sentinel), self.numbers, matrix)
        else:
            filled = [
                self._column(column, fill) for column, fill in zip(as_columns(kept), self.fills, strict=True)
            ]
        return filled if shown is None else side_by_side([filled, shown])

    def _column(self, column: Column, fill: Any) -> Column:
        values = column if isinstance(column, list) else column.tolist()
        return [fill if self._is_missing(value) else value for value in values]

    def _is_missing(self, value: Any) -> bool:
        is_null = value is None or value != value  # noqa: PLR0124 - NaN is not itself
        if self.sentinel is None:
            return bool(is_null)
        if is_null:
            raise no_place_for_missing()
        return bool(value == self.sentinel)


class Gaps:
    """Ones where a value is missing, for the columns that training chose."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.columns: list[int] = node["columns"]
        self.others: list[int] = node["others"]
        self.sentinel = node["sentinel"]

    def transform(self, block: Block) -> Block:
        """One column of zeros and ones for each chosen column."""
        found = [self._gaps(column) for column in as_columns(block)]
        if any(found[index].any() for index in self.others):
            raise BadRequest(
                "MISSING_VALUE", "a value is missing in a column that had all of them in training"
            )
        gaps = np.empty((len(found[0]), len(self.columns)))
        for place, index in enumerate(self.columns):
            gaps[:, place] = found[index]
        return Row(gaps[0].tolist()) if type(block) is Row else gaps

    def _gaps(self, column: Column) -> np.ndarray[Any, Any]:
        if isinstance(column, np.ndarray) and column.dtype != object:
            return _gaps_in(column, self.sentinel)
        if self.sentinel is not None:
            return np.array([value == self.sentinel for value in column], dtype=bool)
        return np.array([value is None or value != value for value in column], dtype=bool)  # noqa: PLR0124


def _gaps_in(numbers: np.ndarray[Any, Any], sentinel: Any) -> np.ndarray[Any, Any]:
    if sentinel is None:
        gaps: np.ndarray[Any, Any] = numbers != numbers  # noqa: PLR0124 - NaN is not itself
        return gaps
    if numbers.dtype.kind == "f" and np.isnan(numbers).any():
        raise no_place_for_missing()
    equal: np.ndarray[Any, Any] = numbers == sentinel
    return equal


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {"fill": Fill, "gaps": Gaps}

"""The rows of a request after they were checked: what every protocol makes and every engine takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .schema import Column, Packed, Schema

MANY = 32
"""From so many rows on an array takes the place of the numbers it was made of."""


class Batch:
    """Columns of checked values, in the schema's order.

    Attributes:
        columns: the schema.
        row: the plain values of the only row, where it came as such: fewer objects to make for most requests.
        rows: how many.
        packed: the only row after `pack`.
    """

    __slots__ = ("_arrays", "_schema", "_values", "columns", "packed", "row", "rows")

    def __init__(
        self, columns: Sequence[Column], values: list[list[Any] | np.ndarray[Any, Any]], rows: int
    ) -> None:
        self.columns = columns
        self.rows = rows
        self.row: list[Any] | None = None
        self.packed: Packed | None = None
        self._schema: Schema | None = None
        self._values = values
        self._arrays: dict[int, np.ndarray[Any, Any]] | None = None

    @classmethod
    def of_row(cls, columns: Schema, row: list[Any]) -> Batch:
        """A batch of one row of plain values."""
        batch = cls(columns, [], 1)
        batch.row, batch._schema = row, columns
        return batch

    @property
    def values(self) -> list[list[Any] | np.ndarray[Any, Any]]:
        """For each column its values, one per row.

        A list of plain Python values with None where one is missing, or an array as `array` gives it.
        """
        if not self._values and self._schema is not None:
            row = self.row if self.packed is None else self._schema.unpacked(self.packed)
            self._values = [[value] for value in row or ()]
        return self._values

    def pack(self) -> None:
        """Keep a plain row in a quarter of the memory from now on, if no number is missing."""
        if self.row is not None and self._schema is not None:
            self.packed = self._schema.packed(self.row)
            if self.packed is not None:
                self.row, self._values, self._arrays = None, [], None

    def array(self, index: int) -> np.ndarray[Any, Any]:
        """One column as an array of shape (rows,); made once.

        - number: float64, NaN where missing; float32 if training had that
        - integer: int64; float64 with NaN if something is missing
        - boolean: bool; object with None if something is missing
        - string: object, str or None
        - datetime: datetime64 in training's unit (UTC where it had a zone), NaT where missing
        """
        if self._arrays is None:
            self._arrays = {}
        if index not in self._arrays:
            values = self.values[index]
            if isinstance(values, np.ndarray):
                return values
            array = _array(self.columns[index], values)
            if self.rows < MANY or self.columns[index].type not in {"number", "integer"}:
                self._arrays[index] = array
            else:  # what waits to be logged takes a quarter of the memory that the numbers take one by one
                self.values[index] = array
            return array
        return self._arrays[index]


def joined(batches: Sequence[Batch]) -> Batch:
    """The rows of several batches of one schema, one after the other."""
    if len(batches) == 1:
        return batches[0]
    columns = batches[0].columns
    values = [
        _chained([batch.values[index] for batch in batches], batches, index) for index in range(len(columns))
    ]
    return Batch(columns, values, sum(batch.rows for batch in batches))


def _chained(parts: list[Any], batches: Sequence[Batch], index: int) -> Any:
    if all(isinstance(part, list) for part in parts):
        return [value for part in parts for value in part]
    return np.concatenate([batch.array(index) for batch in batches])


def _array(column: Column, values: list[Any]) -> np.ndarray[Any, Any]:
    if column.type == "number":
        # None becomes NaN. Trained on float32, thresholds lie between float32 values: the same rounding.
        return np.array(values, dtype=np.float64).astype(
            np.float32 if column.dtype == "float32" else np.float64, copy=False
        )
    if column.type == "datetime":
        return np.array(values, dtype=f"datetime64[{unit_of(column)}]")
    is_whole = None not in values
    if column.type == "integer":
        return np.array(values, dtype=np.int64 if is_whole else np.float64)
    array = np.empty(len(values), dtype=bool if column.type == "boolean" and is_whole else object)
    array[:] = values
    return array


def unit_of(column: Column) -> str:
    """The resolution that a datetime column had in training: s, ms, us or ns."""
    unit = column.dtype.partition("[")[2].partition("]")[0].partition(",")[0]
    return unit if unit in {"s", "ms", "us", "ns"} else "us"

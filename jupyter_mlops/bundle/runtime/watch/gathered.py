"""Several requests as one table: counting a thousand rows costs little more than counting one."""

from __future__ import annotations

from itertools import chain, repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..schema import Schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .seen import Answered

MANY = 32
"""From so many rows a request on, its arrays are used; below, making one array of all requests is quicker."""


class Gathered:
    """The rows of some requests, column by column."""

    def __init__(self, requests: Sequence[Answered]) -> None:
        self.requests = requests
        self.rows = sum([each.batch.rows for each in requests])
        self._columns = requests[0].batch.columns
        self._pieces: list[tuple[Any, ...]] = []
        self._is_large = self.rows >= MANY * len(requests)
        self._floats: dict[int, np.ndarray[Any, Any]] = {}
        self._values: dict[int, list[Any] | np.ndarray[Any, Any]] = {}
        packed = [each.batch.packed for each in requests if each.batch.packed is not None]
        schema = requests[0].batch.columns
        if isinstance(schema, Schema) and len(packed) == len(requests):
            numbers, others = zip(*packed, strict=True)
            table = np.frombuffer(b"".join(numbers)).reshape(len(requests), len(schema.numbers))
            self._values = dict(zip(schema.numbers, np.ascontiguousarray(table.T), strict=True))
            self._values |= zip(schema.others, map(list, zip(*others, strict=True)), strict=True)
        else:
            self._pieces = list(zip(*[each.batch.values for each in requests], strict=True))

    def values(self, index: int) -> list[Any] | np.ndarray[Any, Any]:
        """One column: a list with None where a value is missing, or an array as `Batch.array` gives it."""
        if index not in self._values:
            pieces = self._pieces[index]
            listed = self._columns[index].type != "datetime" and set(map(type, pieces)) == {list}
            self._values[index] = list(chain.from_iterable(pieces)) if listed else self._array(index)
        return self._values[index]

    def each(self, name: str) -> list[Any]:
        """An attribute of each row's request."""
        values = list(map(attrgetter(name), self.requests))
        if self.rows == len(values):
            return values
        rows = [seen.batch.rows for seen in self.requests]
        return list(chain.from_iterable(map(repeat, values, rows)))

    def numbers(self, name: str) -> np.ndarray[Any, Any]:
        """The same of an attribute that is a number, as float64."""
        values = np.array([getattr(seen, name) for seen in self.requests], dtype=np.float64)
        if self.rows == len(values):
            return values
        return np.repeat(values, [seen.batch.rows for seen in self.requests])

    def places(self) -> np.ndarray[Any, Any]:
        """For each row its place in its request."""
        if self.rows == len(self.requests):
            return np.zeros(self.rows, dtype=np.int64)
        return np.concatenate([np.arange(seen.batch.rows) for seen in self.requests])

    def floats(self, index: int) -> np.ndarray[Any, Any]:
        """A column of numbers or times (microseconds since 1970) as float64, NaN where missing."""
        if index not in self._floats:
            self._floats[index] = self._as_floats(index)
        return self._floats[index]

    def packed(self, index: int) -> list[Any] | np.ndarray[Any, Any]:
        """What `values` gives, or the same as an array where there is one; a missing number is NaN."""
        kind = self._columns[index].type
        if kind == "number":
            return self.floats(index)
        if kind == "integer" and self._is_large:
            array = self._array(index)
            if array.dtype.kind == "i":
                return array
        return self.values(index)

    def _as_floats(self, index: int) -> np.ndarray[Any, Any]:
        column = self._columns[index]
        if column.type == "datetime":
            moments = self._array(index).astype("datetime64[us]")
            return np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(np.float64))
        # Of large requests the engine has made these arrays already.
        values = self._array(index) if self._is_large else self.values(index)
        if isinstance(values, np.ndarray):
            return values.astype(np.float64, copy=False)
        array = np.array(values, dtype=np.float64)
        return array.astype(np.float32).astype(np.float64) if column.dtype == "float32" else array

    def _array(self, index: int) -> np.ndarray[Any, Any]:
        pieces = [each.batch.array(index) for each in self.requests]
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

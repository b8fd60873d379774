"""Columns out of the store: by their records, through recipes, down to chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.snapshot.chunks import read_chunk
from jupyter_mlops.snapshot.columns import Array, Leaf, Raw
from jupyter_mlops.snapshot.decode import unpack
from jupyter_mlops.snapshot.files import not_what_it_says
from jupyter_mlops.snapshot.leaves import join, key_of, patched, take
from jupyter_mlops.snapshot.records import Record, read_record, record_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.snapshot.files import Files


class Reader:
    """Reads leaves; row indexes, which many columns share, are read once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._indexes: dict[str, Array] = {}

    def leaf(self, digest: str) -> Leaf:
        """One column, in memory of its own.

        Raises:
            StoreError: a file is missing or damaged.
        """
        record = read_record(self._files, digest)
        return _MAKE[record.recipe](self, record)

    def checked(self, digest: str) -> Leaf:
        """One column, after a look whether it is what its digest says: that costs next to nothing.

        Raises:
            StoreError: a file is missing, damaged, or gives another column.
        """
        leaf = self.leaf(digest)
        if key_of(leaf) != digest:
            raise not_what_it_says(f"{self._files.place}/{record_name(digest)}")
        return leaf

    def index(self, digest: str) -> Array:
        """Row positions; shared, not to be changed."""
        if digest not in self._indexes:
            self._indexes[digest] = array_in(self.leaf(digest))
        return self._indexes[digest]

    def chunks(self, record: Record) -> Leaf:
        """A column that is stored as it is."""
        return join([unpack(*read_chunk(self._files, key)) for key in record.chunks])


def array_in(leaf: Leaf) -> Array:
    """The NumPy array of a leaf that has one."""
    assert isinstance(leaf, Raw)  # noqa: S101 - positions are written as such
    return leaf.values


def _range(_: Reader, record: Record) -> Leaf:
    start, step, rows, dtype = record.range
    return Raw(arithmetic(start, step, rows, np.dtype(dtype)))


def arithmetic(start: int, step: int, rows: int, dtype: np.dtype[Any]) -> Array:
    """start, start + step, … (rows values)."""
    return (np.arange(rows, dtype=np.int64) * step + start).astype(dtype)


def _sum(reader: Reader, record: Record) -> Leaf:
    steps = array_in(reader.leaf(record.parents[0]))
    return Raw(running_sum(steps))


def running_sum(steps: Array) -> Array:
    """Row positions from the differences between them."""
    return np.cumsum(steps, dtype=steps.dtype)


def _take(reader: Reader, record: Record) -> Leaf:
    parent, index = record.parents
    return take(reader.leaf(parent), reader.index(index))


def _concat(reader: Reader, record: Record) -> Leaf:
    return join([reader.leaf(parent) for parent in record.parents])


def _patch(reader: Reader, record: Record) -> Leaf:
    parent, positions, values = record.parents
    return patched(reader.leaf(parent), reader.index(positions), reader.leaf(values))


_MAKE: dict[str, Callable[[Reader, Record], Leaf]] = {
    "chunks": Reader.chunks,
    "range": _range,
    "sum": _sum,
    "take": _take,
    "concat": _concat,
    "patch": _patch,
}

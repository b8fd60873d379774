"""Which rows of which columns are the rows one looks for: from column to column, along the recipes.

A row is followed forwards and backwards. Backwards through a row index only if no row was taken twice: a
column joined in from a lookup table repeats rows that belong to nobody in particular.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.snapshot.leaves import differing, rows_of, take
from jupyter_mlops.snapshot.reach import all_columns
from jupyter_mlops.snapshot.reading import Reader
from jupyter_mlops.snapshot.records import read_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from jupyter_mlops.snapshot.files import Files
    from jupyter_mlops.snapshot.records import Record

    Places = NDArray[np.int64]


class Trace:
    """Rows by column; `tainted` are the columns that hold any of their values."""

    def __init__(self, files: Files) -> None:
        self._reader = Reader(files)
        self.records = {key: read_record(files, key) for key in all_columns(files)}
        self._order = sorted(self.records, key=lambda key: self.records[key].depth)
        self._telling: dict[str, bool] = {}
        self.rows: dict[str, Places] = {}
        self.tainted: set[str] = set()

    def mark(self, key: str, places: Places) -> bool:
        """Note rows of a column; True if some are new. Row numbers and constants are left out."""
        known = self.rows.get(key, places[:0])
        union = np.union1d(known, places)
        if len(union) == len(known) or not self._tells(key):
            return False
        self.rows[key] = union
        self.tainted.add(key)
        return True

    def spread(self) -> bool:
        """Follow the rows along every recipe once; True if some are new."""
        steps = [
            _FOLLOW[self.records[key].recipe](self, key, self.records[key])
            for key in self._order
            if self.records[key].recipe in _FOLLOW
        ]
        return any(steps)

    def dependents(self) -> set[str]:
        """The tainted columns and every column that is made from one."""
        found = set(self.tainted)
        for key in self._order:
            if not found.isdisjoint(self.records[key].parents):
                found.add(key)
        return found

    def places(self, key: str) -> Places:
        """The rows noted of a column."""
        return self.rows.get(key, np.empty(0, np.int64))

    def _tells(self, key: str) -> bool:
        if key not in self._telling:
            self._telling[key] = self.records[key].recipe != "range" and self._varies(key)
        return self._telling[key]

    def _varies(self, key: str) -> bool:
        leaf = self._reader.leaf(key)
        rows = rows_of(leaf)
        if not rows:
            return False
        different = differing(leaf, take(leaf, np.zeros(rows, np.int64)))
        return rows == 1 or different is None or len(different) > 0

    def index(self, key: str) -> Any:
        """The positions that a recipe refers to."""
        return self._reader.index(key)


def _take(trace: Trace, key: str, record: Record) -> bool:
    parent, index_key = record.parents
    index = trace.index(index_key)
    found = trace.mark(key, np.flatnonzero(np.isin(index, trace.places(parent))))
    own = trace.places(key)
    if len(own) and len(np.unique(index)) == len(index):
        found |= trace.mark(parent, index[own].astype(np.int64))
    return found


def _concat(trace: Trace, key: str, record: Record) -> bool:
    head, tail = record.parents
    length = trace.records[head].rows or 0
    joined = np.concatenate([trace.places(head), trace.places(tail) + length])
    found = trace.mark(key, joined)
    own = trace.places(key)
    found |= trace.mark(head, own[own < length])
    return found | trace.mark(tail, own[own >= length] - length)


def _patch(trace: Trace, key: str, record: Record) -> bool:
    parent, positions, values = record.parents
    found = trace.mark(key, trace.places(parent)) | trace.mark(parent, trace.places(key))
    if np.isin(trace.index(positions), trace.places(key)).any():
        # A handful of values can equal a column of someone else, so rows are not followed from there.
        trace.tainted.add(values)
    return found


_FOLLOW: dict[str, Callable[[Trace, str, Record], bool]] = {"take": _take, "concat": _concat, "patch": _patch}

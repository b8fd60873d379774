"""What differs between two stored values: rows, columns and cells; from the manifests where they suffice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from jupyter_mlops.snapshot.leaves import differing, rows_of, take
from jupyter_mlops.snapshot.matching import label_positions
from jupyter_mlops.snapshot.trees import array_of, column_of_tree, leaves_of, shape_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import NDArray

    from jupyter_mlops.snapshot.taken import Taken
    from jupyter_mlops.snapshot.trees import Tree


@dataclass(frozen=True)
class Difference:
    """What `SnapshotStore.diff` found, seen from the first value to the second.

    Attributes:
        rows: rows of both; None for values that have none.
        rows_added: rows whose label is new, or None if the rows cannot be matched.
        rows_removed: rows whose label is gone, or None.
        columns_added: names that are new.
        columns_removed: names that are gone.
        cells: for each column in both that differs, in how many of the rows that are in both; None if the
            rows cannot be matched.
        equal: True if the two are one value.
    """

    rows: tuple[int | None, int | None]
    rows_added: int | None = 0
    rows_removed: int | None = 0
    columns_added: tuple[Hashable, ...] = ()
    columns_removed: tuple[Hashable, ...] = ()
    cells: Mapping[Hashable, int | None] = field(default_factory=dict)
    equal: bool = False


@dataclass(frozen=True, eq=False)
class _Rows:
    """Positions in both values of the rows that are in both; None stands for all, in order."""

    one: NDArray[np.int64] | None
    other: NDArray[np.int64] | None
    added: int
    removed: int

    @property
    def in_place(self) -> bool:
        """True if every row is where it was."""
        return self.one is None


def diff(one: Taken, other: Taken) -> Difference:
    """Compare two values: rows by the labels of their index, columns by name, cells by their bits.

    Cells whose dtype or categories changed are compared as values; names that repeat count from the left.
    """
    rows = _match(one, other)
    ours, theirs = _columns(one), _columns(other)
    cells: dict[Hashable, int | None] = {}
    for key in ours.keys() & theirs.keys():
        if rows is None:
            count = 0 if ours[key] == theirs[key] and one.rows == other.rows else None
        elif rows.in_place and ours[key] == theirs[key]:
            count = 0
        else:
            count = _cells(one, other, ours[key], theirs[key], rows)
        if count != 0:
            cells[key[0]] = None if count is None else count + (cells.get(key[0]) or 0)
    return Difference(
        (one.rows, other.rows),
        None if rows is None else rows.added,
        None if rows is None else rows.removed,
        tuple(label for label, number in theirs if (label, number) not in ours),
        tuple(label for label, number in ours if (label, number) not in theirs),
        {label: cells[label] for label in dict.fromkeys(label for label, _ in ours) if label in cells},
    )


def _columns(value: Taken) -> dict[tuple[Hashable, int], Tree]:
    seen: dict[Hashable, int] = {}
    found: dict[tuple[Hashable, int], Tree] = {}
    for label, tree in zip(value.labels, value.body, strict=True):
        seen[label] = seen.get(label, 0) + 1
        found[label, seen[label]] = tree
    return found


def _match(one: Taken, other: Taken) -> _Rows | None:
    if one.same_index(other):
        return _Rows(None, None, 0, 0) if one.rows == other.rows else None
    ours, theirs = one.index, other.index
    places = label_positions(ours, theirs)
    if places is None or label_positions(theirs, theirs) is None:
        return None
    both = np.flatnonzero(places >= 0)
    return _Rows(places[both], both, len(theirs) - len(both), len(ours) - len(both))


def _cells(one: Taken, other: Taken, ours: Tree, theirs: Tree, rows: _Rows) -> int:
    if shape_of(ours) == shape_of(theirs):
        changed = _changed_rows(one, other, ours, theirs, rows)
        if changed is not None:
            return len(changed)
    values = [_series(value, tree) for value, tree in ((one, ours), (other, theirs))]
    if rows.one is not None:
        values = [values[0].take(rows.one), values[1].take(rows.other)]
    left, right = (series.astype(object).reset_index(drop=True) for series in values)
    missing = left.isna(), right.isna()
    unequal = pd.Series([not _same(*pair) for pair in zip(left, right, strict=True)], dtype=bool)
    return int(((unequal & ~(missing[0] & missing[1])) | (missing[0] ^ missing[1])).sum())


def _changed_rows(
    one: Taken, other: Taken, ours: Tree, theirs: Tree, rows: _Rows
) -> NDArray[np.int64] | None:
    """Rows in which any leaf differs; None if a leaf that differs has no rows of its own, as categories."""
    changed = np.empty(0, np.int64)
    for (_, left), (_, right) in zip(leaves_of(ours), leaves_of(theirs), strict=True):
        if left == right and rows.in_place:
            continue
        leaves = one.read(left), other.read(right)
        if rows_of(leaves[0]) != one.rows or rows_of(leaves[1]) != other.rows:
            if left == right:
                continue
            return None
        if rows.one is not None and rows.other is not None:
            leaves = take(leaves[0], rows.one), take(leaves[1], rows.other)
        positions = differing(*leaves)
        if positions is None:
            return None
        changed = np.union1d(changed, positions)
    return changed


def _series(value: Taken, tree: Tree) -> Any:
    array = array_of(column_of_tree(tree, value.read))
    return pd.Series(array) if np.ndim(array) == 1 else pd.Series([array])


def _same(left: Any, right: Any) -> bool:
    try:
        return bool(np.all(left == right))
    except (TypeError, ValueError):
        return False

"""What differs between two stored values: rows, columns and cells; from the manifests where they suffice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from jupyter_mlops.snapshot.leaves import alike, differing, rows_of, take
from jupyter_mlops.snapshot.matching import find_rows, label_positions
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
        by_number: True if rows were matched by their numbers alone although there are more or fewer of them,
            and what is in them did not tell which they are: where one was dropped, all after it differ.
    """

    rows: tuple[int | None, int | None]
    rows_added: int | None = 0
    rows_removed: int | None = 0
    columns_added: tuple[Hashable, ...] = ()
    columns_removed: tuple[Hashable, ...] = ()
    cells: Mapping[Hashable, int | None] = field(default_factory=dict)
    equal: bool = False
    by_number: bool = False


@dataclass(frozen=True, eq=False)
class _Rows:
    """Positions in both values of the rows that are in both; None stands for all, in order."""

    one: NDArray[np.int64] | None
    other: NDArray[np.int64] | None
    added: int
    removed: int
    by_number: bool = False

    @property
    def in_place(self) -> bool:
        """True if every row is where it was."""
        return self.one is None


def diff(one: Taken, other: Taken) -> Difference:
    """Compare two values: rows by the labels of their index, columns by name, cells by their bits.

    Where there are more or fewer rows and no labels but numbers, rows are told by what is in them. Cells
    whose dtype or categories changed are compared as values; names that repeat count from the left.
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
        by_number=rows is not None and rows.by_number,
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
        return _Rows(None, None, 0, 0) if one.rows == other.rows else _by_content(one, other)
    ours, theirs = one.index, other.index
    is_numbered = _is_numbered(ours) and _is_numbered(theirs)
    found = _by_content(one, other) if is_numbered else None
    if found is not None:
        return found
    places = label_positions(ours, theirs)
    if places is None or label_positions(theirs, theirs) is None:
        return None
    both = np.flatnonzero(places >= 0)
    return _Rows(places[both], both, len(theirs) - len(both), len(ours) - len(both), is_numbered)


def _is_numbered(index: Any) -> bool:
    """True for the labels that pandas gives by itself: 0, 1, 2, …"""
    return isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1


def _by_content(one: Taken, other: Taken) -> _Rows | None:
    """Which rows of the longer value are those of the shorter, if all of them are in it."""
    if not one.rows or not other.rows or one.rows == other.rows:
        return None
    longer, shorter = (one, other) if one.rows > other.rows else (other, one)
    pairs = []
    for place, digest in shorter.places.items():
        if place[0] == "body" and place in longer.places:
            pair = longer.read(longer.places[place]), shorter.read(digest)
            is_of_rows = rows_of(pair[0]) == longer.rows and rows_of(pair[1]) == shorter.rows
            pairs += [pair] if is_of_rows and alike(*pair) else []
    rows = find_rows(None, None, pairs, longer.rows or 0, shorter.rows or 0)
    if rows is None or len(np.unique(rows)) < len(rows):
        return None
    in_order = np.arange(len(rows))
    if longer is one:
        return _Rows(rows, in_order, 0, one.rows - other.rows)
    return _Rows(in_order, rows, other.rows - one.rows, 0)


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

"""How a column can be made from one that is stored: take, concat and patch, each verified by its bits."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot.columns import Leaf, Raw
from jupyter_mlops.snapshot.leaves import alike, cut, differing, join, key_of, patched, rows_of, take
from jupyter_mlops.snapshot.matching import find_rows
from jupyter_mlops.snapshot.reading import running_sum
from jupyter_mlops.snapshot.taken import row_numbers, unchanged
from jupyter_mlops.snapshot.writing import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from jupyter_mlops.snapshot.matching import Pair
    from jupyter_mlops.snapshot.taken import Place, Taken
    from jupyter_mlops.snapshot.trees import Path

_FEW = 0.01  # of the rows: with more of them a patch is no smaller than the chunks
_RENAMED = 8  # columns whose name is gone from the child that are tried for one with a new name


class Source:
    """A parent, seen from one child.

    Args:
        parent: a value whose columns are stored.
        child: the value to be stored.
        usable: says of a stored column whether recipes may refer to it.
    """

    def __init__(self, parent: Taken, child: Taken, usable: Callable[[str], bool]) -> None:
        self._parent = parent
        self._child = child
        self._usable = usable
        self._numbers = row_numbers(parent)
        self._leaves: dict[str, Leaf | None] = {}

    def plan(self, place: Place, key: str, leaf: Leaf) -> Plan | None:
        """The first recipe that makes exactly this column; None if there is none."""
        rows = rows_of(leaf)
        if rows is None:
            return None
        try:
            plans = (self._from(parent, old, key, leaf, rows) for parent, old in self._counterparts(place))
            return next((plan for plan in plans if plan is not None), None)
        except (StoreError, pa.ArrowException):
            # A damaged parent, or text too long for its type once joined: the child is stored by itself.
            return None

    def _from(self, parent: str | Plan, old: Leaf, key: str, leaf: Leaf, rows: int) -> Plan | None:
        before = rows_of(old)
        if before is None or not alike(old, leaf):
            return None
        moved = self._moved if before == self._parent.rows and rows == self._child.rows else None
        if moved is not None:
            base = take(old, moved.index)
            return _patched(key, leaf, base, "take", (parent, moved.plan))
        if before == rows:
            return _patched(key, leaf, old, "same", (parent,))
        if rows > before:
            tail = cut(leaf, before, rows)
            if _far(differing(old, cut(leaf, 0, before)), before):
                return None
            base = join([old, tail])
            return _patched(key, leaf, base, "concat", (parent, Plan(key_of(tail), tail)))
        return None

    @cached_property
    def _moved(self) -> _Moved | None:
        rows = find_rows(
            self._parent.index,
            self._child.index,
            list(self._pairs()),
            self._parent.rows or 0,
            self._child.rows or 0,
        )
        return None if rows is None else _Moved(rows, self._parent.rows or 0)

    def _pairs(self) -> Iterator[Pair]:
        for place, key in self._child.places.items():
            digest = self._parent.places.get(place)
            old = None if digest is None or place[0] != "body" else self._leaf(digest)
            if old is None:
                continue
            new = self._child.read(key)
            of_rows = rows_of(old) == self._parent.rows and rows_of(new) == self._child.rows
            if of_rows and alike(old, new):
                yield old, new

    def _counterparts(self, place: Place) -> Iterator[tuple[str | Plan, Leaf]]:
        """The parent's column at the same place, else those that may have been renamed."""
        if place[0] == "index" and self._numbers is not None:
            yield Plan(key_of(self._numbers), self._numbers), self._numbers
            return
        digest = self._parent.places.get(place)
        names = [digest] if digest is not None else self._renamed(place)
        for name in names:
            old = self._leaf(name)
            if old is not None:
                yield name, old

    def _renamed(self, place: Place) -> list[str]:
        part, _, shape, path = place
        return self._gone.get((shape, path), [])[:_RENAMED] if part == "body" else []

    @cached_property
    def _gone(self) -> dict[tuple[object, Path], list[str]]:
        """The parent's columns whose name is not in the child, by the shape of their trees."""
        found: dict[tuple[object, Path], list[str]] = {}
        for place, digest in self._parent.places.items():
            if place[0] == "body" and place not in self._child.places:
                found.setdefault(place[2:], []).append(digest)
        return found

    def _leaf(self, digest: str) -> Leaf | None:
        """A leaf of the parent; None if it is not what is stored under its name."""
        if digest not in self._leaves:
            leaf = self._parent.read(digest) if self._usable(digest) else None
            self._leaves[digest] = leaf if leaf is not None and unchanged(digest, leaf) else None
        return self._leaves[digest]


class _Moved:
    """An index of rows and how it is stored."""

    def __init__(self, rows: NDArray[np.int64], of: int) -> None:
        self.index = rows
        small = rows.astype(np.int32 if of < 1 << 31 else np.int64)
        whole = Raw(small)
        steps = np.diff(small, prepend=small[:1] * 0)
        self.plan = Plan(key_of(whole), whole)
        # Rows that stay in order differ by one, most of the time, and that compresses to nothing.
        if np.count_nonzero(steps >= 0) >= 0.99 * len(steps) and np.array_equal(running_sum(steps), small):
            parts = Raw(steps)
            self.plan = Plan(self.plan.key, whole, "sum", (Plan(key_of(parts), parts),))


def _far(positions: NDArray[np.int64] | None, rows: int) -> bool:
    return positions is None or len(positions) > _FEW * rows


def _patched(key: str, leaf: Leaf, base: Leaf, recipe: str, parents: tuple[Plan | str, ...]) -> Plan | None:
    """A column from what a recipe gives: that itself if no bit differs, a patch of it if few rows do."""
    positions = differing(base, leaf)
    if _far(positions, rows_of(leaf) or 0) or positions is None:
        return None
    if not len(positions):
        return Plan(key, leaf) if recipe == "same" else Plan(key, leaf, recipe, parents)
    values = take(leaf, positions)
    left = differing(patched(base, positions, values), leaf)
    if left is None or len(left):
        return None
    where = Raw(positions.astype(np.int32 if positions[-1] < 1 << 31 else np.int64))
    origin = parents[0] if recipe == "same" else Plan(key_of(base), base, recipe, parents)
    return Plan(key, leaf, "patch", (origin, Plan(key_of(where), where), Plan(key_of(values), values)))

"""What became of data between two snapshots: rows, columns, cells, and distributions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.comparison.data_shift import NAMELESS, ColumnShift, shifts
from jupyter_mlops.errors import MlopsError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from jupyter_mlops.snapshot import SnapshotStore
    from jupyter_mlops.snapshot.store import Snapshot

MOST_CELLS = 5_000_000
"""Values are compared one by one up to here, which takes a second; of more, columns and kept profiles."""
_MOST_COLUMNS = 200
_NO_ROWS = {"object": "an object", "file": "a file", "value": "a plain value"}


@dataclass(frozen=True)
class CellChange:
    """A column in both that differs, in how many of the rows that are in both; None if that is not known."""

    column: str
    changed: int | None


@dataclass(frozen=True)
class DataChange:
    """How later data differ from earlier; None and empty where it is not known, `note` says why.

    Rows are matched by the labels of their index. `shift` has the columns with the worst verdict first.
    """

    rows: tuple[int | None, int | None]
    rows_added: int | None = None
    rows_removed: int | None = None
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    cells: tuple[CellChange, ...] = ()
    shift: tuple[ColumnShift, ...] = ()
    note: str = ""


def data_change(
    store: SnapshotStore, before: str, after: str, rows: tuple[int | None, int | None] = (None, None)
) -> DataChange:
    """Compare two values by their digests; what is not stored, damaged or no data is said in the note.

    Nothing is unpickled. Profiles that were kept are used; others are made up to `MOST_CELLS` values.

    Args:
        store: the project's snapshots.
        before: digest of the earlier value.
        after: digest of the later one.
        rows: of both, where they are known from elsewhere.
    """
    try:
        gone = [said for said, digest in (("first", before), ("second", after)) if digest not in store]
        if gone:
            return DataChange(rows, note="neither is stored" if gone[1:] else f"the {gone[0]} is not stored")
        return _change(store, before, after)
    except MlopsError as error:  # damaged, or the shared place is away
        return DataChange(rows, note=error.what)


def _change(store: SnapshotStore, before: str, after: str) -> DataChange:
    sides = store.describe(before), store.describe(after)
    rows = sides[0].rows, sides[1].rows
    opaque = next((_NO_ROWS[side.kind] for side in sides if side.kind in _NO_ROWS), None)
    if opaque is not None:
        return DataChange(rows, note=f"{opaque} has no rows to compare")
    if sides[0].kind != sides[1].kind:
        return DataChange(rows, note=f"the first is {_a(sides[0].kind)}, the second {_a(sides[1].kind)}")
    notes = []
    if any(store.newest(digest) != digest for digest in (before, after)):
        notes.append("rows were forgotten since")
    is_small = max(map(_cells_of, sides)) <= MOST_CELLS
    shift, why_none = shifts(store, before, after, may_read=is_small)
    if not is_small:
        names = [tuple(column.name for column in side.profile) for side in sides]
        notes.append(f"more than {MOST_CELLS:,} values: rows and cells were not compared one by one")
        return DataChange(
            rows,
            columns_added=_only_in(names[1], names[0]),
            columns_removed=_only_in(names[0], names[1]),
            shift=shift,
            note="; ".join([*notes, *why_none]),
        )
    found = store.diff(before, after)
    cells = [CellChange(_label(column), changed) for column, changed in found.cells.items()]
    if len(cells) > _MOST_COLUMNS:
        notes.append(f"the first {_MOST_COLUMNS} of {len(cells)} columns that differ")
    if found.rows_added is None:
        notes.append("rows cannot be matched: neither labels nor what is in them tells which they are")
    if found.by_number:
        notes.append("rows were matched by their numbers: where one was dropped, all after it differ")
    return DataChange(
        rows,
        found.rows_added,
        found.rows_removed,
        tuple(map(_label, found.columns_added)),
        tuple(map(_label, found.columns_removed)),
        tuple(cells[:_MOST_COLUMNS]),
        shift,
        "; ".join([*notes, *why_none]),
    )


def _cells_of(side: Snapshot) -> int:
    return (side.rows or 0) * (side.columns or 1)


def _label(name: Hashable) -> str:
    """The name of a column as text; what has none, such as an array, is called as its profile calls it."""
    return NAMELESS if name is None else str(name)


def _only_in(names: Iterable[str], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in others)


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"

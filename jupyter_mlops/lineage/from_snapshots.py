"""Beginning from kept values: where a file has changed since, what a cell made of it may still be there.

A slice's cell that reads files says which values later cells need of it (`made_by`). When such a file is no
longer what it was, a replay binds those values instead of running what made them (`without_changed_files`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jupyter_mlops.lineage.record import NUMPY_RANDOM, PYTHON_RANDOM, file_path, label, shown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from collections.abc import Set as AbstractSet

    from jupyter_mlops.lineage.record import CellRecord
    from jupyter_mlops.lineage.slice import Slice, SliceCell

_SET_BACK = {NUMPY_RANDOM, PYTHON_RANDOM}
"""Hidden state that every cell of a replay begins with as it was."""


@dataclass(frozen=True)
class Start:
    """An execution whose files have changed, and the names that come from snapshots instead, if any can."""

    serial: int
    cell: str
    files: tuple[str, ...]
    names: tuple[str, ...]


def files_read(record: CellRecord) -> tuple[str, ...]:
    """Paths of the files that an execution read."""
    return tuple(sorted(path for name in record.reads if (path := file_path(name)) is not None))


def made_by(
    taken: Sequence[CellRecord], needed: AbstractSet[tuple[str, int]], targets: Collection[int]
) -> dict[int, dict[str, str | None]]:
    """By serial: the names that others need of an execution, with content digests where these are known.

    Args:
        taken: the executions of a slice, in the order they ran.
        needed: versions of names that are wanted in the end.
        targets: serials of executions that are wanted themselves; of them it is all that they bound.
    """
    wanted, found = set(needed), {}
    for record in reversed(taken):
        is_target = record.serial in targets
        made = {
            name: write.digest
            for name, write in record.writes.items()
            if write.kind != "delete"
            and ((name, write.version) in wanted or (is_target and name[:1] != "<"))
            and name not in _SET_BACK
        }
        if record.count and (shown_name(record.count), 1) in wanted:
            made[shown_name(record.count)] = None
        if files_read(record):
            found[record.serial] = made
        wanted |= set(record.reads.items())
        wanted |= {(name, each.version - 1) for name, each in record.writes.items() if each.kind == "change"}
    return found


def without_changed_files(
    code: Slice, changed: Collection[str], is_kept: Callable[[str], bool], targets: Collection[int]
) -> tuple[Slice, tuple[Start, ...]]:
    """The slice with cells that begin from kept values where they read a file that has changed.

    Args:
        code: the slice.
        changed: paths of files that are no longer what the cells read.
        is_kept: tells of a digest whether its value is there.
        targets: serials of the cells that are to be compared; only the last cell of them can do without the
            statement that reads a file.
    """
    cells, starts = [], []
    for cell in code.cells:
        files = tuple(path for path in cell.reads if path in changed)
        kept = (
            _kept(cell, is_kept) if files and (cell is code.cells[-1] or cell.serial not in targets) else {}
        )
        cells.append(replace(cell, stored=kept) if kept else cell)
        if files:
            starts.append(Start(cell.serial, label(cell.count), files, tuple(sorted(kept))))
    return replace(code, cells=tuple(cells)), tuple(starts)


def _kept(cell: SliceCell, is_kept: Callable[[str], bool]) -> dict[str, str]:
    """What can be bound instead; nothing if the cell is needed for more than its variables."""
    if cell.may_raise or any(name.startswith("<") for name in cell.made):
        return {}
    return {name: digest for name, digest in cell.made.items() if digest is not None and is_kept(digest)}

"""From whole executions to the statements a result needs, by the records of a replay of each statement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jupyter_mlops.lineage.record import CellRecord, file_path, label
from jupyter_mlops.lineage.slice import Removed, Slice, SliceCell, walk_back, why_removed
from jupyter_mlops.lineage.starts import unlinked
from jupyter_mlops.notebook.parts import Part, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet


@dataclass(frozen=True)
class Statement:
    """One statement that was run again: its record, and the number of its cell in the slice."""

    record: CellRecord
    part: Part
    cell: int
    raised: bool = False


@dataclass(frozen=True)
class Goal:
    """What pruned code must still give.

    `names` are variables as they are at the end; the cells with the serials in `whole` stay as they are,
    because what they show counts; of the last cell `shown` keeps the last statement; `all` keeps every one.
    """

    names: frozenset[str] = frozenset()
    whole: frozenset[int] = frozenset()
    shown: bool = False
    all: bool = False


def prune(
    code: Slice, statements: Sequence[Statement], goal: Goal, *, with_settings: bool = False
) -> Slice | None:
    """The slice without the statements that nothing of the goal needs; None if that cannot be said.

    Args:
        code: the slice whose cells were run statement by statement.
        statements: what was run, in order.
        goal: what must come out.
        with_settings: keep imports and calls that bind nothing, too: they may have set something up.
    """
    kept = needed_for(code, statements, goal, with_settings=with_settings)
    if kept is None:
        return None
    records = [statement.record for statement in statements]
    lost = {
        (name, write.version)
        for record in records
        for name, write in record.writes.items()
        if record.serial not in kept
    }
    cells, removed = [], []
    for number, cell in enumerate(code.cells):
        own = [statement for statement in statements if statement.cell == number]
        taken = [statement for statement in own if statement.record.serial in kept]
        removed += _removed(cell, own, kept)
        if taken:
            cells.append(_pruned(cell, taken, lost))
    used = {path for each in statements if each.record.serial in kept for path in _paths(each)}
    files = tuple(file for file in code.files if any(_is_at(file.path, path) for path in used))
    return replace(code, cells=tuple(cells), files=files, removed=(*code.removed, *removed))


def needed_for(
    code: Slice, statements: Sequence[Statement], goal: Goal, *, with_settings: bool = False
) -> set[int] | None:
    """Serials of the statements that the goal needs; None if something that is no statement made part of it.

    The arguments are those of `prune`.
    """
    records = [statement.record for statement in statements]
    versions = {name: write.version for record in records for name, write in record.writes.items()}
    kept = {
        statement.record.serial
        for statement in statements
        if goal.all
        or code.cells[statement.cell].serial in goal.whole
        or (with_settings and _may_set_up(statement))
        or (goal.shown and statement is statements[-1])
    }
    wanted = {(name, versions[name]) for name in goal.names if name in versions}
    linked = unlinked(records, _known_states(code, statements))
    return None if walk_back(linked, wanted, kept, len(statements) + 1) else kept


def _known_states(code: Slice, statements: Sequence[Statement]) -> list[set[str]]:
    """For each statement, the generators that are as its cell found them, where that is recorded."""
    found = []
    changed: set[tuple[int, str]] = set()
    for statement in statements:
        names = code.cells[statement.cell].random
        found.append({name for name in names if (statement.cell, name) not in changed})
        changed |= {(statement.cell, name) for name in statement.record.writes}
    return found


def _pruned(cell: SliceCell, taken: Sequence[Statement], lost: AbstractSet[tuple[str, int]]) -> SliceCell:
    reads: dict[str, int] = {}
    for statement in taken:
        reads = {**statement.record.reads, **reads}
    random = {name: state for name, state in cell.random.items() if name in reads}
    return replace(
        cell,
        source=joined([statement.part for statement in taken]),
        may_raise=cell.may_raise if taken[-1].raised else None,
        random=random,
        reads=() if cell.stored else cell.reads,
        stored={},  # its text says by now what comes from where
        starts=tuple(name for name in random if name in cell.starts or (name, reads[name]) in lost),
    )


def _may_set_up(statement: Statement) -> bool:
    """An import, or a call or an assignment that no name shows: it may have changed something else."""
    text = statement.part.text
    is_hidden = not statement.record.writes and ("(" in text or "=" in text) and "print(" not in text
    return statement.part.is_import or is_hidden


def _paths(statement: Statement) -> set[str]:
    names = (*statement.record.reads, *statement.record.writes)
    return {path for name in names if (path := file_path(name)) is not None}


def _is_at(path: str, found: str) -> bool:
    """True if a replay found that file: in its view it follows links to the user's own files."""
    return found == path or found.endswith(f"/{path.replace('../', '')}")


def _removed(cell: SliceCell, own: Sequence[Statement], kept: AbstractSet[int]) -> list[Removed]:
    where = label(cell.count)
    return [
        Removed(where, statement.part.text, _why(statement))
        for statement in own
        if statement.record.serial not in kept
    ]


def _why(statement: Statement) -> str:
    if statement.part.is_import:
        return "imports what is not used"
    return why_removed(statement.record)


def newest(statements: Sequence[Statement]) -> dict[str, str | None]:
    """Digests of variables after the last of these statements."""
    return {name: write.digest for each in statements for name, write in each.record.writes.items()}


def statements_of(events: Sequence[Mapping[str, object]]) -> list[Statement]:
    """Statements from the events of a replay that ran them one by one."""
    found = []
    for event in events:
        data = event["statement"]
        record = CellRecord.from_dict(data)  # type: ignore[arg-type]
        part = Part(record.source, data.get("origin", -1), data.get("is_import", False))  # type: ignore[attr-defined]
        found.append(Statement(record, part, int(str(event["cell"])), bool(event.get("raised"))))
    return found

"""Where code that runs again first gives another value, and whether it gives another one each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.lineage.prune import needed_for
from jupyter_mlops.lineage.record import label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from jupyter_mlops.lineage.prune import Goal, Statement
    from jupyter_mlops.lineage.slice import Slice

_LONGEST = 120


def first_difference(
    code: Slice, once: Sequence[Statement], again: Sequence[Statement], goal: Goal
) -> list[str]:
    """One sentence that names the statement, or none if every value that is known was the same.

    Random generators are not looked at where their state is recorded: they are set to it.

    Args:
        code: the slice, whose cells know the digests of what they made in the notebook.
        once: its statements as they ran in one clean process.
        again: the same from a second one, with another order of sets.
        goal: what came out differently; only statements that it needs are named.
    """
    found = needed_for(code, once, goal)
    needed = {each.record.serial for each in once} if found is None else found
    states = {name for cell in code.cells for name in cell.random}

    for first, second in zip(once, again, strict=False):
        if first.record.serial in needed and _made(first, states) != _made(second, states):
            return [f"not deterministic: {_where(code, first)} gives another value each time"]
    for number, cell in enumerate(code.cells):
        own = [statement for statement in once if statement.cell == number]
        last = {name: statement for statement in own for name in statement.record.writes}
        for name, writer in last.items():
            now, then = _made(writer, states).get(name), cell.digests.get(name)
            if writer.record.serial in needed and None not in {now, then} and now != then:
                return [f"{_where(code, writer)} made another value of {name} in the notebook"]
    return []


def _made(statement: Statement, states: AbstractSet[str]) -> dict[str, str]:
    """Digests of what it made, as far as they are known, without those of some names."""
    writes = {name: write.digest for name, write in statement.record.writes.items() if name not in states}
    return {name: digest for name, digest in writes.items() if digest is not None}


def _where(code: Slice, statement: Statement) -> str:
    text = " ".join(statement.part.text.split())
    short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"{label(code.cells[statement.cell].count)}, `{short}`,"

"""Where code that runs again first gives another value, and whether it gives another one each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.lineage.record import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.lineage.prune import Statement
    from jupyter_mlops.lineage.slice import Slice

_LONGEST = 120


def first_difference(code: Slice, once: Sequence[Statement], again: Sequence[Statement]) -> list[str]:
    """One sentence that names the statement, or none if every value that is known was the same.

    Args:
        code: the slice, whose cells know the digests of what they made in the notebook.
        once: its statements as they ran in one clean process.
        again: the same from a second one, with another order of sets.
    """
    for first, second in zip(once, again, strict=False):
        if _made(first) != _made(second):
            return [f"not deterministic: {_where(code, first)} gives another value each time"]
    for number, cell in enumerate(code.cells):
        own = [statement for statement in once if statement.cell == number]
        now = {name: digest for statement in own for name, digest in _made(statement).items()}
        for name, digest in cell.digests.items():
            if now.get(name) not in {digest, None}:
                writer = next(statement for statement in reversed(own) if name in statement.record.writes)
                return [f"{_where(code, writer)} made another value of {name} in the notebook"]
    return []


def _made(statement: Statement) -> dict[str, str]:
    writes = statement.record.writes
    return {name: write.digest for name, write in writes.items() if write.digest is not None}


def _where(code: Slice, statement: Statement) -> str:
    text = " ".join(statement.part.text.split())
    short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"{label(code.cells[statement.cell].count)}, `{short}`,"

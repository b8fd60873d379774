"""How the code behind runs differs, statement by statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jupyter_mlops.comparison.align import aligned
from jupyter_mlops.comparison.statements import statements_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.comparison.align import Row
    from jupyter_mlops.comparison.recorded import Recorded

ChangeKind = Literal["same", "changed", "added", "removed"]


@dataclass(frozen=True)
class StatementDiff:
    """One statement: as each run has it and in which of its cells; None where a run does not have it."""

    kind: ChangeKind
    texts: tuple[str | None, ...]
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class CodeDiff:
    """The statements of all runs in the order of the first; `note` says what is not known."""

    statements: tuple[StatementDiff, ...] = ()
    note: str = ""


def code_diff(runs: Sequence[Recorded]) -> CodeDiff:
    """Compare the slices of two or three runs; those whose code is not known are said."""
    unknown = [f"{each.run.name}: {each.no_code}" for each in runs if each.code is None]
    if unknown:
        return CodeDiff(note="; ".join(unknown))
    rows = aligned([statements_of(each.code) for each in runs if each.code is not None])
    found = tuple(
        StatementDiff(
            _kind(row),
            tuple(None if each is None else each.text for each in row),
            tuple(None if each is None else each.cell for each in row),
        )
        for row in rows
    )
    return CodeDiff(found, "" if found else "no run has statements")


def _kind(row: Row) -> ChangeKind:
    base, *others = row
    if base is None:
        return "added"
    there = [each for each in others if each is not None]
    if any(each.key != base.key for each in there):
        return "changed"
    return "same" if len(there) == len(others) else "removed"

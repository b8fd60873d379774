"""A slice that was run again: the smallest code that gives the recorded result, and how that is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.lineage.diverged import first_difference
from jupyter_mlops.lineage.prune import Goal, newest, prune, statements_of
from jupyter_mlops.lineage.replay import Replayed, Terms, replay, trace
from jupyter_mlops.lineage.script import on_its_own

if TYPE_CHECKING:
    from jupyter_mlops.lineage.prune import Statement
    from jupyter_mlops.lineage.replay import Wanted
    from jupyter_mlops.lineage.slice import Rung, Slice

Judge = Callable[[Replayed], list[str]]
"""Says in which ways a replay's result is another one than the recorded; nothing if it is the same."""
Progress = Callable[[str, float], None]

_RUNGS: Mapping[Rung, str] = {
    "statements": "only the statements that are needed",
    "executions": "whole cells, as leaving out statements of them gave another result",
    "log": "all cells, as the needed ones alone gave another result",
}


@dataclass(frozen=True)
class Target:
    """What code must give again.

    `code` are the executions that are needed by the records, `log` all of them, if they are known. `recorded`
    are digests of variables; `judge` looks at the rest, such as metrics and predictions.
    """

    code: Slice
    goal: Goal
    wanted: Wanted
    recorded: Mapping[str, str | None]
    judge: Judge | None = None
    log: Slice | None = None
    begins_with: tuple[str, ...] = ()
    """Variables that come from snapshots, because the files they were made of have changed."""


@dataclass(frozen=True)
class Checked:
    """The slice that passed, and the replay it passed with; or the whole executions, and what differs."""

    code: Slice
    replayed: Replayed | None
    differs: tuple[str, ...] = ()
    error: ReproduceError | None = field(default=None, compare=False)
    """Why the code did not run to its end, if that is how it failed."""


def check_slice(target: Target, terms: Terms, *, progress: Progress = lambda text, share: None) -> Checked:
    """Find the smallest code that gives the same result in a clean process: statements, executions, the log.

    Where not even the whole code gives the recorded contents again, `target.judge` decides alone, and the
    slice says which statement gives another value each time.

    Args:
        target: what must come out.
        terms: where it runs, and what it may take.
        progress: told what happens and the share that is done.

    Returns:
        The code with the rung that passed; with rung None if no code gave the recorded result.
    """
    return _Checking(target, terms, progress).run()


class _Checking:
    def __init__(self, target: Target, terms: Terms, progress: Progress) -> None:
        self._target, self._terms, self._progress = target, terms, progress
        self._runs = 0
        self._recorded = {name: digest for name, digest in target.recorded.items() if digest is not None}
        self._set_back: set[tuple[str, str]] = set()
        self._varies: list[str] = []
        self._last: Replayed | None = None
        self._differs: list[str] = []
        self._error: ReproduceError | None = None

    def run(self) -> Checked:
        code, log = self._target.code, self._target.log
        self._progress("starting a clean process", 0.0)
        found, statements = self._smallest(code, "executions")
        if found is not None:
            return found
        replayed, differs, error = self._last, self._differs, self._error
        if log is not None and len(log.cells) > len(code.cells):
            found, _ = self._smallest(log, "log")
            if found is not None:
                return found
        if statements and replayed is not None and not self._varies:
            differs = [*differs, *self._first_difference(code, statements)]
        why = (*differs, *self._varies)
        said = f"NOT the recorded result when it ran again in a clean process: {'; '.join(why)}"
        return Checked(replace(_alone(code), said=said), replayed, why, error)

    def _smallest(self, code: Slice, rung: Rung) -> tuple[Checked | None, list[Statement]]:
        """The first that passes: the needed statements, these with what may set something up, all."""
        statements = self._statements(code)
        tried: list[Slice] = []
        if statements:
            self._set_aside_what_varies(code, statements)
            goal = self._target.goal
            for with_settings in (False, True):
                pruned = prune(code, statements, goal, with_settings=with_settings)
                if pruned is not None and pruned not in tried:
                    tried.append(pruned)
                    if self._passes(_alone(pruned)):
                        return self._found(_alone(pruned), "statements"), statements
            code = prune(code, statements, Goal(all=True)) or code
        if code not in tried and self._passes(_alone(code)):
            return self._found(_alone(code), rung), statements
        return None, statements

    def _found(self, code: Slice, rung: Rung) -> Checked:
        said = f"run again in a clean process with the same result ({_RUNGS[rung]})"
        unknown = sorted(name for name, digest in self._target.recorded.items() if digest is None)
        if unknown and self._target.judge is None:
            said = f"run again in a clean process; the content of {', '.join(unknown)} cannot be compared"
        if self._target.begins_with:
            said += f"; {', '.join(self._target.begins_with)} taken from snapshots, as the files have changed"
        if self._varies:
            said += f"; {'; '.join(self._varies)}, yet what was measured is the same"
        return Checked(replace(code, rung=rung, said=said), self._last)

    def _set_aside_what_varies(self, code: Slice, statements: list[Statement]) -> None:
        """Compare no contents that not even all of the code gives again, if there is more to judge by."""
        now = newest(statements)
        varies = {name for name in self._recorded if now.get(name) != self._recorded[name]}
        if varies and self._target.judge is not None:
            self._progress("looking for the statement that differs", 0.4)
            self._varies = self._first_difference(code, statements)
            self._recorded = {name: self._recorded[name] for name in self._recorded.keys() - varies}

    def _first_difference(self, code: Slice, statements: list[Statement]) -> list[str]:
        again = self._statements(code, hash_seed=1)
        return first_difference(code, statements, again, self._target.goal)

    def _statements(self, code: Slice, hash_seed: int | None = None) -> list[Statement]:
        """What the statements of the executions did; none if they did not run to their end."""

        told = self._told("running cell {done} of {total} again, statement by statement", 0.0, 0.4)
        snapshots = self._target.wanted.snapshots
        try:
            found = trace(code, snapshots, self._next_terms(), on_cell=told, hash_seed=hash_seed)
        except ReproduceError as error:
            self._error, self._differs = error, [error.what]
            return []
        self._set_back |= found.restored
        return statements_of(found.events)

    def _passes(self, code: Slice) -> bool:
        """Run it; True if it gives the recorded result with no more help than the whole code needs."""

        told = self._told("checking: cell {done} of {total} in a clean process", 0.45, 0.95)
        try:
            found = replay(code, self._target.wanted, self._next_terms(), on_cell=told)
        except ReproduceError as error:
            self._error, self._last, self._differs = error, None, [error.what]
            return False
        helped = {(each.cell, each.name) for each in found.restored if not each.is_start} - self._set_back
        self._error, self._last = None, found
        self._differs = [f"other random numbers before {cell}" for cell, _ in sorted(helped)]
        for name, digest in self._recorded.items():
            if found.digests.get(name) != digest:
                self._differs.append(f"{name} {'differs' if name in found.digests else 'was not made'}")
        self._differs += self._target.judge(found) if self._target.judge is not None else []
        return not self._differs

    def _told(self, text: str, begin: float, end: float) -> Callable[[int, int], None]:
        def told(done: int, total: int) -> None:
            share = begin + (end - begin) * done / total
            self._progress(text.format(done=done, total=total), share)

        return told

    def _next_terms(self) -> Terms:
        """The terms with an empty folder of its own for one process."""
        self._runs += 1
        return replace(self._terms, scratch=self._terms.scratch / f"run{self._runs}")


def _alone(code: Slice) -> Slice:
    return replace(code, cells=tuple(on_its_own(cell) for cell in code.cells))

"""From MLflow's tables to what the index knows: only what changed is read, if the tables can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from jupyter_mlops.tracking.run_index.known import GROUPS, Experiment, Known, RunRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

    from jupyter_mlops.tracking.run_index.known import Progress, Triple

_SHARES = {"metrics": (0.05, 0.65), "params": (0.65, 0.85), "data": (0.85, 0.9), "tags": (0.9, 1.0)}
"""Which part of the work each group is, when all is read."""
_MANY = 0.3
"""From this share of the runs on, reading all is as quick as looking each of them up."""


class NotAsExpectedError(Exception):
    """The tables are not as this version of MLflow makes them: MLflow itself has to be asked."""


class Tables(Protocol):
    """MLflow's tables in some database."""

    def changes(
        self, marks: Mapping[str, Any]
    ) -> tuple[Mapping[str, Collection[str]] | None, dict[str, Any]]:
        """Ids of the runs whose values changed, by group, and new marks.

        None if everything is to be read. Asked before anything is read: what changes meanwhile is after the
        new marks, and found next time.
        """

    def experiments(self) -> dict[str, Experiment]:
        """By id."""

    def runs(self) -> list[RunRow]:
        """All, deleted ones too; each with a name."""

    def values(self, group: str, run_ids: Collection[str] | None) -> Iterator[tuple[Sequence[Triple], float]]:
        """Values of a group in the order logged: in parts, with the share that is done.

        Args:
            group: one of `GROUPS`.
            run_ids: of these runs; None for all.
        """


def in_step(known: Known, tables: Tables, progress: Progress) -> Known:
    """What the tables hold now, given what was known before."""
    changes, marks = tables.changes(known.marks)
    experiments = tables.experiments()
    now = {run.run_id: run for run in tables.runs()}
    if changes is None or not all(run.run_id in now for run in known.runs):
        # some are gone for good (`mlflow gc`), and their places in the tables may be those of others by now
        changes, known = None, Known()
    told_before = [now.pop(run.run_id) for run in known.runs]
    known = replace(known, experiments=experiments, runs=[*told_before, *now.values()], marks=marks)
    for group in GROUPS:
        # a tag can be changed and taken away, which leaves no trace: the few that are kept are read each time
        run_ids = None if changes is None or group == "tags" else changes[group]
        if run_ids is not None and len(run_ids) > _MANY * len(known.runs):
            run_ids = None
        if run_ids is None or run_ids:
            parts = _told(tables.values(group, run_ids), progress if changes is None else None, group)
            known = known.with_entries(group, parts, run_ids)
    return known


def _told(
    parts: Iterator[tuple[Sequence[Triple], float]], progress: Progress | None, group: str
) -> Iterator[Sequence[Triple]]:
    first, last = _SHARES[group]
    for part, share in parts:
        yield part
        if progress is not None and share < 1:  # few runs are read in one part, before anybody would look
            progress("reading the runs of the store", first + (last - first) * share)

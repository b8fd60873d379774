"""Which data of runs differ, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.comparison.data_change import DataChange, data_change
from jupyter_mlops.comparison.recorded import FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jupyter_mlops.comparison.recorded import Recorded
    from jupyter_mlops.snapshot import SnapshotStore
    from jupyter_mlops.tracking.whole_run import RunInput

_SAID = ("training", "evaluation")
"""What MLflow calls the use of data; anything else may be a name only."""


@dataclass(frozen=True)
class DataDiff:
    """Data or a file as each run has it: digests of its content, None where a run has none, and what changed.

    `changes` has one entry for each run after the first: None where it has the same data, or where either
    has none.
    """

    name: str
    kind: str
    digests: tuple[str | None, ...]
    same: bool
    changes: tuple[DataChange | None, ...]


def data_diffs(
    store: SnapshotStore, runs: Sequence[Recorded], told: Callable[[str, float], None]
) -> tuple[DataDiff, ...]:
    """Compare the data of two or three runs, what only later runs have at the end.

    Args:
        store: the project's snapshots.
        runs: the base first.
        told: a name and the share of data that were compared before it.
    """
    rows = _matched([each.data for each in runs])
    names = [_name(row) for row in rows]
    found = []
    for at, (name, row) in enumerate(zip(names, rows, strict=True)):
        told(name, at / len(rows))
        found.append(_compared(store, name if names.count(name) == 1 else f"{name} ({_use(row)})", row))
    return tuple(found)


def _compared(store: SnapshotStore, name: str, row: Sequence[RunInput | None]) -> DataDiff:
    base, *others = row
    known: dict[str, DataChange] = {}
    for other in others:
        if base is not None and other is not None and other.digest not in {base.digest, *known}:
            known[other.digest] = _change(store, base, other)
    changes = tuple(None if other is None else known.get(other.digest) for other in others)
    digests = tuple(None if each is None else each.digest for each in row)
    kinds = dict.fromkeys(each.kind for each in row if each is not None)
    return DataDiff(name, " → ".join(kinds), digests, len(set(digests)) == 1, changes)


def _change(store: SnapshotStore, base: RunInput, other: RunInput) -> DataChange:
    if FILE in {base.kind, other.kind}:
        return DataChange((None, None), note="of a file only the digest is known")
    return data_change(store, base.digest, other.digest, (base.rows, other.rows))


def _name(row: Sequence[RunInput | None]) -> str:
    """The name in the notebook; all of them where it differs between the runs."""
    return " → ".join(dict.fromkeys(each.name for each in row if each is not None))


def _use(row: Sequence[RunInput | None]) -> str:
    """What the data were for; it tells data of one name apart."""
    return " → ".join(dict.fromkeys(each.context or "?" for each in row if each is not None))


def _matched(runs: Sequence[Sequence[RunInput]]) -> list[list[RunInput | None]]:
    """Data of the runs side by side: by name and use, what is left by name, then by use, then alone."""
    rows: list[list[RunInput | None]] = []
    for at, data in enumerate(runs):
        left = list(dict.fromkeys(data))
        for is_same in (_same_all, _same_name, _same_use):
            for row in rows:
                found = next((each for each in left if row[at] is None and _any(row, each, is_same)), None)
                if found is not None:
                    row[at] = found
                    left.remove(found)
        rows += [[each if place == at else None for place in range(len(runs))] for each in left]
    return rows


def _any(
    row: Sequence[RunInput | None], data: RunInput, is_same: Callable[[RunInput, RunInput], bool]
) -> bool:
    return any(each is not None and is_same(each, data) for each in row)


def _same_all(one: RunInput, other: RunInput) -> bool:
    return (one.name, one.context) == (other.name, other.context)


def _same_name(one: RunInput, other: RunInput) -> bool:
    return one.name == other.name and (one.kind == FILE) == (other.kind == FILE)


def _same_use(one: RunInput, other: RunInput) -> bool:
    return one.context in _SAID and one.context == other.context

"""Where a slice begins in the middle of random numbers: the code alone cannot say which ones came."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_mlops.lineage.record import NUMPY_RANDOM, PYTHON_RANDOM, Write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from jupyter_mlops.lineage.record import CellRecord

# a generator that is made without a seed is another one each time
_UNSEEDED = re.compile(r"\b(?:default_rng|RandomState|Random|PCG64|PCG64DXSM|MT19937|Philox|SFC64)\(\s*\)")
_SEEDS = re.compile(r"seed", re.IGNORECASE)
"""Also functions of the notebook, such as ``seed_everything(42)``."""
_UNSEEDS = re.compile(r"\bseed\(\s*(?:None\s*)?\)")
_GLOBAL = frozenset((NUMPY_RANDOM, PYTHON_RANDOM))


def recorded_starts(records: Iterable[CellRecord]) -> dict[int, tuple[str, ...]]:
    """By serial: the generators whose recorded state an execution needs, as no code of the slice made it.

    Args:
        records: the executions of a slice, in the order they ran.
    """
    made: set[tuple[str, int]] = set()
    starts = {}
    for record in records:
        drawn = [name for name, state in record.random.items() if state.state is not None]
        starts[record.serial] = tuple(name for name in drawn if (name, record.reads.get(name, 0)) not in made)
        is_unseeded = bool(_UNSEEDED.search(record.source))
        made |= {
            (name, write.version)
            for name, write in record.writes.items()
            if name in drawn or (write.kind == "bind" and (name in _GLOBAL or not is_unseeded))
        }
    return starts


def without_unseeded(records: Sequence[CellRecord]) -> list[CellRecord]:
    """The records; one that drew from a global generator without a seed needs nothing of what came before.

    A slice gives the generator its recorded state there, instead of running all that drew earlier.
    """
    return unlinked(records, [_recorded(record) for record in records])


def unlinked(records: Sequence[CellRecord], known: Sequence[AbstractSet[str]]) -> list[CellRecord]:
    """The records without their links to who drew before them, where nobody has seeded.

    Args:
        records: executions or statements, in the order they ran.
        known: for each, the generators whose state before it is recorded.
    """
    seeded: set[str] = set()
    found = []
    for record, names in zip(records, known, strict=True):
        found.append(_unlink(record, (names & _GLOBAL) - seeded))
        for name in record.writes.keys() & _GLOBAL:
            if _UNSEEDS.search(record.source):
                seeded.discard(name)
            elif record.writes[name].kind == "bind" or _SEEDS.search(record.source):
                seeded.add(name)
    return found


def _recorded(record: CellRecord) -> set[str]:
    return {name for name, state in record.random.items() if state.state is not None}


def _unlink(record: CellRecord, names: AbstractSet[str]) -> CellRecord:
    if not names & record.reads.keys():
        return record
    reads = {name: version for name, version in record.reads.items() if name not in names}
    fresh = {name: Write(record.writes[name].version, "bind") for name in names & record.writes.keys()}
    return replace(record, reads=reads, writes={**record.writes, **fresh})

"""Where a slice begins in the middle of random numbers: the code alone cannot say which ones came."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_mlops.lineage.record import CellRecord

# a generator that is made without a seed is another one each time
_UNSEEDED = re.compile(r"\b(?:default_rng|RandomState|Random|PCG64|PCG64DXSM|MT19937|Philox|SFC64)\(\s*\)")


def recorded_starts(records: Iterable[CellRecord]) -> dict[int, tuple[str, ...]]:
    """By serial: the generators whose recorded state an execution needs, as no code of the slice made it.

    Args:
        records: the executions of a slice, in the order they ran.
    """
    made: set[str] = set()
    starts = {}
    for record in records:
        drawn = [name for name, state in record.random.items() if state.state is not None]
        starts[record.serial] = tuple(name for name in drawn if name not in made)
        bound = {name for name, write in record.writes.items() if write.kind == "bind"}
        unseeded = {name for name in bound if name[:1] != "<"} if _UNSEEDED.search(record.source) else set()
        made = (made | bound).union(drawn) - unseeded
    return starts

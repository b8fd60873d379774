"""What work took that is done by processes of its own: on the wall, and of the CPU."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    """Seconds from start to end: on the wall, and of the CPU of all threads and processes."""

    wall: float
    cpu: float


class Stopwatch:
    """Seconds since it was made, of this process and of the children that have ended."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _cpu()

    def took(self) -> Took:
        """Until now."""
        return Took(time.perf_counter() - self._wall, _cpu() - self._cpu)


def _cpu() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

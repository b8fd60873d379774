"""What every tool's worker shares: the two frames, clocks around the work, and the way the answer gets home.

It runs in the environments of the peers as well, so it imports what all of them have. A task names the files
of the `reference` and the `current` frame, and the `columns` to read.
"""

from __future__ import annotations

import gc
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pandas as pd
import pyarrow as pa

from benchmarks.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
WARM_ROWS = 2_000
"""So many rows go through a tool before its clock starts: no side is charged for imports at first use."""


@dataclass(frozen=True)
class Measured(Generic[T]):
    """What a piece of work returned, and what it took."""

    result: T
    cpu: float
    """Seconds, of all threads and of child processes."""
    wall: float
    memory: int | None
    """Bytes at the peak above those before; None where the system does not tell (only Linux does)."""

    def costs(self) -> dict[str, Any]:
        """The figures alone, for JSON."""
        return {"cpu": self.cpu, "wall": self.wall, "memory": self.memory}


def task() -> dict[str, Any]:
    """What this process was asked for."""
    found: dict[str, Any] = json.loads(Path("task.json").read_text("utf-8"))
    return found


def answer(found: dict[str, Any]) -> None:
    """Hand the result to the process that started this one."""
    Path("result.json").write_text(json.dumps(found), "utf-8")


def frames(asked: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Reference and current frame, as this environment's pandas reads them."""
    reference, current = (
        pd.read_parquet(asked[side], columns=asked["columns"]) for side in ("reference", "current")
    )
    return reference, current


def measured(work: Callable[[], T]) -> Measured[T]:
    """Do it once, with nothing left over from before that it could use."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    before = _resident("VmRSS") if _forget_peak() else None
    watch = Stopwatch()
    result = work()
    took = watch.took()
    memory = None if before is None else max(0, _resident("VmHWM") - before)
    return Measured(result, took.cpu, took.wall, memory)


def _forget_peak() -> bool:
    """Let the peak be counted from now on; memory that is free goes back to the system first."""
    if not Path("/proc/self/clear_refs").exists():
        return False
    import ctypes

    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", "utf-8")
    return True


def _resident(field: str) -> int:
    (kilobytes,) = re.findall(rf"{field}:\s*(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    return 1024 * int(kilobytes)

"""How much memory processes use, and how much a new one may use without harm to the machine."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHARE_OF_FREE = 0.9
# By the controllers that /proc/self/cgroup names: version 2 names none, version 1 "memory".
_ROOTS = {
    "": (Path("/sys/fs/cgroup"), "memory.max", "memory.current", "inactive_file"),
    "memory": (
        Path("/sys/fs/cgroup/memory"),
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file",
    ),
}

MORE_MEMORY = "Free some and give it more, such as `--memory 8GB`, or track a smaller training cell."


def needs_more(memory: int) -> str:
    """What is said of code that went beyond its bytes of memory; before it stands what code that is."""
    return f"needs more than {memory / 1e9:.3g} GB of memory in a clean process"


def most_memory() -> int:
    """Bytes: most of the memory that is free now, on the machine and in the container this runs in."""
    free = int(psutil.virtual_memory().available)
    return int(min([free, *_free_in_groups()]) * _SHARE_OF_FREE)


def memory_of(processes: Iterable[psutil.Process], enough: int) -> int:
    """Bytes that these processes use, without files they have mapped and shared memory.

    What forked processes share counts once; finding that out takes long, so it is done beyond `enough` only.
    """
    found = list(processes)
    total = sum(map(_private, found))
    if total > enough:
        total = sum(map(_proportional, found))
    if total > enough:  # one that ended between the looks left its share to another
        total = min(total, sum(map(_proportional, found)))
    return total


def _private(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        used = process.memory_info()
        return int(used.rss - getattr(used, "shared", 0))
    return 0  # it is gone


def _proportional(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        used = process.memory_full_info()
        return min(_private(process), int(getattr(used, "pss", used.uss)))
    return _private(process)


def _free_in_groups() -> list[int]:
    """What the limits of Linux's control groups leave: those of containers and of services."""
    found: list[int] = []
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/cgroup").read_text("utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            root = _ROOTS.get(controllers)
            if root is None:
                continue
            for place in _upwards(root[0], root[0] / path.strip("/")):
                with contextlib.suppress(OSError, ValueError, KeyError):
                    found.append(_free_in(place, *root[1:]))
    return found


def _upwards(root: Path, place: Path) -> list[Path]:
    """A container may not see its own group's folder, but what holds for it then stands in the root."""
    return [folder for folder in (place, *place.parents) if folder.is_relative_to(root)]


def _free_in(group: Path, limit: str, used: str, reclaimable: str) -> int:
    most = int((group / limit).read_text("utf-8"))  # the word "max" where there is no limit
    numbers = dict(line.split() for line in (group / "memory.stat").read_text("utf-8").splitlines())
    return max(0, most - int((group / used).read_text("utf-8")) + int(numbers[reclaimable]))

"""Who writes a journal, said so that it can be told later whether that process still lives.

A pid is used again after a while, and the time of day at which a process began moves when the clock is
set. Where the system counts (Linux), the boot, and the clock ticks from it to the start of the process,
name it for good.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping

_START_TICKS = 19  # field 22 of /proc/PID/stat, counted from behind the name
_CLOCK_SECONDS = 1.0  # a start time is rounded, and read through a clock that is adjusted all the time


def describe_owner() -> dict[str, Any]:
    """What `is_alive` needs to know of the process that calls this."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "process_started": psutil.Process().create_time(),
        "boot": _boot(),
        "process_ticks": _ticks(os.getpid()),
    }


def is_of_this_host(owner: Mapping[str, Any]) -> bool:
    """True if the process ran on the machine, or in the container, of that name."""
    return bool(owner["host"] == socket.gethostname())


def is_alive(owner: Mapping[str, Any]) -> bool:
    """True while the process goes on here, also when it is stopped for a while; False of other hosts."""
    if not is_of_this_host(owner) or (owner.get("boot") or _boot()) != _boot():
        return False
    try:
        process = psutil.Process(owner["pid"])
        if process.status() == psutil.STATUS_ZOMBIE:  # ended; only its parent has not looked yet
            return False
        ticks = _ticks(owner["pid"])
        if owner.get("process_ticks") is not None and ticks is not None:
            return bool(owner["process_ticks"] == ticks)
        return bool(abs(process.create_time() - owner["process_started"]) < _CLOCK_SECONDS)
    except psutil.Error:
        return False


def _boot() -> str | None:
    """A name for the time since the machine was started."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return None


def _ticks(pid: int) -> int | None:
    """When a process began, in ticks since the boot."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2]
        return int(after_name.split()[_START_TICKS])
    except (OSError, ValueError, IndexError):
        return None

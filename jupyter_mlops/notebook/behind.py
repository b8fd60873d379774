"""Work of ours that must not take the machine from the user's cells."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

_NICENESS = 5
"""Enough that cells go first on a machine with few cores. More would let a busy machine keep this thread from
running while it holds the interpreter's lock, and the cells would wait for it."""


def run_behind() -> None:
    """Give the calling thread a lower priority, where the system has priorities of threads."""
    if sys.platform == "linux":  # elsewhere it would be that of the whole process
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)

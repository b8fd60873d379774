"""What holds for the process of a replay from within: a bound for its memory, and an end with its parent."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time

import psutil

from jupyter_mlops.lineage.clean_process import is_running

_RESERVED = 2_000_000_000
"""Allocators of pyarrow, NumPy and others reserve one or two gigabytes that they then do not use."""
_PARENT_LOOKS = 0.5


def bound_memory(most: int) -> None:
    """Refuse memory far beyond `most` bytes; up to there the parent watches what is really used.

    The parent looks every few milliseconds; this is for what is quicker than that. It holds for each child
    process too, and on Linux only, where the limit counts private memory and not mapped files.
    """
    if sys.platform != "linux":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = most + _RESERVED
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def end_with(parent: int) -> None:
    """End this process, its children and its group when the process `parent`, which started it, is gone.

    A kernel that is restarted is killed, and has no time to end what it started.
    """
    threading.Thread(target=_watch, args=(parent,), name="mlops-parent", daemon=True).start()


def _watch(pid: int) -> None:
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        while is_running(parent):
            time.sleep(_PARENT_LOOKS)
    for child in psutil.Process().children(recursive=True):  # those with a session of their own, too
        with contextlib.suppress(psutil.Error):
            child.kill()
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)

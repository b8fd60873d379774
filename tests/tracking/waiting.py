"""Waiting for other processes, with a deadline."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def until(is_true: Callable[[], object], what: str, seconds: float = 180.0) -> None:
    """Ask until it is true; fails after the deadline.

    It is long: of a busy machine the process that brings runs to MLflow, whose priority is low, gets a tenth
    of a core.
    """
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, f"{what}: not within {seconds:.0f} seconds"
        time.sleep(0.05)


def projecting(project: Path) -> list[psutil.Process]:
    """Living processes that this one started to bring the runs of a project to MLflow."""
    found = []
    for child in psutil.Process().children():
        try:
            line = child.cmdline()
            works = child.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            continue
        if works and str(project) in line and "jupyter_mlops.tracking.background" in line:
            found.append(child)
    return found

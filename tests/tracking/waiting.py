"""Waiting for other processes, with a deadline."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def until(is_true: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Ask until it is true; fails after the deadline."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, f"{what}: not within {seconds:.0f} seconds"
        time.sleep(0.05)

"""Runs in journals that are not in MLflow yet: counted, and brought by the process that always does it."""

from __future__ import annotations

import contextlib
import time
from functools import cache
from typing import TYPE_CHECKING

from jupyter_mlops.errors import StoreError
from jupyter_mlops.tracking.owed import Journals

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.settings import Settings

_AGAIN_SECONDS = 30.0
_started: dict[Path, float] = {}


def brought(settings: Settings) -> int:
    """How many runs wait. If there are any, or a session is to be closed, somebody is there to do it.

    A kernel starts that process, which outlives it; but it may have been killed, or the machine restarted. A
    second one leaves at once.
    """
    owed = list(_journals(settings.journals).open())
    needed = any(each.waiting or each.is_over for each in owed)
    now = time.monotonic()
    if needed and now - _started.get(settings.journals, -_AGAIN_SECONDS) >= _AGAIN_SECONDS:
        _started[settings.journals] = now
        from jupyter_mlops.tracking.background import start_background

        with contextlib.suppress(
            StoreError
        ):  # a folder that cannot be written: the runs there are still shown
            start_background(settings)
    return sum(len(each.waiting) for each in owed)


@cache
def _journals(folder: Path) -> Journals:
    """Kept: what was read of a journal is not read again."""
    return Journals(folder)

"""Runs that people pinned to the top of comparisons: a small file of the project, by run id."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from jupyter_mlops.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from jupyter_mlops.settings import Settings

_FILE = "pinned.json"
_MOST = 200


def pinned(settings: Settings) -> list[str]:
    """Ids of pinned runs, those pinned last at the end."""
    try:
        found = json.loads((settings.home / _FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [run_id for run_id in found if isinstance(run_id, str)] if isinstance(found, list) else []


def pin(settings: Settings, run_ids: Sequence[str], shown: Collection[str]) -> None:
    """Of the `shown` runs these are pinned now; others stay as they are. Failing to keep it is no matter."""
    kept = [run_id for run_id in pinned(settings) if run_id not in shown] + list(run_ids)
    with contextlib.suppress(OSError):
        settings.home.mkdir(parents=True, exist_ok=True)
        write_atomically(settings.home / _FILE, json.dumps(kept[-_MOST:]))
